"""Small helpers of `keras.utils`: configs, ranks, packed batches, sources of tensors, configs of Keras 2."""

from __future__ import annotations

import copy
import json
import pickle

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers, regularizers, utils


@pytest.mark.parametrize("library", [utils, keras.utils], ids=["ours", "keras"])
def test_a_config_is_attributes_and_items(library):
    config = library.Config(rate=0.1, keys_of="x")
    config.seed = 3
    config["name"] = "run"
    assert config.seed == config["seed"] == config.get("seed") == 3
    assert list(config) == ["keys_of", "name", "rate", "seed"]
    assert len(config) == 4
    assert "seed" in config
    assert "other" not in config
    del config["keys_of"]
    assert config.pop("name") == "run"
    config.update(rate=0.2)
    assert (
        config.as_dict() == dict(config.items()) == json.loads(config.to_json()) == {"rate": 0.2, "seed": 3}
    )
    assert [*config.keys()] == ["rate", "seed"]
    assert [*config.values()] == [0.2, 3]
    assert config.get("other", 5) == 5
    assert repr(config) == "<Config {'rate': 0.2, 'seed': 3}>"
    config.freeze()
    assert config.frozen
    for change in (lambda: config.update(a=1), lambda: config.pop("rate"), lambda: setattr(config, "a", 1)):
        with pytest.raises(ValueError, match="the config is frozen"):
            change()
    config.unfreeze()
    config.seed = 4
    assert config.seed == 4
    with pytest.raises(AttributeError, match=r"Unknown attribute: 'sead'\. Did you mean 'seed'"):
        _ = config.sead


def test_a_config_is_copied_and_pickled():
    config = utils.Config(rate=0.1)
    for other in (copy.deepcopy(config), pickle.loads(pickle.dumps(config))):
        other.rate = 3
        assert (config.rate, other.rate) == (0.1, 3)


# What tf_keras 2.21 returns.
RANKS = {
    "list": ([0, 1, 2, 3], None, [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]),
    "more classes": ([2, 0], 4, [[1, 1, 0], [0, 0, 0]]),
    "column": ([[1], [0]], 3, [[1, 0], [0, 0]]),
    "matrix": ([[1, 2], [0, 1]], None, [[[1, 0], [1, 1]], [[0, 0], [1, 0]]]),
}


@pytest.mark.parametrize("name", RANKS)
def test_ranks_are_rows_of_ones(name):
    ranks, classes, expected = RANKS[name]
    for given in (ranks, np.array(ranks), torch.tensor(ranks)):
        rows = utils.to_ordinal(given, classes)
        assert rows.dtype == "float32"
        np.testing.assert_array_equal(rows, expected)
    assert utils.to_ordinal(ranks, classes, dtype="int8").dtype == "int8"


def test_keras_2_named_the_classes_y():
    np.testing.assert_array_equal(utils.to_categorical(y=[1, 0], num_classes=2), [[0, 1], [1, 0]])


@pytest.mark.parametrize(
    "parts", [(1,), ([1, 2],), ((1,),), (1, 2), (1, 2, 3), (1, None, 3), ({"a": 1}, 2)], ids=str
)
def test_parts_are_packed_as_in_keras(parts):
    assert utils.pack_x_y_sample_weight(*parts) == keras.utils.pack_x_y_sample_weight(*parts)


def test_the_inputs_of_a_tensor_are_found():
    a, b, c = (kerastorch.Input((3,)) for _ in range(3))
    joined = layers.Concatenate()([layers.Dense(2)(a), b, b + a])
    assert [id(x) for x in utils.get_source_inputs(layers.Dense(1)(joined))] == [id(a), id(b)]
    assert [id(x) for x in utils.get_source_inputs(c)] == [id(c)]
    assert utils.is_keras_tensor(joined)
    assert not utils.is_keras_tensor(torch.ones(2))


def test_types_have_one_name():
    for dtype in ("float32", "bool", torch.bfloat16, np.float64, None):
        assert utils.standardize_dtype(dtype) == keras.utils.standardize_dtype(dtype)


def square(x):
    """A function of a user."""
    return x * x


def test_configs_of_keras_2_come_back():
    legacy, names = utils.legacy, {"L2": regularizers.L2, "Dense": layers.Dense, "square": square}
    config = legacy.serialize_keras_object(regularizers.L2(0.25))
    assert legacy.deserialize_keras_object(config, names).l2 == 0.25
    layer = legacy.deserialize_keras_object(legacy.serialize_keras_object(layers.Dense(3, name="d")), names)
    assert (layer.units, layer.name) == (3, "d")
    assert legacy.serialize_keras_object(square) == "square"
    assert legacy.deserialize_keras_object("square", names) is square
    assert legacy.deserialize_keras_object(square) is square
    assert isinstance(
        legacy.deserialize_keras_object("Mine", custom_objects={"Mine": regularizers.L1}), regularizers.L1
    )
    assert legacy.serialize_keras_object(None) is legacy.deserialize_keras_object(None) is None


def test_configs_of_keras_2_that_name_nothing():
    with pytest.raises(ValueError, match=r"Unknown layer: 'Dens'\. Did you mean 'Dense'"):
        utils.legacy.deserialize_keras_object("Dens", {"Dense": layers.Dense}, printable_module_name="layer")
    with pytest.raises(ValueError, match="Could not interpret serialized object: 3"):
        utils.legacy.deserialize_keras_object(3)
    with pytest.raises(TypeError, match="doesn't implement `get_config"):
        utils.legacy.serialize_keras_object(3)
