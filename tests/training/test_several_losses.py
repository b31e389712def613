"""Several losses for one output, and models whose outputs are tuples."""

from __future__ import annotations

import pickle
from collections import namedtuple

import numpy as np
import pytest

import kerastorch as keras
from kerastorch import layers, models
from kerastorch.errors import CompileError

X, Y1, Y2 = np.ones((8, 3), "float32"), np.zeros((8, 1), "float32"), np.ones((8, 1), "float32")
Pair = namedtuple("Pair", ["first", "second"])


def two_outputs(make=list):
    x = keras.Input((3,))
    units = [layers.Dense(1, activation="sigmoid", name=name)(x) for name in ("a", "b")]
    return keras.Model(x, make(units))


def losses_of(loss, model):
    model.compile("sgd", loss=loss)
    return model.evaluate(X, [Y1, Y2], verbose=0, return_dict=True)


@pytest.mark.parametrize(
    "loss",
    [["mse", ["mae"]], {"a": ["mse"], "b": "mae"}, {"a": "mse", "b": ["mae", None]}],
    ids=["list", "dictionary", "none-in-it"],
)
def test_a_list_of_one_loss_is_that_loss(loss):
    model = two_outputs()
    assert losses_of(loss, model) == losses_of(["mse", "mae"], model)


def test_losses_listed_for_one_output_are_added():
    model = two_outputs()
    apart = [losses_of(["mse", second], model)["b_loss"] for second in ("mae", "crossentropy")]
    assert losses_of(["mse", ["mae", "crossentropy"]], model)["b_loss"] == pytest.approx(sum(apart))


def test_each_of_the_losses_listed_for_one_output_has_a_weight():
    model = two_outputs()
    apart = [losses_of(["mse", second], model)["b_loss"] for second in ("mae", "crossentropy")]
    model.compile(
        "sgd", {"a": None, "b": ["mae", "crossentropy"]}, loss_weights={"b": [2.0, np.float32(0.5)]}
    )
    assert model.evaluate(X, [Y1, Y2], verbose=0) == pytest.approx(2.0 * apart[0] + 0.5 * apart[1])


def test_a_loss_weight_may_change_between_epochs():
    model, factor = two_outputs(), keras.Variable(1.0, trainable=False)
    model.compile("sgd", ["mse", "mae"], loss_weights=[factor, 0.0])
    first = model.evaluate(X, [Y1, Y2], verbose=0)[0]
    factor.assign(3.0)
    assert model.evaluate(X, [Y1, Y2], verbose=0)[0] == pytest.approx(3.0 * first)


def test_more_weights_than_losses_are_told():
    with pytest.raises(
        CompileError, match=r"weight of output 'b' must be a number, or a list with one for each"
    ):
        two_outputs().compile("sgd", ["mse", ["mae", "mse"]], loss_weights={"b": [1.0, 2.0, 3.0]})


def test_a_wrong_name_in_such_a_list_is_told():
    with pytest.raises(CompileError, match=r"`loss` of output 'b'.*'mee'"):
        two_outputs().compile("sgd", loss=["mse", ["mae", "mee"]])


@pytest.mark.parametrize(
    "make", [list, tuple, lambda units: Pair(*units)], ids=["list", "tuple", "namedtuple"]
)
def test_outputs_come_in_the_containers_that_the_model_was_made_with(make):
    model = two_outputs(make)
    kind = type(make([0, 0]))
    assert type(model(X)) is type(model.predict(X, verbose=0)) is type(model.output) is kind
    assert type(models.clone_model(model)(X)) is kind
    assert type(pickle.loads(pickle.dumps(model))(X)) is kind
    assert isinstance(keras.Model.from_config(model.get_config())(X), list if kind is list else tuple)


def test_targets_may_be_named_tuples():
    model = two_outputs(lambda units: Pair(*units))
    model.compile("sgd", loss="mse")
    assert list(model.fit(X, Pair(Y1, Y2), verbose=0).history) == ["loss", "a_loss", "b_loss"]
