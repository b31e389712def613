"""Ctrl-C during `fit`: it returns, with a usable model and a filled history."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import kerastorch
from kerastorch import callbacks, layers
from tests.training.twins import rows

X, Y = rows(40)


def compiled():
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.BatchNormalization(), layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    return model


class Interrupt(callbacks.Callback):
    """Presses Ctrl-C in one hook, and notes whether training was ended properly."""

    def __init__(self, hook, at=1):
        super().__init__()
        self.hook, self.at, self.ended, self.calls = hook, at, 0, 0

    def press(self, hook):
        if hook == self.hook:
            self.calls += 1
            if self.calls > self.at:
                raise KeyboardInterrupt

    def on_train_batch_end(self, batch, logs=None):
        self.press("on_train_batch_end")

    def on_test_batch_end(self, batch, logs=None):
        self.press("on_test_batch_end")

    def on_epoch_begin(self, epoch, logs=None):
        self.press("on_epoch_begin")

    def on_epoch_end(self, epoch, logs=None):
        self.press("on_epoch_end")

    def on_train_end(self, logs=None):
        self.ended += 1


HOOKS = ["on_train_batch_end", "on_test_batch_end", "on_epoch_begin", "on_epoch_end"]


@pytest.mark.parametrize("hook", HOOKS)
def test_interrupt_in_a_hook(hook, capsys):
    model = compiled()
    press = Interrupt(hook)
    history = model.fit(X, Y, batch_size=8, epochs=5, validation_split=0.25, callbacks=[press], verbose=0)
    assert "interrupted in epoch" in capsys.readouterr().out
    assert history is model.history
    assert model.stop_training
    assert press.ended == 1
    lengths = {name: len(values) for name, values in history.history.items() if not name.startswith("val_")}
    assert set(lengths.values()) == {len(history.epoch)}
    assert len(history.epoch) >= 1
    assert all(np.isfinite(history.history["loss"]))
    assert not model.training
    assert model.predict(X, verbose=0).shape == (40, 1)
    assert len(model.fit(X, Y, epochs=2, verbose=0).epoch) == 2


def test_interrupt_before_the_first_step():
    model = compiled()
    history = model.fit(X, Y, epochs=3, callbacks=[Interrupt("on_epoch_begin", at=0)], verbose=0)
    assert history is model.history
    model.fit(X, Y, verbose=0)


def test_interrupt_of_evaluate_and_predict_reaches_the_caller():
    """Only `fit` has a partial result that is worth keeping."""
    model = compiled()
    model.fit(X, Y, verbose=0)
    for call in (model.evaluate, model.predict):
        press = callbacks.LambdaCallback()
        press.on_test_batch_end = press.on_predict_batch_end = raise_interrupt
        arguments = (X, Y) if call == model.evaluate else (X,)
        with pytest.raises(KeyboardInterrupt, match="by hand"):
            call(*arguments, callbacks=[press], verbose=0)
        assert not model.training


def raise_interrupt(*args, **kwargs):
    raise KeyboardInterrupt("by hand")


PROGRAM = """
    import numpy as np
    import kerastorch
    from kerastorch import callbacks, layers

    class Tell(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                print("ready", flush=True)

    x = np.random.default_rng(0).normal(size=(256, 3)).astype("float32")
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(4), layers.Dense(1)])
    model.compile("adam", "mse")
    history = model.fit(x, x[:, :1], epochs=10**9, batch_size=4, callbacks=[Tell()], verbose=%d)
    assert len(history.history["loss"]) == len(history.epoch) >= 2
    assert np.isfinite(model.predict(x, verbose=0)).all()
    more = model.fit(x, x[:, :1], epochs=1, verbose=0)
    assert len(more.epoch) == 1
    print("usable", flush=True)
"""


@pytest.mark.parametrize("verbose", [0, 1])
def test_real_signal(verbose):
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM % verbose)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        text=True,
    )
    seen = ""
    while "ready" not in seen:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        seen += line
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "interrupted in epoch" in out
    assert "usable" in out
    assert "Traceback" not in err
