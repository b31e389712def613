"""Features with mean 0 and variance 1, as measured on data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from kerastorch import registry
from kerastorch.config import epsilon
from kerastorch.core.arrays import as_tensor
from kerastorch.core.variable import host_array
from kerastorch.data.streams import MakesBatches
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.layers.preprocessing.adapting import PreprocessingLayer
from kerastorch.layers.preprocessing.values import TakesValues


@registry.builtin("keras.layers")
class Normalization(TakesValues, PreprocessingLayer):
    """Takes the mean away and divides by the standard deviation; both are given, or measured by `adapt`.

    Args:
        axis: the axis or axes that have a mean and variance for each index; None has one for all values.
        mean: the mean, a number or an array for the axes; None is measured by `adapt`.
        variance: the variance, in the shape of `mean`.
        invert: whether to multiply by the standard deviation and add the mean instead.
        **kwargs: base arguments of `Layer`.

    Input shape:
        any.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when only one of `mean` and `variance` is given, their shapes differ, or they have more
            axes than `axis`.
        ShapeError: when an axis does not exist or has no known size, or the data have another size than the layer.

    Example:
        >>> layer = Normalization(axis=None)
        >>> layer.adapt(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
        >>> layer(np.array([1.0, 3.0])).tolist()
        [-1.4142135381698608, 0.0]

    Source: `keras.layers.Normalization`.
    """

    supports_masking = True

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        _check_statistics(mean, variance, self.axis)
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert
        self._seen = _Moments()
        for name in ("mean", "variance", "_deviation"):
            self.register_buffer(name, None, persistent=False)

    def build(self, input_shape: tuple) -> None:
        """Makes the statistics, whose shape is that of the axes."""
        shape = tuple(input_shape)
        axes = self._axes_of(shape)
        self._shape, self._kept = shape, axes
        self._reduced = tuple(d for d in range(len(shape)) if d not in axes)
        self._broadcast_shape = tuple(n if d in axes else 1 for d, n in enumerate(shape))
        if self.input_mean is None:
            sizes = tuple(shape[d] for d in axes)
            settings: dict[str, Any] = {"trainable": False, "autocast": False}
            self.adapt_mean = self.add_weight(name="mean", shape=sizes, initializer="zeros", **settings)
            self.adapt_variance = self.add_weight(
                name="variance", shape=sizes, initializer="ones", **settings
            )
            self.count = self.add_weight(
                name="count", shape=(), dtype="int32", initializer="zeros", trainable=False
            )
            self.finalize_state()
        else:
            self._prepare(self._given(self.input_mean), self._given(self.input_variance))

    def _axes_of(self, shape: tuple) -> tuple[int, ...]:
        rank = len(shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ShapeError(
                f"All `axis` values must be in the range [-ndim, ndim). Received inputs with ndim={rank}, while "
                f"axis={self.axis}"
            )
        axes = tuple(sorted(axis % rank for axis in self.axis))
        for axis in axes:
            if shape[axis] is None:
                raise ShapeError(
                    f"All `axis` values to be kept must have a known shape. Received axis={self.axis}, "
                    f"inputs.shape={shape}, with unknown axis at index {axis}"
                )
        return axes

    def _given(self, value: Any) -> torch.Tensor:
        """A statistic that was given, in the shape of the kept axes; the last of its axes is the last of them."""
        array = host_array(value) if isinstance(value, torch.Tensor) else np.asarray(value)
        shape = [1] * len(self._broadcast_shape)
        for axis, size in zip(reversed(self._kept), reversed(array.shape), strict=False):
            shape[axis] = size
        try:
            full = np.broadcast_to(array.reshape(shape), self._broadcast_shape)
        except ValueError as error:
            raise ShapeError(
                f"`mean` and `variance` of shape {array.shape} do not fit axis={self.axis} of inputs of shape "
                f"{self._shape}."
            ) from error
        return torch.as_tensor(full.astype(np.float64), device=self._device_for_statistics())

    def _device_for_statistics(self) -> torch.device | None:
        return None if self.mean is None else self.mean.device

    def _prepare(self, mean: torch.Tensor, variance: torch.Tensor) -> None:
        """Makes what `call` needs, in the type in which it computes."""
        dtype = self._compute_torch_dtype
        self.mean, self.variance = mean.to(dtype), variance.to(dtype)
        self._deviation = variance.sqrt().clamp(min=epsilon()).to(dtype)

    def _shape_for(self, shape: tuple, data: Any) -> tuple:
        if isinstance(data, MakesBatches) and len(shape) == 1:
            return (None, *shape)  # samples that were not batched
        return shape

    def update_state(self, data: Any) -> None:
        """Takes a batch into account; those before it are remembered.

        Args:
            data: an array or tensor.

        Raises:
            InvalidArgumentError: when the mean was given to the layer.
            ArgumentTypeError: when it is a single number.
            ShapeError: when the size of a kept axis is not that which the layer was built for.
        """
        if self.input_mean is not None:
            raise InvalidArgumentError(
                f"Cannot `adapt` layer {self.name!r}, a Normalization layer that is initialized with static `mean` and "
                f"`variance`: you passed mean={self.input_mean} and variance={self.input_variance}."
            )
        if not hasattr(data, "shape") and np.ndim(data) == 0:
            raise ArgumentTypeError(
                f"`adapt()` of layer {self.name!r} expects batches that are arrays or tensors with a `.shape`. "
                f"Received: a batch of type {type(data).__name__}. Pass an array of all values, or batches such as "
                "`np.array([value])`."
            )
        batch = data.detach() if isinstance(data, torch.Tensor) else as_tensor(np.asarray(data))
        if not self.built:
            self.build(tuple(batch.shape))
        if len(self._shape) == batch.ndim + 1 and self._shape[0] is None:
            batch = batch[None]
        sizes = tuple(batch.shape)
        if len(sizes) != len(self._shape) or any(sizes[d] != self._shape[d] for d in self._kept):
            raise ShapeError(
                f"The layer was built with input_shape={self._shape}, but adapt() is being called with data with an "
                f"incompatible shape, data.shape={sizes}"
            )
        if not self._seen.count:  # of a layer that was loaded, the weights say what it has seen
            self._seen = _Moments(int(self.count), self.adapt_mean.double(), self.adapt_variance.double())
        self._seen.add(batch.to(self.adapt_mean.device, torch.float64), self._reduced)
        self.adapt_mean.assign(self._seen.mean)
        self.adapt_variance.assign(self._seen.variance)
        self.count.assign(min(self._seen.count, 2**31 - 1))

    def reset_state(self) -> None:
        """Forgets what was measured: mean 0 and variance 1."""
        self._seen = _Moments()
        if self.built and self.input_mean is None:
            self.adapt_mean.assign(torch.zeros_like(self.adapt_mean))
            self.adapt_variance.assign(torch.ones_like(self.adapt_variance))
            self.count.assign(0)

    def finalize_state(self) -> None:
        """Makes the layer use its weights `mean` and `variance`, also after they were assigned to by hand."""
        if self.input_mean is None and getattr(self, "count", None) is not None:
            shape = self._broadcast_shape
            self._prepare(
                self.adapt_mean.detach().reshape(shape), self.adapt_variance.detach().reshape(shape)
            )

    def set_weights(self, weights: Any) -> None:
        """Sets mean, variance and count, and uses them from now on."""
        super().set_weights(weights)
        self.finalize_state()

    def load_own_variables(self, store: Any) -> None:
        """Sets the weights from what `save_own_variables` wrote, and uses them from now on."""
        super().load_own_variables(store)
        self.finalize_state()

    def _load_from_state_dict(self, *args: Any, **kwargs: Any) -> None:
        super()._load_from_state_dict(*args, **kwargs)
        self.finalize_state()

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Normalizes a tensor, or does the opposite."""
        x = inputs.to(self._compute_torch_dtype)
        if self.invert:
            return torch.addcmul(self.mean, x, self._deviation)
        return (x - self.mean) / self._deviation

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input."""
        return tuple(input_shape)

    def get_build_config(self) -> dict | None:
        """Returns the shape for which the layer was built, or None."""
        return {"input_shape": self._shape} if self.built else None

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": _plain(self.input_mean),
            "variance": _plain(self.input_variance),
        }


class _Moments:
    """Mean and variance of all batches so far, exact for any number of them (Chan et al., 1979)."""

    def __init__(self, count: int = 0, mean: Any = 0.0, variance: Any = 0.0) -> None:
        self.count, self.mean, self.variance = count, mean, variance

    def add(self, batch: torch.Tensor, axes: tuple[int, ...]) -> None:
        """Takes a batch in; its statistics are over some axes."""
        added = math.prod(batch.shape[d] for d in axes)
        if not added:
            return
        mean = batch.mean(axes) if axes else batch
        variance = batch.var(axes, correction=0) if axes else torch.zeros_like(batch)
        total = self.count + added
        share, apart = added / total, mean - self.mean
        self.variance = self.variance * (1 - share) + variance * share + apart**2 * (share * (1 - share))
        self.mean = self.mean + apart * share
        self.count = total


def _check_statistics(mean: Any, variance: Any, axis: tuple) -> None:
    if (mean is None) != (variance is None):
        raise InvalidArgumentError(
            "When setting values directly, both `mean` and `variance` must be set. "
            f"Received: mean={mean} and variance={variance}"
        )
    if np.shape(mean) != np.shape(variance):
        raise InvalidArgumentError(
            "When setting values directly, `mean` and `variance` must have the same shape. "
            f"Received: mean shape {np.shape(mean)} and variance shape {np.shape(variance)}"
        )
    if len(np.shape(mean)) > len(axis):
        raise InvalidArgumentError(
            f"The rank of `mean` must be less than or equal to the number of axes ({len(axis)}). "
            f"Received: mean shape {np.shape(mean)} for axis {axis}"
        )


def _plain(value: Any) -> Any:
    return None if value is None else np.asarray(value).tolist()
