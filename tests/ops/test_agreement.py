"""Every row of `keras.ops` agrees with Keras 3.15.1 on torch: values, types, shapes, gradients, symbolic results."""

from __future__ import annotations

import functools
from collections import Counter
from typing import Any

import keras
import numpy as np
import pytest
import torch

from kerastorch import KerasTensor, ops, tree
from tests.ops.cases import Row, numbers
from tests.ops.table import ROWS


def params(rows: list[Row]) -> list:
    """The rows as parameters; the first of each function runs always, the others in the sweep."""
    seen: Counter[str] = Counter()
    found = []
    for row in rows:
        marks = [pytest.mark.sweep] if seen[row.name] else []
        seen[row.name] += 1
        found.append(pytest.param(row, id=f"{row}-{seen[row.name]}", marks=marks))
    return found


def function(library: Any, name: str) -> Any:
    return functools.reduce(getattr, name.split("."), library)


def tensors(row: Row, gradient: bool = False) -> tuple[tuple, dict]:
    """The arguments with a tensor in place of each array."""

    def visit(leaf: Any) -> Any:
        if not isinstance(leaf, np.ndarray):
            return leaf
        found = torch.tensor(leaf)
        return found.requires_grad_() if gradient and found.is_floating_point() else found

    return tree.map_structure(visit, (row.args, row.kwargs))


def close(mine: Any, other: Any, row: Row) -> None:
    flat, expected = tree.flatten(numbers(mine)), tree.flatten(numbers(other))
    assert len(flat) == len(expected)
    for a, b in zip(flat, expected, strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=row.rtol, atol=row.atol)


def dtypes(structure: Any) -> list[str]:
    return [keras.backend.standardize_dtype(x.dtype) for x in tree.flatten(structure) if hasattr(x, "dtype")]


@pytest.mark.parametrize("row", params(ROWS))
def test_values_types_and_shapes_are_keras_s(row):
    args, kwargs = tensors(row)
    mine = function(ops, row.name)(*args, **kwargs)
    if row.expected is not None:
        close(mine, row.expected, row)
        return
    args, kwargs = tensors(row)
    other = function(keras.ops, row.name)(*args, **kwargs)
    close(mine, other, row)
    assert dtypes(mine) == dtypes(other)


@pytest.mark.parametrize("row", params([row for row in ROWS if not row.because]))
def test_arrays_give_what_tensors_give(row):
    args, kwargs = tensors(row)
    expected = function(ops, row.name)(*args, **kwargs)
    found = function(ops, row.name)(*row.args, **row.kwargs)
    close(found, expected, row)


@pytest.mark.parametrize("row", params([row for row in ROWS if row.gradient and row.expected is None]))
def test_gradients_are_keras_s(row):
    found = []
    for library in (ops, keras.ops):
        args, kwargs = tensors(row, gradient=True)
        leaves = [x for x in tree.flatten((args, kwargs)) if isinstance(x, torch.Tensor) and x.requires_grad]
        outputs = tree.flatten(function(library, row.name)(*args, **kwargs))
        total = sum(x.sum() for x in outputs if isinstance(x, torch.Tensor) and x.requires_grad)
        reached = isinstance(total, torch.Tensor)
        found.append(torch.autograd.grad(total, leaves, allow_unused=True) if reached else None)
    mine, other = (list(gradients or []) for gradients in found)
    assert [g is None for g in mine] == [g is None for g in other]
    close([g for g in mine if g is not None], [g for g in other if g is not None], row)


def symbols(row: Row) -> tuple[tuple, dict]:
    """The arguments with a symbolic tensor in place of each array; the first of most axes is open, if it may be."""
    arrays = [x for x in tree.flatten((row.args, row.kwargs)) if isinstance(x, np.ndarray)]
    rank = max(x.ndim for x in arrays)

    def visit(leaf: Any) -> Any:
        if not isinstance(leaf, np.ndarray):
            return leaf
        is_open = row.open_axis and 0 < leaf.ndim == rank and leaf.shape[0] > 1
        return KerasTensor((None, *leaf.shape[1:]) if is_open else leaf.shape, str(leaf.dtype))

    return tree.map_structure(visit, (row.args, row.kwargs))


def _has_arrays(row: Row) -> bool:
    return any(isinstance(x, np.ndarray) for x in tree.flatten((row.args, row.kwargs)))


@pytest.mark.parametrize("row", params([row for row in ROWS if row.symbolic and _has_arrays(row)]))
def test_symbolic_results_have_the_types_and_shapes_of_real_ones(row):
    args, kwargs = symbols(row)
    symbolic = tree.flatten(function(ops, row.name)(*args, **kwargs))
    args, kwargs = tensors(row)
    real = tree.flatten(function(ops, row.name)(*args, **kwargs))
    assert len(symbolic) == len(real)
    for spec, x in zip(symbolic, real, strict=True):
        assert len(spec.shape) == x.ndim
        assert all(s in (None, n) for s, n in zip(spec.shape, x.shape, strict=True))
        assert spec.dtype == str(x.dtype).removeprefix("torch.")
