"""`Sequential`: with and without a shape, changed after training, nested, with several inputs, used wrongly."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers


def data(width, rows=4):
    return np.ones((rows, width), "float32")


def test_without_a_shape_the_first_data_build_it():
    model = kerastorch.Sequential([layers.Dense(3), layers.Dense(2)])
    assert not model.built
    model(torch.ones(5, 4))
    assert model.output_shape == (None, 2)
    assert model.weights[0].path == f"{model.name}/{model.layers[0].name}/kernel"


def test_built_by_data_it_takes_other_sizes_where_its_layers_do():
    model = kerastorch.Sequential([layers.Conv1D(3, 2), layers.GlobalMaxPooling1D(), layers.Dense(2)])
    sizes = (5, 9, 7)
    shapes = [model.predict(np.ones((4, size, 2), "float32"), verbose=0).shape for size in sizes]
    assert shapes == [(4, 2)] * 3
    with pytest.raises(ValueError, match=r'layer "conv1d.*" is incompatible.*axis -1.*value 2'):
        model(torch.ones(4, 5, 3))
    with pytest.raises(ValueError, match=r"expected shape=\(None, 5, 2\), found shape=\(4, 5, 3, 2\)"):
        model(torch.ones(4, 5, 3, 2))


def test_with_a_declared_shape_it_takes_no_other():
    model = kerastorch.Sequential([kerastorch.Input((5, 2)), layers.GlobalMaxPooling1D()])
    with pytest.raises(ValueError, match=r"expected shape=\(None, 5, 2\), found shape=\(4, 6, 2\)"):
        model(torch.ones(4, 6, 2))


@pytest.mark.parametrize(
    "first",
    [
        lambda: [kerastorch.Input((4,)), layers.Dense(3)],
        lambda: [layers.InputLayer(shape=(4,)), layers.Dense(3)],
        lambda: [layers.Dense(3, input_shape=(4,))],
        lambda: [layers.Dense(3, input_dim=4)],
        lambda: [kerastorch.Sequential([kerastorch.Input((4,)), layers.Dense(3)])],
        lambda: [kerastorch.Model(x := kerastorch.Input((4,)), layers.Dense(3)(x))],
    ],
    ids=["Input", "InputLayer", "input_shape", "input_dim", "Sequential", "Model"],
)
def test_with_a_shape_it_is_built_at_once(first):
    model = kerastorch.Sequential([*first(), layers.Dense(2)])
    assert model.built
    assert model.count_params() == 15 + 8


def test_layers_are_added_after_training():
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(4)])
    model.compile("sgd", "mse")
    model.fit(data(3), data(4), verbose=0)
    trained = model.layers[0].get_weights()[0]
    model.add(layers.Dense(2))
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], trained)
    model.compile("sgd", "mse")
    model.fit(data(3), data(2), verbose=0)
    assert model.output_shape == (None, 2)


def test_pop_removes_the_last_layer_and_its_weights():
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(4), layers.Dense(2)])
    last = model.layers[-1]
    assert model.pop() is last
    assert model.output_shape == (None, 4)
    assert len(list(model.parameters())) == len(model.weights) == 2
    assert model.predict(data(3), verbose=0).shape == (4, 4)


def test_an_emptied_model_can_be_filled_again():
    model = kerastorch.Sequential([layers.Dense(2)])
    model.pop()
    model.add(layers.Dense(3))
    assert model(torch.ones(1, 2)).shape == (1, 3)


def test_plain_modules_are_layers():
    model = kerastorch.Sequential([torch.nn.Linear(4, 3), torch.nn.ReLU(), layers.Dense(2)])
    assert model(torch.ones(2, 4)).shape == (2, 2)
    assert model.count_params() == 15 + 8


def test_a_first_layer_may_take_several_tensors():
    model = kerastorch.Sequential([layers.Add(), layers.Dense(2)])
    assert model([torch.ones(2, 3), torch.ones(2, 3)]).shape == (2, 2)


def test_layers_that_read_values_are_called_one_after_the_other():
    class Reads(layers.Layer):
        def call(self, x):
            return x if float(x.sum()) > 0 else -x

    model = kerastorch.Sequential([layers.Dense(2), Reads()])
    assert model(torch.ones(3, 4)).shape == (3, 2)


class Two(layers.Layer):
    def call(self, x, y):
        return x + y


class Zero(layers.Layer):
    def call(self):
        return torch.ones(1)


def rows(*members):
    return lambda: kerastorch.Sequential([kerastorch.Input((3,)), *(make() for make in members)])


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (lambda: kerastorch.Sequential([1]), "Only instances of `keras.Layer`.*Received: 1"),
        (
            rows(lambda: layers.Dense(1, name="a"), lambda: layers.Dense(1, name="a")),
            "unique names. Name 'a'",
        ),
        (
            rows(lambda: layers.Dense(1), lambda: kerastorch.Input((3,))),
            "already been configured to use input shape",
        ),
        (rows(Two), r"a single required positional argument.*Two has \['x', 'y'\]"),
        (rows(Zero), "a single required positional argument.*Zero has none"),
        (rows(layers.Add), "called on a list of inputs"),
        (lambda: kerastorch.Sequential().pop(), "no layer to remove|no layers"),
        (lambda: kerastorch.Sequential().build((None, 3)), "has no layers"),
        (lambda: kerastorch.Sequential([layers.Dense(1)]).build(), "must provide an `input_shape`"),
        (lambda: rows(lambda: layers.Dense(1))().build((None, 4)), r"input shape \(None, 3\).*\(None, 4\)"),
        (
            lambda: rows(lambda: layers.Dense(1))()(torch.ones(2, 5)),
            r"shape=\(None, 3\), found shape=\(2, 5\)",
        ),
        (lambda: kerastorch.Sequential([layers.Dense(1)]).count_params(), "isn't built"),
    ],
)
def test_wrong_uses_are_explained(use, text):
    with pytest.raises(ValueError, match=text):
        use()


def test_the_layers_cannot_be_replaced():
    with pytest.raises(AttributeError, match="reserved"):
        kerastorch.Sequential([layers.Dense(1)]).layers = []


def test_outputs_of_layers_that_were_added_one_by_one():
    model = kerastorch.Sequential()
    for units in (3, 2, 1):
        model.add(kerastorch.layers.Dense(units, **({"input_shape": (4,)} if units == 3 else {})))
    features = kerastorch.Model(model.inputs, [layer.output for layer in model.layers])
    x = np.ones((2, 4), "float32")
    assert [array.shape for array in features.predict(x, verbose=0)] == [(2, 3), (2, 2), (2, 1)]
    np.testing.assert_array_equal(features.predict(x, verbose=0)[-1], model.predict(x, verbose=0))


def test_layers_keep_their_outputs_while_others_are_added():
    """As `layer.output` must lie on the way to `model.output`, for gradients between the two."""
    model = kerastorch.Sequential()
    model.add(layers.Conv2D(2, 3, activation="relu", input_shape=(8, 8, 1)))
    output = model.layers[0].output
    for layer in (layers.Flatten(), layers.Dense(3), layers.Dense(2)):
        model.add(layer)
    assert model.layers[0].output is output
    assert [len(layer._inbound_nodes) for layer in model.layers] == [1, 1, 1, 1]
    between = kerastorch.Model(model.inputs, [output, model.outputs[0]])
    features, scores = between(torch.ones(1, 8, 8, 1))
    assert torch.autograd.grad(scores[:, 0].sum(), features)[0].shape == features.shape


def test_layers_keep_their_outputs_when_the_last_one_is_removed():
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(4), layers.Dense(2)])
    output = model.layers[0].output
    model.pop()
    assert model.outputs[0] is output
    model.add(layers.Dense(5))
    assert model.layers[0].output is output
    assert model(torch.ones(2, 3)).shape == (2, 5)
