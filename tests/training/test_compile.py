"""`compile`: names of metrics, faults, settings, configs."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import callbacks, layers, losses, metrics, optimizers
from kerastorch.errors import CompileError, NotCompiledError, ShapeError
from tests.training.twins import assert_close, assert_same_training, dense, rows, twins

X, Y = rows(24)


def model_of(units=1, activation=None):
    return dense(kerastorch, 3, units, activation)


def set_same_weights(model):
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape).astype("float32") for w in model.get_weights()])
    return model


def squares(y_true, y_pred):
    return (y_true - y_pred) ** 2


def test_names_before_and_after_the_first_batch():
    """Known at once for a model whose outputs are known; for others from the first batch on."""
    model = model_of()
    assert not model.compiled
    assert model.metrics_names == []
    model.compile("sgd", "mse", metrics=["mae", squares], weighted_metrics=["mae"])
    names = ["loss", "mae", "squares", "weighted_mae"]
    assert model.metrics_names == names
    assert [m.name for m in model.metrics] == ["loss", "mae", "squares", "mae"]
    assert list(model.evaluate(X, Y, verbose=0, return_dict=True)) == names
    assert list(model.fit(X, Y, validation_data=(X, Y), verbose=0).history) == names + [
        f"val_{n}" for n in names
    ]

    late = kerastorch.Sequential([layers.Dense(1)])
    late.compile("sgd", "mse", metrics=["mae"])
    late.fit(X, Y, verbose=0)
    assert late.metrics_names == ["loss", "mae"]


DUPLICATES = [
    {"metrics": ["mae", "mae"]},
    {"metrics": ["mae"], "weighted_metrics": ["mae"]},
    {"metrics": ["mae", "mse"], "weighted_metrics": ["mae", "mae"]},
    {"weighted_metrics": ["mae"]},
]


@pytest.mark.parametrize("arguments", DUPLICATES, ids=str)
def test_no_value_is_lost_where_names_repeat(arguments):
    """Keras keeps one of two values of the same name; here each has a name of its own."""
    model = model_of()
    model.compile("sgd", "mse", **arguments)
    wanted = 1 + sum(len(v) for v in arguments.values())
    logs = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert len(logs) == wanted == len(model.metrics_names)
    assert list(logs) == model.metrics_names


def test_metric_whose_result_is_a_dictionary():
    class Both(metrics.Metric):
        def __init__(self, name="both"):
            super().__init__(name=name)
            self.total = self.add_variable((), "zeros", name="total")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.total.assign_add((y_true - y_pred).sum())

        def result(self):
            return {"sum": self.total, "double": self.total * 2}

    model = model_of()
    model.compile("sgd", "mse", metrics=[Both(), "mae"])
    logs = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert list(logs) == ["loss", "sum", "double", "mae"]
    assert logs["double"] == pytest.approx(2 * logs["sum"])
    assert model.metrics_names == list(logs)
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(list(logs.values()))


def test_faults_are_collected_with_suggestions():
    model = model_of()
    with pytest.raises(CompileError, match="faults") as caught:
        model.compile(
            "adm",
            "mean_squared_eror",
            metrics=["acuracy"],
            weighted_metrics=["maee"],
            run_eagerly=True,
            jit_compile=True,
            steps_per_execution=0,
        )
    text = str(caught.value)
    for part in ("'adam'", "'mean_squared_error'", "'mae'", "run_eagerly", "steps_per_execution", "acuracy"):
        assert part in text
    assert "6 faults" in text
    assert not model.compiled


def test_faults_of_a_model_whose_outputs_are_not_known():
    model = kerastorch.Sequential([layers.Dense(1)])
    with pytest.raises(CompileError, match="2 faults") as caught:
        model.compile("adam", "msee", metrics=["maee"])
    assert "'mse'" in str(caught.value)


def test_failed_compile_leaves_the_old_one():
    model = model_of()
    model.compile("adam", "mse", metrics=["mae"])
    optimizer = model.optimizer
    with pytest.raises(CompileError, match="Did you mean 'mse'"):
        model.compile("sgd", "msee")
    assert model.optimizer is optimizer
    assert model.metrics_names == ["loss", "mae"]
    model.fit(X, Y, verbose=0)


WRONG = [
    ({"loss": 3}, "loss"),
    ({"metrics": [3]}, "metrics"),
    ({"optimizer": 3}, "optimizer"),
    ({"loss": "mse", "loss_weights": "heavy"}, "loss_weights"),
    ({"loss": {"nope": "mse"}}, "'nope'"),
    ({"loss": ["mse", "mae"]}, "list of 2"),
    ({"jit_compile": "yes"}, "jit_compile"),
    ({"steps_per_execution": 2.5}, "steps_per_execution"),
    ({"steps_per_execution": True}, "steps_per_execution"),
]


@pytest.mark.parametrize(("arguments", "text"), WRONG, ids=str)
def test_wrong_arguments(arguments, text):
    with pytest.raises(CompileError, match=text):
        model_of().compile(**arguments)


def test_unknown_keyword():
    with pytest.raises(TypeError, match="unexpected keyword arguments: \\['metric'\\]"):
        model_of().compile("sgd", "mse", metric=["mae"])


def test_keras2_keywords_warn_once_and_are_named():
    model = model_of()
    with pytest.warns(UserWarning, match="ignores") as caught:
        model.compile("sgd", "mse", sample_weight_mode="temporal", experimental_run_tf_function=False)
    assert len(caught) == 1
    assert "sample_weight_mode" in str(caught[0].message)
    assert "experimental_run_tf_function" in str(caught[0].message)


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_use_before_compile(method):
    with pytest.raises(NotCompiledError, match=f"compile.*`{method}"):
        getattr(model_of(), method)(X, Y)


def test_fit_without_any_loss():
    model = model_of()
    model.compile("sgd")
    with pytest.raises(NotCompiledError, match="No loss"):
        model.fit(X, Y, verbose=0)


def test_predict_without_compile():
    assert model_of().predict(X, verbose=0).shape == (24, 1)


def test_evaluate_metrics_without_a_loss():
    model = model_of()
    model.compile(metrics=["mae"])
    logs = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert logs["mae"] == pytest.approx(np.abs(model.predict(X, verbose=0) - Y).mean(), rel=1e-5)


@pytest.mark.parametrize("weight", [0.5, [0.5], {"out": 0.5}], ids=str)
def test_loss_weight_of_one_output(weight):
    x = kerastorch.Input((3,))
    model = kerastorch.Model(x, layers.Dense(1, name="out")(x))
    model.compile("sgd", "mse")
    plain = model.evaluate(X, Y, verbose=0)
    model.compile("sgd", "mse", loss_weights=weight)
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(plain / 2, rel=1e-6)


def test_compiling_again_starts_a_new_optimizer_and_new_metrics():
    models = twins(dense)
    for model in models:
        model.compile("adam", "mse", metrics=["mae"])
    assert_same_training(models, X, Y, epochs=2)
    for model in models:
        model.compile("adam", "mae", metrics=["mse"])
    ours, _ = assert_same_training(models, X, Y, epochs=2)
    assert list(ours) == ["loss", "mse"]


def test_freezing_after_compile_counts_at_once():
    """As the gradient is taken at each step, weights frozen after `compile` stay as they are."""
    model = model_of()
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    first = model.layers[0]
    first.trainable = False
    before = [np.array(w) for w in model.get_weights()]
    model.fit(X, Y, verbose=0)
    same = [np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert same == [True, True, False, False]
    first.trainable = True
    model.fit(X, Y, verbose=0)
    assert not any(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.slow
def test_jit_compile_runs_compiled_code_with_the_same_losses():
    eager, jitted = model_of(), model_of()
    jitted.set_weights(eager.get_weights())
    eager.compile("adam", "mse", metrics=["mae"])
    jitted.compile("adam", "mse", metrics=["mae"], jit_compile=True)
    histories = [
        m.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0).history for m in (eager, jitted)
    ]
    assert_close(*histories)
    assert jitted.step_report().kind == "compiled", str(jitted.step_report())
    assert_close(jitted.predict(X, verbose=0), eager.predict(X, verbose=0))


@pytest.mark.parametrize("arguments", [{}, {"run_eagerly": True}, {"jit_compile": False}], ids=str)
def test_nothing_is_compiled_unless_asked(arguments, monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda *a, **k: pytest.fail("torch.compile was called"))
    model = model_of()
    model.compile("sgd", "mse", **arguments)
    model.fit(X, Y, verbose=0)


def test_steps_per_execution_calls_hooks_for_each_execution():
    """The numbers are those of the first and the last step. Keras on torch takes one step at a time only."""
    seen = []

    class Spy(callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            seen.append(("begin", batch))

        def on_train_batch_end(self, batch, logs=None):
            seen.append(("end", batch))

    model = model_of()
    model.compile("sgd", "mse", steps_per_execution=2)
    model.fit(X[:20], Y[:20], batch_size=4, callbacks=[Spy()], verbose=0)
    assert seen == [
        (name, n) for pair in ((0, 1), (2, 3), (4, 4)) for name, n in zip(("begin", "end"), pair, strict=True)
    ]


def test_steps_per_execution_does_not_change_training():
    models = twins(dense)
    for model, steps in zip(models, (3, 1), strict=True):
        model.compile("adam", "mse", metrics=["mae"], steps_per_execution=steps)
    assert_same_training(models, X, Y, batch_size=5, epochs=2, validation_split=0.2)


@pytest.mark.parametrize("scaled", [True, False])
def test_auto_scale_loss_with_mixed_float16(scaled):
    model = kerastorch.Sequential(
        [kerastorch.Input((3,)), layers.Dense(1, dtype="mixed_float16")], name="mixed"
    )
    model.compile(optimizers.SGD(0.05), "mse", auto_scale_loss=scaled)
    losses_seen = model.fit(X, Y, batch_size=4, epochs=6, verbose=0).history["loss"]
    for _ in range(3):
        model.train_on_batch(X, Y)  # the scale that was found is kept
    assert isinstance(model.optimizer, optimizers.LossScaleOptimizer) is scaled
    assert losses_seen[-1] < losses_seen[0] < 100
    assert all(w.dtype == torch.float32 for w in model.weights)


CONFIGS = [
    {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]},
    {"optimizer": optimizers.SGD(0.3, momentum=0.5), "loss": losses.Huber(delta=0.5), "loss_weights": [2.0]},
    {
        "optimizer": "sgd",
        "loss": losses.mean_absolute_error,
        "weighted_metrics": [metrics.MeanSquaredError("m")],
    },
    {"optimizer": "sgd", "loss": ["mse"], "metrics": [["mae", "mse"]], "steps_per_execution": 3},
]


@pytest.mark.parametrize("arguments", CONFIGS, ids=["names", "objects", "function", "lists"])
def test_config_round_trip(arguments):
    model = set_same_weights(model_of())
    model.compile(**arguments)
    config = model.get_compile_config()
    again = set_same_weights(model_of())
    again.compile_from_config(config)
    assert again.get_compile_config() == config
    assert again.metrics_names == model.metrics_names
    assert again.steps_per_execution == model.steps_per_execution
    histories = [m.fit(X, Y, epochs=2, shuffle=False, verbose=0).history for m in (model, again)]
    assert histories[0] == histories[1]


def test_config_before_compile():
    assert model_of().get_compile_config() == {}


def test_config_is_that_of_keras():
    ours, theirs = twins(dense)
    for model in (ours, theirs):
        model.compile("adam", "mse", metrics=["mae"])
    mine, other = ours.get_compile_config(), theirs.get_compile_config()
    assert set(mine) == set(other)
    for key in ("loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly", "steps_per_execution"):
        assert mine[key] == other[key], key


def test_compile_override_with_own_signature():
    class Net(kerastorch.Sequential):
        def compile(self, optimizer, distance):
            super().compile(optimizer=optimizer, loss=distance)
            self.distance = distance

    model = Net([kerastorch.Input((3,)), layers.Dense(1)])
    model.compile("sgd", distance="mae")
    assert model.distance == "mae"
    assert model.fit(X, Y, verbose=0).history["loss"]


def test_targets_whose_shape_does_not_fit_name_output_and_shapes():
    model = dense(kerastorch, 3, 3, "softmax")
    model.compile("sgd", "categorical_crossentropy")
    with pytest.raises(ShapeError, match=r"loss 'categorical_crossentropy'.*\(24, 2\).*\(24, 3\)"):
        model.evaluate(X, np.zeros((24, 2), "float32"), verbose=0)


def test_nothing_warns_in_a_plain_run():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = model_of()
        model.compile("adam", "mse", metrics=["mae"])
        model.fit(X, Y, validation_split=0.2, verbose=0)
        model.predict(X, verbose=0)


ORDERS = {
    "metrics third": ("sgd", "mse", ["mae"]),
    "a special name third": ("sgd", "mse", ["acc"]),
    "a function third": ("sgd", "mse", [kerastorch.losses.mean_absolute_error]),
    "metrics and weights": ("sgd", "mse", ["mae"], [2.0]),
    "weights third, as in Keras 3": ("sgd", "mse", [2.0], ["mae"]),
}


@pytest.mark.parametrize("name", list(ORDERS))
def test_metrics_and_weights_by_place_in_the_order_of_both_dialects(name):
    model = dense(kerastorch)
    model.compile(*ORDERS[name])
    x, y = rows(8)
    found = model.evaluate(x, y, verbose=0, return_dict=True)
    assert len(found) == 2
    mse = float(np.square(model.predict(x, verbose=0) - y).mean())
    assert found["loss"] == pytest.approx(mse * (2 if "weights" in name else 1), rel=1e-5)
