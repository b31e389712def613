"""Keras scripts on PyTorch: change the import, keep the script, end with a `torch.nn.Module`."""

import gc

# A collection in the midst of the import would walk all of torch's objects, which takes a third of the import's time,
# and find nothing: what is imported stays.
_collecting = gc.isenabled()
gc.disable()

from kerastorch import (
    activations,
    callbacks,
    config,
    constraints,
    errors,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    random,
    regularizers,
    saving,
    tree,
    utils,
)
from kerastorch.core.context import name_scope
from kerastorch.core.devices import device
from kerastorch.core.spec import InputSpec, KerasTensor
from kerastorch.core.variable import Variable
from kerastorch.initializers.initializer import Initializer
from kerastorch.layers.core.input_layer import Input
from kerastorch.layers.layer import Layer
from kerastorch.losses.loss import Loss
from kerastorch.metrics.metric import Metric
from kerastorch.models.functional import Functional
from kerastorch.models.model import Model
from kerastorch.models.sequential import Sequential
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.precision import DTypePolicy
from kerastorch.regularizers import Regularizer
from kerastorch.version import __version__

if _collecting:
    gc.enable()
del gc

__all__ = [
    "DTypePolicy",
    "Functional",
    "Initializer",
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "Variable",
    "__version__",
    "activations",
    "callbacks",
    "config",
    "constraints",
    "device",
    "errors",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "name_scope",
    "optimizers",
    "random",
    "regularizers",
    "saving",
    "tree",
    "utils",
]
