"""Training on a CUDA device: weights, state, data and results are where they belong."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch import layers

pytestmark = pytest.mark.gpu


@pytest.fixture
def data():
    generator = np.random.default_rng(0)
    return generator.random((256, 8, 8, 1), dtype="float32"), generator.integers(0, 4, 256)


def network():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.1),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
        ]
    )


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam", "adamw", torch.optim.Adam])
def test_fit_evaluate_and_predict_run_on_the_device(data, optimizer):
    model = network()
    model.compile(
        optimizer,
        "sparse_categorical_crossentropy",
        metrics=["accuracy", "sparse_top_k_categorical_accuracy"],
    )
    history = model.fit(*data, epochs=3, validation_split=0.25, verbose=0).history
    assert all(np.isfinite(history["loss"]))
    assert {v.device.type for v in [*model.weights, *(v for m in model.metrics for v in m.variables)]} == {
        "cuda"
    }
    assert isinstance(model.predict(data[0][:3], verbose=0), np.ndarray)
    assert isinstance(model.evaluate(*data, verbose=0)[0], float)


def test_the_device_gives_the_losses_of_the_host(data):
    with keras.device("cpu"):
        host = network()
    model = network()
    model.set_weights(host.get_weights())
    histories = []
    for each in (host, model):
        each.layers[2].rate = 0.0
        each.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
        histories.append(each.fit(*data, epochs=2, shuffle=False, verbose=0).history["loss"])
    assert histories[0] == pytest.approx(histories[1], rel=1e-3)


def test_a_model_that_was_moved_trains_where_it_is(data):
    model = network().to("cpu")
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(*data, verbose=0)
    assert {w.device.type for w in model.weights} == {"cpu"}
    model.to("cuda")
    model.fit(*data, verbose=0)
    assert {w.device.type for w in model.weights} == {"cuda"}


def test_a_steady_step_does_not_wait_for_the_device(data):
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(*data, verbose=0)
    batch = tuple(torch.as_tensor(part[:32], device="cuda") for part in data)
    model.train()
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(3):
            model.train_step((*batch, None))
    finally:
        torch.cuda.set_sync_debug_mode("default")
        model.eval()
