"""`tf.Variable`: kerastorch's variable with the constructor and methods of TensorFlow's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.compat.tensorflow.operation import as_tensor
from kerastorch.compat.tensorflow.shapes import TensorShape
from kerastorch.core.context import current_path
from kerastorch.core.devices import current_device
from kerastorch.core.variable import StateVariable
from kerastorch.core.variable import Variable as KerasVariable
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.naming import auto_name


class _Methods(torch.Tensor):
    """What TensorFlow's variables can do beyond kerastorch's."""

    def value(self) -> torch.Tensor:
        """Returns the values as they are now, which later assignments do not change."""
        return self.clone()

    initialized_value = value

    def assign(self, value: Any, use_locking: bool = False, name: Any = None, read_value: bool = True) -> Any:
        """Sets the values in place and returns the variable.

        Args:
            value: a tensor, array or number of the same shape.
            use_locking: has no effect.
            name: has no effect.
            read_value: has no effect: the variable is returned in any case.
        """
        return super().assign(value)  # type: ignore[misc]

    def assign_add(
        self, delta: Any, use_locking: bool = False, name: Any = None, read_value: bool = True
    ) -> Any:
        """Adds to the values in place and returns the variable.

        Args:
            delta: a tensor, array or number.
            use_locking: has no effect.
            name: has no effect.
            read_value: has no effect.
        """
        return super().assign_add(delta)  # type: ignore[misc]

    def assign_sub(
        self, delta: Any, use_locking: bool = False, name: Any = None, read_value: bool = True
    ) -> Any:
        """Subtracts from the values in place and returns the variable.

        Args:
            delta: a tensor, array or number.
            use_locking: has no effect.
            name: has no effect.
            read_value: has no effect.
        """
        return super().assign_sub(delta)  # type: ignore[misc]

    def scatter_nd_update(self, indices: Any, updates: Any, name: Any = None) -> Any:
        """Sets the elements or slices at some places and returns the variable.

        Args:
            indices: whole numbers; the last axis is one place.
            updates: the new values.
            name: has no effect.
        """
        places = torch.as_tensor(indices, device=self.device).long().unbind(-1)
        with torch.no_grad():
            self[places] = torch.as_tensor(updates, dtype=self.dtype, device=self.device)
        return self


class _Meta(type(KerasVariable)):  # type: ignore[misc]
    """Makes every variable of a layer or optimizer an instance of `tf.Variable`."""

    def __instancecheck__(cls, instance: Any) -> bool:
        if cls is Variable:
            return isinstance(instance, (KerasVariable, StateVariable))
        return type.__instancecheck__(cls, instance)


class _State(_Methods, StateVariable):  # type: ignore[misc]  # `value` is a method here
    """A `tf.Variable` that is not trained."""


class Variable(_Methods, KerasVariable, metaclass=_Meta):  # type: ignore[misc]  # as above
    """A tensor that keeps its place while its values change; layers and models track it as a weight.

    Args:
        initial_value: the first value: a tensor, array, number, or a function without arguments that returns it.
        trainable: whether it is trained; variables of whole numbers never are. Default: True.
        validate_shape: has no effect: the shape never changes.
        caching_device: has no effect.
        name: a name; None makes one.
        variable_def: has no effect.
        dtype: the data type; None takes the value's, float32 for Python floats and int32 for integers.
        import_scope: has no effect.
        constraint: a function that optimizers call on the variable after each update. Default: None.
        synchronization: has no effect: there is one copy.
        aggregation: how copies on several devices combine. Default: `"none"`.
        shape: the shape that the value must have, None for any size. Default: the value's.
        experimental_enable_variable_lifting: has no effect.

    Raises:
        InvalidArgumentError: when there is no value.
        ShapeError: when the value does not have `shape`.

    Example:
        >>> steps = Variable(0, name="steps")
        >>> int(steps.assign_add(1)), steps.dtype, steps.trainable
        (1, torch.int32, False)

    Source: `tf.Variable`
    """

    def __new__(
        cls,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: Any = None,
        constraint: Callable | None = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
        experimental_enable_variable_lifting: bool | None = None,
    ) -> Variable:
        if initial_value is None:
            raise InvalidArgumentError("`tf.Variable` needs an `initial_value`. Received: None.")
        made = callable(initial_value) and not isinstance(initial_value, torch.Tensor)
        value = as_tensor(initial_value() if made else initial_value, dtype=dtype)
        if not isinstance(value, torch.Tensor):
            raise InvalidArgumentError(
                f"`tf.Variable` holds numbers; keep texts as a plain attribute. Received: {value!r}."
            )
        if shape is not None and not TensorShape(shape).is_compatible_with(tuple(value.shape)):
            raise ShapeError(
                f"The value of a variable has shape {tuple(value.shape)}, but `shape` is {shape}."
            )
        data = value.detach().to(current_device(), copy=True)
        trained = trainable is not False and data.is_floating_point()
        self: Any = torch.Tensor._make_subclass(cls if trained else _State, data, trained)
        full = name or auto_name("variable")
        scope = current_path()
        self.name, self.path = full.rpartition("/")[2], f"{scope}/{full}" if scope else full
        self.autocast, self.aggregation = False, aggregation or "none"
        self.regularizer, self.constraint = None, constraint
        return self

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: Any = None,
        constraint: Callable | None = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
        experimental_enable_variable_lifting: bool | None = None,
    ) -> None:
        """Nothing is left to do: a tensor takes its arguments when it is made, in `__new__`."""
