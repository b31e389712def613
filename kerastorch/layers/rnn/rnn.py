"""The layer that runs a cell over the steps of sequences.

Legend: B batch, T time, D input features, U units.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry, tree
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.layer import Layer
from kerastorch.layers.rnn import fused, loop
from kerastorch.layers.rnn.cell import RecurrentCell
from kerastorch.layers.rnn.in_front import backwards
from kerastorch.layers.rnn.stacked_cells import StackedRNNCells
from kerastorch.layers.rnn.states import RecurrentState


@registry.builtin("keras.layers")
class RNN(RecurrentState, Layer):
    """Runs a cell, or a stack of cells, over the steps of sequences.

    A cell has `call(inputs, states)`, which returns the output and the new states of one step, `state_size`, an integer
    or a list of them, and may have `output_size` (the first state's size otherwise), `get_initial_state(batch_size)`
    (zeros otherwise), and the arguments `training` and `constants` of `call`. Masked steps leave the states as they
    are.

    Args:
        cell: a cell, or a list of cells to be stacked.
        return_sequences: whether to return the outputs of all steps instead of the last one.
        return_state: whether to return the last states as well.
        go_backwards: whether to run from the last step to the first; the outputs come in that order.
        stateful: whether the last states of a batch are the first ones of the next, until `reset_state`.
        unroll: whether to run the plain loop over the steps even where a layer has something faster.
        zero_output_for_mask: whether the outputs of masked steps are zero instead of that of the step before.
        **kwargs: `time_major` (Keras 2: inputs and outputs of shape `(steps, batch, ...)`) and the base arguments of
            `Layer`.

    Input shape:
        `(batch, steps, ...)`.

    Output shape:
        `(batch, output_size)`, or `(batch, steps, output_size)` with `return_sequences`; then the states if
        `return_state`.

    Raises:
        InvalidArgumentError: when the cell has no `call` or no `state_size`.
        ShapeError: when the number or the size of states differs from the cell's.

    Example:
        >>> from kerastorch.layers.rnn.lstm import LSTMCell
        >>> RNN([LSTMCell(4), LSTMCell(6)], return_sequences=True)(torch.ones(2, 5, 3)).shape
        torch.Size([2, 5, 6])

    Source: `keras.layers.RNN`.
    """

    supports_masking = True
    _mask_is_of_steps = True
    _masked_steps_are_read = True
    _only_combines_masks = True

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        time_major = kwargs.pop("time_major", False)
        super().__init__(**kwargs)
        self.cell = _checked_cell(StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else cell)
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.time_major = time_major
        self.single_state = not isinstance(self.cell.state_size, (list, tuple))
        self._states: Any = None
        first = self._cells()[0]
        if isinstance(first, RecurrentCell) and first.is_plain:
            self.input_spec = InputSpec(ndim=3)

    @property
    def state_size(self) -> list:
        """The sizes of the states, a list even where there is one."""
        size = self.cell.state_size
        return [size] if self.single_state else list(size)

    @property
    def output_size(self) -> int:
        """The size of the output."""
        size = getattr(self.cell, "output_size", None)
        return tree.flatten(self.cell.state_size)[0] if size is None else size

    @property
    def kernel_in_use(self) -> str:
        """`"fused"` where torch's own kernel runs all steps, else `"loop: "` and the reason."""
        reason = self._loop_reason()
        return "fused" if reason is None else f"loop: {reason}"

    def _loop_reason(self) -> str | None:
        """Why the plain loop runs, or None."""
        if self.unroll:
            return "unroll=True"
        return next(filter(None, map(_cell_reason, self._cells())), None)

    def _cells(self) -> list:
        """The cells, from the first to the last; one cell if it is no plain stack."""
        cell = self.cell
        return cell.cells if type(cell) is StackedRNNCells else [cell]

    def build(self, sequences_shape: tuple, initial_state_shape: Any = None) -> None:
        """Builds the cell, and makes the kept states of a stateful layer."""
        batch, steps, *features = sequences_shape
        if self.time_major:
            batch = steps
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((batch, *features))
        if self.stateful:
            self._make_states(batch)

    # Calling -------------------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], (list, tuple)):
            return super().__call__(args[0][0], *args[1:], **self._states_after(args[0][1:], kwargs))
        return super().__call__(*args, **kwargs)

    def _states_after(self, states: Any, kwargs: dict) -> dict:
        """The arguments with the states that Keras 2 takes in a list after the sequences."""
        return {**kwargs, "initial_state": list(states)} if states else kwargs

    def call(
        self,
        sequences: torch.Tensor,
        initial_state: Any = None,
        mask: Any = None,
        training: bool = False,
        constants: Any = None,
    ) -> Any:
        """Runs the cell over all steps.

        Args:
            sequences: a tensor of shape `(B, T, ...)`.
            initial_state: the states before the first step; None takes zeros, or those that are kept.
            mask: which steps count, of shape `(B, T)`.
            training: whether cells drop parts of their inputs.
            constants: tensors that the cell gets at each step as `constants`.

        Returns:
            The output, or a tuple of the output and the states if `return_state`.
        """
        if mask is initial_state is constants is None and self._is_straight(sequences, training):
            wanted: fused.Outputs = "all" if self.return_sequences else "last"
            return fused.run(self.cell, sequences, None, None, all_states=False, wanted=wanted)[0]
        sequences, mask = self._arranged(sequences, mask)
        cells = self._cells() if constants is None and self._loop_reason() is None else []
        states = self._first_states(sequences, initial_state, cells)
        _forget_dropout(self.cell)
        try:
            if cells:
                output, states = self._run_fused(cells, sequences, states, mask, training)
            else:
                output, states = self._run_loop(sequences, states, mask, training, constants)
        finally:
            _forget_dropout(self.cell)
        if self.stateful:
            self._keep(states)
        output = output.to(self._compute_torch_dtype)
        if self.time_major and self.return_sequences:
            output = output.transpose(0, 1)
        if not self.return_state:
            return output
        return (output, *tree.map_structure(lambda s: s.to(self._compute_torch_dtype), states))

    def _is_straight(self, sequences: torch.Tensor, training: bool) -> bool:
        """Whether a call without masks and states is a kernel's and nothing else."""
        return False

    def _arranged(self, sequences: torch.Tensor, mask: Any) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Sequences and mask with the batch first, in the order in which the steps run."""
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        if mask is not None:
            mask = mask.bool().squeeze(-1) if mask.ndim == 3 else mask.bool()
            if tuple(mask.shape) != tuple(sequences.shape[:2]):
                raise ShapeError(
                    f"The mask of {type(self).__name__} layer {self.name!r} must have the shape (batch, steps) of its "
                    f"input, {tuple(sequences.shape[:2])}. Received: {tuple(mask.shape)}."
                )
        if self.time_major:
            sequences, mask = sequences.transpose(0, 1), None if mask is None else mask.transpose(0, 1)
        if self.go_backwards:
            sequences, mask = sequences.flip(1), None if mask is None else backwards(mask)
        return sequences, mask

    def _run_fused(
        self, cells: list, sequences: torch.Tensor, states: Any, mask: Any, training: bool
    ) -> tuple[torch.Tensor, list]:
        """What `_run_loop` gives, with a kernel for each cell."""
        if not sequences.is_floating_point():
            sequences = sequences.to(self._compute_torch_dtype)
        all_states = self.return_state or self.stateful
        output = sequences
        last_states: list = []
        for cell, first in zip(cells, self._by_cell(cells, states), strict=True):
            is_last = cell is cells[-1]
            output, own = fused.run(
                cell,
                cell.dropped(output) if training else output,
                first,
                mask,
                self.zero_output_for_mask and is_last,
                all_states,
                self._outputs_wanted(is_last),
            )
            last_states.append(own[0] if own and not isinstance(cell.state_size, list) else own)
        return output, last_states if cells[0] is not self.cell else own

    def _outputs_wanted(self, is_last: bool) -> fused.Outputs:
        """Which outputs of a cell are read: those of the last cell by others, the rest by cells that skip steps."""
        if is_last and not self.return_sequences:
            return "last"
        return "all" if is_last and self._masked_steps_are_read else "counted"

    def _by_cell(self, cells: list, states: Any) -> list:
        """The first states of each cell in a list, None for zeros."""
        if states is None or cells[0] is self.cell:
            return [states] * len(cells)
        return [list(own) if isinstance(own, (list, tuple)) else [own] for own in states]

    def _run_loop(
        self, sequences: torch.Tensor, states: list, mask: Any, training: bool, constants: Any
    ) -> tuple[torch.Tensor, list]:
        """The last output, or all if they are returned, and the last states."""
        inputs, step = self._loop_parts(sequences, training, constants)
        if sequences.is_meta:  # one step shows all shapes
            output, states = step(inputs[:, 0], states)
            states = list(states) if isinstance(states, (list, tuple)) else [states]
            shape = (*sequences.shape[:2], *output.shape[1:])
            return output.new_empty(shape) if self.return_sequences else output, states
        outputs, states = loop.run(step, inputs.unbind(1), states, mask, self.zero_output_for_mask)
        return torch.stack(outputs, 1) if self.return_sequences else outputs[-1], states

    def _loop_parts(self, sequences: torch.Tensor, training: bool, constants: Any) -> tuple:
        """What the loop runs over, and its step; a cell that can projects the inputs of all steps at once."""
        cell, options = self.cell, {}
        if isinstance(cell, RecurrentCell) and cell.is_plain and constants is None:
            return cell.project(sequences, training), lambda x, states: cell.step(x, states, training)
        if isinstance(cell, Layer) and cell._signature.takes_training:
            options["training"] = training
        if constants is not None:
            options["constants"] = constants
        call = cell if callable(cell) else cell.call
        return sequences, lambda x, states: call(x, states, **options)

    # Shapes, masks and configs -------------------------------------------------------------------------------------

    def compute_output_shape(self, sequences_shape: tuple, initial_state_shape: Any = None) -> Any:
        """Returns the shape of the output for sequences of a shape; None stands for unknown sizes."""
        batch = sequences_shape[1 if self.time_major else 0]
        shape = (
            (*sequences_shape[:2], self.output_size) if self.return_sequences else (batch, self.output_size)
        )
        if not self.return_state:
            return shape
        return (shape, *tree.map_structure(lambda n: (batch, n), self.state_size))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Returns the mask of the input for outputs of all steps, None for the last output and for states."""
        mask = tree.flatten(previous_mask)[0]
        output_mask = mask if self.return_sequences else None
        if not self.return_state:
            return output_mask
        return [output_mask] + [None] * len(tree.flatten(self.state_size))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {
            **super().get_config(),
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
            "cell": serialize_keras_object(self.cell),
        }
        return {**config, "time_major": True} if self.time_major else config

    @classmethod
    def from_config(cls, config: dict, custom_objects: Any = None) -> Any:
        """Returns a layer made from what `get_config` returned."""
        cell = deserialize_keras_object(config["cell"], custom_objects=custom_objects)
        return super().from_config({**config, "cell": cell})


def _checked_cell(cell: Any) -> Any:
    if not hasattr(cell, "call"):
        raise InvalidArgumentError(f"Argument `cell` should have a `call` method. Received: cell={cell!r}")
    if not isinstance(getattr(cell, "state_size", None), (int, list, tuple)):
        raise InvalidArgumentError(
            "The RNN cell should have a `state_size` attribute: an integer, or a list of integers, one for each state. "
            f"Received: cell={cell!r} with state_size={getattr(cell, 'state_size', None)!r}"
        )
    return cell


def _cell_reason(cell: Any) -> str | None:
    if isinstance(cell, RecurrentCell):
        return cell.loop_reason()
    return f"torch has no kernel for {type(cell).__name__}"


def _forget_dropout(cell: Any) -> None:
    """Lets cells draw what they drop anew for the next sequence."""
    for one in getattr(cell, "cells", (cell,)):
        if hasattr(one, "reset_dropout_mask"):
            one.reset_dropout_mask()
            one.reset_recurrent_dropout_mask()
