"""Attention layers: masks, kernels, subclasses, Keras 2, errors."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch
from torch.profiler import profile

from kerastorch import layers
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.layers.attention.attention import AdditiveAttention, Attention
from kerastorch.layers.attention.grouped_query_attention import GroupedQueryAttention
from kerastorch.layers.attention.multi_head_attention import MultiHeadAttention
from kerastorch.layers.core.input_layer import Input
from kerastorch.layers.masks import get_mask, set_mask
from kerastorch.models.functional import Functional

B, T, S, D = 3, 5, 4, 6
HEADED = {
    "MultiHeadAttention": (MultiHeadAttention, {"num_heads": 2, "key_dim": 4}),
    "GroupQueryAttention": (
        GroupedQueryAttention,
        {"head_dim": 4, "num_query_heads": 4, "num_key_value_heads": 2},
    ),
}


def numbers(*shape, seed=0):
    return torch.tensor(np.random.default_rng(seed).normal(size=shape).astype("float32"))


def truths(*shape, seed=0):
    return torch.tensor(np.random.default_rng(seed).random(shape) < 0.6)


def pair(name, inputs, **kwargs):
    cls, required = HEADED[name]
    ours, theirs = cls(**required, **kwargs), getattr(keras.layers, name)(**required, **kwargs)
    ours(*inputs), theirs(*inputs)
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def operations(layer, *inputs, **call):
    layer(*inputs, **call)
    with profile() as record:
        layer(*inputs, **call)
    return {event.name for event in record.events()}


FUSED = "aten::scaled_dot_product_attention"


@pytest.mark.parametrize("name", HEADED)
@pytest.mark.parametrize("shape", [(T, S), (1, T, S), (B, T, S), (B, 1, S), (B, T, 1)])
@pytest.mark.parametrize("call", [{}, {"use_causal_mask": True}, {"return_attention_scores": True}])
def test_attention_masks_are_keras_s(name, shape, call):
    inputs = numbers(B, T, D), numbers(B, S, D, seed=1)
    ours, theirs = pair(name, inputs)
    call = {**call, "attention_mask": truths(*shape)}
    for mine, wanted in zip(ours(*inputs, **call), theirs(*inputs, **call), strict=True):
        torch.testing.assert_close(mine, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", HEADED)
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_rows_in_which_nothing_counts_are_keras_s_and_have_finite_gradients(name, dropout):
    inputs = numbers(B, T, D).requires_grad_(), numbers(B, S, D, seed=1).requires_grad_()
    ours, theirs = pair(name, inputs, dropout=dropout)
    nothing = torch.zeros(B, T, S, dtype=torch.bool)
    outputs = ours(*inputs, attention_mask=nothing)
    torch.testing.assert_close(outputs, theirs(*inputs, attention_mask=nothing), rtol=1e-5, atol=1e-5)
    outputs.square().sum().backward()
    assert all(torch.isfinite(x.grad).all() for x in [*inputs, *ours.parameters()])


@pytest.mark.parametrize("name", HEADED)
def test_masks_of_single_heads_go_with_those_of_steps(name):
    query, value = numbers(B, T, D), numbers(B, S, D, seed=1)
    layer = HEADED[name][0](**HEADED[name][1])
    heads = 2 if name == "MultiHeadAttention" else 4
    allowed, counts = truths(B, heads, T, S), truths(B, S, seed=1)
    apart = layer(query, value, attention_mask=allowed, value_mask=counts)
    together = layer(query, value, attention_mask=allowed & counts[:, None, None])
    torch.testing.assert_close(apart, together)


@pytest.mark.parametrize("name", HEADED)
def test_masks_given_by_name_count_as_those_that_travel_on_tensors(name):
    layer = HEADED[name][0](**HEADED[name][1])
    query, value, key = numbers(B, T, D), numbers(B, S, D, seed=1), numbers(B, S, D, seed=2)
    given = {"query_mask": truths(B, T), "value_mask": truths(B, S, seed=1), "key_mask": truths(B, S, seed=2)}
    by_name = layer(query, value, key, **given)
    for x, mask in zip((query, value, key), given.values(), strict=True):
        set_mask(x, mask)
    outputs = layer(query, value, key)
    torch.testing.assert_close(outputs, by_name)
    assert torch.equal(get_mask(outputs), given["query_mask"])


def test_only_the_output_has_a_mask_where_scores_are_returned_too():
    x = numbers(B, T, D)
    set_mask(x, truths(B, T))
    outputs, scores = MultiHeadAttention(2, 4)(x, x, return_attention_scores=True)
    assert get_mask(outputs) is not None
    assert get_mask(scores) is None


def test_masks_of_several_attended_axes():
    x, counts = numbers(2, 3, 4, D), truths(2, 3, 4)
    layer = MultiHeadAttention(2, 4)
    masked = layer(x, x, value_mask=counts)
    changed = torch.where(counts[..., None], x, 100.0)
    torch.testing.assert_close(layer(x, changed, value_mask=counts), masked)


@pytest.mark.parametrize("width", [1, 2, 4])
def test_sliding_window_is_a_band(width):
    x = numbers(B, T, D)
    layer = MultiHeadAttention(2, 4, sliding_window=width)
    _, scores = layer(x, x, return_attention_scores=True)
    far = (torch.arange(T)[:, None] - torch.arange(T)).abs() >= width
    assert torch.equal(scores == 0, far.expand_as(scores))


@pytest.mark.parametrize(
    ("layer", "inputs", "call", "fused"),
    [
        (MultiHeadAttention(2, 4), 2, {}, True),
        (MultiHeadAttention(2, 4), 2, {"use_causal_mask": True}, True),
        (MultiHeadAttention(2, 4, dropout=0.5), 2, {"training": True}, True),
        (MultiHeadAttention(2, 4, dropout=0.5, seed=1), 2, {"training": True}, False),
        (MultiHeadAttention(2, 4, dropout=0.5, seed=1), 2, {}, True),
        (MultiHeadAttention(2, 4), 2, {"return_attention_scores": True}, False),
        (GroupedQueryAttention(4, 4, 2), 2, {}, True),
        (Attention(), 1, {}, True),
        (Attention(use_scale=True), 1, {"use_causal_mask": True}, True),
        (Attention(score_mode="concat"), 1, {}, False),
        (Attention(), 1, {"return_attention_scores": True}, False),
        (AdditiveAttention(), 1, {}, False),
    ],
)
def test_torchs_fused_kernel_is_used_where_it_can_be(layer, inputs, call, fused):
    x = numbers(B, T, D)
    found = operations(layer, *((x, x) if inputs == 2 else ([x, x],)), **call)
    assert (FUSED in found) == fused
    assert "aten::einsum" not in found


def test_a_causal_mask_alone_is_not_made():
    x = numbers(B, T, D)
    assert "aten::ones" not in operations(MultiHeadAttention(2, 4), x, x, use_causal_mask=True)


def test_flash_attention_gives_the_same():
    x = numbers(B, T, D)
    plain, flash = MultiHeadAttention(2, 4), MultiHeadAttention(2, 4, flash_attention=True)
    plain(x, x), flash(x, x)
    flash.set_weights(plain.get_weights())
    torch.testing.assert_close(flash(x, x), plain(x, x))
    assert flash(Input((T, D)), Input((T, D))).shape == (None, T, D)


def test_sublayers_have_keras_s_names():
    x = numbers(B, T, D)
    ours, theirs = pair("MultiHeadAttention", (x, x), use_gate=True)
    for name in ("query_dense", "key_dense", "value_dense", "output_dense", "_query_dense", "_gate_dense"):
        assert getattr(ours, name).name == getattr(theirs, name).name
    assert ours.query_dense.kernel.shape == (D, 2, 4)


def test_a_subclass_may_attend_in_its_own_way():
    class Uniform(MultiHeadAttention):
        def _compute_attention(
            self, query, key, value, attention_mask=None, training=None, return_attention_scores=False
        ):
            self.seen = attention_mask
            return value.mean(1, keepdim=True).expand_as(query), None

    layer, x = Uniform(2, 4), numbers(B, T, D)
    outputs = layer(x, x, use_causal_mask=True)
    assert layer.seen.shape == (1, T, T)
    assert torch.allclose(outputs, outputs[:, :1])


@pytest.mark.parametrize("name", HEADED)
def test_a_subclass_need_not_take_all_arguments_of_the_step(name):
    cls, required = HEADED[name]

    class Watched(cls):
        def _compute_attention(self, query, key, value, attention_mask=None, training=None):
            self.seen = attention_mask
            return super()._compute_attention(query, key, value, attention_mask, training)

    layer, x = Watched(**required), numbers(B, T, D)
    layer(x, x, use_causal_mask=True)
    assert layer.seen.shape == (1, T, T)


def test_scores_of_plain_attention_are_those_after_dropout():
    query, value = torch.eye(2)[None], torch.ones(1, 2, 2)
    layer = Attention(dropout=0.5, seed=1)
    outputs, scores = layer([query, value], return_attention_scores=True, training=True)
    assert set(scores.flatten().tolist()) <= {0.0, 1.0}  # halves, dropped or doubled
    assert torch.equal(outputs, scores @ value)


def test_configs_of_keras_2_build_the_layer():
    config = {
        **MultiHeadAttention(2, 4).get_config(),
        "query_shape": [None, T, D],
        "value_shape": [None, T, D],
        "key_shape": [None, T, D],
        "softmax_robust_masking": True,
    }
    layer = MultiHeadAttention.from_config(config)
    assert [tuple(w.shape) for w in layer.weights][:2] == [(D, 2, 4), (2, 4)]


def test_causal_of_keras_2():
    x = numbers(B, T, D)
    layer = Attention.from_config(Attention(causal=True).get_config())
    assert torch.equal(layer([x, x]), Attention()([x, x], use_causal_mask=True))


@pytest.mark.parametrize("name", HEADED)
def test_a_model_of_self_attention(name):
    x = Input((T, D))
    layer = HEADED[name][0](**HEADED[name][1])
    model = Functional(x, layer(x, x))
    data = numbers(B, T, D)
    assert torch.equal(model(data), layer(data, data))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MultiHeadAttention(0, 4), "`num_heads`, expected a positive integer.*num_heads=0"),
        (lambda: MultiHeadAttention(2, 2.5), "key_dim=2.5"),
        (lambda: MultiHeadAttention(2, 4, value_dim=-1), "`value_dim`.*positive integer or `None`"),
        (lambda: MultiHeadAttention(2, 4, sliding_window=0), "sliding_window=0"),
        (lambda: MultiHeadAttention(2, 4, dropout=1.5), "argument `dropout`.*dropout=1.5"),
        (lambda: MultiHeadAttention(2, 4, output_shape="x"), "Invalid `output_shape`: 'x'"),
        (
            lambda: MultiHeadAttention(2, 4, attention_axes="x"),
            "`attention_axes` must be an int, list, or tuple",
        ),
        (lambda: MultiHeadAttention(2, 4, flash_attention=True, dropout=0.1), "Dropout is not supported"),
        (lambda: GroupedQueryAttention(4, 3, 2), "`num_query_heads` must be divisible"),
        (lambda: GroupedQueryAttention(4, 4, 0), "num_key_value_heads=0"),
        (lambda: Attention(score_mode="sum"), "score_mode='sum'"),
        (lambda: AdditiveAttention(dropout=-0.1), "dropout=-0.1"),
    ],
)
def test_arguments_are_checked(make, message):
    with pytest.raises(InvalidArgumentError, match=message):
        make()


X, Y = numbers(B, T, D), numbers(B, S, D)


@pytest.mark.parametrize(
    ("layer", "inputs", "call", "error", "message"),
    [
        (MultiHeadAttention(2, 4), (X[0], X[0]), {}, ShapeError, "at least 3"),
        (MultiHeadAttention(2, 4), (X, Y, X), {}, ShapeError, "except the last one, must be equal"),
        (
            MultiHeadAttention(2, 4, attention_axes=2),
            (X, X),
            {},
            InvalidArgumentError,
            "`attention_axes` must be",
        ),
        (
            MultiHeadAttention(2, 4, attention_axes=1),
            (X[:, :, None], X[:, :, None].repeat(1, 1, 2, 1)),
            {},
            ShapeError,
            "equal sizes in the axes that are not attended over",
        ),
        (
            MultiHeadAttention(2, 4),
            (X, Y),
            {"attention_mask": truths(B, S, T)},
            ShapeError,
            r"broadcastable to the attention scores.*\(3, 2, 5, 4\).*mask of shape \(3, 4, 5\)",
        ),
        (MultiHeadAttention(2, 4), (X, Y), {"attention_mask": truths(S)}, ShapeError, "mask of shape"),
        (
            MultiHeadAttention(2, 4),
            (X[:, :, None], X[:, :, None]),
            {"use_causal_mask": True, "value_mask": truths(B, T, 1)},
            InvalidArgumentError,
            "need a single attention axis",
        ),
        (
            MultiHeadAttention(2, 4, flash_attention=True),
            (X, X),
            {"return_attention_scores": True},
            InvalidArgumentError,
            "Returning attention scores is not supported",
        ),
        (GroupedQueryAttention(4, 4, 2), (X[:, None], X[:, None]), {}, ShapeError, "must have 3 dimensions"),
        (Attention(), (X,), {}, ArgumentTypeError, "must be called on a list of inputs"),
        (Attention(), ([X],), {}, InvalidArgumentError, "length 2 or 3.*Received length: 1"),
        (Attention(), ([X, Y],), {"mask": truths(B, T)}, ArgumentTypeError, "mask must be a list"),
        (
            Attention(),
            ([X, Y],),
            {"mask": [None]},
            InvalidArgumentError,
            "accepts mask list of length 2 or 3",
        ),
        (Attention(), ([X, Y[..., :3]],), {}, ShapeError, r"key of shape \(3, 4, 3\)"),
        (AdditiveAttention(), ([X, Y, X],), {}, ShapeError, "AdditiveAttention takes a query"),
        (Attention(), ([X, Y],), {"mask": [None, truths(B, T)]}, ShapeError, r"mask of shape \(3, 5\)"),
    ],
)
def test_inputs_are_checked(layer, inputs, call, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        layer(*inputs, **call)


# Self-attention in one product ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["MultiHeadAttention", "GroupQueryAttention"])
@pytest.mark.parametrize("use_bias", [True, False])
def test_one_tensor_is_projected_as_three_equal_ones_are(kind, use_bias):
    arguments = (2, 4) if kind == "MultiHeadAttention" else (4, 4, 2)
    layer = getattr(layers, kind)(*arguments, use_bias=use_bias)
    found = []
    for copies in (False, True):
        x = torch.randn(2, 5, 6, generator=torch.Generator().manual_seed(0)).requires_grad_()
        output = layer(x, x.clone() if copies else x)
        grads = torch.autograd.grad(output.square().sum(), [x, *layer.trainable_weights])
        found.append([output, *grads])
    for a, b in zip(*found, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


def test_a_hook_on_a_projection_is_called_in_self_attention():
    layer, seen = layers.MultiHeadAttention(2, 4), []
    x = torch.randn(2, 5, 6)
    layer(x, x)
    layer.key_dense.register_forward_hook(lambda dense, args, output: seen.append(output.shape))
    layer(x, x)
    assert seen == [(2, 5, 2, 4)]
