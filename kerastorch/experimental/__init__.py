"""What Keras 2 kept under `keras.experimental`: learning-rate schedules."""

from kerastorch.optimizers.schedules.cosine import CosineDecay, CosineDecayRestarts
from kerastorch.optimizers.schedules.linear_cosine import LinearCosineDecay, NoisyLinearCosineDecay

__all__ = ["CosineDecay", "CosineDecayRestarts", "LinearCosineDecay", "NoisyLinearCosineDecay"]
