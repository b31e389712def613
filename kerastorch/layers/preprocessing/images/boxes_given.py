"""The bounding boxes that a user gives with the images, as tensors of one size."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.errors import DataError, ShapeError

NO_BOX, NO_LABEL = 0.0, -1


def dense_boxes(bounding_boxes: Any, device: torch.device) -> dict:
    """Returns bounding boxes as tensors; images with fewer boxes than others are filled up with the label -1.

    Args:
        bounding_boxes: a dictionary of `"boxes"`, (K, 4) or (N, K, 4), and `"labels"`, as arrays or as lists, which
            may be of different lengths for different images.
        device: where the tensors shall be.

    Raises:
        DataError: when it is no such dictionary.
        ShapeError: when the boxes and labels do not fit each other.

    Example:
        >>> ragged = {"boxes": [[[0, 0, 1, 1]], [[0, 0, 2, 2], [1, 1, 3, 3]]], "labels": [[7], [8, 9]]}
        >>> dense_boxes(ragged, torch.device("cpu"))["labels"].tolist()
        [[7, -1], [8, 9]]
    """
    if not isinstance(bounding_boxes, dict) or not {"boxes", "labels"} <= bounding_boxes.keys():
        raise DataError(
            "Expected `bounding_boxes` argument to be a dict with keys 'boxes' and 'labels'. Received: "
            f"bounding_boxes={bounding_boxes}"
        )
    boxes, labels = bounding_boxes["boxes"], bounding_boxes["labels"]
    if isinstance(boxes, (list, tuple)):
        boxes, labels = _filled_up(boxes, labels)
    boxes = torch.as_tensor(boxes, device=device)
    boxes = boxes if boxes.is_floating_point() else boxes.float()
    labels = torch.as_tensor(labels, device=device)
    _check_ranks(boxes, labels)
    return {**bounding_boxes, "boxes": boxes, "labels": labels}


def _filled_up(boxes: Any, labels: Any) -> tuple[torch.Tensor, torch.Tensor]:
    if not isinstance(labels, (list, tuple)) or len(boxes) != len(labels):
        raise DataError(
            "If `bounding_boxes['boxes']` is a list, then `bounding_boxes['labels']` must also be a list of the same "
            f"length. Received: bounding_boxes['boxes']={boxes}, bounding_boxes['labels']={labels}"
        )
    nested = any(len(of_image) and hasattr(of_image[0], "__len__") for of_image in boxes)
    if not nested and all(hasattr(label, "__index__") for label in labels):  # the boxes of one image
        return torch.as_tensor(boxes, dtype=torch.float32).reshape(-1, 4), torch.as_tensor(
            labels, dtype=torch.int32
        )
    most = max(map(len, boxes), default=0)
    full = [[*map(list, b), *[[NO_BOX] * 4] * (most - len(b))] for b in boxes]
    named = [[*of_image, *[NO_LABEL] * (most - len(of_image))] for of_image in labels]
    return torch.tensor(full, dtype=torch.float32).reshape(len(boxes), most, 4), torch.tensor(
        named, dtype=torch.int32
    )


def _check_ranks(boxes: torch.Tensor, labels: torch.Tensor) -> None:
    if boxes.ndim not in (2, 3) or boxes.shape[-1] != 4:
        raise ShapeError(
            "Expected `bounding_boxes['boxes']` to have rank 2 or 3, with shape (num_boxes, 4) or "
            f"(batch_size, num_boxes, 4). Received: bounding_boxes['boxes'].shape={tuple(boxes.shape)}"
        )
    if labels.ndim not in (boxes.ndim - 1, boxes.ndim):
        raise ShapeError(
            f"Found bounding_boxes['boxes'].shape={tuple(boxes.shape)} and expected bounding_boxes['labels'] to have "
            f"rank {boxes.ndim - 1} or {boxes.ndim}, but received: bounding_boxes['labels'].shape="
            f"{tuple(labels.shape)}"
        )
