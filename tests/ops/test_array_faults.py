"""Wrong axes, shapes and settings of `keras.ops.numpy`: errors that name the function and what it got."""

from __future__ import annotations

import pytest
import torch

from kerastorch import KerasTensor, ops
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError

X = torch.zeros(2, 3)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: ops.expand_dims(X, (0, 5)), ShapeError, "out of range.*keras.ops.expand_dims"),
        (lambda: ops.squeeze(X, 0), ShapeError, r"length 1.*\(2, 3\).*keras.ops.squeeze"),
        (lambda: ops.reshape(X, (-2, 3)), ShapeError, r"non-negative integers.*newshape=\(-2, 3\)"),
        (lambda: ops.reshape(X, (4, -1)), ShapeError, r"\(2, 3\) does not fit"),
        (lambda: ops.transpose(X, (0, 0)), InvalidArgumentError, "valid permutation"),
        (lambda: ops.swapaxes(X, 0, 2), InvalidArgumentError, "axis 2 is out of bounds"),
        (lambda: ops.moveaxis(X, (0, -3), (1, 0)), InvalidArgumentError, "axis -3 is out of bounds"),
        (lambda: ops.flip(X, 2), InvalidArgumentError, "out of bounds.*keras.ops.flip"),
        (lambda: ops.roll(X, 1, 2), InvalidArgumentError, "out of range.*keras.ops.roll"),
        (lambda: ops.rot90(X[0]), ShapeError, "at least two axes"),
        (lambda: ops.rot90(X, axes=(0, 0)), InvalidArgumentError, "Two different"),
        (lambda: ops.split(X, 2, 1), ShapeError, r"\(2, 3\) cannot be cut into 2"),
        (lambda: ops.array_split(X, [1]), ArgumentTypeError, "must be of type `int`"),
        (lambda: ops.array_split(X, 0), InvalidArgumentError, "positive integer"),
        (lambda: ops.pad(X, 1, "odd"), InvalidArgumentError, "Unknown mode 'odd'"),
        (lambda: ops.pad(X, 1, "edge", 2), InvalidArgumentError, "can only be provided when"),
        (lambda: ops.pad(X, ((1, 1),) * 3), ShapeError, "3 pairs for 2 axes"),
        (lambda: ops.pad(X, ((1, 1), (1,))), InvalidArgumentError, "length 1 or 2"),
        (lambda: ops.pad(X[:0], 1, "edge"), ShapeError, "has none"),
        (lambda: ops.take(X, [3], 1), InvalidArgumentError, "out of bounds.*keras.ops.take"),
        (lambda: ops.take(X, [0], 2), InvalidArgumentError, "Axis 2 is out of range"),
        (lambda: ops.where(X, X), InvalidArgumentError, "both"),
        (lambda: ops.select(X, [X]), ArgumentTypeError, "must be lists"),
        (lambda: ops.select([], []), ShapeError, "must not be empty"),
        (lambda: ops.argpartition(X, 3), InvalidArgumentError, "`kth` must be an integer"),
        (lambda: ops.searchsorted(X, 1.0), ShapeError, "only supports 1-D"),
        (lambda: ops.cross(X[:, :1], X), ShapeError, "length 2 or 3"),
        (lambda: ops.correlate(X, X), ShapeError, "Two vectors"),
        (lambda: ops.correlate(X[0], X[0], "odd"), InvalidArgumentError, "Unknown mode 'odd'"),
        (lambda: ops.matmul(X, X), InvalidArgumentError, r"keras.ops.matmul\(<float32 of shape \(2, 3\)>"),
        (lambda: ops.concatenate([X, X[:, :2]]), InvalidArgumentError, "keras.ops.concatenate"),
    ],
)
def test_faults_are_explained(call, error, match):
    with pytest.raises(error, match=match):
        call()


@pytest.mark.parametrize(
    ("call", "shapes"),
    [
        (lambda x: [ops.nonzero(x)], [(2, None)]),
        (lambda x: [ops.where(x)], [(2, None)]),
        (lambda x: ops.unique(x, return_inverse=True, return_counts=True), [(None,), (4, 3), (None,)]),
        (lambda x: ops.unique(x, return_index=True, axis=0), [(None, 3), (None,)]),
        (lambda x: ops.unique(x, return_index=True, size=5), [(5,), (5,)]),
        (lambda x: [ops.reshape(x, KerasTensor((2,), "int32"))], [(None, None)]),
    ],
)
def test_sizes_that_depend_on_values_are_unknown(call, shapes):
    assert [y.shape for y in call(KerasTensor((4, 3)))] == shapes
