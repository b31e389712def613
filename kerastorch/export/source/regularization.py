"""Layers that do something in training only."""

from __future__ import annotations

from collections.abc import Callable

from kerastorch.export.source.calls import Call, NoRuleError, literal
from kerastorch.layers.regularization import dropout as dropping
from kerastorch.layers.regularization.alpha_dropout import AlphaDropout
from kerastorch.layers.regularization.noise import ActivityRegularization, GaussianDropout, GaussianNoise

_SPATIAL = (dropping.SpatialDropout1D, dropping.SpatialDropout2D, dropping.SpatialDropout3D)


def dropout(call: Call) -> str:
    """The rule of `Dropout`."""
    if call.layer.noise_shape is not None:
        raise NoRuleError("torch has no dropout with a `noise_shape`")
    return f"{call.member(f'nn.Dropout({literal(call.layer.rate)})')}({call.either()})"


def alpha_dropout(call: Call) -> str:
    """The rule of `AlphaDropout`."""
    if call.layer.noise_shape is not None:
        raise NoRuleError("torch has no dropout with a `noise_shape`")
    return f"{call.member(f'nn.AlphaDropout({literal(call.layer.rate)})')}({call.either()})"


def spatial_dropout(call: Call) -> str:
    """The rule of the layers that drop whole channels."""
    layer = call.layer
    x = call.channels_second(layer.data_format)
    return f"{call.member(f'nn.Dropout{layer.rank}d({literal(layer.rate)})')}({x})"


def noise(call: Call) -> str:
    """The rule of `GaussianNoise`."""
    x = call.either()
    return f"{x} + {literal(call.layer.stddev)} * torch.randn_like({x}) if self.training else {x}"


def noisy_scale(call: Call) -> str:
    """The rule of `GaussianDropout`."""
    x = call.either()
    return f"{x} * (1 + {literal(call.layer._stddev)} * torch.randn_like({x})) if self.training else {x}"


def nothing(call: Call) -> str:
    """The rule of `ActivityRegularization`, which only adds to the loss."""
    return call.either()


RULES: dict[type, Callable[[Call], str]] = {
    dropping.Dropout: dropout,
    AlphaDropout: alpha_dropout,
    **dict.fromkeys(_SPATIAL, spatial_dropout),
    GaussianNoise: noise,
    GaussianDropout: noisy_scale,
    ActivityRegularization: nothing,
}
