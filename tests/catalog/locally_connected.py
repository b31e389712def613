"""Locally connected layers of Keras 2, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

from tests.catalog.row import Row

SERIES, IMAGE = (5, 2), (4, 3, 2)
FIRST = {"data_format": "channels_first"}


def _rows(implementation: int) -> list[Row]:
    """The rows that every implementation has."""
    how = {"implementation": implementation}
    return [
        _row(1, {"kernel_size": 3, **how}),
        _row(1, {"strides": 2, "use_bias": False, "activation": "tanh", **how}),
        _row(1, {"bias_initializer": "ones", "kernel_regularizer": "l2", **FIRST, **how}),
        _row(2, {"kernel_size": (3, 2), "activation": "relu", **how}),
        _row(2, {"strides": (2, 1), "bias_regularizer": "l1", **how}),
        _row(2, {"strides": (1, 2), **FIRST, **how}),
    ]


def _same(implementation: int) -> list[Row]:
    how = {"implementation": implementation, "padding": "same"}
    return [
        _row(1, {"kernel_size": 3, **how}),
        _row(1, {"strides": 2, **FIRST, **how}),
        _row(2, {"kernel_size": (3, 2), **how}),
        _row(2, {"kernel_size": 3, "strides": 2, **how, **FIRST}),
    ]


def _row(rank: int, kwargs: dict[str, Any]) -> Row:
    return Row(
        f"LocallyConnected{rank}D",
        {"filters": 2, "kernel_size": 2, **kwargs},
        SERIES if rank == 1 else IMAGE,
        reference="absent",
        because="Keras 3 has no such layer",
    )


LOCALLY_CONNECTED = [*_rows(1), *_rows(2), *_rows(3), *_same(2), *_same(3)]
