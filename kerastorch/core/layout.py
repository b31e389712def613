"""Which calls of a graph work on images with the channels second, as torch's kernels want them.

Keras's images are (N, H, W, C). Torch sees them as (N, C, H, W), without a copy, but to show them the one way and the
other costs time in each layer, there and on the way back. So a graph turns images only where a run of such layers
begins and where it ends.

A layer that reads images as a whole, such as `GlobalAveragePooling2D`, is better off with the channels last: torch lays
its gradient out in the order of the axes, and what follows on the way back would turn it.

A layer takes part that has a method `_call_second(inputs)` beside its `call`, and the attributes `_wants_second`
(its kernel sees images so) or `_takes_second` (it is the same to the layer, as it works element by element).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import torch

from kerastorch.core.graph import Graph, Node
from kerastorch.core.spatial import TO_KERAS, TO_TORCH
from kerastorch.core.spec import KerasTensor

_RANK = 4
_OWN_CALLS = frozenset({"call", "forward", "__call__"})


def to_second(x: torch.Tensor) -> torch.Tensor:
    """Returns images (N, H, W, C) as (N, C, H, W): a view.

    Example:
        >>> to_second(torch.ones(1, 2, 3, 4)).shape
        torch.Size([1, 4, 2, 3])
    """
    return torch.permute(x, TO_TORCH[2])


def to_last(x: torch.Tensor) -> torch.Tensor:
    """Returns images (N, C, H, W) as (N, H, W, C): a view.

    Example:
        >>> to_last(torch.ones(1, 4, 2, 3)).shape
        torch.Size([1, 2, 3, 4])
    """
    return torch.permute(x, TO_KERAS[2])


def call_second(layer: Any, inputs: Any) -> torch.Tensor:
    """Calls a layer on images with the channels second, and returns its output in that order.

    Args:
        layer: the layer of a call that `calls_with_channels_second` found, or a module put in its place since.
        inputs: a tensor (N, C, H, W), or a list of them.
    """
    call = getattr(layer, "call_second", None)
    return call_last(layer, inputs) if call is None else call(inputs)


def call_last(layer: Any, inputs: Any) -> torch.Tensor:
    """Does what `call_second` does by an ordinary call, with the channels last.

    Args:
        layer: any layer.
        inputs: a tensor (N, C, H, W), or a list of them.
    """
    outputs: torch.Tensor = layer(list(map(to_last, inputs)) if isinstance(inputs, list) else to_last(inputs))
    return to_second(outputs)


def calls_with_channels_second(graph: Graph) -> set[int]:
    """Returns the `id` of each call of a layer that is to work on images with the channels second.

    Args:
        graph: the calls.
    """
    nodes = [*graph.nodes, *graph.extra_nodes]
    found: dict[int, Node] = {}
    for node in nodes:
        if _fits(node) and (node.operation._wants_second or any(_maker(t) in found for t in node.needs())):
            found[id(node)] = node
    neighbours = defaultdict(set)
    for node in found.values():
        for maker in {_maker(t) for t in node.needs()}.intersection(found):
            neighbours[maker].add(id(node))
            neighbours[id(node)].add(maker)
    return set(neighbours)  # one alone would turn its input and its output as always


def _maker(tensor: KerasTensor) -> int:
    return id(tensor.node)


def _fits(node: Node) -> bool:
    """Whether a call takes images only, with nothing beside them, and its layer can have them either way."""
    if len(node.args) != 1 or node.kwargs or node.masks or not isinstance(node.outputs, KerasTensor):
        return False
    given, layer = node.args[0], node.operation
    images = given if isinstance(given, list) else [given]
    return (
        all(isinstance(t, KerasTensor) and len(t.shape) == _RANK for t in images)
        and _has_second_call(type(layer))
        and (layer._wants_second or layer._takes_second)
        and layer.activity_regularizer is None
        and not layer.dtype_policy.is_mixed
    )


def _has_second_call(cls: type) -> bool:
    """Whether a class has a `_call_second` that does what its `call` does: a subclass may have changed the latter."""
    for base in cls.__mro__:
        if "_call_second" in vars(base):
            return True
        if _OWN_CALLS.intersection(vars(base)):
            return False
    return False
