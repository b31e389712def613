"""Choosing among boxes."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.operation import as_tensor, integer, operation


@operation("tf.image")
def non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: float = 0.5,
    score_threshold: float = float("-inf"),
) -> Any:
    """Returns the numbers of the best boxes, leaving out those that overlap a better one.

    Args:
        boxes: the boxes (y1, x1, y2, x2), one a row.
        scores: how good each one is.
        max_output_size: how many to give at most.
        iou_threshold: the largest overlap with a better one: intersection over union. Default: 0.5.
        score_threshold: the least score. Default: any.

    Returns:
        int32 numbers, the best box first.

    Example:
        >>> non_max_suppression([[0, 0, 1, 1], [0, 0, 1, 0.9], [2, 2, 3, 3]], [0.8, 0.9, 0.7], 3).tolist()
        [1, 2]

    Source: `tf.image.non_max_suppression`
    """
    boxes, scores = as_tensor(boxes).float(), as_tensor(scores)
    order = torch.argsort(scores, descending=True, stable=True)
    order = order[scores[order] > score_threshold]
    overlap = _overlap(boxes[order]) > iou_threshold
    chosen: list[int] = []
    for place in range(len(order)):  # greedy: whether a box stays depends on the better ones that stayed
        if len(chosen) == integer(max_output_size):
            break
        if not overlap[place, chosen].any():
            chosen.append(place)
    return order[chosen].to(torch.int32)


def _overlap(boxes: torch.Tensor) -> torch.Tensor:
    """Intersection over union of each pair of boxes."""
    low, high = torch.minimum(boxes[:, :2], boxes[:, 2:]), torch.maximum(boxes[:, :2], boxes[:, 2:])
    size = (high - low).prod(1)
    shared = (torch.minimum(high[:, None], high) - torch.maximum(low[:, None], low)).clamp(min=0).prod(2)
    union = size[:, None] + size - shared
    return torch.where(union > 0, shared / torch.where(union > 0, union, 1.0), 0.0)
