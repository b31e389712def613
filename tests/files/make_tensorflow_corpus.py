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
from typing import Any

from more_models import CASES
from recording import HERE, OPTIMIZERS, fresh, keras, np, numbers_of, one_more_step, pack, rng, tf, trained

FOLDER = pathlib.Path(tempfile.mkdtemp())
LAYERS = keras.layers
GRAPHS = ("dense", "graph", "words", "words_to_numbers", "learnt_words", "exported")
CHECKPOINTS = [
    "branches",
    "nested",
    "sentences",
    "attention",
    "every_step",
    "cells",
    "ranges",
    "conv2d",
    "custom",
]
CHECKPOINTS += ["three_deep", "translation", "rows_in_rows", "states", "inner_names", "functions", "learnt"]


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


class Unknown(keras.Model):
    """A model of a class without a name in the registry, with a layer that it holds under two names."""

    def __init__(self, units: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.body = [LAYERS.Dense(4, "tanh"), LAYERS.Dense(units)]
        self.last = self.body[-1]

    def call(self, x: Any) -> Any:
        """Returns the outputs of the layers in a row."""
        return self.last(self.body[0](x))

    def get_config(self) -> dict:
        """Returns the arguments."""
        return {"units": self.units}


@keras.utils.register_keras_serializable("corpus")
class Largest(keras.metrics.Metric):
    """A metric of the user's: the largest difference."""

    def __init__(self, name: str = "largest", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.top = self.add_weight(name="top", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Looks at a batch."""
        self.top.assign(tf.maximum(self.top, tf.reduce_max(tf.abs(y_true - y_pred))))

    def result(self) -> Any:
        """Returns the largest difference so far."""
        return self.top


def unknown() -> Any:
    """A model of a class without a name in the registry, called once."""
    model = Unknown()
    model(np.zeros((2, 5), "float32"))
    return model


def measured() -> Any:
    """A model with a metric of the user's and others."""
    model = keras.Sequential([keras.Input((4,)), LAYERS.Dense(2, name="out")])
    model.compile(
        "sgd", keras.losses.Huber(0.5), metrics=[Largest(), keras.metrics.RootMeanSquaredError("root")]
    )
    model.train_on_batch(rng.normal(size=(8, 4)), rng.normal(size=(8, 2)))
    return model


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


def write(model: Any, name: str, checkpoint: bool = False) -> dict[str, Any]:
    """Saves a model in every way, with inputs and outputs, which it returns."""
    numbers = numbers_of(model)
    model.save(FOLDER / "saved_model" / name, save_format="tf")
    if checkpoint:
        model.save_weights(FOLDER / "checkpoint" / name, save_format="tf")
    np.savez_compressed(FOLDER / f"{name}.npz", **numbers)
    return numbers


def write_trained(name: str, optimizer: Any) -> None:
    """Saves a model after two steps of training, with what one more step gives."""
    model, data = trained(optimizer)
    numbers = write(model, name, checkpoint=True)
    both = tf.train.Checkpoint(model=model, optimizer=model.optimizer)
    both.write(str(FOLDER / "checkpoint" / f"both_{name}"))
    if name == "trained_adam":
        write_managed(model)
    np.savez_compressed(FOLDER / f"{name}.npz", **numbers, **one_more_step(model, data))


def write_managed(model: Any) -> None:
    """Saves a model under a name of its own beside a counter, three times, of which the last two are kept."""
    objects = tf.train.Checkpoint(net=model, optimizer=model.optimizer, step=tf.Variable(7, dtype=tf.int64))
    manager = tf.train.CheckpointManager(objects, str(FOLDER / "checkpoint" / "managed"), max_to_keep=2)
    for _ in range(3):
        manager.save()


MORE = (adapted, blocks, words, with_operator, tracked, stateful, mixed, unknown, measured)


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
        write(fresh(build), name, name in CHECKPOINTS or name in more)
    for name, make in OPTIMIZERS.items():
        print(name, flush=True)
        keras.backend.clear_session()
        write_trained(f"trained_{name}", make())
    write_others()
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    graphs = {"saved_model.pb", "fingerprint.pb"}  # of which only those are kept that are looked into
    pack(
        HERE / "tensorflow.zip", FOLDER, (f for f in files if f.name not in graphs or f.parent.name in GRAPHS)
    )
    shutil.rmtree(FOLDER)


def write_others() -> None:
    """Saves what is no model of Keras: a graph, an export of Keras 3, and checkpoints of values alone."""
    tf.saved_model.save(Graph(), str(FOLDER / "saved_model" / "graph"))
    import keras as keras_3

    exported = keras_3.Sequential([keras_3.Input((3,)), keras_3.layers.Dense(2)])
    exported.export(str(FOLDER / "saved_model" / "exported"), verbose=False)
    values = {"text": tf.Variable(["a", "b c"]), "half": tf.Variable([1.5, 2.0], dtype=tf.bfloat16)}
    for kind in ("bool", "int8", "uint16", "int64", "float16"):
        values[kind] = tf.Variable(np.array([[0, 1]], kind))
    tf.train.Checkpoint(**values).write(str(FOLDER / "checkpoint" / "kinds"))
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        variable = tf.compat.v1.get_variable("w", initializer=[1.0, 2.0])
        session.run(variable.initializer)
        saver = tf.compat.v1.train.Saver()
        saver.save(session, str(FOLDER / "checkpoint" / "by_name"), write_meta_graph=False, write_state=False)


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    sys.exit(main())
