"""Runs the cells that torch knows over whole sequences with its fused kernels, whatever the mask.

A masked step leaves the states as they are, so that only the steps that count matter. They are moved to the front of
their sequence, keeping their order; the kernel runs over all steps, and the output that belongs to step t is the one
after as many steps as count up to t. The steps after the last one that counts are marked by one more feature, whose
weights close the gates, where a state must pass through them. The lengths stay on the device: nothing waits for it.

Legend: B batch, T time, D input features, U units, G gates.
"""

from __future__ import annotations

from collections.abc import Sequence
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
        cell: a `RecurrentCell` that torch has a kernel for.
        inputs: a tensor of shape `(B, T, D)`.
        states: the states before the first step, each of shape `(B, U)`.
        mask: which steps count, of shape `(B, T)`; None counts all.
        zero_masked: whether the outputs of masked steps are zero, instead of that of the step before.
        all_states: whether states other than the output are wanted; they are not to be used otherwise.
    """
    if inputs.is_meta:
        return inputs.new_empty((*inputs.shape[:2], cell.units)), [torch.empty_like(s) for s in states]
    weights = _weights(cell, inputs.dtype)
    if mask is None:
        outputs, last = _call([cell], inputs, states, weights)
        return outputs, [state[0] for state in last]
    so_far = mask.cumsum(1)  # how many steps count up to each one
    inputs = _to_front(inputs, mask)
    if all_states and len(states) > 1:
        inputs = _marked(inputs, so_far[:, -1:])
        weights = _passing_marked(cell, weights)
    outputs, last = _call([cell], inputs, states, weights)
    outputs = _rows(outputs, (so_far - 1).clamp(min=0))
    none_yet = so_far.unsqueeze(-1) == 0
    state = torch.where(none_yet[:, -1], states[0], outputs[:, -1])
    outputs = outputs.masked_fill(~mask.unsqueeze(-1) if zero_masked else none_yet, 0)
    return outputs, [state, *(state[0] for state in last[1:])]


def run_both(
    cells: Sequence[Any], inputs: torch.Tensor, states: list[torch.Tensor] | None, mask: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
    """Runs one cell forwards and one backwards at once.

    Args:
        cells: the two cells, of one class and with as many units.
        inputs: a tensor of shape `(B, T, D)`.
        states: the states of the first cell and of the second; None is zero. With a mask they must be None: the
            backward cell then starts with steps that do not count, through which only zeros pass.
        mask: which steps count, of shape `(B, T)`; None counts all.

    Returns:
        The outputs of all steps, of shape `(B, T, 2 * U)`, zero where masked; the last outputs `(B, 2 * U)`, that of
        the backward cell being the one of the first step; and the last states of both.
    """
    units, number = cells[0].units, len(cells[0].state_sizes)
    if states is None:
        states = [inputs.new_zeros((inputs.shape[0], units))] * (2 * number)
    if inputs.is_meta:
        outputs = inputs.new_empty((*inputs.shape[:2], 2 * units))
        return outputs, outputs[:, 0], [torch.empty_like(s) for s in states]
    pairs = [torch.stack(pair) for pair in zip(states[:number], states[number:], strict=True)]
    weights = [_weights(cell, inputs.dtype) for cell in cells]
    if mask is not None:
        so_far = mask.cumsum(1)
        inputs = _marked(_to_front(inputs, mask), so_far[:, -1:])
        weights = [_passing_marked(*pair) for pair in zip(cells, weights, strict=True)]
    outputs, last = _call(cells, inputs, pairs, [*weights[0], *weights[1]])
    ends = outputs[:, -1] if mask is None else _rows(outputs, (so_far[:, -1:] - 1).clamp(min=0))[:, 0]
    ends = torch.cat((ends[:, :units], outputs[:, 0, units:]), -1)
    if mask is not None:
        outputs = _rows(outputs, (so_far - 1).clamp(min=0)).masked_fill(~mask.unsqueeze(-1), 0)
    hidden = ends.split(units, -1)
    rest = last[1:]
    return outputs, ends, [hidden[0], *(s[0] for s in rest), hidden[1], *(s[1] for s in rest)]


def _weights(cell: Any, dtype: torch.dtype) -> list[torch.Tensor]:
    return [w.to(dtype) for w in cell.torch_weights()]


def _call(
    cells: Sequence[Any], inputs: torch.Tensor, states: Sequence[torch.Tensor], weights: list[torch.Tensor]
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Calls torch's kernel: one layer, one direction for each cell, batch first; states have the direction first."""
    first = [(s if s.ndim == 3 else s.unsqueeze(0)).to(inputs.dtype) for s in states]
    has_biases = len(weights) > 2 * len(cells)
    if inputs.is_cuda:
        weights = _in_one_piece(weights)
    outputs, *last = cells[0].torch_function(
        inputs,
        first if len(first) > 1 else first[0],
        weights,
        has_biases,
        1,
        0.0,
        torch.is_grad_enabled(),
        len(cells) > 1,
        True,
    )
    return outputs, last


def _rows(x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """The steps of each sequence that `index`, of shape `(B, T)`, names."""
    return x.gather(1, index.unsqueeze(-1).expand(-1, -1, x.shape[-1]))


def _to_front(inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The sequences with the steps that count first."""
    return _rows(inputs, torch.argsort(~mask, dim=1, stable=True))


def _marked(inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """The inputs with one more feature: 1 for the steps after the last one that counts, else 0."""
    after = torch.arange(inputs.shape[1], device=inputs.device) >= lengths
    return torch.cat((inputs, after.unsqueeze(-1).to(inputs.dtype)), -1)


def _passing_marked(cell: Any, weights: list[torch.Tensor]) -> list[torch.Tensor]:
    """The weights with those of the feature that marks steps through which the states are to pass."""
    signs = torch.tensor(cell.passing, dtype=weights[0].dtype, device=weights[0].device)
    column = (signs * _CLOSED).repeat_interleave(cell.units).unsqueeze(-1)
    return [torch.cat((weights[0], column), -1), *weights[1:]]


def _in_one_piece(weights: list[torch.Tensor]) -> list[torch.Tensor]:
    """The weights as parts of one piece of memory: matrices, then biases, the order that cuDNN expects."""
    order = sorted(range(len(weights)), key=lambda i: -weights[i].ndim)
    parts = torch.cat([weights[i].reshape(-1) for i in order]).split([weights[i].numel() for i in order])
    placed = dict(zip(order, parts, strict=True))
    return [placed[i].view(w.shape) for i, w in enumerate(weights)]
