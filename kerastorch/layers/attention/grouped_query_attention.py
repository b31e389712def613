"""Attention whose heads share keys and values in groups.

Legend: B batch, T steps of the query, S steps of value and key, D features.
"""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.attention.arguments import checked_count
from kerastorch.layers.attention.multi_head import HeadedAttention, check_key_and_value


@registry.builtin("keras.layers", "GroupedQueryAttention", name="GroupQueryAttention")
class GroupedQueryAttention(HeadedAttention):
    """Attention of several heads, which share keys and values in groups; the other arguments are those of its base.

    With one head for key and value this is multi-query attention, with as many as for the query it is
    `MultiHeadAttention`.

    Args:
        head_dim: the features of each head.
        num_query_heads: the number of heads of the query.
        num_key_value_heads: the number of heads of key and value, which divides that of the query.
        dropout: the share of the weights to drop in training, from 0 to 1.
        use_bias: whether the projections have biases.
        sliding_window: the number of steps on each side, with its own, that a step attends to; None is all.
        flash_attention: True insists on torch's flash kernel; None leaves the choice to torch.
        kernel_initializer: a name or initializer of the kernels.
        bias_initializer: a name or initializer of the biases.
        kernel_regularizer: a name or function whose value of each kernel is added to the loss.
        bias_regularizer: a name or function whose value of each bias is added to the loss.
        activity_regularizer: a name or function whose value of the output of each projection, and of the layer, is
            added to the loss.
        kernel_constraint: a name or function that projects each kernel after each update.
        bias_constraint: a name or function that projects each bias after each update.
        use_gate: whether what the heads give is multiplied by a sigmoid of a projection of the query.
        seed: an integer for the sequence of dropout; None draws from torch's global generator.
        **kwargs: base arguments of `Layer`.

    Input shape:
        query `(B, T, D)`, value `(B, S, D)` and, if it is not the value, key `(B, S, D)`, one after the other.

    Output shape:
        `(B, T, D of query)`; with `return_attention_scores` a pair of it and `(B, num_query_heads, T, S)`.

    Raises:
        InvalidArgumentError: when an argument is out of its range, or flash attention is to drop weights.
        ShapeError: when query, key and value or a mask do not fit each other.

    Example:
        >>> import torch
        >>> query, value = torch.ones(2, 3, 8), torch.ones(2, 5, 8)
        >>> GroupedQueryAttention(head_dim=4, num_query_heads=4, num_key_value_heads=2)(query, value).shape
        torch.Size([2, 3, 8])

    Source: `keras.layers.GroupQueryAttention`; Ainslie et al., 2023.
    """

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            dropout=dropout,
            use_bias=use_bias,
            sliding_window=sliding_window,
            flash_attention=flash_attention,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            use_gate=use_gate,
            seed=seed,
            **kwargs,
        )
        self.activity_regularizer = self._projection_regularizer
        self.head_dim = checked_count(head_dim, "head_dim")
        self.num_query_heads = checked_count(num_query_heads, "num_query_heads")
        self.num_key_value_heads = checked_count(num_key_value_heads, "num_key_value_heads")
        if self.num_query_heads % self.num_key_value_heads:
            raise InvalidArgumentError(
                "`num_query_heads` must be divisible by `num_key_value_heads`. Received: "
                f"num_query_heads={num_query_heads}, num_key_value_heads={num_key_value_heads}"
            )

    def build(self, query_shape: tuple, value_shape: tuple, key_shape: tuple | None = None) -> None:
        """Makes the projections of query, key, value and what the heads give."""
        key_shape = value_shape if key_shape is None else key_shape
        if len(query_shape) != 3 or len(value_shape) != 3:
            raise ShapeError(
                "`query` and `value` must have 3 dimensions: (batch, steps, features). Received: "
                f"query_shape={tuple(query_shape)} and value_shape={tuple(value_shape)}"
            )
        check_key_and_value(value_shape, key_shape)
        self._attend_over((1,), 3)
        heads, sizes = (self.num_query_heads, self.num_key_value_heads), (self.head_dim, self.head_dim)
        self._build_projections(query_shape, value_shape, key_shape, heads, sizes)
        inner = (*query_shape[:-1], self.num_query_heads, self.head_dim)
        self._output_dense = self._projection("attention_output", inner, 2, query_shape[-1:])

    def compute_output_shape(
        self, query_shape: tuple, value_shape: tuple, key_shape: tuple | None = None
    ) -> tuple:
        """Returns the shape of the query."""
        check_key_and_value(value_shape, value_shape if key_shape is None else key_shape)
        return tuple(query_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "head_dim": self.head_dim,
            "num_query_heads": self.num_query_heads,
            "num_key_value_heads": self.num_key_value_heads,
        }
