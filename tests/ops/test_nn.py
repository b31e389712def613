"""What the tables of `keras.ops.nn` do not show: errors, open axes, compiled code, sparse results, the flash kernel."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from kerastorch import KerasTensor, config, layers, ops
from kerastorch.errors import InvalidArgumentError, KerasTorchError, ShapeError

X, IMAGE, HEADS = torch.ones(2, 4), torch.ones(1, 6, 6, 4), torch.ones(1, 2, 4, 3)

FAULTS = {
    "channels": (
        lambda: ops.conv(IMAGE, torch.ones(3, 3, 5, 2)),
        r"keras.ops.conv` failed: .*input channels=4",
    ),
    "ranks": (lambda: ops.conv(X, torch.ones(3, 4, 2)), r"inputs of shape \(2, 4\)"),
    "windows": (lambda: ops.max_pool(IMAGE, 7), r"size \(7, 7\) does not fit an input of size \(6, 6\)"),
    "padding": (lambda: ops.average_pool(IMAGE, 2, padding="causal"), r"padding='causal'"),
    "depthwise": (lambda: ops.depthwise_conv(IMAGE, torch.ones(2, 2, 3, 1)), "input channels must match"),
    "transposed": (lambda: ops.conv_transpose(IMAGE, torch.ones(2, 2, 3, 1)), "input channels must match"),
    "axis": (lambda: ops.softmax(X, 10), r"axis 10 is out of bounds"),
    "axes": (lambda: ops.log_softmax(X, (0, 5)), r"axis \(0, 5\) is out of bounds"),
    "symbolic axis": (lambda: ops.softmax(KerasTensor((None, 4)), 10), r"axis 10 is out of bounds"),
    "halves": (lambda: ops.glu(torch.ones(3)), r"keras.ops.glu` failed"),
    "order": (lambda: ops.normalize(X, order=0), r"`order` must be an int >= 1"),
    "vector": (
        lambda: ops.batch_normalization(X, X[0], X[0, :2], -1),
        "`variance` must be a vector of length",
    ),
    "shapes": (lambda: ops.binary_crossentropy(X, X[:1]), r"target.shape=\(2, 4\), output.shape=\(1, 4\)"),
    "labels": (lambda: ops.sparse_categorical_crossentropy(X, X), r"up until the last dimension"),
    "classes": (lambda: ops.multi_hot([1, 2]), "`num_classes` must be specified"),
    "heads": (lambda: ops.dot_product_attention(X, X, X), "only supports 4D inputs"),
    "mask and bias": (
        lambda: ops.dot_product_attention(HEADS, HEADS, HEADS, bias=X, mask=X),
        "Only one of `bias` and `mask`",
    ),
    "blocks": (lambda: ops.depth_to_space(IMAGE, 1), "`block_size` must be at least 2"),
    "uneven blocks": (lambda: ops.space_to_depth(IMAGE, 4), "must be divisible by block_size"),
    "pictures": (lambda: ops.unfold(X, 2), "must be a 4D tensor"),
    "signals": (lambda: ops.psnr(X, X[:1], 1.0), "must match for PSNR"),
    "strategy": (lambda: ops.ctc_decode(HEADS[0], [2, 2], strategy="best"), "Invalid strategy best"),
    "sequences": (lambda: ops.ctc_loss([[1]], X, [1], [2]), "same first dimension"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_errors_say_what_was_wrong(name):
    call, words = FAULTS[name]
    with pytest.raises(KerasTorchError, match=words) as caught:
        call()
    assert isinstance(caught.value, (InvalidArgumentError, ShapeError))


def test_a_softmax_of_single_numbers_is_warned_about():
    with pytest.warns(UserWarning, match=r"softmax over axis -1 of a tensor of shape \(3, 1\)"):
        ops.softmax(torch.ones(3, 1))


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        (lambda x: ops.conv(x, torch.ones(3, 3, 4, 2), padding="same"), (None, None, None, 2)),
        (lambda x: ops.depthwise_conv(x, torch.ones(3, 3, 4, 2), 2), (None, None, None, 8)),
        (lambda x: ops.conv_transpose(x, torch.ones(3, 3, 5, 4), 2, "same"), (None, None, None, 5)),
        (lambda x: ops.max_pool(x, 2), (None, None, None, 4)),
        (lambda x: ops.average_pool(x, 2, 1, "same"), (None, None, None, 4)),
        (lambda x: ops.adaptive_max_pool(x, (2, 3)), (None, 2, 3, 4)),
        (lambda x: ops.depth_to_space(x, 2), (None, None, None, 1)),
        (lambda x: ops.dot_product_attention(x, x, x, is_causal=True), (None, None, None, 4)),
    ],
)
def test_open_axes_stay_open(call, shape):
    assert call(KerasTensor((None, None, None, 4))).shape == shape


@pytest.mark.parametrize(
    "function",
    [
        lambda x: ops.conv(x, torch.ones(3, 3, 4, 2), padding="same"),
        lambda x: ops.conv_transpose(x, torch.ones(3, 3, 5, 4), 2, "same"),
        lambda x: ops.average_pool(x, 2, 1, "same"),
        lambda x: ops.layer_normalization(ops.softmax(ops.gelu(x)), axis=(1, 3)),
        lambda x: ops.dot_product_attention(x, x, x, is_causal=True),
        lambda x: ops.moments(ops.one_hot(x[..., 0], 5), [0, 1])[1],
    ],
)
def test_compiled_code_is_one_graph(function):
    x = torch.rand(2, 6, 5, 4)
    compiled = torch.compile(function, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(x), function(x))


@pytest.mark.parametrize("name", ["one_hot", "multi_hot"])
def test_vectors_of_classes_may_be_sparse(name):
    function, numbers = getattr(ops, name), torch.tensor([[0, 2], [1, 1]])
    sparse = function(numbers, 3, sparse=True)
    assert sparse.is_sparse
    assert torch.equal(sparse.to_dense(), function(numbers, 3))


def test_crossentropies_use_the_logits_of_a_softmax():
    logits = torch.tensor([[200.0, 0.0]])
    assert ops.categorical_crossentropy([[0.0, 1.0]], ops.softmax(logits)).item() == 200


def test_attention_keeps_from_the_flash_kernel_where_it_is_disabled():
    assert config.is_flash_attention_enabled() is None
    config.disable_flash_attention()
    try:
        assert config.is_flash_attention_enabled() is False
        layer = layers.MultiHeadAttention(2, 4)
    finally:
        config.enable_flash_attention()
    plain = layers.MultiHeadAttention(2, 4)
    x = torch.rand(1, 3, 8)
    plain(x, x), layer(x, x)
    plain.set_weights(layer.get_weights())
    assert (layer._flash_attention, plain._flash_attention) == (False, None)
    torch.testing.assert_close(layer(x, x), plain(x, x))


SCRIPT = """
import sys
from kerastorch import KerasTensor, ops
x, image = KerasTensor((None, 4)), KerasTensor((None, 6, 6, 4))
ops.log_sigmoid(x), ops.moments(x, [0]), ops.polar(x, x), ops.binary_crossentropy(x, x, True)
ops.sparse_categorical_crossentropy(KerasTensor((None,), "int32"), x, True)
ops.average_pool(ops.conv(image, KerasTensor((3, 3, 4, 2)), padding="same"), 2, 1, "same")
ops.fold(ops.unfold(image, 2), (6, 4), 2), ops.dot_product_attention(image, image, image)
print(*(name in sys.modules for name in ("sympy", "torch._dynamo")))
"""


def test_symbolic_calls_do_not_load_torchs_compiler():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"], done.stderr
