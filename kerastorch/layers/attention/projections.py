"""The projections of query, key and value, in one product of matrices where they are one tensor.

Legend: B batch, T steps, D features, N heads, H features of a head.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.activations.functions import linear
from kerastorch.layers.core.einsum_dense import EinsumDense


def projected(projections: Sequence[Any], inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Returns the projection of each input, of shape `(B, T, N, H)`.

    Self-attention projects one tensor three times: side by side, its kernels make one product, and there is one
    gradient of that tensor.

    Args:
        projections: the layers.
        inputs: as many tensors, checked and cast already, whose masks are not for the projections.
    """
    x = inputs[0]
    if all(other is x for other in inputs) and all(map(_is_plain, projections)):
        return _side_by_side(projections, x)
    return [applied(dense, x) for dense, x in zip(projections, inputs, strict=True)]


def applied(dense: Any, x: torch.Tensor) -> torch.Tensor:
    """Returns the projection of one input."""
    if dense.activity_regularizer is None:
        return dense._call_impl(x)
    return dense(x.view_as(x))


def _is_plain(dense: Any) -> bool:
    """Whether a layer only multiplies the last axis by a kernel and adds a bias, with nobody watching."""
    return (
        type(dense) is EinsumDense
        and dense.multiplies_last_axis
        and dense.activation is linear
        and dense.activity_regularizer is None
        and not (dense._forward_hooks or dense._forward_pre_hooks or dense._backward_hooks)
    )


def _side_by_side(projections: Sequence[Any], x: torch.Tensor) -> list[torch.Tensor]:
    kernels = [dense.kernel.flatten(1) for dense in projections]
    kernel, rows = torch.cat(kernels, 1), x.reshape(-1, x.shape[-1])
    if projections[0].bias is None:
        outputs = torch.mm(rows, kernel)
    else:
        outputs = torch.addmm(torch.cat([dense.bias.flatten() for dense in projections]), rows, kernel)
    parts = outputs.split([k.shape[1] for k in kernels], 1)
    return [
        part.view(*x.shape[:-1], *dense.kernel.shape[1:])
        for part, dense in zip(parts, projections, strict=True)
    ]
