"""Label sequences that are not lined up with their frames (connectionist temporal classification).

Legend: B batch, T frames, L labels of the longest sequence, C classes, one of which, the blank, stands for no label.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn._reduction import get_enum

from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.ops.base import indices, op, tensor
from kerastorch.ops.nn.beams import best_paths
from kerastorch.ops.promotion import result_dtype

_nn = op("keras.ops.nn")
_EACH = get_enum("none")  # how functions of the namespace `torch` are told to keep the loss of each sample


def _in_float32(x: Any) -> torch.Tensor:
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    return x if x.dtype is torch.float32 else x.to(result_dtype(x.dtype, torch.float32))


@_nn
def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> Any:
    """Returns minus the log probability of label sequences, over all ways to spread the labels over the frames.

    Args:
        target: class numbers, (B, L), padded.
        output: logits, (B, T, C).
        target_length: how many labels of each sequence count, (B,).
        output_length: how many frames of each sample count, (B,).
        mask_index: the class number of the blank.

    Returns:
        A tensor (B,), in float32; infinite where a sequence has more labels than frames.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> ctc_loss([[1]], torch.zeros(1, 2, 3), [1], [2])
        tensor([1.0986])

    Source: `keras.ops.ctc_loss`, `torch.nn.functional.ctc_loss`; Graves et al., 2006.
    """
    if not isinstance(output, torch.Tensor) or output.dtype is not torch.float32:
        output = _in_float32(output)
    device = output.device
    target, target_length = indices(target, device), indices(target_length, device)
    output_length = indices(output_length, device)
    if target.ndim != 2 or output.ndim != 3:
        raise _misfit(target, output, target_length)
    logs = output.transpose(0, 1).log_softmax(-1)
    if output.is_meta or not target_length.numel():  # torch has a rule for neither
        if not target.shape[:1] == output.shape[:1] == target_length.shape:
            raise _misfit(target, output, target_length)
        return logs.new_empty(target_length.shape)
    try:
        return torch.ctc_loss(logs, target, output_length, target_length, mask_index, _EACH)
    except RuntimeError as error:
        if not target.shape[:1] == output.shape[:1] == target_length.shape:
            raise _misfit(target, output, target_length) from error
        raise


def _misfit(target: torch.Tensor, output: torch.Tensor, target_length: torch.Tensor) -> ShapeError:
    return ShapeError(
        "`target` of shape (batch, labels), `output` of shape (batch, frames, classes) and both lengths must have "
        f"the same first dimension. Received: target.shape={tuple(target.shape)}, "
        f"output.shape={tuple(output.shape)}, target_length.shape={tuple(target_length.shape)}."
    )


@_nn
def ctc_decode(
    inputs: Any,
    sequence_lengths: Any,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int | None = 0,
) -> Any:
    """Returns the label sequences that frames most likely stand for.

    Args:
        inputs: logits, (B, T, C).
        sequence_lengths: how many frames of each sample count, (B,).
        strategy: `"greedy"` takes the best class of each frame; `"beam_search"` sums over the ways to spread labels,
            and looks for the best sequences among the best beginnings.
        beam_width: how many beginnings the beam search keeps.
        top_paths: how many sequences it returns.
        merge_repeated: whether a class that the greedy strategy finds in frames one after the other is one label.
        mask_index: the class number of the blank; None takes the last.

    Returns:
        A tuple of the sequences, (P, B, T) where P is `top_paths` or 1, padded with -1, and scores: for the beam search
        the log probabilities, (B, P); else minus the sum of the largest logits, (B, 1).

    Raises:
        InvalidArgumentError: when there is no such strategy.

    Example:
        >>> labels, score = ctc_decode([[[0.0, 5.0], [4.0, 0.0], [0.0, 3.0]]], [3])
        >>> labels.tolist(), score.tolist()
        ([[[1, 1, -1]]], [[-12.0]])

    Source: `keras.ops.ctc_decode`; Graves et al., 2006.
    """
    if strategy not in ("greedy", "beam_search"):
        raise InvalidArgumentError(
            f"Invalid strategy {strategy}. Supported values are 'greedy' and 'beam_search'."
        )
    x = _in_float32(inputs)
    lengths = indices(sequence_lengths, x.device)
    blank = x.shape[-1] - 1 if mask_index is None else mask_index
    if x.is_meta:
        (batch, frames), count = x.shape[:2], 1 if strategy == "greedy" else top_paths
        return x.new_empty((count, batch, frames), dtype=torch.int32), x.new_empty((batch, count))
    if strategy == "greedy":
        return _greedy(x, lengths, merge_repeated, blank)
    return best_paths(x.log_softmax(-1), lengths, blank, beam_width, top_paths)


def _greedy(
    x: torch.Tensor, lengths: torch.Tensor, merge_repeated: bool, blank: int
) -> tuple[torch.Tensor, torch.Tensor]:
    scores, labels = x.amax(-1), x.argmax(-1)
    steps = torch.arange(x.shape[1], device=x.device)
    counts = steps < lengths.unsqueeze(1)
    kept = counts & (labels != blank)
    if merge_repeated:
        again = torch.zeros_like(kept)
        again[:, 1:] = labels[:, 1:] == labels[:, :-1]
        kept = kept & ~again
    order = torch.argsort(torch.where(kept, steps, x.shape[1]), dim=-1, stable=True)
    labels = torch.where(kept, labels, -1).gather(1, order)
    return labels.to(torch.int32).unsqueeze(0), -torch.where(counts, scores, 0).sum(1, keepdim=True)
