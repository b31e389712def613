"""Every argument of the functions that scripts call by keyword changes what they return."""

from __future__ import annotations

import inspect
import random as python_random

import numpy as np
import pytest
import torch
from PIL import Image

from kerastorch import random, utils
from kerastorch.preprocessing import image, sequence, text

ROWS = np.arange(12, dtype="float64").reshape(3, 4)
LISTS = [[1, 2, 3], [4, 5], [6, 7, 8, 9]]
PICTURE = np.random.default_rng(0).uniform(0, 200, (4, 6, 3))
SENTENCE = "The cat, the dog and THE bird"
SHAPED = {"shape": (3,), "dtype": "float32", "seed": 1}
SHAPED_ELSE = {"shape": (4,), "dtype": "float64", "seed": 2}
AXES = {"row_axis": 1, "col_axis": 2, "channel_axis": 0}
PLACES = {"row_axis": 0, "col_axis": 1, "channel_axis": 2, "fill_mode": "constant", "cval": 1.0}
OTHER_PLACES = {**dict.fromkeys(AXES, AXES), "fill_mode": "nearest", "cval": 9.0, "interpolation_order": 0}
SERIES = {"data": np.arange(30.0), "targets": np.arange(30.0) * 2}
OTHER_SERIES = {"data": np.arange(30.0) + 1, "targets": np.arange(30.0) * 3}

# what is called: its arguments, and for each of them another value; a dictionary changes several together
TABLE = {
    utils.normalize: ({"x": ROWS}, {"x": ROWS.T, "axis": 0, "order": 1}),
    utils.to_categorical: ({"x": [0, 2]}, {"x": [1, 2], "num_classes": 5, "dtype": "int32"}),
    utils.pad_sequences: (
        {"sequences": LISTS, "maxlen": 3},
        {
            "sequences": LISTS[:2],
            "maxlen": None,
            "dtype": "float32",
            "padding": "post",
            "truncating": "post",
            "value": 7,
        },
    ),
    utils.img_to_array: (
        {"img": Image.fromarray(PICTURE.astype("uint8"))},
        {"img": Image.new("RGB", (2, 2)), "data_format": "channels_first", "dtype": "float64"},
    ),
    utils.array_to_img: (
        {"x": PICTURE},
        {"x": PICTURE[:3], "data_format": "channels_first", "scale": False, "dtype": "uint8"},
    ),
    image.smart_resize: (
        {"x": PICTURE, "size": (3, 3)},
        {"x": -PICTURE, "size": (2, 3), "interpolation": "nearest", "data_format": "channels_first"},
    ),
    utils.pack_x_y_sample_weight: ({"x": 1, "y": 2}, {"x": 2, "y": 3, "sample_weight": 4}),
    utils.timeseries_dataset_from_array: (
        {**SERIES, "sequence_length": 4, "shuffle": False, "seed": 1},
        {
            **OTHER_SERIES,
            "sequence_length": 5,
            "sequence_stride": 2,
            "sampling_rate": 3,
            "batch_size": 5,
            "shuffle": True,
            "start_index": 3,
            "end_index": 20,
        },
    ),
    sequence.TimeseriesGenerator: (
        {**SERIES, "length": 4},
        {
            **OTHER_SERIES,
            "length": 5,
            "sampling_rate": 2,
            "stride": 2,
            "start_index": 3,
            "end_index": 20,
            "shuffle": True,
            "reverse": True,
            "batch_size": 5,
        },
    ),
    sequence.skipgrams: (
        {"sequence": [1, 2, 3, 4, 5], "vocabulary_size": 6, "seed": 3},
        {
            "sequence": [1, 2],
            "vocabulary_size": 900,
            "window_size": 1,
            "negative_samples": 0.0,
            "shuffle": False,
            "categorical": True,
            "sampling_table": np.linspace(0, 0.5, 6),
            "seed": 4,
        },
    ),
    sequence.make_sampling_table: ({"size": 5}, {"size": 6, "sampling_factor": 0.1}),
    text.text_to_word_sequence: (
        {"input_text": SENTENCE},
        {"input_text": "a b", "filters": "", "lower": False, "split": "d"},
    ),
    text.hashing_trick: (
        {"text": SENTENCE, "n": 50, "hash_function": "md5"},
        {
            "text": "a b",
            "n": 7,
            "hash_function": len,
            "analyzer": str.split,
            "filters": "",
            "lower": False,
            "split": "d",
        },
    ),
    text.one_hot: (
        {"input_text": SENTENCE, "n": 50},
        {"input_text": "a b", "n": 7, "analyzer": str.split, "filters": "", "lower": False, "split": "d"},
    ),
    image.random_rotation: ({"x": PICTURE, "rg": 40}, {"x": -PICTURE, "rg": 90}),
    image.random_shift: ({"x": PICTURE, "wrg": 0.5, "hrg": 0.5}, {"x": -PICTURE, "wrg": 0.1, "hrg": 0.9}),
    image.random_shear: ({"x": PICTURE, "intensity": 40}, {"x": -PICTURE, "intensity": 80}),
    image.random_zoom: ({"x": PICTURE, "zoom_range": (0.5, 2)}, {"x": -PICTURE, "zoom_range": (3, 4)}),
    image.random_brightness: (
        {"x": PICTURE, "brightness_range": (0.5, 2)},
        {"x": PICTURE[::-1], "brightness_range": (3, 4), "scale": False},
    ),
    image.random_channel_shift: (
        {"x": PICTURE, "intensity_range": 20},
        {"x": -PICTURE, "intensity_range": 40, "channel_axis": 2},
    ),
    image.apply_channel_shift: (
        {"x": PICTURE, "intensity": 20},
        {"x": -PICTURE, "intensity": 40, "channel_axis": 2},
    ),
    image.apply_brightness_shift: (
        {"x": PICTURE, "brightness": 0.5},
        {"x": PICTURE[::-1], "brightness": 2, "scale": False},
    ),
    random.normal: ({**SHAPED, "mean": 0.0}, {**SHAPED_ELSE, "mean": 1.0, "stddev": 2.0}),
    random.truncated_normal: ({**SHAPED, "mean": 0.0}, {**SHAPED_ELSE, "mean": 1.0, "stddev": 2.0}),
    random.uniform: ({**SHAPED, "minval": 0.0}, {**SHAPED_ELSE, "minval": 0.5, "maxval": 3.0}),
    random.gamma: ({**SHAPED, "alpha": 1.0}, {**SHAPED_ELSE, "alpha": 5.0}),
    random.beta: ({**SHAPED, "alpha": 1.0, "beta": 1.0}, {**SHAPED_ELSE, "alpha": 5.0, "beta": 5.0}),
    random.binomial: (
        {**SHAPED, "counts": 9.0, "probabilities": 0.5},
        {**SHAPED_ELSE, "counts": 90.0, "probabilities": 0.9},
    ),
    random.randint: (
        {"shape": (5,), "minval": 0, "maxval": 99, "seed": 1},
        {"shape": (4,), "minval": 50, "maxval": 999, "dtype": "int64", "seed": 2},
    ),
    random.categorical: (
        {"logits": np.zeros((2, 9)), "num_samples": 5, "seed": 1},
        {"logits": np.zeros((3, 9)), "num_samples": 4, "dtype": "int64", "seed": 2},
    ),
    random.shuffle: ({"x": ROWS, "seed": 1}, {"x": ROWS + 1, "axis": 1, "seed": 3}),
    random.dropout: (
        {"inputs": ROWS, "rate": 0.5, "seed": 1},
        {"inputs": ROWS + 1, "rate": 0.9, "noise_shape": (3, 1), "seed": 2},
    ),
}
for _change in (image.random_rotation, image.random_shift, image.random_shear, image.random_zoom):
    TABLE[_change][0].update(PLACES)
    TABLE[_change][1].update(OTHER_PLACES)

NO_EFFECT = {
    "dtype of array_to_img",  # of the array on the way to the picture, which holds bytes
    "channel_axis of random_channel_shift",
    "channel_axis of apply_channel_shift",
}


def seen(result):
    """All numbers and types of a result, as text."""
    if isinstance(result, (list, tuple)):
        return [seen(part) for part in result]
    if isinstance(result, (torch.Tensor, np.ndarray)):
        return [str(result.dtype), list(result.shape), np.asarray(result).tolist()]
    if isinstance(result, (Image.Image, sequence.TimeseriesGenerator)) or hasattr(result, "take"):
        parts = [np.asarray(result)] if isinstance(result, Image.Image) else _batches(result)
        return [seen(part) for part in parts]
    return repr(result)


def _batches(source):
    return [source[i] for i in range(len(source))] if hasattr(source, "__getitem__") else list(source)


def called(function, arguments):
    python_random.seed(0)
    np.random.seed(0)
    return seen(function(**arguments))


CASES = [(function, name) for function, (_, others) in TABLE.items() for name in others]


@pytest.mark.parametrize(("function", "name"), CASES, ids=[f"{f.__name__}-{name}" for f, name in CASES])
def test_an_argument_changes_the_result(function, name):
    arguments, others = TABLE[function]
    other = others[name]
    changed = {**arguments, **(other if isinstance(other, dict) else {name: other})}
    assert called(function, arguments) == called(function, arguments), "the same call gives the same result"
    if f"{name} of {function.__name__}" in NO_EFFECT:
        called(function, changed)
    else:
        assert called(function, changed) != called(function, arguments)


@pytest.mark.parametrize("function", TABLE, ids=lambda f: f.__name__)
def test_the_table_has_every_argument(function):
    parameters = inspect.signature(function).parameters.values()
    names = {p.name for p in parameters if p.kind is not p.VAR_KEYWORD}
    arguments, others = TABLE[function]
    missing = names - set(others) - ({"seed"} & set(arguments)) - {"format"}
    assert missing == set()
