"""The end of the progress line: samples a second and memory, where the line is redrawn."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.callbacks import CallbackList, ProgbarLogger, bar, progbar, screen
from kerastorch.callbacks.speed import samples_seen, speed_note
from kerastorch.core import process_memory
from kerastorch.errors import InvalidArgumentError
from tests.callbacks.streams import frames, pipe, terminal, visible

X = np.ones((40, 3), "float32")
END = re.compile(r" - ([\d,]+) samples/s - \d+\.\d\d [KMG]B$")


def model_of():
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def batches():
    for start in range(0, 40, 8):
        yield X[start : start + 8], X[start : start + 8, :1]


RUNS = {
    "fit": lambda model, **options: model.fit(X, X[:, :1], **options),
    "fit on a stream": lambda model, **options: model.fit(batches(), **options),
    "evaluate": lambda model, **options: model.evaluate(X, X[:, :1], **options),
    "predict": lambda model, **options: model.predict(X, **options),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_terminal_sees_them(name):
    with terminal() as out:
        RUNS[name](model_of(), verbose=1)
    line = visible(out.text)[-2]
    assert END.search(line), line


@pytest.mark.parametrize("name", RUNS)
def test_a_pipe_gets_the_line_of_keras(name):
    with pipe() as out:
        RUNS[name](model_of(), verbose=1)
    assert re.search(r"/step( - loss: [\d.]+(e-\d+)?)?$", out.text.rstrip("\n"))


def test_a_notebook_keeps_the_line_of_keras(monkeypatch):
    monkeypatch.setattr(screen, "_is_kernel", lambda stream: True)
    monkeypatch.setattr(screen, "_notebook_line", lambda: None)
    with terminal() as out:
        model_of().fit(X, X[:, :1], verbose=1)
    shown = frames(out.text)
    assert any(END.search(frame) for frame in shown[:-1])
    assert "samples/s" not in shown[-1]


def test_always_and_never():
    with pipe() as out:
        model_of().fit(X, X[:, :1], callbacks=[ProgbarLogger(show_speed=True)], verbose=2)
    assert END.search(out.text.splitlines()[-1])
    with terminal() as out:
        model_of().fit(X, X[:, :1], callbacks=[ProgbarLogger(show_speed=False)], verbose=1)
    assert "samples/s" not in out.text
    with pytest.raises(InvalidArgumentError, match="show_speed='fast'"):
        ProgbarLogger(show_speed="fast")


@pytest.mark.parametrize(("count_mode", "expected"), [("steps", "80"), ("samples", "80")])
def test_the_rate(monkeypatch, count_mode, expected):
    """Eight samples in each tenth of a second."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(bar, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    monkeypatch.setattr(progbar, "perf_counter", lambda: clock.now)
    with pipe() as out:
        logger = ProgbarLogger(count_mode, show_speed=True)
        run = CallbackList([logger], model=model_of(), verbose=1, steps=5, samples=40, batch_size=8)
        run.on_train_begin()
        run.on_epoch_begin(0)
        for batch in range(5):
            clock.now += 0.1
            run.on_train_batch_end(batch, {})
        run.on_epoch_end(0, {})
    assert END.search(out.text.rstrip("\n"))[1] == expected


def test_the_note_without_what_it_needs(monkeypatch):
    model = model_of()
    assert speed_note(None, 8, 0.1) == ""
    assert "samples/s" not in speed_note(model, 0, 0.1)
    assert "samples/s" not in speed_note(model, 8, 0.0)
    monkeypatch.setattr("kerastorch.callbacks.speed.memory_in_use", lambda device: None)
    assert speed_note(model, 8, 0.1) == " - 80 samples/s"


def test_samples_that_a_model_has_seen():
    model = model_of()
    assert samples_seen(model) == 0
    model.fit(X, X[:, :1], verbose=0)
    assert samples_seen(model) == 40
    assert samples_seen(None) == samples_seen(torch.nn.Linear(1, 1)) == 0


def test_memory_of_the_process(monkeypatch, tmp_path):
    assert process_memory.memory_in_use() > 10 * 2**20
    held = torch.ones(8 * 2**20)
    more = process_memory.memory_in_use()
    assert more > held.nbytes
    monkeypatch.setattr(process_memory, "_STATUS", tmp_path / "missing")
    assert process_memory.memory_in_use() > held.nbytes  # the peak


def test_memory_of_the_device(monkeypatch):
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 3 * 2**20)
    assert process_memory.memory_in_use(torch.device("cuda", 0)) == 3 * 2**20
