"""G10 to G14: validation splits, pipelines, data frames, loaders, sequences, weights."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

import kerastorch as keras
from kerastorch import layers
from kerastorch.compat import tensorflow as tf
from tests.guide.data import digits

(X, Y), (X_VAL, Y_VAL), (X_TEST, Y_TEST) = digits()


def compiled():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((64,)), layers.Dense(32, activation="relu"), layers.Dense(10, activation="softmax")]
    )
    model.compile("rmsprop", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    return model


IN_MEMORY = {
    "arrays": lambda a: a,
    "tensors": torch.from_numpy,
    "lists": lambda a: a.tolist(),
    "data frames": lambda a: pd.DataFrame(a) if a.ndim == 2 else pd.Series(a),
}


@pytest.mark.parametrize("kind", list(IN_MEMORY))
def test_g10_the_last_fifth_validates(kind):
    convert = IN_MEMORY[kind]
    split = compiled().fit(convert(X), convert(Y), batch_size=64, validation_split=0.2, epochs=2, verbose=0)
    given = compiled().fit(
        X[:960], Y[:960], batch_size=64, validation_data=(X[960:], Y[960:]), epochs=2, verbose=0
    )
    assert split.history == given.history


def test_g10_only_data_in_memory_can_be_split():
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(64)
    with pytest.raises(ValueError, match="`validation_split` is only supported for arrays"):
        compiled().fit(dataset, validation_split=0.2, verbose=0)


def dataset(x, y, *more, shuffle=True):
    found = tf.data.Dataset.from_tensor_slices((x, y, *more))
    return (found.shuffle(buffer_size=1024) if shuffle else found).batch(64)


def test_g11_pipelines_everywhere():
    model = compiled()
    history = model.fit(
        dataset(X, Y), epochs=3, validation_data=dataset(X_VAL, Y_VAL, shuffle=False), verbose=0
    )
    assert history.history["loss"][-1] < history.history["loss"][0]
    assert history.history["val_loss"][-1] == pytest.approx(
        model.evaluate(X_VAL, Y_VAL, batch_size=64, verbose=0)[0], rel=1e-6
    )
    named = dict(zip(model.metrics_names, model.evaluate(dataset(X_TEST, Y_TEST), verbose=0), strict=True))
    assert named["accuracy"] == pytest.approx(model.evaluate(X_TEST, Y_TEST, verbose=0)[1])
    predictions = model.predict(dataset(X_TEST, Y_TEST, shuffle=False), verbose=0)
    np.testing.assert_allclose(predictions, model.predict(X_TEST, verbose=0), rtol=1e-5, atol=1e-6)


def test_g11_the_order_is_that_of_the_arrays_without_a_shuffle():
    history = compiled().fit(dataset(X, Y, shuffle=False), epochs=2, verbose=0).history
    assert history == compiled().fit(X, Y, batch_size=64, shuffle=False, epochs=2, verbose=0).history


class Recorder(keras.Sequential):
    """Notes the first label of each batch it trains on."""

    def train_step(self, data):
        self.seen.append(int(data[1][0]))
        return super().train_step(data)


def recorder():
    model = Recorder([keras.Input((64,)), layers.Dense(10, activation="softmax")])
    object.__setattr__(model, "seen", [])
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def test_g11_steps_per_epoch_goes_on_where_it_stopped():
    model = recorder()
    model.fit(dataset(X, Y, shuffle=False), epochs=3, steps_per_epoch=6, verbose=0)
    assert model.seen == [int(label) for label in Y[: 64 * 18 : 64]]


def test_g11_without_steps_each_epoch_starts_anew():
    model = recorder()
    model.fit(dataset(X, Y, shuffle=False).take(3), epochs=2, verbose=0)
    assert model.seen == 2 * [int(label) for label in Y[:192:64]]


def test_g11_validation_steps_start_anew_each_time():
    validation = dataset(X_VAL, Y_VAL, shuffle=False)
    model = compiled()
    history = model.fit(X, Y, epochs=2, validation_data=validation, validation_steps=3, verbose=0).history
    expected = model.evaluate(X_VAL[:192], Y_VAL[:192], batch_size=64, verbose=0)[0]
    assert history["val_loss"][-1] == pytest.approx(expected, rel=1e-6)


def test_g12_generators_loaders_and_frames():
    def generator():
        while True:
            for start in range(0, 1200, 64):
                yield X[start : start + 64], Y[start : start + 64]

    expected = compiled().fit(X, Y, batch_size=64, shuffle=False, epochs=2, verbose=0).history
    tensors = TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    assert compiled().fit(generator(), steps_per_epoch=19, epochs=2, verbose=0).history == expected
    assert compiled().fit(DataLoader(tensors, 64), epochs=2, verbose=0).history == expected
    assert compiled().fit(tensors, batch_size=64, shuffle=False, epochs=2, verbose=0).history == expected
    frame = pd.DataFrame(X), pd.Series(Y)
    assert compiled().fit(*frame, batch_size=64, shuffle=False, epochs=2, verbose=0).history == expected


class DigitSequence(keras.utils.Sequence):
    def __init__(self, x, y, batch_size, **options):
        super().__init__(**options)
        self.x, self.y, self.batch_size = x, y, batch_size
        self.epochs_ended = 0

    def __len__(self):
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, index):
        rows = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.x[rows], self.y[rows]

    def on_epoch_end(self):
        self.epochs_ended += 1


WORKERS = {
    "one": {},
    "threads": {"workers": 2},
    "processes": {"workers": 2, "use_multiprocessing": True},
}


@pytest.mark.parametrize("workers", list(WORKERS))
def test_g13_sequences_keep_their_order(workers):
    expected = compiled().fit(X, Y, batch_size=64, shuffle=False, epochs=2, verbose=0).history
    sequence = DigitSequence(X, Y, 64, **WORKERS[workers])
    history = compiled().fit(sequence, shuffle=False, epochs=2, verbose=0).history
    assert history == expected
    assert sequence.epochs_ended == 2


def test_g13_a_shuffled_sequence_trains_on_every_batch():
    model = recorder()
    model.fit(DigitSequence(X, Y, 64), shuffle=True, verbose=0)
    in_order = [int(label) for label in Y[::64]]
    assert sorted(model.seen) == sorted(in_order)
    assert model.seen != in_order


CLASS_WEIGHT = {0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0, 5: 2.0, 6: 1.0, 7: 1.0, 8: 1.0, 9: 1.0}
SAMPLE_WEIGHT = np.linspace(0.5, 1.5, 1200).astype("float32")


@pytest.mark.parametrize("source", ["arrays", "dataset", "sequence of arrays"])
def test_g14_class_and_sample_weights_multiply(source):
    both = SAMPLE_WEIGHT * np.where(Y == 5, 2.0, 1.0).astype("float32")
    expected = compiled().fit(X, Y, sample_weight=both, batch_size=64, shuffle=False, verbose=0).history
    model, options = compiled(), {"class_weight": CLASS_WEIGHT, "shuffle": False, "verbose": 0}
    if source == "arrays":
        found = model.fit(X, Y, sample_weight=SAMPLE_WEIGHT, batch_size=64, **options)
    elif source == "dataset":
        found = model.fit(dataset(X, Y, SAMPLE_WEIGHT, shuffle=False), **options)
    else:
        parts = [(X[i : i + 64], Y[i : i + 64], SAMPLE_WEIGHT[i : i + 64]) for i in range(0, 1200, 64)]
        found = model.fit(iter(parts), **options)
    np.testing.assert_allclose(found.history["loss"], expected["loss"], rtol=1e-6)
