"""Layers that Keras on torch lacks or cannot make: files of Keras 3 on TensorFlow, and our own in every format."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.core.strings import StringTensor
from tests.catalog.layers import LAYERS
from tests.catalog.row import with_layers
from tests.conformance.pairs import leaves, params, weights_like

ARCHIVE = Path(__file__).parents[1] / "files" / "words.zip"
FILES = ["model.keras", "model.h5", "model.weights.h5"]
DTYPES = {"integers": "int64", "words": "string"}
SENTENCES = ["the quick brown fox", "Jumps over the lazy dog!", "the lazy, lazy fox"]
NUMBERS = np.linspace(-3, 5, 24, dtype="float32").reshape(8, 3) ** 2
# What the models have been adapted to by `tests/files/make_words_corpus.py`.
ADAPTED = {
    "adapted_text": np.array(SENTENCES, dtype=object),
    "adapted_pairs": np.array(SENTENCES, dtype=object),
    "adapted_tf_idf": np.array(SENTENCES, dtype=object),
    "adapted_strings": np.array([["a", "b"], ["b", "c"]], dtype=object),
    "adapted_integers": np.array([[7, 5], [7, 900]], dtype="int32"),
    "adapted_numbers": NUMBERS,
    "adapted_bins": NUMBERS,
}
ABSENT = [row for row in LAYERS if not row.in_keras]


def member(name):
    with zipfile.ZipFile(ARCHIVE) as archive:
        return archive.read(name)


INDEX = json.loads(member("index.json"))
OF_TENSORFLOW = [row for row in ABSENT if row.id in INDEX]
# Keras crosses two columns and no more.
NOT_OF_TENSORFLOW = {"HashedCrossing(num_bins=1000003)-[(1,),(1,),(1,)]-words"} | {
    "HashedCrossing(num_bins=1000003)-[(),(),()]-integers"
}


def values(outputs):
    """The outputs as lists."""
    return [
        (x.decode() if isinstance(x, StringTensor) else x.detach().numpy()).tolist() for x in leaves(outputs)
    ]


def given(arrays, several):
    found = [x if x.dtype == object else torch.tensor(x) for x in arrays]
    return found if several else found[0]


def read(name, ending, folder):
    path = folder / f"model.{ending}"
    path.write_bytes(member(f"{name}.{ending}"))
    return kerastorch.models.load_model(path)


def assert_values(outputs, name):
    (found,), expected = values(outputs), json.loads(member(f"{name}.json"))
    if isinstance(np.ravel(expected)[0], str):
        assert found == expected
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("row", params(OF_TENSORFLOW))
def test_files_of_keras_on_tensorflow_are_read(row, tmp_path):
    data = given(row.arrays(), row.several)
    for ending in ("keras", "h5"):
        assert_values(read(INDEX[row.id], ending, tmp_path)(data), INDEX[row.id])


@pytest.mark.parametrize("name", ADAPTED)
def test_what_layers_have_learnt_there_is_known_here(name, tmp_path):
    assert_values(read(name, "keras", tmp_path)(given([ADAPTED[name]], False)), name)


def test_all_rows_of_words_are_in_the_files():
    rows = {row.id for row in ABSENT if row.name in ("StringLookup", "IntegerLookup", "TextVectorization")}
    hashes = {row.id for row in ABSENT if row.name in ("Hashing", "HashedCrossing")}
    assert (rows | hashes) - set(INDEX) == NOT_OF_TENSORFLOW


def model_of(row):
    dtype = DTYPES.get(row.values, "float32")
    inputs = [kerastorch.Input(s, dtype=dtype, name=f"x{i}") for i, s in enumerate(row.sample_shapes())]
    layer = getattr(layers, row.name)(**{"name": "row", **with_layers(row.kwargs, layers, {})})
    model = kerastorch.Model(
        inputs if row.several else inputs[0], layer(inputs if row.several else inputs[0])
    )
    model.set_weights(weights_like(model.get_weights()))
    return model


@pytest.mark.parametrize("row", params(ABSENT))
def test_our_own_files_bring_back_the_layer(row, tmp_path):
    model, data = model_of(row), given(row.arrays(), row.several)
    expected = values(model(data, training=False))
    for file in FILES:
        other = model_of(row)
        if file.endswith(".weights.h5"):
            model.save_weights(tmp_path / file)
            other.set_weights([np.zeros_like(value) for value in other.get_weights()])
            other.load_weights(tmp_path / file)
        else:
            model.save(tmp_path / file)
            other = kerastorch.models.load_model(tmp_path / file)
        assert values(other(data, training=False)) == expected
