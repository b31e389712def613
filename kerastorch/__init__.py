"""Keras scripts on PyTorch: change the import, keep the script, end with a `torch.nn.Module`."""

import gc
from typing import TYPE_CHECKING

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
    registry,
    regularizers,
    saving,
    tree,
)
from kerastorch.core.context import name_scope
from kerastorch.core.devices import device
from kerastorch.core.spec import InputSpec, KerasTensor
from kerastorch.core.variable import Variable
from kerastorch.initializers.initializer import Initializer
from kerastorch.layers.core.input_layer import Input
from kerastorch.layers.layer import Layer
from kerastorch.lazy import later
from kerastorch.losses.loss import Loss
from kerastorch.metrics.metric import Metric
from kerastorch.models.functional import Functional
from kerastorch.models.model import Model
from kerastorch.models.sequential import Sequential
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.policy import DTypePolicy, FloatDTypePolicy
from kerastorch.regularizers import Regularizer
from kerastorch.version import __version__

if TYPE_CHECKING:
    from kerastorch import (
        backend,
        compat,
        data,
        datasets,
        dtype_policies,
        experimental,
        export,
        mixed_precision,
        ops,
        preprocessing,
        quantizers,
        utils,
        visualization,
        wrappers,
    )
    from kerastorch.compat.notebook import load_ipython_extension, unload_ipython_extension
    from kerastorch.compat.redirect import install
    from kerastorch.quantization.quantizer import Quantizer

if _collecting:
    gc.enable()
del gc

__all__ = [
    "DTypePolicy",
    "FloatDTypePolicy",
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
    "Quantizer",
    "Regularizer",
    "Sequential",
    "Variable",
    "__version__",
    "activations",
    "backend",
    "callbacks",
    "compat",
    "config",
    "constraints",
    "data",
    "datasets",
    "device",
    "dtype_policies",
    "errors",
    "experimental",
    "export",
    "initializers",
    "install",
    "layers",
    "load_ipython_extension",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "name_scope",
    "ops",
    "optimizers",
    "preprocessing",
    "quantizers",
    "random",
    "regularizers",
    "saving",
    "tree",
    "unload_ipython_extension",
    "utils",
    "visualization",
    "wrappers",
]

_LATER = (
    "backend",
    "compat",
    "data",
    "datasets",
    "dtype_policies",
    "experimental",
    "export",
    "mixed_precision",
    "ops",
    "preprocessing",
    "quantizers",
    "utils",
    "visualization",
    "wrappers",
)
__getattr__, __dir__ = later(
    __name__,
    {
        **{name: f"kerastorch.{name}" for name in _LATER},
        "Quantizer": "kerastorch.quantization.quantizer",
        "install": "kerastorch.compat.redirect",
        "load_ipython_extension": "kerastorch.compat.notebook",
        "unload_ipython_extension": "kerastorch.compat.notebook",
    },
)
registry.register_later("keras.ops", lambda: __getattr__("ops"))
