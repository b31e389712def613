"""The states of recurrent layers: where they start, and how stateful layers keep them."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.context import state as call_state
from kerastorch.core.variable import Variable, host_array
from kerastorch.errors import InvalidArgumentError, NotBuiltError, ShapeError
from kerastorch.layers.rnn.stacked_cells import zeros_for


class RecurrentState:
    """The half of `RNN` that knows its states. See `RNN`.

    The kept states of a stateful layer are buffers, which move with the layer, but neither weights nor saved.
    """

    @property
    def states(self: Any) -> Any:
        """The kept states of a stateful layer; None, or a list of None, where there are none."""
        return self.__dict__.get("_states")

    def _make_states(self: Any, batch: int | None) -> None:
        if batch is None:
            raise InvalidArgumentError(
                f"When using `stateful=True` in {type(self).__name__} layer {self.name!r}, the batch size must be "
                "static: give `Input` a `batch_size`, or the first layer a `batch_input_shape`. Received: a batch of "
                "unknown size."
            )
        number = iter(range(len(tree.flatten(self.state_size))))

        def kept(value: torch.Tensor) -> Any:
            variable = Variable(value, trainable=False, dtype=self.variable_dtype, name="rnn_state")
            name = f"rnn_state_{next(number)}"
            self._register_variable(name, variable)
            self._non_persistent_buffers_set.add(name)
            return variable

        self.__dict__["_states"] = tree.map_structure(kept, self.get_initial_state(batch))

    def _own_variables(self: Any, trainable: bool) -> list[torch.Tensor]:
        kept = {id(v) for v in tree.flatten(self.states or [])}
        return [v for v in super()._own_variables(trainable) if id(v) not in kept]  # type: ignore[misc]

    def reset_state(self: Any) -> None:
        """Sets the kept states to zero."""
        for variable in tree.flatten(self.states or []):
            with torch.no_grad():
                variable.zero_()

    def reset_states(self: Any, states: Any = None) -> None:
        """Sets the kept states.

        Args:
            states: arrays or tensors, one for each state; None sets zeros.

        Raises:
            NotBuiltError: when the layer keeps no states, or none yet.
            ShapeError: when their number or a shape differs.
        """
        if states is None:
            self.reset_state()
            return
        if self.states is None:
            raise NotBuiltError(
                f"Layer {self.name!r} keeps no states to set: it must be stateful and built (called once)."
            )
        mine, given = tree.flatten(self.states), tree.flatten(states)
        if len(mine) != len(given):
            raise ShapeError(
                f"Layer {self.name!r} expects {len(mine)} states, but it received {len(given)} state values."
            )
        for variable, value in zip(mine, given, strict=True):
            variable.assign(host_array(value) if isinstance(value, torch.Tensor) else value)

    def _keep(self: Any, states: Any) -> None:
        if call_state.inferring:
            return
        for variable, value in zip(tree.flatten(self.states), tree.flatten(states), strict=True):
            with torch.no_grad():
                variable.copy_(value)

    def _first_states(self: Any, sequences: torch.Tensor, given: Any, fused_cells: list) -> Any:
        """The states before the first step: those that are given, kept ones, or the cell's own.

        None stands for zeros where the cells run on torch's kernels and have no first states of their own.
        """
        batch = sequences.shape[0]
        if self.stateful:
            self._check_batch(batch)
        if given is not None:
            return self._given_states(given, sequences)
        if self.stateful:  # a copy, which outlives the change at the end of the call
            return tree.map_structure(lambda s: s.detach().clone(), self.states)
        if fused_cells and self._starts_at_zero and all(cell.starts_at_zero for cell in fused_cells):
            return None
        return self.get_initial_state(batch)

    @property
    def _starts_at_zero(self: Any) -> bool:
        """Whether the first states are those of the cell, no subclass having others."""
        return type(self).get_initial_state is RecurrentState.get_initial_state

    def get_initial_state(self: Any, batch_size: Any = None) -> list:
        """Returns the states before the first step.

        Args:
            batch_size: the number of samples; a batch of inputs as in Keras 2 gives its own.
        """
        batch = batch_size.shape[0] if isinstance(batch_size, torch.Tensor) else batch_size
        states = zeros_for(self.cell, batch, self._compute_torch_dtype)
        return list(states) if isinstance(states, (list, tuple)) else [states]

    def _check_batch(self: Any, batch: int) -> None:
        expected = tree.flatten(self.states)[0].shape[0]
        if batch != expected:
            raise ShapeError(
                "If an RNN is stateful, the batch size of the input sequences must be the same as the batch size of "
                f"the initial state.\n- Expected batch size: {expected}\n- Received batch size: {batch}"
            )

    def _given_states(self: Any, given: Any, sequences: torch.Tensor) -> list:
        """States from an argument, in the structure of the cell's, which may be flat there."""
        flat, sizes = tree.flatten(given), tree.flatten(self.state_size)
        if len(flat) != len(sizes):
            raise ShapeError(
                f"{type(self).__name__} layer {self.name!r} has {len(sizes)} states, of sizes {sizes}. Received: "
                f"initial_state with {len(flat)} tensors."
            )
        for tensor, wanted in zip(flat, self._state_shapes(sequences.shape[0]), strict=True):
            if tuple(tensor.shape) != wanted:
                raise ShapeError(
                    f"A state of {type(self).__name__} layer {self.name!r} must have the shape {wanted}. "
                    f"Received: initial_state with a tensor of shape {tuple(tensor.shape)}."
                )
        cast = [tensor.to(self._compute_torch_dtype) for tensor in flat]
        return tree.pack_sequence_as(self.state_size, cast)

    def _state_shapes(self: Any, batch: int) -> list[tuple]:
        """The shape of each state."""
        return [(batch, size) for size in tree.flatten(self.state_size)]
