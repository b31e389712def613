"""Any function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from kerastorch import registry, tree
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.core.shapes import is_shape
from kerastorch.errors import GraphError, InvalidArgumentError, UnsafeModelError
from kerastorch.layers.layer import Layer

_FUNCTIONS = ("function", "output_shape", "mask")


@registry.builtin("keras.layers")
class Lambda(Layer):
    """Calls a function of the inputs.

    Write a `Layer` subclass instead where the function has weights or the model is to be saved: a config can name
    registered functions only, and never holds code.

    Args:
        function: takes the inputs, and `mask` and `training` if it has such parameters.
        output_shape: the shape of the output without the batch axis, or a function of the input shape that returns
            the whole shape. It is needed only for functions that read the values of tensors.
        mask: the mask of the output: a tensor, or a function of the inputs and their masks.
        arguments: a dictionary of further keyword arguments of the function.
        **kwargs: base arguments of `Layer`.

    Input shape:
        Any; nested structures too.

    Output shape:
        Whatever the function returns.

    Raises:
        InvalidArgumentError: when `function` is no function.

    Example:
        >>> Lambda(lambda x, power: x**power, arguments={"power": 2})(torch.tensor([3.0])).tolist()
        [9.0]

    Source: `keras.layers.Lambda`.
    """

    def __init__(
        self,
        function: Callable,
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise InvalidArgumentError(
                f"`function` of a Lambda layer must be callable. Received: {function!r}."
            )
        self.function = function
        self.arguments = dict(arguments or {})
        self.mask = mask
        self.supports_masking = mask is not None
        self._output_shape = output_shape
        takes = _parameters(function)
        self._takes_mask, self._takes_training = "mask" in takes, "training" in takes

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Calls the function with the inputs."""
        kwargs: dict[str, Any] = dict(self.arguments)
        if self._takes_mask:
            kwargs["mask"] = mask
        if self._takes_training:
            kwargs["training"] = training
        return self.function(inputs, **kwargs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Returns the symbolic outputs: found by running the function, or else of the declared shape."""
        try:
            return self._inferred_outputs(args, kwargs)
        except (GraphError, TypeError, ValueError) as error:
            if self._output_shape is not None:
                return self._declared_shape(args, kwargs)
            raise GraphError(
                f"We could not automatically infer the shape of the Lambda's output. Please specify the `output_shape` "
                f"argument of layer {self.name!r}. The error was: {error}"
            ) from error

    def compute_output_shape(self, input_shape: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Returns the shape of the outputs for inputs of a shape: the declared one if there is one."""
        if self._output_shape is None:
            return super().compute_output_shape(input_shape, *args, **kwargs)
        if callable(self._output_shape):
            return self._output_shape(input_shape)
        batch = tree.flatten(input_shape)[0]
        return _map_shapes(lambda shape: (batch, *shape), self._output_shape)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Returns the mask of the outputs that the constructor was given."""
        return self.mask(inputs, previous_mask) if callable(self.mask) else self.mask

    def _makes_masks(self) -> bool:
        return self.mask is not None

    def _handles_masks(self) -> bool:
        return self._takes_mask

    def get_config(self) -> dict:
        """Returns the constructor's arguments.

        Raises:
            SerializationError: when a function is a lambda, or is not registered.
        """
        config = {**super().get_config(), "function": _config_of(self.function)}
        if self._output_shape is not None:
            config["output_shape"] = _config_of(self._output_shape)
        if self.mask is not None:
            config["mask"] = _config_of(self.mask)
        config["arguments"] = serialize_keras_object(self.arguments)
        return config

    @classmethod
    def from_config(
        cls, config: dict, custom_objects: dict[str, Any] | None = None, safe_mode: bool | None = None
    ) -> Lambda:
        """Returns a layer made from what `get_config` returned.

        Args:
            config: the constructor's arguments, in the format of Keras 3 or 2.
            custom_objects: names and the user's functions that they stand for.
            safe_mode: accepted for Keras; code in configs is refused either way.

        Raises:
            UnsafeModelError: when a function is given by code, or is not registered.
        """
        config = {k: v for k, v in config.items() if not k.endswith(("_type", "module"))}
        with registry.CustomObjectScope(custom_objects or {}):
            for key in _FUNCTIONS:
                if config.get(key) is not None:
                    config[key] = _read(key, config[key])
            config["arguments"] = deserialize_keras_object(config.get("arguments"))
        return super().from_config(config)


def _config_of(value: Any) -> Any:
    """The config of a function as Keras writes it: its registered name, and no module to import it from."""
    config = serialize_keras_object(value)
    if not callable(value) or registry.home_of(value) is not None or config.get("class_name") != "function":
        return config
    name = config["registered_name"]
    return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}


def _parameters(function: Callable) -> set[str]:
    try:
        return set(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some functions written in C tell nothing
        return set()


def _map_shapes(func: Callable, structure: Any) -> Any:
    if is_shape(structure):
        return func(structure)
    if isinstance(structure, Mapping):
        return {key: _map_shapes(func, value) for key, value in structure.items()}
    return type(structure)(_map_shapes(func, value) for value in structure)


def _read(key: str, value: Any) -> Any:
    """A function, shape or mask of a config; Keras 2 gives functions by name, or as code."""
    if callable(value) or isinstance(value, torch.Tensor):
        return value
    if isinstance(value, str):
        found = registry.find_custom(value)
        if found is None:
            raise UnsafeModelError(
                f"A Lambda layer's config names the function {value!r}, which is not registered. Decorate it with "
                f"`@kerastorch.saving.register_keras_serializable()`, or pass `custom_objects={{{value!r}: ...}}`."
            )
        return found
    if key == "output_shape" and not _is_code(value):
        found = deserialize_keras_object(value)
        return tuple(found) if is_shape(found) else found
    if isinstance(value, Sequence):
        raise UnsafeModelError(
            f"The config of a Lambda layer holds the bytecode of its `{key}`, which is never executed here. Define "
            "the layer in code and load its weights, or replace it by a registered function."
        )
    return deserialize_keras_object(value)


def _is_code(value: Any) -> bool:
    """Whether a list is what Keras 2 makes of a lambda: bytecode, defaults and closure."""
    return isinstance(value, Sequence) and bool(value) and isinstance(value[0], str)
