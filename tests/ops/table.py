"""All rows of `keras.ops`, from one file a topic."""

from __future__ import annotations

from tests.ops import (
    arithmetic,
    binary,
    core_conversion,
    core_loops,
    image_colours,
    image_filters,
    image_frames,
    image_places,
    linalg_functions,
    math_functions,
    nn_activations,
    nn_convolution,
    nn_crossentropy,
    nn_encoding,
    nn_images,
    nn_normalization,
    nn_pooling,
    pointwise,
    reductions,
)

ROWS = [
    *arithmetic.ROWS,
    *binary.ROWS,
    *core_conversion.ROWS,
    *core_loops.ROWS,
    *image_colours.ROWS,
    *image_filters.ROWS,
    *image_frames.ROWS,
    *image_places.ROWS,
    *linalg_functions.ROWS,
    *math_functions.ROWS,
    *nn_activations.ROWS,
    *nn_convolution.ROWS,
    *nn_crossentropy.ROWS,
    *nn_encoding.ROWS,
    *nn_images.ROWS,
    *nn_normalization.ROWS,
    *nn_pooling.ROWS,
    *pointwise.ROWS,
    *reductions.ROWS,
]
