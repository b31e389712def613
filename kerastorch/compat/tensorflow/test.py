"""`tf.test`: what this machine and this build have."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.absent import missing


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Returns whether there is a GPU that torch can use.

    Args:
        cuda_only: has no effect.
        min_cuda_compute_capability: least pair of numbers, such as `(7, 0)`. Default: any.

    Example:
        >>> is_gpu_available() == torch.cuda.is_available()
        True
    """
    if not torch.cuda.is_available():
        return False
    least = tuple(min_cuda_compute_capability or (0, 0))
    return torch.cuda.get_device_capability() >= least


def gpu_device_name() -> str:
    """Returns the name of the first GPU for `tf.device`, or an empty string.

    Example:
        >>> gpu_device_name() in ("", "/device:GPU:0")
        True
    """
    return "/device:GPU:0" if torch.cuda.is_available() else ""


def is_built_with_cuda() -> bool:
    """Returns whether torch was built for CUDA.

    Example:
        >>> is_built_with_cuda() == torch.backends.cuda.is_built()
        True
    """
    return torch.backends.cuda.is_built()


is_built_with_gpu_support = is_built_with_cuda

__all__ = ["gpu_device_name", "is_built_with_cuda", "is_built_with_gpu_support", "is_gpu_available"]


def __getattr__(name: str) -> Any:
    raise missing("tf.test", name)
