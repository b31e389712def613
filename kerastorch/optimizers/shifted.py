"""Squares of gradients that are kept with the epsilon in them while training, as fused kernels can use them."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.optimizers.plan import Bucket
from kerastorch.optimizers.reformed import ReformedMixin


class ShiftedMixin(ReformedMixin):
    """The part of an optimizer that divides by `sqrt(v + epsilon)` with a kernel that divides by `sqrt(v)`.

    While training, `v + epsilon` stands in the place of `v`: the form of the state is the epsilon.
    """

    _whole_plan: Any

    def _shifts(self, bucket: Bucket) -> bool:
        """Whether the kernel is used for a bucket."""
        return bucket.fused and bucket.params[0].element_size() >= 4

    def _reform(self, old: float | None, new: float | None) -> None:
        for bucket in self._whole_plan().buckets:
            if self._shifts(bucket):
                squares = bucket.slots[self._reformed_slot]
                torch._foreach_add_(squares, (new or 0.0) - (old or 0.0))
                torch._foreach_clamp_min_(squares, new or 0.0)
