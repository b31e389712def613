"""Initializers: distributions, scaling, seeds and exact values."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
import torch
from keras.src.initializers.random_initializers import compute_fans as keras_fans

from kerastorch import initializers, random
from kerastorch.core.devices import device
from kerastorch.core.variable import Variable
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.initializers.scaling import compute_fans

SHAPES = [(), (5,), (7, 3), (4, 7, 3), (3, 3, 16, 32), (2, 3, 4, 5, 6)]
SCALED = ["GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"]
RANDOM = [*SCALED, "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "Orthogonal"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("axes", [(None, None), ([0], [-1]), ([0, 1], [2])])
def test_fans_equal_keras(shape, axes):
    used = [a for a in (axes[0] or []) + (axes[1] or []) if a >= 0]
    if axes[0] is not None and len(shape) <= max(used):
        axes = (None, None)
    assert compute_fans(shape, *axes) == keras_fans(shape, *axes)


@pytest.mark.parametrize("shape", [(120, 180), (3, 3, 40, 60)])
@pytest.mark.parametrize("name", SCALED)
def test_the_spread_of_scaled_initializers_equals_keras(name, shape):
    ours = getattr(initializers, name)(seed=1)(shape).numpy()
    theirs = getattr(keras.initializers, name)(seed=2)(shape).detach().numpy()
    assert abs(ours.mean()) < 4 * theirs.std() / math.sqrt(ours.size)
    np.testing.assert_allclose(ours.std(), theirs.std(), rtol=0.02)
    np.testing.assert_allclose(np.abs(ours).max(), np.abs(theirs).max(), rtol=0.02)


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize("distribution", ["truncated_normal", "untruncated_normal", "uniform", "normal"])
def test_variance_scaling_has_the_variance_it_is_asked_for(mode, distribution):
    fans = {"fan_in": 100, "fan_out": 400, "fan_avg": 250}
    values = initializers.VarianceScaling(3.0, mode, distribution, seed=1)((100, 400))
    assert values.var().item() == pytest.approx(3.0 / fans[mode], rel=0.03)


def test_axes_of_a_variance_scaling_count_the_fans():
    init = initializers.VarianceScaling(1.0, "fan_in", "uniform", seed=1, input_axes=[0, 1], output_axes=[2])
    limit = math.sqrt(3.0 / 600)
    assert init((20, 30, 5)).abs().max().item() == pytest.approx(limit, rel=0.01)


def test_truncated_normal_stays_within_two_standard_deviations():
    values = initializers.TruncatedNormal(mean=1.0, stddev=0.5, seed=1)((200_000,))
    assert values.min() >= 0.0
    assert values.max() <= 2.0
    assert values.mean().item() == pytest.approx(1.0, abs=0.01)
    assert values.std().item() == pytest.approx(0.5 * 0.8796, rel=0.01)


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("RandomNormal", {"mean": 1.0, "stddev": 0.3}),
        ("RandomUniform", {"minval": -1.0, "maxval": 2.0}),
        ("GlorotUniform", {}),
        ("HeUniform", {}),
        ("VarianceScaling", {"distribution": "untruncated_normal"}),
        ("Orthogonal", {"gain": 2.0}),
    ],
)
def test_an_integer_seed_gives_the_values_of_keras_on_torch(name, kwargs):
    ours = getattr(initializers, name)(**kwargs, seed=42)((6, 5))
    theirs = getattr(keras.initializers, name)(**kwargs, seed=42)((6, 5))
    np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", RANDOM)
def test_an_integer_seed_or_none_gives_the_same_values_on_every_call(name):
    for seed in (3, None):
        draw = getattr(initializers, name)(seed=seed)
        assert torch.equal(draw((4, 3)), draw((4, 3)))


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_generator_gives_other_values_on_every_call(name):
    draw = getattr(initializers, name)(seed=random.SeedGenerator(3))
    assert not torch.equal(draw((4, 3)), draw((4, 3)))


@pytest.mark.parametrize("fix", [random.set_random_seed, torch.manual_seed])
def test_the_global_seed_fixes_unseeded_initializers(fix):
    def draw():
        fix(11)
        return initializers.GlorotUniform()((3, 3)), initializers.GlorotUniform()((3, 3))

    first, second = draw(), draw()
    assert torch.equal(first[0], second[0])
    assert torch.equal(first[1], second[1])
    assert not torch.equal(first[0], first[1])


def test_a_clone_without_seed_draws_its_own():
    draw = initializers.RandomNormal(seed=None)
    assert not torch.equal(draw((5,)), draw.clone()((5,)))


def test_a_clone_with_seed_gives_the_same_values():
    draw = initializers.RandomNormal(seed=np.int64(4))
    assert torch.equal(draw((5,)), draw.clone()((5,)))


@pytest.mark.parametrize("shape", [(6, 6), (8, 3), (3, 8), (2, 3, 4)])
def test_orthogonal_matrices_are_orthogonal(shape):
    q = initializers.Orthogonal(gain=2.0, seed=1)(shape).reshape(-1, shape[-1])
    q = q if q.shape[0] >= q.shape[1] else q.T
    torch.testing.assert_close(q.T @ q, 4.0 * torch.eye(q.shape[1]), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("name", "kwargs", "shape"),
    [
        ("Zeros", {}, (2, 3)),
        ("Ones", {}, (2, 3)),
        ("Constant", {"value": 2.5}, (2, 3)),
        ("Constant", {"value": np.arange(3.0)}, (2, 3)),
        ("Identity", {"gain": 2.0}, (2, 3)),
    ],
)
def test_known_values_equal_keras(name, kwargs, shape):
    ours = getattr(initializers, name)(**kwargs)(shape)
    theirs = getattr(keras.initializers, name)(**kwargs)(shape)
    np.testing.assert_array_equal(ours.numpy(), theirs.detach().numpy())
    assert ours.dtype == theirs.dtype


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"side": "imag"},
        {"window": "hamming", "scaling": "spectrum"},
        {"window": "blackmanharris", "periodic": True},
        {"window": None},
        {"window": np.linspace(0.1, 1.0, 32), "scaling": None},
    ],
    ids=str,
)
def test_stft_kernels_equal_keras(kwargs):
    ours = initializers.STFT(**kwargs)((32, 1, 17))
    theirs = keras.initializers.STFT(**kwargs)((32, 1, 17))
    np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), atol=2e-5)


@pytest.mark.parametrize("window", ["bartlett", "blackman", "cosine", "hamming", "hann", "nuttall"])
@pytest.mark.parametrize("periodic", [True, False])
def test_windows_of_torch_are_those_of_scipy(window, periodic):
    kwargs = {"window": window, "periodic": periodic}
    ours = initializers.STFT(**kwargs)((16, 1, 9))
    theirs = keras.initializers.STFT(**kwargs)((16, 1, 9))
    np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), atol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("name", [*RANDOM, "Zeros", "Ones", "Constant", "Identity"])
def test_the_data_type_is_the_one_asked_for(name, dtype):
    value = getattr(initializers, name)()((3, 2), dtype=dtype)
    assert value.dtype == getattr(torch, dtype)
    assert bool(torch.isfinite(value).all())


@pytest.mark.parametrize("name", [*RANDOM, "Zeros", "Ones", "Constant", "Identity"])
def test_values_are_made_on_the_current_device(name):
    with device("meta"):
        assert getattr(initializers, name)()((3, 2)).device.type == "meta"


def test_a_variable_takes_an_initializer():
    kernel = Variable(initializers.get("glorot_uniform"), shape=(3, 2))
    assert kernel.shape == (3, 2)
    assert kernel.detach().std() > 0


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: initializers.VarianceScaling(scale=-1), InvalidArgumentError, "`scale` must be positive"),
        (lambda: initializers.VarianceScaling(mode="x"), InvalidArgumentError, "Invalid `mode` argument"),
        (
            lambda: initializers.VarianceScaling(distribution="x"),
            InvalidArgumentError,
            "Invalid `distribution` argument",
        ),
        (lambda: initializers.RandomNormal(seed="x"), InvalidArgumentError, "`seed` must be an integer"),
        (lambda: initializers.Orthogonal()((3,)), ShapeError, "must be at least two-dimensional"),
        (lambda: initializers.Identity()((3,)), ShapeError, "can only be used for 2D matrices"),
        (
            lambda: initializers.Constant(np.ones(3))((2, 2)),
            ShapeError,
            "cannot be broadcast to shape=\\(2, 2\\)",
        ),
        (lambda: initializers.Zeros()((2,), dtype="flaot32"), InvalidArgumentError, "Did you mean 'float32'"),
        (lambda: initializers.Initializer()((2,)), InvalidArgumentError, "does not define `__call__"),
        (lambda: initializers.STFT(side="x"), InvalidArgumentError, "`side` should be 'real' or 'imag'"),
        (lambda: initializers.STFT(scaling="x"), InvalidArgumentError, "Scaling is invalid"),
        (lambda: initializers.STFT(window="x"), InvalidArgumentError, "Unknown window: 'x'"),
        (
            lambda: initializers.STFT(window=np.ones(3))((4, 1, 3)),
            ShapeError,
            "must be equal to \\[frame_length\\]",
        ),
        (lambda: initializers.STFT()((4, 3)), ShapeError, "An STFT kernel has the shape"),
    ],
)
def test_wrong_arguments_say_what_is_wrong(make, error, message):
    with pytest.raises(error, match=message):
        make()
