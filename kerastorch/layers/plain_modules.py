"""Plain `torch.nn` modules inside layers: what freezing and an explicit `training` mean for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

_FROZEN = "_frozen_by_layer"  # the attribute of a frozen module that names the parameters to thaw


def set_trainable(module: torch.nn.Module, trainable: bool) -> None:
    """Freezes a module, or thaws what was frozen so; parameters that the user froze one by one stay frozen.

    Example:
        >>> linear = torch.nn.Linear(2, 1)
        >>> _ = linear.bias.requires_grad_(False)
        >>> for trainable in (False, True):
        ...     set_trainable(linear, trainable)
        ...     print([p.requires_grad for p in linear.parameters()])
        [False, False]
        [True, False]
    """
    to_thaw = module.__dict__.get(_FROZEN, set())
    if not trainable:
        to_thaw = to_thaw | {name for name, p in module.named_parameters() if p.requires_grad}
    for name, parameter in module.named_parameters():
        if name in to_thaw:
            parameter.requires_grad_(trainable)
    if trainable:
        module.__dict__.pop(_FROZEN, None)
    else:
        module.__dict__[_FROZEN] = to_thaw


def frozen_by_user(module: torch.nn.Module) -> list[str]:
    """Returns the names of the parameters that stay frozen when the module is thawed."""
    by_layer = module.__dict__.get(_FROZEN, ())
    return [name for name, p in module.named_parameters() if not p.requires_grad and name not in by_layer]


class in_mode:
    """Within this block the plain modules among the given ones are in training or evaluation mode.

    Layers learn from the call around them whether it trains; plain modules only know their own mode.

    Args:
        modules: layers and plain modules.
        training: the mode.
    """

    def __init__(self, modules: Iterable[torch.nn.Module], training: bool) -> None:
        self._training = training
        self._switched = [m for m in modules if m.training is not training and not hasattr(m, "dtype_policy")]

    def __enter__(self) -> None:
        for module in self._switched:
            module.training = self._training

    def __exit__(self, *exc: Any) -> None:
        for module in self._switched:
            module.training = not self._training
