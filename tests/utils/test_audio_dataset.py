"""Sounds of a directory: their values, lengths and rates."""

from __future__ import annotations

import math
import wave

import numpy as np
import pytest
import torch

from kerastorch.errors import DataError, InvalidArgumentError
from kerastorch.utils import audio_dataset_from_directory

VALUES = np.array([[0, 1], [-1, 0.5], [0.25, -0.5]])


def write(path, sound, rate=8000, width=2):
    """A WAV file of numbers from -1 to 1."""
    whole = np.clip(np.round(sound * 2 ** (8 * width - 1)), -(2 ** (8 * width - 1)), 2 ** (8 * width - 1) - 1)
    wide = (whole.astype("<i8") + (128 if width == 1 else 0)).view(np.uint8).reshape(-1, 8)
    with wave.open(str(path), "wb") as file:
        file.setparams((sound.shape[1], width, rate, 0, "NONE", "not compressed"))
        file.writeframes(wide[:, :width].tobytes())


def sounds(home, **arguments):
    return [*audio_dataset_from_directory(home, labels=None, shuffle=False, verbose=False, **arguments)]


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_samples_of_every_width_are_read(tmp_path, width):
    write(tmp_path / "a.wav", VALUES, width=width)
    ((sound,),) = sounds(tmp_path)
    torch.testing.assert_close(sound, torch.tensor(VALUES).float(), atol=2.0 ** (1 - 8 * width), rtol=0)


@pytest.mark.parametrize("length", [2, 3, 5])
def test_sounds_are_cut_off_and_filled_up(tmp_path, length):
    write(tmp_path / "a.wav", VALUES)
    ((sound,),) = sounds(tmp_path, output_sequence_length=length)
    expected = np.zeros((5, 2))
    expected[:3] = VALUES
    np.testing.assert_allclose(sound, expected[:length], atol=1e-4)


def test_classes_become_labels(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "1.wav", VALUES)
    dataset = audio_dataset_from_directory(tmp_path, shuffle=False, verbose=False)
    ((batch, labels),) = dataset
    assert (batch.shape, labels.tolist(), dataset.class_names) == ((2, 3, 2), [0, 1], ["cat", "dog"])


def test_ragged_sounds_come_one_by_one(tmp_path):
    write(tmp_path / "a.wav", VALUES)
    write(tmp_path / "b.wav", VALUES[:2])
    assert [len(sound) for sound in sounds(tmp_path, ragged=True, batch_size=None)] == [3, 2]


@pytest.mark.parametrize("new", [4000, 11025, 16000])
def test_a_tone_stays_that_tone_at_another_rate(tmp_path, new):
    def tone(rate):
        return np.sin(2 * math.pi * 440 * np.arange(rate // 4) / rate)[:, None] / 2

    write(tmp_path / "a.wav", tone(8000))
    ((sound,),) = sounds(tmp_path, sampling_rate=new)
    expected = tone(new)[: len(sound)]
    assert len(sound) == math.ceil(2000 * new / 8000)
    middle = slice(50, -50)
    np.testing.assert_allclose(sound[: len(expected)][middle], expected[middle], atol=5e-3)


def test_the_same_rate_changes_nothing(tmp_path):
    write(tmp_path / "a.wav", VALUES)
    assert sounds(tmp_path, sampling_rate=8000)[0].equal(sounds(tmp_path)[0])


def test_a_file_that_is_no_wav_is_named(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"no sound at all")
    with pytest.raises(DataError, match=r"a\.wav is no WAV file"):
        sounds(tmp_path)


FAULTS = {
    "rate of text": ({"sampling_rate": "fast"}, "`sampling_rate` should have an integer value"),
    "no rate": ({"sampling_rate": 0}, "`sampling_rate` should be higher than 0"),
    "no length": ({"output_sequence_length": 0}, "`output_sequence_length` must be"),
    "both": ({"ragged": True, "output_sequence_length": 3}, "Cannot set both `ragged`"),
    "ragged batches": ({"ragged": True}, "no ragged batches"),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_arguments_that_mean_nothing_are_refused(tmp_path, fault):
    arguments, text = FAULTS[fault]
    write(tmp_path / "a.wav", VALUES)
    with pytest.raises(InvalidArgumentError, match=text):
        sounds(tmp_path, **arguments)
