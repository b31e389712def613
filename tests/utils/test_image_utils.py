"""Pictures as arrays and files: Keras is the measure."""

from __future__ import annotations

import inspect
import io
import sys

import keras
import numpy as np
import pytest
import torch
from PIL import Image

from kerastorch import preprocessing, utils
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, MissingDependencyError, ShapeError
from kerastorch.preprocessing.image import smart_resize

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (11, 14, 4)).astype("uint8")
BOTH = (utils, keras.utils)


@pytest.fixture
def file(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "a.png")
    return tmp_path / "a.png"


@pytest.mark.parametrize("mode", ["rgb", "rgba", "grayscale"])
@pytest.mark.parametrize("size", [None, (5, 9), (11, 14), (30, 20)], ids=str)
@pytest.mark.parametrize("keep", [False, True])
def test_loaded_pictures_are_those_of_keras(file, mode, size, keep):
    ours, theirs = (
        lib.load_img(
            file, color_mode=mode, target_size=size, interpolation="bilinear", keep_aspect_ratio=keep
        )
        for lib in BOTH
    )
    assert (ours.mode, ours.size, ours.tobytes()) == (theirs.mode, theirs.size, theirs.tobytes())


@pytest.mark.parametrize("method", ["nearest", "bilinear", "bicubic", "hamming", "box", "lanczos"])
def test_interpolations_are_those_of_keras(file, method):
    ours, theirs = (lib.load_img(str(file), target_size=(4, 6), interpolation=method) for lib in BOTH)
    assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("mode", ["I;16", "I"])
def test_deep_grayscale_keeps_its_values(tmp_path, mode):
    values = (np.arange(12).reshape(3, 4) * 5000).astype({"I;16": "uint16", "I": "int32"}[mode])
    Image.fromarray(values).save(tmp_path / "deep.png" if mode == "I;16" else tmp_path / "deep.tiff")
    (path,) = tmp_path.iterdir()
    array = utils.img_to_array(utils.load_img(path, color_mode="grayscale"))
    assert np.array_equal(array[:, :, 0], values)


GRAYSCALE = {"keyword": ((), {"grayscale": True}), "position": ((True,), {}), "mode": (("grayscale",), {})}


@pytest.mark.parametrize("way", sorted(GRAYSCALE))
def test_grayscale_has_the_ways_of_keras_2(file, way):
    args, kwargs = GRAYSCALE[way]
    assert utils.load_img(file, *args, **kwargs).mode == "L"


def test_false_is_no_grayscale(file):
    assert utils.load_img(file, False).mode == "RGB"


@pytest.mark.parametrize("layout", ["channels_last", "channels_first"])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("scale", [True, False])
def test_arrays_become_the_pictures_of_keras(layout, channels, scale):
    array = RNG.normal(size=(6, 5, channels)).astype("float32") * 9 + 100
    array = array if layout == "channels_last" else array.transpose(2, 0, 1)
    ours = utils.array_to_img(torch.tensor(array), layout, scale)
    theirs = keras.utils.array_to_img(array, layout, scale)
    assert (ours.mode, ours.tobytes()) == (theirs.mode, theirs.tobytes())


def test_values_beyond_a_byte_become_deep_grayscale():
    array = np.full((2, 2, 1), 1000.0)
    ours, theirs = (lib.array_to_img(array, scale=False) for lib in BOTH)
    assert (ours.mode, ours.tobytes()) == (theirs.mode, theirs.tobytes()) == ("I", theirs.tobytes())


def test_an_even_picture_becomes_black():
    assert not np.any(utils.array_to_img(np.full((2, 2, 3), 7.0)))


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("layout", ["channels_last", "channels_first"])
@pytest.mark.parametrize("dtype", [None, "uint8"], ids=str)
def test_pictures_become_the_arrays_of_keras(mode, layout, dtype):
    image = Image.fromarray(PIXELS).convert(mode)
    ours, theirs = (lib.img_to_array(image, layout, dtype) for lib in BOTH)
    assert ours.dtype == theirs.dtype
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.JPG", "a.gif"])
def test_saved_files_are_those_of_keras(tmp_path, name):
    written = []
    for number, lib in enumerate(BOTH):
        (tmp_path / str(number)).mkdir()
        lib.save_img(tmp_path / str(number) / name, PIXELS[..., :3])
        written.append((tmp_path / str(number) / name).read_bytes())
    assert written[0] == written[1]


def test_jpeg_leaves_transparency_out(tmp_path):
    with pytest.warns(UserWarning, match="no transparency"):
        utils.save_img(tmp_path / "a.jpg", PIXELS)
    assert Image.open(tmp_path / "a.jpg").mode == "RGB"


def test_open_files_are_written_and_read():
    buffer = io.BytesIO()
    utils.save_img(buffer, PIXELS[..., :3], file_format="png", scale=False)
    assert np.array_equal(utils.img_to_array(utils.load_img(buffer)), PIXELS[..., :3])


@pytest.mark.parametrize("size", [(5, 5), (20, 8), (3, 30)], ids=str)
@pytest.mark.parametrize("shape", [(11, 14, 3), (2, 11, 14, 3), (2, 14, 11, 1)], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("method", ["bilinear", "nearest"])
def test_smart_resize_is_that_of_keras(size, shape, dtype, method):
    x = RNG.integers(0, 256, shape).astype(dtype)
    ours = smart_resize(x, size, method)
    theirs = keras.preprocessing.image.smart_resize(x, size, method)
    assert (type(ours), ours.dtype, ours.shape) == (type(theirs), theirs.dtype, theirs.shape)
    np.testing.assert_allclose(ours, theirs, atol=1e-3 if dtype == "float32" else 1)


def test_smart_resize_takes_channels_first_and_gives_tensors_for_tensors():
    x = torch.rand(3, 11, 14)
    last = smart_resize(x.permute(1, 2, 0), (4, 6))
    assert smart_resize(x, (4, 6), data_format="channels_first").equal(last.permute(2, 0, 1))


FAULTS = {
    "path": (lambda: utils.load_img(3), ArgumentTypeError, "`path` must be a path"),
    "axes of a picture": (lambda: utils.array_to_img(np.ones((2, 2))), ShapeError, "has 3 axes"),
    "channels": (lambda: utils.array_to_img(np.ones((2, 2, 5))), ShapeError, "1, 3 or 4 channels"),
    "axes of an array": (lambda: utils.img_to_array(np.ones(3)), ShapeError, "2 or 3 axes"),
    "size": (lambda: smart_resize(np.ones((2, 2, 3)), (1,)), ShapeError, "must be two integers"),
    "rank": (lambda: smart_resize(np.ones((2, 2)), (1, 1)), ShapeError, "Expected pictures of shape"),
    "method": (lambda: smart_resize(np.ones((2, 2, 3)), (1, 1), "x"), InvalidArgumentError, "must be one of"),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_what_is_no_picture_is_refused(fault):
    call, kind, text = FAULTS[fault]
    with pytest.raises(kind, match=text):
        call()


def test_unknown_modes_and_methods_are_named(file):
    with pytest.raises(InvalidArgumentError, match="`color_mode` must be one of"):
        utils.load_img(file, color_mode="cmyk")
    with pytest.raises(InvalidArgumentError, match="Invalid interpolation method 'cubic'"):
        utils.load_img(file, target_size=(2, 2), interpolation="cubic")


def test_without_pillow_the_package_is_named(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingDependencyError, match="pip install pillow"):
        utils.load_img(file)


NAMES = ["load_img", "save_img", "img_to_array", "array_to_img"]


@pytest.mark.parametrize("name", NAMES)
def test_parameters_begin_with_those_of_keras(name):
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(getattr(lib, name)).parameters.values()]
        for lib in BOTH
    )
    assert ours[: len(theirs)] == theirs
    assert getattr(preprocessing.image, name) is getattr(utils, name)
