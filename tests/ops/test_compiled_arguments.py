"""Lists, numbers and operands of several types are taken in code that is compiled as one graph."""

from __future__ import annotations

import pytest
import torch

from kerastorch import ops

X = torch.arange(6.0).reshape(2, 3)
Q = torch.linspace(-1, 1, 16).reshape(1, 2, 2, 4)


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: ops.add(X, [1.0, 2.0, 3.0]), id="floats"),
        pytest.param(lambda: ops.add(1.0, 2), id="numbers"),
        pytest.param(lambda: ops.take(X, [0, -1], axis=1), id="places"),
        pytest.param(lambda: ops.logical_and(X > 1, [True, False, True]), id="truth values"),
        pytest.param(lambda: ops.convert_to_tensor([[1, 2], [3, 2**40]]), id="large numbers"),
        pytest.param(lambda: ops.sum([X, X]), id="list of tensors"),
        pytest.param(lambda: ops.dot_product_attention(Q.half(), Q, Q), id="attention of two types"),
    ],
)
def test_a_graph_holds_what_is_given_beside_tensors(call):
    expected, found = call(), torch.compile(call, fullgraph=True, backend="eager")()
    assert found.dtype == expected.dtype
    assert torch.allclose(found.double(), expected.double())
