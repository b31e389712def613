"""Computing in 16 bits with weights in 32: `kerastorch.mixed_precision`, under the names of Keras 2 and 3."""

from kerastorch.optimizers.loss_scale_optimizer import LossScaleOptimizer
from kerastorch.precision import DTypePolicy, dtype_policy, set_dtype_policy

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy

__all__ = [
    "DTypePolicy",
    "LossScaleOptimizer",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]
