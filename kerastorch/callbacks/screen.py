"""Where progress is shown: a terminal, a notebook, or a plain file or pipe. Writing never fails."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from tqdm import tqdm
from tqdm.utils import disp_trim

from kerastorch.config import is_interactive_logging_enabled

_LOG = logging.getLogger("kerastorch")
_BROKEN = (OSError, ValueError)  # a pipe without a reader, a closed file
_ROWS = 1000  # told to tqdm, which draws nothing on terminals that give their size as 0
_ASCII = str.maketrans({"━": "=", "─": "."})


def encodable(text: str, encoding: str | None) -> str:
    """Returns `text` with what the encoding lacks replaced: the bar by `=` and `.`, other characters by `?`.

    Args:
        text: what is to be written.
        encoding: the encoding of the stream; None can write everything.

    Example:
        >>> encodable("━━─ é", "ascii")
        '==. ?'
    """
    if not encoding or text.isascii():
        return text
    try:
        text.encode(encoding)
    except UnicodeError:
        return text.translate(_ASCII).encode(encoding, "replace").decode(encoding)
    except LookupError:
        return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")
    return text


def write(text: str, stream: Any = None) -> None:
    """Writes to a stream and flushes it, or to the log. A closed or broken stream is passed over in silence.

    Args:
        text: what is to be written, with its line ends.
        stream: where to; None takes `sys.stdout` as it is now.
    """
    if not is_interactive_logging_enabled():
        _LOG.info("%s", text.strip("\n"))
        return
    stream = sys.stdout if stream is None else stream
    if stream is None:  # a program without a console
        return
    try:
        stream.write(encodable(text, getattr(stream, "encoding", None)))
        if hasattr(stream, "flush"):
            stream.flush()
    except _BROKEN:
        return


def print_line(text: str) -> None:
    """Writes a line to `sys.stdout`, whatever state that is in."""
    write(f"{text}\n")


def _is_kernel(stream: Any) -> bool:
    return type(stream).__module__.partition(".")[0] == "ipykernel"


def _can_redraw(stream: Any) -> bool:
    if _is_kernel(stream):
        return True
    try:
        return bool(stream.isatty()) or "PYCHARM_HOSTED" in os.environ
    except (*_BROKEN, AttributeError):  # less than a whole stream, or none
        return False


class _Line:
    """The part of a tqdm bar that draws a given text, and that a broken stream disables."""

    monitor_interval = 0  # no thread

    def __init__(self, text: str, **kwargs: Any) -> None:
        self.text = text
        try:
            super().__init__(**kwargs)
        except _BROKEN:
            self.disable = True

    def format_meter(self, **_: Any) -> str:
        return self.text

    def display(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().display(*args, **kwargs)  # type: ignore[misc]
        except _BROKEN:
            self.disable = True
            return False

    def close(self) -> None:
        try:
            super().close()  # type: ignore[misc]
        except _BROKEN:
            self.disable = True


class _TerminalLine(_Line, tqdm):
    """A line of a terminal. Outer bars of tqdm and `tqdm.write` keep clear of it."""

    def __init__(self, text: str, **kwargs: Any) -> None:
        super().__init__(text, ncols=1, nrows=_ROWS, **kwargs)


def _notebook_line() -> type | None:
    """A line with a widget, where ipywidgets is installed."""
    try:
        from tqdm import notebook
    except ImportError:
        return None
    if getattr(notebook, "IProgress", None) is None:
        return None
    return type("_NotebookLine", (_Line, notebook.tqdm), {})


class Screen:
    """Draws one progress line on `sys.stdout` and redraws it where the stream can do so.

    Args:
        total: number of steps; None when unknown.

    Attributes:
        live: whether a line can be drawn again. If not, only `finish` writes.
        in_notebook: whether a notebook shows the line, and keeps it.
        widget: whether a notebook widget draws the bar, in place of `<bar/>` in the text.
        colour: whether the stream understands colours; the variable `NO_COLOR` switches them off.
    """

    def __init__(self, total: int | None) -> None:
        self.total = total
        self.stream = sys.stdout
        self.live = is_interactive_logging_enabled() and _can_redraw(self.stream)
        self.line: Any = None
        self.in_notebook = _is_kernel(self.stream)
        widget = _notebook_line() if self.in_notebook else None
        self.widget = widget is not None
        self.line_type: Any = widget or _TerminalLine
        self.colour = self.live and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def draw(self, text: str, current: int) -> None:
        """Draws the line in place of the last one, cut to the width of the terminal.

        Args:
            text: the line, without line end.
            current: number of steps done.
        """
        line = self._set(self._fit(text), current)
        if not line.disable:
            line.refresh()

    def finish(self, text: str, current: int) -> None:
        """Draws the line in full, for the last time, and ends it.

        Args:
            text: the line, without line end.
            current: number of steps done.
        """
        if not self.live:
            write(f"{text}\n", self.stream)
            return
        self._set(text, current)
        self.close()

    def close(self) -> None:
        """Ends a line that is still open."""
        if self.line is not None:
            self.line.close()
            self.line = None

    def _set(self, text: str, current: int) -> Any:
        """The line, opened if need be, with what it shows at its next drawing."""
        if self.line is None:
            self.line = self.line_type("", total=self.total, initial=current, file=self.stream, leave=True)
        self.line.text = encodable(text, getattr(self.stream, "encoding", None))
        self.line.n = current
        return self.line

    def _fit(self, text: str) -> str:
        if self.widget:
            return text
        try:
            width = os.get_terminal_size(self.stream.fileno()).columns
        except (*_BROKEN, AttributeError):
            return text
        return disp_trim(text, width - 1) if width > 1 else text
