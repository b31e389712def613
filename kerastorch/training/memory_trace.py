"""The memory that torch's operations take, moment by moment."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class MemoryTrace(TorchDispatchMode):
    """Within this block the bytes of all new tensors are counted, until they are freed.

    What an operation takes and frees inside itself, such as the workspace of a convolution, is not seen, but for the
    gradients of gates in an LSTM on a CPU.

    Attributes:
        live: the bytes that are alive now.
        moments: the bytes that were alive after each operation, since `moments` was last cleared.

    Example:
        >>> with MemoryTrace() as trace:
        ...     x = torch.zeros(100)
        ...     x = x + 1.0
        >>> trace.moments, trace.live
        ([400, 800], 400)
    """

    def __init__(self) -> None:
        super().__init__()
        self.live = 0
        self.moments: list[int] = []
        self._known: dict[int, Any] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
        outputs = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(outputs):
            if isinstance(leaf, torch.Tensor) and leaf.layout is torch.strided:
                self._take(leaf.untyped_storage())
        self.moments.append(self.live + _inside(func, args))
        return outputs

    def ignore(self, tensors: Iterable[torch.Tensor]) -> None:
        """Leaves tensors that exist already, and everything on their memory, out of the count.

        Args:
            tensors: the tensors.
        """
        for tensor in tensors:
            storage = tensor.untyped_storage()
            self._known[id(storage)] = weakref.ref(storage, self._forget(id(storage), 0))

    def _take(self, storage: torch.UntypedStorage) -> None:
        key, size = id(storage), storage.nbytes()
        if key in self._known:
            return
        self.live += size
        self._known[key] = weakref.ref(storage, self._forget(key, size))

    def _forget(self, key: int, size: int) -> Any:
        def free(_: Any) -> None:
            self.live -= size
            self._known.pop(key, None)

        return free


def _inside(func: Any, args: tuple) -> int:
    """The bytes that an operation takes and frees inside itself, as far as they are known.

    oneDNN computes the gradients of the four gates of all steps before it adds them up.
    """
    if func is not torch.ops.aten.mkldnn_rnn_layer_backward.default:
        return 0
    output = args[7]  # of shape (steps, batch, units)
    return 4 * output.numel() * output.element_size()


def unique_bytes(tensors: Iterable[Any]) -> int:
    """Returns the bytes that tensors take together; memory that several share counts once.

    Args:
        tensors: the tensors; anything else is passed over.

    Example:
        >>> x = torch.zeros(10)
        >>> unique_bytes([x, x[:5], None])
        40
    """
    sizes = {}
    for tensor in tensors:
        if isinstance(tensor, torch.Tensor) and tensor.layout is torch.strided:
            storage = tensor.untyped_storage()
            sizes[storage._cdata] = storage.nbytes()
    return sum(sizes.values())
