"""The initializer that makes convolution kernels compute a short-time Fourier transform."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.core.devices import current_device
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError, MissingDependencyError, ShapeError
from kerastorch.initializers.initializer import Initializer
from kerastorch.registry import builtin

_WINDOWS = (
    "bartlett",
    "blackman",
    "cosine",
    "hamming",
    "hann",
    "nuttall",
)  # those that torch has as SciPy does
_SIDES = ("real", "imag")
_SCALINGS = (None, "density", "spectrum")


def make_window(name: str, length: int, periodic: bool) -> torch.Tensor:
    """Returns the values of a named window.

    Args:
        name: a window of `torch.signal.windows`, or any that `scipy.signal.get_window` knows by name.
        length: how many samples it has.
        periodic: True for a window that continues itself, False for a symmetric one.

    Returns:
        A float64 tensor of shape `(length,)`.

    Raises:
        InvalidArgumentError: when no window has that name.
        MissingDependencyError: when torch has no such window and SciPy is not installed.

    Example:
        >>> make_window("hann", 4, periodic=True).round(decimals=4).tolist()
        [0.0, 0.5, 1.0, 0.5]
    """
    if name in _WINDOWS:
        return getattr(torch.signal.windows, name)(length, sym=not periodic, dtype=torch.float64)
    try:
        from scipy.signal import get_window
    except ImportError as error:
        raise MissingDependencyError(
            f"The window {name!r} needs SciPy: `pip install scipy`. Without it there are {list(_WINDOWS)}."
        ) from error
    try:
        return torch.as_tensor(get_window(name, length, periodic), dtype=torch.float64)
    except ValueError as error:
        raise InvalidArgumentError(f"Unknown window: {name!r}. {error}") from error


@builtin("keras.initializers", "STFTInitializer")
class STFT(Initializer):
    """Makes convolution kernels that compute one side of a short-time Fourier transform.

    The shape of the kernel is `(T, 1, F // 2 + 1)`: T samples in a frame, F frequency bands.

    Args:
        side: `"real"` or `"imag"`, the part of the transform to compute.
        window: the name of a window, an array of T values, or None for no window.
        scaling: `"density"` divides by the root of the window's sum of squares, `"spectrum"` by its sum of absolute
            values, None by nothing.
        periodic: whether a named window is periodic instead of symmetric.

    Raises:
        InvalidArgumentError: when `side`, `window` or `scaling` is not one of these.
        ShapeError: in the call, when the shape does not have three axes or does not fit the window.
        MissingDependencyError: when the window is one that only SciPy has, and SciPy is not installed.

    Example:
        >>> STFT("real", "hann")((128, 1, 65)).shape
        torch.Size([128, 1, 65])

    Source: `keras.initializers.STFT`.
    """

    def __init__(
        self,
        side: str = "real",
        window: Any = "hann",
        scaling: str | None = "density",
        periodic: bool = False,
    ) -> None:
        if side not in _SIDES:
            raise InvalidArgumentError(f"`side` should be 'real' or 'imag'. Received: side={side!r}.")
        if scaling not in _SCALINGS:
            raise InvalidArgumentError(
                f"Scaling is invalid, it must be `None`, 'density' or 'spectrum'. Received: scaling={scaling!r}."
            )
        if isinstance(window, str):
            make_window(window, 2, periodic)
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
        if len(shape) != 3:
            raise ShapeError(
                f"An STFT kernel has the shape (frame length, 1, bands). Received: shape={tuple(shape)}."
            )
        length, _, bands = shape
        time = torch.arange(length, dtype=torch.float64).reshape(length, 1, 1)
        frequency = torch.arange(bands, dtype=torch.float64) / max(1, 2 * (bands - 1))
        angle = -2.0 * math.pi * time * frequency
        kernel = torch.cos(angle) if self.side == "real" else torch.sin(angle)
        if self.window is not None:
            kernel = kernel * self._scaled_window(length).reshape(length, 1, 1)
        return kernel.expand(tuple(shape)).to(current_device(), torch_dtype(dtype)).contiguous()

    def _scaled_window(self, length: int) -> torch.Tensor:
        if isinstance(self.window, str):
            window = make_window(self.window, length, self.periodic)
        else:
            window = torch.as_tensor(self.window, dtype=torch.float64, device="cpu")
        if tuple(window.shape) != (length,):
            raise ShapeError(
                f"The shape of `window` must be equal to [frame_length], here ({length},). "
                f"Received: window shape={tuple(window.shape)}."
            )
        if self.scaling == "density":
            return window / window.square().sum().sqrt()
        return window / window.abs().sum() if self.scaling == "spectrum" else window

    def get_config(self) -> dict:
        return {
            "side": self.side,
            "window": self.window,
            "periodic": self.periodic,
            "scaling": self.scaling,
        }
