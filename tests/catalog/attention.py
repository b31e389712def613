"""Attention and `EinsumDense`, with the sets of arguments that matter."""

from __future__ import annotations

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
