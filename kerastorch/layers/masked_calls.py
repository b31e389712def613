"""How masks reach the `call` of a layer and its outputs."""

from __future__ import annotations

import warnings
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.spec import KerasTensor
from kerastorch.core.strings import StringTensor
from kerastorch.errors import ShapeError
from kerastorch.layers import masks


class MaskedCalls:
    """The part of `Layer` that passes masks on. See `Layer`."""

    # Whether `compute_mask` gives no mask where no input has one, so that calls without masks need not ask it.
    _only_combines_masks = False
    # Whether an explicit `mask` must have the leading axes of the input, as masks on tensors must.
    _mask_is_of_steps = False

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Returns the mask of the outputs; by default that of the inputs.

        Args:
            inputs: the tensors that the layer was called with.
            previous_mask: their masks.
        """
        return previous_mask

    def _fill_masks(self: Any, args: tuple, kwargs: dict) -> Any:
        """Passes the masks of the inputs on to `call`, where it takes them; returns those of the first input."""
        signature = self._signature
        named = signature.named(args, kwargs)
        previous = None
        for key, value in named.items():
            if not is_tensors(value):
                continue
            found = masks.masks_of(value)
            if masks.any_mask(found) and _is_ours(self):
                tree.map_structure(self._check_mask, value, found)
            name = f"{key}_mask"
            if key == signature.first:
                previous = found
                name = name if name in signature.mask_names else "mask"
            if name in signature.mask_names and named.get(name) is None and masks.any_mask(found):
                kwargs[name] = found
        if "mask" in signature.mask_names and named.get("mask") is not None:
            previous = named["mask"]
            if self._mask_is_of_steps and _alike(named.get(signature.first), previous):
                tree.map_structure(self._check_mask, named[signature.first], previous)
        return previous

    def _check_mask(self: Any, x: Any, mask: Any) -> None:
        """Checks that a mask has the leading axes of its tensor.

        Raises:
            ShapeError: when it has not.
        """
        if not hasattr(mask, "shape") or not hasattr(x, "shape"):
            return
        fits = (m == s or m in (1, None) or s is None for m, s in zip(mask.shape, x.shape, strict=False))
        if len(mask.shape) > len(x.shape) or not all(fits):
            raise ShapeError(
                f"The mask for layer {self.name!r} does not fit its input. Expected the leading axes of shape "
                f"{tuple(x.shape)}, such as (batch, steps). Received: mask of shape {tuple(mask.shape)}."
            )

    def _mask_outputs(self: Any, inputs: Any, outputs: Any, previous: Any) -> None:
        masked = previous is not None and masks.any_mask(previous)
        if self._makes_masks() or (masked and self.supports_masking):
            masks.attach(outputs, self.compute_mask(inputs, previous))
        elif masked and not self._handles_masks():
            warnings.warn(
                f"Layer '{self.name}' (of type {type(self).__name__}) was passed an input with a mask attached to it. "
                "However, this layer does not support masking and will therefore destroy the mask information. "
                "Downstream layers will not see the mask.",
                stacklevel=4,
            )

    def _has_mask_rule(self) -> bool:
        """Whether the class says how the mask of its output follows from those of the inputs."""
        return type(self).compute_mask is not MaskedCalls.compute_mask

    def _makes_masks(self) -> bool:
        """Whether the output may have a mask although no input has one."""
        return self._has_mask_rule() and not self._only_combines_masks

    def _handles_masks(self: Any) -> bool:
        return self._signature.takes_mask or any(True for _ in self._child_modules())


def _is_ours(layer: Any) -> bool:
    """Whether a layer is one of this library's, whose masks are of steps; those of others may have any shape."""
    return type(layer).__module__.startswith("kerastorch.layers.")


def _alike(tensors: Any, masks: Any) -> bool:
    """Whether there is one mask, or None, for each tensor."""
    return tree.is_nested(tensors) == tree.is_nested(masks) and len(tree.flatten(tensors)) == len(
        tree.flatten(masks)
    )


def is_tensors(value: Any) -> bool:
    """Returns whether an argument is a tensor or a nested structure of tensors only."""
    leaves = tree.flatten(value)
    return bool(leaves) and all(isinstance(x, (torch.Tensor, KerasTensor, StringTensor)) for x in leaves)
