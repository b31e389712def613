"""Losses and metrics that are added to a model made of a graph: computed beside its outputs."""

from __future__ import annotations

from typing import Any

from kerastorch import registry, tree
from kerastorch.core.graph import FunctionOp
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import GraphError
from kerastorch.layers.added_metrics import check_metric
from kerastorch.layers.layer import Layer
from kerastorch.metrics.metric import Metric


class Addition(Layer):
    """A layer that stands in a graph for something added to the model."""

    supports_masking = True


@registry.builtin("kerastorch.added")
class AddLoss(Addition):
    """Returns its input and adds it to the loss: how `model.add_loss(tensor)` stands in a graph.

    Args:
        unconditional: accepted for configs of Keras 2; every loss counts in each call.
        **kwargs: base arguments of `Layer`.

    Example:
        >>> import torch
        >>> layer = AddLoss()
        >>> _ = layer(torch.tensor(2.0))
        >>> layer.losses
        [tensor(2.)]

    Source: `tf_keras.src.engine.base_layer.AddLoss`.
    """

    def __init__(self, unconditional: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unconditional = unconditional

    def call(self, inputs: Any) -> Any:
        self.add_loss(inputs)
        return inputs


@registry.builtin("kerastorch.added")
class AddMetric(Addition):
    """Returns its input and reports it as a metric: how `model.add_metric(tensor)` stands in a graph.

    Args:
        aggregation: `"mean"`, or None for what a metric object returns.
        metric_name: the name in the logs.
        **kwargs: base arguments of `Layer`.

    Example:
        >>> import torch
        >>> layer = AddMetric(metric_name="size")
        >>> _ = layer(torch.tensor([1.0, 3.0]))
        >>> float(layer.metrics[0].result())
        2.0

    Source: `tf_keras.src.engine.base_layer.AddMetric`.
    """

    def __init__(self, aggregation: str | None = None, metric_name: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.aggregation, self.metric_name = aggregation, metric_name
        if metric_name is not None:
            self._start_metric(metric_name)  # so that the model knows it before its first call

    def call(self, inputs: Any) -> Any:
        if self.metric_name is not None:  # a metric object counts by itself
            self._report(inputs, self.metric_name)
        return inputs


class GraphAdditions:
    """The part of `Model` that adds losses and metrics to a graph. See `Model`."""

    def add_loss(self: Any, loss: Any = None, inputs: Any = None, *, losses: Any = None) -> None:
        """Adds a value to the loss: inside `call`, or for good to a model made of a graph.

        Args:
            loss: a symbolic tensor made from the model's inputs, or from tensors inside the model; what is added in
                `call` is a tensor, a number, a function of no arguments, or a list of them.
            inputs: accepted for Keras 2 and not needed.
            losses: Keras 2's name of `loss`.

        Raises:
            ArgumentTypeError: for a value of another type.
            GraphError: when a symbolic tensor does not come from the model's inputs.

        Example:
            >>> from kerastorch.layers.core.dense import Dense
            >>> from kerastorch.layers.core.input_layer import Input
            >>> from kerastorch.models.model import Model
            >>> x = Input(shape=(3,))
            >>> hidden = Dense(4)(x)
            >>> model = Model(x, Dense(1)(hidden))
            >>> model.add_loss((hidden**2).mean())
            >>> len(model.losses)
            1

        Source: `tf.keras.Model.add_loss`.
        """
        for value in tree.flatten(loss if losses is None else losses):
            if isinstance(value, KerasTensor):
                self._call_beside(AddLoss(), value, "add_loss")
            else:
                super().add_loss(value)  # type: ignore[misc]

    def add_metric(self: Any, value: Any, name: str | None = None, aggregation: str | None = "mean") -> None:
        """Reports a value beside the metrics of `compile`: inside `call`, or for good in a model made of a graph.

        Args:
            value: a symbolic tensor made from the model's inputs, or from tensors inside the model; what is added in
                `call` is a tensor, a number, or what a metric object has returned.
            name: the name in the logs; needed unless the value comes from a metric object.
            aggregation: `"mean"`, or None for what a metric object has returned.

        Raises:
            InvalidArgumentError: when there is no name, or the aggregation is unknown.
            GraphError: when a symbolic tensor does not come from the model's inputs.

        Example:
            >>> from kerastorch.layers.core.dense import Dense
            >>> from kerastorch.layers.core.input_layer import Input
            >>> from kerastorch.models.model import Model
            >>> x = Input(shape=(3,))
            >>> hidden = Dense(4)(x)
            >>> model = Model(x, Dense(1)(hidden))
            >>> model.add_metric(hidden.std(), name="std_of_activation", aggregation="mean")
            >>> [metric.name for metric in model.metrics]
            ['std_of_activation']

        Source: `tf.keras.Model.add_metric`.
        """
        if not isinstance(value, KerasTensor):
            super().add_metric(value, name, aggregation)  # type: ignore[misc]
            return
        source = _symbolic_source(value)
        check_metric(self, value, name, aggregation, source)
        self._call_beside(AddMetric(aggregation, None if source else name), value, "add_metric")

    def _call_beside(self: Any, layer: Addition, value: KerasTensor, method: str) -> None:
        """Lets the graph call a layer on one of its tensors, beside what it computes for the outputs."""
        if self._graph is None:
            raise GraphError(
                f"`{method}` of model {self.name!r} received the symbolic tensor {value!r}, but the model has no graph "
                "that it could be part of. Make the model from `inputs` and `outputs`, or call "
                f"`self.{method}(...)` inside its `call`."
            )
        result = layer(value)
        try:
            self._compute_beside([result])
        except GraphError as error:
            inputs = [t.name for t in self.inputs]
            raise GraphError(
                f"`{method}` of model {self.name!r} received {value!r}, which cannot be computed from the inputs of "
                f"the model: {inputs}. Make it from these inputs and from tensors that the model computes from them. "
                f"The error was: {error}"
            ) from error

    def _compute_beside(self: Any, additions: list[KerasTensor]) -> None:
        """Lets the graph compute the results of layers for additions.

        Raises:
            GraphError: when one does not come from the model's inputs.
        """
        for result in additions:
            self._graph.add_extra(result)
            layer, (value,) = result.node.operation, result.node.input_tensors
            source = _symbolic_source(value)
            if isinstance(layer, AddLoss):
                layer._loss_values.append(value)  # counts in `losses` before the first call as well
                self._note_added_loss()
            elif source is not None:
                layer._added_metrics[source.name] = source
        if additions:
            self._adopt_layers(self._graph.extra_operations)
            self.__dict__["_grad_owners"] = None
            self._make_program()
            self._forget_inputs()


def _symbolic_source(value: KerasTensor) -> Metric | None:
    """The metric object that was called to make a symbolic tensor."""
    operation = getattr(value.node, "operation", None)
    target = operation.target if isinstance(operation, FunctionOp) else None
    return target if isinstance(target, Metric) else None
