"""Pictures of a directory: their values, sizes and channels, and training on them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from keras import ops
from PIL import Image

import kerastorch as keras
from kerastorch.errors import InvalidArgumentError
from kerastorch.utils import image_dataset_from_directory

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (13, 9, 3)).astype("uint8")


@pytest.fixture
def home(tmp_path):
    """One picture in each of two classes."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.fromarray(PIXELS if name == "a" else PIXELS[::-1].copy()).save(tmp_path / name / "1.png")
    return tmp_path


def first(home, **arguments):
    """The first picture."""
    dataset = image_dataset_from_directory(home, shuffle=False, verbose=False, batch_size=None, **arguments)
    return next(iter(dataset))[0]


@pytest.mark.parametrize("size", [(5, 4), (20, 30), (13, 9)], ids=str)
@pytest.mark.parametrize("method", ["bilinear", "nearest"])
@pytest.mark.parametrize("crop", [False, True])
def test_values_are_those_of_keras(home, size, method, crop):
    theirs = ops.image.resize(
        PIXELS.astype("float32"),
        size,
        interpolation=method,
        crop_to_aspect_ratio=crop,
        data_format="channels_last",
    )
    ours = first(home, image_size=size, interpolation=method, crop_to_aspect_ratio=crop)
    np.testing.assert_allclose(ours.numpy(), theirs.cpu().numpy(), atol=1e-3)


@pytest.mark.parametrize("method", ["bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"])
def test_every_method_keeps_an_even_picture_even(tmp_path, method):
    Image.new("RGB", (7, 5), (10, 20, 30)).save(tmp_path / "1.bmp")
    (picture,) = image_dataset_from_directory(
        tmp_path, labels=None, image_size=(4, 11), interpolation=method, verbose=False
    )
    assert picture.shape == (1, 4, 11, 3)
    torch.testing.assert_close(picture[0, 1, 2], torch.tensor([10.0, 20.0, 30.0]))


@pytest.mark.parametrize(
    ("size", "inner"), [((26, 40), (26, 18)), ((26, 10), (14, 10)), ((13, 9), (13, 9))], ids=str
)
def test_padding_keeps_the_whole_picture_in_the_centre(home, size, inner):
    picture = first(home, image_size=size, pad_to_aspect_ratio=True)
    top, left = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    whole = first(home, image_size=inner)
    expected = torch.zeros(*size, 3)
    expected[top : top + inner[0], left : left + inner[1]] = whole
    torch.testing.assert_close(picture, expected)


@pytest.mark.parametrize(("mode", "channels"), [("rgb", 3), ("rgba", 4), ("grayscale", 1)])
def test_color_modes_are_those_of_pillow(home, mode, channels):
    expected = np.asarray(Image.fromarray(PIXELS).convert({1: "L", 3: "RGB", 4: "RGBA"}[channels]))
    picture = first(home, color_mode=mode, image_size=(13, 9))
    np.testing.assert_allclose(picture.numpy(), expected.reshape(13, 9, channels), atol=1e-4)


@pytest.mark.parametrize("ending", ["bmp", "gif", "jpeg", "jpg", "PNG"])
def test_every_format_is_read(tmp_path, ending):
    Image.new("RGB", (3, 3), (255, 0, 0)).save(tmp_path / f"1.{ending}")
    (tmp_path / "notes.txt").write_text("no picture")
    (batch,) = image_dataset_from_directory(tmp_path, labels=None, image_size=3, verbose=False)
    torch.testing.assert_close(batch[0, 1, 1], torch.tensor([255.0, 0.0, 0.0]), atol=2, rtol=0)


def test_channels_may_come_first(home):
    last = first(home, image_size=(6, 7))
    assert first(home, image_size=(6, 7), data_format="channels_first").equal(last.permute(2, 0, 1))


def test_specs_leave_the_size_of_the_batch_open(home):
    dataset = image_dataset_from_directory(home, image_size=(6, 7), verbose=False)
    assert [spec.shape for spec in dataset.element_spec] == [(None, 6, 7, 3), (None,)]
    assert len(dataset) == 1


def test_nothing_is_read_before_it_is_asked_for(home):
    dataset = image_dataset_from_directory(home, verbose=False)
    (home / "a" / "1.png").write_bytes(b"no picture any more")
    with pytest.raises(OSError, match="cannot identify image file") as caught:
        next(iter(dataset))
    assert any("Raised while reading" in note for note in caught.value.__notes__)


FAULTS = {
    "color_mode": ({"color_mode": "cmyk"}, "`color_mode` must be one of"),
    "image_size": ({"image_size": (3,)}, "`image_size` must be height and width"),
    "interpolation": ({"interpolation": "box"}, "`interpolation` must be one of"),
    "both": ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "Only one of"),
    "data_format": ({"data_format": "last"}, "`data_format` argument must be one of"),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_arguments_that_mean_nothing_are_refused(home, fault):
    arguments, text = FAULTS[fault]
    with pytest.raises(InvalidArgumentError, match=text):
        image_dataset_from_directory(home, verbose=False, **arguments)


def test_a_model_trains_on_both_subsets(tmp_path):
    for name, shade in (("dark", 0), ("light", 255)):
        (tmp_path / name).mkdir()
        for number in range(8):
            Image.new("L", (6, 6), abs(shade - number)).save(tmp_path / name / f"{number}.png")
    train, held_out = image_dataset_from_directory(
        tmp_path,
        label_mode="binary",
        color_mode="grayscale",
        image_size=(4, 4),
        batch_size=4,
        validation_split=0.25,
        subset="both",
        seed=1,
        verbose=False,
    )
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.layers.Lambda(lambda x: x / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(train, validation_data=held_out, epochs=8, verbose=0).history
    assert history["val_accuracy"][-1] == 1.0
