"""Runs a recurrent layer in both directions.

Legend: B batch, T time, D input features, U units.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry, tree
from kerastorch.core.memory import in_memory
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.layer import Layer
from kerastorch.layers.rnn import fused
from kerastorch.layers.rnn.cell_layer import CellLayer
from kerastorch.layers.rnn.wrapper import checked_layer

_MERGE_MODES = ("sum", "mul", "ave", "concat", None)
_COMMON = ("stateful", "return_sequences", "return_state")


@registry.builtin("keras.layers")
class Bidirectional(Layer):
    """Runs a recurrent layer forwards and a copy of it backwards, and merges their outputs.

    Both directions run in one call of torch's fused kernel where that fits. The outputs of masked steps are zero.

    Args:
        layer: a recurrent layer, or a layer with its attributes; it is copied, its weights are not.
        merge_mode: `"sum"`, `"mul"`, `"ave"`, `"concat"`, or None for two outputs.
        weights: first values of the weights: those of the forward layer, then those of the backward layer.
        backward_layer: a layer for the other direction; None makes a copy of `layer` that goes backwards.
        **kwargs: base arguments of `Layer`.

    Input shape:
        that of the layer, `(batch, steps, input_dim)`.

    Output shape:
        that of the layer, with twice the features for `"concat"`; two of them for None; then the states of the forward
        and the backward layer if it returns its state.

    Raises:
        InvalidArgumentError: when a layer is no layer, the merge mode is unknown, or the layers do not fit each other.

    Example:
        >>> from kerastorch.layers.rnn.lstm import LSTM
        >>> Bidirectional(LSTM(4, return_sequences=True))(torch.ones(2, 5, 3)).shape
        torch.Size([2, 5, 8])

    Source: `keras.layers.Bidirectional`; Schuster and Paliwal, 1997.
    """

    supports_masking = True
    _mask_is_of_steps = True
    _only_combines_masks = True

    def __init__(
        self,
        layer: Layer,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Layer | None = None,
        **kwargs: Any,
    ) -> None:
        checked_layer(layer, "Bidirectional")
        if backward_layer is not None:
            checked_layer(backward_layer, "Bidirectional", "backward_layer")
        if merge_mode not in _MERGE_MODES:
            raise InvalidArgumentError(
                f"Invalid merge mode. Merge mode should be one of {_MERGE_MODES}. Received: merge_mode={merge_mode!r}"
            )
        super().__init__(weights=weights, **kwargs)
        self.merge_mode = merge_mode
        self.forward_layer = _anew(layer, "forward")
        self.backward_layer = _anew(layer, "backward") if backward_layer is None else backward_layer
        _check_pair(self.forward_layer, self.backward_layer)
        for one in (self.forward_layer, self.backward_layer):
            if hasattr(one, "zero_output_for_mask"):
                one.zero_output_for_mask = one.return_sequences
        self.stateful = self.forward_layer.stateful
        self.return_sequences = self.forward_layer.return_sequences
        self.return_state = self.forward_layer.return_state
        self.input_spec = self.forward_layer.input_spec

    def build(self, sequences_shape: tuple, initial_state_shape: Any = None) -> None:
        """Builds both layers."""
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)

    @property
    def kernel_in_use(self) -> str:
        """`"fused"` where one call of torch's kernel can run both directions, else what the layers run on."""
        if self._fits_one_call():
            return "fused"
        both = (getattr(x, "kernel_in_use", "its own") for x in (self.forward_layer, self.backward_layer))
        return "forward {}, backward {}".format(*both)

    # Calling -------------------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], (list, tuple)) and len(args[0]) > 1:
            kwargs = {**kwargs, "initial_state": list(args[0][1:])}  # as Keras 2 takes states
            args = (args[0][0], *args[1:])
        return super().__call__(*args, **kwargs)

    def call(
        self, sequences: torch.Tensor, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """Runs both directions.

        Args:
            sequences: a tensor of shape `(B, T, D)`.
            initial_state: the first states of the forward layer, then those of the backward layer; None takes zeros.
            mask: which steps count, of shape `(B, T)`.
            training: whether the layers run in training mode.

        Returns:
            The merged outputs; then the states of both layers if they are returned.
        """
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        if self._fits_one_call(initial_state, mask, training):
            both, states = self._in_one_call(sequences, initial_state, mask)
            merged = both if self.merge_mode == "concat" else self._merged(*both.chunk(2, -1))
        else:
            forward, backward, states = self._in_two_calls(sequences, initial_state, mask, training)
            merged = self._merged(forward, backward)
        if not self.return_state:
            return merged
        return (*merged, *states) if self.merge_mode is None else (merged, *states)

    def _merged(self, forward: torch.Tensor, backward: torch.Tensor) -> Any:
        if self.merge_mode == "concat":
            return torch.cat((forward, backward), -1)
        if self.merge_mode == "sum":
            return forward + backward
        if self.merge_mode == "ave":
            return (forward + backward) / 2
        return forward * backward if self.merge_mode == "mul" else (forward, backward)

    def _fits_one_call(self, initial_state: Any = None, mask: Any = None, training: bool = False) -> bool:
        one, other = self.forward_layer, self.backward_layer
        if type(one) is not type(other) or not isinstance(one, CellLayer) or one.go_backwards:
            return False
        if any(x._loop_reason() or x.stateful or x.time_major for x in (one, other)):
            return False
        first, second = one.cell, other.cell
        alike = (first.units, first.use_bias, first.torch_function) == (
            second.units,
            second.use_bias,
            second.torch_function,
        )
        drops = training and (first.dropout or second.dropout)
        passes = first.output_passes or (bool(first.passing) and initial_state is None)
        return alike and not drops and (mask is None or passes)

    def _in_one_call(self, sequences: torch.Tensor, initial_state: Any, mask: Any) -> tuple:
        if not sequences.is_floating_point():
            sequences = sequences.to(self._compute_torch_dtype)
        states = None
        if initial_state is not None:
            half = self._halves(initial_state)
            layers = (self.forward_layer, self.backward_layer)
            given = zip(layers, half, strict=True)
            states = [s for layer, part in given for s in layer._given_states(part, sequences)]
        if mask is not None:
            mask = self.forward_layer._arranged(sequences, mask)[1]
        cells = (self.forward_layer.cell, self.backward_layer.cell)
        both, states = fused.run_both(
            cells, sequences, states, mask, self.return_state, self.return_sequences
        )
        return both.to(self._compute_torch_dtype), [state.to(self._compute_torch_dtype) for state in states]

    def _in_two_calls(self, sequences: torch.Tensor, initial_state: Any, mask: Any, training: bool) -> tuple:
        results = []
        halves = (None, None) if initial_state is None else self._halves(initial_state)
        for layer, state in zip((self.forward_layer, self.backward_layer), halves, strict=True):
            options: dict[str, Any] = {} if state is None else {"initial_state": state}
            if layer._signature.takes_training:
                options["training"] = training
            if layer._signature.takes_mask and mask is not None:
                options["mask"] = mask
            result = layer(sequences, **options)
            results.append(result if self.return_state else (result,))
        (forward, *states), (backward, *more_states) = results
        if self.return_sequences:
            time = 0 if getattr(self.backward_layer, "time_major", False) else 1
            backward = backward.flip(time)
        forward, backward = (x.to(self._compute_torch_dtype) for x in (forward, backward))
        return forward, backward, [*states, *more_states]

    def _halves(self, initial_state: Any) -> tuple[list, list]:
        states = list(initial_state)
        if len(states) % 2:
            raise ShapeError(
                "Bidirectional takes an `initial_state` of the states of the forward layer, then those of the backward "
                f"layer. Received: {len(states)} states."
            )
        return states[: len(states) // 2], states[len(states) // 2 :]

    def weights_of_keras_2(self, values: Any) -> list:
        """Returns weights as this layer has them for those of Keras 2's `CuDNNLSTM` and `CuDNNGRU`; others stay."""
        half = len(values) // 2
        parts = zip((self.forward_layer, self.backward_layer), (values[:half], values[half:]), strict=True)
        return [v for layer, part in parts for v in getattr(layer, "weights_of_keras_2", list)(part)]

    # States, shapes, masks, configs --------------------------------------------------------------------------------

    @property
    def states(self) -> tuple | None:
        """The kept states of both layers, or None where there are none."""
        forward, backward = self.forward_layer.states, self.backward_layer.states
        return (*forward, *backward) if forward and backward else None

    def reset_state(self) -> None:
        """Sets the kept states of both layers to zero."""
        self.reset_states()

    def reset_states(self, states: Any = None) -> None:
        """Sets the kept states.

        Args:
            states: those of the forward layer, then those of the backward layer; None sets zeros.

        Raises:
            InvalidArgumentError: when the layers are not stateful.
        """
        if not self.stateful:
            raise InvalidArgumentError(f"Layer {self.name!r} must be stateful to reset its states.")
        halves = (None, None) if states is None else self._halves(states)
        self.forward_layer.reset_states(halves[0])
        self.backward_layer.reset_states(halves[1])

    def compute_output_shape(self, sequences_shape: tuple, initial_state_shape: Any = None) -> Any:
        """Returns the shape of the output for sequences of a shape; None stands for unknown sizes."""
        shape = self.forward_layer.compute_output_shape(sequences_shape)
        shape, states = (shape[0], tuple(shape[1:])) if self.return_state else (tuple(shape), ())
        if self.merge_mode == "concat":
            shape = (*shape[:-1], 2 * shape[-1])
        if self.merge_mode is None:
            return (shape, shape, *states, *states)
        return (shape, *states, *states) if self.return_state else shape

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Returns the mask of the input for outputs of all steps, None for the last outputs and for states."""
        mask = tree.flatten(previous_mask)[0] if self.return_sequences else None
        found = [mask, mask] if self.merge_mode is None else [mask]
        if self.return_state:
            found += [None] * (2 * len(tree.flatten(self.forward_layer.state_size)))
        return found if len(found) > 1 else mask

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "merge_mode": self.merge_mode,
            "layer": _unbuilt_config(self.forward_layer),
            "backward_layer": _unbuilt_config(self.backward_layer),
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: Any = None) -> Any:
        """Returns a layer made from what `get_config` returned."""
        config = dict(config)
        for key in ("layer", "backward_layer"):
            if config.get(key) is not None:
                config[key] = deserialize_keras_object(config[key], custom_objects=custom_objects)
        return super().from_config(config)


def _unbuilt_config(layer: Layer) -> dict:
    """The config of a layer that its wrapper will build."""
    return {key: value for key, value in serialize_keras_object(layer).items() if key != "build_config"}


def _anew(layer: Layer, direction: str) -> Any:
    """A layer with the same arguments for a direction, and no weights yet."""
    with in_memory():
        config = _unbuilt_config(layer)
        config["config"]["name"] = f"{direction}_{layer.name.removeprefix(f'{direction}_')}"
        if direction == "backward":
            config["config"]["go_backwards"] = not config["config"].get("go_backwards", False)
        copy = deserialize_keras_object(config)
    if hasattr(layer, "use_cudnn"):  # not in configs, as in Keras
        copy.use_cudnn = layer.use_cudnn
    return copy


def _check_pair(forward: Any, backward: Any) -> None:
    if forward.go_backwards == backward.go_backwards:
        raise InvalidArgumentError(
            "Forward layer and backward layer should have different `go_backwards` values. Received: "
            f"forward_layer.go_backwards={forward.go_backwards}, backward_layer.go_backwards={backward.go_backwards}"
        )
    for name in _COMMON:
        if getattr(forward, name) != getattr(backward, name):
            raise InvalidArgumentError(
                f"Forward layer and backward layer are expected to have the same value for attribute {name!r}, got "
                f"{getattr(forward, name)!r} for forward layer and {getattr(backward, name)!r} for backward layer"
            )
