"""Which keys a query may attend to, as truth values.

Legend: B batch, T steps of the query, S steps of key and value.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from kerastorch.errors import ShapeError

# What takes the place of minus infinity: it is finite, so that rows in which nothing counts have equal weights.
_LOWEST = {torch.float16: -45850.0}
_LOWEST_USUALLY = -2.372671e38


def causal(steps: int, keys: int, place: torch.device) -> torch.Tensor:
    """Returns a mask of shape `(T, S)` that keeps each step from those after it.

    Args:
        steps: T.
        keys: S.
        place: the device.

    Example:
        >>> causal(2, 3, torch.device("cpu")).int().tolist()
        [[1, 0, 0], [1, 1, 0]]
    """
    return torch.ones(steps, keys, dtype=torch.bool, device=place).tril()


def window(steps: int, keys: int, width: int, place: torch.device) -> torch.Tensor:
    """Returns a mask of shape `(T, S)` that keeps each step from those `width` or more steps away.

    Args:
        steps: T.
        keys: S.
        width: the number of steps on each side that count, with the step itself.
        place: the device.

    Example:
        >>> window(3, 3, 2, torch.device("cpu")).int().tolist()
        [[1, 1, 0], [1, 1, 1], [0, 1, 1]]
    """
    return torch.ones(steps, keys, dtype=torch.bool, device=place).tril(width - 1).triu(1 - width)


def both(first: torch.Tensor | None, second: torch.Tensor | None) -> torch.Tensor | None:
    """Returns where two masks are true; None stands for a mask that is true everywhere."""
    if first is None or second is None:
        return second if first is None else first
    return first & second


def broadcast_to_scores(mask: torch.Tensor, shape: Sequence[int], axis: int) -> torch.Tensor:
    """Returns a mask with as many axes as the scores, none of them repeated in memory.

    Args:
        mask: truth values; the missing axes are put in at `axis`.
        shape: the shape of the scores.
        axis: a negative number: that of the heads, counted from the end.

    Raises:
        ShapeError: when it cannot be broadcast to the scores.
    """
    given = tuple(mask.shape)
    if mask.ndim >= -axis - 1:
        for _ in range(len(shape) - mask.ndim):
            mask = mask.unsqueeze(axis)
    fits = mask.ndim == len(shape) and all(m in (1, n) for m, n in zip(mask.shape, shape, strict=True))
    if not fits:
        raise ShapeError(
            f"The attention mask must be broadcastable to the attention scores, of shape {tuple(shape)}: the axes "
            f"that it lacks are put in before the last {-axis - 1}. Received: a mask of shape {given}."
        )
    return mask


def as_bias(mask: torch.Tensor, dtype: torch.dtype, lowest: float | None = None) -> torch.Tensor:
    """Returns what is added to scores for a mask: zero where it is true, else a large negative number.

    Args:
        mask: truth values.
        dtype: the type of the scores.
        lowest: the number; None takes one near the lowest of the type.
    """
    zero = torch.zeros((), dtype=dtype, device=mask.device)
    return torch.where(mask, zero, _LOWEST.get(dtype, _LOWEST_USUALLY) if lowest is None else lowest)
