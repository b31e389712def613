"""Writes the files of Keras 3 on TensorFlow with layers of words: `python -m tests.files.make_words_corpus`.

Keras on torch cannot make these layers. It takes tensorflow==2.21.0 and keras==3.15.1, once: the tests read what lies
in `words.zip` then. For each row of the catalogue there is a model with the layer in `<number>.keras` and
`<number>.h5`, and its outputs in `<number>.json`; `index.json` has the numbers by row. The models `adapted_...` have
learnt their vocabularies and statistics from data.
"""

from __future__ import annotations

import json
import os
import pathlib
import tempfile
import zipfile
from typing import Any

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras
import numpy as np
import tensorflow as tf

from tests.catalog.row import Row
from tests.catalog.structured import HASHES
from tests.catalog.text import TEXT

ARCHIVE = pathlib.Path(__file__).parent / "words.zip"
FOLDER = pathlib.Path(tempfile.mkdtemp())
DTYPES = {"integers": "int64", "words": "string"}
SENTENCES = ["the quick brown fox", "Jumps over the lazy dog!", "the lazy, lazy fox"]
NUMBERS = np.linspace(-3, 5, 24, dtype="float32").reshape(8, 3) ** 2
L = keras.layers
ADAPTED = {
    "adapted_text": (lambda: L.TextVectorization(6, output_sequence_length=4), SENTENCES),
    "adapted_pairs": (lambda: L.TextVectorization(ngrams=2, output_mode="count"), SENTENCES),
    "adapted_tf_idf": (lambda: L.TextVectorization(output_mode="tf_idf"), SENTENCES),
    "adapted_strings": (lambda: L.StringLookup(output_mode="multi_hot"), [["a", "b"], ["b", "c"]]),
    "adapted_integers": (lambda: L.IntegerLookup(num_oov_indices=2), [[7, 5], [7, 900]]),
    "adapted_numbers": (lambda: L.Normalization(), NUMBERS),
    "adapted_bins": (lambda: L.Discretization(num_bins=4), NUMBERS),
}


def write(name: str, model: Any, data: list) -> None:
    """Saves a model, with what it makes of the data; Keras writes no vocabulary that was learnt into `.h5`."""
    outputs = np.asarray(model(data if len(data) > 1 else data[0]))
    if outputs.dtype == object:
        outputs = np.vectorize(bytes.decode)(outputs)
    (FOLDER / f"{name}.json").write_text(json.dumps(outputs.tolist()))
    model.save(FOLDER / f"{name}.keras")
    if name not in ADAPTED:
        model.save(FOLDER / f"{name}.h5")


def model_of(row: Row) -> Any:
    """A model with the layer of a row."""
    dtype = DTYPES.get(row.values, "float32")
    inputs = [keras.Input(s, dtype=dtype, name=f"x{i}") for i, s in enumerate(row.sample_shapes())]
    inputs = inputs if row.several else inputs[0]
    return keras.Model(inputs, getattr(L, row.name)(name="row", **row.kwargs)(inputs), name="model")


def write_rows() -> dict[str, str]:
    """Saves the models of all rows that Keras takes; returns their names by the rows."""
    index = {}
    for number, row in enumerate([*TEXT, *HASHES]):
        try:
            model = model_of(row)
        except ValueError:  # only here more than two columns are crossed
            continue
        write(str(number), model, [tf.constant(x.tolist()) for x in row.arrays()])
        index[row.id] = str(number)
    return index


def write_adapted() -> None:
    """Saves the models of layers that have seen data."""
    for name, (make, data) in ADAPTED.items():
        layer, batch = make(), tf.constant(data)
        layer.adapt(batch)
        inputs = keras.Input(batch.shape[1:], dtype=batch.dtype.name)
        write(name, keras.Model(inputs, layer(inputs), name="model"), [batch])


if __name__ == "__main__":
    (FOLDER / "index.json").write_text(json.dumps(write_rows(), indent=1))
    write_adapted()
    with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(FOLDER.iterdir()):
            archive.write(path, path.name)
