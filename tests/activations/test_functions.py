"""Activation functions: values and gradients as in Keras, and what they accept."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import activations
from kerastorch.core.logits import logits_of
from kerastorch.core.spec import KerasTensor
from kerastorch.core.tracing import any_symbolic
from kerastorch.errors import InvalidArgumentError

# Those that Keras computes as documented; sparsemax has tests of its own.
AS_KERAS = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "tanh",
    "tanh_shrink",
]
PLAIN = [*AS_KERAS, "sparsemax"]
CASES = [(name, {}) for name in AS_KERAS] + [
    ("celu", {"alpha": 0.3}),
    ("elu", {"alpha": 0.3}),
    ("gelu", {"approximate": True}),
    ("glu", {"axis": 1}),
    ("hard_shrink", {"threshold": 1.5}),
    ("leaky_relu", {"negative_slope": 0.01}),
    ("log_softmax", {"axis": 1}),
    ("log_softmax", {"axis": (1, 2)}),
    ("log_softmax", {"axis": None}),
    ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 2.0}),
    ("relu", {"max_value": 6}),
    ("relu", {"threshold": 1.0}),
    ("relu", {"threshold": -1.0}),
    ("relu", {"negative_slope": 0.1, "max_value": 2.0}),
    ("relu", {"negative_slope": 0.1, "threshold": 1.0}),
    ("relu", {"negative_slope": 0.1, "max_value": 2.0, "threshold": 1.0}),
    ("soft_shrink", {"threshold": 1.5}),
    ("softmax", {"axis": 1}),
    ("softmax", {"axis": (1, 2)}),
    ("softmax", {"axis": None}),
    ("squareplus", {"b": 1.0}),
    ("threshold", {"threshold": 1.0, "default_value": -3.0}),
]
IDS = [f"{name}-{kwargs}" for name, kwargs in CASES]


def samples() -> np.ndarray:
    """Values around every kink, and some between; shape (4, 6, 6)."""
    kinks = np.array([-6.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 6.0, 8.0, -20.0])
    others = np.random.default_rng(0).normal(0.0, 3.0, 132)
    return np.concatenate([kinks, others]).astype("float32").reshape(4, 6, 6)


def simplex_projection(row: np.ndarray) -> np.ndarray:
    """The nearest point of the probability simplex, found by bisection of the threshold."""
    low, high = row.max() - 1.0, row.max()
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(row - middle, 0).sum() > 1 else (low, middle)
    return np.maximum(row - low, 0)


def value_and_gradient(fn, x: np.ndarray, kwargs: dict) -> tuple[np.ndarray, np.ndarray]:
    leaf = torch.tensor(x, requires_grad=True)
    y = fn(leaf, **kwargs)
    (y * torch.cos(torch.arange(y.numel())).reshape(y.shape)).sum().backward()
    return y.detach().numpy(), leaf.grad.numpy()


@pytest.mark.parametrize(("name", "kwargs"), CASES, ids=IDS)
def test_values_and_gradients_equal_keras(name, kwargs):
    x = samples()
    ours = value_and_gradient(getattr(activations, name), x, kwargs)
    theirs = value_and_gradient(getattr(keras.activations, name), x, kwargs)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("axis", [-1, 1])
def test_sparsemax_projects_onto_the_simplex(axis):
    # As documented and as in the paper; Keras adds up cumulative sums, so that its results do not sum to one.
    x = samples().astype("float64")
    ours = activations.sparsemax(torch.from_numpy(x), axis=axis).numpy()
    np.testing.assert_allclose(ours, np.apply_along_axis(simplex_projection, axis, x), atol=1e-12)


def test_sparsemax_of_one_large_value_equals_keras():
    x = torch.tensor([[9.0, 1.0, 0.0], [0.0, -3.0, 4.0]])
    np.testing.assert_array_equal(activations.sparsemax(x), keras.activations.sparsemax(x))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", PLAIN)
def test_the_data_type_is_kept(name, dtype):
    x = torch.linspace(-2, 2, 8, dtype=dtype)
    assert getattr(activations, name)(x).dtype == dtype


@pytest.mark.parametrize("name", [name for name in PLAIN if name != "linear"])
def test_arrays_and_lists_become_tensors(name):
    fn = getattr(activations, name)
    x = [[-1.0, 0.5], [2.0, 3.0]]
    expected = fn(torch.tensor(x))
    assert torch.equal(fn(x), expected)
    assert torch.equal(fn(np.array(x, "float32")), expected)


@pytest.mark.parametrize(("name", "kwargs"), CASES, ids=IDS)
def test_fx_traces_through(name, kwargs):
    fn = getattr(activations, name)
    if kwargs.get("axis", -1) is None or isinstance(kwargs.get("axis"), tuple):
        kwargs = {**kwargs, "axis": 1}  # how many axes there are is not known to a proxy
    traced = torch.fx.symbolic_trace(lambda x: fn(x, **kwargs))
    x = torch.from_numpy(samples())
    assert torch.equal(traced(x), fn(x, **kwargs))


@pytest.mark.parametrize("name", [name for name in PLAIN if name not in ("linear", "glu")])
def test_symbolic_tensors_pass_through(name):
    y = getattr(activations, name)(KerasTensor((None, 4)))
    assert any_symbolic([y])
    assert y.shape == (None, 4)


@pytest.mark.parametrize("name", PLAIN)
def test_compiled_code_is_one_graph(name):
    fn = getattr(activations, name)
    x = torch.from_numpy(samples())
    compiled = torch.compile(fn, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), fn(x))


def test_relu_runs_one_torch_function():
    calls = []

    class Spy(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            calls.append(func)
            return func(*args, **(kwargs or {}))

    x = torch.ones(2)
    with Spy():
        activations.relu(x)
    assert calls == [torch.relu]


def test_relu_takes_the_older_name_of_its_slope():
    x = torch.from_numpy(samples())
    assert torch.equal(activations.relu(x, alpha=0.3), activations.relu(x, negative_slope=0.3))


def test_relu_refuses_two_slopes():
    with pytest.raises(InvalidArgumentError, match="`alpha` is the older name of `negative_slope`"):
        activations.relu(torch.ones(2), negative_slope=0.1, alpha=0.3)


@pytest.mark.parametrize("axis", [-1, 1])
def test_softmax_remembers_its_logits_over_the_last_axis(axis):
    x = torch.randn(2, 3)
    assert logits_of(activations.softmax(x, axis=axis), "softmax") is x


@pytest.mark.parametrize("axis", [0, -2, None])
def test_softmax_over_other_axes_remembers_nothing(axis):
    assert logits_of(activations.softmax(torch.randn(2, 3), axis=axis), "softmax") is None


def test_sigmoid_remembers_its_logits():
    x = torch.randn(2, 3)
    assert logits_of(activations.sigmoid(x), "sigmoid") is x


def test_softmax_and_sigmoid_stay_finite_at_large_logits():
    x = torch.tensor([[1e4, -1e4, 0.0]])
    assert activations.softmax(x).tolist() == [[1.0, 0.0, 0.0]]
    assert activations.sigmoid(x).tolist() == [[1.0, 0.0, 0.5]]
