"""Values of `.pt` and `.npz` files that stay in the file until they are set: any order in memory, any type."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
import torch

from kerastorch.saving.npz import arrays_of_npz, write_npz
from kerastorch.saving.pickled import tensors_of_torch
from kerastorch.saving.placed import InFile, Placed

BASE = torch.arange(600 * 700, dtype=torch.float32).view(600, 700)
TENSORS = {
    "rows": BASE,
    "columns": BASE.T,
    "permuted": BASE.view(60, 10, 70, 10).permute(1, 3, 0, 2),
    "part": BASE[100:200],
    "scalar": torch.tensor(3.5),
    "empty": torch.zeros(0, 3),
    "one long": BASE.view(1, -1),
    "bfloat16": BASE.bfloat16(),
    "bool": BASE > 9,
    "complex": torch.complex(BASE, BASE),
    "parameter": torch.nn.Parameter(BASE.clone()),
}
SCATTERED = {
    "every second": BASE[:, ::2],
    "column": BASE[:, :1],
    "expanded": BASE[:1].expand(5, 700),
    "conjugate": TENSORS["complex"].conj(),
}


def saved(tensors, path):
    torch.save(tensors, path)
    return tensors_of_torch(str(path), "it")


@pytest.mark.parametrize("name", TENSORS)
def test_values_of_torch_stay_in_the_file(name, tmp_path):
    found = saved({"first": torch.ones(5), "it": TENSORS[name], "same": TENSORS[name]}, tmp_path / "a.pt")
    assert all(isinstance(one, Placed) for one in found.values())
    target = torch.zeros_like(TENSORS[name])
    for into in (
        target,
        torch.zeros(target.shape, dtype=target.dtype),
        torch.zeros(target.T.shape, dtype=target.dtype).T,
    ):
        found["same"].read_into(into)
        assert torch.equal(into, TENSORS[name].detach())


@pytest.mark.parametrize("name", SCATTERED)
def test_values_of_torch_that_do_not_lie_together_are_read(name, tmp_path):
    found = saved({"it": SCATTERED[name], "first": BASE}, tmp_path / "a.pt")
    assert torch.equal(found["it"], SCATTERED[name])


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "before 1.6"])
def test_files_of_any_age_are_read(zipped, tmp_path):
    torch.save({"it": BASE}, tmp_path / "a.pt", _use_new_zipfile_serialization=zipped)
    target = torch.zeros_like(BASE)
    found = tensors_of_torch(str(tmp_path / "a.pt"), "it")["it"]
    found.read_into(target) if isinstance(found, Placed) else target.copy_(found)
    assert torch.equal(target, BASE)


def test_numbers_of_another_byte_order_are_turned(tmp_path):
    torch.save({"it": BASE}, tmp_path / "a.pt")
    with zipfile.ZipFile(tmp_path / "a.pt") as old, zipfile.ZipFile(tmp_path / "b.pt", "w") as new:
        for name in old.namelist():
            content = {"a/byteorder": b"big"}.get(name, old.read(name))
            new.writestr(name, BASE.numpy().astype(">f4").tobytes() if name == "a/data/0" else content)
    assert torch.equal(tensors_of_torch(str(tmp_path / "b.pt"), "it")["it"], BASE)


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64", "int8", "uint64", "bool", ">f4"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed], ids=["plain", "packed"])
def test_arrays_of_numpy(dtype, order, save, tmp_path):
    arrays = {"large": np.asarray(BASE.numpy() % 2, dtype, order), "small": np.ones((2, 3), dtype, order)}
    arrays |= {"deep/name": np.asarray(np.arange(600 * 700).reshape(6, 100, 700), dtype, order)}
    save(tmp_path / "a.npz", **arrays)
    found = arrays_of_npz(str(tmp_path / "a.npz"), "it")
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(np.asarray(found[name]), array)
        if isinstance(found[name], InFile):
            target = torch.zeros(array.shape)
            found[name].read_into(target)
            np.testing.assert_array_equal(target.numpy(), array.astype("float32"))


@pytest.mark.parametrize("name", [name for name in TENSORS if name != "complex"])
def test_numpy_reads_what_is_written(name):
    tensor, stream = TENSORS[name].detach(), io.BytesIO()
    write_npz(stream, {"group/it": tensor, "array": np.ones(3)})
    stream.seek(0)
    found = np.load(stream)
    np.testing.assert_array_equal(
        found["group/it"], (tensor.float() if name == "bfloat16" else tensor).numpy()
    )
    np.testing.assert_array_equal(found["array"], np.ones(3))


def test_a_damaged_array_is_found_before_any_is_set(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, it=BASE.numpy())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        arrays_of_npz(str(path), "it")
