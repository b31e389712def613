"""Which adapter turns the data given to `fit`, `evaluate` or `predict` into batches."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.data.arrays import ArrayBatches
from kerastorch.data.convert import holds_arrays, is_array_like, map_arrays
from kerastorch.errors import DataError


def select(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    batch_size: int | None = None,
    shuffle: bool | str = False,
    class_weight: Any = None,
    device: torch.device | None = None,
    output_names: list[str] | None = None,
) -> Any:
    """Returns an iterable of batches for any supported kind of data.

    Args:
        x: the inputs.
        y: the targets, or None.
        sample_weight: weights, or None.
        batch_size: samples in a batch; None is 32.
        shuffle: whether the order changes each epoch.
        class_weight: weights by class.
        device: where batches are wanted.
        output_names: the names of the model's outputs.

    Raises:
        DataError: when the data are of a kind that is not supported.
    """
    if x is None:
        raise DataError(
            "The argument `x` is None. Expected arrays, tensors, data frames, or nested structures of them."
        )
    if holds_arrays(x, y, sample_weight):
        return ArrayBatches(x, y, sample_weight, batch_size, shuffle, class_weight, device, output_names)
    parts = {"x": x, "y": y, "sample_weight": sample_weight}
    strange = [f"{_strange_type(part)} in `{what}`" for what, part in parts.items() if not holds_arrays(part)]
    raise DataError(
        f"Unrecognized data type: {', '.join(strange)}. Expected NumPy arrays, torch tensors, pandas data frames, "
        "lists of numbers, or lists and dictionaries of these."
    )


def _strange_type(structure: Any) -> str:
    """The type of the first leaf that is no array."""
    leaves: list[Any] = []
    map_arrays(leaves.append, structure)
    return next(type(leaf).__name__ for leaf in leaves if not is_array_like(leaf))
