"""Policies of quantized layers: names, attributes, configs and errors, held against Keras's."""

from __future__ import annotations

import copy
import pickle

import keras
import pytest
import torch

import kerastorch
from kerastorch import dtype_policies
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.policy import Global

SOURCES = ["float32", "bfloat16", "mixed_bfloat16", "float64"]
MODES = ["int8", "float8", "int4", "int4/128", "int4/-1"]
MODES += ["gptq/4/128", "gptq/2/-1", "gptq/8/16", "awq/4/128", "awq/4/-1"]
NAMES = [f"{mode}_from_{source}" for mode in MODES for source in SOURCES]
ATTRIBUTES = [
    "name",
    "compute_dtype",
    "variable_dtype",
    "quantization_mode",
    "amax_history_length",
    "block_size",
    "weight_bits",
    "group_size",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_gives_keras_s_policy(name):
    ours, theirs = dtype_policies.get(name), keras.dtype_policies.get(name)
    assert type(ours).__name__ == type(theirs).__name__
    assert repr(ours) == repr(theirs)
    assert ours.get_config() == theirs.get_config()
    for attribute in ATTRIBUTES:
        assert getattr(ours, attribute, "none") == getattr(theirs, attribute, "none")


@pytest.mark.parametrize("name", NAMES)
def test_policies_survive_configs_copies_and_pickles(name):
    policy = dtype_policies.get(name)
    described = dtype_policies.serialize(policy)
    assert described == keras.dtype_policies.serialize(keras.dtype_policies.get(name))
    assert dtype_policies.deserialize(described) == policy
    assert dtype_policies.get(described) == policy
    assert copy.deepcopy(policy) == policy == pickle.loads(pickle.dumps(policy))
    assert len({policy, copy.copy(policy)}) == 1


def test_policies_differ_in_class_and_in_each_argument():
    float8 = dtype_policies.QuantizedFloat8DTypePolicy
    policies = [
        dtype_policies.DTypePolicy("float32"),
        dtype_policies.DTypePolicy("mixed_bfloat16"),
        dtype_policies.QuantizedDTypePolicy("float8", "float32"),
        float8("float8", "float32"),
        float8("float8", "float32", amax_history_length=16),
        *(dtype_policies.get(name) for name in NAMES if not name.startswith("float8_from_float32")),
    ]
    assert [i for i, a in enumerate(policies) for b in policies[i + 1 :] if a == b] == []


def test_a_quantized_policy_without_a_source_takes_the_global_one():
    kerastorch.config.set_dtype_policy("mixed_bfloat16")
    try:
        assert dtype_policies.DTypePolicy().name == "mixed_bfloat16"
        assert dtype_policies.QuantizedDTypePolicy("int8").name == "int8_from_mixed_bfloat16"
        assert dtype_policies.Int4DTypePolicy("int4/32").get_config() == {
            "mode": "int4/32",
            "source_name": "mixed_bfloat16",
        }
    finally:
        Global.policy = None


def test_maps_without_a_default_follow_the_global_policy_when_read():
    policies = dtype_policies.DTypePolicyMap(None, {"a": "int8_from_mixed_bfloat16", "b": "mixed_bfloat16"})
    again = dtype_policies.DTypePolicyMap.from_config(policies.get_config())
    assert (again["a"].name, again["b"].name) == ("int8_from_float32", "float32")


def test_float_policies_of_keras_files_are_policies():
    config = {
        "module": "keras",
        "class_name": "FloatDTypePolicy",
        "config": {"name": "bfloat16"},
    }
    assert dtype_policies.deserialize(config) == dtype_policies.DTypePolicy("bfloat16")


def test_inputs_are_converted_as_by_keras():
    policy = dtype_policies.DTypePolicy("float32")
    half, whole = torch.ones(2, dtype=torch.float16), torch.ones(2, dtype=torch.int32)
    assert policy.convert_input(half, autocast=True, dtype="float32").dtype == torch.float32
    assert policy.convert_input(half, autocast=False, dtype="float32").dtype == torch.float16
    assert policy.convert_input(whole.numpy(), autocast=True, dtype="float32").dtype == torch.int32
    assert policy.convert_input("text", autocast=True, dtype="float32") == "text"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("int8_from_float16", "mode='int8' doesn't work well with compute_dtype='float16'"),
        ("int8_from_mixed_float16", "doesn't work well"),
        ("int8_from_float31", "Cannot convert 'float31' to a mixed precision DTypePolicy"),
        ("int8_from_a_from_b", r"valid pair \(`mode`, `source_name`\)"),
        ("int8x_from_float32", "Invalid quantization mode. Expected one of"),
        ("int4/_from_float32", "<block_size> must be an integer"),
        ("int4/1/2_from_float32", "Invalid mode for Int4DTypePolicy. Expected format 'int4/<block_size>'"),
        ("int4/0_from_float32", "Invalid block_size in mode"),
        ("int4/-2_from_float32", "Invalid block_size in mode"),
        ("gptq_from_float32", "Expected format 'gptq/<weight_bits>/<group_size>', but got 'gptq'"),
        ("gptq/a/1_from_float32", "<weight_bits> and <group_size> must be integers"),
        ("gptq/5/1_from_float32", "Supported values are 2, 3, 4, 8, but got 5"),
        ("gptq/4/0_from_float32", r"Supported values are -1 \(whole-tensor\) or a positive integer"),
        ("awq/8/128_from_float32", "AWQ only supports 4-bit quantization, but got 8"),
        ("awq/4/-5_from_float32", r"-1 \(per-channel\) or a positive integer"),
    ],
)
def test_wrong_names_say_what_is_wrong(name, text):
    with pytest.raises(InvalidArgumentError, match=text):
        dtype_policies.get(name)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: dtype_policies.DTypePolicy(123), "'name' must be a string"),
        (lambda: dtype_policies.QuantizedDTypePolicy("int8", 1), "'name' must be a string"),
        (lambda: dtype_policies.QuantizedFloat8DTypePolicy("float8", None, "8"), "must be an integer"),
    ],
    ids=["name", "source", "length"],
)
def test_arguments_of_other_types_are_type_errors(make, text):
    with pytest.raises(ArgumentTypeError, match=text):
        make()


@pytest.mark.parametrize("policy", [123, ["float32"], None], ids=str)
def test_only_policies_and_names_can_be_set(policy):
    with pytest.raises(InvalidArgumentError, match="Invalid `policy` argument"):
        kerastorch.config.set_dtype_policy(policy)


@pytest.mark.parametrize("policy", [123, ["float32"]], ids=str)
def test_only_policies_and_names_can_be_got(policy):
    with pytest.raises(InvalidArgumentError, match="Cannot interpret `dtype` argument"):
        dtype_policies.get(policy)
