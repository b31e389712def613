"""`train_on_batch`, `test_on_batch` and `predict_on_batch`: the steps of `fit`, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch import tree
from kerastorch.data.convert import map_arrays
from kerastorch.data.select import select
from kerastorch.training.checks import check_not_empty
from kerastorch.training.results import copied


class OnBatch:
    """The methods of a trainer that take one batch. See `Model`."""

    def train_on_batch(
        self: Any,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
        reset_metrics: bool = True,
    ) -> Any:
        """Trains on one batch and returns its loss and metrics.

        Args:
            x: the inputs.
            y: the targets.
            sample_weight: weights of the samples.
            class_weight: a dictionary of class number and weight.
            return_dict: whether to return a dictionary.
            reset_metrics: whether metrics start anew, so that they are those of this batch alone.

        Raises:
            NotCompiledError: before `compile`.
            DataError: when data and model do not fit.

        Source: `keras.Model.train_on_batch`.
        """
        self._assert_compiled("train_on_batch")
        self._begin_training()
        batch = self._one_batch(x, y, sample_weight, class_weight)
        return self._on_batch(lambda: self._train_function(batch), True, return_dict, reset_metrics)

    def test_on_batch(
        self: Any,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        return_dict: bool = False,
        reset_metrics: bool = True,
    ) -> Any:
        """Returns the loss and the metrics on one batch, in inference mode.

        Args:
            x: the inputs.
            y: the targets.
            sample_weight: weights of the samples.
            return_dict: whether to return a dictionary.
            reset_metrics: whether metrics start anew.

        Raises:
            NotCompiledError: before `compile`.
            DataError: when data and model do not fit.

        Source: `keras.Model.test_on_batch`.
        """
        self._assert_compiled("test_on_batch")
        self._begin_training(optimizer=False)
        batch = self._one_batch(x, y, sample_weight, None)
        with torch.no_grad():
            return self._on_batch(lambda: self._test_function(batch), False, return_dict, reset_metrics)

    def predict_on_batch(self: Any, x: Any) -> Any:
        """Returns the outputs for one batch as NumPy arrays.

        Args:
            x: the inputs.

        Source: `keras.Model.predict_on_batch`.
        """
        was_training = self.training
        self.train(False)
        try:
            with torch.no_grad():
                outputs = self._predict_function(self._one_batch(x, None, None, None))
        finally:
            self.train(was_training)
        return tree.map_structure(copied, outputs)

    def _on_batch(self: Any, run: Callable, training: bool, return_dict: bool, reset_metrics: bool) -> Any:
        if reset_metrics:
            self.reset_metrics()
        was_training = self.training
        self.train(training)
        try:
            logs = self._epoch_logs(run())
        finally:
            self.train(was_training)
        if return_dict:
            return logs
        values = list(logs.values())
        return values[0] if len(values) == 1 else values

    def _one_batch(self: Any, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> Any:
        check_not_empty(self._plan, x, y)
        first = next((leaf for leaf in _arrays(x) if hasattr(leaf, "__len__")), None)
        size = None if first is None else max(len(first), 1)
        batches = select(
            x, y, sample_weight, size, False, class_weight, self._data_device(), self._names_for_data()
        )
        return next(iter(batches))


def _arrays(x: Any) -> list:
    leaves: list[Any] = []
    map_arrays(leaves.append, x)
    return leaves
