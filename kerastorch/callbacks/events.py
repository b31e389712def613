"""Event files that TensorBoard reads, written with its own package."""

from __future__ import annotations

import io
import struct
import threading
import time
import wave
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from kerastorch.core.variable import host_array
from kerastorch.errors import InvalidArgumentError, MissingDependencyError, ShapeError


class EventWriter:
    """Writes scalars, histograms, images, sounds, texts and graphs as TensorFlow 2 does, for TensorBoard.

    Everything is written as a tensor with the metadata of its plugin; values may be tensors, arrays or numbers.

    Args:
        log_dir: the folder of the event file; made when it is absent.
        max_queue: number of events that may wait before a write blocks. Default: 10.
        flush_seconds: seconds between two writes to the disk. Default: 120.
        filename_suffix: what the file's name ends in. Default: nothing.

    Raises:
        MissingDependencyError: when the package `tensorboard` is not installed.

    Example:
        >>> with EventWriter("logs") as writer:
        ...     writer.scalar("loss", 0.5, step=1)
        >>> [path.name.split(".")[0] for path in Path("logs").iterdir()]
        ['events']

    Source: `tf.summary.create_file_writer`, `torch.utils.tensorboard.SummaryWriter`
    """

    def __init__(
        self, log_dir: Any, max_queue: int = 10, flush_seconds: float = 120, filename_suffix: str = ""
    ) -> None:
        self.log_dir = str(log_dir)
        Path(self.log_dir).mkdir(parents=True, exist_ok=True)
        self._parts = _tensorboard()
        self._file = self._parts.EventFileWriter(self.log_dir, max_queue, flush_seconds, filename_suffix)

    def scalar(self, tag: str, value: Any, step: int, description: str | None = None) -> None:
        """Writes one number.

        Args:
            tag: its name in TensorBoard, such as `"epoch_loss"`.
            value: a number or a tensor of one element.
            step: the place on the horizontal axis.
            description: a text in Markdown. Default: None.

        Raises:
            ShapeError: when the value has more than one element.
        """
        number = as_array(value).astype(np.float32)
        if number.size != 1:
            raise ShapeError(f"The scalar {tag!r} must be one number. Received: shape {number.shape}.")
        metadata = self._parts.scalar.create_summary_metadata(None, description)
        self._write(tag, number.reshape(()), step, metadata)

    def histogram(
        self, tag: str, values: Any, step: int, buckets: int | None = None, description: str | None = None
    ) -> None:
        """Writes how values are distributed.

        Args:
            tag: its name in TensorBoard.
            values: numbers of any shape.
            step: the place on the time axis.
            buckets: number of intervals of equal width. Default: 30.
            description: a text in Markdown. Default: None.
        """
        metadata = self._parts.histogram.create_summary_metadata(None, description)
        self._write(
            tag, histogram_table(as_array(values), 30 if buckets is None else buckets), step, metadata
        )

    def image(
        self, tag: str, images: Any, step: int, max_outputs: int = 3, description: str | None = None
    ) -> None:
        """Writes a batch of images.

        Args:
            tag: its name in TensorBoard.
            images: a tensor `(batch, height, width, channels)` with 1 to 4 channels; floats go from 0 to 1, whole
                numbers from 0 to 255.
            step: the place on the time axis.
            max_outputs: number of images that are written at most. Default: 3.
            description: a text in Markdown. Default: None.

        Raises:
            ShapeError: when `images` has not 4 axes.
            MissingDependencyError: when the package `pillow` is not installed.
        """
        array = as_array(images)
        if array.ndim != 4:
            raise ShapeError(
                f"The images of {tag!r} must have shape (batch, height, width, channels). Received: {array.shape}."
            )
        size = [str(array.shape[2]).encode(), str(array.shape[1]).encode()]
        pictures = [png_bytes(image) for image in array[:max_outputs]]
        metadata = self._parts.image.create_summary_metadata(None, description)
        self._write(tag, size + pictures, step, metadata)

    def audio(
        self,
        tag: str,
        sounds: Any,
        sample_rate: int,
        step: int,
        max_outputs: int = 3,
        description: str | None = None,
    ) -> None:
        """Writes a batch of sounds.

        Args:
            tag: its name in TensorBoard.
            sounds: a tensor `(batch, frames, channels)` of values from -1 to 1.
            sample_rate: frames per second.
            step: the place on the time axis.
            max_outputs: number of sounds that are written at most. Default: 3.
            description: a text in Markdown. Default: None.

        Raises:
            ShapeError: when `sounds` has not 3 axes.
        """
        array = as_array(sounds)
        if array.ndim != 3:
            raise ShapeError(
                f"The sounds of {tag!r} must have shape (batch, frames, channels). Received: {array.shape}."
            )
        pairs = [[wav_bytes(sound, int(sample_rate)), b""] for sound in array[:max_outputs]]
        encoding = self._parts.audio.Encoding.Value("WAV")
        metadata = self._parts.audio.create_summary_metadata(None, description, encoding)
        self._write(tag, pairs or np.zeros((0, 2), dtype="S1"), step, metadata)

    def text(self, tag: str, text: str | Sequence, step: int, description: str | None = None) -> None:
        """Writes a text in Markdown, or a table of texts.

        Args:
            tag: its name in TensorBoard.
            text: a text, or a (nested) list of them.
            step: the place on the time axis.
            description: a text in Markdown. Default: None.
        """
        metadata = self._parts.text.create_summary_metadata(None, description)
        self._write(tag, _encoded(text), step, metadata)

    def keras_model(self, tag: str, config: str, step: int = 0) -> None:
        """Writes the layers of a model, which TensorBoard draws as the conceptual graph.

        Args:
            tag: its name in TensorBoard; Keras writes `"keras"`.
            config: what `model.to_json()` gives.
            step: the place on the time axis. Default: 0.
        """
        metadata = self._parts.summary_pb2.SummaryMetadata()
        metadata.plugin_data.plugin_name = "graph_keras_model"
        metadata.plugin_data.content = b"1"
        self._write(tag, config.encode(), step, metadata)

    def graph(self, graph: Any) -> None:
        """Writes a graph of operations.

        Args:
            graph: a `GraphDef` of TensorBoard, or its bytes.
        """
        data = graph if isinstance(graph, bytes) else graph.SerializeToString()
        self._add(self._parts.event_pb2.Event(graph_def=data))

    def flush(self) -> None:
        """Writes what waits to the disk."""
        self._file.flush()

    def close(self) -> None:
        """Writes what waits and closes the file."""
        self._file.close()

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _write(self, tag: str, value: Any, step: int, metadata: Any) -> None:
        summary = self._parts.summary_pb2.Summary()
        tensor = self._parts.make_tensor_proto(value)
        summary.value.add(tag=tag, tensor=tensor, metadata=metadata)
        self._add(self._parts.event_pb2.Event(step=int(step), summary=summary))

    def _add(self, event: Any) -> None:
        event.wall_time = time.time()
        self._file.add_event(event)


class Current(threading.local):
    """Where `tf.summary` writes to, in each thread; `current` is the only one.

    Attributes:
        writer: the writer, or None.
        step: the step of what is written without one.
        records: whether anything is written: a truth value, a tensor of one, or a function that returns one.

    Example:
        >>> former = current.replace(None, 5, True)
        >>> current.step
        5
        >>> _ = current.replace(*former)
    """

    writer: Any = None
    step: Any = None
    records: Any = True

    def replace(self, writer: Any, step: Any, records: Any) -> tuple[Any, Any, Any]:
        """Sets all three and returns what they were.

        Args:
            writer: see the class.
            step: see the class.
            records: see the class.
        """
        former = self.writer, self.step, self.records
        self.writer, self.step, self.records = writer, step, records
        return former


current = Current()


class _Parts(ModuleType):
    """The parts of the package `tensorboard` that are used here."""

    EventFileWriter: Any
    event_pb2: Any
    summary_pb2: Any
    make_tensor_proto: Any
    scalar: Any
    histogram: Any
    image: Any
    audio: Any
    text: Any


def _tensorboard() -> _Parts:
    try:
        from tensorboard.compat.proto import event_pb2, summary_pb2
        from tensorboard.plugins.audio import metadata as audio
        from tensorboard.plugins.audio import plugin_data_pb2
        from tensorboard.plugins.histogram import metadata as histogram
        from tensorboard.plugins.image import metadata as image
        from tensorboard.plugins.scalar import metadata as scalar
        from tensorboard.plugins.text import metadata as text
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
        from tensorboard.util.tensor_util import make_tensor_proto
    except ImportError as error:
        raise MissingDependencyError(
            "Event files need the package `tensorboard`. Install it with `pip install kerastorch[tensorboard]`."
        ) from error
    audio.Encoding = plugin_data_pb2.AudioPluginData.Encoding
    parts = _Parts("tensorboard")
    parts.__dict__.update(event_pb2=event_pb2, summary_pb2=summary_pb2, EventFileWriter=EventFileWriter)
    parts.__dict__.update(scalar=scalar, histogram=histogram, image=image, audio=audio, text=text)
    parts.make_tensor_proto = make_tensor_proto
    return parts


def as_array(value: Any) -> np.ndarray:
    """Returns a tensor, array or number as a NumPy array on the host.

    Args:
        value: what it is.

    Example:
        >>> as_array(torch.ones(2, requires_grad=True))
        array([1., 1.], dtype=float32)
    """
    return host_array(value) if isinstance(value, torch.Tensor) else np.asarray(value)


def histogram_table(values: np.ndarray, buckets: int) -> np.ndarray:
    """Returns rows of left edge, right edge and count, as TensorBoard keeps histograms.

    Args:
        values: the numbers; those that are not finite are left out.
        buckets: number of rows.

    Example:
        >>> histogram_table(np.array([0.0, 1.0, 1.0, 4.0]), 2).tolist()
        [[0.0, 2.0, 3.0], [2.0, 4.0, 1.0]]
    """
    flat = values.astype(np.float64).reshape(-1)
    flat = flat[np.isfinite(flat)]
    if buckets == 0 or flat.size == 0:
        return np.zeros((buckets, 3))
    low, high = flat.min(), flat.max()
    if low == high:
        counts = np.zeros(buckets)
        counts[-1] = flat.size
        return np.stack([np.full(buckets, low), np.full(buckets, low), counts], axis=1)
    counts, edges = np.histogram(flat, bins=buckets, range=(low, high))
    return np.stack([edges[:-1], edges[1:], counts], axis=1)


def png_bytes(image: np.ndarray) -> bytes:
    """Returns an image as the bytes of a PNG file.

    Args:
        image: an array `(height, width, channels)`; floats go from 0 to 1, whole numbers from 0 to 255.

    Raises:
        MissingDependencyError: when the package `pillow` is not installed.
        ShapeError: when the image has not 1 to 4 channels.

    Example:
        >>> png_bytes(np.zeros((2, 2, 3), dtype="uint8"))[1:4]
        b'PNG'
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingDependencyError(
            "Images are written by the package `pillow`. Install it with `pip install pillow`."
        ) from error
    if image.ndim != 3 or image.shape[-1] not in (1, 2, 3, 4):
        raise ShapeError(f"An image has 1 to 4 channels on its last axis. Received: shape {image.shape}.")
    if image.dtype.kind == "f":
        image = np.clip(image, 0, 1) * 255.5
    pixels = image.astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(file, "PNG")
    return file.getvalue()


def wav_bytes(sound: np.ndarray, sample_rate: int) -> bytes:
    """Returns a sound as the bytes of a WAV file of 16 bits.

    Args:
        sound: an array `(frames, channels)` of values from -1 to 1.
        sample_rate: frames per second.

    Raises:
        InvalidArgumentError: when the sound cannot be written, such as for a rate of 0.

    Example:
        >>> wav_bytes(np.zeros((4, 1)), 8000)[:4]
        b'RIFF'
    """
    samples = np.clip(np.round(sound * 32768.0), -32768, 32767).astype("<i2")
    file = io.BytesIO()
    try:
        with wave.open(file, "wb") as out:
            out.setnchannels(sound.shape[1])
            out.setsampwidth(2)
            out.setframerate(sample_rate)
            out.writeframes(samples.tobytes())
    except (wave.Error, struct.error) as error:
        raise InvalidArgumentError(f"The sound cannot be written as a WAV file: {error}") from error
    return file.getvalue()


def _encoded(text: Any) -> Any:
    """Texts as bytes, whatever the lists around them."""
    if isinstance(text, (list, tuple)):
        return [_encoded(part) for part in text]
    if hasattr(text, "tolist") and not isinstance(text, (str, bytes)):
        return _encoded(text.tolist())
    return text.encode() if isinstance(text, str) else bytes(text)
