"""A model that is read goes on training as if nothing had been in between, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers, optimizers
from kerastorch.saving.state import restore, state_of
from tests.saving.pairs import X, Y

PATHS = ["model.keras", "model.h5", "model"]
pytestmark = pytest.mark.filterwarnings("ignore:The model is saved as a folder")


def network():
    """Dropout with a seed of its own, moving statistics, and a frozen layer."""
    return kerastorch.Sequential(
        [
            kerastorch.Input((4,)),
            layers.Dense(8, activation="relu"),
            layers.Dropout(0.25, seed=1),
            layers.BatchNormalization(),
            layers.Dense(8, trainable=False),
            layers.Dense(3, activation="softmax"),
        ]
    )


def trained(optimizer, epochs=2):
    kerastorch.utils.set_random_seed(0)
    model = network()
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    train(model, epochs)
    return model


def train(model, epochs=2):
    return model.fit(X, Y, batch_size=8, epochs=epochs, shuffle=False, verbose=0)


def assert_same_state(one, other):
    first, second = state_of(one), state_of(other)
    assert list(first) == list(second)
    assert [name for name in first if not np.array_equal(first[name], second[name])] == []


SCHEDULE = optimizers.schedules.CosineDecay(0.05, 20)
OPTIMIZERS = {
    "adam": lambda: optimizers.Adam(0.0123456789),
    "adam amsgrad": lambda: optimizers.Adam(amsgrad=True, weight_decay=0.01),
    "adam scheduled": lambda: optimizers.Adam(SCHEDULE),
    "sgd": lambda: optimizers.SGD(0.1),
    "sgd momentum": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda: optimizers.RMSprop(momentum=0.5, centered=True),
    "nadam": lambda: optimizers.Nadam(),
    "ema": lambda: optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=3),
    "accumulation": lambda: optimizers.Adam(gradient_accumulation_steps=3),
    "clipped": lambda: optimizers.Adam(global_clipnorm=0.1),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weights_are_bit_equal_to_those_of_an_uninterrupted_run(optimizer, path, tmp_path):
    model = trained(OPTIMIZERS[optimizer]())
    model.save(tmp_path / path)
    other = kerastorch.models.load_model(tmp_path / path)
    assert_same_state(model, other)
    ours, theirs = train(model), train(other)
    assert ours.history == theirs.history
    assert_same_state(model, other)


def test_a_rate_that_was_changed_stays_changed(tmp_path):
    model = trained(optimizers.Adam(0.1))
    model.optimizer.learning_rate = 0.0123456789
    model.save(tmp_path / "model.keras")
    assert kerastorch.models.load_model(tmp_path / "model.keras").optimizer._rate_now() == 0.0123456789


def test_weights_frozen_after_compile_stay_with_the_optimizer(tmp_path):
    model = trained(optimizers.SGD(0.1, momentum=0.9))
    model.layers[0].trainable = False
    model.save(tmp_path / "model.keras")
    other = kerastorch.models.load_model(tmp_path / "model.keras")
    assert_same_state(model, other)


@pytest.mark.parametrize("make", [torch.optim.Adam, torch.optim.SGD], ids=["class of adam", "class of sgd"])
def test_the_state_of_a_torch_optimizer_is_restored_in_a_model_compiled_alike(make):
    model = trained(make)
    other = network()
    other.compile(make, "sparse_categorical_crossentropy")
    restore(other, state_of(model))
    other.layers[1].seed_generator.state.assign(model.layers[1].seed_generator.state)
    train(model), train(other)
    assert_same_state(model, other)


def test_state_goes_back_and_forth_in_place():
    model = trained("adam")
    before, kernel = state_of(model), model.layers[0].kernel
    train(model)
    restore(model, before)
    assert model.layers[0].kernel is kernel
    after = state_of(model)
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_buffers_that_only_torch_knows_are_part_of_the_state(tmp_path):
    class Counting(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.register_buffer("calls", torch.zeros(()))
            self.scale = torch.nn.Linear(4, 4)

        def call(self, x):
            self.calls += 1
            return self.scale(x)

    model = kerastorch.Sequential([kerastorch.Input((4,)), Counting()])
    model.compile("sgd", "mse")
    train_on = X.copy()
    model.fit(train_on, train_on, verbose=0)
    model.save(tmp_path / "model.keras")
    other = kerastorch.models.load_model(tmp_path / "model.keras", {"Counting": Counting})
    assert_same_state(model, other)
    assert float(other.layers[0].calls) > 0


@pytest.mark.parametrize("path", PATHS)
def test_a_model_that_is_not_compiled_is_saved(path, tmp_path):
    model = network()
    model.save(tmp_path / path)
    other = kerastorch.models.load_model(tmp_path / path)
    assert not other.compiled
    np.testing.assert_array_equal(model.predict(X, verbose=0), other.predict(X, verbose=0))


def test_a_model_that_is_not_built_is_saved_with_a_warning(tmp_path):
    model = kerastorch.Sequential([layers.Dense(2)])
    with pytest.warns(UserWarning, match="before it is built"):
        model.save(tmp_path / "model.keras")
    other = kerastorch.models.load_model(tmp_path / "model.keras")
    assert (other.built, [layer.units for layer in other.layers]) == (False, [2])


@pytest.mark.parametrize("path", PATHS)
def test_compile_false_leaves_the_model_uncompiled(path, tmp_path):
    trained("adam").save(tmp_path / path)
    assert not kerastorch.models.load_model(tmp_path / path, compile=False).compiled


@pytest.mark.parametrize("path", PATHS)
def test_the_optimizer_can_be_left_out(path, tmp_path):
    model = trained("adam")
    model.save(tmp_path / path, include_optimizer=False)
    other = kerastorch.models.load_model(tmp_path / path)
    assert not other.compiled
    np.testing.assert_array_equal(model.predict(X, verbose=0), other.predict(X, verbose=0))
