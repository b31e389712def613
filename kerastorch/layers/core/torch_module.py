"""Plain `torch.nn` modules as layers."""

from __future__ import annotations

import copy
from typing import Any
from weakref import WeakKeyDictionary

import torch

from kerastorch import registry
from kerastorch.core.devices import current_device
from kerastorch.errors import InvalidArgumentError, SerializationError
from kerastorch.layers.layer import Layer
from kerastorch.naming import auto_name


@registry.builtin("keras.layers")
class TorchModuleWrapper(Layer):
    """A layer that calls a plain `torch.nn.Module`. Graphs make it for every module called with symbolic tensors.

    Args:
        module: the module; its parameters become weights of the layer. It moves to the device where layers make
            their weights.
        name: the layer's name; None makes one from the module's class.
        output_shape: the shape of the output without the batch axis, for modules whose shapes depend on values.
        **kwargs: base arguments of `Layer`.

    Raises:
        InvalidArgumentError: when `module` is no `torch.nn.Module`.

    Example:
        >>> TorchModuleWrapper(torch.nn.Linear(3, 2))(torch.ones(1, 3)).shape
        torch.Size([1, 2])

    Source: `keras.layers.TorchModuleWrapper`.
    """

    def __init__(
        self, module: torch.nn.Module, name: str | None = None, output_shape: Any = None, **kwargs: Any
    ) -> None:
        if not isinstance(module, torch.nn.Module):
            raise InvalidArgumentError(f"`module` must be a torch.nn.Module. Received: {module!r}.")
        super().__init__(name=name or auto_name(type(module).__name__), **kwargs)
        self.module = module.to(current_device())
        self.declared_output_shape = output_shape
        self.autocast = False
        self.built = True

    def call(self, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """Calls the module, in training mode if `training`."""
        if training is None or bool(training) == self.module.training:
            return self.module(*args, **kwargs)
        modes = [(m, m.training) for m in self.module.modules()]
        self.module.train(bool(training))
        try:
            return self.module(*args, **kwargs)
        finally:
            for module, mode in modes:
                module.training = mode

    def get_config(self) -> dict:
        """Returns a copy of the module: it has no config, and only `clone_model` can use it.

        Raises:
            SerializationError: always; a plain module has no config.
        """
        raise SerializationError(
            f"Layer {self.name!r} holds a plain {type(self.module).__name__}, which cannot be written to a config. "
            "Wrap it in a `Layer` subclass that makes it in `__init__` and has `get_config()`."
        )

    def clone(self) -> TorchModuleWrapper:
        """Returns a new layer with a copy of the module, its weights drawn again where the module knows how."""
        module = copy.deepcopy(self.module)
        for part in module.modules():
            reset = getattr(part, "reset_parameters", None)
            if callable(reset):
                reset()
        return TorchModuleWrapper(module, self.name, self.declared_output_shape, trainable=self._trainable)


_wrappers: WeakKeyDictionary[torch.nn.Module, TorchModuleWrapper] = WeakKeyDictionary()


def wrapper_of(module: torch.nn.Module) -> TorchModuleWrapper:
    """Returns the layer that stands for a module in graphs: the same one each time."""
    if module not in _wrappers:
        _wrappers[module] = TorchModuleWrapper(module)
    return _wrappers[module]
