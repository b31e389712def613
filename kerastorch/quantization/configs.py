"""How a layer or a model is to be quantized: the second argument of `quantize`."""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import InvalidArgumentError, MissingMethodError
from kerastorch.policy import QUANTIZATION_MODES
from kerastorch.quantization.quantizer import AbsMaxQuantizer, Quantizer


@registry.builtin("keras.quantizers")
class QuantizationConfig:
    """The base class of configs; subclasses say their `mode`.

    Args:
        weight_quantizer: turns weights into integers; None takes that of the mode.
        activation_quantizer: turns inputs into integers; None leaves them as they are.

    Example:
        >>> class Mine(QuantizationConfig):
        ...     mode = "int8"
        >>> Mine(activation_quantizer=AbsMaxQuantizer()).weight_quantizer is None
        True

    Source: `keras.quantizers.QuantizationConfig`.
    """

    def __init__(
        self, weight_quantizer: Quantizer | None = None, activation_quantizer: Quantizer | None = None
    ) -> None:
        self.weight_quantizer = weight_quantizer
        self.activation_quantizer = activation_quantizer

    @property
    def mode(self) -> str:
        """The mode of quantization.

        Raises:
            MissingMethodError: when a subclass does not say it.
        """
        raise MissingMethodError(
            "Subclasses must implement this property. Do not instantiate QuantizationConfig directly."
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            "weight_quantizer": serialize_keras_object(self.weight_quantizer),
            "activation_quantizer": serialize_keras_object(self.activation_quantizer),
        }

    @classmethod
    def from_config(cls, config: dict) -> QuantizationConfig:
        """Returns a config made from what `get_config` returned."""
        return cls(**{key: _object(value) for key, value in config.items()})

    @staticmethod
    def weight_quantizer_or_default(config: QuantizationConfig | None, default: Any) -> Any:
        """Returns the quantizer of weights that a config, which may be None, names, else the default."""
        return default if config is None or config.weight_quantizer is None else config.weight_quantizer

    @staticmethod
    def activation_quantizer_or_default(config: QuantizationConfig | None, default: Any) -> Any:
        """Returns the quantizer of inputs of a config, and the default where there is no config."""
        return default if config is None else config.activation_quantizer


def _object(value: Any) -> Any:
    return deserialize_keras_object(value) if isinstance(value, dict) else value


def _check_int8(config: QuantizationConfig) -> None:
    quantizer: Any = config.weight_quantizer
    if quantizer is not None and quantizer.output_dtype != "int8":
        raise InvalidArgumentError(
            f"{type(config).__name__} requires a weight_quantizer with output_dtype='int8'. Received: "
            f"output_dtype={quantizer.output_dtype}"
        )


@registry.builtin("keras.quantizers")
class Int8QuantizationConfig(QuantizationConfig):
    """Weights, and inputs, in eight bits.

    Args:
        weight_quantizer: turns weights into integers; None takes an `AbsMaxQuantizer` along the inputs.
        activation_quantizer: turns inputs into integers; `"default"` takes an `AbsMaxQuantizer`, None leaves them as
            they are.

    Raises:
        InvalidArgumentError: when `weight_quantizer` makes other integers than int8.

    Example:
        >>> Int8QuantizationConfig(activation_quantizer=None).mode
        'int8'

    Source: `keras.quantizers.Int8QuantizationConfig`.
    """

    mode = "int8"

    def __init__(self, weight_quantizer: Any = None, activation_quantizer: Any = "default") -> None:
        if isinstance(activation_quantizer, str) and activation_quantizer == "default":
            activation_quantizer = AbsMaxQuantizer()
        super().__init__(weight_quantizer, activation_quantizer)
        _check_int8(self)


@registry.builtin("keras.quantizers")
class Int4QuantizationConfig(QuantizationConfig):
    """Weights in four bits, two in a byte.

    Args:
        weight_quantizer: turns weights into integers from -8 to 7; None takes that of the layer.
        activation_quantizer: turns inputs into integers; `"default"` and None leave them as they are.
        block_size: the inputs that share a scale and a zero point; None and -1 give each output one scale and no zero
            point. Default: 128.

    Raises:
        InvalidArgumentError: when `block_size` is no size, comes with quantizers, or `weight_quantizer` makes other
            integers.

    Example:
        >>> Int4QuantizationConfig(block_size=64).block_size
        64

    Source: `keras.quantizers.Int4QuantizationConfig`.
    """

    mode = "int4"

    def __init__(
        self,
        weight_quantizer: Any = None,
        activation_quantizer: Any = "default",
        block_size: int | None = 128,
    ) -> None:
        if isinstance(activation_quantizer, str) and activation_quantizer == "default":
            activation_quantizer = None
        super().__init__(weight_quantizer, activation_quantizer)
        if block_size is not None and block_size != -1 and block_size <= 0:
            raise InvalidArgumentError(
                f"block_size must be None, -1, or a positive integer. Received: block_size={block_size}"
            )
        self.block_size = block_size
        if block_size not in (None, -1) and (
            weight_quantizer is not None or activation_quantizer is not None
        ):
            raise InvalidArgumentError(
                "Int4 sub-channel quantization (block_size > 0) does not support custom quantizers. Set block_size to "
                f"None or -1, or leave the quantizers away. Received: block_size={block_size}"
            )
        if weight_quantizer is not None and tuple(weight_quantizer.value_range) != (-8, 7):
            raise InvalidArgumentError(
                "Int4QuantizationConfig requires a weight_quantizer with value_range=(-8, 7). Received: "
                f"value_range={weight_quantizer.value_range}"
            )
        _check_int8(self)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "block_size": self.block_size}

    @classmethod
    def from_config(cls, config: dict) -> QuantizationConfig:
        """Returns a config made from what `get_config` returned; one without `block_size` has one scale an output."""
        return super().from_config({"block_size": None, **config})


@registry.builtin("keras.quantizers")
class Float8QuantizationConfig(QuantizationConfig):
    """Training in 8-bit floating-point numbers.

    Example:
        >>> Float8QuantizationConfig().get_config()
        {}

    Source: `keras.quantizers.Float8QuantizationConfig`.
    """

    mode = "float8"

    def __init__(self) -> None:
        super().__init__(None, None)

    def get_config(self) -> dict:
        """Returns the constructor's arguments: none."""
        return {}


_BY_MODE: dict[str, Any] = {
    "int8": Int8QuantizationConfig,
    "int4": Int4QuantizationConfig,
    "float8": Float8QuantizationConfig,
}
_CALIBRATED = {"gptq": "a `GPTQConfig` object", "awq": "an `AWQConfig` object"}


def resolved(mode: Any, config: Any) -> QuantizationConfig:
    """Returns the config that the two arguments of `quantize` stand for.

    Args:
        mode: `"int8"`, `"int4"`, `"float8"`, `"gptq"`, `"awq"`; None takes that of the config.
        config: a config, or a mode; None takes the default of the mode.

    Raises:
        InvalidArgumentError: when they contradict each other, or one of them is nothing of this.

    Example:
        >>> resolved("int4", None).block_size
        128
    """
    if isinstance(config, str):
        mode, config = config, None
    if mode is not None and mode not in QUANTIZATION_MODES:
        raise InvalidArgumentError(
            f"Invalid quantization mode. Expected one of {QUANTIZATION_MODES}. Received: mode={mode}"
        )
    if config is None:
        if mode is None:
            raise InvalidArgumentError("You must provide either `mode` or `config` to `quantize`.")
        if mode in _CALIBRATED:
            raise InvalidArgumentError(
                f"For {mode.upper()}, you must pass {_CALIBRATED[mode]} in the `config` argument."
            )
        return _BY_MODE[mode]()
    if not isinstance(config, QuantizationConfig):
        raise InvalidArgumentError(
            "Argument `config` must be an instance of `QuantizationConfig`. "
            f"Received: config={config!r} (of type {type(config).__name__})"
        )
    if mode is not None and config.mode != mode:
        raise InvalidArgumentError(f"Contradictory arguments: mode='{mode}' but config.mode='{config.mode}'")
    if config.mode in _CALIBRATED and not hasattr(config, "dtype_policy_string"):
        raise InvalidArgumentError(
            f"Mode '{config.mode}' requires a valid `config` argument: {_CALIBRATED[config.mode]}. "
            f"Received: {type(config)}"
        )
    return config


def block_size_of(policy: Any, config: Any) -> int | None:
    """Returns the inputs of a layer that share a scale in four bits; None for one scale an output.

    Args:
        policy: the policy of the layer, which tells it where there is no config.
        config: a config, or None.

    Example:
        >>> block_size_of(None, Int4QuantizationConfig(block_size=64))
        64
    """
    holder = config if isinstance(config, Int4QuantizationConfig) else policy
    size = getattr(holder, "block_size", None)
    return None if size == -1 else size
