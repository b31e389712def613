"""Runs the cells that torch knows over whole sequences with its fused kernels, whatever the mask.

A masked step leaves the states as they are. One more feature of the inputs marks such steps, whose weights close the
gates of a cell. That is all a GRU needs, whose closed gates let its output pass. For the others the steps that count
are moved to the front of their sequence, and the kernel runs over all steps; the carry of an LSTM passes those after
them by its closed gates.

Legend: B batch, T time, D input features, U units, G gates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch

from kerastorch.layers.rnn.in_front import in_front
from kerastorch.layers.rnn.zeros import zeros

Outputs = Literal["last", "counted", "all"]
_CLOSED = 1e4  # sigmoid(-1e4) is 0 and sigmoid(1e4) is 1 in every floating-point type


def run(
    cell: Any,
    inputs: torch.Tensor,
    states: list[torch.Tensor] | None,
    mask: torch.Tensor | None,
    zero_masked: bool = False,
    all_states: bool = True,
    wanted: Outputs = "all",
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Returns the last output `(B, U)` or those of steps `(B, T, U)`, and the last states.

    Args:
        cell: a `RecurrentCell` that torch has a kernel for.
        inputs: a tensor of shape `(B, T, D)`.
        states: the states before the first step, each of shape `(B, U)`; None is zero.
        mask: which steps count, of shape `(B, T)`; None counts all.
        zero_masked: whether the outputs of masked steps are zero, instead of that of the step before.
        all_states: whether the last states are wanted; they are not to be used otherwise.
        wanted: the outputs of which steps are wanted: the last one, those that count, or all.
    """
    if inputs.is_meta:
        end = inputs.new_empty((inputs.shape[0], cell.units))
        outputs = end if wanted == "last" else inputs.new_empty((*inputs.shape[:2], cell.units))
        return outputs, [torch.empty_like(end) for _ in cell.state_sizes]
    first = None if states is None else [state.unsqueeze(0) for state in states]
    weights = _weights(cell, inputs.dtype)
    if mask is not None and not cell.output_passes:
        return _run_in_front(cell, inputs, first, weights, mask, zero_masked, all_states, wanted)
    if mask is not None:
        inputs, weights = _marked(inputs, ~mask), _closing(cell, weights)
    outputs, last = _call([cell], inputs, first, weights)
    if mask is not None and zero_masked:
        outputs = outputs * mask.unsqueeze(-1)
    elif (
        mask is not None and first is not None
    ):  # before the first step that counts: zero, not the given state
        outputs = outputs * (mask.cumsum(1) > 0).unsqueeze(-1)
    states = [state[0] for state in last] if all_states else []
    if wanted != "last":
        return outputs, states
    return last[0][0] if mask is None else outputs[:, -1], states


def _run_in_front(
    cell: Any,
    inputs: torch.Tensor,
    first: Any,
    weights: list,
    mask: torch.Tensor,
    zero_masked: bool,
    all_states: bool,
    wanted: Outputs,
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Runs a cell over the steps that count first, then over the others, whose outputs are not used."""
    front = in_front(mask)
    inputs = front.moved(inputs)
    if all_states and len(cell.state_sizes) > 1:
        inputs, weights = _marked(inputs, front.after()), _closing(cell, weights)
    outputs, last = _call([cell], inputs, first, weights, batch_first=not front.moves)
    states: list = []
    if all_states:
        state = front.ends(outputs)
        if first is not None:
            state = torch.where(front.lengths > 0, state, first[0][0].to(state.dtype))
        states = [state, *(other[0] for other in last[1:])]
    if wanted == "last":
        return front.ends(outputs, zero_masked), states
    if wanted == "all" or front.moves:
        outputs = front.outputs(outputs, zero_masked)
    return outputs, states


def run_both(
    cells: Sequence[Any],
    inputs: torch.Tensor,
    states: list[torch.Tensor] | None,
    mask: torch.Tensor | None,
    all_states: bool = True,
    all_outputs: bool = True,
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Runs one cell forwards and one backwards at once.

    Args:
        cells: the two cells, of one class and with as many units.
        inputs: a tensor of shape `(B, T, D)`.
        states: the states of the first cell and of the second; None is zero. With a mask they must be None unless the
            cells let their outputs pass: the backward cell starts with steps that do not count.
        mask: which steps count, of shape `(B, T)`; None counts all.
        all_states: whether the last states are wanted; they are not to be used otherwise.
        all_outputs: whether the outputs of all steps are wanted, instead of the last ones.

    Returns:
        The outputs of all steps, of shape `(B, T, 2 * U)`, zero where masked, or the last outputs `(B, 2 * U)`, that
        of the backward cell being the one of the first step; and the last states of both.
    """
    units, number = cells[0].units, len(cells[0].state_sizes)
    if inputs.is_meta:
        end = inputs.new_empty((inputs.shape[0], units))
        outputs = inputs.new_empty((*inputs.shape[: 2 if all_outputs else 1], 2 * units))
        return outputs, [torch.empty_like(end) for _ in range(2 * number)]
    first = None
    if states is not None:
        first = [torch.stack(pair) for pair in zip(states[:number], states[number:], strict=True)]
    weights = [_weights(cell, inputs.dtype) for cell in cells]
    front = None if mask is None or cells[0].output_passes else in_front(mask)
    if mask is not None:
        inputs = _marked(inputs, ~mask) if front is None else _marked(front.moved(inputs), front.after())
        weights = [_closing(*pair) for pair in zip(cells, weights, strict=True)]
    batch_first = front is None or not front.moves
    outputs, last = _call(cells, inputs, first, [*weights[0], *weights[1]], batch_first)
    hidden: Any = last[0].unbind(0)
    if front is not None and (all_states or not all_outputs):
        # The forward cell ends after the steps that count, the backward cell after all steps.
        hidden = (front.ends(outputs)[:, :units], hidden[1])
    states = []
    if all_states:
        states = [x for pair in zip(hidden, *(x.unbind(0) for x in last[1:]), strict=True) for x in pair]
    if not all_outputs:
        return torch.cat(hidden, -1), states
    if front is not None:
        return front.outputs(outputs), states
    return outputs if mask is None else outputs * mask.unsqueeze(-1), states


def _weights(cell: Any, dtype: torch.dtype) -> list[torch.Tensor]:
    weights: list[torch.Tensor] = cell.kernel_weights()
    return weights if weights[0].dtype is dtype else [w.to(dtype) for w in weights]


def _call(
    cells: Sequence[Any],
    inputs: torch.Tensor,
    first: list[torch.Tensor] | None,
    weights: list[torch.Tensor],
    batch_first: bool = True,
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Calls a kernel: one layer, one direction for each cell; states have the direction first."""
    cell, both = cells[0], len(cells) > 1
    number = len(cell.state_sizes)
    if first is None:
        first = [zeros((len(cells), inputs.shape[0 if batch_first else 1], cell.units), inputs)] * number
    elif first[0].dtype is not inputs.dtype:
        first = [state.to(inputs.dtype) for state in first]
    if cell.own_kernel is not None and cell.own_kernel.fits(inputs):
        outputs, *last = cell.own_kernel.run(inputs, *first, weights, both, batch_first)
        return outputs, last
    weights = cell.in_torch_order(weights)
    if inputs.is_cuda:
        weights = _in_one_piece(weights)
    outputs, *last = cell.torch_function(
        inputs,
        first if number > 1 else first[0],
        weights,
        len(weights) > 2 * len(cells),
        1,
        0.0,
        torch.is_grad_enabled(),
        both,
        batch_first,
    )
    return outputs, last


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
