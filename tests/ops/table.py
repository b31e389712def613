"""All rows of `keras.ops`, from one file a topic."""

from __future__ import annotations

from tests.ops import arithmetic

ROWS = [*arithmetic.ROWS]
