"""Every kind of data trains, evaluates and predicts as the same rows in arrays do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

import kerastorch
from kerastorch.errors import DataError
from tests.training.sources import SOURCES, Iterated, Rows, batches, options
from tests.training.twins import dense, rows

X, Y = rows(24)
W = np.linspace(0, 2, 24).astype("float32")
LABELS = np.arange(24) % 3


def compiled(**arguments):
    kerastorch.utils.set_random_seed(0)
    model = dense(kerastorch, **arguments)
    loss = "sparse_categorical_crossentropy" if arguments else "mse"
    model.compile("adam", loss, weighted_metrics=["accuracy" if arguments else "mae"])
    return model


def trained(x, y=None, w=None, model=None, **arguments):
    model = model or compiled()
    history = model.fit(x, y, sample_weight=w, epochs=2, shuffle=False, verbose=0, **arguments)
    return history.history, model.get_weights()


def assert_same(ours, expected):
    assert ours[0] == expected[0]
    for one, other in zip(ours[1], expected[1], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", list(SOURCES))
def test_fit(kind):
    expected = trained(X, Y, batch_size=7)
    assert_same(trained(SOURCES[kind](X, Y), **options(kind)), expected)


@pytest.mark.parametrize("kind", list(SOURCES))
def test_sample_weights_are_the_third_part(kind):
    expected = trained(X, Y, W, batch_size=7)
    assert_same(trained(SOURCES[kind](X, Y, W), **options(kind)), expected)


@pytest.mark.parametrize("kind", list(SOURCES))
def test_class_weights_times_sample_weights(kind):
    table = {0: 1.0, 1: 0.5, 2: 3.0}
    sized = {"features": 3, "units": 3, "activation": "softmax"}
    expected = trained(X, LABELS, W, compiled(**sized), batch_size=7, class_weight=table)
    source = SOURCES[kind](X, LABELS, W)
    assert_same(trained(source, model=compiled(**sized), class_weight=table, **options(kind)), expected)


@pytest.mark.parametrize("kind", list(SOURCES))
def test_evaluate(kind):
    model = compiled()
    assert model.evaluate(SOURCES[kind](X, Y, W), verbose=0, **options(kind)) == model.evaluate(
        X, Y, sample_weight=W, batch_size=7, verbose=0
    )


@pytest.mark.parametrize("parts", [(X,), (X, Y)], ids=["inputs", "inputs and targets"])
@pytest.mark.parametrize("kind", list(SOURCES))
def test_predict(kind, parts):
    model = compiled()
    expected = model.predict(X, batch_size=7, verbose=0)
    np.testing.assert_array_equal(model.predict(SOURCES[kind](*parts), verbose=0, **options(kind)), expected)


@pytest.mark.parametrize("kind", list(SOURCES))
def test_validation_data(kind):
    expected, _ = trained(X, Y, batch_size=7, validation_data=(X, Y, W), validation_batch_size=7)
    own = {"validation_" + name: value for name, value in options(kind).items()}
    history, _ = trained(X, Y, batch_size=7, validation_data=SOURCES[kind](X, Y, W), **own)
    assert history == expected


def test_steps_per_epoch_goes_on_where_it_stopped():
    seen = []

    class Watching(kerastorch.Sequential):
        def train_step(self, data):
            seen.append(float(data[0][0, 0]))
            return super().train_step(data)

    model = Watching([kerastorch.Input((3,)), kerastorch.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(Iterated(X, Y), steps_per_epoch=2, epochs=3, verbose=0)
    starts = [float(x[0, 0]) for x, _ in batches(X, Y)]
    assert seen == [*starts, *starts[:2]]


def test_validation_starts_anew_each_time():
    model = compiled()
    history = model.fit(
        X, Y, epochs=3, verbose=0, validation_data=Iterated(X, Y), validation_steps=2, batch_size=24
    )
    model.set_weights(compiled().get_weights())
    assert len(history.history["val_loss"]) == 3
    once = compiled()
    once.fit(X, Y, epochs=3, verbose=0, batch_size=24)
    assert history.history["val_loss"][-1] == pytest.approx(
        once.evaluate(X[:14], Y[:14], batch_size=7, verbose=0)[0], rel=1e-6
    )


def test_a_generator_that_ends_ends_training():
    model = compiled()
    with pytest.warns(UserWarning, match="ran out of data; interrupting training in epoch 1 of 3"):
        history = model.fit(batches(X, Y), epochs=3, verbose=0)
    assert len(history.history["loss"]) == 1


def test_an_endless_generator_with_steps():
    def endless():
        while True:
            yield from batches(X, Y)

    history = compiled().fit(endless(), steps_per_epoch=4, epochs=2, verbose=0, shuffle=False)
    assert history.history == trained(X, Y, batch_size=7)[0]


def test_a_generator_read_ahead_by_a_thread():
    history = compiled().fit(lambda: batches(X, Y), epochs=2, workers=1, max_queue_size=2, verbose=0)
    assert history.history == trained(X, Y, batch_size=7)[0]


def test_a_loader_s_order_comes_from_torch_s_seed():
    def run():
        model = compiled()
        torch.manual_seed(5)
        return trained(DataLoader(Rows(X, Y), 7, shuffle=True), model=model)

    assert_same(run(), run())
    assert run()[0] != trained(X, Y, batch_size=7)[0]


def test_samples_are_shuffled():
    model = compiled()
    history = model.fit(Rows(X, Y), batch_size=7, epochs=2, verbose=0)
    assert history.history != trained(X, Y, batch_size=7)[0]


class Table:
    """Samples as dictionaries of columns, as dataset libraries give them."""

    def __init__(self, **columns):
        self.columns = columns

    def __len__(self):
        return len(next(iter(self.columns.values())))

    def __getitem__(self, index):
        return {name: values[index] for name, values in self.columns.items()}


def test_a_column_of_samples_as_targets():
    history, _ = trained(Table(row=X, price=Y), "price", batch_size=7)
    assert history == trained(X, Y, batch_size=7)[0]


def test_samples_as_dictionaries_of_named_inputs():
    inputs = {name: kerastorch.Input((1,), name=name) for name in ("a", "b")}
    output = kerastorch.layers.Dense(1)(kerastorch.layers.Concatenate()(list(inputs.values())))
    model = kerastorch.Model(inputs, output)
    table = Table(a=X[:, :1], b=X[:, 1:2], price=Y)
    model.compile("sgd", "mse")
    model.fit(table, "price", batch_size=7, verbose=0)
    expected = model.predict({"a": X[:, :1], "b": X[:, 1:2]}, verbose=0)
    np.testing.assert_array_equal(model.predict(Table(a=X[:, :1], b=X[:, 1:2]), verbose=0), expected)


def several(names=("left", "right")):
    x = kerastorch.Input((3,), name="x")
    kerastorch.utils.set_random_seed(0)
    model = kerastorch.Model(x, {name: kerastorch.layers.Dense(1, name=name)(x) for name in names})
    model.compile("sgd", dict.fromkeys(names, "mse"))
    return model


class Named(Rows):
    """Rows as dictionaries of inputs and of targets."""

    def __getitem__(self, index):
        return {"x": X[index]}, {"left": Y[index], "right": -Y[index]}


def named():
    for x, y in batches(X, Y):
        yield {"x": x}, {"left": y, "right": -y}


@pytest.mark.parametrize("source", [named, Named(X)], ids=["batches", "samples"])
def test_dictionaries_in_batches(source):
    expected = several().fit({"x": X}, {"left": Y, "right": -Y}, batch_size=7, shuffle=False, verbose=0)
    sized = {"batch_size": 7} if isinstance(source, Named) else {}
    assert several().fit(source, shuffle=False, verbose=0, **sized).history == expected.history


WRONG = {
    "targets beside a loader": (
        lambda m: m.fit(DataLoader(Rows(X, Y)), Y),
        "`y` cannot be given beside a `DataLoader`",
    ),
    "weights beside samples": (
        lambda m: m.fit(Rows(X, Y), sample_weight=W),
        "`sample_weight` cannot be given beside a `Rows`",
    ),
    "a batch of words": (lambda m: m.fit(iter([("a", "b")])), "holds text and is incompatible"),
    "a batch of four parts": (lambda m: m.fit(iter([(X, Y, W, W)])), "a tuple of length 4"),
    "no batch": (lambda m: m.fit(iter([])), "The data gave no batch"),
    "no batch to evaluate": (lambda m: m.evaluate(iter([]), verbose=0), "`evaluate` received no batch"),
    "no batch to predict": (lambda m: m.predict(iter([]), verbose=0), "`predict` received no batch"),
    "a function without batches": (lambda m: m.fit(lambda: 3), "returned a int"),
    "class weights without targets": (
        lambda m: m.fit(iter([X]), class_weight={0: 1.0}),
        "`class_weight` needs targets",
    ),
    "a column that is not there": (lambda m: m.fit(Table(row=X), "price"), "no column 'price' for `y`"),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_wrong_data(name):
    act, text = WRONG[name]
    model = compiled()
    with pytest.raises(DataError, match=text):
        act(model)


def test_a_batch_size_beside_batches_is_named():
    with pytest.warns(
        UserWarning, match="`batch_size=5` has no effect: a `DataLoader` makes the batches itself"
    ):
        compiled().fit(DataLoader(Rows(X, Y), 7), batch_size=5, verbose=0)


def test_an_error_in_a_generator_keeps_its_type_and_the_model_usable():
    def broken():
        yield X, Y
        raise KeyError("row 7 is missing")

    model = compiled()
    with pytest.raises(KeyError, match="row 7 is missing"):
        model.fit(broken(), verbose=0)
    assert np.isfinite(model.fit(X, Y, verbose=0).history["loss"][0])
