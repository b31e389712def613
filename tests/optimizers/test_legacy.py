"""The optimizers of Keras up to 2.10, against values of tf_keras 2.21 (`pinned/legacy.json`)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from kerastorch import Input, Sequential, layers, optimizers
from kerastorch.compat.redirect_modules import resolve
from kerastorch.compat.redirect_names import canonical
from kerastorch.errors import InvalidArgumentError, ShapeError, UnknownArgumentError
from kerastorch.models import load_model
from kerastorch.optimizers import experimental, legacy

PINNED = json.loads((Path(__file__).parent / "pinned" / "legacy.json").read_text())
ROWS = [pytest.param(row, id=f"{row['name']}-{i}") for i, row in enumerate(PINNED["rows"])]
rows = pytest.mark.parametrize("row", ROWS)
NAMES = ["SGD", "RMSprop", "Adam", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl"]


def start() -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(torch.tensor(values)) for values in PINNED["start"]]


def train(optimizer, variables, gradients=PINNED["gradients"]) -> None:
    for grads in gradients:
        optimizer.apply_gradients(zip(map(torch.tensor, grads), variables, strict=True))


@rows
def test_weights_and_state_follow_tf_keras(row):
    optimizer, variables = getattr(legacy, row["name"])(**row["arguments"]), start()
    train(optimizer, variables)
    for ours, theirs in zip(variables, row["variables"], strict=True):
        np.testing.assert_allclose(ours.detach(), theirs, rtol=1e-5, atol=5e-6)
    for ours, theirs in zip(optimizer.get_weights(), row["weights"], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=5e-6)


@rows
def test_config_equals_tf_keras_and_reads_back(row):
    optimizer = getattr(legacy, row["name"])(**row["arguments"])
    config = optimizer.get_config()
    assert config == pytest.approx(row["config"])
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert type(again) is type(optimizer)
    assert again.get_config() == config


@rows
def test_state_by_name(row):
    optimizer, variables = getattr(legacy, row["name"])(**row["arguments"]), start()
    train(optimizer, variables, PINNED["gradients"][:1])
    assert optimizer.get_slot_names() == row["slots"]
    for name in row["slots"]:
        assert optimizer.get_slot(variables[0], name).shape == (2, 2)


@pytest.mark.parametrize("name", NAMES)
def test_set_weights_goes_on_where_it_was(name):
    first, variables = getattr(legacy, name)(0.05), start()
    train(first, variables, PINNED["gradients"][:6])
    copies = [torch.nn.Parameter(v.detach().clone()) for v in variables]
    second = getattr(legacy, name)(0.05)
    second.build(copies)
    second.set_weights(first.get_weights())
    train(first, variables, PINNED["gradients"][6:])
    train(second, copies, PINNED["gradients"][6:])
    for ours, theirs in zip(copies, variables, strict=True):
        np.testing.assert_array_equal(ours.detach(), theirs.detach())


def test_a_list_of_weights_may_lack_the_step_counter():
    optimizer = legacy.RMSprop()
    optimizer.build(start())
    optimizer.set_weights([np.ones((2, 2)), np.ones(2)])
    np.testing.assert_array_equal(optimizer.get_weights()[2], [1.0, 1.0])


def test_adam_takes_old_weights_that_end_with_unused_ones():
    optimizer = legacy.Adam()
    optimizer.build(start())
    zeros = [np.zeros((2, 2)), np.zeros(2)]
    optimizer.set_weights([np.array(4), *zeros, *zeros, *zeros])
    assert int(optimizer.iterations) == 4
    with pytest.raises(ShapeError, match="has 5 variables, but 9 values were given"):
        optimizer.set_weights([np.array(4), *zeros, *zeros, *zeros, *zeros])


def test_variables_is_a_method_too():
    optimizer = legacy.SGD(momentum=0.5)
    optimizer.build(start())
    assert len(optimizer.variables()) == len(optimizer.variables) == 3


def test_lr_is_read_set_and_honoured_as_an_argument():
    with pytest.warns(DeprecationWarning, match="`lr` of Adam is deprecated"):
        optimizer = legacy.Adam(lr=0.5)
    assert float(optimizer.lr) == 0.5
    optimizer.lr = 0.25
    assert optimizer.get_config()["learning_rate"] == 0.25


def test_a_config_with_lr_is_read():
    assert float(legacy.SGD.from_config({"lr": 0.5, "decay": 0.0}).learning_rate) == 0.5


def test_transformers_and_the_aggregator_change_gradients_in_that_order():
    def half(pairs):
        return [(grad / 2, variable) for grad, variable in pairs]

    def plus_one(pairs):
        return [(grad + 1, variable) for grad, variable in pairs]

    weight = torch.nn.Parameter(torch.zeros(2))
    optimizer = legacy.SGD(1.0, gradient_aggregator=plus_one, gradient_transformers=[half])
    optimizer.apply_gradients([(torch.ones(2), weight)])
    np.testing.assert_array_equal(weight.detach(), [-1.0, -1.0])


WRONG = [
    ({"clipnorm": 1.0, "global_clipnorm": 1.0}, InvalidArgumentError, "Cannot accept both `clipnorm`"),
    ({"clipvalue": -1.0}, InvalidArgumentError, "Expected clipvalue >= 0"),
    ({"decay": -1.0}, InvalidArgumentError, "Expected decay >= 0"),
    ({"clipnrm": 1.0}, UnknownArgumentError, "'clipnrm'.* Did you mean 'clipnorm'"),
    (
        {"use_ema": True},
        UnknownArgumentError,
        "Unexpected keyword argument passed to optimizer SGD: 'use_ema'",
    ),
    ({"momentum": 2.0}, InvalidArgumentError, "`momentum` must be"),
    (
        {"clipnorm": 1.0, "gradient_transformers": [list]},
        InvalidArgumentError,
        "`clipnorm` cannot be set when `gradient_transformers`",
    ),
]


@pytest.mark.parametrize(("options", "error", "message"), WRONG)
def test_wrong_arguments_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        legacy.SGD(**options)


def test_nadam_refuses_a_schedule():
    with pytest.raises(InvalidArgumentError, match="does not support a LearningRateSchedule"):
        legacy.Nadam(optimizers.schedules.ExponentialDecay(0.1, 10, 0.5))


def test_a_config_of_tf_keras_names_the_legacy_class():
    config = {
        "module": "keras.optimizers.legacy",
        "class_name": "Adagrad",
        "config": {"name": "Adagrad", "learning_rate": 0.1, "decay": 0.0},
        "registered_name": None,
    }
    assert type(optimizers.get(config)) is legacy.Adagrad


@pytest.mark.parametrize("name", NAMES)
def test_legacy_optimizers_are_optimizers(name):
    made = getattr(legacy, name)()
    assert isinstance(made, legacy.Optimizer)
    assert isinstance(made, optimizers.Optimizer)
    assert optimizers.get(made) is made


def test_experimental_are_the_optimizers_of_today():
    assert all(getattr(experimental, name) is getattr(optimizers, name) for name in experimental.__all__)


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        ("keras.optimizers.legacy", "Adam", legacy.Adam),
        ("keras.optimizers.legacy.adam", "Adam", legacy.Adam),
        ("tf_keras.src.optimizers.legacy.gradient_descent", "SGD", legacy.SGD),
        ("keras.optimizers.legacy.optimizer_v2", "OptimizerV2", legacy.Optimizer),
        ("tensorflow.keras.optimizers.experimental", "Adam", optimizers.Adam),
    ],
)
def test_old_import_paths_lead_here(module, name, expected):
    assert getattr(resolve(canonical(module)), name) is expected


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_a_saved_model_goes_on_where_it_was(name, tmp_path):
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile(legacy.RMSprop(0.1, momentum=0.5, decay=0.1), "mse")
    x = np.ones((4, 2), "float32")
    model.fit(x, x[:, :1], epochs=2, verbose=0)
    model.save(tmp_path / name)
    again = load_model(tmp_path / name)
    assert type(again.optimizer) is legacy.RMSprop
    for one in (model, again):
        one.fit(x, x[:, :1], epochs=2, verbose=0)
    for ours, theirs in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
