"""Vectors for integers."""

from __future__ import annotations

import warnings
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import constraints, registry, regularizers
from kerastorch.errors import InvalidArgumentError
from kerastorch.initializers import identifiers as initializers
from kerastorch.layers.absent import refuse_adaptation
from kerastorch.layers.core.quantized import QuantizedWeights, Stored
from kerastorch.layers.layer import Layer
from kerastorch.quantization.nibbles import unpack_int4
from kerastorch.quantization.scaling import dequantized

_INTEGERS = (torch.int64, torch.int32)


@registry.builtin("keras.layers")
class Embedding(QuantizedWeights, Layer):
    """Turns integers from 0 to `input_dim - 1` into vectors that are learned.

    Args:
        input_dim: the number of different integers, a positive integer.
        output_dim: the size of a vector, a positive integer.
        embeddings_initializer: a name or initializer of the vectors.
        embeddings_regularizer: a name or function whose value of the vectors is added to the loss.
        embeddings_constraint: a name or function that projects the vectors after each update.
        mask_zero: whether 0 stands for padding: the output then has a mask that leaves it out.
        weights: the first values of the vectors, an array `(input_dim, output_dim)` or a list of that one array.
        lora_rank: must be None; low-rank adaptation is not part of this layer.
        lora_alpha: must be None.
        quantization_config: how the vectors are quantized, where the policy or `quantize` says so.
        **kwargs: base arguments of `Layer`, `activity_regularizer` and `input_length` (steps) of Keras 2 among them;
            `sparse` of Keras 2 is named in a warning.

    Input shape:
        `(batch, ...)`, integers.

    Output shape:
        `(batch, ..., output_dim)`.

    Raises:
        InvalidArgumentError: when a size is no positive integer, or an argument that must be None is not.
        ShapeError: when `weights` have another shape.

    Example:
        >>> Embedding(10, 4)(torch.tensor([[1, 2, 3]])).shape
        torch.Size([1, 3, 4])

    Source: `keras.layers.Embedding`, `torch.nn.Embedding`.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        length = kwargs.pop("input_length", None)
        if kwargs.pop("sparse", None):
            warnings.warn(
                "Embedding accepts ['sparse'] and does not use it: outputs are dense.", stacklevel=2
            )
        super().__init__(**kwargs)
        self.input_dim = _positive("input_dim", input_dim)
        self.output_dim = _positive("output_dim", output_dim)
        refuse_adaptation("Embedding", lora_rank=lora_rank, lora_alpha=lora_alpha)
        self._take_quantization(quantization_config)
        if length is not None:
            self._input_shape_arg = (None, *(length if isinstance(length, (list, tuple)) else (length,)))
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        self.autocast = False  # integers beyond 2048 do not survive half precision
        if weights is not None:
            one = isinstance(weights, (list, tuple)) and len(weights) == 1
            self._initial_weights = list(weights) if one else [weights]
            self.build()

    def build(self, input_shape: tuple | None = None) -> None:
        """Makes the vectors, of shape `(input_dim, output_dim)`."""
        if not self.built:
            self._make_weights()
            self._build_quantized()

    def _make_weights(self) -> None:
        self.embeddings = self.add_weight(
            name="embeddings",
            shape=(self.input_dim, self.output_dim),
            initializer=self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Looks up the vectors of integers of any shape."""
        if inputs.dtype not in _INTEGERS:
            inputs = inputs.to(torch.int32)
        try:
            return F.embedding(inputs, self.embeddings).to(self._compute_torch_dtype)
        except IndexError as error:  # on a CPU; a GPU stops with torch's own error
            raise InvalidArgumentError(
                f"An index lies outside of [0, {self.input_dim}), the range of `input_dim={self.input_dim}`. Received "
                f"indices from {int(inputs.min())} to {int(inputs.max())}. `input_dim` must be the largest index + 1."
            ) from error

    quantized_modes = ("int8", "int4")

    def _stored(self) -> list[Stored]:
        return [Stored("embeddings", -1)]

    def _quantized_call(self, inputs: torch.Tensor) -> torch.Tensor:
        index = inputs if inputs.dtype in _INTEGERS else inputs.to(torch.int32)
        values, scale = self.embeddings[index], self.embeddings_scale[index]
        if self.quantization_mode == "int4":
            values = unpack_int4(values, self.output_dim, -1)
        if hasattr(self, "embeddings_zero"):
            return dequantized(values, scale, self.embeddings_zero[index], self.g_idx, -1).to(
                self._compute_torch_dtype
            )
        return (values / scale.unsqueeze(-1)).to(self._compute_torch_dtype)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Returns where the input is not 0 if `mask_zero`, else None."""
        return inputs != 0 if self.mask_zero else None

    def _makes_masks(self) -> bool:
        return bool(self.mask_zero)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes."""
        return (*input_shape, self.output_dim)

    def get_build_config(self) -> dict | None:
        """Returns the shape for which the layer was built, None where `build` was called without one."""
        return super().get_build_config() or ({"input_shape": None} if self.built else None)

    def build_from_config(self, config: dict) -> None:
        """Makes the vectors, which depend on no shape; one that is given is kept for the next config."""
        shape = config.get("input_shape")
        self.build(None if shape is None else tuple(shape))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": initializers.serialize(self.embeddings_initializer),
            "embeddings_regularizer": regularizers.serialize(self.embeddings_regularizer),
            "embeddings_constraint": constraints.serialize(self.embeddings_constraint),
            "mask_zero": self.mask_zero,
            **self._quantization_options(),
        }


def _positive(name: str, value: Any) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) <= 0:
        raise InvalidArgumentError(
            f"`{name}` must be a positive integer. Received: {name}={value!r} (of type {type(value).__name__})."
        )
    return int(value)
