"""State that a kernel keeps in another form than Keras's while training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


class ReformedMixin:
    """The part of an optimizer that keeps one kind of its state in the form that a kernel works with.

    Whoever reads the state gets Keras's values, which are rounded; those of the kernel are kept beside them and come
    back unless somebody has set others, so that reading changes nothing. A subclass names the state by
    `_reformed_slot`, and converts it by `_reform(old, new)` from one form to another; None is Keras's form.
    """

    _slots: list[tuple[str, Any, Any]]
    _reform: Callable[[Any, Any], None]
    _reformed_slot: str

    _form: Any = None  # the form at the moment
    _exact: tuple[Any, list[tuple[Any, Any]]] | None = None  # a form, and each value in it and as it was read

    def _reformed(self) -> list[Any]:
        """The variables of the state."""
        return [slot for name, _, slot in self._slots if name == self._reformed_slot]

    def _before_kernel(self, form: Any) -> None:
        """Brings the state to a form; values that nobody has set since they were read get back what they held."""
        if self._form == form:
            return
        if self._exact is not None:
            held, values = self._exact
            pairs = zip(self._reformed(), values, strict=True)
            kept = [(variable, exact) for variable, (exact, read) in pairs if torch.equal(variable, read)]
            self._change_form(held)
            for variable, exact in kept:
                variable.detach().copy_(exact)
            self._exact = None
        self._change_form(form)

    def _change_form(self, form: Any) -> None:
        if self._form != form:
            self._reform(self._form, form)
            self._form = form

    def _before_reading(self) -> None:
        if self._form is not None:
            held = self._form
            exact = [variable.detach().clone() for variable in self._reformed()]
            self._change_form(None)
            read = [variable.detach().clone() for variable in self._reformed()]
            self._exact = held, list(zip(exact, read, strict=True))

    def _exact_state(self) -> dict[str, torch.Tensor]:
        self._before_reading()
        if self._exact is None:
            return {}
        form, values = self._exact
        tensors = {f"{self._reformed_slot}/{i}": exact for i, (exact, _) in enumerate(values)}
        return {"form": torch.tensor(form, dtype=torch.float64), **tensors}

    def _set_exact_state(self, state: dict[str, torch.Tensor]) -> None:
        variables = self._reformed()
        exact = [state.get(f"{self._reformed_slot}/{i}") for i in range(len(variables))]
        fits = [e is not None and e.shape == v.shape for e, v in zip(exact, variables, strict=True)]
        if variables and "form" in state and all(fits):
            self._before_reading()
            read = [variable.detach().clone() for variable in variables]
            form = _frozen(state["form"].tolist())
            self._exact = form, [(e.to(r), r) for e, r in zip(exact, read, strict=True)]  # type: ignore[union-attr]


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
