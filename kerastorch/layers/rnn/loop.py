"""Runs any cell over the steps of a sequence, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch import tree


def run(
    step: Callable[[torch.Tensor, Any], tuple[torch.Tensor, Any]],
    inputs: Sequence[torch.Tensor],
    states: list,
    mask: torch.Tensor | None,
    zero_masked: bool,
) -> tuple[list[torch.Tensor], Any]:
    """Returns the outputs of all steps and the last states.

    Where a step is masked, the states stay, and the output is that of the step before, or zero.

    Args:
        step: gives the output and the new states for the input and the states of a step.
        inputs: the input of each step.
        states: the states before the first step, a list of tensors or of lists of them.
        mask: which steps count, of shape `(B, T)`; None counts all.
        zero_masked: whether the outputs of masked steps are zero.
    """
    outputs: list[torch.Tensor] = []
    counted = None if mask is None else mask.unbind(1)
    for t, x in enumerate(inputs):
        output, new_states = step(x, states)
        new_states = list(new_states) if isinstance(new_states, (list, tuple)) else [new_states]
        if counted is not None:
            before = torch.zeros_like(output) if zero_masked or not outputs else outputs[-1]
            output = _where(counted[t], output, before)
            new_states = _kept(counted[t], new_states, states)
        outputs.append(output)
        states = new_states
    return outputs, states


def _kept(counts: torch.Tensor, new_states: list, states: list) -> list:
    return tree.map_structure(lambda new, old: _where(counts, new, old), new_states, list(states))


def _where(counts: torch.Tensor, new: torch.Tensor, old: torch.Tensor) -> torch.Tensor:
    return torch.where(counts.reshape(-1, *(1,) * (new.ndim - 1)), new, old)
