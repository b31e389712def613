"""Crossentropies: functions `(y_true, y_pred) -> one value per sample`, from probabilities or logits.

Legend: B batch, C classes, `...` any further axes. Where the predictions are probabilities that a softmax or sigmoid of
this library has just made, the loss is computed from that activation's input (see `kerastorch.core.logits`).
"""

from __future__ import annotations

import warnings

import torch

from kerastorch.config import epsilon
from kerastorch.core import crossentropy as core
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.losses.inputs import check_labels, label_error, loss_function
from kerastorch.registry import builtin


def check_axis(axis: int) -> None:
    """Checks that the axis of the classes is a number.

    Raises:
        InvalidArgumentError: for True and False.
    """
    if isinstance(axis, bool):
        raise InvalidArgumentError(
            f"`axis` must be of type `int`. Received: axis={axis} of type {type(axis)}."
        )


def warn_single_class(name: str, y_pred: torch.Tensor) -> None:
    """Warns when predictions for a loss over classes have one class, for which the loss is always zero."""
    if y_pred.shape[-1] == 1:
        warnings.warn(
            f"In loss {name}, expected y_pred.shape to be (batch_size, num_classes) with num_classes > 1. Received: "
            f"y_pred.shape={tuple(y_pred.shape)}. Consider using 'binary_crossentropy' if you only have 2 classes.",
            SyntaxWarning,
            stacklevel=4,
        )


def smooth_binary(y_true: torch.Tensor, label_smoothing: float) -> torch.Tensor:
    """Returns targets of 0 and 1 moved towards one half."""
    if not label_smoothing:
        return y_true
    return y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing


def _smooth_classes(y_true: torch.Tensor, label_smoothing: float) -> torch.Tensor:
    if not label_smoothing:
        return y_true
    return y_true * (1.0 - label_smoothing) + label_smoothing / y_true.shape[-1]


def class_labels(
    y_true: torch.Tensor,
    y_pred: torch.Tensor,
    axis: int = -1,
    name: str = "sparse_categorical_crossentropy",
) -> torch.Tensor:
    """Returns class numbers as int64, in the shape of the predictions without the axis of the classes.

    Args:
        y_true: class numbers; the axis of the classes may be there with length one, and any type will do.
        y_pred: predictions with the axis of the classes.
        axis: that axis.
        name: the loss, for the error.

    Raises:
        ShapeError: when the shapes do not fit.
    """
    ndim = y_pred.ndim
    place = axis + ndim if axis < 0 else axis
    if not 0 <= place < ndim:
        raise ShapeError(
            f"The axis {axis} of the classes lies outside of predictions of shape {tuple(y_pred.shape)}."
        )
    if y_true.ndim == ndim + 1 and y_true.shape[-1] == 1:
        y_true = y_true.squeeze(-1)
    if y_true.ndim == ndim and y_true.shape[place] == 1:
        y_true = y_true.squeeze(place)
    expected = y_pred.shape[:place] + y_pred.shape[place + 1 :]
    if y_true.shape != expected:
        hint = " For one-hot targets use `categorical_crossentropy`." if y_true.shape == y_pred.shape else ""
        raise ShapeError(
            f"The targets of the loss {name!r} must be class numbers, with the shape of the predictions without the "
            f"class axis: {tuple(expected)}. Received: y_true.shape={tuple(y_true.shape)}, "
            f"y_pred.shape={tuple(y_pred.shape)}.{hint}"
        )
    return y_true if y_true.dtype is torch.int64 else y_true.long()


def explain_label_error(y_pred: torch.Tensor, axis: int, error: Exception) -> None:
    """Raises a clear error in place of torch's where a label is no class number, and returns for other errors.

    Raises:
        InvalidArgumentError: when the label is out of bounds.
    """
    if "out of bounds" in str(error):
        raise label_error("sparse_categorical_crossentropy", y_pred, axis, f"({error})") from error


@builtin("keras.losses", "bce", "BCE")
@loss_function(same_shape=True)
def binary_crossentropy(
    y_true: torch.Tensor,
    y_pred: torch.Tensor,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> torch.Tensor:
    """Returns the mean crossentropy of yes-or-no predictions over an axis.

    Args:
        y_true: targets in [0, 1], of shape `(B, ..., C)`.
        y_pred: predictions of the same shape.
        from_logits: whether the predictions are logits rather than probabilities. Probabilities are kept
            `epsilon()` away from 0 and 1.
        label_smoothing: how far targets move towards one half, in [0, 1]; 0 by default.
        axis: the axis to average over, the last one by default.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes differ.

    Example:
        >>> binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]])
        tensor([0.6931])

    Source: `torch.nn.functional.binary_cross_entropy_with_logits`.
    """
    y_true = smooth_binary(y_true, label_smoothing)
    return core.binary(y_true, y_pred, from_logits).mean(axis)


@builtin("keras.losses")
@loss_function(same_shape=True)
def categorical_crossentropy(
    y_true: torch.Tensor,
    y_pred: torch.Tensor,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> torch.Tensor:
    """Returns the crossentropy of class probabilities with one-hot or soft targets.

    Args:
        y_true: probabilities of the classes, of shape `(B, ..., C)`.
        y_pred: predictions of the same shape.
        from_logits: whether the predictions are logits rather than probabilities. Probabilities are scaled to the
            sum 1 and kept `epsilon()` away from 0 and 1.
        label_smoothing: the share of the targets, in [0, 1], that is spread over all classes; 0 by default.
        axis: the axis of the classes, the last one by default.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes differ.
        InvalidArgumentError: when `axis` is True or False.

    Example:
        >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        tensor([0.6931])

    Source: `torch.nn.functional.cross_entropy`.
    """
    check_axis(axis)
    warn_single_class("categorical_crossentropy", y_pred)
    y_true = _smooth_classes(y_true, label_smoothing)
    return core.categorical(y_true, y_pred, from_logits, axis)


@builtin("keras.losses")
@loss_function(keep_labels=True)
def sparse_categorical_crossentropy(
    y_true: torch.Tensor,
    y_pred: torch.Tensor,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> torch.Tensor:
    """Returns the crossentropy of class probabilities with class numbers as targets.

    Args:
        y_true: class numbers of shape `(B, ...)` or `(B, ..., 1)`, of any integer or float type.
        y_pred: predictions of shape `(B, ..., C)`.
        from_logits: whether the predictions are logits rather than probabilities. Probabilities are scaled to the
            sum 1 and kept `epsilon()` away from 0 and 1.
        ignore_class: a class number whose samples have loss 0 and do not count in a mean; None for none.
        axis: the axis of the classes, the last one by default.

    Returns:
        A tensor of shape `(B, ...)`; with `ignore_class` it has a mask.

    Raises:
        ShapeError: when the shapes do not fit.
        InvalidArgumentError: when a label is no class number (on a CPU; a GPU stops with torch's own error).

    Example:
        >>> sparse_categorical_crossentropy([1], [[0.5, 0.5]])
        tensor([0.6931])

    Source: `torch.nn.functional.cross_entropy`.
    """
    labels = class_labels(y_true, y_pred, axis)
    if ignore_class is None:
        return _sparse(labels, y_pred, from_logits, axis)
    counts = labels != ignore_class
    losses = _sparse(torch.where(counts, labels, 0), y_pred, from_logits, axis)
    losses = torch.where(counts, losses, 0.0)
    losses._keras_mask = counts  # type: ignore[attr-defined]
    return losses


def _sparse(labels: torch.Tensor, y_pred: torch.Tensor, from_logits: bool, axis: int) -> torch.Tensor:
    try:
        return core.sparse(labels, y_pred, from_logits, axis)
    except (IndexError, RuntimeError) as error:
        explain_label_error(y_pred, axis, error)
        raise


@builtin("keras.losses")
@loss_function(same_shape=True)
def binary_focal_crossentropy(
    y_true: torch.Tensor,
    y_pred: torch.Tensor,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> torch.Tensor:
    """Returns the mean binary crossentropy over an axis, with less weight on what is easy to predict.

    Args:
        y_true: targets in [0, 1], of shape `(B, ..., C)`.
        y_pred: predictions of the same shape.
        apply_class_balancing: whether targets of 1 weigh `alpha` and targets of 0 weigh `1 - alpha`.
        alpha: that weight, 0.25 by default.
        gamma: the power of the error that is the weight, 2 by default; 0 is the plain crossentropy.
        from_logits: whether the predictions are logits rather than probabilities.
        label_smoothing: how far targets move towards one half, in [0, 1]; 0 by default.
        axis: the axis to average over, the last one by default.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes differ.

    Example:
        >>> binary_focal_crossentropy([[1.0]], [[0.5]])
        tensor([0.1733])

    Source: Lin et al., "Focal Loss for Dense Object Detection" (2017).
    """
    y_true = smooth_binary(y_true, label_smoothing)
    if from_logits:
        y_pred = y_pred.sigmoid()
    right = y_true * y_pred + (1.0 - y_true) * (1.0 - y_pred)
    wrong = 1.0 - right
    if gamma < 1.0:  # the slope of a root is infinite at 0
        wrong = wrong.clamp(min=epsilon())
    losses = wrong**gamma * core.binary_from_probabilities(y_true, y_pred)
    if apply_class_balancing:
        losses = (y_true * alpha + (1.0 - y_true) * (1.0 - alpha)) * losses
    return losses.mean(axis)


@builtin("keras.losses")
@loss_function(same_shape=True)
def categorical_focal_crossentropy(
    y_true: torch.Tensor,
    y_pred: torch.Tensor,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> torch.Tensor:
    """Returns the categorical crossentropy with less weight on what is easy to predict.

    Args:
        y_true: probabilities of the classes, of shape `(B, ..., C)`.
        y_pred: predictions of the same shape.
        alpha: the weight of the loss, or one weight per class; 0.25 by default.
        gamma: the power of the error that is the weight, 2 by default.
        from_logits: whether the predictions are logits rather than probabilities.
        label_smoothing: the share of the targets, in [0, 1], that is spread over all classes; 0 by default.
        axis: the axis of the classes, the last one by default.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes differ.
        InvalidArgumentError: when `axis` is True or False.

    Example:
        >>> categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        tensor([0.0433])

    Source: Lin et al., "Focal Loss for Dense Object Detection" (2017).
    """
    check_axis(axis)
    warn_single_class("categorical_focal_crossentropy", y_pred)
    y_true = _smooth_classes(y_true, label_smoothing)
    output = core.scaled(y_pred.softmax(axis) if from_logits else y_pred, axis)
    weight = torch.as_tensor(alpha, dtype=output.dtype, device=output.device) * (1.0 - output) ** gamma
    return -(weight * y_true * output.log()).sum(axis)


@builtin("keras.losses")
@loss_function(keep_labels=True)
def categorical_generalized_cross_entropy(
    y_true: torch.Tensor, y_pred: torch.Tensor, q: float
) -> torch.Tensor:
    """Returns `(1 - p**q) / q` for the probability `p` of the right class, which noisy labels harm less.

    Args:
        y_true: class numbers of shape `(B, ...)` or `(B, ..., 1)`, of any integer or float type.
        y_pred: probabilities of shape `(B, ..., C)`.
        q: the power, in (0, 1): near 0 the loss is the crossentropy, near 1 the absolute error.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes do not fit.
        InvalidArgumentError: when a label is no class number (looked for on a CPU only).

    Example:
        >>> categorical_generalized_cross_entropy([1], [[0.75, 0.25]], q=0.5)
        tensor([1.])

    Source: Zhang and Sabuncu, "Generalized Cross Entropy Loss" (2018).
    """
    labels = class_labels(y_true, y_pred, name="categorical_generalized_cross_entropy").unsqueeze(-1)
    check_labels("categorical_generalized_cross_entropy", labels, y_pred)
    logits = core.class_logits(y_pred, False, -1)
    if logits is not None:
        return -(q * logits.log_softmax(-1).gather(-1, labels).squeeze(-1)).expm1() / q
    p = y_pred.gather(-1, labels).squeeze(-1)
    # The slope at 0 is infinite: there the loss is its largest value, 1 / q, without a slope.
    power = torch.where(p == 0, 0.0, torch.where(p == 0, 1.0, p) ** q)
    return (1.0 - power) / q
