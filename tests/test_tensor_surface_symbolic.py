"""What scripts do with a symbolic tensor: its shape and type answer, and what is computed runs in the model."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import keras as oracle
import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch import KerasTensor, layers, ops
from kerastorch.compat import tensorflow as tf
from kerastorch.errors import ArgumentTypeError, ShapeError

VALUES = np.arange(12, dtype="float32").reshape(2, 2, 3)
ONES = np.ones((2, 3), dtype="float32")

# An expression of a tensor of shape (None, 2, 3), and what it is.
FACTS: list[tuple[str, Any]] = [
    ("x.shape", (None, 2, 3)),
    ("x.shape == (None, 2, 3)", True),
    ("x.shape == [None, 2, 3]", True),
    ("x.shape != (None, 2, 4)", True),
    ("x.shape[1:]", (2, 3)),
    ("x.shape[1:].as_list()", [2, 3]),
    ("x.shape[-1]", 3),
    ("x.shape[0] is None", True),
    ("x.shape.as_list()", [None, 2, 3]),
    ("x.get_shape().as_list()", [None, 2, 3]),
    ("x.shape.rank", 3),
    ("x.shape.ndims", 3),
    ("x.shape.dims", [None, 2, 3]),
    ("x.shape.num_elements() is None", True),
    ("x.shape[1:].num_elements()", 6),
    ("x.shape.is_fully_defined()", False),
    ("x.shape.is_compatible_with((7, 2, 3))", True),
    ("x.shape.merge_with((7, None, None))", (7, 2, 3)),
    ("x.shape.concatenate([4])", (None, 2, 3, 4)),
    ("x.shape + [4]", (None, 2, 3, 4)),
    ("(9,) + x.shape[1:]", (9, 2, 3)),
    ("[9] + x.shape[1:]", (9, 2, 3)),
    ("tuple(x.shape)", (None, 2, 3)),
    ("type(tuple(x.shape)) is tuple", True),
    ("isinstance(x.shape, tuple)", True),
    ("hash(x.shape) == hash((None, 2, 3))", True),
    ("str(x.shape)", "(None, 2, 3)"),
    ("repr(x.shape)", "(None, 2, 3)"),
    ("len(x.shape)", 3),
    ("np.shape(x)", (None, 2, 3)),
    ("np.ndim(x)", 3),
    ("x.ndim", 3),
    ("x.rank", 3),
    ("x.dtype", "float32"),
    ("x.dtype == 'float32'", True),
    ("x.dtype.name", "float32"),
    ("x.dtype.is_floating", True),
    ("x.dtype.is_integer", False),
    ("x.dtype.as_numpy_dtype", np.float32),
    ("x.dtype.base_dtype", "float32"),
    ("x.dtype.size", 4),
    ("x.dtype.max > 1e38", True),
    ("(x > 0).dtype.is_bool", True),
    ("f'{x.dtype}'", "float32"),
    ("tf.as_dtype(x.dtype) == tf.float32", True),
    ("x.name", "given"),
    ("x.op.name", "given"),
    ("(x * 2).op.name.startswith('multiply')", True),
    ("x.set_shape([None, 2, 3]) is None", True),
    ("{x.ref(): 1}[x.ref()]", 1),
    ("x.ref().deref() is x", True),
    ("x.experimental_ref() == x.ref()", True),
    ("x in [x]", True),
    ("(x + 1) in [x]", False),
    ("hash(x) == hash(x)", True),
    ("len({x: 1, x + 1: 2})", 2),
    ("tf.is_tensor(x)", True),
    ("ops.is_tensor(x)", False),
    ("isinstance(x, KerasTensor)", True),
    ("keras.backend.is_keras_tensor(x)", True),
    ("keras.utils.is_keras_tensor(x)", True),
    ("keras.backend.int_shape(x)", (None, 2, 3)),
    ("keras.backend.ndim(x)", 3),
    ("keras.backend.dtype(x)", "float32"),
    ("[part.shape for part in x[0]]", [(3,), (3,)]),
    ("len(x[0])", 2),
    ("pickle.loads(pickle.dumps(x)).shape.as_list()", [None, 2, 3]),
    ("'KerasTensor' in repr(x)", True),
]
SCOPE = {
    "np": np, "tf": tf, "ops": ops, "keras": keras, "pickle": pickle, "KerasTensor": KerasTensor, "array": ONES,
    "torch": torch, "layers": layers,
}  # fmt: skip


def given() -> Any:
    return keras.Input((2, 3), name="given")


@pytest.mark.parametrize(("text", "expected"), FACTS, ids=[text for text, _ in FACTS])
def test_a_symbolic_tensor_answers(text, expected):
    assert eval(text, SCOPE, {"x": given()}) == expected


# What is computed with a symbolic tensor, as NumPy computes it with the values.
COMPUTED = """
    x[:, ::-1] | x[..., ::-1] | x[:, ::-1, ::-2] | x[:, None, ::-1] | x[::-1] | x[:, 0, ::-1] | x[:, :, 2:0:-1]
    x[..., None] | x[:, np.newaxis] | x[..., 0] | x[:, -1] | x[:, :, -2:] | x[::-1, ..., ::-1] | x[:, -1:-3:-1]
    x + array | array + x | x - array | array - x | x * array | array * x | x / array | array / (x + 1) | x // array
    x < array | array < x | x >= array | x == array | x != array | x @ array.T | x ** 2 | 2 ** x | -x | abs(x) | x % 2
    array[::-1] * x | x + np.float64(2) | np.float32(2) - x | np.add(x, array) | np.multiply(array, x) | np.power(x, 2)
    x - 1 | 1 - x | 2 / (x + 1) | (x > 1) & (x < 4) | ~(x > 1) | x * array * 2
"""
TEXTS = [text.strip() for line in COMPUTED.strip().splitlines() for text in line.split(" | ")]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_computed_runs_in_the_model(text):
    call: Callable = eval(f"lambda x: {text}", SCOPE)
    x = given()
    model = keras.Model(x, call(x))
    expected = call(VALUES)
    found = np.asarray(model(VALUES))
    np.testing.assert_allclose(found.astype(float), expected.astype(float), rtol=1e-6)
    assert call(x).shape == (None, *expected.shape[1:])


def test_round_is_that_of_keras():
    x = given()
    found = keras.Model(x, round(x / 4, 1))(VALUES)
    there = oracle.Input((2, 3))
    expected = oracle.Model(there, oracle.ops.round(there / 4, 1))(VALUES)
    np.testing.assert_allclose(found, expected.detach(), rtol=1e-6)


def test_set_shape_fills_in_what_is_unknown():
    x = keras.Input((None, 3))
    x.set_shape((None, 5, 3))
    assert x.shape == (None, 5, 3)
    assert layers.Flatten()(x).shape == (None, 15)
    with pytest.raises(ShapeError, match="incompatible"):
        x.set_shape((None, 6, 3))


NO_VALUES: dict[str, Callable] = {
    "no values": lambda x: x.numpy(),
    "no values of eval": lambda x: x.eval(),
    "no array value": lambda x: np.asarray(x),
    "no float value": lambda x: float(x),
    "no integer value": lambda x: int(x),
    "no truth value": lambda x: bool(x > 0),
    "no length": lambda x: len(x),
    "cannot be iterated over": lambda x: list(x),
    "cannot go into NumPy's `exp`": lambda x: np.exp(x),
    "cannot go into NumPy's `mean`": lambda x: np.mean(x),
    "cannot go into NumPy's `concatenate`": lambda x: np.concatenate([x, ONES[None]]),
}


@pytest.mark.parametrize("message", NO_VALUES)
def test_values_of_a_symbolic_tensor_are_refused(message):
    with pytest.raises(ArgumentTypeError, match=message.removesuffix(" of eval")):
        NO_VALUES[message](given())
