"""When models are saved while they train, where, in which format, and what is said."""

from __future__ import annotations

import inspect
import itertools
import os
import warnings

import keras
import numpy as np
import pytest

import kerastorch
from kerastorch.callbacks import ModelCheckpoint
from kerastorch.errors import (
    FileInTheWayError,
    InvalidArgumentError,
    KerasTorchError,
    UnknownArgumentError,
    UnknownNameError,
)

NAN = float("nan")
X, Y = np.eye(12, 4, dtype="float32"), np.ones((12, 1), "float32")
KERAS = keras.callbacks.ModelCheckpoint


class Recorder:
    """As much of a model as the callback needs; it notes what would be saved."""

    metrics = ()

    def __init__(self):
        self.saved = []

    def save(self, filepath, overwrite):
        self.saved.append(("model", filepath, overwrite))

    def save_weights(self, filepath, overwrite):
        self.saved.append(("weights", filepath, overwrite))


def drive(callback, curve, steps=4, group=1, monitor="val_loss"):
    """The hooks of a `fit`, for a curve of the monitored value; returns what was saved."""
    callback.set_model(Recorder())
    callback.on_train_begin()
    for epoch, value in enumerate(curve):
        callback.on_epoch_begin(epoch)
        for step in range(min(group, steps) - 1, steps, group):
            callback.on_train_batch_end(step, {"loss": value / (step + 1)})
        callback.on_epoch_end(epoch, {"loss": value, monitor: value})
    callback.on_train_end()
    return callback.model.saved


def trained(*callbacks, model=None, **arguments):
    if model is None:
        kerastorch.utils.set_random_seed(1)
        model = kerastorch.Sequential([kerastorch.Input((4,)), kerastorch.layers.Dense(1)])
        model.compile("adam", "mse", metrics=["mae"], steps_per_execution=arguments.pop("execution", 1))
    arguments = {"epochs": 2, "batch_size": 4, "verbose": 0, **arguments}
    model.fit(X, Y, callbacks=list(callbacks), **arguments)
    return model


CURVES = [[8, 7, 6, 5], [5, 6, 7, 8], [8, 4, 6, 3], [2], [4, 4, 4]]
SETTINGS = [
    dict(zip(("save_best_only", "mode", "initial_value_threshold", "save_weights_only"), values, strict=True))
    for values in itertools.product((False, True), ("min", "max"), (None, 4.5), (False, True))
]


@pytest.mark.parametrize("curve", CURVES, ids=str)
def test_decisions_and_words_are_those_of_keras(curve, tmp_path, capsys):
    for settings in SETTINGS:
        ending = ".weights.h5" if settings["save_weights_only"] else ".keras"
        path = str(tmp_path / ("of_{epoch:02d}-{val_loss:.2f}" + ending))
        results = []
        for home in (ModelCheckpoint, KERAS):
            results.append((drive(home(path, verbose=1, **settings), curve), capsys.readouterr().out))
        assert results[0] == results[1], settings


@pytest.mark.parametrize("group", [1, 2, 3, 4])
@pytest.mark.parametrize("every", [1, 2, 3, 5, 7, 100])
def test_steps_are_counted_across_epochs_as_keras_counts_them(every, group, tmp_path):
    path = str(tmp_path / "at_{epoch}_{batch}.keras")
    saved = [drive(home(path, save_freq=every), [1, 2, 3], 4, group) for home in (ModelCheckpoint, KERAS)]
    assert saved[0] == saved[1]
    assert bool(saved[0]) is (every <= 12)


def test_the_best_model_can_be_looked_for_every_few_steps(tmp_path, capsys):
    path = str(tmp_path / "best.keras")
    callback = ModelCheckpoint(path, monitor="loss", save_freq=2, save_best_only=True, verbose=1)
    assert len(drive(callback, [8, 16, 4])) == 3
    assert capsys.readouterr().out.count("did not improve from 2.00000") == 3
    assert callback.best == 1


def test_parameters_and_defaults_are_those_of_keras():
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(home).parameters.values()]
        for home in (ModelCheckpoint, KERAS)
    )
    assert ours[:-1] == theirs
    assert ours[-1][0] == "kwargs"


def test_the_best_value_outlives_a_fit(tmp_path):
    callback = ModelCheckpoint(tmp_path / "a.keras", save_best_only=True)
    assert len(drive(callback, [4, 3])) == 2
    assert len(drive(callback, [5, 2])) == 1


def test_nan_is_never_the_best(tmp_path):
    callback = ModelCheckpoint(tmp_path / "a_{epoch}.keras", save_best_only=True)
    assert [os.path.basename(path) for _, path, _ in drive(callback, [NAN, 2, NAN, 1])] == [
        "a_2.keras",
        "a_4.keras",
    ]


def test_a_missing_quantity_is_a_warning_each_time_and_the_model_is_saved(tmp_path):
    callback = ModelCheckpoint(tmp_path / "a.keras", monitor="val_score", save_best_only=True)
    with pytest.warns(UserWarning, match="only with val_score available.*metrics are: loss,val_loss") as seen:
        saved = drive(callback, [3, 4])
    assert len(seen) == len(saved) == 2


def test_a_quantity_of_several_numbers_is_a_warning_and_the_model_is_saved(tmp_path):
    callback = ModelCheckpoint(tmp_path / "a.keras", save_best_only=True)
    callback.set_model(Recorder())
    with pytest.warns(UserWarning, match="only when `monitor` is a scalar value"):
        callback.on_epoch_end(0, {"val_loss": np.ones(3)})
    assert len(callback.model.saved) == 1


def test_without_save_best_only_nobody_asks_what_is_better(tmp_path):
    assert len(drive(ModelCheckpoint(tmp_path / "a.keras", monitor="score"), [1, 2], monitor="score")) == 2


def test_what_is_better_must_be_known(tmp_path):
    callback = ModelCheckpoint(tmp_path / "a.keras", monitor="score", save_best_only=True)
    with pytest.raises(InvalidArgumentError, match=r"monitor='score'.* Pass `mode='max'`"):
        drive(callback, [1], monitor="score")


@pytest.mark.parametrize(
    ("asked", "there"), [("val_acc", "val_accuracy"), ("accuracy", "acc")], ids=["acc", "accuracy"]
)
def test_acc_and_accuracy_find_each_other(asked, there, tmp_path):
    callback = ModelCheckpoint(
        str(tmp_path) + "/{" + asked + ":.2f}.keras", monitor=asked, save_best_only=True
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        saved = drive(callback, [0.5, 0.25, 0.75], monitor=there)
    assert [os.path.basename(path) for _, path, _ in saved] == ["0.50.keras", "0.75.keras"]


PATHS = {
    "no placeholder": ("last.keras", ["last.keras"]),
    "epoch": ("{epoch}.keras", ["1.keras", "2.keras"]),
    "epoch of two digits": ("{epoch:02d}.keras", ["01.keras", "02.keras"]),
    "new folders": ("a/{epoch}/b.keras", ["a/1/b.keras", "a/2/b.keras"]),
    "HDF5": ("{epoch}.h5", ["1.h5", "2.h5"]),
    "old HDF5": ("{epoch}.hdf5", ["1.hdf5", "2.hdf5"]),
}


def files_of(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("as_text", [False, True], ids=["path", "text"])
@pytest.mark.parametrize("case", list(PATHS))
def test_where_the_files_are(case, as_text, tmp_path):
    path, expected = PATHS[case]
    trained(ModelCheckpoint(str(tmp_path / path) if as_text else tmp_path / path))
    assert files_of(tmp_path) == expected


def test_logs_in_the_name(tmp_path):
    callback = ModelCheckpoint(tmp_path / "{epoch}-loss={loss:.3f}-{val_mae:.1e}.keras")
    model = trained(callback, validation_split=0.25)
    logs = {name: values[-1] for name, values in model.history.history.items()}
    assert files_of(tmp_path)[-1] == "2-loss={loss:.3f}-{val_mae:.1e}.keras".format(**logs)


def test_steps_in_the_name(tmp_path):
    trained(ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", save_freq=2))
    assert files_of(tmp_path) == ["1-2.keras", "2-1.keras", "2-3.keras"]


def test_steps_per_execution(tmp_path):
    trained(ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", save_freq=2), execution=2)
    assert files_of(tmp_path) == ["1-2.keras", "2-2.keras"]


FORMATS = {
    "an archive": ("model.keras", False),
    "HDF5": ("model.h5", False),
    "HDF5 with its old ending": ("model.hdf5", False),
    "a folder": ("model", False),
    "weights": ("model.weights.h5", True),
    "weights of Keras 2": ("model.h5", True),
    "weights without an ending": ("weights", True),
}


@pytest.mark.filterwarnings("ignore:The (model is|weights are) saved:UserWarning")
@pytest.mark.parametrize("case", list(FORMATS))
def test_what_is_saved_last_can_be_loaded_by_its_path(case, tmp_path):
    name, only_weights = FORMATS[case]
    model = trained(ModelCheckpoint(tmp_path / name, save_weights_only=only_weights))
    if only_weights:
        loaded = kerastorch.Sequential([kerastorch.Input((4,)), kerastorch.layers.Dense(1)])
        loaded.load_weights(tmp_path / name)
    else:
        loaded = kerastorch.models.load_model(tmp_path / name)
        assert int(loaded.optimizer.iterations) == 6
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


def test_keras_loads_what_was_saved(tmp_path):
    model = trained(ModelCheckpoint(tmp_path / "model.keras"))
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(
        loaded.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6, atol=1e-7
    )


@pytest.mark.filterwarnings("ignore:The model is saved as a folder:UserWarning")
def test_a_folder_of_an_earlier_epoch_is_replaced(tmp_path):
    trained(ModelCheckpoint(tmp_path / "model"), epochs=3)
    assert int(kerastorch.models.load_model(tmp_path / "model").optimizer.iterations) == 9


def test_one_warning_tells_of_a_path_without_an_ending(tmp_path):
    with warnings.catch_warnings(record=True) as seen:
        trained(ModelCheckpoint(tmp_path / "model_{epoch}"), epochs=3)
    assert [str(warning.message)[:33] for warning in seen] == ["The model is saved as a folder, s"]
    assert seen[0].filename == __file__


# Keras 2 -------------------------------------------------------------------------------------------------------------


def test_a_period_of_epochs(tmp_path):
    trained(ModelCheckpoint(tmp_path / "{epoch}.keras", period=2), epochs=5)
    assert files_of(tmp_path) == ["2.keras", "4.keras"]


@pytest.mark.filterwarnings("ignore:The state of the optimizer:UserWarning")
def test_weights_are_loaded_on_restart(tmp_path):
    callback = ModelCheckpoint(
        tmp_path / "{epoch}-{loss:.3f}.weights.h5", save_weights_only=True, load_weights_on_restart=True
    )
    first = trained(callback)
    expected = first.get_weights()
    begun = kerastorch.callbacks.LambdaCallback(on_train_begin=lambda logs: kept.extend(second.get_weights()))
    kept: list = []
    second = kerastorch.Sequential([kerastorch.Input((4,)), kerastorch.layers.Dense(1)])
    second.compile("sgd", "mse")
    trained(callback, begun, model=second)
    for ours, theirs in zip(kept, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_without_a_file_nothing_is_loaded_on_restart(tmp_path):
    trained(ModelCheckpoint(tmp_path / "new" / "a.keras", load_weights_on_restart=True))
    assert files_of(tmp_path) == ["new/a.keras"]


def test_options_are_named_in_a_warning(tmp_path):
    with pytest.warns(UserWarning, match="ModelCheckpoint ignores `options`") as seen:
        ModelCheckpoint(tmp_path / "a.keras", options=object())
    assert seen[0].filename == __file__


# Errors --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("save_freq", ["epochs", 0, -1, 2.5, True, None], ids=str)
def test_a_frequency_is_epoch_or_a_number_of_steps(save_freq):
    with pytest.raises(InvalidArgumentError, match=f"Unrecognized save_freq: {save_freq!r}"):
        ModelCheckpoint("a.keras", save_freq=save_freq)


def test_an_unknown_keyword():
    with pytest.raises(UnknownArgumentError, match=r"\['perod'\]. Did you mean 'period'"):
        ModelCheckpoint("a.keras", perod=3)


@pytest.mark.parametrize("home", [ModelCheckpoint, KERAS], ids=["ours", "keras"])
def test_an_unknown_name_in_the_path(home, tmp_path):
    with pytest.raises(KeyError, match=r"Failed to format this callback filepath: .*Reason: \W+val_los\W"):
        drive(home(str(tmp_path / "{val_los}.keras")), [1])


def test_an_unknown_name_in_the_path_shows_those_that_there_are(tmp_path):
    callback = ModelCheckpoint(tmp_path / "{batch}-{los:.2f}.keras", save_freq=1)
    with pytest.raises(UnknownNameError, match=r"Reason: 'los'. There are {batch}, {loss}, {epoch}\.$"):
        drive(callback, [1])


@pytest.mark.parametrize("home", [ModelCheckpoint, KERAS], ids=["ours", "keras"])
def test_a_folder_in_the_place_of_a_file(home, tmp_path):
    (tmp_path / "a.h5").mkdir()
    model = kerastorch.Sequential([kerastorch.Input((4,)), kerastorch.layers.Dense(1)])
    if home is KERAS:
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    callback = home(str(tmp_path / "a.h5"))
    callback.set_model(model)
    with pytest.raises(
        OSError, match=r"specify a non-directory filepath for ModelCheckpoint.*a.h5"
    ) as raised:
        callback.on_epoch_end(0, {"val_loss": 1.0})
    assert isinstance(raised.value, FileInTheWayError) is (home is ModelCheckpoint)
    assert isinstance(raised.value, KerasTorchError) is (home is ModelCheckpoint)


def test_an_error_of_the_disk_names_the_checkpoint(tmp_path):
    (tmp_path / "file").write_text("in the way")
    path = str(tmp_path / "file" / "a.keras")
    with pytest.raises(OSError, match=r"The checkpoint cannot be saved .*a.keras"):
        trained(ModelCheckpoint(path))
