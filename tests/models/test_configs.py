"""Configs and JSON of models, compared with Keras 3.15.1 and read in both directions; files that lie."""

from __future__ import annotations

import copy
import json

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.models import model_from_config, model_from_json
from kerastorch.saving import register_keras_serializable, serialize_keras_object
from tests.models.graphs import GRAPHS, chain, here, in_both, two_outputs

# Keys that Keras writes for features of its own, and of layers, which have tests of their own.
NOT_OF_MODELS = {"quantization_config", "activity_regularizer"}


def of_models(config):
    """The part of a config that models write: that of layers without what only their own classes decide."""
    if isinstance(config, dict):
        config = {k: of_models(v) for k, v in config.items() if k not in NOT_OF_MODELS}
        if config.get("class_name") in ("MaxPooling2D", "GlobalAveragePooling1D", "Flatten"):
            config.pop("build_config", None)
        return config
    if isinstance(config, (list, tuple)):
        return type(config)(map(of_models, config))
    return config


@pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)
def test_config_is_that_of_keras(make):
    theirs, ours = in_both(make)
    if make.__name__ == "from_the_middle":  # both count their intermediate tensors
        ours_text = json.dumps(of_models(serialize_keras_object(ours)))
        name = ours.layers[0].name
        config = json.loads(ours_text.replace(name, "keras_tensorCLONE"))
        assert config == json.loads(json.dumps(of_models(keras.saving.serialize_keras_object(theirs))))
        return
    expected = of_models(keras.saving.serialize_keras_object(theirs))
    assert of_models(serialize_keras_object(ours)) == expected


@pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)
def test_json_is_read_back(make):
    ours = here(make)
    text = ours.to_json()
    assert model_from_json(text).to_json() == text


@pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)
def test_json_of_keras_is_read(make):
    theirs = in_both(make)[0]
    again = json.loads(model_from_json(theirs.to_json()).to_json())
    assert of_models(again) == of_models(json.loads(theirs.to_json()))


@pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)
def test_keras_reads_our_json(make):
    theirs, ours = in_both(make)
    read, expected = (keras.models.model_from_json(model.to_json()) for model in (ours, theirs))
    assert [w.path for w in read.weights] == [w.path for w in expected.weights]
    assert [layer.name for layer in read.layers][1:] == [layer.name for layer in expected.layers][1:]


def test_a_compiled_model_is_read_compiled():
    model = here(chain)
    model.compile("adam", "mse", metrics=["mae"])
    again = model_from_json(model.to_json())
    assert again.compiled
    assert type(again.optimizer) is type(model.optimizer)


def test_frozen_layers_stay_frozen():
    model = here(chain)
    model.trainable = False
    again = model_from_json(model.to_json())
    assert not again.trainable
    assert again.trainable_weights == []
    again.trainable = True
    assert len(again.trainable_weights) == 4


# Torch functions ---------------------------------------------------------------------------------------------------


def of_torch_functions():
    a, b = kerastorch.Input((4,), name="a"), kerastorch.Input((4,), name="b")
    x = torch.relu(torch.cat([a, b], -1)) * 2 + 1
    x = torch.nn.functional.gelu(x[..., None][:, 1:, 0])
    y = x.view(-1, 7).T.T.sum(dim=-1, keepdim=True) / 3 - torch.ones(1)
    y = (y + np.float32(2)) * torch.tensor([1.0, 2.0])
    z = 1 / torch.where(y > 0, y, -y)
    first, second = torch.split(torch.softmax(z, -1), 1, dim=1)
    return kerastorch.Model([a, b], {"first": first, "second": second})


@pytest.mark.parametrize("key", ["first", "second"])
def test_torch_functions_operators_and_methods_are_read_back(key):
    model = of_torch_functions()
    again = model_from_json(model.to_json())
    data = [torch.randn(3, 4), torch.randn(3, 4)]
    assert torch.equal(again(data)[key], model(data)[key])


def test_names_of_torch_functions_survive():
    model = of_torch_functions()
    assert model_from_json(model.to_json()).to_json() == model.to_json()


def test_sizes_that_are_known_only_at_run_time_survive():
    x = kerastorch.Input((None, 4), name="x")
    model = kerastorch.Model(x, x.reshape(-1, x.size(1) * 4))
    again = model_from_json(model.to_json())
    assert again(torch.ones(2, 5, 4)).shape == (2, 20)


def test_keras_operations_between_layers_are_read():
    a = keras.Input((6,), name="a")
    x = keras.ops.relu(keras.layers.Dense(6)(a) * 2.0 - 1.0)[:, 1:]
    x = keras.ops.expand_dims(keras.ops.mean(x, axis=-1, keepdims=True) / (1.0 + x), -1)
    theirs = keras.Model(a, -x)
    ours = model_from_json(theirs.to_json())
    ours.set_weights(theirs.get_weights())
    data = np.random.default_rng(0).normal(size=(3, 6)).astype("float32")
    np.testing.assert_allclose(ours(data).detach(), theirs(data).detach(), rtol=1e-5)


def test_masks_that_keras_wrote_are_read():
    a = keras.Input((5,), dtype="int32", name="a")
    x = keras.layers.Embedding(10, 4, mask_zero=True)(a)
    theirs = keras.Model(a, keras.layers.GlobalAveragePooling1D()(x))
    ours = model_from_json(theirs.to_json())
    ours.set_weights(theirs.get_weights())
    data = np.array([[1, 2, 0, 0, 0], [3, 4, 5, 6, 7]], "int32")
    np.testing.assert_allclose(ours(data).detach(), theirs(data).detach(), rtol=1e-5)


def test_a_keras_operation_without_counterpart_is_named():
    a = keras.Input((6,), name="a")
    theirs = keras.Model(a, keras.ops.flip(a, axis=1))
    with pytest.raises(ValueError, match=r"Keras's operation 'Flip'.*no counterpart"):
        model_from_json(theirs.to_json())


# Users' own classes ------------------------------------------------------------------------------------------------


class Scale(layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor


@register_keras_serializable(package="tests")
def double(x):
    return 2 * x


class Trained(kerastorch.Model):
    def train_step(self, data):
        return super().train_step(data)


class Made(kerastorch.Model):
    def __init__(self, units=3):
        x = kerastorch.Input((4,))
        super().__init__(x, layers.Dense(units)(x))


class Called(kerastorch.Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units)

    def call(self, x):
        return self.dense(x)


def test_custom_layers_come_from_custom_objects():
    x = kerastorch.Input((3,))
    model = kerastorch.Model(x, Scale(4.0)(x))
    again = model_from_json(model.to_json(), custom_objects={"Scale": Scale})
    assert again(torch.ones(1, 3)).tolist() == [[4.0, 4.0, 4.0]]


def test_custom_layers_inside_nested_models_come_from_custom_objects():
    x = kerastorch.Input((3,))
    model = kerastorch.Sequential([kerastorch.Model(x, kerastorch.Sequential([Scale(4.0)])(x))])
    again = kerastorch.Sequential.from_config(model.get_config(), custom_objects={"Scale": Scale})
    assert again(torch.ones(1, 3)).tolist() == [[4.0, 4.0, 4.0]]


def test_an_unknown_class_is_refused():
    x = kerastorch.Input((3,))
    model = kerastorch.Model(x, Scale(4.0)(x))
    with pytest.raises(kerastorch.errors.UnsafeModelError, match="Could not locate class 'Scale'"):
        model_from_json(model.to_json())


def test_a_registered_function_in_a_lambda_survives():
    x = kerastorch.Input((3,))
    model = kerastorch.Model(x, layers.Lambda(double)(x))
    assert model_from_json(model.to_json())(torch.ones(1, 3)).tolist() == [[2.0, 2.0, 2.0]]


def test_a_lambda_is_refused_when_it_is_written():
    x = kerastorch.Input((3,))
    model = kerastorch.Model(x, layers.Lambda(lambda t: t)(x))
    with pytest.raises(kerastorch.errors.SerializationError, match="lambda cannot be written"):
        model.to_json()


def test_a_plain_module_is_written_by_its_arguments():
    x = kerastorch.Input((3,))
    model = kerastorch.Model(x, torch.nn.Linear(3, 2)(x))
    again = model_from_json(model.to_json())
    assert repr(again.layers[1].module) == "Linear(in_features=3, out_features=2, bias=True)"


def test_a_subclass_without_constructor_of_its_own_is_written_as_a_graph():
    x = kerastorch.Input((4,))
    model = Trained(x, layers.Dense(2)(x))
    again = model_from_json(model.to_json(), custom_objects={"Trained": Trained})
    assert type(again) is Trained
    assert again.output_shape == (None, 2)


@pytest.mark.parametrize(("cls", "arguments"), [(Made, {"units": 5}), (Called, {"units": 5})])
def test_a_subclass_with_a_constructor_is_written_by_its_arguments(cls, arguments):
    again = cls.from_config(cls(**arguments).get_config())
    assert again(torch.ones(2, 4)).shape == (2, 5)


@pytest.mark.parametrize("shape", [(None, 4), {"input_shape": (None, 4)}], ids=["build", "build_from_config"])
def test_a_subclassed_model_is_built_from_shapes(shape):
    model = Called(3)
    model.build_from_config(shape) if isinstance(shape, dict) else model.build(shape)
    assert model.count_params() == 15
    assert model.get_build_config() == {"input_shape": (None, 4)}


@pytest.mark.parametrize(
    "shapes", [[(None, 3), (None, 3)], {"a": (None, 3), "b": (None, 3)}], ids=["list", "dict"]
)
def test_a_subclassed_model_is_built_from_nested_shapes(shapes):
    class Both(kerastorch.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, x):
            a, b = x.values() if isinstance(x, dict) else x
            return self.dense(a) + self.dense(b)

    model = Both()
    model.build(shapes)
    again = Both.from_config(model.get_config())
    again.build_from_config(model.get_build_config())
    assert again.count_params() == model.count_params() == 8


# Keras 2 -----------------------------------------------------------------------------------------------------------


def keras2_layer(name, class_name, calls, **config):
    config = {"name": name, "trainable": True, "dtype": "float32", **config}
    return {"class_name": class_name, "config": config, "name": name, "inbound_nodes": calls}


KERAS2_LAYERS = [
    {
        "class_name": "InputLayer",
        "config": {"batch_input_shape": [None, 4], "dtype": "float32", "sparse": False, "name": "a"},
        "name": "a",
        "inbound_nodes": [],
    },
    keras2_layer("dense", "Dense", [[["a", 0, 0, {}]], [["dense", 0, 0, {}]]], units=4, activation="relu"),
    keras2_layer("add", "Add", [[["dense", 0, 0, {}], ["dense", 1, 0, {}]]]),
    keras2_layer("dropout", "Dropout", [[["add", 0, 0, {"training": True}]]], rate=0.5),
]


@pytest.mark.parametrize("class_name", ["Functional", "Model"])
def test_functional_models_of_keras_2_are_read(class_name):
    config = {"name": "m", "layers": KERAS2_LAYERS, "input_layers": [["a", 0, 0]]}
    config["output_layers"] = [["dropout", 0, 0]]
    model = model_from_json(
        json.dumps({"class_name": class_name, "config": config, "keras_version": "2.9.0"})
    )
    assert model(torch.ones(2, 4)).shape == (2, 4)
    assert [layer.name for layer in model.layers] == ["a", "dense", "add", "dropout"]
    assert "training = True" in model.code


def test_sequential_models_of_keras_2_are_read():
    dense = {"name": "d", "units": 2, "activation": "linear", "batch_input_shape": [None, 4]}
    config = {"name": "s", "layers": [{"class_name": "Dense", "config": dense}]}
    model = model_from_config({"class_name": "Sequential", "config": config})
    assert model.output_shape == (None, 2)


# Configs that lie --------------------------------------------------------------------------------------------------


def good_config():
    x = kerastorch.Input((4,), name="a")
    return json.loads(kerastorch.Model(x, layers.Dense(3, name="d")(torch.relu(x))).to_json())


@pytest.mark.parametrize(
    "function",
    [
        "os.system",
        "eval",
        "torch.load",
        "torch.hub.load",
        "torch.Tensor.__reduce_ex__",
        "torch.Tensor.__setstate__",
        "Tensor.__class__",
        "Tensor.apply_",
        "Tensor.numpy",
        "operator.attrgetter",
        "operator.methodcaller",
        {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"},
        {"class_name": "__class__", "module": "keras.layers", "config": "Dense"},
        7,
    ],
    ids=str,
)
def test_a_config_can_name_only_functions_of_tensors(function):
    config = good_config()
    config["config"]["layers"][1]["config"]["function"] = function
    with pytest.raises(kerastorch.errors.UnsafeModelError, match="function"):
        model_from_config(config)


def test_a_config_cannot_read_private_attributes():
    config = good_config()
    entry = config["config"]["layers"][1]
    entry["config"]["function"] = "getattr"
    entry["inbound_nodes"][0]["args"].append("__class__")
    with pytest.raises(kerastorch.errors.UnsafeModelError, match="no property of tensors"):
        model_from_config(config)


def set_history(config, value):
    config["layers"][2]["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = value


LIES = {
    "loop": (lambda c: set_history(c, ["d", 0, 0]), "loops or disconnected"),
    "unknown source": (lambda c: set_history(c, ["zz", 0, 0]), "Unknown layer.*'zz'"),
    "no source": (lambda c: set_history(c, None), "no place in the graph"),
    "no such output": (lambda c: set_history(c, ["relu", 0, 9]), "Unknown layer|has no output 9"),
    "one name twice": (lambda c: c["layers"].append(c["layers"][2]), "two layers of the name 'd'"),
    "a number as layer": (lambda c: c["layers"].append(5), "no config"),
    "an unknown class": (lambda c: c["layers"][2].update(class_name="System"), "Could not locate class"),
    "no layer": (
        lambda c: c["layers"][2].update(class_name="Zeros", module="keras.initializers", config={}),
        "no layer",
    ),
    "an object": (lambda c: c["layers"][2].update(class_name="__object__"), "object in memory"),
    "an end that is not called": (lambda c: c.update(output_layers=["d", 7, 0]), "not called 8 times"),
    "a number as end": (lambda c: c.update(output_layers=3), "Expected the name of a layer"),
    "no layers": (lambda c: c.update(layers=[]), "Unknown layer"),
    "a short place": (lambda c: c["layers"][2].update(inbound_nodes=[[["a", 0]]]), "no place"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_broken_config_is_explained(lie):
    config = copy.deepcopy(good_config())
    change, text = LIES[lie]
    change(config["config"])
    with pytest.raises(kerastorch.errors.SerializationError, match=text):
        model_from_config(config)


@pytest.mark.parametrize("text", ["{", "[]", "3", '"x"', "[1" * 100_000, None], ids=range(6))
def test_what_is_no_json_of_a_model_is_explained(text):
    with pytest.raises(kerastorch.errors.SerializationError, match=r"JSON|dictionary"):
        model_from_json(text)


def test_places_in_the_config_of_two_outputs_keep_their_nesting():
    assert here(two_outputs).get_config()["output_layers"] == [["o1", 0, 0], ["o2", 0, 0]]
