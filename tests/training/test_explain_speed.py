"""`explain_speed`: a table of what a training step spends its time on, for any data, that leaves no trace."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import callbacks, layers
from kerastorch.compat import tensorflow as tf
from kerastorch.errors import DataError, InvalidArgumentError, NotCompiledError, UnknownArgumentError
from kerastorch.training import stopwatch
from kerastorch.training.speed_advice import Setting, advice
from kerastorch.training.stopwatch import PARTS, CopiesWatched, Stopwatch
from tests.training.twins import rows

X, Y = rows(40)


def model_of(optimizer="adam", **options):
    model = kerastorch.Sequential(
        [
            kerastorch.Input((3,)),
            layers.Dense(4),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer, "mse", metrics=["mae"], **options)
    return model


def two_inputs(kind):
    a, b = kerastorch.Input((3,), name="a"), kerastorch.Input((3,), name="b")
    out = layers.Dense(1)(layers.Concatenate()([a, b]))
    model = kerastorch.Model({"a": a, "b": b} if kind is dict else [a, b], out)
    model.compile("sgd", "mse")
    return model


class Pairs(kerastorch.utils.PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        return X[index * 8 : index * 8 + 8], Y[index * 8 : index * 8 + 8]


SOURCES = {
    "arrays": lambda: {"x": X, "y": Y, "batch_size": 8},
    "weights": lambda: {"x": X, "y": Y, "sample_weight": np.ones(40), "batch_size": 8},
    "loader": lambda: {
        "x": torch.utils.data.DataLoader(
            torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)), batch_size=8
        )
    },
    "dataset": lambda: {
        "x": torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)),
        "batch_size": 8,
    },
    "generator": lambda: {"x": ((X[:8], Y[:8]) for _ in range(9))},
    "sequence": lambda: {"x": Pairs()},
}


@pytest.mark.parametrize("name", SOURCES)
def test_sources(name, capsys):
    report = model_of().explain_speed(**SOURCES[name](), steps=4)
    assert (report.steps, report.samples) == (4, 8.0)
    assert tuple(row.name for row in report.rows) == PARTS
    assert sum(row.share for row in report.rows) == pytest.approx(1.0)
    assert sum(row.milliseconds for row in report.rows) == pytest.approx(report.milliseconds)
    spent = {row.name for row in report.rows if row.milliseconds > 0}
    assert spent == set(PARTS) - {"copy"}
    assert capsys.readouterr().out == f"{report}\n"


@pytest.mark.parametrize("kind", [list, dict])
def test_several_inputs(kind):
    x = [X, X] if kind is list else {"a": X, "b": X}
    report = two_inputs(kind).explain_speed(x, Y, batch_size=10, steps=2, verbose=0)
    assert report.samples == 10


def test_pipeline():
    data = tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(10).batch(20)
    assert model_of().explain_speed(data, steps=3, verbose=0).samples == 20


def everything(model):
    values = [*model.parameters(), *model.buffers(), *(v for m in model.metrics for v in m.variables)]
    return [value.detach().clone() for value in [*values, *model.optimizer.variables]]


@pytest.mark.parametrize("fitted", [False, True])
def test_nothing_is_left_behind(fitted):
    model = model_of()
    if fitted:
        model.fit(X, Y, verbose=0)
    kept = model.optimizer, model.history, list(model.metrics), model.optimizer.built
    before = everything(model)
    states = random.getstate(), np.random.get_state()[1].copy(), torch.get_rng_state()
    model.explain_speed(X, Y, steps=3, verbose=0)
    assert (model.optimizer, model.history, list(model.metrics), model.optimizer.built) == kept
    after = everything(model)
    assert len(after) == len(before)
    for value, old in zip(after, before, strict=True):
        torch.testing.assert_close(value, old, rtol=0, atol=0)
    assert random.getstate() == states[0]
    np.testing.assert_array_equal(np.random.get_state()[1], states[1])
    assert torch.equal(torch.get_rng_state(), states[2])
    assert all(p.grad is None for p in model.parameters()) or fitted
    assert not model.training


def test_training_goes_on_as_if_nothing_had_been():
    found = []
    for explained in (False, True):
        kerastorch.utils.set_random_seed(1)
        model = model_of()
        model.fit(X, Y, verbose=0)
        if explained:
            model.explain_speed(X, Y, steps=3, verbose=0)
        model.fit(X, Y, verbose=0)
        found.append(model.get_weights())
    for ours, expected in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_generators_of_a_loader_stay_where_they_are():
    generator = torch.Generator().manual_seed(5)
    pairs = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    loader = torch.utils.data.DataLoader(pairs, batch_size=8, shuffle=True, generator=generator)
    before = generator.get_state()
    model_of().explain_speed(loader, steps=3, verbose=0)
    assert torch.equal(generator.get_state(), before)


def test_model_without_weights_stays_so():
    model = kerastorch.Sequential([layers.Dense(1)])
    model.compile("adam", "mse")
    model.explain_speed(X, Y, steps=1, verbose=0)
    assert not model.built
    assert model.weights == []
    assert not model.optimizer.built


@pytest.mark.parametrize("make", [lambda m: torch.optim.Adam(m.parameters()), lambda m: torch.optim.SGD])
def test_optimizers_of_torch(make):
    model = model_of()
    model.compile(make(model), "mse")
    before = model.get_weights()
    report = model.explain_speed(X, Y, steps=2, verbose=0)
    assert report.to_dict()["rows"][4]["milliseconds"] > 0
    for ours, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, expected)


class OwnStep(kerastorch.Sequential):
    def train_step(self, data):
        x, y = data
        loss = ((self(x, training=True) - y) ** 2).mean()
        self.zero_grad()
        loss.backward()
        weights = self.trainable_weights
        self.optimizer.apply([w.grad for w in weights], weights)
        for metric in self.metrics:
            metric.update_state(loss.detach())
        return {metric.name: metric.result() for metric in self.metrics}


def test_step_of_the_users_own():
    model = OwnStep([kerastorch.Input((3,)), layers.Dense(4), layers.Dense(1)])
    model.compile("adam", loss=None)
    backward, grad = torch.Tensor.backward, torch.autograd.grad
    report = model.explain_speed(X, Y, steps=2, verbose=0)
    spent = {row.name for row in report.rows if row.milliseconds > 0}
    assert spent >= {"forward", "backward", "optimizer", "metrics", "Python"}
    assert torch.Tensor.backward is backward
    assert torch.autograd.grad is grad


def test_callbacks_count_and_act_on_the_copy():
    seen = []

    class Look(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append((self.model is model, batch, logs["loss"]))

    model = model_of()
    report = model.explain_speed(X, Y, steps=2, callbacks=[Look()], verbose=0)
    assert not any(own for own, _, _ in seen)
    assert [batch for _, batch, _ in seen] == [0, 1, 2, 0, 1, 0, 1]
    assert report.rows[PARTS.index("callbacks")].milliseconds > 0


def test_the_report_as_numbers_and_html():
    report = model_of().explain_speed(X, Y, steps=2, verbose=0)
    values = report.to_dict()
    assert set(values) >= {
        "rows",
        "steps",
        "samples",
        "device",
        "unwatched",
        "milliseconds",
        "samples_per_second",
    }
    assert values["samples_per_second"] == pytest.approx(1000 * report.samples / report.milliseconds)
    assert "<td>backward</td>" in report._repr_html_()
    assert str(report).splitlines()[1].split() == ["part", "ms", "a", "step", "share", "advice"]


def compiled_not():
    return kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(1)])


class Uncopied(layers.Layer):
    def __deepcopy__(self, memo):
        raise TypeError("held by a lock")

    def call(self, inputs):
        return inputs


def uncopied():
    model = kerastorch.Sequential([kerastorch.Input((3,)), Uncopied(), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


FAULTS = {
    "not compiled": (
        compiled_not,
        {},
        NotCompiledError,
        r"call `compile\(\)` before calling `explain_speed\(\)`",
    ),
    "steps": (model_of, {"steps": 0}, DataError, "`steps` must be a positive integer"),
    "no steps": (model_of, {"steps": None}, DataError, "`steps` must be a positive integer"),
    "batch size": (model_of, {"batch_size": 0}, DataError, "batch_size"),
    "lengths": (model_of, {"y": Y[:7]}, DataError, "40"),
    "short generator": (
        model_of,
        {"x": ((X, Y) for _ in range(2)), "y": None},
        DataError,
        "no batch after the 3",
    ),
    "keyword": (model_of, {"step": 3}, UnknownArgumentError, "unexpected keyword"),
    "not to be copied": (uncopied, {}, InvalidArgumentError, "cannot be copied.*held by a lock"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name):
    make, arguments, kind, text = FAULTS[name]
    with pytest.raises(kind, match=text):
        make().explain_speed(**{"x": X, "y": Y, "verbose": 0, **arguments})


def test_each_moment_counts_for_the_innermost_part(monkeypatch):
    times = iter([0.0, 1.0, 3.0, 6.0, 10.0, 15.0])
    monkeypatch.setattr(stopwatch, "perf_counter", lambda: next(times))
    watch = Stopwatch()
    with watch.running(), watch("forward"), watch("metrics"):  # 0, 1, 3
        pass  # 6, 10, 15
    assert watch.seconds == {**dict.fromkeys(PARTS, 0.0), "Python": 1 + 5, "forward": 2 + 4, "metrics": 3}


def test_copies_to_another_device_are_seen(monkeypatch):
    watch = Stopwatch()
    with watch.running(), CopiesWatched(watch):
        assert torch.ones(3).to("meta").is_meta
    assert watch.seconds["copy"] > 0


LOADER = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.zeros(2, 1)))
ADVICE = [
    ("data wait", 0.3, {"data": LOADER}, "num_workers=4"),
    ("data wait", 0.3, {"data": Pairs()}, "PyDataset"),
    ("data wait", 0.3, {"data": X}, "larger `batch_size`"),
    ("data wait", 0.3, {"data": iter(())}, r"fit\(workers=1\)"),
    ("data wait", 0.05, {"data": LOADER}, "^$"),
    ("copy", 0.3, {}, "uint8"),
    ("forward", 0.5, {}, "jit_compile=True"),
    ("forward", 0.5, {"on_gpu": True}, "mixed_bfloat16"),
    ("optimizer", 0.5, {}, "fewer updates"),
    ("metrics", 0.5, {}, "mae"),
    ("callbacks", 0.5, {"callbacks": [callbacks.Callback()]}, "Called at each batch: Callback"),
    ("Python", 0.5, {}, "jit_compile=True"),
]


@pytest.mark.parametrize(("part", "share", "setting", "text"), ADVICE)
def test_advice(part, share, setting, text):
    model = model_of()
    found = advice(part, share, Setting(**{"model": model, "data": X, **setting}))
    assert re.search(text, found)


def test_advice_for_what_slows_python_down():
    assert "debugging" in advice("Python", 0.5, Setting(model_of(run_eagerly=True), X))
    own = OwnStep([layers.Dense(1)])
    own.compile("sgd", "mse")
    assert "of your own" in advice("Python", 0.5, Setting(own, X))
    torch_made = model_of()
    torch_made.compile(torch.optim.Adam(torch_made.parameters()), "mse")
    assert "fused=True" in advice("optimizer", 0.5, Setting(torch_made, X))


def test_advice_for_a_compiled_step():
    model = model_of(jit_compile=True)
    assert "as one program, where this is not" in advice("Python", 0.5, Setting(model, X))
    assert "only a smaller model" in advice("forward", 0.5, Setting(model, X))


def test_memory_mapped_data(tmp_path):
    data = np.memmap(tmp_path / "x", "float32", "w+", shape=(4, 3))
    assert "read from a file" in advice("data wait", 0.5, Setting(None, data))
