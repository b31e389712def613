"""The base class of metrics: named state in tensors, updated in place, read when somebody looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch

from kerastorch import registry, tree
from kerastorch.core.context import name_scope
from kerastorch.core.devices import standardize_device
from kerastorch.core.serializable import Configurable
from kerastorch.core.tracing import any_symbolic, record_function
from kerastorch.core.variable import Variable
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError
from kerastorch.metrics.state import (
    combine,
    dtype_and_name,
    empty,
    enum_name,
    guard_result,
    guard_update,
    initial_value,
    weight_arguments,
)
from kerastorch.naming import auto_name


@registry.builtin("keras.metrics")
class Metric(Configurable):
    """A value that is accumulated over batches.

    Subclasses make their state in `__init__` with `add_variable` or `add_weight`, change it in place in
    `update_state` and compute the value in `result`. `update_state` always runs without gradients, and the state
    moves to the device of the data by itself. A metric is not an `nn.Module`, so that its totals stay out of the
    `state_dict` of the model that holds it.

    Every variable of the state declares by its `aggregation` how the values of several processes combine into one;
    `merge_state` goes by it. All metrics of the library have sums: counts, totals and confusion matrices.

    Args:
        dtype: the type to compute in; None takes `floatx()`. A dtype policy gives its compute type.
        name: the name; None makes one from the class. Keras 2's order, name first, is understood.

    Example:
        >>> class Positives(Metric):
        ...     def __init__(self, name="positives", **kwargs):
        ...         super().__init__(name=name, **kwargs)
        ...         self.seen = self.add_weight(name="seen", initializer="zeros")
        ...
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.seen.assign_add((y_pred > 0.5).sum())
        ...
        ...     def result(self):
        ...         return self.seen
        >>> metric = Positives()
        >>> metric.update_state(None, torch.tensor([0.1, 0.7, 0.9]))
        >>> float(metric.result())
        2.0

    Source: `keras.metrics.Metric`.
    """

    is_metric = True
    _direction: str | None = None

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self._dtype, name = dtype_and_name(dtype, name)
        self._torch_dtype = torch_dtype(self._dtype)
        self.name = name or auto_name(type(self).__name__)
        self._variables: list[Any] = []
        self._device: torch.device | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.update_state = guard_update(cls.update_state)  # type: ignore[method-assign]
        cls.result = guard_result(cls.result)  # type: ignore[method-assign]
        own = vars(cls)
        if "reset_states" in own and "reset_state" not in own:
            cls.reset_state = own["reset_states"]  # type: ignore[method-assign]
        elif "reset_state" in own and "reset_states" not in own:
            cls.reset_states = own["reset_state"]

    @property
    def dtype(self) -> str:
        """The name of the type that the metric computes in."""
        return self._dtype

    def add_variable(
        self,
        shape: tuple[int, ...] | list[int] | int,
        initializer: Any = None,
        dtype: Any = None,
        aggregation: str | None = "sum",
        name: str | None = None,
    ) -> Any:
        """Makes a variable that holds state, and returns it.

        Args:
            shape: its shape.
            initializer: a name, config or instance of an initializer, or a function of `(shape, dtype)`; None
                makes zeros. `reset_state` sets zeros whatever the initializer is, unless it is overridden.
            dtype: its type; None takes `floatx()`.
            aggregation: how the values of several processes combine: `"sum"`, `"mean"`, `"max"`, `"min"`, `"concat"`
                (one after the other along the first axis), or `"none"` and `"only_first_replica"`, which keep the
                own value.
            name: its name, without slashes.

        Raises:
            InvalidArgumentError: when `super().__init__()` was not called, or an argument has a wrong value.
        """
        if "_variables" not in self.__dict__:
            raise InvalidArgumentError(
                "You forgot to call `super().__init__()` as the first statement of "
                f"`{type(self).__name__}.__init__()`."
            )
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        with name_scope(self.name.replace("/", ">")):
            variable = Variable(
                initial_value(initializer),
                shape=shape,
                dtype=dtype,
                trainable=False,
                aggregation=enum_name(aggregation),
                name=name,
            )
        if self._device is None:
            self._device = variable.device
        elif variable.device != self._device:
            variable.data = variable.detach().to(self._device)
        self._variables.append(variable)
        return variable

    def add_weight(self, *args: Any, **kwargs: Any) -> Any:
        """Makes a variable that holds state, and returns it; the arguments may be in either order.

        Keras 3: `add_weight(shape=(), initializer=None, dtype=None, name=None)`. Keras 2: `add_weight(name,
        shape=(), aggregation="sum", synchronization="on_read", initializer=None, dtype=None)`. A first argument
        that is a string means Keras 2's order. `synchronization` has no effect: state is combined when it is read.

        Raises:
            UnknownArgumentError: for a keyword that neither has.
            InvalidArgumentError: as `add_variable`.
        """
        given = weight_arguments(args, kwargs)
        return self.add_variable(given.pop("shape", ()), **given)

    @property
    def variables(self) -> list[Any]:
        """The variables of this metric, then those of the metrics that it holds as attributes."""
        found = list(self._variables)
        known = {id(v) for v in found}
        for value in self._held(Variable):
            if id(value) not in known:
                found.append(value)
                known.add(id(value))
        for metric in self._inner():
            found.extend(v for v in metric.variables if id(v) not in known)
        return found

    @property
    def weights(self) -> list[Any]:
        """The same as `variables`; Keras 2's name."""
        return self.variables

    non_trainable_variables = weights
    non_trainable_weights = weights

    @property
    def trainable_variables(self) -> list[Any]:
        """An empty list: a metric has nothing to train."""
        return []

    trainable_weights = trainable_variables

    def _tensors(self) -> list[torch.Tensor]:
        """All tensors that an update reads or changes; subclasses whose variables are not all of them override it."""
        return [*self._variables, *(tensor for metric in self._inner() for tensor in metric._tensors())]

    def _inner(self) -> Iterator[Metric]:
        return self._held(Metric)

    def _held(self, kind: type) -> Iterator[Any]:
        """The attributes of a kind, those in nested lists and dictionaries too, besides what `add_variable` made."""
        for name, value in vars(self).items():
            if isinstance(value, kind):
                yield value
            elif isinstance(value, (list, tuple, dict)) and value and name != "_variables":
                yield from (item for item in tree.flatten(value) if isinstance(item, kind))

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Takes one batch into account, usually `update_state(y_true, y_pred, sample_weight=None)`.

        Raises:
            InvalidArgumentError: when the subclass does not define it.
        """
        raise InvalidArgumentError(f"{type(self).__name__} must define `update_state()`.")

    def result(self) -> Any:
        """Returns the value so far: a scalar tensor, or a dictionary of them.

        Raises:
            InvalidArgumentError: when the subclass does not define it.
        """
        raise InvalidArgumentError(f"{type(self).__name__} must define `result()`.")

    def reset_state(self) -> None:
        """Sets all state to zero, and makes state that is concatenated empty."""
        variables = self.variables
        if variables:
            with torch.no_grad():
                torch._foreach_zero_(variables)
        for variable in variables:
            if variable.aggregation == "concat":
                empty(variable)

    reset_states = reset_state

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Updates the state and returns the value so far; for symbolic tensors, a symbolic value."""
        if any_symbolic(args, kwargs):
            return record_function(self, args, kwargs)
        self.update_state(*args, **kwargs)
        return self.result()

    def merge_state(self, metrics: Iterable[Metric]) -> None:
        """Combines the state of other metrics, such as those of other processes, into this one.

        Args:
            metrics: metrics of the same class and shapes of state. Those that have seen nothing and therefore have
                no state yet are left out.

        Raises:
            InvalidArgumentError: when one has other variables; then nothing is changed.
        """
        seen = [metric for metric in metrics if getattr(metric, "_built", True)]
        if seen and not getattr(self, "_built", True):
            self._build_like(seen[0])
        mine = self.variables
        others = [metric.variables for metric in seen]
        for metric, theirs in zip(seen, others, strict=True):
            if [_outline(v) for v in theirs] != [_outline(v) for v in mine]:
                raise InvalidArgumentError(f"Metric {metric!r} is not compatible with {self!r}.")
        for own, *values in zip(mine, *others, strict=True):
            combine(own, values)

    def _build_like(self, metric: Metric) -> None:
        """Makes the state that `metric` has, for classes whose state takes its shape from the first batch."""
        raise InvalidArgumentError(f"Metric {metric!r} is not compatible with {self!r}.")

    def to(self, device: Any) -> Metric:
        """Moves the state to a device and returns the metric.

        Args:
            device: a `torch.device` or a name such as `"cpu"` or `"cuda:0"`.
        """
        device = standardize_device(device)
        for variable in self.variables:
            if variable.device != device:
                variable.data = variable.detach().to(device)
            device = variable.device  # with its index
        self._device = device
        for metric in self._inner():
            metric._device = device
        return self

    def _follow(self, args: tuple, kwargs: dict[str, Any]) -> None:
        """Moves the state to where the data is; an accelerator wins over the host where both hold some."""
        devices = {x.device for x in (*args, *kwargs.values()) if isinstance(x, torch.Tensor) and x.ndim}
        target = next((d for d in devices if d.type != "cpu"), torch.device("cpu"))
        if target != self._device:
            self.to(target)

    def _check_count(self, metric_variables: Any) -> None:
        expected = len(self.variables)
        if len(metric_variables) != expected:
            raise InvalidArgumentError(
                "Argument `metric_variables` must be a list of tensors corresponding 1:1 to "
                f"{type(self).__name__}().variables. Received list with length {len(metric_variables)}, but "
                f"expected {expected} variables."
            )

    def stateless_update_state(self, metric_variables: list[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Returns the state that an update of the given state leads to; the metric's own stays as it is.

        Args:
            metric_variables: one tensor for each of `variables`.
            *args: the arguments of `update_state`.
            **kwargs: its keyword arguments.

        Raises:
            InvalidArgumentError: when the number of tensors is wrong.
        """
        self._check_count(metric_variables)
        with _Borrowed(self, metric_variables) as state:
            self.update_state(*args, **kwargs)
            return state.values()

    def stateless_result(self, metric_variables: list[Any]) -> Any:
        """Returns the value for the given state.

        Args:
            metric_variables: one tensor for each of `variables`.

        Raises:
            InvalidArgumentError: when the number of tensors is wrong.
        """
        self._check_count(metric_variables)
        with _Borrowed(self, metric_variables):
            return self.result()

    def stateless_reset_state(self) -> list[Any]:
        """Returns the state after a reset; the metric's own stays as it is."""
        with _Borrowed(self, self.variables) as state:
            self.reset_state()
            return state.values()

    def get_config(self) -> dict:
        return {"name": self.name, "dtype": self.dtype}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _outline(variable: Any) -> tuple:
    """What two variables must have in common to be combined."""
    shape = tuple(variable.shape)
    return (
        (variable.aggregation, shape[1:])
        if variable.aggregation == "concat"
        else (variable.aggregation, shape)
    )


class _Borrowed:
    """Lets the variables of a metric hold other values inside a `with` block."""

    def __init__(self, metric: Metric, values: list[Any]) -> None:
        self._metric = metric
        self._variables = metric.variables
        self._own = [v.data for v in self._variables]
        self._given = [
            torch.as_tensor(x, dtype=v.dtype, device=v.device).detach().clone()
            for v, x in zip(self._variables, values, strict=True)
        ]

    def __enter__(self) -> _Borrowed:
        for variable, value in zip(self._variables, self._given, strict=True):
            variable.data = value
        return self

    def values(self) -> list[torch.Tensor]:
        return [v.detach().clone() for v in self._metric.variables]

    def __exit__(self, *exc: object) -> None:
        for variable, value in zip(self._variables, self._own, strict=True):
            variable.data = value
