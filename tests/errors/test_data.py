"""`fit`, `evaluate` and `predict` with data or arguments that cannot be used."""

# house: one table of faults, a few lines a row, is easier to read and to extend than its halves
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.errors import (
    DataError,
    InvalidArgumentError,
    NotCompiledError,
    ShapeError,
    UnknownArgumentError,
)
from tests.errors.harness import (
    Case,
    Handmade,
    Wrong,
    check,
    classes,
    classifier,
    floats,
    images,
    state_of,
    subclassed,
    two_outputs,
    vectors,
    words,
)


def _uncompiled() -> kerastorch.Model:
    return kerastorch.Sequential([kerastorch.Input((4,)), layers.Dense(1)], name="plain")


def generator() -> Iterator[Any]:
    while True:
        yield floats(8, 4), classes(3, 8)


def unknown_in_the_third_batch() -> np.ndarray:
    x = np.zeros((24, 6), dtype="int64")
    x[20] = 99
    return x


NUMBERS = [
    Wrong(
        "a batch size of NaN",
        DataError,
        (r"`batch_size`", r"positive integer", r"batch_size=nan"),
        lambda c: c.fit(batch_size=float("nan")),
    ),
    Wrong(
        "a batch size of 0",
        DataError,
        (r"`batch_size`", r"positive integer", r"batch_size=0"),
        lambda c: c.fit(batch_size=0),
    ),
    Wrong(
        "a batch size as text",
        DataError,
        (r"`batch_size`", r"positive integer", r"batch_size='32'"),
        lambda c: c.fit(batch_size="32"),
    ),
    Wrong(
        "a batch size of 1.5 in predict",
        DataError,
        (r"`batch_size`", r"positive integer", r"batch_size=1\.5"),
        lambda c: c.model.predict(c.x, batch_size=1.5, verbose=0),
    ),
    Wrong(
        "a negative number of epochs",
        DataError,
        (r"`epochs`", r"0 or more", r"epochs=-1"),
        lambda c: c.fit(epochs=-1),
    ),
    Wrong(
        "half an epoch",
        DataError,
        (r"`epochs`", r"integer", r"epochs=0\.5"),
        lambda c: c.fit(epochs=0.5),
    ),
    Wrong(
        "no steps in an epoch",
        DataError,
        (r"`steps_per_epoch`", r"positive integer", r"steps_per_epoch=0"),
        lambda c: c.fit(steps_per_epoch=0),
    ),
    Wrong(
        "no steps in evaluate",
        DataError,
        (r"`steps`", r"positive integer", r"steps=0"),
        lambda c: c.model.evaluate(c.x, c.y, steps=0, verbose=0),
    ),
    Wrong(
        "negative steps in predict",
        DataError,
        (r"`steps`", r"positive integer", r"steps=-2"),
        lambda c: c.model.predict(c.x, steps=-2, verbose=0),
    ),
    Wrong(
        "an unknown verbose",
        DataError,
        (r"`verbose`", r"0, 1, 2 or 'auto'", r"verbose=7"),
        lambda c: c.fit(verbose=7),
    ),
    Wrong(
        "an unknown verbose in evaluate",
        DataError,
        (r"`verbose`", r"0, 1, 2 or 'auto'", r"verbose='loud'"),
        lambda c: c.model.evaluate(c.x, c.y, verbose="loud"),
    ),
    Wrong(
        "an unknown shuffle",
        DataError,
        (r"`shuffle`", r"'batch'", r"shuffle='yes'"),
        lambda c: c.fit(shuffle="yes"),
    ),
    Wrong(
        "a validation frequency of 0",
        DataError,
        (r"`validation_freq`", r"positive integer", r"validation_freq=0"),
        lambda c: c.fit(validation_freq=0, validation_split=0.5),
    ),
    Wrong(
        "a validation split of 1.5",
        DataError,
        (r"`validation_split`", r"between 0 and 1", r"1\.5"),
        lambda c: c.fit(validation_split=1.5),
    ),
    Wrong(
        "a validation split that leaves nothing to train on",
        DataError,
        (r"16 samples", r"not sufficient", r"validation_split=0\.99"),
        lambda c: c.fit(validation_split=0.99),
    ),
    Wrong(
        "an unknown keyword of fit",
        UnknownArgumentError,
        (r"`fit`", r"'epoch'", r"Did you mean 'epochs'\?"),
        lambda c: c.fit(epoch=3),
        TypeError,
    ),
    Wrong(
        "an unknown keyword of evaluate",
        UnknownArgumentError,
        (r"`evaluate`", r"'batchsize'", r"Did you mean 'batch_size'\?"),
        lambda c: c.model.evaluate(c.x, c.y, batchsize=3),
        TypeError,
    ),
    Wrong(
        "an argument of fit given to predict",
        UnknownArgumentError,
        (r"`predict`", r"'epochs'"),
        lambda c: c.model.predict(c.x, epochs=3),
        TypeError,
    ),
]

ARRAYS = [
    Wrong(
        "no data",
        DataError,
        (r"`x` is None", r"NumPy arrays"),
        lambda c: c.model.fit(epochs=1, verbose=0),
    ),
    Wrong(
        "arrays without samples",
        DataError,
        (r"no samples", r"\(0, 4\)"),
        lambda c: c.fit(floats(0, 4), classes(3, 0)),
    ),
    Wrong(
        "fewer targets than inputs",
        DataError,
        (r"same number of samples", r"x: 16", r"y: 12"),
        lambda c: c.fit(c.x, classes(3, 12)),
    ),
    Wrong(
        "inputs of different lengths",
        DataError,
        (r"same number of samples", r"x: 16, 15"),
        lambda c: c.fit([floats(16, 4), floats(15, 2)], c.y),
        on=two_outputs,
    ),
    Wrong(
        "fewer weights than samples",
        DataError,
        (r"same number of samples", r"sample_weight: 3"),
        lambda c: c.fit(sample_weight=np.ones(3)),
    ),
    Wrong(
        "fewer targets than inputs in a batch",
        DataError,
        (r"same number of samples", r"x: 16", r"y: 2"),
        lambda c: c.model.train_on_batch(c.x, classes(3, 2)),
    ),
    Wrong(
        "a single number",
        DataError,
        (r"axis of samples", r"scalar", r"\(\)"),
        lambda c: c.model.predict(np.array(3.0), verbose=0),
    ),
    Wrong(
        "rows of different lengths",
        DataError,
        (r"`x`", r"lengths|inhomogeneous", r"padded"),
        lambda c: c.fit([[1.0, 2.0, 3.0, 4.0], [1.0]], [0, 1]),
    ),
    Wrong(
        "text as inputs",
        DataError,
        (r"Input 0", r"text", r"expected dtype=float32, found dtype=string", r"TextVectorization"),
        lambda c: c.fit(np.array([["a"] * 4] * 16)),
    ),
    Wrong(
        "text as labels",
        DataError,
        (r"`y`", r"text", r"<U3", r"Expected numbers: encode"),
        lambda c: c.fit(y=np.array(["cat", "dog"] * 8)),
    ),
    Wrong(
        "a list of words as labels",
        DataError,
        (r"`y`", r"text", r"Expected numbers: encode"),
        lambda c: c.fit(y=["cat", "dog"] * 8),
    ),
    Wrong(
        "missing values as objects",
        DataError,
        (r"`x`", r"object", r"numbers"),
        lambda c: c.fit(np.array([[1, "?", 3, 4]] * 16, dtype=object)),
    ),
    Wrong(
        "a data type that is not supported",
        DataError,
        (r"Unrecognized data type: set", r"NumPy arrays"),
        lambda c: c.fit({1.0, 2.0}),
    ),
    Wrong(
        "a validation split of a generator",
        DataError,
        (r"`validation_split`", r"arrays", r"generator", r"`validation_data`"),
        lambda c: c.model.fit(generator(), validation_split=0.2, verbose=0),
    ),
    Wrong(
        "validation data of four parts",
        DataError,
        (r"`validation_data`|format", r"\(x, y, sample_weight\)", r"length 4"),
        lambda c: c.fit(validation_data=(c.x, c.y, np.ones(16), 1)),
    ),
    Wrong(
        "validation data without targets",
        DataError,
        (r"targets", r"y=None"),
        lambda c: c.fit(validation_data=(c.x,)),
    ),
    Wrong(
        "validation inputs of another shape, found before training",
        ShapeError,
        (r'"iris"', r"expected shape=\(None, 4\)", r"found shape=\(8, 5\)"),
        lambda c: c.fit(validation_data=(floats(16, 5), c.y)),
    ),
    Wrong(
        "validation labels beyond the classes, found before training",
        DataError,
        (r"'probs'", r"\[0, 3\)", r"from 0 to 3", r"4 units"),
        lambda c: c.fit(validation_data=(c.x, classes(4))),
    ),
]

FITTING = [
    Wrong(
        "inputs of another width",
        ShapeError,
        (r'Input 0 of layer "iris"', r"expected shape=\(None, 4\)", r"found shape=\(8, 5\)"),
        lambda c: c.fit(floats(16, 5)),
    ),
    Wrong(
        "inputs of another width in evaluate",
        ShapeError,
        (r'Input 0 of layer "iris"', r"expected shape=\(None, 4\)", r"found shape=\(16, 5\)"),
        lambda c: c.model.evaluate(floats(16, 5), c.y, verbose=0),
    ),
    Wrong(
        "a single row in predict",
        ShapeError,
        (r'Input 0 of layer "iris"', r"expected shape=\(None, 4\)", r"found shape=\(4,\)", r"batch axis"),
        lambda c: c.model.predict(floats(4), verbose=0),
    ),
    Wrong(
        "a single image in predict",
        ShapeError,
        (r'"cnn"', r"expected shape=\(None, 8, 8, 3\)", r"found shape=\(8, 8, 3\)", r"batch axis"),
        lambda c: c.model.predict(floats(8, 8, 3), verbose=0),
        on=images,
    ),
    Wrong(
        "images without channels",
        ShapeError,
        (r'"cnn"', r"expected shape=\(None, 8, 8, 3\)", r"found shape=\(8, 8, 8\)"),
        lambda c: c.fit(floats(16, 8, 8)),
        on=images,
    ),
    Wrong(
        "images with channels first",
        ShapeError,
        (r'"cnn"', r"expected shape=\(None, 8, 8, 3\)", r"found shape=\(8, 3, 8, 8\)"),
        lambda c: c.fit(floats(16, 3, 8, 8)),
        on=images,
    ),
    Wrong(
        "one input where there are two",
        ShapeError,
        (r'"twins"', r"expects 2 input", r"received 1"),
        lambda c: c.fit(floats(16, 4)),
        on=two_outputs,
    ),
    Wrong(
        "three inputs where there are two",
        ShapeError,
        (r'"twins"', r"expects 2 input", r"received 3"),
        lambda c: c.fit([floats(16, 4), floats(16, 2), floats(16, 2)]),
        on=two_outputs,
    ),
    Wrong(
        "two inputs in the wrong order",
        ShapeError,
        (r'Input 0 of layer "twins"', r"expected shape=\(None, 4\)", r"found shape=\(8, 2\)"),
        lambda c: c.fit(c.x[::-1]),
        on=two_outputs,
    ),
    Wrong(
        "a dictionary with a misspelt input",
        ShapeError,
        (r'"right"', r"'twins'", r"'rigth'", r"Expected .*'left', 'right'", r"Did you mean 'rigth'\?"),
        lambda c: c.fit({"left": c.x[0], "rigth": c.x[1]}),
        on=two_outputs,
    ),
    Wrong(
        "no targets",
        DataError,
        (r"targets", r"losses", r"y=None"),
        lambda c: c.model.fit(c.x, verbose=0),
    ),
    Wrong(
        "no targets in evaluate",
        DataError,
        (r"targets", r"y=None"),
        lambda c: c.model.evaluate(c.x, verbose=0),
    ),
    Wrong(
        "one array of targets for two outputs",
        DataError,
        (r"`y` is one array", r"2 outputs", r"'kind', 'size'", r"a dictionary by name"),
        lambda c: c.fit(y=classes(3)),
        on=two_outputs,
    ),
    Wrong(
        "three arrays of targets for two outputs",
        DataError,
        (r"`y` is a list of 3", r"2 output", r"'kind', 'size'"),
        lambda c: c.fit(y=[*c.y, c.y[1]]),
        on=two_outputs,
    ),
    Wrong(
        "two arrays of targets for one output",
        DataError,
        (r"`y` holds 2 arrays", r"one output, 'probs'"),
        lambda c: c.fit(y=[c.y, c.y]),
    ),
    Wrong(
        "a dictionary of targets with a misspelt output",
        DataError,
        (r"`y` has no entry for output 'size'", r"'sise'", r"Did you mean 'sise'\?"),
        lambda c: c.fit(y={"kind": c.y[0], "sise": c.y[1]}),
        on=two_outputs,
    ),
    Wrong(
        "one-hot targets for a sparse loss",
        ShapeError,
        (
            r"Output 'probs'",
            r"'sparse_categorical_crossentropy'",
            r"y_true.shape=\(8, 3\)",
            r"use `categorical_crossentropy`",
        ),
        lambda c: c.fit(y=np.eye(3)[c.y]),
    ),
    Wrong(
        "labels beyond the classes",
        DataError,
        (r"Output 'probs'", r"\[0, 3\)", r"from 0 to 3", r"4 units"),
        lambda c: c.fit(y=classes(4)),
    ),
    Wrong(
        "labels that begin at minus one",
        DataError,
        (r"Output 'probs'", r"\[0, 3\)", r"from -1 to 1", r"`ignore_class`"),
        lambda c: c.fit(y=classes(3) - 1),
    ),
    Wrong(
        "labels beyond the classes in evaluate",
        DataError,
        (r"Output 'probs'", r"\[0, 3\)", r"from 0 to 4"),
        lambda c: c.model.evaluate(c.x, classes(5), verbose=0),
    ),
    Wrong(
        "targets of another width",
        ShapeError,
        (r"Output 'point'", r"'mse'", r"y_true.shape=\(8, 3\)", r"y_pred.shape=\(8, 2\)"),
        lambda c: c.fit(y=floats(16, 3)),
        on=vectors,
    ),
    Wrong(
        "two columns for a binary loss",
        ShapeError,
        (r"Output 'likes'", r"'binary_crossentropy'", r"\(8, 2\)", r"\(8, 1\)"),
        lambda c: c.fit(y=np.eye(2)[classes(2)]),
        on=words,
    ),
    Wrong(
        "weights for each step of data without steps",
        ShapeError,
        (r"Output 'probs'", r"sample weights", r"of shape \(8, 2\)", r"values of shape \(8,\)"),
        lambda c: c.fit(sample_weight=np.ones((16, 2))),
    ),
    Wrong(
        "a list of weights of another length than the outputs",
        DataError,
        (r"`sample_weight` is a list of 3", r"2 outputs", r"'kind', 'size'"),
        lambda c: c.fit(sample_weight=[np.ones(16)] * 3),
        on=two_outputs,
    ),
    Wrong(
        "weights for an output that does not exist",
        DataError,
        (r"`sample_weight`", r"'knid'", r"'kind', 'size'", r"Did you mean 'kind'\?"),
        lambda c: c.fit(sample_weight={"knid": np.ones(16)}),
        on=two_outputs,
    ),
    Wrong(
        "class weights with names of classes",
        DataError,
        (r"`class_weight`", r"class number", r"'cat'"),
        lambda c: c.fit(class_weight={"cat": 1.0, "dog": 2.0}),
    ),
    Wrong(
        "class weights of negative classes",
        DataError,
        (r"`class_weight`", r"negative", r"-1"),
        lambda c: c.fit(class_weight={-1: 1.0}),
    ),
    Wrong(
        "class weights as a list",
        DataError,
        (r"`class_weight`", r"dictionary", r"\[1\.0, 2\.0, 3\.0\]"),
        lambda c: c.fit(class_weight=[1.0, 2.0, 3.0]),
    ),
    Wrong(
        "class weights without an output",
        DataError,
        (r"`class_weight`", r"2 outputs", r"'kind', 'size'"),
        lambda c: c.fit(class_weight={0: 1.0, 1: 2.0}),
        on=two_outputs,
    ),
    Wrong(
        "class weights without targets",
        DataError,
        (r"`class_weight`", r"y=None"),
        lambda c: c.model.fit(c.x, class_weight={0: 1.0}, verbose=0),
    ),
]

STEPS = [
    Wrong(
        "inputs of another width in a subclassed model",
        ShapeError,
        (
            r"layer 'block/inner' \(Dense\) in model 'handmade', epoch 1, step 1\.",
            r"axis -1 .* value 4",
            r"\(8, 5\)",
            r"Arguments received by Dense",
        ),
        lambda c: c.fit(floats(16, 5)),
        on=subclassed,
    ),
    Wrong(
        "inputs of another width in predict of a subclassed model",
        ShapeError,
        (r"layer 'block/inner' \(Dense\) in model 'handmade', step 1\.", r"value 4", r"\(16, 5\)"),
        lambda c: c.model.predict(floats(16, 5), verbose=0),
        on=subclassed,
    ),
    Wrong(
        "labels beyond the classes of a subclassed model",
        InvalidArgumentError,
        (r"[Mm]odel 'handmade', epoch 1, step 1", r"Output 'output'", r"\[0, 3\)", r"\(8, 3\)"),
        lambda c: c.fit(y=classes(5)),
        on=subclassed,
    ),
    Wrong(
        "labels beyond the classes in evaluate of a subclassed model",
        InvalidArgumentError,
        (r"[Mm]odel 'handmade', step 1", r"\[0, 3\)"),
        lambda c: c.model.evaluate(c.x, classes(5), verbose=0),
        on=subclassed,
    ),
    Wrong(
        "one-hot targets for a sparse loss of a subclassed model",
        ShapeError,
        (r"epoch 1, step 1", r"Output 'output'", r"\(8, 3\)", r"use `categorical_crossentropy`"),
        lambda c: c.fit(y=np.eye(3)[c.y]),
        on=subclassed,
    ),
    Wrong(
        "a word number beyond the vocabulary in predict",
        InvalidArgumentError,
        (r"layer 'vectors' \(Embedding\) in model 'reviews', step 3", r"\[0, 10\)", r"from 0 to 99"),
        lambda c: c.model.predict(unknown_in_the_third_batch(), batch_size=8, verbose=0),
        on=words,
    ),
    Wrong(
        "a word number beyond the vocabulary in fit",
        InvalidArgumentError,
        (
            r"layer 'vectors' \(Embedding\) in model 'reviews', epoch 1, step 1",
            r"\[0, 10\)",
            r"from 99 to 99",
        ),
        lambda c: c.fit(np.full((16, 6), 99)),
        on=words,
    ),
    Wrong(
        "fit before compile",
        NotCompiledError,
        (r"`compile\(\)`", r"`fit\(\)`", r"'plain'"),
        lambda c: _uncompiled().fit(c.x, c.y),
    ),
    Wrong(
        "evaluate before compile",
        NotCompiledError,
        (r"`compile\(\)`", r"`evaluate\(\)`", r"'plain'"),
        lambda c: _uncompiled().evaluate(c.x, c.y),
    ),
    Wrong(
        "train_on_batch before compile",
        NotCompiledError,
        (r"`compile\(\)`", r"`train_on_batch\(\)`", r"'plain'"),
        lambda c: _uncompiled().train_on_batch(c.x, c.y),
    ),
]

ROWS = [*NUMBERS, *ARRAYS, *FITTING, *STEPS]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_wrong_data(row: Wrong) -> None:
    check(row)


def test_warns_of_a_first_epoch_after_the_last_one() -> None:
    case = classifier()
    before = case.model.get_weights()[0]
    with pytest.warns(UserWarning, match=r"runs no epoch.*initial_epoch=5, epochs=3"):
        case.fit(epochs=3, initial_epoch=5)
    np.testing.assert_array_equal(case.model.get_weights()[0], before)


def test_step_number_of_a_later_step() -> None:
    case = words()
    with pytest.raises(InvalidArgumentError, match="epoch 1, step 3") as caught:
        case.model.fit(unknown_in_the_third_batch(), np.ones((24, 1)), batch_size=8, shuffle=False, verbose=0)
    assert isinstance(caught.value.__cause__, IndexError)


def test_step_number_of_a_validation() -> None:
    case = words()
    data = (unknown_in_the_third_batch(), np.ones((24, 1)))
    with pytest.raises(InvalidArgumentError, match="in model 'reviews', validation, step 3"):
        case.fit(validation_data=data)


def test_failed_first_step_of_a_new_model_leaves_statistics_and_metrics_alone() -> None:
    class Normed(Handmade):
        def __init__(self) -> None:
            super().__init__()
            self.norm = layers.BatchNormalization()

        def call(self, x: torch.Tensor) -> torch.Tensor:
            return super().call(self.norm(x))

    model = Normed()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    case = Case(model, floats(16, 4), classes(3))
    case.fit()
    before = state_of(model)
    with pytest.raises(InvalidArgumentError, match="step 1"):
        case.fit(y=classes(7))
    assert state_of(model) == before
