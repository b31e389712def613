"""Spectrograms on the mel scale, in which equal steps sound equally far apart.

T samples, N frames, F frequencies, M mel bands.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.initializers.stft import make_window
from kerastorch.layers.preprocessing.values import TakesValues

_BREAK_HERTZ, _MELS_PER_FACTOR = 700.0, 1127.0


@registry.builtin("keras.layers")
class MelSpectrogram(TakesValues):
    """Turns sounds into spectrograms on the mel scale, by default in decibels.

    Args:
        fft_length: samples of a transform.
        sequence_stride: samples from one frame to the next.
        sequence_length: samples in a window, at most `fft_length`; None is `fft_length`.
        window: the name of a window, an array of `sequence_length` values, or None for no window.
        sampling_rate: samples a second.
        num_mel_bins: how many bands there are.
        min_freq: the lower edge of the lowest band, in hertz.
        max_freq: the upper edge of the highest band, in hertz; None is half of `sampling_rate`.
        power_to_db: whether the outputs are in decibels.
        top_db: how far below the loudest value of the batch a value may be, in decibels.
        mag_exp: the power to which magnitudes are raised: 1 for energy, 2 for power.
        min_power: the least power, before decibels are taken.
        ref_power: the power that is 0 decibels.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(samples,)` or `(batch, samples)`; there may be further axes before the last.

    Output shape:
        `(num_mel_bins, frames)` or `(batch, num_mel_bins, frames)`, with `1 + samples // sequence_stride` frames.

    Raises:
        InvalidArgumentError: when `sequence_length` is above `fft_length`, or no window has that name.
        ShapeError: when a window has another length; in the call, when there are too few samples for a frame.

    Example:
        >>> MelSpectrogram(num_mel_bins=64, sampling_rate=8000)(torch.zeros(2, 8000)).shape
        torch.Size([2, 64, 16])

    Source: `keras.layers.MelSpectrogram`, `torch.stft`.
    """

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: Any = "hann",
        sampling_rate: int = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.fft_length = fft_length
        self.sequence_stride = sequence_stride
        self.sequence_length = sequence_length or fft_length
        if self.fft_length < self.sequence_length:
            raise InvalidArgumentError(
                "`fft_length` must be greater than or equal to `sequence_length`. "
                f"Received: `sequence_length`={self.sequence_length}, `fft_length`={self.fft_length}."
            )
        self.window = window
        self.sampling_rate = sampling_rate
        self.num_mel_bins = num_mel_bins
        self.min_freq = min_freq
        self.max_freq = max_freq or int(sampling_rate / 2)
        self.power_to_db = power_to_db
        self.top_db = top_db
        self.mag_exp = mag_exp
        self.min_power = min_power
        self.ref_power = ref_power
        self._prepare()
        self._build_at_init()

    def _prepare(self) -> None:
        """Makes the window, padded to the length of the transform, and the matrix of the bands."""
        dtype = torch.float64 if self.compute_dtype == "float64" else torch.float32
        window = _window(self.window, self.sequence_length)
        missing = self.fft_length - self.sequence_length
        window = F.pad(window, (missing // 2, missing - missing // 2))
        bands = self.linear_to_mel_weight_matrix(
            self.num_mel_bins, self.fft_length // 2 + 1, self.sampling_rate, self.min_freq, self.max_freq
        )
        self.register_buffer("_padded_window", window.to(dtype), persistent=False)
        self.register_buffer("_bands", bands.to(dtype), persistent=False)

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Turns sounds into spectrograms."""
        self._check_length(inputs)
        with torch.autocast(inputs.device.type, enabled=False):
            power = self._spectrogram(inputs.to(self._bands.dtype))
            mel = torch.matmul(power, self._bands)
            outputs = self._decibels(mel) if self.power_to_db else mel
        return outputs.transpose(-1, -2).to(self._compute_torch_dtype)

    def _check_length(self, inputs: torch.Tensor) -> None:
        if not inputs.ndim or inputs.shape[-1] <= self.fft_length // 2:
            raise ShapeError(
                f"A sound must have more than `fft_length // 2` = {self.fft_length // 2} samples in its last axis, as "
                f"it is mirrored at its ends. Received: shape {tuple(inputs.shape)}. Use a smaller `fft_length`."
            )

    def _spectrogram(self, x: torch.Tensor) -> torch.Tensor:
        """`(..., T)` to `(..., N, F)`."""
        half = self.fft_length // 2
        mirrored = F.pad(x.reshape(-1, 1, x.shape[-1]), (half, half), mode="reflect")
        frames = mirrored.unfold(-1, self.fft_length, self.sequence_stride) * self._padded_window
        transformed = torch.fft.rfft(frames)
        power = transformed.real.square() + transformed.imag.square()
        power = power if self.mag_exp == 2 else power.pow(self.mag_exp / 2)
        return power.reshape(*x.shape[:-1], *power.shape[-2:])

    def _decibels(self, power: torch.Tensor) -> torch.Tensor:
        level = 10.0 * power.clamp(min=self.min_power).log10()
        level = level - 10.0 * math.log10(max(abs(self.ref_power), self.min_power))
        return torch.maximum(level, level.amax() - self.top_db)

    def linear_to_mel_weight_matrix(
        self,
        num_mel_bins: int = 20,
        num_spectrogram_bins: int = 129,
        sampling_rate: float = 8000,
        lower_edge_hertz: float = 125.0,
        upper_edge_hertz: float = 3800.0,
        dtype: str = "float32",
    ) -> torch.Tensor:
        """Returns the matrix by which a spectrogram is multiplied to get bands of the mel scale.

        The bands are triangles of height 1 on the mel scale; each begins at the centre of the one before. The lowest
        frequency is in none of them.

        Args:
            num_mel_bins: how many bands there are.
            num_spectrogram_bins: how many frequencies, from 0 to half of the sampling rate.
            sampling_rate: samples a second.
            lower_edge_hertz: the lower edge of the lowest band.
            upper_edge_hertz: the upper edge of the highest band.
            dtype: the type of the matrix.
        """
        hertz = np.linspace(0.0, sampling_rate / 2.0, num_spectrogram_bins)
        mels = _as_mel(hertz)[:, None]
        edges = np.linspace(_as_mel(lower_edge_hertz), _as_mel(upper_edge_hertz), num_mel_bins + 2)
        lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
        rising, falling = (mels - lower) / (centre - lower), (upper - mels) / (upper - centre)
        matrix = np.maximum(0.0, np.minimum(rising, falling))
        matrix[0] = 0.0
        return torch.as_tensor(matrix.astype(dtype))

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the spectrograms."""
        *outer, samples = input_shape
        frames = None if samples is None else 1 + samples // self.sequence_stride
        return (*outer, self.num_mel_bins, frames)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "fft_length": self.fft_length,
            "sequence_stride": self.sequence_stride,
            "sequence_length": self.sequence_length,
            "window": self.window,
            "sampling_rate": self.sampling_rate,
            "num_mel_bins": self.num_mel_bins,
            "min_freq": self.min_freq,
            "max_freq": self.max_freq,
            "power_to_db": self.power_to_db,
            "top_db": self.top_db,
            "mag_exp": self.mag_exp,
            "min_power": self.min_power,
            "ref_power": self.ref_power,
        }


def _as_mel(hertz: Any) -> Any:
    return _MELS_PER_FACTOR * np.log1p(hertz / _BREAK_HERTZ)


def _window(window: Any, length: int) -> torch.Tensor:
    if window is None:
        return torch.ones(length, dtype=torch.float64)
    if isinstance(window, str):
        return make_window(window, length, periodic=True)
    values = torch.as_tensor(np.asarray(window), dtype=torch.float64)
    if tuple(values.shape) != (length,):
        raise ShapeError(
            f"The shape of `window` must be equal to [sequence_length], here ({length},). "
            f"Received: window shape={tuple(values.shape)}"
        )
    return values
