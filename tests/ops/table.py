"""All rows of `keras.ops`, from one file a topic."""

from __future__ import annotations

from tests.ops import arithmetic, nn_activations

ROWS = [*arithmetic.ROWS, *nn_activations.ROWS]
