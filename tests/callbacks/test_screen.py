"""The progress line on terminals, pipes, notebooks and streams that cannot be written to."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import subprocess
import sys
import threading
import types

import pytest
import tqdm as tqdm_package
from tqdm import tqdm

from kerastorch.callbacks import CallbackList, ProgbarLogger, progbar
from tests.callbacks.streams import FULL, LAST, frames, pipe, terminal, train, visible, without_times


def test_an_interrupted_run_ends_its_line():
    with terminal() as out:
        callbacks = CallbackList(add_progbar=True, verbose=1, epochs=1, steps=10)
        callbacks.on_train_begin()
        callbacks.on_epoch_begin(0)
        callbacks.on_train_batch_end(0, {"loss": 0.5})
        callbacks.close()
        print("after")
    shown = visible(out.text)
    assert shown[0].startswith(" 1/10 ")
    assert shown[1:] == ["after", ""]


def test_a_terminal_that_does_not_know_its_size_shows_whole_lines():
    with terminal(columns=0, rows=0) as out:
        train(ProgbarLogger(), epochs=1)
    assert len(frames(out.text)) == 2
    assert [without_times(line) for line in visible(out.text)] == [LAST.format(FULL), ""]


def test_a_narrow_terminal_cuts_the_moving_line_and_shows_the_last_one_whole():
    with terminal(columns=30) as out:
        train(ProgbarLogger(), epochs=1)
    assert all(len(frame) < 30 for frame in frames(out.text)[:-1])
    assert frames(out.text)[-1].endswith("val_loss: 5.0000e-04")
    assert out.text.count("val_loss") == 1


def test_tqdm_write_keeps_clear_of_the_line():
    with terminal() as out:
        logger = ProgbarLogger()
        logger.set_params({"verbose": 1, "epochs": 1, "steps": 2})
        logger.on_epoch_begin(0)
        logger.on_train_batch_end(0, {"loss": 0.5})
        tqdm.write("a message")
        logger.on_train_batch_end(1, {"loss": 0.5})
        logger.on_epoch_end(0, {"loss": 0.5})
    shown = visible(out.text)
    assert shown[0] == "a message"
    assert shown[1].startswith("2/2 ")


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_switched_off(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with terminal() as out:
        train(ProgbarLogger(), epochs=1)
    assert "\x1b[3" not in out.text
    assert any("━─" in frame for frame in frames(out.text))


@pytest.mark.parametrize("make", [pipe, terminal])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_stream_that_cannot_encode_the_bar_gets_an_ascii_one(make, encoding):
    with make(encoding=encoding) as out:
        train(ProgbarLogger(), epochs=1)
    assert without_times(frames(out.text)[-1]) == LAST.format("=" * 20)


def test_names_that_cannot_be_encoded_do_not_stop_training():
    with pipe(encoding="ascii") as out:
        logger = ProgbarLogger()
        logger.set_params({"verbose": 1, "epochs": 1, "steps": 1})
        logger.on_epoch_begin(0)
        logger.on_epoch_end(0, {"précision": 0.5})
    assert out.text.endswith("pr?cision: 0.5000\n")


SCRIPT = """
import sys
from kerastorch.callbacks import CallbackList, EarlyStopping
callbacks = CallbackList(add_progbar=True, verbose=1, epochs=2, steps=1)
callbacks.on_train_begin()
for epoch in range(2):
    callbacks.on_epoch_begin(epoch)
    callbacks.on_train_batch_end(0, {"loss": 0.5})
    callbacks.on_epoch_end(epoch, {"loss": 0.5})
callbacks.on_train_end()
print("trained", file=sys.stderr)
"""


def start(**kwargs):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **kwargs.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stderr=subprocess.PIPE, text=True, env=environment, **kwargs
    )


def test_a_process_with_an_ascii_stdout_trains():
    process = start(stdout=subprocess.PIPE, env={"PYTHONIOENCODING": "ascii"})
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    line = f"1/1 {'=' * 20} # #/step - loss: 0.5000"
    assert without_times(out).splitlines() == ["Epoch 1/2", line, "Epoch 2/2", line]


def test_a_process_whose_reader_has_gone_trains_on():
    process = start(stdout=subprocess.PIPE)
    process.stdout.close()
    assert "trained" in process.stderr.read()
    process.stderr.close()
    process.wait(timeout=120)


def _closed():
    stream = io.StringIO()
    stream.close()
    return stream


def _half_closed_pipe():
    read_end, write_end = os.pipe()
    os.close(read_end)
    return open(write_end, "wb", buffering=0)


def _half_closed_terminal():
    read_end, write_end = pty.openpty()
    os.close(read_end)
    return open(write_end, "wb", buffering=0)


class Unbuffered:
    """A text stream that writes at once, so that the failure of the file beneath is seen at once."""

    encoding = "utf-8"

    def __init__(self, raw):
        self.raw = raw

    def write(self, text):
        self.raw.write(text.encode())

    def flush(self):
        self.raw.flush()

    def isatty(self):
        return True


BROKEN = {
    "closed": _closed,
    "none": lambda: None,
    "pipe": lambda: Unbuffered(_half_closed_pipe()),
    "terminal": lambda: Unbuffered(_half_closed_terminal()),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("verbose", [1, 2])
def test_a_broken_stream_does_not_stop_training(kind, verbose, monkeypatch):
    stream = BROKEN[kind]()
    logger = ProgbarLogger()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        train(logger, verbose=verbose)
    if hasattr(stream, "raw"):
        stream.raw.close()
    assert logger.progbar is None


def test_a_stream_that_breaks_in_the_middle_does_not_stop_training(monkeypatch):
    class Breaking(io.StringIO):
        def isatty(self):
            return True

        def write(self, text):
            if "2/3" in text:
                raise BrokenPipeError("no reader")
            return super().write(text)

    stream = Breaking()
    monkeypatch.setattr(progbar, "_INTERVAL", 0.0)
    with contextlib.redirect_stdout(stream):
        train(ProgbarLogger(), epochs=1)
    assert "1/3" in stream.getvalue()
    assert "3/3" not in stream.getvalue()


def kernel_stream(monkeypatch, widgets):
    """A stand-in for the output stream of a notebook, and for tqdm's notebook module."""
    kind = types.new_class(
        "OutStream", (io.StringIO,), {}, lambda body: body.update(__module__="ipykernel.iostream")
    )
    made = []

    class Widget(tqdm):
        """As tqdm's own: it shows what `format_meter` gives, beside a widget for `<bar/>`."""

        def __init__(self, **kwargs):
            made.append(self)
            self.shown = []
            super().__init__(gui=True, **kwargs)
            self.display()

        def display(self, *args, **kwargs):
            self.shown.append((self.n, self.format_meter(**self.format_dict)))

        def close(self):
            self.display()
            self.disable = True
            self._decr_instances(self)

    notebook = types.ModuleType("tqdm.notebook")
    notebook.tqdm, notebook.IProgress = Widget, object() if widgets else None
    monkeypatch.setitem(sys.modules, "tqdm.notebook", notebook)
    monkeypatch.setattr(tqdm_package, "notebook", notebook, raising=False)
    return kind(), made


def test_a_notebook_with_widgets_shows_one(monkeypatch):
    stream, made = kernel_stream(monkeypatch, widgets=True)
    with contextlib.redirect_stdout(stream):
        train(ProgbarLogger(), epochs=1)
    assert stream.getvalue() == ""
    (shown,) = (widget.shown for widget in made)
    assert [n for n, _ in shown] == [1, 1, 3]
    assert without_times(shown[-1][1]) == LAST.format("<bar/>")


def test_a_notebook_without_widgets_redraws_a_line_of_text(monkeypatch):
    stream, made = kernel_stream(monkeypatch, widgets=False)
    with contextlib.redirect_stdout(stream):
        train(ProgbarLogger(), epochs=1)
    assert made == []
    assert [without_times(line) for line in visible(stream.getvalue())] == [LAST.format(FULL), ""]


def test_no_thread_is_left_behind():
    before = threading.active_count()
    with terminal():
        train(ProgbarLogger(), epochs=1)
    assert threading.active_count() == before
