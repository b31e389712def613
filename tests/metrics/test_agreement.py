"""Results equal Keras's over streams of batches, with every kind of weight, mask and type."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import metrics
from tests.metrics import cases
from tests.metrics.cases import ALL, AUCS, BATCH, CONFUSION, MEANS, agree, label, pair, tensors


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize("case", ALL, ids=label)
def test_a_stream_of_batches(case, rng):
    ours, theirs = pair(case)
    for _ in range(3):
        y_true, y_pred = case[2](rng)
        ours.update_state(*tensors(y_true, y_pred))
        theirs.update_state(y_true, y_pred)
        agree(ours, theirs)


@pytest.mark.parametrize("case", [c for c in ALL if c != ("AUC", {}, cases.steps)], ids=label)
def test_a_weight_for_each_sample(case, rng):
    ours, theirs = pair(case)
    for _ in range(2):
        y_true, y_pred = case[2](rng)
        weight = rng.random(BATCH, "float32")
        if case[0].endswith("IoU") and y_true.ndim > 1 and "OneHot" not in case[0]:
            weight = weight[:, None]
        ours.update_state(*tensors(y_true, y_pred), sample_weight=torch.as_tensor(weight))
        theirs.update_state(y_true, y_pred, sample_weight=weight)
    agree(ours, theirs, 2e-6)


@pytest.mark.parametrize(
    "case",
    [c for c in MEANS + CONFUSION + AUCS if c[2] is not cases.steps and "ignore_class" not in c[1]],
    ids=label,
)
@pytest.mark.parametrize("shape", [(), (BATCH, 1)], ids=["scalar", "column"])
def test_weights_of_other_ranks(case, shape, rng):
    if shape and case[2] is cases.flat and case in CONFUSION + AUCS:
        shape = (BATCH,)  # Keras takes no columns for vectors here
    if case[2].__name__.endswith("steps"):
        shape = shape and (BATCH, 3)
    ours, theirs = pair(case)
    y_true, y_pred = case[2](rng)
    weight = np.asarray(rng.random(shape), "float32")
    ours.update_state(*tensors(y_true, y_pred, weight))
    theirs.update_state(y_true, y_pred, weight)
    agree(ours, theirs, 2e-6)


@pytest.mark.parametrize(
    ("values", "weight"),
    [
        ((6,), None),
        ((6,), (6,)),
        ((6, 1), (6,)),
        ((6,), (6, 1)),
        ((6, 4), None),
        ((6, 4), (6,)),
        ((6, 4), (6, 1)),
        ((6, 4), (6, 4)),
        ((6, 4, 1), (6, 4)),
        ((6, 4, 2), (6, 4)),
        ((6, 4, 2), (6, 4, 1)),
        ((6, 4, 2), (6,)),
        ((6, 4, 2), ()),
        ((), None),
        ((), ()),
        ((1,), ()),
        ((0,), None),
        ((0,), (0,)),
        ((0, 3), None),
    ],
)
@pytest.mark.parametrize("name", ["Mean", "Sum"])
def test_reductions_of_values_and_weights_of_any_rank(name, values, weight, rng):
    ours, theirs = getattr(metrics, name)(), getattr(keras.metrics, name)()
    for _ in range(2):
        data = np.asarray(rng.random(values), "float32")
        weights = None if weight is None else np.asarray(rng.random(weight), "float32")
        ours.update_state(*tensors(data, weights))
        theirs.update_state(data, weights)
    agree(ours, theirs)
    for own, other in zip(ours.variables, theirs.variables, strict=True):
        assert (own.name, own.dtype) == (other.name, getattr(torch, other.dtype))
        np.testing.assert_allclose(own.numpy(), other.numpy(), rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "weight"),
    [
        (3.0, None),
        (3, 2),
        (True, None),
        ([1, 3, 5, 7], [1, 1, 0, 0]),
        ([[1.0, 2.0]], 3.0),
        (np.float64(2.5), 4),
    ],
)
@pytest.mark.parametrize("name", ["Mean", "Sum"])
def test_reductions_of_plain_numbers_and_lists(name, values, weight):
    ours, theirs = getattr(metrics, name)(), getattr(keras.metrics, name)()
    ours.update_state(values, sample_weight=weight)
    theirs.update_state(np.asarray(values), sample_weight=weight)
    agree(ours, theirs)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["BinaryAccuracy", "MeanSquaredError", "Mean", "TruePositives", "AUC"])
def test_types_of_metrics(name, dtype, rng):
    ours, theirs = getattr(metrics, name)(dtype=dtype), getattr(keras.metrics, name)(dtype=dtype)
    y_true, y_pred = cases.flat(rng)
    data = (y_pred,) if name == "Mean" else (y_true, y_pred)
    ours.update_state(*tensors(*data))
    theirs.update_state(*data)
    assert [v.dtype for v in ours.variables] == [getattr(torch, v.dtype) for v in theirs.variables]
    agree(ours, theirs, 2e-3 if dtype == "float16" else 1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
@pytest.mark.parametrize(
    "case", [c for c in MEANS + AUCS if c[2] in (cases.binary, cases.one_hot)], ids=label
)
def test_types_of_predictions(case, dtype, rng):
    ours, exact = pair(case)[0], pair(case)[0]
    y_true, y_pred = tensors(*case[2](rng))
    y_pred = y_pred.to(getattr(torch, dtype))
    ours.update_state(y_true, y_pred)
    exact.update_state(y_true, y_pred.float())
    assert ours.result().dtype == torch.float32
    np.testing.assert_allclose(ours.result(), exact.result(), rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize("dtype", ["bool", "int32", "int64", "uint8", "float64"])
@pytest.mark.parametrize(
    "case", [c for c in ALL if c[2] in (cases.binary, cases.flat, cases.many)], ids=label
)
def test_types_of_labels(case, dtype, rng):
    ours, theirs = pair(case)
    y_true, y_pred = case[2](rng)
    y_true = y_true.astype(dtype)
    ours.update_state(*tensors(y_true, y_pred))
    theirs.update_state(y_true.astype("float32"), y_pred)
    agree(ours, theirs, 2e-6)


WITH_STEPS = [c for c in MEANS if c[2].__name__.endswith("steps") and c[0] != "CosineSimilarity"]


@pytest.mark.parametrize("case", WITH_STEPS, ids=label)
@pytest.mark.parametrize("shape", [None, (BATCH,), (BATCH, 1), (BATCH, 3)], ids=str)
def test_masks_of_predictions(case, shape, rng):
    ours, theirs = pair(case)
    for _ in range(2):
        y_true, y_pred = tensors(*case[2](rng))
        y_pred._keras_mask = torch.as_tensor(rng.random((BATCH, 3)) > 0.3)
        weight = None if shape is None else torch.as_tensor(rng.random(shape, "float32"))
        ours.update_state(y_true, y_pred, weight)
        if weight is not None:  # Keras wants a weight for each step when there is a mask
            weight = (weight[:, None] if weight.ndim == 1 else weight).repeat(1, 3 // weight[0].numel())
        theirs.update_state(y_true, y_pred, weight)
    agree(ours, theirs, 2e-6)


@pytest.mark.parametrize("case", [c for c in ALL if c[0] not in ("R2Score", "PearsonCorrelation")], ids=label)
def test_nothing_seen_is_zero_or_as_in_keras(case, rng):
    ours, theirs = pair(case)
    if hasattr(theirs, "_built") and not theirs._built:  # Keras fails here
        assert float(ours.result()) == 0
    else:
        agree(ours, theirs)


@pytest.mark.parametrize("case", [c for c in MEANS if "ross" not in c[0]] + CONFUSION + AUCS, ids=label)
def test_an_empty_batch_changes_nothing(case, rng):
    ours, _ = pair(case)
    y_true, y_pred = tensors(*case[2](rng))
    ours.update_state(y_true, y_pred)
    before = ours.result()
    ours.update_state(y_true[:0], y_pred[:0])
    assert torch.equal(before, ours.result())


@pytest.mark.parametrize(
    "data",
    [
        ([0, 0, 1, 1], [0.0, 1.0, 0.0, 1.0]),
        ([1, 1, 1, 1], [0.1, 0.2, 0.3, 0.4]),
        ([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4]),
        ([0, 1, 0, 1], [-3.0, 7.0, 1.0000001, -1e-9]),
        ([1, 0, 1, 0], [0.25, 0.5, 0.75, 0.005025126]),
        ([1, 0], [np.inf, -np.inf]),
    ],
)
@pytest.mark.parametrize(
    "case", AUCS[:3] + AUCS[-7:-5] + [c for c in CONFUSION if c[2] is cases.flat], ids=label
)
def test_predictions_on_and_outside_the_edges(case, data):
    ours, theirs = pair(case)
    y_true, y_pred = np.asarray(data[0], "float32"), np.asarray(data[1], "float32")
    ours.update_state(*tensors(y_true, y_pred))
    theirs.update_state(y_true, y_pred)
    agree(ours, theirs)


@pytest.mark.parametrize("arguments", [{}, {"thresholds": [0.3, 0.4]}])
def test_predictions_that_are_no_numbers_count_as_negative(arguments):
    ours, plain = metrics.AUC(**arguments), metrics.AUC(**arguments)
    y_true = torch.tensor([1.0, 0.0, 1.0])
    ours.update_state(y_true, torch.tensor([0.9, 0.35, torch.nan]))
    plain.update_state(y_true, torch.tensor([0.9, 0.35, 0.0]))
    assert torch.equal(ours.result(), plain.result())


@pytest.mark.parametrize("k", [3, 5, 9])
def test_top_k_takes_more_than_there_are_classes_as_tensorflow_does(k):
    metric = metrics.SparseTopKCategoricalAccuracy(k=k)
    metric.update_state(torch.tensor([0, 2, 1]), torch.eye(3))
    assert float(metric.result()) == 1.0


def test_top_k_never_holds_unknown_labels_or_predictions_that_are_no_numbers():
    scores = torch.tensor([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0], [torch.nan] * 3, [2.0, 2.0, 1.0]])
    found = metrics.sparse_top_k_categorical_accuracy(torch.tensor([-1, 3, 0, 1]), scores, k=1)
    assert found.tolist() == [0.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("binary_accuracy", cases.steps),
        ("categorical_accuracy", cases.one_hot_steps),
        ("sparse_categorical_accuracy", cases.sparse_steps),
        ("sparse_categorical_accuracy", cases.sparse_column),
        ("top_k_categorical_accuracy", cases.one_hot_steps),
        ("sparse_top_k_categorical_accuracy", cases.sparse_steps),
        ("pearson_correlation", cases.numbers),
        ("concordance_correlation", cases.numbers),
        ("mean_squared_error", cases.numbers),
    ],
)
def test_functions(name, data, rng):
    y_true, y_pred = data(rng)
    expected = keras.ops.convert_to_numpy(getattr(keras.metrics, name)(y_true, y_pred))
    for arrays in ((y_true, y_pred), tensors(y_true, y_pred)):
        found = getattr(metrics, name)(*arrays)
        assert found.dtype == torch.float32
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["CategoricalAccuracy", "SparseCategoricalAccuracy"])
def test_logits_and_probabilities_do_equally(name, rng):
    y_true, logits = tensors(*(cases.one_hot if name.startswith("C") else cases.sparse)(rng))
    ours, other = getattr(metrics, name)(), getattr(metrics, name)()
    ours.update_state(y_true, logits * 9 - 4)
    other.update_state(y_true, (logits * 9 - 4).softmax(-1))
    assert torch.equal(ours.result(), other.result())
