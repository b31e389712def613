"""Runs the cells that torch knows over whole sequences with its fused kernels, whatever the mask.

A masked step leaves the states as they are, so that only the steps that count matter. They are moved to the front of
their sequence, keeping their order; the kernel runs over all steps, and the output that belongs to step t is the one
after as many steps as count up to t. The outputs after the last step that counts are never looked at. The lengths stay
on the device: nothing waits for it.

Legend: B batch, T time, D input features, U units, G gates.
"""

from __future__ import annotations

from typing import Any

import torch

_CLOSED = 1e4  # sigmoid(-1e4) is 0 and sigmoid(1e4) is 1 in every floating-point type


def run(
    cell: Any,
    inputs: torch.Tensor,
    states: list[torch.Tensor],
    mask: torch.Tensor | None,
    zero_masked: bool,
    all_states: bool,
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Returns the outputs of all steps, of shape `(B, T, U)`, and the last states.

    Args:
        cell: a cell with `torch_function` and `torch_weights`.
        inputs: a tensor of shape `(B, T, D)`.
        states: the states before the first step, each of shape `(B, U)`.
        mask: which steps count, of shape `(B, T)`; None counts all.
        zero_masked: whether the outputs of masked steps are zero, instead of that of the step before.
        all_states: whether states other than the output are wanted; they are not to be used otherwise.
    """
    if inputs.is_meta:
        return inputs.new_empty((*inputs.shape[:2], cell.units)), [torch.empty_like(s) for s in states]
    weights = [w.to(inputs.dtype) for w in cell.torch_weights()]
    if mask is None:
        return _call(cell, inputs, states, weights)
    so_far = mask.cumsum(1)  # how many steps count up to each one
    inputs = _rows(inputs, torch.argsort(~mask, dim=1, stable=True))
    if all_states and len(states) > 1:
        inputs, weights[0] = _closing(inputs, weights[0], so_far[:, -1:])
    outputs, last = _call(cell, inputs, states, weights)
    outputs = _rows(outputs, (so_far - 1).clamp(min=0))
    none_yet = so_far.unsqueeze(-1) == 0
    state = torch.where(none_yet[:, -1], states[0], outputs[:, -1])
    outputs = outputs.masked_fill(~mask.unsqueeze(-1) if zero_masked else none_yet, 0)
    return outputs, [state, *last[1:]]


def _call(
    cell: Any, inputs: torch.Tensor, states: list[torch.Tensor], weights: list[torch.Tensor]
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Calls torch's kernel: one layer, one direction, batch first."""
    first = [state.to(inputs.dtype).unsqueeze(0) for state in states]
    if inputs.is_cuda:
        weights = _in_one_piece(weights)
    outputs, *last = cell.torch_function(
        inputs,
        first if len(first) > 1 else first[0],
        weights,
        len(weights) > 2,
        1,
        0.0,
        torch.is_grad_enabled(),
        False,
        True,
    )
    return outputs, [state.squeeze(0) for state in last]


def _rows(x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """The steps of each sequence that `index`, of shape `(B, T)`, names."""
    return x.gather(1, index.unsqueeze(-1).expand(-1, -1, x.shape[-1]))


def _closing(
    inputs: torch.Tensor, kernel: torch.Tensor, lengths: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Lets the carry of an LSTM pass through the steps after the last one that counts.

    These steps are marked by one more feature, which closes the input gate and opens the forget gate for good. The
    kernel has the gates in the order input, forget, candidate, output.
    """
    after = torch.arange(inputs.shape[1], device=inputs.device) >= lengths
    inputs = torch.cat((inputs, after.unsqueeze(-1).to(inputs.dtype)), -1)
    column = kernel.new_zeros((4, kernel.shape[0] // 4))
    column[0], column[1] = -_CLOSED, _CLOSED
    return inputs, torch.cat((kernel, column.reshape(-1, 1)), -1)


def _in_one_piece(weights: list[torch.Tensor]) -> list[torch.Tensor]:
    """The weights as parts of one piece of memory, in the order that cuDNN expects."""
    sizes = [w.numel() for w in weights]
    parts = torch.cat([w.reshape(-1) for w in weights]).split(sizes)
    return [part.view(w.shape) for part, w in zip(parts, weights, strict=True)]
