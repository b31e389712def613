"""When a loss that is no number ends training, and what is said of where it came from."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch.callbacks import Callback, TerminateOnNaN
from kerastorch.errors import NonFiniteLossError
from tests.training.twins import dense, rows

X, Y = rows(40)
NAN, INF = float("nan"), float("inf")


def spoilt(array, row=20, value=NAN):
    array = array.copy()
    array[row] = value
    return array


class Ended(Callback):
    """Notes which hooks came at the end."""

    def __init__(self):
        super().__init__()
        self.batches, self.epochs, self.ended = 0, 0, False

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1

    def on_epoch_end(self, epoch, logs=None):
        self.epochs += 1

    def on_train_end(self, logs=None):
        self.ended = True


def fit(model, x=X, y=Y, optimizer="sgd", loss="mse", callback=None, weight=None, **compile_arguments):
    model.compile(optimizer, loss, **compile_arguments)
    ended = Ended()
    model.fit(
        x,
        y,
        sample_weight=weight,
        batch_size=10,
        shuffle=False,
        epochs=3,
        verbose=0,
        callbacks=[callback or TerminateOnNaN(), ended],
    )
    return ended


@pytest.mark.parametrize("value", [NAN, INF, -INF])
def test_training_ends_where_it_does_in_keras(value, capsys):
    said = []
    for k in (kerastorch, keras):
        model = dense(k)
        model.compile("sgd", "mse")
        history = model.fit(
            spoilt(X, value=value),
            Y * np.inf,
            batch_size=10,
            shuffle=False,
            epochs=3,
            verbose=0,
            callbacks=[k.callbacks.TerminateOnNaN()],
        )
        said.append((len(history.history["loss"]), capsys.readouterr().out.splitlines()[0]))
    assert said[0] == said[1]


def test_the_run_ends_regularly():
    ended = fit(dense(kerastorch), spoilt(X))
    assert (ended.batches, ended.epochs, ended.ended) == (3, 1, True)


DATA = [
    ("inputs", {"x": spoilt(X)}, 2, "The inputs of this batch hold NaN."),
    ("targets", {"y": spoilt(Y, 35, INF)}, 3, "The targets of this batch hold infinite values."),
    ("weights", {"weight": spoilt(np.ones(40), 0)}, 0, "The sample weights of this batch hold NaN."),
]


@pytest.mark.parametrize(("data", "batch", "cause"), [row[1:] for row in DATA], ids=[row[0] for row in DATA])
@pytest.mark.parametrize("steps", [1, 4])
def test_data_that_are_not_finite_are_named(data, batch, cause, steps, capsys):
    fit(dense(kerastorch), steps_per_execution=steps, **data)
    number = batch if steps == 1 else 3
    assert capsys.readouterr().out == f"Batch {number}: Invalid loss, terminating training\n{cause}\n"


def test_one_of_several_inputs_is_named(capsys):
    a, b = kerastorch.Input((3,), name="a"), kerastorch.Input((3,), name="b")
    model = kerastorch.Model({"a": a, "b": b}, kerastorch.layers.Dense(1)(a + b))
    fit(model, {"a": X, "b": spoilt(X, value=[1, NAN, -INF])})
    assert "The inputs['b'] of this batch hold NaN and infinite values." in capsys.readouterr().out


def network(*layers):
    return kerastorch.Sequential([kerastorch.Input((3,)), *layers, kerastorch.layers.Dense(1, name="last")])


@pytest.mark.parametrize("optimizer", ["sgd", "adam", torch.optim.SGD], ids=["sgd", "adam", "class of torch"])
def test_the_first_layer_is_named(optimizer, capsys):
    first = kerastorch.layers.Dense(4, name="first")
    log = kerastorch.layers.Lambda(lambda x: torch.log(-x.abs()), name="log")
    fit(network(first, log, kerastorch.layers.ReLU(name="after")), optimizer=optimizer)
    assert capsys.readouterr().out.endswith(
        "The first layer with a result that is not finite is 'log' (Lambda): NaN.\n"
    )


def test_a_layer_inside_of_a_model_is_named(capsys):
    inner = network(kerastorch.layers.Lambda(lambda x: x / 0, name="divide"))
    fit(network(inner))
    assert "not finite is 'divide' (Lambda): infinite values." in capsys.readouterr().out


def test_a_function_between_layers_is_pointed_at(capsys):
    x = kerastorch.Input((3,))
    hidden = kerastorch.layers.Dense(4, name="hidden")(x)
    fit(kerastorch.Model(x, kerastorch.layers.Dense(1, name="out")(hidden / 0.0)))
    said = capsys.readouterr().out
    assert (
        "to receive values that are not finite is 'out' (Dense): infinite values, from an operation" in said
    )


def test_the_loss_itself_is_named_when_all_layers_are_finite(capsys):
    fit(dense(kerastorch), loss=lambda y, p: torch.log(-torch.abs(p)))
    assert "The results of all layers are finite: the loss itself makes it so." in capsys.readouterr().out


def test_a_weight_that_an_earlier_step_spoilt_is_named(capsys):
    def root(y, p):  # finite, but its gradient is not
        return torch.sqrt(torch.relu(p) * 0)

    fit(network(), loss=root)
    said = capsys.readouterr().out
    assert said.startswith("Batch 1: Invalid loss")
    assert "last/kernel' held NaN before this batch: the gradients of an earlier step" in said


def test_a_train_step_of_the_users_own_names_only_data(capsys):
    class Own(kerastorch.Sequential):
        def train_step(self, data):
            return super().train_step(data)

    for x, y, cause in ((spoilt(X), Y, "The inputs of this batch hold NaN.\n"), (X * 1e30, Y * 1e30, "")):
        fit(Own([kerastorch.Input((3,)), kerastorch.layers.Dense(1)]), x, y)
        assert capsys.readouterr().out.partition("terminating training\n")[2] == cause


def test_an_error_can_be_raised_instead():
    model = dense(kerastorch)
    with pytest.raises(
        NonFiniteLossError, match=r"loss encountered at batch 2\. .* The inputs of this batch"
    ) as seen:
        fit(model, spoilt(X), callback=TerminateOnNaN(raise_error=True))
    assert isinstance(seen.value, RuntimeError)


def test_statistics_are_not_counted_twice():
    class Means(Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.steps = float(norm.moving_mean[0])

    norm, x, means = kerastorch.layers.BatchNormalization(momentum=0.5), np.ones((10, 3), "float32"), Means()
    model = network(norm)
    model.compile("sgd", lambda y, p: p * NAN)
    model.fit(x, Y[:10], batch_size=10, verbose=0, callbacks=[TerminateOnNaN(), means])
    assert means.steps == 0.5


def test_nothing_is_left_behind():
    callback, model = TerminateOnNaN(), dense(kerastorch)
    fit(model, spoilt(X), callback=callback)
    assert (callback._batch, callback._cause, callback._handle) == (None, None, None)


def test_healthy_training_is_the_same_with_and_without():
    weights = []
    for callbacks in ([TerminateOnNaN()], []):
        kerastorch.utils.set_random_seed(0)
        model = dense(kerastorch)
        model.compile("adam", "mse")
        model.fit(X, Y, epochs=2, verbose=0, callbacks=callbacks)
        weights.append(model.get_weights())
    for ours, theirs in zip(*weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
