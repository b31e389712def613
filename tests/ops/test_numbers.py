"""Functions of numbers and reductions: what they refuse, and what no table of rows shows."""

from __future__ import annotations

import pytest
import torch

from kerastorch import KerasTensor, ops

X = torch.ones(2, 3)
ERRORS = {
    "shapes": (
        lambda: ops.maximum(X, torch.ones(4)),
        ValueError,
        r"`keras.ops.maximum` failed: .*of shape \(2, 3\)",
    ),
    "axis": (lambda: ops.sum(X, axis=2), ValueError, r"`keras.ops.sum` failed: .*of shape \(2, 3\)>, axis=2"),
    "axis twice": (
        lambda: ops.mean(X, axis=(0, -2)),
        ValueError,
        r"`keras.ops.mean` failed: .*axis=\(0, -2\)",
    ),
    "axis of a median": (
        lambda: ops.median(X, axis=3),
        ValueError,
        r"`keras.ops.median` failed: axis 3 is out of",
    ),
    "nothing to compare": (lambda: ops.max(X[:0]), ValueError, r"`keras.ops.max` failed"),
    "exponent": (lambda: ops.ldexp(X, X), TypeError, "The exponent `x2` must be of integers"),
    "number of bins": (lambda: ops.histogram(X[0], bins=2.5), TypeError, "`bins` must be of type `int`"),
    "negative bins": (lambda: ops.histogram(X[0], bins=-1), ValueError, "non-negative integer"),
    "range": (lambda: ops.histogram(X[0], range=(2, 1)), ValueError, "must be greater than the first"),
    "range of three": (lambda: ops.histogram(X[0], range=[1, 2]), ValueError, "must be a tuple of two"),
    "rank": (lambda: ops.histogram(X), ValueError, "must be 1-dimensional"),
    "edges": (lambda: ops.digitize(X, X), ValueError, "`bins` must have one axis"),
    "sparse counts": (lambda: ops.bincount([1], sparse=True), ValueError, "Unsupported value `sparse=True`"),
    "counts of a cube": (lambda: ops.bincount([[[1]]]), ValueError, "one axis or two"),
    "weights": (
        lambda: ops.average(X, 0, torch.ones(3)),
        ValueError,
        r"length of its axis 0.*of shape \(3,\)",
    ),
    "weights without axis": (
        lambda: ops.average(X, weights=torch.ones(3)),
        ValueError,
        "`weights` must have the shape",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_faults_are_explained(case):
    call, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        call()


def test_symbolic_faults_are_explained():
    with pytest.raises(ValueError, match=r"'sum.*cannot be applied to"):
        ops.sum(KerasTensor((None, 3)), axis=5)


def test_counts_have_an_open_length():
    assert ops.bincount(KerasTensor((None,), "int32")).shape == (None,)
    assert ops.bincount(KerasTensor((None, 5), "int32"), minlength=3).shape == (None, None)


def test_means_of_half_precision_do_not_overflow():
    x = torch.full((4,), 60000.0, dtype=torch.float16)
    assert ops.mean(x).item() == 60000.0
    assert ops.var(x).item() == 0.0


def test_bfloat16_stays():
    x = torch.tensor([1.0, 4.0], dtype=torch.bfloat16)
    functions = (ops.sqrt, ops.mean, ops.var, ops.std, ops.median, ops.sum, ops.cumsum, ops.ceil, ops.nanmean)
    assert {f(x).dtype for f in functions} == {torch.bfloat16}
    assert ops.maximum(x, 2.5).dtype == ops.hypot(x, 2).dtype == torch.bfloat16
    assert ops.maximum(x, x.half()).dtype == torch.float32


def test_an_alias_is_the_function_itself():
    assert ops.absolute is ops.abs
    assert ops.true_divide is ops.divide
    assert ops.left_shift is ops.bitwise_left_shift


@pytest.mark.sweep
def test_one_graph_holds_them():
    def step(x, y):
        z = ops.maximum(ops.mod(ops.exp(ops.clip(x, -1, 1)), 2.0), ops.divide_no_nan(x, y))
        return ops.nanmean(z, axis=0) + ops.var(z) + ops.cumsum(ops.average(z, 1, y[0])).sum() + ops.amax(z)

    x, y = torch.randn(2, 3), torch.rand(2, 3)
    torch._dynamo.reset()
    found = torch.compile(step, backend="eager", fullgraph=True)(x, y)
    torch._dynamo.reset()
    torch.testing.assert_close(found, step(x, y))


@pytest.mark.parametrize("dtype", [torch.uint16, torch.uint32], ids=str)
@pytest.mark.parametrize("name", ["max", "min", "ptp", "nanmax", "argmax", "argmin", "prod", "cumsum"])
def test_unsigned_integers_for_which_torch_has_no_kernel(name: str, dtype: torch.dtype) -> None:
    numbers = torch.tensor([2, 7, 3])
    found = getattr(ops, name)(numbers.to(dtype))
    assert found.tolist() == getattr(ops, name)(numbers).tolist()
    assert found.dtype is (dtype if name in ("max", "min", "ptp", "nanmax") else torch.int32)


def test_the_larger_of_unsigned_integers() -> None:
    x = torch.tensor([1, 5], dtype=torch.uint16)
    found = ops.maximum(x, torch.tensor([3, 4], dtype=torch.uint16))
    assert (found.tolist(), found.dtype) == ([3, 5], torch.uint16)
    assert ops.clip(x, 2, 4).tolist() == [2, 4]
