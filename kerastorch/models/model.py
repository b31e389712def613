"""The class of all models."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch import registry, tree
from kerastorch.core.bounds import reading
from kerastorch.core.context import name_scope, state
from kerastorch.core.serializable import serialize_keras_object
from kerastorch.core.shapes import symbolic
from kerastorch.core.tracing import any_symbolic
from kerastorch.errors import InvalidArgumentError, MissingMethodError, did_you_mean
from kerastorch.export.entry import export_model
from kerastorch.layers.layer import Layer
from kerastorch.layers.masked_calls import is_tensors
from kerastorch.models import configs
from kerastorch.models.added import GraphAdditions
from kerastorch.models.graph_model import GraphModel
from kerastorch.models.quantizing import QuantizedLayers
from kerastorch.models.summary import model_html, print_summary
from kerastorch.naming import auto_name
from kerastorch.saving.saveable import Saveable
from kerastorch.training.trainer import Trainer


@registry.builtin("keras.models")
@registry.builtin("keras")
class Model(QuantizedLayers, GraphAdditions, GraphModel, Saveable, Trainer, Layer):  # type: ignore[misc]
    """Layers put together, with `compile`, `fit`, `evaluate` and `predict`.

    `Model(inputs, outputs)` makes a functional model from symbolic tensors. Subclasses make their layers in
    `__init__` and use them in `call`. Either is an ordinary `torch.nn.Module`.

    Args:
        inputs: a symbolic tensor, or a list or dictionary of them.
        outputs: a symbolic tensor, or a nested structure of them.
        name: the model's name; None makes one.
        **kwargs: base arguments of `Layer`.

    Raises:
        GraphError: when the outputs do not come from the inputs.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.layers.core.input_layer import Input
        >>> x = Input(shape=(3,))
        >>> model = Model(x, Dense(2)(x))
        >>> model(torch.ones(4, 3)).shape
        torch.Size([4, 2])

    Source: `keras.Model`.
    """

    is_model = True
    _functional_class: Any = None  # set by the module that defines it
    _lists_layers_only = False  # whether a summary leaves out the input, and the functions of the graph
    _graph: Any = None
    _outputs_listed = False
    _program: Any = None
    _full_program: Any = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and _is_functional(args, kwargs):
            cls = cls._functional_class
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        functional = _is_functional(args, kwargs)
        given = dict(zip(("inputs", "outputs", "name"), args, strict=False)) if functional else {}
        if args and not functional:
            raise InvalidArgumentError(
                f"{type(self).__name__} takes `inputs` and `outputs`, or only keyword arguments. Received: {args}."
            )
        given |= kwargs
        inputs, outputs = given.pop("inputs", None), given.pop("outputs", None)
        Layer.__init__(self, **given)
        self._init_training()
        self.__dict__["_input_order"] = []
        if functional:
            self._set_graph(inputs, outputs)
            if configs.takes_graph(type(self)):
                self.__dict__["_init_arguments"] = (
                    (),
                    {},
                )  # the graph says it all, and copies need not drag these

    @classmethod
    def from_torch(cls, module: torch.nn.Module, name: str | None = None) -> Model:
        """Returns a model that trains a plain `torch.nn.Module`; the module itself is not changed.

        Args:
            module: the module; several inputs are given as a list, or as a dictionary of keyword arguments.
            name: the model's name; None makes one from the module's class.

        Raises:
            InvalidArgumentError: when `module` is no `torch.nn.Module`.

        Example:
            >>> model = Model.from_torch(torch.nn.Linear(3, 1))
            >>> model.compile("sgd", "mse")
            >>> model.predict(torch.ones(2, 3), verbose=0).shape
            (2, 1)
        """
        return _TorchModel(module, name=name or auto_name(type(module).__name__))

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Computes the outputs; subclasses override it.

        Args:
            inputs: the inputs, in the structure of the graph.
            training: whether the model trains.
            mask: the masks of the inputs.

        Raises:
            MissingMethodError: when the model has no graph and does not override `call`.
        """
        if self._graph is None:
            raise MissingMethodError(
                f"Model {self.name!r} of class {type(self).__name__} does not have a `call` method implemented. "
                "Define `call(self, inputs)` in the class, or give the model `inputs` and `outputs`."
            )
        return self._run_graph(inputs, mask)

    def _convert(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        if self._graph is None or not self._uses_graph():
            return super()._convert(args, kwargs)
        if not args:
            args, kwargs = (kwargs["inputs"],), {k: v for k, v in kwargs.items() if k != "inputs"}
        return (self._standardize_inputs(args[0]), *args[1:]), kwargs

    def _uses_graph(self) -> bool:
        return type(self).call in (Model.call, Model._functional_class.call)

    def _symbolic_call(self, args: tuple, kwargs: dict) -> Any:
        if self._graph is not None and self._uses_graph() and args:
            args = (self._standardize_inputs(args[0]), *args[1:])
        return super()._symbolic_call(args, kwargs)

    @property
    def layers(self) -> list[Layer]:
        """The direct layers: in the order of the graph, or in that of their creation."""
        if self._graph is not None:
            return [op for op in self._graph.operations if isinstance(op, Layer)]
        return [child for child in self._child_modules() if isinstance(child, Layer)]

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError(
            "`Model.layers` attribute is reserved and should not be used. Please use another name."
        )

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Returns a layer by name or by its place in `layers`.

        Args:
            name: the layer's name.
            index: its place.

        Raises:
            InvalidArgumentError: when there is none, or both are given.
        """
        if (name is None) == (index is None):
            raise InvalidArgumentError(
                "Provide either a layer name or a layer index at `get_layer`, not both."
            )
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise InvalidArgumentError(
                    f"Was asked to retrieve layer at index {index} but model only has {len(layers)} layers."
                )
            return layers[index]
        found = next((layer for layer in layers if layer.name == name), None)
        if found is None:
            raise InvalidArgumentError(
                f"No such layer: {name}. Existing layers are: {[x.name for x in layers]}."
                f"{did_you_mean(str(name), [x.name for x in layers])}"
            )
        return found

    def _child_modules(self) -> Any:
        if self._graph is None:
            return super()._child_modules()
        in_graph = {id(op) for op in self._graph.operations}
        rest = [m for m in super()._child_modules() if id(m) not in in_graph]
        return iter([*(op for op in self._graph.operations if isinstance(op, Layer)), *rest])

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights for inputs of a shape, by running `call` without values.

        Args:
            input_shape: a tuple with None for unknown sizes, or a list or dictionary of tuples.
        """
        if self._graph is not None or input_shape is None:
            return
        self.compute_output_spec(symbolic(input_shape, self.compute_dtype))

    # Descriptions --------------------------------------------------------------------------------------------------

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Prints the layers, their output shapes and the numbers of their parameters.

        Args:
            line_length: width of the table in characters; None takes 88, or 108 with connections, at most the
                terminal's.
            positions: where the columns end, as fractions of the width.
            print_fn: takes the whole text; None writes to `sys.stdout`.
            expand_nested: whether the layers of models inside the model are listed too.
            show_trainable: whether a column says which layers train.
            layer_range: names, or regular expressions, of the first and last layer to list.

        Raises:
            InvalidArgumentError: when `layer_range` matches no layer, or the line is too short.
        """
        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def _repr_html_(self) -> str:
        return model_html(self)

    # Configs -------------------------------------------------------------------------------------------------------

    @classmethod
    def _describes_itself(cls) -> bool:
        return cls.get_config in (Model.get_config, Layer.get_config)

    def _describes_graph(self) -> bool:
        return self._graph is not None and configs.takes_graph(type(self))

    def get_config(self) -> dict:
        """Returns what makes the model again: its graph, or the arguments of its constructor.

        Raises:
            SerializationError: when a layer or an argument cannot be written.
        """
        if not self._describes_graph():
            return super().get_config()
        ends = configs.graph_config(self._graph, self._functional_class)
        if self._outputs_listed:
            ends["output_layers"] = [ends["output_layers"]]
        return {"name": self.name, "trainable": self._trainable, **ends}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Any:
        """Returns a model made from what `get_config` returned, with new weights.

        Args:
            config: the config, in the format of Keras 3 or 2.
            custom_objects: names and the user's classes and functions that they stand for.

        Raises:
            SerializationError: when the config does not fit the class, or its graph has a loop or a gap.
            UnsafeModelError: when it names a class or function that is not registered.
        """
        with reading(config), registry.CustomObjectScope(custom_objects or {}):
            if not (configs.takes_graph(cls) and all(key in config for key in configs.GRAPH_KEYS)):
                return super().from_config(config)
            graph = configs.GraphReader(config)
            rest = {k: v for k, v in config.items() if k not in (*configs.GRAPH_KEYS, "trainable", "dtype")}
            model = cls(graph.inputs, graph.outputs, **rest)
            model._compute_beside(graph.additions)
            model._trainable = config.get("trainable") is not False
            return model

    def get_build_config(self) -> dict | None:
        """Returns the shape for which the model was built; a functional model needs none."""
        return {"input_shape": None} if self._describes_graph() else super().get_build_config()

    def to_json(self, **kwargs: Any) -> str:
        """Returns the model's config as JSON, for `model_from_json`; weights are not part of it.

        Args:
            **kwargs: arguments of `json.dumps`, such as `indent`.

        Raises:
            SerializationError: when a layer cannot be written.
        """
        return json.dumps(serialize_keras_object(self), **kwargs)

    def export(
        self,
        filepath: str | os.PathLike[str],
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Writes the model in eval mode as something that runs without kerastorch.

        Args:
            filepath: the file, or for `"source"` the folder, to write or to replace.
            format: `"source"`, `"torch"`, `"onnx"` or `"aot_inductor"`; see `kerastorch.export.export_model`.
            verbose: whether a line says what was written; None does.
            input_signature: what the model is called with, in the structure of its inputs; None asks the model.
            **kwargs: arguments of `torch.export.export`, and for `"onnx"` `opset_version`.

        Raises:
            InvalidArgumentError: when there is no such format here, or the model does not fit it.
            NotBuiltError: when the model has no weights yet.
            MissingDependencyError: when a package or a compiler is missing.

        Source: `keras.Model.export`.
        """
        export_model(self, filepath, format, verbose, input_signature, **kwargs)

    def _build_for(self, args: tuple, kwargs: dict) -> None:
        if type(self).build is not Model.build or any_symbolic(args, kwargs) or state.inferring:
            super()._build_for(args, kwargs)
            return
        # The layers inside build themselves in this call, whose code may read values that no trace has.
        with name_scope(self.name, caller=self):
            self._remember_path()
        tensors = (v for v in self._signature.named(args, kwargs).values() if is_tensors(v))
        shapes = tree.map_structure(lambda x: tuple(x.shape), next(tensors, None))
        self.__dict__.update(_build_arguments=((shapes,), {}), built=True)

    def __getstate__(self) -> dict:
        # Generated code is made again from the graph.
        generated = ("_program", "_full_program", "_compiled_call", "_whole_step")
        return {**super().__getstate__(), **dict.fromkeys(generated)}

    def __setstate__(self, values: dict) -> None:
        super().__setstate__(values)
        if self._graph is not None:
            self._make_program()
        self._compile_steps()


def _is_functional(args: tuple, kwargs: dict) -> bool:
    return (
        len(args) in (2, 3)
        or (len(args) == 1 and "outputs" in kwargs)
        or ("inputs" in kwargs and "outputs" in kwargs)
    )


@registry.builtin("kerastorch.models", name="TorchModel")
class _TorchModel(Model):
    """A model around a plain torch module."""

    def __init__(self, module: Any, name: str | None = None) -> None:
        if not isinstance(module, torch.nn.Module):
            raise InvalidArgumentError(f"`from_torch` takes a torch.nn.Module. Received: {module!r}.")
        super().__init__(name=name)
        self.module = module
        self.built = True

    def call(self, inputs: Any) -> Any:  # type: ignore[override]
        """Calls the module."""
        if isinstance(inputs, dict):
            return self.module(**inputs)
        if isinstance(inputs, (list, tuple)):
            return self.module(*inputs)
        return self.module(inputs)
