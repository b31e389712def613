"""Models with plain `torch.nn` modules in files: what is written, what comes back, what is refused."""

from __future__ import annotations

import json
import zipfile

import keras
import pytest
import torch
from torch import nn

import kerastorch
from kerastorch import Input, layers
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import SerializationError, UnsafeModelError
from kerastorch.layers import TorchModuleWrapper
from kerastorch.saving import load_model, register_keras_serializable
from tests.layers.torch_modules import Case, MeanStep, Residual, each, model_of

OWN = {"Residual": Residual, "MeanStep": MeanStep}


def config_of(module):
    """The config of a module, as it comes back from JSON."""
    return json.loads(json.dumps(serialize_keras_object(module)))


def saved_and_loaded(model, path, **kwargs):
    model.save(path)
    return load_model(path, **kwargs)


@each
@pytest.mark.parametrize("row", [False, True], ids=["graph", "row"])
def test_a_saved_model_computes_the_same(case, row, tmp_path):
    model, x = model_of(case), case.inputs(2)
    if row:
        model = kerastorch.Sequential([*model.layers])
    again = saved_and_loaded(model, tmp_path / "m.keras", custom_objects=OWN)
    torch.testing.assert_close(again(x), model(x))
    assert again.get_config() == model.get_config()
    assert [type(layer.module) for layer in again.layers[-1:]] == [type(model.layers[-1].module)]


@each
def test_weights_and_state_dicts_go_from_model_to_model(case, tmp_path):
    first, second, third = (model_of(case) for _ in range(3))
    x = case.inputs(2)
    first.save_weights(tmp_path / "a.weights.h5")
    second.load_weights(tmp_path / "a.weights.h5")
    third.load_state_dict(dict(zip(third.state_dict(), first.state_dict().values(), strict=True)))
    for other in (second, third):
        torch.testing.assert_close(other(x), first(x))


MODULES = {
    "AdaptiveLogSoftmaxWithLoss": lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10]),
    "Bilinear": lambda: nn.Bilinear(2, 3, 4, bias=False),
    "BatchNorm1d": lambda: nn.BatchNorm1d(3, momentum=None, affine=False, track_running_stats=False),
    "ConvTranspose1d": lambda: nn.ConvTranspose1d(2, 4, 3, groups=2, bias=False),
    "CrossEntropyLoss": lambda: nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0]), label_smoothing=0.1),
    "Embedding": lambda: nn.Embedding(5, 3, padding_idx=-1, max_norm=1.0),
    "EmbeddingBag": lambda: nn.EmbeddingBag(5, 3, mode="max", padding_idx=1),
    "FractionalMaxPool2d": lambda: nn.FractionalMaxPool2d(2, output_ratio=0.5),
    "GRUCell": lambda: nn.GRUCell(3, 4, bias=False),
    "Hardtanh": lambda: nn.Hardtanh(-2.0, 3.0),
    "Identity": lambda: nn.Identity(54, unused=1),
    "LSTM": lambda: nn.LSTM(3, 4, 2, proj_size=2, dropout=0.3, dtype=torch.float64),
    "LayerNorm": lambda: nn.LayerNorm(4, elementwise_affine=False),
    "LazyConv2d": lambda: nn.LazyConv2d(3, 2, bias=False),
    "ModuleDict": lambda: nn.ModuleDict({"a": nn.ModuleList([nn.Linear(1, 2)]), "b": nn.ReLU(inplace=True)}),
    "MultiheadAttention": lambda: nn.MultiheadAttention(
        4, 2, 0.1, bias=False, add_bias_kv=True, kdim=3, vdim=5
    ),
    "PairwiseDistance": lambda: nn.PairwiseDistance(1.0, keepdim=True),
    "RNN": lambda: nn.RNN(3, 4, nonlinearity="relu", bidirectional=True),
    "Transformer": lambda: nn.Transformer(8, 2, 1, 2, 16, batch_first=True, activation="gelu"),
    "TransformerDecoder": lambda: nn.TransformerDecoder(
        nn.TransformerDecoderLayer(8, 2, 16, activation="gelu"), 2, nn.LayerNorm(8)
    ),
    "UpsamplingNearest2d": lambda: nn.UpsamplingNearest2d(scale_factor=2),
}


@pytest.mark.parametrize("make", MODULES.values(), ids=MODULES)
def test_every_argument_is_written(make):
    module = make()
    again = deserialize_keras_object(config_of(module))
    assert repr(again) == repr(module)
    assert config_of(again) == config_of(module)
    assert [(n, p.dtype) for n, p in again.named_parameters()] == [
        (n, p.dtype) for n, p in module.named_parameters()
    ]


def test_a_config_names_the_class_and_its_arguments():
    assert config_of(nn.Linear(3, 2, bias=False)) == {
        "module": "torch.nn",
        "class_name": "Linear",
        "config": {"in_features": 3, "out_features": 2, "bias": False},
        "registered_name": None,
    }


def test_frozen_tied_and_renamed_weights_come_back(tmp_path):
    shared = nn.Linear(3, 3)
    module = nn.Sequential(shared, nn.Tanh(), shared, nn.Linear(3, 3, bias=False))
    module[3].weight = shared.weight
    shared.bias.requires_grad_(False)
    model = kerastorch.Sequential([Input((3,)), module])
    model.trainable = False
    again = saved_and_loaded(model, tmp_path / "m.keras")
    again.trainable = True
    loaded = again.layers[0].module
    assert loaded[0].weight is loaded[2].weight is loaded[3].weight
    assert [n for n, p in loaded.named_parameters() if not p.requires_grad] == ["0.bias"]
    assert len(again.trainable_weights) == 1


def test_the_wrapper_s_own_arguments_come_back(tmp_path):
    layer = TorchModuleWrapper(
        nn.Linear(3, 2), "mine", (None, 2), dtype="float64", activity_regularizer="l2", trainable=False
    )
    again = saved_and_loaded(kerastorch.Sequential([Input((3,)), layer]), tmp_path / "m.keras").layers[0]
    assert again.get_config() == layer.get_config()
    assert (again.name, again.output_shape, again.trainable) == ("mine", (None, 2), False)
    assert again.module.weight.dtype is torch.float64


def test_training_goes_on_after_loading(tmp_path):
    torch.manual_seed(0)
    model = kerastorch.Sequential(
        [Input((3,)), nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    x, y = torch.randn(32, 3), torch.randn(32, 1)
    model.fit(x, y, epochs=2, shuffle=False, verbose=0)
    again = saved_and_loaded(model, tmp_path / "m.keras")
    losses = [m.fit(x, y, epochs=2, shuffle=False, verbose=0).history["loss"] for m in (model, again)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


def test_layers_inside_modules_are_saved(tmp_path):
    inner = nn.Sequential(layers.Dense(4, activation="relu"), nn.Linear(4, 2))
    model = kerastorch.Sequential([Input((3,)), inner])
    x = torch.randn(2, 3)
    torch.testing.assert_close(saved_and_loaded(model, tmp_path / "m.keras")(x), model(x))


class Around(layers.Layer):
    """A layer that takes a module."""

    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, x):
        return self.inner(x)


def test_a_module_can_be_an_argument_of_a_layer(tmp_path):
    model = kerastorch.Sequential([Input((3,)), Around(nn.Linear(3, 2))])
    again = saved_and_loaded(model, tmp_path / "m.keras", custom_objects={"Around": Around})
    x = torch.randn(2, 3)
    torch.testing.assert_close(again(x), model(x))
    clone = kerastorch.models.clone_model(model)
    assert clone.layers[0].inner is not model.layers[0].inner


def test_a_model_around_a_module_is_saved(tmp_path):
    model = kerastorch.Model.from_torch(nn.Sequential(nn.Linear(3, 4), nn.Tanh()))
    x = torch.randn(2, 3)
    torch.testing.assert_close(saved_and_loaded(model, tmp_path / "m.keras")(x), model(x))


def test_a_model_of_keras_2_s_layout_holds_modules(tmp_path):
    model = kerastorch.Sequential([Input((3,)), nn.Linear(3, 2), nn.BatchNorm1d(2)])
    x = torch.randn(2, 3)
    torch.testing.assert_close(saved_and_loaded(model, tmp_path / "m.h5")(x), model(x))


# Classes of users -----------------------------------------------------------------------------------------------------


@register_keras_serializable(package="tests")
class Registered(nn.Module):
    def __init__(self, units, activation=None):
        super().__init__()
        self.units, self.activation = units, activation
        self.linear = nn.Linear(3, units)

    def forward(self, x):
        return self.activation(self.linear(x))


@register_keras_serializable(package="tests")
class Described(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.linear = nn.Linear(3, units)

    def forward(self, x):
        return self.linear(x)

    def get_config(self):
        return {"units": self.linear.out_features}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


@pytest.mark.parametrize(
    "make", [lambda: Registered(2, nn.Tanh()), lambda: Described(2)], ids=["attributes", "config"]
)
def test_a_registered_class_is_found(make, tmp_path):
    model, x = kerastorch.Sequential([Input((3,)), make()]), torch.randn(2, 3)
    torch.testing.assert_close(saved_and_loaded(model, tmp_path / "m.keras")(x), model(x))


def test_a_class_that_is_not_registered_is_refused(tmp_path):
    kerastorch.Sequential([Input((3,)), Residual(3, nn.Tanh())]).save(tmp_path / "m.keras")
    with pytest.raises(UnsafeModelError, match="Could not locate class 'Residual'"):
        load_model(tmp_path / "m.keras")


class Changed(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.units = units
        self.linear = nn.Linear(3, 7)
        self.linear = nn.Linear(3, units)

    def forward(self, x):
        return self.linear(x)


def hooked():
    module = nn.Linear(3, 2)
    module.register_forward_hook(lambda *args: None)
    return module


def grown():
    module = Changed(2)
    module.linear = nn.Linear(3, 5)
    return module


def normed():
    return nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))


UNWRITABLE = {
    "hooks": (hooked, "has 1 forward hooks"),
    "changed": (grown, r"other weights than it has: \['linear.bias', 'linear.weight'\]"),
    "parametrized": (normed, "holds a plain ParametrizedLinear, which cannot be written"),
}


@pytest.mark.parametrize(("make", "text"), UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_cannot_be_made_again_is_refused_when_it_is_saved(make, text, tmp_path):
    model = kerastorch.Sequential([Input((3,)), make()])
    with pytest.raises(SerializationError, match=text):
        model.save(tmp_path / "m.keras")
    assert not (tmp_path / "m.keras").exists()


def test_saving_draws_no_random_numbers(tmp_path):
    model = model_of(Case(lambda: nn.Linear(3, 2), (3,)))
    torch.manual_seed(0)
    model.save(tmp_path / "m.keras")
    drawn = torch.rand(3)
    torch.manual_seed(0)
    assert torch.equal(drawn, torch.rand(3))


# Files that are refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("safe_mode", [True, False])
def test_a_pickled_module_of_keras_is_refused(safe_mode, tmp_path):
    path = tmp_path / "m.keras"
    keras.Sequential([keras.Input((3,)), keras.layers.TorchModuleWrapper(nn.Linear(3, 2))]).save(path)
    with pytest.raises(UnsafeModelError, match="holds a pickled torch module"):
        load_model(path, safe_mode=safe_mode)


def test_the_weights_of_a_file_of_keras_are_read(tmp_path):
    theirs = keras.Sequential([keras.Input((3,)), keras.layers.TorchModuleWrapper(nn.Linear(3, 2))])
    ours, x = kerastorch.Sequential([Input((3,)), nn.Linear(3, 2)]), torch.randn(2, 3)
    theirs.save(tmp_path / "m.keras")
    ours.load_weights(tmp_path / "m.keras")
    torch.testing.assert_close(ours(x), theirs(x))


CRAFTED = {
    "other module": (
        {"module": "os", "class_name": "system", "config": {}},
        UnsafeModelError,
        "Could not locate",
    ),
    "private": (
        {"module": "torch.nn", "class_name": "Module", "config": {}},
        UnsafeModelError,
        "Could not locate",
    ),
    "path": (
        {"module": "torch.nn", "class_name": "modules.Linear", "config": {}},
        UnsafeModelError,
        "Could not locate",
    ),
    "argument": (
        {"module": "torch.nn", "class_name": "Linear", "config": {"device": "cuda"}},
        SerializationError,
        "holds 'device'. Expected some of",
    ),
    "missing": (
        {"module": "torch.nn", "class_name": "Linear", "config": {}},
        SerializationError,
        "could not be made",
    ),
    "value": (
        {"module": "torch.nn", "class_name": "Linear", "config": {"in_features": "3", "out_features": 2}},
        SerializationError,
        "could not be made",
    ),
    "list": (
        {"module": "torch.nn", "class_name": "ReLU", "config": [1]},
        SerializationError,
        "must be a dictionary",
    ),
    "container": (
        {"module": "torch.nn", "class_name": "Sequential", "config": {"modules": {"a": 3}}},
        SerializationError,
        "holds modules only",
    ),
    "name": (
        {
            "module": "torch.nn",
            "class_name": "Sequential",
            "config": {"modules": {"forward": {"module": "torch.nn", "class_name": "ReLU", "config": {}}}},
        },
        SerializationError,
        "could not be made",
    ),
    "no module": (
        {"module": "keras.initializers", "class_name": "Zeros", "config": {}},
        SerializationError,
        "no module",
    ),
    "bytes": ("gASVAAAA", UnsafeModelError, "pickled torch module"),
}


@pytest.mark.parametrize(("module", "error", "text"), CRAFTED.values(), ids=CRAFTED)
def test_crafted_configs_are_refused(module, error, text, tmp_path):
    path = tmp_path / "m.keras"
    kerastorch.Sequential([Input((3,)), nn.Linear(3, 2)]).save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    config["config"]["layers"][1]["config"]["module"] = module
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(error, match=text):
        load_model(path)


@pytest.mark.parametrize(
    "extra", [{"tied": [["weight", "nothing"]]}, {"frozen": ["a.b"]}, {"tied": 3}], ids=str
)
def test_crafted_names_of_parameters_are_refused(extra):
    config = {**TorchModuleWrapper(nn.Linear(3, 2)).get_config(), **extra}
    with pytest.raises(SerializationError, match="names parameters that the module does not have"):
        TorchModuleWrapper.from_config(config)
