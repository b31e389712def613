"""The change that Keras draws, made here: the same images, masks and bounding boxes come out."""

from __future__ import annotations

import copy

import keras
import numpy as np
import pytest
import torch

from kerastorch import layers

MODES = ("constant", "nearest", "wrap", "reflect")
MOVES = {
    "RandomRotation": {"factor": 0.4},
    "RandomZoom": {"height_factor": (-0.5, 0.7), "width_factor": 0.4},
    "RandomTranslation": {"height_factor": 0.8, "width_factor": 0.3},
    "RandomShear": {"x_factor": (0.1, 0.7), "y_factor": (0.2, 0.5)},
}
ROWS = [
    *(
        (name, {**arguments, "fill_mode": mode, "interpolation": interpolation, "fill_value": 0.25})
        for name, arguments in MOVES.items()
        for mode in MODES
        for interpolation in ("bilinear", "nearest")
    ),
    ("RandomFlip", {"mode": "horizontal"}),
    ("RandomFlip", {"mode": "vertical"}),
    ("RandomFlip", {}),
    ("RandomPerspective", {"factor": (0.6, 0.9), "fill_value": 0.5}),
    ("RandomPerspective", {"scale": 0.4, "interpolation": "nearest"}),
]
SEEDED = {"seed": 4}


def pair(name, arguments, **extra):
    return tuple(getattr(module, name)(**arguments, **SEEDED, **extra) for module in (layers, keras.layers))


def ident(value):
    return "-".join(map(str, value.values())) if isinstance(value, dict) else value


def both(name, arguments, images, **extra):
    """The layers of both libraries, and one change for each that is the same."""
    ours, theirs = pair(name, arguments, **extra)
    drawn = theirs.get_random_transformation(images, training=True)
    return ours, theirs, copy.deepcopy(drawn), drawn


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize(("name", "arguments"), ROWS, ids=ident)
def test_images_and_masks_are_keras_s(name, arguments, data_format):
    torch.manual_seed(0)
    images = torch.rand(6, 7, 9, 3)
    masks = torch.randint(0, 5, (6, 7, 9, 1))
    if data_format == "channels_first":
        images, masks = (x.permute(0, 3, 1, 2).contiguous() for x in (images, masks))
    ours, theirs, left, right = both(name, arguments, images, data_format=data_format)
    found = ours.transform_images(images, left)
    torch.testing.assert_close(
        found, theirs.transform_images(images, copy.deepcopy(right)), rtol=1e-5, atol=5e-6
    )
    if name == "RandomPerspective":
        masks = masks.float()  # of whole numbers Keras makes whole places too
    found = ours.transform_segmentation_masks(masks, left)
    expected = theirs.transform_segmentation_masks(masks, right)
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


BOX_ROWS = [row for row in ROWS if row[1].get("fill_mode", "reflect") == "reflect"]


@pytest.mark.parametrize(("name", "arguments"), BOX_ROWS, ids=ident)
def test_bounding_boxes_are_keras_s(name, arguments):
    images = torch.rand(3, 8, 8, 3)
    ours, theirs, left, right = both(name, arguments, images, bounding_box_format="xyxy")
    corners = np.sort(np.random.default_rng(0).uniform(0, 8, size=(3, 5, 2, 2)), axis=2)
    boxes = torch.tensor(corners.reshape(3, 5, 4), dtype=torch.float32)
    labels = torch.arange(15).reshape(3, 5)
    found = ours.transform_bounding_boxes({"boxes": boxes, "labels": labels}, left)
    expected = theirs.transform_bounding_boxes({"boxes": boxes, "labels": labels}, right)
    torch.testing.assert_close(found["boxes"], expected["boxes"], rtol=1e-5, atol=1e-5)
    assert torch.equal(found["labels"], expected["labels"])


@pytest.mark.parametrize(("height", "width"), [(10, 8), (5, 12)])
@pytest.mark.parametrize("kind", ["xyxy", "rel_xyxy", "center_xywh"])
@pytest.mark.parametrize(
    "factor",
    [[[1.0, 0.0]], [[0.0, 1.0]], [[0.3, 0.4]], [[-0.2, 0.3]], [[0.4, -0.1]], [[-0.3, -0.2]]],
    ids=str,
)
def test_boxes_of_images_that_are_not_square_are_sheared_as_keras_does(factor, kind, height, width):
    drawn = {"shear_factor": torch.tensor(factor), "input_shape": (1, height, width, 3)}
    corners = torch.tensor([[[0.2, 0.1, 0.5, 0.3], [0.75, 0.4, 1.0, 0.6], [0.0, 0.5, 0.1, 0.9], [-1.0] * 4]])
    convert = keras.utils.bounding_boxes.convert_format
    boxes = convert(corners, "rel_xyxy", kind, height, width)
    found, expected = (
        module.RandomShear(0.5, 0.5, bounding_box_format=kind).transform_bounding_boxes(
            {"boxes": boxes, "labels": torch.arange(4)[None]}, dict(drawn)
        )
        for module in (layers, keras.layers)
    )
    torch.testing.assert_close(found["boxes"], expected["boxes"], rtol=1e-5, atol=1e-5)
    assert torch.equal(found["labels"], expected["labels"])


SIZED = [
    ("Resizing", {"height": 4, "width": 12}),
    ("Resizing", {"height": 5, "width": 4, "pad_to_aspect_ratio": True}),
    ("Resizing", {"height": 6, "width": 9, "pad_to_aspect_ratio": True}),
    ("Resizing", {"height": 4, "width": 8, "crop_to_aspect_ratio": True}),
    ("Resizing", {"height": 8, "width": 4, "crop_to_aspect_ratio": True}),
    ("CenterCrop", {"height": 4, "width": 6}),
    ("CenterCrop", {"height": 12, "width": 6}),
]


@pytest.mark.parametrize("kind", ["xyxy", "rel_xyxy", "center_xywh", "yxyx"])
@pytest.mark.parametrize(("name", "arguments"), SIZED, ids=ident)
def test_bounding_boxes_of_other_sizes_are_keras_s(name, arguments, kind):
    images = torch.rand(2, 8, 10, 3)
    scale = 1.0 if kind == "rel_xyxy" else 8.0
    corners = np.sort(np.random.default_rng(1).uniform(0.1, scale, size=(2, 4, 2, 2)), axis=2)
    boxes = {"boxes": corners.reshape(2, 4, 4).astype("float32"), "labels": np.arange(8).reshape(2, 4)}
    found, expected = (
        getattr(module, name)(**arguments, bounding_box_format=kind)(
            {"images": images, "bounding_boxes": dict(boxes)}
        )
        for module in (layers, keras.layers)
    )
    torch.testing.assert_close(found["images"], expected["images"], rtol=1e-5, atol=1e-5)
    found, expected = found["bounding_boxes"], expected["bounding_boxes"]
    torch.testing.assert_close(found["boxes"], expected["boxes"], rtol=1e-5, atol=1e-5)
    assert torch.equal(found["labels"], expected["labels"])


@pytest.mark.parametrize("mode", [*MODES, "mirror"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_elastic_transform_is_keras_s_for_the_same_noise(mode, data_format):
    shape = (3, 16, 12, 2) if data_format == "channels_last" else (3, 2, 16, 12)
    images, strength = torch.rand(shape), torch.tensor(0.8)
    layer = layers.RandomElasticTransform(fill_mode=mode, data_format=data_format, value_range=(0, 1))
    alpha, sigma = layer.get_elastic_transform_params(16, 12, 0.8)
    torch.manual_seed(5)
    settings = {"alpha": alpha, "sigma": sigma, "fill_mode": mode, "data_format": data_format}
    expected = keras.ops.image.elastic_transform(images, **settings)
    torch.manual_seed(5)
    drawn = {
        "apply_transform": torch.tensor([True, False, True]),
        "distortion_factor": strength,
        "noise": torch.stack([torch.normal(0.0, 1.0, (3, 16, 12)) for _ in range(2)]),
    }
    found = layer.transform_images(images, drawn)
    torch.testing.assert_close(found[::2], expected[::2], rtol=1e-5, atol=1e-5)
    assert torch.equal(found[1], images[1])


@pytest.mark.parametrize("size", [(4, 4), (3, 8), (9, 5), (12, 12)])
@pytest.mark.parametrize("training", [False, True])
def test_random_crop_resizes_the_largest_centre_of_small_images_and_in_inference(size, training):
    image = np.random.default_rng(0).uniform(size=(9, 10, 3)).astype("float32")
    if training and size in [(4, 4), (3, 8)]:
        image = image[: size[0]]
    expected = keras.preprocessing.image.smart_resize(torch.tensor(image), size)
    found = layers.RandomCrop(*size)(image, training=training)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_random_crop_finds_every_place():
    image = torch.arange(30.0).reshape(5, 6, 1)
    layer = layers.RandomCrop(3, 4, seed=1)
    starts = {int(layer(image, training=True)[0, 0, 0]) for _ in range(100)}
    assert starts == {6 * row + column for row in range(3) for column in range(3)}
