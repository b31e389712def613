"""A model as a graph that TensorBoard draws: its calls, and its layers as Keras describes them."""

from __future__ import annotations

import json
from typing import Any

from kerastorch.core.graph import FunctionOp, Graph, MaskOp, Node, tensors_in
from kerastorch.core.serializable import serialize_uncompiled
from kerastorch.core.spec import KerasTensor


def graph_of(model: Any) -> Graph | None:
    """Returns the graph that a model runs; None for one that has none, or none yet.

    Args:
        model: the model.

    Example:
        >>> graph_of(object()) is None
        True
    """
    graph = getattr(model, "_graph", None)
    return graph if graph is not None and model._uses_graph() else None


def graph_def(model: Any) -> Any:
    """Returns the calls of a functional or sequential model as TensorBoard's `GraphDef`.

    A node has the name of its layer, below the names of the models around it, the class as its operation, the shapes
    of its outputs, and the shapes of the layer's own weights.

    Args:
        model: a model with a graph.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.layers.core.input_layer import Input
        >>> from kerastorch.models.functional import Functional
        >>> x = Input((3,), name="x")
        >>> graph = graph_def(Functional(x, Dense(2, name="out")(x), name="net"))
        >>> [(node.op, node.name, list(node.input)) for node in graph.node]
        [('Input', 'net/x', []), ('Dense', 'net/out', ['net/x'])]

    Source: `torch.utils.tensorboard`, which draws the operations of a trace
    """
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    drawing = _Drawing(GraphDef())
    names = {}
    for tensor in tensors_in(model._graph.inputs):
        label = f"{model.name}/{tensor.node.operation.name}"
        names[id(tensor)] = drawing.add(label, "Input", [], [tensor])
    drawing.add_calls(model._graph, model.name, names)
    return drawing.graph


class _Drawing:
    """A `GraphDef` that grows node by node."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self._names: set[str] = set()

    def add(self, name: str, kind: str, inputs: list[str], outputs: list[KerasTensor]) -> str:
        """Adds a node and returns its name, which is a new one."""
        name = self._new(name)
        node = self.graph.node.add(name=name, op=kind, input=inputs)
        for tensor in outputs:
            shape = node.attr["_output_shapes"].list.shape.add()
            for size in tensor.shape:
                shape.dim.add(size=-1 if size is None else size)
        return name

    def add_calls(self, graph: Graph, scope: str, names: dict[int, str]) -> None:
        """Adds the calls of a graph; `names` tells which node makes a tensor, at first only for its inputs."""
        for node in graph.nodes:
            if isinstance(node.operation, MaskOp):
                continue
            inputs = [names[id(tensor)] for tensor in node.input_tensors if id(tensor) in names]
            label = f"{scope}/{node.operation.name}"
            inner = graph_of(node.operation)
            if inner is not None and len(tensors_in(inner.inputs)) == len(inputs):
                made = self._add_model(inner, self._new(label), inputs)
            else:
                made = [self._add_call(node, label, inputs)] * len(node.output_tensors)
            names.update({id(t): name for t, name in zip(node.output_tensors, made, strict=True)})

    def _add_model(self, graph: Graph, scope: str, inputs: list[str]) -> list[str]:
        """Adds what is in a model, and returns the nodes of its outputs."""
        names = {}
        for tensor, source in zip(tensors_in(graph.inputs), inputs, strict=True):
            label = f"{scope}/{tensor.node.operation.name}"
            names[id(tensor)] = self.add(label, "Input", [source], [tensor])
        self.add_calls(graph, scope, names)
        return [names[id(tensor)] for tensor in tensors_in(graph.outputs)]

    def _add_call(self, node: Node, label: str, inputs: list[str]) -> str:
        operation = node.operation
        if isinstance(operation, FunctionOp):
            kind = str(getattr(operation.target, "__name__", operation.target))
            return self.add(label, kind, inputs, node.output_tensors)
        name = self.add(label, type(operation).__name__, inputs, node.output_tensors)
        weights = [
            f"{w.name} {tuple(w.shape)}" for w in getattr(operation, "weights", ()) if hasattr(w, "path")
        ]
        if weights:
            self.graph.node[-1].attr["weights"].s = ", ".join(weights).encode()
        return name

    def _new(self, name: str) -> str:
        """The name, with a number where it is taken: a layer may be called many times."""
        candidate, number = name, 0
        while candidate in self._names:
            number += 1
            candidate = f"{name}_{number}"
        self._names.add(candidate)
        return candidate


def conceptual_config(model: Any) -> str:
    """Returns the JSON of a model with calls of tensors only: TensorBoard reads no numbers and no keywords there.

    Args:
        model: a functional or sequential model.

    Raises:
        SerializationError: when something in the model has no config.
    """
    config = json.loads(json.dumps(serialize_uncompiled(model)))
    _simplify_calls(config)
    return json.dumps(config)


def _simplify_calls(config: dict[str, Any]) -> None:
    for layer in config["config"].get("layers", ()):
        for call in layer.get("inbound_nodes", ()):
            found: list[dict] = []
            _find_tensors([call["args"], call["kwargs"]], found)
            call.update(args=found, kwargs={})
        _simplify_calls(layer)


def _find_tensors(part: Any, found: list[dict]) -> None:
    """Collects the symbolic tensors in the arguments of a call."""
    if isinstance(part, dict) and part.get("class_name") == "__keras_tensor__":
        found.append(part)
    elif isinstance(part, (dict, list)):
        for inner in part.values() if isinstance(part, dict) else part:
            _find_tensors(inner, found)
