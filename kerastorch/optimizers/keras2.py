"""Methods of optimizers that only Keras 2 has, and those that compute gradients."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from kerastorch.core.updates import recording
from kerastorch.errors import InvalidArgumentError, MissingMethodError, NotBuiltError, ShapeError


class Keras2Mixin:
    """`minimize`, `compute_gradients` and the access to slots by name, and Keras 3's `stateless_apply`."""

    built: bool
    _params: list[Any]
    _places: dict[int, int]
    _slots: list[tuple[str, Any, Any]]

    def minimize(
        self, loss: Any, var_list: Any, tape: Any = None, grad_loss: Any = None, name: str | None = None
    ) -> Any:
        """Computes gradients of a loss and updates variables by them.

        Args:
            loss: a function without arguments that returns the loss, or a loss tensor.
            var_list: the variables, or a function that returns them.
            tape: has no use here, since torch records every tensor; only None and gradient tapes are taken.
            grad_loss: the gradient of the loss itself; None for one.
            name: has no effect.

        Returns:
            The step counter.

        Raises:
            InvalidArgumentError: when the loss depends on none of the variables.
        """
        return self.apply_gradients(self.compute_gradients(loss, var_list, tape, grad_loss))  # type: ignore[attr-defined]

    def compute_gradients(
        self, loss: Any, var_list: Any, tape: Any = None, grad_loss: Any = None
    ) -> list[tuple[Any, Any]]:
        """Returns `(gradient, variable)` pairs for a loss.

        Args:
            loss: a function without arguments that returns the loss, or a loss tensor.
            var_list: the variables, or a function that returns them.
            tape: has no use here, since torch records every tensor.
            grad_loss: the gradient of the loss itself; None for one.

        Raises:
            InvalidArgumentError: when the loss is no tensor that gradients can be taken of.
        """
        with torch.enable_grad():
            value = loss() if callable(loss) else loss
        variables = list(var_list() if callable(var_list) else var_list)
        if not isinstance(value, torch.Tensor) or not value.requires_grad:
            raise InvalidArgumentError(
                f"`loss` must be, or return, a tensor computed from the variables. Received: {value!r}"
            )
        grads = torch.autograd.grad(value.sum(), variables, grad_outputs=grad_loss, allow_unused=True)
        return list(zip(grads, variables, strict=True))

    def get_gradients(self, loss: Any, params: Sequence[Any]) -> list[Any]:
        """Returns the gradients of a loss tensor for a list of variables; inside a `get_updates` those of the step."""
        if recording.active:
            return recording.gradients_of(params)
        return [grad for grad, _ in self.compute_gradients(loss, params)]

    def get_updates(self, loss: Any, params: Sequence[Any]) -> list[Any]:
        """Updates variables by the gradients of a loss tensor, and returns a list with the step counter.

        Raises:
            MissingMethodError: when a subclass's own `get_updates` calls it.
        """
        if recording.active:
            raise MissingMethodError(
                f"{type(self).__name__} cannot call `super().get_updates`: built-in optimizers list no updates. Write "
                "the whole update, or override `update_step(self, gradient, variable, learning_rate)`."
            )
        return [self.apply_gradients(self.compute_gradients(loss, params))]  # type: ignore[attr-defined]

    def aggregate_gradients(self, grads_and_vars: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
        """Returns the pairs unchanged, since there is nothing to aggregate over."""
        return list(grads_and_vars)

    def get_slot_names(self) -> list[str]:
        """Returns the names of the optimizer's state, such as `"momentum"`."""
        return list(dict.fromkeys(name for name, _, _ in self._slots))

    def get_slot(self, var: Any, slot_name: str) -> Any:
        """Returns the state that belongs to a variable.

        Args:
            var: a variable of the model.
            slot_name: such as `"momentum"`.

        Raises:
            InvalidArgumentError: when there is none of that name.
        """
        self._before_reading()  # type: ignore[attr-defined]
        var = getattr(var, "origin", var)
        for name, reference, slot in self._slots:
            if name == slot_name and reference is var:
                return slot
        raise InvalidArgumentError(
            f"There is no slot {slot_name!r} for this variable. The slots are {self.get_slot_names()}."
        )

    @property
    def _index_dict(self) -> dict[int, int]:
        """Where a variable's state stands in the lists; read by optimizers written for Keras 2."""
        return self._places

    def stateless_apply(
        self, optimizer_variables: Sequence[Any], grads: Sequence[Any], trainable_variables: Sequence[Any]
    ) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Returns what the variables would be after one step, and leaves them as they are.

        Args:
            optimizer_variables: values for `variables`.
            grads: the gradients.
            trainable_variables: values for the variables of `build`.

        Returns:
            The new values of the trainable variables and of the optimizer's variables.

        Raises:
            NotBuiltError: before `build`.
            ShapeError: when there are more or fewer values than variables.
        """
        if not self.built:
            raise NotBuiltError(
                f"To call `stateless_apply`, {type(self).__name__} must be built (i.e. its variables must have been "
                "created). You can build it via `optimizer.build(trainable_variables)`."
            )
        own: list[Any] = self.variables  # type: ignore[attr-defined]
        for given, expected in ((optimizer_variables, own), (trainable_variables, self._params)):
            if len(given) != len(expected):
                raise ShapeError(f"Received {len(given)} values for {len(expected)} variables.")
        before = _values([*self._params, *own])
        self._set([*trainable_variables, *optimizer_variables], own)
        try:
            self.apply(grads)  # type: ignore[attr-defined]
            after = _values([*self._params, *self.variables])  # type: ignore[attr-defined]
        finally:
            self._set(before, self.variables)  # type: ignore[attr-defined]
        return after[: len(self._params)], after[len(self._params) :]

    def _set(self, values: Sequence[Any], own: list[Any]) -> None:
        for variable, value in zip([*self._params, *own], values, strict=True):
            self.assign(variable, value)  # type: ignore[attr-defined]


def _values(variables: Iterable[torch.Tensor]) -> list[torch.Tensor]:
    return [variable.detach().clone() for variable in variables]
