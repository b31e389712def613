"""Models made again: copies with new weights, and models read from JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from kerastorch import registry, tree
from kerastorch.core import tracing
from kerastorch.core.bounds import check_text, reading
from kerastorch.core.graph import FunctionOp
from kerastorch.core.memory import in_memory
from kerastorch.core.program import interpret
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import InvalidArgumentError, SerializationError, UnknownArgumentError
from kerastorch.layers.core.input_layer import Input, InputLayer
from kerastorch.layers.layer import Layer
from kerastorch.models.configs import read_layer, takes_graph
from kerastorch.models.functional import Functional
from kerastorch.models.model import Model
from kerastorch.models.sequential import Sequential
from kerastorch.saving.legacy_classes import is_old, modern


def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Callable[[Any], Any] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Model:
    """Returns a model like another one, with new layers and new weights.

    Layers are made again from their configs within this process, so that classes, functions and lambdas need not be
    registered. A plain `torch.nn` module is copied and its weights are drawn again. A compiled model gives a compiled
    clone.

    Args:
        model: the model.
        input_tensors: symbolic tensors in the structure of the model's inputs; None makes new inputs. Functional and
            sequential models only.
        clone_function: returns the new layer for a layer; called once for each. Functional and sequential models only.
        call_function: calls a new layer, as `call_function(layer, *args, **kwargs)`. Functional models only.
        recursive: whether models inside the model are cloned layer by layer as well.
        **kwargs: none; named here for the error.

    Raises:
        InvalidArgumentError: when an argument does not fit the kind of the model.
        SerializationError: when a layer has no usable config.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> model = Sequential([Input((3,)), Dense(2)])
        >>> [layer.name for layer in clone_model(model).layers] == [layer.name for layer in model.layers]
        True

    Source: `keras.models.clone_model`.
    """
    if kwargs:
        raise UnknownArgumentError(f"`clone_model` received unexpected arguments: {sorted(kwargs)}.")
    if not isinstance(model, Model):
        raise InvalidArgumentError(f"Expected `model` to be a Model. Received: model={model!r}.")
    with in_memory():
        return _Cloner(clone_function, call_function, recursive).clone(model, input_tensors)


class _Cloner:
    """Clones models; a layer that several of them share is cloned once."""

    def __init__(
        self, clone_function: Callable | None, call_function: Callable | None, recursive: bool
    ) -> None:
        self.clone_function = clone_function
        self.call_function = call_function
        self.recursive = recursive
        self._clones: dict[int, tuple[Any, Any]] = {}

    def clone(self, model: Model, input_tensors: Any = None) -> Model:
        """Returns the clone of a model."""
        clone: Model
        if isinstance(model, Sequential):
            clone = self._sequential(model, input_tensors)
        elif model._describes_graph() or (isinstance(model, Functional) and self._is_special(input_tensors)):
            clone = self._functional(model, input_tensors)
        elif self._is_special(input_tensors):
            raise InvalidArgumentError(
                "Arguments `clone_function`, `call_function` and `input_tensors` are only supported for Sequential "
                f"models or Functional models. Received model of type {type(model).__name__!r}."
            )
        else:
            return deserialize_keras_object(serialize_keras_object(model))
        if model.compiled:
            clone.compile_from_config(model.get_compile_config())
        return clone

    def _is_special(self, input_tensors: Any) -> bool:
        return any(x is not None for x in (self.clone_function, self.call_function, input_tensors))

    def _layer(self, layer: Any) -> Any:
        """The clone of a layer or function of a graph: the same one each time."""
        if id(layer) not in self._clones:
            self._clones[id(layer)] = (layer, self._new_layer(layer))
        return self._clones[id(layer)][1]

    def _new_layer(self, layer: Any) -> Any:
        if self.recursive and isinstance(layer, Model) and (isinstance(layer, Sequential) or layer._graph):
            inner = self
            if isinstance(layer, Sequential) and self.call_function is not None:
                inner = _Cloner(self.clone_function, None, True)  # rows of layers are not called one by one
                inner._clones = self._clones
            return inner.clone(layer)
        if self.clone_function is not None:
            clone = self.clone_function(layer)
            if not isinstance(clone, (Layer, FunctionOp)):
                raise InvalidArgumentError(
                    f"`clone_function` must return a layer. Received: {clone!r} for {layer!r}."
                )
            return clone
        if hasattr(layer, "clone"):
            return layer.clone()
        return type(layer).from_config(layer.get_config())

    def _sequential(self, model: Sequential, input_tensors: Any) -> Sequential:
        if self.call_function is not None:
            raise InvalidArgumentError(
                "`call_function` argument is not supported with Sequential models. Use it with Functional models. "
                f"Received model of type {type(model).__name__!r}, with call_function={self.call_function}."
            )
        layers = [self._layer(layer) for layer in model.layers]
        first = model._row[0] if model._row and isinstance(model._row[0], InputLayer) else None
        if input_tensors is not None:
            flat = tree.flatten(input_tensors)
            if len(flat) != 1 or not isinstance(flat[0], KerasTensor):
                raise InvalidArgumentError(
                    f"Argument `input_tensors` must contain a single KerasTensor. Received: {input_tensors!r}."
                )
            layers.insert(0, Input(tensor=flat[0], name=first.name if first else None))
        elif first is not None:
            layers.insert(0, InputLayer.from_config(first.get_config()))
        clone = Sequential(layers, name=model.name, trainable=model.trainable)
        if model._graph is not None and model._graph.extras:
            calls = {id(old): new for old, new in zip(model.layers, clone.layers, strict=True)}
            additions = interpret(model._graph, clone.input, self._call_beside(calls), extras=True)[1]
            clone._compute_beside(additions)
        return clone

    def _call_beside(self, done: dict[int, Any]) -> Callable:
        """Makes the calls of a graph, except those of layers whose clones have been called already."""

        def call(operation: Any, args: tuple, kwargs: dict) -> Any:
            clone = done.pop(id(operation), None)  # a layer may be called again for an addition
            return self._call(operation, args, kwargs) if clone is None else clone.output

        return call

    def _functional(self, model: Model, input_tensors: Any) -> Model:
        graph = model._graph
        inputs = input_tensors
        if inputs is None:
            inputs = tree.map_structure(
                lambda t: InputLayer.from_config(t.node.operation.get_config()).output, graph.inputs
            )
        elif not all(isinstance(t, KerasTensor) for t in tree.flatten(inputs)):
            raise InvalidArgumentError(
                f"All entries in `input_tensors` must be KerasTensors. Received: input_tensors={inputs!r}."
            )
        elif len(tree.flatten(inputs)) != len(tree.flatten(graph.inputs)):
            raise InvalidArgumentError(
                f"`input_tensors` must have the same structure as model.input. Expected: {graph.inputs!r}. "
                f"Received: {inputs!r}."
            )
        else:
            inputs = tree.pack_sequence_as(graph.inputs, tree.flatten(inputs))
        outputs, additions = interpret(graph, inputs, self._call, extras=True)
        if model._outputs_listed:
            outputs = [outputs]
        cls = type(model) if takes_graph(type(model)) else Functional
        clone = cls(inputs, outputs, name=model.name)
        clone._compute_beside(additions)
        clone._trainable = model.trainable
        return clone

    def _call(self, operation: Any, args: tuple, kwargs: dict) -> Any:
        clone = self._layer(operation)
        if self.call_function is not None:
            return self.call_function(clone, *args, **kwargs)
        if isinstance(clone, FunctionOp):
            return tracing.record(clone, args, kwargs)
        return clone(*args, **kwargs)


def model_from_json(json_string: str, custom_objects: dict | None = None) -> Any:
    """Returns the model that `to_json` described, with new weights.

    Args:
        json_string: what `model.to_json()` returned, in Keras or here.
        custom_objects: names and the user's classes and functions that they stand for.

    Raises:
        SerializationError: when it is no JSON, or describes no model.
        UnsafeModelError: when it names a class or function that is not registered.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> model_from_json(Sequential([Input((3,)), Dense(2)]).to_json()).output_shape
        (None, 2)

    Source: `keras.models.model_from_json`.
    """
    try:
        check_text(json_string)
        config = json.loads(json_string)
    except (AttributeError, ValueError, TypeError, RecursionError) as error:
        raise SerializationError(f"`json_string` cannot be read as JSON. The error was: {error}") from error
    return model_from_config(config, custom_objects)


def model_from_config(config: dict, custom_objects: dict | None = None) -> Any:
    """Returns the model that a config with its class describes, with new weights.

    Args:
        config: a dictionary with `class_name` and `config`, of Keras 3 or 2.
        custom_objects: names and the user's classes and functions that they stand for.

    Raises:
        SerializationError: when it describes no model or layer.
        UnsafeModelError: when it names a class or function that is not registered.

    Example:
        >>> model_from_config({"class_name": "Sequential", "config": {"name": "row", "layers": []}}).name
        'row'

    Source: `keras.models.model_from_config` of Keras 2.
    """
    if not isinstance(config, Mapping):
        raise SerializationError(
            f"`model_from_config` expects a dictionary with 'class_name' and 'config'. Received: {config!r}. "
            "Use `Sequential.from_config` for a list of layers."
        )
    version = config.get("keras_version")
    with reading(config), registry.CustomObjectScope(custom_objects or {}):
        return read_layer(modern(config, version) if isinstance(version, str) and is_old(version) else config)
