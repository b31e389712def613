"""`predict(out=)`: outputs go to an array, a memory map or a function, batch by batch."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.errors import ArgumentTypeError, DataError
from kerastorch.training import streaming
from kerastorch.training.streaming import expected_rows, outlet_for
from tests.training.twins import rows

X, _ = rows(30)


def model_of(units=2):
    return kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(units)])


def two_headed(kind):
    x = kerastorch.Input((3,))
    a, b = layers.Dense(2, name="a")(x), layers.Dense(1, name="b")(x)
    return kerastorch.Model(x, {"a": a, "b": b} if kind is dict else [a, b])


SOURCES = {
    "array": (lambda: X, {}),
    "batch size": (lambda: X, {"batch_size": 7}),
    "steps": (lambda: X[:16], {"batch_size": 8, "steps": 2}),
    "generator": (lambda: (X[i : i + 4] for i in range(0, 30, 4)), {}),
    "loader": (lambda: torch.utils.data.DataLoader(torch.from_numpy(X), batch_size=8), {}),
}


@pytest.mark.parametrize("name", SOURCES)
def test_array_is_filled(name):
    make, arguments = SOURCES[name]
    model = model_of()
    expected = model.predict(make(), verbose=0, **arguments)
    out = np.full(expected.shape, np.nan, "float32")
    assert model.predict(make(), verbose=0, out=out, **arguments) is out
    np.testing.assert_array_equal(out, expected)


def test_memory_map_is_filled_and_on_disk(tmp_path):
    model = model_of()
    out = np.memmap(tmp_path / "out.bin", "float64", "w+", shape=(30, 2))
    model.predict(X, batch_size=8, verbose=0, out=out)
    read = np.fromfile(tmp_path / "out.bin", "float64").reshape(30, 2)
    np.testing.assert_array_equal(read, model.predict(X, verbose=0).astype("float64"))


def test_dataset_of_an_hdf5_file_is_filled(tmp_path):
    h5py = pytest.importorskip("h5py")
    model = model_of()
    with h5py.File(tmp_path / "out.h5", "w") as file:
        out = file.create_dataset("out", (30, 2), "float32")
        model.predict(X, batch_size=8, verbose=0, out=out)
        np.testing.assert_array_equal(out[:], model.predict(X, batch_size=8, verbose=0))


@pytest.mark.parametrize("kind", [list, dict])
def test_several_outputs(kind):
    model = two_headed(kind)
    expected = model.predict(X, verbose=0)
    values = expected if kind is list else list(expected.values())
    arrays = [np.empty_like(value) for value in values]
    out = arrays if kind is list else dict(zip(expected, arrays, strict=True))
    assert model.predict(X, batch_size=7, verbose=0, out=out) is out
    for array, value in zip(arrays, values, strict=True):
        np.testing.assert_allclose(array, value, rtol=1e-6)


def test_function_gets_each_batch():
    model, seen = model_of(), []
    result = model.predict(
        X, batch_size=8, verbose=0, out=lambda start, outputs: seen.append((start, outputs))
    )
    assert result is None
    assert [start for start, _ in seen] == [0, 8, 16, 24]
    np.testing.assert_array_equal(
        np.concatenate([outputs for _, outputs in seen]), model.predict(X, batch_size=8, verbose=0)
    )


def test_function_gets_arrays_of_its_own():
    identity, seen = kerastorch.Sequential([layers.Identity()]), []
    x = X.copy()
    identity.predict(x, batch_size=8, verbose=0, out=lambda start, outputs: seen.append(outputs))
    for outputs in seen:
        outputs[:] = 7.0
    np.testing.assert_array_equal(x, X)


def test_error_of_the_function_reaches_the_caller():
    def fail(start, outputs):
        raise OSError(f"disk full at {start}")

    with pytest.raises(OSError, match="disk full at 0"):
        model_of().predict(X, verbose=0, out=fail)


def test_no_more_than_two_batches_are_held():
    """Outputs of 40 batches, of which all but the newest are free again when the next one comes."""
    alive, most = weakref.WeakSet(), []

    class Wide(kerastorch.layers.Layer):
        def call(self, inputs):
            outputs = inputs[:, :1].expand(-1, 1000) + 1.0
            alive.add(outputs)
            return outputs

    model = kerastorch.Sequential([Wide()])

    def take(start, outputs):
        gc.collect()
        most.append(len(alive))

    model.predict(np.ones((320, 3), "float32"), batch_size=8, verbose=0, out=take)
    assert len(most) == 40
    assert max(most) <= 2
    out = np.empty((320, 1000), "float32")
    model.predict(np.ones((320, 3), "float32"), batch_size=8, verbose=0, out=out)
    assert (out == 2.0).all()


FAULTS = {
    "rows": (
        lambda: np.empty((29, 2), "float32"),
        DataError,
        r"one row for each of the 30 samples.*\(29, 2\)",
    ),
    "columns": (lambda: np.empty((30, 3), "float32"), DataError, r"expected an array of shape \('rows', 2\)"),
    "rank": (lambda: np.empty(30, "float32"), DataError, r"Received: shape \(30,\)"),
    "scalar": (lambda: np.array(0.0), DataError, r"Received an array of shape \(\)"),
    "integers": (lambda: np.empty((30, 2), "int64"), DataError, "dtype int64"),
    "read only": (lambda: np.broadcast_to(np.zeros(2), (30, 2)), DataError, "cannot be written to"),
    "structure": (lambda: [np.empty((30, 2))], DataError, r"the structure of the outputs, \(30, 2\)"),
    "tensor": (lambda: torch.empty(30, 2), ArgumentTypeError, "must be a NumPy array"),
    "number": (lambda: 3, ArgumentTypeError, r"Received: 3 \(of type int\)"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_does_not_fit(name):
    make, kind, text = FAULTS[name]
    with pytest.raises(kind, match=text):
        model_of().predict(X, verbose=0, out=make())


@pytest.mark.parametrize(
    ("count", "text"), [(31, "has 31 rows, but `predict` gave 30"), (20, "gives 24 or more")]
)
def test_wrong_number_of_rows_of_a_generator(count, text):
    out = np.zeros((count, 2), "float32")
    with pytest.raises(DataError, match=text):
        model_of().predict((X[i : i + 4] for i in range(0, 30, 4)), verbose=0, out=out)


@pytest.mark.parametrize(("steps", "rows_"), [(None, 30), (2, 16), (9, 30)])
def test_rows_to_expect(steps, rows_):
    class Batches:
        num_samples, batch_size = 30, 8

    assert expected_rows(Batches(), steps) == rows_
    assert expected_rows(iter(()), steps) is None


def test_nothing_is_kept_of_what_was_handed_over():
    taken = []
    outlet = outlet_for(lambda start, outputs: taken.append(start), None)
    first = torch.zeros(3)
    gone = weakref.ref(first)
    outlet.add(first)
    del first
    outlet.add(torch.zeros(3))
    assert gone() is None
    assert outlet.result() is None
    assert taken == [0, 3]


@pytest.mark.parametrize("out", [None, "array", "function"])
def test_outputs_of_a_gpu_arrive_while_the_next_batch_is_computed(monkeypatch, out):
    """Copies run beside the next step, and are waited for before anybody reads them."""
    waited, taken = [], []

    class Event:
        def __init__(self, number):
            self.number = number

        def synchronize(self):
            waited.append(self.number)

    monkeypatch.setattr(streaming, "_is_on_gpu", lambda outputs: True)
    monkeypatch.setattr(streaming, "_sent", lambda outputs: (outputs.clone(), Event(int(outputs[0]))))
    array = np.empty(6, "float32")
    given = {"array": array, "function": lambda start, outputs: taken.append((start, outputs[0]))}.get(out)
    outlet = outlet_for(given, 6)
    for number in range(3):
        outlet.add(torch.full((2,), float(number)))
        assert waited == list(range(number))
    result = outlet.result()
    assert waited == [0, 1, 2]
    if out == "function":
        assert (result, taken) == (None, [(0, 0.0), (2, 1.0), (4, 2.0)])
    else:
        np.testing.assert_array_equal(result, [0, 0, 1, 1, 2, 2])
