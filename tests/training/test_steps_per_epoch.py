"""`steps_per_epoch` and the like with data that know the number of their batches: every epoch has all its steps."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import kerastorch
from kerastorch.errors import DataError
from kerastorch.preprocessing.image import ImageDataGenerator

EPOCHS = 3


class Numbered(kerastorch.utils.Sequence):
    """Batches that hold their number; it notes which were computed, and the hooks."""

    def __init__(self, length, **kwargs):
        super().__init__(**kwargs)
        self.length, self.computed, self.hooks = length, [], []

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        self.computed.append(index)
        return np.full((2, 4, 4, 1), index, "float32"), np.ones((2, 1), "float32")

    def on_epoch_begin(self):
        self.hooks.append("begin")

    def on_epoch_end(self):
        self.hooks.append("end")


def pictures(length):
    x = np.arange(length * 3 - 2, dtype="float32")[:, None, None, None] * np.ones((4, 4, 1), "float32")
    return ImageDataGenerator(horizontal_flip=True).flow(x, np.ones((len(x), 1), "float32"), batch_size=3)


class Steps(kerastorch.callbacks.Callback):
    """Counts the steps of each epoch, and those of each validation."""

    def __init__(self):
        super().__init__()
        self.trained, self.tested = [], []

    def on_epoch_begin(self, epoch, logs=None):
        self.trained.append(0)

    def on_test_begin(self, logs=None):
        self.tested.append(0)

    def on_train_batch_end(self, batch, logs=None):
        self.trained[-1] += 1

    def on_test_batch_end(self, batch, logs=None):
        self.tested[-1] += 1


def fitted(data, **arguments):
    """The steps of a training, its history, and what it warned of."""
    model = kerastorch.Sequential([kerastorch.layers.Flatten(), kerastorch.layers.Dense(1)])
    model.compile("sgd", "mse")
    steps = Steps()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = model.fit(data, epochs=EPOCHS, verbose=0, callbacks=[steps], **arguments).history
    return steps, history, [str(warning.message) for warning in caught]


KINDS = {"a Sequence": Numbered, "pictures": pictures}
# number of batches, steps_per_epoch, steps of each epoch
CASES = [
    (5, None, 5),
    (5, 5, 5),
    (4, 2, 2),
    (5, 2, 2),  # Keras 3 ends its third epoch after one step
    (4, 3, 3),  # pictures // batch size: Keras 3 ends each second epoch after one step
    (4, 10 / 3, 4),  # pictures / batch size
    (4, np.float64(2.0), 2),
    (4, np.int64(2), 2),
    (1, 1, 1),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("length", "steps", "expected"), CASES, ids=str)
def test_every_epoch_has_all_its_steps(kind, length, steps, expected):
    counted, history, warned = fitted(KINDS[kind](length), steps_per_epoch=steps)
    assert counted.trained == [expected] * EPOCHS
    assert len(history["loss"]) == EPOCHS
    assert warned == []


@pytest.mark.parametrize(
    "workers", [{}, {"workers": 2}, {"workers": 2, "use_multiprocessing": True}], ids=str
)
@pytest.mark.parametrize("kind", KINDS)
def test_more_steps_than_batches_go_round_and_say_so_once(kind, workers):
    counted, _, warned = fitted(KINDS[kind](3), steps_per_epoch=8, **workers)
    assert counted.trained == [8] * EPOCHS
    assert warned == [
        "`steps_per_epoch=8` is more than the 3 batches of the data: an epoch goes through them more than once."
    ]


def test_an_epoch_goes_on_where_the_last_one_stopped():
    data = Numbered(5, workers=0)
    fitted(data, steps_per_epoch=4, shuffle=False)
    assert data.computed == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]


def test_each_pass_has_an_order_of_its_own():
    kerastorch.utils.set_random_seed(0)
    data = Numbered(6, workers=0)
    fitted(data, steps_per_epoch=4)
    first, second = data.computed[:6], data.computed[6:]
    assert sorted(first) == sorted(second) == list(range(6))
    assert first != second


@pytest.mark.parametrize("steps", [None, 2, 3, 5, 8])
def test_the_hooks_frame_the_epochs_of_the_training(steps):
    data, validation = Numbered(5), Numbered(3)
    fitted(data, steps_per_epoch=steps, validation_data=validation, validation_steps=2)
    assert data.hooks == ["begin", "end"] * EPOCHS
    assert validation.hooks == ["begin", "end"] * EPOCHS


# batches of the validation data, validation_steps, steps of each validation, warnings
VALIDATIONS = [(5, None, 5, 0), (5, 2, 2, 0), (4, 10 / 3, 4, 0), (3, 3, 3, 0), (3, 5, 3, EPOCHS)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("length", "steps", "expected", "warnings_"), VALIDATIONS, ids=str)
def test_every_validation_begins_at_the_first_batch(kind, length, steps, expected, warnings_):
    validation = KINDS[kind](length)
    counted, history, warned = fitted(Numbered(2), validation_data=validation, validation_steps=steps)
    assert counted.tested == [expected] * EPOCHS
    assert len(history["val_loss"]) == EPOCHS
    assert len(warned) == warnings_
    assert all("ran out of data" in text for text in warned)
    if isinstance(validation, Numbered):
        assert validation.computed == [*range(expected)] * EPOCHS


def test_evaluate_and_predict_see_no_batch_twice():
    model = kerastorch.Sequential([kerastorch.layers.Flatten(), kerastorch.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="ran out of data.*it gave 3 of 5"):
        assert len(model.predict(Numbered(3), steps=5, verbose=0)) == 6
    with pytest.warns(UserWarning, match="ran out of data.*it gave 3 of 5"):
        model.evaluate(Numbered(3), steps=5, verbose=0)
    assert len(model.predict(Numbered(3), steps=1.5, verbose=0)) == 4


@pytest.mark.parametrize("steps", [0, -1, 0.0, float("nan"), float("inf"), "3", True, [2]], ids=str)
@pytest.mark.parametrize("name", ["steps_per_epoch", "validation_steps"])
def test_other_numbers_of_steps_are_refused(name, steps):
    with pytest.raises(DataError, match=rf"`{name}` must be a positive integer or None"):
        fitted(Numbered(2), validation_data=Numbered(2), **{name: steps})
