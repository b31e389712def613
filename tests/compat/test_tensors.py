"""Making, arranging, choosing and ordering tensors, against NumPy or values known by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch.compat import tensorflow as tf
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError

CUBE = np.arange(24).reshape(2, 3, 4)


def same(found, expected):
    assert np.array_equal(np.asarray(found), np.asarray(expected))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (tf.zeros((2, 1), tf.int32), np.zeros((2, 1))),
        (tf.ones(3), np.ones(3)),
        (tf.fill([2], 7), [7, 7]),
        (tf.eye(2, 3), np.eye(2, 3)),
        (tf.range(2, 10, 3), [2, 5, 8]),
        (tf.range(5, 0, -2), [5, 3, 1]),
        (tf.linspace(0.0, 1.0, 3), [0, 0.5, 1]),
        (tf.linspace([0.0, 1.0], [1.0, 3.0], 2, axis=-1), [[0, 1], [1, 3]]),
        (tf.constant(3, shape=[2]), [3, 3]),
        (tf.ones_like([[1, 2]], tf.float32), [[1, 1]]),
        (tf.one_hot([1, 0], 2, on_value=5, off_value=-1), [[-1, 5], [5, -1]]),
        (tf.one_hot([1, 0, 2], 3, axis=0), np.eye(3)[[1, 0, 2]].T),
        (tf.one_hot([[0], [1]], depth=2), [[[1, 0]], [[0, 1]]]),
        (tf.shape(CUBE), [2, 3, 4]),
        (tf.size(CUBE), 24),
        (tf.rank(CUBE), 3),
    ],
    ids=str,
)
def test_making(found, expected):
    same(found, expected)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (tf.reshape(CUBE, [4, -1]), CUBE.reshape(4, 6)),
        (tf.reshape(CUBE, tf.constant([6, 4])), CUBE.reshape(6, 4)),
        (tf.reshape(CUBE, [tf.shape(CUBE)[0], -1]), CUBE.reshape(2, 12)),
        (tf.transpose(CUBE), CUBE.T),
        (tf.transpose(CUBE, perm=[1, 0, 2]), CUBE.transpose(1, 0, 2)),
        (tf.transpose([[1 + 2j]], conjugate=True), [[1 - 2j]]),
        (tf.squeeze(CUBE[:, :1]), CUBE[:, 0]),
        (tf.concat([CUBE, CUBE], axis=-1), np.concatenate([CUBE, CUBE], -1)),
        (tf.stack([[1, 2], [3, 4]], axis=-1), [[1, 3], [2, 4]]),
        (tf.tile([[1, 2]], (2, 2)), np.tile([[1, 2]], (2, 2))),
        (tf.repeat([[1, 2], [3, 4]], [1, 2], axis=0), [[1, 2], [3, 4], [3, 4]]),
        (tf.reverse(CUBE, [0, -1]), CUBE[::-1, :, ::-1]),
        (tf.roll(CUBE, [1, 2], [0, 2]), np.roll(CUBE, [1, 2], [0, 2])),
        (tf.broadcast_to([1, 2], [3, 2]), np.broadcast_to([1, 2], (3, 2))),
        (tf.sequence_mask([1, 0, 2]), [[1, 0], [0, 0], [1, 1]]),
        (tf.pad([[1, 2]], [[1, 0], [0, 1]], constant_values=9), [[9, 9, 9], [1, 2, 9]]),
        (tf.pad([1, 2, 3], [[2, 1]], "SYMMETRIC"), [2, 1, 1, 2, 3, 3]),
        (
            tf.pad(CUBE, [[0, 0], [1, 2], [0, 3]], "reflect"),
            np.pad(CUBE, [(0, 0), (1, 2), (0, 3)], "reflect"),
        ),
    ],
    ids=str,
)
def test_arranging(found, expected):
    same(found, expected)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (tf.gather(CUBE, [1, 1, 0]), CUBE[[1, 1, 0]]),
        (tf.gather(CUBE, [[0, 3]], axis=2), CUBE[:, :, [[0, 3]]]),
        (tf.gather(CUBE, [[0], [2]], batch_dims=1), CUBE[[[0], [1]], [[0], [2]]]),
        (tf.gather(CUBE, [[0, 1], [3, 3]], axis=2, batch_dims=1), [CUBE[0][:, [0, 1]], CUBE[1][:, [3, 3]]]),
        (tf.gather_nd(CUBE, [[0, 1], [1, 2]]), CUBE[[0, 1], [1, 2]]),
        (tf.gather_nd(CUBE, [[[2, 3]], [[0, 1]]], batch_dims=1), [[CUBE[0, 2, 3]], [CUBE[1, 0, 1]]]),
        (tf.boolean_mask(CUBE, [True, False, True], axis=1), CUBE[:, [0, 2]]),
        (tf.where(CUBE > 20), np.argwhere(CUBE > 20)),
        (tf.where(CUBE > 20, CUBE, 0), np.where(CUBE > 20, CUBE, 0)),
        (tf.slice(CUBE, [0, 1, 0], [1, -1, 2]), CUBE[0:1, 1:, :2]),
        (tf.strided_slice(CUBE, [1, 0, 3], [2, 3, 0], [1, 2, -1]), CUBE[1:2, 0:3:2, 3:0:-1]),
        (tf.strided_slice(CUBE, [0], [1], shrink_axis_mask=1), CUBE[0]),
        (tf.dynamic_stitch([[1], [0, 2]], [[5], [6, 7]]), [6, 5, 7]),
        (tf.tensor_scatter_nd_update(np.zeros((2, 2)), [[0], [1]], [[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (tf.tensor_scatter_nd_max([[1, 5]], [[0, 0], [0, 1]], [4, 4]), [[4, 5]]),
        (tf.sort([[3, 1], [0, 2]], axis=0), [[0, 1], [3, 2]]),
        (tf.argsort([1, 3, 2], direction="DESCENDING"), [1, 2, 0]),
        (tf.argsort([2, 1, 2, 1]), [1, 3, 0, 2]),
        (tf.searchsorted([1, 3, 5], [3, 6], side="right"), [2, 3]),
        (tf.math.top_k([[1, 4, 2]], k=2).indices, [[1, 2]]),
    ],
    ids=str,
)
def test_choosing_and_ordering(found, expected):
    same(found, expected)


def test_splitting():
    assert [part.shape[1] for part in tf.split(CUBE, 3, axis=1)] == [1, 1, 1]
    assert [part.shape[2] for part in tf.split(CUBE, [1, -1], axis=2)] == [1, 3]
    assert [part.tolist() for part in tf.unstack([[1, 2], [3, 4]], axis=1)] == [[1, 3], [2, 4]]


def test_unique_keeps_the_order_of_appearance():
    found = tf.unique_with_counts([7, 3, 7, 9])
    assert [part.tolist() for part in found] == [[7, 3, 9], [0, 1, 0, 2], [2, 1, 1]]
    words, places = tf.unique(["b", "a", "b"])
    assert (words.tolist(), places.tolist()) == ([b"b", b"a"], [0, 1, 0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tf.reshape(CUBE, [5, -1]), ShapeError, r"shape \(2, 3, 4\)"),
        (lambda: tf.squeeze(CUBE, axis=1), ShapeError, "length one only"),
        (lambda: tf.split(CUBE, 2, axis=1), ShapeError, "equal parts"),
        (lambda: tf.split(CUBE, [1, 1], axis=1), ShapeError, "do not add up"),
        (lambda: tf.pad([1], [[1, 1]], "MIRROR"), InvalidArgumentError, "unknown mode"),
        (lambda: tf.pad([1], [[2, 0]], "REFLECT"), ShapeError, "cannot mirror"),
        (lambda: tf.pad([[1]], [[1, 1]]), ShapeError, "each of the 2 axes"),
        (lambda: tf.where([True], 1), InvalidArgumentError, "both `x` and `y`"),
        (lambda: tf.sort([1], direction="UP"), InvalidArgumentError, "direction"),
        (lambda: tf.ensure_shape([1, 2], [3]), ShapeError, "not compatible"),
        (lambda: tf.constant([1, 2, 3], shape=[2]), ShapeError, "do not fit"),
        (lambda: tf.zeros([1.5]), ArgumentTypeError, "integer"),
    ],
    ids=[
        "reshape",
        "squeeze",
        "split",
        "sizes",
        "mode",
        "mirror",
        "pairs",
        "where",
        "sort",
        "shape",
        "fit",
        "zeros",
    ],
)
def test_what_cannot_be_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_text_is_arranged_too():
    assert tf.concat([["a"], ["b", "c"]], 0).tolist() == [b"a", b"b", b"c"]
    assert tf.gather(["a", "b"], [1, 0]).tolist() == [b"b", b"a"]
    assert tf.expand_dims("a", 0).tolist() == [b"a"]
    assert tf.reshape(["a", "b"], (2, 1)).tolist() == [[b"a"], [b"b"]]


def test_numbers_take_the_type_of_the_tensor_beside_them():
    half = torch.ones(2, dtype=torch.float16)
    assert tf.add(half, 1.5).dtype == torch.float16
    assert tf.where([True, False], half, 0).dtype == torch.float16
    assert tf.maximum(torch.ones(1), np.zeros(1)).dtype == torch.float32


def test_gradients_pass_through_identity_and_stop_at_stop_gradient():
    x = torch.ones(2, requires_grad=True)
    (tf.identity(x) + tf.stop_gradient(3 * x)).sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_conditions_and_cases():
    assert tf.cond(tf.constant(True), lambda: 1, lambda: 2) == 1
    assert tf.switch_case(9, [lambda: "a", lambda: "b"]) == "b"
    with pytest.raises(InvalidArgumentError, match="none of the conditions"):
        tf.case([(False, lambda: 1)])
    with pytest.raises(ArgumentTypeError, match="two functions"):
        tf.cond(True, 1, 2)


def test_loops_and_maps():
    i, total = tf.while_loop(lambda i, t: i < 10, lambda i, t: (i + 1, t + i), (0, 0), maximum_iterations=3)
    assert (int(i), int(total)) == (3, 3)
    assert tf.map_fn(lambda x: x[0] * x[1], (np.array([1, 2]), np.array([3, 4]))).tolist() == [3, 8]
    assert tf.map_fn(lambda x: x, [1, 2], fn_output_signature=tf.float32).dtype == torch.float32
    assert tf.scan(lambda a, x: a + x, [1, 2, 3], reverse=True).tolist() == [6, 5, 3]
    assert int(tf.foldl(lambda a, x: a - x, [1, 2], initializer=10)) == 7
    assert tf.vectorized_map(torch.sum, torch.ones(3, 4)).tolist() == [4.0] * 3


def test_ragged_tensors():
    rows = tf.ragged.constant([[1, 2, 3], [4]])
    assert rows.to_tensor(default_value=-1).tolist() == [[1, 2, 3], [4, -1, -1]]
    assert rows.to_tensor(shape=[None, 2]).tolist() == [[1, 2], [4, 0]]
    assert (rows.shape.as_list(), rows[1].tolist(), rows[:1].to_list()) == ([2, None], [4], [[1, 2, 3]])
    assert tf.RaggedTensor.from_tensor([[1, 0], [2, 3]], padding=0).to_list() == [[1], [2, 3]]
    assert tf.ragged.range([2, 0, 1]).to_list() == [[0, 1], [], [0]]
    assert tf.ragged.constant([["a"], []]).to_tensor().tolist() == [[b"a"], [b""]]
    with pytest.raises(ShapeError, match="end at"):
        tf.RaggedTensor([1, 2], [0, 1])


def test_sparse_tensors():
    sparse = tf.SparseTensor([[0, 1], [2, 0]], [5.0, 6.0], [3, 2])
    dense = tf.sparse.to_dense(sparse)
    assert dense.tolist() == [[0, 5], [0, 0], [6, 0]]
    again = tf.sparse.from_dense(dense)
    assert again.indices.tolist() == [[0, 1], [2, 0]]
    product = tf.sparse.sparse_dense_matmul(sparse, np.ones((2, 2), np.float32))
    assert product.tolist() == [[5, 5], [0, 0], [6, 6]]


def test_nested_structures():
    assert tf.nest.flatten({"b": 1, "a": (2, [3])}) == [2, 3, 1]
    assert tf.nest.pack_sequence_as((0, [0]), [1, 2]) == (1, [2])
    with pytest.raises(ValueError, match="structure"):
        tf.nest.assert_same_structure([1], [1, 2])
