"""What optimizers written for Keras up to 2.10 override and call: hyperparameters, slots and resource updates."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.core.serializable import serialize_keras_object
from kerastorch.core.updates import recording
from kerastorch.core.variable import StateVariable
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.optimizers.schedules.schedule import LearningRateSchedule


class ResourceType(str):
    """The name of a data type that has a `base_dtype`, as TensorFlow's types have."""

    @property
    def base_dtype(self) -> ResourceType:
        """The type itself."""
        return self


class Resource(StateVariable):
    """A variable of the model as optimizers written for Keras up to 2.10 see it: with TensorFlow's kind of type."""

    origin: Any

    @property
    def dtype(self) -> Any:  # type: ignore[override]
        """The name of the data type."""
        return ResourceType(standardize_dtype(self.origin.dtype))

    def assign(self, value: Any) -> Any:
        with torch.no_grad():
            self.copy_(torch.as_tensor(value, dtype=self.origin.dtype, device=self.device))
        return self

    def assign_add(self, value: Any) -> Any:
        return self.assign(self.detach() + value)

    def assign_sub(self, value: Any) -> Any:
        return self.assign(self.detach() - value)


def as_resource(variable: Any) -> Resource:
    """Returns a variable as a `Resource` that shares its memory."""
    resource = torch.Tensor._make_subclass(Resource, variable.detach(), False)
    resource.__dict__.update(vars(variable), origin=variable)
    return resource


class Keras2SubclassMixin:
    """Lets a subclass say how to update by `_create_slots(var_list)` and `_resource_apply_dense(grad, var)`.

    A subclass written for Keras 1 overrides `get_updates(loss, params)`, which returns pairs of variables and values.
    """

    name: str
    _decay: float
    _slots: list[tuple[str, Any, Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "_resource_apply_dense" in vars(cls) and "update_step" not in vars(cls):
            cls.update_step = _apply_resource  # type: ignore[attr-defined]

    def _as_written(self, variables: list[Any]) -> list[Any]:
        """The variables of the model as the subclass expects them in `_create_slots`."""
        return list(map(as_resource, variables)) if hasattr(self, "_resource_apply_dense") else variables

    @property
    def _name(self) -> str:
        return self.name

    @property
    def _initial_decay(self) -> float:
        return self._decay

    def _set_hyper(self, name: str, value: Any) -> None:
        """Takes a hyperparameter; it becomes an attribute. `learning_rate` may be anything that a rate may be."""
        if not (name == "decay" and value == self._initial_decay):
            setattr(self, name, value)

    def _get_hyper(self, name: str, dtype: Any = None) -> Any:
        """Returns a hyperparameter; with a type as a scalar tensor."""
        value = self._learning_rate if name == "learning_rate" else getattr(self, name)  # type: ignore[attr-defined]
        if isinstance(value, LearningRateSchedule):
            return value
        value = value() if callable(value) and not isinstance(value, torch.Tensor) else value
        return value if dtype is None else torch.as_tensor(value, dtype=torch_dtype(dtype))

    def _serialize_hyperparameter(self, name: str) -> Any:
        if name == "learning_rate":
            return self._rate_config()  # type: ignore[attr-defined]
        value = getattr(self, name)
        return serialize_keras_object(value() if callable(value) else value)

    def _create_hypers(self) -> None:
        """There is nothing to create: hyperparameters are attributes."""

    def _call_if_callable(self, param: Any) -> Any:
        return param() if callable(param) else param

    def _decayed_lr(self, var_dtype: Any = None) -> torch.Tensor:
        """The learning rate of this step, after `decay`, as a scalar tensor."""
        return torch.tensor(self._rate_now(), dtype=torch_dtype(var_dtype))  # type: ignore[attr-defined]

    def add_slot(
        self, var: Any, slot_name: str, initializer: Any = "zeros", shape: Sequence[int] | None = None
    ) -> Any:
        """Makes the state of one name that belongs to a variable, unless it is there already.

        Args:
            var: a variable of the model.
            slot_name: such as `"momentum"`.
            initializer: a name, an initializer, a number or a tensor.
            shape: that of the state; None takes the variable's.

        Returns:
            The state, which `get_slot` returns from now on.
        """
        dtype, var = standardize_dtype(var.dtype), getattr(var, "origin", var)
        for name, reference, slot in self._slots:
            if name == slot_name and reference is var:
                return slot
        if shape is not None and tuple(shape) != tuple(var.shape):
            slot = self.add_variable(shape, initializer, dtype, name=slot_name)  # type: ignore[attr-defined]
            self._slots.append((slot_name, var, slot))
            return slot
        known = isinstance(initializer, torch.Tensor) or hasattr(initializer, "__array__")
        first = {"initial_value": initializer} if known else {"initializer": initializer}
        return self.add_variable_from_reference(var, slot_name, **first)  # type: ignore[attr-defined]

    def add_weight(
        self,
        name: str,
        shape: Sequence[int] = (),
        dtype: Any = None,
        initializer: Any = "zeros",
        trainable: bool | None = None,
        synchronization: Any = None,
        aggregation: Any = None,
    ) -> Any:
        """Makes a variable that belongs to the optimizer, with the arguments that Keras 2 had.

        Args:
            name: a label.
            shape: a tuple of integers.
            dtype: a data type; None takes `floatx()`.
            initializer: a name, an initializer, or a function of `(shape, dtype)`.
            trainable: has no effect: state is never trained.
            synchronization: has no effect.
            aggregation: has no effect.

        Returns:
            The variable, which is part of `variables` from now on.
        """
        return self.add_variable(shape, initializer, dtype, name=name)  # type: ignore[attr-defined]

    def _update_together(self, plan: Any, grads: Sequence[Any]) -> None:
        """Updates variables as a `get_updates` says."""
        gradients = {id(v): grad for v, grad in zip(plan.variables, grads, strict=True)}
        made = self.__dict__.setdefault("_made", {}).setdefault(tuple(plan.index), [])
        with recording.run(made, gradients):
            updates = self.get_updates(**_arguments_of(self.get_updates, list(plan.variables)))  # type: ignore[attr-defined]
        for variable in made:
            self._track(variable)  # type: ignore[attr-defined]
        for update in updates:
            # The step counts itself.
            if isinstance(update, tuple) and update[0] is not self._iterations:  # type: ignore[attr-defined]
                variable, value = update
                variable.copy_(torch.as_tensor(value, device=variable.device))

    def _prepare_local(self, var_device: Any, var_dtype: Any, apply_state: dict) -> None:
        """Fills `apply_state[var_device, var_dtype]` with what the updates of such variables have in common."""
        apply_state[var_device, var_dtype]["lr_t"] = self._decayed_lr(var_dtype)

    def _fallback_apply_state(self, var_device: Any, var_dtype: Any) -> dict:
        apply_state: dict = {(var_device, var_dtype): {}}
        self._prepare_local(var_device, var_dtype, apply_state)
        return apply_state[var_device, var_dtype]


def _arguments_of(get_updates: Any, params: list[Any]) -> dict[str, Any]:
    """The arguments of `get_updates`, whose order changed over the years; the gradients stand for the loss."""
    known: dict[str, Any] = {"loss": None, "params": params, "constraints": {}}
    return {name: known[name] for name in inspect.signature(get_updates).parameters if name in known}


def _apply_resource(self: Any, gradient: Any, variable: Any) -> None:
    """Updates one variable as the subclass says; sparse gradients have become dense ones before."""
    resource = as_resource(variable)
    if "apply_state" not in inspect.signature(self._resource_apply_dense).parameters:
        self._resource_apply_dense(gradient, resource)
        return
    key = resource.device, resource.dtype
    self._resource_apply_dense(gradient, resource, apply_state={key: self._fallback_apply_state(*key)})
