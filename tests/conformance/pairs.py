"""A row of the catalogue as a layer here and the same layer in Keras, with the same weights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import pytest
import torch

from kerastorch import layers
from tests.catalog.row import Row, with_layers


def params(rows: Iterable[Row]) -> list[Any]:
    """Rows as parameters of a test, with readable names."""
    return [pytest.param(row, id=row.id) for row in rows]


def make(row: Row, **extra: Any) -> Any:
    """The layer of a row, not built yet."""
    return getattr(layers, row.name)(**{"name": "row", **with_layers(row.kwargs, layers, extra), **extra})


def make_keras(row: Row, **extra: Any) -> Any:
    """Keras's layer of a row, not built yet."""
    return getattr(keras.layers, row.name)(
        **{"name": "row", **with_layers(row.kwargs, keras.layers, extra), **extra}
    )


def tensors(row: Row, seed: int = 0, dtype: torch.dtype | None = None) -> Any:
    """Inputs as the layer takes them: a tensor, or a list of tensors."""
    found = [torch.tensor(a) for a in row.arrays(seed)]
    if dtype is not None:
        found = [x.to(dtype) if x.is_floating_point() else x for x in found]
    return found if row.several else found[0]


def built(row: Row, **extra: Any) -> Any:
    """The layer of a row, called once, its weights all different."""
    layer = make(row, **extra)
    layer(tensors(row))
    layer.set_weights(weights_like(layer.get_weights()))
    return layer


def pair(row: Row, **extra: Any) -> tuple[Any, Any]:
    """The layer of a row and Keras's, with the same weights."""
    ours, theirs = built(row, **extra), make_keras(row, **extra)
    theirs(tensors(row))
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def weights_like(values: list[np.ndarray]) -> list[np.ndarray]:
    """Positive random weights, which are good for kernels and variances alike."""
    rng = np.random.default_rng(7)
    return [rng.uniform(0.1, 1.0, size=v.shape).astype(v.dtype) for v in values]


def flat(outputs: Any) -> torch.Tensor:
    """The only output, or the first of several."""
    return outputs[0] if isinstance(outputs, (list, tuple)) else outputs


def shapes(row: Row, batch: int | None, is_open: bool = False) -> Any:
    """The shapes of the inputs, with None for the batch and, if asked, for the open axes."""
    found = []
    for shape in row.sample_shapes():
        full = (batch, *shape)
        found.append(
            tuple(None if is_open and axis in row.open_axes else size for axis, size in enumerate(full))
        )
    return found if row.several else found[0]
