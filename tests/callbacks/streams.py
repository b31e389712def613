"""Real terminals and pipes as `sys.stdout`, and what is seen on them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import termios
import threading

from kerastorch.callbacks import CallbackList

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
TIMES = re.compile(r"\d+(us|ms|s)(?=/| )")


class Captured:
    text = ""


@contextlib.contextmanager
def stdout_to(read_end, write_end, encoding="utf-8"):
    """Sends `sys.stdout` into a file descriptor and collects what comes out of the other."""
    captured, chunks = Captured(), []

    def collect():
        with contextlib.suppress(OSError):  # a terminal whose other end is closed
            while chunk := os.read(read_end, 65536):
                chunks.append(chunk)

    reader = threading.Thread(target=collect)
    reader.start()
    try:
        with (
            open(write_end, "w", encoding=encoding, newline="") as stream,
            contextlib.redirect_stdout(stream),
        ):
            yield captured
    finally:
        reader.join(10)
        os.close(read_end)
        captured.text = b"".join(chunks).decode(encoding)


def terminal(columns=200, rows=24, encoding="utf-8"):
    read_end, write_end = pty.openpty()
    fcntl.ioctl(write_end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    return stdout_to(read_end, write_end, encoding)


def pipe(encoding="utf-8"):
    return stdout_to(*os.pipe(), encoding)


def visible(text):
    """The lines that a terminal shows at the end."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|.", text, flags=re.DOTALL):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part == "\x1b[A":
            row -= 1
        elif not part.startswith("\x1b"):
            lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + 1 :]
            column += 1
    return [line.rstrip() for line in lines]


def without_times(text):
    return TIMES.sub("#", text)


def frames(text):
    """Each state that the line had, without colours; states that are drawn twice count once."""
    states = [ANSI.sub("", part).replace("\b", "").strip() for part in re.split(r"[\r\n]+", text)]
    return [s for i, s in enumerate(states) if s and (i == 0 or s != states[i - 1])]


def train(logger, epochs=2, steps=3, known=True, verbose=1):
    """The hooks of a `fit` with validation."""
    callbacks = CallbackList([logger], verbose=verbose, epochs=epochs, steps=steps if known else None)
    callbacks.on_train_begin()
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        for batch in range(steps):
            callbacks.on_train_batch_end(batch, {"loss": 1 / (batch + 1), "accuracy": 0.5})
        callbacks.on_test_begin()
        callbacks.on_test_batch_end(0, {"loss": 9.0})
        callbacks.on_test_end({"loss": 9.0})
        callbacks.on_epoch_end(epoch, {"loss": 0.25, "accuracy": 0.5, "val_loss": 0.0005})
    callbacks.on_train_end()


FULL = "━" * 20
LAST = "3/3 {} # #/step - loss: 0.2500 - accuracy: 0.5000 - val_loss: 5.0000e-04"
