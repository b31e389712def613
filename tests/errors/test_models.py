"""Graphs and models that are made or used wrongly."""

# house: one table of faults, a few lines a row, is easier to read and to extend than its halves
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import Input, KerasTensor, Model, Sequential, layers
from kerastorch.core.spec import InputSpec
from kerastorch.errors import (
    ArgumentTypeError,
    GraphError,
    InvalidArgumentError,
    MissingMethodError,
    NotBuiltError,
    NotInitializedError,
    ShapeError,
    UnknownArgumentError,
)
from tests.errors.harness import Case, Wrong, check, classifier, floats, regressor, subclassed, two_outputs


class Silent(Model):
    """A model without call."""

    def __init__(self) -> None:
        super().__init__(name="silent")
        self.layer = layers.Dense(2)


class Forgetful(Model):
    def __init__(self) -> None:
        self.layer = layers.Dense(2)


def cyclic(case: Case) -> Any:
    inputs = Input((4,), name="start")
    first = layers.Dense(4, name="first")(inputs)
    second = layers.Dense(4, name="second")(first)
    first.node.args = (second,)
    return Model(inputs, second)


def if_symbolic(case: Case) -> None:
    if Input((4,)):
        pass


def two_of_one_name(case: Case) -> Any:
    inputs = Input((4,))
    return Model(inputs, layers.Dense(2, name="same")(layers.Dense(3, name="same")(inputs)))


def unbuilt() -> Any:
    return Sequential([layers.Dense(2, name="out")], name="new")


def assign_layers(case: Case) -> None:
    case.model.layers = []


def pop_too_often(case: Case) -> None:
    model = Sequential([layers.Dense(2)], name="short")
    model.pop()
    model.pop()


def read_shape_of(case: Case) -> Any:
    return case.model.get_layer("hidden")(Input((4,))).numpy()


GRAPHS = [
    Wrong(
        "outputs of another input",
        GraphError,
        (r"not connected", r"KerasTensor", r"missing from `inputs`", r"stranger"),
        lambda c: Model(Input((4,)), layers.Dense(2)(Input((4,), name="stranger"))),
    ),
    Wrong(
        "a forgotten second input",
        GraphError,
        (r"not connected", r"forgotten"),
        lambda c: Model((a := Input((4,))), layers.Add()([a, Input((4,), name="forgotten")])),
    ),
    Wrong(
        "outputs that are numbers",
        GraphError,
        (r"`outputs`", r"KerasTensors", r"type Tensor|type ndarray", r"Input\(shape"),
        lambda c: Model(Input((4,)), torch.ones(2, 3)),
    ),
    Wrong(
        "outputs that are a layer",
        GraphError,
        (r"`outputs`", r"KerasTensors", r"type Dense", r"call layers on it|Input\(shape"),
        lambda c: Model(Input((4,)), layers.Dense(2)),
    ),
    Wrong(
        "inputs that are numbers",
        GraphError,
        (r"`inputs`", r"KerasTensors", r"type ndarray"),
        lambda c: Model(np.ones((2, 4)), layers.Dense(2)(Input((4,)))),
    ),
    Wrong(
        "inputs that are a shape",
        GraphError,
        (r"`inputs`", r"KerasTensors", r"type int", r"Input\(shape=\.\.\.\)"),
        lambda c: Model((4, 3), layers.Dense(2)(Input((4,)))),
    ),
    Wrong(
        "no outputs",
        GraphError,
        (r"`outputs`", r"KerasTensors", r"\[\]"),
        lambda c: Model(Input((4,)), []),
    ),
    Wrong("a cyclic graph", GraphError, (r"'first'|'second'", r"cycle", r"KerasTensor"), cyclic),
    Wrong(
        "two layers of one name",
        GraphError,
        (r'"same"', r"2 times", r"unique", r"another `name`"),
        two_of_one_name,
    ),
    Wrong(
        "an input without a shape",
        InvalidArgumentError,
        (r"`shape`", r"must pass"),
        lambda c: Input(),
    ),
    Wrong(
        "an input with a shape of text",
        ShapeError,
        (r"Cannot convert", r"'4'", r"type str", r"integer or None"),
        lambda c: Input(shape="4"),
    ),
    Wrong(
        "an input with a negative size",
        ShapeError,
        (r"Cannot convert \(None, -4\)", r"non-negative integer", r"-4"),
        lambda c: Input(shape=(-4,)),
    ),
    Wrong(
        "an input with half a size",
        ShapeError,
        (r"Cannot convert", r"2\.5", r"float"),
        lambda c: Input(shape=(2.5,)),
    ),
    Wrong(
        "an input with both kinds of shape",
        InvalidArgumentError,
        (r"`shape`", r"`batch_shape`", r"same time"),
        lambda c: Input(shape=(4,), batch_shape=(None, 4)),
    ),
    Wrong(
        "an input of an unknown type",
        InvalidArgumentError,
        (r"flot32", r"Did you mean 'float32'\?"),
        lambda c: Input(shape=(4,), dtype="flot32"),
    ),
    Wrong(
        "an input with an unknown keyword",
        UnknownArgumentError,
        (r"InputLayer", r"'shpae'", r"Expected", r"Did you mean 'shape'\?"),
        lambda c: Input(shpae=(4,)),
    ),
    Wrong(
        "a NumPy function of a symbolic tensor",
        ArgumentTypeError,
        (r"KerasTensor", r"NumPy's `log`", r"torch functions", r"shape=\(None, 4\)"),
        lambda c: np.log(Input((4,))),
        TypeError,
    ),
    Wrong(
        "a symbolic tensor as an array",
        ArgumentTypeError,
        (r"KerasTensor", r"array value", r"`call` of a `Layer`"),
        lambda c: np.asarray(Input((4,))),
        TypeError,
    ),
    Wrong(
        "the values of a symbolic tensor",
        InvalidArgumentError,
        (r"KerasTensor|numpy", r"value"),
        read_shape_of,
    ),
    Wrong(
        "if with a symbolic tensor",
        ArgumentTypeError,
        (
            r"KerasTensor has no truth value|no a truth value|truth value",
            r"shape=\(None, 4\)",
            r"`call` of a `Layer`",
        ),
        if_symbolic,
        TypeError,
    ),
    Wrong(
        "a loop over a symbolic tensor",
        ArgumentTypeError,
        (r"iterated", r"shape=\(None, 4\)"),
        lambda c: list(Input((4,))),
        TypeError,
    ),
    Wrong(
        "a symbolic tensor as a number",
        ArgumentTypeError,
        (r"float value", r"shape=\(None,\)"),
        lambda c: float(Input(())),
        TypeError,
    ),
    Wrong(
        "the length of a symbolic tensor",
        ArgumentTypeError,
        (r"length", r"shape=\(None, 4\)"),
        lambda c: len(Input((4,))),
        TypeError,
    ),
    Wrong(
        "a torch function on symbolic shapes that do not fit",
        GraphError,
        (r"'matmul\w*' cannot be applied", r"\(None, 4\)", r"reduction dim", r"\[None, 4\] X \[5, 2\]"),
        lambda c: Input((4,)) @ torch.ones(5, 2),
    ),
    Wrong(
        "an index beyond a symbolic tensor",
        GraphError,
        (r"get_item", r"\(None, 4\)", r"out of bounds"),
        lambda c: Input((4,))[:, 7],
    ),
    Wrong(
        "a reduction over an axis that does not exist",
        GraphError,
        (r"'sum", r"\(None, 4\)", r"out of range"),
        lambda c: torch.sum(Input((4,)), dim=3),
    ),
    Wrong(
        "an attribute that tensors do not have",
        AttributeError,
        (r"'KerasTensor'", r"'get_shpae'"),
        lambda c: Input((4,)).get_shpae,
        AttributeError,
    ),
    Wrong(
        "a specification with axes beyond the rank",
        InvalidArgumentError,
        (r"[Aa]xis 5", r"greater", r"\{5: 2\}"),
        lambda c: InputSpec(ndim=2, axes={5: 2}),
    ),
]

MODELS = [
    Wrong(
        "a subclass without call",
        MissingMethodError,
        (r"'silent' \(Silent\)", r"`call` method", r"Define|no graph"),
        lambda c: Silent()(floats(2, 4)),
        NotImplementedError,
    ),
    Wrong(
        "a subclass without super().__init__()",
        NotInitializedError,
        (r"Forgetful", r"super\(\).__init__\(\)", r"'layer'"),
        lambda c: Forgetful(),
        RuntimeError,
    ),
    Wrong(
        "a model of a list of layers",
        InvalidArgumentError,
        (r"Model", r"`inputs` and `outputs`", r"Received"),
        lambda c: Model([layers.Dense(2)]),
    ),
    Wrong(
        "a model from no module",
        InvalidArgumentError,
        (r"`from_torch`", r"torch\.nn\.Module", r"3"),
        lambda c: Model.from_torch(3),
    ),
    Wrong(
        "a sequential model of no layer",
        InvalidArgumentError,
        (r"Only instances", r"Sequential", r"'Dense'|Dense", r"str"),
        lambda c: Sequential(["Dense"]),
    ),
    Wrong(
        "a layer class in the place of a layer",
        InvalidArgumentError,
        (r"Only instances", r"Flatten", r"Pass an instance: `Flatten\(\.\.\.\)`"),
        lambda c: Sequential([layers.Flatten]),
    ),
    Wrong(
        "a sequential model with a name twice",
        InvalidArgumentError,
        (r"unique names", r"'same'", r"Update the `name`"),
        lambda c: Sequential([layers.Dense(2, name="same"), layers.Dense(2, name="same")]),
    ),
    Wrong(
        "a second input of a sequential model",
        InvalidArgumentError,
        (r"already been configured", r"\(None, 4\)"),
        lambda c: Sequential([Input((4,)), layers.Dense(2), Input((3,))]),
    ),
    Wrong(
        "a layer added twice",
        InvalidArgumentError,
        (r"'price'", r"unique"),
        lambda c: c.model.add(c.model.layers[-1]),
        on=regressor,
    ),
    Wrong(
        "a layer that does not fit the one before it",
        ShapeError,
        (r"'conv' \(Conv2D\)", r"ndim=4", r"ndim=2", r"\(None, 1\)"),
        lambda c: c.model.add(layers.Conv2D(2, 3, name="conv")),
        on=regressor,
    ),
    Wrong("pop of an empty model", InvalidArgumentError, (r"'short'", r"no layer"), pop_too_often),
    Wrong(
        "a sequential model without layers",
        InvalidArgumentError,
        (r"'bare'|bare", r"no layers"),
        lambda c: Sequential(name="bare")(floats(2, 4)),
    ),
    Wrong(
        "build without a shape",
        NotBuiltError,
        (r"`input_shape`", r"'new'|must provide"),
        lambda c: unbuilt().build(),
    ),
    Wrong(
        "count_params before build",
        NotBuiltError,
        (r"count_params", r"'new'", r"isn't built", r"build"),
        lambda c: unbuilt().count_params(),
    ),
    Wrong(
        "the output of a model that is not built",
        NotBuiltError,
        (r"'new'", r"output", r"never been called|not built|isn't built"),
        lambda c: unbuilt().output,
    ),
    Wrong(
        "the inputs of a subclassed model",
        NotBuiltError,
        (r"'handmade'", r"input"),
        lambda c: c.model.input,
        on=subclassed,
    ),
    Wrong(
        "set_weights before build",
        ShapeError,
        (r"'new'", r"length 1", r"expecting 0", r"build"),
        lambda c: unbuilt().set_weights([floats(4, 2)]),
    ),
    Wrong(
        "get_layer with a wrong name",
        InvalidArgumentError,
        (r"No such layer: hiden", r"'hidden'", r"Did you mean 'hidden'\?"),
        lambda c: c.model.get_layer("hiden"),
    ),
    Wrong(
        "get_layer with a wrong number",
        InvalidArgumentError,
        (r"index 9", r"4 layers"),
        lambda c: c.model.get_layer(index=9),
    ),
    Wrong(
        "get_layer without anything",
        InvalidArgumentError,
        (r"name or a layer index", r"get_layer"),
        lambda c: c.model.get_layer(),
    ),
    Wrong(
        "set_weights with too few arrays",
        ShapeError,
        (r"'iris'", r"length 2", r"expecting 8"),
        lambda c: c.model.set_weights(c.model.get_weights()[:2]),
    ),
    Wrong(
        "set_weights with arrays in another order",
        ShapeError,
        (r"'iris'", r"hidden/kernel", r"\(4, 8\)", r"\(3,\)"),
        lambda c: c.model.set_weights(c.model.get_weights()[::-1]),
    ),
    Wrong(
        "set_weights whose last array is wrong",
        ShapeError,
        (r"'iris'", r"probs/bias", r"\(3,\)", r"\(7,\)"),
        lambda c: c.model.set_weights([*c.model.get_weights()[:-1], floats(7)]),
    ),
    Wrong(
        "set_weights with text",
        InvalidArgumentError,
        (r"'iris'|numbers", r"text|str|dtype"),
        lambda c: c.model.set_weights([w.astype(str) for w in c.model.get_weights()]),
    ),
    Wrong(
        "setting layers",
        AttributeError,
        (r"`Model.layers`|layers", r"reserved", r"another name"),
        assign_layers,
        AttributeError,
    ),
    Wrong(
        "a functional model called with another shape",
        ShapeError,
        (r'"iris"', r"expected shape=\(None, 4\)", r"found shape=\(2, 7\)", r"model 'iris'"),
        lambda c: c.model(floats(2, 7)),
    ),
    Wrong(
        "a functional model called symbolically with another shape",
        ShapeError,
        (r'"iris"', r"expected shape=\(None, 4\)", r"found shape=\(None, 7\)"),
        lambda c: c.model(Input((7,))),
    ),
    Wrong(
        "a model called with one of its two inputs",
        ShapeError,
        (r'"twins"', r"expects 2 input", r"received 1"),
        lambda c: c.model(floats(2, 4)),
        on=two_outputs,
    ),
    Wrong(
        "a model called with None for an input",
        ShapeError,
        (r"Input 1", r'"twins"', r"None", r"\(None, 2\)"),
        lambda c: c.model([floats(2, 4), None]),
        on=two_outputs,
    ),
    Wrong(
        "code of a model without a graph",
        GraphError,
        (r"'handmade'", r"no graph"),
        lambda c: c.model.code,
        on=subclassed,
    ),
]

ROWS = [*GRAPHS, *MODELS]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_wrong_model(row: Wrong) -> None:
    check(row)


def test_unbuilt_sequential_can_be_built_after_a_failed_call() -> None:
    model = Sequential([layers.Dense(3), layers.Conv2D(2, 3)], name="mixed")
    with pytest.raises(ShapeError, match=r"'conv2d.*' \(Conv2D\) in model 'mixed'"):
        model(floats(2, 4))
    assert not model.built
    assert model.weights == []
    assert model(floats(2, 8, 8, 1)).shape == (2, 6, 6, 2)


def test_failed_add_leaves_the_model_as_it_was() -> None:
    model = Sequential([Input((4,)), layers.Dense(3, name="a")])
    before = model(floats(2, 4)).shape
    with pytest.raises(ShapeError, match="ndim=4"):
        model.add(layers.Conv2D(2, 3))
    assert [layer.name for layer in model.layers] == ["a"]
    assert model(floats(2, 4)).shape == before


def test_failed_functional_model_leaves_the_graph_usable() -> None:
    inputs = Input((4,))
    outputs = layers.Dense(2)(inputs)
    with pytest.raises(GraphError, match="not connected"):
        Model(Input((4,)), outputs)
    assert isinstance(outputs, KerasTensor)
    assert Model(inputs, outputs)(floats(2, 4)).shape == (2, 2)


def test_errors_are_both_of_kerastorch_and_of_python() -> None:
    case = classifier()
    with pytest.raises(kerastorch.errors.KerasTorchError, match="No such layer"):
        case.model.get_layer("none")
    with pytest.raises(ValueError, match="No such layer"):
        case.model.get_layer("none")
