"""Normalization layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.export.source.calls import Call, NoRuleError, arguments, literal, trains, unless
from kerastorch.layers.normalization.batch_normalization import BatchNormalization
from kerastorch.layers.normalization.group_normalization import GroupNormalization
from kerastorch.layers.normalization.layer_normalization import LayerNormalization
from kerastorch.layers.normalization.rms_normalization import RMSNormalization
from kerastorch.layers.normalization.sync_batch_normalization import SyncBatchNormalization
from kerastorch.layers.normalization.unit_normalization import UnitNormalization


def batch(call: Call) -> str:
    """The rule of `BatchNormalization`; torch's layer moves the variance by the unbiased one of a batch."""
    layer, rank = call.layer, len(call.shape)
    if layer.renorm:
        raise NoRuleError("torch has no renormalization")
    x = _with_channels_second(call, layer.axis)
    count = layer.moving_mean.shape[0]
    weights = {
        **_scaling(layer, layer.moving_mean),
        "running_mean": layer.moving_mean,
        "running_var": layer.moving_variance,
        "num_batches_tracked": torch.tensor(0),
    }
    affine = None if layer.scale or layer.center else False
    made = arguments(
        count, eps=unless(layer.epsilon, 1e-5), momentum=round(1 - layer.momentum, 12), affine=affine
    )
    kind = f"BatchNorm{max(rank - 2, 1)}d"
    member = call.member(f"nn.{kind}({made})", frozen=_constant(layer), **weights)
    if not trains(layer) or call.option("training") is False:
        call.target.keep_in_eval_mode(member)
    return f"{member}({x})"


def group(call: Call) -> str:
    """The rule of `GroupNormalization`."""
    layer = call.layer
    x = _with_channels_second(call, layer.axis)
    if call.returns_second and call.only.node.is_input:
        x = f"{x}.contiguous()"  # torch 2.13 crashes on the way back to weights alone from channels-last memory
    like = layer.gamma if layer.gamma is not None else layer.beta
    count = call.shape[layer._axis]
    affine = None if layer.scale or layer.center else False
    made = arguments(layer.groups, count, eps=unless(layer.epsilon, 1e-5), affine=affine)
    weights = {} if like is None else _scaling(layer, like)
    return f"{call.member(f'nn.GroupNorm({made})', frozen=_constant(layer), **weights)}({x})"


def layer_(call: Call) -> str:
    """The rule of `LayerNormalization`."""
    layer = call.layer
    if not layer._trailing or layer.rms_scaling:
        raise NoRuleError("it normalizes other axes than the last, or scales in its own way")
    has_weight = layer.scale or layer.center
    options = {
        "elementwise_affine": None if has_weight else False,
        "bias": None if layer.center or not has_weight else False,
    }
    made = arguments(layer._sizes, eps=unless(layer.epsilon, 1e-5), **options)
    weights: dict[str, Any] = {}
    if has_weight:
        weights = _scaling(layer, layer.gamma if layer.scale else layer.beta)
        weights["bias"] = weights["bias"] if layer.center else None
    member = call.member(f"nn.LayerNorm({made})", frozen=_constant(layer) if layer.center else (), **weights)
    return f"{member}({call.x})"


def root_mean_square(call: Call) -> str:
    """The rule of `RMSNormalization`."""
    layer = call.layer
    if layer._axes != layer._at_end:
        raise NoRuleError("it normalizes other axes than the last")
    made = arguments(layer._sizes, eps=layer.epsilon)
    return f"{call.member(f'nn.RMSNorm({made})', weight=layer.scale)}({call.x})"


def unit(call: Call) -> str:
    """The rule of `UnitNormalization`."""
    axis = call.layer.axis
    return f"F.normalize({call.x}, dim={tuple(axis) if isinstance(axis, list) else literal(axis)})"


def _scaling(layer: Any, like: Any) -> dict[str, Any]:
    """The weight and the bias that torch's layer has together; the one that Keras leaves out stays constant."""
    if not (layer.scale or layer.center):
        return {}
    return {
        "weight": layer.gamma if layer.scale else torch.ones_like(like),
        "bias": layer.beta if layer.center else torch.zeros_like(like),
    }


def _constant(layer: Any) -> tuple[str, ...]:
    if layer.scale == layer.center:
        return ()
    return ("bias",) if layer.scale else ("weight",)


def _with_channels_second(call: Call, axis: int) -> str:
    rank = len(call.shape)
    axis %= rank
    if axis == 1:
        return call.x
    if axis != rank - 1:
        raise NoRuleError(f"it normalizes axis {axis}, which is neither the second nor the last")
    return call.channels_second("channels_last")


RULES: dict[type, Callable[[Call], str]] = {
    BatchNormalization: batch,
    SyncBatchNormalization: batch,
    GroupNormalization: group,
    LayerNormalization: layer_,
    RMSNormalization: root_mean_square,
    UnitNormalization: unit,
}
