"""Vectors for integers, and scores of integers for vectors."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.core.embedding import Embedding
from kerastorch.layers.core.quantized import Stored


@registry.builtin("keras.layers")
class ReversibleEmbedding(Embedding):
    """An `Embedding` that also goes back: `layer(vectors, reverse=True)` gives a score for each integer.

    Language models use it for their first and their last layer.

    Args:
        input_dim: the number of different integers, a positive integer.
        output_dim: the size of a vector, a positive integer.
        tie_weights: whether both directions share one matrix; False makes a second one.
        embeddings_initializer: a name or initializer of the vectors.
        embeddings_regularizer: a name or function whose value of the vectors is added to the loss.
        embeddings_constraint: a name or function that projects the vectors after each update.
        mask_zero: whether 0 stands for padding: the vectors then have a mask that leaves it out.
        reverse_dtype: the type in which scores are computed; None takes that of the layer.
        logit_soft_cap: a positive limit, which scores approach as `limit * tanh(score / limit)`; None sets none.
        **kwargs: further arguments of `Embedding`.

    Input shape:
        `(batch, ...)`, integers; with `reverse`, `(batch, ..., output_dim)`.

    Output shape:
        `(batch, ..., output_dim)`; with `reverse`, `(batch, ..., input_dim)`.

    Raises:
        InvalidArgumentError: when a size is no positive integer, or `logit_soft_cap` is not positive.
        ShapeError: when the vectors for `reverse` have another size than `output_dim`.

    Example:
        >>> layer = ReversibleEmbedding(10, 4)
        >>> layer(layer(torch.tensor([[1, 2, 3]])), reverse=True).shape
        torch.Size([1, 3, 10])

    Source: `keras.layers.ReversibleEmbedding`; Press and Wolf, 2016.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: Any = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ) -> None:
        if logit_soft_cap is not None and not logit_soft_cap > 0:
            raise InvalidArgumentError(
                f"`logit_soft_cap` must be a positive number or None. Received: logit_soft_cap={logit_soft_cap!r}"
            )
        self.tie_weights = tie_weights
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
            mask_zero=mask_zero,
            **kwargs,
        )
        self.reverse_dtype = None if reverse_dtype is None else standardize_dtype(reverse_dtype)
        self.logit_soft_cap = logit_soft_cap

    def _make_weights(self) -> None:
        super()._make_weights()
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                name="reverse_embeddings",
                shape=(self.output_dim, self.input_dim),
                initializer=self.embeddings_initializer,
            )

    def call(self, inputs: torch.Tensor, reverse: bool = False) -> torch.Tensor:
        """Looks up the vectors of integers, or scores the integers for vectors."""
        if not reverse:
            return super().call(inputs)
        if inputs.ndim == 0 or inputs.shape[-1] != self.output_dim:
            raise ShapeError(
                f"With `reverse=True` the last axis of the inputs must have the size output_dim={self.output_dim}. "
                f"Received: inputs.shape={tuple(inputs.shape)}"
            )
        kernel = self.embeddings.t() if self.tie_weights else self.reverse_embeddings
        dtype = self._compute_torch_dtype if self.reverse_dtype is None else torch_dtype(self.reverse_dtype)
        return self._capped(torch.matmul(inputs.to(dtype), kernel.to(dtype)))

    def _capped(self, logits: torch.Tensor) -> torch.Tensor:
        if self.logit_soft_cap is None:
            return logits
        return torch.tanh(logits / self.logit_soft_cap) * self.logit_soft_cap

    _rounds_inputs_of = ("int8", "int4")

    def _stored(self) -> list[Stored]:
        back = [] if self.tie_weights else [Stored("reverse_embeddings", 0, packed=0, zero_dtype=None)]
        return [*super()._stored(), *back]

    def _quantized_call(self, inputs: torch.Tensor, reverse: bool = False) -> torch.Tensor:
        if not reverse:
            return super()._quantized_call(inputs)
        kernel = self._floats(self._stored()[-1])
        return self._capped(torch.matmul(self._rounded(inputs), kernel.t() if self.tie_weights else kernel))

    def _mask_outputs(self, inputs: Any, outputs: Any, previous: Any) -> None:
        if outputs.ndim > inputs.ndim:  # scores have no mask
            super()._mask_outputs(inputs, outputs, previous)

    def _symbolic_masks(self, args: tuple, kwargs: dict, outputs: Any, previous: Any) -> None:
        if not kwargs.get("reverse", args[1] if len(args) > 1 else False):
            super()._symbolic_masks(args, kwargs, outputs, previous)

    def compute_output_shape(self, input_shape: tuple, reverse: bool = False) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes."""
        return (*input_shape[:-1], self.input_dim) if reverse else (*input_shape, self.output_dim)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "tie_weights": self.tie_weights,
            "reverse_dtype": self.reverse_dtype,
            "logit_soft_cap": self.logit_soft_cap,
        }
