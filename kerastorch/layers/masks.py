"""Masks that travel on tensors: which time steps count, kept as the attribute `_keras_mask`."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.spec import KerasTensor


def get_mask(x: Any) -> Any:
    """Returns the mask of a tensor, or None."""
    return getattr(x, "_keras_mask", None)


def set_mask(x: Any, mask: Any) -> None:
    """Puts a mask on a tensor, real or symbolic."""
    x._keras_mask = mask


def masks_of(structure: Any) -> Any:
    """Returns the masks of nested tensors in the same structure, None where there is none."""
    return tree.map_structure(get_mask, structure)


def any_mask(masks: Any) -> bool:
    """Returns whether a nested structure of masks holds one."""
    return any(m is not None for m in tree.flatten(masks))


def attach(outputs: Any, masks: Any) -> None:
    """Puts masks on nested tensors that have none yet.

    Args:
        outputs: nested tensors.
        masks: one mask, which is that of the first tensor, or a structure of masks like `outputs`.
    """
    flat = [x for x in tree.flatten(outputs) if isinstance(x, (torch.Tensor, KerasTensor))]
    for x, mask in zip(flat, tree.flatten(masks), strict=False):
        if mask is not None and get_mask(x) is None:
            set_mask(x, mask)
