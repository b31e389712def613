"""`split_dataset`: data in two parts."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from torch.utils.data import Subset, TensorDataset

from kerastorch import tree
from kerastorch.data.pipeline.batching import Batch
from kerastorch.data.pipeline.caching import Prefetch
from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.data.pipeline.elements import Stacker, as_element
from kerastorch.errors import ArgumentTypeError, DataError, InvalidArgumentError


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Any, Any]:
    """Returns data in two parts, such as for training and tests. All samples of a `Dataset` are read into memory.

    Args:
        dataset: an array or tensor, a list or tuple of such of one length, a `Dataset`, or a dataset of torch.
        left_size: number of samples in the first part; a float is the fraction of all. Default: None, the rest.
        right_size: number of samples in the second part, from the end; a float is the fraction of all. Default: None,
            the rest.
        shuffle: whether samples are put in random order before. Default: False.
        seed: fixes that order. Default: None.
        preferred_backend: `"torch"` gives datasets of torch, any other name gives `Dataset`s. Default: None, datasets
            of torch for a dataset of torch.

    Returns:
        Two `Dataset`s, in batches where `dataset` is in batches, or two `torch.utils.data.Subset`s.

    Raises:
        ArgumentTypeError: when `dataset` or a size is of another type.
        InvalidArgumentError: when no size is given, or the sizes do not go together.
        DataError: when there are no samples, or not equally many.

    Example:
        >>> left, right = split_dataset(np.arange(10), left_size=0.8)
        >>> len(left), [int(sample) for sample in right]
        (8, [8, 9])

    Source: keras.utils.split_dataset
    """
    if left_size is None and right_size is None:
        raise InvalidArgumentError("`split_dataset` needs `left_size` or `right_size`, or both.")
    of_torch = isinstance(dataset, torch.utils.data.Dataset)
    to_torch = preferred_backend == "torch" or (preferred_backend is None and of_torch)
    samples, batch_size = (None, None) if of_torch and to_torch else _samples(dataset)
    total = len(dataset if samples is None else tree.flatten(samples)[0])
    order = list(range(total))
    if shuffle:
        random.Random(random.randint(0, 10**6) if seed is None else seed).shuffle(order)
    left, right = split_sizes(left_size, right_size, total)
    parts = order[:left], order[total - right :]
    if to_torch:
        whole = dataset if samples is None else TensorDataset(*tree.flatten(samples))
        return Subset(whole, parts[0]), Subset(whole, parts[1])
    return _rows(samples, parts[0], batch_size), _rows(samples, parts[1], batch_size)


def _samples(dataset: Any) -> tuple[Any, int | None]:
    """All samples as one element, and the size of the batches that they came in."""
    if isinstance(dataset, Dataset):
        size = _batch_size(dataset)
        return _stacked(list(dataset if size is None else dataset.unbatch())), size
    if isinstance(dataset, torch.utils.data.Dataset):
        return _stacked([as_element(_tuples(dataset[row])) for row in range(len(dataset))]), None  # type: ignore[arg-type]
    if isinstance(dataset, (list, tuple)):
        wrong = [part for part in dataset if not hasattr(part, "__array__")]
        if not dataset or wrong:
            raise DataError(
                f"`dataset` must be a list of arrays of one length, at least one. Received: {dataset!r}."
            )
        return _checked(as_element(tuple(dataset))), None
    if hasattr(dataset, "__array__"):
        return _checked(as_element(dataset)), None
    raise ArgumentTypeError(
        "`dataset` must be an array, a list of arrays, a Dataset or a torch.utils.data.Dataset. "
        f"Received: {dataset!r} (of type {type(dataset).__name__})."
    )


def _tuples(sample: Any) -> Any:
    return tuple(sample) if isinstance(sample, list) else sample


def _stacked(samples: list[Any]) -> Any:
    if not samples:
        raise DataError("`dataset` is empty: there is nothing to split.")
    return Stacker()(samples)


def _checked(arrays: Any) -> Any:
    lengths = {tuple(leaf.shape[:1]) for leaf in tree.flatten(arrays)}
    if len(lengths) != 1 or lengths & {(), (0,)}:
        raise DataError(
            "The arrays of `dataset` must have one length, which is not 0. Received shapes: "
            f"{[tuple(leaf.shape) for leaf in tree.flatten(arrays)]}."
        )
    return arrays


def _batch_size(dataset: Dataset) -> int | None:
    stage = dataset.stage
    while isinstance(stage, Prefetch):
        stage = stage.source
    return stage.size if isinstance(stage, Batch) else None


def _rows(samples: Any, rows: list[int], batch_size: int | None) -> Dataset:
    index = np.array(rows)
    part = Dataset.from_tensor_slices(tree.map_structure(lambda leaf: leaf[index], samples))
    return part if batch_size is None else part.batch(batch_size)


def split_sizes(left: float | None, right: float | None, total: int) -> tuple[int, int]:
    """Returns the numbers of samples in both parts.

    Args:
        left: a number, a fraction, or None for the rest.
        right: a number, a fraction, or None for the rest.
        total: how many samples there are.

    Raises:
        ArgumentTypeError: when a size is neither int nor float.
        InvalidArgumentError: when one is out of range, a part would be empty, or there are too few samples.

    Example:
        >>> split_sizes(0.75, None, 10), split_sizes(2, 0.5, 10)
        ((8, 2), (2, 5))
    """
    first, second = _count("left_size", left, total), _count("right_size", right, total)
    if first is None:
        first = total - (second or 0)
    if second is None:
        second = total - first
    fractions = [size for size in (left, right) if isinstance(size, float)]
    if min(first, second) <= 0 or first + second > total or sum(fractions) > 1:
        raise InvalidArgumentError(
            "Both parts must have a sample at least, and together not more than there are. "
            f"Received: left_size={left}, right_size={right}, for {total} samples."
        )
    return first, second


def _count(name: str, size: Any, total: int) -> int | None:
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, (int, float)):
        raise ArgumentTypeError(f"`{name}` must be an int, a float or None. Received: {name}={size!r}.")
    if not 0 < size < (1 if isinstance(size, float) else total):
        raise InvalidArgumentError(
            f"`{name}` must be a number from 1 to {total - 1}, or a float between 0 and 1. Received: {name}={size}."
        )
    return round(size * total) if isinstance(size, float) else size
