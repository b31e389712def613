"""The dense layer whose sums an equation describes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import constraints, registry, regularizers
from kerastorch.activations import identifiers as activations
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.initializers import identifiers as initializers
from kerastorch.initializers.scaling import VarianceScaling
from kerastorch.layers.absent import refuse_adaptation
from kerastorch.layers.core.einsum_equation import WeightShapes, parse
from kerastorch.layers.core.quantized import QuantizedWeights, Stored
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class EinsumDense(QuantizedWeights, Layer):
    """A dense layer over any axes: `activation(einsum(equation, inputs, kernel) + bias)`.

    Equations that are a product of matrices, as those of attention are, run as one; others run as `torch.einsum`.

    Args:
        equation: the axes of inputs, kernel and output, as in `"abc,cd->abd"`; input and output may share further
            axes on one side, written as an ellipsis: `"...x,xy->...y"`.
        output_shape: the shape of the output without the batch axis and those of the ellipsis, an integer or several;
            None takes the size from the input.
        activation: a name or function; None applies none.
        bias_axes: the letters of the output's axes that the bias has, such as `"d"`; None adds no bias.
        kernel_initializer: a name or initializer of the kernel.
        bias_initializer: a name or initializer of the bias.
        kernel_regularizer: a name or function whose value of the kernel is added to the loss.
        bias_regularizer: a name or function whose value of the bias is added to the loss.
        kernel_constraint: a name or function that projects the kernel after each update.
        bias_constraint: a name or function that projects the bias after each update.
        lora_rank: must be None; low-rank adaptation is not part of this layer.
        lora_alpha: must be None.
        gptq_unpacked_column_size: must be None; GPTQ is not part of this layer.
        quantization_config: how the kernel is quantized, where the policy or `quantize` says so.
        **kwargs: base arguments of `Layer`, `activity_regularizer` among them.

    Input shape:
        what the left side of the equation says.

    Output shape:
        what the right side says.

    Raises:
        InvalidArgumentError: when the equation, `output_shape` or `bias_axes` cannot be.
        ShapeError: when an input does not fit the equation.

    Example:
        >>> EinsumDense("abc,cd->abd", output_shape=(None, 64), bias_axes="d")(torch.ones(2, 5, 8)).shape
        torch.Size([2, 5, 64])

    Source: `keras.layers.EinsumDense`, `torch.einsum`.
    """

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        gptq_unpacked_column_size: int | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        refuse_adaptation(
            "EinsumDense",
            lora_rank=lora_rank,
            lora_alpha=lora_alpha,
            gptq_unpacked_column_size=gptq_unpacked_column_size,
        )
        self._take_quantization(quantization_config)
        self.equation = equation
        self.partial_output_shape = _checked_output_shape(output_shape)
        self.bias_axes = bias_axes
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self._parsed = parse(equation, bias_axes)

    def build(self, input_shape: tuple) -> None:
        """Makes the kernel and the bias."""
        shapes = self._shapes(input_shape)
        if None in shapes.kernel or None in (shapes.bias or ()):
            raise ShapeError(
                f"The dimensions of the kernel of '{self.equation}' must be known. Received: input_shape="
                f"{tuple(input_shape)}, output_shape={self.partial_output_shape}, which make a kernel of shape "
                f"{shapes.kernel}."
            )
        self.kernel = self.add_weight(
            name="kernel",
            shape=shapes.kernel,
            initializer=self._initializer_along(shapes),
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if shapes.bias is not None:
            self.bias = self.add_weight(
                name="bias",
                shape=shapes.bias,
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = InputSpec(ndim=len(input_shape))
        self._prepare(shapes)
        self._build_quantized()

    def _prepare(self, shapes: WeightShapes) -> None:
        """Works out the product of matrices that the equation is, if it is one."""
        self._summed = self._parsed.summed
        self._turned = self._parsed.kernel_is_turned
        self._made = tuple(shapes.kernel[axis] for axis in shapes.output_axes)
        self._rows = math.prod(shapes.kernel[axis] or 0 for axis in shapes.input_axes)
        self._columns = math.prod(size or 0 for size in self._made)
        self._bias_in_product = shapes.bias == self._made
        self.multiplies_last_axis = (
            self._summed == 1 and not self._turned and self._bias_in_product is (self.bias is not None)
        )

    def _initializer_along(self, shapes: WeightShapes) -> Any:
        """The initializer of the kernel, told which axes are inputs and which outputs."""
        initializer = self.kernel_initializer
        if not isinstance(initializer, VarianceScaling) or None not in (
            initializer.input_axes,
            initializer.output_axes,
        ):
            return initializer
        axes = {"input_axes": shapes.input_axes, "output_axes": shapes.output_axes}
        return type(initializer).from_config({**initializer.get_config(), "seed": initializer.seed, **axes})

    def _shapes(self, input_shape: Sequence[int | None]) -> WeightShapes:
        return self._parsed.shapes(input_shape, self.partial_output_shape, self.bias_axes)

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Applies the layer to a tensor whose axes are those of the equation's left side."""
        if not inputs.is_floating_point():
            inputs = inputs.to(self.kernel.dtype)
        outputs = self._product(inputs) if self._summed else self._einsum(inputs)
        return outputs if self.activation is None else self.activation(outputs)

    def _product(self, inputs: torch.Tensor) -> torch.Tensor:
        """The equation as one product of matrices."""
        kernel, bias = self.kernel, self.bias
        rows = inputs.reshape(-1, self._rows)
        if self._turned:
            matrix = kernel.reshape(self._columns, self._rows).t()
        else:
            matrix = kernel.reshape(self._rows, self._columns)
        inside = bias if self._bias_in_product else None
        outputs = torch.mm(rows, matrix) if inside is None else torch.addmm(inside.reshape(-1), rows, matrix)
        outputs = outputs.view(*inputs.shape[: -self._summed], *self._made)
        return outputs if bias is None or bias is inside else outputs + bias

    def _einsum(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs = torch.einsum(self.equation, inputs, self.kernel)
        return outputs if self.bias is None else outputs + self.bias

    def _stored(self) -> list[Stored]:
        return [Stored("kernel", self._parsed.kernel_axes(False))]

    def _exchange(self, mode: str, config: Any) -> None:
        self._kernel_sizes = tuple(self.kernel.shape)
        super()._exchange(mode, config)
        self.multiplies_last_axis = False  # others may not take the kernel as it is

    def _as_matrix(self, weight: torch.Tensor) -> torch.Tensor:
        rows = math.prod(weight.shape[axis] for axis in self._parsed.kernel_axes(False))
        return weight.detach().reshape(rows, -1)

    def _scale_to_store(self, scale: torch.Tensor, part: Stored) -> torch.Tensor:
        return self._parsed.beside_output(scale, self.input_spec.ndim or 0)

    def _scale_beside(self, scale: torch.Tensor, part: Stored) -> torch.Tensor:
        return (
            scale
            if self.quantization_mode == "int4"
            else self._parsed.beside_kernel(scale, self._kernel_sizes)
        )

    def _quantized_call(self, inputs: torch.Tensor) -> torch.Tensor:
        kernel = self._floats(self._stored()[0]).reshape(self._kernel_sizes)
        axes = self._parsed.summed_axes(inputs.ndim)
        return self._finished(self._multiplied(self._rounded(inputs, axes), kernel))

    def _multiplied(self, inputs: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        return torch.einsum(self.equation, inputs, kernel)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output; None stands for sizes that neither the input nor `output_shape` gives."""
        return self._shapes(input_shape).output

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "equation": self.equation,
            "output_shape": self.partial_output_shape,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            **self._quantization_options(),
        }


def _checked_output_shape(output_shape: Any) -> tuple[int | None, ...]:
    shape = tuple(output_shape) if isinstance(output_shape, (list, tuple)) else (output_shape,)
    single = not isinstance(output_shape, (list, tuple))
    for size in shape:
        is_size = not isinstance(size, bool) and hasattr(size, "__index__") and int(size) > 0
        if not is_size and (single or size is not None):
            raise InvalidArgumentError(
                "`output_shape` must be a positive integer, or a list of positive integers and None. "
                f"Received: output_shape={output_shape!r}"
            )
    return tuple(None if size is None else int(size) for size in shape)
