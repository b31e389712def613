"""Group, RMS, unit and spectral normalization, and batches that several processes share."""

from __future__ import annotations

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import torch

from kerastorch import Input, Model, layers
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from tests.layers.agreement import numbers

HALF = ["float16", "bfloat16", "mixed_float16", "mixed_bfloat16", "float64"]


@pytest.mark.parametrize("policy", HALF)
@pytest.mark.parametrize(
    ("name", "kwargs"), [("GroupNormalization", {"groups": 4}), ("RMSNormalization", {})]
)
def test_low_precision_is_squared_in_float32(name, kwargs, policy):
    x = 300.0 + 100.0 * numbers(4, 6, 32)
    ours, theirs = (getattr(module, name)(**kwargs, dtype=policy) for module in (layers, keras.layers))
    mine, wanted = ours(x), theirs(x)
    assert mine.dtype is wanted.dtype
    np.testing.assert_allclose(mine.double().detach(), wanted.double().detach(), rtol=1e-2, atol=2e-2)


@pytest.mark.parametrize("axis", [1, (1, 2), [-3, -2]])
def test_rms_normalization_over_inner_axes_scales_along_them(axis):
    # Keras multiplies by a scale of these axes as if they were the last ones, and fails where sizes differ.
    x = numbers(4, 3, 5, 2)
    layer = layers.RMSNormalization(axis=axis, epsilon=0.0)
    layer.build(x.shape)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    sizes = tuple(x.shape[a] for a in axes)
    scale = np.arange(1.0, 1.0 + np.prod(sizes), dtype="float32").reshape(sizes)
    layer.set_weights([scale])
    broadcast = np.ones(4, int)
    broadcast[list(axes)] = sizes
    expected = x / np.sqrt((x**2).mean(axes, keepdims=True)) * scale.reshape(broadcast)
    np.testing.assert_allclose(layer(x).detach(), expected, rtol=1e-4)


def test_what_has_no_length_stays_zero_with_a_finite_gradient():
    x = torch.zeros(2, 3, requires_grad=True)
    outputs = layers.UnitNormalization()(x)
    outputs.sum().backward()
    assert outputs.tolist() == [[0.0] * 3] * 2
    assert torch.isfinite(x.grad).all()


@pytest.mark.parametrize("cls", [layers.GroupNormalization, layers.LayerNormalization])
def test_images_stay_in_their_memory_order(cls):
    x = torch.randn(2, 4, 4, 32, requires_grad=True)
    outputs = cls()(x)
    outputs.sum().backward()
    assert outputs.is_contiguous()
    assert x.grad.is_contiguous()


def test_one_sample_with_a_group_for_each_channel_is_normalized_to_beta():
    assert layers.GroupNormalization(groups=-1)(torch.ones(1, 3)).tolist() == [[0.0] * 3]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: layers.GroupNormalization(groups=0), InvalidArgumentError, r"argument `groups`.*groups=0"),
        (lambda: layers.GroupNormalization(groups=1.5), InvalidArgumentError, r"argument `groups`.*=1\.5"),
        (
            lambda: layers.GroupNormalization(axis=(1, 2)),
            InvalidArgumentError,
            r"integer for the argument `axis`",
        ),
        (
            lambda: layers.GroupNormalization(8)(torch.ones(2, 4)),
            ShapeError,
            r"\(8\) cannot be more than.*\(4\)",
        ),
        (
            lambda: layers.GroupNormalization(3)(torch.ones(2, 4)),
            ShapeError,
            r"\(4\) must be a multiple of.*\(3\)",
        ),
        (
            lambda: layers.GroupNormalization(1, axis=0)(torch.ones(2, 4)),
            ShapeError,
            r"not be the batch axis",
        ),
        (
            lambda: layers.GroupNormalization(1, axis=3)(torch.ones(2, 4)),
            ShapeError,
            r"Axis 3 is out of bounds",
        ),
        (
            lambda: layers.GroupNormalization(1)(Input((None,))),
            ShapeError,
            r"should have a defined dimension",
        ),
        (lambda: layers.RMSNormalization(axis="a"), ArgumentTypeError, r"int or a list/tuple of ints.*'a'"),
        (lambda: layers.RMSNormalization(axis=2)(torch.ones(2, 4)), ShapeError, r"Axis 2 is out of bounds"),
        (lambda: layers.RMSNormalization()(Input((None,))), ShapeError, r"must have known sizes"),
        (lambda: layers.UnitNormalization(axis=1.5), ArgumentTypeError, r"int or a list/tuple of ints.*1\.5"),
        (lambda: layers.UnitNormalization(axis=2)(torch.ones(2, 4)), ShapeError, r"Axis 2 is out of bounds"),
        (
            lambda: layers.SpectralNormalization(layers.Dense(2), 0),
            InvalidArgumentError,
            r"should be greater than zero.*power_iterations=0",
        ),
        (
            lambda: layers.SpectralNormalization("Dense"),
            InvalidArgumentError,
            r"isn't a supported layer type.*as `layer`. Received: 'Dense'",
        ),
        (
            lambda: layers.SpectralNormalization(layers.ReLU())(torch.ones(2, 4)),
            InvalidArgumentError,
            r"ReLU object has no attribute 'kernel' nor 'embeddings'",
        ),
    ],
)
def test_wrong_arguments_and_inputs_are_named(make, error, message):
    with pytest.raises(error, match=message):
        make()


# Spectral normalization -------------------------------------------------------------------------------------


def test_the_kernel_gets_the_spectral_norm_one():
    layer = layers.SpectralNormalization(layers.Conv2D(4, 3), power_iterations=30)
    layer(torch.randn(2, 5, 5, 3), training=True)
    assert torch.linalg.svdvals(layer.layer.kernel.reshape(-1, 4))[0].item() == pytest.approx(1.0, rel=1e-4)


def test_a_kernel_of_zeros_stays_as_it_is():
    layer = layers.SpectralNormalization(layers.Dense(2, kernel_initializer="zeros"))
    layer.build((None, 3))
    before = layer.get_weights()
    layer(torch.ones(1, 3), training=True)
    assert all(np.array_equal(a, b) for a, b in zip(before, layer.get_weights(), strict=True))


def test_embeddings_are_normalized_and_keep_their_type():
    # Keras on every backend casts the vectors to the integers' type.
    layer = layers.SpectralNormalization(layers.Embedding(7, 3), power_iterations=30)
    outputs = layer(torch.tensor([[1, 2]]), training=True)
    assert outputs.dtype is torch.float32
    assert torch.linalg.svdvals(layer.layer.embeddings)[0].item() == pytest.approx(1.0, rel=1e-3)


def test_two_calls_before_one_backward_pass_are_allowed():
    # As a discriminator is called, on true and on made data.
    layer = layers.SpectralNormalization(layers.Dense(2))
    x = torch.randn(4, 3, requires_grad=True)
    (layer(x, training=True) - layer(2 * x, training=True)).sum().backward()
    assert layer.layer.kernel.grad is not None


def test_the_kernel_is_one_weight_and_one_parameter():
    layer = layers.SpectralNormalization(layers.Dense(2))
    layer(torch.ones(1, 3))
    assert len(list(layer.parameters())) == 2
    assert layer.kernel is layer.layer.kernel


# Several processes ------------------------------------------------------------------------------------------

PROCESS = """
import json, sys
import numpy as np
import torch
from torch import distributed
from kerastorch import layers

rank, address = int(sys.argv[1]), sys.argv[2]
distributed.init_process_group("gloo", init_method="file://" + address, rank=rank, world_size=2)
x = np.random.default_rng(0).normal(size=(7, 3, 2)).astype("float32")
mask = np.random.default_rng(1).random((7, 3)) < 0.6
mine = slice(0, 5) if rank == 0 else slice(5, 7)
found = []
for name, kwargs, masked in json.loads(sys.argv[3]):
    layer = getattr(layers, name)(**kwargs)
    inputs = torch.tensor(x[mine], requires_grad=True)
    outputs = layer(inputs, training=True, mask=torch.tensor(mask[mine]) if masked else None)
    (outputs**3).sum().backward()
    found.append([outputs.tolist(), inputs.grad.tolist(), [w.tolist() for w in layer.get_weights()]])
print(json.dumps(found))
"""

SHARED = [
    ("BatchNormalization", {"synchronized": True, "momentum": 0.5}, False),
    ("BatchNormalization", {"synchronized": True, "renorm": True}, False),
    ("SyncBatchNormalization", {"momentum": 0.5}, False),
    ("SyncBatchNormalization", {"momentum": 0.5}, True),
]


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """What two processes find, each on its part of the batch: outputs, gradients and weights for each case."""
    address = tmp_path_factory.mktemp("processes") / "meeting"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(rank), str(address), json.dumps(SHARED)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    return [json.loads(process.communicate(timeout=120)[0].splitlines()[-1]) for process in running]


@pytest.mark.parametrize("case", range(len(SHARED)), ids=["batch", "renorm", "sync", "masked"])
def test_two_processes_normalize_as_one_with_the_whole_batch(processes, case):
    first, second = (found[case] for found in processes)
    name, kwargs, masked = SHARED[case]
    layer = getattr(layers, name)(**kwargs)
    inputs = torch.tensor(
        np.random.default_rng(0).normal(size=(7, 3, 2)).astype("float32"), requires_grad=True
    )
    mask = torch.tensor(np.random.default_rng(1).random((7, 3)) < 0.6) if masked else None
    outputs = layer(inputs, training=True, mask=mask)
    (outputs**3).sum().backward()
    for number, whole in enumerate((outputs.detach(), inputs.grad)):
        joined = np.concatenate([first[number], second[number]])
        np.testing.assert_allclose(joined, whole, rtol=1e-4, atol=2e-5)
    assert first[2] == second[2]
    for mine, wanted in zip(first[2], layer.get_weights(), strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-4, atol=1e-6)


def test_without_other_processes_synchronized_changes_nothing():
    x = numbers(6, 3)
    plain, shared = layers.BatchNormalization(), layers.BatchNormalization(synchronized=True)
    assert torch.equal(plain(x, training=True), shared(x, training=True))
    assert shared.get_config()["synchronized"] is True


# Embeddings that go back, configs of layers -----------------------------------------------------------------


def test_vectors_have_a_mask_and_scores_have_none():
    layer = layers.ReversibleEmbedding(7, 3, mask_zero=True)
    ids = torch.tensor([[1, 0]])
    assert layer(ids)._keras_mask.tolist() == [[True, False]]
    assert not hasattr(layer(torch.ones(1, 2, 3), reverse=True), "_keras_mask")


def test_a_graph_uses_one_embedding_both_ways():
    layer, ids = layers.ReversibleEmbedding(7, 3, mask_zero=True), Input((4,), dtype="int32")
    vectors = layer(ids)
    model = Model(ids, layer(vectors * 2.0, reverse=True))
    x = torch.tensor([[1, 2, 0, 3]])
    assert vectors._keras_mask is not None
    assert model.output_shape == (None, 4, 7)
    torch.testing.assert_close(model(x), 2.0 * layer.embeddings[x] @ layer.embeddings.t())


@pytest.mark.parametrize("legacy", [True, False])
def test_layers_are_configs_and_back(legacy):
    config = layers.serialize(layers.Dense(3, name="last"), use_legacy_format=legacy)
    assert ("registered_name" in config) is not legacy
    assert layers.deserialize(config).get_config() == layers.Dense(3, name="last").get_config()


def test_configs_of_other_things_are_refused():
    with pytest.raises(InvalidArgumentError, match=r"config of something else than a layer.*'l2'"):
        layers.deserialize({"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 0.1}})


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"output_dim": 0}, r"`output_dim` should be a positive integer.*=0"),
        ({"output_dim": 2, "scale": -1.0}, r"`scale` should be a positive float.*=-1\.0"),
        ({"output_dim": 2, "kernel_initializer": "gausian"}, r"Unsupported `kernel_initializer`.*'gaussian'"),
    ],
)
def test_wrong_arguments_of_random_features_are_named(kwargs, message):
    with pytest.raises(InvalidArgumentError, match=message):
        layers.RandomFourierFeatures(**kwargs)


@pytest.mark.parametrize(("kind", "norm"), [("gaussian", 2), ("laplacian", 1)])
def test_random_features_approximate_their_kernel(kind, norm):
    torch.manual_seed(0)
    layer = layers.RandomFourierFeatures(40_000, kind, scale=1.5)
    x, y = torch.tensor([[0.1, 0.5]]), torch.tensor([[0.9, -0.2]])
    found = (layer(x) * layer(y)).mean() * 2
    distance = torch.linalg.vector_norm(x - y, norm)
    expected = torch.exp(-(distance**2) / (2 * 1.5**2)) if kind == "gaussian" else torch.exp(-distance / 1.5)
    assert found.item() == pytest.approx(expected.item(), abs=0.03)
