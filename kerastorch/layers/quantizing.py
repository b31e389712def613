"""What every layer says about weights in few bits; layers that have them add how (`layers/core/quantized.py`)."""

from __future__ import annotations

from typing import Any

from kerastorch.errors import InvalidArgumentError, MissingMethodError, NotBuiltError
from kerastorch.quantization.configs import Int4QuantizationConfig, resolved


class Quantizing:
    """The part of `Layer` that knows of quantization. See `Layer`."""

    quantized_modes: tuple[str, ...] = ()  # those in which a class can keep its weights

    @property
    def quantization_mode(self: Any) -> str | None:
        """The mode in which weights are quantized, such as `"int8"`; None where they are not."""
        return self.dtype_policy.quantization_mode

    def quantize(self: Any, mode: str | None = None, type_check: bool = True, config: Any = None) -> None:
        """Exchanges the weights of a built layer for ones of fewer bits; the layer's policy says so from then on.

        Args:
            mode: `"int8"`, `"int4"` or `"float8"`; None takes that of the config.
            type_check: whether subclasses, which may use their weights in other ways, are refused.
            config: a `QuantizationConfig`; None takes the default of the mode.

        Raises:
            NotBuiltError: when the layer has no weights yet.
            InvalidArgumentError: when it is quantized already, or mode and config are wrong.
            MissingMethodError: when the layer cannot be quantized in this mode.

        Example:
            >>> from kerastorch.layers.core.dense import Dense
            >>> layer = Dense(2)
            >>> layer.build((None, 3))
            >>> layer.quantize("int8")
            >>> layer.dtype_policy.name, layer.kernel.dtype
            ('int8_from_float32', torch.int8)

        Source: `keras.Layer.quantize`.
        """
        config = resolved(mode, config)
        if not self.built:
            raise NotBuiltError(
                f"Cannot quantize a layer that isn't yet built. Layer '{self.name}' (of type "
                f"'{type(self).__name__}') is not built yet."
            )
        if self.__dict__.get("_is_quantized"):
            raise InvalidArgumentError(
                f"Layer '{self.name}' is already quantized with dtype_policy='{self.dtype_policy.name}'. "
                f"Received: mode={config.mode}"
            )
        if config.mode == "int8" and self.compute_dtype == "float16":
            raise InvalidArgumentError(
                "Quantization mode='int8' doesn't work well with compute_dtype='float16'. Give the layer another "
                "policy, such as 'mixed_bfloat16', before it is quantized."
            )
        self._quantize(config, type_check)

    def _quantize(self: Any, config: Any, type_check: bool) -> None:
        raise MissingMethodError(
            f"Layer {type(self).__name__} does not have a `quantize` method implemented."
        )

    def _follow_quantization(self: Any, policy: Any) -> None:
        """Quantizes a built layer that has got a policy which says so."""
        mode = policy.quantization_mode
        if mode is None or not self.built or self.__dict__.get("_is_quantized"):
            return
        size = getattr(policy, "block_size", None)
        self.quantize(mode, config=None if size is None else Int4QuantizationConfig(block_size=size))

    def _check_policy(self: Any) -> None:
        """Refuses to make weights for a policy that the layer cannot follow."""
        mode = self.quantization_mode
        if mode is not None and mode not in self.quantized_modes:
            known = f"it knows {list(self.quantized_modes)}" if self.quantized_modes else "it knows none"
            raise MissingMethodError(
                f"Layer {self.name!r} ({type(self).__name__}) cannot follow the policy {self.dtype_policy.name!r}: it "
                f"has no weights of mode {mode!r}; {known}. Give it a policy without quantization."
            )
