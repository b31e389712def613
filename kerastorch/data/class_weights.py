"""Class weights as sample weights."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch

from kerastorch.errors import DataError


def sample_weights(class_weight: Mapping, y: torch.Tensor) -> torch.Tensor:
    """Returns the weight of each sample: that of its class, 1 for classes without one.

    Args:
        class_weight: a dictionary of class number and weight.
        y: labels of shape `(samples,)` or `(samples, 1)`, or one-hot rows of shape `(samples, classes)`.

    Raises:
        DataError: when a key is no class number, or `y` has more than two axes.

    Example:
        >>> sample_weights({0: 1.0, 1: 5.0}, torch.tensor([0, 1, 1]))
        tensor([1., 5., 5.])
    """
    if y.ndim > 2:
        raise DataError(
            f"`class_weight` not supported for targets with more than two axes. Received targets of shape "
            f"{tuple(y.shape)}. Use `sample_weight` with one weight for each step."
        )
    try:
        table = {int(key): float(value) for key, value in class_weight.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise DataError(
            f"`class_weight` must be a dictionary of class number and weight. Received: {class_weight!r}."
        ) from error
    if any(key < 0 for key in table):
        raise DataError(f"`class_weight` has negative class numbers. Received: {class_weight!r}.")
    classes = y.argmax(-1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(len(y))
    classes = (classes.round() if classes.is_floating_point() else classes).to(torch.int64)
    size = max([*table, int(classes.max()) if classes.numel() else 0]) + 1
    lookup = torch.ones(size, device=y.device)
    for key, value in table.items():
        lookup[key] = value
    _warn_of_missing(table, classes)
    return lookup[classes]


def _warn_of_missing(table: dict[int, float], classes: torch.Tensor) -> None:
    missing = sorted(set(torch.unique(classes).tolist()) - set(table))
    if missing:
        shown = ", ".join(map(str, missing[:10])) + (" ..." if len(missing) > 10 else "")
        warnings.warn(
            f"`class_weight` has no entry for class {shown}: weight 1 is used for them.", stacklevel=3
        )


def merge(class_weight: Any, y: Any, sample_weight: Any, names: list[str]) -> Any:
    """Returns sample weights that hold class weights and given sample weights multiplied.

    Args:
        class_weight: a dictionary of class number and weight; for several outputs a dictionary of output name and
            such a dictionary, or a list of them with None for outputs without class weights.
        y: the targets: a tensor, or a list or dictionary of tensors.
        sample_weight: None, a tensor, or a structure like `y`.
        names: the names of the outputs.

    Raises:
        DataError: when the class weights do not fit the outputs.
    """
    if not isinstance(y, (list, tuple, dict)):
        table = class_weight
        if (
            isinstance(table, Mapping)
            and set(table) <= set(names)
            and all(isinstance(v, Mapping) for v in table.values())
        ):
            table = table[names[0]]
        return _times(sample_weights(table, y), sample_weight)
    keys = list(y) if isinstance(y, dict) else list(range(len(y)))
    labels = keys if isinstance(y, dict) else (names if len(names) == len(keys) else keys)
    per_output = _per_output(class_weight, labels, len(keys))
    weights = {}
    for key, label in zip(keys, labels, strict=True):
        given = sample_weight
        if isinstance(sample_weight, Mapping):
            given = sample_weight.get(label, sample_weight.get(key))
        elif isinstance(sample_weight, (list, tuple)):
            given = sample_weight[keys.index(key)]
        table = per_output.get(label)
        weights[key] = given if table is None else _times(sample_weights(table, y[key]), given)
    return weights if isinstance(y, dict) else [weights[k] for k in keys]


def _per_output(class_weight: Any, labels: list, count: int) -> dict:
    if isinstance(class_weight, (list, tuple)) and len(class_weight) == count:
        return dict(zip(labels, class_weight, strict=True))
    if isinstance(class_weight, Mapping) and set(class_weight) <= set(labels):
        return dict(class_weight)
    raise DataError(
        f"The model has {count} outputs {labels}: `class_weight` must be a dictionary of output name and class "
        f"weights, or a list with an entry for each output. Received: {class_weight!r}."
    )


def _times(weights: torch.Tensor, given: Any) -> torch.Tensor:
    if given is None:
        return weights
    given = torch.as_tensor(given, device=weights.device)
    return given * weights.reshape(weights.shape + (1,) * (given.ndim - 1))
