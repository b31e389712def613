"""Sequences with the steps that count moved to the front.

Legend: B batch, T time, D input features, U units.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


class InFront:
    """How the steps that count come to the front of their sequences, and where their outputs belong.

    The output that belongs to step t is the one after as many steps as count up to t. The numbers of steps stay on the
    device, so that nothing waits for it; on a CPU, where looking is free, what a mask does not need is left out.

    Args:
        mask: which steps count, of shape `(B, T)`.

    Attributes:
        moves: whether steps have to be moved; the time then comes before the batch in what is moved.
        waits: whether a sequence may begin with steps that do not count, whose outputs are zeros.
        lengths: how many steps count, of shape `(B, 1)`.
    """

    def __init__(self, mask: torch.Tensor) -> None:
        self.mask = mask
        self.lengths = mask.sum(1, keepdim=True)
        may_look = mask.device.type == "cpu" and not torch.compiler.is_compiling()
        self.moves = not may_look or bool((mask[:, 1:] > mask[:, :-1]).any())
        self.waits = not may_look or not bool(mask[:, 0].all())
        self._rows: dict[bool, torch.Tensor] = {}
        self._order: torch.Tensor | None = None

    def moved(self, inputs: torch.Tensor) -> torch.Tensor:
        """Returns sequences `(B, T, D)` with the steps that count in front, of shape `(T, B, D)` if they move."""
        if not self.moves:
            return inputs
        batch, steps, features = inputs.shape
        if self._order is None:
            order = torch.argsort(~self.mask, dim=1, stable=True).t()
            self._order = (order + torch.arange(batch, device=order.device) * steps).reshape(-1)
        return inputs.reshape(-1, features).index_select(0, self._order).view(steps, batch, features)

    def after(self) -> torch.Tensor:
        """Returns which steps come after those that count, in the order of axes of what is moved."""
        after = torch.arange(self.mask.shape[1], device=self.mask.device) >= self.lengths
        return after.t() if self.moves else after

    def outputs(self, found: torch.Tensor, zero_masked: bool = True) -> torch.Tensor:
        """Returns the outputs of all steps, of shape `(B, T, U)`.

        Args:
            found: what a kernel gave for the moved sequences.
            zero_masked: whether those of masked steps are zero, instead of that of the step before.
        """
        if zero_masked not in self._rows:
            so_far = self.mask.cumsum(1)
            self._rows[zero_masked] = self._row_after(
                so_far, self.mask if zero_masked else so_far > 0, zero_masked
            )
        rows = self._rows[zero_masked]
        return self._table(found, zero_masked).index_select(0, rows.reshape(-1)).view(*rows.shape, -1)

    def ends(self, found: torch.Tensor, zero_masked: bool = False) -> torch.Tensor:
        """Returns the outputs of the last step, of shape `(B, U)`; for the arguments see `outputs`."""
        counted = self.mask[:, -1:] if zero_masked else self.lengths > 0
        rows = self._row_after(self.lengths, counted, zero_masked)
        return self._table(found, zero_masked).index_select(0, rows[:, 0])

    def _table(self, found: torch.Tensor, zero_masked: bool) -> torch.Tensor:
        """All outputs, one a row, those of a step together as torch keeps them; then zeros if they are needed."""
        rows = (found if self.moves else found.transpose(0, 1)).reshape(-1, found.shape[-1])
        return torch.cat((rows, rows.new_zeros(1, rows.shape[1]))) if zero_masked or self.waits else rows

    def _row_after(self, so_far: torch.Tensor, counted: torch.Tensor, zero_masked: bool) -> torch.Tensor:
        """The row of the table for steps up to which that many count, the zeros for those not `counted`."""
        batch, steps = self.mask.shape
        rows = (so_far - 1) * batch + torch.arange(batch, device=so_far.device).unsqueeze(1)
        return torch.where(counted, rows, batch * steps) if zero_masked or self.waits else rows


def in_front(mask: torch.Tensor) -> InFront:
    """Returns how the steps of a mask come to the front; it is kept on the mask, for the next layer."""
    return _kept("_in_front", mask, InFront)


def backwards(mask: torch.Tensor) -> torch.Tensor:
    """Returns a mask from the last step to the first; it is kept on the mask, for the next layer."""
    return _kept("_backwards", mask, lambda m: m.flip(1))


def _kept(name: str, mask: torch.Tensor, make: Callable) -> Any:
    """What is made of a mask, once as long as its values stay."""
    if torch.compiler.is_compiling() or mask.is_meta or mask.is_inference():
        return make(mask)
    version, found = getattr(mask, name, (None, None))
    if version != mask._version:
        found = make(mask.detach())
        setattr(mask, name, (mask._version, found))
    return found
