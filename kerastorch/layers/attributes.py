"""What becomes of the attributes that a layer is given: weights, sublayers, and lists and dictionaries of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from kerastorch.core.variable import StateVariable, Variable
from kerastorch.errors import NotInitializedError
from kerastorch.layers.tracked import Container, clock, holds_trackable, track


class AttributeOwner(torch.nn.Module):
    """The part of `Layer` that registers attributes with the module. See `Layer`."""

    _auto_named: set
    _ticks: dict[str, int]  # when each sublayer was set

    def _register_variable(self, attribute: str, variable: torch.Tensor) -> None:
        table: dict = self._parameters if isinstance(variable, torch.nn.Parameter) else self._buffers
        table[attribute] = variable

    def __setattr__(self, name: str, value: Any) -> None:
        if "_auto_named" not in self.__dict__:
            self._before_init(name, value)
        elif isinstance(value, StateVariable) or (
            isinstance(value, Variable) and name not in self._parameters
        ):
            self._adopt_variable(name, value)
        elif isinstance(value, torch.nn.Module):
            self._adopt_module(name, value)
        elif isinstance(value, (list, dict, tuple)) and self._tracks(value):
            self._adopt_collection(name, value)
        else:
            held = self._modules.get(name) is not None or _container_key(name) in self._modules
            if value is not None and held:
                self._drop(name)
            super().__setattr__(name, value)

    def _before_init(self, name: str, value: Any) -> None:
        if "_modules" not in self.__dict__ and not name.startswith("_") and holds_trackable(value):
            raise NotInitializedError(
                f"In layer {type(self).__name__!r}, you forgot to call `super().__init__()` as the first statement in "
                f"the `__init__()` method. Received: an assignment to {name!r} before it. Go add it!"
            )
        object.__setattr__(self, name, value) if "_modules" not in self.__dict__ else super().__setattr__(
            name, value
        )

    @staticmethod
    def _tracks(value: Any) -> bool:
        return holds_trackable(value) or (isinstance(value, (list, dict)) and not value)

    def _adopt_variable(self, name: str, variable: Any) -> None:
        for table in (self._parameters, self._buffers):
            for key in [k for k, v in table.items() if v is variable and k in self._auto_named and k != name]:
                _rename(table, key, name)
                self._auto_named.discard(key)
        self.__dict__.pop(name, None)
        if name not in self._parameters and name not in self._buffers:
            self._modules.pop(name, None)
        self._register_variable(name, variable)

    def _adopt_module(self, name: str, module: torch.nn.Module) -> None:
        if self._modules.get(name) is not module:
            self._ticks[name] = next(clock)
        self.__dict__.pop(name, None)
        super().__setattr__(name, module)
        if not isinstance(module, AttributeOwner):
            module.train(self.training)

    def _adopt_collection(self, name: str, value: Any) -> None:
        if self.__dict__.get(name) is value and _container_key(name) in self._modules:
            return  # such as after `self.blocks += [...]`
        self._drop(name)
        tracked, container = track(value, self.training)
        object.__setattr__(self, name, tracked)
        self._modules[_container_key(name)] = container

    def _drop(self, name: str) -> None:
        self.__dict__.pop(name, None)
        for table in (self._parameters, self._buffers, self._modules):
            table.pop(name, None)
        self._modules.pop(_container_key(name), None)

    def _child_modules(self) -> Iterator[torch.nn.Module]:
        """The direct children, those inside lists and dictionaries included, in the order in which they were added."""
        found: list[tuple[int, torch.nn.Module]] = []
        tick = 0
        for name, module in self._modules.items():
            if isinstance(module, Container):
                found.extend(module.ticks)
            elif module is not None:
                tick = self._ticks.get(name, tick)
                found.append((tick, module))
        found.sort(key=lambda pair: pair[0])
        yield from {id(module): module for _, module in found}.values()

    def _containers(self) -> list[Container]:
        return [m for m in self._modules.values() if isinstance(m, Container)]


def _container_key(name: str) -> str:
    """The name of the child that holds the members of a collection.

    It differs from that of the collection: torch (`get_submodule`, `torch.export`, `torch.func`) expects that the
    attribute of a child's name is the child.
    """
    return f"{name}_members"


def _rename(table: dict, old: str, new: str) -> None:
    entries = [
        (new if key == old else key, value) for key, value in table.items() if key != new or key == old
    ]
    table.clear()
    table.update(entries)
