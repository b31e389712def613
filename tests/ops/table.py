"""All rows of `keras.ops`, from one file a topic."""

from __future__ import annotations

from tests.ops import (
    arithmetic,
    binary,
    image_colours,
    image_filters,
    image_frames,
    image_places,
    nn_activations,
    nn_convolution,
    nn_pooling,
    pointwise,
    reductions,
)

ROWS = [
    *arithmetic.ROWS,
    *binary.ROWS,
    *image_colours.ROWS,
    *image_filters.ROWS,
    *image_frames.ROWS,
    *image_places.ROWS,
    *nn_activations.ROWS,
    *nn_convolution.ROWS,
    *nn_pooling.ROWS,
    *pointwise.ROWS,
    *reductions.ROWS,
]
