"""Regularizers: penalties and gradients as in Keras, names and configs."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import regularizers
from kerastorch.errors import InvalidArgumentError, ShapeError, UnknownIdentifierError

CASES = [
    ("L1", {}),
    ("L1", {"l1": 0.3}),
    ("L1", {"l1": None}),
    ("L2", {}),
    ("L2", {"l2": 0.3}),
    ("L2", {"l2": None}),
    ("L1L2", {}),
    ("L1L2", {"l1": 0.3}),
    ("L1L2", {"l2": 0.2}),
    ("L1L2", {"l1": 0.3, "l2": 0.2}),
    ("L1L2", {"l1": None, "l2": None}),
    ("OrthogonalRegularizer", {}),
    ("OrthogonalRegularizer", {"factor": 0.3, "mode": "columns"}),
]


def penalty_and_gradient(fn, dtype: torch.dtype) -> tuple[float, np.ndarray]:
    x = torch.randn(5, 4, generator=torch.Generator().manual_seed(0)).to(dtype).requires_grad_()
    penalty = fn(x)
    assert penalty.dtype == dtype
    (gradient,) = torch.autograd.grad(penalty, x, allow_unused=True)
    return penalty.item(), np.zeros((5, 4)) if gradient is None else gradient.numpy()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("name", "kwargs"), CASES)
def test_penalties_and_gradients_equal_keras(name, kwargs, dtype):
    ours = penalty_and_gradient(getattr(regularizers, name)(**kwargs), dtype)
    theirs = getattr(keras.regularizers, name)(**kwargs)
    if name == "L1L2" and not (theirs.l1 or theirs.l2):
        assert ours[0] == 0.0
        assert not ours[1].any()
        return
    expected = penalty_and_gradient(theirs, dtype)
    np.testing.assert_allclose(ours[0], expected[0], rtol=1e-6)
    np.testing.assert_allclose(ours[1], expected[1], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("name", "kwargs"), CASES)
def test_configs_equal_keras(name, kwargs):
    ours = regularizers.serialize(getattr(regularizers, name)(**kwargs))
    theirs = keras.regularizers.serialize(getattr(keras.regularizers, name)(**kwargs))
    for key, value in theirs["config"].items():  # Keras holds factors in float32
        assert ours["config"][key] == (value if isinstance(value, str) else pytest.approx(value, rel=1e-6))
    assert {**ours, "config": None} == {**theirs, "config": None}
    assert regularizers.deserialize(theirs).get_config().keys() == theirs["config"].keys()


@pytest.mark.parametrize("name", ["L1", "L2", "L1L2", "l1", "l2", "l1l2", "orthogonal_regularizer"])
def test_every_name_means_what_it_means_in_keras(name):
    ours, theirs = regularizers.get(name), keras.regularizers.get(name)
    assert type(ours).__name__ == type(theirs).__name__


def test_the_name_l1_l2_has_the_factors_that_keras_documents():
    # Keras 2 and the documentation of Keras 3 give 0.01; Keras 3.15.1 does not know the name.
    assert regularizers.get("l1_l2").get_config() == {"l1": 0.01, "l2": 0.01}


@pytest.mark.parametrize("name", ["l1", "l2", "l1_l2", "orthogonal_regularizer"])
def test_every_alias_is_the_class_that_it_is_in_keras(name):
    assert getattr(regularizers, name).__name__ == getattr(keras.regularizers, name).__name__


def test_arrays_are_taken():
    assert regularizers.L2(0.5)(np.array([1.0, 3.0])).item() == 5.0


def test_a_single_row_has_no_pairs_to_penalise():
    # Keras divides zero by zero here.
    assert regularizers.OrthogonalRegularizer()(torch.ones(1, 3)).item() == 0.0


def test_a_row_of_zeros_has_a_finite_gradient():
    x = torch.zeros(2, 3, requires_grad=True)
    regularizers.OrthogonalRegularizer()(x).backward()
    assert bool(torch.isfinite(x.grad).all())


def test_users_functions_and_classes_are_taken():
    class Largest(regularizers.Regularizer):
        def __call__(self, x):
            return x.abs().max()

    assert regularizers.get(torch.sum) is torch.sum
    assert isinstance(regularizers.get(Largest), Largest)
    config = regularizers.serialize(Largest())
    assert isinstance(regularizers.deserialize(config, {"Largest": Largest}, use_legacy_format=True), Largest)


def test_the_base_class_has_no_penalty():
    assert regularizers.Regularizer()(torch.ones(2)) == 0.0


@pytest.mark.parametrize("bad", [-0.1, float("nan"), float("inf"), "x", [1.0]])
@pytest.mark.parametrize(
    ("name", "key"), [("L1", "l1"), ("L2", "l2"), ("L1L2", "l1"), ("OrthogonalRegularizer", "factor")]
)
def test_factors_must_be_numbers_from_zero(name, key, bad):
    with pytest.raises(
        InvalidArgumentError, match=f"Invalid value for argument {key}: expected a non-negative"
    ):
        getattr(regularizers, name)(**{key: bad})


def test_the_mode_must_be_known():
    with pytest.raises(InvalidArgumentError, match="Invalid value for argument `mode`"):
        regularizers.OrthogonalRegularizer(mode="both")


def test_orthogonality_needs_a_matrix():
    with pytest.raises(ShapeError, match="must have rank 2"):
        regularizers.OrthogonalRegularizer()(torch.ones(2, 2, 2))


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(UnknownIdentifierError, match=r"Unknown regularizer: 'l1_l3'. Did you mean 'l1_l2'"):
        regularizers.get("l1_l3")
