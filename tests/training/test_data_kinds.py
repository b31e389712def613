"""Kinds of arrays that `fit`, `evaluate` and `predict` take, each with the result that float32 arrays give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

import kerastorch
from kerastorch import layers
from tests.training.twins import assert_close, both, dense, rows, twins

X, Y = rows(24)
WHOLE = np.round(X * 3)


def run(x, y):
    torch.manual_seed(0)
    model = dense(kerastorch)
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    model.compile("adam", "mse", metrics=["mae"])
    history = model.fit(x, y, epochs=2, batch_size=7, shuffle=False, verbose=0).history
    return history, model.evaluate(x, y, verbose=0), model.predict(x, verbose=0)


def reversed_view(a):
    return np.ascontiguousarray(a[::-1])[::-1]


def read_only(a):
    a = a.copy()
    a.flags.writeable = False
    return a


def fortran(a):
    return np.asfortranarray(a)


def strided(a):
    wide = np.zeros((len(a), 2 * a.shape[1]), a.dtype)
    wide[:, ::2] = a
    return wide[:, ::2]


def big_endian(a):
    return a.astype(">f4")


KINDS = {
    "negative strides": reversed_view,
    "read only": read_only,
    "fortran order": fortran,
    "strided": strided,
    "big endian": big_endian,
    "float64": lambda a: a.astype("float64"),
    "longdouble": lambda a: a.astype(np.longdouble),
    "tensor": torch.from_numpy,
    "float64 tensor": lambda a: torch.from_numpy(a).double(),
    "tensor that wants a gradient": lambda a: torch.from_numpy(a).clone().requires_grad_(),
    "strided tensor": lambda a: torch.from_numpy(strided(a)),
    "list of lists": lambda a: a.tolist(),
    "data frame": pd.DataFrame,
    "data frame of objects": lambda a: pd.DataFrame(a, dtype=object),
    "object array": lambda a: a.astype(object),
    "matrix": np.asmatrix,
}


@pytest.mark.parametrize("name", list(KINDS))
def test_float_kinds(name):
    expected, got = run(X, Y), run(KINDS[name](X), Y)
    assert got[:2] == expected[:2]
    np.testing.assert_array_equal(got[2], expected[2])


INTEGERS = ["int8", "uint8", "int16", "int32", "int64", "uint16", "uint32", "uint64"]


@pytest.mark.parametrize("dtype", [*INTEGERS, "bool", "float16"])
def test_inputs_of_other_types(dtype):
    """A layer computes with them as floats; the values are those of the same numbers as float32."""
    values = (np.abs(WHOLE) > 1) if dtype == "bool" else np.abs(WHOLE)
    expected, got = run(values.astype("float32"), Y), run(values.astype(dtype), Y)
    assert got[0] == expected[0]
    np.testing.assert_array_equal(got[2], expected[2])


@pytest.mark.parametrize("dtype", [*INTEGERS, "bool", "float64"])
def test_targets_of_other_types(dtype):
    y = (Y > 0).astype(dtype)
    assert run(X, y)[0] == run(X, y.astype("float32"))[0]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "float32", "float64"])
def test_labels_of_other_types(dtype):
    labels = np.arange(24) % 3
    models = twins(lambda k: dense(k, 3, 3, "softmax"))
    for model in models:
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    assert_close(*both(models, "evaluate", X, labels.astype(dtype)))


@pytest.mark.parametrize("dtype", ["float64", "int64", "uint8", "float16", "bool"])
def test_sample_weights_of_other_types(dtype):
    models = twins(dense)
    for model in models:
        model.compile("sgd", "mse", weighted_metrics=["mae"])
    weight = (np.arange(24) % 3).astype(dtype)
    assert_close(*both(models, "evaluate", X, Y, sample_weight=weight))


def test_series_as_targets_and_weights():
    models = twins(dense)
    for model in models:
        model.compile("sgd", "mse")
    weight = np.linspace(0, 1, 24)
    ours = models[0].evaluate(
        pd.DataFrame(X),
        pd.Series(Y[:, 0]),
        sample_weight=pd.Series(weight, index=range(24, 0, -1)),
        verbose=0,
    )
    theirs = models[1].evaluate(X, Y, sample_weight=weight, verbose=0)
    assert_close(ours, theirs)


def test_data_frame_of_mixed_numbers():
    """Whole numbers, truth values and floats in one frame become floats."""
    frame = pd.DataFrame({"a": X[:, 0], "b": (X[:, 1] > 0), "c": np.arange(24)})
    expected = np.stack([X[:, 0], X[:, 1] > 0, np.arange(24)], 1).astype("float32")
    model = dense(kerastorch)
    np.testing.assert_array_equal(model.predict(frame, verbose=0), model.predict(expected, verbose=0))


def test_dictionary_of_series_as_named_inputs():
    def build(k):
        inputs = [k.Input((1,), name=name) for name in ("age", "size")]
        return k.Model(inputs, k.layers.Dense(1)(k.layers.Concatenate()(inputs)))

    model, _ = twins(build)
    frame = pd.DataFrame({"size": X[:, 1], "age": X[:, 0]})
    by_name = model.predict({name: frame[name] for name in frame}, verbose=0)
    np.testing.assert_array_equal(by_name, model.predict([X[:, :1], X[:, 1:2]], verbose=0))


def test_user_s_arrays_are_never_written():
    x, y = X.copy(), Y.copy()

    class Net(kerastorch.Sequential):
        def call(self, inputs, training=None, mask=None):
            return super().call(inputs * 1.0)

    model = Net([kerastorch.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, y, verbose=0)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)


def test_images_as_bytes_stay_bytes_until_the_model_scales_them():
    seen = []

    class Net(kerastorch.Sequential):
        def predict_step(self, data):
            seen.append(data.dtype)
            return super().predict_step(data)

    images = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 1), dtype="uint8")
    model = Net([kerastorch.Input((4, 4, 1)), layers.Flatten(), layers.Dense(1)])
    result = model.predict(images, verbose=0)
    assert seen == [torch.uint8]
    np.testing.assert_array_equal(result, model.predict(images.astype("float32"), verbose=0))


def test_floatx_decides_the_type_of_the_data():
    kerastorch.config.set_floatx("float64")
    try:
        model = dense(kerastorch)
        assert model.predict(X, verbose=0).dtype == np.float64
        model.compile("adam", "mse")
        model.fit(X, Y, verbose=0)
        assert {w.dtype for w in model.get_weights()} == {np.dtype("float64")}
    finally:
        kerastorch.config.set_floatx("float32")


def test_memory_map_is_read_batch_by_batch(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, X.astype("float64"))
    mapped = np.load(path, mmap_mode="r")
    expected, got = run(X, Y), run(mapped, Y)
    assert got[:2] == expected[:2]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_several_inputs_and_outputs_in_any_structure(count):
    def build(k):
        inputs = {f"i{n}": k.Input((3,), name=f"i{n}") for n in range(count)}
        outputs = {f"o{n}": k.layers.Dense(1, name=f"o{n}")(x) for n, x in enumerate(inputs.values())}
        return k.Model(inputs, outputs)

    models = twins(build)
    for model in models:
        model.compile("sgd", {f"o{n}": "mse" for n in range(count)})
    x = {f"i{n}": X + n for n in range(count)}
    y = {f"o{n}": Y * n for n in range(count)}
    ours, theirs = both(models, "fit", x, y, epochs=2, shuffle=False)
    assert_close(dict(ours.history), theirs.history)
    assert_close(*both(models, "predict", x))


def test_nested_inputs():
    def build(k):
        a, b, c = (k.Input((3,), name=name) for name in "abc")
        x = k.layers.Concatenate()([a, b, c])
        return k.Model([a, {"b": b, "c": [c]}], k.layers.Dense(1)(x))

    models = twins(build)
    for model in models:
        model.compile("sgd", "mse")
    x = [X, {"b": X * 2, "c": [X * 3]}]
    ours, theirs = both(models, "fit", x, Y, epochs=2, shuffle=False)
    assert_close(dict(ours.history), theirs.history)
