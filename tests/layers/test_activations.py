"""Activation layers beyond what holds for every layer: arguments of both dialects, masks, logits, faults."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import Input, layers
from kerastorch.core.logits import logits_of

X = torch.linspace(-3.0, 3.0, 24).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        (layers.Softmax(), "softmax"),
        (layers.Softmax(axis=[2]), "softmax"),
        (layers.Activation("softmax"), "softmax"),
        (layers.Activation("sigmoid"), "sigmoid"),
        (layers.Dense(3, activation="softmax"), "softmax"),
    ],
)
def test_probabilities_remember_their_logits(layer, kind):
    logits = logits_of(layer(X), kind)
    found = torch.softmax(logits, -1) if kind == "softmax" else torch.sigmoid(logits)
    assert torch.equal(found, layer(X))


def test_softmax_over_another_axis_remembers_none():
    assert logits_of(layers.Softmax(axis=1)(X), "softmax") is None


@pytest.mark.parametrize("mask_shape", [(2, 3, 4), (3, 4), (4,), (2, 1, 4), (1,)])
@pytest.mark.parametrize("dtype", [torch.bool, torch.float32, torch.int64])
@pytest.mark.parametrize("axis", [-1, 1, (1, 2)])
def test_masked_softmax_is_keras_s(mask_shape, dtype, axis):
    mask = torch.tensor(np.random.default_rng(0).random(mask_shape) < 0.7).to(dtype)
    ours = layers.Softmax(axis=axis)(X, mask=mask)
    np.testing.assert_allclose(ours, keras.layers.Softmax(axis=axis)(X, mask=mask), rtol=1e-6, atol=1e-7)


def test_masked_softmax_of_nothing_is_zero():
    assert layers.Softmax()(X, mask=torch.zeros(4, dtype=torch.bool)).abs().sum() == 0


def test_masked_values_never_count_however_large():
    x = torch.tensor([[1e30, 0.0, 0.0]])
    mask = torch.tensor([[False, True, True]])
    assert layers.Softmax(robust_masking=False)(x, mask=mask).tolist() == [[0.0, 0.5, 0.5]]


@pytest.mark.parametrize("mask_shape", [(2, 3), (5, 2, 3, 4), (3,)])
def test_masks_that_do_not_fit_are_refused(mask_shape):
    with pytest.raises(ValueError, match="`mask` must be broadcastable to `inputs`"):
        layers.Softmax()(X, mask=torch.ones(mask_shape, dtype=torch.bool))


def test_softmax_takes_symbolic_masks():
    x, mask = Input((3, 4)), Input((3, 4), dtype="bool")
    assert layers.Softmax()(x, mask=mask).shape == (None, 3, 4)


def test_leaky_relu_takes_the_name_of_keras_2():
    layer = layers.LeakyReLU(alpha=0.1)
    assert layer.get_config()["negative_slope"] == 0.1
    assert torch.equal(layer(X), layers.LeakyReLU(0.1)(X))


@pytest.mark.parametrize("shared_axes", [None, 1, [1], [2], [1, 2], (1, 2)])
def test_prelu_shares_slopes_as_keras_does(shared_axes):
    ours, theirs = (lib.PReLU(shared_axes=shared_axes) for lib in (layers, keras.layers))
    ours(X), theirs(X)
    assert [tuple(w.shape) for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    assert ours.get_config()["shared_axes"] == theirs.get_config()["shared_axes"]


def test_prelu_counts_axes_from_the_end():
    layer = layers.PReLU(shared_axes=-2)
    layer(X)
    assert tuple(layer.alpha.shape) == (1, 4)


def test_prelu_has_keras_s_gradient_at_zero():
    grads = []
    for lib in (layers, keras.layers):
        x = torch.zeros(1, 2, requires_grad=True)
        lib.PReLU(alpha_initializer="ones")(x).sum().backward()
        grads.append(x.grad)
    assert torch.equal(*grads)


def test_an_activation_may_be_a_layer_or_a_torch_function():
    assert torch.equal(layers.Activation(layers.LeakyReLU(0.3))(X), layers.LeakyReLU(0.3)(X))
    assert torch.equal(layers.Activation(torch.tanh)(X), torch.tanh(X))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.ReLU(max_value=-1.0), "max_value of a ReLU layer cannot be a negative value"),
        (
            lambda: layers.ReLU(negative_slope=-1.0),
            "negative_slope of a ReLU layer cannot be None or a negative",
        ),
        (
            lambda: layers.ReLU(negative_slope=None),
            "negative_slope of a ReLU layer cannot be None or a negative",
        ),
        (lambda: layers.ReLU(threshold=-0.5), "threshold of a ReLU layer cannot be None or a negative"),
        (
            lambda: layers.ThresholdedReLU(-1.0),
            "theta of a ThresholdedReLU layer cannot be None or a negative",
        ),
        (
            lambda: layers.ThresholdedReLU(None),
            "theta of a ThresholdedReLU layer cannot be None or a negative",
        ),
        (
            lambda: layers.LeakyReLU(-0.1),
            "negative_slope value of a Leaky ReLU layer cannot be None or negative",
        ),
        (
            lambda: layers.LeakyReLU(None),
            "negative_slope value of a Leaky ReLU layer cannot be None or negative",
        ),
        (lambda: layers.LeakyReLU(0.1, alpha=0.2), "`alpha` is the older name of `negative_slope`"),
        (lambda: layers.ELU(alpha=None), "Alpha of an ELU layer cannot be None"),
        (lambda: layers.Activation("rleu"), "Unknown activation function: 'rleu'. Did you mean 'relu'"),
        (lambda: layers.PReLU(shared_axes=[0])(X), r"`shared_axes` of PReLU .* must be axes from 1 to 2"),
        (lambda: layers.PReLU(shared_axes=[3])(X), r"`shared_axes` of PReLU .* must be axes from 1 to 2"),
    ],
)
def test_wrong_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_prelu_wants_the_shape_it_was_built_for():
    layer = layers.PReLU()
    layer(X)
    with pytest.raises(ValueError, match="expected axis 2 of input shape to have value 4"):
        layer(X[:, :, :2])
