"""Symbolic calls whose unknown sizes must be equal, or known, are inferred with other stand-ins."""

from __future__ import annotations

import pytest

from kerastorch import KerasTensor, ops
from kerastorch.errors import KerasTorchError


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        (lambda t: ops.add(t(None, 3), t(2, 3)), (2, 3)),
        (lambda t: ops.add(t(None, 3), t(2, None)), (2, 3)),
        (lambda t: ops.add(t(None, None, 3), t(None, 2, None)), (None, 2, 3)),
        (lambda t: ops.conv(t(2, 7, 4), t(None, 4, 3)), (2, None, 3)),
        (lambda t: ops.layer_normalization(t(None, 8, 4), t(None, 4)), (None, 8, 4)),
        (lambda t: ops.reshape(t(None, 6), (4, 3)), (4, 3)),
        (lambda t: ops.diagonal(t(None, 3)), (None,)),
        (lambda t: ops.svd(t(None, 3, 4, None), False)[1], (None, 3, None)),
        (lambda t: ops.multiply(t(*[None] * 6), t(*[None] * 6)), (None,) * 6),
        (lambda t: ops.add(t(None, 3), t(None, None, 3)), (None, None, 3)),
        (lambda t: ops.matmul(t(None, 3, 4), t(3, None, 4, 5)), (3, None, 3, 5)),
        (lambda t: ops.inner(t(5, None), t(4, 3)), (5, 4)),
        (lambda t: ops.vstack([t(None, 3), t(None, None)]), (None, 3)),
        (lambda t: ops.broadcast_to(t(None, 3), (2, 3, 3)), (2, 3, 3)),
        (lambda t: ops.reshape(t(None, 3), (3, 2)), (3, 2)),
        (lambda t: t(None, 3) * t(4, 3), (4, 3)),
    ],
)
def test_unknown_sizes_take_what_fits(call, shape):
    assert call(lambda *sizes: KerasTensor(sizes)).shape == shape


@pytest.mark.parametrize(
    "call",
    [
        lambda t: ops.matmul(t(None, 3), t(4, 5)),
        lambda t: ops.add(t(None, 3), t(2, 4)),
        lambda t: ops.concatenate([t(None, 3), t(None, 4)]),
        lambda t: ops.reshape(t(None, 3), (2, 2)),
        lambda t: ops.squeeze(t(None, 1), 0),
        lambda t: ops.unstack(t(None, 1)),
    ],
)
def test_what_no_size_makes_fit_stays_an_error(call):
    with pytest.raises(KerasTorchError, match="None"):
        call(lambda *sizes: KerasTensor(sizes))
