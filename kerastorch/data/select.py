"""Which adapter turns the data given to `fit`, `evaluate` or `predict` into batches."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader, TensorDataset

from kerastorch.data.arrays import ArrayBatches, checked_batch_size
from kerastorch.data.batches import Prepared
from kerastorch.data.convert import holds_arrays, is_array_like, map_arrays
from kerastorch.data.py_dataset import PyDataset, PyDatasetBatches
from kerastorch.data.streams import MakesBatches, Restarting, StreamBatches, loader_of_samples
from kerastorch.errors import DataError

_ACCEPTED = """Expected one of:
- NumPy arrays, torch tensors, pandas data frames, lists of numbers, or lists and dictionaries of these;
- a torch `DataLoader` or `Dataset`, or anything with samples by number and a length;
- a `PyDataset` (also called `Sequence`), or a `Dataset` pipeline;
- a generator, a function that returns one, or any iterable of batches `x`, `(x, y)` or `(x, y, sample_weight)`."""


@dataclasses.dataclass(frozen=True)
class Workers:
    """What reads batches ahead, as `fit` of Keras 2 takes it; None leaves it to the data.

    Args:
        workers: how many threads or processes.
        use_multiprocessing: whether they are processes.
        max_queue_size: how many batches are read ahead.
    """

    workers: int | None = None
    use_multiprocessing: bool | None = None
    max_queue_size: int | None = None

    @property
    def given(self) -> list[str]:
        """The names of the settings that were given."""
        return [field.name for field in dataclasses.fields(self) if getattr(self, field.name) is not None]

    @property
    def ahead(self) -> int:
        """How many batches to read ahead of a step; nothing is read ahead unless workers are asked for."""
        return (self.max_queue_size or 10) if self.workers else 0


@dataclasses.dataclass(frozen=True)
class _Request:
    """The arguments of `select`."""

    x: Any
    y: Any
    sample_weight: Any
    batch_size: int | None
    shuffle: bool | str
    prepare: Prepared
    workers: Workers


def select(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    batch_size: int | None = None,
    shuffle: bool | str = False,
    class_weight: Any = None,
    device: torch.device | None = None,
    output_names: list[str] | None = None,
    workers: Workers | None = None,
) -> Any:
    """Returns an iterable of batches for any supported kind of data.

    Args:
        x: the inputs, or a source that gives the targets as well.
        y: the targets, or None; for samples that are dictionaries the name of their column.
        sample_weight: weights, or None.
        batch_size: samples in a batch; None is 32.
        shuffle: whether the order changes each epoch.
        class_weight: weights by class.
        device: where batches are wanted.
        output_names: the names of the model's outputs.
        workers: what reads batches ahead.

    Raises:
        DataError: when the data are of a kind that is not supported.
    """
    workers = workers or Workers()
    if x is None:
        raise DataError(f"The argument `x` is None. {_ACCEPTED}")
    if holds_arrays(x, y, sample_weight):
        _warn_of_unused(workers, "arrays need no workers")
        return ArrayBatches(x, y, sample_weight, batch_size, shuffle, class_weight, device, output_names)
    prepare = Prepared(class_weight, device, output_names)
    request = _Request(x, y, sample_weight, batch_size, shuffle, prepare, workers)
    if isinstance(x, TensorDataset) and y is None and sample_weight is None and len(x.tensors) < 4:
        x, y, sample_weight = (*x.tensors, None, None)[:3]
        return ArrayBatches(x, y, sample_weight, batch_size, shuffle, class_weight, device, output_names)
    for fits, make in () if holds_arrays(x) else _KINDS:
        if fits(x):
            return make(request)
    raise _unrecognized(request)


def _of_py_dataset(request: _Request) -> Any:
    _no_targets_beside(request, "a `PyDataset`")
    _no_batch_size(request, "a `PyDataset`")
    workers = request.workers
    return PyDatasetBatches(
        request.x,
        request.prepare,
        bool(request.shuffle),
        workers.workers,
        workers.use_multiprocessing,
        workers.max_queue_size,
    )


def _of_batches(request: _Request) -> StreamBatches:
    kind = f"a `{type(request.x).__name__}`"
    _no_targets_beside(request, kind)
    _no_batch_size(request, kind)
    if isinstance(request.x, (DataLoader, MakesBatches)):
        _warn_of_unused(request.workers, f"{kind} has settings of its own")
        return StreamBatches(request.x, request.prepare)
    if request.workers.use_multiprocessing:
        warnings.warn(
            "`use_multiprocessing` has no effect on a generator: it cannot be divided, one thread reads it ahead.",
            stacklevel=4,
        )
    return StreamBatches(request.x, request.prepare, request.workers.ahead)


def _of_function(request: _Request) -> StreamBatches:
    _no_targets_beside(request, "a function")
    _no_batch_size(request, "a function")
    return StreamBatches(Restarting(request.x), request.prepare, request.workers.ahead)


def _of_samples(request: _Request) -> StreamBatches:
    y = request.y
    if y is not None and not (
        isinstance(y, str) or (isinstance(y, list) and all(isinstance(n, str) for n in y))
    ):
        _no_targets_beside(request, f"a `{type(request.x).__name__}`")
    if request.sample_weight is not None:
        _no_targets_beside(dataclasses.replace(request, y=None), f"a `{type(request.x).__name__}`")
    workers = request.workers
    processes = (workers.workers or 0) if workers.use_multiprocessing else 0
    size = checked_batch_size(request.batch_size)
    ahead = workers.max_queue_size or 10
    loader = loader_of_samples(request.x, size, bool(request.shuffle), y, processes, ahead)
    return StreamBatches(loader, request.prepare, 0 if processes else workers.ahead)


def _is_py_dataset(x: Any) -> bool:
    """Whether something is a `PyDataset`, or one of another Keras."""
    return isinstance(x, PyDataset) or (hasattr(x, "__getitem__") and hasattr(x, "on_epoch_end"))


def is_samples(x: Any) -> bool:
    """Returns whether something is a dataset of samples by number, which are put together to batches here.

    Args:
        x: what was given as data.
    """
    if isinstance(x, torch.utils.data.Dataset):
        return True
    return (
        hasattr(x, "__getitem__")
        and hasattr(x, "__len__")
        and not isinstance(x, (str, bytes, dict, list, tuple))
    )


def _is_iterable(x: Any) -> bool:
    return isinstance(x, (Iterable, Iterator)) and not isinstance(x, (str, bytes, dict, list, tuple, set))


def _is_function(x: Any) -> bool:
    return callable(x) and not isinstance(x, (type, torch.nn.Module))


_KINDS: tuple[tuple[Callable[[Any], bool], Callable[[_Request], Any]], ...] = (
    (_is_py_dataset, _of_py_dataset),
    (lambda x: isinstance(x, (DataLoader, MakesBatches)), _of_batches),
    (is_samples, _of_samples),
    (_is_iterable, _of_batches),
    (_is_function, _of_function),
)


def _no_targets_beside(request: _Request, kind: str) -> None:
    given = [name for name in ("y", "sample_weight") if getattr(request, name) is not None]
    if given:
        raise DataError(
            f"`{given[0]}` cannot be given beside {kind}, which holds the targets and weights itself: expected batches "
            f"`(x, y)` or `(x, y, sample_weight)`. Received: {given[0]} of type "
            f"{type(getattr(request, given[0])).__name__}."
        )


def _no_batch_size(request: _Request, kind: str) -> None:
    if request.batch_size is not None:
        warnings.warn(
            f"`batch_size={request.batch_size}` has no effect: {kind} makes the batches itself.", stacklevel=5
        )


def _warn_of_unused(workers: Workers, why: str) -> None:
    if workers.given:
        warnings.warn(f"The run ignores {workers.given}: {why}.", stacklevel=5)


def _unrecognized(request: _Request) -> DataError:
    parts = {"x": request.x, "y": request.y, "sample_weight": request.sample_weight}
    strange = [f"{_strange_type(part)} in `{what}`" for what, part in parts.items() if not holds_arrays(part)]
    return DataError(f"Unrecognized data type: {', '.join(strange)}. {_ACCEPTED}")


def _strange_type(structure: Any) -> str:
    """The type of the first leaf that is no array."""
    leaves: list[Any] = []
    map_arrays(leaves.append, structure)
    return next(type(leaf).__name__ for leaf in leaves if not is_array_like(leaf))
