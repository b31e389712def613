"""The state of a layer besides its weights, and calls that leave all state as it is."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from kerastorch.core.variable import host_array
from kerastorch.errors import InvalidArgumentError, NotBuiltError, ShapeError
from kerastorch.metrics.metric import Metric


class StateOwner:
    """The part of `Layer` that knows its metrics and can run on state that is given. See `Layer`."""

    @property
    def metrics(self: Any) -> list[Metric]:
        """The metrics of this layer and of the layers inside it: their attributes, then what they have added."""
        found = [*self._layer_metrics(), *self._all_added_metrics()]
        return list({id(metric): metric for metric in found}.values())

    @property
    def metrics_variables(self: Any) -> list[torch.Tensor]:
        """The state of all `metrics`."""
        return list({id(v): v for metric in self.metrics for v in metric.variables}.values())

    def _layer_metrics(self: Any) -> list[Metric]:
        found = []
        for module in self.modules():
            for name, value in module.__dict__.items():
                if isinstance(value, Metric) and name != "_loss_tracker":
                    found.append(value)
            found.extend(getattr(module, "metrics", ()) if getattr(module, "is_container", False) else ())
        return found

    def _flatten_layers(self: Any, include_self: bool = True, recursive: bool = True) -> Iterator[Any]:
        """Yields this layer, the layers directly inside it and, if `recursive`, those inside them."""
        if include_self:
            yield self
        seen = {id(self)}
        waiting = list(self._child_modules())
        while waiting:
            layer = waiting.pop(0)
            if isinstance(layer, StateOwner) and id(layer) not in seen:
                seen.add(id(layer))
                yield layer
                if recursive:
                    waiting[:0] = layer._child_modules()  # type: ignore[attr-defined]

    def _stored_variables(self: Any) -> list[torch.Tensor]:
        """The variables of this layer alone in the order in which files have them."""
        return [*self._own_variables(True), *self._own_variables(False)]

    def save_own_variables(self: Any, store: Any) -> None:
        """Writes the weights of this layer alone, without those of its sublayers, into a mapping: `"0"`, `"1"` ...

        Override it, together with `load_own_variables`, to say what saved files hold for a layer.

        Args:
            store: a mapping of names and arrays.
        """
        for i, variable in enumerate(self._stored_variables()):
            store[str(i)] = host_array(variable)

    def load_own_variables(self: Any, store: Any) -> None:
        """Sets the weights of this layer alone from what `save_own_variables` wrote.

        Args:
            store: a mapping of names and arrays.

        Raises:
            ShapeError: when their number or a shape differs; nothing is changed then.
        """
        own = self._stored_variables()
        if len(store.keys()) != len(own):
            hint = "" if self.built else " It was never built, so that it has no variables yet."
            raise ShapeError(
                f"Layer {self.name!r} expected {len(own)} variables, but received {len(store.keys())} variables during "
                f"loading.{hint}"
            )
        for i, variable in enumerate(own):
            if tuple(variable.shape) != np.shape(store[str(i)]):
                raise ShapeError(
                    f"Layer {self.name!r} expected shape {tuple(variable.shape)} for its variable {i}. Received: shape "
                    f"{np.shape(store[str(i)])}."
                )
        for i, variable in enumerate(own):
            variable.data.copy_(torch.as_tensor(np.asarray(store[str(i)])))

    def stateless_call(
        self: Any,
        trainable_variables: list[Any],
        non_trainable_variables: list[Any],
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> tuple:
        """Calls the layer with state that is given; its own stays as it is.

        Args:
            trainable_variables: one tensor for each of `trainable_variables`; gradients flow to them.
            non_trainable_variables: one tensor for each of `non_trainable_variables`.
            *args: the arguments of a call.
            return_losses: whether to return the layer's added losses, too.
            **kwargs: the keyword arguments of a call.

        Returns:
            `(outputs, non_trainable_variables)`, with the state after the call, and the list of losses if asked for.

        Raises:
            NotBuiltError: when the layer has no weights yet.
            InvalidArgumentError: when the number of tensors is wrong.

        Example:
            >>> from kerastorch.layers.core.dense import Dense
            >>> layer = Dense(2, use_bias=False)
            >>> layer.build((None, 3))
            >>> outputs, state = layer.stateless_call([torch.ones(3, 2)], [], torch.ones(1, 3))
            >>> outputs.tolist(), state
            ([[3.0, 3.0]], [])

        Source: `keras.Layer.stateless_call`, `torch.func.functional_call`.
        """
        if not self.built:
            raise NotBuiltError(
                f"To call `stateless_call`, layer {self.name!r} must be built (i.e. its variables must have been "
                "created already). You can build it by calling it on some data."
            )
        trained = _pairs(self.trainable_variables, trainable_variables, "trainable_variables")
        kept = _pairs(self.non_trainable_variables, non_trainable_variables, "non_trainable_variables")
        values = {id(own): torch.as_tensor(given, device=own.device) for own, given in trained}
        seeds = {id(seed) for seed in self._seed_states()}
        before = [(own, own.detach().clone()) for own, _ in kept if id(own) in seeds]
        for own, given in kept:
            if id(own) in seeds:
                own.assign(given)
            else:
                values[id(own)] = copy.deepcopy(own.detach() if own.requires_grad else own)
                values[id(own)].copy_(torch.as_tensor(given))
        named = [*self.named_parameters(), *self.named_buffers()]
        given_by_name = {name: values[id(tensor)] for name, tensor in named if id(tensor) in values}
        try:
            outputs = torch.func.functional_call(self, given_by_name, args, kwargs)
            losses = list(self.losses) if return_losses else []
            after = [values.get(id(own), own).detach().clone() for own, _ in kept]
        finally:
            for own, value in before:
                own.assign(value)
        return (outputs, after, losses) if return_losses else (outputs, after)


def _pairs(own: list[Any], given: Any, what: str) -> list[tuple[Any, Any]]:
    given = list(given)
    if len(given) != len(own):
        raise InvalidArgumentError(
            f"Argument `{what}` must be a list of tensors corresponding 1:1 to `layer.{what}`. Received list with "
            f"length {len(given)}, but expected {len(own)} variables."
        )
    return list(zip(own, given, strict=True))
