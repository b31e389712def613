"""Fourier transforms; complex numbers come and go as pairs of their real and imaginary parts."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.ops.base import op, tensor

_PARTS = {torch.complex32: torch.float16, torch.complex64: torch.float32, torch.complex128: torch.float64}
_WINDOWS = {"hann": "hann_window", "hamming": "hamming_window"}  # functions of torch


def _joined(x: Any) -> torch.Tensor:
    """Complex numbers from a pair of tensors."""
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise InvalidArgumentError(
            f"Input `x` should be a tuple of two tensors - real and imaginary. Received: x={x!r}."
        )
    real, imaginary = x
    if not (isinstance(real, torch.Tensor) and isinstance(imaginary, torch.Tensor)):
        real, imaginary = tensor(real), tensor(imaginary)
    if real.shape != imaginary.shape:
        raise ShapeError(
            "Input `x` should be a tuple of two tensors - real and imaginary - of the same shape. Received shapes: "
            f"{tuple(real.shape)} and {tuple(imaginary.shape)}."
        )
    try:
        return torch.complex(real, imaginary)
    except RuntimeError as error:
        raise InvalidArgumentError(
            "At least one tensor in input `x` is not of type float, or their types differ. Received types: "
            f"{real.dtype} and {imaginary.dtype}."
        ) from error


def _split(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.real, x.imag


@op()
def fft(x: Any) -> tuple[Any, Any]:
    """Returns the Fourier transform along the last axis.

    Args:
        x: a tuple of the real and imaginary parts.

    Returns:
        A tuple of the real and imaginary parts.

    Raises:
        InvalidArgumentError: when `x` is no pair of tensors of floating-point numbers.
        ShapeError: when their shapes differ.

    Example:
        >>> [part.tolist() for part in fft(([1.0, 2.0], [0.0, 0.0]))]
        [[3.0, -1.0], [0.0, 0.0]]

    Source: `keras.ops.fft`, `torch.fft.fft`.
    """
    return _split(torch.fft.fft(_joined(x)))


@op()
def fft2(x: Any) -> tuple[Any, Any]:
    """Returns the Fourier transform along the last two axes.

    Args:
        x: a tuple of the real and imaginary parts.

    Returns:
        A tuple of the real and imaginary parts.

    Raises:
        InvalidArgumentError: when `x` is no pair of tensors of floating-point numbers.
        ShapeError: when their shapes differ.

    Example:
        >>> [part.tolist() for part in fft2(([[1.0, 2.0]], [[0.0, 0.0]]))]
        [[[3.0, -1.0]], [[0.0, 0.0]]]

    Source: `keras.ops.fft2`, `torch.fft.fft2`.
    """
    return _split(torch.fft.fft2(_joined(x)))


@op()
def ifft2(x: Any) -> tuple[Any, Any]:
    """Returns the inverse of the Fourier transform along the last two axes.

    Args:
        x: a tuple of the real and imaginary parts.

    Returns:
        A tuple of the real and imaginary parts.

    Raises:
        InvalidArgumentError: when `x` is no pair of tensors of floating-point numbers.
        ShapeError: when their shapes differ.

    Example:
        >>> ifft2(([[3.0, -1.0]], [[0.0, 0.0]]))[0].tolist()
        [[1.0, 2.0]]

    Source: `keras.ops.ifft2`, `torch.fft.ifft2`.
    """
    return _split(torch.fft.ifft2(_joined(x)))


@op()
def rfft(x: Any, fft_length: int | None = None) -> tuple[Any, Any]:
    """Returns the Fourier transform of real numbers along the last axis: the half that determines the other.

    Args:
        x: a tensor, array or list of real numbers.
        fft_length: the length of the transform; the last axis is cut or filled with zeros to it. Default: its length.

    Returns:
        A tuple of the real and imaginary parts, `fft_length // 2 + 1` along the last axis.

    Example:
        >>> [part.tolist() for part in rfft([0.0, 1.0, 2.0])]
        [[3.0, -1.5], [0.0, 0.8660253882408142]]

    Source: `keras.ops.rfft`, `torch.fft.rfft`.
    """
    return _split(torch.fft.rfft(tensor(x), fft_length))


@op()
def irfft(x: Any, fft_length: int | None = None) -> Any:
    """Returns the real numbers whose Fourier transform is given, the inverse of `rfft`.

    Args:
        x: a tuple of the real and imaginary parts.
        fft_length: the number of real numbers. Default: twice one less than the length of the last axis.

    Returns:
        A tensor of real numbers.

    Raises:
        InvalidArgumentError: when `x` is no pair of tensors of floating-point numbers.
        ShapeError: when their shapes differ.

    Example:
        >>> irfft(rfft([0.0, 1.0, 2.0]), 3).round(decimals=4).tolist()
        [0.0, 1.0, 2.0]

    Source: `keras.ops.irfft`, `torch.fft.irfft`.
    """
    return torch.fft.irfft(_joined(x), fft_length)


@op()
def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Any:
    """Returns overlapping parts of the last axis.

    Args:
        x: a tensor, array or list.
        sequence_length: the length of a part.
        sequence_stride: the distance between the starts of two parts.

    Returns:
        A view of `x`, (..., parts, sequence_length).

    Example:
        >>> extract_sequences([1, 2, 3, 4, 5], 3, 2).tolist()
        [[1, 2, 3], [3, 4, 5]]

    Source: `keras.ops.extract_sequences`, `torch.Tensor.unfold`.
    """
    return tensor(x).unfold(-1, sequence_length, sequence_stride)


def overlap_and_add(x: torch.Tensor, step: int) -> torch.Tensor:
    """Returns the signals whose overlapping parts are given, by adding them.

    Args:
        x: the parts, (..., parts, samples).
        step: the distance between their starts, in samples.

    Example:
        >>> overlap_and_add(torch.ones(2, 2), 1).tolist()
        [1.0, 2.0, 1.0]
    """
    count, length = x.shape[-2:]
    places = torch.arange(count, device=x.device).unsqueeze(1) * step + torch.arange(length, device=x.device)
    total = x.new_zeros((*x.shape[:-2], (count - 1) * step + length))
    return total.index_add(-1, places.reshape(-1), x.flatten(-2))


def _bad_stride(stride: Any) -> InvalidArgumentError:
    return InvalidArgumentError(f"`sequence_stride` must be a positive integer. Received: {stride!r}.")


def _window(window: Any, length: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor | None:
    """A window from its name or its values."""
    if window is None:
        return None
    if isinstance(window, str):
        if window not in _WINDOWS:
            raise InvalidArgumentError(
                f"If a string is passed to `window`, it is 'hann' or 'hamming'. Received: {window!r}."
            )
        return getattr(torch, _WINDOWS[window])(length, dtype=dtype, device=device)
    found = tensor(window, dtype).to(device)
    if found.shape != (length,):
        raise ShapeError(
            f"The shape of `window` must be equal to [sequence_length], [{length}]. Received: {tuple(found.shape)}."
        )
    return found


@op()
def stft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> tuple[Any, Any]:
    """Returns the spectra of overlapping parts of signals.

    Args:
        x: real signals of float32 or float64, (..., samples).
        sequence_length: the length of a part, in samples.
        sequence_stride: the distance between the starts of two parts, in samples.
        fft_length: the length of the transform, at least `sequence_length`.
        window: what parts are multiplied by: `"hann"`, `"hamming"`, a tensor (sequence_length,) or None.
        center: whether signals are mirrored at both ends, so that parts lie around their places. Default: True.

    Returns:
        A tuple of the real and imaginary parts, (..., parts, fft_length // 2 + 1).

    Raises:
        ArgumentTypeError: for signals of other types.
        InvalidArgumentError: when `fft_length` is too small, the stride is no positive integer, or there is no such
            window.
        ShapeError: when the window has another length.

    Example:
        >>> stft(torch.ones(16), 8, 4, 8)[0].shape
        torch.Size([5, 5])

    Source: `keras.ops.stft`, `torch.stft`.
    """
    x = tensor(x)
    if x.dtype is not torch.float32 and x.dtype is not torch.float64:
        raise ArgumentTypeError(f"Invalid input type. Expected `float32` or `float64`. Received: {x.dtype}.")
    if fft_length < sequence_length:
        raise InvalidArgumentError(
            "`fft_length` must equal or larger than `sequence_length`. Received: "
            f"sequence_length={sequence_length}, fft_length={fft_length}."
        )
    if not isinstance(sequence_stride, int) or sequence_stride < 1:
        raise _bad_stride(sequence_stride)
    weights = _window(window, sequence_length, x.dtype, x.device)
    weights = x.new_ones(sequence_length) if weights is None else weights
    spectra = torch.stft(
        x if x.ndim < 3 else x.reshape(-1, x.shape[-1]),
        fft_length,
        sequence_stride,
        sequence_length,
        weights,
        center=center,
        return_complex=True,
    )
    if x.ndim > 2:
        spectra = spectra.reshape(*x.shape[:-1], *spectra.shape[1:])
    return _split(spectra.mT)


@op()
def istft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Any:
    """Returns signals from the spectra of their overlapping parts, the inverse of `stft`.

    Args:
        x: a tuple of the real and imaginary parts, (..., parts, fft_length // 2 + 1).
        sequence_length: the length of a part, in samples.
        sequence_stride: the distance between the starts of two parts, in samples.
        fft_length: the length of the transform.
        length: the length of the signals, in samples; None gives what the parts cover.
        window: what parts were multiplied by: `"hann"`, `"hamming"`, a tensor (sequence_length,) or None.
        center: whether signals were mirrored at both ends. Default: True.

    Returns:
        Signals, (..., samples).

    Raises:
        InvalidArgumentError: when `x` is no pair of tensors of floating-point numbers, the stride is no positive
            integer, or there is no such window.
        ShapeError: when their shapes differ, or the window has another length.

    Example:
        >>> istft(stft(torch.arange(8.0), 4, 2, 4), 4, 2, 4).round().tolist()
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]

    Source: `keras.ops.istft`, `torch.istft`.
    """
    spectra = _joined(x)
    if not isinstance(sequence_stride, int) or sequence_stride < 1:
        raise _bad_stride(sequence_stride)
    weights = _window(window, sequence_length, _PARTS[spectra.dtype], spectra.device)
    if weights is not None and center and sequence_length == fft_length:
        if spectra.ndim < 4 and not spectra.is_meta:
            return torch.istft(spectra.mT, fft_length, sequence_stride, fft_length, weights, length=length)
        return _inverted(spectra, weights, fft_length, sequence_stride, length)
    parts = torch.fft.irfft(spectra, fft_length)
    if weights is not None:
        parts = parts * _inverse_window(weights, fft_length, sequence_stride)
    signals = overlap_and_add(parts, sequence_stride)
    start = fft_length // 2 if center else 0
    end = start + length if length is not None else signals.shape[-1] - start
    return signals[..., start:end]


def _inverted(
    spectra: torch.Tensor, weights: torch.Tensor, size: int, step: int, length: int | None
) -> torch.Tensor:
    """Signals of several batch axes, or of shapes alone, by torch's own inverse, which takes the ends into account."""
    if spectra.is_meta:  # torch looks at the values of the window
        covered = size + step * (spectra.shape[-2] - 1) - size // 2 * 2
        return spectra.real.new_empty((*spectra.shape[:-2], covered if length is None else length))
    signals = torch.istft(spectra.flatten(0, -3).mT, size, step, size, weights, length=length)
    return signals.reshape(*spectra.shape[:-2], signals.shape[-1])


def _inverse_window(weights: torch.Tensor, size: int, step: int) -> torch.Tensor:
    """The window by which parts are multiplied again, such that the squares of all that overlap add to one."""
    missing = size - weights.shape[0]
    weights = F.pad(weights, (missing // 2, missing - missing // 2))
    overlaps = -(-size // step)
    total = F.pad(weights.square(), (0, overlaps * step - size)).reshape(overlaps, step).sum(0)
    return weights / total.repeat(overlaps)[:size]


@op()
def view_as_complex(x: Any) -> Any:
    """Returns complex numbers made of pairs along the last axis.

    Args:
        x: a tensor, array or list, (..., 2).

    Returns:
        A tensor of complex numbers of type complex64, (...).

    Raises:
        ShapeError: when the last axis is not of length two.

    Example:
        >>> view_as_complex([[1.0, 2.0], [3.0, 4.0]]).tolist()
        [(1+2j), (3+4j)]

    Source: `keras.ops.view_as_complex`, `torch.complex`.
    """
    x = tensor(x)
    if not x.ndim or x.shape[-1] != 2:
        raise ShapeError(
            f"Last dimension of input must be size 2 (real and imaginary). Received shape: {tuple(x.shape)}."
        )
    return torch.complex(x[..., 0].float(), x[..., 1].float())


@op()
def view_as_real(x: Any) -> Any:
    """Returns the real and imaginary parts of complex numbers along a new last axis.

    Args:
        x: a tensor, array or list of complex numbers.

    Returns:
        A tensor, (..., 2).

    Example:
        >>> view_as_real([1 + 2j]).tolist()
        [[1.0, 2.0]]

    Source: `keras.ops.view_as_real`, `torch.view_as_real`.
    """
    x = tensor(x)
    return torch.view_as_real(x.resolve_conj() if x.is_complex() else torch.complex(x, torch.zeros_like(x)))
