"""Outputs of steps as NumPy arrays."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.strings import StringTensor, concatenated


def to_numpy(x: Any) -> Any:
    """Returns a tensor as an array, on the same memory where it can; bfloat16, which NumPy lacks, as float32."""
    if isinstance(x, StringTensor):
        return x.numpy()
    if not isinstance(x, torch.Tensor):
        return x
    x = x.detach()
    if x.dtype is torch.bfloat16:
        x = x.float()
    return x.cpu().numpy()


def copied(x: Any) -> Any:
    """Returns a tensor as an array of its own: an output may be the memory of the inputs or of a weight."""
    return to_numpy(x.detach().clone() if isinstance(x, torch.Tensor) and x.device.type == "cpu" else x)


def joined(*parts: Any) -> Any:
    """Returns the outputs of several batches as one array of its own."""
    if len(parts) == 1:
        return copied(parts[0])
    return to_numpy(concatenated(parts) if isinstance(parts[0], StringTensor) else torch.cat(parts))
