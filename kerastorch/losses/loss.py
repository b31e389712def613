"""The base class of losses, and a loss made from a function."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import Any

import torch
from torch.overrides import handle_torch_function, has_torch_function

from kerastorch import tree
from kerastorch.core.serializable import Configurable, deserialize_keras_object, serialize_keras_object
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import InvalidArgumentError
from kerastorch.losses.fused import MEANS
from kerastorch.losses.inputs import convert_structure, device_of, squeeze_or_expand_to_same_rank
from kerastorch.losses.reduction import (
    AVERAGES,
    is_reduction,
    reduce_weighted_values,
    standardize_reduction,
)
from kerastorch.naming import auto_name
from kerastorch.registry import builtin


@builtin("keras.losses")
class Loss(Configurable):
    """The base class of losses: subclasses define `call`, which gives one value per sample.

    Args:
        name: a name; None makes one from the class.
        reduction: `"sum_over_batch_size"` or `"mean"`, the mean over all values that are not masked;
            `"mean_with_sample_weight"`, the weighted sum over the sum of the weights; `"sum"`; `"none"` or None for
            one value per sample. Keras 2's `"auto"` is the default.
        dtype: the type to compute in, or a policy, whose compute type counts; None is `floatx()`.

    Attributes:
        name: the name.
        reduction: the reduction.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> class Cubed(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return ((y_true - y_pred).abs() ** 3).mean(-1)
        >>> Cubed()([[0.0], [0.0]], [[1.0], [2.0]])
        tensor(4.5000)

    Source: Keras.
    """

    # Whether targets are class numbers, which keep their type; others become floats.
    _keeps_labels = False

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        if is_reduction(name) and not (
            reduction and is_reduction(reduction)
        ):  # by place, in the order of Keras 2
            name, reduction = reduction, name
        self.name = name or auto_name(type(self).__name__)
        self.reduction = standardize_reduction(reduction)
        dtype = getattr(dtype, "compute_dtype", dtype)
        self._dtype = standardize_dtype(dtype.removeprefix("mixed_") if isinstance(dtype, str) else dtype)
        self._torch_dtype = torch_dtype(self._dtype)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "call" in cls.__dict__ and "mean" not in cls.__dict__:
            cls.mean = Loss.mean  # type: ignore[method-assign]  # a parent's shortcut is not for another `call`

    @property
    def dtype(self) -> str:
        """The name of the type that the loss computes in."""
        return self._dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> torch.Tensor:
        """Returns the loss.

        Args:
            y_true: targets, a tensor, an array, or a nested structure of them.
            y_pred: predictions, likewise.
            sample_weight: weights that broadcast against the values per sample, or one weight for each entry of
                their leading axes; None for 1.

        Returns:
            A scalar, or one value per sample where `reduction` is `"none"`.

        Raises:
            ShapeError: when targets, predictions or weights do not fit, or the batch is empty.
            InvalidArgumentError: when a weight is negative or a label is no class (looked for on a CPU only).
        """
        mask = getattr(y_pred, "_keras_mask", None)
        dtype = self._torch_dtype
        if type(y_pred) is not torch.Tensor or type(y_true) is not torch.Tensor or y_pred.dtype is not dtype:
            if has_torch_function((y_true, y_pred, sample_weight)):
                return handle_torch_function(
                    self, (y_true, y_pred, sample_weight), y_true, y_pred, sample_weight=sample_weight
                )
            device = device_of(y_pred) or device_of(y_true)
            y_pred = convert_structure(y_pred, dtype, device)
            y_true = convert_structure(y_true, None if self._keeps_labels else dtype, device_of(y_pred))
        elif (y_true.dtype is not dtype and not self._keeps_labels) or y_true.device != y_pred.device:
            y_true = convert_structure(y_true, None if self._keeps_labels else dtype, y_pred.device)
        if sample_weight is None and mask is None and self.reduction in AVERAGES:
            return self.mean(y_true, y_pred)
        return self._reduce(self.call(y_true, y_pred), sample_weight, mask)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Returns one value per sample; subclasses define it.

        Args:
            y_true: targets, as float tensors.
            y_pred: predictions, as float tensors.

        Raises:
            NotImplementedError: when the subclass does not define it.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `call(self, y_true, y_pred)`.")

    def mean(self, y_true: Any, y_pred: Any) -> torch.Tensor:
        """Returns the mean of `call`: the loss where there are neither weights nor masks.

        Losses override it where torch computes the mean in one call.

        Args:
            y_true: targets, as float tensors.
            y_pred: predictions, as float tensors.
        """
        losses = self.call(y_true, y_pred)
        ready = type(losses) is torch.Tensor and losses.dtype is self._torch_dtype and losses.numel()
        if ready and getattr(losses, "_keras_mask", None) is None:
            return losses.mean()
        return self._reduce(losses)

    def _reduce(self, losses: Any, sample_weight: Any = None, mask: Any = None) -> torch.Tensor:
        own_mask = getattr(losses, "_keras_mask", None)
        if own_mask is not None:
            mask = own_mask if mask is None else mask & own_mask
        try:
            return reduce_weighted_values(losses, sample_weight, mask, self.reduction, self._torch_dtype)
        except InvalidArgumentError as error:
            raise type(error)(f"In loss {self.name!r}: {error}") from error

    def get_config(self) -> dict:
        """Returns the constructor's arguments as plain values."""
        return {"name": self.name, "reduction": self.reduction}


@builtin("keras.losses")
@builtin("keras.src.losses.losses")  # the module in configs: Keras does not export the class
class LossFunctionWrapper(Loss):
    """A loss made from a function `(y_true, y_pred, **kwargs) -> one value per sample`.

    Args:
        fn: the function.
        reduction: how to reduce; see `Loss`.
        name: a name; None makes one.
        dtype: the type to compute in; None is `floatx()`.
        **kwargs: further arguments of the function.

    Attributes:
        fn: the function.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> def scaled(y_true, y_pred, scale):
        ...     return scale * (y_true - y_pred).abs().mean(-1)
        >>> LossFunctionWrapper(scaled, scale=10.0)([[0.0]], [[1.0]])
        tensor(10.)

    Source: Keras.
    """

    def __init__(
        self,
        fn: Callable,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs
        self._keeps_labels = getattr(fn, "keeps_labels", False)
        fused = MEANS.get(fn) if isinstance(fn, Hashable) else None
        self._fused = functools.partial(fused, **kwargs) if fused is not None else None

    def mean(self, y_true: Any, y_pred: Any) -> torch.Tensor:
        if self._fused is not None and type(y_true) is type(y_pred) and y_pred.numel():
            return self._fused(y_true, y_pred)
        return super().mean(y_true, y_pred)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if not tree.is_nested(y_true) and not tree.is_nested(y_pred):
            if not self._keeps_labels:
                y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
            return self.fn(y_true, y_pred, **self._fn_kwargs)
        both = [
            tree.map_structure(
                lambda t, p, side=side: squeeze_or_expand_to_same_rank(t, p)[side], y_true, y_pred
            )
            for side in (0, 1)
        ]
        return self.fn(*both, **self._fn_kwargs)

    def get_config(self) -> dict:
        """Returns the constructor's arguments as plain values."""
        kwargs = {key: serialize_keras_object(value) for key, value in self._fn_kwargs.items()}
        return {**super().get_config(), "fn": serialize_keras_object(self.fn), **kwargs}

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Returns a loss made from what `get_config` returned."""
        if "fn" in config:
            config = {k: deserialize_keras_object(v, module="keras.losses") for k, v in config.items()}
        return super().from_config(config)

    def __repr__(self) -> str:
        return f"<LossFunctionWrapper({self.fn}, kwargs={self._fn_kwargs})>"


class BuiltinLoss(LossFunctionWrapper):
    """A loss of the library: its config names the class, not the function."""

    # Arguments that Keras's configs leave out. They are written where they are not the default, so that configs
    # equal Keras's and no setting is lost.
    _unwritten: dict[str, Any] = {}

    def get_config(self) -> dict:
        """Returns the constructor's arguments as plain values."""
        kwargs = {
            key: serialize_keras_object(value)
            for key, value in self._fn_kwargs.items()
            if key not in self._unwritten or value != self._unwritten[key]
        }
        return {**Loss.get_config(self), **kwargs}
