"""Order of layers and weights, paths, outputs and input specifications, compared with Keras 3.15.1."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import tree
from tests.models.graphs import GRAPHS, in_both, sequential_without_shape

BUILT = [make for make in GRAPHS if make is not sequential_without_shape]
# Names of intermediate tensors are counted, and both count their own.
NAMED = [make for make in GRAPHS if make.__name__ != "from_the_middle"]


def data_for(model):
    generator = np.random.default_rng(0)

    def array(tensor):
        shape = tuple(5 if dim is None else dim for dim in tensor.shape)
        if "int" in str(tensor.dtype):
            return generator.integers(0, 10, shape).astype("int32")
        return generator.normal(size=shape).astype("float32")

    return tree.map_structure(array, model.input)


@pytest.mark.parametrize("make", NAMED, ids=lambda make: make.__name__)
def test_layers_come_in_the_order_of_keras(make):
    theirs, ours = in_both(make)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]


@pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)
def test_weights_have_the_paths_and_order_of_keras(make):
    theirs, ours = in_both(make)
    assert [w.path for w in ours.weights] == [w.path for w in theirs.weights]


@pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)
def test_as_many_weights_train_as_in_keras(make):
    theirs, ours = in_both(make)
    assert [w.path for w in ours.trainable_weights] == [w.path for w in theirs.trainable_weights]


@pytest.mark.parametrize("make", BUILT, ids=lambda make: make.__name__)
def test_equal_weights_give_equal_outputs(make):
    theirs, ours = in_both(make)
    ours.set_weights(theirs.get_weights())
    x = data_for(ours)
    if make.__name__ == "keyword_arguments":  # random: dropout runs in both
        assert tree.flatten(ours(x))[0].shape == tuple(theirs(x).shape)
        return
    expected = theirs(x)
    for got, wanted in zip(tree.flatten(ours(x)), tree.flatten(expected), strict=True):
        np.testing.assert_allclose(got.detach().numpy(), wanted.detach().numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("make", BUILT, ids=lambda make: make.__name__)
def test_shapes_and_parameters_are_counted_as_in_keras(make):
    theirs, ours = in_both(make)
    assert ours.count_params() == theirs.count_params()
    assert tree.flatten(ours.output_shape) == tree.flatten(theirs.output_shape)


@pytest.mark.parametrize("make", NAMED, ids=lambda make: make.__name__)
def test_input_spec_is_that_of_keras(make):
    theirs, ours = in_both(make)
    assert repr(ours.input_spec) == repr(theirs.input_spec)


@pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)
def test_representation_is_that_of_keras(make):
    theirs, ours = in_both(make)
    assert repr(ours) == repr(theirs)


def test_a_list_of_one_output_is_the_output():
    x = kerastorch.Input((3,))
    model = kerastorch.Model([x], [kerastorch.layers.Dense(2)(x)])
    assert isinstance(model(torch.ones(1, 3)), torch.Tensor)


def test_a_layer_is_found_by_name_and_by_place():
    model = in_both(GRAPHS[0])[1]
    assert model.get_layer("dense_1") is model.get_layer(index=1)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"name": "dens"}, "No such layer: dens.*dense"),
        ({"index": 9}, "index 9 but model only has 3 layers"),
        ({"name": "dense", "index": 1}, "not both"),
        ({}, "Provide either"),
    ],
)
def test_a_layer_that_is_not_there_is_an_error(arguments, text):
    model = in_both(GRAPHS[0])[1]
    with pytest.raises(ValueError, match=text):
        model.get_layer(**arguments)


NAMES = [
    "metrics",
    "call",
    "inputs",
    "loss",
    "weights",
    "train",
    "a.b",
    "x-y",
    "1abc",
    "outputs",
    "name",
    "forward",
    "layers",
    "_graph",
    "optimizer",
    "self",
    "None",
    "lambda",
    "training",
    "state_dict",
    "é",
    "trainable",
    "dtype",
    "keys",
]


@pytest.mark.parametrize("name", [*NAMES, "with space"])
def test_a_layer_may_be_called_like_an_attribute(name):
    layers = kerastorch.layers
    x = kerastorch.Input((4,), name="in")
    model = kerastorch.Model(x, layers.Dense(1)(layers.Dense(2, name=name)(x)))
    row = kerastorch.Sequential([layers.Dense(2, name=name), layers.Dense(1)])
    for made in (model, row):
        made.compile("sgd", "mse")
        made.fit(np.ones((2, 4), "float32"), np.ones((2, 1), "float32"), verbose=0)
        assert made.get_layer(name).kernel.shape == (4, 2)
    assert model.weights[0].path == f"{name}/kernel"


@pytest.mark.parametrize("name", NAMES)
def test_an_input_may_be_called_like_an_attribute(name):
    x = kerastorch.Input((4,), name=name)
    model = kerastorch.Model(x, kerastorch.layers.Dense(1)(x))
    assert torch.equal(model({name: torch.ones(2, 4)}), model(torch.ones(2, 4)))


def test_losses_added_inside_a_nested_model_count_once():
    class Penal(kerastorch.Model):
        def __init__(self):
            super().__init__()
            self.factor = self.add_weight(shape=(3,), name="factor", initializer="ones")

        def call(self, x):
            self.add_loss(self.factor.sum())
            return x * self.factor

    inner = Penal()
    inner(torch.ones(2, 3))
    x = kerastorch.Input((3,))
    outer = kerastorch.Model(x, inner(x))
    outer(torch.ones(2, 3))
    assert [float(loss) for loss in outer.losses] == [3.0]


def test_a_mask_that_comes_with_a_tensor_from_the_middle_is_left_out():
    x = kerastorch.Input((5,), dtype="int32")
    embedded = kerastorch.layers.Embedding(10, 4, mask_zero=True)(x)
    pooled = kerastorch.layers.GlobalAveragePooling1D()(embedded)
    model = kerastorch.Model(embedded, pooled)
    data = torch.randn(2, 5, 4)
    torch.testing.assert_close(model(data), data.mean(1))
