"""Every metric on every family of data agrees with Keras: weights, masks, logits, edges, ranks and types.

Where Keras itself fails, the result is checked by other tests, or the error is one of ours.
"""

from __future__ import annotations

from contextlib import suppress

import keras
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kerastorch import metrics
from kerastorch.errors import KerasTorchError
from tests.metrics.cases import ALL, label, pair

CASES = {label(case): case for case in ALL}
EDGES = np.array([0, 1, 0.5, 0.25, 1 / 3, 0.1, 0.2, 0.3, 0.7, 0.4], "float32")


def weighted(shape_of, draw=np.random.Generator.random):
    """Data with weights; `shape_of` gives their shape for that of the predictions."""
    return lambda rng, y, p: (y, p, np.asarray(draw(rng, shape_of(p.shape))).astype("float32"))


def typed(labels=None, predictions=None):
    return lambda rng, y, p: (y.astype(labels or y.dtype), p.astype(predictions or p.dtype), None)


FAMILIES = {
    "a weight for each sample": weighted(lambda shape: shape[:1]),
    "a column of weights": weighted(lambda shape: (shape[0], 1)),
    "a weight for each step": weighted(lambda shape: shape[:2]),
    "one weight": weighted(lambda shape: ()),
    "no weight above zero": weighted(lambda shape: shape[:1], lambda rng, shape: np.zeros(shape)),
    "whole weights": weighted(lambda shape: shape[:1], lambda rng, shape: rng.integers(0, 3, shape)),
    "weights that are booleans": lambda rng, y, p: (y, p, rng.random(len(p)) > 0.4),
    "edges": lambda rng, y, p: (y, rng.choice(EDGES, p.shape).astype(p.dtype), None),
    "logits": lambda rng, y, p: (y, (p * 20 - 10).astype(p.dtype), None),
    "constants": lambda rng, y, p: (y * 0 + 1, p * 0 + 1, None),
    "one sample": lambda rng, y, p: (y[:1], p[:1], None),
    "labels without their last axis": lambda rng, y, p: (y[..., 0] if y.shape[-1:] == (1,) else y, p, None),
    "float64": typed("float64", "float64"),
    "labels of int64": typed("int64"),
    "labels of int32": typed("int32"),
    "labels of bool": typed("bool"),
}
# Weights of other shapes than (batch,) get one axis too many in Keras's F scores.
SKEWED = {"F1Score", "FBetaScore"}
TABLE = [
    pytest.param(name, family, id=f"{name}-{family}")
    for name in CASES
    for family in FAMILIES
    if not (family in ("a column of weights", "a weight for each step") and CASES[name][0] in SKEWED)
]


def result(metric, batches):
    """What a metric gives for batches, and the names, shapes and values of its state."""
    for y_true, y_pred, weight in batches:
        metric.update_state(y_true, y_pred, sample_weight=weight)
    state = [(v.name, tuple(v.shape), np.asarray(keras.ops.convert_to_numpy(v))) for v in metric.variables]
    return np.asarray(keras.ops.convert_to_numpy(metric.result())), state


def as_tensors(batches):
    return [[None if part is None else torch.as_tensor(part) for part in batch] for batch in batches]


def check(case, batches):
    ours, theirs = pair(case)
    expected = None
    with suppress(Exception):
        expected = result(theirs, batches)
    if expected is None:
        with suppress(KerasTorchError):
            result(ours, as_tensors(batches))
        return
    found = result(ours, as_tensors(batches))
    assert [part[:2] for part in found[1]] == [part[:2] for part in expected[1]]
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-5, atol=2e-6)
    for own, other in zip(found[1], expected[1], strict=True):
        # Keras subtracts sums of float32 where an exact count of nothing is 0.
        np.testing.assert_allclose(own[2], other[2], rtol=1e-5, atol=2e-5)


@pytest.mark.filterwarnings("ignore:Metric '")  # classes out of range, on purpose
@pytest.mark.parametrize(("name", "family"), TABLE)
def test_families(name, family):
    rng = np.random.default_rng(3)
    check(CASES[name], [FAMILIES[family](rng, *CASES[name][2](rng)) for _ in range(2)])


FLOATS = st.one_of(st.sampled_from(EDGES.tolist()), st.floats(0, 1, width=32))


@st.composite
def batches(draw, columns):
    """Two batches of labels 0 and 1, predictions on edges and between them, and perhaps weights."""
    made = []
    for _ in range(2):
        shape = (draw(st.integers(1, 9)), columns)
        y_true = draw(hnp.arrays("float32", shape, elements=st.sampled_from([0.0, 1.0])))
        y_pred = draw(hnp.arrays("float32", shape, elements=FLOATS))
        weight = draw(
            st.none() | hnp.arrays("float32", shape[:1], elements=st.sampled_from([0.0, 0.25, 1.0, 2.0]))
        )
        made.append((y_true, y_pred, weight))
    return made


COUNTS = [
    ("AUC", {}, 1),
    ("AUC", {"curve": "PR", "num_thresholds": 7}, 1),
    ("AUC", {"multi_label": True, "num_thresholds": 11}, 3),
    ("AUC", {"thresholds": [0.3, 0.7, 0.25]}, 1),
    ("Precision", {"thresholds": [0.2, 0.5, 0.7]}, 2),
    ("Precision", {"class_id": 1}, 3),
    ("Recall", {}, 1),
    ("TruePositives", {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, 1),
    ("BinaryAccuracy", {"threshold": 0.3}, 2),
    ("BinaryIoU", {"threshold": 0.3, "dtype": "float32"}, 1),
    ("FBetaScore", {"beta": 0.5, "average": "weighted", "threshold": 0.25}, 3),
    ("MeanSquaredError", {}, 2),
    ("MeanAbsoluteError", {}, 3),
    ("BinaryCrossentropy", {}, 1),
    ("Hinge", {}, 2),
    ("Poisson", {}, 2),
]


@pytest.mark.parametrize("case", COUNTS, ids=lambda case: f"{case[0]}-{case[1]}")
@settings(max_examples=25, derandomize=True, deadline=None, database=None)
@given(data=st.data())
def test_any_labels_predictions_and_weights(case, data):
    check(case, data.draw(batches(case[2])))


@pytest.mark.parametrize(
    ("metric", "data", "expected"),
    [
        (metrics.Mean(), ([1, 3, 5, 7],), 2.0),
        (metrics.AUC(curve="PR", num_thresholds=3), ([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]), 0.0),
    ],
    ids=["Mean", "AUC"],
)
def test_negative_weights_subtract_as_in_keras(metric, data, expected):
    weight = [-1, -1, 0, 0] if len(data) == 1 else [-1, -2, -3, -4]
    assert float(metric(*data, sample_weight=weight)) == expected
