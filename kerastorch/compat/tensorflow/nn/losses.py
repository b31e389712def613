"""Losses on logits, and what reduces losses."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.compat.tensorflow.operation import as_tensor, integer, operands, operation
from kerastorch.errors import ShapeError


@operation("tf.nn")
def softmax_cross_entropy_with_logits(labels: Any, logits: Any, axis: int = -1) -> Any:
    """Returns the crossentropy between probabilities and the softmax of logits.

    Args:
        labels: probabilities of the classes.
        logits: unscaled logarithms of probabilities, of the same shape.
        axis: the axis of the classes. Default: the last.

    Returns:
        A tensor without that axis.

    Example:
        >>> [round(v, 4) for v in softmax_cross_entropy_with_logits([[0.0, 1.0]], [[0.0, 0.0]]).tolist()]
        [0.6931]

    Source: `tf.nn.softmax_cross_entropy_with_logits`
    """
    logits, labels = operands(logits, labels)
    return -(labels.to(logits.dtype) * torch.log_softmax(logits, axis)).sum(axis)


@operation("tf.nn")
def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any) -> Any:
    """Returns the crossentropy between class numbers and the softmax of logits.

    Args:
        labels: the number of the right class of each sample, (...).
        logits: unscaled logarithms of probabilities, (..., classes).

    Returns:
        A tensor of the shape of `labels`.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> [round(v, 4) for v in sparse_softmax_cross_entropy_with_logits([1], [[0.0, 0.0]]).tolist()]
        [0.6931]

    Source: `tf.nn.sparse_softmax_cross_entropy_with_logits`, `torch.nn.functional.cross_entropy`
    """
    labels, logits = as_tensor(labels), as_tensor(logits)
    if labels.shape != logits.shape[:-1]:
        raise ShapeError(
            "tf.nn.sparse_softmax_cross_entropy_with_logits: `labels` has the shape of `logits` without its last axis. "
            f"Received: labels of shape {tuple(labels.shape)}, logits of shape {tuple(logits.shape)}."
        )
    flat = F.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), labels.reshape(-1).to(torch.int64), reduction="none"
    )
    return flat.reshape(labels.shape)


@operation("tf.nn")
def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None) -> Any:
    """Returns the crossentropy between probabilities and the sigmoid of logits, number by number.

    Args:
        labels: probabilities.
        logits: unscaled logarithms, of the same shape.

    Raises:
        ShapeError: when the shapes differ.

    Example:
        >>> [round(v, 4) for v in sigmoid_cross_entropy_with_logits([1.0], [0.0]).tolist()]
        [0.6931]

    Source: `tf.nn.sigmoid_cross_entropy_with_logits`, `torch.nn.functional.binary_cross_entropy_with_logits`
    """
    logits, labels = operands(logits, labels)
    if logits.shape != labels.shape:
        raise ShapeError(
            "`logits` and `labels` must have the same shape. "
            f"Received: {tuple(logits.shape)} and {tuple(labels.shape)}."
        )
    return F.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype), reduction="none")


@operation("tf.nn")
def weighted_cross_entropy_with_logits(labels: Any, logits: Any, pos_weight: Any) -> Any:
    """Returns the sigmoid crossentropy with another weight of what is positive.

    Args:
        labels: probabilities.
        logits: unscaled logarithms, of the same shape.
        pos_weight: the weight of the positive part.

    Example:
        >>> [round(v, 4) for v in weighted_cross_entropy_with_logits([1.0], [0.0], 2.0).tolist()]
        [1.3863]

    Source: `tf.nn.weighted_cross_entropy_with_logits`
    """
    logits, labels, weight = operands(logits, labels, pos_weight)
    return F.binary_cross_entropy_with_logits(
        logits, labels.to(logits.dtype), pos_weight=weight, reduction="none"
    )


@operation("tf.nn")
def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False) -> Any:
    """Returns the loss of counts under a Poisson distribution.

    Args:
        targets: the counts.
        log_input: the logarithm of the expected counts.
        compute_full_loss: whether to add the approximate term that depends on `targets` alone. Default: False.

    Example:
        >>> log_poisson_loss([1.0], [0.0]).tolist()
        [1.0]

    Source: `tf.nn.log_poisson_loss`, `torch.nn.functional.poisson_nll_loss`
    """
    log_input, targets = operands(log_input, targets)
    return F.poisson_nll_loss(log_input, targets, full=compute_full_loss, reduction="none")


@operation("tf.nn")
def l2_loss(t: Any) -> Any:
    """Returns half the sum of the squares.

    Args:
        t: a float tensor.

    Example:
        >>> float(l2_loss([3.0, 4.0]))
        12.5

    Source: `tf.nn.l2_loss`
    """
    t = as_tensor(t)
    return torch.sum(t * t) / 2


@operation("tf.nn")
def compute_average_loss(
    per_example_loss: Any, sample_weight: Any = None, global_batch_size: Any = None
) -> Any:
    """Returns the sum of losses over the size of the whole batch.

    Args:
        per_example_loss: the losses, with the samples along the first axis.
        sample_weight: the weight of each.
        global_batch_size: the size of the batch over all replicas; None takes the number of losses.

    Example:
        >>> float(compute_average_loss([1.0, 2.0], global_batch_size=4))
        0.75

    Source: `tf.nn.compute_average_loss`
    """
    losses = as_tensor(per_example_loss)
    if sample_weight is not None:
        losses, weights = operands(losses, sample_weight)
        losses = losses * weights.reshape(*weights.shape, *[1] * (losses.ndim - weights.ndim))
    size = losses.shape[0] if global_batch_size is None else integer(global_batch_size)
    return losses.sum() / size


@operation("tf.nn")
def scale_regularization_loss(regularization_loss: Any) -> Any:
    """Returns the sum of a regularization loss over the number of replicas, which is one.

    Args:
        regularization_loss: the loss.

    Example:
        >>> float(scale_regularization_loss([1.0, 2.0]))
        3.0

    Source: `tf.nn.scale_regularization_loss`
    """
    return as_tensor(regularization_loss).sum()


@operation("tf.nn")
def ctc_loss(
    labels: Any,
    logits: Any,
    label_length: Any,
    logit_length: Any,
    logits_time_major: bool = True,
    unique: Any = None,
    blank_index: int | None = None,
) -> Any:
    """Returns the loss of label sequences whose alignment with the frames is not known.

    Args:
        labels: the sequences, (batch, longest label), padded.
        logits: unscaled logarithms of probabilities, (frames, batch, classes).
        label_length: the length of each sequence.
        logit_length: the number of frames of each sample.
        logits_time_major: False where `logits` is (batch, frames, classes).
        unique: how TensorFlow saves work for repeated labels; without meaning here.
        blank_index: the class that stands for no label; negative numbers count from the end. Default: 0.

    Returns:
        The loss of each sample, (batch,).

    Example:
        >>> ctc_loss([[1]], torch.zeros(2, 1, 2), [1], [2]).shape
        torch.Size([1])

    Source: `tf.nn.ctc_loss`, `torch.nn.functional.ctc_loss`; Graves et al., 2006
    """
    logits = as_tensor(logits)
    logits = logits if logits_time_major else logits.transpose(0, 1)
    sizes = (as_tensor(length).to(torch.int64) for length in (logit_length, label_length))
    frames, lengths = sizes
    blank = 0 if blank_index is None else blank_index % logits.shape[-1]
    scores = torch.log_softmax(logits, -1)
    return F.ctc_loss(
        scores, as_tensor(labels).to(torch.int64), frames, lengths, blank=blank, reduction="none"
    )
