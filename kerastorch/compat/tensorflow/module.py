"""`tf.Module`: a `torch.nn.Module` with TensorFlow's names for what it holds."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch

from kerastorch.core.context import name_scope
from kerastorch.core.variable import StateVariable
from kerastorch.layers.attributes import AttributeOwner
from kerastorch.naming import to_snake_case


class Module(AttributeOwner):
    """An object that finds the variables and modules among its attributes; a `torch.nn.Module` too.

    Args:
        name: its name; None takes that of the class.

    Example:
        >>> class Line(Module):
        ...     def __init__(self):
        ...         super().__init__(name="line")
        ...         self.slope = torch.nn.Parameter(torch.tensor(2.0))
        ...     def __call__(self, x):
        ...         return self.slope * x
        >>> line = Line()
        >>> len(line.trainable_variables), float(line(3.0).detach())
        (1, 6.0)

    Source: `tf.Module`, `torch.nn.Module`
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__()
        self.__dict__.update(_auto_named=set(), _ticks={})  # what `AttributeOwner` keeps
        self._name = name or to_snake_case(type(self).__name__)

    @property
    def name(self) -> str:
        """The name of the module."""
        return self._name

    @property
    def name_scope(self) -> Any:
        """A block in which variables have the module's name in their path."""
        return name_scope(self.name)

    @property
    def variables(self) -> tuple[torch.Tensor, ...]:
        """All variables of the module and of those it holds."""
        states = (b for b in self.buffers() if isinstance(b, StateVariable))
        return (*self.parameters(), *states)

    @property
    def trainable_variables(self) -> tuple[torch.Tensor, ...]:
        """The variables that are trained."""
        return tuple(v for v in self.parameters() if v.requires_grad)

    @property
    def non_trainable_variables(self) -> tuple[torch.Tensor, ...]:
        """The variables that are not trained."""
        return tuple(v for v in self.variables if not v.requires_grad)

    @property
    def submodules(self) -> tuple[torch.nn.Module, ...]:
        """The modules inside this one, at any depth."""
        return tuple(m for m in self.modules() if m is not self)

    @classmethod
    def with_name_scope(cls, method: Callable) -> Callable:
        """Makes a method run in the module's name scope.

        Args:
            method: the method.
        """

        @functools.wraps(method)
        def scoped(self: Any, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return scoped
