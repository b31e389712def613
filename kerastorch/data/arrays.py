"""Batches from arrays held in memory: indexed once a batch, on the device that trains."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import torch

from kerastorch import tree
from kerastorch.config import floatx
from kerastorch.core.strings import StringTensor
from kerastorch.data.class_weights import ClassWeights
from kerastorch.data.convert import map_arrays, to_tensor
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import DataError


class ArrayBatches:
    """Arrays, tensors, data frames or lists as an iterable of batches: `x`, `(x, y)` or `(x, y, sample_weight)`.

    Args:
        x: nested inputs; every array has one row a sample.
        y: nested targets, or None.
        sample_weight: nested weights, or None.
        batch_size: samples in a batch; None is 32.
        shuffle: True for a new order each epoch, drawn from torch's generator; `"batch"` to shuffle whole batches.
        class_weight: see `class_weights.ClassWeights`.
        device: where batches are wanted.
        output_names: the names of the model's outputs.

    Raises:
        DataError: when the lengths differ, there is no sample, or the batch size is no positive integer.
    """

    restarts = True

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        batch_size: int | None = None,
        shuffle: bool | str = False,
        class_weight: Any = None,
        device: torch.device | None = None,
        output_names: list[str] | None = None,
    ) -> None:
        x, y, sample_weight = (
            map_arrays(lambda a, w=what: to_tensor(a, w), value)
            for what, value in (("x", x), ("y", y), ("sample_weight", sample_weight))
        )
        self.num_samples = _common_length(x, y, sample_weight)
        self.batch_size = checked_batch_size(batch_size)
        if shuffle not in (True, False, "batch", None):
            raise DataError(f"`shuffle` must be True, False or 'batch'. Received: shuffle={shuffle!r}.")
        self.shuffle = shuffle
        if class_weight is not None:
            if y is None:
                raise DataError("`class_weight` needs targets. Received: y=None.")
            sample_weight = ClassWeights(class_weight, output_names or ["output"])(y, sample_weight)
        self._structure = (x, y, sample_weight)
        leaves = [leaf for leaf in tree.flatten(self._structure) if leaf is not None]
        self._leaves = _on_device(leaves, device)
        self._device = device
        self._cast = any(_is_other_float(leaf) for leaf in leaves)
        self._copies = (
            False  # whether the model changes its inputs in place, so that it may not get the user's memory
        )
        self._pack = _packer(self._structure)

    @property
    def arrays(self) -> tuple[Any, Any, Any]:
        """All samples as `(x, y, sample_weight)`, where they were given."""
        return self._structure

    def head(self) -> tuple[Any, Any, Any]:
        """Returns the first batch without shuffling, as views of the arrays."""
        return tree.map_structure(lambda a: None if a is None else a[: self.batch_size], self._structure)

    @property
    def num_batches(self) -> int:
        """The number of batches in an epoch, a last partial one included."""
        return -(-self.num_samples // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        return self.iterate()

    def iterate(self, skip: int = 0) -> Iterator[Any]:
        """Returns the batches of an epoch; its order is drawn at once.

        Args:
            skip: how many batches to pass over at its beginning.
        """
        return self._batches(self._order(), skip)

    def _batches(self, order: torch.Tensor | None, skip: int) -> Iterator[Any]:
        leaves, pack, size = self._leaves, self._pack, self.batch_size
        for start in range(skip * size, self.num_samples, size):
            stop = min(start + size, self.num_samples)
            if order is not None:
                index = order[start:stop]
                batch = [leaf.index_select(0, index) for leaf in leaves]
            elif start == 0 or self._copies:
                batch = [leaf[start:stop].clone() for leaf in leaves]
            else:
                batch = [leaf[start:stop] for leaf in leaves]
            yield pack(self._sent(batch))
            if start == 0 and order is None:
                self._copies = any(_is_changed(leaf) for leaf in batch)

    def _sent(self, batch: list[torch.Tensor]) -> list[torch.Tensor]:
        if self._cast:
            batch = [leaf.to(torch_dtype(floatx())) if _is_other_float(leaf) else leaf for leaf in batch]
        if self._device is None or self._device == batch[0].device:
            return batch
        return [
            leaf if is_text(leaf) else leaf.pin_memory().to(self._device, non_blocking=True) for leaf in batch
        ]

    def _order(self) -> torch.Tensor | None:
        """The order of the samples in this epoch, None for that of the arrays."""
        if not self.shuffle:
            return None
        device = next((leaf.device for leaf in self._leaves if not is_text(leaf)), None)
        if self.shuffle == "batch":
            starts = torch.randperm(self.num_samples // self.batch_size) * self.batch_size
            full = (starts[:, None] + torch.arange(self.batch_size)).reshape(-1)
            return torch.cat([full, torch.arange(len(full), self.num_samples)]).to(device)
        return torch.randperm(self.num_samples).to(device)


def is_text(leaf: Any) -> bool:
    """Returns whether a leaf is a tensor of strings, which is on no device."""
    return isinstance(leaf, StringTensor)


def _is_changed(leaf: Any) -> bool:
    """Whether a model may have written to a batch."""
    return not is_text(leaf) and (leaf.is_inference() or leaf._version > 0)


def _is_other_float(leaf: Any) -> bool:
    """Whether a memory-mapped array has another float type: it is cast batch by batch, never as a whole."""
    return not is_text(leaf) and leaf.is_floating_point() and leaf.dtype is not torch_dtype(floatx())


def _on_device(leaves: list[Any], device: torch.device | None) -> list[Any]:
    """Copies arrays to an accelerator once if they take less than a quarter of its free memory."""
    if device is None or device.type != "cuda":
        stays = device is None or device.type == "meta"
        return [leaf if stays or is_text(leaf) else leaf.to(device) for leaf in leaves]
    free, _ = torch.cuda.mem_get_info(device)
    needed = sum(leaf.numel() * leaf.element_size() for leaf in leaves if not is_text(leaf))
    return [leaf if is_text(leaf) else leaf.to(device) for leaf in leaves] if needed < free // 4 else leaves


def _packer(structure: tuple) -> Callable[[list], Any]:
    """Returns what puts the tensors of a batch back into the structure of the data.

    As in Keras, a batch has no places for what is not there: it is `x` (a list or tuple as `(x,)`), `(x, y)` or
    `(x, y, sample_weight)`.
    """
    x, y, sample_weight = structure
    if sample_weight is not None:
        kept: Any = structure
    elif y is not None:
        kept = (x, y)
    else:
        kept = (x,) if isinstance(x, (list, tuple)) else x
    if isinstance(kept, torch.Tensor):
        return lambda b: b[0]
    if type(kept) is tuple and all(isinstance(part, torch.Tensor) for part in kept):
        return tuple

    if type(kept) is not tuple:
        return _packer_of_part(kept, 0)
    starts = itertools.accumulate((_number_of_tensors(part) for part in kept[:-1]), initial=0)
    packers = [_packer_of_part(part, start) for part, start in zip(kept, starts, strict=True)]
    return lambda batch: tuple([packer(batch) for packer in packers])


def _packer_of_part(part: Any, start: int) -> Callable[[list], Any]:
    """Gives a part of a batch its structure; its tensors stand in a list from `start` on."""
    if isinstance(part, torch.Tensor):
        return lambda batch: batch[start]
    if type(part) is dict and all(isinstance(leaf, torch.Tensor) for leaf in part.values()):
        order = {name: start + place for place, name in enumerate(tree.sorted_keys(part))}
        places = {name: order[name] for name in part}
        return lambda batch: {name: batch[place] for name, place in places.items()}

    def pack(batch: list) -> Any:
        tensors = iter(batch[start:])
        return tree.map_structure(lambda leaf: None if leaf is None else next(tensors), part)

    return pack


def _number_of_tensors(part: Any) -> int:
    return sum(leaf is not None for leaf in tree.flatten(part))


def _common_length(x: Any, y: Any, sample_weight: Any) -> int:
    shapes = {
        what: [tuple(leaf.shape) for leaf in tree.flatten(part) if leaf is not None]
        for what, part in (("x", x), ("y", y), ("sample_weight", sample_weight))
    }
    flat = [shape for part in shapes.values() for shape in part]
    if not shapes["x"]:
        raise DataError("There is no data: `x` is empty or None. Expected at least one array.")
    if any(len(shape) == 0 for shape in flat):
        raise DataError(
            f"Every array needs an axis of samples, but one is a scalar. Received shapes: {shapes}."
        )
    if len({shape[0] for shape in flat}) > 1:
        sizes = "; ".join(
            f"{what}: {', '.join(str(s[0]) for s in part)}" for what, part in shapes.items() if part
        )
        raise DataError(
            f"Data cardinality is ambiguous. Make sure all arrays contain the same number of samples. '{sizes}' sizes."
        )
    if flat[0][0] == 0:
        raise DataError(f"The arrays hold no samples: expected at least one. Received shapes: {shapes}.")
    return flat[0][0]


def checked_batch_size(batch_size: Any) -> int:
    """Returns the number of samples in a batch, 32 for None.

    Args:
        batch_size: a positive integer, also as a whole float, or None.

    Raises:
        DataError: when it is something else.

    Example:
        >>> checked_batch_size(None)
        32
    """
    if batch_size is None:
        return 32
    fits = hasattr(batch_size, "__index__") or (isinstance(batch_size, float) and batch_size.is_integer())
    if isinstance(batch_size, bool) or not fits or int(batch_size) < 1:
        raise DataError(
            f"`batch_size` must be a positive integer or None. Received: batch_size={batch_size!r}."
        )
    return int(batch_size)


def train_validation_split(arrays: Any, validation_split: float) -> tuple[Any, Any]:
    """Splits nested arrays into the first part and the last part, before any shuffling.

    Args:
        arrays: an array, tensor, data frame or list of numbers, or a tuple of nested structures of them and None,
            such as `(x, y, sample_weight)`.
        validation_split: the fraction of the samples in the last part, between 0 and 1.

    Returns:
        The structure of first parts, and that of last parts, each array of the kind that it was.

    Raises:
        DataError: when the fraction is not between 0 and 1, or leaves a part empty.

    Example:
        >>> train_validation_split(torch.arange(5), 0.2)
        (tensor([0, 1, 2, 3]), tensor([4]))
    """
    if not isinstance(validation_split, (int, float)) or not 0 < validation_split < 1:
        raise DataError(
            f"`validation_split` must be a number between 0 and 1. Received: {validation_split!r}."
        )
    length = _length_to_split(arrays)
    split = int(length * (1.0 - validation_split))
    if split == 0 or split == length:
        raise DataError(
            f"Training data contains {length} samples, which is not sufficient to split it into a validation and "
            f"training set as specified by `validation_split={validation_split}`. Either provide more data, or a "
            "different value for the `validation_split` argument."
        )
    return _rows(arrays, slice(None, split)), _rows(arrays, slice(split, None))


def _rows(arrays: Any, rows: slice) -> Any:
    """The same structure with these rows of each array; what lies in a file stays there."""
    if isinstance(arrays, tuple):
        return tuple(_rows(part, rows) for part in arrays)

    def part(array: Any) -> Any:
        return None if array is None else getattr(array, "iloc", array)[rows]

    return map_arrays(part, arrays)


def _length_to_split(arrays: Any) -> int:
    parts = arrays if isinstance(arrays, tuple) else (arrays,)
    leaves: list[Any] = []
    for part in parts:
        map_arrays(leaves.append, part)
    given = [leaf for leaf in leaves if leaf is not None]
    if not given:
        raise DataError("There is no data to split: every array is None.")
    scalar = any(getattr(leaf, "ndim", 1) == 0 for leaf in given)
    if scalar or len({len(leaf) for leaf in given}) > 1:
        tensors = tuple(map_arrays(to_tensor, part) for part in parts)
        _common_length(*(tensors if len(tensors) == 3 else (tensors, None, None)))
    return len(given[0])
