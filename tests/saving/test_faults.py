"""Files that cannot be read, and models that cannot be written: errors that say which and why."""

from __future__ import annotations

import json
import os
import zipfile

import h5py
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.errors import CorruptModelError, MissingFileError, SerializationError, UnsafeModelError
from tests.saving.pairs import X, Y, sequential

load = kerastorch.models.load_model


@pytest.fixture
def path(tmp_path):
    """A saved model."""
    file = tmp_path / "model.keras"
    sequential(kerastorch).save(file)
    return file


def rewrite(path, **changes):
    """Writes an archive again with other members; None leaves one out."""
    names = {name.replace(".", "_"): name for name in ("metadata.json", "config.json", "model.weights.h5")}
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in names.values()}
    members.update({names[key]: value for key, value in changes.items()})
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            if content is not None:
                archive.writestr(name, content)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MissingFileError, match=r"File not found: filepath=.*nowhere\.keras"):
        load(tmp_path / "nowhere.keras")


@pytest.mark.parametrize("name", ["model.keras", "model.h5", "model.bin"])
def test_a_file_of_something_else_is_an_error(name, tmp_path):
    (tmp_path / name).write_text("nothing of the kind")
    with pytest.raises(CorruptModelError, match=f"{name}' is neither a zip archive nor HDF5"):
        load(tmp_path / name)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_a_file_that_is_cut_off_is_an_error(name, share, tmp_path):
    file = tmp_path / name
    sequential(kerastorch).save(file)
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CorruptModelError, match=f"{name}'.*(damaged|incomplete)"):
        load(file)


@pytest.mark.parametrize("member", ["config_json", "model_weights_h5"])
def test_a_missing_member_is_named(member, path):
    rewrite(path, **{member: None})
    with pytest.raises(CorruptModelError, match=r"it has no member '(config.json|model.weights.h5)'"):
        load(path)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (b"{", "is no JSON"),
        (b"[]", "does not describe a model"),
        (b'{"class_name": "Dense"}', "does not describe"),
    ],
    ids=["cut off", "list", "half"],
)
def test_a_config_that_is_none_is_an_error(config, text, path):
    rewrite(path, config_json=config)
    with pytest.raises(CorruptModelError, match=text):
        load(path)


def test_a_layer_is_no_model(path):
    config = kerastorch.saving.serialize_keras_object(layers.Dense(2))
    rewrite(path, config_json=json.dumps(config).encode())
    with pytest.raises(CorruptModelError, match="describes a Dense, which is no model"):
        load(path)


def test_damaged_values_are_an_error(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(CorruptModelError, match="cannot be read as a zip archive"):
        load(path)


def test_weights_alone_are_no_model(tmp_path):
    model = sequential(kerastorch)
    model.save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(CorruptModelError, match=r"holds weights but no model.* use `load_weights`"):
        load(tmp_path / "a.weights.h5")


def test_a_folder_of_something_else_is_an_error(tmp_path):
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(CorruptModelError, match=r"is a SavedModel without a model of Keras"):
        load(tmp_path)


def links(root):
    root["layers/link"] = h5py.SoftLink("/layers")


def external(root):
    root["layers/link"] = h5py.ExternalLink("other.h5", "/")


def objects(root):
    root.create_dataset("layers/text", data=["one"])


def claims(root):
    root.create_dataset("layers/huge", (10**6, 10**6), "float32", chunks=(1000, 1000), compression="gzip")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (links, "link"),
        (external, "link"),
        (objects, "expected numbers"),
        (claims, "claims 4000000000000 bytes"),
    ],
    ids=["soft link", "external link", "text", "size"],
)
def test_weights_that_reach_beyond_the_file_are_refused(change, text, tmp_path):
    model = sequential(kerastorch)
    model.save_weights(tmp_path / "a.weights.h5")
    with h5py.File(tmp_path / "a.weights.h5", "a") as root:
        change(root)
    with pytest.raises(CorruptModelError, match=text):
        model.load_weights(tmp_path / "a.weights.h5")


class Own(layers.Dense):
    """A class of the user's."""


def test_an_unregistered_class_needs_custom_objects(tmp_path):
    model = kerastorch.Sequential([kerastorch.Input((4,)), Own(2)])
    model.save(tmp_path / "own.keras")
    with pytest.raises(UnsafeModelError, match=r"Could not locate class 'Own'.*custom_objects"):
        load(tmp_path / "own.keras")
    assert isinstance(load(tmp_path / "own.keras", {"Own": Own}).layers[0], Own)


def double_error(y_true, y_pred):
    return 2 * (y_true - y_pred) ** 2


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_a_loss_of_the_users_is_read_with_custom_objects(name, tmp_path):
    model = sequential(kerastorch)
    model.compile("adam", double_error, metrics=[double_error, "mae"])
    model.save(tmp_path / name)
    with pytest.raises(ValueError, match="double_error"):
        load(tmp_path / name)
    assert load(tmp_path / name, {"double_error": double_error}).loss is double_error
    assert not load(tmp_path / name, compile=False).compiled


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"optimizer": "adam", "loss": lambda y, p: y - p}, r"\['loss'\]"),
        ({"optimizer": torch.optim.Adam, "loss": "mse"}, r"\['optimizer'\]"),
        ({"optimizer": torch.optim.SGD, "loss": torch.nn.MSELoss()}, r"\['optimizer', 'loss'\]"),
    ],
    ids=["lambda", "torch optimizer", "torch loss"],
)
@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_compile_arguments_that_cannot_be_written_are_named(name, arguments, named, tmp_path):
    model = sequential(kerastorch)
    model.compile(**arguments)
    with pytest.warns(UserWarning, match=f"is saved without its compile arguments, because {named}") as seen:
        model.save(tmp_path / name)
    assert [w.filename for w in seen] == [__file__]
    other = load(tmp_path / name)
    assert not other.compiled
    np.testing.assert_array_equal(model.predict(X, verbose=0), other.predict(X, verbose=0))


class Scaled(torch.nn.Module):
    def __init__(self, by):
        super().__init__()
        self.linear, self.factor = torch.nn.Linear(4, 2), by

    def forward(self, x):
        return self.linear(x) * self.factor


@pytest.mark.parametrize(
    ("layer", "text"),
    [(layers.Lambda(lambda x: x), "lambda"), (Scaled(2.0), "plain Scaled.*Keep every argument")],
    ids=["lambda", "module"],
)
@pytest.mark.parametrize("name", ["model.keras", "model.h5", "model"])
@pytest.mark.filterwarnings("ignore:The model is saved as a folder")
def test_layers_that_cannot_be_written_are_errors_and_leave_nothing(name, layer, text, tmp_path):
    model = kerastorch.Sequential([kerastorch.Input((4,)), layer])
    with pytest.raises(SerializationError, match=text):
        model.save(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_weights_of_plain_modules_are_saved(tmp_path):
    models = [kerastorch.Sequential([kerastorch.Input((4,)), torch.nn.Linear(4, 2)]) for _ in range(2)]
    models[0].save_weights(tmp_path / "a.weights.h5")
    models[1].load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_array_equal(*(model.predict(X, verbose=0) for model in models))


def test_code_in_a_file_is_refused_in_either_mode(path):
    code = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}
    layer = {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "f", "function": code}}
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    config["config"]["layers"].append(layer)
    rewrite(path, config_json=json.dumps(config).encode())
    for safe_mode in (True, False):
        with pytest.raises(UnsafeModelError, match="never executed here"):
            load(path, safe_mode=safe_mode)


def test_numbers_of_numpy_in_a_config_are_written(tmp_path):
    class Scale(layers.Layer):
        def __init__(self, by, **kwargs):
            super().__init__(**kwargs)
            self.by = by

        def call(self, x):
            return x * float(self.by)

        def get_config(self):
            return {**super().get_config(), "by": self.by}

    model = kerastorch.Sequential([kerastorch.Input((4,)), Scale(np.float32(2.5))])
    model.compile("sgd", "mse")
    model.fit(X, X + Y[:, None], verbose=0)
    model.save(tmp_path / "model.keras")
    assert load(tmp_path / "model.keras", {"Scale": Scale}).layers[0].by == 2.5
