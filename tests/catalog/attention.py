"""Attention and `EinsumDense`, with the sets of arguments that matter."""

from __future__ import annotations

import numpy as np

from tests.catalog.row import IMAGE, SERIES, VECTOR, Row

REGULARIZED = {
    "kernel_regularizer": "l2",
    "bias_regularizer": "l1",
    "activity_regularizer": "l2",
    "bias_initializer": "ones",
}

EINSUM = [
    Row("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 4, "bias_axes": "c"}, VECTOR),
    Row("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 4)}, SERIES, open_axes=(1,)),
    Row(
        "EinsumDense",
        {"equation": "abc,cd->abd", "output_shape": (6, 4), "bias_axes": "d", "activation": "tanh"},
        SERIES,
    ),
    Row("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (6, 4), "bias_axes": "bd"}, SERIES),
    Row(
        "EinsumDense",
        {"equation": "abc,cde->abde", "output_shape": (None, 2, 4), "bias_axes": "de", **REGULARIZED},
        SERIES,
        open_axes=(1,),
        tolerance=1e-5,
    ),
    Row(
        "EinsumDense",
        {"equation": "abc,cde->abde", "output_shape": (None, 2, 4), "bias_axes": "e"},
        SERIES,
    ),
    Row(
        "EinsumDense",
        {"equation": "abcd,cde->abe", "output_shape": (None, 2), "bias_axes": "e"},
        IMAGE,
        open_axes=(1,),
        tolerance=1e-5,
    ),
    Row("EinsumDense", {"equation": "abc,dc->abd", "output_shape": (None, 4), "bias_axes": "d"}, SERIES),
    Row("EinsumDense", {"equation": "abc,bd->adc", "output_shape": (2, 3), "bias_axes": "d"}, SERIES),
    Row("EinsumDense", {"equation": "abc,bcd->abd", "output_shape": (6, 2), "bias_axes": "bd"}, SERIES),
    Row(
        "EinsumDense",
        {"equation": "...x,xy->...y", "output_shape": 4, "bias_axes": "y"},
        (5, 5, 3),  # Keras's `compute_output_shape` swaps the two axes
        open_axes=(1, 2),
        tolerance=1e-5,
    ),
    Row("EinsumDense", {"equation": "ab...,bc->ac...", "output_shape": 4, "bias_axes": "c"}, SERIES),
]

ALLOWED = np.random.default_rng(5).random((1, 6, 6)) < 0.6
ALLOWED[0, 2] = False  # nothing counts in this row
WIDE = np.random.default_rng(6).random((1, 2, 6, 4)) < 0.7
FEW = (4, 3)
SEEDED = {"dropout": 0.5, "seed": 3, "kernel_initializer": "ones"}

ATTENTION = [
    Row("Attention", {}, [SERIES, SERIES], masked=True, open_axes=(1,)),
    Row("Attention", {"use_scale": True}, [SERIES, FEW, FEW], masked=True),
    Row("Attention", {"score_mode": "concat"}, [SERIES, FEW], masked=True, tolerance=1e-5),
    Row("Attention", {"score_mode": "concat", "use_scale": True}, [SERIES, FEW], tolerance=1e-5),
    Row("Attention", {}, [SERIES, SERIES], call={"use_causal_mask": True}, masked=True),
    Row("Attention", {"use_scale": True}, [SERIES, (4, 5), FEW], call={"return_attention_scores": True}),
    Row("Attention", {}, [(2, 6, 3), (2, 4, 3)], call={"use_causal_mask": True}),
    Row("Attention", {"dropout": 0.5, "seed": 3}, [SERIES, FEW], random=True),
    Row("Attention", {"dropout": 0.3}, [SERIES, FEW], random=True),
    Row("AdditiveAttention", {}, [SERIES, SERIES], masked=True, open_axes=(1,), tolerance=1e-5),
    Row("AdditiveAttention", {"use_scale": False}, [SERIES, FEW, FEW], masked=True, tolerance=1e-5),
    Row("AdditiveAttention", {}, [SERIES, FEW], call={"use_causal_mask": True}, masked=True, tolerance=1e-5),
    Row("AdditiveAttention", {}, [SERIES, FEW], call={"return_attention_scores": True}, tolerance=1e-5),
    Row("AdditiveAttention", {"dropout": 0.5, "seed": 3, "use_scale": False}, [SERIES, FEW], random=True),
]


def headed(name: str, kwargs: dict, shapes: list, **settings: object) -> Row:
    """A row of a layer that takes query, value and key one after the other."""
    return Row(name, kwargs, shapes, apart=True, **{"tolerance": 1e-5, **settings})


MULTI_HEAD = [
    headed("MultiHeadAttention", {"num_heads": 2, "key_dim": 4, **more}, shapes, **settings)
    for more, shapes, settings in [
        ({}, [SERIES, SERIES], {"masked": True, "open_axes": (1,)}),
        ({}, [SERIES, (4, 5)], {"masked": True}),
        ({"value_dim": 3, "use_bias": False}, [SERIES, (4, 5), (4, 2)], {"masked": True}),
        ({"output_shape": 7, "bias_initializer": "ones"}, [SERIES, SERIES], {}),
        ({"output_shape": (2, 5)}, [SERIES, FEW], {}),
        ({"use_gate": True, "value_dim": 3}, [SERIES, FEW], {"masked": True}),
        ({"sliding_window": 2}, [SERIES, SERIES], {"masked": True}),
        ({"sliding_window": 3}, [SERIES, FEW], {"call": {"use_causal_mask": True}}),
        ({}, [SERIES, SERIES], {"call": {"use_causal_mask": True}, "masked": True}),
        ({}, [SERIES, FEW], {"call": {"use_causal_mask": True}}),
        ({}, [SERIES, SERIES], {"call": {"attention_mask": ALLOWED}, "masked": True}),
        ({}, [SERIES, SERIES], {"call": {"attention_mask": ALLOWED[0]}}),
        ({}, [SERIES, FEW], {"call": {"attention_mask": WIDE}}),
        (
            {},
            [SERIES, SERIES],
            {"call": {"attention_mask": ALLOWED.astype("int64"), "use_causal_mask": True}},
        ),
        ({}, [SERIES, SERIES], {"call": {"return_attention_scores": True}, "masked": True}),
        ({}, [SERIES, FEW], {"call": {"return_attention_scores": True, "use_causal_mask": True}}),
        (
            {},
            [SERIES, SERIES],
            {"call": {"attention_mask": ALLOWED, "return_attention_scores": True}},
        ),
        ({}, [(3, 4, 2), (3, 4, 2)], {}),
        ({"attention_axes": (2,)}, [(3, 4, 2), (3, 5, 2)], {}),
        ({"attention_axes": 1}, [(3, 4, 2), (5, 4, 2)], {"call": {"return_attention_scores": True}}),
        ({"attention_axes": (-3, -2)}, [(2, 3, 2, 2), (2, 2, 3, 2)], {}),
        ({"dropout": 0.5}, [SERIES, SERIES], {"random": True, "masked": True}),
        (SEEDED, [SERIES, FEW], {"random": True}),
        (REGULARIZED, [SERIES, SERIES], {}),
        ({"kernel_constraint": "max_norm", "kernel_initializer": "he_normal"}, [SERIES, SERIES], {}),
    ]
]

GROUPED = [
    headed("GroupQueryAttention", {"head_dim": 4, "num_query_heads": 4, **more}, shapes, **settings)
    for more, shapes, settings in [
        ({"num_key_value_heads": 2}, [SERIES, SERIES], {"masked": True, "open_axes": (1,)}),
        ({"num_key_value_heads": 1}, [SERIES, FEW], {"masked": True}),
        ({"num_key_value_heads": 4, "use_bias": False}, [SERIES, FEW, FEW], {}),
        ({"num_key_value_heads": 2, "use_gate": True}, [SERIES, FEW], {"masked": True}),
        ({"num_key_value_heads": 2, "sliding_window": 2}, [SERIES, SERIES], {}),
        ({"num_key_value_heads": 2}, [SERIES, SERIES], {"call": {"use_causal_mask": True}, "masked": True}),
        ({"num_key_value_heads": 2}, [SERIES, SERIES], {"call": {"attention_mask": ALLOWED}}),
        ({"num_key_value_heads": 2}, [SERIES, FEW], {"call": {"return_attention_scores": True}}),
        (
            {"num_key_value_heads": 2, "dropout": 0.5, "seed": 3, "kernel_initializer": "ones"},
            [SERIES, FEW],
            {"random": True},
        ),
        ({"num_key_value_heads": 2, "dropout": 0.4}, [SERIES, FEW], {"random": True}),
        ({"num_key_value_heads": 2, **REGULARIZED}, [SERIES, SERIES], {}),
    ]
]

ATTENTION += MULTI_HEAD + GROUPED
