"""The models of the corpus, written for `tf_keras`; `make_corpus.py` saves them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf
import tf_keras as keras
from tf_keras import layers

CASES: dict[str, Callable[[], Any]] = {}
WORDS = ["the", "cat", "sat", "on", "mat"]


def case(build: Callable[[], Any]) -> Callable[[], Any]:
    """Adds a model to the corpus, under the name of its function."""
    CASES[build.__name__] = build
    return build


def row(name: str, shape: tuple, *members: Any) -> Any:
    """Adds a model that is a row of layers."""
    CASES[name] = lambda: keras.Sequential([keras.Input(shape), *members], name=name)


@keras.utils.register_keras_serializable("corpus")
class Scale(layers.Layer):
    """A layer of the user's."""

    def __init__(self, by: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.by = by

    def build(self, shape: Any) -> None:
        """Makes the one weight."""
        self.weight = self.add_weight(name="weight", shape=(shape[-1],), initializer="ones")

    def call(self, x: Any) -> Any:
        """Returns the scaled inputs."""
        return x * self.weight * self.by

    def get_config(self) -> dict:
        """Returns the arguments."""
        return {**super().get_config(), "by": self.by}


@keras.utils.register_keras_serializable("corpus")
def halved(x: Any) -> Any:
    """An activation of the user's."""
    return x / 2.0


@case
def branches() -> Any:
    """Several inputs and outputs, and every way of merging."""
    first, second = keras.Input((4,), name="first"), keras.Input((4,), name="second")
    a, b = layers.Dense(3, name="left")(first), layers.Dense(3, name="right")(second)
    kinds = (
        layers.Add,
        layers.Subtract,
        layers.Multiply,
        layers.Average,
        layers.Maximum,
        layers.Minimum,
        layers.Concatenate,
    )
    merged = [kind()([a, b]) for kind in kinds] + [layers.Dot(axes=1, normalize=True)([a, b])]
    x = layers.Concatenate(axis=-1)(merged)
    return keras.Model([first, second], [layers.Dense(2, name="one")(x), layers.Dense(1, name="two")(x)])


@case
def nested() -> Any:
    """A row inside a functional model inside a functional model."""
    inner_input = keras.Input((5,))
    inner_row = keras.Sequential(
        [layers.Dense(4, activation="relu"), layers.BatchNormalization()], name="row"
    )
    inner = keras.Model(inner_input, layers.Dense(3)(inner_row(inner_input)), name="inner")
    outer = keras.Input((5,))
    return keras.Model(outer, layers.Dense(2)(layers.Add()([inner(outer), layers.Dense(3)(outer)])))


@case
def shared() -> Any:
    """A layer and a model that are called twice."""
    first, second = keras.Input((4,), name="first"), keras.Input((4,), name="second")
    body = layers.Dense(3, activation="tanh", name="body")
    head = keras.Sequential([keras.Input((3,)), layers.Dense(2)], name="head")
    return keras.Model([first, second], layers.Add()([head(body(first)), head(body(second))]))


@case
def by_name() -> Any:
    """Inputs and outputs in dictionaries."""
    inputs = {"a": keras.Input((3,), name="a"), "b": keras.Input((3,), name="b")}
    x = layers.Concatenate()([inputs["a"], inputs["b"]])
    return keras.Model(inputs, {"p": layers.Dense(2, name="p")(x), "q": layers.Dense(1, name="q")(x)})


@case
def sentences() -> Any:
    """Masked words through recurrent layers."""
    words = keras.Input((6,), dtype="int32", name="words")
    x = layers.Embedding(7, 4, mask_zero=True)(words)
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True), merge_mode="concat")(x)
    x = layers.GRU(4, return_sequences=True)(x)
    return keras.Model(words, layers.Dense(2, activation="softmax")(layers.SimpleRNN(3)(x)))


@case
def attention() -> Any:
    """Every kind of attention, with normalization."""
    x = keras.Input((5, 4))
    y = layers.MultiHeadAttention(2, 3)(x, x)
    y = layers.LayerNormalization()(layers.Add()([x, y]))
    z = layers.Attention(use_scale=True)([x, y])
    return keras.Model(x, layers.AdditiveAttention()([z, y]))


@case
def operators() -> Any:
    """Functions of TensorFlow between layers, which such files hold as layers."""
    x = keras.Input((4,))
    y = tf.nn.relu(layers.Dense(4)(x) * 2.0 + 1.0)
    y = tf.concat([y[:, :2], -y], axis=-1)
    y = tf.reshape(tf.expand_dims(y, 1), (-1, 6)) / (1.0 + tf.reduce_mean(tf.square(y), -1, keepdims=True))
    return keras.Model(x, layers.Dense(2)(y - tf.cast(x[:, 0:1] > 0.0, "float32")))


@case
def custom() -> Any:
    """A layer and a function of the user's."""
    dense = layers.Dense(3, activation=halved)
    return keras.Sequential([keras.Input((4,)), Scale(2.0), dense, layers.Activation(halved)])


@case
def words_to_numbers() -> Any:
    """Preprocessing layers that know their words."""
    text = keras.Input((1,), dtype="string", name="text")
    number = keras.Input((1,), dtype="int64", name="number")
    a = layers.CategoryEncoding(7, "multi_hot")(layers.StringLookup(vocabulary=WORDS)(text))
    b = layers.IntegerLookup(vocabulary=[3, 1, 2], output_mode="one_hot")(number)
    c = layers.CategoryEncoding(9, "one_hot")(layers.Hashing(9)(text))
    return keras.Model([text, number], layers.Dense(2)(layers.Concatenate()([a, b, c])))


@case
def ranges() -> Any:
    """Preprocessing layers that know the statistics of their inputs."""
    x = keras.Input((3,))
    y = layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0])(x)
    z = layers.Discretization(bin_boundaries=[-0.5, 0.0, 0.5])(x)
    y = layers.Concatenate()([y, layers.CategoryEncoding(4, "multi_hot")(z)])
    return keras.Model(x, layers.Dense(2)(y))


@case
def code() -> Any:
    """A lambda, which no reader may execute."""
    return keras.Sequential([keras.Input((2,)), layers.Lambda(lambda x: x + 1.0)])


row("dense", (4,), layers.Dense(5, activation="relu"), layers.Dropout(0.5), layers.Dense(3, "softmax"))
row(
    "arguments",
    (4,),
    layers.Dense(
        3,
        kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02),
        bias_regularizer="l2",
        activity_regularizer=keras.regularizers.L2(0.01),
        kernel_constraint=keras.constraints.MaxNorm(2.0),
        bias_constraint="non_neg",
        kernel_initializer=keras.initializers.VarianceScaling(2.0, "fan_out", "uniform", seed=3),
        bias_initializer=keras.initializers.Constant(0.5),
    ),
    layers.Dense(2, use_bias=False, kernel_initializer="orthogonal", trainable=False),
)
row(
    "conv1d",
    (9, 3),
    layers.Conv1D(4, 3, padding="causal", dilation_rate=2),
    layers.MaxPooling1D(),
    layers.SeparableConv1D(4, 2),
    layers.UpSampling1D(2),
    layers.ZeroPadding1D(1),
    layers.Cropping1D(1),
    layers.AveragePooling1D(),
    layers.Conv1DTranspose(2, 3, strides=2),
    layers.GlobalAveragePooling1D(),
)
row(
    "conv2d",
    (8, 8, 3),
    layers.Conv2D(4, 3, padding="same", groups=1),
    layers.BatchNormalization(),
    layers.Activation("relu"),
    layers.DepthwiseConv2D(2, depth_multiplier=2),
    layers.MaxPooling2D(),
    layers.SeparableConv2D(4, 2, strides=1),
    layers.Conv2DTranspose(3, 2, strides=2, padding="same"),
    layers.ZeroPadding2D(((1, 0), (0, 1))),
    layers.UpSampling2D(interpolation="bilinear"),
    layers.AveragePooling2D(),
    layers.LocallyConnected2D(2, 2),
    layers.Flatten(),
    layers.Dense(2),
)
row(
    "conv3d",
    (4, 4, 4, 2),
    layers.Conv3D(3, 2),
    layers.MaxPooling3D(1),
    layers.Conv3DTranspose(2, 2),
    layers.GlobalMaxPooling3D(),
)
row(
    "normalizations",
    (4, 6),
    layers.LayerNormalization(axis=[1, 2]),
    layers.GroupNormalization(3),
    layers.UnitNormalization(),
    layers.BatchNormalization(axis=1, center=False),
    layers.LayerNormalization(scale=False),
)
row(
    "activations",
    (4,),
    layers.LeakyReLU(alpha=0.1),
    layers.PReLU(),
    layers.ELU(0.5),
    layers.ReLU(6.0, 0.1, 0.5),
    layers.ThresholdedReLU(0.1),
    layers.Dense(4, "gelu"),
    layers.Dense(4, "swish"),
    layers.Dense(3, "hard_sigmoid"),
    layers.Softmax(),
)
row(
    "reshaping",
    (6,),
    layers.Reshape((2, 3)),
    layers.Permute((2, 1)),
    layers.Flatten(),
    layers.RepeatVector(3),
    layers.GaussianNoise(0.1),
    layers.SpatialDropout1D(0.2),
    layers.ActivityRegularization(0.1),
    layers.Masking(0.5),
)
row(
    "images",
    (8, 8, 3),
    layers.Rescaling(1 / 2, -0.5),
    layers.Resizing(6, 6),
    layers.CenterCrop(4, 4),
    layers.RandomFlip("horizontal"),
    layers.RandomRotation(0.1),
    layers.RandomContrast(0.1),
    layers.Conv2D(2, 2),
)
row("lstm", (5, 3), layers.LSTM(4, recurrent_activation="sigmoid"))
row("gru_of_keras_1", (5, 3), layers.GRU(4, reset_after=False, recurrent_activation="hard_sigmoid"))
row(
    "cells",
    (5, 3),
    layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)], return_sequences=True),
    layers.RNN(layers.SimpleRNNCell(2)),
)
row(
    "every_step",
    (5, 4),
    layers.TimeDistributed(layers.Dense(3)),
    layers.Bidirectional(
        layers.GRU(2), backward_layer=layers.GRU(2, go_backwards=True, activation="relu"), merge_mode="sum"
    ),
)
row(
    "pictures_in_time",
    (3, 5, 5, 2),
    layers.ConvLSTM2D(3, 2, return_sequences=True),
    layers.TimeDistributed(layers.Conv2D(2, 2)),
    layers.GlobalAveragePooling3D(),
)
row(
    "einsum", (3, 4), layers.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d"), layers.GlobalMaxPooling1D()
)
