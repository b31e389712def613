"""Values that are written from where they lie and read block by block: any order in memory, any type, any file."""

from __future__ import annotations

import io

import h5py
import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.saving.buffers import pieces
from kerastorch.saving.h5 import read_arrays, stored_arrays
from kerastorch.saving.h5_writing import write_arrays
from kerastorch.saving.placed import InFile
from kerastorch.saving.safetensors import tensors_at, write_tensors

DTYPES = ["float16", "float32", "float64", "int8", "int64", "uint8", "bool", "complex64", ">f4"]
SHAPES = [(), (0,), (3, 0, 2), (1,), (5,), (2, 3, 4), (1, 1, 600, 500), (700, 800)]
ORDERS = {"rows": lambda a: a, "columns": lambda a: a.T, "backwards": lambda a: np.flip(a)}


def values(shape, dtype):
    return np.random.default_rng(0).integers(0, 100, shape).astype(dtype)


def network():
    model = kerastorch.Sequential(
        [
            kerastorch.Input((4, 4, 64)),
            layers.Conv2D(600, 3, padding="same"),  # does not lie in memory as its shape says
            layers.Flatten(),
            layers.Dense(64, dtype="bfloat16"),
            layers.Dense(3, dtype="float16"),
        ]
    )
    model.compile(kerastorch.optimizers.SGD(0.1, momentum=0.9), "mse")
    return model


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", ORDERS)
def test_arrays_come_back_as_they_were(dtype, order, tmp_path):
    arrays = {f"group/{i}": ORDERS[order](values(shape, dtype)) for i, shape in enumerate(SHAPES)}
    write_arrays(str(tmp_path / "a.h5"), arrays, {"group": "name"})
    with h5py.File(tmp_path / "a.h5") as root:
        assert root["group"].attrs["name"] == "name"
        for name, array in arrays.items():
            np.testing.assert_array_equal(root[name][()], array)
            assert (root[name].dtype, root[name].shape) == (array.dtype, np.shape(array))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "float64", "int32", "bool", "complex64"])
@pytest.mark.parametrize("transposed", [False, True])
def test_tensors_are_written_as_arrays(dtype, transposed):
    tensor = torch.randn(900, 700).mul(3).to(getattr(torch, dtype))
    tensor = tensor.T if transposed else tensor
    file = io.BytesIO()
    write_arrays(file, {"a": tensor, "conjugate": tensor.conj(), "one": tensor[0, 0]}, {})
    expected = (tensor.float() if dtype == "bfloat16" else tensor).numpy()
    found = {**read_arrays(io.BytesIO(file.getvalue()), "it")} if expected.dtype.kind != "c" else {}
    if not found:  # no weights are complex, so that none are read
        with h5py.File(io.BytesIO(file.getvalue())) as root:
            found = {name: root[name][()] for name in root}
    np.testing.assert_array_equal(found["a"], expected, strict=True)
    np.testing.assert_array_equal(found["conjugate"], expected.conj(), strict=True)
    np.testing.assert_array_equal(found["one"], expected[0, 0], strict=True)


@pytest.mark.parametrize("stored", ["float32", ">f4", "float16", "int64"])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(1 << 20,), (1, 1 << 20), (3, 500, 700), (1100, 3, 300)])
def test_large_arrays_are_read_into_tensors_of_any_type(dtype, shape, stored, tmp_path):
    array = values(shape, stored)
    write_arrays(str(tmp_path / "a.h5"), {"a": array}, {})
    target = torch.zeros(shape[::-1], dtype=getattr(torch, dtype)).permute(*range(len(shape))[::-1])
    with stored_arrays(str(tmp_path / "a.h5"), "it") as arrays:
        assert isinstance(arrays["a"], InFile)
        arrays["a"].read_into(target)
        np.testing.assert_array_equal(np.asarray(arrays["a"]), array)
    np.testing.assert_array_equal(target.float().numpy(), array)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float8_e5m2", "int64", "bool", "complex64"])
@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (5,), (1 << 21,), (3, 1 << 20), (1500, 1000)])
def test_tensors_go_through_safetensors(dtype, shape, tmp_path):
    tensor = torch.randint(0, 2, shape).to(getattr(torch, dtype))
    with (tmp_path / "a.safetensors").open("wb") as stream:
        write_tensors(stream, {"first": torch.ones(3), "a": tensor})
    target = torch.zeros(shape, dtype=tensor.dtype)
    tensors_at(str(tmp_path / "a.safetensors"), "it")["a"].read_into(target)
    assert target.dtype == tensor.dtype
    assert bool(
        (target.float() == tensor.float()).all() if dtype != "complex64" else (target == tensor).all()
    )


def test_a_file_that_becomes_shorter_meanwhile_is_an_error(tmp_path):
    path = tmp_path / "a.safetensors"
    with path.open("wb") as stream:
        write_tensors(stream, {"a": torch.ones(1000)})
    placed = tensors_at(str(path), "it")["a"]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="ends before its last values"):
        placed.read_into(torch.zeros(1000))


def test_nothing_is_copied_as_a_whole():
    tensor = torch.zeros(1 << 20)
    found = list(pieces(tensor))
    tensor += 1
    assert b"".join(found) == tensor.numpy().tobytes()


def test_objects_are_no_values(tmp_path):
    with pytest.raises(TypeError, match="'a' of dtype object cannot be written to a file"):
        write_arrays(str(tmp_path / "a.h5"), {"a": np.array(["text"], object)}, {})


@pytest.mark.parametrize("name", ["model.keras", "model", "model.h5", "memory"])
@pytest.mark.filterwarnings("ignore:The model is saved as a folder")
def test_a_large_model_comes_back(name, tmp_path):
    model = network()
    model.fit(np.ones((2, 4, 4, 64), "float32"), np.ones((2, 3), "float32"), verbose=0)
    file = io.BytesIO() if name == "memory" else tmp_path / name
    model.save(file)
    if name == "memory":
        file.seek(0)
    other = kerastorch.models.load_model(file)
    for ours, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip(model.optimizer.variables, other.optimizer.variables, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


class Forgetful(layers.Dense):
    """A layer that saves nothing."""

    def save_own_variables(self, store):
        pass

    def load_own_variables(self, store):
        pass


def test_weights_that_a_file_does_not_have_get_their_first_values(tmp_path):
    model = kerastorch.Sequential([kerastorch.Input((600,)), Forgetful(600), layers.Dense(600)])
    model.save(tmp_path / "a.keras")
    other = kerastorch.models.load_model(tmp_path / "a.keras", {"Forgetful": Forgetful})
    np.testing.assert_allclose(other.layers[0].kernel.std().item(), (2 / 1200) ** 0.5, rtol=0.05)
    assert not bool((other.layers[0].kernel == model.layers[0].kernel).all())
    np.testing.assert_array_equal(other.layers[1].get_weights()[0], model.layers[1].get_weights()[0])


def test_keras_reads_large_models_and_gets_its_own_read(tmp_path):
    model = network()
    model.save(tmp_path / "ours.keras")
    theirs = keras.models.load_model(tmp_path / "ours.keras")
    theirs.save(tmp_path / "theirs.keras")
    back = kerastorch.models.load_model(tmp_path / "theirs.keras")
    for one, two in zip(model.get_weights(), back.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_large_weight_of_another_shape_is_named_and_nothing_is_loaded(tmp_path):
    model, other = (kerastorch.Sequential([kerastorch.Input((n,)), layers.Dense(600)]) for n in (600, 601))
    model.save_weights(tmp_path / "a.weights.h5")
    before = other.get_weights()
    with pytest.raises(ValueError, match=r"expects shape \(601, 600\), the file has \(600, 600\)"):
        other.load_weights(tmp_path / "a.weights.h5")
    for one, two in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_large_weight_that_is_damaged_is_found_before_any_is_loaded(tmp_path):
    path = tmp_path / "model.keras"
    model = kerastorch.Sequential([kerastorch.Input((600,)), layers.Dense(600)])
    model.save(path)
    content = bytearray(path.read_bytes())
    content[-len(content) // 4] ^= 0xFF
    path.write_bytes(content)
    before = model.get_weights()
    with pytest.raises(ValueError, match="damaged"):
        model.load_weights(path)
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", ["a.keras", "a.h5", "a.weights.h5", "a.safetensors", "a.pt", "a.npz"])
def test_large_weights_are_read_in_inference_mode(name, tmp_path):
    model = kerastorch.Sequential([kerastorch.Input((600,)), layers.Dense(600)])
    (model.save if name in ("a.keras", "a.h5") else model.save_weights)(tmp_path / name)
    with torch.inference_mode():
        other = kerastorch.Sequential([kerastorch.Input((600,)), layers.Dense(600)])
        if name in ("a.keras", "a.h5"):
            other = kerastorch.models.load_model(tmp_path / name)
        else:
            other.load_weights(tmp_path / name)
        np.testing.assert_array_equal(other.layers[0].get_weights()[0], model.layers[0].get_weights()[0])
