"""The optimizers of Keras up to 2.10: other defaults, state and, for some, other formulas than those of today."""

from kerastorch.optimizers.legacy.adaptive import Adadelta, Adagrad, Ftrl, RMSprop
from kerastorch.optimizers.legacy.adams import Adam, Adamax, Nadam
from kerastorch.optimizers.legacy.optimizer import LegacyOptimizer as Optimizer
from kerastorch.optimizers.legacy.sgd import SGD

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Ftrl", "Nadam", "Optimizer", "RMSprop"]
