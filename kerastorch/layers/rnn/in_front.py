"""Sequences with the steps that count moved to the front.

Legend: B batch, T time, D input features, U units.
"""

from __future__ import annotations

import torch


class InFront:
    """Sequences with the steps that count in front, in their order, and the way back for what a kernel gives for them.

    The output that belongs to step t is the one after as many steps as count up to t. The numbers of steps stay on the
    device, so that nothing waits for it; on a CPU, where looking is free, sequences whose steps that count are in front
    already are left as they are.

    Args:
        inputs: a tensor of shape `(B, T, D)`.
        mask: which steps count, of shape `(B, T)`.

    Attributes:
        inputs: the sequences, of shape `(B, T, D)`, or `(T, B, D)` if moved.
        moved: whether steps had to be moved; the time then comes before the batch.
        so_far: how many steps count up to each one, of shape `(B, T)`.
        lengths: how many steps count, of shape `(B, 1)`.
    """

    def __init__(self, inputs: torch.Tensor, mask: torch.Tensor) -> None:
        self.mask, self.so_far = mask, mask.cumsum(1)
        self.lengths = self.so_far[:, -1:]
        may_look = mask.device.type == "cpu" and not torch.compiler.is_compiling()
        self.moved = not may_look or bool((mask[:, 1:] > mask[:, :-1]).any())
        self.inputs = _moved(inputs, mask) if self.moved else inputs

    def after(self) -> torch.Tensor:
        """Returns which steps come after those that count, in the order of axes of `inputs`."""
        steps = torch.arange(self.so_far.shape[1], device=self.so_far.device)
        after = steps >= self.lengths
        return after.t() if self.moved else after

    def table(self, outputs: torch.Tensor) -> torch.Tensor:
        """Returns all outputs of a kernel, one a row, those of a step together as torch keeps them; then zeros."""
        rows = (outputs if self.moved else outputs.transpose(0, 1)).reshape(-1, outputs.shape[-1])
        return torch.cat((rows, rows.new_zeros(1, rows.shape[1])))

    def outputs(self, table: torch.Tensor, zero_masked: bool = True) -> torch.Tensor:
        """Returns the outputs of all steps, of shape `(B, T, U)`.

        Args:
            table: what `table` gave.
            zero_masked: whether those of masked steps are zero, instead of that of the step before.
        """
        return _outputs_after(table, self.so_far, self.mask if zero_masked else self.so_far > 0)

    def ends(self, table: torch.Tensor, zero_masked: bool = False) -> torch.Tensor:
        """Returns the outputs of the last step, of shape `(B, U)`; for the arguments see `outputs`."""
        counted = self.mask[:, -1:] if zero_masked else self.lengths > 0
        return _outputs_after(table, self.lengths, counted)[:, 0]


def _moved(inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    batch, steps, features = inputs.shape
    order = torch.argsort(~mask, dim=1, stable=True)
    rows = order.t() + torch.arange(batch, device=mask.device) * steps
    moved = inputs.reshape(-1, features).index_select(0, rows.reshape(-1))
    return moved.view(steps, batch, features)


def _outputs_after(table: torch.Tensor, so_far: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """The outputs after as many steps as count so far, both of shape `(B, K)`; zeros where they are not wanted."""
    batch, wanted = so_far.shape
    rows = (so_far - 1) * batch + torch.arange(batch, device=so_far.device).unsqueeze(1)
    rows = torch.where(counted, rows, len(table) - 1)
    return table.index_select(0, rows.reshape(-1)).view(batch, wanted, -1)
