"""Quantizers, and configs that tell layers how to be quantized: `kerastorch.quantizers`."""

from kerastorch.quantizers.calibrated import AWQConfig, GPTQConfig
from kerastorch.quantizers.configs import (
    Float8QuantizationConfig,
    Int4QuantizationConfig,
    Int8QuantizationConfig,
    QuantizationConfig,
)
from kerastorch.quantizers.fake import fake_quant_with_min_max_vars
from kerastorch.quantizers.float8 import (
    compute_float8_amax_history,
    compute_float8_scale,
    quantize_and_dequantize,
)
from kerastorch.quantizers.identifiers import deserialize, get, serialize
from kerastorch.quantizers.nibbles import pack_int4, unpack_int4
from kerastorch.quantizers.quantizer import AbsMaxQuantizer, Quantizer
from kerastorch.quantizers.scaling import abs_max_quantize, abs_max_quantize_grouped_with_zero_point

__all__ = [
    "AWQConfig",
    "AbsMaxQuantizer",
    "Float8QuantizationConfig",
    "GPTQConfig",
    "Int4QuantizationConfig",
    "Int8QuantizationConfig",
    "QuantizationConfig",
    "Quantizer",
    "abs_max_quantize",
    "abs_max_quantize_grouped_with_zero_point",
    "compute_float8_amax_history",
    "compute_float8_scale",
    "deserialize",
    "fake_quant_with_min_max_vars",
    "get",
    "pack_int4",
    "quantize_and_dequantize",
    "serialize",
    "unpack_int4",
]
