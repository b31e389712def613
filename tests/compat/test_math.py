"""`tf.math` and `tf.linalg` against NumPy and torch, with TensorFlow's types and edge cases."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch.compat import tensorflow as tf
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError

X = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
SQUARE = X @ X.T + np.eye(3, dtype="float32")


def close(found, expected, **tolerance):
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=1e-4, atol=1e-5, **tolerance)


@pytest.mark.parametrize(
    "name", ["sin", "cos", "tan", "tanh", "exp", "square", "abs", "floor", "ceil", "sign"]
)
def test_pointwise_functions_are_numpys(name):
    close(getattr(tf.math, name)(X), getattr(np, name)(X))


@pytest.mark.parametrize(
    ("name", "numpy_name"),
    [
        ("reduce_sum", "sum"),
        ("reduce_mean", "mean"),
        ("reduce_max", "max"),
        ("reduce_min", "min"),
        ("reduce_prod", "prod"),
        ("reduce_variance", "var"),
        ("reduce_std", "std"),
    ],
)
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1)])
def test_reductions_are_numpys(name, numpy_name, axis):
    close(getattr(tf.math, name)(X, axis=axis), getattr(np, numpy_name)(X, axis=axis))
    kept = getattr(tf.math, name)(X, axis, keepdims=True)
    assert tuple(kept.shape) == getattr(np, numpy_name)(X, axis=axis, keepdims=True).shape


@pytest.mark.parametrize(
    ("found", "expected", "dtype"),
    [
        (tf.reduce_sum([1, 2]), 3, torch.int32),
        (tf.reduce_mean([1, 2, 2]), 1, torch.int32),
        (tf.reduce_mean([-3, 0]), -1, torch.int32),
        (tf.divide(3, 2), 1.5, torch.float64),
        (tf.math.floordiv(-7, 2), -4, torch.int32),
        (tf.math.mod(-7, 3), 2, torch.int32),
        (tf.argmax([1, 3, 2]), 1, torch.int64),
        (tf.argmax([1, 3, 2], output_type=tf.int32), 1, torch.int32),
        (tf.cumsum([1, 2, 3]), [1, 3, 6], torch.int32),
        (tf.round([0.5, 1.5, -0.5]), [0.0, 2.0, 0.0], torch.float32),
        (tf.math.count_nonzero([[1, 0], [1, 1]], axis=0), [2, 1], torch.int64),
        (tf.clip_by_value([1, 5], 2, 4), [2, 4], torch.int32),
        (tf.add_n([[1.0], [2.0], [3.0]]), [6.0], torch.float32),
    ],
    ids=str,
)
def test_types_are_tensorflows(found, expected, dtype):
    assert found.tolist() == expected
    assert found.dtype == dtype


def test_no_nan_functions_have_finite_gradients():
    x, y = torch.tensor([1.0], requires_grad=True), torch.tensor([0.0], requires_grad=True)
    tf.math.divide_no_nan(x, y).sum().backward()
    assert (x.grad.item(), y.grad.item()) == (0.0, 0.0)
    assert tf.math.multiply_no_nan([np.inf], [0.0]).tolist() == [0.0]
    assert tf.math.xlogy([0.0], [0.0]).tolist() == [0.0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sum", [[4.0, 6.0], [0.0, 0.0], [5.0, 6.0]]),
        ("mean", [[2.0, 3.0], [0.0, 0.0], [5.0, 6.0]]),
        ("prod", [[3.0, 8.0], [1.0, 1.0], [5.0, 6.0]]),
        ("max", [[3.0, 4.0], [0.0, 0.0], [5.0, 6.0]]),
    ],
)
def test_segments_may_be_empty(name, expected):
    data = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert getattr(tf.math, f"segment_{name}")(data, [0, 0, 2]).tolist() == expected


def test_unsorted_segments_leave_out_negative_numbers():
    found = tf.math.unsorted_segment_sum([1, 2, 4], [1, -1, 1], 3)
    assert found.tolist() == [0, 5, 0]
    assert tf.math.unsorted_segment_max([1.0], [0], 2).tolist() == [1.0, torch.finfo(torch.float32).min]


def test_counting():
    assert tf.math.bincount([1, 1, 3], minlength=5).tolist() == [0, 2, 0, 1, 0]
    assert tf.math.bincount([1, 1, 3], maxlength=2).tolist() == [0, 2]
    assert tf.math.bincount([0, 1], weights=[0.5, 2.0]).tolist() == [0.5, 2.0]
    assert tf.math.bincount([[0, 0], [1, 0]], axis=-1, binary_output=True).tolist() == [[1, 0], [1, 1]]
    assert tf.math.confusion_matrix([0, 1, 1], [0, 0, 1], 2).tolist() == [[1, 0], [1, 1]]
    assert tf.math.confusion_matrix([0], [1], weights=[3]).tolist() == [[0, 3], [0, 0]]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (tf.matmul(X, X, transpose_b=True), X @ X.T),
        (tf.matmul(X, X, transpose_a=True), X.T @ X),
        (tf.linalg.matvec(X, X[0]), X @ X[0]),
        (tf.tensordot(X, X, axes=[[1], [1]]), X @ X.T),
        (tf.einsum("ij,kj->ik", X, X), X @ X.T),
        (tf.linalg.inv(SQUARE), np.linalg.inv(SQUARE)),
        (tf.linalg.det(SQUARE), np.linalg.det(SQUARE)),
        (tf.linalg.cholesky(SQUARE), np.linalg.cholesky(SQUARE)),
        (tf.linalg.solve(SQUARE, X), np.linalg.solve(SQUARE, X)),
        (tf.linalg.cholesky_solve(tf.linalg.cholesky(SQUARE), X), np.linalg.solve(SQUARE, X)),
        (tf.linalg.lstsq(X.T, X.T), np.linalg.lstsq(X.T, X.T, rcond=None)[0]),
        (tf.linalg.trace(SQUARE), np.trace(SQUARE)),
        (tf.linalg.band_part(SQUARE, 0, -1), np.triu(SQUARE)),
        (tf.linalg.band_part(SQUARE, 0, 0), np.diag(np.diag(SQUARE))),
        (tf.linalg.diag_part(SQUARE), np.diag(SQUARE)),
        (tf.linalg.eigvalsh(SQUARE), np.linalg.eigvalsh(SQUARE)),
        (tf.norm(X), np.linalg.norm(X)),
        (tf.norm(X, axis=1, ord=1, keepdims=True), np.abs(X).sum(1, keepdims=True)),
        (tf.norm(X, axis=[0, 1], ord=1), np.linalg.norm(X, 1)),
        (tf.math.l2_normalize(X, axis=1), X / np.linalg.norm(X, axis=1, keepdims=True)),
    ],
    ids=str,
)
def test_matrices(found, expected):
    close(found, expected)


def test_the_parts_of_a_decomposition_make_the_matrix():
    s, u, v = tf.linalg.svd(X)
    close(u @ torch.diag(s) @ v.T, X)
    q, r = tf.linalg.qr(X)
    close(q @ r, X)
    e, w = tf.linalg.eigh(SQUARE)
    close(w @ torch.diag(e) @ w.T, SQUARE)


def test_clipping_by_the_global_norm():
    clipped, length = tf.clip_by_global_norm([torch.tensor([3.0]), None, torch.tensor([4.0])], 10.0)
    assert (clipped[0].tolist(), clipped[1], float(length)) == ([3.0], None, 5.0)
    clipped, _ = tf.clip_by_global_norm([torch.tensor([3.0]), torch.tensor([4.0])], 1.0)
    close(torch.cat(clipped), [0.6, 0.8])
    assert torch.isnan(tf.clip_by_global_norm([torch.tensor([np.inf])], 1.0)[0][0]).all()
    with pytest.raises(ArgumentTypeError, match="list of tensors"):
        tf.clip_by_global_norm(3.0, 1.0)


def test_vectors_are_no_matrices():
    with pytest.raises(InvalidArgumentError, match="matvec"):
        tf.matmul([1.0], [2.0])


def test_bits_and_sets():
    assert tf.bitwise.bitwise_xor([5], [1]).tolist() == [4]
    assert tf.sets.union([[1, 2], [3, 3]], [[2, 5], [3, 4]]).values.tolist() == [1, 2, 5, 3, 4]


def test_signals():
    signal = np.sin(np.arange(64) / 3).astype("float32")
    close(tf.abs(tf.signal.rfft(signal)), np.abs(np.fft.rfft(signal)))
    spectra = tf.signal.stft(signal, 16, 8)
    window = np.hanning(17)[:-1]
    expected = np.stack([np.fft.rfft(signal[i * 8 : i * 8 + 16] * window) for i in range(7)])
    close(spectra, expected)
    parts = tf.signal.frame(signal, 16, 16)
    close(tf.signal.overlap_and_add(parts, 16), signal)


def test_sound_survives_a_wav_file():
    sound = np.array([[0.25, -0.5], [0.0, 0.5]], dtype="float32")
    decoded = tf.audio.decode_wav(tf.audio.encode_wav(sound, 16000))
    close(decoded.audio, sound)
    assert int(decoded.sample_rate) == 16000
    assert tf.audio.decode_wav(tf.audio.encode_wav(sound, 8000), 1, 3).audio.shape == (3, 1)
