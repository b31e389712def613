"""Attention without weights for query, key and value: by dot products and by sums.

Legend: B batch, T steps of the query, S steps of value and key, D features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import random, registry
from kerastorch.core import attention_masks as masks
from kerastorch.core.seeds import SeedGenerator
from kerastorch.core.shapes import is_shape
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.layers.attention.arguments import checked_dropout, differ, truth
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class Attention(Layer):
    """Luong's attention: means of the values, weighted by the softmax of the products of query and key.

    It runs on torch's fused kernel, unless scores are asked for, `score_mode` is `"concat"`, or a seed is given and
    dropout is at work.

    Args:
        use_scale: whether the scores are multiplied by a trained number.
        score_mode: `"dot"` multiplies query and key, `"concat"` sums `tanh(query + key)`, times a trained number.
        dropout: the share of the weights to drop in training, from 0 to 1.
        seed: an integer for the sequence of dropout; None draws from torch's global generator.
        **kwargs: base arguments of `Layer`; also `causal`, the default of `use_causal_mask`, as in Keras 2.

    Input shape:
        A list of query `(B, T, D)`, value `(B, S, D)` and, if it is not the value, key `(B, S, D)`.

    Output shape:
        `(B, T, D of value)`; with `return_attention_scores` a pair of it and `(B, T, S)`.

    Raises:
        InvalidArgumentError: when `score_mode` or `dropout` is none of these, or the inputs are no list of two or
            three.
        ShapeError: when query, key and value or a mask do not fit each other.

    Example:
        >>> query, value = torch.ones(2, 3, 4), torch.ones(2, 5, 4)
        >>> Attention()([query, value]).shape
        torch.Size([2, 3, 4])

    Source: `keras.layers.Attention`, `torch.nn.functional.scaled_dot_product_attention`; Luong et al., 2015.
    """

    supports_masking = True
    _only_combines_masks = True

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        self.causal = bool(kwargs.pop("causal", False))
        super().__init__(**kwargs)
        if score_mode not in ("dot", "concat"):
            raise InvalidArgumentError(
                "Invalid value for argument score_mode. Expected one of {'dot', 'concat'}. "
                f"Received: score_mode={score_mode!r}"
            )
        self.use_scale = use_scale
        self.score_mode = score_mode
        self.dropout = checked_dropout(dropout)
        self.seed = seed
        self.seed_generator = SeedGenerator(seed) if dropout > 0 and seed is not None else None
        # A subclass with scores of its own needs them all.
        self._multiplies = score_mode == "dot" and type(self)._calculate_scores is Attention._calculate_scores

    def build(self, input_shape: Sequence[tuple]) -> None:
        """Makes the trained numbers."""
        self._check_count(input_shape, "input_shape")
        self._check_shapes(*_query_value_key([tuple(shape) for shape in input_shape]))
        self.scale: Any = None
        self.concat_score_weight: Any = None
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(), initializer="ones")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(
                name="concat_score_weight", shape=(), initializer="ones"
            )

    def call(
        self,
        inputs: Sequence[torch.Tensor],
        mask: Sequence[torch.Tensor | None] | None = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Attends.

        Args:
            inputs: a list of query, value and, if it is another one, key.
            mask: a list of the masks of query, `(B, T)`, and value, `(B, S)`: where the query's is false the output
                is zero, and where the value's is false its steps do not count.
            training: whether weights are dropped.
            return_attention_scores: whether the weights, after dropout, are returned as well.
            use_causal_mask: whether no step attends to later ones.

        Returns:
            The output, or a pair of it and the weights.
        """
        self._check_count(inputs, "inputs", mask)
        query, value, key = _query_value_key(inputs)
        query_mask, value_mask = (m if m is None else truth(m) for m in (mask or (None, None))[:2])
        is_causal = use_causal_mask or self.causal
        drops = training and self.dropout > 0
        if (
            self._multiplies
            and not return_attention_scores
            and not (drops and self.seed_generator is not None)
        ):
            weights = None
            outputs = self._attend(query, key, value, value_mask, is_causal, self.dropout if drops else 0.0)
        else:
            scores = self._calculate_scores(query, key)
            allowed = self._allowed(query, key, value_mask, is_causal)
            outputs, weights = self._apply_scores(scores, value, allowed, training)
        if query_mask is not None:
            outputs = torch.where(query_mask.unsqueeze(-1), outputs, 0.0)
        return (outputs, weights) if return_attention_scores else outputs

    def _attend(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        value_mask: torch.Tensor | None,
        is_causal: bool,
        rate: float,
    ) -> torch.Tensor:
        """The outputs by torch's fused kernel, which wants an axis of heads."""
        bias = None
        if value_mask is not None:
            allowed = self._allowed(query, key, value_mask, is_causal)
            bias = masks.as_bias(allowed, query.dtype, _lowest(query.dtype)).unsqueeze(-3)
        if self.scale is not None:
            query = query * self.scale
        query, key, value = (x.unsqueeze(-3) for x in (query, key, value))
        is_causal = is_causal and bias is None
        return F.scaled_dot_product_attention(query, key, value, bias, rate, is_causal, scale=1.0).squeeze(-3)

    def _allowed(
        self, query: torch.Tensor, key: torch.Tensor, value_mask: torch.Tensor | None, is_causal: bool
    ) -> Any:
        """Which weights count, or None for all."""
        steps = (query.shape[-2], key.shape[-2])
        allowed = masks.causal(*steps, query.device) if is_causal else None
        if value_mask is not None:
            value_mask = masks.broadcast_to_scores(value_mask, (*query.shape[:-1], steps[1]), -2)
        return masks.both(value_mask, allowed)

    def _calculate_scores(self, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        """The scores of a query `(B, T, D)` and a key `(B, S, D)`, of shape `(B, T, S)`; subclasses may replace it."""
        if self.score_mode == "dot":
            scores = torch.matmul(query, key.mT)
            return scores if self.scale is None else scores * self.scale
        sums = query.unsqueeze(-2) + key.unsqueeze(-3)
        return self.concat_score_weight * torch.tanh(sums if self.scale is None else self.scale * sums).sum(
            -1
        )

    def _apply_scores(
        self,
        scores: torch.Tensor,
        value: torch.Tensor,
        scores_mask: torch.Tensor | None = None,
        training: bool = False,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The outputs for scores, and the weights that they become."""
        if scores_mask is not None:
            scores = torch.where(scores_mask, scores, scores + _lowest(scores.dtype))
        weights = torch.softmax(scores, -1).to(scores.dtype)
        if training and self.dropout > 0:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        return torch.matmul(weights, value), weights

    def _check_count(self, inputs: Any, argument: str, mask: Any = None) -> None:
        """Checks that there are two or three inputs, and as many masks."""
        name = type(self).__name__
        if not isinstance(inputs, (list, tuple)) or is_shape(inputs):
            raise ArgumentTypeError(
                f"{name} layer must be called on a list of inputs, namely [query, value] or [query, value, key]. "
                f"Received: {argument}={inputs}."
            )
        if not 2 <= len(inputs) <= 3:
            raise InvalidArgumentError(
                f"{name} layer accepts inputs list of length 2 or 3, namely [query, value] or [query, value, key]. "
                f"Received length: {len(inputs)}."
            )
        if mask is not None and not isinstance(mask, (list, tuple)):
            raise ArgumentTypeError(
                f"{name} layer mask must be a list, namely [query_mask, value_mask]. Received: mask={mask}."
            )
        if mask is not None and not 2 <= len(mask) <= 3:
            raise InvalidArgumentError(
                f"{name} layer accepts mask list of length 2 or 3. Received length: {len(mask)}."
            )

    def _check_shapes(self, query: tuple, value: tuple, key: tuple) -> None:
        short = min(len(query), len(value), len(key)) < 3
        if short or differ(query[-1], key[-1]) or differ(value[-2], key[-2]):
            raise ShapeError(
                f"{type(self).__name__} takes a query (batch, T, features), a value (batch, S, ...) and a key "
                f"(batch, S, features). Received: query of shape {query}, value of shape {value}, key of shape {key}."
            )

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Returns the mask of the query.

        Args:
            inputs: a list of query, value and, if it is another one, key.
            mask: a list of their masks.
        """
        self._check_count(inputs, "inputs", mask)
        return None if mask is None else mask[0]

    def compute_output_shape(self, input_shape: Sequence[tuple]) -> tuple:
        """Returns the shape of the output for those of query and value."""
        self._check_count(input_shape, "input_shape")
        return (*input_shape[0][:-1], input_shape[1][-1])

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {
            **super().get_config(),
            "use_scale": self.use_scale,
            "score_mode": self.score_mode,
            "dropout": self.dropout,
            "seed": self.seed,
        }
        return {**config, "causal": True} if self.causal else config


@registry.builtin("keras.layers")
class AdditiveAttention(Attention):
    """Bahdanau's attention: the scores are sums of `tanh(query + key)`, weighted by feature.

    Args:
        use_scale: whether each feature has a trained weight.
        dropout: the share of the weights to drop in training, from 0 to 1.
        **kwargs: `seed` as in `Attention`, and base arguments of `Layer`.

    Input shape:
        A list of query `(B, T, D)`, value `(B, S, D)` and, if it is not the value, key `(B, S, D)`.

    Output shape:
        `(B, T, D of value)`; with `return_attention_scores` a pair of it and `(B, T, S)`.

    Raises:
        InvalidArgumentError: when `dropout` is not from 0 to 1, or the inputs are no list of two or three.
        ShapeError: when query, key and value or a mask do not fit each other.

    Example:
        >>> query, value = torch.ones(2, 3, 4), torch.ones(2, 5, 4)
        >>> AdditiveAttention()([query, value]).shape
        torch.Size([2, 3, 4])

    Source: `keras.layers.AdditiveAttention`; Bahdanau et al., 2014.
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Sequence[tuple]) -> None:
        """Makes the weights of the features."""
        self._check_count(input_shape, "input_shape")
        self._check_shapes(*_query_value_key([tuple(shape) for shape in input_shape]))
        self.scale: Any = None
        if self.use_scale:
            self.scale = self.add_weight(
                name="scale", shape=(input_shape[0][-1],), initializer="glorot_uniform"
            )

    def _calculate_scores(self, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        sums = torch.tanh(query.unsqueeze(-2) + key.unsqueeze(-3))
        return sums.sum(-1) if self.scale is None else torch.matmul(sums, self.scale)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = super().get_config()
        del config["score_mode"]
        return config


def _query_value_key(inputs: Sequence[Any]) -> tuple[Any, Any, Any]:
    """The three inputs, of which the last may be missing."""
    query, value, *rest = inputs
    return query, value, rest[0] if rest else value


def _lowest(dtype: torch.dtype) -> float:
    """What is added to scores that do not count."""
    return -65504.0 if dtype is torch.float16 else -1e9
