"""A row of the catalogue as a layer here and the same layer in Keras, with the same weights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import pytest
import torch

from kerastorch import layers, tree
from tests.catalog.row import BATCH, Row, with_layers


def params(rows: Iterable[Row]) -> list[Any]:
    """Rows as parameters of a test, with readable names; all but the first of a class belong to the sweep."""
    found, seen = [], set()
    for row in rows:
        marks = [pytest.mark.sweep] if row.name in seen else []
        found.append(pytest.param(row, id=row.id, marks=marks))
        seen.add(row.name)
    return found


def make(row: Row, **extra: Any) -> Any:
    """The layer of a row, not built yet."""
    return getattr(layers, row.name)(**{"name": "row", **with_layers(row.kwargs, layers, extra), **extra})


def make_keras(row: Row, **extra: Any) -> Any:
    """Keras's layer of a row, not built yet."""
    return getattr(keras.layers, row.name)(
        **{"name": "row", **with_layers(row.kwargs, keras.layers, extra), **extra}
    )


def tensors(row: Row, seed: int = 0, dtype: torch.dtype | None = None, batch: int = BATCH) -> Any:
    """Inputs as the layer takes them: a tensor, or a list of tensors; words stay arrays."""
    if row.words:
        found: list[Any] = row.arrays(seed, batch)
    else:
        found = [torch.tensor(a) for a in row.arrays(seed, batch)]
        if dtype is not None:
            found = [x.to(dtype) if x.is_floating_point() else x for x in found]
    return found if row.several else found[0]


def run(layer: Any, row: Row, inputs: Any, **extra: Any) -> Any:
    """What a layer returns for the inputs of a row and its further arguments of the call.

    Layers that draw random numbers do so only where `training=True` is asked for, also those whose default it is.
    """
    if row.random:
        extra.setdefault("training", False)
    call = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in row.call.items()}
    return layer(*inputs, **call, **extra) if row.apart else layer(inputs, **call, **extra)


def built(row: Row, **extra: Any) -> Any:
    """The layer of a row, called once, its weights all different."""
    layer = make(row, **extra)
    run(layer, row, tensors(row))
    layer.set_weights(weights_like(layer.get_weights()))
    return layer


def pair(row: Row, **extra: Any) -> tuple[Any, Any]:
    """The layer of a row and Keras's, with the same weights."""
    ours, theirs = built(row, **extra), make_keras(row, **extra)
    run(theirs, row, tensors(row))
    theirs.set_weights(ours.get_weights())
    if theirs.weights and hasattr(theirs, "finalize_state"):
        theirs.finalize_state()  # only then Keras's `Normalization` uses them
    return ours, theirs


def weights_like(values: list[np.ndarray]) -> list[np.ndarray]:
    """Positive random weights, which are good for kernels and variances alike; integers stay as they are."""
    rng = np.random.default_rng(7)
    return [
        rng.uniform(0.1, 1.0, size=v.shape).astype(v.dtype) if np.issubdtype(v.dtype, np.floating) else v
        for v in values
    ]


def flat(outputs: Any) -> torch.Tensor:
    """The only output, or the first of several."""
    return leaves(outputs)[0]


def leaves(outputs: Any) -> list[Any]:
    """All outputs, in one list."""
    return [x for x in tree.flatten(outputs) if x is not None]


def same(left: Any, right: Any) -> bool:
    """Whether all outputs of two calls are equal, bit for bit."""
    pairs = zip(leaves(left), leaves(right), strict=True)
    return all(torch.equal(a, b) if isinstance(a, torch.Tensor) else np.array_equal(a, b) for a, b in pairs)


def close(left: Any, right: Any, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """Fails unless all outputs of two calls agree."""
    for a, b in zip(leaves(left), leaves(right), strict=True):
        assert tuple(a.shape) == tuple(b.shape)
        np.testing.assert_allclose(*(_numpy(x) for x in (a, b)), rtol=rtol, atol=atol)


def _numpy(x: Any) -> np.ndarray:
    return (x.detach().float() if x.is_floating_point() else x.detach()).numpy() if torch.is_tensor(x) else x


def shapes(row: Row, batch: int | None, is_open: bool = False) -> Any:
    """The shapes of the inputs, with None for the batch and, if asked, for the open axes."""
    found = []
    for shape in row.sample_shapes():
        full = (batch, *shape)
        found.append(
            tuple(None if is_open and axis in row.open_axes else size for axis, size in enumerate(full))
        )
    return found if row.several else found[0]
