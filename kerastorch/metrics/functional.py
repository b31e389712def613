"""Accuracies as functions: one value per sample, 1 where the prediction is right and 0 where it is not.

Each has a twin that returns booleans, which the metric classes count without a conversion.
Legend: B batch, C classes.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import ShapeError
from kerastorch.losses.reduction import squeeze_or_expand_to_same_rank
from kerastorch.metrics.arrays import best_class, to_pair


def _unfit(name: str, y_true: torch.Tensor, y_pred: torch.Tensor) -> ShapeError:
    hint = ""
    if name.endswith("categorical_accuracy"):
        sparse = f"sparse_{name.removeprefix('sparse_')}"
        hint = f" Class numbers are for {sparse!r}, one-hot labels for {sparse.removeprefix('sparse_')!r}."
    return ShapeError(
        f"The labels and the predictions of the metric {name!r} do not fit. Received: "
        f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}.{hint}"
    )


def equal_matches(y_true: Any, y_pred: Any) -> torch.Tensor:
    """Returns True where labels and predictions are equal; see `accuracy`.

    Raises:
        ShapeError: when the shapes do not broadcast.
    """
    y_true, y_pred = squeeze_or_expand_to_same_rank(*to_pair(y_true, y_pred))
    if y_true.dtype != y_pred.dtype:
        y_true = y_true.to(y_pred.dtype)
    try:
        return y_true == y_pred
    except RuntimeError as error:
        raise _unfit("accuracy", y_true, y_pred) from error


@registry.builtin_function("keras.metrics")
def accuracy(y_true: Any, y_pred: Any) -> torch.Tensor:
    """Returns 1 where labels and predictions are equal.

    Args:
        y_true: labels of any shape.
        y_pred: predicted labels of the same shape.

    Returns:
        A float tensor of that shape.

    Raises:
        ShapeError: when the shapes do not broadcast.

    Example:
        >>> accuracy(torch.tensor([1, 2, 3]), torch.tensor([1, 0, 3]))
        tensor([1., 0., 1.])

    Source: `keras.metrics.Accuracy`.
    """
    return equal_matches(y_true, y_pred).to(torch_dtype(None))


def binary_matches(y_true: Any, y_pred: Any, threshold: float = 0.5) -> torch.Tensor:
    """Returns True where labels and predictions lie on the same side; see `binary_accuracy`.

    Raises:
        ShapeError: when the shapes do not broadcast.
    """
    y_true, y_pred = to_pair(y_true, y_pred)
    if y_true.ndim != y_pred.ndim:
        y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
    if threshold != 0.5 and y_pred.dtype.itemsize == 2:  # other thresholds are inexact in half precision
        y_pred = y_pred.float()
    try:
        return (y_pred > threshold) == y_true
    except RuntimeError as error:
        raise _unfit("binary_accuracy", y_true, y_pred) from error


@registry.builtin_function("keras.metrics")
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> torch.Tensor:
    """Returns 1 where predictions above the threshold meet labels of 1, and others labels of 0.

    Args:
        y_true: labels 0 and 1, of any shape.
        y_pred: predictions of the same shape.
        threshold: above it a prediction is 1.

    Returns:
        A float tensor of that shape.

    Raises:
        ShapeError: when the shapes do not broadcast.

    Example:
        >>> binary_accuracy(torch.tensor([1.0, 0.0]), torch.tensor([0.7, 0.6]))
        tensor([1., 0.])

    Source: `keras.metrics.binary_accuracy`.
    """
    return binary_matches(y_true, y_pred, threshold).to(torch_dtype(None))


def categorical_matches(y_true: Any, y_pred: Any) -> torch.Tensor:
    """Returns True where the largest prediction is that of the label; see `categorical_accuracy`.

    Raises:
        ShapeError: when the shapes differ.
    """
    y_true, y_pred = to_pair(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        raise _unfit("categorical_accuracy", y_true, y_pred)
    return best_class(y_true) == y_pred.argmax(-1)


@registry.builtin_function("keras.metrics")
def categorical_accuracy(y_true: Any, y_pred: Any) -> torch.Tensor:
    """Returns 1 where the largest prediction is that of the one-hot label.

    Args:
        y_true: one-hot labels (..., C).
        y_pred: probabilities or logits (..., C).

    Returns:
        A float tensor (...).

    Raises:
        ShapeError: when the shapes differ.

    Example:
        >>> categorical_accuracy(torch.eye(2), torch.tensor([[0.9, 0.1], [0.8, 0.2]]))
        tensor([1., 0.])

    Source: `keras.metrics.categorical_accuracy`.
    """
    return categorical_matches(y_true, y_pred).to(torch_dtype(None))


def sparse_categorical_matches(y_true: Any, y_pred: Any) -> torch.Tensor:
    """Returns True where the largest prediction is that of the class; see `sparse_categorical_accuracy`.

    Raises:
        ShapeError: when the shapes do not fit.
    """
    y_true, y_pred = to_pair(y_true, y_pred)
    labels = y_true
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        labels = y_true.squeeze(-1)
    best = y_pred.argmax(-1)
    if labels.shape != best.shape:
        if labels.squeeze().shape != best.squeeze().shape:
            raise _unfit("sparse_categorical_accuracy", y_true, y_pred)
        labels = labels.reshape(best.shape)  # only axes of length one are elsewhere
    matches = best == labels
    return matches.squeeze(-1) if matches.ndim > 1 and matches.shape[-1] == 1 else matches


@registry.builtin_function("keras.metrics")
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> torch.Tensor:
    """Returns 1 where the largest prediction is that of the class number.

    Args:
        y_true: class numbers (...) or (..., 1).
        y_pred: probabilities or logits (..., C).

    Returns:
        A float tensor (...).

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> sparse_categorical_accuracy(torch.tensor([0, 1]), torch.tensor([[0.9, 0.1], [0.8, 0.2]]))
        tensor([1., 0.])

    Source: `keras.metrics.sparse_categorical_accuracy`.
    """
    return sparse_categorical_matches(y_true, y_pred).to(torch_dtype(None))


def _in_top_k(labels: torch.Tensor, scores: torch.Tensor, k: int) -> torch.Tensor:
    """Whether fewer than k scores are above that of the label; ties count as in.

    Labels that name no class, and scores that are no numbers, are never in. Any k is allowed, as in TensorFlow.
    """
    classes = scores.shape[-1]
    labels = labels.long()
    known = labels.clamp(0, classes - 1)
    own = scores.gather(-1, known.unsqueeze(-1))
    not_above = (scores <= own).sum(-1)
    return (not_above > max(classes - k, 0)) & (known == labels)


def top_k_matches(y_true: Any, y_pred: Any, k: int = 5) -> torch.Tensor:
    """Returns True where the label is among the k largest predictions; see `top_k_categorical_accuracy`.

    Raises:
        ShapeError: when the shapes differ.
    """
    y_true, y_pred = to_pair(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        raise _unfit("top_k_categorical_accuracy", y_true, y_pred)
    return _in_top_k(best_class(y_true), y_pred, k)


@registry.builtin_function("keras.metrics")
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> torch.Tensor:
    """Returns 1 where the one-hot label is among the k largest predictions.

    Args:
        y_true: one-hot labels (..., C).
        y_pred: probabilities or logits (..., C).
        k: how many predictions count.

    Returns:
        A float tensor (...).

    Raises:
        ShapeError: when the shapes differ.

    Example:
        >>> top_k_categorical_accuracy(torch.eye(3), torch.tensor([[3.0, 2.0, 1.0]] * 3), k=2)
        tensor([1., 1., 0.])

    Source: `keras.metrics.top_k_categorical_accuracy`, `tf.math.in_top_k`.
    """
    return top_k_matches(y_true, y_pred, k).to(torch_dtype(None))


def sparse_top_k_matches(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> torch.Tensor:
    """Returns True where the class is among the first k; see `sparse_top_k_categorical_accuracy`.

    Raises:
        ShapeError: when the shapes do not fit.
    """
    y_true, y_pred = to_pair(y_true, y_pred)
    labels = y_true
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        labels = y_true.squeeze(-1)
    if labels.shape != y_pred.shape[:-1]:
        raise _unfit("sparse_top_k_categorical_accuracy", y_true, y_pred)
    if from_sorted_ids:
        matches = (labels.unsqueeze(-1) == y_pred[..., :k]).any(-1)
    else:
        matches = _in_top_k(labels, y_pred, k)
    return matches.reshape(y_true.shape)


@registry.builtin_function("keras.metrics")
def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> torch.Tensor:
    """Returns 1 where the class number is among the k largest predictions.

    Args:
        y_true: class numbers (...) or (..., 1).
        y_pred: probabilities or logits (..., C); with `from_sorted_ids`, class numbers (..., N), best first.
        k: how many predictions count.
        from_sorted_ids: whether `y_pred` holds class numbers in place of scores.

    Returns:
        A float tensor of the shape of `y_true`.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> sparse_top_k_categorical_accuracy(torch.tensor([0, 2]), torch.tensor([[3.0, 2.0, 1.0]] * 2), k=2)
        tensor([1., 0.])

    Source: `keras.metrics.sparse_top_k_categorical_accuracy`, `tf.math.in_top_k`.
    """
    return sparse_top_k_matches(y_true, y_pred, k, from_sorted_ids).to(torch_dtype(None))
