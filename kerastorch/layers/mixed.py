"""Calls of layers that compute in a lower precision than that of their weights."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.context import state
from kerastorch.core.devices import current_device
from kerastorch.core.logits import carry_logits
from kerastorch.dtypes import torch_dtype
from kerastorch.layers import masks


def call_mixed(layer: Any, args: tuple, kwargs: dict) -> Any:
    """Returns the outputs of a layer with a mixed policy, in the type in which it computes.

    torch's autocast lowers the weights where they are used and keeps some operations in the higher precision. What
    these return is cast here, unless the layer only calls others, each of which has its own policy.
    """
    if state.inferring:
        return _infer_mixed(layer, args, kwargs)
    outer, state.autocasting = state.autocasting, True
    try:
        with layer.dtype_policy.autocast(_device_of(args, kwargs)):
            outputs = layer._call_impl(*args, **kwargs)
    finally:
        state.autocasting = outer
    return outputs if _calls_layers(layer) else _lowered(layer, outputs)


def call_apart(layer: Any, args: tuple, kwargs: dict) -> Any:
    """Returns the outputs of a layer with one type for all, called by one with a mixed policy."""
    outer, state.autocasting = state.autocasting, False
    try:
        with torch.autocast(_device_of(args, kwargs).type, enabled=False):
            return layer._call_impl(*args, **kwargs)
    finally:
        state.autocasting = outer


def _infer_mixed(layer: Any, args: tuple, kwargs: dict) -> Any:
    """The outputs on the meta device, which has no autocast: all in one type inside, lowered at the end."""
    high = torch_dtype(layer.variable_dtype)

    def raised(x: Any) -> Any:
        return x.to(high) if isinstance(x, torch.Tensor) and x.is_floating_point() else x

    args = tuple(tree.map_structure(raised, a) for a in args)
    kwargs = {k: tree.map_structure(raised, v) for k, v in kwargs.items()}
    outputs = layer._call_impl(*args, **kwargs)
    inside = any(outer.dtype_policy.is_mixed for outer in state.stack[:-1])
    return outputs if inside else _lowered(layer, outputs)


def _lowered(layer: Any, outputs: Any) -> Any:
    high, low = torch_dtype(layer.variable_dtype), layer._compute_torch_dtype

    def lower(x: Any) -> Any:
        if not isinstance(x, torch.Tensor) or x.dtype is not high:
            return x
        mask, result = masks.get_mask(x), carry_logits(x, x.to(low))
        if mask is not None:
            masks.set_mask(result, mask)
        return result

    return tree.map_structure(lower, outputs)


def _calls_layers(layer: Any) -> bool:
    return any(hasattr(child, "dtype_policy") for child in layer._child_modules())


def _device_of(args: tuple, kwargs: dict) -> torch.device:
    tensors = [x for x in tree.flatten([args, kwargs]) if isinstance(x, torch.Tensor)]
    return tensors[0].device if tensors else current_device()
