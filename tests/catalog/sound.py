"""Layers for sounds, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

from tests.catalog.row import Row

NO_BFLOAT = "Keras's layer refuses bfloat16."
LONG_SUMS = "Sums of many products, in another order."


def stft(shape: tuple = (64, 2), open_axes: tuple = (), **kwargs: Any) -> Row:
    """A row of `STFTSpectrogram`, of short frames."""
    kwargs = {"frame_length": 16, **kwargs}
    return Row(
        "STFTSpectrogram",
        kwargs,
        shape,
        "sound",
        low=False,
        because=f"{NO_BFLOAT} {LONG_SUMS}",
        tolerance=2e-5,
    )


def mel(shape: tuple = (100,), open_axes: tuple = (), **kwargs: Any) -> Row:
    """A row of `MelSpectrogram`, of short frames."""
    kwargs = {"fft_length": 32, "sequence_stride": 16, "num_mel_bins": 5, "sampling_rate": 2000, **kwargs}
    return Row(
        "MelSpectrogram", kwargs, shape, "sound", open_axes=open_axes, because=LONG_SUMS, tolerance=1e-4
    )


SOUND = [
    stft(open_axes=(1,)),
    stft(mode="magnitude"),
    stft(mode="psd"),
    stft(mode="real"),
    stft(mode="imag"),
    stft(mode="angle"),
    stft(mode="stft"),
    stft(mode="stft", expand_dims=True),
    stft(frame_step=5, fft_length=32, mode="magnitude"),
    stft(window="hamming", periodic=True, mode="magnitude"),
    stft(window=None, scaling=None, mode="magnitude"),
    stft(scaling="spectrum", mode="psd"),
    stft(padding="same", mode="real", open_axes=(1,)),
    stft((61, 1), padding="same", frame_step=7, mode="real"),
    stft(expand_dims=True, mode="magnitude"),
    stft((2, 64), data_format="channels_first", mode="magnitude"),
    stft((2, 64), data_format="channels_first", expand_dims=True, mode="stft"),
    stft((2, 61), data_format="channels_first", padding="same", mode="imag"),
    mel(open_axes=(1,)),
    mel(sequence_length=20),
    mel(power_to_db=False),
    mel(power_to_db=False, mag_exp=1.0),
    mel(window="hamming", min_freq=100.0, max_freq=800.0),
    mel(window=None, sequence_length=24, sequence_stride=9),
    mel(top_db=10.0, ref_power=3.0),
    mel(min_power=0.1),
    mel((96,), power_to_db=False),
]
