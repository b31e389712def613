"""Runs the cells that torch knows over whole sequences with its fused kernels, whatever the mask.

A masked step leaves the states as they are. One more feature of the inputs marks such steps, whose weights close the
gates of a cell. That is all a GRU needs, whose closed gates let its output pass. For the others the steps that count
are moved to the front of their sequence, keeping their order; the kernel runs over all steps, and the output that
belongs to step t is the one after as many steps as count up to t. The carry of an LSTM passes the steps after them by
its closed gates. The lengths stay on the device: nothing waits for it.

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
    states: list[torch.Tensor] | None,
    mask: torch.Tensor | None,
    zero_masked: bool = False,
    all_states: bool = True,
    all_outputs: bool = True,
) -> tuple[torch.Tensor, torch.Tensor | None, list[torch.Tensor]]:
    """Returns the last output, those of all steps, of shape `(B, T, U)`, if they are wanted, and the last states.

    Args:
        cell: a `RecurrentCell` that torch has a kernel for.
        inputs: a tensor of shape `(B, T, D)`.
        states: the states before the first step, each of shape `(B, U)`; None is zero.
        mask: which steps count, of shape `(B, T)`; None counts all.
        zero_masked: whether the outputs of masked steps are zero, instead of that of the step before.
        all_states: whether states other than the output are wanted; they are not to be used otherwise.
        all_outputs: whether other outputs than the last one are wanted.
    """
    if inputs.is_meta:
        outputs = inputs.new_empty((*inputs.shape[:2], cell.units))
        return outputs[:, 0], outputs, [torch.empty_like(outputs[:, 0]) for _ in cell.state_sizes]
    first = None if states is None else [state.unsqueeze(0) for state in states]
    weights = _weights(cell, inputs.dtype)
    if mask is None:
        outputs, last = _call([cell], inputs, first, weights)
        return outputs[:, -1], outputs, [state[0] for state in last]
    if cell.output_passes:
        return _run_closing(cell, inputs, first, weights, mask, zero_masked)
    return _run_in_front(cell, inputs, first, weights, mask, zero_masked, all_states, all_outputs)


def _run_closing(
    cell: Any, inputs: torch.Tensor, first: Any, weights: list, mask: torch.Tensor, zero_masked: bool
) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
    """Runs a cell whose output passes through masked steps."""
    outputs, last = _call([cell], _marked(inputs, ~mask), first, _closing(cell, weights))
    if zero_masked:
        outputs = outputs * mask.unsqueeze(-1)
    elif first is not None:  # outputs before the first step that counts are zero, not the given state
        outputs = outputs * (mask.cumsum(1) > 0).unsqueeze(-1)
    return outputs[:, -1], outputs, [state[0] for state in last]


def _run_in_front(
    cell: Any,
    inputs: torch.Tensor,
    first: Any,
    weights: list,
    mask: torch.Tensor,
    zero_masked: bool,
    all_states: bool,
    all_outputs: bool,
) -> tuple[torch.Tensor, torch.Tensor | None, list[torch.Tensor]]:
    """Runs a cell over the steps that count first, then over the others, whose outputs are not used."""
    so_far = mask.cumsum(1)  # how many steps count up to each one
    lengths = so_far[:, -1:]
    inputs, time_first = _to_front(inputs, mask)
    if all_states and len(cell.state_sizes) > 1:
        inputs, weights = _marked(inputs, _after(lengths, inputs, time_first)), _closing(cell, weights)
    outputs, last = _call([cell], inputs, first, weights, batch_first=not time_first)
    table = _table(outputs, time_first)
    state = _outputs_after(table, lengths, lengths > 0)[:, 0]
    if first is not None:
        state = torch.where(lengths > 0, state, first[0][0].to(state.dtype))
    states = [state, *(other[0] for other in last[1:])]
    counted = mask if zero_masked else so_far > 0
    if not all_outputs:
        return _outputs_after(table, lengths, counted[:, -1:])[:, 0], None, states
    outputs = _outputs_after(table, so_far, counted)
    return outputs[:, -1], outputs, states


def run_both(
    cells: Sequence[Any], inputs: torch.Tensor, states: list[torch.Tensor] | None, mask: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
    """Runs one cell forwards and one backwards at once.

    Args:
        cells: the two cells, of one class and with as many units.
        inputs: a tensor of shape `(B, T, D)`.
        states: the states of the first cell and of the second; None is zero. With a mask they must be None unless the
            cells let their outputs pass: the backward cell starts with steps that do not count.
        mask: which steps count, of shape `(B, T)`; None counts all.

    Returns:
        The outputs of all steps, of shape `(B, T, 2 * U)`, zero where masked; the last outputs `(B, 2 * U)`, that of
        the backward cell being the one of the first step; and the last states of both.
    """
    units, number = cells[0].units, len(cells[0].state_sizes)
    if inputs.is_meta:
        outputs = inputs.new_empty((*inputs.shape[:2], 2 * units))
        ends = outputs[:, 0]
        return outputs, ends, [torch.empty_like(ends[:, :units]) for _ in range(2 * number)]
    first = None
    if states is not None:
        first = [torch.stack(pair) for pair in zip(states[:number], states[number:], strict=True)]
    weights = [_weights(cell, inputs.dtype) for cell in cells]
    time_first = in_front = False
    if mask is not None:
        closed, in_front = ~mask, not cells[0].output_passes
        if in_front:
            so_far = mask.cumsum(1)
            lengths = so_far[:, -1:]
            inputs, time_first = _to_front(inputs, mask)
            closed = _after(lengths, inputs, time_first)
        inputs = _marked(inputs, closed)
        weights = [_closing(*pair) for pair in zip(cells, weights, strict=True)]
    outputs, last = _call(cells, inputs, first, [*weights[0], *weights[1]], batch_first=not time_first)
    hidden = list(last[0])
    if (
        mask is not None and in_front
    ):  # the forward cell ends after the last step that counts, the backward cell after all steps
        table = _table(outputs, time_first)
        hidden = [_outputs_after(table, lengths, lengths > 0)[:, 0, :units], hidden[1]]
        outputs = _outputs_after(table, so_far, mask)
    elif mask is not None:
        outputs = outputs * mask.unsqueeze(-1)
    ends = torch.cat((hidden[0], hidden[1]), -1)
    return outputs, ends, [x for pair in zip(hidden, *last[1:], strict=True) for x in pair]


def _weights(cell: Any, dtype: torch.dtype) -> list[torch.Tensor]:
    return [w if w.dtype is dtype else w.to(dtype) for w in cell.torch_weights()]


def _call(
    cells: Sequence[Any],
    inputs: torch.Tensor,
    first: list[torch.Tensor] | None,
    weights: list[torch.Tensor],
    batch_first: bool = True,
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Calls torch's kernel: one layer, one direction for each cell; states have the direction first."""
    cell = cells[0]
    number = len(cell.state_sizes)
    if first is None:
        first = [inputs.new_zeros((len(cells), inputs.shape[0 if batch_first else 1], cell.units))] * number
    elif first[0].dtype is not inputs.dtype:
        first = [state.to(inputs.dtype) for state in first]
    has_biases = len(weights) > 2 * len(cells)
    if inputs.is_cuda:
        weights = _in_one_piece(weights)
    outputs, *last = cell.torch_function(
        inputs,
        first if number > 1 else first[0],
        weights,
        has_biases,
        1,
        0.0,
        torch.is_grad_enabled(),
        len(cells) > 1,
        batch_first,
    )
    return outputs, last


# Moving steps -------------------------------------------------------------------------------------------------------


def _to_front(inputs: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, bool]:
    """The sequences with the steps that count first, and whether the time comes before the batch in them.

    On a CPU, where looking is free, sequences whose steps that count are in front already stay as they are.
    """
    may_look = mask.device.type == "cpu" and not torch.compiler.is_compiling()
    if may_look and not (mask[:, 1:] > mask[:, :-1]).any():
        return inputs, False
    batch, steps, features = inputs.shape
    order = torch.argsort(~mask, dim=1, stable=True)
    rows = order.t() + torch.arange(batch, device=mask.device) * steps
    moved = inputs.reshape(-1, features).index_select(0, rows.reshape(-1))
    return moved.view(steps, batch, features), True


def _table(outputs: torch.Tensor, time_first: bool) -> torch.Tensor:
    """All outputs, one a row, those of a step together, which is how torch keeps them; then a row of zeros."""
    rows = (outputs if time_first else outputs.transpose(0, 1)).reshape(-1, outputs.shape[-1])
    return torch.cat((rows, rows.new_zeros(1, rows.shape[1])))


def _outputs_after(table: torch.Tensor, so_far: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """The outputs after as many steps as count so far, or zeros.

    Args:
        table: what `_table` gave.
        so_far: how many steps count, of shape `(B, K)` for K outputs of each sequence.
        counted: where these outputs are wanted instead of zeros, of the same shape.
    """
    batch, wanted = so_far.shape
    rows = (so_far - 1) * batch + torch.arange(batch, device=so_far.device).unsqueeze(1)
    rows = torch.where(counted, rows, len(table) - 1)
    return table.index_select(0, rows.reshape(-1)).view(batch, wanted, -1)


def _after(lengths: torch.Tensor, inputs: torch.Tensor, time_first: bool) -> torch.Tensor:
    """Which steps come after those that count, in the order of axes of `inputs`."""
    after = torch.arange(inputs.shape[0 if time_first else 1], device=inputs.device) >= lengths
    return after.t() if time_first else after


# Closing gates ------------------------------------------------------------------------------------------------------


def _marked(inputs: torch.Tensor, closed: torch.Tensor) -> torch.Tensor:
    """The inputs with one more feature: 1 for the steps that the states pass through, else 0."""
    return torch.cat((inputs, closed.unsqueeze(-1).to(inputs.dtype)), -1)


def _closing(cell: Any, weights: list[torch.Tensor]) -> list[torch.Tensor]:
    """The weights with those of the feature that marks steps through which the states are to pass."""
    column = weights[0].new_zeros(len(weights[0]), 1)
    for gate, sign in cell.passing.items():
        column[gate * cell.units : (gate + 1) * cell.units] = sign * _CLOSED
    return [torch.cat((weights[0], column), -1), *weights[1:]]


def _in_one_piece(weights: list[torch.Tensor]) -> list[torch.Tensor]:
    """The weights as parts of one piece of memory: matrices, then biases, the order that cuDNN expects."""
    order = sorted(range(len(weights)), key=lambda i: -weights[i].ndim)
    parts = torch.cat([weights[i].reshape(-1) for i in order]).split([weights[i].numel() for i in order])
    placed = dict(zip(order, parts, strict=True))
    return [placed[i].view(w.shape) for i, w in enumerate(weights)]
