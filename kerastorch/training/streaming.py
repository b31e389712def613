"""Where `predict` puts its outputs: into arrays of its own, into given ones, or to a function, batch by batch.

On a GPU the outputs of a batch travel to the host while the next batch is computed, and are off the device then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.errors import ArgumentTypeError, DataError
from kerastorch.training.results import copied, joined, to_numpy


class Outlet:
    """Takes the outputs of one batch after the other; subclasses say what becomes of them.

    Attributes:
        last: the newest outputs, as the step returned them.
    """

    # Whether outputs are kept until the end: they leave pinned memory, which is scarce.
    _keeps = False

    def __init__(self) -> None:
        self.last: Any = None
        self.batches = 0
        self._on_the_way: tuple[Any, torch.cuda.Event] | None = None

    def add(self, outputs: Any) -> None:
        """Takes the outputs of the next batch.

        Args:
            outputs: what the step returned.
        """
        self.last = outputs
        self.batches += 1
        if not _is_on_gpu(outputs):
            self._receive(outputs)
            return
        before, self._on_the_way = self._on_the_way, _sent(outputs)
        self._await(before)

    def result(self) -> Any:
        """Returns what `predict` returns, once all batches have been added."""
        self._await(self._on_the_way)
        return self._result()

    def _await(self, sent: tuple[Any, torch.cuda.Event] | None) -> None:
        if sent is None:
            return
        copies, event = sent
        event.synchronize()
        self._receive(tree.map_structure(_unpinned, copies) if self._keeps else copies)

    def _receive(self, outputs: Any) -> None:
        raise NotImplementedError(
            "An outlet defines `_receive(outputs)`: what becomes of outputs that are on the host."
        )

    def _result(self) -> Any:
        return None


class Collected(Outlet):
    """All outputs as arrays of their own."""

    _keeps = True

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[Any] = []

    def _receive(self, outputs: Any) -> None:
        self._parts.append(outputs)

    def _result(self) -> Any:
        return tree.map_structure(joined, *self._parts)


class Handed(Outlet):
    """Each batch to a function.

    Args:
        take: is called with the number of the first row and the outputs, as arrays of their own.
    """

    def __init__(self, take: Callable[[int, Any], Any]) -> None:
        super().__init__()
        self._take = take
        self._start = 0

    def _receive(self, outputs: Any) -> None:
        arrays = tree.map_structure(copied, outputs)
        self._take(self._start, arrays)
        self._start += len(tree.flatten(arrays)[0])


class Filled(Outlet):
    """All outputs in the user's arrays, such as memory maps: no more than two batches are held besides.

    Args:
        out: an array, or a structure of arrays like the outputs.
        rows: the number of rows to expect; None if that is not known.

    Raises:
        DataError: when an array has another number of rows, or cannot be written to.
    """

    def __init__(self, out: Any, rows: int | None) -> None:
        super().__init__()
        self._out, self._arrays = out, tree.flatten(out)
        self._filled = [0] * len(self._arrays)
        for array in self._arrays:
            _check_array(array, rows)

    def _receive(self, outputs: Any) -> None:
        if _paths(self._out) != _paths(outputs):
            raise DataError(
                f"`out` must have the structure of the outputs, {_shapes(outputs)}. Received: {_shapes(self._out)}."
            )
        for number, (array, leaf) in enumerate(zip(self._arrays, tree.flatten(outputs), strict=True)):
            values, start = to_numpy(leaf), self._filled[number]
            _check_fit(array, values, start)
            array[start : start + len(values)] = values
            self._filled[number] += len(values)

    def _result(self) -> Any:
        for array, count in zip(self._arrays, self._filled, strict=True):
            if count != len(array):
                raise DataError(
                    f"`out` has {len(array)} rows, but `predict` gave {count}: the others are as they were."
                )
            if isinstance(array, np.memmap):
                array.flush()
        return self._out


def outlet_for(out: Any, rows: int | None) -> Outlet:
    """Returns what takes the outputs of `predict`.

    Args:
        out: the argument of `predict`: None, a function, an array or a structure of arrays.
        rows: the number of rows to expect; None if that is not known.

    Raises:
        ArgumentTypeError: when `out` is something else.
        DataError: when an array has another number of rows, or cannot be written to.

    Example:
        >>> outlet = outlet_for(lambda start, outputs: print(start, outputs), None)
        >>> outlet.add(torch.zeros(2))
        0 [0. 0.]
        >>> outlet.add(torch.ones(1))
        2 [1.]
    """
    if out is None:
        return Collected()
    if callable(out):
        return Handed(out)
    arrays = tree.flatten(out)
    if not arrays or not all(_is_array(array) for array in arrays):
        raise ArgumentTypeError(
            "`out` must be a NumPy array, such as a `numpy.memmap`, a structure of arrays like the outputs, or a "
            f"function `out(start, outputs)`. Received: {out!r} (of type {type(out).__name__})."
        )
    return Filled(out, rows)


def expected_rows(batches: Any, steps: int | None) -> int | None:
    """Returns how many rows batches hold together, None if they do not say.

    Args:
        batches: what gives the batches.
        steps: the most batches to take; None takes all.
    """
    rows, size = getattr(batches, "num_samples", None), getattr(batches, "batch_size", None)
    if rows is None or steps is None:
        return rows
    return None if size is None else min(rows, steps * size)


def _is_array(value: Any) -> bool:
    """Whether a value takes rows as an array does; datasets of HDF5 files do."""
    needed = ("shape", "dtype", "__setitem__", "__len__")
    return not isinstance(value, torch.Tensor) and all(hasattr(value, name) for name in needed)


def _check_array(array: Any, rows: int | None) -> None:
    if not array.shape or (rows is not None and array.shape[0] != rows):
        raise DataError(
            f"`out` must have one row for each of the {rows or ''} samples. Received an array of shape "
            f"{tuple(array.shape)}."
        )
    flags = getattr(array, "flags", None)
    if flags is not None and not flags.writeable:
        raise DataError("`out` cannot be written to. Open a memory map with `mode='r+'` or `mode='w+'`.")


def _check_fit(array: Any, values: np.ndarray, start: int) -> None:
    fits = values.ndim > 0 and tuple(array.shape[1:]) == values.shape[1:]
    if not fits or not np.can_cast(values.dtype, array.dtype, "same_kind"):
        raise DataError(
            f"`out` does not fit the outputs: expected an array of shape {('rows', *values.shape[1:])} and dtype "
            f"{values.dtype}. Received: shape {tuple(array.shape)}, dtype {array.dtype}."
        )
    if start + len(values) > len(array):
        raise DataError(f"`out` has {len(array)} rows, but `predict` gives {start + len(values)} or more.")


def _paths(structure: Any) -> list[tuple]:
    return [path for path, _ in tree.flatten_with_path(structure)]


def _shapes(structure: Any) -> Any:
    return tree.map_structure(lambda leaf: tuple(getattr(leaf, "shape", ())), structure)


def _is_on_gpu(outputs: Any) -> bool:
    if type(outputs) is torch.Tensor:
        return outputs.is_cuda
    return any(isinstance(leaf, torch.Tensor) and leaf.is_cuda for leaf in tree.flatten(outputs))


def _sent(outputs: Any) -> tuple[Any, torch.cuda.Event]:
    """The outputs on their way to pinned memory of the host, and what tells when they are there."""
    copies = tree.map_structure(_pinned_copy, outputs)
    event = torch.cuda.Event()
    event.record()
    return copies, event


def _pinned_copy(leaf: Any) -> Any:
    if not (isinstance(leaf, torch.Tensor) and leaf.is_cuda):
        return leaf
    host = torch.empty(leaf.shape, dtype=leaf.dtype, pin_memory=True)
    return host.copy_(leaf.detach(), non_blocking=True)


def _unpinned(leaf: Any) -> Any:
    return leaf.clone() if isinstance(leaf, torch.Tensor) and leaf.is_pinned() else leaf
