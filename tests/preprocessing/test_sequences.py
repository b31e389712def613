"""`keras.preprocessing.sequence` gives what Keras's own, kept from Keras 2, gives."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from keras.src.legacy.preprocessing import sequence as oracle

import kerastorch
from kerastorch.preprocessing import sequence

SERIES = np.arange(24.0).reshape(12, 2)
SETTINGS = {
    "plain": {"length": 3, "batch_size": 4},
    "one batch": {"length": 2},
    "sampled": {"length": 4, "sampling_rate": 2, "batch_size": 3},
    "strides": {"length": 3, "stride": 2, "batch_size": 2},
    "a part": {"length": 2, "start_index": 3, "end_index": 8, "batch_size": 4},
    "reversed": {"length": 3, "reverse": True, "batch_size": 5},
    "shuffled": {"length": 3, "shuffle": True, "batch_size": 4},
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("series", [SERIES, SERIES[:, 0].tolist()], ids=["array", "list"])
def test_batches_of_series_are_keras_s(name, series):
    found = []
    for module in (sequence, oracle):
        np.random.seed(3)
        batches = module.TimeseriesGenerator(series, series, **SETTINGS[name])
        found.append([len(batches), *(part for i in range(len(batches)) for part in batches[i])])
    for mine, other in zip(*found, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_model_is_trained_on_batches_of_series():
    model = kerastorch.Sequential([kerastorch.layers.Flatten(), kerastorch.layers.Dense(2)])
    model.compile("sgd", "mse")
    history = model.fit(
        sequence.TimeseriesGenerator(SERIES / 24, SERIES / 24, 3, batch_size=4), epochs=2, verbose=0
    )
    assert history.history["loss"][1] < history.history["loss"][0]


def test_settings_of_series_are_keras_s():
    mine, other = (m.TimeseriesGenerator(SERIES, SERIES, 3, stride=2) for m in (sequence, oracle))
    config = mine.get_config()
    assert config == json.loads(mine.to_json())["config"]
    assert json.loads(config["data"]) == SERIES.tolist()
    assert config["start_index"] == other.start_index


def test_wrong_series_say_what_is_wrong():
    with pytest.raises(ValueError, match="Data length is 12 while target length is 5"):
        sequence.TimeseriesGenerator(SERIES, SERIES[:5], 2)
    with pytest.raises(ValueError, match=r"`start_index\+length=12 > end_index=11` is disallowed"):
        sequence.TimeseriesGenerator(SERIES, SERIES, 12)
    with pytest.raises(TypeError, match="`data` cannot be written as JSON"):
        sequence.TimeseriesGenerator([{1}, {2}, {3}], [1, 2, 3], 1).get_config()


PAIRS = {
    "plain": {"seed": 4},
    "in order": {"shuffle": False},
    "labels": {"categorical": True, "seed": 1},
    "few": {"window_size": 1, "negative_samples": 0.5, "shuffle": False},
    "neighbours only": {"negative_samples": 0, "shuffle": False},
    "rare words": {"sampling_table": [0.0, 0.2, 0.9, 0.5, 0.7, 1.0], "seed": 9},
    "no seed": {},
}


@pytest.mark.parametrize("name", PAIRS)
def test_pairs_of_words_are_keras_s(name):
    found = []
    for module in (sequence, oracle):
        random.seed(5)
        found.append(module.skipgrams([1, 2, 0, 3, 4, 5, 2], 6, **PAIRS[name]))
    assert found[0] == found[1]


@pytest.mark.parametrize("factor", [1e-5, 1e-2, 1.0])
def test_probabilities_of_words_are_keras_s(factor):
    np.testing.assert_allclose(
        sequence.make_sampling_table(50, factor), oracle.make_sampling_table(50, factor)
    )
