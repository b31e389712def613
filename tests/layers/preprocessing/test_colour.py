"""Layers that change colours: what Keras draws, applied here and there, gives the same images."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import Functional, Input, layers
from kerastorch.layers.layer import Layer

UNIT, LAST, FIRST = (0, 1), "channels_last", "channels_first"

# Layers that draw, with arguments that show every part of their maths.
DRAWING = [
    ("RandomBrightness", {"factor": 0.6}),
    ("RandomContrast", {"factor": (0.3, 0.9)}),
    ("RandomHue", {"factor": 1.0}),
    ("RandomSaturation", {"factor": (0.0, 0.49)}),
    ("RandomSaturation", {"factor": 0.9}),
    ("RandomColorDegeneration", {"factor": 1.0}),
    ("RandomGrayscale", {"factor": 0.5}),
    ("RandomInvert", {"factor": (0.5, 0.5)}),
    ("RandomPosterization", {"factor": (1, 8)}),
    ("RandomPosterization", {"factor": 1}),
    ("RandomSharpness", {"factor": 1.0}),
    ("RandomGaussianBlur", {"factor": (0.6, 0.6), "kernel_size": 5, "sigma": (0.5, 3.0)}),
    ("RandomErasing", {"factor": (0.6, 0.6), "scale": (0.2, 0.7)}),
    ("RandomErasing", {"scale": 0.5, "fill_value": 0.5}),
    ("Solarization", {"addition_factor": 0.5, "threshold_factor": (0.1, 0.9)}),
]
EACH = pytest.mark.parametrize(
    ("name", "kwargs"), [pytest.param(*row, id=f"{row[0]}-{i}") for i, row in enumerate(DRAWING)]
)
RANGES = [pytest.param((0, 255), id="pixels"), pytest.param(UNIT, id="unit"), pytest.param((-1, 3), id="own")]


def picture(value_range=(0, 255), data_format=LAST, count=6, seed=0):
    rng = np.random.default_rng(seed)
    images = rng.uniform(*value_range, (count, 8, 7, 3)).astype("float32")
    images[0, :3] = images[0, 0, 0]  # grey and even parts are special cases of the maths
    images[-1, ..., 1] = images[-1, ..., 0]
    return torch.tensor(images if data_format == LAST else images.transpose(0, 3, 1, 2).copy())


def pair(name, kwargs):
    return getattr(layers, name)(**kwargs), getattr(keras.layers, name)(**kwargs)


@pytest.mark.parametrize("data_format", [LAST, FIRST])
@pytest.mark.parametrize("value_range", RANGES)
@EACH
def test_what_keras_draws_gives_what_keras_gives(name, kwargs, value_range, data_format):
    ranged = {} if name == "RandomGrayscale" else {"value_range": value_range}
    ours, theirs = pair(name, {**kwargs, **ranged, "data_format": data_format})
    images = picture(value_range, data_format)
    drawn = theirs.get_random_transformation(images, seed=1)
    expected = theirs.transform_images(images.clone(), drawn)
    found = ours.transform_images(images, drawn)
    scale = 1 + float(expected.abs().max())
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=2e-6 * scale)


@EACH
def test_draws_have_keras_s_shape_of_meaning(name, kwargs):
    ours, theirs = pair(name, kwargs)
    mine, keras_s = (layer.get_random_transformation(picture(), seed=1) for layer in (ours, theirs))
    if isinstance(keras_s, dict):
        assert mine.keys() == keras_s.keys()
        torch.testing.assert_close(
            theirs.transform_images(picture(), {**mine, "fill_value": mine.get("fill_value")}),
            ours.transform_images(picture(), mine),
            rtol=1e-4,
            atol=1e-3,
        )
    else:
        assert mine.shape == keras_s.shape


@EACH
def test_an_integer_as_seed_repeats_a_draw(name, kwargs):
    layer = getattr(layers, name)(**kwargs)
    first, again, other = (
        layer.transform_images(picture(), layer.get_random_transformation(picture(), seed=s))
        for s in (4, 4, 5)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other) or name == "RandomPosterization"


@pytest.mark.parametrize("name", ["RandomBrightness", "RandomHue", "RandomGaussianBlur", "RandomErasing"])
def test_a_single_image_is_a_batch_of_one(name):
    images = picture(count=1)
    single, batch = (getattr(layers, name)(0.5, seed=3) for _ in range(2))
    assert torch.equal(single(images[0], training=True), batch(images, training=True)[0])


@EACH
def test_inference_passes_images_through(name, kwargs):
    assert torch.equal(getattr(layers, name)(**kwargs)(picture(), training=False), picture())


@pytest.mark.parametrize("name", ["RandomContrast", "AutoContrast", "Equalization", "Solarization"])
def test_whole_numbers_become_floating_point(name):
    layer = getattr(layers, name)(**({"factor": 0.5} if name.startswith("Random") else {}))
    bytes_, floats = picture().to(torch.uint8), picture().to(torch.uint8).float()
    assert layer(bytes_, training=False).dtype == torch.float32
    torch.manual_seed(0)
    expected = layer(floats, training=True)
    torch.manual_seed(0)
    assert torch.equal(layer(bytes_, training=True), expected)


@pytest.mark.parametrize("name", ["RandomGrayscale", "ContrastLimitedAdaptiveHistogramEqualization"])
def test_whole_numbers_stay_where_keras_keeps_them(name):
    ours, theirs = pair(name, {"factor": 1.0} if name == "RandomGrayscale" else {"clip_limit": 0.0})
    images = picture().to(torch.uint8)
    found = ours(images, training=True)
    assert found.dtype == torch.uint8
    assert torch.equal(found, theirs(images, training=True))


def test_inputs_are_never_changed_in_place():
    images = picture()
    for name, kwargs in DRAWING:
        getattr(layers, name)(**kwargs)(images, training=True)
    assert torch.equal(images, picture())


@pytest.mark.parametrize("data_format", [LAST, FIRST])
def test_labels_boxes_and_masks_stay(data_format):
    data = {
        "images": picture(data_format=data_format),
        "labels": torch.arange(6.0),
        "bounding_boxes": {"boxes": torch.ones(6, 2, 4), "labels": torch.zeros(6, 2)},
        "segmentation_masks": torch.ones(6, 8, 7, 1),
    }
    layer = layers.RandomInvert((1.0, 1.0), data_format=data_format, bounding_box_format="xyxy")
    found = layer(data, training=True)
    assert torch.equal(found["images"], 255 - data["images"])
    assert torch.equal(found["labels"], data["labels"])
    assert torch.equal(found["bounding_boxes"]["boxes"], data["bounding_boxes"]["boxes"])
    assert torch.equal(found["segmentation_masks"], data["segmentation_masks"])


def test_auto_contrast_looks_at_height_and_width_in_both_formats():
    last, first = picture(), picture(data_format=FIRST)
    expected = layers.AutoContrast()(last)
    assert torch.equal(layers.AutoContrast(data_format=FIRST)(first), expected.permute(0, 3, 1, 2))
    torch.testing.assert_close(expected.amax((1, 2)), torch.full((6, 3), 255.0))


def test_auto_contrast_leaves_even_images_and_their_gradients_alone():
    images = torch.full((1, 2, 2, 1), 7.0, requires_grad=True)
    found = layers.AutoContrast()(images)
    found.sum().backward()
    assert torch.equal(found, torch.full((1, 2, 2, 1), 7.0))
    assert torch.equal(images.grad, torch.ones(1, 2, 2, 1))


@pytest.mark.parametrize("count", [1, 3], ids=str)
def test_equalization_of_one_value_changes_nothing(count):
    images = torch.full((count, 4, 4, 2), 90.0)
    assert torch.equal(layers.Equalization()(images, training=True), images)


def test_blur_has_width_and_height_of_the_kernel():
    point = torch.zeros(1, 7, 7, 1)
    point[0, 3, 3] = 1.0
    layer = layers.RandomGaussianBlur((1.0, 1.0), kernel_size=(5, 3), sigma=(2.0, 2.0), value_range=UNIT)
    spread = layer(point, training=True)[0, ..., 0] > 0
    assert (int(spread.any(0).sum()), int(spread.any(1).sum())) == (5, 3)


@pytest.mark.parametrize("data_format", [LAST, FIRST])
def test_three_fill_values_are_one_for_each_colour(data_format):
    layer = layers.RandomErasing((1.0, 1.0), scale=(1.0, 1.0), fill_value=(1, 2, 3), data_format=data_format)
    found = layer(picture(data_format=data_format), training=True)
    axis = -1 if data_format == LAST else 1
    assert [float(colour.unique()) for colour in found.unbind(axis)] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("data_format", [LAST, FIRST])
def test_jitter_is_its_parts_in_order(data_format):
    factors = {"brightness": (0.1, 0.3), "contrast": (0.2, 0.4), "saturation": (0.3, 0.6), "hue": 0.5}
    shared = {"value_range": UNIT, "data_format": data_format}
    jitter = layers.RandomColorJitter(**{f"{k}_factor": v for k, v in factors.items()}, **shared)
    images = picture(UNIT, data_format)
    drawn = jitter.get_random_transformation(images)
    expected = images.clone()  # Keras adds brightness in place
    for name, factor in factors.items():
        part = getattr(keras.layers, f"Random{name.title()}")(factor, **shared)
        expected = part.transform_images(expected, drawn[name])
    torch.testing.assert_close(jitter.transform_images(images, drawn), expected, rtol=1e-5, atol=2e-6)


def test_jitter_without_factors_changes_nothing():
    assert torch.equal(layers.RandomColorJitter()(picture(), training=True), picture())


def test_a_model_applies_them_in_training_only():
    start = Input((8, 7, 3))
    model = Functional(start, layers.RandomInvert((1.0, 1.0))(layers.RandomSharpness((0.5, 0.5))(start)))
    torch.testing.assert_close(model(picture(), training=True), 255 - picture())
    assert torch.equal(model(picture(), training=False), picture())


def test_gradients_flow_through_training():
    images = picture(UNIT).requires_grad_()
    for name, factor in (("RandomBrightness", 0.1), ("RandomHue", 0.3), ("RandomSharpness", 0.9)):
        found = getattr(layers, name)(factor, value_range=UNIT)(images, training=True)
        (grad,) = torch.autograd.grad(found.sum(), images)
        assert torch.isfinite(grad).all()


def test_a_transform_of_a_torch_data_set_takes_single_images():
    layer = layers.RandomContrast(0.5, seed=1)
    pictures = torch.utils.data.StackDataset(picture())
    batches = torch.utils.data.DataLoader(
        pictures,
        batch_size=3,
        collate_fn=lambda rows: torch.stack([layer(x, training=True) for (x,) in rows]),
    )
    assert [tuple(batch.shape) for batch in batches] == [(3, 8, 7, 3)] * 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", [None, 1], ids=str)
@EACH
def test_training_compiles_as_one_graph(name, kwargs, seed):
    layer = getattr(layers, name)(**kwargs, seed=seed)
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    drawn = [compiled(picture(), training=True) for _ in range(8)]
    assert any(not torch.equal(drawn[0], x) for x in drawn[1:]) or kwargs == {"factor": 1}
    torch._dynamo.reset()


@pytest.mark.parametrize(
    ("name", "kwargs", "match"),
    [
        pytest.param(
            "RandomBrightness", {"factor": 1.5}, r"range \[-1, 1\]. Received: factor=1.5", id="factor"
        ),
        pytest.param(
            "RandomContrast", {"factor": -0.1}, r"range \[0, 1\]. Received: factor=-0.1", id="negative"
        ),
        pytest.param("RandomHue", {"factor": (0.1, 0.2, 0.3)}, "a list of two numbers", id="three"),
        pytest.param("RandomPosterization", {"factor": 9}, r"range \[1, 8\]. Received: factor=9", id="bits"),
        pytest.param("RandomGrayscale", {"factor": 2}, "between 0 and 1. Received: factor=2", id="grey"),
        pytest.param("RandomHue", {"factor": 1, "value_range": 255}, "value_range=255", id="range"),
        pytest.param(
            "AutoContrast", {"value_range": (0, 1, 2)}, r"value_range=\(0, 1, 2\)", id="three-values"
        ),
        pytest.param("Equalization", {"bins": 0}, "positive integer. Received: bins=0", id="bins"),
        pytest.param("Solarization", {"addition_factor": 2}, "addition_factor=2", id="addition"),
        pytest.param(
            "Solarization", {"threshold_factor": (0, 2)}, r"threshold_factor=\(0, 2\)", id="threshold"
        ),
        pytest.param("RandomGaussianBlur", {"kernel_size": 4}, "must be an odd number", id="even"),
        pytest.param("RandomGaussianBlur", {"sigma": 3.0}, "sigma=3.0", id="sigma"),
        pytest.param("RandomErasing", {"scale": -1}, "scale=-1", id="scale"),
        pytest.param("RandomErasing", {"fill_value": (1, 2)}, r"fill_value=\(1, 2\)", id="fill"),
        pytest.param("RandomColorJitter", {"hue_factor": 3}, "factor=3", id="jitter"),
        pytest.param(
            "ContrastLimitedAdaptiveHistogramEqualization",
            {"tile_grid_size": (0, 2)},
            r"two positive integers, .* tile_grid_size=\(0, 2\)",
            id="tiles",
        ),
    ],
)
def test_arguments_out_of_bounds_are_refused(name, kwargs, match):
    with pytest.raises(ValueError, match=match):
        getattr(layers, name)(**kwargs)


@pytest.mark.parametrize("name", ["RandomHue", "RandomSaturation", "RandomColorDegeneration"])
def test_other_numbers_of_colours_are_refused(name):
    layer = getattr(layers, name)(0.5, name="paint")
    with pytest.raises(ValueError, match=r"images.shape=\(1, 3, 4, 4\) with the channels on axis -1"):
        layer(torch.rand(1, 3, 4, 4), training=True)


@pytest.mark.parametrize("name", ["RandomBrightness", "RandomErasing", "Solarization", "CutMix"])
def test_other_ranks_are_refused(name):
    layer: Layer = getattr(layers, name)(0.5)
    with pytest.raises(ValueError, match=r"rank 3 or 4.*shape=\("):
        layer(torch.rand(4, 4), training=True)


def test_three_fill_values_need_three_colours():
    layer = layers.RandomErasing(fill_value=(1, 2, 3))
    with pytest.raises(ValueError, match="need images of three colours"):
        layer(torch.rand(1, 4, 4, 1), training=True)
