"""Layers for numbers and categories, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.catalog.row import BATCH, IMAGE, SERIES, VECTOR, Row

NEEDS_TENSORFLOW = "Keras on torch cannot make it without TensorFlow."
GIVEN = {"mean": [0.5, -1.0, 2.0], "variance": [1.0, 4.0, 0.25]}
BINS = {"bin_boundaries": [-1.0, 0.0, 0.5]}
WEIGHTS = np.linspace(0.5, 2.0, BATCH * 5, dtype="float32").reshape(BATCH, 5)

NUMBERS = [
    Row("Normalization", {}, VECTOR),
    Row("Normalization", {"axis": None}, VECTOR, open_axes=(1,)),
    Row("Normalization", {}, SERIES, open_axes=(1,), masked=True),
    Row("Normalization", {"axis": (1, 2)}, SERIES),
    Row("Normalization", {"axis": [-1, 1]}, IMAGE),
    Row("Normalization", {"axis": 1}, IMAGE),
    Row("Normalization", {"invert": True}, VECTOR),
    Row("Normalization", GIVEN, SERIES, open_axes=(1,)),
    Row("Normalization", {**GIVEN, "invert": True}, SERIES),
    Row("Normalization", {**GIVEN, "axis": (1, -1)}, SERIES),
    Row("Normalization", {"mean": 2.0, "variance": 4.0, "axis": None}, VECTOR, open_axes=(1,)),
    Row(
        "Normalization",
        {"mean": 2.0, "variance": 0.0},
        VECTOR,
        values="unit",
    ),
    Row("Normalization", {"mean": 3.0, "variance": 2.0}, VECTOR, values="integers"),
    Row("Discretization", BINS, VECTOR, open_axes=(1,)),
    Row("Discretization", BINS, SERIES),
    Row("Discretization", {**BINS, "output_mode": "one_hot"}, VECTOR),
    Row("Discretization", {**BINS, "output_mode": "one_hot"}, (1,)),
    Row("Discretization", {**BINS, "output_mode": "one_hot"}, SERIES),
    Row("Discretization", {**BINS, "output_mode": "multi_hot"}, VECTOR),
    Row("Discretization", {**BINS, "output_mode": "count"}, VECTOR),
    Row("Discretization", {**BINS, "output_mode": "multi_hot"}, (3, 4)),
    Row("Discretization", {**BINS, "output_mode": "count"}, (2, 3, 2)),
    Row("Discretization", {"bin_boundaries": [1.0, 3.0, 5.0]}, VECTOR, values="pixels"),
]

INEXACT_TYPE = (
    "In mixed precision Keras gives float32, where its symbolic output is of the type of computation."
)


def category(num_tokens: int, shape: tuple, output_mode: str = "multi_hot", **settings: Any) -> Row:
    """A row of `CategoryEncoding`."""
    kwargs = {"num_tokens": num_tokens, "output_mode": output_mode}
    return Row("CategoryEncoding", kwargs, shape, "integers", low=False, because=INEXACT_TYPE, **settings)


CATEGORIES = [
    category(7, VECTOR, open_axes=(1,)),
    category(9, (1,)),
    category(7, VECTOR, "one_hot"),
    category(7, (1,), "one_hot"),
    category(8, (), "one_hot"),
    category(7, (3, 2), "one_hot"),
    category(7, VECTOR, "count"),
    category(7, VECTOR, "count", call={"count_weights": WEIGHTS}),
]


def absent(name: str, kwargs: dict, shapes: object, values: str) -> Row:
    """A row of a layer whose values come from TensorFlow."""
    words = values == "words"
    return Row(name, kwargs, shapes, values, reference="absent", because=NEEDS_TENSORFLOW, compiles=not words)


HASHES = [
    absent("Hashing", {"num_bins": 5}, VECTOR, "words"),
    absent("Hashing", {"num_bins": 5}, VECTOR, "integers"),
    absent("Hashing", {"num_bins": 5}, VECTOR, "pixels"),
    absent("Hashing", {"num_bins": 1}, VECTOR, "words"),
    absent("Hashing", {"num_bins": 5, "mask_value": ""}, VECTOR, "words"),
    absent("Hashing", {"num_bins": 5, "mask_value": 3}, VECTOR, "integers"),
    absent("Hashing", {"num_bins": 1, "mask_value": ""}, VECTOR, "words"),
    absent("Hashing", {"num_bins": 5, "salt": 133}, VECTOR, "words"),
    absent("Hashing", {"num_bins": 5, "salt": [133, 137]}, VECTOR, "words"),
    absent("Hashing", {"num_bins": 5, "salt": [133, 137], "mask_value": ""}, VECTOR, "words"),
    absent("Hashing", {"num_bins": 1000003, "salt": [133, 137]}, VECTOR, "integers"),
    absent("Hashing", {"num_bins": 5, "dtype": "int32"}, VECTOR, "words"),
    absent("Hashing", {"num_bins": 5, "output_mode": "one_hot"}, (1,), "words"),
    absent("Hashing", {"num_bins": 5, "output_mode": "one_hot"}, VECTOR, "integers"),
    absent("Hashing", {"num_bins": 5, "output_mode": "multi_hot"}, VECTOR, "words"),
    absent("Hashing", {"num_bins": 5, "output_mode": "multi_hot"}, VECTOR, "integers"),
    absent("Hashing", {"num_bins": 5, "output_mode": "count", "mask_value": 2}, VECTOR, "integers"),
    absent("Hashing", {"num_bins": 5, "output_mode": "multi_hot"}, (3, 2), "integers"),
    absent("HashedCrossing", {"num_bins": 5}, [(1,), (1,)], "words"),
    absent("HashedCrossing", {"num_bins": 5}, [(), ()], "words"),
    absent("HashedCrossing", {"num_bins": 1000003}, [(1,), (1,), (1,)], "words"),
    absent("HashedCrossing", {"num_bins": 5}, [(1,), (1,)], "integers"),
    absent("HashedCrossing", {"num_bins": 1000003}, [(), (), ()], "integers"),
    absent("HashedCrossing", {"num_bins": 5, "output_mode": "one_hot"}, [(1,), (1,)], "words"),
    absent("HashedCrossing", {"num_bins": 5, "output_mode": "one_hot"}, [(), ()], "integers"),
    absent("HashedCrossing", {"num_bins": 5, "dtype": "int32"}, [(1,), (1,)], "integers"),
]

STRUCTURED = [*NUMBERS, *CATEGORIES, *HASHES]
