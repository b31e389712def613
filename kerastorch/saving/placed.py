"""Values that are still in their file, and go straight from there into the memory of tensors."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import torch
from torch.autograd.graph import increment_version

from kerastorch.errors import CorruptModelError
from kerastorch.saving.buffers import on_host, parts

_BLOCK = 1 << 22  # bytes that are read at once, where they cannot go straight into the tensor


class InFile(ABC):
    """An array in a file, whose values are read when they are asked for.

    Attributes:
        shape: as of an array.
    """

    shape: tuple[int, ...]

    @abstractmethod
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Returns the values."""

    @abstractmethod
    def read_into(self, tensor: torch.Tensor) -> None:
        """Sets a tensor of the same shape, on any device, without the whole in memory twice.

        Args:
            tensor: the tensor.

        Raises:
            CorruptModelError: when the values cannot be read.
        """


@dataclass(frozen=True)
class Placed(InFile):
    """An array whose values lie one behind the other in a file.

    Attributes:
        file: the path, or a binary file.
        start: where the values begin, in bytes.
        dtype: the type.
        shape: as of an array.
        order: the axes as the values lie, the last one being that of neighbours; None for the axes as they are.

    Example:
        >>> import io
        >>> placed, tensor = Placed(io.BytesIO(b"abcd"), 1, torch.uint8, (2,)), torch.zeros(2)
        >>> placed.read_into(tensor)
        >>> tensor
        tensor([98., 99.])
    """

    file: str | BinaryIO
    start: int
    dtype: torch.dtype
    shape: tuple[int, ...]
    order: tuple[int, ...] | None = None

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        tensor = torch.empty(self.shape, dtype=self.dtype)
        self.read_into(tensor)
        return np.asarray(on_host(tensor), dtype)

    def read_into(self, tensor: torch.Tensor) -> None:
        with self._opened() as stream, torch.no_grad():
            stream.seek(self.start)
            tensor = tensor if self.order is None else tensor.permute(self.order)
            if is_ready_for(tensor, self.dtype):
                self._fill(stream, memory_of(tensor))
                return
            memory = torch.empty(_BLOCK, dtype=torch.uint8)
            for part in parts(tensor.detach(), _BLOCK // self.dtype.itemsize):
                block = memory[: part.numel() * self.dtype.itemsize]
                self._fill(stream, block.numpy())
                part.copy_(block.view(self.dtype).view(part.shape))

    @contextlib.contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        if not isinstance(self.file, str):
            yield self.file
            return
        with open(self.file, "rb", buffering=0) as stream:
            yield stream

    def _fill(self, stream: Any, memory: np.ndarray) -> None:
        left = memory.data
        while left:
            count = stream.readinto(left)
            if not count:
                name = self.file if isinstance(self.file, str) else "in memory"
                raise CorruptModelError(f"The file {name!r} ends before its last values.")
            left = left[count:]


def is_ready_for(tensor: torch.Tensor, dtype: torch.dtype | None) -> bool:
    """Returns whether the memory of a tensor is to hold just what a file holds.

    Args:
        tensor: the tensor.
        dtype: the type of the values in the file, which has them in the order of the elements.
    """
    is_plain = tensor.device.type == "cpu" and not hasattr(tensor, "__tensor_flatten__")
    return is_plain and tensor.dtype is dtype and tensor.is_contiguous()


def memory_of(tensor: torch.Tensor) -> np.ndarray:
    """Returns the bytes of a contiguous tensor on the host, to be written to.

    Example:
        >>> tensor = torch.zeros(2, dtype=torch.bool)
        >>> memory_of(tensor)[1] = 1
        >>> tensor
        tensor([False,  True])
    """
    increment_version(tensor)
    return tensor.detach().as_subclass(torch.Tensor).view(-1).view(torch.uint8).numpy()


def torch_type(dtype: np.dtype) -> torch.dtype | None:
    """Returns the type of tensors whose memory is that of an array; None where torch has none.

    Example:
        >>> torch_type(np.dtype("float16")), torch_type(np.dtype(">f4"))
        (torch.float16, None)
    """
    try:
        return torch.from_numpy(np.empty(0, dtype)).dtype
    except (TypeError, ValueError):
        return None
