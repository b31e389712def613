"""Weights in eight or four bits, and training in 8-bit floating-point numbers, for the layers of this folder.

A quantized layer keeps its weight as integers with a scale for each output, and computes with the numbers that these
stand for. Its `forward` is exchanged, so that other layers know nothing of all this when they are called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.context import state
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import MissingMethodError
from kerastorch.layers.described import Described
from kerastorch.policy import QuantizedFloat8DTypePolicy
from kerastorch.quantization.configs import block_size_of
from kerastorch.quantization.float8 import (
    compute_float8_amax_history,
    compute_float8_scale,
    quantize_and_dequantize,
)
from kerastorch.quantization.nibbles import pack_int4, unpack_int4
from kerastorch.quantization.quantizer import AbsMaxQuantizer
from kerastorch.quantization.scaling import abs_max_quantize_grouped_with_zero_point, dequantized

_FLOAT8 = ("inputs", "kernel", "outputs_grad")


@dataclass(frozen=True)
class Stored:
    """How one weight is stored.

    Attributes:
        name: the weight.
        axis: the axis, or axes, whose places share a scale.
        packed: the axis along which two integers of four bits share a byte.
        zero_dtype: the type of zero points, as Keras's files have them.
    """

    name: str
    axis: int | tuple[int, ...] = 0
    packed: int = -1
    zero_dtype: str | None = "int8"


class QuantizedWeights(Described):
    """The part of a layer that quantizes its weights. See `Dense`."""

    quantized_modes: tuple[str, ...] = ("int8", "int4", "float8")
    quantization_config: Any
    _rounds_inputs_of: tuple[str, ...] = ("int8",)  # the modes whose default rounds inputs, too

    def _stored(self: Any) -> list[Stored]:
        """The weights that are quantized."""
        return [Stored("kernel")]

    def _quantized_call(self: Any, inputs: torch.Tensor) -> torch.Tensor:
        """What the layer computes once it is quantized."""
        return self._finished(torch.matmul(self._rounded(inputs), self._floats(self._stored()[0])))

    def _take_quantization(self: Any, config: Any) -> None:
        """Notes the argument of the constructor, or what a saved config has in its place."""
        self.quantization_config = deserialize_keras_object(config) if isinstance(config, dict) else config

    def _quantization_options(self: Any) -> dict:
        """The argument of the constructor for a config."""
        config = self.quantization_config
        return {} if config is None else {"quantization_config": serialize_keras_object(config)}

    # Exchanging the weights ------------------------------------------------------------------------------------------

    def _build_quantized(self: Any) -> None:
        """Quantizes new weights where the policy asks for it; a file, or `set_weights`, gives them values."""
        if self.quantization_mode is None:
            return
        self._exchange(self.quantization_mode, self.quantization_config)
        if self.quantization_mode == "float8":
            for name in [name for name in ("kernel", "bias") if name in self._parameters]:
                self._parameters[name] = self._parameters.pop(name)  # Keras makes them last then
            return
        for part in self._stored():
            self._buffers[part.name].zero_()
            self._buffers[f"{part.name}_scale"].fill_(1.0)
            if f"{part.name}_zero" in self._buffers:
                self._buffers[f"{part.name}_zero"].zero_()

    def _quantize(self: Any, config: Any, type_check: bool) -> None:
        if type_check and registry.home_of(type(self)) is None:
            raise MissingMethodError(
                f"Layer {type(self).__name__} does not have a `quantize` method implemented: it is a subclass, which "
                "may use its weights in other ways. `type_check=False` quantizes it all the same."
            )
        if config.mode not in self.quantized_modes:
            raise MissingMethodError(
                f"Invalid quantization mode. Layer {type(self).__name__} has {self.quantized_modes}. "
                f"Received: quantization_mode={config.mode}"
            )
        self.quantization_config = config
        self._exchange(config.mode, config)
        if self.quantization_mode is None:
            size = block_size_of(None, config)
            mode = f"int4/{size or -1}" if config.mode == "int4" else config.mode
            self.dtype_policy = f"{mode}_from_{self.dtype_policy.name}"

    def _exchange(self: Any, mode: str, config: Any) -> None:
        self.__dict__["_is_quantized"] = True  # first: setting the policy asks for it
        if mode == "float8":
            self._add_float8()
        else:
            for part in self._stored():
                store = self._store_int8 if mode == "int8" else self._store_int4
                store(part, config)
            default = AbsMaxQuantizer() if mode in self._rounds_inputs_of else None
            self.inputs_quantizer = default if config is None else config.activation_quantizer
        self.__dict__["forward"] = self._float8_call if mode == "float8" else self._quantized_call
        self._forget_inputs()

    def _replace(self: Any, name: str, value: torch.Tensor, dtype: Any = None) -> None:
        """Makes a weight that is not trained of a value."""
        self._parameters.pop(name, None)
        kind = dtype or str(value.dtype).removeprefix("torch.")
        self.add_weight(value.shape, lambda shape, dtype: value, kind, False, name=name)

    def _store_int8(self: Any, part: Stored, config: Any) -> None:
        quantizer = None if config is None else config.weight_quantizer
        weight = self._parameters[part.name]
        with torch.no_grad():
            values, scale = (quantizer or AbsMaxQuantizer(part.axis))(weight, to_numpy=True)
        self._replace(part.name, values)
        self._replace(f"{part.name}_scale", self._scale_to_store(scale, part), self.variable_dtype)

    def _scale_to_store(self: Any, scale: torch.Tensor, part: Stored) -> torch.Tensor:
        """A scale with axes like the weight's in the shape in which it is kept."""
        return scale.squeeze(part.axis)

    def _store_int4(self: Any, part: Stored, config: Any) -> None:
        size = block_size_of(self.dtype_policy, config)
        weight = self._as_matrix(self._parameters[part.name])
        grouped = part.axis in (-1, 1)  # groups lie along the first axis
        if size is None:
            quantizer = None if config is None else config.weight_quantizer
            default = AbsMaxQuantizer(-1 if grouped else 0, value_range=(-8, 7))
            values, scale = (quantizer or default)(weight, to_numpy=True)
            zero, scale = None, scale.squeeze(-1 if grouped else 0)
        else:
            columns = weight.t() if grouped else weight
            found = abs_max_quantize_grouped_with_zero_point(columns, size, to_numpy=True)
            values, scale, zero = (x.t() if grouped else x for x in found)
        self._replace(part.name, pack_int4(values, part.packed)[0])
        self._replace(f"{part.name}_scale", scale, self.variable_dtype)
        if zero is not None and size is not None:
            self._replace(f"{part.name}_zero", zero, part.zero_dtype or self.variable_dtype)
            if "g_idx" not in self._buffers:
                places = torch.arange(weight.shape[1 if grouped else 0], device=weight.device)
                self._replace("g_idx", (places // size).float())
        self.__dict__[f"_{part.name}_shape"] = tuple(weight.shape)

    def _as_matrix(self: Any, weight: torch.Tensor) -> torch.Tensor:
        return weight.detach()

    # Computing with them ---------------------------------------------------------------------------------------------

    def _floats(self: Any, part: Stored) -> torch.Tensor:
        """The numbers that a stored weight stands for."""
        values, scale = getattr(self, part.name), getattr(self, f"{part.name}_scale")
        if self.quantization_mode == "int4":
            size = self.__dict__[f"_{part.name}_shape"][part.packed]
            values = unpack_int4(values, size, part.packed)
        if hasattr(self, f"{part.name}_zero"):
            axis = -1 if part.axis in (-1, 1) else 0
            return dequantized(values, scale, getattr(self, f"{part.name}_zero"), self.g_idx, axis).to(
                self._compute_torch_dtype
            )
        return (values / self._scale_beside(scale, part)).to(self._compute_torch_dtype)

    def _scale_beside(self: Any, scale: torch.Tensor, part: Stored) -> torch.Tensor:
        """A scale in the shape in which it stands beside the weight."""
        return scale.unsqueeze(-1) if part.axis in (-1, 1) else scale

    def _rounded(self: Any, inputs: torch.Tensor, axis: Any = -1) -> torch.Tensor:
        """Inputs as they are after a way through integers; gradients flow as if they had not gone it."""
        inputs = inputs.to(self._compute_torch_dtype)
        if self.inputs_quantizer is None:
            return inputs
        with torch.no_grad():
            values, scale = self.inputs_quantizer(inputs, axis=axis)
        return _Straight.apply(inputs, values / scale)

    def _finished(self: Any, outputs: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
        bias = self.bias if bias is None else bias
        outputs = outputs if bias is None else outputs + bias.to(outputs.dtype)
        return outputs if self.activation is None else self.activation(outputs)

    # Training in 8-bit floating-point numbers ------------------------------------------------------------------------

    def _add_float8(self: Any) -> None:
        default = QuantizedFloat8DTypePolicy.default_amax_history_length
        length = getattr(self.dtype_policy, "amax_history_length", default)
        options = {"dtype": "float32", "autocast": False, "overwrite_with_gradient": True}
        for name in _FLOAT8:
            self.add_weight((), "ones", name=f"{name}_scale", **options)
            self.add_weight((length,), "zeros", name=f"{name}_amax_history", **options)

    def _float8_call(self: Any, inputs: torch.Tensor) -> torch.Tensor:
        """What the layer computes once it trains in 8-bit floating-point numbers."""
        training = self.training if state.training is None else state.training
        dtype = self._compute_torch_dtype
        operands = [
            _Through.apply(
                x.to(dtype), getattr(self, f"{n}_scale"), getattr(self, f"{n}_amax_history"), training
            )
            for n, x in (("inputs", inputs), ("kernel", self.kernel))
        ]
        outputs = self._multiplied(*operands)
        outputs = _ThroughBackwards.apply(outputs, self.outputs_grad_scale, self.outputs_grad_amax_history)
        bias = self.bias
        if bias is not None and dtype is torch.float32:
            bias = bias.to(torch.bfloat16).to(dtype)  # as kernels that add it in the product do
        return self._finished(outputs, bias)

    def _multiplied(self: Any, inputs: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        return torch.matmul(inputs, kernel)

    def _stored_variables(self: Any) -> list[torch.Tensor]:
        """The variables in the order of Keras's files."""
        own = super()._stored_variables()  # type: ignore[misc]
        if not self.__dict__.get("_is_quantized"):
            return own
        if self.quantization_mode == "float8":
            more = [f"{name}_{end}" for name in _FLOAT8 for end in ("scale", "amax_history")]
            names = ["kernel", "bias", *more]
        else:
            first, *others = (part.name for part in self._stored())
            names = [first, "bias", f"{first}_scale", f"{first}_zero", "g_idx"]
            names += [f"{name}{end}" for name in others for end in ("", "_scale", "_zero")]
        held = {**self._parameters, **self._buffers}
        found = [held[name] for name in names if held.get(name) is not None]
        return [*found, *(variable for variable in own if not any(variable is other for other in found))]


class _Straight(torch.autograd.Function):
    """Other values with the gradient of the first ones."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        return values.to(x.dtype)

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> Any:
        return upstream, None


def _next(x: torch.Tensor, scale: torch.Tensor, history: torch.Tensor, kind: torch.dtype) -> tuple:
    """The scale and the history of the next step."""
    new = compute_float8_scale(history.amax(0), scale, torch.finfo(kind).max)
    return new, compute_float8_amax_history(x, history)


class _Through(torch.autograd.Function):
    """Values on a way through eight bits; the gradients of scale and history are their next values."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, scale: torch.Tensor, history: torch.Tensor, training: bool
    ) -> torch.Tensor:
        kind = torch.float8_e4m3fn
        ctx.following = _next(x, scale, history, kind) if training else (None, None)
        return quantize_and_dequantize(x, scale, kind, x.dtype)

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> Any:
        return upstream, *ctx.following, None


class _ThroughBackwards(torch.autograd.Function):
    """Values as they are, whose gradients go a way through eight bits."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, scale: torch.Tensor, history: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(scale, history)
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> Any:
        kind, (scale, history) = torch.float8_e5m2, ctx.saved_tensors
        passed = quantize_and_dequantize(upstream, scale, kind, upstream.dtype)
        return passed, *_next(upstream, scale, history, kind)
