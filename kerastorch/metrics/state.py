"""The arguments of `add_weight`, in the order of Keras 2 or of Keras 3, and the wrappers that every metric gets."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch.utils.weak import WeakIdKeyDictionary

from kerastorch.core.context import state
from kerastorch.core.variable import Variable
from kerastorch.dtypes import TORCH_DTYPES, standardize_dtype, torch_dtype
from kerastorch.errors import InvalidArgumentError, UnknownArgumentError, did_you_mean
from kerastorch.initializers import identifiers as initializers

_KERAS_2_ORDER = ("name", "shape", "aggregation", "synchronization", "initializer", "dtype")
_KERAS_3_ORDER = ("shape", "initializer", "dtype", "name", "aggregation", "synchronization")
_AGGREGATIONS = ("none", "mean", "sum", "only_first_replica", "max", "min", "concat")
_SYNCHRONIZATIONS = ("none", "auto", "on_write", "on_read")


def weight_arguments(args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Returns the arguments of `add_weight` by name; a first argument that is a string means Keras 2's order.

    Raises:
        UnknownArgumentError: for a keyword that neither Keras 2 nor Keras 3 has, or an argument given twice.
        InvalidArgumentError: when `synchronization` is none that Keras knows.
    """
    order = _KERAS_2_ORDER if args and isinstance(args[0], str) else _KERAS_3_ORDER
    if len(args) > len(order):
        raise UnknownArgumentError(
            f"add_weight() takes at most {len(order)} arguments. Received: {len(args)}."
        )
    given = dict(zip(order, args, strict=False))
    for key, value in kwargs.items():
        if key not in order:
            raise UnknownArgumentError(
                f"add_weight() got an unexpected argument {key!r}. Expected one of {sorted(order)}."
                f"{did_you_mean(key, order)}"
            )
        if key in given:
            raise UnknownArgumentError(f"add_weight() got two values for the argument {key!r}.")
        given[key] = value
    enum_name(given.pop("synchronization", None), _SYNCHRONIZATIONS, "synchronization")
    return given


def enum_name(value: Any, known: tuple[str, ...] = _AGGREGATIONS, what: str = "aggregation") -> str:
    """Returns an aggregation or synchronization as Keras 3 spells it; TensorFlow's enums are understood.

    Raises:
        InvalidArgumentError: when it is none of `known`.
    """
    name = str(getattr(value, "name", value)).lower() if value is not None else "none"
    if name not in known:
        raise InvalidArgumentError(
            f"Invalid value for argument `{what}`. Expected one of {list(known)}. Received: {value!r}."
        )
    return name


def combine(own: Any, others: list[torch.Tensor]) -> None:
    """Combines the values of other processes into a variable, as its `aggregation` says.

    Args:
        own: the variable.
        others: the values of the same variable elsewhere.

    Example:
        >>> from kerastorch.core.variable import Variable
        >>> largest = Variable(2.0, trainable=False, aggregation="max")
        >>> combine(largest, [torch.tensor(5.0), torch.tensor(3.0)])
        >>> float(largest)
        5.0
    """
    if not others or own.aggregation in ("none", "only_first_replica"):
        return
    values = [x.detach().to(own.device, own.dtype) for x in (own, *others)]
    if own.aggregation == "concat":
        own.data = torch.cat(values)
    else:
        own.data.copy_(_COMBINATIONS[own.aggregation](torch.stack(values)))


_COMBINATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "sum": lambda values: values.sum(0),
    "mean": lambda values: values.mean(0) if values.is_floating_point() else values.float().mean(0),
    "max": lambda values: values.amax(0),
    "min": lambda values: values.amin(0),
}


def empty(variable: Any) -> None:
    """Takes all rows out of a variable whose values are concatenated."""
    variable.data = variable.detach()[:0].clone()


def dtype_and_name(dtype: Any, name: Any) -> tuple[str, str | None]:
    """Returns the compute type and the name; Keras 2 has `name` first, so that a string that is no type is a name."""
    if isinstance(dtype, str) and not _is_dtype(dtype):
        dtype, name = name, dtype
    dtype = getattr(dtype, "compute_dtype", dtype)
    if isinstance(dtype, str):
        dtype = dtype.removeprefix("mixed_")
    return standardize_dtype("int32" if dtype == "int" else dtype), name


def _is_dtype(text: str) -> bool:
    return text.removeprefix("mixed_") in TORCH_DTYPES or text in ("float", "double", "half", "int", "long")


def initial_value(initializer: Any) -> Callable[..., torch.Tensor]:
    """Returns a function of `(shape, dtype)`; None and "zeros", which nearly all metrics use, need no look-up."""
    if initializer is None or initializer == "zeros":
        return _zeros
    return initializers.get(initializer)


def _zeros(shape: tuple[int, ...], dtype: Any = None) -> torch.Tensor:
    return torch.zeros(shape, dtype=torch_dtype(dtype))


def _naming_errors(update: Callable) -> Callable:
    """Puts the metric's name before the text of errors, once."""

    @functools.wraps(update)
    def named(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return update(self, *args, **kwargs)
        except InvalidArgumentError as error:
            if not getattr(error, "names_metric", False):
                error.args = (f"Metric {self.name!r}: {error}",)
                error.names_metric = True  # type: ignore[attr-defined]
            raise

    return named


def guard_update(update: Callable) -> Callable:
    """Makes `update_state` run without gradients, with the state where the data is; errors name the metric."""
    if getattr(update, "_guards_update", False):
        return update

    update = _naming_errors(update)

    @functools.wraps(update)
    def update_state(self: Any, *args: Any, **kwargs: Any) -> Any:
        if state.inferring:  # there is nothing to count
            return None
        device = self._device
        for value in (*args, *kwargs.values()) if kwargs else args:
            if isinstance(value, torch.Tensor) and value.device != device and value.ndim:
                if value.device.type == "meta":
                    return None
                self._follow(args, kwargs)
                break
        if not torch.is_grad_enabled():
            return update(self, *args, **kwargs)
        torch._C._set_grad_enabled(False)  # what torch.no_grad() does, in a tenth of its time
        try:
            return update(self, *args, **kwargs)
        finally:
            torch._C._set_grad_enabled(True)

    update_state._guards_update = True  # type: ignore[attr-defined]
    return update_state


_origins: Any = WeakIdKeyDictionary()  # tensors that metrics have returned -> the metric


def metric_of(value: Any) -> Any:
    """Returns the metric object that has returned this tensor, None for any other value."""
    return _origins.get(value) if isinstance(value, torch.Tensor) else None


def guard_result(result: Callable) -> Callable:
    """Makes `result` return a copy where it would return a variable, which the next update changes.

    Tensors that it returns are noted down, so that `metric_of` knows where they come from.
    """
    if getattr(result, "_guards_result", False):
        return result

    @functools.wraps(result)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        value = result(self, *args, **kwargs)
        if isinstance(value, Variable):
            value = value.detach().clone()
        if type(value) is torch.Tensor:
            _origins[value] = self
        if isinstance(value, dict):
            return {k: v.detach().clone() if isinstance(v, Variable) else v for k, v in value.items()}
        return value

    guarded._guards_result = True  # type: ignore[attr-defined]
    return guarded
