"""The methods of `Dataset` that put several elements together or take them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerastorch.data.pipeline.batching import Batch, PaddedBatch, Rebatch, Unbatch
from kerastorch.data.pipeline.checks import calls_of, function, optional_whole, whole
from kerastorch.data.pipeline.elements import as_leaf
from kerastorch.data.pipeline.grouping import Buckets, GroupByWindow, Unique, Window
from kerastorch.data.pipeline.stage import Stage
from kerastorch.errors import ArgumentTypeError


class Collecting:
    """The methods of `Dataset` that change what one element is."""

    stage: Stage
    _then: Callable[[Stage], Any]  # makes a dataset of a stage, with the options of this one
    _of: Callable[[Stage], Any]

    def batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Any:
        """Returns a dataset of batches of consecutive elements, stacked along a new first axis.

        Args:
            batch_size: elements in a batch.
            drop_remainder: whether a last smaller batch is left out. Default: False.
            num_parallel_calls: accepted; batches are made by the reader, which is faster. Use `prefetch`.
            deterministic: accepted; the order always stays.
            name: accepted for TensorFlow.
        """
        calls_of(num_parallel_calls)
        return self._then(Batch(self.stage, whole(batch_size, "batch_size", 1), bool(drop_remainder)))

    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Any:
        """Returns a dataset of batches of elements that are filled up at their ends to one shape.

        Args:
            batch_size: elements in a batch.
            padded_shapes: nested shapes to fill up to, with None or -1 for the longest of a batch. Default: None,
                the longest everywhere.
            padding_values: what to fill with: one value, or nested ones. Default: None, zero and the empty string.
            drop_remainder: whether a last smaller batch is left out. Default: False.
            name: accepted for TensorFlow.
        """
        size = whole(batch_size, "batch_size", 1)
        return self._then(PaddedBatch(self.stage, size, bool(drop_remainder), padded_shapes, padding_values))

    def bucket_by_sequence_length(
        self,
        element_length_func: Callable,
        bucket_boundaries: Sequence[int],
        bucket_batch_sizes: Sequence[int],
        padded_shapes: Any = None,
        padding_values: Any = None,
        pad_to_bucket_boundary: bool = False,
        no_padding: bool = False,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Any:
        """Returns a dataset of padded batches of elements of similar length.

        Args:
            element_length_func: takes an element, a tuple as several arguments; returns its length.
            bucket_boundaries: lengths at which a new bucket begins, ascending.
            bucket_batch_sizes: elements in a batch, one number a bucket: one more than there are boundaries.
            padded_shapes: as in `padded_batch`.
            padding_values: as in `padded_batch`.
            pad_to_bucket_boundary: whether batches are filled up to one less than the boundary. Default: False.
            no_padding: whether elements of a batch have one shape already. Default: False.
            drop_remainder: whether smaller batches at the end are left out. Default: False.
            name: accepted for TensorFlow.
        """
        buckets = Buckets(
            self.stage,
            function(element_length_func, "element_length_func"),
            bucket_boundaries,
            bucket_batch_sizes,
            padded_shapes,
            padding_values,
            to_boundary=pad_to_bucket_boundary,
            padding=not no_padding,
            drop=drop_remainder,
        )
        return self._then(buckets)

    def unbatch(self, name: str | None = None) -> Any:
        """Returns a dataset of the rows of the elements.

        Args:
            name: accepted for TensorFlow.
        """
        return self._then(Unbatch(self.stage))

    def rebatch(self, batch_size: Any, drop_remainder: bool = False, name: str | None = None) -> Any:
        """Returns a dataset of the rows of batches in batches of another size.

        Args:
            batch_size: rows in a batch, or several numbers that are used in turn.
            drop_remainder: whether a last smaller batch is left out. Default: False.
            name: accepted for TensorFlow.
        """
        sizes = as_leaf(batch_size).reshape(-1).tolist()
        return self._then(
            Rebatch(self.stage, [whole(size, "batch_size", 1) for size in sizes], drop_remainder)
        )

    def window(
        self,
        size: Any,
        shift: Any = None,
        stride: Any = 1,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Any:
        """Returns a dataset of windows; a window is a dataset, or a nested structure of them, of its elements.

        Args:
            size: elements in a window.
            shift: how far the beginnings of windows are apart. Default: `size`.
            stride: how far the elements of a window are apart. Default: 1.
            drop_remainder: whether smaller windows at the end are left out. Default: False.
            name: accepted for TensorFlow.
        """
        length = whole(size, "size", 1)
        step = optional_whole(shift, "shift", 1)
        stage = Window(
            self.stage, length, step or length, whole(stride, "stride", 1), bool(drop_remainder), self._of
        )
        return self._then(stage)

    def group_by_window(
        self,
        key_func: Callable,
        reduce_func: Callable,
        window_size: Any = None,
        window_size_func: Callable | None = None,
        name: str | None = None,
    ) -> Any:
        """Returns a dataset of the elements of datasets that a function makes of elements with the same key.

        Args:
            key_func: takes an element, a tuple as several arguments; returns an integer.
            reduce_func: takes a key and a dataset of elements; returns a dataset.
            window_size: how many elements a key collects.
            window_size_func: takes a key and returns that number.
            name: accepted for TensorFlow.

        Raises:
            ArgumentTypeError: when not exactly one of the last two is given.
        """
        if (window_size is None) == (window_size_func is None):
            raise ArgumentTypeError("Give `group_by_window` either `window_size` or `window_size_func`.")
        if window_size_func is None:
            fixed = whole(window_size, "window_size", 1)
            size: Callable[[Any], int] = lambda key: fixed  # noqa: E731
        else:
            size = lambda key: whole(window_size_func(key), "window_size", 1)  # noqa: E731
        keys = function(key_func, "key_func")
        return self._then(
            GroupByWindow(self.stage, keys, function(reduce_func, "reduce_func"), size, self._of)
        )

    def unique(self, name: str | None = None) -> Any:
        """Returns a dataset of the elements that did not come before; it remembers all of them.

        Args:
            name: accepted for TensorFlow.
        """
        return self._then(Unique(self.stage))
