"""How heads lie in projections, and the weights that they give to keys.

Legend: B batch, T steps of the query, S steps of value and key, N heads, H features of a head.
"""

from __future__ import annotations

import torch

from kerastorch.core import attention_masks as masks
from kerastorch.layers.activations.softmax import masked_softmax


class Arrangement:
    """The axes of a projection `(B, ..., N, H)`: which are attended over, and their order for torch.

    Args:
        attended: the axes that are attended over.
        rank: the number of axes of the projection.

    Attributes:
        order: the axes in torch's order: the batch and others, the heads, those attended over, the features.
        head_axis: the axis of the heads in the scores, counted from the end.
    """

    def __init__(self, attended: tuple[int, ...], rank: int) -> None:
        others = [axis for axis in range(rank - 1) if axis not in attended]
        self.attended = attended
        self.order = (*others, *attended, rank - 1)
        self.head_axis = -2 * len(attended) - 1
        self._plain = self.order == (0, 2, 1, 3)
        self._back = [self.order.index(axis) for axis in range(rank)]

    def split(self, x: torch.Tensor) -> torch.Tensor:
        """Returns a projection as `(B, N, T, H)`, with one axis for all batches and one for all steps."""
        if self._plain:
            return x.transpose(1, 2)
        x, count = x.permute(self.order), len(self.attended)
        x = x if count == 1 else x.flatten(-1 - count, -2)
        return x if x.ndim == 4 else x.flatten(0, -4)

    def join(self, x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
        """Returns what the heads gave, `(B, N, T, H)`, in the order of the axes of a projection."""
        if self._plain:
            return x.transpose(1, 2)
        sizes = [like.shape[axis] for axis in self.order[:-1]]
        return x.reshape(*sizes, x.shape[-1]).permute(self._back)

    def scores_shape(self, query: torch.Tensor, key: torch.Tensor) -> list[int]:
        """Returns the shape of the scores of two projections: others, heads, steps of the query, steps of the key."""
        return [*(query.shape[a] for a in self.order[:-1]), *(key.shape[a] for a in self.attended)]

    def split_mask(self, mask: torch.Tensor, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        """Returns a mask `(B, T, S)` so that it broadcasts to scores `(B, N, T, S)`.

        Raises:
            ShapeError: when it does not fit the scores.
        """
        shape, count = self.scores_shape(query, key), len(self.attended)
        mask = masks.broadcast_to_scores(mask, shape, self.head_axis)
        if count > 1:
            steps = shape[-2 * count :]
            mask = mask.expand(*mask.shape[: -2 * count], *steps).flatten(-count).flatten(-1 - count, -2)
        if mask.ndim > 4:
            others = len(shape) - 2 * count - 1
            mask = mask.expand(*shape[:others], *mask.shape[-3:]).flatten(0, -4)
        return mask


def weigh(query: torch.Tensor, key: torch.Tensor, mask: torch.Tensor | None, scale: float) -> torch.Tensor:
    """Returns the weights of the keys, of shape `(B, N, T, S)`.

    Args:
        query: a tensor `(B, N, T, H)`.
        key: a tensor `(B, N, S, H)`.
        mask: truth values, broadcast to `(B, N, T, S)`; None for all true.
        scale: a factor of the scores.
    """
    scores = torch.matmul(query * scale, key.mT)
    weights = torch.softmax(scores, -1) if mask is None else masked_softmax(scores, mask)
    return weights.to(scores.dtype)
