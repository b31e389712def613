"""What steps of users' own may rely on: logs they change, losses of older Keras, compilation before building."""

from __future__ import annotations

import numpy as np
import pytest

import kerastorch as keras
from kerastorch import layers

X, Y = np.ones((8, 4), "float32"), np.ones((8, 3), "float32")


class Plain(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, x):
        return self.dense(x)


class Adding(Plain):
    def train_step(self, data):
        logs = super().train_step(data)
        logs["mine"] = 10.0
        return logs

    def test_step(self, data):
        logs = super().test_step(data)
        logs["mine"] = 5.0
        return logs


def test_entries_added_to_the_logs_of_the_usual_steps_are_kept():
    model = Adding()
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(X, Y, validation_data=(X, Y), verbose=0).history
    assert list(history) == ["loss", "mae", "mine", "val_loss", "val_mae", "val_mine"]
    assert (history["mine"], history["val_mine"]) == ([10.0], [5.0])
    assert model.evaluate(X, Y, verbose=0)[-1] == 5.0
    assert model.train_on_batch(X, Y, return_dict=True)["mine"] == 10.0


class WithoutTraining(Plain):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
        return 2 * super().compute_loss(x, y, y_pred, sample_weight)


class WithAnyKeyword(Plain):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, **kwargs):
        return 2 * super().compute_loss(x, y, y_pred, sample_weight, **kwargs)


@pytest.mark.parametrize("cls", [WithoutTraining, WithAnyKeyword])
def test_compute_loss_need_not_take_training(cls):
    plain, own = Plain(), cls()
    for model in (plain, own):
        model.build((None, 4))
        model.compile("sgd", "mse")
    own.set_weights(plain.get_weights())
    values = [model.evaluate(X, Y, verbose=0) for model in (plain, own)]
    own.fit(X, Y, verbose=0)
    assert values[1] == pytest.approx(2 * values[0])


def test_a_model_can_be_compiled_by_torch_before_it_is_built(monkeypatch):
    seen = []

    def compiling(model, dynamic):
        return lambda *args: seen.append(model.built) or model(*args)

    monkeypatch.setattr("torch.compile", compiling)
    model = Plain()
    model.compile("sgd", "mse", jit_compile={"dynamic": True})
    model.fit(X, Y, batch_size=4, verbose=0)
    assert seen == [True]
