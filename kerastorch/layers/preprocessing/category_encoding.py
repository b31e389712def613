"""Numbers of categories as one-hot, multi-hot and count vectors."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.preprocessing.categories import (
    MODES,
    check_output_mode,
    encode_categories,
    encoded_shape,
)
from kerastorch.layers.preprocessing.values import TakesValues


@registry.builtin("keras.layers")
class CategoryEncoding(TakesValues):
    """Encodes integers whose number of values is known.

    Args:
        num_tokens: how many categories there are; the inputs are from 0 to one less. Keras 2's `max_tokens` is the
            same.
        output_mode: `"one_hot"` for a vector for each integer; `"multi_hot"` (also called `"binary"`) for one vector
            a sample, 1 for each category that is there; `"count"` for how often it is there.
        sparse: whether the outputs are sparse tensors in torch's COO format.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(..., samples)`, integers; a single sample may lack the first axes. Negative integers are no category.

    Output shape:
        `(batch, ..., num_tokens)` without the second axis, along which integers are gathered; with `"one_hot"` with it,
        but without the last axis where that has one integer.

    Raises:
        InvalidArgumentError: when `num_tokens` is missing or not positive, the mode is unknown, or in the call when
            `count_weights` come without the mode `"count"` or, on a CPU, an integer is too large.
        ShapeError: in the call, when `count_weights` have another shape than the inputs.

    Example:
        >>> CategoryEncoding(4)([[0, 1], [3, 3]]).tolist()
        [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]

    Source: `keras.layers.CategoryEncoding`.
    """

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        num_tokens = kwargs.pop("max_tokens", num_tokens)
        super().__init__(**kwargs)
        output_mode = "multi_hot" if output_mode == "binary" else output_mode
        check_output_mode(type(self), output_mode, sparse, MODES[1:])
        if num_tokens is None:
            raise InvalidArgumentError(
                "num_tokens must be set to use this layer. If the number of tokens is not known beforehand, use the "
                "IntegerLookup layer instead."
            )
        if num_tokens < 1:
            raise InvalidArgumentError(f"`num_tokens` must be >= 1. Received: num_tokens={num_tokens}.")
        self.num_tokens = num_tokens
        self.output_mode = output_mode
        self.sparse = sparse
        self._build_at_init()

    def call(self, inputs: torch.Tensor, count_weights: torch.Tensor | None = None) -> torch.Tensor:
        """Encodes integers.

        Args:
            inputs: integers.
            count_weights: for the mode `"count"`: what each integer counts, in the shape of `inputs`.
        """
        if count_weights is not None:
            self._check_weights(count_weights, inputs)
            count_weights = count_weights.to(self._compute_torch_dtype)
        self._check_range(inputs)
        return encode_categories(
            inputs, self.output_mode, self.num_tokens, self.compute_dtype, self.sparse, count_weights
        )

    def _check_weights(self, count_weights: torch.Tensor, inputs: torch.Tensor) -> None:
        if self.output_mode != "count":
            raise InvalidArgumentError(
                "`count_weights` is not used when `output_mode` is not `'count'`. "
                f"Received: output_mode={self.output_mode!r} and `count_weights` of shape "
                f"{tuple(count_weights.shape)}."
            )
        if count_weights.shape != inputs.shape:
            raise ShapeError(
                "`count_weights` must have the shape of the inputs. Received: shapes "
                f"{tuple(count_weights.shape)} and {tuple(inputs.shape)}."
            )

    def _check_range(self, inputs: torch.Tensor) -> None:
        """Finds integers that are too large, where that needs no waiting for a device."""
        if torch.compiler.is_compiling() or inputs.device.type != "cpu" or not inputs.numel():
            return
        largest = inputs.max()
        if largest >= self.num_tokens:
            raise InvalidArgumentError(
                f"Input values must be in the range 0 <= values < num_tokens with num_tokens={self.num_tokens}. "
                f"Received: {largest.item()}."
            )

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the vectors."""
        return encoded_shape(tuple(input_shape), self.output_mode, self.num_tokens)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {**super().get_config(), "num_tokens": self.num_tokens, "output_mode": self.output_mode}
        return {**config, "sparse": True} if self.sparse else config
