"""Models that are a row of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry, tree
from kerastorch.core.bounds import reading
from kerastorch.core.graph import Node
from kerastorch.core.serializable import serialize_keras_object
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import GraphError, InvalidArgumentError, NotBuiltError, SerializationError, ShapeError
from kerastorch.layers.core.input_layer import Input, InputLayer
from kerastorch.layers.core.torch_module import wrapper_of
from kerastorch.layers.layer import Layer
from kerastorch.layers.restoring import as_before_if_it_fails
from kerastorch.models.configs import GraphReader, graph_config, read_layer
from kerastorch.models.functional import Functional
from kerastorch.models.model import Model
from kerastorch.naming import auto_name


@registry.builtin("keras.models")
@registry.builtin("keras")
class Sequential(Model):
    """A row of layers, each of which takes what the one before returns.

    With an `Input`, or a first layer that has `input_shape`, the weights exist at once; otherwise they are made for
    the first data.

    Args:
        layers: layers, plain `torch.nn` modules or an `Input`; None for an empty model.
        trainable: whether training changes the weights.
        name: the model's name; None makes one.

    Raises:
        InvalidArgumentError: when something is no layer, or two layers have one name.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> model = Sequential([Dense(8, activation="relu"), Dense(1)])
        >>> model(torch.ones(4, 3)).shape
        torch.Size([4, 1])

    Source: `keras.Sequential`.
    """

    _lists_layers_only = True

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return Layer.__new__(cls, *args, **kwargs)

    def __init__(
        self, layers: Sequence[Any] | None = None, trainable: bool = True, name: str | None = None
    ) -> None:
        super().__init__(trainable=trainable, name=name)
        self.__dict__["_row"] = []
        for layer in layers or ():
            self.add(layer, rebuild=False)
        self._maybe_rebuild()

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Appends a layer.

        Args:
            layer: a layer, a plain `torch.nn` module, or what `Input` returns.
            rebuild: whether the model is traced anew at once.

        Raises:
            InvalidArgumentError: when it is no layer, or its name is taken.
            GraphError: when losses or metrics were added to the graph.
        """
        layer = self._as_layer(layer)
        self._check_nothing_added()
        if isinstance(layer, InputLayer) and self._row:
            raise InvalidArgumentError(
                f"Sequential model '{self.name}' has already been configured to use input shape "
                f"{self._row[0].batch_shape if isinstance(self._row[0], InputLayer) else 'unknown'}. You cannot add a "
                f"different Input layer to it."
            )
        if any(layer.name == other.name for other in self._row):
            raise InvalidArgumentError(
                f"All layers added to a Sequential model should have unique names. Name '{layer.name}' is already the "
                f"name of a layer in this model. Update the `name` argument to pass a unique name."
            )
        if not rebuild:
            self._append(layer)
            return
        with as_before_if_it_fails([*self.modules(), layer]):
            self._append(layer)
            self._maybe_rebuild()

    def _append(self, layer: Layer) -> None:
        if not self._row and layer._input_shape_arg is not None and not isinstance(layer, InputLayer):
            self._row.append(Input(batch_shape=layer._input_shape_arg).node.operation)
        self._row.append(layer)
        if not isinstance(layer, InputLayer):
            self._modules[self._child_name(layer)] = layer

    def _as_layer(self, layer: Any) -> Layer:
        if isinstance(layer, KerasTensor) and layer.node is not None and layer.node.is_input:
            return layer.node.operation
        if isinstance(layer, torch.nn.Module) and not isinstance(layer, Layer):
            return wrapper_of(layer)
        if not isinstance(layer, Layer):
            hint = f". Pass an instance: `{layer.__name__}(...)`" if isinstance(layer, type) else ""
            raise InvalidArgumentError(
                f"Only instances of `keras.Layer` can be added to a Sequential model. Received: {layer!r} (of type "
                f"{type(layer).__name__}){hint}"
            )
        return layer

    def pop(self, rebuild: bool = True) -> Layer:
        """Removes the last layer and returns it.

        Args:
            rebuild: whether the model is traced anew at once.

        Raises:
            InvalidArgumentError: when there is no layer.
            GraphError: when losses or metrics were added to the graph.
        """
        if not self._row:
            raise InvalidArgumentError(f"Sequential model '{self.name}' has no layer to remove.")
        self._check_nothing_added()
        layer = self._row.pop()
        for name in [n for n, module in self._modules.items() if module is layer]:
            del self._modules[name]
        self._drop_graph()
        if rebuild:
            self._maybe_rebuild()
        return layer

    def _check_nothing_added(self) -> None:
        if self._graph is not None and self._graph.extras:
            raise GraphError(
                f"The layers of Sequential model '{self.name}' can no longer change: `add_loss` or `add_metric` "
                "was called with tensors of its graph. Add losses and metrics after the last layer."
            )

    def _drop_graph(self) -> None:
        self.__dict__.update(
            _graph=None, _program=None, _full_program=None, _plan=None, _grad_owners=None, built=False
        )
        self._forget_inputs()

    def _maybe_rebuild(self) -> None:
        self._drop_graph()
        first = self._row[0] if len(self._row) > 1 else None
        if isinstance(first, InputLayer):
            self.build(first.batch_shape)
        elif isinstance(first, Model) and first._graph is not None and len(first.input_names) == 1:
            self.build(first.input_shape)

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights for inputs of a shape and traces the model.

        Args:
            input_shape: the shape with the batch axis, None for unknown sizes.

        Raises:
            InvalidArgumentError: when the model has no layer.
            NotBuiltError: when there is no shape.
        """
        if self._row and isinstance(self._row[0], InputLayer) and input_shape is not None:
            self._check_shape(tuple(input_shape))
        if self._graph is not None:
            return
        if not self._row:
            raise InvalidArgumentError(
                f"Sequential model {self.name!r} cannot be built because it has no layers."
            )
        if not isinstance(self._row[0], InputLayer) and input_shape is None:
            raise NotBuiltError(
                f"You must provide an `input_shape` argument to build the Sequential model {self.name!r}: it has no "
                "`Input`."
            )
        with as_before_if_it_fails(self.modules()):
            self._trace(input_shape)

    def _trace(self, input_shape: Any) -> None:
        if not isinstance(self._row[0], InputLayer):
            dtype = getattr(self._row[0], "compute_dtype", None)
            self._row.insert(0, Input(batch_shape=tuple(input_shape), dtype=dtype).node.operation)
            self.__dict__["_takes_any_size"] = True  # as no size was declared
        x = inputs = self._row[0].output
        for layer in self._row[1:]:
            _check_takes_one(layer)
            before = _call_of(layer, x)
            x = layer(x) if before is None else before.outputs
        self._set_graph(inputs, x)
        auto_name("Functional")  # Keras holds a functional model inside, which takes a name

    def _shape_to_build_for(self, x: torch.Tensor) -> tuple:
        return (None, *super()._shape_to_build_for(x)[1:])  # the next batch may have another size

    def _check_shape(self, shape: tuple) -> None:
        known = self._row[0].batch_shape
        if len(known) != len(shape) or known[1:] != shape[1:]:
            raise ShapeError(
                f"Sequential model '{self.name}' has already been configured to use input shape {known}. You cannot "
                f"build it with input_shape {shape}."
            )

    def _build_for(self, args: tuple, kwargs: dict) -> None:
        first = args[0] if args else kwargs.get("inputs")
        if tree.is_nested(first):
            self.built = (
                True  # the first layer takes several tensors: the layers are called one after the other
            )
            return
        try:
            super()._build_for(args, kwargs)
        except (GraphError, NotImplementedError):
            if self._row and isinstance(self._row[0], InputLayer):
                del self._row[0]
            self.built = True  # a layer cannot be traced: the layers are called one after the other

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Calls the layers one after the other.

        Args:
            inputs: what the first layer takes.
            training: whether the model trains; the layers read it from the enclosing call.
            mask: the mask of the inputs.
        """
        if self._graph is not None:
            return self._run_graph(inputs, mask)
        if mask is not None:
            inputs._keras_mask = mask
        for layer in self._row:
            inputs = layer(inputs)
        return inputs

    def forward(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Runs the generated code, or the layers: what `torch.nn.Module` calls."""
        return self.call(inputs, mask=mask)

    def _uses_graph(self) -> bool:
        return type(self).call is Sequential.call

    _makes_masks = Functional._makes_masks
    compute_mask = Functional.compute_mask

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the input."""
        row = self.__dict__.get("_row", [])
        return row[1:] if row and isinstance(row[0], InputLayer) else list(row)

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError(
            "`Sequential.layers` attribute is reserved and should not be used. Use `add()` and `pop()` to change the "
            "layers in this model."
        )

    def _child_modules(self) -> Any:
        rest = [m for m in Layer._child_modules(self) if not any(m is layer for layer in self._row)]
        return iter([*self._row, *rest])

    def _describes_graph(self) -> bool:
        return False  # the layers say it all

    def get_build_config(self) -> dict | None:
        """Returns the shape for which the model was built, or None."""
        return {"input_shape": self._row[0].batch_shape} if self._graph is not None else None

    def get_config(self) -> dict:
        """Returns the layers' configs.

        Raises:
            SerializationError: when a layer cannot be written.
        """
        from_layers = [serialize_keras_object(layer) for layer in self._row]
        config = {"name": self.name, "trainable": self._trainable, "dtype": Layer.get_config(self)["dtype"]}
        config["layers"] = from_layers
        if self._graph is not None:
            config["build_input_shape"] = self._row[0].batch_shape
            if self._graph.extras:
                config["added"] = self._added_config()
        return config

    def _added_config(self) -> dict:
        """What was added to the model, as a graph whose layers may take what those of the row return."""
        whole = graph_config(self._graph, Functional)
        added = {operation.name for operation in self._graph.extra_operations}
        return {**whole, "layers": [layer for layer in whole["layers"] if layer["name"] in added]}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Sequential:
        """Returns a model made from what `get_config` returned.

        Args:
            config: the config.
            custom_objects: names and the user's classes and functions that they stand for.

        Raises:
            SerializationError: when the config is not of a row of layers.
            UnsafeModelError: when it names a class or function that is not registered.
        """
        if not isinstance(config.get("layers"), (list, tuple)):
            raise SerializationError(
                f"The config of a Sequential model must hold the list 'layers'. Received: {config!r}."
            )
        with reading(config), registry.CustomObjectScope(custom_objects or {}):
            return cls._read(config)

    @classmethod
    def _read(cls, config: dict) -> Sequential:
        model = cls(name=config.get("name"))
        for layer in config["layers"]:
            model.add(read_layer(layer), rebuild=False)
        model._maybe_rebuild()
        if model._graph is None and config.get("build_input_shape"):
            model.build(tuple(config["build_input_shape"]))
        if config.get("added"):
            if model._graph is None:
                raise SerializationError(
                    f"The config of Sequential model {model.name!r} adds losses or metrics, but has no input shape."
                )
            model._compute_beside(GraphReader(config["added"], known=model._graph).additions)
        if config.get("trainable") is False:
            model.trainable = False
        return model


def _call_of(layer: Layer, x: KerasTensor) -> Node | None:
    """The call of a layer with `x` alone that was traced before the last layer came, so that `layer.output` stays."""
    calls = (node for node in layer._inbound_nodes if len(node.args) == 1 and node.args[0] is x)
    return next((node for node in calls if not node.kwargs), None)


def _check_takes_one(layer: Layer) -> None:
    """Checks that a layer can be called with one tensor alone."""
    if isinstance(layer, Model):
        return
    signature = layer._signature
    needed = [p.name for p in signature.parameters if p.default is p.empty and p.name in signature.names]
    if len(needed) > 1 or not (signature.names or signature.takes_any_position):
        raise InvalidArgumentError(
            "Layers added to a Sequential model can only have a single required positional argument, the input tensor. "
            f"Layer {type(layer).__name__} has {needed or 'none'}. Use a functional model instead."
        )
