"""Quantizers and configs as objects: defaults, configs, identifiers and errors are Keras's."""

from __future__ import annotations

import keras
import pytest
import torch

from kerastorch import quantizers
from kerastorch.errors import InvalidArgumentError, MissingMethodError
from kerastorch.quantization.configs import block_size_of, resolved


def made(library, name, options):
    plain = {k: v(library) if callable(v) else v for k, v in options.items()}
    data = ([], None) if name in ("GPTQConfig", "AWQConfig") else ()
    return getattr(library, name)(*data, **plain)


def eight(library):
    return library.AbsMaxQuantizer(axis=0)


def sixteen(library):
    return library.AbsMaxQuantizer(output_dtype="int16")


def four(library):
    return library.AbsMaxQuantizer(axis=0, value_range=(-8, 7))


OBJECTS = [
    ("AbsMaxQuantizer", {}),
    ("AbsMaxQuantizer", {"axis": (0, 1), "value_range": (-8, 7), "epsilon": 0.1, "output_dtype": "int8"}),
    ("Int8QuantizationConfig", {}),
    ("Int8QuantizationConfig", {"weight_quantizer": eight, "activation_quantizer": None}),
    ("Int4QuantizationConfig", {}),
    ("Int4QuantizationConfig", {"block_size": 64}),
    ("Int4QuantizationConfig", {"block_size": -1, "weight_quantizer": four, "activation_quantizer": eight}),
    ("Float8QuantizationConfig", {}),
    ("GPTQConfig", {}),
    ("GPTQConfig", {"weight_bits": 8, "group_size": -1, "symmetric": True, "activation_order": True}),
    ("AWQConfig", {}),
    ("AWQConfig", {"group_size": 32, "num_grid_points": 5}),
]


@pytest.mark.parametrize(
    ("name", "options"), [pytest.param(*o, id=f"{o[0]}-{i}") for i, o in enumerate(OBJECTS)]
)
def test_configs_are_keras_s_and_come_back(name, options):
    ours, theirs = made(quantizers, name, options), made(keras.quantizers, name, options)
    assert quantizers.serialize(ours) == keras.quantizers.serialize(theirs)
    again = quantizers.deserialize(keras.quantizers.serialize(theirs))
    assert type(again) is type(ours)
    assert again.get_config() == ours.get_config()
    for attribute in ("mode", "block_size", "weight_bits", "group_size", "num_samples"):
        assert getattr(ours, attribute, None) == getattr(theirs, attribute, None)
    if hasattr(theirs, "dtype_policy_string"):
        assert ours.dtype_policy_string() == theirs.dtype_policy_string()


def test_old_configs_of_four_bits_have_one_scale_an_output():
    assert quantizers.Int4QuantizationConfig.from_config({}).block_size is None


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("AbsMaxQuantizer", {"value_range": (-129, 127)}, r"within the interval \[-128, 127\]"),
        (
            "Int8QuantizationConfig",
            {"weight_quantizer": sixteen},
            "output_dtype='int8'",
        ),
        ("Int4QuantizationConfig", {"block_size": 0}, "block_size must be None, -1, or a positive integer"),
        ("Int4QuantizationConfig", {"weight_quantizer": four}, "does not support custom quantizers"),
        ("Int4QuantizationConfig", {"weight_quantizer": eight, "block_size": -1}, r"value_range=\(-8, 7\)"),
        ("GPTQConfig", {"weight_bits": 5}, "Unsupported weight_bits 5"),
        ("GPTQConfig", {"num_samples": 0}, "num_samples must be a positive integer"),
        ("GPTQConfig", {"hessian_damping": 1.5}, "hessian_damping must be between 0 and 1"),
        ("GPTQConfig", {"group_size": 0}, "Invalid group_size"),
        ("AWQConfig", {"weight_bits": 8}, "AWQ only supports 4-bit quantization"),
        ("AWQConfig", {"sequence_length": -1}, "sequence_length must be a positive integer"),
        ("AWQConfig", {"num_grid_points": 0}, "num_grid_points must be a positive integer"),
    ],
)
def test_wrong_arguments_say_so(name, options, text):
    with pytest.raises(InvalidArgumentError, match=text):
        made(quantizers, name, options)


def test_identifiers_are_resolved():
    assert quantizers.get(None) is None
    assert quantizers.get("AbsMaxQuantizer", axis=0).axis == (0,)
    assert quantizers.get("abs_max_quantizer").value_range == (-127, 127)
    assert quantizers.get(quantizers.AbsMaxQuantizer).axis is None
    assert quantizers.get(torch.round) is torch.round
    assert quantizers.get(quantizers.serialize(eight(quantizers))).axis == (0,)
    with pytest.raises(InvalidArgumentError, match="Could not interpret quantizer identifier: nothing"):
        quantizers.get("nothing")


def test_base_classes_ask_for_what_subclasses_say():
    assert quantizers.Quantizer("int16").output_dtype == "int16"
    with pytest.raises(MissingMethodError, match="does not implement get_config"):
        quantizers.Quantizer().get_config()
    with pytest.raises(MissingMethodError, match="Do not instantiate QuantizationConfig directly"):
        _ = quantizers.QuantizationConfig().mode


def test_modes_and_configs_stand_for_each_other():
    assert isinstance(resolved("int8", None), quantizers.Int8QuantizationConfig)
    assert isinstance(resolved(None, "int4"), quantizers.Int4QuantizationConfig)
    assert resolved(None, quantizers.Float8QuantizationConfig()).mode == "float8"
    assert block_size_of(None, quantizers.Int4QuantizationConfig(block_size=-1)) is None


class Calibrated(quantizers.QuantizationConfig):
    mode = "gptq"


@pytest.mark.parametrize(
    ("mode", "config", "text"),
    [
        ("int7", None, "Invalid quantization mode. Expected one of"),
        (None, None, "You must provide either `mode` or `config`"),
        ("gptq", None, "must pass a `GPTQConfig`"),
        ("awq", None, "must pass an `AWQConfig`"),
        (
            "int8",
            quantizers.Int4QuantizationConfig(),
            "Contradictory arguments: mode='int8' but config.mode='int4'",
        ),
        ("int8", 5, "must be an instance of `QuantizationConfig`"),
        ("gptq", Calibrated(), "requires a valid `config` argument"),
    ],
    ids=["unknown", "nothing", "gptq", "awq", "contradiction", "number", "calibrated"],
)
def test_contradictions_say_so(mode, config, text):
    with pytest.raises(InvalidArgumentError, match=text):
        resolved(mode, config)
