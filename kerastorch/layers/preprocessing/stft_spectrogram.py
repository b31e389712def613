"""Spectrograms by convolution with the kernels of a short-time Fourier transform, which can be trained.

B batch, T samples, C channels, N frames, F frequencies.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.config import epsilon, standardize_data_format
from kerastorch.core.spatial import output_shape, same_padding
from kerastorch.core.spec import InputSpec
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.initializers.stft import STFT
from kerastorch.layers.preprocessing.values import TakesValues

_MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")
_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


@registry.builtin("keras.layers")
class STFTSpectrogram(TakesValues):
    """Turns sounds into spectrograms; the kernels of the transform are weights, which training may change.

    Args:
        mode: `"log"` of the `"magnitude"`, which is the root of the power; `"psd"`, the one-sided power; the `"real"`
            and `"imag"` parts, both as `"stft"`, and their `"angle"` in radians.
        frame_length: samples in a frame.
        frame_step: samples from one frame to the next, at most `frame_length`; None is half of that.
        fft_length: samples of the transform, at least `frame_length`; None is the next power of two.
        window: the name of a window, an array of `frame_length` values, or None for no window.
        periodic: whether a named window is periodic instead of symmetric.
        scaling: `"density"` divides by the root of the window's sum of squares, `"spectrum"` by its sum, None by
            nothing.
        padding: `"valid"` for no padding, `"same"` for a frame at every `frame_step` samples.
        expand_dims: whether channels have an axis of their own, as in pictures.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, samples, channels)`, or `(batch, channels, samples)` for `"channels_first"`.

    Output shape:
        `(batch, frames, channels * frequencies)`, with `expand_dims` `(batch, frames, frequencies, channels)`; or
        `(batch, channels * frequencies, frames)`, with `expand_dims` `(batch, channels, frames, frequencies)`. There
        are `fft_length // 2 + 1` frequencies, twice as many for `"stft"`.

    Raises:
        InvalidArgumentError: when an argument is none of these, or lengths do not fit.
        ArgumentTypeError: in the call, when the input holds no floats.
        ShapeError: in the call, when the input has not three axes.

    Example:
        >>> STFTSpectrogram(frame_length=256, fft_length=512)(torch.zeros(3, 16000, 1)).shape
        torch.Size([3, 124, 257])

    Source: `keras.layers.STFTSpectrogram`, `torch.stft`.
    """

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Any = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        _check_lengths(frame_length, frame_step, fft_length)
        if mode not in _MODES:
            raise InvalidArgumentError(
                f"Output mode is invalid, it must be one of {', '.join(_MODES)}. Received: mode={mode}"
            )
        if padding not in ("valid", "same"):
            raise InvalidArgumentError(
                f"Padding is invalid, it should be 'valid', 'same'. Received: padding={padding}"
            )
        self._initializers = {side: STFT(side, window, scaling, periodic) for side in ("real", "imag")}
        super().__init__(**kwargs)
        self.mode = mode
        self.frame_length = frame_length
        self.frame_step = frame_step
        self.fft_length = fft_length
        self.window = window
        self.periodic = periodic
        self.scaling = scaling
        self.padding = padding
        self.expand_dims = expand_dims
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=3)
        self._step = frame_step or frame_length // 2
        self._bins = (fft_length or 2 ** math.ceil(math.log2(frame_length))) // 2 + 1

    real_kernel: Any
    imag_kernel: Any

    def build(self, input_shape: tuple) -> None:
        """Makes the kernels that the mode needs."""
        sides = [side for side in ("real", "imag") if self.mode not in ({"real", "imag"} - {side})]
        kernels = {side: self._kernel(side) for side in sides}
        self.real_kernel, self.imag_kernel = kernels.get("real"), kernels.get("imag")

    def _kernel(self, side: str) -> Any:
        return self.add_weight(
            name=f"{side}_kernel",
            shape=(self.frame_length, 1, self._bins),
            initializer=self._initializers[side],
            memory_order=(2, 1, 0),
        )

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Turns sounds into spectrograms."""
        if inputs.dtype not in _FLOATS:
            raise ArgumentTypeError(
                "Invalid input type. Expected `float16`, `bfloat16`, `float32` or `float64`. "
                f"Received: input type={inputs.dtype}"
            )
        x = inputs.transpose(1, 2) if self.data_format == "channels_last" else inputs
        batch, channels, samples = x.shape
        found = self._transformed(x.reshape(batch * channels, 1, samples))
        return self._arranged(found.reshape(batch, channels, -1, found.shape[-1]))

    def _transformed(self, x: torch.Tensor) -> torch.Tensor:
        """`(B * C, 1, T)` to `(B * C, F, N)`, in the mode of the layer."""
        if self.padding == "same":
            x = F.pad(x, same_padding(x.shape[-1], self.frame_length, self._step))
        if self.mode in ("real", "imag"):
            return self._convolved(x, self.real_kernel if self.mode == "real" else self.imag_kernel)
        real, imag = self._convolved(x, self.real_kernel), self._convolved(x, self.imag_kernel)
        if self.mode == "stft":
            return torch.cat((real, imag), 1)
        if self.mode == "angle":
            return torch.atan2(imag, real)
        power = real.square() + imag.square()
        if self.mode == "psd":
            return torch.cat((power[:, :1], power[:, 1:-1] * 2, power[:, -1:]), 1)
        magnitude = power.clamp(min=epsilon()).sqrt()
        return magnitude if self.mode == "magnitude" else magnitude.clamp(min=epsilon()).log()

    def _convolved(self, x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        return F.conv1d(x, kernel.to(x.dtype).permute(2, 1, 0), stride=self._step)

    def _arranged(self, x: torch.Tensor) -> torch.Tensor:
        """`(B, C, F, N)` in the order of the axes that was asked for."""
        last = self.data_format == "channels_last"
        if self.expand_dims:
            return x.permute(0, 3, 2, 1) if last else x.transpose(2, 3)
        flat = x.flatten(1, 2)
        return flat.transpose(1, 2) if last else flat

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the spectrograms."""
        last = self.data_format == "channels_last"
        windows = (self.frame_length,), (self._step,)
        shape = output_shape(input_shape, *windows, self.padding, self.data_format)
        batch, frames, channels = shape if last else (shape[0], *shape[:0:-1])
        bins = self._bins * 2 if self.mode == "stft" else self._bins
        if self.expand_dims:
            return (batch, frames, bins, channels) if last else (batch, channels, frames, bins)
        flat = None if channels is None else channels * bins
        return (batch, frames, flat) if last else (batch, flat, frames)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "mode": self.mode,
            "frame_length": self.frame_length,
            "frame_step": self.frame_step,
            "fft_length": self.fft_length,
            "window": self.window,
            "periodic": self.periodic,
            "scaling": self.scaling,
            "padding": self.padding,
            "data_format": self.data_format,
            "expand_dims": self.expand_dims,
        }


def _check_lengths(frame_length: int, frame_step: int | None, fft_length: int | None) -> None:
    if frame_step is not None and not 1 <= frame_step <= frame_length:
        raise InvalidArgumentError(
            "`frame_step` should be a positive integer not greater than `frame_length`. "
            f"Received frame_step={frame_step}, frame_length={frame_length}"
        )
    if fft_length is None:
        return
    if fft_length < frame_length:
        raise InvalidArgumentError(
            "`fft_length` should be not less than `frame_length`. "
            f"Received fft_length={fft_length}, frame_length={frame_length}"
        )
    if fft_length & (fft_length - 1):
        warnings.warn(
            f"`fft_length` is recommended to be a power of two. Received fft_length={fft_length}",
            stacklevel=3,
        )
