"""The compile arguments as one flat plan for the outputs of a model: which loss and metrics, on which target."""

from __future__ import annotations

import functools
import numbers
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

import torch

from kerastorch import tree
from kerastorch.errors import CompileError, DataError, KerasTorchError
from kerastorch.metrics.foreign import is_torchmetric
from kerastorch.metrics.metric import Metric
from kerastorch.metrics.reduction import Mean
from kerastorch.training.identifiers import MetricByShape, loss_for_shapes, make_losses, make_metric
from kerastorch.training.outputs import Outputs, Path, at


class LossTracker(Mean):
    """The mean of a loss over the samples seen."""

    def add(self, value: torch.Tensor, samples: int) -> None:
        """Adds a batch's loss; call it without gradients, and with the value on the tracker's device."""
        if value.device != self.total.device:
            self.to(value.device)
        self.total.add_(value, alpha=samples)
        self.count.add_(samples)


@dataclass
class Target:
    """What is done with one output: where it and its target lie, its loss, its metrics."""

    name: str
    path: Path
    loss: Any = None
    weight: float | None = None
    metrics: list[Metric] = field(default_factory=list)
    weighted_metrics: list[Metric] = field(default_factory=list)
    tracker: LossTracker | None = None
    y_path: Any = None


def _one_loss(value: Any) -> bool:
    return not isinstance(value, (list, tuple, dict)) or _is_config(value)


def _one_metric(value: Any) -> bool:
    return not isinstance(value, (list, tuple, dict)) or _is_config(value)


def _metric_list(value: Any) -> bool:
    """Whether a value is all the metrics of one output: a metric or a flat list of them."""
    return _one_metric(value) or (isinstance(value, (list, tuple)) and all(_one_metric(v) for v in value))


def _is_config(value: Any) -> bool:
    return isinstance(value, dict) and "class_name" in value


def _is_number(value: Any) -> bool:
    return not isinstance(value, (list, tuple, dict))


def _one_for_each(losses: Any, weights: Any) -> bool:
    """Whether an output has several losses and as many weights."""
    return (
        isinstance(losses, (list, tuple))
        and isinstance(weights, (list, tuple))
        and len(losses) == len(weights)
    )


class Plan:
    """Losses and metrics for the outputs of one model.

    Args:
        outputs: the model's outputs.
        loss: the argument of `compile`.
        loss_weights: the argument of `compile`.
        metrics: the argument of `compile`.
        weighted_metrics: the argument of `compile`.
        dialect: `"keras"` gives the first of a flat list of metrics to the first output and so on, `"tf_keras"` gives
            each metric to each output.

    Raises:
        CompileError: when the arguments do not fit; it lists every fault.
    """

    def __init__(
        self,
        outputs: Outputs,
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        dialect: str = "keras",
    ) -> None:
        self.outputs, self._dialect = outputs, dialect
        self.targets = [Target(name, path) for name, path in zip(outputs.names, outputs.paths, strict=True)]
        faults: list[str] = []
        self._set_losses(loss, loss_weights, faults)
        self._set_metrics(metrics, "metrics", faults)
        self._set_metrics(weighted_metrics, "weighted_metrics", faults)
        if faults:
            raise CompileError(describe_faults(faults), faults)
        self._located: Any = None  # the outline of the targets for which the places below are right
        self._name_metrics()

    # From arguments ------------------------------------------------------------------------------------------------

    def _set_losses(self, loss: Any, loss_weights: Any, faults: list[str]) -> None:
        if len(self.targets) == 1 and isinstance(loss, (list, tuple)) and len(loss) == 1:
            loss = loss[0]
        losses = self.outputs.spread(loss, "loss", faults, _one_loss)
        if isinstance(loss_weights, numbers.Real) and len(self.targets) > 1:
            faults.append(
                f"`loss_weights` is the number {loss_weights}, but the model has {len(self.targets)} outputs: "
                f"{self.outputs.names}. Expected a list with one weight for each output, or a dictionary by name."
            )
            loss_weights = None
        if loss_weights is not None and not isinstance(loss_weights, (numbers.Real, list, tuple, dict)):
            faults.append(
                f"`loss_weights` must be a number, a list or a dictionary. Received: {loss_weights!r}."
            )
            loss_weights = None
        weights = self.outputs.spread(loss_weights, "loss_weights", faults, _is_number)
        for target, identifier, weight in zip(self.targets, losses, weights, strict=True):
            apart = _one_for_each(identifier, weight)
            make = functools.partial(make_losses, weights=weight) if apart else make_losses
            target.loss = _made(make, identifier, "loss", target.name, faults)
            if not apart and not isinstance(weight, (numbers.Real, torch.Tensor, NoneType)):
                faults.append(
                    f"The loss weight of output {target.name!r} must be a number, or a list with one for each of its "
                    f"losses. Received: {weight!r}."
                )
            target.weight = None if apart else weight
        self._trackers()

    def _trackers(self) -> None:
        with_loss = [t for t in self.targets if t.loss is not None]
        if len(with_loss) > 1:
            for target in with_loss:
                target.tracker = LossTracker(name=f"{target.name}_loss")

    def _set_metrics(self, value: Any, what: str, faults: list[str]) -> None:
        if value is None or (isinstance(value, (list, tuple, dict)) and not value):
            return
        per_output = self._spread_metrics(value, what, faults)
        for target, identifiers in zip(self.targets, per_output, strict=True):
            chosen = identifiers if isinstance(identifiers, (list, tuple)) else [identifiers]
            for identifier in chosen:
                if identifier is not None:
                    metric = _made(make_metric, identifier, what, target.name, faults)
                    if metric is not None:
                        getattr(target, what).append(metric)

    def _spread_metrics(self, value: Any, what: str, faults: list[str]) -> list[Any]:
        count = len(self.targets)
        if count == 1 and not (isinstance(value, dict) and not _is_config(value)):
            flat = [value] if _one_metric(value) else _flat(value)
            return [flat]
        if _one_metric(value):
            return [[value]] + [[_again(value, what, faults)] for _ in range(count - 1)]
        if isinstance(value, (list, tuple)) and all(_one_metric(v) for v in value):
            with_gaps = any(v is None for v in value)
            if len(value) == count and (with_gaps or self._dialect == "keras"):
                if not with_gaps:
                    self._warn_of_flat_list(value, what)
                return [[v] for v in value]
            if not with_gaps:
                return [list(value)] + [[_again(v, what, faults) for v in value] for _ in range(count - 1)]
        return self.outputs.spread(value, what, faults, _metric_list)

    def _warn_of_flat_list(self, value: Any, what: str) -> None:
        pairs = ", ".join(f"{m!r} to {n!r}" for m, n in zip(value, self.outputs.names, strict=True))
        warnings.warn(
            f"`{what}` is a flat list with one entry for each output: as in Keras 3, each goes to one ({pairs}). "
            "Keras 2 gave each to each output: write `config.set_dialect('tf_keras')` for that, or a list of lists "
            "to be clear.",
            stacklevel=2,
        )

    def _name_metrics(self) -> None:
        """Gives every value in the logs a name of its own, as Keras does."""
        self.entries: list[tuple[str, Metric]] = []
        several = len(self.targets) > 1
        used: dict[str, int] = {}
        for target in self.targets:
            if target.tracker is not None:
                self.entries.append((target.tracker.name, target.tracker))
        for kind in ("metrics", "weighted_metrics"):
            for target in self.targets:
                prefix = f"{target.name}_" if several else ""
                for metric in getattr(target, kind):
                    name = f"{prefix}{metric.name}"
                    if name in used and kind == "weighted_metrics":
                        name = f"{prefix}weighted_{metric.name}"
                    if name in used:
                        used[name] += 1
                        name = f"{name}_{used[name] - 1}"
                    used.setdefault(name, 1)
                    self.entries.append((name, metric))

    @property
    def metrics(self) -> list[Metric]:
        """The trackers of the losses, then the metrics, in the order of the logs."""
        return [metric for _, metric in self.entries]

    @property
    def has_loss(self) -> bool:
        """Whether any output has a loss."""
        return any(t.loss is not None for t in self.targets)

    # On data -------------------------------------------------------------------------------------------------------

    def places(self, y: Any) -> list[Path | None]:
        """Returns where the targets of each output lie in the targets, None for outputs that need none.

        Raises:
            DataError: when the targets do not fit the outputs; it lists every fault.
        """
        needed = [t.loss is not None or bool(t.metrics or t.weighted_metrics) for t in self.targets]
        faults: list[str] = []
        if y is None and any(needed):
            faults.append("The model needs targets for its losses and metrics. Received: y=None.")
        paths: list[Path | None] = (
            [None] * len(needed) if faults else self.outputs.locate(y, needed, "y", faults)
        )
        if faults:
            raise DataError(describe_faults(faults, "The targets do not fit the outputs of the model"))
        return paths

    def locate(self, y: Any, y_pred: Any) -> None:
        """Finds the targets of each output in the first batch and makes what depends on shapes.

        Raises:
            DataError: when the targets do not fit the outputs; it lists every fault.
        """
        paths = self.places(y)
        for target, path in zip(self.targets, paths, strict=True):
            target.y_path = path
            if path is not None:
                y_true, output = at(y, path), at(y_pred, target.path)
                target.loss = loss_for_shapes(target.loss, y_true, output)
                for metrics in (target.metrics, target.weighted_metrics):
                    for metric in metrics:
                        if isinstance(metric, MetricByShape):
                            metric.choose(y_true, output)
        self._located = _outline(y)
        self._with_loss = [t for t in self.targets if t.loss is not None]
        self._with_metrics = [
            (
                t,
                at(y_pred, t.path).shape[-1:] == (1,),
                [_fast(m) for m in t.metrics],
                [_fast(m) for m in t.weighted_metrics],
            )
            for t in self.targets
            if t.metrics or t.weighted_metrics
        ]

    def loss(self, y: Any, y_pred: Any, sample_weight: Any = None) -> torch.Tensor | None:
        """Returns the weighted sum of the losses of all outputs, None where no output has one."""
        if self._located != _outline(y):
            self.locate(y, y_pred)
        total = None
        for target in self._with_loss:
            weights = sample_weight if sample_weight is None else self.weights_of(target, sample_weight)
            value = call_loss(target, at(y, target.y_path), at(y_pred, target.path), weights)
            if target.tracker is not None:
                with torch.no_grad():
                    target.tracker.add(value.detach(), len(at(y_pred, target.path)))
            if target.weight is not None:
                value = value * target.weight
            total = value if total is None else total + value
        return total

    def update_metrics(self, y: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Takes a batch into account in all metrics."""
        if self._located != _outline(y):
            self.locate(y, y_pred)
        for target, one_value, metrics, weighted in self._with_metrics:
            y_true, output = at(y, target.y_path), at(y_pred, target.path)
            if one_value and y_true.ndim == output.ndim - 1:  # so that no function broadcasts the targets
                y_true = y_true.unsqueeze(-1)
            try:
                for metric in metrics:
                    metric.update_state(y_true, output)
                if weighted:
                    weights = (
                        sample_weight if sample_weight is None else self.weights_of(target, sample_weight)
                    )
                    for metric in weighted:
                        metric.update_state(y_true, output, sample_weight=weights)
            except (RuntimeError, ValueError, IndexError, TypeError) as error:
                raise _of_output(target, f"the metric {metric.name!r}", y_true, output, error) from error

    def weights_of(self, target: Target, sample_weight: Any) -> Any:
        """Returns the sample weights of one output.

        Raises:
            DataError: when a list of weights has another length than there are outputs.
        """
        if not tree.is_nested(sample_weight):
            return sample_weight
        if isinstance(sample_weight, dict):
            if target.name in sample_weight:
                return sample_weight[target.name]
            if len(target.path) == 1:
                return sample_weight.get(target.path[0])
            return None
        index = self.targets.index(target)
        if len(sample_weight) == len(self.targets):
            return sample_weight[index]
        if len(sample_weight) == 1:
            return sample_weight[0]
        raise DataError(
            f"`sample_weight` is a list of {len(sample_weight)}, but the model has {len(self.targets)} outputs: "
            f"{self.outputs.names}. Expected one array, one for each output, or a dictionary by name."
        )

    def results(self) -> dict[str, Any]:
        """Returns the value of every tracker and metric by its name in the logs."""
        return flat_results(self.entries)


def _outline(y: Any) -> Any:
    """What tells one way of giving targets from another."""
    if type(y) is torch.Tensor:
        return torch.Tensor
    if isinstance(y, dict):
        return tuple(y)
    return len(y) if isinstance(y, (list, tuple)) else type(y)


def flat_results(entries: list[tuple[str, Metric]]) -> dict[str, Any]:
    """Returns the results of named metrics; a metric whose result is a dictionary gives several entries."""
    values: dict[str, Any] = {}
    for name, metric in entries:
        result = metric.result()
        if isinstance(result, dict):
            metric.__dict__["_result_names"] = list(result)
            values.update(result)
        else:
            values[name] = result
    return values


def _fast(metric: Metric) -> Metric:
    """The metric that a string meant, once that is known."""
    return metric.chosen or metric if isinstance(metric, MetricByShape) else metric


def call_loss(target: Target, y_true: Any, output: Any, weights: Any) -> torch.Tensor:
    """Returns the loss of one output; errors name the output, the loss and the shapes.

    Raises:
        DataError: when the loss fails.
    """
    try:
        if weights is None:
            return target.loss(y_true, output)
        return target.loss(y_true, output, sample_weight=weights)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        loss = f"the loss {getattr(target.loss, 'name', target.loss)!r}"
        raise _of_output(target, loss, y_true, output, error) from error


def _of_output(target: Target, what: str, y_true: Any, output: Any, error: Exception) -> Exception:
    """The error with the output, the loss or metric, and the shapes; ours keep their class."""
    text = (
        f"Output {target.name!r}: {what} cannot be computed for targets of shape {tuple(getattr(y_true, 'shape', ()))} "
        f"and dtype {getattr(y_true, 'dtype', None)} and an output of shape {tuple(getattr(output, 'shape', ()))}. "
        f"The error was: {error}"
    )
    return (type(error) if isinstance(error, KerasTorchError) else DataError)(text)


def _made(make: Callable, identifier: Any, what: str, output: str, faults: list[str]) -> Any:
    try:
        return make(identifier)
    except (ValueError, TypeError) as error:
        faults.append(f"`{what}` of output {output!r}: {error}")
        return None


def _again(metric: Any, what: str, faults: list[str]) -> Any:
    """The same metric for another output: an object with state needs a copy of its own."""
    if isinstance(metric, Metric):
        return type(metric).from_config(metric.get_config())
    if is_torchmetric(metric):
        return metric.clone()
    return metric


def _flat(value: Any) -> list:
    leaves: list[Any] = []
    for item in value:
        leaves.extend([item] if _one_metric(item) else _flat(item))
    return leaves


def describe_faults(faults: list[str], head: str = "The arguments of `compile` do not fit the model") -> str:
    """Returns one text for all faults found."""
    unique = list(dict.fromkeys(faults))
    if len(unique) == 1:
        return f"{head}: {unique[0]}"
    return f"{head}, {len(unique)} faults:\n" + "\n".join(
        f"  {i}. {text}" for i, text in enumerate(unique, 1)
    )
