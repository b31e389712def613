"""Image layers that move pixels: whole samples, single images, types, errors, and their use in models and data."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers

RANDOM = {
    "RandomFlip": {},
    "RandomRotation": {"factor": 0.2},
    "RandomZoom": {"height_factor": 0.3},
    "RandomTranslation": {"height_factor": 0.3, "width_factor": 0.3},
    "RandomShear": {"x_factor": 0.3},
    "RandomPerspective": {"scale": 0.3},
    "RandomElasticTransform": {},
    "RandomCrop": {"height": 5, "width": 4},
    "RandomHeight": {"factor": 0.5},
    "RandomWidth": {"factor": 0.5},
}
SIZED = ("RandomCrop", "RandomHeight", "RandomWidth")
WITH_BOXES = [
    name for name in RANDOM if name not in ("RandomElasticTransform", "RandomHeight", "RandomWidth")
]
RAMP = torch.linspace(0, 255, 8 * 8 * 3).reshape(8, 8, 3)


def make(name, **extra):
    return getattr(layers, name)(**RANDOM[name], **extra)


def sample(*batch):
    """Images, labels, masks and boxes, with or without a batch axis."""
    images = RAMP.expand(*batch, 8, 8, 3)
    return {
        "images": images,
        "labels": torch.zeros(*batch, 2),
        "segmentation_masks": (images[..., :1] > 128).long(),
        "bounding_boxes": {
            "boxes": torch.tensor([[1.0, 2.0, 6.0, 7.0], [0.0, 0.0, 3.0, 3.0]]).expand(*batch, 2, 4),
            "labels": torch.tensor([4, 5]).expand(*batch, 2),
        },
    }


@pytest.mark.parametrize("name", RANDOM)
def test_one_image_is_changed_as_a_batch_of_one(name):
    single = make(name, seed=7)(RAMP, training=True)
    several = make(name, seed=7)(RAMP[None], training=True)
    torch.testing.assert_close(single, several[0])


@pytest.mark.parametrize("name", [n for n in RANDOM if n not in SIZED])
def test_inference_returns_the_images(name):
    assert torch.equal(make(name)(RAMP[None], training=False), RAMP[None])


@pytest.mark.parametrize("name", [n for n in RANDOM if n not in SIZED and n != "RandomFlip"])
def test_each_image_of_a_batch_gets_a_change_of_its_own(name):
    images = make(name, seed=1)(RAMP.expand(4, 8, 8, 3), training=True)
    assert not any(torch.allclose(images[0], other) for other in images[1:])


@pytest.mark.parametrize("batch", [(), (3,)], ids=["single", "batch"])
@pytest.mark.parametrize("name", WITH_BOXES)
def test_a_sample_is_changed_with_all_its_parts(name, batch):
    layer, data = make(name, seed=2, bounding_box_format="xyxy"), sample(*batch)
    found = layer(data, training=True)
    boxes = found["bounding_boxes"]
    assert found["images"].shape[:-1] == found["segmentation_masks"].shape[:-1]
    assert boxes["boxes"].shape == (*batch, 2, 4)
    assert boxes["labels"].shape == (*batch, 2)
    assert torch.equal(found["labels"], data["labels"])
    assert ((boxes["boxes"] >= 0) & (boxes["boxes"] <= 8)).all()
    assert torch.equal(data["images"], RAMP.expand(*batch, 8, 8, 3))


@pytest.mark.parametrize("name", [n for n in RANDOM if n != "RandomCrop"])
def test_masks_keep_their_classes_and_go_with_the_images(name):
    data = sample(4)
    del data["bounding_boxes"]
    found = make(name, seed=3)(data, training=True)
    masks, bright = found["segmentation_masks"], found["images"][..., :1] > 128
    assert set(masks.unique().tolist()) <= {0, 1}
    assert (masks.bool() == bright).float().mean() > 0.8


@pytest.mark.parametrize("kind", ["xywh", "rel_xyxy", "center_yxhw", "rel_center_xywh"])
@pytest.mark.parametrize("name", WITH_BOXES)
def test_boxes_of_every_format_are_changed_alike(name, kind):
    convert = kerastorch.utils.bounding_boxes.convert_format
    size = (5, 4) if name == "RandomCrop" else (8, 8)
    plain, other = sample(3), sample(3)
    other["bounding_boxes"] = convert(other["bounding_boxes"], "xyxy", kind, 8, 8)
    expected, found = (
        make(name, seed=5, bounding_box_format=f)(data, training=True)["bounding_boxes"]
        for f, data in (("xyxy", plain), (kind, other))
    )
    back = convert(found, kind, "xyxy", *size)
    torch.testing.assert_close(back["boxes"], expected["boxes"], rtol=1e-4, atol=1e-4)
    assert torch.equal(back["labels"], expected["labels"])


@pytest.mark.parametrize("name", [n for n in WITH_BOXES if n not in ("RandomPerspective", "RandomCrop")])
def test_a_box_goes_where_its_content_goes(name):
    width = 30 if name == "RandomShear" else 40  # boxes fit after a shear in square images only
    image = torch.zeros(30, width, 1)
    image[10:18, 12:25] = 1.0
    box = {"boxes": torch.tensor([[12.0, 10.0, 25.0, 18.0]]), "labels": torch.tensor([1])}
    layer = make(
        name,
        seed=11,
        bounding_box_format="xyxy",
        **({} if name == "RandomFlip" else {"fill_mode": "constant"}),
    )
    for _ in range(5):
        found = layer({"images": image, "bounding_boxes": box}, training=True)
        rows, columns = torch.nonzero(found["images"][..., 0] > 0.5, as_tuple=True)
        seen = torch.stack([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]).float()
        assert (found["bounding_boxes"]["boxes"][0] - seen).abs().max() <= 3


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32, torch.float64])
def test_types_are_keras_s(dtype):
    images = RAMP[None].to(dtype)
    assert layers.RandomFlip()(images, training=True).dtype == torch.float32
    assert layers.RandomRotation(0.1)(images).dtype == torch.float32
    assert layers.Resizing(4, 4)(images).dtype == (dtype if dtype != torch.float64 else torch.float32)
    assert layers.Rescaling(2)(images).dtype == torch.float32


@pytest.mark.parametrize("factor", [(0.5, 0.5), (-0.5, -0.5)])
def test_random_height_and_width_are_of_the_size_that_was_drawn(factor):
    scale = 1 + factor[0]
    tall = layers.RandomHeight(factor)(RAMP[None], training=True)
    wide = layers.RandomWidth(factor, interpolation="nearest")(RAMP[None], training=True)
    assert tall.shape == (1, int(8 * scale), 8, 3)
    assert wide.shape == (1, 8, int(8 * scale), 3)
    resized = layers.Resizing(int(8 * scale), 8)(RAMP[None])
    torch.testing.assert_close(tall, resized)


@pytest.mark.parametrize(("name", "axis"), [("RandomHeight", 1), ("RandomWidth", 2)])
def test_random_sizes_are_unknown_to_a_graph(name, axis):
    outputs = make(name)(kerastorch.Input((8, 8, 3)))
    expected = [None, 8, 8, 3]
    expected[axis] = None
    assert outputs.shape == tuple(expected)
    config = make(name, seed=1).get_config()
    assert getattr(layers, name).from_config(config).get_config() == config


def test_boxes_are_cut_off_or_filled_up():
    layer = layers.MaxNumBoundingBoxes(3, fill_value=-2, bounding_box_format="xyxy")
    found = layer(sample(2))["bounding_boxes"]
    assert found["boxes"].shape == (2, 3, 4)
    assert found["labels"].tolist() == [[4, 5, -2]] * 2
    assert layers.MaxNumBoundingBoxes(1, bounding_box_format="xyxy")(sample())["bounding_boxes"][
        "labels"
    ].tolist() == [4]
    shapes = {"images": (2, 8, 8, 3), "bounding_boxes": {"boxes": (2, 2, 4), "labels": (2, 2)}}
    assert layer.compute_output_shape(shapes)["bounding_boxes"] == {"boxes": (2, 3, 4), "labels": (2, 3)}
    assert type(layer).from_config(layer.get_config()).fill_value == -2


def test_a_pipeline_is_its_layers_one_after_the_other():
    pipeline = layers.Pipeline([layers.RandomFlip("horizontal", seed=1), layers.Resizing(4, 4)])
    parts = [layers.RandomFlip("horizontal", seed=1), layers.Resizing(4, 4)]
    images = RAMP.expand(5, 8, 8, 3)
    assert torch.equal(pipeline(images, training=True), parts[1](parts[0](images, training=True)))
    assert torch.equal(pipeline(images, training=False), parts[1](images))
    again = layers.Pipeline.from_config(pipeline.get_config())
    assert [type(layer) for layer in again.layers] == [layers.RandomFlip, layers.Resizing]
    assert pipeline(kerastorch.Input((8, 8, 3))).shape == (None, 4, 4, 3)
    found = pipeline({"images": images, "labels": torch.arange(5)}, training=True)
    assert found["images"].shape == (5, 4, 4, 3)


def test_augmentation_in_a_model_is_for_training_only():
    inputs = kerastorch.Input((8, 8, 3))
    x = layers.RandomTranslation(0.5, 0.5, seed=1)(layers.RandomRotation(0.5, seed=1)(inputs))
    model = kerastorch.Model(inputs, layers.Flatten()(x))
    images = RAMP.expand(2, 8, 8, 3)
    np.testing.assert_array_equal(model.predict(images, verbose=0), images.reshape(2, -1))
    assert not torch.equal(model(images, training=True), images.reshape(2, -1))


def test_single_images_are_changed_in_a_data_pipeline():
    from torch.utils.data import DataLoader, Dataset

    change = layers.Pipeline(
        [layers.RandomCrop(6, 6, seed=1), layers.RandomFlip(seed=1), layers.Rescaling(1 / 255)]
    )

    class Pictures(Dataset):
        def __len__(self):
            return 4

        def __getitem__(self, index):
            return change(RAMP.numpy().astype("uint8"), training=True)

    assert next(iter(DataLoader(Pictures(), batch_size=4))).shape == (4, 6, 6, 3)


@pytest.mark.parametrize(
    "name", ["RandomFlip", "RandomRotation", "RandomZoom", "RandomPerspective", "RandomCrop"]
)
def test_training_compiles_as_one_graph(name):
    images = RAMP.expand(2, 8, 8, 3)
    compiled = torch.compile(make(name, seed=3), fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(images, training=True), make(name, seed=3)(images, training=True))
    torch._dynamo.reset()


def test_a_graph_of_image_layers_does_not_load_the_compiler():
    code = """
import sys, kerastorch
from kerastorch import layers as L
x = kerastorch.Input((12, 12, 3))
for layer in (L.RandomFlip(), L.RandomRotation(0.1), L.RandomZoom(0.1), L.RandomTranslation(0.1, 0.1),
              L.RandomShear(0.1), L.RandomPerspective(), L.RandomElasticTransform(), L.Rescaling(0.5),
              L.RandomCrop(10, 10), L.CenterCrop(9, 9), L.Resizing(8, 8), L.Resizing(7, 7, "bicubic"),
              L.Resizing(7, 6, "nearest"), L.Resizing(5, 7, "lanczos3", pad_to_aspect_ratio=True), L.RandomHeight(0.1)):
    x = layer(x)
print([m for m in ("sympy", "torch._dynamo") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


IMAGE = torch.ones(4, 4, 3)
BOXES = {"boxes": torch.ones(1, 4), "labels": torch.ones(1)}
ERRORS = [
    (lambda: layers.RandomRotation(2.0), ValueError, r"`factor` argument should be a number .* \[-1, 1\]"),
    (lambda: layers.RandomRotation((0.1, 0.2, 0.3)), ValueError, "or a list of two numbers"),
    (lambda: layers.RandomRotation(0.1, fill_mode="mirrored"), NotImplementedError, "Unknown `fill_mode`"),
    (lambda: layers.RandomZoom(0.1, interpolation="cubic"), NotImplementedError, "Unknown `interpolation`"),
    (lambda: layers.RandomZoom(-1.0), ValueError, r"`height_factor` argument .* \(-1.0, 1.0\]"),
    (lambda: layers.RandomTranslation(0.1, 1.5), ValueError, r"`width_factor` .* \[-1.0, 1.0\]"),
    (lambda: layers.RandomShear(x_factor=-0.5), ValueError, r"`x_factor` argument .* \[0, 1.0\]"),
    (lambda: layers.RandomShear(factor=0.5), ValueError, "RandomShear does not take a `factor`"),
    (lambda: layers.RandomPerspective(scale=2), ValueError, r"`scale` .* in the range \[0,1\]"),
    (lambda: layers.RandomElasticTransform(scale=-1), ValueError, "`scale` argument should be a number"),
    (lambda: layers.RandomElasticTransform(fill_mode="x"), NotImplementedError, "Unknown `fill_mode`"),
    (lambda: layers.RandomFlip("left"), ValueError, "`mode` argument of RandomFlip must be one of"),
    (lambda: layers.RandomFlip(modes="x"), ValueError, "Unrecognized keyword arguments"),
    (lambda: layers.Resizing(0, 4), ValueError, "`height` argument must be a positive integer"),
    (lambda: layers.CenterCrop(4, 1.5), ValueError, "`width` argument must be a positive integer"),
    (lambda: layers.Resizing(4, 4, "bilinar"), ValueError, "`interpolation`.*bilinear"),
    (lambda: layers.Resizing(4, 4, fill_mode="wrap"), ValueError, "Only `'constant'` is supported"),
    (
        lambda: layers.Resizing(4, 4, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True),
        ValueError,
        "Only one of `pad_to_aspect_ratio` & `crop_to_aspect_ratio`",
    ),
    (lambda: layers.RandomHeight((0.3, 0.1)), ValueError, "upper bound lesser than the lower"),
    (lambda: layers.RandomWidth(-2), ValueError, "upper bound lesser"),
    (lambda: layers.RandomWidth((-2, 0)), ValueError, "values larger than -1"),
    (lambda: layers.RandomWidth("wide"), ValueError, "should be a number"),
    (lambda: layers.RandomWidth(0.1, "cubic"), ValueError, "`interpolation`"),
    (lambda: layers.MaxNumBoundingBoxes(0), ValueError, "must be a positive integer"),
    (lambda: layers.Pipeline.from_config({"layers": 3}), ValueError, "must contain a `layers` key"),
    (lambda: layers.RandomFlip()(torch.ones(4, 4)), ValueError, r"rank 3 or 4.*shape=\(4, 4\)"),
    (lambda: layers.CenterCrop(2, 2).compute_output_shape((4, 4)), ValueError, "`input_shape` must be"),
    (
        lambda: layers.RandomFlip()({"images": IMAGE, "bounding_boxes": BOXES}),
        ValueError,
        "didn't specify a bounding box format",
    ),
    (
        lambda: layers.RandomElasticTransform(bounding_box_format="xyxy")(
            {"images": IMAGE, "bounding_boxes": BOXES}
        ),
        NotImplementedError,
        "cannot transform bounding boxes",
    ),
    (
        lambda: layers.MaxNumBoundingBoxes(2).compute_output_shape(
            {"images": (4, 4, 3), "bounding_boxes": {"boxes": (1, 4), "labels": (1,), "scores": (1,)}}
        ),
        KeyError,
        "unsupported keys in `bounding_boxes`",
    ),
]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [pytest.param(*row, id=f"{number}-{row[1].__name__}") for number, row in enumerate(ERRORS)],
)
def test_errors_say_what_is_wrong(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_a_config_of_keras_with_both_signs_of_a_shear_is_read():
    layer = layers.RandomShear.from_config({"x_factor": (-0.2, 0.2), "y_factor": (0.1, 0.3)})
    assert (layer.x_factor, layer.y_factor) == ((-0.2, 0.2), (0.1, 0.3))
    assert layer.get_config()["x_factor"] == 0.2
