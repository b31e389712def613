"""The variables that an optimizer owns: how they are made, listed, read, written and saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch

from kerastorch.core.serializable import resolve_identifier
from kerastorch.core.variable import StateVariable, Variable
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import InvalidArgumentError, NotBuiltError, ShapeError
from kerastorch.optimizers.learning_rate import LearningRate, name_variable


class VariableList(list):
    """A list that returns itself when called: `optimizer.variables` was a method before it became a property."""

    def __call__(self) -> VariableList:
        return self


class VariablesMixin:
    """The part of an optimizer that makes and lists its variables, in Keras's order."""

    name: str
    built: bool
    _iterations: StateVariable
    _rate: Any
    _rate_variable: LearningRate
    _params: list[torch.Tensor]
    _plan: Any
    _tracked: list[torch.Tensor]
    _slots: list[tuple[str, torch.Tensor, torch.Tensor]]

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Any:
        """Makes a variable that belongs to the optimizer.

        Args:
            shape: a tuple of integers.
            initializer: a name, an initializer, or a function of `(shape, dtype)`.
            dtype: a data type; None takes `floatx()`.
            aggregation: how copies on several devices combine.
            layout: kept for Keras's signature; only None is known here.
            name: a label.

        Returns:
            The variable, which is part of `variables` from now on.

        Raises:
            InvalidArgumentError: when `layout` is given.
        """
        if layout is not None:
            raise InvalidArgumentError(
                f"Optimizer variables have no `layout` on torch. Received: layout={layout!r}"
            )
        make = _initializer(initializer)
        value = make(tuple(shape), dtype=standardize_dtype(dtype))
        variable = Variable(value, shape=tuple(shape), dtype=dtype, trainable=False, aggregation=aggregation)
        variable.name, variable.path = name or "variable", f"{self.name}/{name or 'variable'}"
        return self._track(variable)

    def add_variable_from_reference(
        self,
        reference_variable: Any = None,
        name: str | None = None,
        initializer: Any = "zeros",
        **keras2: Any,
    ) -> Any:
        """Makes a variable with the shape, type, device and memory order of a variable of the model.

        Args:
            reference_variable: the variable of the model.
            name: the end of the new variable's name, such as `"momentum"`.
            initializer: a name, an initializer, or a function of `(shape, dtype)`.
            **keras2: Keras 2's names `model_variable`, `variable_name` and `initial_value`.

        Returns:
            The variable, which moves along when the model's variable moves.
        """
        reference = keras2.pop("model_variable", reference_variable)
        slot = keras2.pop("variable_name", name) or "var"
        start = keras2.pop("initial_value", None)
        data = torch.zeros_like(reference, requires_grad=False, memory_format=torch.preserve_format)
        if start is not None:
            data.copy_(torch.as_tensor(start))
        elif initializer != "zeros":
            make = _initializer(initializer)
            data.copy_(torch.as_tensor(make(tuple(data.shape), dtype=standardize_dtype(data.dtype))))
        label = getattr(reference, "path", None) or f"variable_{len(self._slots)}"
        return self._add_slot(slot, reference, data, f"{label.replace('/', '_')}_{slot}")

    def _add_slot(self, slot: str, reference: Any, data: torch.Tensor, name: str) -> Any:
        """Makes a tensor of any shape part of the state that belongs to a variable of the model."""
        variable = name_variable(data, name, self.name)
        self._slots.append((slot, reference, variable))
        self.__dict__["_plan"] = None
        return self._track(variable)

    def add_optimizer_variables(
        self, trainable_variables: Iterable[Any], name: str | Sequence[str], initializer: Any = "zeros"
    ) -> Any:
        """Makes one variable, or one for each name, for every variable of the model.

        Args:
            trainable_variables: the variables of the model.
            name: one name, or a list of names.
            initializer: one for all names, or a list with one for each.

        Returns:
            A list of variables; for a list of names a tuple of lists.

        Raises:
            InvalidArgumentError: when there are not as many initializers as names.
        """
        names = [name] if isinstance(name, str) else list(name)
        one = not isinstance(initializer, (list, tuple))
        initializers = [initializer] * len(names) if one else list(initializer)
        if len(names) != len(initializers):
            raise InvalidArgumentError(
                "The number of provided names must match the number of provided initializers. "
                f"Received name='{name}', initializer='{initializer}'"
            )
        lists: tuple[list, ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            for made, slot, first in zip(lists, names, initializers, strict=True):
                made.append(self.add_variable_from_reference(variable, slot, first))
        return lists[0] if isinstance(name, str) else lists

    def _track(self, variable: Any) -> Any:
        if all(known is not variable for known in self._tracked):
            self._tracked.append(variable)
        return variable

    def _before_reading(self) -> None:
        """Brings the variables to the values that Keras's formulas give them, where an update keeps others."""

    def _exact_state(self) -> dict[str, torch.Tensor]:
        """What an update keeps in place of variables, if it is more exact than these are after `_before_reading`."""
        return {}

    def _set_exact_state(self, state: dict[str, torch.Tensor]) -> None:
        """Takes what `_exact_state` of an optimizer returned that had the variables which this one has now."""

    @property
    def variables(self) -> list[Any]:
        """The step counter, the learning rate (unless a schedule gives it), then the state of the update."""
        self._build_waiting()  # type: ignore[attr-defined]
        self._before_reading()
        return VariableList(self._own_variables())

    def _own_variables(self) -> list[Any]:
        rate = [self._rate_variable.refresh()] if self._rate is None else []
        return [self._iterations, *rate, *self._tracked]

    @property
    def weights(self) -> list[Any]:
        """The same as `variables`, under the name of Keras 2."""
        return self.variables

    @weights.setter
    def weights(self, value: Any) -> None:
        """Does nothing: what a `get_updates` of Keras 1 makes becomes part of `variables` by itself."""

    def get_weights(self) -> list[np.ndarray]:
        """Returns the values of `variables` as NumPy arrays."""
        return [variable.numpy() for variable in self.variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets the values of `variables`.

        Args:
            weights: arrays in the order of `variables`.

        Raises:
            NotBuiltError: before `build`.
            ShapeError: when there are more or fewer than variables, or a shape differs; nothing is set then.
        """
        if not self.built:
            raise NotBuiltError(
                "You are calling `set_weights()` on an optimizer that has not yet been built. Please call "
                "`optimizer.build(trainable_variables)` to create the optimizer weights before."
            )
        self._assign_all(list(weights))

    def _assign_all(self, values: list[Any]) -> None:
        variables = self.variables
        if len(values) != len(variables):
            raise ShapeError(
                f"Optimizer '{self.name}' has {len(variables)} variables, but {len(values)} values were given."
            )
        for variable, value in zip(variables, values, strict=True):
            if tuple(np.shape(value)) != tuple(variable.shape):
                raise ShapeError(
                    f"Optimizer variable {variable.path} has shape {tuple(variable.shape)} not compatible with "
                    f"provided weight shape {tuple(np.shape(value))}."
                )
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value if isinstance(value, torch.Tensor) else np.asarray(value))

    def save_own_variables(self, store: Any) -> None:
        """Writes the values of `variables` into a mapping, under `"0"`, `"1"` and so on."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Sets the values of `variables` from such a mapping.

        Raises:
            ShapeError: when it has other variables; nothing is set then. (Keras only warns and goes on without them.)
        """
        count = len(store.keys())
        if count != len(self.variables):
            hint = "" if self.built else " The optimizer has not been built yet."
            raise ShapeError(
                f"Optimizer '{self.name}' has {len(self.variables)} variables whereas the saved optimizer has "
                f"{count} variables.{hint}"
            )
        self._assign_all([store[str(i)] for i in range(count)])


def _initializer(initializer: Any) -> Callable:
    """The function that makes first values; zeros, ones and numbers need no initializer class."""
    if initializer in ("zeros", "ones", None):
        fill = 1.0 if initializer == "ones" else 0.0
        return lambda shape, dtype: torch.full(shape, fill, dtype=torch_dtype(dtype))
    if isinstance(initializer, (int, float)):
        return lambda shape, dtype: torch.full(shape, initializer, dtype=torch_dtype(dtype))
    return resolve_identifier(initializer, "keras.initializers", "initializer")
