"""`tf.errors`: the names by which scripts catch TensorFlow's errors, as the errors that are raised in their place."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.errors import InvalidArgumentError, KerasTorchError

OpError = KerasTorchError
NotFoundError = FileNotFoundError
AlreadyExistsError = FileExistsError
PermissionDeniedError = PermissionError
OutOfRangeError = StopIteration
DeadlineExceededError = TimeoutError
CancelledError = KeyboardInterrupt
AbortedError = UnavailableError = InternalError = UnknownError = RuntimeError
FailedPreconditionError = DataLossError = RuntimeError
UnimplementedError = NotImplementedError
ResourceExhaustedError = torch.OutOfMemoryError


__all__ = [
    "AbortedError",
    "AlreadyExistsError",
    "CancelledError",
    "DataLossError",
    "DeadlineExceededError",
    "FailedPreconditionError",
    "InternalError",
    "InvalidArgumentError",
    "NotFoundError",
    "OpError",
    "OutOfRangeError",
    "PermissionDeniedError",
    "ResourceExhaustedError",
    "UnavailableError",
    "UnimplementedError",
    "UnknownError",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.errors", name)
