"""G17 to G20: callbacks, built in and of one's own, make or restore, schedules."""

from __future__ import annotations

import csv
import http.server
import json
import os
import threading

import numpy as np
import pytest

import kerastorch as keras
from kerastorch import layers
from tests.guide.data import digits

(X, Y), (X_VAL, Y_VAL), _ = digits()


def compiled(optimizer="rmsprop"):
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape=(64,), name="digits")
    x = layers.Dense(32, activation="relu", name="dense_1")(inputs)
    model = keras.Model(inputs, layers.Dense(10, activation="softmax", name="predictions")(x))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"])
    return model


def trained(*callbacks, model=None, **arguments):
    model = model or compiled()
    arguments = {"epochs": 2, "batch_size": 64, "validation_split": 0.2, "verbose": 0, **arguments}
    return model, model.fit(X, Y, callbacks=list(callbacks), **arguments)


def test_g17_early_stopping(capsys):
    stopping = keras.callbacks.EarlyStopping(monitor="val_loss", min_delta=1e-2, patience=2, verbose=1)
    _, history = trained(stopping, epochs=60)
    ran = len(history.history["loss"])
    assert 3 < ran < 60
    assert f"Epoch {ran}: early stopping" in capsys.readouterr().out
    values = history.history["val_loss"]
    assert min(values[-2:]) > min(values[:-2]) - 1e-2


def test_g17_checkpoints_without_an_extension(tmp_path, capsys):
    checkpoint = keras.callbacks.ModelCheckpoint(
        filepath=str(tmp_path / "mymodel_{epoch}"), save_best_only=True, monitor="val_loss", verbose=1
    )
    model, history = trained(checkpoint, epochs=3)
    assert sorted(os.listdir(tmp_path)) == ["mymodel_1", "mymodel_2", "mymodel_3"]
    assert "Epoch 1: val_loss improved from" in capsys.readouterr().out
    loaded = keras.models.load_model(tmp_path / "mymodel_3")
    np.testing.assert_array_equal(loaded.predict(X_VAL, verbose=0), model.predict(X_VAL, verbose=0))
    assert loaded.evaluate(X[960:], Y[960:], verbose=0)[0] == pytest.approx(
        history.history["val_loss"][-1], rel=1e-5
    )


def test_g17_checkpoints_by_batches_with_the_loss_in_their_names(tmp_path):
    checkpoint = keras.callbacks.ModelCheckpoint(
        filepath=str(tmp_path) + "/ckpt-loss={loss:.2f}", save_freq=10
    )
    trained(checkpoint, epochs=2)
    names = os.listdir(tmp_path)
    assert 1 <= len(names) <= 3
    assert all(name.startswith("ckpt-loss=") for name in names)


@pytest.mark.parametrize("name", ["model.keras", "model.h5", "weights.weights.h5", "weights.hdf5"])
def test_g17_checkpoints_of_every_extension(tmp_path, name):
    path = str(tmp_path / name)
    only = "weights" in name
    model, _ = trained(keras.callbacks.ModelCheckpoint(path, save_weights_only=only))
    if only:
        loaded = compiled()
        loaded.load_weights(path)
    else:
        loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(loaded.predict(X_VAL, verbose=0), model.predict(X_VAL, verbose=0))


def test_g17_csv_logger(tmp_path):
    path = tmp_path / "log.csv"
    _, history = trained(keras.callbacks.CSVLogger(str(path)))
    rows = list(csv.DictReader(path.open()))
    assert [int(row["epoch"]) for row in rows] == [0, 1]
    for name, values in history.history.items():
        assert [float(row[name]) for row in rows] == values


def test_g17_tensorboard_is_read_by_tensorboard(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    board = keras.callbacks.TensorBoard(
        log_dir=str(tmp_path), histogram_freq=1, embeddings_freq=0, update_freq="epoch"
    )
    _, history = trained(board)
    for folder, prefix in (("train", ""), ("validation", "val_")):
        events = EventAccumulator(str(tmp_path / folder)).Reload()
        tags = events.Tags()
        stored = (
            events.Tensors("epoch_loss") if "epoch_loss" in tags["tensors"] else events.Scalars("epoch_loss")
        )
        found = [_value(event) for event in stored]
        np.testing.assert_allclose(found, history.history[prefix + "loss"], rtol=1e-6)


def _value(event):
    if hasattr(event, "value"):
        return event.value
    from tensorboard.util import tensor_util

    return float(tensor_util.make_ndarray(event.tensor_proto))


def test_g17_the_learning_rate_follows_callbacks():
    slower = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.1, patience=1, min_delta=10)
    model, history = trained(slower, epochs=4)
    assert history.history["learning_rate"][0] == pytest.approx(1e-3)
    assert float(model.optimizer.learning_rate) < 1e-4

    schedule = keras.callbacks.LearningRateScheduler(lambda epoch, lr: lr * 0.5)
    model, _ = trained(schedule, epochs=3)
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-3 / 8)


def test_g17_terminate_on_nan(capsys):
    broken = X.copy()
    broken[:] = np.nan
    model = compiled()
    history = model.fit(broken, Y, epochs=3, verbose=0, callbacks=[keras.callbacks.TerminateOnNaN()])
    assert len(history.history["loss"]) == 1
    assert "Invalid loss, terminating training" in capsys.readouterr().out


def test_g17_backup_and_restore(tmp_path):
    class Crash(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise RuntimeError("the power is gone")

    def run(*callbacks):
        model = compiled()
        return trained(*callbacks, model=model, epochs=4)[0]

    expected = run()
    with pytest.raises(RuntimeError, match="the power is gone"):
        run(keras.callbacks.BackupAndRestore(str(tmp_path / "backup")), Crash())
    model = run(keras.callbacks.BackupAndRestore(str(tmp_path / "backup")))
    for ours, theirs in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not os.path.exists(tmp_path / "backup") or not os.listdir(tmp_path / "backup")


def test_g17_remote_monitor():
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            """Prints nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}"
        _, history = trained(keras.callbacks.RemoteMonitor(root=root, send_as_json=True))
        server.shutdown()
    assert [each["epoch"] for each in received] == [0, 1]
    assert [each["loss"] for each in received] == pytest.approx(history.history["loss"])


def test_g17_progbar_lambda_and_averages(capsys):
    said = []
    model = compiled(keras.optimizers.Adam(use_ema=True, ema_momentum=0.9))
    trained(
        keras.callbacks.ProgbarLogger(),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: said.append((epoch, sorted(logs)))),
        keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
        model=model,
        verbose=1,
    )
    assert [epoch for epoch, _ in said] == [0, 1]
    assert "Epoch 2/2" in capsys.readouterr().out


class LossHistory(keras.callbacks.Callback):
    def on_train_begin(self, logs):
        self.per_batch_losses = []

    def on_batch_end(self, batch, logs):
        self.per_batch_losses.append(logs.get("loss"))


def test_g18_a_callback_of_one_s_own():
    watcher = LossHistory()
    model, history = trained(watcher)
    assert len(watcher.per_batch_losses) == 2 * 15
    assert all(type(loss) is float for loss in watcher.per_batch_losses)
    assert watcher.per_batch_losses[14] == history.history["loss"][0]
    assert watcher.model is model
    assert (watcher.params["epochs"], watcher.params["steps"]) == (2, 15)


def make_or_restore(folder):
    checkpoints = [os.path.join(folder, name) for name in os.listdir(folder)]
    if checkpoints:
        return keras.models.load_model(max(checkpoints, key=os.path.getctime))
    return compiled(keras.optimizers.Adam(1e-3))


def test_g19_make_or_restore_goes_on_exactly(tmp_path):
    checkpoint = keras.callbacks.ModelCheckpoint(filepath=str(tmp_path) + "/ckpt-{epoch}", save_freq="epoch")
    once = make_or_restore(tmp_path)
    expected = trained(model=once, epochs=4, shuffle=False)[1].history["loss"]

    first = trained(checkpoint, model=make_or_restore(tmp_path), epochs=2, shuffle=False)[1]
    restored = make_or_restore(tmp_path)
    second = trained(model=restored, epochs=4, initial_epoch=2, shuffle=False)[1]
    assert first.history["loss"] + second.history["loss"] == expected
    for ours, theirs in zip(restored.get_weights(), once.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


SCHEDULES = {
    "staircase": (
        lambda s: s.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.96, staircase=True),
        0.1 * 0.96**3,
    ),
    "piecewise": (lambda s: s.PiecewiseConstantDecay([10, 20], [0.1, 0.05, 0.01]), 0.01),
    "polynomial": (lambda s: s.PolynomialDecay(0.1, 60, 0.0), 0.1 * 0.5),
    "inverse time": (lambda s: s.InverseTimeDecay(0.1, 10, 0.5), 0.1 / (1 + 0.5 * 3)),
    "cosine": (lambda s: s.CosineDecay(0.1, 60), 0.1 * 0.5),
    "cosine with restarts": (lambda s: s.CosineDecayRestarts(0.1, 30), 0.1),
}


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_g20_schedules(name):
    make, expected = SCHEDULES[name]
    model, _ = trained(model=compiled(keras.optimizers.SGD(make(keras.optimizers.schedules))), epochs=2)
    assert int(model.optimizer.iterations) == 30
    rate = float(model.optimizer.learning_rate)
    assert rate == pytest.approx(expected, rel=1e-5)
