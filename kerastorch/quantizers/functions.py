"""The functions of `keras.quantizers`: those of layers, which take symbolic tensors and name themselves in errors."""

from __future__ import annotations

from kerastorch.ops.base import op
from kerastorch.quantization import fake, float8, nibbles, scaling

_public = op("keras.quantizers")

abs_max_quantize = _public(scaling.abs_max_quantize)
abs_max_quantize_grouped_with_zero_point = _public(scaling.abs_max_quantize_grouped_with_zero_point)
compute_float8_amax_history = _public(float8.compute_float8_amax_history)
compute_float8_scale = _public(float8.compute_float8_scale)
fake_quant_with_min_max_vars = _public(fake.fake_quant_with_min_max_vars)
pack_int4 = _public(nibbles.pack_int4)
quantize_and_dequantize = _public(float8.quantize_and_dequantize)
unpack_int4 = _public(nibbles.unpack_int4)
