"""Several optimizers as one, and the map from paths to optimizers."""

from __future__ import annotations

import copy
import pickle

import keras
import numpy as np
import pytest
import torch

from kerastorch import Input, Sequential, callbacks, layers, optimizers
from kerastorch.core.context import name_scope
from kerastorch.core.variable import Variable
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, NoSharedRateError, NotBuiltError
from kerastorch.models import load_model
from kerastorch.optimizers import SGD, Adam, LossScaleOptimizer, MultiOptimizer, OptimizerMap, RMSprop


def variable(scope: str, start: float = 2.0) -> Variable:
    with name_scope(scope):
        return Variable([[start, start]], name="kernel")


def one_for_each(**options):
    """Three variables, and an optimizer whose default trains the last."""
    made = OptimizerMap(SGD(0.01), {"body/.*": SGD(0.1, momentum=0.5), "head/.*": Adam(0.5)})
    return MultiOptimizer(made, **options), [variable("body"), variable("head"), variable("other")]


def ones(count: int = 3) -> list[torch.Tensor]:
    return [torch.ones(1, 2) for _ in range(count)]


def test_a_path_is_looked_up_as_it_is_then_as_an_expression():
    exact, below, rest = SGD(), Adam(), RMSprop()
    made = OptimizerMap(rest, {"encoder/dense/kernel": exact, "encoder/.*": below})
    assert made["encoder/dense/kernel"] is exact
    assert made["encoder/dense/bias"] is below
    assert made["my/encoder/dense/bias"] is made.default_optimizer is rest
    assert made(variable("encoder")) is below
    assert made(torch.nn.Parameter(torch.ones(1))) is rest
    assert (len(made), list(made)) == (2, ["encoder/dense/kernel", "encoder/.*"])
    del made["encoder/.*"]
    assert "encoder/.*" not in made


def test_two_expressions_for_one_path_are_refused():
    made = OptimizerMap(SGD(), {".*kernel": SGD(), "dense/.*": Adam()})
    with pytest.raises(
        InvalidArgumentError, match=r"Multiple optimizers assigned to variable 'dense/kernel'"
    ):
        made["dense/kernel"]


def nested() -> MultiOptimizer:
    return MultiOptimizer(OptimizerMap(SGD()))


WRONG = {
    "key": (3, SGD, "key must be a string"),
    "again": ("a", SGD, "'a' already exists in the OptimizerMap"),
    "no optimizer": ("b", list, "must be one such as"),
    "scaling": ("b", lambda: LossScaleOptimizer(SGD()), "optimizer cannot be LossScaleOptimizer"),
    "several": ("b", nested, "optimizer cannot be MultiOptimizer"),
}


@pytest.mark.parametrize(("key", "make", "message"), WRONG.values(), ids=WRONG)
def test_wrong_entries_are_refused(key, make, message):
    made = OptimizerMap(SGD(), {"a": SGD()})
    with pytest.raises(InvalidArgumentError, match=message):
        made[key] = make()


@pytest.mark.parametrize(
    ("arguments", "message"), [(("adam",), "`default_optimizer`"), ((SGD(), [1]), "`optimizer_map`")]
)
def test_wrong_arguments_of_the_map_are_refused(arguments, message):
    with pytest.raises(ArgumentTypeError, match=message):
        OptimizerMap(*arguments)


def test_each_variable_follows_its_optimizer():
    optimizer, variables = one_for_each()
    optimizer.build(variables)
    for _ in range(3):
        optimizer.apply(ones())
    for alone, trained in zip((SGD(0.1, momentum=0.5), Adam(0.5), SGD(0.01)), variables, strict=True):
        weight = variable("alone")
        for _ in range(3):
            alone.apply(ones(1), [weight])
        np.testing.assert_array_equal(trained, weight)
    assert [int(part.iterations) for part in optimizer.optimizers] == [3, 3, 3]
    assert int(optimizer.iterations) == 3


def test_variables_are_those_of_keras():
    optimizer, variables = one_for_each()
    optimizer.build(variables)
    optimizer.apply(ones())
    theirs = [keras.Variable(v.numpy() * 0 + 2, name="kernel") for v in variables]
    parts = (keras.optimizers.SGD(0.1, momentum=0.5), keras.optimizers.Adam(0.5), keras.optimizers.SGD(0.01))
    chosen = dict(zip(map(id, theirs), parts, strict=True))
    oracle = keras.optimizers.MultiOptimizer(lambda v: chosen[id(v)])
    oracle.build(theirs)
    oracle.apply(ones(), theirs)
    assert len(optimizer.variables) == len(oracle.variables)
    for ours, expected in zip(optimizer.variables, oracle.variables, strict=True):
        np.testing.assert_allclose(ours.numpy(), keras.ops.convert_to_numpy(expected), rtol=1e-6)


def test_a_function_may_choose():
    slow, fast = SGD(0.1), SGD(1.0)
    optimizer = MultiOptimizer(lambda v: fast if "head" in v.path else slow)
    head, body = variable("head"), variable("body")
    optimizer.apply(ones(2), [head, body])
    assert optimizer.optimizers == [fast, slow]
    assert (float(head[0, 0]), float(body[0, 0])) == pytest.approx((1.0, 1.9))


CHOICES = {
    "none": (lambda: None, "is not an Optimizer instance"),
    "scaling": (
        lambda: LossScaleOptimizer(SGD()),
        "LossScaleOptimizer cannot be used inside an MultiOptimizer",
    ),
    "several": (nested, "MultiOptimizer cannot be used inside an MultiOptimizer"),
}


@pytest.mark.parametrize(("choose", "message"), CHOICES.values(), ids=CHOICES)
def test_wrong_choices_are_refused_and_nothing_is_built(choose, message):
    optimizer = MultiOptimizer(lambda v: choose())
    with pytest.raises(InvalidArgumentError, match=message):
        optimizer.build([variable("dense")])
    assert not optimizer.built


def test_there_is_no_common_learning_rate():
    optimizer, _ = one_for_each()
    assert not hasattr(optimizer, "learning_rate")
    with pytest.raises(NoSharedRateError, match="cannot be accessed on a MultiOptimizer"):
        _ = optimizer.lr
    with pytest.raises(AttributeError, match="cannot be set on a MultiOptimizer"):
        optimizer.learning_rate = 0.1


def test_the_loss_is_scaled_once_for_all():
    optimizer, variables = one_for_each(loss_scale_factor=8.0)
    assert optimizer.scales_loss
    assert float(optimizer.scale_loss(torch.tensor(2.0))) == 16.0
    optimizer.apply([grad * 8.0 for grad in ones()], variables)
    assert float(variables[0][0, 0]) == pytest.approx(1.9)
    optimizer.loss_scale_factor = None
    assert all(part.loss_scale_factor is None for part in optimizer.optimizers)


def test_a_loss_scale_optimizer_around_it():
    inner, variables = one_for_each(loss_scale_factor=5.0)
    outer = LossScaleOptimizer(inner, initial_scale=16.0)
    outer.build(variables)
    outer.apply([grad * 16.0 for grad in ones()])
    assert float(variables[0][0, 0]) == pytest.approx(1.9)
    assert inner.loss_scale_factor is None


def test_config_reads_back():
    optimizer, variables = one_for_each(loss_scale_factor=4.0, name="several")
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert again.get_config() == optimizer.get_config()
    again.build(variables)
    assert [type(part).__name__ for part in again.optimizers] == ["SGD", "Adam", "SGD"]


def test_config_of_keras_is_read():
    made = keras.optimizers.OptimizerMap(keras.optimizers.Adam(0.5), {"a/.*": keras.optimizers.SGD(0.25)})
    config = keras.optimizers.serialize(keras.optimizers.MultiOptimizer(made))
    ours = optimizers.deserialize(config)
    assert [float(part.learning_rate) for part in ours.optimizers] == [0.25, 0.5]


def test_a_step_without_gradients_for_a_part_leaves_it_alone():
    optimizer, variables = one_for_each()
    optimizer.build(variables)
    variables[0].grad = torch.ones(1, 2)
    optimizer.step()
    optimizer.zero_grad()
    optimizer.step()
    assert [int(part.iterations) for part in optimizer.optimizers] == [1, 0, 0]
    assert int(optimizer.iterations) == 1


@pytest.mark.parametrize(
    "how", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))], ids=["copy", "pickle"]
)
def test_copies_go_on_alone(how):
    optimizer = MultiOptimizer(OptimizerMap(SGD(0.01), {"body/.*": Adam(0.1)}))
    variables = [variable("body"), variable("other")]
    optimizer.apply(ones(2), variables)
    others, copied = how((variables, optimizer))
    copied.param_groups[0]["lr"] = 0.0
    copied.apply(ones(2))
    assert float(copied.optimizers[0].learning_rate) == 0.0
    assert float(optimizer.optimizers[0].learning_rate) == pytest.approx(0.1)
    assert float(others[0][0, 0]) == pytest.approx(1.9)
    assert copied._var_to_optimizer_idx[copied._var_key(others[1])] == 1


def test_state_dict_goes_on_where_it_was():
    optimizer, variables = one_for_each()
    optimizer.apply(ones(), variables)
    optimizer.param_groups[1]["lr"] = 0.25
    state = copy.deepcopy(optimizer.state_dict())
    assert [group["params"] for group in state["param_groups"]] == [[0], [1], [2]]
    again, others = one_for_each()
    for weight, trained in zip(others, variables, strict=True):
        weight.assign(trained)
    with pytest.raises(NotBuiltError, match="has no variables yet"):
        again.load_state_dict(state)
    again.build(others)
    again.load_state_dict(state)
    optimizer.apply(ones())
    again.apply(ones())
    assert int(again.iterations) == 2
    for weight, trained in zip(others, variables, strict=True):
        np.testing.assert_array_equal(weight, trained)


def test_schedulers_of_torch_reach_every_part():
    optimizer, variables = one_for_each()
    optimizer.build(variables)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, [lambda step: 0.5**step, lambda step: 1.0, lambda step: 0.0]
    )
    for weight in variables:
        weight.grad = torch.ones(1, 2)
    optimizer.step()
    scheduler.step()
    assert [float(part.learning_rate) for part in optimizer.optimizers] == pytest.approx([0.05, 0.5, 0.0])


def test_averages_exclusions_and_slots_are_those_of_the_parts():
    averaging = SGD(1.0, use_ema=True, ema_momentum=0.5, weight_decay=0.5)
    optimizer = MultiOptimizer(OptimizerMap(SGD(1.0, weight_decay=0.5, momentum=0.5), {"body/.*": averaging}))
    optimizer.exclude_from_weight_decay(var_names=["body"])
    body, other = variable("body"), variable("other")
    optimizer.build([body, other])
    for _ in range(2):
        optimizer.apply(ones(2))
    assert float(body[0, 0]) == 0.0
    assert float(other[0, 0]) == pytest.approx(-1.5)
    assert optimizer.get_slot_names() == ["average", "momentum"]
    assert optimizer.get_slot(other, "momentum").shape == (1, 2)
    optimizer.finalize_variable_values([body, other])
    assert float(body[0, 0]) == 0.5


def model(optimizer) -> Sequential:
    made = Sequential([Input((1,)), layers.Dense(2, name="one"), layers.Dense(1, name="two")])
    made.compile(optimizer, "mse")
    return made


def test_fit_and_callbacks():
    first, second = SGD(0.1), SGD(0.01)
    made = model(MultiOptimizer(OptimizerMap(second, {".*one/.*": first})))
    x = np.ones((4, 1), "float32")
    scheduler = callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    history = made.fit(x, x, epochs=1, verbose=0, callbacks=[scheduler])
    assert (float(first.learning_rate), float(second.learning_rate)) == pytest.approx((0.05, 0.005))
    assert np.isfinite(history.history["loss"]).all()
    assert int(made.optimizer.iterations) == 1


def test_a_saved_model_goes_on_where_it_was(tmp_path):
    made = model(MultiOptimizer(OptimizerMap(Adam(0.01), {".*one/.*": RMSprop(0.1)})))
    x = np.ones((4, 1), "float32")
    made.fit(x, x, epochs=2, verbose=0)
    made.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    for one in (made, again):
        one.fit(x, x, epochs=2, verbose=0)
    for ours, theirs in zip(made.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
