"""Work that a graph shows to be unnecessary: masks made twice, outputs at masked steps that nobody reads."""

from __future__ import annotations

from collections import defaultdict

from kerastorch.core.graph import Graph, MaskOp, Node, tensors_in
from kerastorch.core.spec import KerasTensor


def masks_beside(graph: Graph) -> dict[int, Node]:
    """Returns, by the `id` of a layer's call, the call that makes a mask of the very same input.

    Args:
        graph: the calls.
    """
    nodes = [*graph.nodes, *graph.extra_nodes]
    makers = {(id(n.operation), *map(id, n.args)): n for n in nodes if len(n.args) == 1 and not n.kwargs}
    found = {}
    for node in nodes:
        if isinstance(node.operation, MaskOp) and isinstance(node.outputs, KerasTensor):
            x, *previous = node.args
            maker = makers.get((id(node.operation.layer), id(x)))
            if maker is not None and not maker.masks and not any(tensors_in(p) for p in previous):
                found[id(maker)] = node
    return found


def unread_calls(graph: Graph) -> set[int]:
    """Returns the `id` of each call of a layer that `repeats_masked` outputs which are not read.

    A recurrent layer repeats its last output at steps that a mask leaves out. Where only layers follow that pass over
    these steps themselves, nobody would see the difference, and the layer need not.

    Args:
        graph: the calls.
    """
    nodes = [*graph.nodes, *graph.extra_nodes]
    found = [node for node in nodes if getattr(node.operation, "repeats_masked", False)]
    if not found:
        return set()
    readers = defaultdict(list)
    for node in nodes:
        for tensor in node.needs():
            readers[id(tensor)].append(node)
    results = {id(t) for t in [*tensors_in(graph.outputs), *graph.extras]}
    return {
        id(node)
        for node in found
        if _has_only_a_mask(node)
        and id(node.outputs) not in results
        and all(_passes_over(reader, node) for reader in readers[id(node.outputs)])
    }


def _has_only_a_mask(node: Node) -> bool:
    plain = len(node.args) == 1 and not node.kwargs and list(node.masks) == ["mask"]
    return plain and isinstance(node.outputs, KerasTensor)


def _passes_over(reader: Node, node: Node) -> bool:
    """Whether a call that follows reads the steps only which count for both."""
    operation = reader.operation
    if isinstance(operation, MaskOp):
        return getattr(operation.layer, "skips_masked", False)
    mask = reader.masks.get("mask")
    if not getattr(operation, "skips_masked", False) or not isinstance(mask, KerasTensor):
        return False
    if len(reader.args) != 1 or reader.args[0] is not node.outputs or reader.kwargs:
        return False
    source = mask.node  # the mask of the output, which is that of the input
    is_same = isinstance(source.operation, MaskOp) and source.operation.layer is node.operation
    return is_same and any(t is node.masks["mask"] for t in source.needs())
