"""Windows for signals: weights that fall off towards both ends, symmetric about the middle."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.config import floatx
from kerastorch.core.devices import current_device
from kerastorch.dtypes import torch_dtype
from kerastorch.ops.base import op


def _setting() -> dict[str, Any]:
    return {"dtype": torch_dtype(floatx()), "device": current_device()}


@op("keras.ops.numpy")
def bartlett(x: Any) -> Any:
    """Returns a window that rises from zero to one in a straight line, and falls so.

    Args:
        x: its length, in samples.

    Example:
        >>> bartlett(5).tolist()
        [0.0, 0.5, 1.0, 0.5, 0.0]

    Source: `keras.ops.bartlett`, `torch.signal.windows.bartlett`.
    """
    return torch.signal.windows.bartlett(int(x), **_setting())


@op("keras.ops.numpy")
def blackman(x: Any) -> Any:
    """Returns the window of Blackman, a sum of three cosines.

    Args:
        x: its length, in samples.

    Example:
        >>> blackman(3).round(decimals=2).abs().tolist()
        [0.0, 1.0, 0.0]

    Source: `keras.ops.blackman`, `torch.signal.windows.blackman`.
    """
    return torch.signal.windows.blackman(int(x), **_setting())


@op("keras.ops.numpy")
def hamming(x: Any) -> Any:
    """Returns the window of Hamming, a raised cosine that ends above zero.

    Args:
        x: its length, in samples.

    Example:
        >>> hamming(3).round(decimals=2).tolist() == torch.tensor([0.08, 1.0, 0.08]).tolist()
        True

    Source: `keras.ops.hamming`, `torch.signal.windows.hamming`.
    """
    return torch.signal.windows.hamming(int(x), **_setting())


@op("keras.ops.numpy")
def hanning(x: Any) -> Any:
    """Returns the window of Hann, a raised cosine that ends at zero.

    Args:
        x: its length, in samples.

    Example:
        >>> hanning(5).round(decimals=2).tolist()
        [0.0, 0.5, 1.0, 0.5, 0.0]

    Source: `keras.ops.hanning`, `torch.signal.windows.hann`.
    """
    return torch.signal.windows.hann(int(x), **_setting())


@op("keras.ops.numpy")
def kaiser(x: Any, beta: Any) -> Any:
    """Returns the window of Kaiser, whose width is a setting.

    Args:
        x: its length, in samples.
        beta: how narrow it is; 0 gives ones.

    Example:
        >>> kaiser(3, 0.0).tolist()
        [1.0, 1.0, 1.0]

    Source: `keras.ops.kaiser`, `torch.signal.windows.kaiser`.
    """
    return torch.signal.windows.kaiser(int(x), beta=float(beta), **_setting())
