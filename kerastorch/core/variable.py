"""Variables: a weight is a `torch.nn.Parameter`, state that is not trained is a tensor kept as a buffer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch._C import _disabled_torch_function_impl
from torch.utils._python_dispatch import _disable_current_modes

from kerastorch import registry
from kerastorch.core.arrays import as_tensor, host_array, type_of_numbers
from kerastorch.core.bounds import reserve
from kerastorch.core.context import current_path
from kerastorch.core.devices import current_device
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.naming import auto_name


class _VariableAPI(torch.Tensor):
    """What Keras's variables do beyond being tensors."""

    _name: str
    path: str
    regularizer: Any
    constraint: Any
    autocast: bool
    aggregation: str
    overwrite_with_gradient: bool = False  # whether optimizers put the gradient in the place of the values

    @property
    def name(self) -> str:
        """The name without its path, such as `"kernel"`; torch's own attribute of that name is read-only."""
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self._name = value

    @property
    def value(self) -> torch.Tensor:
        """The variable itself: it is a tensor."""
        return self

    @property
    def trainable(self) -> bool:
        """Whether gradients flow to the variable."""
        return self.requires_grad

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self.requires_grad_(bool(value) and self.is_floating_point())

    def assign(self, value: Any) -> Any:
        """Sets the values in place and returns the variable.

        Args:
            value: a tensor, array or number of the same shape.

        Raises:
            ShapeError: when the shapes differ.
            InvalidArgumentError: when the value holds no numbers.
        """
        try:
            new = as_tensor(value, dtype=self.dtype, device=self.device)
        except (TypeError, ValueError) as error:
            raise InvalidArgumentError(
                f"The variable {self.path!r} can be assigned a tensor, an array or numbers. "
                f"Received: {value!r} (of type {type(value).__name__})."
            ) from error
        if new.shape != self.shape:
            raise ShapeError(
                "The shape of the target variable and the shape of the target value in `variable.assign(value)` must "
                f"match. variable.shape={tuple(self.shape)}, Received: value.shape={tuple(new.shape)}. "
                f"Target variable: {self.path!r}."
            )
        with torch.no_grad():
            self.copy_(new)
        return self

    def assign_add(self, value: Any) -> Any:
        """Adds to the values in place and returns the variable."""
        with torch.no_grad():
            return self.add_(as_tensor(value, dtype=self.dtype, device=self.device))

    def assign_sub(self, value: Any) -> Any:
        """Subtracts from the values in place and returns the variable."""
        with torch.no_grad():
            return self.sub_(as_tensor(value, dtype=self.dtype, device=self.device))

    def read_value(self) -> torch.Tensor:
        """Returns the values as they are now, which later assignments do not change."""
        return self.clone()

    def numpy(self, *, force: bool = True) -> np.ndarray:
        """Returns the values as a NumPy array that shares no memory with the variable; bfloat16 becomes float32.

        Args:
            force: as in torch; variables are always detached and copied to the host.
        """
        return host_array(self)

    def __round__(self, digits: int = 0) -> torch.Tensor:
        return torch.round(self, decimals=digits)

    def __deepcopy__(self, memo: dict) -> Any:
        if id(self) in memo:
            return memo[id(self)]
        data = self.detach().clone(memory_format=torch.preserve_format)
        clone = torch.Tensor._make_subclass(type(self), data, self.requires_grad)
        memo[id(self)] = clone
        clone.__dict__.update({k: copy.deepcopy(v, memo) for k, v in self.__dict__.items()})
        return clone

    def __reduce_ex__(self, protocol: Any) -> Any:
        data = self.detach()
        return _restore, (type(self), data, self.requires_grad, self.__dict__.copy())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self.dim() == 0 else format(str(self), spec)

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]
        label = getattr(self, "path", "") or getattr(self, "name", "")
        return (
            f"<Variable path={label}, shape={tuple(self.shape)}, dtype={standardize_dtype(self.dtype)}, "
            f"value={self.detach().cpu().tolist() if self.numel() < 20 else '...'}>"
        )


def _restore(cls: type, data: torch.Tensor, requires_grad: bool, attributes: dict) -> Any:
    variable: Any = torch.Tensor._make_subclass(cls, data, requires_grad)
    variable.__dict__.update(attributes)
    return variable


class _VariableMeta(type(torch.nn.Parameter)):  # type: ignore[misc]
    """Makes `isinstance(state, Variable)` true for state that is not trained."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return type.__instancecheck__(cls, instance) or (
            cls is Variable and isinstance(instance, StateVariable)
        )


class StateVariable(_VariableAPI):
    """State that is not trained, such as a moving average: a tensor that modules keep as a buffer."""

    __torch_function__ = _disabled_torch_function_impl  # type: ignore[assignment]


class Variable(_VariableAPI, torch.nn.Parameter, metaclass=_VariableMeta):
    """A named tensor that a layer, metric or optimizer owns; a `torch.nn.Parameter` when it is trainable.

    Args:
        initializer: the first value (tensor, array, number), or a function of `(shape, dtype)`, or the name of an
            initializer, that makes it.
        shape: a tuple of integers; needed for functions, checked for values.
        dtype: a data type; None takes the value's, int32 for Python integers (int64 for large ones), or `floatx()`
            for Python floats and functions.
        trainable: True makes a `torch.nn.Parameter`; False makes state that modules keep as a buffer.
        autocast: whether mixed precision may use the variable in lower precision.
        aggregation: how copies on several devices combine: `"none"`, `"mean"`, `"sum"` or `"only_first_replica"`.
        name: a name without slashes; None makes one.

    Raises:
        InvalidArgumentError: when the name has a slash, or a function comes without a shape.
        ShapeError: when the value does not have `shape`.

    Example:
        >>> counter = Variable(0.0, trainable=False, name="counter")
        >>> float(counter.assign_add(2.0))
        2.0

    Source: `keras.Variable`, `torch.nn.Parameter`.
    """

    def __new__(
        cls,
        initializer: Any,
        shape: tuple[int, ...] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str = "none",
        name: str | None = None,
    ) -> Variable:
        name = name or auto_name("variable")
        if not isinstance(name, str) or "/" in name:
            raise InvalidArgumentError(
                f"Argument `name` must be a string and cannot contain `/`. Received: {name!r}."
            )
        with _disable_current_modes():
            data = _first_value(initializer, shape, dtype)
        kind: type = cls if trainable and data.is_floating_point() else StateVariable
        self: Any = torch.Tensor._make_subclass(kind, data, kind is cls)
        scope = current_path()
        self.name, self.path = name, f"{scope}/{name}" if scope else name
        self.autocast, self.aggregation = autocast, aggregation
        self.regularizer = self.constraint = None
        return self

    def __init__(
        self,
        initializer: Any,
        shape: tuple[int, ...] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str = "none",
        name: str | None = None,
    ) -> None:
        """Nothing is left to do: a tensor takes its arguments when it is made, in `__new__`."""


def _first_value(initializer: Any, shape: tuple[int, ...] | None, dtype: Any) -> torch.Tensor:
    device = current_device()
    if isinstance(initializer, str):
        initializer = registry.lookup("keras.initializers", initializer, "initializer")()
    if callable(initializer) and not isinstance(initializer, torch.Tensor):
        if shape is None:
            raise InvalidArgumentError(
                "When creating a Variable from an initializer, the `shape` argument should be specified. "
                f"Received: initializer={initializer!r}, shape=None."
            )
        return _from_function(initializer, tuple(shape), standardize_dtype(dtype), device)
    if dtype is None and (isinstance(initializer, float) or not hasattr(initializer, "dtype")):
        dtype = type_of_numbers(np.asarray(initializer))
    value = as_tensor(initializer, dtype=None if dtype is None else torch_dtype(dtype))
    if shape is not None and tuple(shape) != tuple(value.shape):
        raise ShapeError(
            f"The value of a Variable has shape {tuple(value.shape)}, but `shape` is {tuple(shape)}."
        )
    return value.detach().to(device, copy=True)


def _from_function(make: Callable, shape: tuple[int, ...], dtype: str, device: torch.device) -> torch.Tensor:
    reserve(shape, torch_dtype(dtype).itemsize)
    value = as_tensor(make(shape, dtype=dtype), dtype=torch_dtype(dtype)).detach()
    if tuple(value.shape) != shape:
        raise ShapeError(
            f"The initializer {make!r} returned shape {tuple(value.shape)} where {shape} was asked for."
        )
    return value.to(device)
