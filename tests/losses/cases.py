"""Every loss with its options, and inputs that fit it."""

from __future__ import annotations

import numpy as np

KINDS = {
    "MeanSquaredError": "numbers",
    "MeanAbsoluteError": "numbers",
    "MeanAbsolutePercentageError": "numbers",
    "MeanSquaredLogarithmicError": "numbers",
    "CosineSimilarity": "numbers",
    "Huber": "numbers",
    "LogCosh": "numbers",
    "Poisson": "rates",
    "BinaryCrossentropy": "binary",
    "BinaryFocalCrossentropy": "binary",
    "CategoricalCrossentropy": "classes",
    "CategoricalFocalCrossentropy": "classes",
    "SparseCategoricalCrossentropy": "labels",
    "KLDivergence": "classes",
    "Hinge": "signs",
    "SquaredHinge": "signs",
    "CategoricalHinge": "classes",
    "Dice": "binary",
    "Tversky": "binary",
}

_CROSSENTROPY = [
    {},
    {"from_logits": True},
    {"label_smoothing": 0.2},
    {"from_logits": True, "label_smoothing": 0.1},
]
OPTIONS: dict[str, list[dict]] = {
    "CosineSimilarity": [{}, {"axis": 1}],
    "Huber": [{}, {"delta": 0.3}],
    "BinaryCrossentropy": [*_CROSSENTROPY, {"axis": 1}],
    "BinaryFocalCrossentropy": [
        *_CROSSENTROPY,
        {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5},
    ],
    "CategoricalCrossentropy": [*_CROSSENTROPY, {"axis": 1}, {"from_logits": True, "axis": 1}],
    "CategoricalFocalCrossentropy": [*_CROSSENTROPY, {"alpha": 0.5, "gamma": 1.0}],
    "SparseCategoricalCrossentropy": [
        {},
        {"from_logits": True},
        {"ignore_class": 1},
        {"from_logits": True, "ignore_class": 0},
    ],
    "Dice": [{}, {"axis": (1,)}],
    "Tversky": [{}, {"alpha": 0.3, "beta": 0.7}, {"axis": (1,)}],
}

CASES = [(name, options) for name in KINDS for options in OPTIONS.get(name, [{}])]


def case_id(value: object) -> str:
    return (
        value if isinstance(value, str) else ",".join(f"{k}={v}" for k, v in dict(value).items()) or "plain"
    )  # type: ignore[call-overload]


def inputs(
    name: str, options: dict, shape: tuple[int, ...] = (6, 4), seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Returns float targets and predictions, or class numbers and predictions, that the loss is meant for."""
    rng = np.random.default_rng(seed)
    kind = KINDS[name]
    logits = rng.normal(size=shape).astype("float32")
    axis = options.get("axis", -1) if kind in ("classes", "labels") else -1
    number = rng.integers(0, shape[axis], size=np.delete(shape, axis))
    if kind == "numbers":
        return rng.normal(size=shape).astype("float32"), logits
    if kind == "rates":
        return rng.poisson(2.0, size=shape).astype("float32"), np.exp(logits)
    if kind == "signs":
        return rng.choice([-1.0, 1.0], size=shape).astype("float32"), logits
    if kind == "binary":
        pred = logits if options.get("from_logits") else 1 / (1 + np.exp(-logits))
        return rng.integers(0, 2, size=shape).astype("float32"), pred
    exps = np.exp(logits)
    pred = logits if options.get("from_logits") else exps / exps.sum(axis, keepdims=True)
    if kind == "labels":
        return number, pred
    return np.moveaxis(np.eye(shape[axis], dtype="float32")[number], -1, axis), pred
