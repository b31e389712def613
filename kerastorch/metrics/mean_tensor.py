"""The mean of every element by itself, over the tensors seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import NotBuiltError, ShapeError
from kerastorch.losses.inputs import as_tensor
from kerastorch.losses.reduction import squeeze_or_expand_to_same_rank
from kerastorch.metrics.arrays import divide_no_nan, leading_weight
from kerastorch.metrics.metric import Metric


@registry.builtin("keras.metrics")
class MeanTensor(Metric):
    """The mean of each element over all tensors seen, weighted if there are weights.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.
        shape: the shape of the tensors; None takes that of the first one.

    Example:
        >>> metric = MeanTensor()
        >>> metric.update_state([0, 1, 2, 3])
        >>> metric.update_state([4, 5, 6, 7])
        >>> metric.result()
        tensor([2., 3., 4., 5.])

    Source: `tf_keras.metrics.MeanTensor`.
    """

    def __init__(
        self, name: str | None = "mean_tensor", dtype: Any = None, shape: Sequence[int] | None = None
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._given_shape = None if shape is None else tuple(shape)
        self.total: Any = None
        self.count: Any = None
        self._built = False
        if self._given_shape is not None:
            self._build(self._given_shape)

    def _build(self, shape: tuple[int, ...]) -> None:
        self.total = self.add_variable(shape, dtype=self.dtype, name="total")
        self.count = self.add_variable(shape, dtype=self.dtype, name="count")
        self._built = True

    def _build_like(self, metric: Metric) -> None:
        self._build(tuple(metric.variables[0].shape))

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Takes a tensor into account.

        Args:
            values: a tensor of the shape of those before.
            sample_weight: weights that broadcast to it, or one for each of its leading axes; None for ones.

        Raises:
            ShapeError: when the shape is another one, or the weights do not fit.
        """
        values = as_tensor(values, self._torch_dtype, self._device)
        if not self._built:
            self._build(tuple(values.shape))
        elif values.shape != self.total.shape:
            raise ShapeError(
                f"{self.name!r}: MeanTensor takes tensors of one shape. Expected shape (set during the first call): "
                f"{tuple(self.total.shape)}. Received: {tuple(values.shape)}."
            )
        if sample_weight is None:
            self.total.add_(values)
            self.count.add_(1)
            return
        weight = as_tensor(sample_weight, self._torch_dtype, values.device)
        values, weight = squeeze_or_expand_to_same_rank(values, weight)
        weight = leading_weight(weight, values)
        self.total.add_((values * weight).view_as(self.total))
        self.count.add_(weight.reshape(self.count.shape))

    def result(self) -> torch.Tensor:
        """Returns the mean of every element, 0 where nothing counted.

        Raises:
            NotBuiltError: when there is no shape yet.
        """
        if not self._built:
            raise NotBuiltError(
                f"{self.name!r}: MeanTensor does not have any value yet. Call the metric or `update_state(values)` "
                "before asking for the result, or give it a `shape`."
            )
        return divide_no_nan(self.total, self.count)

    def get_config(self) -> dict:
        config = super().get_config()
        return config if self._given_shape is None else {**config, "shape": list(self._given_shape)}
