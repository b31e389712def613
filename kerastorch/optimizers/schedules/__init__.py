"""Learning rates that depend on the step."""

from kerastorch.optimizers.schedules.cosine import CosineDecay, CosineDecayRestarts
from kerastorch.optimizers.schedules.decays import (
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
from kerastorch.optimizers.schedules.identifiers import deserialize, serialize
from kerastorch.optimizers.schedules.linear_cosine import LinearCosineDecay, NoisyLinearCosineDecay
from kerastorch.optimizers.schedules.schedule import LearningRateSchedule

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "LinearCosineDecay",
    "NoisyLinearCosineDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]
