"""`keras.ops.image` beyond the tables: random distortions, unknown sizes, compiled graphs, and errors."""

from __future__ import annotations

import pytest
import torch

import kerastorch
from kerastorch import KerasTensor, ops
from tests.ops.cases import array

IMAGES = torch.tensor(array(2, 12, 10, 3, low=0.0))
IMAGE = IMAGES[0]


def test_distortions_come_from_the_seed():
    first, again, other = (ops.image.elastic_transform(IMAGES, seed=s) for s in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)
    seeds = kerastorch.random.SeedGenerator(3)
    assert not torch.allclose(*(ops.image.elastic_transform(IMAGES, seed=seeds) for _ in range(2)))
    kerastorch.utils.set_random_seed(1)
    drawn = ops.image.elastic_transform(IMAGES)
    kerastorch.utils.set_random_seed(1)
    assert torch.equal(drawn, ops.image.elastic_transform(IMAGES))


def test_distortions_are_smooth_and_as_strong_as_asked():
    columns = torch.arange(64.0).expand(1, 64, 64).unsqueeze(-1)

    def moves(alpha, sigma):
        moved = ops.image.elastic_transform(columns, alpha, sigma, fill_mode="nearest", seed=2)
        return (moved - columns)[0, 16:-16, 16:-16, 0]

    weak, strong = moves(2.0, 3.0), moves(4.0, 3.0)
    torch.testing.assert_close(strong, 2 * weak, atol=0.2, rtol=0.2)
    assert 0.2 < weak.std() < 1.5
    assert weak.diff(dim=0).std() < weak.std()


def test_images_of_unknown_size_are_brought_to_one():
    images = KerasTensor((None, None, None, 3))
    assert ops.image.resize(images, (4, 5)).shape == (None, 4, 5, 3)
    padded = ops.image.pad_images(images, 1, 2, target_height=20, target_width=30)
    assert padded.shape == (None, 20, 30, 3)
    assert ops.image.crop_images(images, 1, 2, target_height=4, target_width=5).shape == (None, 4, 5, 3)
    assert ops.image.crop_images(images, 1, 2, 3, 4).shape == (None, None, None, 3)
    assert ops.image.rgb_to_grayscale(images).shape == (None, None, None, 1)


def test_steps_on_images_are_a_model_that_is_saved(tmp_path):
    inputs = kerastorch.Input((8, 6, 3))
    x = ops.image.rgb_to_hsv(ops.image.resize(inputs, (4, 4)))
    model = kerastorch.Model(inputs, ops.image.extract_patches(x, 2))
    model.save(tmp_path / "model.keras")
    loaded = kerastorch.saving.load_model(tmp_path / "model.keras")
    images = torch.rand(2, 8, 6, 3)
    assert torch.equal(model(images), loaded(images))


CALLS = {
    "resize": lambda x: ops.image.resize(x, (5, 7)),
    "affine": lambda x: ops.image.affine_transform(x, torch.tensor([0.9, 0.1, 1.0, 0.0, 1.1, 0.5, 0.0, 0.0])),
    "patches": lambda x: ops.image.extract_patches(x, 3, padding="same"),
    "blur": ops.image.gaussian_blur,
    "hsv": ops.image.rgb_to_hsv,
    "ssim": lambda x: ops.image.ssim(x, x * 0.9, filter_size=5),
}


@pytest.mark.parametrize("name", CALLS)
def test_graphs_are_whole(name):
    compiled = torch.compile(CALLS[name], fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(IMAGES), CALLS[name](IMAGES))


POINTS = torch.zeros(4, 2)
WRONG = {
    "expected rank 3": lambda: ops.image.resize(IMAGE[0], (2, 2)),
    r"expected 3 \(RGB\) or 1": lambda: ops.image.rgb_to_grayscale(IMAGE[..., :2]),
    "must have 3 channels": lambda: ops.image.rgb_to_hsv(IMAGE[..., :2]),
    "expected float dtype": lambda: ops.image.hsv_to_rgb(IMAGE.int()),
    "`size` must have positive": lambda: ops.image.resize(IMAGE, (0, 2)),
    "tuple of 2 integers": lambda: ops.image.resize(IMAGE, 3),
    "'bilinear'": lambda: ops.image.resize(IMAGE, (2, 2), "bilinera"),
    "Only one of": lambda: ops.image.resize(
        IMAGE, (2, 2), crop_to_aspect_ratio=True, pad_to_aspect_ratio=True
    ),
    "argument `fill_mode`": lambda: ops.image.resize(IMAGE, (2, 2), fill_mode="wrap"),
    "Invalid transform rank": lambda: ops.image.affine_transform(IMAGE, torch.ones(1, 1, 8)),
    "Invalid start_points shape": lambda: ops.image.perspective_transform(IMAGE, POINTS[:3], POINTS),
    "must have the same shape": lambda: ops.image.perspective_transform(IMAGES, POINTS, POINTS[None]),
    "same as the rank of `inputs`": lambda: ops.image.map_coordinates(IMAGE, IMAGE[:2], 1),
    "expected at least rank 2": lambda: ops.image.map_coordinates(IMAGE, [1.0, 2.0, 3.0], 1),
    "exactly two of top_padding": lambda: ops.image.pad_images(IMAGE, 1),
    "right_padding must be >= 0": lambda: ops.image.pad_images(IMAGE, 1, 1, 1, target_width=3),
    "target_height must be >= 0": lambda: ops.image.crop_images(IMAGE, 9, 0, 9, 0),
    "length 2 or 3": lambda: ops.image.extract_patches(IMAGE, (1, 2, 3, 4)),
    "patches of 2 sizes": lambda: ops.image.extract_patches(IMAGE[0], 2),
    "argument `method`": lambda: ops.image.scale_and_translate(IMAGE, (1, 1, 1), [1], [1], [0], "area"),
    "expected rank 4": lambda: ops.image.sobel_edges(IMAGE),
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_calls_say_what_is_wrong(message):
    with pytest.raises(ValueError, match=message):
        WRONG[message]()
