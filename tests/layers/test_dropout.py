"""Dropout, noise and penalties: what they do in training, seeds, equality with torch, configs."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch.core.seeds import SeedGenerator
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.regularization import alpha_dropout, dropout, noise
from tests.layers.agreement import agree, config_of, numbers

RANDOM = [
    ("Dropout", {"rate": 0.4}, (8, 200)),
    ("Dropout", {"rate": 0.4, "noise_shape": (None, 1)}, (200, 3)),
    ("SpatialDropout1D", {"rate": 0.4}, (40, 5, 6)),
    ("SpatialDropout2D", {"rate": 0.4}, (40, 2, 2, 6)),
    ("SpatialDropout2D", {"rate": 0.4, "data_format": "channels_first"}, (40, 6, 2, 2)),
    ("SpatialDropout3D", {"rate": 0.4}, (40, 2, 2, 2, 6)),
    ("GaussianNoise", {"stddev": 0.4}, (8, 200)),
    ("GaussianDropout", {"rate": 0.4}, (8, 200)),
    ("AlphaDropout", {"rate": 0.4}, (8, 200)),
    ("AlphaDropout", {"rate": 0.4, "noise_shape": (None, 1)}, (200, 3)),
]


def layer_class(name):
    return next(getattr(module, name) for module in (dropout, noise, alpha_dropout) if hasattr(module, name))


@pytest.mark.parametrize(("name", "kwargs", "shape"), RANDOM)
def test_does_nothing_at_inference_and_has_keras_config(name, kwargs, shape):
    agree(name, kwargs, numbers(*shape), layer_class(name))
    agree(name, {**kwargs, "seed": 3}, numbers(*shape), layer_class(name), training=False)


@pytest.mark.parametrize(("name", "kwargs", "shape"), RANDOM)
def test_a_seed_fixes_a_sequence_of_its_own(name, kwargs, shape):
    x = torch.ones(shape)
    first, second = (layer_class(name)(**kwargs, seed=7) for _ in range(2))
    torch.manual_seed(0)
    sequence = [first(x, training=True) for _ in range(3)]
    torch.manual_seed(1)
    torch.rand(3)
    assert all(torch.equal(y, second(x, training=True)) for y in sequence)
    assert not torch.equal(sequence[0], sequence[1])
    assert len(first.variables) == 1


@pytest.mark.parametrize(("name", "kwargs", "shape"), RANDOM)
def test_without_a_seed_torchs_generator_rules(name, kwargs, shape):
    layer, x = layer_class(name)(**kwargs), torch.ones(shape)
    torch.manual_seed(0)
    first = layer(x, training=True)
    assert not torch.equal(first, layer(x, training=True))
    torch.manual_seed(0)
    assert torch.equal(first, layer(x, training=True))


def test_equals_torchs_dropout_bit_for_bit():
    layer, x = dropout.Dropout(0.3), torch.randn(5, 7)
    torch.manual_seed(0)
    mine = layer.train()(x)
    torch.manual_seed(0)
    assert torch.equal(mine, torch.nn.Dropout(0.3)(x))


@pytest.mark.parametrize(("name", "kwargs", "shape"), RANDOM)
@pytest.mark.parametrize("seed", [None, 11])
def test_mean_and_deviation_are_those_of_keras(name, kwargs, shape, seed):
    torch.manual_seed(0)
    x = np.ones((shape[0] * 50, *shape[1:]), "float32")
    outputs = layer_class(name)(**kwargs, seed=seed)(x, training=True)
    wanted = getattr(keras.layers, name)(**kwargs, seed=5)(x, training=True)
    assert outputs.mean().item() == pytest.approx(wanted.mean().item(), abs=0.05)
    assert outputs.std().item() == pytest.approx(wanted.std().item(), abs=0.05)


@pytest.mark.parametrize(("name", "kwargs", "shape"), [case for case in RANDOM if "Spatial" in case[0]])
def test_whole_channels_are_dropped(name, kwargs, shape):
    outputs = layer_class(name)(**kwargs)(torch.ones(shape), training=True)
    axes = (2, 3) if kwargs.get("data_format") == "channels_first" else tuple(range(1, len(shape) - 1))
    assert torch.equal(outputs.amax(axes), outputs.amin(axes))
    assert outputs.unique().tolist() == pytest.approx([0.0, 1 / 0.6])


@pytest.mark.parametrize("rate", [0, 0.0, 1, 1.0])
def test_the_limits_of_the_rate(rate):
    x = torch.ones(3, 4)
    assert torch.equal(dropout.Dropout(rate)(x, training=True), x * (1 - rate))
    # Keras on torch divides by zero at 1; TensorFlow's Keras does nothing.
    assert torch.equal(noise.GaussianDropout(rate)(x, training=True), x)


@pytest.mark.parametrize("seed", [None, 3])
def test_the_gradient_goes_through_what_is_kept(seed):
    x = torch.ones(50, requires_grad=True)
    outputs = dropout.Dropout(0.5, seed=seed)(x, training=True)
    outputs.sum().backward()
    assert torch.equal(x.grad, outputs.detach())


@pytest.mark.parametrize(("name", "kwargs", "shape"), RANDOM)
@pytest.mark.parametrize("seed", [None, 5])
def test_draws_the_same_in_a_compiled_training_step(name, kwargs, shape, seed):
    layer, twin = (layer_class(name)(**kwargs, seed=seed).train() for _ in range(2))
    torch.compiler.reset()
    compiled = torch.compile(twin, fullgraph=True, backend="eager")
    torch.manual_seed(0)
    wanted = [layer(torch.ones(shape)) for _ in range(3)]
    torch.manual_seed(0)
    assert all(torch.equal(compiled(torch.ones(shape)), y) for y in wanted)
    assert [v.tolist() for v in twin.variables] == [v.tolist() for v in layer.variables]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Dropout", "GaussianNoise"])
def test_draws_the_same_in_generated_code(name):
    layer, twin = (layer_class(name)(0.5, seed=5).train() for _ in range(2))
    torch.compiler.reset()
    compiled = torch.compile(twin, fullgraph=True)
    x = torch.ones(4, 3, requires_grad=True)
    for _ in range(2):
        compiled(x).sum().backward()
        assert torch.equal(compiled(x), (layer(x), layer(x))[1])


@pytest.mark.parametrize(("name", "kwargs", "shape"), RANDOM)
def test_layers_share_a_generator(name, kwargs, shape):
    seeds = SeedGenerator(3)
    first, second = (layer_class(name)(**kwargs, seed=seeds) for _ in range(2))
    assert not torch.equal(first(torch.ones(shape), training=True), second(torch.ones(shape), training=True))
    assert seeds.state.tolist() == [3, 2]
    assert first.variables[0] is second.variables[0]
    copy = deserialize_keras_object(serialize_keras_object(first))
    assert copy.seed_generator.get_config() == seeds.get_config()
    assert copy.get_config() == first.get_config()


@pytest.mark.parametrize("seed", [None, 3])
def test_alpha_dropout_keeps_mean_and_variance(seed):
    torch.manual_seed(0)
    x = torch.randn(400, 500)
    outputs = alpha_dropout.AlphaDropout(0.3, seed=seed)(x, training=True)
    assert outputs.mean().item() == pytest.approx(0.0, abs=0.02)
    assert outputs.var().item() == pytest.approx(1.0, abs=0.02)
    assert alpha_dropout.AlphaDropout(1.0)(x, training=True).abs().max() < 1e-5


@pytest.mark.parametrize(
    ("name", "kwargs", "message"),
    [
        ("Dropout", {"rate": -0.1}, r"argument `rate`. Expected a float value between 0 and 1.*rate=-0\.1"),
        ("Dropout", {"rate": 2}, r"argument `rate`.*rate=2"),
        ("Dropout", {"rate": "a"}, r"argument `rate`.*rate='a'"),
        ("Dropout", {"rate": 0.5, "noise_shape": "ab"}, r"Expected a tuple or list of integers.*'ab'"),
        ("Dropout", {"rate": 0.5, "noise_shape": 3}, r"Expected a tuple or list of integers.*=3"),
        ("Dropout", {"rate": 0.5, "noise_shape": (1, 0.5)}, r"element at index 1: 0\.5 \(type: float\)"),
        ("Dropout", {"rate": 0.5, "noise_shape": (1, 0)}, r"positive integers or None.*index 1: 0"),
        ("Dropout", {"rate": 0.5, "seed": "a"}, r"`seed` must be an integer"),
        ("AlphaDropout", {"rate": 1.5}, r"argument `rate`.*rate=1\.5"),
        ("AlphaDropout", {"rate": 0.5, "noise_shape": 3}, r"Expected a tuple or list of integers.*=3"),
        ("SpatialDropout2D", {"rate": 0.5, "data_format": "a"}, r"`data_format` argument must be one of"),
        ("GaussianNoise", {"stddev": -1}, r"argument `stddev`.*stddev=-1"),
        ("GaussianDropout", {"rate": 1.5}, r"argument `rate`.*rate=1\.5"),
    ],
)
def test_wrong_arguments_are_named(name, kwargs, message):
    with pytest.raises(InvalidArgumentError, match=message):
        layer_class(name)(**kwargs)


def test_a_noise_shape_of_another_rank_is_refused():
    with pytest.raises(ShapeError, match=r"`noise_shape` must have as many axes as the inputs, 2"):
        dropout.Dropout(0.5, noise_shape=(1,))(torch.ones(2, 3), training=True)


def test_activity_regularization_agrees_with_keras():
    kwargs = {"l1": 0.1, "l2": 0.2}
    ours, theirs = noise.ActivityRegularization(**kwargs), keras.layers.ActivityRegularization(**kwargs)
    x = numbers(4, 3)
    assert torch.equal(ours(x), torch.tensor(x))
    theirs(x)
    assert [loss.item() for loss in ours.losses] == pytest.approx([loss.item() for loss in theirs.losses])
    assert config_of(ours) == config_of(theirs)
    assert config_of(noise.ActivityRegularization.from_config(ours.get_config())) == config_of(ours)
