"""The metrics that layers add themselves, in `call`."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.context import state
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import GraphError, InvalidArgumentError
from kerastorch.metrics.metric import Metric
from kerastorch.metrics.reduction import Mean
from kerastorch.metrics.state import metric_of


class MetricOwner:
    """The part of `Layer` that adds metrics. See `Layer`."""

    _added_metrics: dict[str, Metric]

    def add_metric(self: Any, value: Any, name: str | None = None, aggregation: str | None = "mean") -> None:
        """Reports a value beside the metrics of `compile`; call it inside `call`.

        The mean of the values since the last reset is reported under `name`. What a metric object has returned is
        reported as that metric, under the metric's own name.

        Args:
            value: a tensor or a number, or what a metric object has returned.
            name: the name in the logs; needed unless the value comes from a metric object.
            aggregation: `"mean"`, or None for what a metric object has returned; both mean the same.

        Raises:
            InvalidArgumentError: when there is no name, or the aggregation is unknown.
            GraphError: for a symbolic tensor, which only models with a graph take.

        Source: `tf.keras.layers.Layer.add_metric`.
        """
        source = metric_of(value)
        check_metric(self, value, name, aggregation, source)
        if isinstance(value, KerasTensor):
            raise GraphError(
                f"`add_metric` of layer {self.name!r} received the symbolic tensor {value!r}, which has no value. Call "
                "`self.add_metric(...)` inside the layer's `call`, or `model.add_metric(...)` on a functional model."
            )
        if source is not None:
            self._added_metrics.setdefault(source.name, source)
        else:
            self._report(value, name)

    def _report(self: Any, value: Any, name: str) -> None:
        """Takes a value into account in the metric of that name.

        There is none while shapes are being inferred. Code that users compile themselves only computes outputs: it
        may have to be one graph, and changes no metric.
        """
        if state.inferring or (torch.compiler.is_compiling() and not state.beside):
            return
        metric = self._added_metrics.get(name) or self._start_metric(name)
        if isinstance(value, torch.Tensor) and value.device != metric._device:
            metric.to(value.device)
        metric.update_state(value)

    def _start_metric(self: Any, name: str) -> Metric:
        metric = self._added_metrics[name] = Mean(name=name)
        return metric

    def _all_added_metrics(self: Any) -> list[Metric]:
        """The metrics that this layer and the layers inside it have added."""
        layers = (module for module in self.modules() if isinstance(module, MetricOwner))
        return [metric for layer in layers for metric in layer._added_metrics.values()]


def check_metric(layer: Any, value: Any, name: Any, aggregation: Any, source: Metric | None) -> None:
    """Checks the arguments of `add_metric`.

    Args:
        layer: the layer that adds the metric.
        value: what is reported.
        name: the name in the logs.
        aggregation: how values combine.
        source: the metric object that made the value, if one did.

    Raises:
        InvalidArgumentError: when there is no name, or the aggregation is unknown.
    """
    if source is None and (not isinstance(name, str) or not name):
        raise InvalidArgumentError(
            f"Please provide a name for the metric that {layer.name!r} adds, like "
            f"`self.add_metric(value, name='mean_activation')`. Received: name={name!r} for {type(value).__name__}."
        )
    if aggregation not in ("mean", None):
        raise InvalidArgumentError(
            f"`add_metric` of layer {layer.name!r} supports aggregation='mean', and None for the result of a metric "
            f"object. Received: aggregation={aggregation!r}. For another aggregation call a metric object of your own."
        )
