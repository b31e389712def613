"""Small networks of every common kind, trained a little, for the browser to run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.datasets import load_digits

from kerastorch import Model, Sequential, layers, ops
from tests.browser.chromium import Arrays

RNG = np.random.default_rng(3)
DIGITS = load_digits()
IMAGES = (DIGITS.images[:256, :, :, None] / 16).astype("float32")
CLASSES = DIGITS.target[:256]


class Positions(layers.Layer):
    """Adds a vector of its own to each step of `(B, T, D)`."""

    def build(self, input_shape):
        self.table = layers.Embedding(*input_shape[1:])

    def call(self, x):
        return x + self.table(ops.arange(x.shape[1]))


def trained(model: Model, x: Arrays, y: Arrays) -> tuple[Model, Arrays]:
    """A model after two epochs, and data for it by the names of its inputs."""
    model.compile(
        "adam", {name: "mse" if a.ndim == 2 else "sparse_categorical_crossentropy" for name, a in y.items()}
    )
    model.fit(x, y, epochs=2, batch_size=32, verbose=0)
    return model, x


def mlp() -> tuple[Model, Arrays]:
    """Two inputs and two outputs, numbers and classes, an adapted normalization inside."""
    numbers = layers.Input((6,), name="numbers")
    kind = layers.Input((1,), dtype="int32", name="kind")
    x = {
        "numbers": RNG.normal(3, 2, size=(128, 6)).astype("float32"),
        "kind": RNG.integers(0, 5, size=(128, 1)),
    }
    x["kind"] = x["kind"].astype("int32")
    norm = layers.Normalization()
    norm.adapt(x["numbers"])
    mixed = layers.Concatenate()([norm(numbers), layers.Flatten()(layers.Embedding(5, 3)(kind))])
    mixed = layers.Dropout(0.2)(layers.Dense(16, activation="gelu")(mixed))
    outputs = {
        "price": layers.Dense(2, name="price")(mixed),
        "label": layers.Dense(4, activation="softmax", name="label")(mixed),
    }
    y = {"price": x["numbers"][:, :2], "label": x["kind"][:, 0] % 4}
    return trained(Model({"numbers": numbers, "kind": kind}, outputs), x, y)


def cnn() -> tuple[Model, Arrays]:
    """Convolutions of every kind, normalizations, pooling and a residual block over real digits."""
    images = layers.Input((8, 8, 1), name="images")
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(images)
    y = layers.BatchNormalization()(layers.SeparableConv2D(8, 3, padding="same")(x))
    x = layers.MaxPooling2D(padding="same")(layers.add([x, y]))
    x = layers.Conv2DTranspose(6, 3, strides=2, padding="same", activation="swish")(x)
    x = layers.GlobalAveragePooling2D()(layers.DepthwiseConv2D(3, strides=2)(x))
    model = Model(images, layers.Dense(10, activation="softmax", name="digit")(x))
    return trained(model, {"images": IMAGES}, {"digit": CLASSES})


def lstm() -> tuple[Model, Arrays]:
    """Word numbers with a mask, a bidirectional LSTM and a GRU."""
    words = layers.Input((9,), dtype="int64", name="words")
    x = layers.Embedding(20, 8, mask_zero=True)(words)
    x = layers.Bidirectional(layers.LSTM(6, return_sequences=True))(x)
    x = layers.GRU(7)(x)
    model = Model(words, layers.Dense(3, activation="softmax", name="topic")(x))
    lengths = RNG.integers(1, 10, size=(96, 1))
    given = np.where(np.arange(9) < lengths, RNG.integers(1, 20, size=(96, 9)), 0)
    return trained(model, {"words": given}, {"topic": given[:, 0] % 3})


def transformer() -> tuple[Model, Arrays]:
    """One block of attention over embedded words and positions."""
    words = layers.Input((10,), dtype="int64", name="words")
    x = Positions()(layers.Embedding(30, 16)(words))
    y = layers.MultiHeadAttention(4, 4)(x, x, use_causal_mask=True)
    x = layers.LayerNormalization()(x + y)
    y = Sequential([layers.Dense(32, activation="gelu"), layers.Dense(16), layers.Dropout(0.1)])(x)
    x = layers.LayerNormalization(epsilon=1e-6)(x + y)
    model = Model(words, layers.Dense(5, name="next", activation="softmax")(layers.GlobalMaxPooling1D()(x)))
    given = RNG.integers(0, 30, size=(96, 10))
    return trained(model, {"words": given}, {"next": given[:, -1] % 5})


NETWORKS: dict[str, Callable[[], tuple[Model, Arrays]]] = {
    "mlp": mlp,
    "cnn": cnn,
    "lstm": lstm,
    "transformer": transformer,
}
