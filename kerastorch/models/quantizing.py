"""Quantization of all layers of a model."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

from kerastorch.errors import InvalidArgumentError, MissingMethodError, UnknownArgumentError
from kerastorch.quantization.configs import resolved


class QuantizedLayers:
    """The part of `Model` that quantizes its layers. See `Model`."""

    def quantize(
        self: Any, mode: str | None = None, config: Any = None, filters: Any = None, **kwargs: Any
    ) -> None:
        """Exchanges the weights of the layers inside for ones of fewer bits, where they can be exchanged.

        Args:
            mode: `"int8"`, `"int4"` or `"float8"`; None takes that of the config.
            config: a `QuantizationConfig`; None takes the default of the mode.
            filters: which layers: a regular expression of names or several, or a function of a layer; None for all.
            **kwargs: `type_check`, whether subclasses of the built-in layers are left out. Default: True.

        Raises:
            InvalidArgumentError: when an argument is wrong, or a layer is quantized already or not yet built.
            MissingMethodError: for `"gptq"` and `"awq"`, which are not offered.
            UnknownArgumentError: for another keyword.

        Example:
            >>> from kerastorch.layers.core.dense import Dense
            >>> from kerastorch.layers.core.input_layer import Input
            >>> from kerastorch.models.sequential import Sequential
            >>> model = Sequential([Input((4,)), Dense(3, name="first"), Dense(2, name="second")])
            >>> model.quantize("int8", filters="second")
            >>> [layer.dtype_policy.name for layer in model.layers]
            ['float32', 'int8_from_float32']

        Source: `keras.Model.quantize`.
        """
        type_check = kwargs.pop("type_check", True)
        if kwargs:
            raise UnknownArgumentError(
                f"Unrecognized keyword arguments passed to {type(self).__name__}: {kwargs}. Expected `type_check`."
            )
        if filters is not None and not isinstance(filters, (str, list, tuple)) and not callable(filters):
            raise InvalidArgumentError(
                "The `filters` argument must be a regex string, a list of regex strings, or a callable. "
                f"Received: {type(filters)}"
            )
        config = resolved(mode, config)
        if config.mode in ("gptq", "awq"):
            raise MissingMethodError(
                f"Quantization of mode {config.mode!r}, which calibrates with data, is not offered. Choose 'int8' or "
                "'int4', which need none."
            )
        is_chosen = _choice(filters)
        for layer in self._flatten_layers():
            if is_chosen(layer) and not any(True for _ in layer._flatten_layers(include_self=False)):
                _quantize(layer, config, type_check)
        self._forget_inputs()


def _quantize(layer: Any, config: Any, type_check: bool) -> None:
    """Quantizes one layer; a warning names one that keeps its weights as they are."""
    try:
        layer.quantize(config=config, type_check=type_check)
    except MissingMethodError as error:
        if layer.weights:
            warnings.warn(f"{error} Layer {layer.name!r} stays as it is.", stacklevel=3)


def _choice(filters: Any) -> Callable[[Any], bool]:
    """The function that says which layers are meant."""
    if filters is None:
        return lambda layer: True
    if callable(filters):
        return filters
    patterns = [filters] if isinstance(filters, str) else filters
    return lambda layer: any(re.search(pattern, layer.name) for pattern in patterns)
