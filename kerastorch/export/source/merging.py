"""Layers that merge several tensors."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from kerastorch.export.source.calls import Call, NoRuleError
from kerastorch.layers.merging import elementwise, masked
from kerastorch.layers.merging.concatenate import Concatenate


def _between(sign: str) -> Callable[[Call], str]:
    def rule(call: Call) -> str:
        return f" {sign} ".join(_alike(call))

    return rule


def _of_two(name: str) -> Callable[[Call], str]:
    def rule(call: Call) -> str:
        return reduce(lambda a, b: f"torch.{name}({a}, {b})", _alike(call))

    return rule


def average(call: Call) -> str:
    """The rule of `Average`."""
    inputs = _alike(call)
    return f"({' + '.join(inputs)}) / {len(inputs)}"


def concatenate(call: Call) -> str:
    """The rule of `Concatenate`."""
    return f"torch.cat([{', '.join(_alike(call))}], dim={call.axis(call.layer.axis)})"


def _alike(call: Call) -> list[str]:
    if len({len(t.shape) for t in call.tensors}) > 1:
        raise NoRuleError("its inputs have different numbers of axes")
    return call.alike()


RULES: dict[type, Callable[[Call], str]] = {
    elementwise.Add: _between("+"),
    elementwise.Subtract: _between("-"),
    masked.Multiply: _between("*"),
    elementwise.Average: average,
    masked.Maximum: _of_two("maximum"),
    masked.Minimum: _of_two("minimum"),
    Concatenate: concatenate,
}
