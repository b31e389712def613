"""Layers that merge several tensors."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from kerastorch.export.source.calls import Call, NoRuleError
from kerastorch.layers.merging import elementwise, masked
from kerastorch.layers.merging.concatenate import Concatenate
from kerastorch.layers.merging.dot import Dot


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


def dot(call: Call) -> str:
    """The rule of `Dot`: the products of samples, summed over an axis of each."""
    layer = call.layer
    inputs, letters = [call.last(tensor) for tensor in call.tensors], iter("ijklmnop")
    names = [["b", *(next(letters) for _ in tensor.shape[1:])] for tensor in call.tensors]
    for name, axis in zip(names, layer._pair, strict=True):
        name[axis] = "s"
    left, right = ("".join(name) for name in names)
    kept = "".join(letter for letter in left[1:] + right[1:] if letter != "s")
    if layer.normalize:
        inputs = [
            f"F.normalize({x}, dim={axis}, eps=1e-7)" for x, axis in zip(inputs, layer._pair, strict=True)
        ]
    product = f'torch.einsum("{left},{right}->b{kept}", {inputs[0]}, {inputs[1]})'
    return product if kept else f"{product}.unsqueeze(1)"


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
    Dot: dot,
}
