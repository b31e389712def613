"""Which format a path gives, what is said about it, and what happens to what is there already."""

from __future__ import annotations

import io
import os
import warnings
import zipfile

import h5py
import numpy as np
import pytest

import kerastorch
from kerastorch import layers
from kerastorch.errors import FileInTheWayError, InvalidArgumentError, UnknownArgumentError
from tests.saving.pairs import X, sequential


@pytest.fixture
def model():
    return sequential(kerastorch)


def kind(path):
    """What is at a path: `zip`, `h5`, `folder` or nothing."""
    if path.is_dir():
        return "folder"
    return "zip" if zipfile.is_zipfile(path) else "h5" if h5py.is_hdf5(path) else None


def assert_equal(model, other):
    np.testing.assert_array_equal(model.predict(X, verbose=0), other.predict(X, verbose=0))


QUIET = [
    ("model.keras", {}, "zip"),
    ("model.h5", {}, "h5"),
    ("model.hdf5", {}, "h5"),
    ("model", {"zipped": False}, "folder"),
    ("model.keras", {"save_format": "keras"}, "zip"),
    ("model.h5", {"save_format": "h5"}, "h5"),
]
WARNED = [
    ("model_3", {}, "folder"),
    ("model_3/", {}, "folder"),
    ("ckpt-loss=0.43", {}, "folder"),
    ("model", {"save_format": "tf"}, "folder"),
    ("model", {"save_format": "h5"}, "h5"),
    ("model", {"save_format": "keras"}, "zip"),
]


@pytest.mark.parametrize(("path", "arguments", "expected"), QUIET)
def test_paths_of_keras_say_nothing(path, arguments, expected, model, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.save(tmp_path / path, **arguments)
        other = kerastorch.models.load_model(tmp_path / path)
    assert kind(tmp_path / path) == expected
    assert_equal(model, other)


@pytest.mark.parametrize(("path", "arguments", "expected"), WARNED)
def test_other_paths_say_once_what_was_written(path, arguments, expected, model, tmp_path):
    with pytest.warns(UserWarning, match=r"The model is saved as .*Keras 3 would refuse") as seen:
        model.save(f"{tmp_path}/{path}", **arguments)
    assert [w.filename for w in seen] == [__file__]
    assert kind(tmp_path / path.strip("/")) == expected
    assert_equal(model, kerastorch.models.load_model(f"{tmp_path}/{path}"))


@pytest.mark.filterwarnings("ignore:The model is saved as a folder")
def test_a_saved_folder_is_replaced_and_other_files_stay(model, tmp_path):
    path = tmp_path / "model"
    model.save(path)
    (path / "notes.txt").write_text("mine")
    other = sequential(kerastorch)
    other.save(path)
    assert sorted(os.listdir(path)) == ["config.json", "metadata.json", "model.weights.h5", "notes.txt"]
    assert_equal(other, kerastorch.models.load_model(path))
    assert os.listdir(tmp_path) == ["model"]


def test_an_open_file_is_written_and_read(model, tmp_path):
    buffer = io.BytesIO()
    model.save(buffer)
    buffer.seek(0)
    assert_equal(model, kerastorch.models.load_model(buffer))
    with open(tmp_path / "model.keras", "wb") as stream:
        model.save(stream)
    for buffering in (-1, 0):
        with open(tmp_path / "model.keras", "rb", buffering=buffering) as stream:
            assert_equal(model, kerastorch.models.load_model(stream))


@pytest.mark.parametrize("ending", [".keras", ".h5", ".weights.h5"])
def test_files_of_any_format_are_read_open(ending, model, tmp_path):
    path, other = tmp_path / f"a{ending}", sequential(kerastorch)
    (model.save_weights if ending == ".weights.h5" else model.save)(path)
    with open(path, "rb") as stream:
        other.load_weights(stream)
    assert_equal(model, other)
    buffer = io.BytesIO()
    model.save_weights(buffer)
    sequential(kerastorch).load_weights(io.BytesIO(buffer.getvalue()))


class Somewhere(os.PathLike):
    """A path of a class of its own."""

    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return str(self.path)


@pytest.mark.parametrize("kind", [os.fsencode, Somewhere, str], ids=["bytes", "path-like", "text"])
@pytest.mark.parametrize(
    "name", ["a.keras", "a.h5", "a.weights.h5", "a.safetensors", "a.npz", "a.weights.json"]
)
def test_paths_of_any_type(kind, name, model, tmp_path):
    path, other = kind(tmp_path / name), sequential(kerastorch)
    if name in ("a.keras", "a.h5"):
        model.save(path)
        other = kerastorch.models.load_model(path)
    else:
        model.save_weights(path)
        other.load_weights(path)
    assert_equal(model, other)


@pytest.mark.parametrize("name", ["a.keras", "a.weights.h5", "a.pt"])
def test_the_folder_of_the_user(name, model, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    other = sequential(kerastorch)
    if name == "a.keras":
        model.save(f"~/{name}")
        other = kerastorch.models.load_model(f"~/{name}")
    else:
        model.save_weights(f"~/{name}")
        other.load_weights(f"~/{name}")
    assert_equal(model, other)
    assert os.listdir(tmp_path) == [name]


def test_functions_do_what_the_methods_do(model, tmp_path):
    kerastorch.saving.save_model(model, tmp_path / "model.keras")
    other = kerastorch.saving.load_model(tmp_path / "model.keras")
    kerastorch.saving.save_weights(model, tmp_path / "a.weights.h5")
    kerastorch.saving.load_weights(other, tmp_path / "a.weights.h5")
    assert_equal(model, other)


@pytest.mark.parametrize("path", ["model.keras", "model.h5"])
def test_a_file_in_the_way_is_an_error_where_nobody_can_be_asked(path, model, tmp_path):
    model.save(tmp_path / path)
    before = (tmp_path / path).read_bytes()
    with pytest.raises(FileInTheWayError, match="exists already and `overwrite=False`"):
        model.save(tmp_path / path, overwrite=False)
    assert (tmp_path / path).read_bytes() == before


@pytest.mark.parametrize(("answers", "replaced"), [(["n"], False), (["maybe", "y"], True)], ids=["no", "yes"])
def test_a_terminal_is_asked_about_a_file_in_the_way(answers, replaced, model, tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    path.write_text("old")

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Terminal("".join(f"{answer}\n" for answer in answers)))
    model.save(path, overwrite=False)
    assert (path.read_bytes() != b"old") is replaced


@pytest.mark.parametrize(
    ("path", "arguments", "error", "text"),
    [
        ("model.keras", {"zipped": False}, InvalidArgumentError, r"must not end in `\.keras`"),
        ("model", {"zipped": True}, InvalidArgumentError, r"expected a `\.keras` extension"),
        ("model", {"save_format": "pickle"}, InvalidArgumentError, "`save_format` must be one of"),
        ("model.keras", {"compress": True}, UnknownArgumentError, r"not supported by `save`: \['compress'\]"),
        (3, {}, TypeError, "must be a path or a binary file"),
    ],
)
def test_arguments_that_do_not_fit_are_errors(path, arguments, error, text, model, tmp_path):
    with pytest.raises(error, match=text):
        model.save(path if path == 3 else tmp_path / path, **arguments)
    assert os.listdir(tmp_path) == []


def test_arguments_for_tensorflow_are_named_in_a_warning(model, tmp_path):
    with pytest.warns(UserWarning, match=r"`save` ignores \['options', 'signatures'\]"):
        model.save(tmp_path / "model.keras", options=1, signatures=2)


def test_what_cannot_be_written_leaves_the_old_file(model, tmp_path):
    path = tmp_path / "model.keras"
    model.save(path)
    before = path.read_bytes()
    bad = kerastorch.Sequential([kerastorch.Input((4,)), layers.Lambda(lambda x: x + 1)])
    with pytest.raises(kerastorch.errors.SerializationError, match="lambda"):
        bad.save(path)
    assert (path.read_bytes(), os.listdir(tmp_path)) == (before, ["model.keras"])
