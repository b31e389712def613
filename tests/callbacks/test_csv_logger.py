"""The file that `CSVLogger` writes, against the one of Keras."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch.callbacks import Callback, CSVLogger
from kerastorch.errors import InvalidArgumentError
from tests.training.twins import dense, rows

X, Y = rows(16)

RUNS = {
    "plain": [{"loss": 0.5, "accuracy": 0.25}, {"loss": 0.25, "accuracy": 0.5}],
    "validated": [{"loss": 0.5, "val_loss": 0.25}],
    "validation at times": [{"loss": 0.5}, {"loss": 0.25, "val_loss": 0.5}],
    "a name that comes later": [{"loss": 0.5, "val_loss": 1.0}, {"loss": 0.5, "late": 2.0, "val_loss": 1.0}],
    "numpy": [{"loss": np.float32(0.1), "each": np.array([1.0, 2.5]), "zero": np.array(3.0)}],
    "texts": [{"loss": 0.5, "note": 'says "a, b"', "list": [1, 2]}],
    "nothing": [{}, {}],
}


def write(home, path, *runs, **settings):
    logger = home(path, **settings)
    for run in runs:
        logger.on_train_begin()
        for epoch, logs in enumerate(run):
            logger.on_epoch_end(epoch, dict(logs))
        logger.on_train_end()
    return path.read_bytes()


@pytest.mark.parametrize("settings", [{}, {"separator": ";"}, {"append": True}], ids=str)
@pytest.mark.parametrize("name", RUNS)
def test_files_are_those_of_keras(name, settings, tmp_path):
    ours = write(CSVLogger, tmp_path / "ours.csv", RUNS[name], **settings)
    theirs = write(keras.callbacks.CSVLogger, tmp_path / "theirs.csv", RUNS[name], **settings)
    assert ours == theirs


@pytest.mark.parametrize("append", [False, True])
def test_a_second_run_is_as_in_keras(append, tmp_path):
    runs = RUNS["plain"], RUNS["plain"]
    ours = write(CSVLogger, tmp_path / "ours.csv", *runs, append=append)
    assert ours == write(keras.callbacks.CSVLogger, tmp_path / "theirs.csv", *runs, append=append)
    assert ours.count(b"epoch") == 1


def test_appending_goes_on_in_the_file_of_another_logger(tmp_path):
    first = write(CSVLogger, tmp_path / "log.csv", RUNS["plain"])
    both = write(CSVLogger, tmp_path / "log.csv", RUNS["plain"], append=True)
    assert both == first + first.partition(b"\r\n")[2]


def test_tensors_are_written_like_arrays(tmp_path):
    logs = {"loss": torch.tensor(0.5), "each": torch.tensor([1.0, 2.5], requires_grad=True)}
    text = write(CSVLogger, tmp_path / "log.csv", [logs]).decode()
    assert text.splitlines()[1] == '0,"""[1.0, 2.5]""",0.5,NA,NA'


def test_fit_fills_the_same_columns_as_keras(tmp_path):
    lines = []
    for k in (kerastorch, keras):
        model = dense(k)
        model.compile("sgd", "mse", metrics=["mae"])
        path = tmp_path / f"{k.__name__}.csv"
        validation = {"validation_data": (X, Y), "validation_freq": 2}
        model.fit(X, Y, epochs=3, verbose=0, callbacks=[k.callbacks.CSVLogger(path)], **validation)
        lines.append([line.split(",") for line in path.read_text().splitlines()])
    assert lines[0][0] == lines[1][0]
    for ours, theirs in zip(*lines, strict=True):
        assert [cell == "NA" for cell in ours] == [cell == "NA" for cell in theirs]


def test_every_epoch_is_in_the_file_at_once(tmp_path):
    path, seen = tmp_path / "log.csv", []

    class Reader(Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(len(path.read_text().splitlines()))

    model = dense(kerastorch)
    model.compile("sgd", "mse")
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[CSVLogger(path), Reader()])
    assert seen == [2, 3, 4]


def test_the_file_is_closed_after_an_exception(tmp_path):
    class Broken(Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise RuntimeError("broken")

    logger = CSVLogger(tmp_path / "log.csv")
    model = dense(kerastorch)
    model.compile("sgd", "mse")
    with pytest.raises(RuntimeError, match="broken"):
        model.fit(X, Y, verbose=0, callbacks=[logger, Broken()])
    assert logger.csv_file.closed
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 2


@pytest.mark.parametrize("separator", ["", "ab", None])
def test_a_separator_is_one_character(separator):
    with pytest.raises(InvalidArgumentError, match="`separator` must be a single character"):
        CSVLogger("log.csv", separator=separator)
