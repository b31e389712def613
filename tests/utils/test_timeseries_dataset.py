"""Windows that slide along a series, against windows that are cut out one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import torch

import kerastorch as keras
from kerastorch.errors import InvalidArgumentError
from kerastorch.utils import timeseries_dataset_from_array

SERIES = np.random.default_rng(0).normal(size=(37, 2)).astype("float32")
GOALS = np.arange(37) * 10


def cut_out(length, stride, rate, start, end):
    """Keras's definition, one window after the other."""
    data, goals = SERIES[start:end], GOALS[start:end]
    starts = range(0, len(data) - (length - 1) * rate, stride)
    windows = [data[[begin + rate * step for step in range(length)]] for begin in starts]
    return np.stack(windows), goals[list(starts)]


SETTINGS = list(itertools.product((1, 4), (1, 3), (1, 2), (None, 5), (None, 30)))


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_windows_and_targets_are_those_of_the_definition(setting):
    length, stride, rate, start, end = setting
    dataset = timeseries_dataset_from_array(SERIES, GOALS, length, stride, rate, 4, False, None, start, end)
    windows, goals = (np.concatenate(parts) for parts in zip(*dataset.as_numpy_iterator(), strict=True))
    expected = cut_out(*setting)
    assert np.array_equal(windows, expected[0])
    assert np.array_equal(goals, expected[1])


def test_unbatched_windows_are_the_rows_of_batches():
    singles = [*timeseries_dataset_from_array(SERIES, None, 5, batch_size=None)]
    ((batch),) = timeseries_dataset_from_array(SERIES, None, 5)
    assert torch.stack(singles).equal(batch)


@pytest.mark.parametrize("batch_size", [None, 8], ids=str)
def test_shuffling_keeps_pairs_together_and_differs_between_epochs(batch_size):
    data = np.arange(50)

    def epochs():
        dataset = timeseries_dataset_from_array(data, data, 3, batch_size=batch_size, shuffle=True, seed=4)
        dataset = dataset if batch_size is None else dataset.unbatch()
        return [[(int(window[0]), int(goal)) for window, goal in dataset] for _ in range(2)]

    first, second = epochs()
    assert first != second
    assert sorted(first) == sorted(second) == [(step, step) for step in range(48)]
    assert all(start == goal for start, goal in first)
    assert epochs() == [first, second]


def test_the_rows_of_a_shuffled_dataset_are_those_of_its_batches():
    def starts(batch_size):
        dataset = timeseries_dataset_from_array(
            np.arange(20), None, 2, batch_size=batch_size, shuffle=True, seed=1
        )
        return [int(window[0]) for window in (dataset if batch_size is None else dataset.unbatch())]

    assert starts(None) == starts(6)


def test_too_few_targets_end_the_windows():
    dataset = timeseries_dataset_from_array(SERIES[:-10], GOALS[10:20], 5)
    assert next(iter(dataset))[1].tolist() == GOALS[10:20].tolist()


@pytest.mark.parametrize("kind", [list, torch.as_tensor, pd.Series], ids=lambda kind: kind.__name__)
def test_a_series_may_be_of_any_kind(kind):
    (batch,) = timeseries_dataset_from_array(kind(range(6)), None, 2, sequence_stride=2)
    assert batch.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_specs_and_length():
    dataset = timeseries_dataset_from_array(SERIES, GOALS, 5, batch_size=10)
    assert [(spec.shape, spec.dtype) for spec in dataset.element_spec] == [
        ((None, 5, 2), torch.float32),
        ((None,), torch.int64),
    ]
    assert len(dataset) == 4


FAULTS = {
    "start below": ({"start_index": -1}, "`start_index` must be at least 0"),
    "start beyond": ({"start_index": 37}, "`start_index` must be at least 0 and lower"),
    "end beyond": ({"end_index": 37}, "`end_index` must be higher than 0 and lower"),
    "end of nothing": ({"end_index": 0}, "`end_index` must be higher than 0"),
    "end before start": ({"start_index": 9, "end_index": 9}, "must be higher than `start_index`"),
    "rate of text": ({"sampling_rate": "fast"}, "`sampling_rate` must be an integer"),
    "no rate": ({"sampling_rate": 0}, "`sampling_rate` must be higher than 0"),
    "rate beyond": ({"sampling_rate": 37}, "`sampling_rate` must be lower"),
    "no stride": ({"sequence_stride": 0}, "`sequence_stride` must be higher than 0"),
    "stride beyond": ({"sequence_stride": 40}, "`sequence_stride` must be lower"),
    "no length": ({"sequence_length": 0}, "`sequence_length` must be higher than 0"),
    "long windows": ({"sequence_length": 38}, "No window of 38 steps"),
    "format": ({"format": "np"}, '"tf" or "grain"'),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_numbers_out_of_range_are_refused(fault):
    arguments, text = FAULTS[fault]
    with pytest.raises(InvalidArgumentError, match=text):
        timeseries_dataset_from_array(SERIES, None, **{"sequence_length": 2} | arguments)


def test_a_model_learns_to_continue_a_series():
    series = np.sin(np.arange(400) / 5).astype("float32")
    dataset = timeseries_dataset_from_array(series[:-4], series[4:], 4, batch_size=32, shuffle=True, seed=0)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse")
    assert model.fit(dataset, epochs=20, verbose=0).history["loss"][-1] < 0.01
