"""Attention with several heads.

Legend: B batch, T steps of the query, S steps of value and key, N heads, D features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerastorch import registry
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.layers.attention.arguments import checked_count, differ
from kerastorch.layers.attention.multi_head import HeadedAttention, check_key_and_value
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class MultiHeadAttention(HeadedAttention):
    """Attention of several heads, each with projections of its own; the arguments not listed are those of its base.

    Args:
        num_heads: the number of heads N.
        key_dim: the features of query and key in each head.
        value_dim: the features of the value in each head; None is `key_dim`.
        dropout: the share of the weights to drop in training, from 0 to 1.
        use_bias: whether the projections have biases.
        output_shape: the size of the output's last axis, or those of its last axes; None is that of the query.
        attention_axes: the axes of the query that are attended over, counted with the batch axis; None is all but the
            first and the last.
        sliding_window: the number of steps on each side, with its own, that a step attends to; None is all.
        flash_attention: True insists on torch's flash kernel; None leaves the choice to torch.
        kernel_initializer: a name or initializer of the kernels.
        bias_initializer: a name or initializer of the biases.
        kernel_regularizer: a name or function whose value of each kernel is added to the loss.
        bias_regularizer: a name or function whose value of each bias is added to the loss.
        activity_regularizer: a name or function whose value of the output of each projection is added to the loss.
        kernel_constraint: a name or function that projects each kernel after each update.
        bias_constraint: a name or function that projects each bias after each update.
        use_gate: whether what the heads give is multiplied by a sigmoid of a projection of the query.
        seed: an integer for the sequence of dropout; None draws from torch's global generator.
        softmax_robust_masking: accepted for Keras 2; masked keys never count here, however large their scores are.
        **kwargs: base arguments of `Layer`.

    Input shape:
        query `(B, T, D)`, value `(B, S, D)` and, if it is not the value, key `(B, S, D)`, one after the other.

    Output shape:
        `(B, T, D of query)`; with `return_attention_scores` a pair of it and `(B, N, T, S)`.

    Raises:
        InvalidArgumentError: when an argument is out of its range, or flash attention is to drop weights.
        ShapeError: when query, key and value or a mask do not fit each other.

    Example:
        >>> import torch
        >>> query, value = torch.ones(2, 3, 8), torch.ones(2, 5, 8)
        >>> MultiHeadAttention(num_heads=2, key_dim=4)(query, value).shape
        torch.Size([2, 3, 8])

    Source: `keras.layers.MultiHeadAttention`, `torch.nn.MultiheadAttention`; Vaswani et al., 2017.
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
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
        *,
        softmax_robust_masking: bool = False,
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
        self.num_heads = checked_count(num_heads, "num_heads")
        self.key_dim = checked_count(key_dim, "key_dim")
        self.value_dim = checked_count(value_dim, "value_dim", or_none=True) or self.key_dim
        self._output_shape = _checked_output_shape(output_shape)
        self.attention_axes = _checked_axes(attention_axes)

    def build(self, query_shape: tuple, value_shape: tuple, key_shape: tuple | None = None) -> None:
        """Makes the projections of query, key, value and what the heads give."""
        key_shape = value_shape if key_shape is None else key_shape
        check_key_and_value(value_shape, key_shape)
        self._attend_over(self._axes_for(query_shape, value_shape), len(query_shape))
        heads, sizes = (self.num_heads, self.num_heads), (self.key_dim, self.value_dim)
        self._build_projections(query_shape, value_shape, key_shape, heads, sizes)
        inner = (*query_shape[:-1], self.num_heads, self.value_dim)
        made = self._output_shape or query_shape[-1:]
        self._output_dense = self._projection("attention_output", inner, 2, made)

    def _axes_for(self, query_shape: tuple, value_shape: tuple) -> tuple[int, ...]:
        rank = len(query_shape)
        if rank < 3 or len(value_shape) != rank:
            raise ShapeError(
                f"`query` and `value` must have the same number of dimensions, at least 3: (batch, steps, features). "
                f"Received: query_shape={tuple(query_shape)} and value_shape={tuple(value_shape)}"
            )
        axes = range(1, rank - 1) if self.attention_axes is None else self.attention_axes
        found = tuple(axis + rank if axis < 0 else axis for axis in axes)
        if not found or any(not 0 < axis < rank - 1 for axis in found) or len(set(found)) < len(found):
            raise InvalidArgumentError(
                "`attention_axes` must be axes of the query between the batch and the features, each once. Received: "
                f"attention_axes={self.attention_axes} for query_shape={tuple(query_shape)}"
            )
        shared = [axis for axis in range(rank - 1) if axis not in found]
        if any(differ(query_shape[axis], value_shape[axis]) for axis in shared):
            raise ShapeError(
                f"`query` and `value` must have equal sizes in the axes that are not attended over, {shared}. "
                f"Received: query_shape={tuple(query_shape)} and value_shape={tuple(value_shape)}"
            )
        return found

    @property
    def query_dense(self) -> Layer:
        """The projection of the query."""
        return self._query_dense

    @property
    def key_dense(self) -> Layer:
        """The projection of the key."""
        return self._key_dense

    @property
    def value_dense(self) -> Layer:
        """The projection of the value."""
        return self._value_dense

    @property
    def output_dense(self) -> Layer:
        """The projection of what the heads give."""
        return self._output_dense

    def compute_output_shape(
        self, query_shape: tuple, value_shape: tuple, key_shape: tuple | None = None
    ) -> tuple:
        """Returns the shape of the output for those of query, value and key."""
        check_key_and_value(value_shape, value_shape if key_shape is None else key_shape)
        return (*query_shape[:-1], *(self._output_shape or query_shape[-1:]))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "value_dim": self.value_dim,
            "output_shape": self._output_shape,
            "attention_axes": self.attention_axes,
        }

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Returns a layer made from what `get_config` returned; configs of Keras 2 hold the shapes to build it for."""
        config = dict(config)
        shapes = {key: config.pop(key, None) for key in ("query_shape", "value_shape", "key_shape")}
        layer = super().from_config(config)
        if None not in (shapes["query_shape"], shapes["value_shape"]):
            layer.build(**{key: shape if shape is None else tuple(shape) for key, shape in shapes.items()})
        return layer


def _checked_output_shape(output_shape: Any) -> tuple[int, ...] | None:
    if not output_shape:
        return None
    sizes = output_shape if isinstance(output_shape, (list, tuple)) else [output_shape]
    if any(isinstance(n, bool) or not hasattr(n, "__index__") or int(n) <= 0 for n in sizes):
        raise InvalidArgumentError(
            f"Invalid `output_shape`: {output_shape!r}. When specified, the `output_shape` should be of type tuple, "
            "list, or int, of positive sizes."
        )
    return tuple(int(n) for n in sizes)


def _checked_axes(axes: Any) -> tuple[int, ...] | None:
    if axes is None or axes == ():
        return None
    several = axes if isinstance(axes, (list, tuple)) else [axes]
    if any(isinstance(axis, bool) or not hasattr(axis, "__index__") for axis in several):
        raise ArgumentTypeError(
            f"`attention_axes` must be an int, list, or tuple. Received: attention_axes={axes!r}"
        )
    return tuple(int(axis) for axis in several)
