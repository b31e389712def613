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
from tests.losses.cases import KINDS
from tests.losses.oracle import REDUCTIONS, value_and_gradient

pytestmark = pytest.mark.filterwarnings("ignore:.*softmax over axis", "ignore:In loss")  # of one class
NUMBERS = st.floats(-50, 50, width=32)
CHANCES = st.floats(0, 1, width=32)
ELEMENTS = {
    "numbers": (NUMBERS, NUMBERS),
    "rates": (st.floats(0, 20, width=32), st.floats(0, 20, width=32)),
    "signs": (st.sampled_from([-1.0, 1.0]), NUMBERS),
    "binary": (CHANCES, CHANCES),
    "classes": (CHANCES, st.floats(0.125, 1, width=32)),
}
SOFT = [name for name, kind in KINDS.items() if kind in ELEMENTS]
FROM_LOGITS = [name for name in SOFT if "rossentropy" in name]


def arrays(shape, elements=NUMBERS):
    return hnp.arrays(np.float32, shape, elements=elements)


def shapes(least=1):
    return hnp.array_shapes(min_dims=least, max_dims=5, min_side=1, max_side=3)


def options_of(name, data):
    options = {"reduction": data.draw(st.sampled_from(REDUCTIONS))}
    if name in FROM_LOGITS:
        options["label_smoothing"] = data.draw(st.sampled_from([0.0, 0.1]))
    return options


def weights_of(values, data):
    """No weights, or weights of some of the leading axes, of any of them, or of one alone."""
    if values == () or data.draw(st.booleans()):
        return None
    kept = data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)))
    shape = tuple(n if keep else 1 for n, keep in zip(values, kept, strict=True))
    return data.draw(arrays(shape, st.floats(0, 4, width=32)))


def close(ours, theirs, rtol=1e-4):
    assert ours.shape == theirs.shape
    scale = max(1.0, float(np.abs(theirs.detach().numpy()).max(initial=0.0)))
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=rtol, atol=1e-5 * scale)


@pytest.mark.parametrize("name", SOFT)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_any_shape_weight_and_reduction(name, data):
    shape = data.draw(shapes())
    y_true, y_pred = (data.draw(arrays(shape, elements)) for elements in ELEMENTS[KINDS[name]])
    options = options_of(name, data)
    weight = None if name in ("Dice", "Tversky") else weights_of(shape[:-1], data)
    ours, theirs = (getattr(k, name)(**options) for k in (losses, keras.losses))
    close(ours(y_true, y_pred, weight), theirs(y_true, y_pred, weight))


@pytest.mark.parametrize("name", FROM_LOGITS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_logits_and_their_gradients(name, data):
    shape = data.draw(shapes())
    y_true, y_pred = data.draw(arrays(shape, CHANCES)), data.draw(arrays(shape, st.floats(-8, 8, width=32)))
    options = {**options_of(name, data), "from_logits": True}
    ours, theirs = (
        value_and_gradient(getattr(k, name)(**options), y_true, y_pred) for k in (losses, keras.losses)
    )
    close(ours[0], theirs[0])
    close(ours[1], theirs[1], rtol=1e-3)


@settings(max_examples=30, deadline=None)
@given(data=st.data(), from_logits=st.booleans(), ignore=st.sampled_from([None, 0, 1, -1]))
def test_sparse(data, from_logits, ignore):
    rows = data.draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=3))
    least = -1 if ignore == -1 else 0
    labels = data.draw(hnp.arrays(np.int64, rows, elements=st.integers(least, 2)))
    y_pred = data.draw(arrays((*rows, 3), NUMBERS if from_logits else st.floats(0.125, 1, width=32)))
    options = {
        "from_logits": from_logits,
        "ignore_class": ignore,
        "reduction": data.draw(st.sampled_from(REDUCTIONS)),
    }
    ours, theirs = (x.SparseCategoricalCrossentropy(**options) for x in (losses, keras.losses))
    close(ours(labels, y_pred), theirs(labels, y_pred))


@settings(max_examples=30, deadline=None)
@given(data=st.data(), q=st.floats(0.1, 0.9))
def test_generalized(data, q):
    rows = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3))
    labels = data.draw(hnp.arrays(np.int64, rows, elements=st.integers(0, 2)))
    y_pred = data.draw(arrays((*rows, 3), CHANCES))
    ours, theirs = (
        x.CategoricalGeneralizedCrossEntropy(q=q, reduction="none") for x in (losses, keras.losses)
    )
    close(ours(labels, y_pred), theirs(labels, y_pred))


@settings(max_examples=30, deadline=None)
@given(data=st.data(), batch=st.integers(1, 3), frames=st.integers(1, 7), count=st.integers(1, 4))
def test_sequences(data, batch, frames, count):
    labels = data.draw(hnp.arrays(np.int64, (batch, count), elements=st.integers(0, 3)))
    logits = data.draw(arrays((batch, frames, 4), st.floats(-8, 8, width=32)))
    close(losses.ctc(labels, logits), keras.losses.ctc(labels, logits))


@settings(max_examples=30, deadline=None)
@given(data=st.data(), batch=st.integers(1, 5), remove=st.booleans(), margin=st.floats(0.0, 0.5))
def test_embeddings(data, batch, remove, margin):
    labels = data.draw(hnp.arrays(np.int64, (batch,), elements=st.integers(0, 2)))
    x = data.draw(arrays((batch, 3), st.floats(-1, 1, width=32))) + np.array([2, 0, 0], "float32")
    options = {"margin": margin, "remove_diagonal": remove}
    ours, theirs = (k.Circle(**options) for k in (losses, keras.losses))
    y_pred = x / np.linalg.norm(x, axis=-1, keepdims=True)
    close(ours(labels, y_pred), theirs(labels, y_pred))


@settings(max_examples=40, deadline=None)
@given(data=st.data(), name=st.sampled_from(SOFT), masked=st.booleans())
def test_weights_of_one_change_nothing(data, name, masked):
    shape = data.draw(shapes(2))
    y_true, y_pred = (torch.tensor(data.draw(arrays(shape, e))) for e in ELEMENTS[KINDS[name]])
    loss = losses.get(name)
    if masked and name not in ("Dice", "Tversky"):
        y_pred._keras_mask = torch.tensor(data.draw(hnp.arrays(np.bool_, shape[:-1])))
    close(loss(y_true, y_pred), loss(y_true, y_pred, sample_weight=1.0))


@settings(max_examples=40, deadline=None)
@given(data=st.data(), name=st.sampled_from([n for n in SOFT if n not in ("Dice", "Tversky")]))
def test_mask_leaves_out_what_it_masks(data, name):
    rows, width = data.draw(st.integers(1, 4)), data.draw(st.integers(2, 4))
    y_true, y_pred = (torch.tensor(data.draw(arrays((rows, width), e))) for e in ELEMENTS[KINDS[name]])
    mask = torch.tensor([True, *data.draw(st.lists(st.booleans(), min_size=rows - 1, max_size=rows - 1))])
    loss = losses.get(name)
    kept = loss(y_true[mask], y_pred[mask])
    if KINDS[name] == "signs":  # whether targets are 0 and 1 is seen in all of them, masked or not
        y_true[~mask] = y_true[0].clone()
    y_pred._keras_mask = mask
    close(loss(y_true, y_pred), kept)
