"""Every metric with the arguments to try, and data that it can take."""

from __future__ import annotations

import keras
import numpy as np
import torch

from kerastorch import metrics

BATCH = 12


def binary(rng, shape=(BATCH, 1)):
    return rng.integers(0, 2, shape).astype("float32"), rng.random(shape, "float32")


def flat(rng):
    return binary(rng, (BATCH,))


def many(rng):
    return binary(rng, (BATCH, 4))


def steps(rng):
    return binary(rng, (BATCH, 3, 2))


def numbers(rng):
    return rng.normal(size=(BATCH, 3)).astype("float32"), rng.normal(size=(BATCH, 3)).astype("float32")


def positive(rng):
    return rng.random((BATCH, 3), "float32") + 0.1, rng.random((BATCH, 3), "float32") + 0.1


def one_hot(rng, shape=(BATCH,)):
    scores = rng.random((*shape, 5), "float32")
    labels = np.eye(5, dtype="float32")[rng.integers(0, 5, shape)]
    return labels, scores / scores.sum(-1, keepdims=True)


def sparse(rng):
    labels, scores = one_hot(rng)
    return labels.argmax(-1), scores


def sparse_column(rng):
    labels, scores = sparse(rng)
    return labels[:, None], scores


def sparse_steps(rng):
    labels, scores = one_hot(rng, (BATCH, 3))
    return labels.argmax(-1), scores


def one_hot_steps(rng):
    return one_hot(rng, (BATCH, 3))


def signs(rng):
    return (
        rng.integers(0, 2, (BATCH, 3)).astype("float32") * 2 - 1,
        rng.normal(size=(BATCH, 3)).astype("float32"),
    )


def classes(rng):
    return rng.integers(0, 3, (BATCH,)), rng.integers(0, 3, (BATCH,))


def equal_numbers(rng):
    return rng.integers(0, 3, (BATCH, 1)), rng.integers(0, 3, (BATCH, 1)).astype("float32")


def ids(rng):
    return rng.integers(0, 5, (BATCH,)), np.stack([rng.permutation(5) for _ in range(BATCH)])


# (class, arguments, data); each goes through every kind of weight.
MEANS = [
    ("Accuracy", {}, equal_numbers),
    ("BinaryAccuracy", {}, binary),
    ("BinaryAccuracy", {}, flat),
    ("BinaryAccuracy", {}, steps),
    ("BinaryAccuracy", {"threshold": 0.3}, many),
    ("CategoricalAccuracy", {}, one_hot),
    ("CategoricalAccuracy", {}, one_hot_steps),
    ("SparseCategoricalAccuracy", {}, sparse),
    ("SparseCategoricalAccuracy", {}, sparse_column),
    ("SparseCategoricalAccuracy", {}, sparse_steps),
    ("TopKCategoricalAccuracy", {"k": 2}, one_hot),
    ("TopKCategoricalAccuracy", {"k": 2}, one_hot_steps),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, sparse),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, sparse_steps),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, ids),
    ("MeanSquaredError", {}, numbers),
    ("MeanSquaredError", {}, steps),
    ("MeanAbsoluteError", {}, numbers),
    ("MeanAbsolutePercentageError", {}, numbers),
    ("MeanSquaredLogarithmicError", {}, positive),
    ("RootMeanSquaredError", {}, numbers),
    ("RootMeanSquaredError", {}, flat),
    ("CosineSimilarity", {}, numbers),
    ("CosineSimilarity", {"axis": 1}, steps),
    ("LogCoshError", {}, numbers),
    ("KLDivergence", {}, one_hot),
    ("Poisson", {}, positive),
    ("BinaryCrossentropy", {}, binary),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, many),
    ("CategoricalCrossentropy", {}, one_hot),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, one_hot),
    ("CategoricalCrossentropy", {}, one_hot_steps),
    ("SparseCategoricalCrossentropy", {}, sparse),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, sparse_steps),
    ("SparseCategoricalCrossentropy", {"ignore_class": 0}, sparse),
    ("Hinge", {}, signs),
    ("Hinge", {}, many),
    ("SquaredHinge", {}, signs),
    ("CategoricalHinge", {}, one_hot),
    ("PearsonCorrelation", {}, numbers),
    ("ConcordanceCorrelation", {}, numbers),
]

CONDITIONS = ("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives")
THRESHOLDS = (
    {},
    {"thresholds": 0.3},
    {"thresholds": [0.7, 0.2, 0.25]},
    {"thresholds": [0.0, 0.5, 1.0]},
    {"thresholds": [0.1, 0.9]},
)
CONFUSION = [
    *((name, arguments, flat) for name in CONDITIONS for arguments in THRESHOLDS),
    *((name, arguments, many) for name in ("Precision", "Recall") for arguments in THRESHOLDS),
    *((name, {"top_k": 2}, one_hot) for name in ("Precision", "Recall")),
    *((name, {"class_id": 1}, one_hot) for name in ("Precision", "Recall")),
    *(
        (name, {"top_k": 2, "class_id": 3, "thresholds": [0.1, 0.3]}, one_hot)
        for name in ("Precision", "Recall")
    ),
    *((name, {}, binary) for name in ("Precision", "Recall", "TruePositives")),
    ("SensitivityAtSpecificity", {"specificity": 0.4}, flat),
    ("SensitivityAtSpecificity", {"specificity": 0.4, "num_thresholds": 1}, flat),
    ("SpecificityAtSensitivity", {"sensitivity": 0.4, "num_thresholds": 9}, binary),
    ("PrecisionAtRecall", {"recall": 0.4}, many),
    ("PrecisionAtRecall", {"recall": 0.4, "class_id": 2}, one_hot),
    ("RecallAtPrecision", {"precision": 0.6}, flat),
]

CURVES = [
    {"curve": curve, "summation_method": method}
    for curve in ("ROC", "PR", "PRGAIN")
    for method in ("interpolation", "minoring", "majoring")
]
AUCS = [
    *(("AUC", arguments, binary) for arguments in CURVES),
    *(("AUC", {**arguments, "multi_label": True}, many) for arguments in CURVES[:6]),
    ("AUC", {"num_thresholds": 2}, flat),
    ("AUC", {"thresholds": [0.8, 0.3, 0.35]}, flat),
    ("AUC", {"thresholds": [0.25, 0.5, 0.75]}, flat),
    ("AUC", {"thresholds": [0.3, 0.4], "multi_label": True, "num_labels": 4}, many),
    ("AUC", {"from_logits": True}, binary),
    ("AUC", {"label_weights": [1.0, 2.0, 0.5, 0.0]}, many),
    ("AUC", {"label_weights": [1.0, 2.0, 0.5, 0.0], "multi_label": True}, many),
    ("AUC", {}, steps),
]

AVERAGES = (None, "micro", "macro", "weighted")
OTHERS = [
    *(("F1Score", {"average": average}, one_hot) for average in AVERAGES),
    *(("FBetaScore", {"average": average, "beta": 2.0, "threshold": 0.4}, many) for average in AVERAGES),
    ("R2Score", {}, numbers),
    ("R2Score", {"class_aggregation": None}, numbers),
    ("R2Score", {"class_aggregation": "variance_weighted_average", "num_regressors": 2}, numbers),
    ("IoU", {"num_classes": 3, "target_class_ids": [0, 2], "dtype": "float32"}, classes),
    ("MeanIoU", {"num_classes": 3, "ignore_class": 1, "dtype": "float32"}, classes),
    ("MeanIoU", {"num_classes": 4, "dtype": "float32"}, classes),
    ("BinaryIoU", {"threshold": 0.4, "dtype": "float32"}, flat),
    ("OneHotIoU", {"num_classes": 5, "target_class_ids": [1], "dtype": "float32"}, one_hot),
    ("OneHotMeanIoU", {"num_classes": 5, "dtype": "float32"}, one_hot),
]
ALL = MEANS + CONFUSION + AUCS + OTHERS


def label(case):
    name, arguments, data = case
    return "-".join([name, *(f"{k}={v}" for k, v in arguments.items()), data.__name__])


def pair(case):
    """The same metric here and in Keras."""
    name, arguments, _ = case
    return getattr(metrics, name)(**arguments), getattr(keras.metrics, name)(**arguments)


def tensors(*arrays):
    return [None if a is None else torch.as_tensor(a) for a in arrays]


def agree(ours, theirs, tolerance=1e-6):
    np.testing.assert_allclose(
        ours.result().numpy(), keras.ops.convert_to_numpy(theirs.result()), rtol=tolerance, atol=tolerance
    )
