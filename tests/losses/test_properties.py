"""Properties that hold for any input: agreement with Keras, and shortcuts that equal the long way."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kerastorch import losses

SHAPES = hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4)
NUMBERS = st.floats(-50, 50, width=32)
CHANCES = st.floats(0, 1, width=32)


def arrays(shape: tuple[int, ...], elements: st.SearchStrategy) -> st.SearchStrategy:
    return hnp.arrays(np.float32, shape, elements=elements)


def close(ours: torch.Tensor, theirs: torch.Tensor) -> None:
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh", "Hinge"])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_numbers(name, data):
    shape = data.draw(SHAPES)
    y_true, y_pred = (data.draw(arrays(shape, NUMBERS)) for _ in range(2))
    close(getattr(losses, name)()(y_true, y_pred), getattr(keras.losses, name)()(y_true, y_pred))


@settings(max_examples=40, deadline=None)
@given(data=st.data(), smoothing=st.sampled_from([0.0, 0.1]), from_logits=st.booleans())
def test_binary(data, smoothing, from_logits):
    shape = data.draw(SHAPES)
    y_true = data.draw(arrays(shape, CHANCES))
    y_pred = data.draw(arrays(shape, NUMBERS if from_logits else CHANCES))
    options = {"from_logits": from_logits, "label_smoothing": smoothing}
    ours, theirs = losses.BinaryCrossentropy(**options), keras.losses.BinaryCrossentropy(**options)
    close(ours(y_true, y_pred), theirs(y_true, y_pred))


@settings(max_examples=40, deadline=None)
@given(data=st.data(), from_logits=st.booleans(), ignore=st.sampled_from([None, 0, 1]))
def test_sparse(data, from_logits, ignore):
    rows = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    labels = data.draw(hnp.arrays(np.int64, rows, elements=st.integers(0, 2)))
    y_pred = data.draw(arrays((*rows, 3), NUMBERS if from_logits else st.floats(0.125, 1, width=32)))
    options = {"from_logits": from_logits, "ignore_class": ignore}
    ours, theirs = (x.SparseCategoricalCrossentropy(**options) for x in (losses, keras.losses))
    close(ours(labels, y_pred), theirs(labels, y_pred))


@settings(max_examples=40, deadline=None)
@given(data=st.data(), name=st.sampled_from(["MeanSquaredError", "MeanAbsoluteError", "Huber"]))
def test_weights_of_one_change_nothing(data, name):
    shape = data.draw(SHAPES)
    y_true, y_pred = (torch.tensor(data.draw(arrays(shape, NUMBERS))) for _ in range(2))
    loss = losses.get(name)
    torch.testing.assert_close(loss(y_true, y_pred), loss(y_true, y_pred, sample_weight=1.0))
