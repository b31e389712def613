"""Variables in blocks that fit into the processor's cache, for updates of many passes over each element."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from kerastorch.optimizers.plan import Bucket, Tensors

# A block's variables, gradients, state and intermediate results fill two or three megabytes in float32.
ELEMENTS = 1 << 17


def cut(tensors: Tensors) -> list[torch.Tensor]:
    """Returns views of dense tensors, the large ones in pieces, one after the other in memory."""
    pieces: list[torch.Tensor] = []
    for tensor in tensors:
        count = tensor.numel()
        if count > ELEMENTS:
            pieces.extend(tensor.as_strided((count,), (1,)).split(ELEMENTS))
        else:
            pieces.append(tensor)
    return pieces


class Blocks:
    """A bucket's variables and state in blocks; small variables share one, large ones fill several."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        slots = {name: cut(slot) for name, slot in bucket.slots.items()}
        self._blocks: list[tuple[slice, Bucket]] = []
        params = cut(bucket.params)
        for part in _parts([piece.numel() for piece in params]):
            block = copy.copy(bucket)
            block.slots = {name: slot[part] for name, slot in slots.items()}
            block.steps = bucket.steps[:1] * (part.stop - part.start)
            block.turned = [i for i, piece in enumerate(params[part]) if not piece.is_contiguous()]
            self._blocks.append((part, block))

    def fill(self, grads: Tensors) -> Iterator[tuple[Bucket, list[torch.Tensor]]]:
        """Gives each block with its gradients; variables are cut anew, since others may exchange their memory."""
        params, pieces = cut(self._bucket.params), cut(grads)
        for part, block in self._blocks:
            block.params = params[part]
            yield block, pieces[part]


def _parts(sizes: list[int]) -> Iterator[slice]:
    """Where a list of pieces is divided so that no part has more than `ELEMENTS`, unless it is one piece."""
    first, total = 0, 0
    for i, size in enumerate(sizes):
        if i > first and total + size > ELEMENTS:
            yield slice(first, i)
            first, total = i, 0
        total += size
    yield slice(first, len(sizes))
