"""Weights in `.safetensors`, `.pt`, `.npz` and in several files; damaged and hostile ones."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.errors import (
    CorruptModelError,
    FileInTheWayError,
    InvalidArgumentError,
    MissingFileError,
    ShapeError,
    UnsafeArchiveError,
    UnsafeModelError,
)
from kerastorch.saving.safetensors import read_tensors, write_tensors
from tests.saving.pairs import X, Y, functional, images

FILES = ["a.safetensors", "a.pt", "a.pth", "a.npz", "a.weights.json"]
WITH_OPTIMIZER = ["a.npz", "a.weights.json"]
OF_TORCH = ["a.safetensors", "a.pt", "a.pth"]
TINY = 300 / 1024**3  # gigabytes: a few arrays in each file


def row(*units):
    dense = [layers.Dense(u, name="dense" if i == 0 else f"dense_{i}") for i, u in enumerate(units)]
    return kerastorch.Sequential([kerastorch.Input((4,)), *dense])


def assert_same(one, other):
    for ours, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("build", [functional, images], ids=["functional", "images"])
def test_weights_come_back(build, file, tmp_path):
    model, other = build(kerastorch), build(kerastorch)
    model.save_weights(tmp_path / file)
    other.load_weights(tmp_path / file)
    assert_same(model, other)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("policy", ["float16", "bfloat16", "float64"])
def test_weights_of_every_dtype_come_back(policy, file, tmp_path):
    def build():
        return kerastorch.Sequential([kerastorch.Input((4,)), layers.Dense(3, dtype=policy)])

    model, other = build(), build()
    model.save_weights(tmp_path / file)
    other.load_weights(tmp_path / file)
    assert torch.equal(model.layers[0].kernel, other.layers[0].kernel)


@pytest.mark.parametrize("file", WITH_OPTIMIZER)
def test_the_optimizer_goes_on(file, tmp_path):
    models = [functional(kerastorch), functional(kerastorch)]
    for model in models:
        model.compile("adam", "sparse_categorical_crossentropy")
        model.optimizer.build(model.trainable_weights)
    models[0].fit(X, Y, epochs=2, verbose=0, shuffle=False)
    models[0].save_weights(tmp_path / file)
    models[1].load_weights(tmp_path / file)
    for model in models:
        model.fit(X, Y, epochs=2, verbose=0, shuffle=False)
    assert_same(*models)


@pytest.mark.parametrize("file", OF_TORCH)
def test_the_names_are_those_of_the_state_dict(file, tmp_path):
    model = functional(kerastorch)
    model.save_weights(tmp_path / file)
    if file.endswith(".safetensors"):
        saved = read_tensors(memoryview(bytearray((tmp_path / file).read_bytes())), "The file")
    else:
        saved = torch.load(tmp_path / file, weights_only=True)
    assert list(saved) == list(model.state_dict()) or set(saved) == set(model.state_dict())
    assert {type(tensor) for tensor in saved.values()} == {torch.Tensor}


@pytest.mark.parametrize("file", FILES)
def test_what_does_not_fit_is_named_and_nothing_is_loaded(file, tmp_path):
    row(3, 2).save_weights(tmp_path / file)
    model = row(3, 5, 1)
    before = model.get_weights()
    with pytest.raises(
        ShapeError, match=r"nothing was loaded(.|\n)*\(3, 5\), the file has \(3, 2\)(.|\n)*does not have"
    ):
        model.load_weights(tmp_path / file)
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("file", FILES)
def test_what_does_not_fit_is_left_alone_after_a_warning(file, tmp_path):
    saved, model = row(3, 2), row(3, 5)
    saved.save_weights(tmp_path / file)
    with pytest.warns(UserWarning, match=r"is not loaded: the model expects shape \(3, 5\)"):
        model.load_weights(tmp_path / file, skip_mismatch=True)
    np.testing.assert_array_equal(saved.get_weights()[0], model.get_weights()[0])


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named(file, tmp_path):
    with pytest.raises(MissingFileError, match=f"File not found: .*{file}"):
        row(2).load_weights(tmp_path / file)


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_exists_is_not_overwritten_unasked(file, tmp_path):
    (tmp_path / file).write_text("mine")
    with pytest.raises(FileInTheWayError, match="exists already"):
        row(2).save_weights(tmp_path / file, overwrite=False)
    assert (tmp_path / file).read_text() == "mine"


@pytest.mark.parametrize("file", ["a.safetensors", "a.pt", "a.npz", "a.weights.json"])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_refused(part, file, tmp_path):
    model = row(16, 2)
    model.save_weights(tmp_path / file)
    content = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(content[: int(part * len(content))])
    with pytest.raises(
        (CorruptModelError, UnsafeModelError), match=r"cut off|cannot be|no JSON|empty|claims|more than"
    ):
        model.load_weights(tmp_path / file)


@pytest.mark.parametrize(
    "arguments", [{"by_name": True}, {"objects_to_skip": [0]}], ids=["by_name", "objects_to_skip"]
)
def test_arguments_that_do_not_go_with_a_state_dict_are_refused(arguments, tmp_path):
    model = row(2)
    model.save_weights(tmp_path / "a.pt")
    with pytest.raises(InvalidArgumentError, match="does not go with"):
        model.load_weights(tmp_path / "a.pt", **arguments)


# Several files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["a.weights.json", "a.weights.h5"])
def test_shards_have_the_names_of_keras(path, tmp_path):
    functional(kerastorch).save_weights(tmp_path / path, max_shard_size=TINY)
    names = sorted(os.listdir(tmp_path))
    assert names[0] == "a.weights.json" or names[-1] == "a.weights.json"
    assert {"a_00000.weights.h5", "a_00001.weights.h5", "a_00002.weights.h5"} <= set(names)


@pytest.mark.parametrize("direction", ["ours to keras", "keras to ours"])
def test_shards_are_read_by_the_other_library(direction, tmp_path):
    writer, reader = (kerastorch, keras) if direction == "ours to keras" else (keras, kerastorch)
    model, other = functional(writer), functional(reader)
    for one in (model, other):
        one.compile("adam", "sparse_categorical_crossentropy")
        one.optimizer.build(one.trainable_weights)
    model.fit(X, Y, verbose=0)
    model.save_weights(tmp_path / "a.weights.json", max_shard_size=300 / 1024**3)
    assert len(os.listdir(tmp_path)) > 3
    other.load_weights(tmp_path / "a.weights.json")
    assert_same(model, other)
    assert int(other.optimizer.iterations) == 1


def test_a_weight_that_is_larger_than_a_shard_is_named(tmp_path):
    with pytest.raises(
        InvalidArgumentError, match=r"layers/dense/vars/0 has 128 bytes.*Increase `max_shard_size`"
    ):
        row(8).save_weights(tmp_path / "a.weights.json", max_shard_size=64 / 1024**3)
    assert os.listdir(tmp_path) == []


def test_shards_need_a_path_of_their_kind(tmp_path):
    with pytest.raises(InvalidArgumentError, match=r"must end in `\.weights\.json`"):
        row(2).save_weights(tmp_path / "a.h5", max_shard_size=1)


@pytest.mark.parametrize("name", ["../a.h5", "/etc/passwd", "b/c.h5", "..\\a.h5", "", 3])
def test_an_index_cannot_name_files_elsewhere(name, tmp_path):
    (tmp_path / "a.weights.json").write_text(json.dumps({"weight_map": {"/vars": name}}))
    with pytest.raises(UnsafeArchiveError, match="which is not beside it"):
        row(2).load_weights(tmp_path / "a.weights.json")


def test_a_missing_shard_is_named(tmp_path):
    model = row(8, 8)
    model.save_weights(tmp_path / "a.weights.json", max_shard_size=TINY)
    (tmp_path / "a_00001.weights.h5").unlink()
    with pytest.raises(MissingFileError, match=r"names the file .a_00001\.weights\.h5."):
        model.load_weights(tmp_path / "a.weights.json")


# Hostile files ------------------------------------------------------------------------------------------------------


def safetensors(header, values=b"\0" * 8):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


BAD = {
    "empty": b"",
    "length beyond the file": struct.pack("<Q", 1 << 40) + b"{}",
    "no length": b"abc",
    "no json": safetensors(b"{not"),
    "a list": safetensors([1]),
    "deep": safetensors(b"[" * 100_000),
    "unknown dtype": safetensors({"a": entry("F3")}),
    "dtype is a list": safetensors({"a": {**entry(), "dtype": []}}),
    "shape bomb": safetensors({"a": entry(shape=(1 << 40, 1 << 40))}),
    "negative shape": safetensors({"a": entry(shape=(-1, -2))}),
    "shape of floats": safetensors({"a": entry(shape=(2.0,))}),
    "offsets beyond the file": safetensors({"a": entry(shape=(200,), offsets=(0, 800))}),
    "offsets backwards": safetensors({"a": entry(offsets=(8, 0))}),
    "overlap": safetensors({"a": entry(), "b": entry()}),
    "hole": safetensors({"a": entry(offsets=(4, 12))}, b"\0" * 12),
    "left over": safetensors({"a": entry()}, b"\0" * 9),
    "no entry": safetensors({"a": 3}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_hostile_safetensors_file_is_refused(name, tmp_path):
    (tmp_path / "a.safetensors").write_bytes(BAD[name])
    with pytest.raises(CorruptModelError, match=r"a\.safetensors"):
        row(2).load_weights(tmp_path / "a.safetensors")


@pytest.mark.parametrize(
    "dtype", ["float64", "float32", "float16", "bfloat16", "int64", "uint8", "bool", "float8_e4m3fn"]
)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 3)], ids=str)
def test_tensors_of_every_type_and_shape_are_written(shape, dtype):
    tensor = (torch.arange(float(np.prod(shape, dtype=int))).reshape(shape) - 1).to(getattr(torch, dtype))
    stream = io.BytesIO()
    write_tensors(stream, {"a": tensor, "b": tensor.t() if tensor.ndim == 2 else tensor})
    found = read_tensors(memoryview(bytearray(stream.getvalue())), "The file")
    assert (found["a"].dtype, found["a"].shape) == (tensor.dtype, tensor.shape)
    assert torch.equal(found["a"].double(), tensor.double())


class Runs:
    """Executes something when it is unpickled."""

    def __reduce__(self):
        return (os.mkdir, ("canary",))


@pytest.mark.parametrize(
    "content", [Runs(), {"a": Runs()}, [1, 2], {"a": 3}], ids=["code", "code inside", "list", "number"]
)
def test_a_pickle_of_anything_but_tensors_is_refused(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(content, tmp_path / "a.pt")
    with pytest.raises(UnsafeModelError, match="holds"):
        row(2).load_weights(tmp_path / "a.pt")
    assert os.listdir(tmp_path) == ["a.pt"]


def member(header, values=b"\0" * 8):
    text = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + values


MEMBERS = {
    "shape bomb": member("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1048576), }"),
    "objects": member("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"),
    "text": member("{'descr': '<U2', 'fortran_order': False, 'shape': (1,), }"),
    "no header": member("3"),
    "code": member("__import__('os').mkdir('canary')"),
    "nothing": b"",
    "pickle": b"\x80\x04K\x01.",
}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_hostile_npz_file_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("layers/dense/vars/0.npy", MEMBERS[name])
    with pytest.raises(CorruptModelError, match=r"a\.npz"):
        row(2).load_weights(tmp_path / "a.npz")
    assert os.listdir(tmp_path) == ["a.npz"]
