"""Constraints: projections as in Keras, names and configs."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import constraints
from kerastorch.core.variable import Variable
from kerastorch.errors import ShapeError, UnknownIdentifierError

CASES = [
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 0.5, "axis": 1}),
    ("MaxNorm", {"max_value": 3.0, "axis": [0, 1, 2]}),
    ("MaxNorm", {"max_value": 3.0, "axis": None}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": [0, 1, 2]}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 0.5, "max_value": 1.5, "rate": 0.3, "axis": 1}),
]


def weight() -> torch.Tensor:
    w = torch.randn(3, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    w[:, :, 0, 0] = 0.0
    return w


@pytest.mark.parametrize(("name", "kwargs"), CASES)
def test_projections_equal_keras(name, kwargs):
    ours = getattr(constraints, name)(**kwargs)(weight())
    theirs = getattr(keras.constraints, name)(**kwargs)(weight())
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("name", "kwargs"), CASES)
def test_configs_equal_keras(name, kwargs):
    ours = constraints.serialize(getattr(constraints, name)(**kwargs))
    theirs = keras.constraints.serialize(getattr(keras.constraints, name)(**kwargs))
    assert ours == theirs
    assert constraints.serialize(constraints.deserialize(theirs)) == theirs


@pytest.mark.parametrize(
    "name",
    ["max_norm", "non_neg", "unit_norm", "min_max_norm", "MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"],
)
def test_every_name_means_what_it_means_in_keras(name):
    assert type(constraints.get(name)).__name__ == type(keras.constraints.get(name)).__name__
    assert getattr(constraints, name).__name__ == getattr(keras.constraints, name).__name__


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("maxnorm", constraints.MaxNorm),
        ("nonneg", constraints.NonNeg),
        ("unitnorm", constraints.UnitNorm),
        ("radial_constraint", constraints.RadialConstraint),
        ("RadialConstraint", constraints.RadialConstraint),
    ],
)
def test_older_names_are_known(name, kind):
    assert type(constraints.get(name)) is kind
    assert getattr(constraints, name) is kind


def rings_of_tensorflow(kernel: np.ndarray) -> np.ndarray:
    """TensorFlow's loop for one kernel: start from the middle and pad with one diagonal element after another."""
    size = len(kernel)
    start, odd = size // 2, size % 2
    ring = np.full((1, 1) if odd else (2, 2), kernel[start - 1, start - 1])
    for i in range(0 if odd else 1, start):
        ring = np.pad(ring, 1, constant_values=kernel[start + i, start + i])
    return ring


@pytest.mark.parametrize("size", [2, 3, 4, 5, 6])
def test_radial_constraints_give_the_values_of_tensorflow(size):
    w = torch.randn(size, size, 2, 3, generator=torch.Generator().manual_seed(0))
    result = constraints.RadialConstraint()(w)
    for i in range(2):
        for j in range(3):
            expected = rings_of_tensorflow(w[:, :, i, j].numpy())
            np.testing.assert_array_equal(result[:, :, i, j].numpy(), expected)


def test_a_kernel_of_width_one_stays_as_it_is():
    w = torch.randn(1, 1, 2, 3)
    assert torch.equal(constraints.RadialConstraint()(w), w)


@pytest.mark.parametrize("shape", [(3, 3, 2), (3, 4, 1, 1)])
def test_radial_constraints_need_square_kernels(shape):
    with pytest.raises(ShapeError, match="rank 4 and a square kernel"):
        constraints.RadialConstraint()(torch.ones(shape))


def test_a_variable_is_projected():
    kernel = Variable(torch.tensor([[-3.0], [4.0]]), name="kernel")
    kernel.assign(constraints.UnitNorm()(kernel))
    np.testing.assert_allclose(kernel.numpy(), [[-0.6], [0.8]], rtol=1e-6)


def test_arrays_are_taken():
    assert constraints.NonNeg()(np.array([-1.0, 2.0])).tolist() == [0.0, 2.0]


def test_users_functions_and_classes_are_taken():
    class Halved(constraints.Constraint):
        def __call__(self, w):
            return w / 2

    assert constraints.get(None) is None
    assert constraints.get(torch.relu) is torch.relu
    assert isinstance(constraints.get(Halved), Halved)
    config = constraints.serialize(Halved(), use_legacy_format=True)
    assert config == {"class_name": "Halved", "config": {}}
    assert isinstance(constraints.deserialize(config, {"Halved": Halved}, use_legacy_format=True), Halved)


def test_the_base_class_changes_nothing():
    w = torch.ones(2)
    assert constraints.Constraint()(w) is w


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(
        UnknownIdentifierError, match=r"Unknown constraint: 'max_nrm'. Did you mean 'max_norm'"
    ):
        constraints.get("max_nrm")
