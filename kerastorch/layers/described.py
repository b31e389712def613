"""How a layer describes itself: configs, policies, representation."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch

from kerastorch import precision, regularizers
from kerastorch.core.notebook import html_table
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import InvalidArgumentError, SerializationError
from kerastorch.layers.quantizing import Quantizing

_BASE = {"activity_regularizer", "autocast", "dtype", "name", "trainable"}


class Described(Quantizing):
    """The half of `Layer` that describes itself. See `Layer`."""

    @property
    def dtype_policy(self: Any) -> precision.DTypePolicy:
        """The types of the weights and of the computation; a policy, or the name of one, can be set.

        Where the layer has a map of policies, a single policy becomes that of the layer's path in the map.
        """
        return self._dtype_policy.at(self.path)

    @dtype_policy.setter
    def dtype_policy(self: Any, value: Any) -> None:
        policy, held = precision.get(value), self._dtype_policy
        if isinstance(held, precision.DTypePolicyMap) and not isinstance(policy, precision.DTypePolicyMap):
            if self.path in held:
                del held[self.path]
            held[self.path] = policy
        else:
            self.__dict__["_dtype_policy"] = policy
        self._follow_policy()
        self._follow_quantization(policy)

    def _follow_policy(self: Any) -> None:
        """Notes the type to compute in; a map of policies gives another one once the path of the layer is known."""
        self.__dict__["_compute_torch_dtype"] = torch_dtype(self.dtype_policy.compute_dtype)
        self._forget_inputs()

    def _follow_type(self: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> None:
        """Takes the type that `.to`, `.half` and the like gave the weights: the layer computes in it from now on."""
        before = torch_dtype(self.variable_dtype)
        after = change(torch.empty((), dtype=before)).dtype
        if after is not before:
            mode, *source = self.dtype_policy.name.split("_from_")
            name = standardize_dtype(after)
            self.dtype_policy = f"{mode}_from_{name}" if source else name

    @property
    def dtype(self: Any) -> str:
        """The type of the weights."""
        return self.dtype_policy.variable_dtype

    @property
    def variable_dtype(self: Any) -> str:
        """The type of the weights."""
        return self.dtype_policy.variable_dtype

    @property
    def compute_dtype(self: Any) -> str:
        """The type in which the layer computes."""
        return self.dtype_policy.compute_dtype

    @property
    def input_dtype(self: Any) -> str:
        """The type to which floating-point inputs are cast."""
        return self.dtype_policy.compute_dtype

    def get_config(self: Any) -> dict:
        """Returns the constructor's arguments as plain values.

        A class that takes arguments of its own and does not override this gets them from its last construction.

        Raises:
            SerializationError: when an argument cannot be written; override `get_config` then.
        """
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self._trainable,
            "dtype": serialize_keras_object(self._dtype_policy),
        }
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        if self._describes_itself():
            config = {**self._constructor_arguments(), **config}
        return config

    @classmethod
    def _describes_itself(cls: Any) -> bool:
        """Whether the config is made from the arguments of the last construction, as the class has none of its own."""
        return cls.get_config is Described.get_config

    def _constructor_arguments(self: Any) -> dict:
        parameters = _own_parameters(type(self))
        args, kwargs = self._init_arguments
        names = [n for n, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
        defaults = {
            n: p.default for n, p in parameters.items() if p.default is not p.empty and n not in _BASE
        }
        given = {**defaults, **dict(zip(names, args, strict=False)), **kwargs}
        own = {k: v for k, v in given.items() if k in parameters or _takes_any_keyword(parameters)}
        known = {"name", "trainable", "dtype"}
        if not _takes_any_keyword(parameters):
            known = known - set(parameters)
        try:
            return {k: serialize_keras_object(v) for k, v in own.items() if k not in known}
        except SerializationError as error:
            raise SerializationError(
                f"Object {self.name!r} of {type(self).__name__} cannot be written to a config, because an argument of "
                f"its `__init__()` is not a plain value. Override `get_config()`. The error was: {error}"
            ) from error

    @classmethod
    def from_config(cls: Any, config: dict) -> Any:
        """Returns a layer made from what `get_config` returned.

        Raises:
            SerializationError: when the constructor does not take what the config holds.
        """
        config = dict(config)
        if "dtype" in config and isinstance(config["dtype"], dict):
            config["dtype"] = deserialize_keras_object(config["dtype"])
        if cls._describes_itself():
            config = _fitting(cls, config)
        try:
            return cls(**config)
        except SerializationError:
            raise
        except (TypeError, ValueError) as error:
            raise SerializationError(
                f"Error when deserializing class {cls.__name__!r} using config={config}. The error was: {error}"
            ) from error

    def get_build_config(self: Any) -> dict | None:
        """Returns the shapes for which the layer was built, or None."""
        if not self.built or self._build_arguments is None:
            return None
        args, kwargs = self._build_arguments
        if len(args) == 1 and not kwargs:
            return None if args[0] is None else {"input_shape": args[0]}
        if len(kwargs) == 1 and not args:
            return {"input_shape": next(iter(kwargs.values()))}
        return {"shapes_dict": dict(kwargs)} if kwargs and not args else None

    def build_from_config(self: Any, config: dict) -> None:
        """Builds the layer for the shapes that `get_build_config` returned."""
        if config and not self.built:
            if "input_shape" in config:
                self.build(_as_shape(config["input_shape"]))
            elif "shapes_dict" in config:
                self.build(**{k: _as_shape(v) for k, v in config["shapes_dict"].items()})

    def __repr__(self: Any) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    def _repr_html_(self: Any) -> str:
        rows = [
            [
                str(getattr(w, "name", None) or "weight"),
                str(tuple(w.shape)),
                str(w.dtype).removeprefix("torch."),
            ]
            for w in self.weights
        ]
        state = "" if self.built else " (unbuilt)"
        return html_table(f"{type(self).__name__} {self.name!r}{state}", ["Weight", "Shape", "Type"], rows)


def _own_parameters(cls: Any) -> dict[str, inspect.Parameter]:
    """The parameters of a class's constructor, without the instance, whatever it is called."""
    return dict(list(inspect.signature(cls.__init__).parameters.items())[1:])


def _takes_any_keyword(parameters: Any) -> bool:
    return any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _fitting(cls: Any, config: dict) -> dict:
    """The config without the base arguments that a class with a narrower constructor does not take."""
    parameters = _own_parameters(cls)
    config = {k: deserialize_keras_object(v) if isinstance(v, (dict, list)) else v for k, v in config.items()}
    if _takes_any_keyword(parameters):
        return config
    base = {"name", "trainable", "dtype", "activity_regularizer"}
    return {k: v for k, v in config.items() if k in parameters or k not in base}


def _as_shape(shape: Any) -> Any:
    if isinstance(shape, dict):
        return {k: _as_shape(v) for k, v in shape.items()}
    if isinstance(shape, (list, tuple)):
        if all(d is None or isinstance(d, int) for d in shape):
            return tuple(shape)
        return [_as_shape(v) for v in shape]
    raise InvalidArgumentError(f"A build config must hold shapes. Received: {shape!r}.")
