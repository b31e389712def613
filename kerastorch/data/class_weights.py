"""Class weights as sample weights."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch

from kerastorch.errors import DataError


class ClassTable:
    """The weights of classes, ready to be looked up: classes without one weigh 1, and are named in one warning.

    Args:
        class_weight: a dictionary of class number and weight.

    Raises:
        DataError: when a key is no class number or a value no number.

    Example:
        >>> ClassTable({0: 1.0, 1: 5.0})(torch.tensor([0, 1, 1]))
        tensor([1., 5., 5.])
    """

    def __init__(self, class_weight: Any) -> None:
        try:
            table = {int(key): float(value) for key, value in class_weight.items()}
        except (AttributeError, TypeError, ValueError) as error:
            raise DataError(
                f"`class_weight` must be a dictionary of class number and weight. Received: {class_weight!r}."
            ) from error
        if any(key < 0 for key in table):
            raise DataError(f"`class_weight` has negative class numbers. Received: {class_weight!r}.")
        self._others = max(table, default=-1) + 1  # all classes beyond the table share its last place
        self._weights = torch.ones(self._others + 1)
        self._missing = torch.ones(self._others + 1, dtype=torch.bool)
        for key, value in table.items():
            self._weights[key] = value
            self._missing[key] = False
        self._warned = False

    def __call__(self, y: torch.Tensor) -> torch.Tensor:
        """Returns the weight of each sample.

        Args:
            y: labels of shape `(samples,)` or `(samples, 1)`, or one-hot rows of shape `(samples, classes)`.

        Raises:
            DataError: when `y` has more than two axes.
        """
        if y.ndim > 2:
            raise DataError(
                f"`class_weight` not supported for targets with more than two axes. Received targets of shape "
                f"{tuple(y.shape)}. Use `sample_weight` with one weight for each step."
            )
        classes = y.argmax(-1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(len(y))
        classes = (classes.round() if classes.is_floating_point() else classes).to(torch.int64)
        places = classes.clamp(-1, self._others)  # -1 is the last place
        if not self._warned:
            self._warn_of_missing(classes, places)
        return self._weights.to(y.device)[places]

    def _warn_of_missing(self, classes: torch.Tensor, places: torch.Tensor) -> None:
        missing = self._missing.to(places.device)[places]
        if missing.any():
            self._warned = True
            found = sorted(set(classes[missing].tolist()))
            shown = ", ".join(map(str, found[:10])) + (" ..." if len(found) > 10 else "")
            warnings.warn(
                f"`class_weight` has no entry for class {shown}: weight 1 is used for them.", stacklevel=4
            )


class ClassWeights:
    """Class weights of all outputs, to be multiplied with the sample weights of each batch.

    Args:
        class_weight: a dictionary of class number and weight; for several outputs a dictionary of output name and
            such a dictionary, or a list of them with None for outputs without class weights.
        names: the names of the outputs.
    """

    def __init__(self, class_weight: Any, names: list[str]) -> None:
        self._given, self._names = class_weight, names
        self._tables: dict[Any, ClassTable] = {}

    def __call__(self, y: Any, sample_weight: Any) -> Any:
        """Returns sample weights that hold class weights and given sample weights multiplied.

        Args:
            y: the targets: a tensor, or a list or dictionary of tensors.
            sample_weight: None, a tensor, or a structure like `y`.

        Raises:
            DataError: when the class weights do not fit the outputs.
        """
        if not isinstance(y, (list, tuple, dict)):
            return _times(self._table(self._of_one_output(), "")(y), sample_weight)
        keys = list(y) if isinstance(y, dict) else list(range(len(y)))
        labels = keys if isinstance(y, dict) else (self._names if len(self._names) == len(keys) else keys)
        per_output = _per_output(self._given, labels, len(keys))
        weights = {}
        for key, label in zip(keys, labels, strict=True):
            given = sample_weight
            if isinstance(sample_weight, Mapping):
                given = sample_weight.get(label, sample_weight.get(key))
            elif isinstance(sample_weight, (list, tuple)):
                given = sample_weight[keys.index(key)]
            table = per_output.get(label)
            weights[key] = given if table is None else _times(self._table(table, label)(y[key]), given)
        return weights if isinstance(y, dict) else [weights[k] for k in keys]

    def _of_one_output(self) -> Any:
        given = self._given
        by_name = isinstance(given, Mapping) and set(given) <= set(self._names)
        if by_name and all(isinstance(value, Mapping) for value in given.values()):
            return given[self._names[0]]
        return given

    def _table(self, class_weight: Any, label: Any) -> ClassTable:
        if label not in self._tables:
            self._tables[label] = ClassTable(class_weight)
        return self._tables[label]


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
