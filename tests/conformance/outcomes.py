"""Everything that comes out of one call of a layer, as arrays in one list."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch.core.strings import StringTensor
from tests.catalog.row import Row
from tests.conformance.pairs import leaves, run, tensors


def outcome(layer: Any, row: Row, training: bool) -> list[np.ndarray | None]:
    """The outputs, the gradients of inputs and weights, the losses and the state after one call.

    The gradients are those of the losses plus the first floating-point output times a ramp from -1 to 1.
    """
    inputs = tensors(row)
    given = inputs if row.several else [inputs]
    if not row.integer:
        given = [x.requires_grad_() for x in given]
    outputs = leaves(run(layer, row, inputs, training=training))
    losses = [torch.as_tensor(v) for v in layer.losses]
    grads = _gradients(outputs, losses, [] if row.integer else given, layer)
    values = [*outputs, *grads, *losses]
    return [*(_array(v) for v in values), *layer.get_weights()]


def _gradients(outputs: list, losses: list, given: list, layer: Any) -> list:
    weights = [getattr(w, "value", w) for w in layer.trainable_weights]
    probed = [x for x in outputs if isinstance(x, torch.Tensor) and x.is_floating_point()][:1]
    total = sum((x * torch.linspace(-1.0, 1.0, x.numel()).reshape(x.shape)).sum() for x in probed) + sum(
        losses
    )
    if not isinstance(total, torch.Tensor) or not total.requires_grad:
        return [None] * (len(given) + len(weights))
    return list(torch.autograd.grad(total, [*given, *weights], allow_unused=True))


def _array(value: Any) -> Any:
    if isinstance(value, StringTensor):
        return value.decode().astype(object)
    return (
        value.detach().numpy()
        if isinstance(value, torch.Tensor)
        else None
        if value is None
        else np.asarray(value)
    )
