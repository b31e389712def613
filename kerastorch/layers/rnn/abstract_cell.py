"""The base of cells as Keras 2 has it."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry, tree
from kerastorch.core.devices import current_device
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import MissingMethodError
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class AbstractRNNCell(Layer):
    """The base of cells of one's own: `call(inputs, states)`, `state_size` and `output_size`.

    In Keras 3 any layer with `call(inputs, states)` and a `state_size` is a cell; both kinds run in `RNN`.

    Args:
        trainable: whether training changes the weights.
        name: the layer's name; None makes one.
        dtype: a data type or policy; None takes the global policy.
        dynamic: has no effect, since every layer here runs Python eagerly.
        **kwargs: further base arguments of `Layer`.

    Raises:
        MissingMethodError: when a subclass does not say what a step computes, or how large its states and output are.

    Example:
        >>> from kerastorch.layers.rnn.rnn import RNN
        >>> class Total(AbstractRNNCell):
        ...     state_size = output_size = 3
        ...     def call(self, inputs, states):
        ...         total = states[0] + inputs
        ...         return total, [total]
        >>> RNN(Total())(torch.ones(1, 4, 3))
        tensor([[4., 4., 4.]])

    Source: `tf.keras.layers.AbstractRNNCell` of Keras 2.
    """

    def __init__(
        self,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
        dynamic: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable=trainable, name=name, dtype=dtype, dynamic=dynamic, **kwargs)

    def call(self, inputs: Any, states: Any) -> Any:  # type: ignore[override]
        """Computes one step; subclasses override it.

        Args:
            inputs: a tensor of shape `(B, ...)`.
            states: the states after the step before.

        Returns:
            The output, and the new states.

        Raises:
            MissingMethodError: when a subclass does not define it.
        """
        raise MissingMethodError(f"Define `call(self, inputs, states)` in {type(self).__name__}.")

    @property
    def state_size(self) -> Any:
        """The size of the state, or a list of the sizes of several; subclasses override it.

        Raises:
            MissingMethodError: when a subclass does not define it.
        """
        raise MissingMethodError(f"Define the property `state_size` in {type(self).__name__}.")

    @property
    def output_size(self) -> Any:
        """The size of the output; subclasses override it.

        Raises:
            MissingMethodError: when a subclass does not define it.
        """
        raise MissingMethodError(f"Define the property `output_size` in {type(self).__name__}.")

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """Returns zeros in the structure of `state_size`.

        Args:
            inputs: a batch of inputs, which says how many samples, and of which type, there are; or None.
            batch_size: the number of samples, where there are no inputs.
            dtype: the type, where there are no inputs; None takes that in which the layer computes.
        """
        if inputs is not None:
            batch_size, dtype, device = inputs.shape[0], inputs.dtype, inputs.device
        else:
            dtype = self._compute_torch_dtype if dtype is None else torch_dtype(standardize_dtype(dtype))
            device = self._device() or current_device()
        return tree.map_structure(
            lambda size: torch.zeros((batch_size, size), dtype=dtype, device=device), self.state_size
        )
