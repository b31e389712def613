"""The device of new weights and of training."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch.core.devices import current_device, standardize_device
from kerastorch.errors import InvalidArgumentError


@pytest.fixture(autouse=True)
def _former_device():
    with keras.device(current_device()):
        yield


@pytest.mark.parametrize(
    ("name", "device"),
    [
        ("cpu", "cpu"),
        ("CPU:0", "cpu"),
        ("/device:CPU:0", "cpu"),
        ("gpu", "cuda"),
        ("gpu:0", "cuda:0"),
        ("GPU:1", "cuda:1"),
        ("cuda:1", "cuda:1"),
        ("/GPU:2", "cuda:2"),
        ("meta", "meta"),
        (torch.device("cuda:1"), "cuda:1"),
    ],
)
def test_names_of_keras_and_torch(name, device):
    assert standardize_device(name) == torch.device(device)


@pytest.mark.parametrize(("name", "message"), [("tpux", "Unknown device: 'tpux'"), (3, "Received: 3")])
def test_wrong_names(name, message):
    with pytest.raises(InvalidArgumentError, match=message):
        keras.device(name)


def test_the_context_puts_the_former_device_back():
    before = current_device()
    with keras.device("meta"):
        assert current_device().type == "meta"
        assert keras.layers.Dense(2).add_weight(shape=(2,)).is_meta
    assert current_device() == before


def test_nested_contexts():
    with keras.device("meta"):
        with keras.device("cpu"):
            assert current_device().type == "cpu"
        assert current_device().type == "meta"


def test_the_call_alone_sets_the_device_from_now_on():
    keras.device("meta")
    assert current_device().type == "meta"


def test_a_wrong_name_leaves_the_device():
    before = current_device()
    with pytest.raises(InvalidArgumentError, match="Unknown device"):
        keras.device("nonsense")
    assert current_device() == before


def test_models_train_where_their_weights_are_and_give_numpy():
    with keras.device("cpu"):
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    assert isinstance(model.predict(np.ones((2, 2)), verbose=0), np.ndarray)
    assert next(model.parameters()).device.type == "cpu"
