"""One data type policy: the types of a layer's weights and computation, and how its weights are quantized."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.core.arrays import as_tensor
from kerastorch.dtypes import TORCH_DTYPES, standardize_dtype, torch_dtype
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, did_you_mean

QUANTIZATION_MODES = ("int8", "float8", "int4", "gptq", "awq")
_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


@registry.builtin("keras", "FloatDTypePolicy")
class DTypePolicy:
    """The pair of types that a layer computes in and keeps its weights in.

    Args:
        name: a data type, `"mixed_float16"` or `"mixed_bfloat16"`; None takes the name of the global policy.

    Raises:
        ArgumentTypeError: when the name is no string.
        InvalidArgumentError: for any other name.

    Example:
        >>> policy = DTypePolicy("mixed_bfloat16")
        >>> policy.compute_dtype, policy.variable_dtype
        ('bfloat16', 'float32')

    Source: `keras.DTypePolicy`.
    """

    name: str
    quantization_mode: str | None = None

    def __init__(self, name: str | None = None) -> None:
        self.name = dtype_policy().name if name is None else name
        self.compute_dtype, self.variable_dtype = _types(self.name)

    def at(self, path: str) -> DTypePolicy:
        """Returns the policy of the layer with a path: the same for all, but for a `DTypePolicyMap`."""
        return self

    @property
    def is_mixed(self) -> bool:
        """Whether computation and weights have different types."""
        return self.compute_dtype != self.variable_dtype

    def autocast(self, device: torch.device) -> torch.autocast:
        """Returns torch's context that computes in `compute_dtype` while weights stay as they are."""
        return torch.autocast(device.type, dtype=torch_dtype(self.compute_dtype))

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """Returns an input of a layer in a type: arrays become tensors, other than floating-point numbers stay.

        Args:
            x: a tensor, symbolic tensor or array; anything else is returned as it is.
            autocast: whether floating-point numbers are cast.
            dtype: the type to cast to.
        """
        if not isinstance(x, torch.Tensor) and hasattr(x, "__array__"):
            x = as_tensor(x)
        floats = hasattr(x, "dtype") and "float" in standardize_dtype(x.dtype)
        return x.to(torch_dtype(dtype)) if autocast and floats else x

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict) -> DTypePolicy:
        """Returns a policy made from what `get_config` returned."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DTypePolicy) or type(other) is not type(self):
            return False
        return other.get_config() == self.get_config()

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<{type(self).__name__} "{self.name}">'


FloatDTypePolicy = DTypePolicy


def _types(name: Any) -> tuple[str, str]:
    """The types that a policy of a name computes in and keeps weights in."""
    if not isinstance(name, str):
        raise ArgumentTypeError(
            f"'name' must be a string, such as 'mixed_float16'. Received: name={name!r} (of type {type(name).__name__})"
        )
    if name in _MIXED:
        return _MIXED[name], "float32"
    if name in TORCH_DTYPES:
        return name, name
    raise InvalidArgumentError(
        f"Cannot convert '{name}' to a mixed precision DTypePolicy. Expected 'mixed_float16', 'mixed_bfloat16' or a "
        f"data type such as 'float32'.{did_you_mean(name, [*_MIXED, *TORCH_DTYPES])}"
    )


class Global:
    """The policy of layers made without `dtype`, where one was set."""

    policy: DTypePolicy | None = None


def dtype_policy() -> DTypePolicy:
    """Returns the policy of layers made without `dtype`; it follows `floatx()` unless one was set.

    Example:
        >>> dtype_policy()
        <DTypePolicy "float32">
    """
    return Global.policy or DTypePolicy(config.floatx())


# Quantized policies -------------------------------------------------------------------------------------------------


@registry.builtin("keras.dtype_policies")
class QuantizedDTypePolicy(DTypePolicy):
    """The policy of layers whose weights are stored in fewer bits than they are computed with.

    Args:
        mode: `"int8"`, `"int4"`, `"float8"`, `"gptq"` or `"awq"`.
        source_name: the policy of the layer without quantization; None takes the global one.

    Raises:
        InvalidArgumentError: for another mode, or for `"int8"` over float16.

    Example:
        >>> QuantizedDTypePolicy("int8", "mixed_bfloat16")
        <QuantizedDTypePolicy "int8_from_mixed_bfloat16">

    Source: `keras.dtype_policies.QuantizedDTypePolicy`.
    """

    def __init__(self, mode: str, source_name: str | None = None) -> None:
        super().__init__(source_name)
        if mode not in QUANTIZATION_MODES:
            raise InvalidArgumentError(
                f"Invalid quantization mode. Expected one of {QUANTIZATION_MODES}. Received: mode={mode}"
            )
        if mode == "int8" and self.compute_dtype == "float16":
            raise InvalidArgumentError(
                "Quantization mode='int8' doesn't work well with compute_dtype='float16'."
            )
        self.source_name = self.name
        self.quantization_mode = mode
        self.name = f"{mode}_from_{self.source_name}"

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"mode": self.quantization_mode, "source_name": self.source_name}


@registry.builtin("keras.dtype_policies")
class QuantizedFloat8DTypePolicy(QuantizedDTypePolicy):
    """The policy of layers that train in 8-bit floating-point numbers.

    Args:
        mode: `"float8"`.
        source_name: the policy of the layer without quantization; None takes the global one.
        amax_history_length: the steps whose largest absolute values decide the scale. Default: 1024.

    Raises:
        ArgumentTypeError: when `amax_history_length` is no integer.
        InvalidArgumentError: for another mode.

    Example:
        >>> QuantizedFloat8DTypePolicy("float8", "float32", amax_history_length=16).amax_history_length
        16

    Source: `keras.dtype_policies.QuantizedFloat8DTypePolicy`.
    """

    default_amax_history_length = 1024

    def __init__(self, mode: str, source_name: str | None = None, amax_history_length: int = 1024) -> None:
        super().__init__(mode, source_name)
        if not isinstance(amax_history_length, int):
            raise ArgumentTypeError(
                f"`amax_history_length` must be an integer. Received: amax_history_length={amax_history_length}"
            )
        self.amax_history_length = amax_history_length

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "amax_history_length": self.amax_history_length}


class _GroupedDTypePolicy(QuantizedDTypePolicy):
    """A policy whose mode has numbers after a slash: `"int4/128"`, `"gptq/4/128"`."""

    parts: tuple[str, ...]  # the names of the numbers, which are attributes
    allowed_bits: tuple[int, ...] = ()
    whole: str  # what a group of size -1 is

    def __init__(self, mode: str, source_name: str | None = None) -> None:
        self.mode, *texts = mode.split("/")
        expected = type(self).__name__.removesuffix("DTypePolicy").lower()
        form = "/".join([expected, *(f"<{part}>" for part in self.parts)])
        if self.mode != expected or len(texts) != len(self.parts):
            raise InvalidArgumentError(
                f"Invalid mode for {type(self).__name__}. Expected format '{form}', but got '{mode}'."
            )
        try:
            numbers = [int(text) for text in texts]
        except ValueError as error:
            named = " and ".join(f"<{part}>" for part in self.parts)
            verb = "must be integers" if len(self.parts) > 1 else "must be an integer"
            raise InvalidArgumentError(
                f"Invalid mode for {type(self).__name__}. {named} {verb}. Expected format '{form}', but got '{mode}'."
            ) from error
        self.__dict__.update(zip(self.parts, numbers, strict=True))
        self._check(mode, numbers)
        super().__init__(self.mode, source_name)
        self.name = f"{mode}_from_{self.source_name}"

    def _check(self, mode: str, numbers: list[int]) -> None:
        if len(numbers) > 1 and numbers[0] not in self.allowed_bits:
            bits = ", ".join(map(str, self.allowed_bits))
            supported = (
                "AWQ only supports 4-bit quantization" if bits == "4" else f"Supported values are {bits}"
            )
            raise InvalidArgumentError(
                f"Invalid weight_bits in mode. {supported}, but got {numbers[0]} from '{mode}'."
            )
        if numbers[-1] < -1 or numbers[-1] == 0:
            raise InvalidArgumentError(
                f"Invalid {self.parts[-1]} in mode. Supported values are -1 ({self.whole}) or a positive integer, but "
                f"got {numbers[-1]} from '{mode}'."
            )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        mode = "/".join([self.mode, *(str(getattr(self, part)) for part in self.parts)])
        return {**super().get_config(), "mode": mode}


@registry.builtin("keras.dtype_policies")
class Int4DTypePolicy(_GroupedDTypePolicy):
    """The policy of layers whose weights have four bits.

    Args:
        mode: `"int4/<block_size>"`: how many inputs share a scale; -1 for one scale an output.
        source_name: the policy of the layer without quantization; None takes the global one.

    Raises:
        InvalidArgumentError: for another mode, or a block size that is 0 or below -1.

    Example:
        >>> Int4DTypePolicy("int4/128", "float32").block_size
        128

    Source: `keras.dtype_policies.Int4DTypePolicy`.
    """

    parts, whole = ("block_size",), "per-channel"
    block_size: int

    def _check(self, mode: str, numbers: list[int]) -> None:
        if numbers[0] < -1 or numbers[0] == 0:
            raise InvalidArgumentError(
                "Invalid block_size in mode. Supported values are -1 (per-channel) or a positive integer "
                f"(sub-channel), but got {numbers[0]} from '{mode}'."
            )


@registry.builtin("keras.dtype_policies")
class GPTQDTypePolicy(_GroupedDTypePolicy):
    """The policy of layers whose weights were rounded one after the other, each making up for those before (GPTQ).

    Args:
        mode: `"gptq/<weight_bits>/<group_size>"`: 2, 3, 4 or 8 bits, and how many inputs share a scale; -1 for all.
        source_name: the policy of the layer without quantization; None takes the global one.

    Raises:
        InvalidArgumentError: for another mode, number of bits or group size.

    Example:
        >>> policy = GPTQDTypePolicy("gptq/4/128", "float32")
        >>> policy.weight_bits, policy.group_size
        (4, 128)

    Source: `keras.dtype_policies.GPTQDTypePolicy`.
    """

    parts, allowed_bits, whole = ("weight_bits", "group_size"), (2, 3, 4, 8), "whole-tensor"
    weight_bits: int
    group_size: int


@registry.builtin("keras.dtype_policies")
class AWQDTypePolicy(_GroupedDTypePolicy):
    """The policy of layers whose weights were scaled by how large their inputs are before rounding (AWQ).

    Args:
        mode: `"awq/4/<group_size>"`: how many inputs share a scale; -1 for all.
        source_name: the policy of the layer without quantization; None takes the global one.

    Raises:
        InvalidArgumentError: for another mode, number of bits or group size.

    Example:
        >>> AWQDTypePolicy("awq/4/-1", "mixed_bfloat16").group_size
        -1

    Source: `keras.dtype_policies.AWQDTypePolicy`.
    """

    parts, allowed_bits, whole = ("weight_bits", "group_size"), (4,), "per-channel"
    weight_bits: int
    group_size: int


_BY_MODE = {
    "int8": QuantizedDTypePolicy,
    "float8": QuantizedFloat8DTypePolicy,
    "gptq": GPTQDTypePolicy,
    "awq": AWQDTypePolicy,
}


def named_policy(name: str) -> DTypePolicy:
    """Returns the policy of a name, quantized or not.

    Args:
        name: such as `"mixed_bfloat16"`, `"int8_from_float32"`, `"int4/128_from_float32"`.

    Raises:
        InvalidArgumentError: when no policy has that name.

    Example:
        >>> named_policy("gptq/4/128_from_float32").quantization_mode
        'gptq'
    """
    if not name.startswith(QUANTIZATION_MODES) or name in TORCH_DTYPES:
        return DTypePolicy(name)
    mode, *source = name.split("_from_")
    if len(source) != 1:
        raise InvalidArgumentError(
            "Cannot convert `policy` into a valid pair (`mode`, `source_name`) to instantiate `QuantizedDTypePolicy`, "
            f"such as 'int8_from_float32'. Received: policy={name}"
        )
    if mode.startswith("int4"):
        return (Int4DTypePolicy if "/" in mode else QuantizedDTypePolicy)(mode, source[0])
    kind = next(kind for known, kind in _BY_MODE.items() if mode.startswith(known))
    return kind(mode, source[0])
