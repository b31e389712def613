"""Functional models as configs in Keras's format, and back."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from kerastorch import registry, tree
from kerastorch.core import tracing
from kerastorch.core.graph import FunctionOp, Graph, Node, replace_tensors
from kerastorch.core.serializable import (
    TensorReference,
    deserialize_keras_object,
    serialize_keras_object,
)
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import SerializationError
from kerastorch.layers.core.input_layer import InputLayer
from kerastorch.layers.layer import Layer
from kerastorch.models.added import Addition
from kerastorch.models.keras_functions import read_operation

GRAPH_KEYS = ("layers", "input_layers", "output_layers")

# Layers whose `call` has a default of `training` here and none in Keras.
_UNSET_IN_KERAS = frozenset({"Bidirectional", "TimeDistributed"})

# Layers that take a mask here and not in Keras.
_MASKED_HERE = frozenset({"Maximum", "Minimum", "Multiply"})


def takes_graph(cls: type) -> bool:
    """Returns whether a model class is made from `inputs` and `outputs`, as `Functional` is."""
    spec = inspect.getfullargspec(cls.__init__)  # type: ignore[misc]
    return spec.args[1:4] == ["inputs", "outputs", "name"] or (
        spec.varargs is not None and spec.varkw is not None
    )


# Writing ---------------------------------------------------------------------------------------------------------


def graph_config(graph: Graph, model_class: type) -> dict:
    """Returns the layers of a graph, how they are called, and where it begins and ends.

    What was added to the graph stands among the layers, as in configs of Keras 2.

    Args:
        graph: the graph.
        model_class: the class of functional models, whose calls Keras numbers from one at the end of a graph.

    Raises:
        SerializationError: when a layer cannot be written.
    """
    whole = Graph(graph.inputs, [graph.outputs, graph.extras]) if graph.extras else graph
    calls = _calls_by_operation(whole)
    number = {id(node): i for nodes in calls.values() for i, node in enumerate(nodes)}

    def places(tensor: KerasTensor, first: int = 0) -> list:
        return [
            tensor.node.operation.name,
            number[id(tensor.node)] + first,
            tensor.node.history_of(tensor)[2],
        ]

    def refer(tensor: KerasTensor) -> TensorReference:
        return TensorReference(tensor.shape, tensor.dtype, places(tensor))

    def end(tensor: KerasTensor) -> list:
        return places(tensor, int(isinstance(tensor.node.operation, model_class)))

    layers = []
    for operation in whole.operations:
        config = serialize_keras_object(operation)
        config["name"] = operation.name
        config["inbound_nodes"] = [_call_config(n, refer) for n in calls[id(operation)] if not n.is_input]
        layers.append(config)
    inputs, outputs = tree.map_structure(end, graph.inputs), tree.map_structure(end, graph.outputs)
    return {"layers": layers, "input_layers": inputs, "output_layers": outputs}


def _calls_by_operation(graph: Graph) -> dict[int, list[Node]]:
    """The calls of each operation that belong to the graph, in the order in which they were made."""
    calls: dict[int, list[Node]] = {id(op): [] for op in graph.operations}
    for node in sorted(graph.calls, key=lambda n: n.index):
        calls[id(node.operation)].append(node)
    return calls


def _call_config(node: Node, refer: Any) -> dict:
    args, kwargs = (replace_tensors(part, refer) for part in (node.args, node.kwargs))
    given = {}
    if isinstance(node.operation, Layer):
        usual = _usual_training(node.operation)
        if usual is not None and kwargs.get("training") is usual:
            given = {"given": ["training"]}  # Keras would read the same without this
        kwargs = _with_defaults(node, kwargs)
    return {"args": serialize_keras_object(args), "kwargs": serialize_keras_object(kwargs), **given}


def _usual_training(layer: Layer) -> bool | None:
    """The default of `training` in the layer's `call`, which Keras writes where nobody gave the argument."""
    if _builtin_name(layer) in _UNSET_IN_KERAS:
        return None
    defaults = [p.default for p in layer._signature.parameters if p.name == "training"]
    return next((value for value in defaults if isinstance(value, bool)), None)


def _with_defaults(node: Node, kwargs: dict) -> dict:
    """The keyword arguments as Keras writes them: with those that it fills in itself."""
    signature = node.operation._signature
    named = signature.named(node.args, node.kwargs)
    filled: dict[str, Any] = {}
    known = _builtin_name(node.operation)
    usual = _usual_training(node.operation)
    if usual is not None and named.get("training") is None:
        filled["training"] = usual
    with_tensors = [v for v in named.values() if _is_tensors(v)]
    takes_mask = signature.takes_mask and known not in _MASKED_HERE
    if takes_mask and named.get("mask") is None and len(with_tensors) == 1:
        filled["mask"] = tree.map_structure(lambda _: None, with_tensors[0])
    return {**kwargs, **filled}


def _builtin_name(operation: Any) -> str | None:
    cls = type(operation)
    return cls.__name__ if registry.home_of(cls) else None


def _is_tensors(value: Any) -> bool:
    leaves = tree.flatten(value)
    return bool(leaves) and all(isinstance(leaf, KerasTensor) for leaf in leaves)


# Reading ---------------------------------------------------------------------------------------------------------


def read_layer(config: Mapping, custom_objects: dict | None = None) -> Any:
    """Returns the layer that a config of Keras 3 or 2 describes.

    Args:
        config: the config; one of Keras 2 has no module.
        custom_objects: names and the user's classes and functions that they stand for.

    Raises:
        SerializationError: when it describes something else than a layer.
        UnsafeModelError: when it names a class that is not registered.
    """
    if not isinstance(config, Mapping) or "class_name" not in config:
        raise SerializationError(f"A model's config holds a layer that is no config. Received: {config!r}.")
    homes = ("keras.layers", "keras.models", "keras.src.models.functional", "kerastorch.added")
    module = next((m for m in homes if registry.find(m, config["class_name"])), "keras.layers")
    operation = deserialize_keras_object(config, custom_objects, module=module)
    if not isinstance(operation, (Layer, FunctionOp)):
        raise SerializationError(
            f"A model's config describes {config['class_name']!r}, which is no layer. Received: {operation!r}."
        )
    return operation


class GraphReader:
    """Makes the layers that a functional config names and calls them as it says.

    Args:
        config: the config, with `layers`, `input_layers` and `output_layers`.
        custom_objects: names and the user's classes and functions that they stand for.
        known: a graph whose layers the config may call without describing them.

    Attributes:
        inputs, outputs: the ends of the graph.
        additions: what is computed beside the outputs: the results of layers for additions.

    Raises:
        SerializationError: when the config is not of a functional model, or its graph has a loop or a gap.
    """

    def __init__(
        self, config: Mapping, custom_objects: dict | None = None, known: Graph | None = None
    ) -> None:
        self._model_class = registry.find("keras.src.models.functional", "Functional")
        self._operations: dict[str, Any] = {}
        self._extra: dict[str, dict] = {}
        self._results: dict[str, list[list[KerasTensor]]] = {}
        if known is not None:
            calls = _calls_by_operation(known)
            self._operations = {op.name: op for op in known.operations}
            self._results = {op.name: [n.output_tensors for n in calls[id(op)]] for op in known.operations}
        self._call_all(self._read(config["layers"], custom_objects))
        self.inputs = self._ends(config["input_layers"])
        self.outputs = self._ends(config["output_layers"])

    @property
    def additions(self) -> list[KerasTensor]:
        """The results of layers for additions."""
        made = (self._results[name] for name, op in self._operations.items() if isinstance(op, Addition))
        return [tensor for calls in made for tensors in calls for tensor in tensors]

    def _read(self, layer_configs: Any, custom_objects: dict | None) -> dict[str, list]:
        """Makes the layers and returns their calls, which are still to be made."""
        waiting: dict[str, list] = {}
        for layer_config in layer_configs:
            if not isinstance(layer_config, Mapping):
                raise SerializationError(
                    f"A model's config holds a layer that is no config: {layer_config!r}."
                )
            operation, extra = read_operation(layer_config) or (read_layer(layer_config, custom_objects), {})
            name = layer_config.get("name", operation.name)
            if name in self._operations:
                raise SerializationError(f"The config of the model has two layers of the name {name!r}.")
            self._operations[name], self._extra[name] = operation, extra
            is_input = isinstance(operation, InputLayer)
            self._results[name] = [[operation.output]] if isinstance(operation, InputLayer) else []
            waiting[name] = [] if is_input else list(layer_config.get("inbound_nodes", ()))
        return waiting

    def _call_all(self, waiting: dict[str, list]) -> None:
        """Makes every call as soon as its arguments exist; a shared layer may stand at several depths."""
        progress = True
        while progress and any(waiting.values()):
            progress = False
            for name, calls in waiting.items():
                while calls and self._call(name, calls[0]):
                    del calls[0]
                    progress = True
        left = [name for name, calls in waiting.items() if calls]
        if left:
            raise SerializationError(
                "Invalid Functional model configuration: the graph has loops or disconnected nodes. The calls of these "
                f"layers cannot be made: {left}."
            )

    def _call(self, name: str, call: Any) -> bool:
        """Calls a layer as one entry of its `inbound_nodes` says; False when an argument is still missing."""
        operation = self._operations[name]
        args, kwargs = self._arguments(call)
        missing: list[TensorReference] = []

        def tensor(leaf: Any) -> Any:
            if isinstance(leaf, slice):
                return slice(tensor(leaf.start), tensor(leaf.stop), tensor(leaf.step))
            if not isinstance(leaf, TensorReference):
                return leaf
            found = self._find(*_places(leaf.history))
            if found is None:
                missing.append(leaf)
            return found

        args, kwargs = tree.map_structure(tensor, tuple(args)), tree.map_structure(tensor, kwargs)
        if missing:
            return False
        if isinstance(operation, FunctionOp):
            outputs = tracing.record(operation, args, {**kwargs, **self._extra[name]})
        else:
            given = call.get("given") if isinstance(call, Mapping) else None
            outputs = operation(*args, **_as_given(operation, kwargs, given))
        self._results[name].append([t for t in tree.flatten(outputs) if isinstance(t, KerasTensor)])
        return True

    def _arguments(self, call: Any) -> tuple[Any, dict]:
        if isinstance(call, Mapping):
            kwargs = deserialize_keras_object(call.get("kwargs") or {})
            return deserialize_keras_object(call.get("args") or ()), kwargs
        # Keras 2: a list of `[name, node_index, tensor_index, kwargs]`.
        entries = [call] if call and isinstance(call[0], str) else list(call)
        tensors = [TensorReference(None, "", list(entry[:3])) for entry in entries]
        kwargs = dict(entries[0][3]) if entries and len(entries[0]) == 4 else {}
        kwargs = {k: TensorReference(None, "", v) if _is_places(v) else v for k, v in kwargs.items()}
        return (tensors[0] if len(tensors) == 1 else tensors,), kwargs

    def _find(self, name: str, node_index: int, tensor_index: int) -> KerasTensor | None:
        if name not in self._results:
            raise SerializationError(
                f"Unknown layer in the config of the model: {name!r}. Its layers are {list(self._results)}."
            )
        calls = self._results[name]
        if not 0 <= node_index < len(calls):
            return None
        if not 0 <= tensor_index < len(calls[node_index]):
            raise SerializationError(f"Layer {name!r} has no output {tensor_index} in call {node_index}.")
        return calls[node_index][tensor_index]

    def _ends(self, structure: Any) -> Any:
        if _is_places(structure):
            name, node_index, tensor_index = structure
            if isinstance(self._operations.get(name), self._model_class):
                node_index -= 1  # Keras numbers the calls of functional models from one here
            found = self._find(name, node_index, tensor_index)
            if found is None:
                raise SerializationError(
                    f"Layer {name!r} of the config is not called {node_index + 1} times."
                )
            return found
        if isinstance(structure, Mapping):
            return {key: self._ends(value) for key, value in structure.items()}
        if not isinstance(structure, (list, tuple)):
            raise SerializationError(
                f"Expected the name of a layer and two numbers. Received: {structure!r}."
            )
        ends = [self._ends(value) for value in structure]
        return tuple(ends) if isinstance(structure, tuple) else ends


def _places(history: Any) -> tuple:
    if not _is_places(history):
        raise SerializationError(f"A tensor of the config has no place in the graph. Received: {history!r}.")
    return tuple(history)


def _is_places(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) == 3
        and isinstance(value[0], str)
        and all(isinstance(i, int) for i in value[1:])
    )


def _as_given(operation: Any, kwargs: dict, given: Any) -> dict:
    """The keyword arguments without what Keras filled in itself: empty masks, and `training` that nobody gave."""
    usual = _usual_training(operation) if isinstance(operation, Layer) and given != ["training"] else None

    def filled(key: str, value: Any) -> bool:
        if key == "mask" or key.endswith("_mask"):
            return all(leaf is None for leaf in tree.flatten(value))
        return key == "training" and (value is None or value is usual)

    return {key: value for key, value in kwargs.items() if not filled(key, value)}
