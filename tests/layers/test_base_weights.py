"""`Layer`: making, naming, ordering, freezing, reading and setting weights, as Keras does."""

from __future__ import annotations

import copy

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers

LIBRARIES = (kerastorch, keras)


def scale_class(library):
    class Scale(library.layers.Layer):
        def __init__(self, name=None):
            super().__init__(name=name)
            self.offset = self.add_weight(shape=(), initializer="zeros", trainable=False, name="offset")

        def build(self, input_shape):
            self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")

        def call(self, x):
            return x * self.factor + self.offset

    return Scale


def block_class(library):
    scale = scale_class(library)

    class Block(library.layers.Layer):
        def __init__(self, name=None):
            super().__init__(name=name)
            self.first = library.layers.Dense(2, name="first")
            self.many = [library.layers.Dense(2, name=f"many_{i}") for i in range(3)]
            self.named = {"b": scale(name="b"), "a": library.layers.BatchNormalization(name="a")}
            self.nested = [
                {"x": library.layers.Dense(2, name="deep")},
                (library.layers.Dense(2, name="last"),),
            ]
            self.own = self.add_weight(shape=(2,), initializer="ones", name="own")
            self.state = self.add_weight(shape=(2,), initializer="zeros", trainable=False, name="state")

        def call(self, x):
            x = self.first(x)
            for layer in (
                *self.many,
                self.named["b"],
                self.named["a"],
                self.nested[0]["x"],
                self.nested[1][0],
            ):
                x = layer(x)
            return x * self.own + self.state

    return Block


def described(weights):
    return [(w.name, w.path, tuple(w.shape)) for w in weights]


@pytest.mark.parametrize("kind", [scale_class, block_class])
def test_weights_of_nested_layers_are_keras_s(kind):
    ours, theirs = (kind(library)(name="net") for library in LIBRARIES)
    x = torch.ones(3, 2)
    ours(x), theirs(x)
    assert described(ours.weights) == described(theirs.weights)
    assert described(ours.trainable_weights) == described(theirs.trainable_weights)
    assert described(ours.non_trainable_weights) == described(theirs.non_trainable_weights)
    assert described(ours.trainable_variables) == described(theirs.trainable_variables)
    assert ours.count_params() == theirs.count_params()
    assert ours.path == theirs.path == "net"


def test_paths_name_the_enclosing_layers():
    ours, theirs = (block_class(library)(name="net") for library in LIBRARIES)
    ours(torch.ones(1, 2)), theirs(torch.ones(1, 2))
    assert ours.first.path == theirs.first.path == "net/first"
    assert ours.nested[0]["x"].path == theirs.nested[0]["x"].path == "net/deep"


def turns_class(library):
    class Turns(library.layers.Layer):
        def __init__(self, name=None):
            super().__init__(name=name)
            self.dense, self.norms, self._private = [], {}, []
            for i in range(2):
                self.dense.append(library.layers.Dense(2, name=f"d{i}"))
                self.norms[f"n{i}"] = library.layers.BatchNormalization(name=f"n{i}")
                self._private += [library.layers.Dense(2, name=f"p{i}")]
            self.last = library.layers.Dense(2, name="last")

        def call(self, x):
            for layer in (*self.dense, *self.norms.values(), *self._private, self.last):
                x = layer(x)
            return x

    return Turns


def test_weights_follow_the_order_in_which_layers_were_added():
    ours, theirs = (turns_class(library)(name="turns") for library in LIBRARIES)
    ours(torch.ones(1, 2)), theirs(torch.ones(1, 2))
    assert described(ours.weights) == described(theirs.weights)
    assert described(copy.deepcopy(ours).weights) == described(theirs.weights)


def test_weights_move_between_the_libraries():
    ours, theirs = (block_class(library)(name="net") for library in LIBRARIES)
    x = torch.randn(3, 2)
    ours(x), theirs(x)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(ours(x).detach(), theirs(x).detach(), rtol=1e-5, atol=1e-6)


def test_every_weight_is_a_parameter_or_buffer_of_the_module():
    block = block_class(kerastorch)()
    block(torch.ones(3, 2))
    assert {id(w) for w in block.weights} == {id(w) for w in (*block.parameters(), *block.buffers())}
    assert {id(w) for w in block.trainable_weights} == {id(p) for p in block.parameters()}
    assert len(block.state_dict()) == len(block.weights)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        (((2, 3), "ones"), {"name": "kernel"}),
        (("kernel", (2, 3), "float32", "ones"), {}),
        (("kernel",), {"shape": (2, 3), "initializer": "ones"}),
        ((), {"name": "kernel", "shape": [2, 3], "initializer": "ones", "use_resource": True}),
    ],
)
def test_add_weight_takes_both_orders(args, kwargs):
    layer = layers.Layer(name="one")
    weight = layer.add_weight(*args, **kwargs)
    assert (weight.name, weight.path, tuple(weight.shape)) == ("kernel", "one/kernel", (2, 3))
    assert weight.detach().unique().tolist() == [1.0]
    assert isinstance(weight, torch.nn.Parameter)


@pytest.mark.parametrize(
    ("kwargs", "expected"),
    [
        ({"shape": None}, ((), "float32", True)),
        ({"shape": 3}, ((3,), "float32", True)),
        ({"shape": (2,), "dtype": "int32"}, ((2,), "int32", False)),
        ({"shape": (2,), "dtype": "float64", "trainable": False}, ((2,), "float64", False)),
        ({"shape": (2,), "trainable": None}, ((2,), "float32", True)),
    ],
)
def test_add_weight_has_keras_s_defaults(kwargs, expected):
    weight = layers.Layer().add_weight(**kwargs)
    assert (tuple(weight.shape), str(weight.dtype).removeprefix("torch."), weight.requires_grad) == expected


def test_unnamed_weights_get_names_of_their_own():
    layer = layers.Layer()
    first, second = layer.add_weight(shape=(1,)), layer.add_weight(shape=(1,))
    assert first.name != second.name
    assert len(list(layer.parameters())) == 2


def test_two_weights_may_have_one_name():
    ours, theirs = (library.layers.Layer(name="one") for library in LIBRARIES)
    for layer in (ours, theirs):
        layer.add_weight(shape=(1,), name="w")
        layer.add_weight(shape=(2,), name="w")
    assert described(ours.weights) == described(theirs.weights)
    assert len(ours.state_dict()) == 2


@pytest.mark.parametrize("shape", [(None, 2), (-1,), (2, None), (2.5,), "ab"])
def test_weights_need_a_known_shape(shape):
    with pytest.raises(ValueError, match=r"cannot have the shape .*: every dimension must be a known number"):
        layers.Layer().add_weight(shape=shape, name="w")


@pytest.mark.parametrize("trainable", ["kernel", 0.5])
def test_a_name_in_the_place_of_trainable_is_refused(trainable):
    with pytest.raises(TypeError, match=r"takes at most 3 positional arguments.*Received: trainable="):
        layers.Layer().add_weight((2, 3), "zeros", "float32", trainable)


def test_an_attribute_named_otherwise_renames_the_entry_of_the_module():
    scale = scale_class(kerastorch)()
    scale(torch.ones(1, 2))
    assert set(scale.state_dict()) == {"offset", "factor"}


@pytest.mark.parametrize("library", LIBRARIES, ids=["kerastorch", "keras"])
def test_freezing_reaches_all_layers_inside(library):
    block = block_class(library)()
    block(torch.ones(3, 2))
    count = len(block.trainable_weights)
    block.trainable = False
    assert block.trainable_weights == []
    assert not block.first.trainable
    assert not block.many[1].trainable
    block.trainable = True
    assert len(block.trainable_weights) == count
    block.named["a"].trainable = False
    assert len(block.trainable_weights) == count - 2


def test_frozen_weights_get_no_gradient():
    dense = layers.Dense(2)
    dense(torch.ones(1, 2))
    dense.trainable = False
    assert not any(p.requires_grad for p in dense.parameters())
    dense.trainable = True
    dense(torch.ones(1, 2)).sum().backward()
    assert dense.kernel.grad is not None


@pytest.mark.parametrize("make", [lambda: layers.Dense(2, trainable=False), lambda: frozen_before_build()])
def test_layers_frozen_before_they_are_built_stay_frozen(make):
    dense = make()
    dense(torch.ones(1, 2))
    assert dense.trainable_weights == []
    assert len(dense.non_trainable_weights) == 2
    assert not dense.kernel.requires_grad


def frozen_before_build():
    dense = layers.Dense(2)
    dense.trainable = False
    return dense


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([np.ones((2, 2))], "with a weight list of length 1, but the layer was expecting 2 weights"),
        (
            [np.ones((2, 3)), np.ones(2)],
            r"shape \(2, 2\) is not compatible with provided weight shape \(2, 3\)",
        ),
        ([np.ones((2, 2)), np.ones(3)], r"shape \(2,\) is not compatible with provided weight shape \(3,\)"),
    ],
)
def test_set_weights_changes_nothing_when_something_is_wrong(weights, message):
    dense = layers.Dense(2)
    dense.build((None, 2))
    before = dense.get_weights()
    with pytest.raises(ValueError, match=message):
        dense.set_weights(weights)
    for a, b in zip(before, dense.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_get_weights_gives_copies():
    dense = layers.Dense(2)
    dense.build((None, 2))
    dense.get_weights()[0][:] = 7.0
    assert not np.any(dense.get_weights()[0] == 7.0)


def test_unbuilt_layers_have_no_parameter_count():
    with pytest.raises(ValueError, match=r"`count_params` on layer .*, but the layer isn't built"):
        layers.Dense(2).count_params()


def test_first_weights_may_be_given():
    kernel, bias = np.ones((3, 2), "float32"), np.full(2, 5.0, "float32")
    dense = layers.Dense(2, weights=[kernel, bias])
    assert dense(torch.ones(1, 3)).tolist() == [[8.0, 8.0]]


def test_shared_layers_are_counted_once():
    class Twice(layers.Layer):
        def __init__(self):
            super().__init__()
            self.a = layers.Dense(3)
            self.b = self.a

        def call(self, x):
            return self.b(self.a(x))

    twice = Twice()
    twice(torch.ones(1, 3))
    assert len(twice.weights) == 2


def test_plain_torch_modules_are_children_too():
    class Mixed(layers.Layer):
        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(3, 2)
            self.norms = [torch.nn.BatchNorm1d(2)]

        def call(self, x):
            return self.norms[0](self.linear(x))

    mixed = Mixed()
    assert mixed(torch.randn(4, 3)).shape == (4, 2)
    assert len(mixed.trainable_weights) == 4
    assert len(mixed.weights) == 4 + 3
    mixed.trainable = False
    assert mixed.trainable_weights == []
    assert not mixed.linear.weight.requires_grad


def test_a_torch_parameter_is_a_weight():
    class Own(layers.Layer):
        def __init__(self):
            super().__init__()
            self.shift = torch.nn.Parameter(torch.ones(2))

        def call(self, x):
            return x + self.shift

    own = Own()
    assert own(torch.zeros(1, 2)).tolist() == [[1.0, 1.0]]
    assert len(own.trainable_weights) == 1


def test_variables_of_users_are_weights():
    class Own(layers.Layer):
        def __init__(self):
            super().__init__()
            self.gain = kerastorch.Variable(2.0, name="gain")
            self.calls = kerastorch.Variable(0, trainable=False, name="calls")

        def call(self, x):
            self.calls.assign_add(1)
            return x * self.gain

    own = Own()
    own(torch.ones(1)), own(torch.ones(1))
    assert [w.name for w in own.trainable_weights] == ["gain"]
    assert [w.name for w in own.non_trainable_weights] == ["calls"]
    assert int(own.calls) == 2


def test_lists_and_dictionaries_of_layers_follow_their_changes():
    class Growing(layers.Layer):
        def __init__(self):
            super().__init__()
            self.stack = []
            self.table = {}

        def call(self, x):
            return x

    growing = Growing()
    growing.stack.append(layers.Dense(1))
    growing.stack += [layers.Dense(2)]
    growing.table["a"] = layers.Dense(3)
    for layer in (*growing.stack, growing.table["a"]):
        layer.build((None, 1))
    assert [w.shape[-1] for w in growing.weights if w.ndim == 2] == [1, 2, 3]
    growing.stack.pop(0)
    del growing.table["a"]
    assert [w.shape[-1] for w in growing.weights if w.ndim == 2] == [2]


def test_names_are_automatic_and_keras_s():
    class MyOwnLayer2D(layers.Layer):
        pass

    kerastorch.utils.clear_session()
    keras.utils.clear_session()
    ours = [
        layers.Dense(1).name,
        layers.Dense(1).name,
        layers.BatchNormalization().name,
        layers.Conv2D(1, 1).name,
    ]
    theirs = [keras.layers.Dense(1).name, keras.layers.Dense(1).name]
    theirs += [keras.layers.BatchNormalization().name, keras.layers.Conv2D(1, 1).name]
    assert ours == theirs
    assert MyOwnLayer2D().name == "my_own_layer2d"


def test_attributes_may_change_their_kind():
    layer = layers.Layer()
    layer.part = [layers.Dense(1)]
    layer.part = layers.Dense(2)
    layer.part = None
    assert layer.part is None
    layer.part = {"a": layers.Dense(3)}
    layer.part = 5
    assert layer.part == 5
    assert list(layer.children()) == []


def test_lists_of_numbers_stay_plain():
    layer = layers.Layer()
    layer.numbers = []
    layer.numbers.append(1.0)
    assert layer.numbers == [1.0]
    assert layer.weights == []


@pytest.mark.parametrize("name", ["a/b", 3])
def test_names_are_strings_without_slashes(name):
    with pytest.raises(ValueError, match="must be a string and cannot contain character `/`"):
        layers.Layer(name=name)


def test_moving_a_layer_keeps_its_variables():
    norm = layers.BatchNormalization()
    norm(torch.ones(2, 3))
    before = [id(w) for w in norm.weights]
    norm.to(torch.float64)
    assert [id(w) for w in norm.weights] == before
    assert all(w.dtype == torch.float64 for w in norm.weights)
