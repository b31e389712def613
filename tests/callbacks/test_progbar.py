"""What the progress line says, and when it is drawn."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import torch
from keras.src.utils import progbar as keras_progbar

from kerastorch.callbacks import CallbackList, ProgbarLogger, bar, progbar
from kerastorch.callbacks.bar import Progbar
from kerastorch.errors import InvalidArgumentError
from tests.callbacks.streams import FULL, LAST, frames, pipe, terminal, train, visible, without_times


class Clock:
    """A clock for both libraries that only moves when told."""

    now = 1000.0

    def __init__(self, monkeypatch):
        read = SimpleNamespace(time=lambda: self.now, perf_counter=lambda: self.now)
        monkeypatch.setattr(keras_progbar, "time", read)
        monkeypatch.setattr(bar, "time", read)
        monkeypatch.setattr(progbar, "perf_counter", read.perf_counter)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.mark.parametrize("known", [True, False])
def test_a_pipe_gets_one_line_an_epoch(known):
    with pipe() as out:
        train(ProgbarLogger(), known=known)
    assert without_times(out.text).splitlines() == [
        "Epoch 1/2",
        LAST.format(FULL),
        "Epoch 2/2",
        LAST.format(FULL),
    ]
    assert "\r" not in out.text
    assert "\x1b" not in out.text


@pytest.mark.parametrize("known", [True, False])
def test_a_terminal_shows_one_line_an_epoch_and_redraws_it(known):
    with terminal() as out:
        train(ProgbarLogger(), known=known)
    shown = [without_times(line) for line in visible(out.text)]
    assert shown == ["Epoch 1/2", LAST.format(FULL), "Epoch 2/2", LAST.format(FULL), ""]
    first = "1/3 ━━━" if known else "1/Unknown"
    assert any(
        frame.startswith(first) and frame.endswith("loss: 1.0000 - accuracy: 0.5000")
        for frame in frames(out.text)
    )


def test_verbose_two_is_one_line_an_epoch_without_a_bar():
    with terminal() as out:
        train(ProgbarLogger(), verbose=2)
    line = LAST.replace(" {} #", " - # -").format()
    assert [without_times(x) for x in visible(out.text)] == ["Epoch 1/2", line, "Epoch 2/2", line, ""]
    assert "\x1b" not in out.text


@pytest.mark.parametrize("make", [pipe, terminal])
def test_verbose_zero_shows_nothing(make):
    with make() as out:
        train(ProgbarLogger(), verbose=0)
    assert out.text == ""


def test_automatic_verbosity_is_a_bar():
    with pipe() as out:
        train(ProgbarLogger(), epochs=1, verbose="auto")
    assert without_times(out.text) == LAST.format(FULL) + "\n"


def test_a_single_epoch_has_no_title():
    with pipe() as out:
        train(ProgbarLogger(), epochs=1)
    assert "Epoch" not in out.text


@pytest.mark.parametrize("phase", ["test", "predict"])
def test_evaluate_and_predict_have_a_line(phase):
    with pipe() as out:
        callbacks = CallbackList(add_progbar=True, verbose=1, epochs=1, steps=2)
        getattr(callbacks, f"on_{phase}_begin")()
        for batch in range(2):
            getattr(callbacks, f"on_{phase}_batch_end")(batch, {"loss": 0.5, "outputs": np.zeros(3)})
        getattr(callbacks, f"on_{phase}_end")({"loss": 0.5})
    expected = " - loss: 0.5000" if phase == "test" else ""
    assert without_times(out.text) == f"2/2 {FULL} # #/step{expected}\n"


def test_a_logger_that_was_used_in_fit_also_shows_evaluate():
    logger = ProgbarLogger()
    with pipe() as out:
        train(logger, epochs=1)
        CallbackList([logger], verbose=1, epochs=1, steps=1).on_test_begin()
        logger.on_test_batch_end(0, {"loss": 0.5})
        logger.on_test_end({"loss": 0.5})
    assert without_times(out.text).splitlines()[-1] == f"1/1 {FULL} # #/step - loss: 0.5000"


def test_a_run_that_stops_within_an_epoch_shows_how_far_it_came():
    with pipe() as out:
        logger = ProgbarLogger()
        logger.set_params({"verbose": 1, "epochs": 1, "steps": 10})
        logger.on_epoch_begin(0)
        for batch in range(5):
            logger.on_train_batch_end(batch, {"loss": 0.5})
        logger.on_epoch_end(0, {"loss": 0.5})
    assert out.text.startswith(f" 5/10 {'━' * 10}{'─' * 10} ")


class Lazy(dict):
    """Logs that count how often they are looked at."""

    reads = 0

    def items(self):
        self.reads += 1
        return super().items()


def test_a_terminal_reads_the_logs_at_most_ten_times_a_second(clock):
    logs = Lazy(loss=0.5)
    with terminal():
        logger = ProgbarLogger()
        logger.set_params({"verbose": 1, "epochs": 1, "steps": 1000})
        logger.on_epoch_begin(0)
        for batch in range(1000):
            clock.now += 1 / 1024
            logger.on_train_batch_end(batch, logs)
        during = logs.reads
        logger.on_epoch_end(0, logs)
    assert during == 10
    assert logs.reads == 11


def test_a_pipe_reads_the_logs_only_at_the_end():
    logs = Lazy(loss=0.5)
    with pipe():
        logger = ProgbarLogger()
        logger.set_params({"verbose": 1, "epochs": 1, "steps": 3})
        logger.on_epoch_begin(0)
        for batch in range(3):
            logger.on_train_batch_end(batch, logs)
        assert logs.reads == 0
        logger.on_epoch_end(0, logs)


def test_number_and_size_of_the_batch_are_not_shown():
    with pipe() as out:
        logger = ProgbarLogger()
        logger.set_params({"verbose": 2, "epochs": 1, "steps": 1, "metrics": ["loss", "size"]})
        logger.on_epoch_begin(0)
        logger.on_epoch_end(0, {"batch": 0, "size": 32, "loss": 0.5})
    assert without_times(out.text) == "1/1 - # - #/step - size: 32.0000 - loss: 0.5000\n"


def test_samples_can_be_counted():
    with pipe() as out:
        logger = ProgbarLogger("samples", stateful_metrics=["acc"])
        logger.set_params({"verbose": 2, "epochs": 1, "steps": 4, "samples": 100, "batch_size": 32})
        logger.on_epoch_begin(0)
        for batch in range(4):
            logger.on_train_batch_end(batch)
        logger.on_epoch_end(0, {"loss": 0.5})
    assert out.text.startswith("100/100 - 0s - ")
    assert out.text.endswith("/sample - loss: 0.5000\n")


def test_an_unknown_way_of_counting_is_refused():
    with pytest.raises(
        InvalidArgumentError, match=r"`count_mode` must be 'steps' or 'samples'. Received: 'rows'"
    ):
        ProgbarLogger(count_mode="rows")


def test_a_loop_of_ones_own_without_epochs_shows_a_line():
    with terminal() as out:
        callbacks = CallbackList([ProgbarLogger()], verbose=1, epochs=1, steps=2)
        for batch in range(2):
            callbacks.on_train_batch_end(batch, {"loss": torch.tensor(0.5)})
        callbacks.on_epoch_end(0, {"loss": torch.tensor(0.5)})
    assert visible(out.text)[0].startswith("2/2 ")


SEQUENCES = {
    "fast": (5, 1e-5, {}),
    "milliseconds": (12, 0.004, {}),
    "seconds": (4, 2.5, {}),
    "minutes": (100, 61.0, {}),
    "hours": (100, 400.0, {}),
    "unknown": (None, 0.5, {}),
    "stateful": (6, 0.5, {"stateful_metrics": ["loss"]}),
    "stateless": (6, 0.5, {"stateless_metrics": ["loss"]}),
    "unit": (6, 0.5, {"unit_name": "sample"}),
    "wide": (6, 0.5, {"width": 40}),
    "interval": (50, 0.01, {"interval": 0.2}),
}


@pytest.mark.parametrize("case", SEQUENCES)
def test_a_terminal_shows_what_keras_shows(case, clock):
    target, seconds, options = SEQUENCES[case]
    seen = []
    for home in (Progbar, keras.utils.Progbar):
        with terminal() as out:
            shown = home(target, **options)
            for step in range(1, (target or 7) + 1):
                clock.now += seconds
                values = [
                    ("loss", 1 / step),
                    ("acc", np.float32(step)),
                    ("small", -1e-4 / step),
                    ("zero", 0.0),
                ]
                shown.update(step, values)
            if target is None:
                shown.update(7, values, finalize=True)
        seen.append(frames(out.text))
    assert seen[0] == seen[1]
    assert len(seen[0]) > 1


@pytest.mark.parametrize("case", ["fast", "milliseconds", "seconds", "unit", "stateful"])
def test_the_short_form_is_that_of_keras(case, clock):
    target, seconds, options = SEQUENCES[case]
    seen = []
    for home in (Progbar, keras.utils.Progbar):
        with pipe() as out:
            shown = home(target, verbose=2, **options)
            for _ in range(target):
                clock.now += seconds
                shown.add(1, [("loss", 0.5), ("array", np.array([1.0, 2.0]))])
        seen.append(out.text)
    assert seen[0] == seen[1] != ""


def test_both_kinds_of_metrics_at_once_are_refused():
    with pytest.raises(InvalidArgumentError, match="Only one of `stateful_metrics` and `stateless_metrics`"):
        Progbar(1, stateful_metrics=["a"], stateless_metrics=["b"])
