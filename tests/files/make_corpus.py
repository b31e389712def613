"""Writes the files that the tests of reading `tf_keras` and Keras 1 and 2 look at; needs TensorFlow 2.21, run once.

    python tests/files/make_corpus.py

They lie in `tf_keras.zip`. For each model there is `<name>.h5`, `<name>.keras`, `<name>.weights.h5` and
`<name>.topology.h5`, and in `<name>.npz` the inputs `x0`, `x1`, ... with the expected outputs `y0`, `y1`, ... The
models `trained_<optimizer>` were trained before: their numbers also hold a batch, the loss of one more step on it, and
the weights afterwards. `keras_1_<name>.h5` is what Keras 1.2 wrote for a model, `keras_2_<name>.h5` what Keras 2.0 to
2.4 wrote.
"""

from __future__ import annotations

import pathlib
import tempfile
from typing import Any

import more_models
import numpy as np
import tensorflow as tf
from keras_1 import write_keras_1
from keras_2 import write_keras_2
from recording import HERE, OPTIMIZERS, fresh, keras, numbers_of, one_more_step, pack, trained

FOLDER = pathlib.Path(tempfile.mkdtemp())
NOT_IN_HDF5 = {"learnt_words"}  # tf_keras cannot write vocabularies that were learnt


def write(model: Any, name: str) -> dict[str, Any]:
    """Saves a model in every way, with inputs and outputs, which it returns."""
    numbers = numbers_of(model)
    np.savez_compressed(FOLDER / f"{name}.npz", **numbers)
    model.save(FOLDER / f"{name}.keras", save_format="keras")
    if name not in NOT_IN_HDF5:
        model.save(FOLDER / f"{name}.h5")
    if model.weights and not name.startswith("trained_") and name not in NOT_IN_HDF5:
        model.save_weights(FOLDER / f"{name}.weights.h5")
        model.save_weights(FOLDER / f"{name}.topology.h5", save_format="h5")
    return numbers


def write_trained(name: str, optimizer: Any) -> None:
    """Saves a model after two steps of training, with what one more step gives."""
    model, data = trained(optimizer)
    numbers = write(model, name)
    np.savez_compressed(FOLDER / f"{name}.npz", **numbers, **one_more_step(model, data))


def main() -> None:
    """Writes everything."""
    for name, build in more_models.CASES.items():
        print(name, flush=True)
        write(fresh(build), name)
    write_keras_1(FOLDER)
    write_keras_2(FOLDER)
    tf.config.run_functions_eagerly(True)  # a compiled Nadam counts its steps wrongly
    for name, make in OPTIMIZERS.items():
        print(name, flush=True)
        keras.backend.clear_session()
        write_trained(f"trained_{name}", make())
    pack(HERE / "tf_keras.zip", FOLDER, FOLDER.iterdir())


if __name__ == "__main__":
    main()
