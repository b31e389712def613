"""The loss of sequences whose labels are not lined up with their frames, as a function and a class.

Legend: B batch, T frames, L labels of the longest sequence, C classes, of which class 0 is the blank.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.errors import ShapeError
from kerastorch.losses.inputs import check_labels, loss_function
from kerastorch.losses.loss import BuiltinLoss
from kerastorch.registry import builtin


def _check_shapes(y_true: torch.Tensor, y_pred: torch.Tensor) -> None:
    if y_true.ndim == 2 and y_pred.ndim == 3 and len(y_true) == len(y_pred):
        return
    raise ShapeError(
        "The loss 'ctc' expects targets of shape (batch, labels), padded with 0, and logits of shape (batch, frames, "
        f"classes). Received: y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}."
    )


@builtin("keras.losses")
@loss_function(keep_labels=True)
def ctc(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns minus the log probability of label sequences, over all ways to spread the labels over the frames.

    Args:
        y_true: class numbers of shape `(B, L)`, of any integer or float type. 0 is the blank: it pads shorter
            sequences, and is no class of its own.
        y_pred: logits of shape `(B, T, C)`.

    Returns:
        A tensor of shape `(B,)`, in float32 at least; infinite where a sequence has more labels than frames.

    Raises:
        ShapeError: when the shapes do not fit.
        InvalidArgumentError: when a label is no class number (looked for on a CPU only).

    Example:
        >>> ctc([[1, 0]], torch.zeros(1, 2, 3))
        tensor([1.0986])

    Source: Graves et al., "Connectionist Temporal Classification" (2006); `torch.nn.functional.ctc_loss`.
    """
    _check_shapes(y_true, y_pred)
    check_labels("ctc", y_true, y_pred)
    frames = y_pred.shape[1]
    log_probs = y_pred.transpose(0, 1).log_softmax(-1, dtype=torch.promote_types(y_pred.dtype, torch.float32))
    if y_pred.is_meta or len(y_pred) == 0:  # torch has a rule for neither
        return log_probs.new_empty(len(y_pred))
    input_lengths = torch.full((len(y_pred),), frames, dtype=torch.int64, device=y_pred.device)
    return F.ctc_loss(
        log_probs, y_true.long(), input_lengths, (y_true != 0).sum(-1), blank=0, reduction="none"
    )


@builtin("keras.losses")
class CTC(BuiltinLoss):
    """The loss of sequences whose labels are not lined up with their frames, such as speech and handwriting.

    Args:
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> CTC()([[1, 0]], torch.zeros(1, 2, 3))
        tensor(1.0986)

    Source: Graves et al., "Connectionist Temporal Classification" (2006); `torch.nn.CTCLoss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "ctc",
        dtype: Any = None,
    ) -> None:
        super().__init__(ctc, reduction, name, dtype)
