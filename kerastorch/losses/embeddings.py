"""A loss of embeddings: those of one class belong together, those of different classes apart.

Legend: B batch, R references, D length of an embedding.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.errors import ShapeError
from kerastorch.losses.inputs import as_tensor, loss_function
from kerastorch.losses.loss import BuiltinLoss
from kerastorch.registry import builtin


def _check_shapes(labels: torch.Tensor, embeddings: torch.Tensor, length: int) -> None:
    count = len(embeddings)
    if embeddings.shape == (count, length) and labels.shape in ((count,), (count, 1)):
        return
    raise ShapeError(
        f"The loss 'circle' expects embeddings of shape (count, {length}) with one label for each. Received: labels "
        f"of shape {tuple(labels.shape)}, embeddings of shape {tuple(embeddings.shape)}."
    )


@builtin("keras.losses")
@loss_function(keep_labels=True)
def circle(
    y_true: torch.Tensor,
    y_pred: torch.Tensor,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> torch.Tensor:
    """Returns how far embeddings are from being near those of their class and far from all others.

    Args:
        y_true: class numbers of shape `(B,)` or `(B, 1)`.
        y_pred: embeddings of shape `(B, D)` and length 1.
        ref_labels: class numbers of shape `(R,)` of the embeddings to compare with; None for those of the batch.
        ref_embeddings: embeddings of shape `(R, D)` and length 1; None for those of the batch.
        remove_diagonal: whether entry i of the batch is not compared with reference i, which is itself by default.
        gamma: the scale of the similarities, 80 by default.
        margin: the cosine distance from which on members of a class are pulled, 0.4 by default.

    Returns:
        A tensor of shape `(B,)`; its mask leaves out entries without a loss, such as those that are alone in
        their class.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> circle([1, 1], [[1.0, 0.0], [0.6, 0.8]])
        tensor([0., 0.])

    Source: Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization" (2020).
    """
    _check_shapes(y_true, y_pred, y_pred.shape[-1])
    references = y_pred if ref_embeddings is None else as_tensor(ref_embeddings, y_pred.dtype, y_pred.device)
    their_labels = y_true if ref_labels is None else as_tensor(ref_labels, None, y_pred.device)
    _check_shapes(their_labels, references, y_pred.shape[-1])
    same = y_true.long().reshape(-1, 1) == their_labels.long().reshape(1, -1)
    pulled = same
    if remove_diagonal:
        pulled = same & ~torch.eye(*same.shape, dtype=torch.bool, device=same.device)
    distance = torch.maximum(1.0 - y_pred @ references.t(), y_pred.new_zeros(()))
    pull = gamma * (margin + distance).clamp(min=0.0) * (distance - margin)
    push = gamma * (1.0 + margin - distance).clamp(min=0.0) * (1.0 - margin - distance)
    losses = F.softplus(_log_sum_exp(pull, pulled) + _log_sum_exp(push, ~same))
    losses._keras_mask = losses > 0  # type: ignore[attr-defined]
    return losses


def _log_sum_exp(x: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """The log of the sum of exponentials of the entries of each row that count; minus infinity without any."""
    return torch.where(counts, x, -torch.inf).logsumexp(1)


@builtin("keras.losses")
class Circle(BuiltinLoss):
    """The circle loss of embeddings of length 1, as those of `UnitNormalization`.

    Args:
        gamma: the scale of the similarities, 80 by default.
        margin: the cosine distance from which on members of a class are pulled, 0.4 by default.
        remove_diagonal: whether an embedding is not compared with itself.
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> Circle()([1, 1, 2], [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
        tensor(94.4000)

    Source: Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization" (2020).
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            circle, reduction, name, dtype, gamma=gamma, margin=margin, remove_diagonal=remove_diagonal
        )
        self.gamma = gamma
        self.margin = margin
        self.remove_diagonal = remove_diagonal
