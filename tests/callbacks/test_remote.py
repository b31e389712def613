"""Callbacks that save to systems other than the disk, which fsspec knows."""

from __future__ import annotations

import fsspec
import numpy as np
import pytest

import kerastorch
from kerastorch.callbacks import BackupAndRestore, LambdaCallback, ModelCheckpoint
from tests.callbacks.runs import PowerCut, cut

X, Y = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")


@pytest.fixture(params=["memory", "file"])
def root(request, tmp_path):
    """A folder that is not there yet, on each of the systems."""
    if request.param == "file":
        yield f"file://{tmp_path}/new"
        return
    yield "memory://callbacks/new"
    system = fsspec.filesystem("memory")
    if system.exists("/callbacks"):
        system.rm("/callbacks", recursive=True)


def names_in(root):
    system, place = fsspec.core.url_to_fs(root)
    return sorted(name.rpartition("/")[2] for name in system.find(place)) if system.exists(place) else []


def network():
    model = kerastorch.Sequential([kerastorch.Input((3,)), kerastorch.layers.Dense(1)])
    model.compile(kerastorch.optimizers.SGD(0.1, momentum=0.9), "mse")
    model.set_weights([np.ones((3, 1)), np.zeros(1)])
    return model


def fit(*callbacks, epochs=3):
    model = network()
    history = model.fit(X, Y, epochs=epochs, verbose=0, callbacks=list(callbacks))
    return model, history


@pytest.mark.parametrize("weights", [False, True], ids=["models", "weights"])
def test_checkpoints(weights, root):
    name = "{epoch}.weights.h5" if weights else "{epoch}.keras"
    model, _ = fit(ModelCheckpoint(f"{root}/{name}", save_weights_only=weights))
    assert names_in(root) == [name.format(epoch=epoch) for epoch in (1, 2, 3)]
    if weights:
        other = network()
        other.load_weights(f"{root}/3.weights.h5")
    else:
        other = kerastorch.models.load_model(f"{root}/3.keras")
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


def test_a_run_begins_with_the_newest_checkpoint(root):
    path = f"{root}/{{epoch}}.weights.h5"
    model, _ = fit(ModelCheckpoint(path, save_weights_only=True))
    seen = []
    watching = LambdaCallback(on_epoch_begin=lambda epoch, logs: seen.append(other.get_weights()[0]))
    other = network()
    restart = ModelCheckpoint(path, save_weights_only=True, load_weights_on_restart=True)
    other.fit(X, Y, epochs=1, verbose=0, callbacks=[restart, watching])
    np.testing.assert_array_equal(seen[0], model.get_weights()[0])


@pytest.mark.parametrize("double", [False, True], ids=["one", "two"])
def test_a_run_goes_on_from_its_backup(double, root):
    expected, _ = fit()
    with pytest.raises(PowerCut, match="the power is gone"):
        fit(BackupAndRestore(root, double_checkpoint=double), cut(2))
    assert names_in(root) == ["latest.weights.h5", "latest.weights.h5.bkp"][: 1 + double]
    model, history = fit(BackupAndRestore(root, double_checkpoint=double))
    assert history.epoch == [2]
    np.testing.assert_array_equal(model.get_weights()[0], expected.get_weights()[0])
    assert names_in(root) == []
