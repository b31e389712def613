"""The fully connected layer."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import constraints, registry, regularizers
from kerastorch.activations import identifiers as activations
from kerastorch.activations.functions import relu
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError
from kerastorch.initializers import identifiers as initializers
from kerastorch.layers.absent import refuse_adaptation
from kerastorch.layers.core.quantized import QuantizedWeights
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class Dense(QuantizedWeights, Layer):
    """A fully connected layer: `activation(inputs @ kernel + bias)`.

    Args:
        units: the size of the output's last axis, a positive integer.
        activation: a name or function; None applies none.
        use_bias: whether a bias is added.
        kernel_initializer: a name or initializer of the kernel.
        bias_initializer: a name or initializer of the bias.
        kernel_regularizer: a name or function whose value of the kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        activity_regularizer: a name or function whose value of the output is added to the loss.
        kernel_constraint: a name or function that projects the kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        lora_rank: must be None; low-rank adaptation is not part of this layer.
        lora_alpha: must be None.
        quantization_config: how the weights are quantized, where the policy or `quantize` says so.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, ..., input_dim)`.

    Output shape:
        `(batch, ..., units)`.

    Raises:
        InvalidArgumentError: when `units` is not a positive integer.
        ShapeError: when an input has fewer than two axes, or another last axis than at first.

    Example:
        >>> Dense(4, activation="relu")(torch.ones(2, 3)).shape
        torch.Size([2, 4])

    Source: `keras.layers.Dense`, `torch.addmm`.
    """

    supports_masking = True

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        refuse_adaptation("Dense", lora_rank=lora_rank, lora_alpha=lora_alpha)
        self._take_quantization(quantization_config)
        if isinstance(units, bool) or not hasattr(units, "__index__") or int(units) <= 0:
            raise InvalidArgumentError(
                f"Received an invalid value for `units`, expected a positive integer. Received: units={units!r} "
                f"(of type {type(units).__name__})."
            )
        self.units = int(units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: tuple) -> None:
        """Makes the kernel and the bias."""
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.units),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: input_shape[-1]})
        self._build_quantized()

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Applies the layer to a tensor of shape `(batch, ..., input_dim)`."""
        if not inputs.is_floating_point():
            inputs = inputs.to(self.kernel.dtype)
        if self.bias is None:
            outputs = torch.matmul(inputs, self.kernel)
        elif inputs.ndim == 2:
            outputs = torch.addmm(self.bias, inputs, self.kernel)
        else:
            return self._call_on_rows(inputs)
        if self.activation is relu:
            return torch.relu_(outputs)  # in place: nothing else holds the product
        return outputs if self.activation is None else self.activation(outputs)

    def _call_on_rows(self, inputs: torch.Tensor) -> torch.Tensor:
        """Does the same for more axes: the bias is added in the product, which knows matrices only."""
        bias: Any = self.bias
        outputs = torch.addmm(bias, inputs.reshape(-1, inputs.shape[-1]), self.kernel)
        shape = (*inputs.shape[:-1], self.units)
        if self.activation is relu:
            return torch.relu_(outputs).view(
                shape
            )  # before the view: to change one costs copies on the way back
        outputs = outputs.view(shape)
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            **self._quantization_options(),
        }
