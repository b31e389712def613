"""Corrections for means that begin at zero, rounded as Keras rounds them."""

from __future__ import annotations

import numpy as np
import torch


def one_minus_power(base: float, step: int, dtype: torch.dtype) -> float:
    """Returns `1 - base**step` as Keras computes it for variables of a type: in float32 unless they are wider.

    For 0.999 and the first steps that is off by 1e-5, enough to tell two training runs apart after a hundred steps.
    Types of 16 bits get float32 too: in theirs 0.999 is 1.

    Args:
        base: a number between 0 and 1.
        step: the number of the step, from 1.
        dtype: the type of the variables.
    """
    exact = 1.0 - base**step
    if dtype is torch.float64:
        return exact
    return float(1.0 - np.float32(base) ** np.float32(step)) or exact
