"""`Layer`: how masks reach `call`, travel on outputs, get lost with a warning, and pass through graphs."""

from __future__ import annotations

import warnings

import keras
import pytest
import torch

import kerastorch
from kerastorch import Input, layers
from kerastorch.models.functional import Functional

LIBRARIES = (kerastorch, keras)
X = torch.arange(24.0).reshape(2, 3, 4)
MASK = torch.tensor([[True, True, False], [True, False, False]])


def masked(x=X, mask=MASK):
    copy = x.clone()
    copy._keras_mask = mask
    return copy


def mask_of(x):
    return getattr(x, "_keras_mask", None)


def reading_class(library):
    class Reads(library.layers.Layer):
        def __init__(self):
            super().__init__()
            self.supports_masking = True

        def call(self, x, mask=None):
            return x if mask is None else x * mask[..., None]

    return Reads


def own_rule_class(library):
    class First(library.layers.Layer):
        def __init__(self):
            super().__init__()
            self.supports_masking = True

        def call(self, x):
            return x[:, :1]

        def compute_mask(self, inputs, previous_mask=None):
            return None if previous_mask is None else previous_mask[:, :1]

    return First


@pytest.mark.parametrize("kind", [reading_class, own_rule_class], ids=["reads", "rule"])
@pytest.mark.parametrize("with_mask", [True, False])
def test_masks_come_and_go_as_in_keras(kind, with_mask):
    ours, theirs = (kind(library)()(masked() if with_mask else X) for library in LIBRARIES)
    assert torch.equal(ours, theirs)
    if with_mask:
        assert torch.equal(mask_of(ours), mask_of(theirs))
    else:
        assert mask_of(ours) is mask_of(theirs) is None


def test_a_call_without_a_mask_does_not_hide_one_of_the_next_call():
    layer = reading_class(kerastorch)()
    layer(X), layer(X)
    assert torch.equal(layer(masked()), X * MASK[..., None])
    assert torch.equal(layer(X), X)


def test_an_explicit_mask_comes_first():
    other = ~MASK
    output = reading_class(kerastorch)()(masked(), mask=other)
    assert torch.equal(output, X * other[..., None])
    assert torch.equal(mask_of(output), other)


def test_masks_of_several_inputs_go_by_name():
    class Attends(layers.Layer):
        supports_masking = True

        def call(self, query, value, query_mask=None, value_mask=None):
            self.seen = (query_mask, value_mask)
            return query

    layer = Attends()
    layer(masked(), value=masked(mask=~MASK))
    assert torch.equal(layer.seen[0], MASK)
    assert torch.equal(layer.seen[1], ~MASK)
    layer(X, masked())
    assert layer.seen[0] is None
    assert torch.equal(layer.seen[1], MASK)


def test_masks_of_nested_inputs_come_in_the_same_nesting():
    class Sums(layers.Layer):
        def call(self, inputs, mask=None):
            self.seen = mask
            return inputs["a"] + inputs["b"]

    layer = Sums()
    layer({"a": masked(), "b": X})
    assert torch.equal(layer.seen["a"], MASK)
    assert layer.seen["b"] is None


@pytest.mark.parametrize("library", LIBRARIES, ids=["kerastorch", "keras"])
def test_losing_a_mask_warns(library):
    class Blind(library.layers.Layer):
        def call(self, x):
            return 2 * x

    with pytest.warns(UserWarning, match="does not support masking and will therefore destroy the mask"):
        output = Blind()(masked())
    assert mask_of(output) is None


def test_nothing_is_said_where_there_is_no_mask():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layers.Flatten()(X)
        layers.Dense(2)(masked())


def test_casting_the_input_keeps_its_mask():
    output = layers.Dense(2, dtype="float64")(masked())
    assert torch.equal(mask_of(output), MASK)


def test_masks_made_by_a_layer_pass_through_layers_inside():
    class Block(layers.Layer):
        supports_masking = True

        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(4)
            self.reads = reading_class(kerastorch)()

        def call(self, x):
            return self.reads(self.dense(x))

    output = Block()(masked())
    assert torch.equal(mask_of(output), MASK)
    assert torch.equal(output.abs().sum(-1) > 0, MASK)


def build_graph(library):
    library.utils.set_random_seed(0)
    tokens = library.Input((5,), dtype="int32")
    x = library.layers.Embedding(7, 4, mask_zero=True, embeddings_initializer="ones")(tokens)
    x = library.layers.Dense(4, kernel_initializer="ones")(x)
    x = reading_class(library)()(x)
    return tokens, x


@pytest.mark.parametrize("pooling", ["GlobalAveragePooling1D", "Identity"])
def test_graphs_compute_masks_as_keras_does(pooling):
    data = torch.tensor([[1, 2, 0, 0, 0], [3, 4, 5, 6, 0]])
    results = []
    for library in LIBRARIES:
        tokens, x = build_graph(library)
        output = getattr(library.layers, pooling)()(x)
        model = Functional(tokens, output) if library is kerastorch else keras.Model(tokens, output)
        results.append(model(data))
    assert torch.allclose(*results)
    left, right = map(mask_of, results)
    assert (left is None and right is None) or torch.equal(left, right)


def test_symbolic_tensors_carry_symbolic_masks():
    x = layers.Masking()(Input((3, 4)))
    assert x._keras_mask.shape == (None, 3)
    assert layers.Dense(2)(x)._keras_mask is x._keras_mask
    assert mask_of(layers.Dot(axes=1)([x, x])) is None
    assert layers.Concatenate()([x, Input((3, 2))])._keras_mask.shape == (None, 3)


def test_a_layer_of_the_user_takes_masks_of_any_shape():
    class Keeps(layers.Layer):
        supports_masking = True

        def call(self, x, mask=None):
            self.seen = mask
            return x

    layer, mask = Keeps(dtype="float16"), torch.ones(7, dtype=torch.bool)
    output = layer(masked(mask=mask))
    assert output.dtype == torch.float16
    assert layer.seen is mask
    assert mask_of(output) is mask


def test_a_model_may_have_a_mask_as_its_output():
    x, y = Input((3, 4)), Input((3, 4))
    merged = layers.Concatenate(axis=1)([layers.Masking()(x), y])
    model = Functional([x, y], mask_of(merged))
    values = torch.tensor([[[1.0] * 4, [0.0] * 4, [2.0] * 4]])
    assert model([values, values]).tolist() == [[True, False, True, True, True, True]]
