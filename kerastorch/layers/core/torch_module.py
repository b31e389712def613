"""Plain `torch.nn` modules as layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import WeakValueDictionary

import torch
from torch.nn.parameter import is_lazy

from kerastorch import precision, registry, tree
from kerastorch.core.devices import current_device
from kerastorch.core.memory import memory
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.core.shapes import is_shape, outside_inference
from kerastorch.core.spec import KerasTensor
from kerastorch.core.torch_configs import fresh_copy, is_described
from kerastorch.core.variable import host_array
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import InvalidArgumentError, SerializationError, ShapeError, UnsafeModelError
from kerastorch.layers.layer import Layer
from kerastorch.layers.plain_modules import frozen_by_user, in_mode, set_trainable
from kerastorch.naming import auto_name


@registry.builtin("keras.layers")
class TorchModuleWrapper(Layer):
    """A layer that calls a plain `torch.nn.Module`. Graphs make it for every module called with symbolic tensors.

    The module's parameters and buffers are weights of the layer under torch's names; a parameter whose
    `requires_grad` is False stays frozen. A module with lazy parameters gets them from its first inputs.

    Args:
        module: the module. It moves to the device where layers make their weights.
        name: the layer's name; None makes one from the module's class. Default: None.
        output_shape: the shape of the output with the batch axis, or a nested structure of them, for modules that
            cannot run on tensors without values; None finds it by running the module. Default: None.
        **kwargs: base arguments of `Layer`. `dtype` is a type or policy to which the module is converted; without it
            the layer takes the type of the module.

    Input shape:
        What the module takes.

    Output shape:
        What the module returns.

    Raises:
        InvalidArgumentError: when `module` is no `torch.nn.Module`, or `output_shape` is no shape.

    Example:
        >>> TorchModuleWrapper(torch.nn.Linear(3, 2))(torch.ones(1, 3)).shape
        torch.Size([1, 2])

    Source: `keras.layers.TorchModuleWrapper`.
    """

    def __init__(
        self, module: torch.nn.Module, name: str | None = None, output_shape: Any = None, **kwargs: Any
    ) -> None:
        if not isinstance(module, torch.nn.Module):
            hint = " Pass an instance of the class." if isinstance(module, type) else ""
            raise InvalidArgumentError(
                f"`module` must be a torch.nn.Module. Received: module={module!r}.{hint}"
            )
        own = _type_of(module)
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = own and _policy_for(own)
        super().__init__(name=name or auto_name(type(module).__name__), **kwargs)
        wanted = torch_dtype(self.variable_dtype)
        self._declared = None if output_shape is None else _as_shapes(output_shape)
        self.module = module.to(current_device(), wanted if own not in (None, wanted) else None)
        self.built = not any(map(is_lazy, _tensors(module)))
        if not self._trainable:
            self.trainable = False

    @property
    def trainable(self) -> bool:
        """Whether training changes the module; parameters that were frozen one by one stay so."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self.__dict__["_trainable"] = bool(value)
        set_trainable(self.module, bool(value))

    def _build_for(self, args: tuple, kwargs: dict) -> None:
        """Runs a module with lazy parameters once, so that it makes them."""
        examples = (tree.map_structure(self._example, part) for part in (args, kwargs))
        with outside_inference(), torch.no_grad(), in_mode(self.module.modules(), False):
            args, kwargs = examples
            self.module(*args, **kwargs)
        self.module.to(torch_dtype(self.variable_dtype))
        self._mark_built((), {})

    def _example(self, x: Any) -> Any:
        if not isinstance(x, (KerasTensor, torch.Tensor)):
            return x
        shape = [1 if size is None else size for size in x.shape]
        return torch.zeros(shape, dtype=torch_dtype(x.dtype), device=current_device())

    def call(self, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """Calls the module with the arguments that it takes, in training mode if `training`."""
        if training is None or training is self.module.training:
            return self.module(*args, **kwargs)
        with in_mode(self.module.modules(), bool(training)):
            return self.module(*args, **kwargs)

    # Shapes --------------------------------------------------------------------------------------------------------

    @property
    def output_shape(self) -> Any:
        """The declared shape of the output, else that of the layer's first symbolic call."""
        return super().output_shape if self._declared is None else self._declared

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Returns symbolic outputs: of the declared shape, else as the module returns them for symbolic inputs."""
        if self._declared is not None:
            return self._declared_shape(args, kwargs)
        return self._inferred_outputs(args, kwargs)

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Returns the declared shape, else that of what the module returns for inputs of the given shapes.

        Args:
            *args: the shapes of the inputs, tuples with None for unknown sizes.
            **kwargs: the shapes of further inputs, by name (`mask_shape` for `mask`).
        """
        return super().compute_output_shape(*args, **kwargs) if self._declared is None else self._declared

    # Saving --------------------------------------------------------------------------------------------------------

    def save_own_variables(self, store: Any) -> None:
        """Writes the module's parameters and buffers into a mapping, under torch's names.

        Args:
            store: a mapping of names and arrays.
        """
        for name, tensor in self.module.state_dict().items():
            store[name] = host_array(tensor)

    def load_own_variables(self, store: Any) -> None:
        """Sets the module's parameters and buffers from what `save_own_variables` wrote.

        Args:
            store: a mapping of names and arrays.

        Raises:
            ShapeError: when one is missing, unexpected or of another shape.
        """
        try:
            self.module.load_state_dict({name: torch.as_tensor(store[name]) for name in store})
        except RuntimeError as error:
            raise ShapeError(f"The weights do not fit layer {self.name!r}: {error}") from error

    def get_config(self) -> dict:
        """Returns the constructor's arguments; the module is described by its class and its own arguments.

        Raises:
            SerializationError: when the module cannot be made again from its arguments.
        """
        config = {**super().get_config(), "module": self._module_config(), "output_shape": self._declared}
        extras = {"frozen": frozen_by_user(self.module), "tied": _tied_names(self.module)}
        return {**config, **{key: value for key, value in extras.items() if value}}

    def _module_config(self) -> Any:
        try:
            config = serialize_keras_object(self.module)
            if memory.objects is None and all(map(is_described, self.module.modules())):
                _check_makes_again(config, self.module)
        except SerializationError as error:
            raise SerializationError(
                f"Layer {self.name!r} holds a plain {type(self.module).__name__}, which cannot be written to a config. "
                f"{error}"
            ) from error
        return config

    @classmethod
    def from_config(cls, config: dict) -> TorchModuleWrapper:
        """Returns a layer made from what `get_config` returned, with new weights.

        Raises:
            UnsafeModelError: when the config holds a pickled module, as those of Keras do, or names a class that is
                not registered.
            SerializationError: when it describes no module.
        """
        config = dict(config)
        if isinstance(config.get("module"), (str, bytes)):
            raise UnsafeModelError(
                f"The config of layer {config.get('name')!r} holds a pickled torch module, as Keras writes it, which "
                "could run any code and is never read here, whatever `safe_mode` is. Make the model in Python, with "
                "the module, and call `load_weights` on this file."
            )
        module = deserialize_keras_object(config.pop("module", None))
        if not isinstance(module, torch.nn.Module):
            raise SerializationError(f"The config of a TorchModuleWrapper describes no module: {module!r}.")
        _tie_and_freeze(module, config.pop("tied", ()), config.pop("frozen", ()))
        return super().from_config({**config, "module": module})

    def clone(self) -> TorchModuleWrapper:
        """Returns a new layer with a copy of the module, its weights drawn again where the module knows how."""
        return type(self)(
            fresh_copy(self.module),
            self.name,
            self._declared,
            trainable=self._trainable,
            dtype=self._dtype_policy,
            activity_regularizer=self.activity_regularizer,
            autocast=self.autocast,
        )


def _tensors(module: torch.nn.Module) -> Iterable[torch.Tensor]:
    return [*module.parameters(), *module.buffers()]


def _type_of(module: torch.nn.Module) -> torch.dtype | None:
    """The type of a module's floating-point parameters, None if it has none."""
    return next((p.dtype for p in module.parameters() if p.is_floating_point()), None)


def _policy_for(own: torch.dtype) -> str | None:
    """The policy for a module of a type: None, the global one, if that keeps its weights in this type."""
    default = precision.get(None).variable_dtype
    return None if torch_dtype(default) is own else standardize_dtype(own)


def _as_shapes(value: Any) -> Any:
    """A shape, or a nested structure of shapes, as tuples."""
    if is_shape(value):
        return tuple(value)
    if isinstance(value, dict):
        return {key: _as_shapes(shape) for key, shape in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_shapes(shape) for shape in value]
    raise InvalidArgumentError(
        "`output_shape` must be a shape with the batch axis, such as `(None, 10)`, or a nested structure of shapes. "
        f"Received: {value!r}."
    )


def _check_makes_again(config: Any, module: torch.nn.Module) -> None:
    """Checks that a config gives a module with weights of the same names and shapes."""
    own_classes = {type(m).__name__: type(m) for m in module.modules() if registry.home_of(type(m)) is None}
    with torch.device("meta"), registry.CustomObjectScope(own_classes):
        twin = deserialize_keras_object(config)
    made, held = (
        {
            k: tuple(v.shape)
            for k, v in m.state_dict(keep_vars=True).items()
            if isinstance(v, torch.Tensor) and not is_lazy(v)
        }
        for m in (twin, module)
    )
    different = sorted(name for name in {*made, *held} if made.get(name) != held.get(name))
    if different:
        raise SerializationError(
            f"Made again from the arguments of its class it would have other weights than it has: {different}. Was it "
            "changed after it was made? Put the changes into a class of your own."
        )


def _tied_names(module: torch.nn.Module) -> list[list[str]]:
    """The names of each parameter that has several."""
    names: dict[int, list[str]] = {}
    for name, parameter in module.named_parameters(remove_duplicate=False):
        names.setdefault(id(parameter), []).append(name)
    return [group for group in names.values() if len(group) > 1]


def _tie_and_freeze(module: torch.nn.Module, tied: Any, frozen: Any) -> None:
    """Makes parameters one and freezes others, as a config says.

    Raises:
        SerializationError: when it names parameters that the module does not have.
    """
    try:
        for first, *others in tied:
            for name in others:
                if module.get_parameter(name).shape != module.get_parameter(first).shape:
                    raise ValueError(f"{first!r} and {name!r} differ in shape.")
                owner, _, last = name.rpartition(".")
                module.get_submodule(owner).register_parameter(last, module.get_parameter(first))
        for name in frozen:
            module.get_parameter(name).requires_grad_(False)
    except (AttributeError, TypeError, ValueError) as error:
        raise SerializationError(
            f"The config of a {type(module).__name__} names parameters that the module does not have: tied={tied!r}, "
            f"frozen={frozen!r}. The error was: {error}"
        ) from error


# The layers that stand for modules, by the identity of the module, which lives as long as its layer.
_wrappers: WeakValueDictionary[int, TorchModuleWrapper] = WeakValueDictionary()


def wrapper_of(module: torch.nn.Module) -> TorchModuleWrapper:
    """Returns the layer that stands for a module in graphs: the same one each time."""
    layer = _wrappers.get(id(module))
    if layer is None:
        layer = _wrappers[id(module)] = TorchModuleWrapper(module)
    return layer
