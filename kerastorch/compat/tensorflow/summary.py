"""`tf.summary`: event files for TensorBoard, written to the writer of the block."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import torch

from kerastorch.callbacks.events import EventWriter, as_array
from kerastorch.callbacks.events import current as _state
from kerastorch.compat.tensorflow.absent import missing
from kerastorch.core.strings import StringTensor
from kerastorch.errors import InvalidArgumentError


class SummaryWriter:
    """A writer of one folder, current in its `as_default` block.

    Args:
        writer: the writer of events.

    Example:
        >>> writer = create_file_writer("logs")
        >>> with writer.as_default(step=1):
        ...     scalar("loss", 0.5)
        True
        >>> writer.close()

    Source: `tf.summary.SummaryWriter`
    """

    def __init__(self, writer: EventWriter) -> None:
        self._events = writer

    @contextlib.contextmanager
    def as_default(self, step: Any = None) -> Iterator[SummaryWriter]:
        """A block in which the functions of `tf.summary` write to this writer.

        Args:
            step: the step of what is written in it. Default: as set before.
        """
        former = (_state.writer, _state.step)
        _state.writer, _state.step = self._events, _state.step if step is None else step
        try:
            yield self
        finally:
            _state.writer, _state.step = former
            self.flush()

    def set_as_default(self, step: Any = None) -> None:
        """Makes the functions of `tf.summary` write to this writer from now on.

        Args:
            step: the step of what is written. Default: as set before.
        """
        _state.writer, _state.step = self._events, _state.step if step is None else step

    def init(self) -> None:
        """Does nothing: the file is open."""

    def flush(self) -> None:
        """Writes what waits to the disk."""
        self._events.flush()

    def close(self) -> None:
        """Writes what waits and closes the file."""
        self._events.close()


def create_file_writer(
    logdir: Any,
    max_queue: int | None = None,
    flush_millis: int | None = None,
    filename_suffix: str | None = None,
    name: str | None = None,
    experimental_trackable: bool = False,
) -> SummaryWriter:
    """Returns a writer of a folder.

    Args:
        logdir: the folder; made when it is absent.
        max_queue: events that may wait. Default: 10.
        flush_millis: milliseconds between two writes to the disk. Default: two minutes.
        filename_suffix: what the file's name ends in. Default: `".v2"`.
        name: has no effect.
        experimental_trackable: has no effect.

    Raises:
        MissingDependencyError: when the package `tensorboard` is not installed.

    Example:
        >>> create_file_writer("logs").close()

    Source: `tf.summary.create_file_writer`
    """
    seconds = 120 if flush_millis is None else flush_millis / 1000
    suffix = ".v2" if filename_suffix is None else filename_suffix
    return SummaryWriter(EventWriter(os.fspath(logdir), max_queue or 10, seconds, suffix))


class _Noop(SummaryWriter):
    """A writer that writes nothing."""

    def __init__(self) -> None:
        super().__init__(SimpleNamespace(flush=lambda: None, close=lambda: None))  # type: ignore[arg-type]


def create_noop_writer() -> SummaryWriter:
    """Returns a writer that writes nothing.

    Example:
        >>> with create_noop_writer().as_default():
        ...     scalar("loss", 0.5, step=1)
        False
    """
    return _Noop()


def _write(write: Callable[[EventWriter, int], None], name: str, step: Any) -> bool:
    """Writes to the current writer, if there is one and it records; returns whether."""
    writer = _state.writer
    if not isinstance(writer, EventWriter) or not should_record_summaries():
        return False
    step = _state.step if step is None else step
    if step is None:
        raise InvalidArgumentError(
            f"No step set for the summary {name!r}: pass `step=`, or call `tf.summary.experimental.set_step`."
        )
    write(writer, int(step))
    return True


def scalar(name: str, data: Any, step: Any = None, description: str | None = None) -> bool:
    """Writes one number.

    Args:
        name: its name in TensorBoard.
        data: the number.
        step: the step. Default: that of the block or of `set_step`.
        description: a text in Markdown.

    Returns:
        Whether it was written: there is a writer, and it records.

    Raises:
        InvalidArgumentError: when there is no step.

    Example:
        >>> scalar("loss", 0.5, step=1)
        False
    """
    return _write(lambda events, at: events.scalar(name, data, at, description), name, step)


def histogram(
    name: str, data: Any, step: Any = None, buckets: int | None = None, description: str | None = None
) -> bool:
    """Writes how values are distributed.

    Args:
        name: its name in TensorBoard.
        data: the values.
        step: the step. Default: that of the block or of `set_step`.
        buckets: number of intervals. Default: 30.
        description: a text in Markdown.

    Returns:
        Whether it was written.

    Example:
        >>> histogram("kernel", [0.0, 1.0], step=1)
        False
    """
    return _write(lambda events, at: events.histogram(name, data, at, buckets, description), name, step)


def image(
    name: str, data: Any, step: Any = None, max_outputs: int = 3, description: str | None = None
) -> bool:
    """Writes images.

    Args:
        name: its name in TensorBoard.
        data: a tensor `(batch, height, width, channels)`; floats go from 0 to 1.
        step: the step. Default: that of the block or of `set_step`.
        max_outputs: number of images written at most. Default: 3.
        description: a text in Markdown.

    Returns:
        Whether they were written.

    Example:
        >>> image("digits", torch.zeros(1, 2, 2, 1), step=1)
        False
    """
    return _write(lambda events, at: events.image(name, data, at, max_outputs, description), name, step)


def audio(
    name: str,
    data: Any,
    sample_rate: int,
    step: Any = None,
    max_outputs: int = 3,
    encoding: str | None = None,
    description: str | None = None,
) -> bool:
    """Writes sounds.

    Args:
        name: its name in TensorBoard.
        data: a tensor `(batch, frames, channels)` of values from -1 to 1.
        sample_rate: frames per second.
        step: the step. Default: that of the block or of `set_step`.
        max_outputs: number of sounds written at most. Default: 3.
        encoding: `"wav"` or None.
        description: a text in Markdown.

    Returns:
        Whether they were written.

    Raises:
        InvalidArgumentError: when the encoding is another one.

    Example:
        >>> audio("voice", torch.zeros(1, 8, 1), 8000, step=1)
        False
    """
    if encoding not in (None, "wav"):
        raise InvalidArgumentError(f"`encoding` must be 'wav' or None. Received: {encoding!r}.")
    rate = int(sample_rate)
    return _write(lambda events, at: events.audio(name, data, rate, at, max_outputs, description), name, step)


def text(name: str, data: Any, step: Any = None, description: str | None = None) -> bool:
    """Writes text in Markdown.

    Args:
        name: its name in TensorBoard.
        data: a text, or nested lists of them.
        step: the step. Default: that of the block or of `set_step`.
        description: a text in Markdown.

    Returns:
        Whether it was written.

    Example:
        >>> text("notes", "first run", step=1)
        False
    """
    plain = data.tolist() if isinstance(data, StringTensor) else data
    return _write(lambda events, at: events.text(name, plain, at, description), name, step)


@contextlib.contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """A block in which things are written only under a condition.

    Args:
        condition: a truth value, a tensor of one, or a function that returns one.

    Returns:
        A context manager.

    Example:
        >>> with record_if(False):
        ...     print(should_record_summaries())
        False
    """
    former, _state.records = _state.records, condition
    try:
        yield
    finally:
        _state.records = former


def should_record_summaries() -> bool:
    """Returns whether the condition of the block holds.

    Example:
        >>> should_record_summaries()
        True
    """
    condition = _state.records() if callable(_state.records) else _state.records
    return bool(as_array(condition))


def flush(writer: SummaryWriter | None = None, name: str | None = None) -> None:
    """Writes what waits to the disk.

    Args:
        writer: the writer. Default: the current one.
        name: has no effect.

    Example:
        >>> flush()
    """
    target = writer or _state.writer
    if target is not None:
        target.flush()


class _Trace:
    """The profiler between `trace_on` and `trace_export`."""

    profiler: Any = None


def trace_on(graph: bool = True, profiler: bool = False, profiler_outdir: Any = None) -> None:
    """Begins to profile, if `profiler` is True; there are no graphs to trace.

    Args:
        graph: has no effect.
        profiler: whether to profile. Default: False.
        profiler_outdir: has no effect.

    Example:
        >>> trace_on()
    """
    if profiler:
        _Trace.profiler = torch.profiler.profile()
        _Trace.profiler.start()


def trace_export(name: str, step: Any = None, profiler_outdir: Any = None) -> None:
    """Ends profiling and writes a trace for TensorBoard and Chrome, `<name>.pt.trace.json`.

    Args:
        name: the name of the trace.
        step: has no effect.
        profiler_outdir: the folder.

    Raises:
        InvalidArgumentError: when a profile runs and no folder is given.

    Example:
        >>> trace_export("train")
    """
    if _Trace.profiler is None:
        return
    if profiler_outdir is None:
        raise InvalidArgumentError(
            "`tf.summary.trace_export` needs `profiler_outdir`, the folder of the trace."
        )
    trace_off()
    profiler, _Trace.profiler = _Trace.profiler, None
    os.makedirs(profiler_outdir, exist_ok=True)
    profiler.export_chrome_trace(os.path.join(os.fspath(profiler_outdir), f"{name}.pt.trace.json"))


def trace_off() -> None:
    """Ends profiling.

    Example:
        >>> trace_off()
    """
    if _Trace.profiler is not None:
        _Trace.profiler.stop()


def _set_step(step: Any) -> None:
    """Sets the step of what is written without one."""
    _state.step = step


experimental = SimpleNamespace(set_step=_set_step, get_step=lambda: _state.step)

__all__ = [
    "SummaryWriter",
    "audio",
    "create_file_writer",
    "create_noop_writer",
    "experimental",
    "flush",
    "histogram",
    "image",
    "record_if",
    "scalar",
    "should_record_summaries",
    "text",
    "trace_export",
    "trace_off",
    "trace_on",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.summary", name)
