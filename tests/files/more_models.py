"""More models of the corpus: states, statistics, functions and models that call each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras as keras
from models import CASES, WORDS, case, row
from tf_keras import layers

__all__ = ["CASES"]


@case
def translation() -> Any:
    """A decoder that begins with the states of an encoder."""
    source, target = keras.Input((5, 3), name="source"), keras.Input((4, 3), name="target")
    _, h, c = layers.LSTM(4, return_state=True, name="encoder")(source)
    x = layers.LSTM(4, return_sequences=True, name="decoder")(target, initial_state=[h, c])
    _, h = layers.GRU(4, return_state=True)(source)
    y = layers.GRU(4, return_sequences=True)(target, initial_state=h)
    return keras.Model([source, target], layers.TimeDistributed(layers.Dense(2))(layers.Add()([x, y])))


@case
def states() -> Any:
    """The last states as outputs, of layers in both directions too."""
    x = keras.Input((5, 3))
    first = layers.LSTM(3, return_sequences=True, return_state=True, go_backwards=True)(x)
    second = layers.Bidirectional(layers.GRU(2, return_state=True))(x)
    return keras.Model(x, [*first, *second, layers.SimpleRNN(2, unroll=True, use_bias=False)(x)])


@case
def attention_by_name() -> Any:
    """Attention whose arguments are given by name."""
    x, y = keras.Input((5, 4), name="x"), keras.Input((3, 4), name="y")
    z = layers.MultiHeadAttention(2, 3, value_dim=2, output_shape=5)(query=x, value=y, key=y)
    z, scores = layers.MultiHeadAttention(1, 2)(z, z, return_attention_scores=True, use_causal_mask=True)
    return keras.Model([x, y], [z, scores, layers.Attention()([x, y], return_attention_scores=True)[1]])


@case
def three_deep() -> Any:
    """A model in a model in a model, with several inputs and outputs, called more than once."""
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    pair = keras.Model([a, b], [layers.Dense(3)(layers.Add()([a, b])), layers.Dense(3)(b)], name="pair")
    c = keras.Input((3,), name="c")
    middle = keras.Model(c, pair([pair([c, c])[1], c]), name="middle")
    d = keras.Input((3,), name="d")
    one, two = middle(d)
    return keras.Model(d, [middle(two)[0], one, two])


@case
def inner_names() -> Any:
    """A model inside that takes and gives a dictionary."""
    given = {"p": keras.Input((3,), name="p"), "q": keras.Input((2,), name="q")}
    both = layers.Concatenate()([given["p"], given["q"]])
    inner = keras.Model(given, {"r": layers.Dense(2)(both), "s": layers.Dense(3)(both)}, name="inner")
    x, y = keras.Input((3,), name="x"), keras.Input((2,), name="y")
    found = inner({"p": x, "q": y})
    return keras.Model([x, y], layers.Concatenate()([found["r"], found["s"]]))


@case
def rows_in_rows() -> Any:
    """Rows inside a row, of which one is repeated over time."""
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()], name="inner")
    outer = keras.Sequential(
        [keras.Input((5, 4)), layers.TimeDistributed(inner), layers.GRU(2)], name="outer"
    )
    return keras.Sequential([keras.Input((5, 4)), outer, keras.Sequential([layers.Dense(2)])])


@case
def learnt() -> Any:
    """Preprocessing layers that have learnt the range of numbers, together and in columns."""
    x = keras.Input((2,))
    first, second = layers.Normalization(), layers.Normalization(axis=None, invert=True)
    for layer in (first, second):
        layer.adapt(np.linspace(-2.0, 3.0, 40).reshape(20, 2).astype("float32") ** 2)
    return keras.Model(x, layers.Concatenate()([first(x), second(x)]))


@case
def learnt_words() -> Any:
    """Preprocessing layers that have learnt words, which `tf_keras` cannot write to HDF5."""
    word, text = (keras.Input((1,), dtype="string", name=name) for name in ("word", "text"))
    number = keras.Input((1,), dtype="int64", name="number")
    lookup, integers = layers.StringLookup(num_oov_indices=2), layers.IntegerLookup(output_mode="multi_hot")
    vectors = layers.TextVectorization(output_sequence_length=3, ngrams=2)
    lookup.adapt(np.array(WORDS))
    integers.adapt(np.array([4, 4, 2, 2, 2, 1]))
    vectors.adapt(["the cat sat", "on the mat"])
    x = layers.Embedding(vectors.vocabulary_size(), 2)(vectors(text))
    y = layers.Embedding(lookup.vocabulary_size(), 2)(lookup(word))
    return keras.Model([word, text, number], [layers.Concatenate(axis=1)([x, y]), integers(number)])


@case
def functions() -> Any:
    """More functions of TensorFlow between layers."""
    x, y = keras.Input((4,)), keras.Input((4,))
    a = tf.maximum(x, y) ** 2 - tf.abs(x - y) / 3.0
    b = tf.matmul(x[:, None, :], y[:, :, tf.newaxis])[:, :, 0]
    c = tf.where(x > y, x, 0.0) + tf.clip_by_value(y, -1.0, 1.0)
    d = tf.stack([x, y], axis=1)
    e = tf.reduce_max(d, axis=[1]) + tf.math.reduce_std(tf.transpose(d, [0, 2, 1]), axis=-1)
    f = tf.pad(tf.squeeze(tf.expand_dims(x, -1), -1), [[0, 0], [1, 0]])
    g = keras.backend.sum(keras.activations.swish(x), axis=1, keepdims=True) + keras.backend.exp(-y)
    h = tf.math.sigmoid(x) * tf.nn.softmax(y) + tf.nn.leaky_relu(1.0 - x, alpha=0.1)
    return keras.Model([x, y], [tf.concat([a, b, c, e], 1), layers.Dense(2)(tf.concat([f, g, h], -1))])


@case
def squeezed() -> Any:
    """Layers of images with the names that Keras 2 had for them, kept dimensions and channels in front."""
    x = keras.Input((8, 8, 4))
    y = layers.Convolution2D(4, 3, strides=(2, 1), padding="same", dilation_rate=1, use_bias=False)(x)
    y = layers.MaxPool2D(2, padding="same")(layers.DepthwiseConv2D(3, padding="same", activation="relu6")(y))
    y = layers.GlobalAvgPool2D(keepdims=True)(layers.Conv2DTranspose(3, 2, output_padding=1, strides=2)(y))
    z = layers.Permute((3, 1, 2))(x)
    z = layers.Reshape((4, -1))(layers.ZeroPadding2D(1, data_format="channels_first")(z))
    return keras.Model(x, [y, layers.GlobalMaxPool1D()(z), layers.LocallyConnected1D(2, 2)(z)])


row("noise", (6, 4), layers.GaussianDropout(0.1), layers.AlphaDropout(0.1), layers.SpatialDropout1D(0.1),
    layers.Dense(3, "softsign"), layers.Activation("exponential"),
    layers.UnitNormalization(), layers.Dense(2, "linear", trainable=False))  # fmt: skip
row("pictures", (6, 6, 3), layers.RandomCrop(6, 6), layers.RandomTranslation(0.1, 0.1), layers.RandomZoom(0.1),
    layers.RandomBrightness(0.1), layers.Rescaling([0.5, 1.0, 2.0]), layers.Resizing(4, 5, "nearest"),
    layers.SeparableConv2D(2, 2, depth_multiplier=2))  # fmt: skip
row("steps", (4, 6, 6, 1), layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True, return_state=False),
    layers.TimeDistributed(layers.MaxPooling2D()), layers.TimeDistributed(layers.Flatten()),
    layers.Bidirectional(layers.LSTM(2), merge_mode="mul"))  # fmt: skip
row("sequences", (7, 3), layers.Conv1D(4, 3, groups=1, strides=2), layers.DepthwiseConv1D(2, depth_multiplier=2),
    layers.Bidirectional(layers.SimpleRNN(2, return_sequences=True), merge_mode="ave"),
    layers.RNN(layers.StackedRNNCells([layers.GRUCell(2), layers.LSTMCell(3)])))  # fmt: skip
