"""`Layer`: how it is built and called: deferred, explicit, nested arguments, training mode, types, torch modules."""

from __future__ import annotations

import copy
import pickle

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import Input, layers
from kerastorch.core.context import state

LIBRARIES = (kerastorch, keras)


class Spy(layers.Layer):
    """Remembers what it was built and called with."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seen = ()

    def build(self, input_shape):
        self.seen += (("build", input_shape),)

    def call(self, x, training=None):
        self.seen += (("call", training),)
        return x


# Building


def test_a_layer_is_built_once_by_its_first_call():
    spy = Spy()
    assert not spy.built
    spy(torch.ones(2, 3)), spy(torch.ones(4, 3))
    assert [what for what, _ in spy.seen] == ["build", "call", "call"]
    assert spy.seen[0] == ("build", (2, 3))


def test_a_layer_is_built_once_by_hand():
    spy = Spy()
    spy.build((None, 3))
    assert spy.built
    spy(torch.ones(2, 3))
    assert [what for what, _ in spy.seen] == ["build", "call"]


def test_a_symbolic_call_builds_with_unknown_sizes_as_none():
    spy = Spy()
    spy(Input((None, 3)))
    assert spy.seen[0] == ("build", (None, None, 3))


def test_build_gets_the_shapes_of_several_arguments_by_name():
    class Pair(layers.Layer):
        def build(self, query_shape, value_shape):
            self.shapes = (query_shape, value_shape)

        def call(self, query, value=None):
            return query

    pair = Pair()
    pair(torch.ones(2, 3), value=torch.ones(2, 4))
    assert pair.shapes == ((2, 3), (2, 4))
    assert pair.get_build_config() == {"shapes_dict": {"query_shape": (2, 3), "value_shape": (2, 4)}}


def test_build_gets_nested_shapes():
    class Nested(layers.Layer):
        def build(self, input_shape):
            self.shape = input_shape

        def call(self, inputs):
            return inputs["a"]

    nested = Nested()
    nested({"a": torch.ones(2, 3), "b": [torch.ones(2, 1)]})
    assert nested.shape == {"a": (2, 3), "b": [(2, 1)]}


def test_sublayers_made_in_call_by_the_first_call_are_built_with_it():
    class Outer(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = layers.Dense(2)

        def call(self, x):
            return self.inner(x)

    outer = Outer()
    assert outer(Input((3,))).shape == (None, 2)
    assert outer.inner.built
    assert len(outer.weights) == 2


def test_build_config_rebuilds():
    dense = layers.Dense(2)
    dense(torch.ones(1, 3))
    other = layers.Dense.from_config(dense.get_config())
    other.build_from_config(dense.get_build_config())
    assert tuple(other.kernel.shape) == (3, 2)


# Arguments


def test_arguments_may_be_nested_and_plain():
    class Many(layers.Layer):
        def call(self, inputs, *, scale=1.0, extras=()):
            return inputs["x"] * scale + sum(extras)

    many, x = Many(), torch.ones(2, 3)
    assert torch.equal(many({"x": x}, scale=2.0, extras=[x, x]), 4 * x)
    symbolic = Input((3,))
    assert many({"x": symbolic}, scale=2.0, extras=[symbolic]).shape == (None, 3)


@pytest.mark.parametrize("value", [np.ones((2, 3)), np.ones((2, 3), "float32"), np.ones((2, 3), "int32")])
def test_arrays_become_tensors_of_the_layers_type(value):
    ours, theirs = (library.layers.Dense(2, kernel_initializer="ones")(value) for library in LIBRARIES)
    assert isinstance(ours, torch.Tensor)
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours.detach(), theirs.detach())


def test_any_keyword_of_call_can_name_the_input():
    dense = layers.Dense(2)
    assert dense(inputs=torch.ones(1, 3)).shape == (1, 2)


def test_layers_may_define_forward_as_torch_users_do():
    class Torch(layers.Layer):
        def forward(self, x):
            return 2 * x

    assert torch.equal(Torch()(torch.ones(2)), 2 * torch.ones(2))
    assert Torch()(Input((3,))).shape == (None, 3)


def test_forward_hooks_run():
    dense, seen = layers.Dense(2), []
    dense.register_forward_hook(lambda module, args, output: seen.append(output.shape))
    dense(torch.ones(1, 3)), dense(torch.ones(1, 3))
    assert len(seen) == 2


# Training mode


def training_class(library):
    class Inner(library.layers.Layer):
        def call(self, x, training=None):
            return x + (1 if training else 0)

    class Outer(library.layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Inner()
            self.fixed = Inner()

        def call(self, x):
            return self.inner(x) + self.fixed(x, training=False)

    class Outermost(library.layers.Layer):
        def __init__(self):
            super().__init__()
            self.outer = Outer()

        def call(self, x, training=None):
            return self.outer(x)

    return Outermost


@pytest.mark.parametrize(("kwargs", "expected"), [({}, 0), ({"training": True}, 1), ({"training": False}, 0)])
def test_the_training_argument_reaches_layers_inside_as_in_keras(kwargs, expected):
    x = torch.zeros(1)
    for library in LIBRARIES:
        assert float(training_class(library)()(x, **kwargs)) == expected


def test_torchs_mode_counts_only_where_no_argument_says_more():
    layer, x = training_class(kerastorch)(), torch.zeros(1)
    layer(x)
    layer.train()
    assert float(layer(x)) == 1
    assert float(layer(x, training=False)) == 0
    layer.eval()
    assert float(layer(x)) == 0
    assert float(layer(x, training=True)) == 1
    assert float(layer(x)) == 0


@pytest.mark.parametrize("default", [True, False, None])
def test_the_default_of_the_training_argument_counts_last(default):
    def make(library):
        class Own(library.layers.Layer):
            def call(self, x, training=default):
                return x + (1 if training else 0)

        return Own()

    x = torch.zeros(1)
    for kwargs in ({}, {"training": True}, {"training": False}):
        assert float(make(kerastorch)(x, **kwargs)) == float(make(keras)(x, **kwargs))


def test_predict_and_eval_count_more_than_the_default_of_the_training_argument():
    class Own(layers.Layer):
        def call(self, x, training=True):
            return x + (1 if training else 0)

    x = torch.zeros(1, 2)
    inputs = kerastorch.Input((2,))
    model = kerastorch.Model(inputs, Own()(inputs))
    assert model(x).sum() == 2
    assert model.predict(x, verbose=0).sum() == 0
    model = kerastorch.Model(inputs, Own()(inputs)).eval()
    assert model(x).sum() == 0
    assert model.train()(x).sum() == 2


def test_training_may_be_given_by_position():
    class Own(layers.Layer):
        def call(self, x, training=None):
            return layers.Dropout(0.5, seed=1)(x) if training else x

    x = torch.ones(100)
    assert torch.equal(Own()(x, False), x)
    assert not torch.equal(Own()(x, True), x)
    assert torch.equal(Own()(x, None), x)


def test_an_error_leaves_no_mode_behind():
    class Fails(layers.Layer):
        def call(self, x, training=None):
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Fails()(torch.ones(1), training=True)
    assert state.training is None
    assert state.stack == []
    assert state.scopes == []


# Types


@pytest.mark.parametrize(
    ("dtype", "given", "expected"),
    [
        ("float32", torch.float64, torch.float32),
        ("float64", torch.float32, torch.float64),
        ("float16", torch.float32, torch.float16),
        ("mixed_bfloat16", torch.float32, torch.bfloat16),
        ("float32", torch.int64, torch.int64),
        ("float32", torch.bool, torch.bool),
    ],
)
def test_floats_are_cast_to_the_compute_type(dtype, given, expected):
    class Own(layers.Layer):
        def call(self, x):
            self.type = x.dtype
            return x

    own = Own(dtype=dtype)
    own(torch.ones(2, dtype=given))
    assert own.type is expected


def test_autocast_can_be_turned_off():
    class Own(layers.Layer):
        def call(self, x):
            return x

    assert Own(autocast=False)(torch.ones(1, dtype=torch.float64)).dtype is torch.float64


def test_mixed_precision_computes_low_and_keeps_weights_high():
    class Block(layers.Layer):
        def __init__(self):
            super().__init__(dtype="mixed_bfloat16")
            self.dense = layers.Dense(4, dtype="mixed_bfloat16")
            self.head = layers.Dense(2, dtype="float32")
            self.gain = self.add_weight(shape=(4, 4), initializer="ones")

        def call(self, x):
            return self.head(self.dense(x) @ self.gain)

    block = Block()
    assert block(Input((3,))).shape == (None, 2)
    output = block(torch.ones(1, 3))
    assert output.dtype is torch.float32  # the head's own policy
    assert block.dense(torch.ones(1, 3)).dtype is torch.bfloat16
    assert all(w.dtype is torch.float32 for w in block.weights)
    output.sum().backward()
    assert block.gain.grad.dtype is torch.float32
    assert (block.compute_dtype, block.variable_dtype, block.dtype) == ("bfloat16", "float32", "float32")


def test_mixed_precision_keeps_masks_and_logits():
    x = torch.ones(2, 3, 4)
    x._keras_mask = torch.ones(2, 3, dtype=torch.bool)
    output = layers.Activation("softmax", dtype="mixed_bfloat16")(x)
    assert output.dtype is torch.bfloat16
    assert torch.equal(output._keras_mask, x._keras_mask)
    assert output._keras_logits.dtype is torch.bfloat16


# Symbolic calls


def test_shapes_of_the_only_call_are_kept():
    dense = layers.Dense(2)
    x = Input((3,))
    y = dense(x)
    assert dense.input is x
    assert dense.output is y
    assert (dense.input_shape, dense.output_shape) == ((None, 3), (None, 2))


def test_shapes_of_several_calls_are_kept_by_number():
    dense = layers.Dense(2)
    dense(Input((3,))), dense(Input((4, 3)))
    assert dense.get_input_shape_at(1) == (None, 4, 3)
    assert dense.get_output_shape_at(0) == (None, 2)
    assert dense.output_shape == (None, 2)  # of the first call, as in Keras 3
    with pytest.raises(ValueError, match="only 2 inbound nodes"):
        dense.get_output_at(2)


def test_uncalled_layers_have_no_shapes():
    with pytest.raises(ValueError, match="has never been called"):
        layers.Dense(2).input_shape  # noqa: B018


@pytest.mark.parametrize("shape", [None, 3, {"a": None}])
def test_compute_output_shape_names_what_is_no_shape(shape):
    with pytest.raises(ValueError, match=r"Expected a shape.*Received: (None|3) \(of type"):
        layers.Dense(2).compute_output_shape(shape)


def test_compute_output_shape_needs_no_build():
    class Outer(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = layers.Dense(7)

        def call(self, x):
            return {"a": self.inner(x), "b": x[:, 0]}

    outer = Outer()
    assert outer.compute_output_shape((None, 5, 3)) == {"a": (None, 5, 7), "b": (None, 3)}
    assert not outer.built
    assert outer.weights == []


def test_declared_shapes_serve_calls_that_need_values():
    class Values(layers.Layer):
        def call(self, x):
            return torch.as_tensor(x.numpy()) * 2

        def compute_output_shape(self, input_shape):
            return input_shape

    assert Values()(Input((3,))).shape == (None, 3)


# Copies


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["copy", "pickle"]
)
def test_copies_of_called_layers_run_and_build_alone(duplicate):
    spy = Spy()
    twin = duplicate(spy)
    twin(torch.ones(1, 2))
    assert twin.built
    assert not spy.built


def test_a_layer_runs_in_a_torch_module_and_a_torch_loop():
    net = torch.nn.Sequential(layers.Dense(4, activation="tanh"), torch.nn.Linear(4, 1))
    net(torch.ones(1, 3))
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    before = net[0].kernel.detach().clone()
    net(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    assert not torch.equal(before, net[0].kernel)
