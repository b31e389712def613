"""Pooling layers."""

from __future__ import annotations

from collections.abc import Callable

from kerastorch.export.source.calls import Call, NoRuleError, arguments, unless
from kerastorch.layers.pooling import adaptive_pooling as sized
from kerastorch.layers.pooling import global_pooling as whole
from kerastorch.layers.pooling import pooling as windows

_MAX = (windows.MaxPooling1D, windows.MaxPooling2D, windows.MaxPooling3D)
_AVERAGE = (windows.AveragePooling1D, windows.AveragePooling2D, windows.AveragePooling3D)
_ADAPTIVE_MAX = (sized.AdaptiveMaxPooling1D, sized.AdaptiveMaxPooling2D, sized.AdaptiveMaxPooling3D)
_ADAPTIVE_AVERAGE = (
    sized.AdaptiveAveragePooling1D,
    sized.AdaptiveAveragePooling2D,
    sized.AdaptiveAveragePooling3D,
)
_GLOBAL_MAX = (whole.GlobalMaxPooling1D, whole.GlobalMaxPooling2D, whole.GlobalMaxPooling3D)
_GLOBAL_AVERAGE = (whole.GlobalAveragePooling1D, whole.GlobalAveragePooling2D, whole.GlobalAveragePooling3D)


def pooling(call: Call) -> str:
    """The rule of the layers that pool windows."""
    layer, rank = call.layer, call.layer.rank
    x = call.channels_second(layer.data_format)
    options = {
        "stride": unless(layer.strides, layer.pool_size),
        "padding": unless(_padding(call), 0),
        "ceil_mode": layer._same or None,
    }
    kind = "MaxPool"
    if isinstance(layer, _AVERAGE):
        kind = "AvgPool"
        options["count_include_pad"] = None if options["padding"] is None else False
    found = call.member(f"nn.{kind}{rank}d({arguments(layer.pool_size, **options)})")
    dropped = {axis - (rank == 1) for axis in layer._drops}
    kept = ", ".join("1:" if axis in dropped else ":" for axis in range(rank + 2))
    return f"{found}({x})[{kept}]" if dropped else f"{found}({x})"


def _padding(call: Call) -> tuple[int, ...]:
    layer = call.layer
    if layer._fixed_padding is not None:
        return layer._fixed_padding[-layer.rank :]
    sizes = call.shape[1:-1] if layer.data_format == "channels_last" else call.shape[2:]
    if None in sizes:
        raise NoRuleError('its padding "same" depends on sizes that are not known')
    one = (1,) if layer.rank == 1 else ()
    return layer._padding_for(one + sizes)[-layer.rank :]


def of_everything(call: Call) -> str:
    """The rule of the layers that pool all places."""
    layer = call.layer
    x = call.either()
    first = 2 if call.returns_second or layer.data_format == "channels_first" else 1
    axes = ", ".join(map(str, range(first, first + layer.rank)))
    axes = f"({axes})" if layer.rank > 1 else axes
    name = "mean" if isinstance(layer, _GLOBAL_AVERAGE) else "amax"
    keep = ", keepdim=True" if layer.keepdims else ""
    return f"{x}.{name}({axes}{keep}{'' if call.is_float or name == 'amax' else ', dtype=torch.float32'})"


def adaptive(call: Call) -> str:
    """The rule of the layers with as many windows as asked for."""
    layer = call.layer
    x = call.channels_second(layer.data_format)
    kind = "Avg" if isinstance(layer, _ADAPTIVE_AVERAGE) else "Max"
    member = call.member(f"nn.Adaptive{kind}Pool{layer.rank}d({arguments(layer.output_size)})")
    return f"{member}({x})"


RULES: dict[type, Callable[[Call], str]] = {
    **dict.fromkeys((*_MAX, *_AVERAGE), pooling),
    **dict.fromkeys((*_ADAPTIVE_MAX, *_ADAPTIVE_AVERAGE), adaptive),
    **dict.fromkeys((*_GLOBAL_MAX, *_GLOBAL_AVERAGE), of_everything),
}
