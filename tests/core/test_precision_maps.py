"""`DTypePolicyMap`: one policy for each path."""

from __future__ import annotations

import json

import keras
import pytest
import torch

import kerastorch
from kerastorch import dtype_policies, layers
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.dtype_policies import DTypePolicyMap
from kerastorch.policy import Global

POLICIES = {"encoder/layer_0/dense": "bfloat16", "encoder/attention/.*": "float16", "decoder": "float64"}


@pytest.mark.parametrize(
    "path", ["encoder/layer_0/dense", "encoder/attention/query", "decoder", "decoder/dense", "other", ""]
)
def test_a_path_has_keras_s_policy(path):
    ours = DTypePolicyMap("float32", dict(POLICIES))
    theirs = keras.dtype_policies.DTypePolicyMap(
        "float32", {k: keras.DTypePolicy(v) for k, v in POLICIES.items()}
    )
    assert ours[path].name == theirs[path].name


def test_a_path_that_two_expressions_match_is_an_error():
    policies = DTypePolicyMap("float32", {"a/.*": "float16", ".*/b": "bfloat16"})
    with pytest.raises(
        ValueError, match=r"matches multiple dtype policy keys of the DTypePolicyMap: \['a/\.\*'"
    ):
        policies["a/b"]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: DTypePolicyMap(DTypePolicyMap()), "cannot be a `DTypePolicyMap`"),
        (lambda: DTypePolicyMap(None, ["float32"]), "must be a dict"),
        (lambda: DTypePolicyMap(None, {"a": "float31"}), "Cannot convert 'float31'"),
        (lambda: DTypePolicyMap(None, {"a": "float32"}).__setitem__("a", "float16"), "already exists"),
    ],
    ids=["map", "list", "policy", "twice"],
)
def test_wrong_maps_say_so(make, text):
    with pytest.raises((TypeError, ValueError), match=text):
        make()


def test_without_a_default_it_follows_the_global_policy():
    policies = DTypePolicyMap()
    kerastorch.config.set_dtype_policy("mixed_bfloat16")
    try:
        assert policies["any"].name == "mixed_bfloat16"
        assert policies.compute_dtype == "bfloat16"
    finally:
        Global.policy = None


class Pair(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = layers.Dense(2, name="first", dtype=self._dtype_policy)
        self.second = layers.Dense(2, name="second", dtype=self._dtype_policy)

    def call(self, x):
        return self.second(self.first(x))


def test_layers_inside_take_the_policies_of_their_paths():
    layer = Pair(name="pair", dtype=DTypePolicyMap("float32", {"pair/second": "float64"}))
    output = layer(torch.ones(1, 3))
    assert layer.first.kernel.dtype == torch.float32
    assert layer.second.kernel.dtype == output.dtype == torch.float64


def test_a_map_survives_json_in_the_config_of_a_layer():
    layer = layers.Dense(2, name="dense", dtype=DTypePolicyMap("float32", {"dense": "mixed_bfloat16"}))
    again = layers.Dense.from_config(json.loads(json.dumps(layer.get_config())))
    assert again.compute_dtype == layer.compute_dtype == "bfloat16"
    assert dict(again._dtype_policy) == {"dense": dtype_policies.get("mixed_bfloat16")}


def test_keras_reads_the_config():
    config = serialize_keras_object(DTypePolicyMap("float32", {"a": "float16"}))
    assert keras.saving.deserialize_keras_object(config)["a"].name == "float16"
    assert deserialize_keras_object(config)["a"].name == "float16"


def test_a_map_counts_and_forgets_its_keys():
    policies = DTypePolicyMap("float32", {"a": "float16", "b": "bfloat16"})
    del policies["a"]
    assert list(policies) == ["b"]
    assert len(policies) == 1
    assert "a" not in policies


def test_a_policy_set_on_a_layer_with_a_map_is_that_of_its_path():
    policies = DTypePolicyMap("float32", {"dense": "float16"})
    layer = layers.Dense(2, name="dense", dtype=policies)
    layer.build((None, 3))
    layer.dtype_policy = "mixed_bfloat16"
    assert layer._dtype_policy is policies
    assert policies["dense"].name == layer.dtype_policy.name == "mixed_bfloat16"
    assert layer(torch.ones(1, 3)).dtype == torch.bfloat16


def test_a_map_set_on_a_layer_with_a_map_replaces_it():
    layer = layers.Dense(2, name="dense", dtype=DTypePolicyMap("float32"))
    layer.dtype_policy = DTypePolicyMap("float64")
    assert layer.compute_dtype == "float64"
