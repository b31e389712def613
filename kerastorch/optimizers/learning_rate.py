"""The learning rate: one number, whether it is reached as Keras's variable or through torch's `param_groups`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from kerastorch.core.serializable import serialize_keras_object
from kerastorch.core.variable import StateVariable
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError, ReadOnlyError
from kerastorch.optimizers.schedules.schedule import LearningRateSchedule


def host_variable(value: float, dtype: torch.dtype, name: str, scope: str, cls: Any = StateVariable) -> Any:
    """Returns a scalar variable on the host, where reading it never waits for a device."""
    return name_variable(torch.tensor(value, dtype=dtype, device="cpu"), name, scope, cls)


def name_variable(data: torch.Tensor, name: str, scope: str, cls: Any = StateVariable) -> Any:
    """Returns `data` as a variable that is not trained, sharing its memory."""
    variable = torch.Tensor._make_subclass(cls, data, False)
    variable.name, variable.path = name, f"{scope}/{name}"
    variable.autocast, variable.aggregation = False, "none"
    variable.regularizer = variable.constraint = None
    return variable


class LearningRate(StateVariable):
    """The learning rate as a variable; assigning to it sets `lr` of torch's parameter group."""

    groups: list[dict[str, Any]]

    def refresh(self) -> LearningRate:
        """Takes over the value of the first parameter group, which torch's schedulers set."""
        self.fill_(self.groups[0]["lr"])
        return self

    def assign(self, value: Any) -> LearningRate:
        first, number = float(self.groups[0]["lr"]), _as_number(value)
        for group in self.groups[1:]:
            group["lr"] = number * (float(group["lr"]) / first) if first else number
        self.groups[0]["lr"] = number
        return self.refresh()

    def assign_add(self, value: Any) -> LearningRate:
        return self.assign(float(self.groups[0]["lr"]) + float(value))

    def assign_sub(self, value: Any) -> LearningRate:
        return self.assign(float(self.groups[0]["lr"]) - float(value))

    def _alone(self) -> StateVariable:
        """A copy that no optimizer reads."""
        return name_variable(self.detach().clone(), self.name, self.path.rpartition("/")[0])

    def __deepcopy__(self, memo: dict) -> StateVariable:
        return self._alone()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._alone().__reduce_ex__(protocol)


class RateMixin:
    """The part of an optimizer that knows the learning rate.

    The number itself lives in `param_groups[0]["lr"]`, where torch's schedulers read and write it.
    """

    name: str
    param_groups: list[dict[str, Any]]
    _iterations: StateVariable
    _decay: float
    _cycled: tuple[str, Any] | None
    _build_waiting: Callable[[], bool]
    _take_cycled: Callable[[dict[str, Any]], None]
    _rate: LearningRateSchedule | Callable[[], Any] | None
    _rate_variable: LearningRate

    def _set_first_rate(self, learning_rate: Any) -> float:
        """Takes the constructor's argument and returns the number to start with."""
        is_rule = callable(learning_rate) and not isinstance(learning_rate, torch.Tensor)
        self._rate = learning_rate if is_rule else None
        return 0.0 if is_rule else _as_number(learning_rate)

    def _link_rate(self) -> None:
        """Makes the variable that stands for the number in the first parameter group; others keep their ratio."""
        groups = self.__dict__["param_groups"]
        variable = host_variable(groups[0]["lr"], torch_dtype(None), "learning_rate", self.name, LearningRate)
        variable.groups = groups
        self.__dict__["_rate_variable"] = variable

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a scalar variable, or the present value of a schedule.

        It can be set to a number, a `LearningRateSchedule` or a function without arguments. A number cannot replace
        a schedule, which raises `ReadOnlyError`, as in Keras.
        """
        rate = self._rate
        if rate is None:
            self._build_waiting()
            return self._rate_variable.refresh()
        return rate(self._iterations) if isinstance(rate, LearningRateSchedule) else rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if callable(value) and not isinstance(value, torch.Tensor):
            self._rate = value
            return
        if isinstance(self._rate, LearningRateSchedule):
            raise ReadOnlyError(
                "This optimizer was created with a `LearningRateSchedule` object as its `learning_rate` constructor "
                "argument, hence its learning rate is not settable. If you need the learning rate to be settable, "
                "you should instantiate the optimizer with a float `learning_rate` argument."
            )
        self._build_waiting()
        self._rate_variable.assign(_as_number(value))
        self._rate = None

    @property
    def lr(self) -> Any:
        """The learning rate under the name of Keras 2."""
        return self.learning_rate

    @lr.setter
    def lr(self, value: Any) -> None:
        self.learning_rate = value

    @property
    def _learning_rate(self) -> Any:
        """The variable or the rule itself, under the name that subclasses written for Keras use."""
        return self.learning_rate if self._rate is None else self._rate

    @_learning_rate.setter
    def _learning_rate(self, value: Any) -> None:
        if value is not self._rate_variable:
            self._rate = None
            self.learning_rate = value

    def _build_learning_rate(self, learning_rate: Any) -> Any:
        """What optimizers written for Keras 2.11 to 2.15 call in their constructor."""
        self._learning_rate = learning_rate
        return self._learning_rate

    def _rate_now(self) -> float:
        """The learning rate of the step about to be taken, a Python number; nothing waits for a device."""
        group, rate = self.param_groups[0], self._rate
        if self._cycled is not None and group[self._cycled[0]] is not self._cycled[1]:
            self._take_cycled(group)
        if rate is None:
            number = group["lr"]
            if type(number) is not float:
                number = float(number)
        else:
            number = group["lr"] = float(self._follow(rate))
        return number / (1.0 + self._decay * int(self._iterations)) if self._decay else number

    def _rate_of(self, place: int, first: float) -> float:
        """The learning rate of the step in a parameter group, given that of the first one."""
        if not place or self._rate is not None:
            return first
        number = float(self.param_groups[place]["lr"])
        return number / (1.0 + self._decay * int(self._iterations)) if self._decay else number

    def _follow(self, rate: Any) -> Any:
        """What a schedule or a function says now."""
        if not isinstance(rate, LearningRateSchedule):
            return rate()
        if type(rate).__call__ is LearningRateSchedule.__call__:
            return rate._value(int(self._iterations))
        return rate(self._iterations)

    def _rate_config(self) -> Any:
        if self._rate is None:
            return float(self._rate_variable.refresh())
        return serialize_keras_object(self._rate)


def _as_number(value: Any) -> float:
    """The Python number for a rate; 0.1 also for the float32 nearest to it, as variables, files and configs hold it."""
    try:
        number = float(value.detach() if isinstance(value, torch.Tensor) else value)
        single = np.float32(number)
        return float(str(single)) if float(single) == number else number
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(
            "Argument `learning_rate` should be a number, a LearningRateSchedule, or a callable without arguments. "
            f"Received: learning_rate={value!r}."
        ) from error
