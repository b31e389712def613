"""Files written here open in Keras 3.15.1, and the other way round."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

import h5py
import keras
import numpy as np
import pytest

import kerastorch
from tests.saving import pairs

MODELS = {m.__name__: m for m in (pairs.functional, pairs.sequential, pairs.shared, pairs.images)}
DIRECTIONS = {"ours to keras": (kerastorch, keras), "keras to ours": (keras, kerastorch)}
FILES = ["model.keras", "model.h5"]


def compare(written, read, x):
    for one, other in zip(pairs.outputs(written, x), pairs.outputs(read, x), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", MODELS)
def test_models_predict_the_same_in_the_other_library(name, direction, file, tmp_path):
    writer, reader = DIRECTIONS[direction]
    model = MODELS[name](writer)
    model.save(tmp_path / file)
    compare(model, reader.models.load_model(tmp_path / file), pairs.inputs_of(model))


OPTIMIZERS = {
    "adam": lambda k: k.optimizers.Adam(0.01),
    "sgd": lambda k: k.optimizers.SGD(0.01, momentum=0.9, nesterov=True),
    "rmsprop": lambda k: k.optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    "averaged": lambda k: k.optimizers.Adam(0.01, use_ema=True, ema_overwrite_frequency=3),
    "scheduled": lambda k: k.optimizers.Adam(k.optimizers.schedules.ExponentialDecay(0.01, 2, 0.5)),
}


# Keras builds the optimizer of an HDF5 file for no weights at all, so that training cannot go on there.
JOURNEYS = [(d, f) for d in DIRECTIONS for f in FILES if (d, f) != ("ours to keras", "model.h5")]


@pytest.mark.parametrize(("direction", "file"), JOURNEYS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_goes_on_in_the_other_library(optimizer, direction, file, tmp_path):
    writer, reader = DIRECTIONS[direction]
    model = pairs.functional(writer)
    model.compile(OPTIMIZERS[optimizer](writer), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(pairs.X, pairs.Y, epochs=2, shuffle=False, verbose=0)
    model.save(tmp_path / file)
    other = reader.models.load_model(tmp_path / file)
    assert int(other.optimizer.iterations) == 2
    for one in (model, other):
        one.fit(pairs.X, pairs.Y, epochs=3, shuffle=False, verbose=0)
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=2e-5)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_class_of_the_users_is_read_with_custom_objects(direction, tmp_path):
    writer, reader = DIRECTIONS[direction]
    model = pairs.subclass_of(writer)(units=6)
    model.compile("adam", "mse")
    model.fit(pairs.X, pairs.X[:, :3], verbose=0)
    model.save(tmp_path / "net.keras")
    other = reader.models.load_model(
        tmp_path / "net.keras", custom_objects={"Net": pairs.subclass_of(reader)}
    )
    assert other.units == 6
    compare(model, other, pairs.X)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_weights_files_are_read_by_the_other_library(direction, tmp_path):
    writer, reader = DIRECTIONS[direction]
    model, other = pairs.functional(writer), pairs.functional(reader)
    model.save_weights(tmp_path / "a.weights.h5")
    other.load_weights(tmp_path / "a.weights.h5")
    compare(model, other, pairs.X)


def outline(path):
    """Every group and dataset of the weights in an archive, without what only kerastorch reads."""
    with zipfile.ZipFile(path) as archive, h5py.File(BytesIO(archive.read("model.weights.h5"))) as root:
        found = {}
        root.visititems(lambda name, item: found.update({name: getattr(item, "shape", None)}))
    return {name: shape for name, shape in found.items() if not name.startswith("kerastorch")}


def as_written(build, tmp_path):
    paths = []
    for k in pairs.BOTH:
        model = build(k)
        model.save(tmp_path / f"{k.__name__}.keras")
        paths.append(tmp_path / f"{k.__name__}.keras")
    return paths


@pytest.mark.parametrize("name", [*MODELS, "subclass"])
def test_weights_have_the_paths_and_shapes_of_keras(name, tmp_path):
    def build(k):
        if name != "subclass":
            return MODELS[name](k)
        model = pairs.subclass_of(k)()
        model.compile("sgd", "mse")
        model.fit(pairs.X, pairs.X[:, :3], verbose=0)
        return model

    ours, theirs = map(outline, as_written(build, tmp_path))
    assert ours == theirs


def test_an_archive_has_the_members_of_keras(tmp_path):
    paths = as_written(pairs.sequential, tmp_path)
    described = []
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            described.append([(i.filename, i.compress_type) for i in archive.infolist()])
            version = json.loads(archive.read("metadata.json"))["keras_version"]
        assert version == keras.__version__
    assert described[0] == described[1]
