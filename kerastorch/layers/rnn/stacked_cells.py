"""Cells stacked on top of each other, to be used as one."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry, tree
from kerastorch.core.devices import current_device
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.layer import Layer


def zeros_for(cell: Any, batch: int, dtype: torch.dtype) -> Any:
    """Returns the states of a cell before its first step: what `get_initial_state` gives, or zeros.

    Args:
        cell: the cell.
        batch: the number of samples.
        dtype: the type of zeros.
    """
    make = getattr(cell, "get_initial_state", None)
    if make is not None:
        names = inspect.signature(make).parameters
        keras2 = {"inputs": None, "dtype": dtype} if "inputs" in names and "dtype" in names else {}
        return make(batch_size=batch, **keras2)
    device = (cell._device() if isinstance(cell, Layer) else None) or current_device()
    return tree.map_structure(
        lambda size: torch.zeros((batch, size), dtype=dtype, device=device), cell.state_size
    )


@registry.builtin("keras.layers")
class StackedRNNCells(Layer):
    """A stack of cells that is used as one cell: each takes the output of the one before.

    Args:
        cells: the cells, from the first to the last.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, input_dim)`, and the states of all cells.

    Output shape:
        `(batch, output_size)` of the last cell, and the new states of all cells.

    Raises:
        InvalidArgumentError: when a cell has no `call` or no `state_size`.

    Example:
        >>> from kerastorch.layers.rnn.lstm import LSTMCell
        >>> stack = StackedRNNCells([LSTMCell(4), LSTMCell(6)])
        >>> stack.state_size, stack.output_size
        ([[4, 4], [6, 6]], 6)

    Source: `keras.layers.StackedRNNCells`.
    """

    def __init__(self, cells: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for cell in cells:
            for name in ("call", "state_size"):
                if not hasattr(cell, name):
                    raise InvalidArgumentError(
                        f"All cells must have a `{name}`. Received cell without a `{name}`: {cell!r}"
                    )
        self.cells = list(cells)

    @property
    def state_size(self) -> list:
        """The state sizes of all cells."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        """The output size of the last cell."""
        return _output_size(self.cells[-1])

    def build(self, input_shape: tuple) -> None:
        """Builds the cells, each for the output of the one before."""
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
            input_shape = (input_shape[0], _output_size(cell))

    def get_initial_state(self, batch_size: Any = None) -> list:
        """Returns the states of all cells before the first step.

        Args:
            batch_size: the number of samples.
        """
        found = [zeros_for(cell, batch_size, self._compute_torch_dtype) for cell in self.cells]
        return [
            states[0] if len(tree.flatten(states)) == 1 and not tree.is_nested(cell.state_size) else states
            for cell, states in zip(self.cells, map(_listed, found), strict=True)
        ]

    def call(  # type: ignore[override]
        self, inputs: torch.Tensor, states: Any, training: bool = False, **kwargs: Any
    ) -> tuple[Any, list]:
        """Runs one step of all cells.

        Args:
            inputs: the input of the first cell.
            states: the states of all cells.
            training: whether cells drop parts of their inputs.
            **kwargs: further arguments for all cells, such as `constants`.

        Returns:
            The output of the last cell, and the new states of all.
        """
        new_states = []
        for cell, own in zip(self.cells, states, strict=True):
            options = dict(kwargs)
            if isinstance(cell, Layer) and cell._signature.takes_training:
                options["training"] = training
            nested = tree.is_nested(own)
            inputs, new = (cell if callable(cell) else cell.call)(inputs, _listed(own), **options)
            new = _listed(new)
            new_states.append(new if nested else new[0])
        return inputs, new_states

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "cells": [serialize_keras_object(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: dict, custom_objects: Any = None) -> Any:
        """Returns a stack made from what `get_config` returned."""
        cells = [deserialize_keras_object(c, custom_objects=custom_objects) for c in config["cells"]]
        return super().from_config({**config, "cells": cells})


def _listed(states: Any) -> list:
    return list(states) if isinstance(states, (list, tuple)) else [states]


def _output_size(cell: Any) -> int:
    size = getattr(cell, "output_size", None)
    return tree.flatten(cell.state_size)[0] if size is None else size
