"""Configs equal Keras's, and make equal layers again."""

from __future__ import annotations

import json

import pytest
from keras.saving import deserialize_keras_object as keras_deserialize
from keras.saving import serialize_keras_object as keras_serialize

from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from tests.catalog.layers import LAYERS
from tests.conformance.essence import essence
from tests.conformance.pairs import built, make, make_keras, params, run, same, tensors

IN_KERAS = [row for row in LAYERS if row.in_keras]


@pytest.mark.parametrize("row", params(IN_KERAS))
def test_config_is_keras_s(row):
    assert essence(serialize_keras_object(make(row))) == essence(keras_serialize(make_keras(row)))


@pytest.mark.parametrize("row", params(IN_KERAS))
def test_keras_reads_the_config(row):
    layer = keras_deserialize(serialize_keras_object(make(row)))
    assert essence(layer.get_config()) == essence(make_keras(row).get_config())


@pytest.mark.parametrize("row", params(LAYERS))
def test_config_makes_an_equal_layer(row):
    layer = built(row)
    copy = type(layer).from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    run(copy, row, tensors(row))
    copy.set_weights(layer.get_weights())
    assert same(run(copy, row, tensors(row)), run(layer, row, tensors(row)))


@pytest.mark.parametrize("row", params(LAYERS))
def test_config_survives_json(row):
    layer = built(row)
    text = json.dumps(serialize_keras_object(layer))
    copy = deserialize_keras_object(json.loads(text))
    assert copy.built
    copy.set_weights(layer.get_weights())
    assert same(run(copy, row, tensors(row)), run(layer, row, tensors(row)))


@pytest.mark.parametrize("row", params(IN_KERAS))
def test_config_of_keras_is_read(row):
    layer = deserialize_keras_object(keras_serialize(make_keras(row)))
    assert essence(layer.get_config()) == essence(make(row).get_config())
