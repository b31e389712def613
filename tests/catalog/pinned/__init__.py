"""Values that Keras on TensorFlow gave, for rows where Keras on torch is no reference. `pin.py` writes them."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.catalog.row import Row

FOLDER = Path(__file__).parent


@functools.cache
def _file(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def pinned(row: Row) -> dict[str, Any]:
    """What is kept of a row: `outcome`, a list of arrays."""
    return _file(row.name)["rows"][row.id]


def pinned_outcome(row: Row) -> list[np.ndarray | None]:
    """Outputs, gradients of inputs and weights, losses and weights of TensorFlow, for the same inputs and weights."""
    return [
        None if v is None else np.array(v["values"], dtype=v["dtype"]).reshape(v["shape"])
        for v in pinned(row)["outcome"]
    ]
