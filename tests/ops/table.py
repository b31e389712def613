"""All rows of `keras.ops`, from one file a topic."""

from __future__ import annotations

from tests.ops import arithmetic, nn_activations, nn_convolution, nn_pooling

ROWS = [*arithmetic.ROWS, *nn_activations.ROWS, *nn_convolution.ROWS, *nn_pooling.ROWS]
