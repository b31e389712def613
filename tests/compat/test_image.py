"""`tf.image` against Keras, Pillow's formulas and values known by hand."""

from __future__ import annotations

import colorsys

import keras
import numpy as np
import pytest
import torch

from kerastorch.compat import tensorflow as tf
from kerastorch.errors import InvalidArgumentError, ShapeError

RNG = np.random.default_rng(0)
BATCH = RNG.uniform(size=(2, 9, 12, 3)).astype("float32")
IMAGE = BATCH[0]


def close(found, expected, tolerance=1e-5):
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), atol=tolerance)


@pytest.mark.parametrize("size", [(5, 7), (18, 24), (9, 12)])
@pytest.mark.parametrize(
    ("method", "antialias"), [("bilinear", False), ("bilinear", True), ("nearest", False)]
)
def test_resizing_is_keras(method, antialias, size):
    expected = keras.ops.image.resize(BATCH, size, interpolation=method, antialias=antialias)
    found = tf.image.resize(BATCH, size, method=method, antialias=antialias)
    close(found, keras.ops.convert_to_numpy(expected), 1e-4)


@pytest.mark.parametrize(
    "method", ["bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]
)
@pytest.mark.parametrize("antialias", [False, True])
def test_every_method_keeps_what_is_flat(method, antialias):
    flat = torch.full((8, 6, 1), 3.0)
    close(tf.image.resize(flat, [5, 11], method, antialias=antialias), np.full((5, 11, 1), 3.0))


def test_area_is_the_mean_of_the_pixels_covered():
    found = tf.image.resize(IMAGE[:8], [4, 6], method=tf.image.ResizeMethod.AREA)
    close(found, IMAGE[:8].reshape(4, 2, 6, 2, 3).mean((1, 3)))
    row = tf.image.resize([[[0.0], [3.0], [6.0]]], [1, 2], "area")
    close(row.flatten(), [1.0, 5.0])


def test_bicubic_uses_keys_kernel_of_one_half():
    row = tf.image.resize([[[0.0], [0.0], [1.0], [0.0], [0.0]]], [1, 10], "bicubic")
    close(row.flatten()[4:6], [0.8671875, 0.8671875])


def test_resizing_keeps_the_type_for_nearest_only():
    pixels = torch.tensor([[[0], [200]]], dtype=torch.uint8)
    assert tf.image.resize(pixels, [1, 4], "nearest").dtype == torch.uint8
    assert tf.image.resize(pixels, [1, 4]).dtype == torch.float32


def test_the_shape_of_the_picture_can_be_kept():
    assert tf.image.resize(IMAGE, [18, 100], preserve_aspect_ratio=True).shape == (18, 24, 3)
    padded = tf.image.resize_with_pad(torch.ones(2, 4, 1), 4, 4)
    close(padded[..., 0], [[0] * 4, [1] * 4, [1] * 4, [0] * 4])


def test_cutting_and_margins():
    close(tf.image.central_crop(IMAGE, 0.5), IMAGE[2:7, 3:9])
    close(tf.image.crop_to_bounding_box(BATCH, 1, 2, 3, 4), BATCH[:, 1:4, 2:6])
    close(tf.image.pad_to_bounding_box(IMAGE, 1, 0, 10, 12)[1:], IMAGE)
    close(tf.image.resize_with_crop_or_pad(IMAGE, 5, 14)[:, 1:13], IMAGE[2:7])
    whole = tf.image.crop_and_resize(BATCH, [[0, 0, 1, 1], [1, 1, 0, 0]], [1, 0], [9, 12])
    close(whole[0], BATCH[1])
    close(whole[1], BATCH[0, ::-1, ::-1])
    outside = tf.image.crop_and_resize(BATCH, [[-1.0, 0, -0.5, 1]], [0], [2, 2], extrapolation_value=7.0)
    assert set(outside.flatten().tolist()) == {7.0}


def test_turning():
    close(tf.image.flip_left_right(BATCH), BATCH[:, :, ::-1])
    close(tf.image.flip_up_down(IMAGE), IMAGE[::-1])
    close(tf.image.rot90(IMAGE, k=3), np.rot90(IMAGE, 3))
    close(tf.image.transpose(BATCH), BATCH.transpose(0, 2, 1, 3))


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (255, "uint8", "float32", 1.0),
        (0.5, "float32", "uint8", 127),
        (200, "uint8", "uint16", 51200),
        (51200, "uint16", "uint8", 200),
        (1.0, "float32", "uint8", 255),
    ],
)
def test_types_of_pixels_are_scaled(value, source, target, expected):
    image = torch.tensor([value]).to(tf.as_dtype(source).torch)
    found = tf.image.convert_image_dtype(image, target)
    assert found.dtype == tf.as_dtype(target).torch
    assert found.item() == expected


def test_colour_spaces_are_pythons():
    pixels = IMAGE.reshape(-1, 3)
    expected = np.array([colorsys.rgb_to_hsv(*pixel) for pixel in pixels])
    close(tf.image.rgb_to_hsv(pixels), expected)
    close(tf.image.hsv_to_rgb(expected.astype("float32")), pixels)
    close(tf.image.yuv_to_rgb(tf.image.rgb_to_yuv(IMAGE)), IMAGE, 1e-4)
    close(tf.image.yiq_to_rgb(tf.image.rgb_to_yiq(IMAGE)), IMAGE, 1e-4)
    close(tf.image.rgb_to_grayscale(BATCH), BATCH @ np.array([[0.2989], [0.587], [0.114]]))
    assert tf.image.grayscale_to_rgb(BATCH[..., :1]).shape == BATCH.shape


def test_adjusting():
    close(tf.image.adjust_brightness(IMAGE, 0.1), IMAGE + 0.1)
    mean = IMAGE.mean((0, 1))
    close(tf.image.adjust_contrast(IMAGE, 2.0), (IMAGE - mean) * 2 + mean)
    close(tf.image.adjust_gamma(IMAGE, 2.0, 0.5), 0.5 * IMAGE**2)
    close(tf.image.adjust_hue(IMAGE, 1.0), IMAGE)
    close(tf.image.adjust_saturation(IMAGE, 0.0), np.repeat(IMAGE.max(-1, keepdims=True), 3, -1))
    standard = tf.image.per_image_standardization(BATCH)
    close(standard.mean((1, 2, 3)), [0, 0])
    close(standard.std((1, 2, 3), correction=0), [1, 1], 1e-4)


def test_bytes_stay_bytes_and_are_cut_off():
    white = torch.full((1, 1, 3), 250, dtype=torch.uint8)
    brighter = tf.image.adjust_brightness(white, 0.2)
    assert (brighter.dtype, brighter.flatten().tolist()) == (torch.uint8, [255] * 3)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("flip_left_right", ()),
        ("flip_up_down", ()),
        ("brightness", (0.5,)),
        ("hue", (0.5,)),
        ("contrast", (0.1, 3.0)),
        ("saturation", (0.1, 3.0)),
        ("crop", ([2, 3, 4, 3],)),
    ],
)
def test_random_changes_follow_from_their_seed(name, settings):
    change, stateless = getattr(tf.image, f"random_{name}"), getattr(tf.image, f"stateless_random_{name}")
    batch = BATCH if name == "crop" else np.concatenate([BATCH] * 4)
    assert torch.equal(change(batch, *settings, seed=1), change(batch, *settings, seed=1))
    results = [stateless(batch, *settings, seed=[1, i]) for i in range(8)]
    assert torch.equal(results[0], stateless(batch, *settings, seed=[1, 0]))
    assert any(not torch.equal(results[0], result) for result in results[1:])


def test_flips_of_a_batch_are_drawn_for_each_image():
    batch = torch.arange(2.0).reshape(1, 1, 2, 1).repeat(64, 1, 1, 1)
    flipped = tf.image.random_flip_left_right(batch, seed=1)[:, 0, 0, 0]
    assert 10 < flipped.sum() < 54


def test_comparing_images():
    assert tf.image.psnr(BATCH, BATCH + 0.1, max_val=1.0).numpy() == pytest.approx([20.0, 20.0], abs=1e-3)
    big = RNG.uniform(size=(2, 16, 16, 3)).astype("float32")
    assert tf.image.ssim(big, big, 1.0).tolist() == pytest.approx([1.0, 1.0])
    assert (tf.image.ssim(big, 1 - big, 1.0) < 0).all()
    close(
        tf.image.total_variation(IMAGE),
        np.abs(np.diff(IMAGE, axis=0)).sum() + np.abs(np.diff(IMAGE, axis=1)).sum(),
        1e-3,
    )


def test_edges_and_patches():
    dy, dx = tf.image.image_gradients(BATCH)
    close(dy[:, :-1], np.diff(BATCH, axis=1))
    close(dx[:, :, :-1], np.diff(BATCH, axis=2))
    ramp = torch.arange(5.0).reshape(1, 1, 5, 1).repeat(1, 4, 1, 1)
    edges = tf.image.sobel_edges(ramp)
    assert edges[0, 1, 2, 0].tolist() == [0.0, 8.0]
    patches = tf.image.extract_patches(BATCH, [1, 3, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], "SAME")
    expected = keras.ops.image.extract_patches(BATCH, (3, 3), (2, 2), padding="same")
    close(patches, keras.ops.convert_to_numpy(expected))


def test_pictures_are_read_and_written_here_too():
    pixels = tf.cast(IMAGE * 255, tf.uint8)
    assert torch.equal(tf.image.decode_png(tf.image.encode_png(pixels)), pixels)


def test_overlapping_boxes_are_left_out():
    boxes = [[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 0.2, 1, 1.2], [3, 3, 4, 4]]
    scores = [0.6, 0.9, 0.7, 0.1]
    assert tf.image.non_max_suppression(boxes, scores, 4).tolist() == [1, 3]
    assert tf.image.non_max_suppression(boxes, scores, 4, score_threshold=0.2).tolist() == [1]
    assert tf.image.non_max_suppression(boxes, scores, 1).tolist() == [1]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tf.image.resize(IMAGE, [2, 2], "cubic"), InvalidArgumentError, "unknown method"),
        (lambda: tf.image.resize(IMAGE, [2]), ShapeError, "two integers"),
        (lambda: tf.image.resize(IMAGE[0], [2, 2]), ShapeError, "takes an image"),
        (lambda: tf.image.crop_to_bounding_box(IMAGE, 8, 0, 5, 5), ShapeError, "within an image"),
        (lambda: tf.image.pad_to_bounding_box(IMAGE, 0, 0, 2, 2), ShapeError, "does not fit"),
        (lambda: tf.image.central_crop(IMAGE, 0.0), InvalidArgumentError, "within"),
        (lambda: tf.image.random_brightness(IMAGE, -1.0), InvalidArgumentError, "non-negative"),
        (lambda: tf.image.random_contrast(IMAGE, 2.0, 1.0), InvalidArgumentError, "lower < upper"),
        (lambda: tf.image.random_crop(IMAGE, [99, 1, 3]), ShapeError, "Need value.shape >= size"),
        (lambda: tf.image.rgb_to_grayscale(IMAGE[..., :2]), ShapeError, "last axis"),
        (lambda: tf.image.psnr(IMAGE, IMAGE[1:], 1.0), ShapeError, "different shapes"),
    ],
    ids=["method", "size", "image", "crop", "pad", "share", "delta", "range", "part", "channels", "pair"],
)
def test_what_cannot_be_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call()
