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
    "CategoricalGeneralizedCrossEntropy": "labels",
    "KLDivergence": "classes",
    "Hinge": "signs",
    "SquaredHinge": "signs",
    "CategoricalHinge": "classes",
    "Dice": "binary",
    "Tversky": "binary",
    "CTC": "sequences",
    "Circle": "embeddings",
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
    "CategoricalGeneralizedCrossEntropy": [{}, {"q": 0.9}],
    "Circle": [{}, {"gamma": 64.0, "margin": 0.25}, {"remove_diagonal": False}],
    "Dice": [{}, {"axis": (1,)}],
    "Tversky": [{}, {"alpha": 0.3, "beta": 0.7}, {"axis": (1,)}],
}

CASES = [(name, options) for name in KINDS for options in OPTIONS.get(name, [{}])]


def case_id(value: object) -> str:
    if isinstance(value, dict):
        return ",".join(f"{k}={v}" for k, v in value.items()) or "plain"
    return str(value)


def shapes(name: str) -> list[tuple[int, ...]]:
    """Returns shapes of predictions that the loss takes, the most usual one first."""
    only = {"sequences": [(6, 9, 4)], "embeddings": [(6, 4)], "labels": [(6, 4), (3, 5, 4)]}
    return only.get(KINDS[name], [(6, 4), (3, 5, 4), (2, 3, 5, 4)])


def inputs(
    name: str, options: dict, shape: tuple[int, ...] | None = None, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Returns float targets and predictions, or class numbers and predictions, that the loss is meant for."""
    rng = np.random.default_rng(seed)
    kind = KINDS[name]
    shape = shape or shapes(name)[0]
    logits = rng.normal(size=shape).astype("float32")
    make = {
        "numbers": _numbers,
        "rates": _rates,
        "signs": _signs,
        "sequences": _sequences,
        "embeddings": _embeddings,
    }
    if kind in make:
        return make[kind](rng, logits)
    if kind == "binary":
        pred = logits if options.get("from_logits") else 1 / (1 + np.exp(-logits))
        return rng.integers(0, 2, size=shape).astype("float32"), pred
    axis = options.get("axis", -1)
    number = rng.integers(0, shape[axis], size=np.delete(shape, axis))
    exps = np.exp(logits)
    pred = logits if options.get("from_logits") else exps / exps.sum(axis, keepdims=True)
    if kind == "labels":
        return number, pred
    return np.moveaxis(np.eye(shape[axis], dtype="float32")[number], -1, axis), pred


def _numbers(rng: np.random.Generator, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=x.shape).astype("float32"), x


def _rates(rng: np.random.Generator, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return rng.poisson(2.0, size=x.shape).astype("float32"), np.exp(x)


def _signs(rng: np.random.Generator, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return rng.choice([-1.0, 1.0], size=x.shape).astype("float32"), x


def _sequences(rng: np.random.Generator, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    labels = rng.integers(1, x.shape[-1], size=(len(x), 4))
    return labels * (np.arange(4) < rng.integers(1, 5, size=(len(x), 1))), x


def _embeddings(rng: np.random.Generator, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 3, size=len(x)), x / np.linalg.norm(x, axis=-1, keepdims=True)
