"""`clone_model`: functional, sequential and subclassed models, nested ones, functions and plain modules."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.models import clone_model
from tests.models.graphs import GRAPHS, chain, here, layer_inside_and_outside, nested_model_called_twice


class Apply(layers.Layer):
    """A layer that no config can hold: it keeps any function."""

    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, x):
        return self.function(x)


class Called(kerastorch.Model):
    def __init__(self, units, function, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units)
        self.function = function

    def call(self, x):
        return self.function(self.dense(x))


class Trained(kerastorch.Model):
    def train_step(self, data):
        return super().train_step(data)


@pytest.mark.parametrize("recursive", [False, True])
@pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)
def test_a_clone_has_the_same_config_and_other_weights(make, recursive):
    model = here(make)
    clone = clone_model(model, recursive=recursive)
    assert clone.get_config() == model.get_config()
    assert not {id(w) for w in clone.weights} & {id(w) for w in model.weights}


def test_weights_are_drawn_again():
    model = here(chain)
    assert not np.array_equal(clone_model(model).get_weights()[0], model.get_weights()[0])


def of_everything():
    x = kerastorch.Input((4,))
    y = torch.relu(torch.nn.Linear(4, 3)(x)) * 2 + 1
    y = torch.cat([y, y[:, :2]], -1).T.T
    y = Apply(lambda t: t + 1)(layers.Lambda(lambda t: t * 2)(y))
    inner = kerastorch.Model(x, y.reshape(-1, 5))
    return kerastorch.Model(x, kerastorch.Sequential([inner, torch.nn.Linear(5, 2)])(x))


@pytest.mark.parametrize("recursive", [False, True])
def test_lambdas_own_layers_torch_functions_and_modules_are_cloned(recursive):
    model = of_everything()
    clone = clone_model(model, recursive=recursive)
    clone.set_weights(model.get_weights())
    data = torch.randn(3, 4)
    assert torch.equal(clone(data), model(data))
    assert not {id(w) for w in clone.weights} & {id(w) for w in model.weights}


def test_a_subclassed_model_is_cloned_by_its_arguments():
    model = Called(3, lambda t: t * 2)
    data = torch.randn(2, 4)
    model(data)
    clone = clone_model(model)
    clone.set_weights(model.get_weights())
    assert torch.equal(clone(data), model(data))


def test_a_functional_subclass_keeps_its_class():
    x = kerastorch.Input((4,))
    assert type(clone_model(Trained(x, layers.Dense(2)(x)))) is Trained


def test_a_compiled_model_gives_a_compiled_clone():
    model = here(chain)
    model.compile("adam", lambda y, p: ((y - p) ** 2).mean(), metrics=["mae"])
    clone = clone_model(model)
    clone.fit(np.ones((2, 4), "float32"), np.ones((2, 2), "float32"), verbose=0)
    assert clone.optimizer is not model.optimizer


def test_frozen_layers_stay_frozen():
    model = here(chain)
    model.layers[1].trainable = False
    assert [w.path for w in clone_model(model).trainable_weights] == [w.path for w in model.trainable_weights]


def test_a_clone_function_makes_each_layer_once():
    model, seen = here(nested_model_called_twice), []

    def again(layer):
        seen.append(layer.name)
        return type(layer).from_config(layer.get_config())

    clone_model(model, clone_function=again)
    assert seen == ["inner", "dense_1"]


def test_a_clone_function_may_change_layers():
    def wider(layer):
        config = layer.get_config()
        return type(layer).from_config({**config, "units": 7}) if "units" in config else layer

    assert clone_model(here(chain), clone_function=wider).output_shape == (None, 7)


def test_a_call_function_may_add_layers():
    def followed(layer, *args, **kwargs):
        outputs = layer(*args, **kwargs)
        return layers.Dropout(0.5)(outputs) if isinstance(layer, layers.Dense) else outputs

    model = here(chain)
    clone = clone_model(model, clone_function=lambda layer: layer, call_function=followed)
    assert [type(layer).__name__ for layer in clone.layers][2::2] == ["Dropout", "Dropout"]
    assert clone.weights[0] is model.weights[0]


def test_recursion_reaches_nested_models():
    seen = []

    def again(layer):
        seen.append(layer.name)
        return type(layer).from_config(layer.get_config())

    clone_model(here(nested_model_called_twice), clone_function=again, recursive=True)
    assert seen == ["dense", "dense_1"]


def test_recursion_keeps_layers_shared():
    model = here(layer_inside_and_outside)
    assert len(clone_model(model, recursive=True).weights) == len(model.weights) == 2


@pytest.mark.parametrize("make", [chain, lambda k: k.Sequential([k.Input((4,)), k.layers.Dense(2)])])
def test_a_clone_may_stand_on_other_tensors(make):
    start = layers.Dense(4)(kerastorch.Input((6,)))
    clone = clone_model(here(make), input_tensors=start)
    assert clone(torch.ones(3, 4)).shape == (3, 2)


@pytest.mark.parametrize(
    ("model", "arguments", "text"),
    [
        (lambda: Called(2, abs), {"clone_function": abs}, "only supported for Sequential models"),
        (lambda: Called(2, abs), {"call_function": abs}, "only supported for Sequential models"),
        (
            lambda: kerastorch.Sequential([layers.Dense(1)]),
            {"call_function": abs},
            "not supported with Sequential",
        ),
        (lambda: kerastorch.Sequential([layers.Dense(1)]), {"input_tensors": [1]}, "a single KerasTensor"),
        (lambda: here(chain), {"input_tensors": [1]}, "must be KerasTensors"),
        (lambda: here(chain), {"input_tensors": [kerastorch.Input((4,))] * 2}, "same structure"),
        (lambda: here(chain), {"clone_function": lambda layer: None}, "must return a layer"),
        (lambda: here(chain), {"cache": {}}, "unexpected arguments: .'cache'"),
        (lambda: 3, {}, "Expected `model` to be a Model"),
    ],
)
def test_wrong_arguments_are_explained(model, arguments, text):
    with pytest.raises(ValueError, match=text):
        clone_model(model(), **arguments)
