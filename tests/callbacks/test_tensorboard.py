"""What the TensorBoard callback writes, read back with TensorBoard's own reader."""

from __future__ import annotations

import inspect
import sys
import warnings

import keras as keras3
import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch.callbacks import TensorBoard
from kerastorch.compat import tensorflow as tf
from kerastorch.errors import InvalidArgumentError, MissingDependencyError, UnknownArgumentError
from tests.callbacks.boards import Reader, X, Y, compiled, fit, small_model

# Scalars -----------------------------------------------------------------------------------------------------------


def test_loss_and_metrics_of_epochs_go_to_train_and_validation(tmp_path):
    history = fit(small_model(), TensorBoard(tmp_path), epochs=3, validation_data=(X, Y)).history
    for folder, prefix in (("train", ""), ("validation", "val_")):
        reader = Reader(tmp_path / folder)
        for name in ("loss", "accuracy"):
            assert reader.steps(f"epoch_{name}") == [0, 1, 2]
            np.testing.assert_allclose(reader.numbers(f"epoch_{name}"), history[prefix + name], rtol=1e-6)


def test_without_validation_there_is_no_folder_for_it(tmp_path):
    fit(small_model(), TensorBoard(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["train"]


def test_the_learning_rate_is_that_at_the_end_of_the_epoch(tmp_path):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=4, decay_rate=0.5)
    fit(small_model(keras.optimizers.SGD(schedule)), TensorBoard(tmp_path), epochs=3)
    assert Reader(tmp_path / "train").numbers("epoch_learning_rate") == pytest.approx([0.05, 0.025, 0.0125])


def test_the_learning_rate_of_a_torch_optimizer_is_written(tmp_path):
    model = small_model()
    model.compile(torch.optim.SGD(model.parameters(), lr=0.25), model.loss)
    fit(model, TensorBoard(tmp_path), validation_data=(X, Y))
    assert Reader(tmp_path / "train").numbers("epoch_learning_rate") == [0.25]
    assert Reader(tmp_path / "validation").tags == ["epoch_loss"]  # it does not count its updates


def test_evaluations_are_drawn_over_the_updates_of_the_optimizer(tmp_path):
    model = small_model()
    fit(model, TensorBoard(tmp_path / "fit"), epochs=2, validation_data=(X, Y))
    loss, _ = model.evaluate(X, Y, verbose=0, callbacks=[TensorBoard(tmp_path / "evaluate")])
    assert Reader(tmp_path / "fit/validation").steps("evaluation_loss_vs_iterations") == [4, 8]
    reader = Reader(tmp_path / "evaluate/validation")
    assert reader.steps("evaluation_accuracy_vs_iterations") == [8]
    assert reader.numbers("evaluation_loss_vs_iterations") == pytest.approx([loss])
    assert [path.name for path in (tmp_path / "evaluate").iterdir()] == ["validation"]


@pytest.mark.parametrize(
    ("update_freq", "steps"), [("batch", range(1, 9)), (1, range(1, 9)), (3, [3, 6]), ("epoch", None)]
)
def test_update_freq_says_which_steps_are_written(tmp_path, update_freq, steps):
    fit(small_model(), TensorBoard(tmp_path, update_freq=update_freq), epochs=2)
    reader = Reader(tmp_path / "train")
    assert ("batch_loss" in reader.tags) == (steps is not None)
    if steps is not None:
        assert reader.steps("batch_loss") == reader.steps("batch_accuracy") == list(steps)


def test_steps_have_the_values_that_callbacks_see(tmp_path):
    seen = []
    look = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["loss"]))
    fit(small_model(), TensorBoard(tmp_path, update_freq=1), look)
    np.testing.assert_allclose(Reader(tmp_path / "train").numbers("batch_loss"), seen, rtol=1e-6)


def test_several_steps_in_one_execution_count_as_such(tmp_path):
    fit(small_model(steps_per_execution=3), TensorBoard(tmp_path, update_freq=4), epochs=3)
    assert Reader(tmp_path / "train").steps("batch_loss") == [4, 8, 12]


@pytest.mark.parametrize("again", [True, False], ids=["same callback", "new callback"])
def test_steps_go_on_in_a_second_fit(tmp_path, again):
    model, board = small_model(), TensorBoard(tmp_path, update_freq=1)
    fit(model, board)
    fit(model, board if again else TensorBoard(tmp_path, update_freq=1), initial_epoch=1, epochs=2)
    reader = Reader(tmp_path / "train")
    assert reader.steps("batch_loss") == list(range(1, 9))
    assert reader.steps("epoch_loss") == [0, 1]


def test_several_runs_in_several_folders(tmp_path):
    model = small_model()
    for name in ("first", "second"):
        fit(model, TensorBoard(tmp_path / name))
    losses = [Reader(tmp_path / name / "train").numbers("epoch_loss") for name in ("first", "second")]
    assert losses[0] != losses[1]


def test_steps_per_second_of_epochs_and_steps(tmp_path):
    fit(
        small_model(),
        TensorBoard(tmp_path, update_freq=2, write_steps_per_second=True),
        epochs=2,
        validation_data=(X, Y),
    )
    reader = Reader(tmp_path / "train")
    assert reader.steps("batch_steps_per_second") == [2, 4, 6, 8]
    assert len(reader.numbers("epoch_steps_per_second")) == 2
    assert min(reader.numbers("epoch_steps_per_second")) > 0


def test_a_subclass_adds_numbers_to_the_logs(tmp_path):
    class Board(TensorBoard):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, {**(logs or {}), "epoch_squared": epoch**2})

        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, {**logs, "twice": 2 * batch})

    fit(small_model(), Board(tmp_path, update_freq=1), epochs=3)
    reader = Reader(tmp_path / "train")
    assert reader.numbers("epoch_epoch_squared") == [0, 1, 4]
    assert reader.numbers("batch_twice")[:4] == [0, 2, 4, 6]


def test_what_is_no_number_is_named_once(tmp_path):
    class Board(TensorBoard):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(
                epoch, {"stage": "warm-up", "each": np.ones(2), "one": torch.ones(1), **logs}
            )

    with pytest.warns(UserWarning, match="in the logs is none") as seen:
        fit(small_model(), Board(tmp_path), epochs=2)
    assert [str(each.message)[:52] for each in seen] == [
        "TensorBoard shows numbers over time, and 'stage' in ",
        "TensorBoard shows numbers over time, and 'each' in t",
    ]
    assert Reader(tmp_path / "train").numbers("epoch_one") == [1, 1]


class Noting(keras.Model):
    """A model that writes something of its own in each step."""

    def __init__(self):
        super().__init__()
        self.out = keras.layers.Dense(2)

    def call(self, x):
        return self.out(x)

    def train_step(self, data):
        tf.summary.scalar("largest", data[0].max())
        return super().train_step(data)

    def test_step(self, data):
        tf.summary.text("notes", "seen")
        return super().test_step(data)


def test_a_model_writes_with_tf_summary_in_the_steps_that_are_written(tmp_path):
    former = tf.summary.create_file_writer(str(tmp_path / "mine"))
    with former.as_default(step=7):
        board = TensorBoard(tmp_path, update_freq=2)
        fit(compiled(Noting()), board, epochs=2, validation_data=(X, Y), shuffle=False)
        tf.summary.scalar("after", 1.0)
    former.close()
    reader = Reader(tmp_path / "train")
    assert reader.steps("largest") == [2, 4, 6, 8]
    assert reader.numbers("largest") == [X[4:8].max(), X[12:].max()] * 2
    assert Reader(tmp_path / "validation").steps("notes") == [2, 4, 6, 8]
    assert Reader(tmp_path / "mine").steps("after") == [7]


def test_a_callback_writes_with_tf_summary_to_a_writer_of_its_own(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path / "mine"))

    class Notes(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            with writer.as_default():
                tf.summary.text("notes", f"epoch {epoch}", step=epoch)

    fit(small_model(), TensorBoard(tmp_path, update_freq=1), Notes(), epochs=2)
    assert Reader(tmp_path / "mine").values("notes") == [b"epoch 0", b"epoch 1"]


# The run ----------------------------------------------------------------------------------------------------------


def test_parameters_and_defaults_are_those_of_keras():
    ours, theirs = (
        {p.name: p.default for p in inspect.signature(home).parameters.values()}
        for home in (TensorBoard, keras3.callbacks.TensorBoard)
    )
    assert list(ours) == [*theirs, "kwargs"]
    assert {name: ours[name] for name in theirs} == theirs


def test_steps_cost_nothing_where_only_epochs_are_written():
    callbacks = keras.callbacks.CallbackList([TensorBoard()], model=small_model())
    assert callbacks.wants_train_batch == callbacks.wants_test_batch == ([], [])


def test_an_error_in_training_leaves_complete_files(tmp_path):
    def fail(epoch, logs):
        raise RuntimeError("the disk of the data is gone")

    broken = keras.callbacks.LambdaCallback(on_epoch_end=fail)
    board = TensorBoard(tmp_path, update_freq=1)
    with pytest.raises(RuntimeError, match="the disk of the data is gone"):
        fit(small_model(), board, broken)
    assert Reader(tmp_path / "train").steps("batch_loss") == [1, 2, 3, 4]
    assert board._writers == {}
    assert tf.summary.scalar("loss", 1.0, step=0) is False  # no writer is left behind


def test_a_missing_package_is_named_before_the_first_step(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto", None)
    steps = []
    count = keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: steps.append(batch))
    with pytest.raises(MissingDependencyError, match=r"pip install kerastorch\[tensorboard\]"):
        fit(small_model(), TensorBoard(tmp_path), count)
    assert steps == []


@pytest.mark.parametrize("wrong", ["step", 0, -1, 1.5, True, None], ids=str)
def test_an_update_freq_that_means_nothing_is_an_error(wrong):
    with pytest.raises(
        InvalidArgumentError, match="`update_freq` must be 'epoch', 'batch' or a positive number"
    ):
        TensorBoard(update_freq=wrong)


def test_an_unknown_argument_is_an_error_that_suggests_another():
    with pytest.raises(UnknownArgumentError, match=r"argument 'write_grad'\. Did you mean 'write_grads'"):
        TensorBoard(write_grad=True)


@pytest.mark.parametrize("name", ["batch_size", "embeddings_data", "embeddings_layer_names"])
def test_arguments_of_keras_2_without_effect_are_named(name):
    with pytest.warns(UserWarning, match=f"'{name}' of Keras 2 and does not use it") as seen:
        TensorBoard(**{name: 32})
    assert seen[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TensorBoard(**{name: None})


@pytest.mark.parametrize(
    ("arguments", "frequency"),
    [
        ({"write_images": True}, "histogram_freq"),
        ({"write_grads": True}, "histogram_freq"),
        ({"embeddings_metadata": "labels.tsv"}, "embeddings_freq"),
    ],
    ids=["images", "gradients", "labels"],
)
def test_an_argument_that_needs_another_one_says_so(arguments, frequency):
    with pytest.warns(UserWarning, match=f"without `{frequency}`.*Pass `{frequency}=1`") as seen:
        TensorBoard(**arguments)
    assert seen[0].filename == __file__
