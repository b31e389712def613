"""Layers for sounds: windows, shapes, kernels that train, and errors."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import layers
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError

SOUND = torch.tensor(np.random.default_rng(0).uniform(-1, 1, size=(2, 128, 1)).astype("float32"))
FLAT = SOUND[..., 0]
SMALL = {"fft_length": 32, "sequence_stride": 16, "num_mel_bins": 5}


@pytest.mark.parametrize("window", ["hann", "hamming", "blackman", "bartlett", np.ones(16)])
def test_windows_are_keras_s(window):
    settings = {"frame_length": 16, "mode": "magnitude", "window": window}
    ours, theirs = layers.STFTSpectrogram(**settings), keras.layers.STFTSpectrogram(**settings)
    np.testing.assert_allclose(ours(SOUND).detach(), theirs(SOUND).detach(), atol=2e-5)


def test_real_and_imaginary_parts_are_those_of_torch():
    layer = layers.STFTSpectrogram("stft", 16, 4, window="hann", periodic=True, scaling=None)
    expected = torch.stft(
        FLAT, 16, 4, window=torch.hann_window(16), center=False, return_complex=True
    ).transpose(1, 2)
    found = layer(SOUND)
    torch.testing.assert_close(found, torch.cat((expected.real, expected.imag), -1), atol=1e-5, rtol=1e-5)


def test_kernels_train():
    layer = layers.STFTSpectrogram(frame_length=16)
    layer(SOUND).sum().backward()
    assert [w.name for w in layer.trainable_weights] == ["real_kernel", "imag_kernel"]
    assert all(bool(w.grad.abs().sum() > 0) for w in layer.trainable_weights)


@pytest.mark.parametrize("shape", [(128,), (2, 128), (2, 3, 128)])
def test_sounds_have_any_axes_before_the_last(shape):
    layer = layers.MelSpectrogram(**SMALL, power_to_db=False)
    sounds = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    found = layer(sounds)
    assert tuple(found.shape) == (*shape[:-1], 5, 9) == layer.compute_output_shape(shape)
    torch.testing.assert_close(found.reshape(-1, 5, 9)[-1], layer(sounds.reshape(-1, 128)[-1]))


def test_mel_matrix_is_keras_s():
    found = layers.MelSpectrogram().linear_to_mel_weight_matrix(num_mel_bins=7, num_spectrogram_bins=33)
    theirs = keras.layers.MelSpectrogram().linear_to_mel_weight_matrix(
        num_mel_bins=7, num_spectrogram_bins=33
    )
    np.testing.assert_allclose(found, theirs.detach(), atol=1e-5)


def test_a_gradient_flows_through_silence():
    silence = torch.zeros(1, 128, requires_grad=True)
    layers.MelSpectrogram(**SMALL, mag_exp=2.0)(silence).sum().backward()
    assert bool(silence.grad.isfinite().all())


def test_lengths_that_are_no_power_of_two_are_warned_of():
    with pytest.warns(UserWarning, match="a power of two"):
        layers.STFTSpectrogram(frame_length=16, fft_length=20)


@pytest.mark.parametrize(
    ("fault", "error", "match"),
    [
        (lambda: layers.STFTSpectrogram(mode="x"), InvalidArgumentError, "Output mode is invalid"),
        (lambda: layers.STFTSpectrogram(frame_step=0), InvalidArgumentError, "`frame_step`"),
        (lambda: layers.STFTSpectrogram(frame_step=300), InvalidArgumentError, "not greater than"),
        (lambda: layers.STFTSpectrogram(fft_length=128), InvalidArgumentError, "not less than"),
        (lambda: layers.STFTSpectrogram(padding="x"), InvalidArgumentError, "Padding is invalid"),
        (lambda: layers.STFTSpectrogram(scaling="x"), InvalidArgumentError, "Scaling is invalid"),
        (lambda: layers.STFTSpectrogram(window="x"), InvalidArgumentError, "Unknown window"),
        (lambda: layers.STFTSpectrogram(frame_length=16)(FLAT), ShapeError, "expected ndim=3"),
        (lambda: layers.STFTSpectrogram(frame_length=16)(SOUND.int()), ArgumentTypeError, "Invalid input"),
        (
            lambda: layers.MelSpectrogram(fft_length=8, sequence_length=9),
            InvalidArgumentError,
            "`fft_length`",
        ),
        (lambda: layers.MelSpectrogram(window="x"), InvalidArgumentError, "Unknown window"),
        (lambda: layers.MelSpectrogram(window=np.ones(3)), ShapeError, "The shape of `window`"),
        (lambda: layers.MelSpectrogram()(FLAT), ShapeError, "must have more than"),
    ],
)
def test_faults_are_named(fault, error, match):
    with pytest.raises(error, match=match):
        fault()
