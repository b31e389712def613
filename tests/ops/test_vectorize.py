"""`keras.ops.vectorize`: functions of numbers, or of named axes, on whole tensors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import Input, Model, ops
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError


def total(a, b):
    return a + 2 * b


@pytest.mark.parametrize("shapes", [((), ()), ((3,), ()), ((2, 1), (3,)), ((2, 3), (2, 3)), ((1, 1), (1,))])
def test_numbers_are_broadcast(shapes):
    a, b = (np.random.default_rng(0).normal(size=shape).astype("float32") for shape in shapes)
    found = ops.vectorize(total)(a, b)
    np.testing.assert_allclose(found, np.vectorize(total)(a, b), rtol=1e-6)


@pytest.mark.parametrize(
    ("signature", "function", "shapes"),
    [
        ("(m,n),(n)->(m)", lambda a, x: a @ x, [(2, 3), (3,)]),
        ("(m,n),(n)->(m)", lambda a, x: a @ x, [(4, 2, 3), (3,)]),
        ("(m,n),(n)->(m)", lambda a, x: a @ x, [(5, 1, 2, 3), (4, 3)]),
        ("(n)->()", lambda x: x.sum(), [(2, 3)]),
        ("(n),()->(n)", lambda x, s: x * s, [(2, 3), (2,)]),
    ],
)
def test_named_axes_are_given_whole(signature, function, shapes):
    arrays = [np.random.default_rng(0).normal(size=shape).astype("float32") for shape in shapes]
    found = ops.vectorize(function, signature=signature)(*arrays)
    expected = np.vectorize(function, signature=signature)(*arrays)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_several_results():
    low, high = ops.vectorize(lambda x: (x.min(), x.max()), signature="(n)->(),()")([[3.0, 1.0], [2.0, 5.0]])
    assert low.tolist() == [1.0, 2.0]
    assert high.tolist() == [3.0, 5.0]


def test_excluded_arguments_and_none_are_passed_on():
    seen = []

    def scaled(x, how, by=None):
        seen.append((how, by))
        return x * how["factor"]

    assert ops.vectorize(scaled, excluded={1})([1, 2], {"factor": 3}, by=None).tolist() == [3, 6]
    assert seen == [({"factor": 3}, None)]


def test_keywords_are_broadcast_too():
    assert ops.vectorize(total)([1, 2], b=[10, 20]).tolist() == [21, 42]


def test_gradients_pass():
    x = torch.ones(3, requires_grad=True)
    ops.vectorize(lambda a, b: a * b)(x, [1.0, 2.0, 3.0]).sum().backward()
    assert x.grad.tolist() == [1.0, 2.0, 3.0]


def test_symbolic_tensors_make_a_step_of_a_model():
    inputs = Input((3,))
    model = Model(inputs, ops.vectorize(total)(inputs, 1.0))
    assert model.output_shape == (None, 3)
    assert model(torch.zeros(2, 3)).tolist() == [[2.0] * 3] * 2


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: ops.vectorize(3), InvalidArgumentError, "callable"),
        (lambda: ops.vectorize(total, signature="(n->m"), InvalidArgumentError, "valid signature"),
        (
            lambda: ops.vectorize(total, signature="(n)->(n)")([1], [2]),
            ArgumentTypeError,
            "names 1 arguments",
        ),
        (lambda: ops.vectorize(total, signature="(n),(n)->(n)")([1, 2], [2]), ShapeError, "sizes 2 and 1"),
        (lambda: ops.vectorize(total, signature="(n),(m,n)->(n)")([1], [2]), ShapeError, "not enough axes"),
        (
            lambda: ops.vectorize(total, signature="(n),(n)->()")([1], [2]),
            ShapeError,
            "does not have the axes",
        ),
        (
            lambda: ops.vectorize(total, signature="(n),(n)->(n),()")([1], [2]),
            ArgumentTypeError,
            "names 2 results",
        ),
    ],
)
def test_what_does_not_fit_is_an_error(call, error, match):
    with pytest.raises(error, match=match):
        call()
