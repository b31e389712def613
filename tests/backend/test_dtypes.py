"""Keras's rules for the type of a result, over all pairs and many triples of types."""

from __future__ import annotations

import itertools

import keras
import pytest

from kerastorch import backend
from kerastorch.dtypes import TORCH_DTYPES
from kerastorch.errors import InvalidArgumentError

FLOAT8 = ["float8_e4m3fn", "float8_e5m2"]
KINDS = [*(name for name in TORCH_DTYPES if name not in FLOAT8), int, float, None]


@pytest.mark.parametrize("first", KINDS, ids=str)
def test_result_types_are_keras_s(first):
    calls = [(first,), *itertools.product([first], KINDS), *itertools.product([first], KINDS, KINDS)]
    found = {call: backend.result_type(*call) for call in calls}
    assert found == {call: keras.backend.result_type(*call) for call in calls}


@pytest.mark.parametrize("floatx", ["float16", "float64"])
def test_python_numbers_take_the_size_of_the_default_float(floatx):
    backend.set_floatx(floatx)
    keras.backend.set_floatx(floatx)
    try:
        for call in [(), (int,), (float,), (int, float), ("bool", int), ("uint64", "int8"), ("int8", float)]:
            assert backend.result_type(*call) == keras.backend.result_type(*call)
    finally:
        backend.set_floatx("float32")
        keras.backend.set_floatx("float32")


def test_text_and_numbers_have_no_common_type():
    assert backend.result_type("string") == "string"
    with pytest.raises(InvalidArgumentError, match="no common type"):
        backend.result_type("string", "int32")


@pytest.mark.parametrize("kind", FLOAT8)
def test_floats_of_eight_bits_turn_into_no_other_type_by_themselves(kind):
    with pytest.raises(InvalidArgumentError, match="no implicit conversions from float8 dtypes"):
        backend.result_type(kind, "bfloat16")


@pytest.mark.parametrize("kind", list(TORCH_DTYPES))
def test_kinds_of_types_are_keras_s(kind):
    assert backend.is_float_dtype(kind) == keras.backend.is_float_dtype(kind)
    assert backend.is_int_dtype(kind) == keras.backend.is_int_dtype(kind)
    assert backend.standardize_dtype(kind) == keras.backend.standardize_dtype(kind)
