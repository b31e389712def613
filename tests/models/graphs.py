"""Models of many shapes, each made by one function that takes the package: kerastorch or Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

import kerastorch


def chain(k):
    a = k.Input((4,), name="a")
    return k.Model(a, k.layers.Dense(2)(k.layers.Dense(3)(a)))


def branches_of_different_depth(k):
    a = k.Input((4,), name="a")
    short, long = k.layers.Dense(3)(a), k.layers.Dense(3)(k.layers.Dense(5)(a))
    return k.Model(a, k.layers.Add()([long, short]))


def inputs_in_another_order(k):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    return k.Model([b, a], k.layers.Concatenate()([k.layers.Dense(3)(a), k.layers.Dense(2)(b)]))


def shared_layer(k):
    a, b, shared = k.Input((4,), name="a"), k.Input((4,), name="b"), k.layers.Dense(3)
    x = k.layers.Subtract()([shared(a), k.layers.Dense(3)(shared(b))])
    return k.Model([a, b], k.layers.Dense(1)(x))


def shared_layer_called_on_itself(k):
    a, s, t = k.Input((4,), name="a"), k.layers.Dense(4), k.layers.Dense(4)
    return k.Model(a, s(t(s(t(a)))))


def two_outputs(k):
    a = k.Input((4,), name="a")
    h = k.layers.Dense(6)(a)
    return k.Model(a, [k.layers.Dense(1, name="o1")(h), k.layers.Dense(2, name="o2")(k.layers.Dense(3)(h))])


def one_output_in_a_list(k):
    a = k.Input((4,), name="a")
    return k.Model([a], [k.layers.Dense(2)(a)])


def dictionaries(k):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    h = k.layers.Concatenate()([b, a])
    return k.Model({"b": b, "a": a}, {"z": k.layers.Dense(1)(h), "c": k.layers.Dense(2)(h)})


def nested_outputs(k):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    return k.Model([a, b], {"p": [k.layers.Dense(1)(a), k.layers.Dense(2)(b)], "q": k.layers.Dense(3)(b)})


def nested_model_called_twice(k):
    i, a = k.Input((4,), name="i"), k.Input((4,), name="a")
    inner = k.Model(i, k.layers.Dense(4)(i), name="inner")
    return k.Model(a, k.layers.Dense(1)(inner(inner(a))))


def nested_sequential(k):
    a = k.Input((4,), name="a")
    inner = k.Sequential([k.layers.Dense(4), k.layers.Dense(4)], name="inner")
    return k.Model(a, k.layers.Dense(1)(inner(a)))


def layer_inside_and_outside(k):
    i, a, shared = k.Input((4,), name="i"), k.Input((4,), name="a"), k.layers.Dense(4, name="d")
    inner = k.Model(i, shared(i), name="inner")
    return k.Model(a, k.layers.Add()([inner(a), shared(a)]))


def diamond(k):
    a = k.Input((4,), name="a")
    x = k.layers.Dense(4)(a)
    y, z = k.layers.Dense(4)(x), k.layers.Dense(4)(x)
    return k.Model(a, k.layers.Multiply()([k.layers.Add()([y, z, x]), y]))


def input_is_an_output(k):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    return k.Model([a, b], [a, k.layers.Dense(2)(b)])


def unused_input(k):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    return k.Model([a, b], k.layers.Dense(2)(b))


def from_the_middle(k):
    a = k.Input((4,), name="a")
    h = k.layers.Dense(3)(a)
    return k.Model(h, k.layers.Dense(2)(h))


def many_merges(k):
    a, b, c = (k.Input((4,), name=name) for name in "abc")
    first = k.layers.Add()([k.layers.Dense(2)(a), k.layers.Dense(2)(k.layers.Dense(2)(b))])
    return k.Model([a, b, c], [first, k.layers.Dense(1)(k.layers.Concatenate()([c, k.layers.Dense(3)(a)]))])


def outputs_along_the_way(k):
    a = x = k.Input((4,), name="a")
    outputs = []
    for _ in range(4):
        x = k.layers.Dense(4)(x)
        outputs.append(k.layers.Dense(2)(x))
    return k.Model(a, outputs)


def keyword_arguments(k):
    a = k.Input((4,), name="a")
    x = k.layers.Dropout(0.5)(a, training=True)
    return k.Model(a, k.layers.Dropout(0.2)(k.layers.BatchNormalization()(x)))


def convolutions(k):
    a = k.Input((8, 8, 3), name="a")
    x = k.layers.MaxPooling2D()(k.layers.Conv2D(4, 3, activation="relu")(a))
    return k.Model(a, k.layers.Dense(2, activation="softmax", kernel_regularizer="l2")(k.layers.Flatten()(x)))


def frozen_embedding(k):
    a = k.Input((5,), dtype="int32", name="a")
    x = k.layers.GlobalAveragePooling1D()(k.layers.Embedding(10, 4)(a))
    return k.Model(a, x, name="frozen", trainable=False)


def frozen_layer(k):
    model = chain(k)
    model.layers[1].trainable = False
    return model


def sequential(k):
    return k.Sequential([k.Input((4,), name="a"), k.layers.Dense(3), k.layers.Dense(2)], name="row")


def sequential_without_shape(k):
    return k.Sequential([k.layers.Dense(3), k.layers.Dense(2)])


def sequential_built_later(k):
    model = sequential_without_shape(k)
    model.build((None, 4))
    return model


def sequential_in_sequential(k):
    inner = k.Sequential([k.layers.Dense(3), k.layers.Dense(2)])
    return k.Sequential([k.Input((4,), name="a"), inner, k.layers.Dense(1)])


def functional_in_sequential(k):
    i = k.Input((4,), name="i")
    return k.Sequential([k.Model(i, k.layers.Dense(3)(i), name="inner"), k.layers.Dense(1)])


GRAPHS: list[Callable[[Any], Any]] = [
    value
    for name, value in list(globals().items())
    if getattr(value, "__module__", None) == __name__ and callable(value)
]


@functools.cache
def in_both(make: Callable[[Any], Any]) -> tuple[Any, Any]:
    """The model made by Keras and by kerastorch, with automatic names that start anew; made once, for reading."""
    keras.utils.clear_session()
    kerastorch.utils.clear_session()
    return make(keras), make(kerastorch)


def here(make: Callable[[Any], Any]) -> Any:
    """The model made by kerastorch, with automatic names that start anew."""
    kerastorch.utils.clear_session()
    return make(kerastorch)
