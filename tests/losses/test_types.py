"""Types: of targets and predictions, of the computation, and of what is given by hand."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import losses
from tests.losses.cases import KINDS, inputs
from tests.losses.oracle import agree, pair

TARGETS = ["bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", TARGETS)
@pytest.mark.parametrize("name", KINDS)
def test_targets(name, dtype):
    y_true, y_pred = inputs(name, {})
    if dtype == "bool":
        y_true = y_true > 0
    elif dtype == "uint8":
        y_true = np.abs(y_true)
    y_true = y_true.astype(dtype)
    ours, theirs = pair(name, {})
    agree(ours(y_true, y_pred), theirs(y_true, y_pred))
    agree(
        ours(torch.tensor(y_true), torch.tensor(y_pred)), theirs(torch.tensor(y_true), torch.tensor(y_pred))
    )


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "int16", "float32", "float64"])
@pytest.mark.parametrize("form", ["plain", "column"])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("shape", [(6, 4), (3, 5, 4)], ids=str)
def test_labels(dtype, form, from_logits, shape):
    options = {"from_logits": from_logits}
    y_true, y_pred = inputs("SparseCategoricalCrossentropy", options, shape)
    y_true = y_true.astype(dtype)[..., None] if form == "column" else y_true.astype(dtype)
    ours, theirs = pair("SparseCategoricalCrossentropy", options)
    y_true, y_pred = torch.tensor(y_true), torch.tensor(y_pred)
    agree(ours(y_true, y_pred), theirs(y_true, y_pred))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64", "int32"])
@pytest.mark.parametrize("name", KINDS)
def test_predictions_are_computed_in_float32(name, dtype):
    y_true, y_pred = inputs(name, {})
    y_pred = torch.tensor(y_pred).to(getattr(torch, dtype))
    ours, theirs = pair(name, {}, "sum")
    agree(ours(torch.tensor(y_true), y_pred), theirs(torch.tensor(y_true), y_pred), rtol=1e-4)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16", "mixed_bfloat16", "mixed_float16"])
def test_type_of_computation(name, dtype):
    y_true, y_pred = inputs(name, {})
    ours, theirs = pair(name, {}, dtype=dtype)
    assert ours.dtype == theirs.dtype
    got, expected = ours(y_true, y_pred), theirs(y_true, y_pred)
    assert got.dtype == getattr(torch, ours.dtype)  # Keras returns float32 for a mean in float64
    close = 1e-6 if dtype == "float64" else 0.05
    np.testing.assert_allclose(got.double().numpy(), expected.double().numpy(), rtol=close, atol=close)


@pytest.mark.parametrize(
    "dtype", [torch.float64, "float64", np.float64, kerastorch.DTypePolicy("float64")], ids=str
)
def test_ways_to_name_the_type(dtype):
    loss = losses.MeanSquaredError(dtype=dtype)
    assert loss.dtype == "float64"
    assert loss([[0.0]], [[1.0]]).dtype == torch.float64


def test_default_type_is_floatx():
    before = kerastorch.config.floatx()
    kerastorch.config.set_floatx("float64")
    try:
        assert losses.MeanSquaredError()([[0.0]], [[1.0]]).dtype == torch.float64
    finally:
        kerastorch.config.set_floatx(before)


FORMS = {
    "lists": lambda a: a.tolist(),
    "tuples": lambda a: tuple(map(tuple, a.tolist())) if a.ndim > 1 else tuple(a.tolist()),
    "arrays": lambda a: a,
    "tensors": torch.tensor,
    "lists of arrays": list,
    "lists of tensors": lambda a: list(torch.tensor(a)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", KINDS)
def test_forms(name, form):
    y_true, y_pred = inputs(name, {})
    loss = losses.get(name)
    options = {"q": 0.5} if "Generalized" in name else {}
    # A loss object takes a list of arrays for a structure of outputs, a function takes it for one array.
    call = functools.partial(loss.fn, **options) if form.startswith("lists of") else loss
    agree(call(FORMS[form](y_true), FORMS[form](y_pred)), call(y_true, y_pred))


@pytest.mark.parametrize(
    "name", [name for name, kind in KINDS.items() if kind in ("numbers", "rates", "binary")]
)
def test_single_numbers(name):
    ours, theirs = pair(name, {})
    agree(ours(0.5, 0.25), theirs(0.5, 0.25))
