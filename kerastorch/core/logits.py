"""What an output layer applied last: the input of a softmax or sigmoid, remembered on its result.

A crossentropy of probabilities is exact, faster and stable when it is computed from the logits. The activations
leave them on the tensor that they return, as `_keras_logits`, with the name of the activation as `_keras_logits_kind`,
so that a loss for the one never reads the logits of the other. A softmax does so only over the last axis.
"""

from __future__ import annotations

from typing import Any

import torch


def remember_logits(output: torch.Tensor, logits: torch.Tensor, kind: str) -> torch.Tensor:
    """Marks `output` as made from `logits`, and returns it.

    Args:
        output: probabilities.
        logits: what they were made from, of the same shape.
        kind: `"softmax"`, over the last axis, or `"sigmoid"`.

    Example:
        >>> x = torch.zeros(1, 2)
        >>> logits_of(remember_logits(torch.softmax(x, -1), x, "softmax"), "softmax") is x
        True
    """
    output._keras_logits = logits  # type: ignore[attr-defined]
    output._keras_logits_kind = kind  # type: ignore[attr-defined]
    return output


def logits_of(output: Any, kind: str) -> torch.Tensor | None:
    """Returns the logits that a softmax or sigmoid left on its result, or None.

    Args:
        output: predictions.
        kind: `"softmax"` or `"sigmoid"`; logits of the other kind do not count.
    """
    return output._keras_logits if getattr(output, "_keras_logits_kind", None) == kind else None


def carry_logits(source: Any, target: torch.Tensor) -> torch.Tensor:
    """Marks `target`, which is `source` in another type or on another device, as `source` is marked.

    Returns:
        `target`.
    """
    kind = getattr(source, "_keras_logits_kind", None)
    if kind is None or target is source:
        return target
    return remember_logits(target, source._keras_logits.to(target), kind)
