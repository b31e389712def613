"""Writes the SavedModels and checkpoints that the tests read without TensorFlow; needs TensorFlow 2.21, run once.

    python tests/files/make_tensorflow_corpus.py

They lie in `tensorflow.zip`: the folders `saved_model/<name>`, the checkpoints `checkpoint/<name>`, and in
`<name>.npz` the inputs `x0`, `x1`, ... with the expected outputs `y0`, `y1`, ... The models `trained_<optimizer>` were
trained before: their numbers also hold a batch, the loss of one more step on it, and the weights afterwards.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import sys
import tempfile
import zipfile
from typing import Any

from make_corpus import CASES, HERE, OPTIMIZERS, flat, keras, np, rng, stir, tf, values_for

FOLDER = pathlib.Path(tempfile.mkdtemp())
LAYERS = keras.layers
GRAPHS = ("dense", "graph", "words", "words_to_numbers")
CHECKPOINTS = (
    "branches",
    "nested",
    "sentences",
    "attention",
    "every_step",
    "cells",
    "ranges",
    "conv2d",
    "custom",
)


@keras.utils.register_keras_serializable("corpus")
class Blocks(keras.Model):
    """A model written as a class, with layers in attributes, lists and dictionaries, and a variable of its own."""

    def __init__(self, units: int = 3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.first = LAYERS.Dense(units)
        self.blocks = [
            LAYERS.Dense(4, "relu"),
            keras.Sequential([LAYERS.Dense(3), LAYERS.BatchNormalization()]),
        ]
        self.norms = {"last": LAYERS.LayerNormalization()}

    def build(self, shape: Any) -> None:
        """Makes the variable."""
        self.offset = self.add_weight(name="offset", shape=(shape[-1],), initializer="ones")
        super().build(shape)

    def call(self, x: Any, training: Any = None) -> Any:
        """Returns the outputs of the layers in a row."""
        x = self.first(x + self.offset)
        for block in self.blocks:
            x = block(x, training=training) if isinstance(block, keras.Sequential) else block(x)
        return self.norms["last"](x)

    def get_config(self) -> dict:
        """Returns the arguments."""
        return {"units": self.units}


@keras.utils.register_keras_serializable("corpus")
class Tracked(keras.Model):
    """A model with a metric and an optimizer of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.head = LAYERS.Dense(2)
        self.tracker = keras.metrics.Mean(name="tracker")
        self.head_optimizer = keras.optimizers.Adam()

    def call(self, x: Any) -> Any:
        """Returns the outputs of the one layer."""
        return self.head(x)

    def get_config(self) -> dict:
        """Returns no arguments."""
        return {}


def tracked() -> Any:
    """A model with a metric and an optimizer of its own, both of which have been used."""
    model = Tracked()
    model(np.zeros((2, 5), "float32"))
    model.head_optimizer.build(model.trainable_variables)
    model.tracker.update_state(3.0)
    return model


def stateful() -> Any:
    """Recurrent layers that remember their last states."""
    first, second = LAYERS.LSTM(3, stateful=True, return_sequences=True), LAYERS.GRU(2, stateful=True)
    return keras.Sequential([keras.Input(batch_size=3, shape=(4, 2)), first, second])


def mixed() -> Any:
    """A layer that computes in float16, trained with a scaled loss."""
    model = keras.Sequential([keras.Input((4,)), LAYERS.Dense(3, dtype="mixed_float16"), LAYERS.Dense(2)])
    optimizer = keras.mixed_precision.LossScaleOptimizer(keras.optimizers.Adam(), dynamic_growth_steps=2)
    model.compile(optimizer, keras.losses.Huber(), metrics=[keras.metrics.MeanSquaredError()])
    x, y = (rng.normal(size=(8, width)).astype("float32") for width in (4, 2))
    for _ in range(3):
        model.train_on_batch(x, y)
    return model


def adapted() -> Any:
    """A preprocessing layer that has learnt from data."""
    layer = LAYERS.Normalization()
    layer.adapt(rng.normal(2.0, 3.0, (20, 3)).astype("float32"))
    return keras.Sequential([keras.Input((3,)), layer, LAYERS.Dropout(0.5, seed=1), LAYERS.Dense(2)])


def with_operator() -> Any:
    """A layer made of a function of TensorFlow that has no counterpart."""
    x = keras.Input((4, 4))
    return keras.Model(x, tf.linalg.expm(x))


def blocks() -> Any:
    """A model written as a class, called once."""
    model = Blocks()
    model(np.zeros((2, 5), "float32"))
    return model


def words() -> Any:
    """A text layer that has learnt its words from data."""
    layer = LAYERS.TextVectorization(output_sequence_length=4)
    layer.adapt(["the cat sat", "the cat", "the"])
    return keras.Sequential([keras.Input((1,), dtype="string"), layer, LAYERS.Embedding(6, 2)])


def numbers_of(model: Any) -> dict[str, Any]:
    """Inputs and outputs."""
    inputs = [rng.normal(size=(3, 5)).astype("float32")]
    fed: Any = inputs[0]
    if model.inputs:
        inputs = [values_for(tensor) for tensor in model.inputs]
        fed = inputs if len(inputs) > 1 else inputs[0]
        if isinstance(model.input, dict):
            fed = dict(zip(model.input_names, inputs, strict=True))
    outputs = flat(model(fed, training=False))
    numbers = {f"x{i}": x.astype(str) if x.dtype == object else x for i, x in enumerate(inputs)}
    return {**numbers, **{f"y{i}": y for i, y in enumerate(outputs)}}


def write(model: Any, name: str, checkpoint: bool = False) -> dict[str, Any]:
    """Saves a model in every way, with inputs and outputs."""
    numbers = numbers_of(model)
    model.save(FOLDER / "saved_model" / name, save_format="tf")
    if checkpoint:
        model.save_weights(FOLDER / "checkpoint" / name, save_format="tf")
    np.savez_compressed(FOLDER / f"{name}.npz", **numbers)
    return numbers


def write_trained(name: str, optimizer: Any) -> None:
    """Saves a model after two steps of training, with what one more step gives."""
    model = keras.Sequential(
        [
            keras.Input((4,)),
            LAYERS.Dense(3, "tanh", name="first"),
            LAYERS.BatchNormalization(),
            LAYERS.Dense(2),
        ]
    )
    stir(model)
    model.compile(optimizer, "mse", metrics=["mae"])
    x, y = (rng.normal(size=(8, width)).astype("float32") for width in (4, 2))
    for _ in range(2):
        model.train_on_batch(x, y)
    numbers = write(model, name, checkpoint=True)
    tf.train.Checkpoint(model=model, optimizer=model.optimizer).write(
        str(FOLDER / "checkpoint" / f"both_{name}")
    )
    loss = model.train_on_batch(x, y, return_dict=True)["loss"]
    after = {f"after{i}": weight for i, weight in enumerate(model.get_weights())}
    np.savez_compressed(FOLDER / f"{name}.npz", **numbers, batch=x, target=y, loss=loss, **after)


MORE = (adapted, blocks, words, with_operator, tracked, stateful, mixed)


class Graph(tf.Module):
    """What is no model of Keras."""

    def __init__(self) -> None:
        self.scale = tf.Variable(2.0)

    @tf.function(input_signature=[tf.TensorSpec([None])])
    def __call__(self, x: Any) -> Any:
        return x * self.scale


def main() -> None:
    """Writes everything."""
    more = {make.__name__: make for make in MORE}
    for name, build in {**CASES, **more}.items():
        print(name, flush=True)
        keras.backend.clear_session()
        keras.utils.set_random_seed(0)
        model = build()
        stir(model)
        write(model, name, name in CHECKPOINTS or name in more)
    for name, make in OPTIMIZERS.items():
        print(name, flush=True)
        keras.backend.clear_session()
        write_trained(f"trained_{name}", make())
    write_others()
    pack()


def write_others() -> None:
    """Saves what is no model of Keras: a graph, and checkpoints of values alone."""
    tf.saved_model.save(Graph(), str(FOLDER / "saved_model" / "graph"))
    values = {"text": tf.Variable(["a", "b c"]), "half": tf.Variable([1.5, 2.0], dtype=tf.bfloat16)}
    for kind in ("bool", "int8", "uint16", "int64", "float16"):
        values[kind] = tf.Variable(np.array([[0, 1]], kind))
    tf.train.Checkpoint(**values).write(str(FOLDER / "checkpoint" / "kinds"))
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        variable = tf.compat.v1.get_variable("w", initializer=[1.0, 2.0])
        session.run(variable.initializer)
        saver = tf.compat.v1.train.Saver()
        saver.save(session, str(FOLDER / "checkpoint" / "by_name"), write_meta_graph=False, write_state=False)


def pack() -> None:
    """Writes the archive; of the graphs of TensorFlow only those that are looked into are kept."""
    with zipfile.ZipFile(HERE / "tensorflow.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(FOLDER.rglob("*")):
            is_graph = path.name in ("saved_model.pb", "fingerprint.pb")
            if path.is_file() and not (is_graph and path.parent.name not in GRAPHS):
                name = path.relative_to(FOLDER).as_posix()
                archive.writestr(zipfile.ZipInfo(name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    shutil.rmtree(FOLDER)


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    sys.exit(main())
