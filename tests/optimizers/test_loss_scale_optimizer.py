"""Loss scaling agrees with Keras's, and belongs to training in float16."""

from __future__ import annotations

import copy
import pickle

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers, optimizers
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.core.variable import Variable
from kerastorch.optimizers import SGD, Adam, LossScaleOptimizer

X = np.random.default_rng(0).normal(size=(32, 5)).astype("float32")
Y = X.sum(1, keepdims=True)
STEPS = [1.0, 2.0, float("inf"), -1.0, float("nan"), 3.0, 0.5, 0.25]


def weight():
    return Variable(np.linspace(-1, 1, 4, dtype="float32"), name="weight")


def half_model(**arguments):
    model = kerastorch.Sequential(
        [kerastorch.Input((5,)), layers.Dense(4, "relu", dtype="mixed_float16"), layers.Dense(1)]
    )
    model.compile(**{"optimizer": "adam", "loss": "mse", **arguments})
    return model


@pytest.mark.parametrize("inner", ["SGD", "Adam"])
def test_steps_with_gradients_of_all_kinds_are_keras_s(inner):
    ours = LossScaleOptimizer(getattr(optimizers, inner)(0.1), initial_scale=8.0, dynamic_growth_steps=2)
    theirs = keras.optimizers.LossScaleOptimizer(
        getattr(keras.optimizers, inner)(0.1), initial_scale=8.0, dynamic_growth_steps=2
    )
    mine, wanted = weight(), keras.Variable(weight().numpy())
    for step in STEPS:
        gradient = torch.tensor([1.0, -2.0, step, 0.5])
        ours.apply([gradient * ours.loss_scale], [mine])
        scale = float(theirs.dynamic_scale.value) if theirs.built else 8.0
        theirs.apply([gradient * scale], [wanted])
        # Keras's Adam on torch takes the powers of its betas in float32.
        np.testing.assert_allclose(mine.numpy(), wanted.numpy(), rtol=1e-5, atol=1e-5)
        assert ours.loss_scale == float(theirs.dynamic_scale.value)
        assert ours.dynamic_counter == int(theirs.step_counter.value)
    assert int(ours.iterations) == int(theirs.iterations.value) == 6


def test_the_config_is_keras_s_and_makes_an_equal_optimizer():
    ours = LossScaleOptimizer(Adam(0.01, name="adam"), initial_scale=4.0, name="scaled")
    theirs = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(0.01, name="adam"), initial_scale=4.0, name="scaled"
    )
    mine, wanted = ours.get_config(), theirs.get_config()
    assert set(mine) == set(wanted)
    assert mine["initial_scale"] == wanted["initial_scale"] == 4.0
    again = deserialize_keras_object(serialize_keras_object(ours))
    assert isinstance(again.inner_optimizer, Adam)
    assert again.get_config() == mine


def test_gradients_that_are_given_stay_as_they_are():
    gradient = torch.full((4,), 8.0)
    LossScaleOptimizer(SGD(0.1)).apply([gradient], [weight()])
    assert gradient.tolist() == [8.0] * 4


def test_a_step_that_is_left_out_leaves_everything_but_the_factor():
    mine = weight()
    optimizer = LossScaleOptimizer(Adam(0.1))
    optimizer.apply([torch.full((4,), float("inf"))], [mine])
    assert torch.equal(mine, weight())
    assert optimizer.loss_scale == 2.0**14
    assert int(optimizer.iterations) == 0


def test_a_fixed_factor_of_keras_2_stays():
    optimizer = LossScaleOptimizer(SGD(0.1), dynamic=False, initial_scale=2.0, dynamic_growth_steps=1)
    optimizer.apply([torch.ones(4)], [weight()])
    assert optimizer.loss_scale == 2.0
    assert optimizer.get_config()["dynamic"] is False


def test_a_custom_loop_of_keras_2():
    mine, optimizer = weight(), LossScaleOptimizer(SGD(0.5))
    loss = optimizer.get_scaled_loss((mine * 2.0).sum())
    (scaled,) = torch.autograd.grad(loss, [mine])
    (gradient,) = optimizer.get_unscaled_gradients([scaled])
    assert gradient.tolist() == [2.0] * 4


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"]
)
def test_copies_go_on_alike_and_apart(duplicate):
    mine, optimizer = weight(), LossScaleOptimizer(Adam(0.1), dynamic_growth_steps=2)
    optimizer.apply([torch.ones(4)], [mine])
    twin_weight, twin = duplicate((mine, optimizer))
    for opt, w in ((optimizer, mine), (twin, twin_weight)):
        opt.apply([torch.full((4,), 3.0)], [w])
    assert torch.equal(mine, twin_weight)
    assert optimizer.loss_scale == twin.loss_scale == 2.0**16


def test_state_dict_carries_the_factor():
    mine, optimizer = weight(), LossScaleOptimizer(Adam(0.1))
    optimizer.apply([torch.full((4,), float("nan"))], [mine])
    optimizer.apply([torch.ones(4)], [mine])
    other = LossScaleOptimizer(Adam(0.1))
    other.build([weight()])
    other.load_state_dict(optimizer.state_dict())
    assert (other.loss_scale, other.dynamic_counter) == (2.0**14, 1)
    assert int(other.iterations) == 1


def test_schedulers_of_torch_reach_the_rate():
    mine, optimizer = weight(), LossScaleOptimizer(SGD(0.8))
    optimizer.build([mine])
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
    (optimizer.scale_loss(mine.sum())).backward()
    optimizer.step()
    scheduler.step()
    assert float(optimizer.learning_rate) == pytest.approx(0.4)
    optimizer.learning_rate = 0.1
    assert float(optimizer.inner_optimizer.learning_rate) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), r"must be an optimizer such as"),
        ((LossScaleOptimizer(SGD()),), r"scales the loss itself"),
    ],
    ids=["name", "twice"],
)
def test_only_plain_optimizers_are_taken(arguments, text):
    with pytest.raises((TypeError, ValueError), match=text):
        LossScaleOptimizer(*(arguments or ("adam",)))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"initial_scale": 0.0}, r"initial_scale=0.0"),
        ({"dynamic_growth_steps": 0}, r"dynamic_growth_steps=0"),
        ({"clipnorm": 1.0}, r"set `clipnorm` on the `inner_optimizer`"),
        ({"momentum": 0.9}, r"does not know the arguments: `momentum`"),
    ],
    ids=["scale", "growth", "setting", "unknown"],
)
def test_wrong_arguments_are_named(arguments, text):
    with pytest.raises(ValueError, match=text):
        LossScaleOptimizer(SGD(), **arguments)


def test_compile_puts_it_around_keras_s_optimizers_only():
    assert isinstance(half_model().optimizer, LossScaleOptimizer)
    assert not isinstance(half_model(auto_scale_loss=False).optimizer, LossScaleOptimizer)
    model = half_model(optimizer=torch.optim.SGD)
    model.fit(X, Y, verbose=0)
    assert isinstance(model.optimizer, torch.optim.SGD)
    own = LossScaleOptimizer(SGD(0.1), initial_scale=2.0)
    assert half_model(optimizer=own).optimizer is own


@pytest.mark.parametrize(
    "optimizer", ["sgd", "adam", "rmsprop", torch.optim.Adam], ids=["sgd", "adam", "rmsprop", "torch"]
)
def test_training_in_float16_learns(optimizer):
    kerastorch.utils.set_random_seed(1)
    model = half_model(optimizer=optimizer)
    losses = model.fit(X, Y, batch_size=8, epochs=12, verbose=0).history["loss"]
    assert losses[-1] < losses[0] < 100
    assert all(w.dtype == torch.float32 for w in model.weights)


def test_files_keep_the_factor_and_the_users_optimizer(tmp_path):
    model = half_model()
    model.fit(X, Y, epochs=2, verbose=0)
    model.optimizer.dynamic_scale.fill_(128.0)
    model.save(tmp_path / "half.keras")
    loaded = kerastorch.models.load_model(tmp_path / "half.keras")
    assert isinstance(loaded.optimizer, LossScaleOptimizer)
    assert isinstance(loaded.optimizer.inner_optimizer, Adam)
    assert loaded.optimizer.loss_scale == 128.0
    for a, b in zip(model.optimizer.variables, loaded.optimizer.variables, strict=True):
        assert torch.equal(a, b)


def test_keras_reads_the_file_and_we_read_keras_s(tmp_path):
    arguments = {"dtype": "mixed_float16"}
    theirs = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1, **arguments)])
    theirs.dtype_policy = "mixed_float16"
    theirs.compile("adam", "mse")
    theirs.fit(X, Y, verbose=0)
    theirs.save(tmp_path / "theirs.keras")
    ours = kerastorch.models.load_model(tmp_path / "theirs.keras")
    assert ours.optimizer.loss_scale == float(theirs.optimizer.dynamic_scale.value)
    ours.fit(X, Y, verbose=0)
    ours.save(tmp_path / "ours.keras")
    again = keras.models.load_model(tmp_path / "ours.keras")
    for a, b in zip(ours.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_config_of_keras_is_read():
    config = keras.optimizers.serialize(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.5)))
    assert float(optimizers.deserialize(config).learning_rate) == 0.5
