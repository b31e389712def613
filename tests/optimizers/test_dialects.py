"""Arguments, methods and names of Keras 2 and 3."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import pytest
import torch

from kerastorch import optimizers
from kerastorch.errors import InvalidArgumentError, UnknownArgumentError, UnknownIdentifierError
from kerastorch.registry import CustomObjectScope

NAMES = [
    *("SGD", "RMSprop", "Adam", "AdamW", "Adagrad", "Adadelta", "Adamax", "Nadam", "Lion", "Ftrl"),
    *("Adafactor", "Lamb", "Muon", "ScheduleFreeAdamW"),
]


@pytest.mark.parametrize("name", NAMES)
def test_arguments_and_defaults_equal_keras(name):
    ours = inspect.signature(getattr(optimizers, name)).parameters
    theirs = inspect.signature(getattr(keras.optimizers, name)).parameters
    assert [(p.name, p.default, p.kind) for p in ours.values()] == [
        (p.name, p.default, p.kind) for p in theirs.values()
    ]


@pytest.mark.parametrize("name", NAMES)
def test_config_equals_keras_and_reads_back(name):
    options = {"learning_rate": 0.02, "weight_decay": 0.1, "clipnorm": 1.5, "use_ema": True, "name": "mine"}
    ours = getattr(optimizers, name)(**options)
    assert ours.get_config() == getattr(keras.optimizers, name)(**options).get_config()
    again = optimizers.deserialize(optimizers.serialize(ours))
    assert type(again) is type(ours)
    assert again.get_config() == ours.get_config()


@pytest.mark.parametrize("name", NAMES)
def test_config_written_by_keras_is_read(name):
    config = keras.optimizers.serialize(getattr(keras.optimizers, name)(learning_rate=0.02))
    assert optimizers.deserialize(config).get_config() == config["config"]


def test_config_of_keras_with_a_schedule_is_read():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    config = keras.optimizers.serialize(keras.optimizers.SGD(schedule, momentum=0.5))
    ours = optimizers.deserialize(config)
    assert ours.get_config() == config["config"]
    assert float(ours.learning_rate) == pytest.approx(0.1)


def test_config_of_keras_2_is_read():
    config = {
        "class_name": "Adam",
        "config": {
            "name": "Adam",
            "learning_rate": 0.01,
            "decay": 0.0,
            "beta_1": 0.8,
            "jit_compile": False,
            "is_legacy_optimizer": False,
        },
    }
    assert optimizers.get(config).beta_1 == 0.8


def test_reading_leaves_the_config_as_it_was():
    config = optimizers.SGD(optimizers.schedules.CosineDecay(0.1, 10)).get_config()
    optimizers.SGD.from_config(config)
    assert config["learning_rate"]["class_name"] == "CosineDecay"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spelling", [str, str.lower, str.upper])
def test_names_in_any_case(name, spelling):
    assert type(optimizers.get(spelling(name))) is getattr(optimizers, name)


def test_get_takes_objects_classes_and_none():
    optimizer = optimizers.SGD()
    assert optimizers.get(optimizer) is optimizer
    assert isinstance(optimizers.get(optimizers.Adam), optimizers.Adam)
    assert optimizers.get(None) is None


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("adm", "Unknown optimizer: 'adm'. Did you mean 'adam'"),
        ("SGDD", "Unknown optimizer: 'SGDD'. Did you mean 'SGD'"),
        (
            "LossScaleOptimizer",
            "'LossScaleOptimizer' cannot be made from its name alone: it needs `inner_optimizer`",
        ),
        (optimizers.MultiOptimizer, "cannot be made from its name alone: it needs `optimizer_map`"),
        (3, "Could not interpret optimizer identifier: 3"),
    ],
)
def test_get_refuses_what_is_no_optimizer(identifier, message):
    with pytest.raises(UnknownIdentifierError, match=message):
        optimizers.get(identifier)


def test_a_users_class_is_found_by_name():
    class Mine(optimizers.SGD):
        pass

    with CustomObjectScope({"Mine": Mine}):
        assert isinstance(optimizers.get("Mine"), Mine)
    config = optimizers.serialize(Mine(0.5))
    assert isinstance(optimizers.deserialize(config, custom_objects={"Mine": Mine}), Mine)


def test_lr_is_honoured_with_a_warning():
    with pytest.warns(DeprecationWarning, match="`lr` of Adam is deprecated"):
        optimizer = optimizers.Adam(lr=0.01)
    assert float(optimizer.learning_rate) == pytest.approx(0.01)


def test_decay_divides_the_rate():
    optimizer, weight = optimizers.SGD(0.1, decay=0.5), torch.nn.Parameter(torch.zeros(1))
    for step in range(4):
        before = float(weight)
        optimizer.apply([torch.ones(1)], [weight])
        assert before - float(weight) == pytest.approx(0.1 / (1 + 0.5 * step))
    assert float(optimizer.lr) == pytest.approx(0.1)
    assert optimizers.SGD.from_config(optimizer.get_config()).get_config() == optimizer.get_config()


def test_arguments_without_effect_are_named():
    with pytest.warns(UserWarning, match="SGD ignores jit_compile"):
        optimizers.SGD(jit_compile=True)


def test_false_arguments_without_effect_are_silent(recwarn):
    optimizers.SGD(jit_compile=False)
    assert not recwarn.list


def test_epsilon_none_stands_for_the_setting():
    assert optimizers.Adam(epsilon=None).epsilon == 1e-7


@pytest.mark.parametrize("error", [UnknownArgumentError, TypeError, ValueError])
def test_unknown_arguments_get_a_suggestion(error):
    with pytest.raises(error, match=r"Adam: Argument\(s\) not recognized: .*Did you mean 'beta_1'"):
        optimizers.Adam(beta1=0.9)


WRONG = [
    ({"gradient_accumulation_steps": 1}, "must be an integer >= 2"),
    ({"use_ema": True, "ema_momentum": 1.5}, r"`ema_momentum` must be in the range \[0, 1\]"),
    ({"use_ema": True, "ema_overwrite_frequency": 0.5}, "must be an integer >= 1 or None"),
    ({"clipnorm": 1.0, "clipvalue": 1.0}, "Only one of `clipnorm`, `clipvalue` and `global_clipnorm`"),
    ({"momentum": 2.0}, r"`momentum` must be a float between \[0, 1\]"),
]


@pytest.mark.parametrize(("options", "message"), WRONG)
def test_wrong_arguments_are_refused_as_in_keras(options, message):
    with pytest.raises(InvalidArgumentError, match=message):
        optimizers.SGD(**options)
    with pytest.raises(ValueError, match=r"must be|Only one"):
        keras.optimizers.SGD(**options)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("AdamW", {"weight_decay": None}, "`weight_decay` must be a float"),
        ("Lion", {"beta_1": 0.0}, "`beta_1` must be in the"),
        (
            "Ftrl",
            {"initial_accumulator_value": -1.0},
            "`initial_accumulator_value` needs to be positive or zero",
        ),
        ("Ftrl", {"learning_rate_power": 1.0}, "`learning_rate_power` needs to be negative or zero"),
        ("Ftrl", {"l1_regularization_strength": -1.0}, "`l1_regularization_strength` needs to be positive"),
    ],
)
def test_wrong_arguments_of_single_optimizers(name, options, message):
    with pytest.raises(InvalidArgumentError, match=message):
        getattr(optimizers, name)(**options)


def test_apply_gradients_takes_the_arguments_of_keras_2():
    weight = torch.nn.Parameter(torch.zeros(2))
    optimizer = optimizers.SGD(0.5)
    count = optimizer.apply_gradients(
        zip([torch.ones(2)], [weight], strict=True), name="update", experimental_aggregate_gradients=False
    )
    assert int(count) == 1
    np.testing.assert_allclose(weight.detach(), [-0.5, -0.5])


@pytest.mark.parametrize("as_function", [True, False])
def test_minimize(as_function):
    weight = torch.nn.Parameter(torch.tensor([2.0]))

    def loss():
        return (weight**2).sum()

    optimizer = optimizers.SGD(0.1)
    optimizer.minimize(loss if as_function else loss(), [weight])
    assert float(weight) == pytest.approx(2.0 - 0.1 * 4.0)


def test_minimize_refuses_a_loss_without_gradient():
    with pytest.raises(InvalidArgumentError, match="must be, or return, a tensor computed from"):
        optimizers.SGD().minimize(3.0, [torch.nn.Parameter(torch.zeros(1))])


def test_slots_by_name():
    weight = torch.nn.Parameter(torch.zeros(3))
    optimizer = optimizers.Adam()
    optimizer.apply([torch.ones(3)], [weight])
    assert optimizer.get_slot_names() == ["momentum", "velocity"]
    np.testing.assert_allclose(optimizer.get_slot(weight, "momentum"), [0.1] * 3, rtol=1e-6)
    with pytest.raises(InvalidArgumentError, match="There is no slot 'mean'"):
        optimizer.get_slot(weight, "mean")


def test_build_takes_var_list():
    optimizer = optimizers.SGD(momentum=0.5)
    optimizer.build(var_list=[torch.nn.Parameter(torch.zeros(3))])
    assert len(optimizer.weights) == 3


@pytest.mark.parametrize("name", ["ExperimentalAdam", "experimentalsgd"])
def test_names_in_configs_of_keras_2(name):
    config = {"class_name": name, "config": {"learning_rate": 0.25, "is_legacy_optimizer": False}}
    assert float(optimizers.deserialize(config).learning_rate) == 0.25


@pytest.mark.parametrize("name", ["LossScaleOptimizer", "LossScaleOptimizerV1", "LossScaleOptimizerV3"])
def test_loss_scale_optimizers_of_keras_2_are_read(name):
    inner = {"class_name": "SGD", "config": {"learning_rate": 0.25}}
    config = {"inner_optimizer": inner, "dynamic": True, "initial_scale": 64.0, "dynamic_growth_steps": 10}
    made = optimizers.deserialize({"class_name": name, "config": config})
    assert (made.loss_scale, float(made.learning_rate)) == (64.0, 0.25)


def test_get_updates_takes_a_step():
    weight = torch.nn.Parameter(torch.tensor([2.0]))
    optimizer = optimizers.SGD(0.1)
    (count,) = optimizer.get_updates((weight**2).sum(), [weight])
    assert int(count) == 1
    assert float(weight) == pytest.approx(1.6)


def test_variables_is_a_method_too():
    optimizer = optimizers.Adam()
    assert optimizer.variables() == optimizer.variables


def test_a_decay_divides_the_rate_of_a_schedule_too():
    """As in Keras up to 2.10: `lr(step) / (1 + decay * step)`."""
    schedule = optimizers.schedules.PiecewiseConstantDecay([0], [1.0, 0.5])
    optimizer, weight = optimizers.SGD(schedule, decay=1.0), torch.nn.Parameter(torch.zeros(1))
    for _ in range(2):
        optimizer.apply([torch.ones(1)], [weight])
    assert float(weight) == pytest.approx(-1.25)
