"""Paths of other systems than the disk: all formats and callbacks on fsspec's systems in memory and on the disk."""

from __future__ import annotations

import builtins
import io
import sys
import warnings

import fsspec
import numpy as np
import pytest

import kerastorch
from kerastorch import layers
from kerastorch.errors import (
    FileInTheWayError,
    InvalidArgumentError,
    MissingDependencyError,
    MissingFileError,
    UnsafeArchiveError,
)
from kerastorch.saving import remote

X = np.ones((4, 4), "float32")
MODELS = ["model.keras", "model.h5", "folder", "deep/model.keras"]
WEIGHTS = ["a.weights.h5", "old.h5", "a.safetensors", "a.pt", "a.npz", "a.weights.json", "prefix"]


@pytest.fixture(params=["memory", "file"])
def root(request, tmp_path):
    """A folder that is not there yet, on each of the systems."""
    if request.param == "file":
        yield f"file://{tmp_path}/new"
        return
    yield "memory://bucket/new"
    system = fsspec.filesystem("memory")
    if system.exists("/bucket"):
        system.rm("/bucket", recursive=True)


def network(value=0.0):
    model = kerastorch.Sequential([kerastorch.Input((4,)), layers.Dense(8), layers.Dense(4)])
    model.compile("adam", "mse")
    model.set_weights([np.full(weight.shape, value) for weight in model.weights])
    return model


def value_of(model):
    (value,) = {float(value) for weight in model.get_weights() for value in np.unique(weight)}
    return value


def save_weights(model, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save_weights(path, max_shard_size=200 / 1024**3 if path.endswith(".json") else None)


def names_in(root):
    system, place = fsspec.core.url_to_fs(root)
    return sorted(name.rpartition("/new/")[2] for name in system.find(place))


@pytest.mark.parametrize("name", MODELS)
def test_models_come_back(name, root):
    for value in (1.0, 2.0):
        network(value).save(f"{root}/{name}", zipped=False if name == "folder" else None)
        assert value_of(kerastorch.models.load_model(f"{root}/{name}")) == value
    parts = ["config.json", "metadata.json", "model.weights.h5"]
    assert names_in(root) == ([f"folder/{part}" for part in parts] if name == "folder" else [name])


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_come_back(name, root):
    for value in (1.0, 2.0):
        save_weights(network(value), f"{root}/{name}")
        model = network()
        model.load_weights(f"{root}/{name}")
        assert value_of(model) == value
    expected = {
        "a.weights.json": ["a.weights.json", "a_00000b.weights.h5", "a_00001b.weights.h5"],
        "prefix": ["checkpoint", "prefix.weights.h5"],
    }
    assert names_in(root) == expected.get(name, [name])


def test_other_files_of_a_folder_stay(root):
    system, place = fsspec.core.url_to_fs(root)
    system.makedirs(f"{place}/folder")
    system.pipe_file(f"{place}/folder/notes.txt", b"mine")
    network(1.0).save(f"{root}/folder", zipped=False)
    assert system.cat_file(f"{place}/folder/notes.txt") == b"mine"
    assert value_of(kerastorch.models.load_model(f"{root}/folder")) == 1.0


def test_what_layers_keep_beside_their_weights(root):
    words = layers.StringLookup()
    words.adapt(np.array(["one", "two"]))
    model = kerastorch.Sequential([kerastorch.Input((1,), dtype="string"), words])
    model.save(f"{root}/model.keras")
    assert kerastorch.models.load_model(f"{root}/model.keras").layers[0].get_vocabulary() == [
        "[UNK]",
        "two",
        "one",
    ]


def test_a_file_editor(root, capsys):
    network(3.0).save(f"{root}/model.keras")
    editor = kerastorch.saving.KerasFileEditor(f"{root}/model.keras")
    editor.add_weights("dense", {"1": np.full(8, 4.0)})
    editor.save(f"{root}/new.weights.h5")
    model = network()
    model.load_weights(f"{root}/new.weights.h5")
    assert [float(weight.mean()) for weight in model.get_weights()] == [3.0, 4.0, 3.0, 3.0]
    assert f"Keras model file '{root}/model.keras'" in capsys.readouterr().out


def test_a_file_in_the_way_is_asked_about(root, monkeypatch):
    network(1.0).save(f"{root}/model.keras")
    with pytest.raises(FileInTheWayError, match="exists already and `overwrite=False`"):
        network(2.0).save(f"{root}/model.keras", overwrite=False)
    monkeypatch.setattr("sys.stdin", type("Terminal", (io.StringIO,), {"isatty": lambda _: True})("y\n"))
    network(2.0).save(f"{root}/model.keras", overwrite=False)
    assert value_of(kerastorch.models.load_model(f"{root}/model.keras")) == 2.0


def test_a_file_that_is_missing_is_named(root):
    for load in (kerastorch.models.load_model, network().load_weights):
        with pytest.raises(MissingFileError, match=f"filepath={root}/model.keras"):
            load(f"{root}/model.keras")


def test_an_error_names_the_path_that_was_asked_for(root):
    system, place = fsspec.core.url_to_fs(root)
    system.makedirs(place)
    system.pipe_file(f"{place}/model.keras", b"PK nothing")
    with pytest.raises(kerastorch.errors.CorruptModelError, match=f"{root}/model.keras' is neither"):
        kerastorch.models.load_model(f"{root}/model.keras")


@pytest.mark.parametrize("name", ["model.keras", "a.weights.json"])
def test_a_copy_that_fails_leaves_the_old_files(name, root, monkeypatch):
    save = save_weights if name.endswith(".json") else kerastorch.models.save_model
    save(network(1.0), f"{root}/{name}")
    before = names_in(root)
    system, _ = fsspec.core.url_to_fs(root)

    def failing(*args, **kwargs):
        raise OSError("the line is cut")

    with monkeypatch.context() as patch:
        patch.setattr(type(system), "mv", failing)
        with pytest.raises(OSError, match="the line is cut"):
            save(network(2.0), f"{root}/{name}")
    assert names_in(root) == before
    model = network()
    model.load_weights(f"{root}/{name}")
    assert value_of(model) == 1.0


def test_an_error_in_the_model_leaves_the_old_file(root):
    network(1.0).save(f"{root}/model.keras")
    bad = kerastorch.Sequential([kerastorch.Input((4,)), layers.Lambda(lambda x: x + 1)])
    with pytest.raises(kerastorch.errors.SerializationError, match="lambda"):
        bad.save(f"{root}/model.keras")
    assert value_of(kerastorch.models.load_model(f"{root}/model.keras")) == 1.0


def test_names_that_lead_out_of_the_folder_are_refused(root, monkeypatch):
    network(1.0).save(f"{root}/folder", zipped=False)
    system, place = fsspec.core.url_to_fs(root)
    with monkeypatch.context() as patch:
        patch.setattr(type(system), "find", lambda *_, **__: [f"{place}/folder/../../../evil"])
        with pytest.raises(UnsafeArchiveError, match="leads out of the folder"):
            kerastorch.models.load_model(f"{root}/folder")


@pytest.mark.parametrize(
    ("path", "error", "text"),
    [
        ("nowhere://bucket/model.keras", InvalidArgumentError, "cannot be understood: Protocol not known"),
        ("abfs://bucket/model.keras", MissingDependencyError, "needs another package: .*adlfs"),
    ],
)
def test_systems_that_are_not_known(path, error, text):
    with pytest.raises(error, match=text):
        network().save(path)
    with pytest.raises(error, match=text):
        kerastorch.models.load_model(path)


def test_without_fsspec(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("fsspec"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "fsspec.core")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingDependencyError, match="`pip install fsspec`"):
        network().save_weights("memory://bucket/a.weights.h5")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("s3://bucket/a", True),
        ("simplecache::s3://bucket/a", True),
        ("C:/a", False),
        ("C:\\a", False),
        ("a/b://c", False),
        ("loss:3", False),
        (io.BytesIO(), False),
    ],
)
def test_what_is_a_path_of_another_system(path, expected):
    assert remote.is_remote(path) is expected
