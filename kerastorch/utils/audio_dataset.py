"""`audio_dataset_from_directory`."""

from __future__ import annotations

import math
import wave
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from kerastorch.errors import DataError, InvalidArgumentError
from kerastorch.utils.directories import Request
from kerastorch.utils.directories_pipeline import datasets_of

_ZEROS = 6  # zero crossings of the sinc on each side of its middle
_ROLLOFF = 0.99  # of the lower of the two Nyquist frequencies


def audio_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    sampling_rate: int | None = None,
    output_sequence_length: int | None = None,
    ragged: bool = False,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Any:
    """Returns a dataset of the sounds in the folders of a directory, a folder for each class.

    Args:
        directory: where the folders are, with files that end in .wav, of 8, 16, 24 or 32 bits a sample.
        labels: `"inferred"` takes the number of the folder; a list has one label for each file in alphabetical
            order, and folders mean nothing; None gives no labels. Default: `"inferred"`.
        label_mode: `"int"` gives labels int32 (batch,), `"categorical"` float32 (batch, classes), `"binary"` float32
            (batch, 1), None none. Default: `"int"`.
        class_names: the folders that count, in the order of their numbers. Default: None, all, alphabetically.
        batch_size: number of sounds in a batch; None gives them one by one. Default: 32.
        sampling_rate: samples a second to which all are converted. Default: None, as they are.
        output_sequence_length: number of samples, before that conversion, to which all are cut off or filled up with
            silence. Default: None, as long as they are; those of a batch must then be equally long.
        ragged: whether sounds may differ in length, one by one: it needs `batch_size=None`. Default: False.
        shuffle: whether the order is random and another one in each epoch; else alphabetical. Default: True.
        seed: fixes the order, and with it the split. Default: None.
        validation_split: fraction of the files that is kept for validation. Default: None.
        subset: with a `validation_split`: `"training"`, `"validation"`, or `"both"` for a list of two datasets.
            Default: None.
        follow_links: whether linked folders are looked into. Default: False.
        verbose: whether to print how many files were found. Default: True.

    Returns:
        A `Dataset` of float32 sounds (batch, samples, channels) from -1 to 1, or of pairs of them and labels, with the
        attributes `class_names` and `file_paths`; a list of two such for `subset="both"`.

    Raises:
        InvalidArgumentError: when an argument has a value that means nothing, or labels do not fit the files.
        MissingFileError: when there is no such directory.
        DataError: when there are no sounds in it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as home:
        ...     with wave.open(f"{home}/1.wav", "wb") as file:
        ...         file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        ...         file.writeframes(np.array([0, 16384], dtype="<i2").tobytes())
        ...     (sounds,) = audio_dataset_from_directory(home, labels=None, output_sequence_length=3)
        Found 1 files.
        >>> sounds.tolist()
        [[[0.0], [0.5], [0.0]]]

    Source: keras.utils.audio_dataset_from_directory
    """
    request = Request(
        directory,
        labels,
        label_mode,
        class_names,
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        verbose,
        "audio files",
        (".wav",),
    )
    _check(sampling_rate, output_sequence_length, ragged, batch_size)

    def load(path: str) -> torch.Tensor:
        sound, rate = read_wav(path)
        if output_sequence_length is not None:
            missing = output_sequence_length - len(sound)
            sound = F.pad(sound, (0, 0, 0, missing))  # a negative number cuts off
        return sound if sampling_rate is None else resampled(sound, rate, sampling_rate)

    return datasets_of(request, load)


def _check(rate: Any, length: int | None, ragged: bool, batch_size: int | None) -> None:
    if rate is not None and not isinstance(rate, int):
        raise InvalidArgumentError(
            f"`sampling_rate` should have an integer value. Received: sampling_rate={rate!r}."
        )
    if rate is not None and rate <= 0:
        raise InvalidArgumentError(
            f"`sampling_rate` should be higher than 0. Received: sampling_rate={rate!r}."
        )
    if length is not None and length <= 0:
        raise InvalidArgumentError(
            f"`output_sequence_length` must be higher than 0. Received: output_sequence_length={length!r}."
        )
    if ragged and length is not None:
        raise InvalidArgumentError("Cannot set both `ragged` and `output_sequence_length`.")
    if ragged and batch_size is not None:
        raise InvalidArgumentError(
            "torch has no ragged batches that layers take. With `ragged=True` set batch_size=None, and then call "
            "`padded_batch` of the dataset; or set `output_sequence_length`."
        )


def read_wav(path: str) -> tuple[torch.Tensor, int]:
    """Returns the samples of a file, float32 (samples, channels) from -1 to 1, and how many there are in a second.

    Args:
        path: the file.

    Raises:
        DataError: when it is no uncompressed WAV file.
    """
    try:
        with wave.open(path, "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            content = np.frombuffer(file.readframes(file.getnframes()), np.uint8)
    except (wave.Error, EOFError) as error:
        raise DataError(f"{path} is no WAV file of whole numbers: {error}.") from error
    sound = _numbers(content, width).reshape(-1, channels) / 2.0 ** (8 * width - 1)
    return torch.from_numpy(sound.astype(np.float32)), rate


def _numbers(content: np.ndarray, width: int) -> np.ndarray:
    """The samples of bytes, low ones first; those of one byte have no sign, but 128 is silence."""
    if width == 1:
        return content.astype(np.int32) - 128
    if width != 3:
        return content.view(f"<i{width}")
    wide = np.zeros((len(content) // 3, 4), np.uint8)
    wide[:, 1:] = content.reshape(-1, 3)
    return wide.view("<i4").ravel() >> 8


def resampled(sound: torch.Tensor, old: int, new: int) -> torch.Tensor:
    """Returns a sound with another number of samples a second, without frequencies that those cannot hold.

    Args:
        sound: (samples, channels).
        old: its samples in a second.
        new: the wanted samples in a second.

    Example:
        >>> resampled(torch.ones(80, 1), 8000, 4000).shape
        torch.Size([40, 1])

    Source: J. O. Smith, Digital Audio Resampling: a sinc in a Hann window
    """
    common = math.gcd(old, new)
    old, new = old // common, new // common
    if old == new:
        return sound
    cutoff = min(old, new) * _ROLLOFF
    reach = math.ceil(_ZEROS * old / cutoff)
    places = torch.arange(-reach, reach + old, dtype=torch.float64) / old
    times = (places - torch.arange(new, dtype=torch.float64).unsqueeze(1) / new) * cutoff
    window = torch.cos(times.clamp(-_ZEROS, _ZEROS) * math.pi / _ZEROS / 2) ** 2
    kernels = (torch.sinc(times) * window * cutoff / old).float().unsqueeze(1)
    waves = F.pad(sound.T.unsqueeze(1), (reach, reach + old))
    phases = F.conv1d(waves, kernels, stride=old)  # (channels, new, steps)
    length = math.ceil(new * len(sound) / old)
    return phases.transpose(1, 2).flatten(1)[:, :length].T.contiguous()
