"""Functions on numbers that NumPy does not have: special functions, segments, and Fourier transforms."""

from kerastorch.ops.math.fourier import (
    extract_sequences,
    fft,
    fft2,
    ifft2,
    irfft,
    istft,
    rfft,
    stft,
    view_as_complex,
    view_as_real,
)
from kerastorch.ops.math.segments import segment_max, segment_min, segment_prod, segment_sum
from kerastorch.ops.math.special import cdist, erf, erfc, erfinv, in_top_k, logsumexp, rsqrt, top_k

__all__ = [
    "cdist",
    "erf",
    "erfc",
    "erfinv",
    "extract_sequences",
    "fft",
    "fft2",
    "ifft2",
    "in_top_k",
    "irfft",
    "istft",
    "logsumexp",
    "rfft",
    "rsqrt",
    "segment_max",
    "segment_min",
    "segment_prod",
    "segment_sum",
    "stft",
    "top_k",
    "view_as_complex",
    "view_as_real",
]
