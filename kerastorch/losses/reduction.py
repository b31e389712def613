"""From one value per sample to the loss: weights, masks and the reduction."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.errors import InvalidArgumentError, ShapeError, did_you_mean
from kerastorch.losses.inputs import as_tensor, can_look, squeeze_or_expand_to_same_rank

# The reductions that are a plain mean when there are neither weights nor masks.
AVERAGES = frozenset({"sum_over_batch_size", "mean", "mean_with_sample_weight"})
_ALLOWED = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)


class Reduction:
    """The names of the reductions, as Keras 2 writes them.

    Example:
        >>> Reduction.SUM
        'sum'

    Source: `tf_keras.losses.Reduction`.
    """

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """Returns every reduction of Keras 2."""
        return (cls.AUTO, cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE)

    @classmethod
    def validate(cls, key: str) -> None:
        """Checks a reduction.

        Raises:
            InvalidArgumentError: when it is none of `Reduction.all()`.
        """
        if key not in cls.all():
            raise InvalidArgumentError(f"Invalid Reduction Key: {key!r}. Expected one of {cls.all()}.")


def is_reduction(name: str | None) -> bool:
    """Returns whether a string is the name of a reduction."""
    return name is not None and (name == Reduction.AUTO or name in _ALLOWED)


def standardize_reduction(reduction: str | None) -> str | None:
    """Returns the reduction after checking it; `"auto"` of Keras 2 is `"sum_over_batch_size"`.

    Raises:
        InvalidArgumentError: for anything else.
    """
    if reduction == Reduction.AUTO:
        return Reduction.SUM_OVER_BATCH_SIZE
    if reduction not in _ALLOWED:
        names = [name for name in _ALLOWED if name]
        raise InvalidArgumentError(
            f"Invalid value for argument `reduction`. Expected one of {list(_ALLOWED)}. "
            f"Received: reduction={reduction!r}.{did_you_mean(str(reduction), names)}"
        )
    return reduction


def reduce_values(
    values: torch.Tensor,
    sample_weight: torch.Tensor | None = None,
    reduction: str | None = "sum_over_batch_size",
) -> torch.Tensor:
    """Returns the sum or mean of weighted values, or the values themselves.

    Args:
        values: weighted values; a scalar is returned as it is.
        sample_weight: the weights, whose sum divides for `"mean_with_sample_weight"`.
        reduction: how to reduce; see `Loss`.

    Raises:
        ShapeError: when there are no values to reduce.
    """
    if reduction is None or reduction == "none" or values.ndim == 0:
        return values
    if values.numel() == 0:
        raise ShapeError(
            f"The batch is empty: there are no values to reduce by {reduction!r}. Expected at least one sample. "
            f"Received values of shape {tuple(values.shape)}."
        )
    if reduction == "sum":
        return values.sum()
    if reduction == "mean_with_sample_weight" and sample_weight is not None:
        total = sample_weight.sum().to(values.dtype)
        return torch.where(total == 0, 0.0, values.sum() / torch.where(total == 0, 1.0, total))
    return values.mean()


def reduce_weighted_values(
    values: Any,
    sample_weight: Any = None,
    mask: Any = None,
    reduction: str | None = "sum_over_batch_size",
    dtype: torch.dtype | None = None,
) -> torch.Tensor:
    """Returns the loss for values per sample, weights and a mask.

    Args:
        values: one value per sample, or per sample and step.
        sample_weight: weights that broadcast against `values`, or one weight per leading axis; None for 1.
        mask: True where values count. Means are over the entries that count.
        reduction: how to reduce; see `Loss`.
        dtype: the type to compute in; None keeps that of `values`.

    Raises:
        ShapeError: when the weights or the mask do not fit the values, or there are no values to reduce.
        InvalidArgumentError: when a weight is negative (looked for on a CPU only).
    """
    values = as_tensor(values, dtype)
    dtype = values.dtype
    weight = None if sample_weight is None else as_tensor(sample_weight, dtype, values.device)
    if weight is not None:
        check_weights(weight)
    if mask is not None:
        weight = _apply_mask(weight, as_tensor(mask, None, values.device), dtype, reduction)
    if weight is not None:
        values, weight = _align(values, weight)
        values = values * weight
    return reduce_values(values, weight, reduction)


def check_weights(weight: torch.Tensor) -> None:
    """Checks that no sample weight is negative, on a CPU: on a GPU looking would mean to wait for it.

    Raises:
        InvalidArgumentError: when one is.
    """
    if can_look(weight) and weight.min().item() < 0:
        raise InvalidArgumentError(
            f"Sample weights must not be negative. Received a weight of {weight.min().item():.6g} among weights of "
            f"shape {tuple(weight.shape)}. Where signed factors are meant, such as the advantages of a policy "
            "gradient, multiply by them in a loss function of your own."
        )


def _apply_mask(
    weight: torch.Tensor | None, mask: torch.Tensor, dtype: torch.dtype, reduction: str | None
) -> torch.Tensor:
    """The weights times the mask, scaled so that a mean over all entries is one over those that count."""
    counted = mask.to(dtype)
    if reduction in ("mean", "sum_over_batch_size"):
        counted = torch.where(mask != 0, mask.numel() / counted.sum(), 0.0)
    if weight is None:
        return counted
    counted, weight = _align(counted, weight)
    return weight * counted


def _align(values: torch.Tensor, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Values and weights that broadcast: weights of the leading axes get further axes of length one."""
    values, weight = squeeze_or_expand_to_same_rank(values, weight)
    if weight.shape == values.shape:
        return values, weight
    if 0 < weight.ndim < values.ndim and weight.shape == values.shape[: weight.ndim]:
        weight = weight.reshape(*weight.shape, *[1] * (values.ndim - weight.ndim))
    fits = values.ndim == 0 or weight.ndim <= values.ndim
    fits = fits and all(
        w in (1, v) or v == 1 for w, v in zip(weight.shape[::-1], values.shape[::-1], strict=False)
    )
    if not fits:
        raise ShapeError(
            f"The sample weights or the mask, of shape {tuple(weight.shape)}, do not fit a loss with values of shape "
            f"{tuple(values.shape)}. Expected the shape of the values, or of their leading axes."
        )
    return values, weight
