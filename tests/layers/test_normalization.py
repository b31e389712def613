"""Batch and layer normalization: agreement with Keras, moving statistics, masks, freezing, precision."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.core.input_layer import Input
from kerastorch.layers.normalization.batch_normalization import BatchNormalization
from kerastorch.layers.normalization.layer_normalization import LayerNormalization
from tests.layers.agreement import agree, numbers, twins

BATCH_CASES = [
    ((8, 5), {}),
    ((8, 5), {"center": False}),
    ((8, 5), {"scale": False}),
    ((8, 5), {"center": False, "scale": False, "momentum": 0.5, "epsilon": 1e-5}),
    ((3, 6, 5), {}),
    ((3, 6, 5), {"axis": 1}),
    ((3, 4, 6, 5), {}),
    ((3, 4, 6, 5), {"axis": 1}),
    ((3, 4, 6, 5), {"axis": 2}),
    ((3, 4, 6, 5), {"axis": -2, "gamma_regularizer": "l2", "beta_constraint": "non_neg"}),
    ((2, 3, 4, 2, 5), {}),
    ((8, 5), {"renorm": True}),
    (
        (3, 6, 5),
        {"renorm": True, "renorm_clipping": {"rmax": 1.1, "rmin": 0.9, "dmax": 0.1}, "renorm_momentum": 0.8},
    ),
    ((8, 5), {"renorm": True, "scale": False, "center": False}),
    ((1, 5), {}),
]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("shape", "kwargs"), BATCH_CASES)
def test_batch_normalization_agrees_with_keras(shape, kwargs, training):
    agree("BatchNormalization", kwargs, 2.0 * numbers(*shape) + 1.0, BatchNormalization, training=training)


@pytest.mark.parametrize("renorm", [False, True])
@pytest.mark.parametrize("training", [True, False])
def test_masked_steps_do_not_count(training, renorm):
    mask = torch.tensor([[True, True, False, False], [True, False, False, False], [True] * 4])
    kwargs = {"renorm": renorm}
    agree("BatchNormalization", kwargs, numbers(3, 4, 5), BatchNormalization, training=training, mask=mask)


def test_moving_statistics_follow_keras_over_many_steps():
    ours, theirs = twins("BatchNormalization", {"momentum": 0.9}, (4, 3, 3, 2), BatchNormalization)
    for step in range(50):
        x = numbers(4, 3, 3, 2, seed=step)
        ours(x, training=True)
        theirs(x, training=True)
    for mine, wanted in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-5, atol=1e-6)


def test_the_moving_variance_takes_the_biased_variance_of_the_batch():
    layer = BatchNormalization(momentum=0.0)
    x = numbers(4, 3)
    layer(x, training=True)
    np.testing.assert_allclose(layer.moving_variance.numpy(), x.var(0), rtol=1e-5)


def test_a_frozen_layer_uses_and_keeps_its_moving_statistics():
    layer = BatchNormalization(trainable=False)
    x = numbers(8, 5)
    assert torch.equal(layer(x, training=True), layer(x, training=False))
    assert layer.moving_mean.tolist() == [0.0] * 5
    assert [w.name for w in layer.non_trainable_weights] == [
        "gamma",
        "beta",
        "moving_mean",
        "moving_variance",
    ]


def test_torchs_training_mode_counts_where_no_argument_is_given():
    layer = BatchNormalization()
    layer(numbers(8, 5))
    assert layer.moving_mean.abs().sum() == 0
    layer.train()
    layer(numbers(8, 5))
    assert layer.moving_mean.abs().sum() > 0


def test_two_calls_before_one_backward_pass_are_allowed():
    layer = BatchNormalization()
    x = torch.tensor(numbers(8, 5), requires_grad=True)
    (layer(x, training=True) + layer(2 * x, training=True)).sum().backward()
    assert x.grad is not None


def test_an_empty_batch_leaves_the_moving_statistics_finite():
    layer = BatchNormalization()
    assert layer(torch.ones(0, 4, 4, 3)).shape == (0, 4, 4, 3)
    assert torch.isfinite(layer.moving_variance).all()


@pytest.mark.parametrize("policy", ["float16", "bfloat16", "mixed_float16", "mixed_bfloat16", "float64"])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(64, 5), (4, 4, 4, 5)])
def test_batch_normalization_computes_in_the_type_of_its_policy(policy, training, shape):
    # Values far from zero overflow the squares of float16: the statistics must be taken in float32.
    x = 100.0 * numbers(*shape) + 300.0
    ours, theirs = twins("BatchNormalization", {"dtype": policy}, shape, BatchNormalization)
    mine, wanted = ours(x, training=training), theirs(x, training=training)
    assert mine.dtype is wanted.dtype
    np.testing.assert_allclose(mine.float().detach(), wanted.float().detach(), rtol=2e-2, atol=0.1)
    assert torch.isfinite(ours.moving_variance.float()).all() or policy == "float16"


def test_integers_are_normalized_as_floats():
    layer = BatchNormalization()
    assert layer(torch.tensor([[1], [3]]), training=True).dtype is torch.float32


def test_images_stay_in_their_memory_order():
    layer = BatchNormalization()
    x = torch.randn(2, 4, 4, 3, requires_grad=True)
    outputs = layer(x, training=True)
    outputs.sum().backward()
    assert outputs.is_contiguous()
    assert x.grad.is_contiguous()


@pytest.mark.parametrize("shape", [(8, 5), (3, 6, 5), (3, 4, 6, 5)])
@pytest.mark.parametrize("training", [True, False])
def test_batch_normalization_compiles_as_one_graph(shape, training):
    layer = BatchNormalization()
    layer.build(shape)
    layer.train(training)
    torch.compiler.reset()
    x = torch.randn(shape)
    compiled = torch.compile(layer, fullgraph=True, backend="eager")(x)
    moved = layer.moving_variance.clone()
    layer.moving_mean.assign(torch.zeros(5))
    layer.moving_variance.assign(torch.ones(5))
    torch.testing.assert_close(compiled, layer(x))
    torch.testing.assert_close(moved, layer.moving_variance)


@pytest.mark.parametrize("cls", [BatchNormalization, LayerNormalization])
@pytest.mark.parametrize("shape", [(8, 5), (3, 6, 5), (3, 4, 6, 5)])
def test_exports_with_any_batch_size(cls, shape):
    layer = cls()
    layer.build(shape)
    x, more = torch.randn(shape), torch.randn(9, *shape[1:])
    whole = torch.nn.Sequential(layer)
    exported = torch.export.export(whole, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    torch.testing.assert_close(exported.module()(more), layer(more))


@pytest.mark.parametrize(("argument", "value"), [("fused", True), ("virtual_batch_size", 4)])
def test_arguments_without_a_meaning_here_are_named(argument, value):
    with pytest.warns(UserWarning, match=f"accepts \\['{argument}'\\] and does not use them"):
        BatchNormalization(**{argument: value})


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"axis": 1.5}, r"Expected an integer for the argument `axis`.*1\.5"),
        ({"axis": [1, 2]}, r"Expected an integer for the argument `axis`.*\[1, 2\]"),
        ({"renorm": True, "renorm_clipping": {"rmx": 1}}, "invalid keys for `renorm_clipping`.*rmx"),
        ({"renorm": True, "renorm_clipping": {"rmax": 1, "rmin": 2}}, "rmax should be greater than rmin"),
        ({"renorm": True, "renorm_clipping": {"dmax": -1}}, "dmax should be non-negative"),
    ],
)
def test_wrong_arguments_of_batch_normalization_are_named(kwargs, message):
    with pytest.raises(InvalidArgumentError, match=message):
        BatchNormalization(**kwargs)


def test_an_axis_as_a_list_of_one_is_that_axis():
    assert BatchNormalization(axis=[3]).axis == 3


@pytest.mark.parametrize("cls", [BatchNormalization, LayerNormalization])
def test_axes_must_exist_and_have_known_sizes(cls):
    with pytest.raises(ShapeError, match=r"Axis 3 is out of bounds for input shape \(2, 4\)"):
        cls(axis=3)(torch.ones(2, 4))
    with pytest.raises(ShapeError, match=r"known sizes|defined dimension"):
        cls()(Input((None,)))


def test_a_mask_of_a_wrong_rank_is_refused():
    with pytest.raises(ShapeError, match="mask provided should be one dimension less"):
        BatchNormalization()(torch.ones(2, 3, 4), mask=torch.ones(2, 3, 4) > 0)


def test_batch_normalization_wants_the_number_of_channels_it_was_built_for():
    layer = BatchNormalization()
    layer(torch.ones(2, 3))
    with pytest.raises(ShapeError, match="expected axis -1 of input shape to have value 3"):
        layer(torch.ones(2, 4))


LAYER_CASES = [
    ((4, 5), {}),
    ((4, 5), {"center": False}),
    ((4, 5), {"scale": False}),
    ((4, 5), {"center": False, "scale": False, "epsilon": 1e-6}),
    ((4, 3, 5), {"axis": [1, 2]}),
    ((4, 3, 5), {"axis": [-2, -1], "gamma_regularizer": "l2"}),
    ((4, 3, 5, 2), {"axis": [1, 3]}),
]


@pytest.mark.parametrize(("shape", "kwargs"), LAYER_CASES)
def test_layer_normalization_agrees_with_keras(shape, kwargs):
    agree("LayerNormalization", kwargs, 2.0 * numbers(*shape) + 1.0, LayerNormalization)


@pytest.mark.parametrize("axis", [1, (1, 2), [-3, -2], [2]])
def test_layer_normalization_over_inner_axes(axis):
    # Keras on torch gives these to a kernel that only does the last axes, and fails; TensorFlow does them.
    x = numbers(4, 3, 5, 2)
    layer = LayerNormalization(axis=axis, epsilon=0.0)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    mean, deviation = x.mean(axes, keepdims=True), x.std(axes, keepdims=True)
    outputs = layer(x)
    np.testing.assert_allclose(outputs.detach(), (x - mean) / deviation, rtol=1e-3, atol=1e-5)
    sizes = tuple(x.shape[a] for a in axes)
    assert tuple(layer.gamma.shape) == tuple(layer.beta.shape) == sizes
    scale = np.random.default_rng(0).normal(size=sizes).astype("float32")
    layer.gamma.assign(scale)
    broadcast = np.ones(4, int)
    broadcast[list(axes)] = sizes
    expected = (x - mean) / deviation * scale.reshape(broadcast)
    np.testing.assert_allclose(layer(x).detach(), expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("axis", [-1, 1, [1, 2]])
def test_scaling_by_the_deviation_alone_agrees_with_keras(axis):
    with pytest.warns(UserWarning, match="rms_scaling=True"):
        agree("LayerNormalization", {"axis": axis, "rms_scaling": True}, numbers(4, 3, 5), LayerNormalization)


@pytest.mark.parametrize("policy", ["float16", "bfloat16", "mixed_float16", "mixed_bfloat16", "float64"])
def test_layer_normalization_computes_in_float32_at_least(policy):
    x = 100.0 * numbers(4, 32) + 300.0
    ours, theirs = LayerNormalization(dtype=policy), keras.layers.LayerNormalization(dtype=policy)
    mine, wanted = ours(x), theirs(x)
    assert mine.dtype is wanted.dtype
    np.testing.assert_allclose(mine.double().detach(), wanted.double().detach(), rtol=1e-2, atol=1e-2)


def test_layer_normalization_refuses_other_axes():
    with pytest.raises(InvalidArgumentError, match=r"Expected an int or a list/tuple of ints.*'a'"):
        LayerNormalization(axis="a")
