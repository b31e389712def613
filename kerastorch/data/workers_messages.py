"""Objects between two processes over a socket: arrays travel as they lie in memory, and errors with their traceback."""

from __future__ import annotations

import io
import pickle
import socket
import struct
import traceback
from typing import Any

import numpy as np
import torch

from kerastorch.errors import WorkerError

_COUNT = struct.Struct("!Q")


def send(connection: socket.socket, value: Any) -> None:
    """Sends an object; nothing is sent of one that cannot be pickled.

    Args:
        connection: one end of a pair of sockets.
        value: the object. Its arrays and tensors are written without a copy.

    Raises:
        OSError: when the other end is closed.
    """
    buffers: list[pickle.PickleBuffer] = []
    head = io.BytesIO()
    _Pickler(head, protocol=5, buffer_callback=buffers.append).dump(value)
    parts = [head.getbuffer(), *(buffer.raw() for buffer in buffers)]
    sizes = [len(parts), *(part.nbytes for part in parts)]
    connection.sendall(b"".join(map(_COUNT.pack, sizes)))
    for part in parts:
        connection.sendall(part)


def receive(connection: socket.socket) -> Any:
    """Waits for an object that `send` has sent, and returns it.

    Args:
        connection: the other end of the pair of sockets.

    Raises:
        EOFError: when the sender has closed its end.
    """
    (count,) = _COUNT.unpack(_read(connection, _COUNT.size))
    sizes = struct.unpack(f"!{count}Q", _read(connection, count * _COUNT.size))
    head, *buffers = [_read(connection, size) for size in sizes]
    return pickle.loads(head, buffers=buffers)


def _read(connection: socket.socket, size: int) -> memoryview:
    part = np.empty(size, "uint8").data  # unlike a bytearray, it is not filled with zeros first
    done = 0
    while done < size:
        count = connection.recv_into(part[done:])
        if count == 0:
            raise EOFError
        done += count
    return part


class _Pickler(pickle.Pickler):
    """Writes plain tensors as arrays of bytes, which leave their memory only on the way into the socket."""

    def reducer_override(self, value: Any) -> Any:
        plain = type(value) is torch.Tensor and value.layout is torch.strided and value.device.type == "cpu"
        if not plain or value.requires_grad:
            return NotImplemented
        data = value.contiguous().reshape(-1).view(torch.uint8).numpy()
        return _tensor, (data, value.dtype, tuple(value.shape))


def _tensor(data: np.ndarray, dtype: torch.dtype, shape: tuple[int, ...]) -> torch.Tensor:
    return torch.from_numpy(data).view(dtype).reshape(shape)


class Failure:
    """An exception of a worker, on its way to the process that uses its items.

    Args:
        error: the exception, as it was caught.
    """

    def __init__(self, error: Exception) -> None:
        self._text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        self._error = _sendable(error)

    def reraise(self) -> None:
        """Raises the exception; the worker's traceback is its cause, and so is printed above it.

        Raises:
            Exception: the one that was given.
        """
        raise self._error from WorkerTraceback(self._text)


def _sendable(error: Exception) -> Exception:
    """The exception itself, or a `WorkerError` of the same message where it cannot be pickled."""
    try:
        copied = pickle.loads(pickle.dumps(error))
    except Exception:  # a pickled object may raise anything
        copied = None
    if type(copied) is type(error):
        return error
    return WorkerError(f"{type(error).__qualname__}: {error}")


class WorkerTraceback(Exception):
    """What a worker process would have printed about an exception.

    Args:
        text: the formatted traceback.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"in a worker process:\n{self.text}"
