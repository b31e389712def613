"""`get_random_transformation` and `transform_*` as a user calls them: with tensors, arrays, lists and numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import layers
from kerastorch.data.pipeline.dataset import Dataset

SIZE = (8, 8)
ROWS = {
    "AugMix": {},
    "AutoContrast": {},
    "CenterCrop": {"height": 4, "width": 6},
    "CutMix": {},
    "Equalization": {},
    "MaxNumBoundingBoxes": {"max_number": 3},
    "MixUp": {"alpha": 1.0},
    "RandAugment": {},
    "RandomBrightness": {"factor": 0.3},
    "RandomColorDegeneration": {"factor": 0.5},
    "RandomColorJitter": {"brightness_factor": 0.3, "hue_factor": 0.2},
    "RandomContrast": {"factor": 0.4},
    "RandomCrop": {"height": 4, "width": 6},
    "RandomElasticTransform": {},
    "RandomErasing": {},
    "RandomFlip": {},
    "RandomGaussianBlur": {},
    "RandomGrayscale": {},
    "RandomHue": {"factor": 0.4},
    "RandomInvert": {},
    "RandomPerspective": {"scale": 0.4},
    "RandomPosterization": {"factor": (3, 5)},
    "RandomRotation": {"factor": 0.2},
    "RandomSaturation": {"factor": 0.4},
    "RandomSharpness": {"factor": 0.4},
    "RandomShear": {"x_factor": 0.3, "y_factor": 0.2},
    "RandomTranslation": {"height_factor": 0.3, "width_factor": 0.2},
    "RandomZoom": {"height_factor": 0.3},
    "Resizing": {"height": 4, "width": 6},
    "Solarization": {"addition_factor": 0.3, "threshold_factor": 0.5},
}
WITHOUT_BOXES = {"CutMix", "RandomElasticTransform", "RandAugment"}


def arrays(value):
    """A structure with NumPy arrays in place of tensors, floating-point ones of 64 bits as users have them."""
    if isinstance(value, dict):
        return {key: arrays(part) for key, part in value.items()}
    if isinstance(value, list):
        return [arrays(part) for part in value]
    if not isinstance(value, torch.Tensor):
        return value
    array = value.numpy()
    return array.astype("float64") if array.dtype == "float32" else array


def lists(value):
    """A structure with lists in place of tensors, and numbers in place of scalars."""
    if isinstance(value, dict):
        return {key: lists(part) for key, part in value.items()}
    if isinstance(value, list):
        return [lists(part) for part in value]
    return value.tolist() if isinstance(value, torch.Tensor) else value


def parts(name):
    generator = torch.Generator().manual_seed(0)
    given = {
        "images": torch.rand(2, *SIZE, 3, generator=generator) * 255,
        "labels": torch.eye(2),
        "segmentation_masks": torch.randint(0, 4, (2, *SIZE, 1), generator=generator).float(),
    }
    if name not in WITHOUT_BOXES:
        boxes = torch.tensor([[[1.0, 2.0, 5.0, 7.0]], [[0.0, 0.0, 4.0, 4.0]]])
        given["bounding_boxes"] = {"boxes": boxes, "labels": torch.tensor([[1], [2]])}
    return given


@pytest.mark.parametrize("form", [arrays, lists], ids=["arrays", "lists"])
@pytest.mark.parametrize("name", ROWS)
def test_data_and_transformations_may_be_of_any_form(name, form):
    layer = getattr(layers, name)(**ROWS[name], bounding_box_format="xyxy")
    given = parts(name)
    drawn = layer.get_random_transformation(given, training=True)
    for part, value in given.items():
        change = getattr(layer, f"transform_{part}")
        expected = change(value, drawn, training=True)
        found = change(form(value), transformation=form(drawn), training=True)
        torch.testing.assert_close(found, expected, check_dtype=part != "bounding_boxes")


@pytest.mark.parametrize("batch", [None, 2], ids=["single", "batches"])
@pytest.mark.parametrize("name", ROWS)
def test_layers_are_mapped_over_elements_and_batches(name, batch):
    layer = getattr(layers, name)(**ROWS[name], bounding_box_format="xyxy")
    given = parts(name)
    elements = Dataset.from_tensor_slices(arrays(given))
    found = next(iter((elements if batch is None else elements.batch(batch)).map(layer)))
    expected = layer(given, training=True)
    for part in ("images", "labels", "segmentation_masks"):
        wanted = expected[part].shape
        assert found[part].shape == (wanted if batch else wanted[1:])
        assert torch.isfinite(found[part]).all()


@pytest.mark.parametrize(
    ("name", "transformation", "expected"),
    [
        ("RandomBrightness", {"rgb_delta": 10}, 60.0),
        ("RandomInvert", {"apply_inversion": True}, 205.0),
        ("RandomErasing", {"apply_erasing": True, "batch_masks": [[[[True]]]], "fill_value": 7}, 7.0),
        ("RandomPosterization", {"shift_factor": 5}, 32.0),
        ("RandomZoom", {"height_zoom": 2.0, "width_zoom": 2.0}, 50.0),
        ("MixUp", {"mix_weight": 1, "permutation_order": [0]}, 50.0),
    ],
    ids=["RandomBrightness", "RandomInvert", "RandomErasing", "RandomPosterization", "RandomZoom", "MixUp"],
)
def test_a_number_stands_for_all_images(name, transformation, expected):
    layer = getattr(layers, name)(**ROWS[name])
    changed = layer.transform_images(np.full((1, 5, 5, 3), 50.0), transformation)
    torch.testing.assert_close(changed, torch.full((1, 5, 5, 3), expected))


@pytest.mark.parametrize("name", ["RandomFlip", "RandomZoom", "RandomPerspective", "RandomElasticTransform"])
def test_one_image_without_its_batch_axis(name):
    layer = getattr(layers, name)(**ROWS[name])
    image = parts(name)["images"][0]
    drawn = layer.get_random_transformation(image, training=True)
    torch.testing.assert_close(
        layer.transform_images(image, drawn), layer.transform_images(image[None], drawn)[0]
    )


@pytest.mark.parametrize("name", ["RandomFlip", "RandomTranslation"])
def test_the_boxes_of_one_image_without_their_batch_axis(name):
    layer = getattr(layers, name)(**ROWS[name], bounding_box_format="xyxy")
    data = {k: v[:1] for k, v in parts(name).items() if k == "images"}
    drawn = layer.get_random_transformation(data, training=True)
    boxes = {"boxes": np.array([[1, 2, 5, 7]]), "labels": np.array([3])}
    batch = {key: value[None] for key, value in boxes.items()}
    found, expected = (layer.transform_bounding_boxes(b, drawn)["boxes"] for b in (boxes, batch))
    torch.testing.assert_close(found, expected[0])


def test_elastic_noise_is_drawn_where_none_is_given():
    layer = layers.RandomElasticTransform()
    images = parts("RandomElasticTransform")["images"]
    drawn = {"apply_transform": [True, True], "distortion_factor": 0.9, "seed": 42}
    first, second = (layer.transform_images(images, drawn) for _ in range(2))
    torch.testing.assert_close(first, second)
    assert not torch.equal(first, images)
