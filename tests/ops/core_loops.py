"""Rows for `keras.ops`: loops and choices, with structures of tensors."""

from __future__ import annotations

import numpy as np
import torch

from tests.ops.cases import Row, array


def square(x):
    return x * x


def both(x):
    return {"a": x + 1, "b": (x * 2, x.sum())}


def product(x):
    return x[0] * x[1]


def entries(x):
    return x["a"] - x["b"]


def running(total, x):
    return total + x, total * 2


def without_result(total, x):
    return total + x, None


def counted(total, x):
    return total + 1, total * 3


def pair_of(totals, xs):
    return (totals[0] + xs[0], totals[1] * xs[1]), totals[0] - xs[1]


def add(a, b):
    return a + b


def add_each(a, b):
    return [x + y for x, y in zip(a, b, strict=True)]


def affine(a, b):
    return [a[0] * b[0], a[1] * b[0] + b[1]]


def grow(i, x):
    return x * 1.5 + i


def grow_both(i, xs):
    return [xs[0] + i, xs[1] * 2]


def below(x):
    return x.sum() < 20.0


def doubled(x):
    return x * 2 + 1


def below_both(x, y):
    return x.sum() < 20.0


def step_both(x, y):
    return x * 2 + 1, y + x


def plus(x, y):
    return x + y


def minus(x, y):
    return x - y


def left():
    return torch.ones(2)


def right():
    return torch.zeros(2)


_SHAPES = [(3,), (1,), (4, 2), (2, 3, 2), (3, 1, 2, 2), (2, 1, 2, 1, 2)]
_TYPES = ["int32", "float32", "float64", "float16"]
_LENGTHS = [1, 2, 3, 4, 5, 7, 8, 16]

ROWS = [
    *(
        Row(name, (f, array(*s)))
        for name in ("map", "vectorized_map")
        for f in (square, both)
        for s in _SHAPES
    ),
    *(Row(name, (square, array(3, 2, dtype=t))) for name in ("map", "vectorized_map") for t in _TYPES),
    *(
        Row(name, (product, [array(*s), array(*s, seed=1)]))
        for name in ("map", "vectorized_map")
        for s in _SHAPES
    ),
    *(
        Row(name, (entries, {"a": array(*s), "b": array(*s, seed=1)}))
        for name in ("map", "vectorized_map")
        for s in _SHAPES
    ),
    *(
        Row("scan", (running, array(*s[1:], seed=1), array(*s)), {"reverse": reverse})
        for s in _SHAPES
        for reverse in (False, True)
    ),
    *(Row("scan", (running, array(2, dtype=t), array(3, 2, dtype=t))) for t in _TYPES),
    *(Row("scan", (without_result, array(*s[1:], seed=1), array(*s))) for s in _SHAPES[:3]),
    *(Row("scan", (counted, array(2)), {"length": n, "unroll": u}) for n in (1, 3) for u in (1, True)),
    *(
        Row(
            "scan",
            (pair_of, (array(2), array(2, seed=1)), (array(3, 2), array(3, 2, seed=2))),
            {"reverse": r},
        )
        for r in (False, True)
    ),
    *(
        Row("associative_scan", (add, array(n, 2)), {"reverse": reverse}, open_axis=False)
        for n in _LENGTHS
        for reverse in (False, True)
    ),
    *(
        Row("associative_scan", (add, array(2, n, 3)), {"axis": axis}, open_axis=False)
        for n in _LENGTHS
        for axis in (1, 2)
    ),
    *(Row("associative_scan", (affine, [array(n), array(n, seed=1)]), open_axis=False) for n in _LENGTHS),
    Row("associative_scan", (add_each, [array(5)] * 3), open_axis=False),
    Row(
        "associative_scan",
        (add_each, [np.arange(5)] * 2),
        expected=[np.array([0, 1, 3, 6, 10])] * 2,
        because="Keras gives floats for integers",
        open_axis=False,
    ),
    *(Row("fori_loop", (0, n, grow, array(*s))) for n in (0, 1, 4) for s in _SHAPES),
    *(Row("fori_loop", (2, n, grow_both, [array(2), array(2, seed=1)])) for n in (3, 5)),
    *(
        Row("while_loop", (below, doubled, array(*s, low=0.5)), {"maximum_iterations": n})
        for s in _SHAPES
        for n in (None, 1, 3)
    ),
    *(
        Row("while_loop", (below_both, step_both, (array(2, low=0.5), array(2))), {"maximum_iterations": n})
        for n in (None, 0, 2)
    ),
    *(
        Row("switch", (index, [plus, minus], array(*s), array(*s, seed=1)))
        for index in (0, 1, 5, -3)
        for s in ((), *_SHAPES)
    ),
    *(
        Row("cond", (pred, left, right))
        for pred in (True, False, np.array(True), np.array(False), np.array([1]))
    ),
]
