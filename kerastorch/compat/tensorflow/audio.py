"""`tf.audio`: sound as tensors."""

from __future__ import annotations

import io
import wave
from collections import namedtuple
from typing import Any

import numpy as np
import torch

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.operation import as_tensor, integer
from kerastorch.core.strings import StringTensor, as_strings
from kerastorch.errors import DataError

__all__ = ["decode_wav", "encode_wav"]

DecodedWav = namedtuple("DecodedWav", ["audio", "sample_rate"])


def decode_wav(
    contents: Any, desired_channels: int = -1, desired_samples: int = -1, name: str | None = None
) -> DecodedWav:
    """Returns the sound of a WAV file of 16 bits.

    Args:
        contents: the bytes of the file.
        desired_channels: how many channels to give; -1 gives those of the file.
        desired_samples: how many samples to give, cut off or filled up with silence; -1 gives those of the file.
        name: a name, without meaning here.

    Returns:
        A tuple `(audio, sample_rate)`: float32 from -1 to 1, (samples, channels), and the samples in a second.

    Raises:
        DataError: when it is no such file.

    Example:
        >>> wav = encode_wav([[0.5], [-0.5]], 8000)
        >>> decode_wav(wav).audio.tolist(), int(decode_wav(wav).sample_rate)
        ([[0.5], [-0.5]], 8000)

    Source: `tf.audio.decode_wav`
    """
    try:
        with wave.open(io.BytesIO(as_strings(contents).numpy())) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise DataError(f"tf.audio.decode_wav: this is no WAV file: {error}.") from error
    if width != 2:
        raise DataError(f"tf.audio.decode_wav reads samples of 16 bits. Received: {8 * width} bits.")
    samples = np.frombuffer(data, "<i2").reshape(-1, channels).astype(np.float32) / 32768.0
    if desired_channels > 0:
        samples = samples[:, np.minimum(np.arange(desired_channels), channels - 1)]
    if desired_samples > 0:
        samples = samples[:desired_samples]
        samples = np.pad(samples, [(0, desired_samples - len(samples)), (0, 0)])
    return DecodedWav(as_tensor(samples), torch.tensor(rate, dtype=torch.int32))


def encode_wav(audio: Any, sample_rate: Any, name: str | None = None) -> StringTensor:
    """Returns sound as the bytes of a WAV file of 16 bits.

    Args:
        audio: numbers from -1 to 1, (samples, channels); louder ones are cut off.
        sample_rate: the samples in a second.
        name: a name, without meaning here.

    Example:
        >>> encode_wav([[0.0]], 8000).numpy()[:4]
        b'RIFF'

    Source: `tf.audio.encode_wav`
    """
    sound = np.asarray(as_tensor(audio).detach().cpu(), dtype=np.float32)
    numbers = np.clip(np.round(sound * 32768.0), -32768, 32767).astype("<i2")
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setparams((sound.shape[1], 2, integer(sample_rate), len(sound), "NONE", ""))
        file.writeframes(numbers.tobytes())
    return StringTensor(target.getvalue())


def __getattr__(name: str) -> Any:
    raise missing("tf.audio", name)
