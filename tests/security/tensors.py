"""Weights in `.safetensors`, `.pt`, `.npz` and `.weights.json` files that are none, or claim more (S11, S16, S17)."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.security.guard import Case
from tests.security.hdf5 import _load_weights
from tests.security.model import harmless
from tests.utils.archives import zip_of

HUGE = 1 << 40

# safetensors ----------------------------------------------------------------------------------------------------------

_SHAPES = {"one.kernel": [4, 3], "one.bias": [3], "two.kernel": [3, 2], "two.bias": [2]}


def _header() -> dict[str, Any]:
    """The header of the harmless model."""
    end, found = 0, {}
    for name in harmless().state_dict():
        shape = _SHAPES[name]
        start, end = end, end + 4 * int(np.prod(shape))
        found[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}
    return found


def _safetensors(header: Any, size: int | None = None, values: bytes = bytes(4 * 23)) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + values


def _entry(**facts: Any) -> Callable[[], bytes]:
    """The file with other facts of the first tensor."""

    def made() -> bytes:
        header = _header()
        header[next(iter(header))].update(facts)
        return _safetensors(header)

    return made


SAFETENSORS: dict[str, Callable[[], bytes]] = {
    "empty": bytes,
    "no header": lambda: bytes(8),
    "length": lambda: _safetensors(_header(), size=HUGE),
    "largest length": lambda: _safetensors(_header(), size=(1 << 64) - 1),
    "short length": lambda: _safetensors(_header(), size=10),
    "no JSON": lambda: _safetensors(b"{" * 100),
    "deep": lambda: _safetensors(b"[" * 10**6),
    "deep entry": lambda: _safetensors(b'{"a": ' * 10**5 + b"1" + b"}" * 10**5),
    "many parts": lambda: _safetensors(b"[" + b"[]," * (1 << 24) + b"[]]"),
    "list": lambda: _safetensors([1]),
    "nothing": lambda: _safetensors({}, values=b""),
    "dtype": _entry(dtype="F33"),
    "dtype of a list": _entry(dtype=["F32"]),
    "complex": _entry(dtype="C64"),
    "shape": _entry(shape=[HUGE, HUGE]),
    "shape that overflows": _entry(shape=[1 << 62, 4, 4]),
    "negative shape": _entry(shape=[-4, -3]),
    "shape of text": _entry(shape="43"),
    "shape of numbers": _entry(shape=[4.0, 3.0]),
    "rank": _entry(shape=[1] * 1000),
    "other shape": _entry(shape=[3, 4]),
    "offset": _entry(data_offsets=[HUGE, HUGE + 48]),
    "negative offset": _entry(data_offsets=[-48, 0]),
    "offsets": _entry(data_offsets=[0, 1, 2]),
    "overlapping": lambda: _safetensors(
        {**_header(), "x": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}
    ),
    "hole": lambda: _safetensors({k: v for k, v in _header().items() if v["data_offsets"][0]}),
    "too short": lambda: _safetensors(_header(), values=bytes(40)),
    "too long": lambda: _safetensors(_header(), values=bytes(400)),
    "missing": lambda: _safetensors({"x": {"dtype": "U8", "shape": [92], "data_offsets": [0, 92]}}),
    "pickle": lambda: _torch_file({"x": torch.ones(2)}),
}

# What `torch.save` writes ---------------------------------------------------------------------------------------------


def _state() -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in harmless().state_dict().items()}


def _torch_file(content: Any, **arguments: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream, **arguments)
    return stream.getvalue()


def _with_weight(tensor: Any) -> Callable[[], bytes]:
    return lambda: _torch_file({**_state(), "one.kernel": tensor() if callable(tensor) else tensor})


def _repacked(
    changes: Mapping[str, Callable[[bytes], bytes] | None], packing: int = 0
) -> Callable[[], bytes]:
    """The members of the archive of the harmless model, some of them changed, or added where there were none."""

    def made() -> bytes:
        stream, left = io.BytesIO(), dict(changes)
        with (
            zipfile.ZipFile(io.BytesIO(_torch_file(_state()))) as old,
            zipfile.ZipFile(stream, "w", packing) as new,
        ):
            for name in old.namelist():
                change = left.pop(name.partition("/")[2], bytes)
                if change is not None:
                    new.writestr(name, change(old.read(name)))
            for name, change in left.items():
                new.writestr(name, change(b"") if change else b"")
        return stream.getvalue()

    return made


def _old_bomb() -> bytes:
    """A file of an early PyTorch whose one storage claims two thousand million numbers."""
    content = _torch_file({"w": torch.ones(12)}, _use_new_zipfile_serialization=False)
    return content.replace(b"cpuq\x06K\x0c", b"cpuq\x06J\xff\xff\xff\x7f", 1)


def _confused(content: bytes) -> bytes:
    """A pickle that sets items of a tensor, as if it were a dictionary (CVE-2026-24747)."""
    end = content.index(b"R", content.index(b"OrderedDict") + 20)
    start = content.index(b"ctorch._utils")
    return b"\x80\x02" + content[start : content.index(b"R", end + 1) + 1] + b"K\x00K\x01s."


_PROGRAM = {"constants.pkl": None, "archive/constants.pkl": lambda content: b"x"}
TORCH: dict[str, Callable[[], bytes]] = {
    "empty": bytes,
    "module": lambda: _torch_file(torch.nn.Linear(4, 3)),
    "function": lambda: _torch_file(torch.save),
    "number": lambda: _torch_file(5),
    "list": lambda: _torch_file([torch.ones(2)]),
    "nested": lambda: _torch_file({"model": _state()}),
    "program": _repacked(_PROGRAM),
    "code": _repacked({"archive/code/__torch__.py": lambda content: b"import os"}),
    "packed": _repacked({}, packing=8),
    "bomb": _repacked({"data/0": lambda content: bytes(1 << 28)}, packing=8),
    "short storage": _repacked({"data/0": lambda content: content[:4]}),
    "empty storage": _repacked({"data/0": lambda content: b""}),
    "no storage": _repacked({"data/0": None}),
    "no pickle": _repacked({"data.pkl": None}),
    "pickle cut off": _repacked({"data.pkl": lambda content: content[:-20]}),
    "confused items": _repacked({"data.pkl": _confused}),
    "shape": _repacked({"data.pkl": lambda content: content.replace(b"K\x0c", b"J\xff\xff\xff\x7f")}),
    "larger storage": _repacked(
        {"data.pkl": lambda content: content.replace(b"K\x0c", b"J\xff\xff\xff\x7f", 1)}
    ),
    "outside": _repacked({"../../owned": lambda content: b"x"}),
    "old bomb": _old_bomb,
    "expanded": _with_weight(lambda: torch.ones(1).expand(10**6, 10**6)),
    "sparse": _with_weight(lambda: torch.ones(4, 3).to_sparse()),
    "compressed rows": _with_weight(lambda: torch.ones(4, 3).to_sparse_csr()),
    "meta": _with_weight(lambda: torch.ones(4, 3, device="meta")),
    "complex": _with_weight(torch.ones(4, 3, dtype=torch.complex64)),
    "other shape": _with_weight(torch.ones(3, 4)),
    "text": _with_weight("x"),
}

# npz ------------------------------------------------------------------------------------------------------------------


def _npy(shape: tuple[int, ...], dtype: str = "<f4", values: bytes = bytes(48), header: str = "") -> bytes:
    text = header or repr({"descr": dtype, "fortran_order": False, "shape": shape})
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + values


def _npz(content: bytes) -> Callable[[], bytes]:
    return lambda: zip_of(("layers/one/vars/0.npy", content))


NPZ: dict[str, Callable[[], bytes]] = {
    "empty": bytes,
    "shape": _npz(_npy((HUGE, HUGE))),
    "shape that overflows": _npz(_npy((1 << 62, 4, 4))),
    "negative shape": _npz(_npy((-4, -3))),
    "other shape": _npz(_npy((3, 4))),
    "objects": _npz(_npy((12,), "|O")),
    "text": _npz(_npy((12,), "<U1")),
    "complex": _npz(_npy((6,), "<c8")),
    "structure": _npz(_npy((6,), "V8")),
    "too short": _npz(_npy((4, 3), values=bytes(40))),
    "code": _npz(_npy((), header="__import__('os').system('touch ../owned')")),
    "deep header": _npz(_npy((), header="(" * 9000 + ")" * 9000)),
    "long header": _npz(_npy((), header=" " * 60000)),
    "no header": _npz(b"\x93NUMPY"),
    "other version": _npz(b"\x93NUMPY\x09\x00" + bytes(100)),
    "large members": lambda: zip_of(
        *((f"{i}.npy", _npy((1 << 24,), values=bytes(1 << 26))) for i in range(5))
    ),
    "many members": lambda: zip_of(*((f"{i}.npy", _npy((1,), values=bytes(4))) for i in range(20_000))),
}

# Several files --------------------------------------------------------------------------------------------------------

INDICES: dict[str, Callable[[], bytes]] = {
    "empty": bytes,
    "list": lambda: b"[]",
    "no map": lambda: b'{"metadata": {}}',
    "map of a list": lambda: b'{"weight_map": []}',
    "number": lambda: b'{"weight_map": {"/a": 3}}',
    "missing": lambda: b'{"weight_map": {"/a": "nowhere.weights.h5"}}',
    "itself": lambda: b'{"weight_map": {"/a": "file.weights.json"}}',
    "deep": lambda: b'{"weight_map": ' + b"[" * 10**5 + b"]" * 10**5 + b"}",
    "many parts": lambda: b'{"weight_map": [' + b"[]," * (2 * 10**6) + b"[]]}",
    **{
        f"file {name!r}": lambda n=name: json.dumps({"weight_map": {"/a": [n]}}).encode()
        for name in ("../x", "/etc/passwd", "..", "a/b", "..\\x", "", ".", "C:\\x", "a\0b", "../pipe")
    },
}

_TABLES = {".safetensors": SAFETENSORS, ".pt": TORCH, ".npz": NPZ, ".weights.json": INDICES}


def _written(ending: str, made: Callable[[], bytes]) -> Callable[[Path], Path]:
    def craft(folder: Path) -> Path:
        (folder / f"file{ending}").write_bytes(made())
        return folder / f"file{ending}"

    return craft


CASES = [
    Case(f"{ending}: {name}", _written(ending, made), _load_weights, "ValueError")
    for ending, table in _TABLES.items()
    for name, made in table.items()
]
