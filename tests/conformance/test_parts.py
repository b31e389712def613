"""Losses, metrics and optimizers: configs as Keras's, read on both sides; copies that go on alike."""

from __future__ import annotations

import copy
import json
import pickle

import keras
import numpy as np
import pytest
import torch
from keras.saving import deserialize_keras_object as keras_deserialize

from kerastorch import losses, metrics, optimizers
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.core.variable import Variable
from kerastorch.utils.session import clear_session
from tests.catalog.losses import LOSSES, loss_inputs
from tests.catalog.metrics import METRICS
from tests.catalog.optimizers import OPTIMIZERS
from tests.conformance.essence import essence

HERE = {"losses": losses, "metrics": metrics, "optimizers": optimizers}
PARTS = [
    pytest.param(area, row[0], {"name": "part", **row[1]}, id=f"{area}-{row[0]}-{number}")
    for area, rows in (("losses", LOSSES), ("metrics", METRICS), ("optimizers", OPTIMIZERS))
    for number, row in enumerate(rows)
]
DUPLICATES = [
    pytest.param(copy.deepcopy, id="deepcopy"),
    pytest.param(lambda x: pickle.loads(pickle.dumps(x)), id="pickle"),
]


def make(area, name, arguments):
    return getattr(HERE[area], name)(**arguments)


def make_keras(area, name, arguments):
    return getattr(getattr(keras, area), name)(**arguments)


@pytest.mark.parametrize(("name", "arguments"), OPTIMIZERS)
def test_config_of_optimizers_is_keras_s(name, arguments):
    keras.utils.clear_session()  # so that the automatic names of both begin at the same number
    clear_session()
    ours, theirs = (build("optimizers", name, arguments).get_config() for build in (make, make_keras))
    assert essence(ours) == essence(theirs)


@pytest.mark.parametrize(("area", "name", "arguments"), PARTS)
def test_config_survives_json(area, name, arguments):
    part = make(area, name, arguments)
    again = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(part))))
    assert type(again) is type(part)
    assert essence(again.get_config()) == essence(part.get_config())


@pytest.mark.parametrize(("area", "name", "arguments"), PARTS)
def test_keras_reads_the_config(area, name, arguments):
    again = keras_deserialize(serialize_keras_object(make(area, name, arguments)))
    assert isinstance(again, type(make_keras(area, name, arguments)))


@pytest.mark.parametrize("duplicate", DUPLICATES)
@pytest.mark.parametrize(("name", "arguments"), LOSSES)
def test_copies_of_losses_give_the_same(name, arguments, duplicate):
    y_true, y_pred = map(torch.as_tensor, loss_inputs(name, arguments))
    loss = make("losses", name, arguments)
    assert torch.equal(duplicate(loss)(y_true, y_pred), loss(y_true, y_pred))


@pytest.mark.parametrize("duplicate", DUPLICATES)
@pytest.mark.parametrize(("name", "arguments", "data"), METRICS)
def test_copies_of_metrics_keep_what_they_have_seen_and_go_on_alone(name, arguments, data, duplicate):
    rng = np.random.default_rng(0)
    metric = make("metrics", name, arguments)
    metric.update_state(*map(torch.as_tensor, data(rng)))
    before = np.asarray(metric.result())
    twin = duplicate(metric)
    np.testing.assert_array_equal(np.asarray(twin.result()), before)
    twin.update_state(*map(torch.as_tensor, data(rng)))
    np.testing.assert_array_equal(np.asarray(metric.result()), before)


@pytest.mark.parametrize("duplicate", DUPLICATES)
@pytest.mark.parametrize(("name", "arguments"), OPTIMIZERS)
def test_copies_of_optimizers_take_the_same_steps(name, arguments, duplicate):
    weight = Variable(np.linspace(-1, 1, 6, dtype="float32"), name="weight")
    optimizer = make("optimizers", name, arguments)
    gradients = [torch.linspace(0.5, -1, 6), torch.linspace(-2, 1, 6), torch.ones(6)]
    optimizer.apply([gradients[0]], [weight])
    twin_weight, twin = duplicate((weight, optimizer))
    for gradient in gradients[1:]:
        optimizer.apply([gradient], [weight])
        twin.apply([gradient], [twin_weight])
    assert torch.equal(weight, twin_weight)
    assert int(twin.iterations) == int(optimizer.iterations)
