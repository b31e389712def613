"""`keras.backend`: crossentropies of single predictions, and sequences whose labels are not lined up with frames."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.config import epsilon
from kerastorch.core.crossentropy import binary
from kerastorch.losses import crossentropy
from kerastorch.ops.base import floating, op, tensor
from kerastorch.ops.nn import sequences


@op("keras.backend")
def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> torch.Tensor:
    """Returns the crossentropy of class probabilities with one-hot or soft targets.

    Args:
        target: probabilities of the classes, of the shape of `output`.
        output: predictions.
        from_logits: whether these are logits rather than probabilities.
        axis: the axis of the classes.

    Returns:
        A tensor without that axis.

    Example:
        >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        tensor([0.6931])

    Source: `keras.backend.categorical_crossentropy` of Keras 2.
    """
    return crossentropy.categorical_crossentropy(target, output, from_logits, axis=axis)


@op("keras.backend")
def categorical_focal_crossentropy(
    target: Any,
    output: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    axis: int = -1,
) -> torch.Tensor:
    """Returns the categorical crossentropy with less weight on what is easy to predict.

    Args:
        target: probabilities of the classes, of the shape of `output`.
        output: predictions.
        alpha: the weight of the loss, or one weight per class.
        gamma: the power of the error that is the weight.
        from_logits: whether the predictions are logits rather than probabilities.
        axis: the axis of the classes.

    Returns:
        A tensor without that axis.

    Example:
        >>> categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        tensor([0.0433])

    Source: `keras.backend.categorical_focal_crossentropy` of Keras 2.
    """
    return crossentropy.categorical_focal_crossentropy(target, output, alpha, gamma, from_logits, axis=axis)


@op("keras.backend")
def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1, ignore_class: int | None = None
) -> torch.Tensor:
    """Returns the crossentropy of class probabilities with class numbers as targets.

    Args:
        target: class numbers, of the shape of `output` without the axis of the classes.
        output: predictions.
        from_logits: whether these are logits rather than probabilities.
        axis: the axis of the classes.
        ignore_class: a class number whose samples have loss 0; None for none.

    Returns:
        A tensor without that axis.

    Example:
        >>> sparse_categorical_crossentropy([1], [[0.5, 0.5]])
        tensor([0.6931])

    Source: `keras.backend.sparse_categorical_crossentropy` of Keras 2.
    """
    return crossentropy.sparse_categorical_crossentropy(target, output, from_logits, ignore_class, axis)


@op("keras.backend")
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> torch.Tensor:
    """Returns the crossentropy of each yes-or-no prediction.

    Args:
        target: targets in [0, 1], of the shape of `output`.
        output: predictions.
        from_logits: whether these are logits rather than probabilities.

    Returns:
        A tensor of the same shape: no mean is taken.

    Example:
        >>> binary_crossentropy([1.0, 0.0], [0.5, 0.5])
        tensor([0.6931, 0.6931])

    Source: `keras.backend.binary_crossentropy` of Keras 2.
    """
    output = floating(output)
    return binary(tensor(target).to(output).expand_as(output), output, from_logits)


@op("keras.backend")
def binary_focal_crossentropy(
    target: Any,
    output: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
) -> torch.Tensor:
    """Returns the crossentropy of each yes-or-no prediction, with less weight on what is easy to predict.

    Args:
        target: targets in [0, 1], of the shape of `output`.
        output: predictions.
        apply_class_balancing: whether targets of 1 weigh `alpha` and targets of 0 weigh `1 - alpha`.
        alpha: that weight.
        gamma: the power of the error that is the weight.
        from_logits: whether the predictions are logits rather than probabilities.

    Returns:
        A tensor of the same shape: no mean is taken.

    Example:
        >>> binary_focal_crossentropy([1.0], [0.5])
        tensor([0.1733])

    Source: `keras.backend.binary_focal_crossentropy` of Keras 2.
    """
    # The loss takes the mean over an axis, which is one of length one here.
    alone = tensor(target).unsqueeze(-1), floating(output).unsqueeze(-1)
    return crossentropy.binary_focal_crossentropy(
        *alone, apply_class_balancing=apply_class_balancing, alpha=alpha, gamma=gamma, from_logits=from_logits
    )


@op("keras.backend")
def in_top_k(predictions: Any, targets: Any, k: int) -> torch.Tensor:
    """Returns whether the right class is among the `k` that were predicted with the greatest scores.

    Args:
        predictions: scores of shape `(batch, classes)`.
        targets: class numbers of shape `(batch,)`.
        k: how many classes count.

    Returns:
        Truth values of shape `(batch,)`; False where a score is not finite or the class does not exist.

    Example:
        >>> in_top_k([[0.1, 0.7, 0.2]], [2], 2).tolist(), in_top_k([[0.1, 0.7, 0.2]], [0], 2).tolist()
        ([True], [False])

    Source: `keras.backend.in_top_k` of Keras 2.
    """
    scores, labels = tensor(predictions), tensor(targets).long().unsqueeze(-1)
    exists = (labels >= 0) & (labels < scores.shape[-1])
    own = scores.gather(-1, torch.where(exists, labels, 0))
    fine = exists.squeeze(-1) & own.isfinite().squeeze(-1)
    return ((scores > own).sum(-1) < k) & fine


# Sequences ------------------------------------------------------------------------------------------------------------


def ctc_label_dense_to_sparse(labels: Any, label_lengths: Any) -> torch.Tensor:
    """Returns padded label sequences as a sparse tensor, which keeps only the labels.

    Args:
        labels: class numbers of shape `(batch, labels)`.
        label_lengths: how many labels of each sequence count, of shape `(batch,)`.

    Returns:
        A sparse tensor of shape `(batch, labels)`.

    Example:
        >>> ctc_label_dense_to_sparse([[3, 4], [5, 0]], [2, 1]).coalesce().values().tolist()
        [3, 4, 5]

    Source: `keras.backend.ctc_label_dense_to_sparse` of Keras 2, `torch.sparse_coo_tensor`.
    """
    labels, lengths = tensor(labels), tensor(label_lengths).reshape(-1, 1)
    places = (torch.arange(labels.shape[1], device=labels.device) < lengths).nonzero().t()
    values = labels[tuple(places)]
    return torch.sparse_coo_tensor(places, values, labels.shape, is_coalesced=True, check_invariants=True)


@op("keras.backend")
def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> torch.Tensor:
    """Returns minus the log probability of label sequences, over all ways to spread the labels over the frames.

    Shapes: B batch, T frames, L labels, C classes, of which the last is the blank.

    Args:
        y_true: class numbers, `(B, L)`.
        y_pred: probabilities, the output of a softmax, `(B, T, C)`.
        input_length: how many frames of each sequence count, `(B, 1)`.
        label_length: how many labels of each sequence count, `(B, 1)`.

    Returns:
        A tensor `(B, 1)`.

    Example:
        >>> ctc_batch_cost([[0]], torch.full((1, 2, 3), 1 / 3), [[2]], [[1]])
        tensor([[1.0986]])

    Source: `keras.backend.ctc_batch_cost` of Keras 2, `torch.nn.functional.ctc_loss`.
    """
    y_pred = floating(y_pred)
    if y_pred.is_meta:  # torch has no rule for it
        return y_pred.new_empty(len(y_pred), 1)
    labels, frames, lengths = (
        tensor(x).to(y_pred.device).long() for x in (y_true, input_length, label_length)
    )
    log_probs = (y_pred.transpose(0, 1) + epsilon()).log().log_softmax(-1)
    losses = F.ctc_loss(
        log_probs,
        labels,
        frames.reshape(-1),
        lengths.reshape(-1),
        blank=y_pred.shape[-1] - 1,
        reduction="none",
    )
    return losses.unsqueeze(1)


@op("keras.backend")
def ctc_decode(
    y_pred: Any, input_length: Any, greedy: bool = True, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Returns the label sequences that frames most likely stand for.

    Shapes: B batch, T frames, C classes, of which the last is the blank.

    Args:
        y_pred: probabilities, the output of a softmax, `(B, T, C)`.
        input_length: how many frames of each sequence count, `(B,)`.
        greedy: whether the best class of each frame is taken; else the best sequences are looked for.
        beam_width: how many beginnings this search keeps.
        top_paths: how many sequences it returns.

    Returns:
        A list of tensors `(B, T)` of labels, padded with -1; and the log probabilities, `(B, top_paths)`, or of the
        greedy choice minus the sum of the logs of the probabilities taken, `(B, 1)`.

    Example:
        >>> labels, _ = ctc_decode([[[0.1, 0.9, 0.0], [0.1, 0.1, 0.8], [0.9, 0.1, 0.0]]], [3])
        >>> labels[0].tolist()
        [[1, 0, -1]]

    Source: `keras.backend.ctc_decode` of Keras 2.
    """
    logits = (floating(y_pred) + epsilon()).log()
    strategy = "greedy" if greedy else "beam_search"
    frames = tensor(input_length).int()
    labels, scores = sequences.ctc_decode(logits, frames, strategy, beam_width, top_paths, mask_index=None)
    paths = labels.long().unbind(0)
    return list(paths if greedy else map(_merged, paths)), scores


def _merged(labels: torch.Tensor) -> torch.Tensor:
    """Sequences in which labels that repeat the one before are left out, as Keras 2 does after its search."""
    again = torch.zeros_like(labels, dtype=torch.bool)
    again[:, 1:] = labels[:, 1:] == labels[:, :-1]
    order = torch.argsort(again.int(), dim=1, stable=True)
    return labels.masked_fill(again, -1).gather(1, order)
