"""Parameter groups: variables with a learning rate and a weight decay of their own, as torch has them."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import torch

from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, UnknownArgumentError, did_you_mean

_OWN = ("lr", "weight_decay")
_KEYS = ("params", "name", *_OWN)


def read_parameters(cls: type, learning_rate: Any, keywords: dict[str, Any]) -> tuple[list[Any], Any]:
    """Returns the parameters that a constructor got in the place of the learning rate, as in torch, and the rate.

    Args:
        cls: the optimizer's class.
        learning_rate: the first argument of its constructor.
        keywords: all other keywords, from which `lr` is taken if there are parameters.
    """
    if not isinstance(learning_rate, Iterable) or isinstance(learning_rate, (str, dict, torch.Tensor)):
        return [], learning_rate
    if hasattr(learning_rate, "__array__"):
        return [], learning_rate
    given = list(learning_rate)
    of_torch = [isinstance(entry, (torch.Tensor, dict)) for entry in given]
    if any(of_torch) and not all(of_torch):
        raise ArgumentTypeError(
            f"Parameters must be tensors, or dictionaries with `params`. Received: {given[of_torch.index(False)]!r}"
        )
    if not all(of_torch):
        return [], given
    if not given:
        raise InvalidArgumentError(f"{cls.__name__} got an empty list of parameters.")
    default = inspect.signature(cls).parameters["learning_rate"].default
    return given, keywords.pop("lr", default)


class GroupsMixin:
    """The part of an optimizer that keeps torch's parameter groups, and knows which group a variable is in."""

    built: bool
    defaults: dict[str, Any]
    weight_decay: Any
    _params: list[Any]
    _places: dict[int, int]
    _rate: Any

    # Parameters or groups to build with, once the constructor has ended.
    _waiting: list[Any]
    # Where each variable's group stands, by its id; empty when there is one group.
    _group_places: dict[int, int]
    # What torch's schedulers may cycle beside the rate: the key in the groups, and the value last seen there.
    _cycled: tuple[str, Any] | None
    _settled: bool

    def _begin_groups(self, waiting: list[Any]) -> None:
        self.__dict__.update(_waiting=waiting, _places={}, _group_places={}, _cycled=None, _settled=False)
        self._params = _flat(waiting)

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The groups of parameters, each with its `lr`; torch's schedulers read and write them."""
        if not self._settled:
            self._settle()
        return self.__dict__["param_groups"]

    @param_groups.setter
    def param_groups(self, groups: list[dict[str, Any]]) -> None:
        self.__dict__["param_groups"] = groups

    def _settle(self) -> None:
        """Does what needs the attributes that constructors of subclasses set."""
        self.__dict__["_settled"] = True
        cycled: dict[str, Any] = {}
        if hasattr(self, "beta_1") and hasattr(self, "beta_2"):
            cycled = {"betas": (self.beta_1, self.beta_2)}
        elif getattr(self, "momentum", 0):
            cycled = {"momentum": self.momentum}
        for key, value in cycled.items():
            self.__dict__["_cycled"] = (key, value)
        self.defaults.update(cycled)
        for group in self.__dict__["param_groups"]:
            group.update({key: value for key, value in cycled.items() if key not in group})
        self._build_waiting()

    def _take_cycled(self, group: dict[str, Any]) -> None:
        """Takes over the momentum or the coefficients that one of torch's schedulers has set."""
        key, _ = self._cycled  # type: ignore[misc]
        value = group[key]
        if key == "betas":
            self.beta_1, self.beta_2 = value
        else:
            self.momentum = value
        self.__dict__["_cycled"] = key, value

    def _build_waiting(self) -> bool:
        """Builds with what the constructor or `add_param_group` got; returns whether there are variables now."""
        if self._waiting and not self.built:
            self.build(self._waiting)  # type: ignore[attr-defined]
        return self.built

    def _checked_groups(self, given: list[Any]) -> list[dict[str, Any]]:
        """The groups that `build` got, or one of all variables."""
        if not any(isinstance(entry, dict) for entry in given):
            return [{"params": given}]
        groups = [_read_group(entry) for entry in given]
        if self._rate is not None and any("lr" in group for group in groups):
            raise InvalidArgumentError(
                "A parameter group cannot have its own `lr` where the learning rate of the optimizer is a schedule or "
                "a function. Give the optimizer a number, and use one of `torch.optim.lr_scheduler`."
            )
        return groups

    def _place_groups(self, groups: list[dict[str, Any]]) -> None:
        apart = len(groups) > 1 or "weight_decay" in groups[0]
        self._group_places = {id(v): n for n, group in enumerate(groups) for v in group["params"] if apart}

    def _group_of(self, variable: Any) -> int:
        return self._group_places.get(id(variable), 0)

    def _weight_decay_of(self, variable: Any) -> float | None:
        """The weight decay for a variable that is not excluded from it."""
        if not self._group_places:
            return self.weight_decay
        return self.param_groups[self._group_of(variable)].get("weight_decay", self.weight_decay)


def _flat(given: list[Any]) -> list[Any]:
    parts = [
        list(entry["params"]) if isinstance(entry, dict) else [entry] for entry in map(_read_group, given)
    ]
    return [variable for part in parts for variable in part]


def _read_group(entry: Any) -> Any:
    """A group with its parameters as a list; a variable stays what it is."""
    if not isinstance(entry, dict):
        return entry
    unknown = [key for key in entry if key not in _KEYS]
    if unknown:
        raise UnknownArgumentError(
            f"A parameter group has no key {unknown[0]!r}: it takes `params` and, of its own, "
            f"{' and '.join(f'`{key}`' for key in _OWN)}.{did_you_mean(unknown[0], _KEYS)}"
        )
    if "params" not in entry:
        raise InvalidArgumentError(f"A parameter group needs `params`. Received: {sorted(entry)}")
    params = entry["params"]
    params = [params] if isinstance(params, torch.Tensor) else list(params)
    wrong = next((p for p in params if not isinstance(p, torch.Tensor)), None)
    if wrong is not None:
        raise ArgumentTypeError(f"The `params` of a group must be tensors. Received: {wrong!r}")
    entry["params"] = params
    return entry
