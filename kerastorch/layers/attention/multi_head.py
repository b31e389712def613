"""What the attention layers with several heads share.

Legend: B batch, T steps of the query, S steps of value and key, N heads, H features of a head, D features.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import constraints, regularizers
from kerastorch.config import is_flash_attention_enabled
from kerastorch.core import attention_masks as masks
from kerastorch.core.attention import attend, repeated
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.initializers import identifiers as initializers
from kerastorch.initializers.initializer import Initializer
from kerastorch.layers.attention.arguments import checked_count, checked_dropout, differ, truth
from kerastorch.layers.attention.heads import Arrangement, weigh
from kerastorch.layers.attention.projections import applied, projected
from kerastorch.layers.core.einsum_dense import EinsumDense
from kerastorch.layers.layer import Layer
from kerastorch.layers.regularization.dropout import Dropout


class HeadedAttention(Layer):
    """The base of attention layers that project query, key and value to several heads.

    The heads attend on torch's fused kernel, unless scores are asked for, or a seed is given and dropout is at work.
    Where nothing counts in a row of the mask, all keys have equal weights; with dropout or scores they have none.

    Args:
        dropout: the share of the weights to drop in training, from 0 to 1.
        use_bias: whether the projections have biases.
        sliding_window: the number of steps on each side, with its own, that a step attends to; None is all.
        flash_attention: True insists on torch's flash kernel, which takes neither dropout nor, on a GPU, masks; None
            leaves the choice to torch.
        kernel_initializer: a name or initializer of the kernels.
        bias_initializer: a name or initializer of the biases.
        kernel_regularizer: a name or function whose value of each kernel is added to the loss.
        bias_regularizer: a name or function whose value of each bias is added to the loss.
        activity_regularizer: a name or function whose value of the output of each projection is added to the loss.
        kernel_constraint: a name or function that projects each kernel after each update.
        bias_constraint: a name or function that projects each bias after each update.
        use_gate: whether what the heads give is multiplied by a sigmoid of a projection of the query.
        seed: an integer for the sequence of dropout; None draws from torch's global generator.
        **kwargs: base arguments of `Layer`.

    Raises:
        InvalidArgumentError: when an argument is out of its range, or flash attention is to drop weights.
    """

    supports_masking = True

    def __init__(
        self,
        *,
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
        super().__init__(**kwargs)
        self.dropout = checked_dropout(dropout)
        if flash_attention and dropout > 0:
            raise InvalidArgumentError(
                "Dropout is not supported when flash attention is enabled. Please set dropout to 0.0 to use flash "
                f"attention. Received: dropout={dropout}"
            )
        self.use_bias = use_bias
        self.sliding_window = checked_count(sliding_window, "sliding_window", or_none=True)
        self.use_gate = use_gate
        self.seed = seed
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self._projection_regularizer = regularizers.get(activity_regularizer)
        self._flash_attention = flash_attention or is_flash_attention_enabled()
        self._attends_as_here = type(self)._compute_attention is HeadedAttention._compute_attention

    # Building ------------------------------------------------------------------------------------------------------

    def _projection(
        self, name: str, shape: Sequence[int | None], summed: int, made: Sequence[int], **kwargs: Any
    ) -> Any:
        """A built projection of the last `summed` axes of an input of a shape to axes of other sizes."""
        free = len(shape) - summed
        letters = string.ascii_letters
        outer, inner, new = letters[:free], letters[free : len(shape)], letters[len(shape) :][: len(made)]
        dense = EinsumDense(
            f"{outer}{inner},{inner}{new}->{outer}{new}",
            output_shape=(*([None] * (free - 1)), *made),
            bias_axes=new if self.use_bias else None,
            kernel_initializer=_another(self.kernel_initializer),
            bias_initializer=_another(self.bias_initializer),
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            activity_regularizer=self._projection_regularizer,
            kernel_constraint=self.kernel_constraint,
            bias_constraint=self.bias_constraint,
            dtype=self.dtype_policy,
            name=name,
            **kwargs,
        )
        dense.build(tuple(shape))
        return dense

    def _build_projections(
        self,
        query_shape: tuple,
        value_shape: tuple,
        key_shape: tuple,
        heads: tuple[int, int],
        sizes: tuple[int, int],
    ) -> None:
        """Makes the projections for the heads of the query and of key and value, and the sizes of key and value."""
        (query_heads, heads_inside), (key_size, value_size) = heads, sizes
        self._query_dense = self._projection("query", query_shape, 1, (query_heads, key_size))
        self._key_dense = self._projection("key", key_shape, 1, (heads_inside, key_size))
        if self.use_gate:
            made = (query_heads, value_size)
            self._gate_dense = self._projection("gate", query_shape, 1, made, activation="sigmoid")
        self._value_dense = self._projection("value", value_shape, 1, (heads_inside, value_size))
        self._dropout_layer = Dropout(self.dropout, dtype=self.dtype_policy, seed=self.seed)
        self._scale = key_size**-0.5

    def _attend_over(self, axes: tuple[int, ...], rank: int) -> None:
        """Sets the axes of the query along which it attends, and their number."""
        self._heads = Arrangement(axes, rank + 1)
        self.input_spec = InputSpec(ndim=rank)

    # Calling -------------------------------------------------------------------------------------------------------

    def call(  # type: ignore[override]
        self,
        query: torch.Tensor,
        value: torch.Tensor,
        key: torch.Tensor | None = None,
        query_mask: torch.Tensor | None = None,
        value_mask: torch.Tensor | None = None,
        key_mask: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Attends.

        Args:
            query: a tensor `(B, T, D)`.
            value: a tensor `(B, S, D)`.
            key: a tensor `(B, S, D)`; None is the value.
            query_mask: which steps of the query count, `(B, T)`.
            value_mask: which steps of the value count, `(B, S)`.
            key_mask: which steps of the key count, `(B, S)`.
            attention_mask: which keys each step attends to, `(T, S)`, `(B, T, S)` or `(B, N, T, S)`, any size of which
                may be 1.
            return_attention_scores: whether the weights of the keys are returned as well, before dropout.
            training: whether weights are dropped.
            use_causal_mask: whether no step attends to later ones.

        Returns:
            The output, or a pair of it and the weights, of shape `(B, N, T, S)`.
        """
        key = value if key is None else key
        given = (query_mask, value_mask, key_mask, attention_mask, self.sliding_window)
        masked = any(mask is not None for mask in given)
        is_causal = use_causal_mask and not masked and self._attends_as_here
        if masked or (use_causal_mask and not is_causal):
            attention_mask = self._compute_attention_mask(
                query, value, query_mask, value_mask, key_mask, attention_mask, use_causal_mask
            )
        gate = applied(self._gate_dense, query) if self.use_gate else None
        q, k, v = projected((self._query_dense, self._key_dense, self._value_dense), (query, key, value))
        # Not every subclass that replaces the next step takes the last two arguments.
        asked = {"return_attention_scores": return_attention_scores, "use_causal_mask": is_causal}
        outputs, scores = self._compute_attention(
            q,
            k,
            v,
            attention_mask=attention_mask,
            training=training,
            **{name: True for name, value in asked.items() if value},
        )
        outputs = applied(self._output_dense, outputs if gate is None else outputs * gate)
        return (outputs, scores) if return_attention_scores else outputs

    def _compute_attention_mask(
        self,
        query: torch.Tensor,
        value: torch.Tensor,
        query_mask: torch.Tensor | None = None,
        value_mask: torch.Tensor | None = None,
        key_mask: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        use_causal_mask: bool = False,
    ) -> torch.Tensor | None:
        """All masks as one, of shape `(B, T, S)`, or `(B, N, T, S)` if `attention_mask` speaks of heads."""
        count, mask = len(self._heads.attended), None
        if query_mask is not None:
            mask = truth(query_mask)[(..., *([None] * count))]
        for other in (value_mask, key_mask):
            if other is not None:
                mask = masks.both(mask, truth(other)[(..., *([None] * count), *([slice(None)] * count))])
        if use_causal_mask or self.sliding_window is not None:
            mask = masks.both(mask, self._band(query, value, use_causal_mask))
        if attention_mask is None:
            return mask
        if mask is not None and attention_mask.ndim >= query.ndim + count:  # it has an axis of heads
            mask = mask.unsqueeze(self._heads.head_axis)
        return masks.both(mask, truth(attention_mask))

    def _band(self, query: torch.Tensor, value: torch.Tensor, use_causal_mask: bool) -> torch.Tensor | None:
        """The causal mask and the sliding window, as one mask `(1, T, S)`."""
        axis, *others = self._heads.attended
        if others:
            raise InvalidArgumentError(
                f"`use_causal_mask` and `sliding_window` need a single attention axis. Received: attention over the "
                f"axes {self._heads.attended}."
            )
        steps, keys, place = query.shape[axis], value.shape[axis], query.device
        mask = masks.causal(steps, keys, place).unsqueeze(0) if use_causal_mask else None
        if self.sliding_window is None:
            return mask
        return masks.both(mask, masks.window(steps, keys, self.sliding_window, place).unsqueeze(0))

    def _compute_attention(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """What the heads give, and their weights or None; subclasses may replace it.

        Args:
            query: the projected query `(B, T, N, H)`.
            key: the projected key `(B, S, N, H)`.
            value: the projected value `(B, S, N, H)`.
            attention_mask: which keys each step attends to, `(B, T, S)`.
            training: whether weights are dropped.
            return_attention_scores: whether the weights are returned.
            use_causal_mask: whether no step attends to later ones; True only where there is no mask.
        """
        if self._flash_attention and return_attention_scores:
            raise InvalidArgumentError(
                "Returning attention scores is not supported when flash attention is enabled. Please disable flash "
                "attention to access attention scores."
            )
        heads, drops = self._heads, bool(training) and self.dropout > 0
        if attention_mask is not None:
            attention_mask = heads.split_mask(attention_mask, query, key)
        q, k, v = heads.split(query), heads.split(key), heads.split(value)
        if return_attention_scores or (drops and self.seed is not None):
            if use_causal_mask:
                attention_mask = masks.causal(q.shape[2], k.shape[2], q.device)
            k, v = repeated(k, q.shape[1]), repeated(v, q.shape[1])
            weights = weigh(q, k, attention_mask, self._scale)
            outputs = torch.matmul(self._dropout_layer.call(weights, training=drops), v)
            return heads.join(outputs, query), weights.reshape(heads.scores_shape(query, key))
        if attention_mask is not None and self.dropout == 0:
            attention_mask = masks.as_bias(attention_mask, q.dtype)
        outputs = attend(
            q,
            k,
            v,
            attention_mask,
            scale=self._scale,
            rate=self.dropout if drops else 0.0,
            causal=use_causal_mask,
            flash=self._flash_attention,
        )
        return heads.join(outputs, query), None

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "dropout": self.dropout,
            "use_bias": self.use_bias,
            "use_gate": self.use_gate,
            "sliding_window": self.sliding_window,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self._projection_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            "seed": self.seed,
        }


def _another(initializer: Any) -> Any:
    """An initializer like this one, which draws other numbers unless it has a seed."""
    return initializer.clone() if isinstance(initializer, Initializer) else initializer


def check_key_and_value(value_shape: Sequence[int | None], key_shape: Sequence[int | None]) -> None:
    """Checks that value and key have the same axes but for the last.

    Raises:
        ShapeError: when they differ.
    """
    pairs = zip(value_shape[1:-1], key_shape[1:-1], strict=False)
    if len(value_shape) != len(key_shape) or any(differ(*pair) for pair in pairs):
        raise ShapeError(
            "All dimensions of `value` and `key`, except the last one, must be equal. Received: "
            f"value_shape={tuple(value_shape)} and key_shape={tuple(key_shape)}"
        )
