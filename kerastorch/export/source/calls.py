"""What a rule sees of one call of a layer: expressions for its inputs, and a place for its members.

Legend: images, sequences and volumes have the channels last, as in Keras, or second, as in torch. An expression of one
form becomes one of the other by a line that turns it, so that a row of convolutions turns its input only once.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from kerastorch.core.graph import Node
from kerastorch.core.spec import KerasTensor
from kerastorch.export.source.text import Class

_TURNED = {
    (3, True): "transpose(1, 2)",
    (4, True): "permute(0, 3, 1, 2)",
    (5, True): "permute(0, 4, 1, 2, 3)",
    (3, False): "transpose(1, 2)",
    (4, False): "permute(0, 2, 3, 1)",
    (5, False): "permute(0, 2, 3, 4, 1)",
}


class NoRuleError(Exception):
    """A call that has no equal in plain source; the text says why."""


@dataclass
class Value:
    """A variable of `forward`.

    Attributes:
        name: its name, or any expression.
        rank: its number of axes.
        is_second: whether it has the channels second while Keras's tensor has them last.
    """

    name: str
    rank: int
    is_second: bool = False


class Call:
    """One call of a layer, for the rule that writes it.

    Args:
        node: the call in the graph.
        target: the class that is being written.
        values: the variables that stand for the symbolic tensors, by their `id`.
        helpers: the classes and functions that the file needs beside the model's, by their names.

    Attributes:
        layer: what is called.
        returns_second: set by rules whose expression has the channels second.
    """

    def __init__(self, node: Node, target: Class, values: dict[int, Value], helpers: dict[str, str]) -> None:
        self.node, self.target, self._values, self._helpers = node, target, values, helpers
        self.layer: Any = node.operation
        self.returns_second = False

    # Inputs --------------------------------------------------------------------------------------------------------

    @property
    def tensors(self) -> list[KerasTensor]:
        """The symbolic inputs."""
        return self.node.input_tensors

    @property
    def shape(self) -> tuple:
        """The shape of the first input, with None for unknown sizes."""
        return tuple(self.tensors[0].shape)

    @property
    def x(self) -> str:
        """The only input, in Keras's order of axes."""
        return self.last(self.only)

    @property
    def only(self) -> KerasTensor:
        """The only input."""
        if len(self.tensors) != 1:
            raise NoRuleError(f"it is called with {len(self.tensors)} tensors")
        return self.tensors[0]

    @property
    def is_float(self) -> bool:
        """Whether the first input is of a floating-point type."""
        return "float" in str(self.tensors[0].dtype)

    def last(self, tensor: KerasTensor) -> str:
        """Returns an input in Keras's order of axes."""
        return self._in_form(tensor, False)

    def second(self, tensor: KerasTensor) -> str:
        """Returns an input whose channels are last in Keras, with the channels second."""
        return self._in_form(tensor, True)

    def is_second(self, tensor: KerasTensor) -> bool:
        """Returns whether an input has the channels second as it is."""
        return self._values[id(tensor)].is_second

    def channels_second(self, data_format: str) -> str:
        """Returns the only input as torch's layers want it; `second_or_not` then says the same of the output."""
        if data_format == "channels_first":
            return self.x
        self.returns_second = True
        return self.second(self.only)

    def either(self) -> str:
        """Returns the only input as it is; the output then has the same form."""
        self.returns_second = self.is_second(self.only)
        return self._values[id(self.only)].name

    def alike(self) -> list[str]:
        """Returns all inputs in one form, that of most of them, which the output then has."""
        ranks = {len(t.shape) for t in self.tensors}
        self.returns_second = len(ranks) == 1 and any(self.is_second(t) for t in self.tensors)
        return [self._in_form(t, self.returns_second) for t in self.tensors]

    def axis(self, axis: int) -> int:
        """Returns where an axis of the output is, which may have the channels second."""
        if not self.returns_second:
            return axis
        rank = len(self.shape)
        return (0, *range(2, rank), 1)[axis % rank]

    def _in_form(self, tensor: KerasTensor, is_second: bool) -> str:
        value = self._values[id(tensor)]
        if value.is_second is not is_second and value.rank > 2:
            self.line(f"{value.name} = {value.name}.{_TURNED[value.rank, is_second]}")
            value.is_second = is_second
        return value.name

    # What is written -----------------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        """Writes a line of `forward`."""
        self.target.lines.append(text)

    def member(self, code: str, part: str = "", frozen: tuple[str, ...] = (), **weights: Any) -> str:
        """Returns the expression of a member that stands for the layer.

        Args:
            code: what makes it, such as `nn.Linear(3, 4)`.
            part: what it is of the layer, where that has several members.
            frozen: the names of the weights that never change.
            **weights: its weights, with two underscores for each dot; None stands for one that it does not have.
        """
        name = f"{self.layer.name}_{part}" if part else self.layer.name
        held = {key.replace("__", "."): value for key, value in weights.items()}
        key = (id(self.layer), part)
        return self.target.member(key, name, code, held, trains(self.layer), frozen)

    def temporary(self, name: str) -> str:
        """Returns a free name for a variable of this call alone."""
        taken = {value.name for value in self._values.values()}
        while name in taken:
            name += "_"
        return name

    def weight(self, name: str, value: Any, is_trainable: bool | None = None) -> str:
        """Returns the expression of a weight of the layer that no member has."""
        is_trainable = trains(self.layer) if is_trainable is None else is_trainable
        return self.target.weight((id(self.layer), name), f"{self.layer.name}_{name}", value, is_trainable)

    def name_of(self, tensor: KerasTensor) -> str:
        """Returns the variable of an input, in whatever form it has."""
        return self._values[id(tensor)].name

    def constant(self, value: Any) -> str:
        """Returns the expression of a tensor that the graph holds."""
        return self.target.weight(id(value), "constant", value, isinstance(value, torch.nn.Parameter))

    def helper(self, name: str, text: str) -> str:
        """Returns the name of a class or function that is written into the file once."""
        self._helpers[name] = text
        return name

    def inside(self, rule: Callable[[Call], str], layer: Any, tensor: KerasTensor, name: str) -> str:
        """Returns the expression of a call of a layer that this one has inside, in Keras's order of axes.

        Args:
            rule: that of the layer.
            layer: the layer.
            tensor: what it is called with.
            name: the variable of that.
        """
        node = Node(SimpleNamespace(_inbound_nodes=[]), (tensor,), {}, None)
        value = Value(name, len(tensor.shape))
        call = Call(node, self.target, {**self._values, id(tensor): value}, self._helpers)
        call.layer = layer
        result = rule(call)
        rank = len(layer.compute_output_shape(tensor.shape)) if call.returns_second else 0
        return f"({result}).{_TURNED[rank, False]}" if call.returns_second and rank > 2 else result

    def option(self, name: str, default: Any = None) -> Any:
        """Returns a keyword argument of the call that is no tensor."""
        return self.node.kwargs.get(name, default)


def trains(layer: Any) -> bool:
    """Returns whether training changes the weights of a layer."""
    return bool(layer.trainable)


def arguments(*positional: Any, **named: Any) -> str:
    """Returns the text of arguments; those that are None are left out, and short tuples of one number become it.

    Example:
        >>> arguments(3, (2, 2), stride=(1, 2), bias=None)
        '3, 2, stride=(1, 2)'
    """
    texts = [literal(value) for value in positional if value is not None]
    return ", ".join([*texts, *(f"{k}={literal(v)}" for k, v in named.items() if v is not None)])


def unless(value: Any, usual: Any) -> Any:
    """Returns a value for `arguments`, None where it is the usual one."""
    if isinstance(value, tuple) and not isinstance(usual, tuple):
        usual = (usual,) * len(value)
    return None if value == usual else value


def literal(value: Any) -> str:
    """Returns a value as text; what comes from a file stays a value, whatever it holds.

    Example:
        >>> literal((3, 3)), literal(0.5), literal("same"), literal(float("inf"))
        ('3', '0.5', '"same"', 'float("inf")')
    """
    if isinstance(value, tuple) and value and len(set(value)) == 1:
        value = value[0]
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return json.dumps(value) if isinstance(value, str) else repr(value)
