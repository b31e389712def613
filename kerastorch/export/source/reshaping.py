"""Layers that move, repeat, add and cut off values."""

from __future__ import annotations

from collections.abc import Callable

from kerastorch.export.source.calls import Call, NoRuleError, literal
from kerastorch.layers.reshaping import padding as edges
from kerastorch.layers.reshaping import up_sampling as enlarging
from kerastorch.layers.reshaping.flatten import Flatten
from kerastorch.layers.reshaping.permute import Permute
from kerastorch.layers.reshaping.repeat_vector import RepeatVector
from kerastorch.layers.reshaping.reshape import Reshape

_PADDING = (edges.ZeroPadding1D, edges.ZeroPadding2D, edges.ZeroPadding3D)
_CROPPING = (edges.Cropping1D, edges.Cropping2D, edges.Cropping3D)
_ENLARGING = (enlarging.UpSampling1D, enlarging.UpSampling2D, enlarging.UpSampling3D)


def flatten(call: Call) -> str:
    """The rule of `Flatten`."""
    x = call.x
    if len(call.shape) == 1:
        return f"{x}.unsqueeze(1)"
    moved = f"{x}.movedim(1, -1)" if call.layer._channels_first else x
    return f"{moved}.flatten(1)"


def reshape(call: Call) -> str:
    """The rule of `Reshape`."""
    x, sizes = call.x, call.layer._sizes
    batch = f"{x}.shape[0]" if -1 in sizes else "-1"
    return f"{x}.reshape({', '.join([batch, *map(str, sizes)])})"


def permute(call: Call) -> str:
    """The rule of `Permute`."""
    return f"{call.x}.permute({', '.join(map(str, (0, *call.layer.dims)))})"


def repeat(call: Call) -> str:
    """The rule of `RepeatVector`."""
    return f"{call.x}.unsqueeze(1).expand(-1, {call.layer.n}, -1)"


def zero_padding(call: Call) -> str:
    """The rule of the layers that add zeros."""
    layer, x = call.layer, call.either()
    widths = [width for pair in reversed(layer._widths) for width in pair]
    if layer._first == 1 and not call.returns_second:
        widths = [0, 0, *widths]
    return f"F.pad({x}, {tuple(widths)})"


def cropping(call: Call) -> str:
    """The rule of the layers that cut off edges."""
    layer, x = call.layer, call.either()
    before = [":"] * (2 if call.returns_second else layer._first)
    cuts = [f"{low or ''}:{-high if high else ''}" for low, high in layer._widths]
    return f"{x}[{', '.join([*before, *cuts])}]"


def up_sampling(call: Call) -> str:
    """The rule of the layers that enlarge."""
    layer = call.layer
    if layer.interpolation == "nearest" and (layer.rank == 1 or not call.is_float):
        each = enumerate(layer._factors, start=layer._first)
        return call.x + "".join(f".repeat_interleave({factor}, dim={axis})" for axis, factor in each)
    if layer.interpolation not in ("nearest", "bilinear"):
        raise NoRuleError(f"torch has no interpolation {layer.interpolation!r} of that kind")
    x = call.channels_second(layer.data_format)
    return f"F.interpolate({x}, scale_factor={layer._factors}, mode={literal(layer.interpolation)})"


RULES: dict[type, Callable[[Call], str]] = {
    Flatten: flatten,
    Reshape: reshape,
    Permute: permute,
    RepeatVector: repeat,
    **dict.fromkeys(_PADDING, zero_padding),
    **dict.fromkeys(_CROPPING, cropping),
    **dict.fromkeys(_ENLARGING, up_sampling),
}
