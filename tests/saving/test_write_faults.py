"""Saves that fail half way, places that cannot be written, and two writers of one path."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kerastorch
from kerastorch.callbacks import LambdaCallback, ModelCheckpoint
from kerastorch.saving.atomic import atomic_file

ROOT = Path(__file__).parents[2]
NAMES = ["model.keras", "model.weights.h5", "model.h5", "model"]


class Failing(kerastorch.layers.Dense):
    """A layer that fails to give its values once `error` is set."""

    error: BaseException | None = None

    def save_own_variables(self, store):
        super().save_own_variables(store)
        if self.error is not None:
            raise self.error


def network(value=1.0, layer=kerastorch.layers.Dense):
    model = kerastorch.Sequential([kerastorch.Input((3,)), layer(2)])
    model.set_weights([np.full(weight.shape, value) for weight in model.weights])
    return model


def save(model, path):
    model.save_weights(path) if path.name.endswith(".weights.h5") else model.save(path)


def value_in(path, layer=kerastorch.layers.Dense):
    if path.name.endswith(".weights.h5"):
        model = network(0.0, layer)
        model.load_weights(path)
    else:
        model = kerastorch.models.load_model(path, {"Failing": Failing})
    return float(np.mean(model.get_weights()[0]))


pytestmark = pytest.mark.filterwarnings("ignore:The model is saved as a folder")


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt("stopped"), ValueError("no values")], ids=["Ctrl+C", "error"]
)
@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5", "model"])
def test_a_layer_that_fails_leaves_the_old_file(name, error, tmp_path):
    save(network(1.0, Failing), tmp_path / name)
    model = network(2.0, Failing)
    model.layers[0].error = error
    with pytest.raises(type(error), match=str(error)):
        save(model, tmp_path / name)
    assert os.listdir(tmp_path) == [name]
    assert value_in(tmp_path / name, Failing) == 1.0


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError], ids=["Ctrl+C", "memory"])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_save_that_is_stopped_leaves_the_old_file(step, error, tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    save(network(1.0), path)

    def stop(*arguments):
        raise error("stopped")

    with monkeypatch.context() as patch:
        patch.setattr(os, step, stop)
        with pytest.raises(error, match="stopped"):
            save(network(2.0), path)
    assert os.listdir(tmp_path) == ["model.keras"]
    assert value_in(path) == 1.0


def test_a_callback_that_raises_leaves_the_last_checkpoint(tmp_path):
    def fail(epoch, logs):
        if epoch == 1:
            raise RuntimeError("half way")

    path = tmp_path / "model.keras"
    model = network()
    model.compile("sgd", "mse")
    with pytest.raises(RuntimeError, match="half way"):
        model.fit(
            np.ones((4, 3)),
            np.ones((4, 2)),
            epochs=3,
            verbose=0,
            callbacks=[ModelCheckpoint(path), LambdaCallback(on_epoch_end=fail)],
        )
    assert os.listdir(tmp_path) == ["model.keras"]
    assert np.isfinite(value_in(path))


PLACES = [
    (errno.EACCES, "it may not be written; change its permissions"),
    (errno.EPERM, "it may not be written; change its permissions"),
    (errno.EROFS, "it may not be written; change its permissions"),
    (errno.ENOSPC, "there is no room on the disk; make some"),
]


@pytest.mark.parametrize(("number", "text"), PLACES, ids=[errno.errorcode[number] for number, _ in PLACES])
@pytest.mark.parametrize("step", ["mkdir", "fsync", "replace"])
def test_an_error_of_the_system_says_what_to_do(step, number, text, tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    save(network(1.0), path)

    def refuse(*arguments, **more):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, step, refuse)
        with pytest.raises(OSError, match=f"Cannot write .*model.keras': {text}") as caught:
            save(network(2.0), path)
    assert caught.value.errno == number
    assert os.listdir(tmp_path) == ["model.keras"]
    assert value_in(path) == 1.0


def test_a_file_that_is_read_only_stays(tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    save(network(1.0), path)
    monkeypatch.setattr(os, "access", lambda place, mode: mode != os.W_OK)  # the superuser may write anything
    with pytest.raises(PermissionError, match="change its permissions"):
        save(network(2.0), path)
    assert value_in(path) == 1.0


@pytest.mark.parametrize("name", NAMES)
def test_a_part_of_the_path_is_a_file(name, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"a part of the path is a file; choose another folder"):
        save(network(), tmp_path / "file" / "inner" / name)


@pytest.mark.parametrize("name", NAMES[:3])
def test_a_folder_in_the_place_of_a_file(name, tmp_path):
    (tmp_path / name).mkdir()
    with pytest.raises(ValueError, match="there is a folder of that name"):
        save(network(), tmp_path / name)
    assert os.listdir(tmp_path / name) == []


@pytest.mark.parametrize("name", NAMES)
def test_missing_folders_are_made_and_links_stay_links(name, tmp_path):
    save(network(1.0), tmp_path / "deep" / "deeper" / name)
    (tmp_path / name).symlink_to(tmp_path / "deep" / "deeper" / name)
    save(network(2.0), tmp_path / name)
    assert (tmp_path / name).is_symlink()
    assert value_in(tmp_path / "deep" / "deeper" / name) == 2.0


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
@pytest.mark.parametrize("name", NAMES[:3])
def test_a_new_file_has_the_permissions_that_umask_says(name, mask, mode, tmp_path):
    before = os.umask(mask)
    try:
        save(network(), tmp_path / name)
    finally:
        os.umask(before)
    assert (tmp_path / name).stat().st_mode & 0o777 == mode


def test_what_somebody_still_writes_is_not_cleared_away(tmp_path):
    with atomic_file(tmp_path / "one") as first:
        first.write_text("1")
        with atomic_file(tmp_path / "two") as second:
            second.write_text("2")
        assert first.exists()
    assert sorted(os.listdir(tmp_path)) == ["one", "two"]


def test_two_models_saved_into_one_another(tmp_path):
    path = tmp_path / "file"
    with atomic_file(path) as first:
        first.write_text("1")
        with atomic_file(path) as second:
            second.write_text("2")
    assert (path.read_text(), os.listdir(tmp_path)) == ("1", ["file"])


WRITER = """
import pathlib, sys
from tests.saving.test_write_faults import network, save
for number in range(25):
    save(network(float(sys.argv[2])), pathlib.Path(sys.argv[1]))
"""


@pytest.mark.parametrize("name", ["model.keras", "model"])
def test_two_writers_of_one_path_leave_a_whole_file_of_one(name, tmp_path):
    values = ["1.0", "2.0"]
    line = [sys.executable, "-W", "ignore", "-c", WRITER, str(tmp_path / name)]
    writers = [
        subprocess.Popen([*line, value], cwd=ROOT, stderr=subprocess.PIPE, text=True) for value in values
    ]
    errors = [writer.communicate()[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], errors
    assert value_in(tmp_path / name) in (1.0, 2.0)
    assert os.listdir(tmp_path) == [name]
