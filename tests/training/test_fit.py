"""`fit`: what each argument means, compared with Keras where Keras can do it."""

from __future__ import annotations

import warnings

import keras
import numpy as np
import pandas as pd
import pytest
import torch

import kerastorch
from kerastorch import callbacks, layers, optimizers
from tests.training.hooks import recorder
from tests.training.twins import assert_close, assert_same_training, dense, rows, trained, twins

X, Y = rows(40)
LABELS = np.random.default_rng(5).integers(0, 3, 40)


def compiled(build=dense, loss="mse", **more):
    models = twins(build)
    for model in models:
        model.compile("adam", loss, **{"metrics": ["mae"], **more})
    return models


def classifiers(**more):
    return compiled(
        lambda k: dense(k, 3, 3, "softmax"), "sparse_categorical_crossentropy", metrics=["accuracy"], **more
    )


class SeenBatches(kerastorch.Sequential):
    """Keeps the inputs of every training and test step."""

    def train_step(self, data):
        self.__dict__.setdefault("seen", []).append(data[0][:, 0].tolist())
        return super().train_step(data)

    def test_step(self, data):
        self.__dict__.setdefault("tested", []).append(data[0][:, 0].tolist())
        return super().test_step(data)


def watcher(count=10):
    model = SeenBatches([kerastorch.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.arange(count, dtype="float32")[:, None]
    return model, x


SAME_AS_KERAS = [
    {"batch_size": 7},
    {"batch_size": None},
    {"batch_size": 100},
    {"batch_size": 1},
    {"epochs": 3},
    {"epochs": 5, "initial_epoch": 3},
    {"epochs": 2, "initial_epoch": 2},
    {"validation_split": 0.25},
    {"validation_split": 0.33, "batch_size": 9},
    {"validation_data": (X[:10], Y[:10])},
    {"validation_data": (X[:10], Y[:10], np.linspace(0, 1, 10).astype("float32"))},
    {"validation_data": (X[:20], Y[:20]), "validation_batch_size": 3},
    {"validation_data": (X, Y), "validation_steps": 2, "batch_size": 8},
    {"validation_data": (X[:10], Y[:10]), "epochs": 5, "validation_freq": 2},
    {"validation_data": (X[:10], Y[:10]), "epochs": 5, "validation_freq": [1, 4]},
    {"sample_weight": np.linspace(0, 2, 40).astype("float32")},
    {"sample_weight": np.linspace(0, 2, 40).astype("float32"), "validation_split": 0.2},
    {"steps_per_epoch": 2, "epochs": 2, "batch_size": 8},
    {"steps_per_epoch": 2, "epochs": 3, "batch_size": 8},
    {"steps_per_epoch": 5, "epochs": 3, "batch_size": 8},
]


@pytest.mark.parametrize("arguments", SAME_AS_KERAS, ids=lambda a: "-".join(f"{k}" for k in a))
def test_arguments_mean_what_they_mean_in_keras(arguments):
    assert_same_training(compiled(weighted_metrics=["mse"]), X, Y, **arguments)


CLASS_WEIGHTS = [
    ("sparse", LABELS),
    ("sparse_column", LABELS[:, None]),
    ("one_hot", np.eye(3, dtype="float32")[LABELS]),
]


@pytest.mark.parametrize(("kind", "y"), CLASS_WEIGHTS, ids=lambda v: v if isinstance(v, str) else "")
def test_class_weight(kind, y):
    loss = "categorical_crossentropy" if kind == "one_hot" else "sparse_categorical_crossentropy"
    models = compiled(
        lambda k: dense(k, 3, 3, "softmax"), loss, metrics=["accuracy"], weighted_metrics=["acc"]
    )
    assert_same_training(models, X, y, class_weight={0: 1.0, 1: 0.2, 2: 4.0}, epochs=2, batch_size=16)


def test_class_weight_of_binary_targets():
    models = compiled(lambda k: dense(k, 3, 1, "sigmoid"), "binary_crossentropy")
    y = (Y > 0).astype("float32")
    assert_same_training(models, X, y, class_weight={0: 1.0, 1: 3.0}, epochs=2)


def test_class_without_a_weight_weighs_one_and_warns_once():
    models = classifiers()
    with pytest.warns(UserWarning, match="no entry for class 0, 2") as caught:
        ours = models[0].fit(X, LABELS, class_weight={1: 3.0}, epochs=2, shuffle=False, verbose=0)
    assert len(caught) == 1
    theirs = models[1].fit(X, LABELS, class_weight={1: 3.0}, epochs=2, shuffle=False, verbose=0)
    assert_close(ours.history, theirs.history)


def test_class_weight_times_sample_weight():
    """Keras 2 multiplied them; Keras 3 refuses both together."""
    models = classifiers(weighted_metrics=["acc"])
    table, given = {0: 1.0, 1: 0.5, 2: 2.0}, np.linspace(0, 1, 40).astype("float32")
    product = given * np.vectorize(table.get)(LABELS).astype("float32")
    ours = models[0].fit(X, LABELS, class_weight=table, sample_weight=given, shuffle=False, verbose=0)
    theirs = models[1].fit(X, LABELS, sample_weight=product, shuffle=False, verbose=0)
    assert_close(ours.history, theirs.history)


def test_class_weight_is_not_applied_to_validation():
    models = classifiers()
    assert_same_training(models, X, LABELS, class_weight={0: 1.0, 1: 0.5, 2: 2.0}, validation_split=0.25)


def test_temporal_sample_weight():
    x = np.random.default_rng(0).normal(size=(20, 5, 3)).astype("float32")
    y = np.random.default_rng(1).integers(0, 4, (20, 5))
    weight = np.random.default_rng(2).uniform(size=(20, 5)).astype("float32")
    models = twins(lambda k: k.Sequential([k.Input((5, 3)), k.layers.Dense(4, activation="softmax")]))
    for model in models:
        model.compile("sgd", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    assert_same_training(models, x, y, sample_weight=weight, epochs=2, batch_size=8)


def test_validation_split_takes_the_last_part_before_shuffling():
    model, x = watcher()
    model.fit(x, x, validation_split=0.3, batch_size=2, epochs=2, verbose=0)
    assert sorted({v for batch in model.seen for v in batch}) == list(range(7))
    assert [v for batch in model.tested for v in batch] == [7, 8, 9] * 2


SPLITS = {
    "arrays": lambda x, y: (x, y),
    "tensors": lambda x, y: (torch.from_numpy(x), torch.from_numpy(y)),
    "lists": lambda x, y: (x.tolist(), y.tolist()),
    "frames": lambda x, y: (pd.DataFrame(x, columns=list("abc")), pd.Series(y[:, 0])),
    "frame and array": lambda x, y: (pd.DataFrame(x, index=np.arange(40) * 7), y),
}


@pytest.mark.parametrize("form", list(SPLITS))
def test_forms_of_data_train_alike(form):
    """Also with `validation_split`; the labels of a data frame's rows play no part."""
    reference, other = twins(dense)[0], twins(dense)[0]
    histories = []
    for model, (x, y) in ((reference, (X, Y)), (other, SPLITS[form](X, Y))):
        model.compile("adam", "mse", metrics=["mae"])
        histories.append(model.fit(x, y, validation_split=0.25, epochs=2, shuffle=False, verbose=0).history)
    assert histories[0] == histories[1]


@pytest.mark.parametrize("shuffle", [True, False, "batch"])
def test_shuffle(shuffle):
    torch.manual_seed(0)
    model, x = watcher(40)
    model.fit(x, x, batch_size=4, epochs=2, shuffle=shuffle, verbose=0)
    flat = [v for batch in model.seen for v in batch]
    epochs = [flat[:40], flat[40:]]
    assert all(sorted(epoch) == list(range(40)) for epoch in epochs)
    in_order = [epoch == sorted(epoch) for epoch in epochs]
    assert in_order == [shuffle is False] * 2
    assert (epochs[0] == epochs[1]) is (shuffle is False)
    whole = all(batch == list(range(int(batch[0]), int(batch[0]) + 4)) for batch in model.seen)
    assert whole is (shuffle is not True)


def test_shuffled_batches_keep_inputs_targets_and_weights_together():
    class Net(kerastorch.Sequential):
        def train_step(self, data):
            x, y, weight = data
            assert torch.equal(y, x * 2)
            assert torch.equal(weight, x[:, 0] + 1)
            return super().train_step(data)

    model = Net([kerastorch.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.arange(50, dtype="float32")[:, None]
    model.fit(x, x * 2, sample_weight=x[:, 0] + 1, batch_size=8, verbose=0)


def test_steps_per_epoch_goes_on_where_it_stopped():
    model, x = watcher(12)
    model.fit(x, x, batch_size=2, steps_per_epoch=2, epochs=4, shuffle=False, verbose=0)
    assert [batch[0] for batch in model.seen] == [0, 2, 4, 6, 8, 10, 0, 2]


def test_running_out_of_data_warns_and_ends_the_epoch():
    model, x = watcher(6)
    with pytest.warns(UserWarning, match="ran out of data.*3 of 5"):
        history = model.fit(x, x, batch_size=2, steps_per_epoch=5, verbose=0)
    assert len(history.history["loss"]) == 1
    assert len(model.seen) == 3


def test_validation_begins_at_its_first_batch_each_time():
    model, x = watcher(10)
    model.fit(x, x, validation_data=(x, x), batch_size=2, validation_steps=2, epochs=3, verbose=0)
    assert [v for batch in model.tested for v in batch] == [0, 1, 2, 3] * 3


def test_validation_data_as_a_list():
    model, x = watcher()
    assert "val_loss" in model.fit(x, x, validation_data=[x, x], verbose=0).history


def test_history():
    models = compiled()
    histories = [m.fit(X, Y, epochs=4, initial_epoch=1, validation_split=0.5, verbose=0) for m in models]
    ours, theirs = histories
    assert ours.epoch == theirs.epoch == [1, 2, 3]
    assert list(ours.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert set(theirs.history) == set(ours.history)
    assert all(type(v) is float for values in ours.history.values() for v in values)
    assert models[0].history is ours
    assert ours.model is models[0]


def test_history_answers_to_acc_and_accuracy():
    model = classifiers()[0]
    history = model.fit(X, LABELS, epochs=2, validation_split=0.5, verbose=0).history
    assert history["acc"] == history["accuracy"]
    assert history["val_acc"] == history["val_accuracy"]
    assert "acc" not in list(history)


HOOKS = [
    {"epochs": 2, "batch_size": 16},
    {"epochs": 2, "batch_size": 16, "validation_split": 0.25},
    {"epochs": 4, "batch_size": 20, "validation_data": (X, Y), "validation_freq": 2},
    {"epochs": 3, "initial_epoch": 1, "steps_per_epoch": 2, "batch_size": 4, "validation_split": 0.5},
]


@pytest.mark.parametrize("arguments", HOOKS, ids=lambda a: "-".join(a))
def test_hooks_are_called_in_keras_s_order(arguments):
    models = compiled()
    recorders = [recorder(k) for k in (kerastorch, keras)]
    for model, spy in zip(models, recorders, strict=True):
        model.fit(X, Y, callbacks=[spy], shuffle=False, verbose=0, **arguments)
    assert recorders[0].seen == recorders[1].seen
    assert len(recorders[0].seen) > 5


@pytest.mark.parametrize("old", ["on_batch_begin", "on_batch_end"])
def test_old_names_of_hooks(old):
    seen = []
    spy = type("Spy", (callbacks.Callback,), {old: lambda self, batch, logs=None: seen.append(batch)})
    compiled()[0].fit(X, Y, batch_size=10, callbacks=[spy()], verbose=0)
    assert seen == [0, 1, 2, 3]


def test_parameters_of_callbacks():
    spy = recorder()
    model = compiled()[0]
    model.fit(X, Y, epochs=3, batch_size=16, validation_split=0.25, callbacks=[spy], verbose=0)
    wanted = {"epochs": 3, "nb_epoch": 3, "steps": 2, "batch_size": 16, "samples": 30, "do_validation": True}
    assert {key: spy.params[key] for key in wanted} == wanted
    assert spy.params["metrics"] == ["loss", "mae", "val_loss", "val_mae"]
    assert spy.params["verbose"] == 0
    assert spy.model is model


@pytest.mark.parametrize("verbose", [0, 1, 2, "auto", True, False])
def test_verbose(verbose, capsys):
    compiled()[0].fit(X, Y, epochs=2, verbose=verbose)
    shown = capsys.readouterr()
    shown = shown.out + shown.err
    assert bool(shown) is bool(verbose)
    assert ("Epoch 1/2" in shown) is bool(verbose)
    if verbose == 2:
        assert shown.count("loss:") == 2


def test_stop_training_ends_the_epoch_after_this_step():
    seen = []
    for model, k in zip(compiled(), (kerastorch, keras), strict=True):

        class Stop(k.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                if batch == 2:
                    self.model.stop_training = True

        spy = recorder(k)
        history = model.fit(
            X,
            Y,
            batch_size=5,
            epochs=3,
            validation_split=0.25,
            callbacks=[Stop(), spy],
            verbose=0,
            shuffle=False,
        )
        seen.append((spy.seen, history.history))
    assert seen[0][0] == seen[1][0]
    assert_close(seen[0][1], seen[1][1])


def test_training_again_after_it_was_stopped():
    class Stop(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    model = compiled()[0]
    assert len(model.fit(X, Y, epochs=5, callbacks=[Stop()], verbose=0).epoch) == 1
    assert len(model.fit(X, Y, epochs=3, verbose=0).epoch) == 3


def test_fitting_twice_goes_on_with_the_optimizer_s_state():
    models = compiled()
    for _ in range(2):
        ours, theirs = trained(models, X, Y, epochs=2)
        assert_close(ours, theirs)
    assert int(models[0].optimizer.iterations) == 8
    once = compiled()[0]
    history = once.fit(X, Y, epochs=4, shuffle=False, verbose=0).history
    assert history["loss"][2:] == ours["loss"]


def test_fitting_after_weights_were_set():
    models = compiled()
    trained(models, X, Y)
    values = [np.full(w.shape, 0.1, "float32") for w in models[0].get_weights()]
    for model in models:
        model.set_weights(values)
    assert_same_training(models, X, Y, epochs=2)


def test_metrics_start_anew_each_epoch():
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(1)])
    model.compile(optimizers.SGD(0.0), "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=3, batch_size=9, verbose=0).history
    expected = np.abs(model.predict(X, verbose=0) - Y).mean()
    assert history["mae"] == pytest.approx([expected] * 3, rel=1e-5)
    assert history["loss"] == pytest.approx([history["loss"][0]] * 3, rel=1e-5)


@pytest.mark.parametrize("device", ["cpu", torch.device("cpu")])
def test_device_context(device):
    with kerastorch.device(device):
        model = dense(kerastorch)
        model.compile("adam", "mse")
        model.fit(X, Y, verbose=0)
        assert model.predict(X, verbose=0).shape == (40, 1)
    assert {p.device.type for p in model.parameters()} == {"cpu"}


def test_zero_epochs_train_nothing():
    model = compiled()[0]
    before = [np.array(w) for w in model.get_weights()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = model.fit(X, Y, epochs=0, verbose=0)
    assert history.history == {}
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_batch_size_of_another_integer_type():
    assert compiled()[0].fit(X, Y, batch_size=np.int64(8), epochs=np.int32(2), verbose=0).epoch == [0, 1]
