"""`tf.signal`: Fourier transforms, frames and windows."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor, integer, integers, operation
from kerastorch.compat.tensorflow.pointwise import unary
from kerastorch.core.devices import current_device
from kerastorch.ops.math import fourier

__all__ = [
    "fft",
    "fft2d",
    "fft3d",
    "fftshift",
    "frame",
    "hamming_window",
    "hann_window",
    "ifft",
    "ifft2d",
    "ifft3d",
    "ifftshift",
    "inverse_stft",
    "irfft",
    "linear_to_mel_weight_matrix",
    "overlap_and_add",
    "rfft",
    "stft",
]

_ONE, _ONE_2D, _ONE_3D = [1.0], [[1.0]], [[[1.0]]]
fft = unary("fft", torch.fft.fft, "the Fourier transform", _ONE, [1 + 0j], "tf.signal", "input")
ifft = unary("ifft", torch.fft.ifft, "the inverse of `fft`", _ONE, "[(1-0j)]", "tf.signal", "input")
fft2d = unary(
    "fft2d", torch.fft.fft2, "the Fourier transform of planes", _ONE_2D, [[1 + 0j]], "tf.signal", "input"
)
ifft2d = unary("ifft2d", torch.fft.ifft2, "the inverse of `fft2d`", _ONE_2D, [[1 + 0j]], "tf.signal", "input")
fft3d = unary(
    "fft3d",
    functools.partial(torch.fft.fftn, dim=(-3, -2, -1)),
    "the Fourier transform of volumes",
    _ONE_3D,
    [[[1 + 0j]]],
    "tf.signal",
    "input",
)
ifft3d = unary(
    "ifft3d",
    functools.partial(torch.fft.ifftn, dim=(-3, -2, -1)),
    "the inverse of `fft3d`",
    _ONE_3D,
    [[[1 + 0j]]],
    "tf.signal",
    "input",
)


@operation("tf.signal")
def rfft(input_tensor: Any, fft_length: Any = None) -> Any:
    """Returns the half of the Fourier transform that says all about real numbers.

    Args:
        input_tensor: real numbers, transformed along the last axis.
        fft_length: the length of the transform; None takes that of the axis.

    Example:
        >>> rfft([1.0, 1.0]).tolist()
        [(2+0j), 0j]

    Source: `tf.signal.rfft`, `torch.fft.rfft`
    """
    return torch.fft.rfft(as_tensor(input_tensor), None if fft_length is None else integer(fft_length))


@operation("tf.signal")
def irfft(input_tensor: Any, fft_length: Any = None) -> Any:
    """Returns the inverse of `rfft`.

    Args:
        input_tensor: complex numbers, transformed along the last axis.
        fft_length: the length of the result; None takes the even one.

    Example:
        >>> irfft(rfft([1.0, 2.0])).tolist()
        [1.0, 2.0]

    Source: `tf.signal.irfft`, `torch.fft.irfft`
    """
    return torch.fft.irfft(as_tensor(input_tensor), None if fft_length is None else integer(fft_length))


@operation("tf.signal")
def fftshift(x: Any, axes: Any = None) -> Any:
    """Returns a spectrum with frequency zero in the middle.

    Args:
        x: the spectrum.
        axes: the axes; None takes all of them.

    Example:
        >>> fftshift([0, 1, 2, 3]).tolist()
        [2, 3, 0, 1]

    Source: `tf.signal.fftshift`, `torch.fft.fftshift`
    """
    return torch.fft.fftshift(as_tensor(x), None if axes is None else integers(axes))


@operation("tf.signal")
def ifftshift(x: Any, axes: Any = None) -> Any:
    """Returns the inverse of `fftshift`.

    Args:
        x: the spectrum.
        axes: the axes; None takes all of them.

    Example:
        >>> ifftshift([2, 3, 0, 1]).tolist()
        [0, 1, 2, 3]

    Source: `tf.signal.ifftshift`, `torch.fft.ifftshift`
    """
    return torch.fft.ifftshift(as_tensor(x), None if axes is None else integers(axes))


def _window(function: Callable, length: Any, periodic: bool, dtype: Any) -> torch.Tensor:
    return function(integer(length), periodic=periodic, dtype=as_dtype(dtype).torch, device=current_device())


def hann_window(
    window_length: Any, periodic: bool = True, dtype: Any = "float32", name: str | None = None
) -> Any:
    """Returns a Hann window.

    Args:
        window_length: its length, in samples.
        periodic: whether it fits into a period, as spectra need it. Default: True.
        dtype: a float type. Default: float32.
        name: a name, without meaning here.

    Example:
        >>> hann_window(2).tolist()
        [0.0, 1.0]

    Source: `tf.signal.hann_window`, `torch.hann_window`
    """
    return _window(torch.hann_window, window_length, periodic, dtype)


def hamming_window(
    window_length: Any, periodic: bool = True, dtype: Any = "float32", name: str | None = None
) -> Any:
    """Returns a Hamming window.

    Args:
        window_length: its length, in samples.
        periodic: whether it fits into a period, as spectra need it. Default: True.
        dtype: a float type. Default: float32.
        name: a name, without meaning here.

    Example:
        >>> hamming_window(4).shape
        torch.Size([4])

    Source: `tf.signal.hamming_window`, `torch.hamming_window`
    """
    return _window(torch.hamming_window, window_length, periodic, dtype)


@operation("tf.signal")
def frame(
    signal: Any, frame_length: Any, frame_step: Any, pad_end: bool = False, pad_value: Any = 0, axis: int = -1
) -> Any:
    """Returns overlapping parts of signals.

    Args:
        signal: the signals.
        frame_length: the length of a part, in samples.
        frame_step: the distance between their starts, in samples.
        pad_end: whether the last parts may go past the end. Default: False.
        pad_value: what stands past the end. Default: 0.
        axis: the axis of the samples. Default: the last.

    Returns:
        A tensor with two axes, parts and samples, in place of `axis`.

    Example:
        >>> frame([1, 2, 3, 4, 5], 2, 2).tolist(), frame([1, 2, 3], 2, 2, pad_end=True).tolist()
        ([[1, 2], [3, 4]], [[1, 2], [3, 0]])

    Source: `tf.signal.frame`, `torch.Tensor.unfold`
    """
    x, length, step = as_tensor(signal), integer(frame_length), integer(frame_step)
    place = axis % x.ndim
    x = x.movedim(place, -1)
    if pad_end:
        count = -(-x.shape[-1] // step)
        x = F.pad(x, (0, max((count - 1) * step + length - x.shape[-1], 0)), value=pad_value)
    parts = x.unfold(-1, length, step) if x.shape[-1] >= length else x.new_empty((*x.shape[:-1], 0, length))
    return parts.movedim((-2, -1), (place, place + 1))


@operation("tf.signal")
def overlap_and_add(signal: Any, frame_step: Any) -> Any:
    """Returns the signals whose overlapping parts are given, by adding them.

    Args:
        signal: the parts, (..., parts, samples).
        frame_step: the distance between their starts, in samples.

    Example:
        >>> overlap_and_add([[1.0, 1.0], [1.0, 1.0]], 1).tolist()
        [1.0, 2.0, 1.0]

    Source: `tf.signal.overlap_and_add`
    """
    return fourier.overlap_and_add(as_tensor(signal), integer(frame_step))


@operation("tf.signal")
def stft(
    signals: Any,
    frame_length: Any,
    frame_step: Any,
    fft_length: Any = None,
    window_fn: Callable | None = hann_window,
    pad_end: bool = False,
) -> Any:
    """Returns the spectra of overlapping parts of signals.

    Args:
        signals: real signals, (..., samples).
        frame_length: the length of a part, in samples.
        frame_step: the distance between their starts, in samples.
        fft_length: the length of the transform. Default: the next power of two.
        window_fn: makes the window from a length and `dtype`; None for no window. Default: `hann_window`.
        pad_end: whether the last parts may go past the end. Default: False.

    Returns:
        Complex numbers, (..., parts, frequencies).

    Example:
        >>> stft(torch.ones(16), 8, 4).shape
        torch.Size([3, 5])

    Source: `tf.signal.stft`
    """
    length = integer(frame_length)
    size = 2 ** math.ceil(math.log2(length)) if fft_length is None else integer(fft_length)
    parts = frame(signals, length, frame_step, pad_end)
    parts = parts if window_fn is None else parts * window_fn(length, dtype=parts.dtype).to(parts.device)
    return torch.fft.rfft(parts, size)


@operation("tf.signal")
def inverse_stft(
    stfts: Any,
    frame_length: Any,
    frame_step: Any,
    fft_length: Any = None,
    window_fn: Callable | None = hann_window,
) -> Any:
    """Returns signals from the spectra of their overlapping parts, as they are or windowed again.

    Args:
        stfts: what `stft` gave, (..., parts, frequencies).
        frame_length: the length of a part, in samples.
        frame_step: the distance between their starts, in samples.
        fft_length: the length of the transform. Default: the next power of two.
        window_fn: makes the window from a length and `dtype`; None for no window.

    Example:
        >>> inverse_stft(stft(torch.ones(16), 8, 4), 8, 4).shape
        torch.Size([16])

    Source: `tf.signal.inverse_stft`
    """
    length = integer(frame_length)
    size = 2 ** math.ceil(math.log2(length)) if fft_length is None else integer(fft_length)
    parts = torch.fft.irfft(as_tensor(stfts), size)[..., :length]
    parts = parts if window_fn is None else parts * window_fn(length, dtype=parts.dtype).to(parts.device)
    return overlap_and_add(parts, frame_step)


def _mel(frequencies: torch.Tensor) -> torch.Tensor:
    return 1127.0 * torch.log1p(frequencies / 700.0)


def linear_to_mel_weight_matrix(
    num_mel_bins: int = 20,
    num_spectrogram_bins: int = 129,
    sample_rate: Any = 8000,
    lower_edge_hertz: float = 125.0,
    upper_edge_hertz: float = 3800.0,
    dtype: Any = "float32",
    name: str | None = None,
) -> torch.Tensor:
    """Returns the matrix that turns spectra into bands of the mel scale.

    Args:
        num_mel_bins: the number of bands. Default: 20.
        num_spectrogram_bins: the number of frequencies. Default: 129.
        sample_rate: the samples in a second. Default: 8000.
        lower_edge_hertz: the lowest frequency, in hertz. Default: 125.
        upper_edge_hertz: the highest frequency, in hertz. Default: 3800.
        dtype: a float type. Default: float32.
        name: a name, without meaning here.

    Returns:
        A matrix (frequencies, bands).

    Example:
        >>> linear_to_mel_weight_matrix(4, 9, 8000).shape
        torch.Size([9, 4])

    Source: `tf.signal.linear_to_mel_weight_matrix`
    """
    hertz = torch.linspace(0.0, float(sample_rate) / 2, num_spectrogram_bins, dtype=torch.float64)
    low, high = _mel(torch.tensor([lower_edge_hertz, upper_edge_hertz], dtype=torch.float64))
    share = torch.linspace(0.0, 1.0, num_mel_bins + 2, dtype=torch.float64)
    edges = low + (high - low) * share
    left, middle, right = edges[:-2], edges[1:-1], edges[2:]
    mel = _mel(hertz[1:]).unsqueeze(1)  # frequency zero belongs to no band
    rising, falling = (mel - left) / (middle - left), (right - mel) / (right - middle)
    weights = torch.minimum(rising, falling).clamp(min=0)
    return F.pad(weights, (0, 0, 1, 0)).to(current_device(), as_dtype(dtype).torch)


def __getattr__(name: str) -> Any:
    raise missing("tf.signal", name)
