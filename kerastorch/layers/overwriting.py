"""Calls that may use the memory of an input: where a graph shows that nothing else will look at it.

In a graph the output of one layer often goes into one other and nowhere else. A `ReLU` after a `BatchNormalization`
can then write over its input, which saves memory and the time to get it. Classes say by `_fresh_from` with how many
inputs or more their output is a tensor of its own, which they do not need on the way back. Whatever could see the
difference - a hook, a penalty on the activity, a mask - makes the call an ordinary one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn.modules import module as torch_module

from kerastorch.activations.functions import linear

# How layers show what torch computed with the channels second, and the way back: images, volumes.
_CHANNELS_LAST = {4: (0, 2, 3, 1), 5: (0, 2, 3, 4, 1)}
_CHANNELS_SECOND = {4: (0, 3, 1, 2), 5: (0, 4, 1, 2, 3)}


class Overwriting:
    """The part of a layer that works element by element, on one tensor or two, in the memory of an input.

    Attributes:
        overwrites: whether it can.
        _in_place: what the layer computes, in the memory of the first of its arguments, the tensors.
    """

    overwrites: Any = False
    _in_place: Callable[..., torch.Tensor]

    def overwrite(self: Any, inputs: Any, producer: Any, place: int | None = None) -> torch.Tensor:
        """As a call, where nothing else will look at a tensor: its memory is used.

        Args:
            inputs: a tensor, or a list of them.
            producer: the layer that has just made the one to write over.
            place: where in a list that is.
        """
        x, others = _apart(inputs, place)
        if len(others) > 1 or not may_overwrite(producer, x):
            return self(inputs)
        if any(_is_watched(self, t) or t.shape != x.shape for t in (x, *others)):
            return self(inputs)
        base = x._base
        if base is None:
            return self._in_place(x, *others)
        # A change of a view is costly on the way back; one of the tensor that it shows is not.
        order = _CHANNELS_LAST.get(x.ndim)
        if order is None or base.ndim != x.ndim or not _same_memory(base.permute(order), x):
            return self(inputs)
        return self._in_place(base, *(t.permute(_CHANNELS_SECOND[x.ndim]) for t in others)).permute(order)

    def overwrite_second(self: Any, inputs: Any, producer: Any, place: int | None = None) -> torch.Tensor:
        """Does the same for images with the channels second, in and out: see `kerastorch.core.layout`.

        Args:
            inputs: a tensor (N, C, H, W), or a list of them.
            producer: the layer that has just made the one to write over.
            place: where in a list that is.
        """
        x, others = _apart(inputs, place)
        free = x._base is None and self._is_seen_second(inputs) and may_overwrite(producer, x)
        if not free or len(others) > 1 or any(t.shape != x.shape for t in others):
            return self.call_second(inputs)
        return self._in_place(x, *others)


def _apart(inputs: Any, place: int | None) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The tensor in a place of a list, and the others."""
    return (inputs, []) if place is None else (inputs[place], [*inputs[:place], *inputs[place + 1 :]])


def may_overwrite(producer: Any, x: torch.Tensor) -> bool:
    """Returns whether a layer that has made a tensor, and those who watch it, are done with it.

    Args:
        producer: the layer.
        x: the tensor.
    """
    # What an activation puts out is often kept for the way back.
    return not _is_watched(producer, x) and getattr(producer, "activation", linear) is linear


def _is_watched(layer: Any, x: torch.Tensor) -> bool:
    return is_observed(layer, x) or hasattr(x, "_keras_mask")


def is_observed(layer: Any, x: torch.Tensor) -> bool:
    """Returns whether somebody sees what goes through a layer, a compiler for one, or it does more than to compute.

    Args:
        layer: the layer.
        x: its input, or its output.
    """
    return torch.compiler.is_compiling() or does_more(layer, x)


def does_more(layer: Any, x: torch.Tensor) -> bool:
    """Returns whether a call of a layer does more than to compute, such as to run somebody's hooks.

    Args:
        layer: the layer.
        x: its input, or its output.
    """
    return bool(
        type(x) is not torch.Tensor
        or x.dtype is not layer._compute_torch_dtype
        or layer.activity_regularizer is not None
        or layer._forward_hooks
        or layer._forward_pre_hooks
        or layer._backward_hooks
        or layer._backward_pre_hooks
        or torch_module._global_forward_hooks
        or torch_module._global_forward_pre_hooks
        or torch_module._global_backward_hooks
    )


def _same_memory(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and a.stride() == b.stride() and a.storage_offset() == b.storage_offset()
