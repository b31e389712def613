"""`tf.nn` against the layers and losses of Keras."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch.compat import tensorflow as tf
from kerastorch.errors import InvalidArgumentError, ShapeError

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(2, 7, 6, 4)).astype("float32")
LOGITS = RNG.normal(size=(5, 3)).astype("float32")
LABELS = np.array([0, 2, 1, 1, 0])


def array(*shape):
    return RNG.normal(size=shape).astype("float32")


def close(found, expected):
    np.testing.assert_allclose(
        found.detach().numpy(), keras.ops.convert_to_numpy(expected), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(
    ("strides", "dilations"), [(1, None), ([1, 2, 3, 1], None), (2, None), ([1, 1], 2)], ids=str
)
def test_convolution_is_keras(padding, strides, dilations):
    kernel = array(3, 2, 4, 5)
    spatial = {1: (1, 1), 2: (2, 2)}[strides] if isinstance(strides, int) else tuple(strides[-3:-1])
    spatial = (1, 1) if strides == [1, 1] else spatial
    expected = keras.ops.conv(IMAGES, kernel, spatial, padding.lower(), dilation_rate=dilations or 1)
    close(tf.nn.conv2d(IMAGES, kernel, strides, padding, dilations=dilations), expected)


def test_convolution_of_sequences_volumes_and_channels_first():
    sequence, kernel = array(2, 9, 3), array(4, 3, 2)
    close(tf.nn.conv1d(sequence, kernel, 2, "SAME"), keras.ops.conv(sequence, kernel, 2, "same"))
    volume, kernel = array(1, 4, 5, 4, 2), array(2, 2, 2, 2, 3)
    close(tf.nn.conv3d(volume, kernel, 1, "VALID"), keras.ops.conv(volume, kernel, 1, "valid"))
    kernel = array(3, 3, 4, 2)
    first = tf.nn.conv2d(IMAGES.transpose(0, 3, 1, 2), kernel, [1, 1, 2, 2], "SAME", data_format="NCHW")
    close(first.permute(0, 2, 3, 1), tf.nn.conv2d(IMAGES, kernel, 2, "SAME"))


def test_padding_may_be_written_out():
    kernel = array(3, 3, 4, 2)
    found = tf.nn.conv2d(IMAGES, kernel, 1, [[0, 0], [1, 2], [0, 1], [0, 0]])
    around = np.pad(IMAGES, [(0, 0), (1, 2), (0, 1), (0, 0)])
    close(found, tf.nn.conv2d(around, kernel, 1, "VALID").detach())


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_depthwise_and_separable_convolution_are_keras(padding):
    depthwise, pointwise = array(3, 3, 4, 2), array(1, 1, 8, 5)
    close(
        tf.nn.depthwise_conv2d(IMAGES, depthwise, [1, 1, 1, 1], padding),
        keras.ops.depthwise_conv(IMAGES, depthwise, 1, padding.lower()),
    )
    close(
        tf.nn.separable_conv2d(IMAGES, depthwise, pointwise, 1, padding),
        keras.ops.separable_conv(IMAGES, depthwise, pointwise, 1, padding.lower()),
    )


@pytest.mark.parametrize(
    ("padding", "stride", "size"), [("SAME", 2, (14, 12)), ("VALID", 2, (15, 13)), ("SAME", 1, (7, 6))]
)
def test_transposed_convolution_is_the_gradient_of_convolution(padding, stride, size):
    kernel = torch.tensor(array(3, 3, 5, 4))
    x = torch.zeros(2, *size, 5, requires_grad=True)
    y = tf.nn.conv2d(x, kernel, stride, padding)
    (expected,) = torch.autograd.grad(y, x, torch.tensor(IMAGES))
    found = tf.nn.conv2d_transpose(IMAGES, kernel, [2, *size, 5], stride, padding)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_the_size_of_a_transposed_convolution_is_checked():
    with pytest.raises(ShapeError, match="belongs to an input of size"):
        tf.nn.conv2d_transpose(IMAGES, array(3, 3, 5, 4), [2, 99, 12, 5], 2)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (3, 1)])
def test_pooling(padding, size, stride):
    x = IMAGES - 10.0  # what "SAME" adds must not count
    pooled = tf.nn.max_pool2d(x, size, stride, padding)
    close(pooled, keras.ops.max_pool(x, size, stride, padding.lower()))
    mean = tf.nn.avg_pool2d(np.ones_like(IMAGES), [1, size, size, 1], [1, stride, stride, 1], padding)
    assert torch.allclose(mean, torch.ones_like(mean))
    assert mean.shape == pooled.shape


@pytest.mark.parametrize(
    "name", ["relu", "relu6", "elu", "selu", "silu", "softsign", "softmax", "log_softmax"]
)
def test_activations_are_keras(name):
    close(getattr(tf.nn, name)(LOGITS), getattr(keras.ops, name)(LOGITS))


def test_activations_with_settings():
    close(tf.nn.leaky_relu(LOGITS, alpha=0.3), keras.ops.leaky_relu(LOGITS, 0.3))
    close(tf.nn.gelu(LOGITS), keras.ops.gelu(LOGITS, approximate=False))
    close(tf.nn.softmax(LOGITS, axis=0), keras.ops.softmax(LOGITS, axis=0))


def test_losses_on_logits_are_keras():
    one_hot = np.eye(3, dtype="float32")[LABELS]
    expected = keras.ops.categorical_crossentropy(one_hot, LOGITS, from_logits=True)
    close(tf.nn.softmax_cross_entropy_with_logits(labels=one_hot, logits=LOGITS), expected)
    close(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=LABELS, logits=LOGITS), expected)
    close(
        tf.nn.sigmoid_cross_entropy_with_logits(labels=one_hot, logits=LOGITS),
        keras.ops.binary_crossentropy(one_hot, LOGITS, from_logits=True),
    )


def test_ctc_loss_is_keras():
    logits = array(6, 2, 4)
    labels, lengths, frames = np.array([[1, 2], [3, 0]]), np.array([2, 1]), np.array([6, 5])
    expected = keras.ops.ctc_loss(labels, logits.transpose(1, 0, 2), lengths, frames, mask_index=0)
    close(tf.nn.ctc_loss(labels, logits, lengths, frames), expected)


def test_the_shapes_of_losses_are_checked():
    with pytest.raises(ShapeError, match="without its last axis"):
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[[1]], logits=[[0.0, 1.0]])
    with pytest.raises(ShapeError, match="same shape"):
        tf.nn.sigmoid_cross_entropy_with_logits(labels=[1.0, 0.0], logits=[0.0])


def test_normalization():
    mean, variance = tf.nn.moments(IMAGES, axes=[0, 1, 2])
    close(mean, IMAGES.mean((0, 1, 2)))
    found = tf.nn.batch_normalization(IMAGES, mean, variance, 1.0, 2.0, 1e-3)
    close(found, (IMAGES - IMAGES.mean((0, 1, 2))) / np.sqrt(IMAGES.var((0, 1, 2)) + 1e-3) * 2 + 1)
    squares = np.stack([sum(IMAGES[..., max(c - 1, 0) : c + 2].T ** 2).T for c in range(4)], -1)
    close(tf.nn.lrn(IMAGES, 1, 1.0, 0.5, 0.75), IMAGES / (1 + 0.5 * squares) ** 0.75)


def test_dropout_drops_whole_channels_with_a_noise_shape():
    dropped = tf.nn.dropout(torch.ones(2, 50, 8), rate=0.5, noise_shape=[2, 1, 8], seed=1)
    assert (dropped == dropped[:, :1]).all()
    assert set(dropped.unique().tolist()) == {0.0, 2.0}


def test_lookups_and_averages():
    table = torch.tensor([[3.0, 4.0], [6.0, 8.0]])
    assert tf.nn.embedding_lookup(table, [[1], [0]]).tolist() == [[[6, 8]], [[3, 4]]]
    assert tf.nn.embedding_lookup(table, [1], max_norm=5.0).tolist() == [[3.0, 4.0]]
    assert tf.math.in_top_k([1, 0], [[0.1, 0.9], [0.2, 0.8]], k=1).tolist() == [True, False]
    assert float(tf.nn.compute_average_loss([1.0, 3.0], sample_weight=[1.0, 0.0])) == 0.5
    assert float(tf.nn.scale_regularization_loss([1.0, 2.0])) == 3.0


def test_blocks_of_pixels_come_back():
    blocks = tf.nn.space_to_depth(IMAGES[:, :6], 2)
    assert blocks.shape == (2, 3, 3, 16)
    close(tf.nn.depth_to_space(blocks, 2), IMAGES[:, :6])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tf.nn.conv2d(IMAGES, array(3, 3, 4, 2), 1, "FULL"), "'SAME', 'VALID'"),
        (lambda: tf.nn.conv2d(IMAGES, array(3, 3, 4, 2), [2, 1, 1, 1], "SAME"), "strides"),
        (lambda: tf.nn.conv2d(IMAGES, array(3, 3, 4, 2), 1, "SAME", data_format="HWC"), "data_format"),
        (lambda: tf.nn.pool(IMAGES, 2, "SUM"), "pooling_type"),
        (lambda: tf.nn.max_pool2d(IMAGES, 9, 1, "VALID"), "does not fit"),
    ],
    ids=["padding", "strides", "format", "type", "size"],
)
def test_what_cannot_be_is_said(call, message):
    with pytest.raises(InvalidArgumentError, match=message):
        call()
