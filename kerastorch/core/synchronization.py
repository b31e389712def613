"""Statistics of a batch that several processes share.

Legend: P processes, C channels.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import distributed


def several_processes() -> bool:
    """Returns whether this process trains together with others."""
    return distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1


class _SumOverProcesses(torch.autograd.Function):
    """The sum of a tensor over all processes; its gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        total = x.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        total = gradient.contiguous().clone()
        distributed.all_reduce(total)
        return total


def joint_moments(
    mean: torch.Tensor, variance: torch.Tensor, count: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns the mean and the biased variance of each channel over the batches of all processes.

    One exchange carries the statistics of each process, which are then put together without loss of precision, as in
    Chan et al., 1979. Every process has to call it.

    Args:
        mean: the mean of each channel in this process, `(C,)`.
        variance: its biased variance, `(C,)`.
        count: how many values of the channel there are, `(C,)`; it may be zero.
    """
    own = torch.stack([count, *(torch.where(count > 0, x, 0) for x in (mean, variance))])
    place = torch.tensor([distributed.get_rank()], device=own.device)
    table = own.new_zeros(distributed.get_world_size(), *own.shape).index_copy(0, place, own.unsqueeze(0))
    counts, means, variances = _SumOverProcesses.apply(table).unbind(1)
    share = counts / counts.sum(0)
    joint = (share * means).sum(0)
    return joint, (share * (variances + (means - joint).square())).sum(0)
