"""Sample weights of every rank and type, on every loss and under every reduction."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import losses
from tests.losses.cases import CASES, KINDS, case_id, inputs, shapes
from tests.losses.oracle import DISTINCT, agree, agree_with_gradients, pair

WEIGHTS = {
    "scalar": (),
    "one": (1,),
    "row": (1, 3),
    "column": (6, 1),
    "full": (6, 3),
    "with axis": (6, 3, 1),
}
PER_SAMPLE = {"Dice": {"axis": (1,)}, "Tversky": {"axis": (1,)}}


def positive(shape, seed=1):
    return np.random.default_rng(seed).uniform(0.5, 2.0, size=shape).astype("float32")


@pytest.mark.parametrize("shape", WEIGHTS.values(), ids=WEIGHTS.keys())
@pytest.mark.parametrize("reduction", DISTINCT)
@pytest.mark.parametrize("name", [name for name in KINDS if (6, 4) in shapes(name) and name != "Circle"])
def test_every_rank(name, reduction, shape):
    options = {"axis": (2,)} if name in PER_SAMPLE else {}
    agree_with_gradients(pair(name, options, reduction), *inputs(name, {}, (6, 3, 4)), positive(shape))


@pytest.mark.parametrize("shape", [(6,), (6, 1)], ids=str)
@pytest.mark.parametrize("reduction", DISTINCT)
@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
def test_one_weight_per_sample(name, options, reduction, shape):
    if options.get("axis") == 1:
        options = {**options, "axis": -1}
    options = {**options, **PER_SAMPLE.get(name, {})}
    agree_with_gradients(pair(name, options, reduction), *inputs(name, options), positive(shape))


@pytest.mark.parametrize("reduction", DISTINCT)
@pytest.mark.parametrize("name", PER_SAMPLE)
@pytest.mark.parametrize("shape", [(), (6,), (6, 1)], ids=str)
def test_one_value_for_the_batch(name, reduction, shape):
    # As in Keras, the weights multiply the one value.
    agree_with_gradients(pair(name, {}, reduction), *inputs(name, {}), positive(shape))


@pytest.mark.parametrize("steps", [4, 3], ids=["square", "oblong"])
def test_weight_per_sample_spans_the_steps(steps):
    # Keras 3 on torch lines the weights up with the last axis; TensorFlow's documentation has one weight per sample.
    y_true, y_pred = inputs("MeanSquaredError", {}, (4, steps, 2))
    weight = np.array([0.0, 1.0, 2.0, 3.0], dtype="float32")
    got = losses.MeanSquaredError()(y_true, y_pred, weight)
    expected = (((y_true - y_pred) ** 2).mean(-1) * weight[:, None]).mean()
    assert got.item() == pytest.approx(expected, rel=1e-5)


FORMS = {
    "number": 2,
    "list": [1, 0, 2, 1, 3, 1],
    "floats": [0.5, 1.0, 0.0, 2.0, 1.0, 1.5],
    "bools": np.array([True, False, True, True, False, True]),
    "ints": np.arange(6),
    "bytes": np.arange(6, dtype="uint8"),
    "float64": np.linspace(0, 1, 6),
    "float16": np.linspace(0, 1, 6).astype("float16"),
    "tensor": torch.arange(6.0),
    "int tensor": torch.arange(6),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight"])
@pytest.mark.parametrize("name", ["MeanSquaredError", "SparseCategoricalCrossentropy"])
def test_every_form(name, reduction, form):
    agree_with_gradients(pair(name, {}, reduction), *inputs(name, {}), FORMS[form])


@pytest.mark.parametrize("name", [name for name in KINDS if name not in PER_SAMPLE])
def test_all_zero(name):
    for reduction in ("sum_over_batch_size", "mean_with_sample_weight", "sum"):
        y_true, y_pred = inputs(name, {})
        ours, theirs = pair(name, {}, reduction)
        agree(ours(y_true, y_pred, np.zeros(6)), theirs(y_true, y_pred, np.zeros(6)))


def test_gradient_reaches_learned_weights():
    weight = torch.ones(3, requires_grad=True)
    losses.MeanSquaredError(reduction="sum")(
        torch.zeros(3, 1), torch.tensor([[1.0], [2.0], [3.0]]), weight
    ).backward()
    torch.testing.assert_close(weight.grad, torch.tensor([1.0, 4.0, 9.0]))
