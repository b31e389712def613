"""Convolutions as the layers of torch that do the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.core import spatial
from kerastorch.export.source.activations import activated
from kerastorch.export.source.calls import Call, NoRuleError, arguments, unless
from kerastorch.layers.convolutional.conv import Conv1D, Conv2D, Conv3D
from kerastorch.layers.convolutional.conv_transpose import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose
from kerastorch.layers.convolutional.depthwise_conv import DepthwiseConv1D, DepthwiseConv2D
from kerastorch.layers.convolutional.separable_conv import SeparableConv1D, SeparableConv2D


def convolution(call: Call) -> str:
    """The rule of `Conv1D`, `Conv2D` and `Conv3D`."""
    layer = call.layer
    x, padding = _padded(call)
    channels = layer.kernel.shape[-2] * layer.groups
    options = {**_window(layer), "padding": padding, "groups": unless(layer.groups, 1)}
    weight = torch.permute(layer.kernel, spatial_last(layer.rank))
    found = _member(call, (channels, layer.filters), options, weight=weight, bias=layer.bias)
    return activated(call, layer.activation, f"{found}({x})")


def depthwise(call: Call) -> str:
    """The rule of `DepthwiseConv1D` and `DepthwiseConv2D`."""
    layer = call.layer
    x, padding = _padded(call)
    found = _each_channel(call, layer.kernel, padding, layer.bias)
    return activated(call, layer.activation, f"{found}({x})")


def separable(call: Call) -> str:
    """The rule of `SeparableConv1D` and `SeparableConv2D`."""
    layer = call.layer
    x, padding = _padded(call)
    apart = _each_channel(call, layer.depthwise_kernel, padding, None, part="depthwise")
    channels = layer.pointwise_kernel.shape[-2]
    made = arguments(channels, layer.filters, 1, bias=None if layer.use_bias else False)
    weight = torch.permute(layer.pointwise_kernel, spatial_last(layer.rank))
    code = f"nn.Conv{layer.rank}d({made})"
    mixed = call.member(code, "pointwise", weight=weight, bias=layer.bias)
    return activated(call, layer.activation, f"{mixed}({apart}({x}))")


def transposed(call: Call) -> str:
    """The rule of `Conv1DTranspose`, `Conv2DTranspose` and `Conv3DTranspose`."""
    layer = call.layer
    x = call.channels_second(layer.data_format)
    options = {
        **_window(layer),
        "padding": unless(tuple(before for before, _ in layer._cuts), 0),
        "output_padding": unless(tuple(max(before - after, 0) for before, after in layer._cuts), 0),
    }
    weight = torch.permute(layer.kernel, spatial_last(layer.rank))
    channels = (layer.kernel.shape[-1], layer.filters)
    found = _member(call, channels, options, "ConvTranspose", weight=weight, bias=layer.bias)
    ends = [":-1" if after > before else ":" for before, after in layer._cuts]
    narrowed = f"[:, :, {', '.join(ends)}]" if ":-1" in ends else ""
    return activated(call, layer.activation, f"{found}({x}){narrowed}")


def spatial_last(rank: int) -> tuple[int, ...]:
    """Returns the axes of a kernel of Keras in torch's order: those that it has last come first, swapped."""
    return (rank + 1, rank, *range(rank))


def _each_channel(call: Call, kernel: Any, padding: Any, bias: Any, part: str = "") -> str:
    layer = call.layer
    *_, channels, multiplier = kernel.shape
    weight = kernel.movedim((-2, -1), (0, 1)).flatten(0, 1).unsqueeze(1)
    options = {
        **_window(layer),
        "padding": padding,
        "groups": channels,
        "bias": None if bias is not None else False,
    }
    made = arguments(channels, channels * multiplier, layer.kernel_size, **options)
    return call.member(f"nn.Conv{layer.rank}d({made})", part, weight=weight, bias=bias)


def _member(call: Call, channels: tuple, options: dict, kind: str = "Conv", **weights: Any) -> str:
    layer = call.layer
    options["bias"] = None if layer.use_bias else False
    made = arguments(*channels, layer.kernel_size, **options)
    return call.member(f"nn.{kind}{layer.rank}d({made})", **weights)


def _window(layer: Any) -> dict[str, Any]:
    return {"stride": unless(layer.strides, 1), "dilation": unless(layer.dilation_rate, 1)}


def _padded(call: Call) -> tuple[str, Any]:
    """The input in torch's order, and the `padding` argument; what torch cannot pad itself is padded before."""
    layer = call.layer
    if len(call.shape) > layer.rank + 2:
        raise NoRuleError("its input has several batch axes")
    x = call.channels_second(layer.data_format)
    if layer.padding == "valid":
        return x, None
    if layer.padding == "causal":
        return f"F.pad({x}, ({layer._windows[0] - 1}, 0))", None
    if max(layer.strides) == 1 and all(window % 2 for window in layer._windows):
        return x, "same"
    shape = call.shape[1:-1] if layer.data_format == "channels_last" else call.shape[2:]
    if max(layer.strides) == 1:
        shape = layer._windows  # every size is padded alike
    if None in shape:
        return f"{_pad_same(call)}({x}, {layer._windows}, {layer.strides})", None
    sides = spatial.sides("same", shape, layer._windows, layer.strides)
    if all(before == after for before, after in sides):
        return x, unless(tuple(before for before, _ in sides), 0)
    widths = tuple(width for side in reversed(sides) for width in side)
    return f"F.pad({x}, {widths})", None


def _pad_same(call: Call) -> str:
    return call.helper("pad_same", _PAD_SAME)


_PAD_SAME = '''
def pad_same(x, window, stride):
    """Pads images so that a strided window gives one output for each `stride` of them, the odd zero after."""
    widths = []
    for size, k, s in zip(reversed(x.shape[2:]), reversed(window), reversed(stride)):
        total = max((size - 1) // s * s + k - size, 0)
        widths += [total // 2, total - total // 2]
    return F.pad(x, widths)
'''

RULES: dict[type, Callable[[Call], str]] = {
    **dict.fromkeys((Conv1D, Conv2D, Conv3D), convolution),
    **dict.fromkeys((DepthwiseConv1D, DepthwiseConv2D), depthwise),
    **dict.fromkeys((SeparableConv1D, SeparableConv2D), separable),
    **dict.fromkeys((Conv1DTranspose, Conv2DTranspose, Conv3DTranspose), transposed),
}
