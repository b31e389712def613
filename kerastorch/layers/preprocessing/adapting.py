"""Layers that learn what they need from data before training: the base class with `adapt`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch

from kerastorch import registry
from kerastorch.core.strings import is_strings
from kerastorch.data.arrays import checked_batch_size
from kerastorch.data.convert import is_array_like
from kerastorch.data.select import is_samples
from kerastorch.data.streams import MakesBatches, loader_of_samples
from kerastorch.errors import DataError, MissingMethodError
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class PreprocessingLayer(Layer):
    """The base of layers with a state that is computed from data, by `adapt`, before training.

    Subclasses define `update_state(data)`, which takes a batch in, and, where they need them, `reset_state()` and
    `finalize_state()`.

    Args:
        **kwargs: base arguments of `Layer`.

    Example:
        >>> class Centre(PreprocessingLayer):
        ...     def reset_state(self):
        ...         self.total, self.count = 0.0, 0
        ...     def update_state(self, data):
        ...         self.total, self.count = self.total + data.sum(), self.count + len(data)
        ...     def call(self, inputs):
        ...         return inputs - self.total / self.count
        >>> layer = Centre()
        >>> layer.adapt([1.0, 2.0, 3.0])
        >>> layer.is_adapted, layer(torch.tensor([2.0, 5.0])).tolist()
        (True, [0.0, 3.0])

    Source: `tf.keras.layers.experimental.preprocessing.PreprocessingLayer`.
    """

    _is_adapted = False

    @property
    def is_adapted(self) -> bool:
        """Whether the layer has been adapted to data."""
        return self._is_adapted

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Computes the state of the layer from data; what it had learned before is forgotten.

        Args:
            data: an array, tensor, data frame or list of values; or batches of them: a `Dataset` pipeline, a
                `DataLoader`, a `PyDataset`, a list or generator of arrays. Of batches `(x, y)` `x` is taken. Samples
                of a torch `Dataset` are put together to batches.
            batch_size: samples in a batch; None is a whole array, and 32 samples of a torch `Dataset`.
            steps: how many batches to take; None takes all. Endless data need it.

        Raises:
            DataError: when the data are of a kind that is not supported, or empty.
        """
        self.reset_state()
        seen = False
        for batch in batches_of(data, batch_size, steps):
            if not self.built and hasattr(batch, "shape"):
                self.build(self._shape_for(tuple(batch.shape), data))
            self.update_state(batch)
            seen = True
        if not seen:
            raise DataError(
                f"`adapt()` of layer {self.name!r} received an empty iterable (no batches). Expected at least one "
                f"batch. Received: data={data!r} and steps={steps}."
            )
        self.finalize_state()
        self._is_adapted = True

    def _shape_for(self, shape: tuple, data: Any) -> tuple:
        """The shape to build for, from that of the first batch."""
        return shape

    def update_state(self, data: Any) -> None:
        """Takes a batch into account.

        Args:
            data: an array or tensor.

        Raises:
            MissingMethodError: unless a subclass defines it.
        """
        raise MissingMethodError(f"{type(self).__name__} must define `update_state(self, data)`.")

    def reset_state(self) -> None:
        """Forgets what was learned from data."""

    def finalize_state(self) -> None:
        """Makes what `call` needs of what was learned from data."""

    def compile(self, run_eagerly: Any = None, steps_per_execution: Any = None, **kwargs: Any) -> None:
        """Accepts the settings of `adapt` in Keras 2, which mean nothing here.

        Args:
            run_eagerly: ignored, as `adapt` always runs eagerly.
            steps_per_execution: ignored.
            **kwargs: given to `torch.nn.Module.compile`, which is called if there are any.
        """
        if kwargs:
            super().compile(**kwargs)


def batches_of(data: Any, batch_size: int | None = None, steps: int | None = None) -> Iterator[Any]:
    """Yields the inputs in any supported kind of data, batch by batch.

    Args:
        data: what `PreprocessingLayer.adapt` takes.
        batch_size: samples in a batch; None is a whole array, and 32 samples of a torch `Dataset`.
        steps: how many batches to take; None takes all.

    Raises:
        DataError: when the data are of a kind that is not supported.

    Example:
        >>> [len(batch) for batch in batches_of(np.arange(5), batch_size=2)]
        [2, 2, 1]
        >>> list(batches_of([(np.arange(2), "targets"), (np.arange(3), "targets")]))
        [array([0, 1]), array([0, 1, 2])]
    """
    if _is_one_array(data):
        return islice(_slices(_plain(data), batch_size), steps)
    return map(_inputs_of, islice(_batches(data, batch_size), steps))


def _is_one_array(data: Any) -> bool:
    """Whether data are an array, or a list that makes one, and not batches."""
    return data is not None and (is_array_like(data) or is_strings(data) or hasattr(data, "to_tensor"))


def _plain(data: Any) -> Any:
    """Data frames and lists of numbers as arrays; all else as it is."""
    if hasattr(data, "to_numpy"):
        return data.to_numpy()
    return data if is_strings(data) or not isinstance(data, (list, tuple)) else np.asarray(data)


def _slices(data: Any, batch_size: int | None) -> Iterator[Any]:
    if batch_size is None:
        yield data
        return
    size = checked_batch_size(batch_size)
    for start in range(0, len(data), size):
        yield data[start : start + size]


def _batches(data: Any, batch_size: int | None) -> Iterable[Any]:
    if hasattr(data, "on_epoch_end") and hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        return (data[index] for index in range(len(data)))  # a `PyDataset`, ours or Keras's
    is_loader = isinstance(data, (MakesBatches, torch.utils.data.DataLoader))
    if not is_loader and is_samples(data):
        return loader_of_samples(data, checked_batch_size(batch_size), shuffle=False)
    if isinstance(data, (str, bytes, dict)) or not isinstance(data, Iterable):
        raise DataError(
            f"Unsupported data type: {type(data).__name__}. `adapt` takes arrays, tensors, data frames and lists of "
            "values, and batches of them: a `Dataset`, `DataLoader`, `PyDataset`, list or generator."
        )
    return data


def _inputs_of(batch: Any) -> Any:
    """The inputs in a batch `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`."""
    if isinstance(batch, tuple) and batch and not np.isscalar(batch[0]):
        return _plain(batch[0])
    if isinstance(batch, list) and any(hasattr(part, "shape") for part in batch):
        return _plain(batch[0])
    return _plain(batch)
