"""Counting what falls into which cell, in one pass and without waiting for a GPU.

Legend: N elements, C classes.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.losses.inputs import can_look


def add_counts(totals: torch.Tensor, cell: torch.Tensor, weight: torch.Tensor | None = None) -> None:
    """Adds to each total how many elements fall into its cell.

    Args:
        totals: what to add to, a vector.
        cell: the number of the cell of each element (N), whole numbers below the length of `totals`.
        weight: what each element counts (N); None for 1.

    Example:
        >>> totals = torch.zeros(3)
        >>> add_counts(totals, torch.tensor([0, 2, 2]))
        >>> totals
        tensor([1., 0., 2.])
    """
    if can_look(cell):  # twice as fast, but on a GPU it waits for the largest number
        counts = torch.bincount(cell, weight, minlength=totals.numel())
        totals += counts if weight is None else counts.to(totals.dtype)
        return
    weight = torch.ones(cell.shape, dtype=totals.dtype, device=cell.device) if weight is None else weight
    totals.index_add_(0, cell, weight.to(totals.dtype))


def add_pairs(
    matrix: torch.Tensor,
    labels: torch.Tensor,
    predictions: torch.Tensor,
    weight: torch.Tensor | None = None,
    ignore_class: int | None = None,
) -> bool:
    """Adds pairs of classes to a confusion matrix; those with a class out of range are left out.

    Args:
        matrix: the matrix (C, C), a row for each label and a column for each prediction.
        labels: the true classes (N).
        predictions: the predicted classes (N).
        weight: what each pair counts (N); None for 1.
        ignore_class: a label whose pairs do not count; None for none.

    Returns:
        Whether a class is known to be out of range; on a GPU looking would mean to wait, and none is.

    Example:
        >>> matrix = torch.zeros(2, 2, dtype=torch.int32)
        >>> add_pairs(matrix, torch.tensor([0, 1, 1]), torch.tensor([0, 1, 7]))
        True
        >>> matrix.tolist()
        [[1, 0], [0, 1]]
    """
    classes = len(matrix)
    kept = None if ignore_class is None else labels != ignore_class
    looking = can_look(labels)
    if looking and kept is not None:
        labels, predictions, weight = _only(kept, labels, predictions, weight)
        kept = None
    strays = looking and not (_in_range(labels, classes) and _in_range(predictions, classes))
    if strays or not looking:
        known = (labels >= 0) & (labels < classes) & (predictions >= 0) & (predictions < classes)
        known = known if kept is None else known & kept
        labels, predictions = labels * known, predictions * known
        weight = known if weight is None else weight * known
    add_counts(matrix.view(-1), labels * classes + predictions, weight)
    return strays


def _only(kept: torch.Tensor, *vectors: Any) -> list[Any]:
    return [None if vector is None else vector[kept] for vector in vectors]


def _in_range(values: torch.Tensor, classes: int) -> bool:
    if not values.numel():
        return True
    low, high = torch.aminmax(values)
    return bool(low >= 0) and bool(high < classes)
