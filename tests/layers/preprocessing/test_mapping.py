"""Preprocessing layers as the function of `Dataset.map`, on single elements and on batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import layers
from kerastorch.data.pipeline.dataset import Dataset

IMAGES = np.random.default_rng(0).uniform(0, 255, (6, 8, 10, 3)).astype("float32")
NUMBERS = np.random.default_rng(1).integers(0, 5, (6, 4))
WORDS = np.array([["to", "be"], ["or", "not"], ["to", "x"], ["be", "be"], ["", "or"], ["not", "to"]])
VOCABULARY = {"vocabulary": ["to", "be", "or"]}

ROWS = [
    ("Normalization", {"mean": 2.0, "variance": 4.0}, NUMBERS.astype("float32")),
    ("Discretization", {"bin_boundaries": [1.0, 3.0]}, NUMBERS.astype("float32")),
    ("Discretization", {"bin_boundaries": [1.0, 3.0], "output_mode": "one_hot"}, NUMBERS),
    ("CategoryEncoding", {"num_tokens": 5}, NUMBERS),
    ("CategoryEncoding", {"num_tokens": 5, "output_mode": "count"}, NUMBERS),
    ("Hashing", {"num_bins": 3}, NUMBERS),
    ("Hashing", {"num_bins": 3, "output_mode": "multi_hot"}, WORDS),
    ("IntegerLookup", {"vocabulary": [3, 1]}, NUMBERS),
    ("IntegerLookup", {"vocabulary": [3, 1], "output_mode": "count"}, NUMBERS),
    ("StringLookup", VOCABULARY, WORDS),
    ("StringLookup", {**VOCABULARY, "output_mode": "multi_hot"}, WORDS),
    ("TextVectorization", {**VOCABULARY, "output_sequence_length": 2}, WORDS[:, 0]),
    ("TextVectorization", {**VOCABULARY, "output_mode": "count"}, WORDS[:, 1]),
    ("Rescaling", {"scale": 0.5, "offset": 1.0}, IMAGES),
    ("Resizing", {"height": 4, "width": 5}, IMAGES),
    ("CenterCrop", {"height": 4, "width": 5}, IMAGES),
    ("MelSpectrogram", {"fft_length": 16, "sequence_stride": 8, "num_mel_bins": 4}, IMAGES[:, :, :, 0]),
    ("STFTSpectrogram", {"frame_length": 8, "frame_step": 4, "fft_length": 8}, IMAGES[:, 0]),
]


@pytest.mark.parametrize(("name", "kwargs", "data"), ROWS, ids=[f"{r[0]}-{i}" for i, r in enumerate(ROWS)])
def test_elements_and_batches_are_mapped_alike(name, kwargs, data):
    layer = getattr(layers, name)(**kwargs)
    expected = layer(data)
    batches = list(Dataset.from_tensor_slices(data).batch(4).map(layer))
    torch.testing.assert_close(torch.cat(batches), expected, check_device=False)
    if name == "STFTSpectrogram":  # whose input has a batch axis, as in Keras
        return
    singles = list(Dataset.from_tensor_slices(data).map(layer))
    torch.testing.assert_close(
        torch.stack(singles).reshape(expected.shape), expected, rtol=1e-5, atol=1e-5, check_device=False
    )
