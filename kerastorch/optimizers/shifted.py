"""Squares of gradients that are kept with the epsilon in them while training, as fused kernels can use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.optimizers.plan import Bucket


class ShiftedMixin:
    """The part of an optimizer that divides by `sqrt(v + epsilon)` with a kernel that divides by `sqrt(v)`.

    While training, `v + epsilon` stands in the place of `v`. Whoever reads the state gets `v`, which is rounded; the
    shifted values are kept beside it and come back unless somebody has set others, so that reading changes nothing.
    """

    epsilon: float
    _squares: Callable[[], list[Any]]  # the variables that hold `v`
    _whole_plan: Any

    _shifted_slot = "velocity"
    _shift = 0.0  # what the state holds beyond Keras's values at the moment: 0, or epsilon
    _exact: list[tuple[torch.Tensor, torch.Tensor]] | None = None  # each value shifted, and as it was read

    def _shifts(self, bucket: Bucket) -> bool:
        """Whether the kernel is used for a bucket."""
        return bucket.fused and bucket.params[0].element_size() >= 4

    def _set_shift(self, shift: float) -> None:
        for bucket in self._whole_plan().buckets:
            if self._shifts(bucket):
                squares = bucket.slots[self._shifted_slot]
                torch._foreach_add_(squares, shift - self._shift)
                torch._foreach_clamp_min_(squares, shift)
        self._shift = shift

    def _before_kernel(self) -> None:
        """Shifts the values; those that nobody has set since they were read get back what they held."""
        if self._shift == self.epsilon:
            return
        pairs = zip(self._squares(), self._exact or (), strict=self._exact is not None)
        kept = [(square, exact) for square, (exact, read) in pairs if torch.equal(square, read)]
        self._set_shift(self.epsilon)
        for square, exact in kept:
            square.detach().copy_(exact)
        self._exact = None

    def _before_reading(self) -> None:
        if self._shift:
            shifted = [square.detach().clone() for square in self._squares()]
            self._set_shift(0.0)
            read = [square.detach().clone() for square in self._squares()]
            self._exact = list(zip(shifted, read, strict=True))

    def _exact_state(self) -> dict[str, torch.Tensor]:
        self._before_reading()
        return {f"{self._shifted_slot}/{i}": shifted for i, (shifted, _) in enumerate(self._exact or ())}

    def _set_exact_state(self, state: dict[str, torch.Tensor]) -> None:
        squares = self._squares()
        shifted = [state.get(f"{self._shifted_slot}/{i}") for i in range(len(squares))]
        pairs = zip(shifted, squares, strict=True)
        if all(exact is not None and exact.shape == square.shape for exact, square in pairs):
            self._before_reading()
            read = [square.detach().clone() for square in squares]
            self._exact = [(exact.to(r), r) for exact, r in zip(shifted, read, strict=True)]  # type: ignore[union-attr]
