"""When backups are written and deleted, and what happens to those that cannot be used."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import signal
import threading
import warnings

import keras
import numpy as np
import pytest

import kerastorch
from kerastorch.callbacks import BackupAndRestore, LambdaCallback
from kerastorch.errors import CorruptModelError, InvalidArgumentError, ShapeError
from tests.callbacks.runs import DATA, MODELS, PowerCut, compare, cut, cut_off, fit, sequential

# When backups are written and deleted --------------------------------------------------------------------------------


def test_steps_are_counted_across_epochs(tmp_path, monkeypatch):
    backup, saved = BackupAndRestore(tmp_path, save_freq=4), []
    monkeypatch.setattr(backup, "_save", lambda *place: saved.append(place))
    fit(backup)
    assert saved == [(0, 4), (1, 2), (1, 6), (2, 4)]


def test_a_run_that_is_complete_deletes_its_backup(tmp_path):
    (tmp_path / "mine.txt").write_text("not a backup")
    fit(BackupAndRestore(tmp_path))
    fit(BackupAndRestore(tmp_path / "backup"))
    assert os.listdir(tmp_path) == ["mine.txt"]


@pytest.mark.parametrize("model", list(MODELS))
@pytest.mark.parametrize("data", ["sequence", "loader"])
def test_a_backup_of_a_complete_run_has_its_weights(model, data, tmp_path):
    keep = {"delete_checkpoint": False}
    first = fit(BackupAndRestore(tmp_path, **keep), model=model, data=DATA[data]())
    again = fit(BackupAndRestore(tmp_path, **keep), model=model, data=DATA[data]())
    assert again.history.epoch == []
    for ours, theirs in zip(again.get_weights(), first.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_run_that_is_given_more_epochs_goes_on(tmp_path):
    fit(BackupAndRestore(tmp_path, delete_checkpoint=False), epochs=2)
    assert fit(BackupAndRestore(tmp_path)).history.epoch == [2]


def test_ctrl_c_keeps_the_backup(tmp_path):
    def interrupt(epoch, logs):
        if epoch == 1:
            raise KeyboardInterrupt

    fit(BackupAndRestore(tmp_path), LambdaCallback(on_epoch_begin=interrupt))
    assert fit(BackupAndRestore(tmp_path)).history.epoch == [1, 2]


def test_training_that_stops_itself_is_complete(tmp_path):
    stopping = kerastorch.callbacks.EarlyStopping("loss", patience=0, min_delta=100)
    assert fit(BackupAndRestore(tmp_path / "backup"), stopping).history.epoch == [0, 1]
    assert os.listdir(tmp_path) == []


def test_what_a_killed_process_left_is_cleared_away(tmp_path):
    (tmp_path / f".{'0123456789abcdef' * 2}.tmp").write_text("half a file")
    (tmp_path / ".my.tmp").write_text("not ours")
    fit(BackupAndRestore(tmp_path))
    assert os.listdir(tmp_path) == [".my.tmp"]


def test_a_backup_is_a_file_of_weights(tmp_path):
    model = fit(BackupAndRestore(tmp_path, delete_checkpoint=False))
    loaded = sequential(kerastorch.Input((3,)))
    loaded.load_weights(tmp_path / "latest.weights.h5")
    for ours, theirs in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


# Backups that cannot be used -----------------------------------------------------------------------------------------


def broken(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def test_a_broken_backup(tmp_path):
    cut_off(tmp_path, 2)
    broken(tmp_path / "latest.weights.h5")
    with pytest.raises(CorruptModelError, match=r"latest.weights.h5' cannot be read.*Delete the folder"):
        fit(BackupAndRestore(tmp_path))


def test_a_backup_of_keras(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.save_weights(tmp_path / "latest.weights.h5")
    (tmp_path / "training_metadata.json").write_text(json.dumps({"epoch": 1, "batch": 0}))
    with pytest.raises(CorruptModelError, match=r"latest.weights.h5' is no backup of a run.*Keras"):
        fit(BackupAndRestore(tmp_path))


def test_a_backup_of_another_model(tmp_path):
    cut_off(tmp_path, 1, model="subclass that was called")
    with pytest.raises(ShapeError, match=r"(?s)is that of another model than.*layers/dense.*`backup_dir`"):
        fit(BackupAndRestore(tmp_path))


@pytest.mark.parametrize("fault", ["broken", "missing"])
def test_the_backup_before_the_last_one(fault, tmp_path):
    keep = {"save_freq": 2, "double_checkpoint": True}
    expected = fit()
    folder = tmp_path / "backup"
    cut_off(folder, 1, 4, keep=keep)
    assert sorted(os.listdir(folder)) == ["latest.weights.h5", "latest.weights.h5.bkp"]
    if fault == "broken":
        broken(folder / "latest.weights.h5")
        with pytest.warns(UserWarning, match=r"goes on from the backup before the last one.*latest"):
            compare(folder, expected, keep=keep)
    else:  # killed between two renames
        (folder / "latest.weights.h5").unlink()
        compare(folder, expected, keep=keep)
    assert not folder.exists()


def test_without_double_checkpoint_there_is_one_file(tmp_path):
    cut_off(tmp_path, 2)
    assert os.listdir(tmp_path) == ["latest.weights.h5"]


def test_an_error_of_the_disk_leaves_the_last_backup(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    cut_off(tmp_path / "backup", 1)
    shutil.copytree(tmp_path / "backup", tmp_path / "copy")
    with monkeypatch.context() as patch:
        patch.setattr("kerastorch.callbacks.backup.write_arrays", full)
        with pytest.raises(OSError, match="No space left"):
            fit(BackupAndRestore(tmp_path / "backup"))
    one, other = (tmp_path / name / "latest.weights.h5" for name in ("backup", "copy"))
    assert one.read_bytes() == other.read_bytes()
    assert len(os.listdir(tmp_path / "backup")) == 1


# SIGTERM -------------------------------------------------------------------------------------------------------------


def ask_to_end(epoch, step):
    now = {}

    def end_step(number, logs):
        if (now["epoch"], number) == (epoch, step):
            os.kill(os.getpid(), signal.SIGTERM)

    return LambdaCallback(
        on_epoch_begin=lambda number, logs: now.update(epoch=number), on_train_batch_end=end_step
    )


@pytest.fixture
def handler():
    """A handler of SIGTERM as a script may have one."""

    def end(number, frame):
        raise PowerCut("the power is gone")

    before = signal.signal(signal.SIGTERM, end)
    yield end
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("save_freq", ["epoch", False], ids=["epoch", "never"])
def test_sigterm_makes_a_backup_and_then_does_what_it_did(save_freq, handler, tmp_path):
    keep = {"save_freq": save_freq, "save_before_preemption": True}
    expected = fit()
    with pytest.raises(PowerCut, match="power is gone"):
        fit(ask_to_end(1, 2), BackupAndRestore(tmp_path, **keep))
    assert signal.getsignal(signal.SIGTERM) is handler
    resumed = compare(tmp_path, expected, keep=keep)
    assert resumed.history.epoch == [1, 2]


def test_the_handler_returns_when_fit_fails(handler, tmp_path):
    with pytest.raises(PowerCut, match="power is gone"):
        fit(BackupAndRestore(tmp_path, save_before_preemption=True), cut(1, 2))
    assert signal.getsignal(signal.SIGTERM) is handler


def test_another_thread_hears_no_signal(tmp_path):
    seen = []

    def train():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fit(BackupAndRestore(tmp_path, save_before_preemption=True))
        seen.extend(str(warning.message) for warning in caught)

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert [text[:38] for text in seen] == ["`save_before_preemption` has no effect"]


# Arguments -----------------------------------------------------------------------------------------------------------


def test_parameters_and_defaults_are_those_of_keras():
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(home).parameters.values()]
        for home in (BackupAndRestore, keras.callbacks.BackupAndRestore)
    )
    assert ours == [*theirs, ("save_before_preemption", False)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"backup_dir": ""}, "Empty `backup_dir` argument passed"),
        ({"save_freq": "step"}, "Unrecognized save_freq: 'step'"),
        ({"save_freq": 0}, "Unrecognized save_freq: 0"),
        ({"save_freq": False}, "Nothing asks for backups"),
    ],
    ids=["folder", "text", "zero", "never"],
)
def test_arguments_that_cannot_be_used(arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        BackupAndRestore(**{"backup_dir": "backup", **arguments})


def test_outside_of_fit(tmp_path):
    callbacks = kerastorch.callbacks.CallbackList(
        [BackupAndRestore(tmp_path)], model=sequential(kerastorch.Input((3,)))
    )
    with pytest.raises(InvalidArgumentError, match="backs up runs of `fit`"):
        callbacks.on_train_begin()
