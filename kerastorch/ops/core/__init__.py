"""Functions that handle tensors whatever they hold: conversions, parts, loops, choices and gradients."""

from kerastorch.ops.core.branches import cond, switch
from kerastorch.ops.core.conversion import (
    cast,
    convert_to_numpy,
    convert_to_tensor,
    dtype,
    is_tensor,
    saturate_cast,
    shape,
    stop_gradient,
)
from kerastorch.ops.core.gradients import custom_gradient
from kerastorch.ops.core.loops import associative_scan, fori_loop, map, scan, vectorized_map, while_loop
from kerastorch.ops.core.rearranging import rearrange
from kerastorch.ops.core.scattering import scatter, scatter_update, slice, slice_update, unstack

__all__ = [
    "associative_scan",
    "cast",
    "cond",
    "convert_to_numpy",
    "convert_to_tensor",
    "custom_gradient",
    "dtype",
    "fori_loop",
    "is_tensor",
    "map",
    "rearrange",
    "saturate_cast",
    "scan",
    "scatter",
    "scatter_update",
    "shape",
    "slice",
    "slice_update",
    "stop_gradient",
    "switch",
    "unstack",
    "vectorized_map",
    "while_loop",
]
