"""A table of `torch.nn` modules that models are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn

from kerastorch import Input, Model, layers


@dataclass(frozen=True)
class Case:
    """A module and what it takes.

    Attributes:
        make: returns a new module.
        shape: the shape of one sample.
        integers: whether the inputs are class numbers below 7.
    """

    make: Callable[[], nn.Module]
    shape: tuple[int, ...]
    integers: bool = False

    def inputs(self, batch: int) -> torch.Tensor:
        """Inputs drawn from a seed."""
        generator = torch.Generator().manual_seed(0)
        if self.integers:
            return torch.randint(0, 7, (batch, *self.shape), generator=generator)
        return torch.randn(batch, *self.shape, generator=generator)


class Residual(nn.Module):
    """A module with a class of its own."""

    def __init__(self, units: int, activation: nn.Module) -> None:
        super().__init__()
        self.units, self.activation = units, activation
        self.inner = nn.Linear(units, units)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.activation(self.inner(x))


class MeanStep(nn.Module):
    """The mean of the steps of what a recurrent module returns."""

    def __init__(self, recurrent: nn.Module) -> None:
        super().__init__()
        self.recurrent = recurrent

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.recurrent(x)[0].mean(1)


def _encoder() -> nn.Module:
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True, norm_first=True)
    return nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(4), enable_nested_tensor=False)


CASES = {
    "linear": Case(lambda: nn.Linear(3, 2), (3,)),
    "linear_no_bias": Case(lambda: nn.Linear(3, 2, bias=False), (5, 3)),
    "conv1d": Case(lambda: nn.Conv1d(2, 3, 2, stride=2, dilation=2), (2, 9)),
    "conv2d": Case(
        lambda: nn.Conv2d(2, 4, (3, 2), padding="same", groups=2, padding_mode="reflect"), (2, 5, 6)
    ),
    "conv3d": Case(lambda: nn.Conv3d(1, 2, 2, bias=False), (1, 3, 4, 3)),
    "conv_transpose": Case(lambda: nn.ConvTranspose2d(2, 3, 3, stride=2, output_padding=1), (2, 3, 4)),
    "batch_norm": Case(lambda: nn.BatchNorm2d(3, momentum=0.2), (3, 4, 4)),
    "layer_norm": Case(lambda: nn.LayerNorm((4, 3), eps=1e-3), (4, 3)),
    "group_norm": Case(lambda: nn.GroupNorm(2, 4), (4, 5)),
    "rms_norm": Case(lambda: nn.RMSNorm(3), (4, 3)),
    "instance_norm": Case(lambda: nn.InstanceNorm1d(2, affine=True), (2, 6)),
    "embedding": Case(lambda: nn.Embedding(7, 3), (5,), integers=True),
    "prelu": Case(lambda: nn.PReLU(3, init=0.1), (3, 4)),
    "gru": Case(lambda: MeanStep(nn.GRU(3, 4, 2, batch_first=True, bidirectional=True)), (5, 3)),
    "lstm": Case(lambda: MeanStep(nn.LSTM(3, 4, batch_first=True)), (5, 3)),
    "rnn": Case(lambda: MeanStep(nn.RNN(3, 4, nonlinearity="relu", batch_first=True, bias=False)), (5, 3)),
    "transformer": Case(_encoder, (5, 4)),
    "bilinear_pool": Case(
        lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.AdaptiveAvgPool2d((2, None))), (1, 6, 5)
    ),
    "nested": Case(
        lambda: nn.Sequential(nn.Flatten(), nn.Linear(12, 4), nn.Sequential(nn.GELU(), nn.Linear(4, 2))),
        (3, 4),
    ),
    "own_class": Case(lambda: Residual(3, nn.Tanh()), (3,)),
    "relu": Case(nn.ReLU, (3,)),
    "softmax": Case(lambda: nn.Softmax(dim=-1), (3, 4)),
    "dropout": Case(lambda: nn.Dropout(0.4), (3,)),
    "max_pool": Case(lambda: nn.MaxPool2d(2, stride=1, padding=1), (2, 4, 5)),
    "lp_pool": Case(lambda: nn.LPPool1d(2, 3), (2, 7)),
    "upsample": Case(lambda: nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), (2, 3, 4)),
    "pixel_shuffle": Case(lambda: nn.PixelShuffle(2), (4, 3, 2)),
    "unflatten": Case(lambda: nn.Unflatten(1, (2, 3)), (6, 4)),
    "pad": Case(lambda: nn.ConstantPad1d((1, 2), 5.0), (2, 3)),
}
TRAINED = {name: case for name, case in CASES.items() if any(True for _ in case.make().parameters())}
each = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def model_of(case: Case, module: Any = None, dtype: Any = None) -> Model:
    """A functional model of one module."""
    x = Input(case.shape, dtype="int64" if case.integers else "float32")
    module = case.make() if module is None else module
    return Model(x, layers.TorchModuleWrapper(module, dtype=dtype)(x) if dtype else module(x))
