"""Preprocessing that is arithmetic."""

from __future__ import annotations

from collections.abc import Callable

from kerastorch.export.source.calls import Call, NoRuleError, literal
from kerastorch.layers.preprocessing.images.rescaling import Rescaling
from kerastorch.layers.preprocessing.normalization import Normalization


def rescaling(call: Call) -> str:
    """The rule of `Rescaling`."""
    layer = call.layer
    if layer._scales is not None or layer._offsets is not None:
        raise NoRuleError("it has a scale or an offset for each channel")
    x = call.either() if call.is_float else f"{call.either()}.float()"
    return f"{x} * {literal(layer.scale)} + {literal(layer.offset)}"


def normalization(call: Call) -> str:
    """The rule of `Normalization`."""
    layer = call.layer
    x = call.x if call.is_float else f"{call.x}.float()"
    mean = call.weight("mean", layer.mean, is_trainable=False)
    deviation = call.weight("deviation", layer._deviation, is_trainable=False)
    return f"torch.addcmul({mean}, {x}, {deviation})" if layer.invert else f"({x} - {mean}) / {deviation}"


RULES: dict[type, Callable[[Call], str]] = {Rescaling: rescaling, Normalization: normalization}
