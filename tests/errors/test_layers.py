"""Layers that are made, called or subclassed wrongly."""

# house: one table of faults, a few lines a row, is easier to read and to extend than its halves
from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import Input, InputSpec, Model, Sequential, layers
from kerastorch.errors import (
    InvalidArgumentError,
    MissingMethodError,
    NotBuiltError,
    NotInitializedError,
    ShapeError,
    UnknownArgumentError,
    UnknownIdentifierError,
)
from tests.errors.harness import Case, Wrong, check, classifier, floats, images, subclassed, words


class Forgetful(layers.Layer):
    def __init__(self) -> None:
        self.inner = layers.Dense(2)


class Stepper(layers.Layer):
    """Its weights need an axis that is unknown."""

    def build(self, shape: tuple) -> None:
        self.factor = self.add_weight(shape=(shape[1],), name="factor")


class Breaking(layers.Layer):
    """Multiplies by a matrix that does not fit."""

    def call(self, x: torch.Tensor) -> torch.Tensor:
        return x @ torch.ones(7, 2)


class Picky(layers.Layer):
    def __init__(self, spec: InputSpec) -> None:
        super().__init__(name="picky")
        self.input_spec = spec


def nested_failure(case: Case) -> None:
    inner = Sequential([layers.Dense(3, name="fine"), Breaking(name="breaking")], name="inner")
    Sequential([inner], name="outer")(torch.ones(2, 4))


def fails_in_a_fast_call(case: Case) -> None:
    case.model(torch.zeros(2, 6, dtype=torch.int64))
    case.model(torch.zeros(2, 6, dtype=torch.int64))
    case.model(torch.full((2, 6), 10))


def add_weight_twice_as_large(case: Case) -> None:
    layers.Layer(name="mine").add_weight(shape=(3, None), name="kernel")


def unknown_add_weight_argument(case: Case) -> None:
    layers.Layer(name="mine").add_weight(shape=(3,), initialiser="ones")


ARGUMENTS = [
    Wrong(
        "Dense with -1 units",
        InvalidArgumentError,
        (r"`units`", r"positive integer", r"units=-1", r"int"),
        lambda c: layers.Dense(-1),
    ),
    Wrong(
        "Dense with 2.5 units",
        InvalidArgumentError,
        (r"`units`", r"positive integer", r"units=2\.5", r"float"),
        lambda c: layers.Dense(2.5),
    ),
    Wrong(
        "Dense with the units as text",
        InvalidArgumentError,
        (r"`units`", r"positive integer", r"units='8'", r"str"),
        lambda c: layers.Dense("8"),
    ),
    Wrong(
        "Dense with an unknown activation",
        UnknownIdentifierError,
        (r"activation", r"'rleu'", r"Did you mean 'relu'\?"),
        lambda c: layers.Dense(2, activation="rleu"),
    ),
    Wrong(
        "Dense with an unknown initializer",
        UnknownIdentifierError,
        (r"initializer", r"'glorot_unifrom'", r"Did you mean 'glorot_uniform'\?"),
        lambda c: layers.Dense(2, kernel_initializer="glorot_unifrom"),
    ),
    Wrong(
        "Dense with an unknown regularizer",
        UnknownIdentifierError,
        (r"regularizer", r"'l_2'", r"Did you mean 'l2'\?"),
        lambda c: layers.Dense(2, kernel_regularizer="l_2"),
    ),
    Wrong(
        "Dense with an unknown constraint",
        UnknownIdentifierError,
        (r"constraint", r"'max_nrom'", r"Did you mean 'max_norm'\?"),
        lambda c: layers.Dense(2, kernel_constraint="max_nrom"),
    ),
    Wrong(
        "Dense with an unknown keyword",
        UnknownArgumentError,
        (r"Dense", r"'unit'", r"Did you mean 'units'\?"),
        lambda c: layers.Dense(8, unit=4),
    ),
    Wrong(
        "a number as the activation",
        InvalidArgumentError,
        (r"activation", r"3", r"Expected"),
        lambda c: layers.Dense(2, activation=3),
    ),
    Wrong(
        "a name with a slash",
        InvalidArgumentError,
        (r"`name`", r"Dense", r"cannot contain character `/`", r"name='a/b'"),
        lambda c: layers.Dense(2, name="a/b"),
    ),
    Wrong(
        "a name that is no text",
        InvalidArgumentError,
        (r"`name`", r"must be a string", r"name=3"),
        lambda c: layers.Dense(2, name=3),
    ),
    Wrong(
        "an unknown data type",
        InvalidArgumentError,
        (r"float23", r"Did you mean 'float32'\?"),
        lambda c: layers.Dense(2, dtype="float23"),
    ),
    Wrong(
        "Dropout with a rate of 2",
        InvalidArgumentError,
        (r"`rate`|rate", r"0 and 1", r"rate=2"),
        lambda c: layers.Dropout(2),
    ),
    Wrong(
        "Dropout with a rate as text",
        InvalidArgumentError,
        (r"rate", r"0 and 1", r"half"),
        lambda c: layers.Dropout("half"),
    ),
    Wrong(
        "Conv2D with strides and dilation",
        InvalidArgumentError,
        (r"strides", r"dilation_rate", r"strides=\(2, 2\)", r"dilation_rate=\(2, 2\)"),
        lambda c: layers.Conv2D(4, 3, strides=2, dilation_rate=2),
    ),
    Wrong(
        "Conv2D with an unknown padding",
        InvalidArgumentError,
        (r"`padding`", r"'valid'", r"padding='smae'", r"Did you mean 'same'\?"),
        lambda c: layers.Conv2D(4, 3, padding="smae"),
    ),
    Wrong(
        "Conv2D with causal padding",
        InvalidArgumentError,
        (r"`padding`", r"'same'", r"padding='causal'"),
        lambda c: layers.Conv2D(4, 3, padding="causal"),
    ),
    Wrong(
        "Conv2D with a kernel of three sizes",
        InvalidArgumentError,
        (r"`kernel_size`", r"2 integers", r"kernel_size=\(3, 3, 3\)"),
        lambda c: layers.Conv2D(4, (3, 3, 3)),
    ),
    Wrong(
        "Conv2D without filters",
        InvalidArgumentError,
        (r"`filters`|filters", r"filters=0"),
        lambda c: layers.Conv2D(0, 3),
    ),
    Wrong(
        "Conv2D with an unknown data format",
        InvalidArgumentError,
        (r"data_format", r"channels_last", r"channel_last"),
        lambda c: layers.Conv2D(4, 3, data_format="channel_last"),
    ),
    Wrong(
        "Conv2D whose groups do not divide the filters",
        InvalidArgumentError,
        (r"groups", r"filters", r"3", r"4"),
        lambda c: layers.Conv2D(4, 3, groups=3),
    ),
    Wrong(
        "Embedding without output size",
        InvalidArgumentError,
        (r"`output_dim`", r"positive integer", r"output_dim=0"),
        lambda c: layers.Embedding(10, 0),
    ),
    Wrong(
        "Concatenate of an axis that does not exist",
        ShapeError,
        (r"layer 'last' \(Concatenate\)", r"`axis`.* is 5", r"2 axes", r"\(None, 4\)"),
        lambda c: layers.Concatenate(axis=5, name="last")([Input((4,)), Input((4,))]),
    ),
    Wrong(
        "Lambda of no function",
        InvalidArgumentError,
        (r"Lambda", r"callable", r"Received: 3"),
        lambda c: layers.Lambda(3),
    ),
    Wrong(
        "MaxPooling with a pool of size 0",
        InvalidArgumentError,
        (r"pool_size", r"> 0", r"0"),
        lambda c: layers.MaxPooling2D(0),
    ),
]

INPUTS = [
    Wrong(
        "Dense on too many features",
        ShapeError,
        (r"'hidden'", r"axis -1 .* value 4", r"received shape \(2, 5\)"),
        lambda c: c.model.get_layer("hidden")(floats(2, 5)),
    ),
    Wrong(
        "Dense on a single row",
        ShapeError,
        (r"'hidden'", r"min_ndim=2", r"ndim=1", r"\(4,\)"),
        lambda c: c.model.get_layer("hidden")(floats(4)),
    ),
    Wrong(
        "Conv2D on images without channels",
        ShapeError,
        (r"'conv'", r"ndim=4", r"ndim=3", r"\(2, 8, 8\)"),
        lambda c: c.model.get_layer("conv")(floats(2, 8, 8)),
        on=images,
    ),
    Wrong(
        "Conv2D on images with channels first",
        ShapeError,
        (r"'conv'", r"axis -1 .* value 3", r"\(2, 3, 8, 8\)"),
        lambda c: c.model.get_layer("conv")(floats(2, 3, 8, 8)),
        on=images,
    ),
    Wrong(
        "a kernel larger than the image",
        ShapeError,
        (r"'large' \(Conv2D\)", r"zero or negative", r"\(None, 8, 8, 3\)", r"padding='same'"),
        lambda c: layers.Conv2D(4, 9, name="large")(Input((8, 8, 3))),
    ),
    Wrong(
        "a kernel larger than an image of numbers",
        ShapeError,
        (r"'large' \(Conv2D\)", r"zero or negative", r"\(2, 8, 8, 3\)", r"padding='same'"),
        lambda c: layers.Conv2D(4, 9, name="large")(floats(2, 8, 8, 3)),
    ),
    Wrong(
        "a pool larger than the image",
        ShapeError,
        (r"'pool' \(MaxPooling2D\)", r"zero or negative", r"8, 8, 3"),
        lambda c: layers.MaxPooling2D(9, name="pool")(Input((8, 8, 3))),
    ),
    Wrong(
        "Conv2D whose groups do not divide the channels",
        InvalidArgumentError,
        (r"'grouped' \(Conv2D\)", r"groups", r"3"),
        lambda c: layers.Conv2D(4, 3, groups=2, name="grouped")(Input((8, 8, 3))),
    ),
    Wrong(
        "Flatten of an unknown size before Dense",
        InvalidArgumentError,
        (r"'out'", r"Dense", r"None"),
        lambda c: layers.Dense(2, name="out")(layers.Flatten()(Input((None, 3)))),
    ),
    Wrong(
        "Reshape to another number of values",
        ShapeError,
        (r"'fold' \(Reshape\)", r"4", r"\(3, 2\)"),
        lambda c: layers.Reshape((3, 2), name="fold")(Input((4,))),
    ),
    Wrong(
        "Reshape of data to another number of values",
        ShapeError,
        (r"'fold' \(Reshape\)", r"4", r"\(3, 2\)"),
        lambda c: layers.Reshape((3, 2), name="fold")(floats(2, 4)),
    ),
    Wrong(
        "Concatenate of different lengths",
        ShapeError,
        (r"'both' \(Concatenate\)", r"\(None, 4, 2\)", r"\(None, 5, 2\)"),
        lambda c: layers.Concatenate(name="both")([Input((4, 2)), Input((5, 2))]),
    ),
    Wrong(
        "Concatenate of one tensor",
        InvalidArgumentError,
        (r"'both' \(Concatenate\)", r"list", r"Received"),
        lambda c: layers.Concatenate(name="both")(Input((4,))),
    ),
    Wrong(
        "Add of shapes that do not fit",
        ShapeError,
        (r"'sum' \(Add\)", r"\(None, 4\)", r"\(None, 3\)"),
        lambda c: layers.Add(name="sum")([Input((4,)), Input((3,))]),
    ),
    Wrong(
        "Add of data that do not fit",
        ShapeError,
        (r"'sum' \(Add\)", r"4\b", r"3\b"),
        lambda c: layers.Add(name="sum")([floats(2, 4), floats(2, 3)]),
    ),
    Wrong(
        "Dot over axes of different length",
        ShapeError,
        (r"'dot' \(Dot\)", r"4\b", r"3\b"),
        lambda c: layers.Dot(axes=1, name="dot")([Input((4,)), Input((3,))]),
    ),
    Wrong(
        "BatchNormalization of an axis that does not exist",
        ShapeError,
        (r"'norm' \(BatchNormalization\)", r"axis|Axis", r"5", r"\(2, 4\)"),
        lambda c: layers.BatchNormalization(axis=5, name="norm")(floats(2, 4)),
    ),
    Wrong(
        "LayerNormalization of an axis that does not exist",
        ShapeError,
        (r"'norm' \(LayerNormalization\)", r"axis|Axis", r"5", r"\(2, 4\)"),
        lambda c: layers.LayerNormalization(axis=5, name="norm")(floats(2, 4)),
    ),
    Wrong(
        "Permute of other axes",
        InvalidArgumentError,
        (r"dims", r"\(1, 3\)"),
        lambda c: layers.Permute((1, 3))(Input((4, 5))),
    ),
    Wrong(
        "RepeatVector of a sequence",
        ShapeError,
        (r"'copies'", r"ndim=2", r"ndim=3"),
        lambda c: layers.RepeatVector(3, name="copies")(Input((4, 5))),
    ),
    Wrong(
        "a word number beyond the vocabulary",
        InvalidArgumentError,
        (r"'vectors' \(Embedding\)", r"10", r"\[0, 10\)", r"input_dim"),
        lambda c: c.model(np.full((2, 6), 10)),
        on=words,
    ),
    Wrong(
        "a word number beyond the vocabulary in a repeated call",
        InvalidArgumentError,
        (r"'vectors' \(Embedding\)", r"in model 'reviews'", r"\[0, 10\)"),
        fails_in_a_fast_call,
        on=words,
    ),
    Wrong(
        "a negative word number",
        InvalidArgumentError,
        (r"'vectors' \(Embedding\)", r"\[0, 10\)", r"-1"),
        lambda c: c.model(np.full((2, 6), -1)),
        on=words,
    ),
    Wrong(
        "text as data of a layer",
        TypeError,
        (r"'hidden' \(Dense\)", r"takes numbers", r"text of shape \(1, 4\)", r"TextVectorization"),
        lambda c: c.model.get_layer("hidden")(np.array([["a", "b", "c", "d"]])),
        TypeError,
    ),
    Wrong(
        "a list of numbers as a tensor",
        ShapeError,
        (r"'hidden'", r"expects 1 input", r"received"),
        lambda c: c.model.get_layer("hidden")([floats(2, 4), floats(2, 4)]),
    ),
    Wrong(
        "None as a tensor",
        ShapeError,
        (r"'hidden'", r"tensors", r"None"),
        lambda c: c.model.get_layer("hidden")(None),
    ),
    Wrong(
        "a call without inputs",
        ShapeError,
        (r"'hidden' \(Dense\)", r"should be tensors", r"Got None"),
        lambda c: c.model.get_layer("hidden")(),
    ),
    Wrong(
        "a call with an unknown keyword",
        UnknownArgumentError,
        (r"'hidden' \(Dense\)", r"'trainning'", r"Expected", r"Did you mean 'training'\?"),
        lambda c: c.model.get_layer("hidden")(floats(2, 4), trainning=True),
        TypeError,
    ),
    Wrong(
        "an input of another type than the layer demands",
        ShapeError,
        (r"'picky'", r"dtype=int32", r"dtype=float32"),
        lambda c: Picky(InputSpec(dtype="int32"))(floats(2, 4)),
    ),
    Wrong(
        "an input of more axes than the layer allows",
        ShapeError,
        (r"'picky'", r"max_ndim=2", r"ndim=3"),
        lambda c: Picky(InputSpec(max_ndim=2))(floats(2, 4, 4)),
    ),
]

SUBCLASSES = [
    Wrong(
        "a layer without super().__init__()",
        NotInitializedError,
        (r"Forgetful", r"super\(\).__init__\(\)", r"'inner'"),
        lambda c: Forgetful(),
        RuntimeError,
    ),
    Wrong(
        "a layer without call",
        MissingMethodError,
        (r"layer 'blank' \(Layer\)", r"`call` method", r"Define"),
        lambda c: layers.Layer(name="blank")(floats(2, 4)),
        NotImplementedError,
    ),
    Wrong(
        "a weight with an unknown size",
        InvalidArgumentError,
        (r"'kernel'", r"'mine'", r"\(3, None\)", r"full shape"),
        add_weight_twice_as_large,
    ),
    Wrong(
        "a weight for an unknown axis",
        InvalidArgumentError,
        (r"'factor'", r"'steps'", r"\(None,\)"),
        lambda c: Stepper(name="steps")(Input((None, 4))),
    ),
    Wrong(
        "add_weight with an unknown keyword",
        UnknownArgumentError,
        (r"add_weight", r"'mine'", r"initialiser", r"Did you mean 'initializer'\?"),
        unknown_add_weight_argument,
        TypeError,
    ),
    Wrong(
        "a torch function that fails in a layer",
        RuntimeError,
        (r"'breaking' \(Breaking\)", r"shapes cannot be multiplied", r"shape=\(2, 4\)"),
        lambda c: Breaking(name="breaking")(torch.ones(2, 4)),
        RuntimeError,
    ),
    Wrong(
        "a torch function that fails in a nested layer",
        RuntimeError,
        (r"layer 'inner/breaking' \(Breaking\) in model 'outer'", r"cannot be multiplied", r"shape=\(2, 3\)"),
        nested_failure,
        RuntimeError,
    ),
    Wrong(
        "data of another width in a block",
        ShapeError,
        (r"'block/inner' \(Dense\)", r"in model 'handmade'", r"value 4", r"\(2, 5\)"),
        lambda c: c.model(floats(2, 5)),
        on=subclassed,
    ),
    Wrong(
        "the weights of a layer that is not built",
        NotBuiltError,
        (r"count_params", r"'new'", r"isn't built", r"build"),
        lambda c: layers.Dense(3, name="new").count_params(),
    ),
    Wrong(
        "the output of a layer that was never called",
        NotBuiltError,
        (r"'new'", r"never been called", r"output"),
        lambda c: layers.Dense(3, name="new").output,
    ),
    Wrong(
        "set_weights of a layer with too few arrays",
        ShapeError,
        (r"'hidden'", r"length 1", r"expecting 2"),
        lambda c: c.model.get_layer("hidden").set_weights([floats(4, 8)]),
    ),
    Wrong(
        "set_weights of a layer with a transposed kernel",
        ShapeError,
        (r"'hidden'", r"\(4, 8\)", r"\(8, 4\)", r"kernel"),
        lambda c: c.model.get_layer("hidden").set_weights([floats(8, 4), floats(8)]),
    ),
    Wrong(
        "set_weights of a layer whose last array is wrong",
        ShapeError,
        (r"'hidden'", r"\(8,\)", r"\(9,\)", r"bias"),
        lambda c: c.model.get_layer("hidden").set_weights([floats(4, 8), floats(9)]),
    ),
    Wrong(
        "assign of another shape",
        ShapeError,
        (r"hidden/kernel", r"\(4, 8\)", r"\(8, 4\)"),
        lambda c: c.model.get_layer("hidden").kernel.assign(floats(8, 4)),
    ),
]

ROWS = [*ARGUMENTS, *INPUTS, *SUBCLASSES]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_wrong_use_of_a_layer(row: Wrong) -> None:
    check(row)


def test_symbolic_call_that_fails_leaves_no_record() -> None:
    case = classifier()
    hidden = case.model.get_layer("hidden")
    calls = len(hidden.inbound_nodes)
    with pytest.raises(ShapeError, match="axis -1"):
        hidden(Input((5,)))
    assert len(hidden.inbound_nodes) == calls


def test_model_of_a_failed_layer_can_still_be_made() -> None:
    shared = Input((4,))
    layer = layers.Concatenate(name="both")
    with pytest.raises(ShapeError, match="both"):
        layer([shared, Input((5, 2))])
    assert Model(shared, layer([shared, shared])).output_shape == (None, 8)
