"""Archives that are bombs or lead outside, and other files that are no models (S11 to S13, S17, S20)."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

import kerastorch
from tests.security.guard import Case
from tests.security.hdf5 import _load_weights
from tests.security.model import META, config, weights
from tests.utils.archives import tar_of, zip_of

_load: Any = kerastorch.models.load_model

# Zip archives as models (S12, S13) ------------------------------------------------------------------------------------


def _plain() -> bytes:
    members = ("metadata.json", META), ("config.json", json.dumps(config())), ("model.weights.h5", weights())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def _with(name: str, content: bytes, model: Callable[[], bytes] = _plain) -> bytes:
    """The model with one member replaced, or added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(model())) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return stream.getvalue()


def _of_words() -> bytes:
    """A model whose vocabulary lies beside its config."""
    layer = kerastorch.layers.StringLookup(name="words")
    layer.set_vocabulary(["a", "b"])
    stream = io.BytesIO()
    kerastorch.Sequential([kerastorch.Input((1,), dtype="string"), layer]).save(stream)
    return stream.getvalue()


def _many_members() -> bytes:
    stream = io.BytesIO(_plain())
    with zipfile.ZipFile(stream, "a") as archive:
        for number in range(100_000):
            archive.writestr(f"assets/{number}", b"")
    return stream.getvalue()


def _total() -> bytes:
    stream = io.BytesIO(_plain())
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"assets/{number}.npy", bytes(1 << 27))
    return stream.getvalue()


def _entry(name: str, layout: str, place: int, value: int) -> bytes:
    """The model with a number changed in the directory's entry of a member."""
    changed = bytearray(_plain())
    directory = changed.index(b"PK\x01\x02")
    entry = changed.rindex(b"PK\x01\x02", directory, changed.index(name.encode(), directory))
    struct.pack_into(layout, changed, entry + place, value)
    return bytes(changed)


def _duplicate() -> bytes:
    stream = io.BytesIO(_plain())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("config.json", b"{}")
    return stream.getvalue()


def _overlapping() -> bytes:
    changed = bytearray(_plain())
    first = changed.index(b"PK\x01\x02")
    second = changed.index(b"PK\x01\x02", first + 4)
    changed[second + 42 : second + 46] = changed[first + 42 : first + 46]
    return bytes(changed)


_ZEROS = bytes(1 << 28)
_CONFIG, _WEIGHTS, _LINES = "config.json", "model.weights.h5", "assets/layers/string_lookup/vocabulary.txt"
ARCHIVES: dict[str, Callable[[], bytes]] = {
    "S12 bomb as config": lambda: _with(_CONFIG, b" " * (1 << 29)),
    "S12 bomb as weights": lambda: _with(_WEIGHTS, _ZEROS * 2),
    "S12 bomb of numbers": lambda: _with(_CONFIG, b'{"class_name": [' + b"1e1," * ((1 << 22) - 20) + b"1]}"),
    "S12 bomb of lines": lambda: _with(_LINES, b"a\n" * ((1 << 23) - 8), _of_words),
    "S12 bomb in assets": lambda: _with(_LINES, b"a\n" * (1 << 24), _of_words),
    "S12 many members": _many_members,
    "S12 total": _total,
    "S12 claimed size": lambda: _entry(_WEIGHTS, "<I", 24, 0xFFFFFFF0),
    "S12 claimed sizes": lambda: _entry(_CONFIG, "<Q", 20, 0xFFFFFFF0FFFFFFF0),
    "S12 too small a size": lambda: _entry(_CONFIG, "<I", 24, 5),
    "S12 far away": lambda: _entry(_WEIGHTS, "<I", 42, 0xFFFFFFF0),
    "S12 checksum": lambda: _entry(_WEIGHTS, "<I", 16, 1),
    "S12 encrypted": lambda: _entry(_CONFIG, "<H", 8, 1),
    "S12 unknown compression": lambda: _entry(_CONFIG, "<H", 10, 99),
    "S12 other compression": lambda: _entry(_CONFIG, "<H", 10, 8),
    "S12 duplicate": _duplicate,
    "S12 overlapping": _overlapping,
    "S12 nested": lambda: _with(_WEIGHTS, _plain()),
    "S12 cut off": lambda: _plain()[:-30],
    "S12 quine": lambda: _with(_CONFIG, _with(_CONFIG, _plain())),
}
OUTSIDE = ("../x", "/abs", "C:\\x", "a/../../b", "a\0b", "assets/../../x", "assets//x", "assets\\..\\..\\x")


def _archive(made: Callable[[], bytes]) -> Callable[[Path], Path]:
    def craft(folder: Path) -> Path:
        (folder / "model.keras").write_bytes(made())
        return folder / "model.keras"

    return craft


_MODEL_WAYS: dict[str, Callable[[Path], Any]] = {
    "load_model": _load,
    "load_weights": _load_weights,
    "stream": lambda path: _load(io.BytesIO(path.read_bytes())),
    "editor": kerastorch.saving.KerasFileEditor,
}
_MAY_PASS = ("S12 bomb as config", "S12 claimed sizes", "S12 too small a size", "S12 encrypted", "S12 quine")
_MAY_PASS += ("S12 unknown compression", "S12 other compression", "S12 bomb of numbers")
_OF_WORDS = (
    "S12 bomb of lines",
    "S12 bomb in assets",
)  # models without weights, and only whole models have assets


def _zip_case(name: str, made: Callable[[], bytes], way: str) -> Case:
    error: str | None = "ValueError" if name in _OF_WORDS else "CorruptModelError"
    if (way == "load_weights" and name in _MAY_PASS) or (way == "editor" and name in _OF_WORDS):
        error = None
    return Case(f"{name}, {way}", _archive(made), _MODEL_WAYS[way], error)


_ZIPS = [_zip_case(name, made, way) for name, made in ARCHIVES.items() for way in _MODEL_WAYS]


def _outside(name: str) -> bytes:
    """The model with a member of that name, in which the writer would end at a NUL."""
    return _with(name.replace("\0", "@"), b"x").replace(b"a@b", b"a\0b")


_ZIPS += [
    Case(f"S13 member {name!r}, {way}", _archive(lambda n=name: _outside(n)), act, "ValueError")
    for name in OUTSIDE
    if name != "assets//x"
    for way, act in _MODEL_WAYS.items()
]

# Pickles and arrays that are no models (S11, S17, S20) -----------------------------------------------------------


class Command:
    def __reduce__(self) -> Any:
        import os

        return os.system, ("touch ../owned",)


def _torch_file(legacy: bool) -> bytes:
    stream = io.BytesIO()
    torch.save({"weight": Command()}, stream, _use_new_zipfile_serialization=not legacy)
    return stream.getvalue()


def _npy_bomb() -> bytes:
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }".ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def _npz_of(content: bytes) -> bytes:
    return zip_of(("a.npy", content), ("0.npy", content))


def _objects() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([Command()], dtype=object), allow_pickle=True)
    return stream.getvalue()


STRANGE: dict[str, Callable[[], bytes]] = {
    "S11 shape": lambda: _npz_of(_npy_bomb()),
    "S11 objects": lambda: _npz_of(_objects()),
    "S11 pickle": lambda: _npz_of(pickle.dumps(Command())),
    "S17 torch": lambda: _torch_file(False),
    "S17 old torch": lambda: _torch_file(True),
    "S17 pickle": lambda: pickle.dumps(Command()),
    "S17 tar": lambda: tar_of(("pickle", pickle.dumps(Command())), mode="w"),
}
_ENDINGS = (".keras", ".h5", ".weights.h5", ".pt", ".pth", ".npz", ".safetensors", "")


def _named(ending: str, made: Callable[[], bytes]) -> Callable[[Path], Path]:
    def craft(folder: Path) -> Path:
        path = folder / f"file{ending}"
        path.write_bytes(made())
        return path

    return craft


_OTHER = [
    Case(f"{name}, {ending} {way}", _named(ending, made), _MODEL_WAYS[way], "ValueError")
    for name, made in STRANGE.items()
    for ending in _ENDINGS
    for way in ("load_model", "load_weights", "stream", "editor")
]
_YAML = "!!python/object/apply:os.system ['touch ../owned']"
_OTHER += [
    Case("S20 as JSON", lambda folder: _YAML, kerastorch.models.model_from_json, "ValueError"),
    Case("S20 as config", lambda folder: _YAML, kerastorch.models.model_from_config, "ValueError"),
]


SWEEP = [case for case in _ZIPS if case.name.startswith("S12 many members")]  # which are slow to write
CASES = [*(case for case in _ZIPS if case not in SWEEP), *_OTHER]
