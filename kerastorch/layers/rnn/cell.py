"""What the cells of the simple recurrent layer, the LSTM and the GRU share.

Legend: B batch, T time, D input features, U units, G gates.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, ClassVar

import torch

from kerastorch import constraints, random, regularizers
from kerastorch.activations import functions
from kerastorch.activations import identifiers as activations
from kerastorch.core.devices import current_device
from kerastorch.errors import InvalidArgumentError, MissingMethodError
from kerastorch.initializers import identifiers as initializers
from kerastorch.layers.layer import Layer
from kerastorch.layers.regularization.random_layer import seeds_for
from kerastorch.layers.rnn.zeros import zeros

SIGMOID = (functions.sigmoid, torch.sigmoid, torch.nn.functional.sigmoid)
TANH = (functions.tanh, torch.tanh, torch.nn.functional.tanh)
RELU = (functions.relu, torch.relu, torch.nn.functional.relu)


class RecurrentCell(Layer):
    """One time step of a recurrent layer: `project` for the inputs of all steps at once, then `step` for each.

    Args:
        units: the size U of the output and of each state, a positive integer.
        activation: a name or function; None applies none.
        use_bias: whether biases are added.
        kernel_initializer: a name or initializer of the kernel, of shape `(D, G * U)`.
        recurrent_initializer: a name or initializer of the recurrent kernel, of shape `(U, G * U)`.
        bias_initializer: a name or initializer of the bias.
        kernel_regularizer: a name or function whose value of the kernel is added to the loss.
        recurrent_regularizer: a name or function whose value of the recurrent kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        kernel_constraint: a name or function that projects the kernel after each update.
        recurrent_constraint: a name or function that projects the recurrent kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        dropout: the share of the input to drop in training, the same one at each step of a sequence.
        recurrent_dropout: the share of the state to drop in training, the same one at each step of a sequence.
        seed: an integer for random numbers of its own; None draws from torch's global generator.
        **kwargs: base arguments of `Layer`, and Keras 2's `implementation`: 1 drops other inputs for each gate, as
            `recurrent_dropout` does.

    Raises:
        InvalidArgumentError: when `units` is not a positive integer.

    Source: `keras.layers.LSTMCell`.
    """

    gates = 1
    kernel: torch.Tensor
    recurrent_kernel: torch.Tensor
    # The function of torch that runs the cell over a whole sequence.
    torch_function: Callable
    # A module with a kernel of our own, which runs what it `fits`; None where torch's is as good.
    own_kernel: Any = None
    # The gates, as Keras numbers them, to which a large number of that sign is added to let states pass through a step.
    passing: ClassVar[dict[int, int]] = {}
    # Whether the output is among these states.
    output_passes = False
    # Whether the class that torch has a function for, and none derived from it, says what a step computes.
    is_plain = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        derived = itertools.takewhile(lambda c: "torch_function" not in vars(c), cls.__mro__)
        cls.is_plain = not any(name in vars(c) for c in derived for name in ("call", "project", "step"))

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        implementation = kwargs.pop("implementation", 2)
        super().__init__(**kwargs)
        if isinstance(units, bool) or not hasattr(units, "__index__") or int(units) <= 0:
            raise InvalidArgumentError(
                "Received an invalid value for argument `units`, expected a positive integer, "
                f"got {units!r} (of type {type(units).__name__})."
            )
        self.units = self.output_size = int(units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        self.implementation = 1 if self.recurrent_dropout else implementation
        self.seed = seed
        self.seed_generator = seeds_for(seed)
        self._dropout_mask: Any = None
        self._recurrent_dropout_mask: Any = None

    @property
    def state_size(self) -> Any:
        """The size of the state; a list of them where there are several."""
        return self.units

    @property
    def state_sizes(self) -> list[int]:
        """The size of each state."""
        return self.state_size if isinstance(self.state_size, list) else [self.state_size]

    def build(self, input_shape: tuple) -> None:
        """Makes the kernels and the bias; the kernels lie in memory as torch reads them."""
        outputs = self.gates * self.units
        self._make_weights((input_shape[-1], outputs), (self.units, outputs), memory_order=(1, 0))

    def _make_weights(self, kernel: tuple, recurrent_kernel: tuple, memory_order: tuple[int, ...]) -> None:
        """Makes weights of these shapes."""
        kinds = (("kernel", "kernel", kernel), ("recurrent", "recurrent_kernel", recurrent_kernel))
        for name, attribute, shape in kinds:
            weight = self.add_weight(
                name=attribute,
                shape=shape,
                initializer=getattr(self, f"{name}_initializer"),
                regularizer=getattr(self, f"{name}_regularizer"),
                constraint=getattr(self, f"{name}_constraint"),
                memory_order=memory_order,
            )
            setattr(self, attribute, weight)
        self.bias: Any = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=self._bias_shape(),
                initializer=self._first_bias,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def _bias_shape(self) -> tuple[int, ...]:
        return (self.gates * self.units,)

    def _first_bias(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        return self.bias_initializer(shape, dtype=dtype)

    def get_initial_state(self, batch_size: Any = None) -> list[torch.Tensor]:
        """Returns zeros, a tensor of shape `(batch_size, units)` for each state.

        Args:
            batch_size: the number of samples; a batch of inputs as in Keras 2 gives its own.
        """
        batch = batch_size.shape[0] if isinstance(batch_size, torch.Tensor) else batch_size
        device = self._device() or current_device()
        return [
            torch.zeros((batch, n), dtype=self._compute_torch_dtype, device=device) for n in self.state_sizes
        ]

    # One step ------------------------------------------------------------------------------------------------------

    def call(  # type: ignore[override]
        self, inputs: torch.Tensor, states: Any, training: bool = False
    ) -> tuple[Any, Any]:
        """Computes one step.

        Args:
            inputs: a tensor of shape `(B, D)`.
            states: a list of tensors of shape `(B, U)`, or a tensor where there is one state.
            training: whether to drop inputs and states.

        Returns:
            The output, of shape `(B, U)`, and the new states.
        """
        nested = isinstance(states, (list, tuple))
        output, new_states = self.step(
            self.project(inputs, training), states if nested else [states], training
        )
        return output, new_states if nested else new_states[0]

    def project(self, inputs: torch.Tensor, training: bool = False) -> torch.Tensor:
        """Returns `inputs @ kernel + bias`, for one step `(B, D)` or for all of them `(B, T, D)`."""
        if not inputs.is_floating_point():
            inputs = inputs.to(self.kernel.dtype)
        if training and self.dropout:
            masks = self.get_dropout_mask(inputs if inputs.ndim == 2 else inputs[:, 0])
            projected = self._product(inputs, self.kernel, masks)
        else:
            projected = torch.matmul(inputs, self.kernel)
        return projected if self.bias is None else projected + self._input_bias()

    def step(self, projected: torch.Tensor, states: Any, training: bool = False) -> tuple[Any, list]:
        """Returns the output and the new states for what `project` gave for one step."""
        raise MissingMethodError(
            f"Define `step(self, projected, states, training)` in {type(self).__name__}."
        )

    def _input_bias(self) -> torch.Tensor:
        return self.bias

    def _recur(self, state: torch.Tensor, training: bool) -> torch.Tensor:
        """`state @ recurrent_kernel`, with parts of the state dropped in training."""
        if training and self.recurrent_dropout:
            return self._product(state, self.recurrent_kernel, self.get_recurrent_dropout_mask(state))
        return torch.matmul(state, self.recurrent_kernel)

    def _product(self, x: torch.Tensor, kernel: torch.Tensor, masks: Any) -> torch.Tensor:
        """The product with a kernel of what a mask, or one for each gate, leaves of `x`."""
        if not isinstance(masks, list):
            return torch.matmul(_dropped(x, masks), kernel)
        parts = zip(masks, kernel.chunk(self.gates, -1), strict=True)
        return torch.cat([torch.matmul(_dropped(x, mask), part) for mask, part in parts], -1)

    # Dropout: the same parts at each step of a sequence --------------------------------------------------------------

    def get_dropout_mask(self, step_input: torch.Tensor) -> Any:
        """Returns what the inputs of a step are multiplied with, drawn once until `reset_dropout_mask`.

        Args:
            step_input: the inputs of one step, of shape `(B, D)`.
        """
        if self._dropout_mask is None and self.dropout:
            self._dropout_mask = self._draw(step_input, self.dropout)
        return self._dropout_mask

    def get_recurrent_dropout_mask(self, step_input: torch.Tensor) -> Any:
        """Returns what the state is multiplied with, drawn once until `reset_recurrent_dropout_mask`.

        Args:
            step_input: the state, of shape `(B, U)`.
        """
        if self._recurrent_dropout_mask is None and self.recurrent_dropout:
            self._recurrent_dropout_mask = self._draw(step_input, self.recurrent_dropout)
        return self._recurrent_dropout_mask

    def reset_dropout_mask(self) -> None:
        """Lets the next step draw a mask of the inputs again; recurrent layers do it for each sequence."""
        if self._dropout_mask is not None:
            self._dropout_mask = None

    def reset_recurrent_dropout_mask(self) -> None:
        """Lets the next step draw a mask of the state again; recurrent layers do it for each sequence."""
        if self._recurrent_dropout_mask is not None:
            self._recurrent_dropout_mask = None

    def dropped(self, sequences: torch.Tensor) -> torch.Tensor:
        """Returns what dropout leaves of the inputs `(B, T, D)` of all steps, where it is the same for all gates."""
        if not self.dropout:
            return sequences
        return sequences * self.get_dropout_mask(sequences[:, 0]).unsqueeze(1)

    def _draw(self, like: torch.Tensor, rate: float) -> Any:
        ones = torch.ones_like(like)
        if self.implementation != 1 or self.gates == 1:
            return random.dropout(ones, rate, seed=self.seed_generator)
        return [random.dropout(ones, rate, seed=self.seed_generator) for _ in range(self.gates)]

    # torch's fused kernels -----------------------------------------------------------------------------------------

    @property
    def starts_at_zero(self) -> bool:
        """Whether the first states are zeros, no subclass having others."""
        return type(self).get_initial_state is RecurrentCell.get_initial_state

    def loop_reason(self) -> str | None:
        """Returns why torch has no fused kernel for this cell, None where it has one."""
        if not self.is_plain:
            return f"{type(self).__name__} has a step of its own"
        if self.recurrent_dropout:
            return f"recurrent_dropout={self.recurrent_dropout}"
        if self.dropout and self.implementation == 1 and self.gates > 1:
            return "implementation=1 drops other inputs for each gate"
        return None

    def kernel_weights(self) -> list[torch.Tensor]:
        """Returns the weights as kernels take them: `(G * U, D)`, `(G * U, U)` and two biases if any."""
        weights = [self.kernel.t(), self.recurrent_kernel.t()]
        return weights if self.bias is None else [*weights, self.bias, zeros(self.bias.shape, self.bias)]

    def in_torch_order(self, weights: list[torch.Tensor]) -> list[torch.Tensor]:
        """Returns the weights of a kernel with the gates in torch's order, which is Keras's but for a GRU."""
        return weights

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "recurrent_initializer": initializers.serialize(self.recurrent_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "recurrent_regularizer": regularizers.serialize(self.recurrent_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "recurrent_constraint": constraints.serialize(self.recurrent_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }


def _dropped(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """A step `(B, D)`, or a sequence of them `(B, T, D)`, multiplied with a mask of shape `(B, D)`."""
    return x * (mask if x.ndim == mask.ndim else mask.unsqueeze(1))
