"""The record of a symbolic computation, and its order."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from kerastorch import registry, tree
from kerastorch.core import functions
from kerastorch.core.spec import KerasTensor, raise_disconnected
from kerastorch.errors import GraphError

KerasHistory = namedtuple("KerasHistory", ["operation", "node_index", "tensor_index"])


def tensors_in(structure: Any) -> list[KerasTensor]:
    """Returns the symbolic tensors of a nested structure, also those inside slices, in order."""
    found: list[KerasTensor] = []
    for leaf in tree.flatten(structure):
        if isinstance(leaf, KerasTensor):
            found.append(leaf)
        elif isinstance(leaf, slice):
            found.extend(p for p in (leaf.start, leaf.stop, leaf.step) if isinstance(p, KerasTensor))
    return found


def replace_tensors(structure: Any, replace: Callable[[KerasTensor], Any]) -> Any:
    """Returns the structure with `replace(t)` in place of each symbolic tensor."""

    def visit(leaf: Any) -> Any:
        if isinstance(leaf, KerasTensor):
            return replace(leaf)
        if isinstance(leaf, slice):
            return slice(visit(leaf.start), visit(leaf.stop), visit(leaf.step))
        return leaf

    return tree.map_structure(visit, structure)


class Node:
    """One call: an operation (a layer or a function), its arguments, and the symbolic tensors it returned.

    Attributes:
        operation: what was called; it has a `name` and a list `_inbound_nodes` of its calls.
        args, kwargs: the arguments as the user gave them, with symbolic tensors as leaves.
        masks: keyword arguments filled in from the masks of the inputs.
        outputs: the nested structure of results.
        index: the number of the call among those of the operation. A call made with a number is not listed by the
            operation: it copies one that is.
    """

    def __init__(
        self,
        operation: Any,
        args: tuple,
        kwargs: dict,
        outputs: Any,
        masks: dict | None = None,
        index: int | None = None,
    ) -> None:
        self.operation, self.args, self.kwargs = operation, args, kwargs
        self.outputs, self.masks = outputs, masks or {}
        self.index = len(operation._inbound_nodes) if index is None else index
        if index is None:
            operation._inbound_nodes.append(self)
        for path, leaf in tree.flatten_with_path(outputs):
            if isinstance(leaf, KerasTensor) and leaf.node is None:
                leaf.node, leaf.position = self, path

    @property
    def is_input(self) -> bool:
        """Whether this is an `Input`, which takes nothing."""
        return not self.input_tensors and getattr(self.operation, "is_input_layer", False)

    @property
    def input_tensors(self) -> list[KerasTensor]:
        """The symbolic tensors among the user's arguments."""
        return tensors_in([self.args, self.kwargs])

    @property
    def output_tensors(self) -> list[KerasTensor]:
        """The symbolic tensors among the results."""
        return tensors_in(self.outputs)

    def needs(self) -> list[KerasTensor]:
        """Returns every symbolic tensor that must be known before this call, masks included."""
        return self.input_tensors + tensors_in(self.masks)

    def history_of(self, tensor: KerasTensor) -> KerasHistory:
        """Returns Keras's `(operation, node_index, tensor_index)` of one of the results."""
        position = next(i for i, t in enumerate(self.output_tensors) if t is tensor)
        return KerasHistory(self.operation, self.index, position)


@registry.builtin("kerastorch.functions", name="TorchFunction")
class FunctionOp:
    """A torch function, operator or tensor method that was applied to symbolic tensors.

    Attributes:
        target: the function, or the name of the method.
        is_method: whether `target` is the name of a tensor method.
    """

    def __init__(self, target: Any, is_method: bool, name: str) -> None:
        self.target, self.is_method, self.name = target, is_method, name
        self._inbound_nodes: list[Node] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.is_method:
            return getattr(args[0], self.target)(*args[1:], **kwargs)
        return self.target(*args, **kwargs)

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_inbound_nodes": []}  # the graph restores the calls

    def get_config(self) -> dict:
        """Returns the name of the operation and of its function.

        Raises:
            SerializationError: when the function has no name that a config may hold.
        """
        return {"name": self.name, "function": functions.describe(self.target, self.is_method)}

    @classmethod
    def from_config(cls, config: dict) -> FunctionOp:
        """Returns an operation made from what `get_config` returned.

        Raises:
            UnsafeModelError: when it names no function that a graph may call.
        """
        return cls(*functions.find(config["function"]), config["name"])


class MaskOp:
    """The mask that a layer computes; it depends on the layer's inputs and their masks."""

    def __init__(self, layer: Any) -> None:
        self.layer, self.name = layer, f"{layer.name}_mask"
        self._inbound_nodes: list[Node] = []

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_inbound_nodes": []}  # the graph restores the calls

    def __call__(self, *args: Any) -> Any:
        return self.layer.compute_mask(*args)


class Graph:
    """The calls between given inputs and outputs, in the order in which they run and in Keras's order of layers.

    Args:
        inputs: nested structure of symbolic tensors.
        outputs: nested structure of symbolic tensors.

    Attributes:
        nodes: the calls in the order in which they run.
        calls: the calls, those of `Input` among them, in the order in which Keras finds them.
        operations: what is called, in Keras's order of layers.
        is_chain: whether the calls follow one another in a row.
        extras: symbolic tensors that are computed beside the outputs.
        extra_nodes: the calls that only they need, in the order in which they run.

    Raises:
        GraphError: when an output does not come from the inputs, the record has a cycle, or a name is used twice.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        self.inputs, self.outputs = inputs, outputs
        sources = tensors_in(inputs)
        self._sources = {id(t) for t in [*sources, *(t._keras_mask for t in sources)] if t is not None}
        self.nodes = self._execution_order(outputs)
        self.extras: list[KerasTensor] = []
        self.extra_nodes: list[Node] = []
        self.operations = self._keras_order()
        self._check_names()

    def add_extra(self, tensor: KerasTensor) -> None:
        """Lets a tensor be computed beside the outputs.

        Raises:
            GraphError: when it does not come from the inputs.
        """
        known = [*self.nodes, *self.extra_nodes]
        self.extra_nodes += self._execution_order(tensor, known)[len(known) :]
        self.extras.append(tensor)

    @property
    def mask_layers(self) -> list[Any]:
        """The layers that are asked for masks and not for outputs."""
        called = {id(operation) for operation in self.operations}
        asked = [node.operation.layer for node in self.nodes if isinstance(node.operation, MaskOp)]
        return [layer for layer in asked if id(layer) not in called]

    @property
    def extra_operations(self) -> list[Any]:
        """What is called only for the extras, in the order in which it runs."""
        in_graph = {id(operation) for operation in self.operations}
        found = {id(node.operation): node.operation for node in self.extra_nodes}
        return [op for key, op in found.items() if key not in in_graph and not isinstance(op, MaskOp)]

    def _execution_order(self, outputs: Any, known: Sequence[Node] = ()) -> list[Node]:
        """All nodes, each after those it needs; found depth first without recursion, as graphs may be deep."""
        done = {id(node): node for node in known}
        running: set[int] = set()
        results = tensors_in(outputs)
        masks = [t._keras_mask for t in results if t._keras_mask is not None]
        pending: list[tuple[Node, Iterator]] = []
        for tensor in results + masks:
            self._visit(tensor, pending, running, done)
            while pending:
                node, needs = pending[-1]
                following = next(needs, None)
                if following is not None:
                    self._visit(following, pending, running, done)
                    continue
                pending.pop()
                running.discard(id(node))
                done[id(node)] = node
        return list(done.values())

    def _visit(self, tensor: KerasTensor, pending: list, running: set[int], done: dict) -> None:
        node = tensor.node
        if id(tensor) in self._sources or (node is not None and id(node) in done):
            return
        if node is None or node.is_input:
            raise_disconnected(tensor)
        if id(node) in running:
            raise GraphError(f"Tensor {tensor!r} from operation {node.operation.name!r} is part of a cycle.")
        running.add(id(node))
        pending.append((node, iter(node.needs())))

    def _keras_order(self) -> list[Any]:
        """Operations sorted as Keras sorts them: by depth from the outputs, then by the order of the traversal."""
        nodes, first_seen = self._traverse()
        depths: dict[int, int] = {}
        operation_depths: dict[int, int] = {}
        operations: dict[int, Any] = {}
        in_graph = {id(n) for n in nodes}
        for node in reversed(nodes):
            depth = max(depths.get(id(node), 0), operation_depths.get(id(node.operation), 0))
            operation_depths[id(node.operation)] = depths[id(node)] = depth
            operations[id(node.operation)] = node.operation
            for parent in (
                t.node for t in node.input_tensors if t.node is not None and id(t.node) in in_graph
            ):
                depths[id(parent)] = max(depth + 1, depths.get(id(parent), 0))
        self.calls = nodes
        self.is_chain = len(set(depths.values())) == len(nodes)
        for tensor in tensors_in(self.inputs):
            operation = getattr(tensor.node, "operation", None)
            if operation is not None and tensor.node.is_input and id(operation) not in operations:
                operations[id(operation)] = operation
                operation_depths[id(operation)], first_seen[id(operation)] = 0, -1
                self.calls, self.is_chain = [*self.calls, tensor.node], False
        return sorted(operations.values(), key=lambda op: (-operation_depths[id(op)], first_seen[id(op)]))

    def _traverse(self) -> tuple[list[Node], dict[int, int]]:
        """Nodes in the order in which Keras finishes them, and when each operation was first seen."""
        finished: dict[int, Node] = {}
        first_seen: dict[int, int] = {}

        def expand(tensor: KerasTensor) -> Iterator[KerasTensor]:
            first_seen.setdefault(id(tensor.node.operation), len(first_seen))
            return iter(() if tensor.node.is_input else tensor.node.input_tensors)

        def is_open(tensor: KerasTensor) -> bool:
            """Whether a tensor's node belongs to the graph and has not been finished."""
            inside = id(tensor) not in self._sources or tensor.node.is_input
            return tensor.node is not None and inside and id(tensor.node) not in finished

        for root in tensors_in(self.outputs):
            stack = [(root.node, expand(root))] if is_open(root) else []
            while stack:
                node, parents = stack[-1]
                tensor = next(parents, None)
                if tensor is None:
                    stack.pop()
                    finished[id(node)] = node
                elif is_open(tensor):
                    stack.append((tensor.node, expand(tensor)))
        return list(finished.values()), first_seen

    def _check_names(self) -> None:
        names = [op.name for op in self.operations]
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                raise GraphError(
                    f'The name "{name}" is used {names.count(name)} times in the model. All operation names should be '
                    "unique. Give one of the layers another `name`."
                )

    def rebased(self, inputs: Any) -> Graph:
        """Returns the same calls on other inputs; the layers do not list the copied calls.

        Args:
            inputs: symbolic tensors in the structure of `self.inputs`.
        """
        copies: dict[int, Any] = {}
        for old, new in zip(tensors_in(self.inputs), tensors_in(inputs), strict=True):
            copies |= {id(old._keras_mask): None, id(old): new}  # data that are given have no mask

        def copied(structure: Any) -> Any:
            return replace_tensors(structure, lambda t: copies.setdefault(id(t), _copy(t)))

        for node in self.nodes:
            args, kwargs, outputs, masks = map(copied, (node.args, node.kwargs, node.outputs, node.masks))
            Node(node.operation, args, kwargs, outputs, masks, index=node.index)
        for node in self.nodes:
            for tensor in node.output_tensors:
                copies[id(tensor)]._keras_mask = copied(tensor._keras_mask)
        return Graph(inputs, copied(self.outputs))

    # Copies and pickles: the tensors are numbered, so that a deep graph needs no deep recursion.

    def __getstate__(self) -> dict:
        sources = [t.node for t in tensors_in(self.inputs) if t.node.is_input]
        nodes = list({id(n): n for n in [*sources, *self.nodes, *self.extra_nodes]}.values())
        tensors = list({id(t): t for n in nodes for t in n.output_tensors}.values())
        number = {id(t): i for i, t in enumerate(tensors)}

        def numbered(structure: Any) -> Any:
            return replace_tensors(structure, lambda t: _Numbered(number[id(t)]))

        return {
            "tensors": [
                (t.shape, t.dtype, t.name, t.witness, t.scalars, numbered(t._keras_mask)) for t in tensors
            ],
            "nodes": [(n.operation, *map(numbered, (n.args, n.kwargs, n.outputs, n.masks))) for n in nodes],
            "inputs": numbered(self.inputs),
            "outputs": numbered(self.outputs),
            "extras": numbered(self.extras),
        }

    def __setstate__(self, values: dict) -> None:
        tensors = []
        for shape, dtype, name, witness, scalars, _ in values["tensors"]:
            tensors.append(KerasTensor(shape, dtype, name=name, witness=witness))
            tensors[-1].scalars = scalars

        def restored(structure: Any) -> Any:
            return tree.map_structure(
                lambda a: tensors[a.number] if isinstance(a, _Numbered) else a, structure
            )

        for tensor, (*_, mask) in zip(tensors, values["tensors"], strict=True):
            tensor._keras_mask = restored(mask)
        for operation, args, kwargs, outputs, filled in values["nodes"]:
            Node(operation, *map(restored, (args, kwargs, outputs, filled)))
        Graph.__init__(self, restored(values["inputs"]), restored(values["outputs"]))
        for tensor in restored(values.get("extras", [])):
            self.add_extra(tensor)


def _copy(tensor: KerasTensor) -> KerasTensor:
    copy = KerasTensor(tensor.shape, tensor.dtype, name=tensor.name, witness=tensor.witness)
    copy.scalars = tensor.scalars
    return copy


class _Numbered:
    """A symbolic tensor in a pickle."""

    def __init__(self, number: int) -> None:
        self.number = number
