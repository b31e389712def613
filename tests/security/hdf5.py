"""HDF5 files that lead elsewhere, claim more than they hold, or do not fit (S9, S10, S16)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

import kerastorch
from tests.security.guard import Case
from tests.security.model import META, config, harmless, weights, zipped

Change = Callable[[h5py.File, str], None]


def _link(made: Any) -> Change:
    def change(root: h5py.File, path: str) -> None:
        del root[path]
        root[path] = made

    return change


def _group_link(made: Any) -> Change:
    def change(root: h5py.File, path: str) -> None:
        group = path.rpartition("/")[0]
        del root[group]
        root[group] = made

    return change


def _root_link(made: Any) -> Change:
    def change(root: h5py.File, path: str) -> None:
        top = path.partition("/")[0]
        del root[top]
        root[top] = made

    return change


def _dataset(**arguments: Any) -> Change:
    def change(root: h5py.File, path: str) -> None:
        shape = root[path].shape
        del root[path]
        root.create_dataset(path, **{"shape": shape, "dtype": "float32", **arguments})

    return change


def _virtual(root: h5py.File, path: str) -> None:
    layout = h5py.VirtualLayout(shape=root[path].shape, dtype="float32")
    layout[:] = h5py.VirtualSource("../pipe", "x", shape=root[path].shape)
    del root[path]
    root.create_virtual_dataset(path, layout)


def _references(dtype: Any) -> Change:
    def change(root: h5py.File, path: str) -> None:
        shape = root[path].shape
        del root[path]
        root.create_dataset(path, shape, dtype)

    return change


def _attribute(value: Any, *, top: bool = False) -> Change:
    def change(root: h5py.File, path: str) -> None:
        for place in (root, root[path], root[path].parent):
            for name in ("name", "dtype", "layer_names", "weight_names", "model_config", "training_config"):
                place.attrs[name] = value

    return change


def _loop(root: h5py.File, path: str) -> None:
    group = root[path].parent
    group["again"] = group


def _doubling(root: h5py.File, path: str) -> None:
    """Groups that hold the next one under two names, so that there are more paths than one can go."""
    group = root[path].parent
    for _ in range(50):
        group["a"] = inner = group.create_group("b")
        group = inner


def _deep(root: h5py.File, path: str) -> None:
    group = root[path].parent
    for _ in range(2000):
        group = group.create_group("g")


def _many(root: h5py.File, path: str) -> None:
    parent = root[path].parent
    for number in range(200):
        parent.create_dataset(f"bomb_{number}", (1 << 26,), "float32", chunks=(1 << 20,), compression="gzip")


def _many_in_place(root: h5py.File, path: str) -> None:
    _dataset(shape=(1 << 26,), chunks=(1 << 20,), compression="gzip")(root, path)
    _many(root, path)


_HUGE = {"chunks": (100, 100, 100), "compression": "gzip", "fillvalue": 1.0}
FILES: dict[str, Change] = {
    "S9 external link": _link(h5py.ExternalLink("../pipe", "/x")),
    "S9 soft link": _link(h5py.SoftLink("/")),
    "S9 dangling link": _link(h5py.SoftLink("/nowhere")),
    "S9 external group": _group_link(h5py.ExternalLink("../pipe", "/")),
    "S9 external root": _root_link(h5py.ExternalLink("../pipe", "/")),
    "S9 group link": _group_link(h5py.SoftLink("/")),
    "S9 external storage": _dataset(external=[("../pipe", 0, 1000)]),
    "S9 virtual": _virtual,
    "S9 references": _references(h5py.ref_dtype),
    "S9 regions": _references(h5py.regionref_dtype),
    "S9 text": _references(h5py.string_dtype()),
    "S9 sequences": _references(h5py.vlen_dtype(np.dtype("int32"))),
    "S9 opaque": _references(np.dtype("V8")),
    "S9 compound": _references(np.dtype([("a", "f4"), ("b", "f4")])),
    "S9 complex": _references(np.dtype("complex64")),
    "S9 attribute": _attribute(np.zeros(8000)),
    "S9 long attribute": _attribute("x" * (1 << 20)),
    "S10 shape": _dataset(shape=(10**6, 10**6, 10**6), **_HUGE),
    "S10 chunk": _dataset(shape=(1 << 30,), chunks=(1 << 29,), compression="gzip"),
    "S10 loop": _loop,
    "S10 doubling": _doubling,
    "S10 empty": _dataset(shape=(10**6, 10**6)),
    "S10 many": _many_in_place,
    "S16 shape": _dataset(shape=(7, 7)),
    "S16 deep": _deep,
    "S16 scalar": _dataset(shape=()),
    "S16 no axis": _dataset(shape=(0,)),
}
# What a reader may also leave out: it lies where nothing of the model is.
HARMLESS = ("S9 attribute", "S9 long attribute", "S16 deep")


def _first(root: h5py.File) -> str:
    """The path of the first weight."""
    found: list[str] = []
    root.visititems(lambda name, member: found.append(name) if isinstance(member, h5py.Dataset) else None)
    return next(path for path in found if path.startswith(("layers", "model_weights")))


def _changed(path: Path, change: Change) -> Path:
    with h5py.File(path, "a") as root:
        change(root, _first(root))
    return path


def _weights(change: Change, folder: Path) -> Path:
    (folder / "model.weights.h5").write_bytes(weights())
    return _changed(folder / "model.weights.h5", change)


def _archive(change: Change, folder: Path) -> Path:
    return zipped(folder / "model.keras", {"model.weights.h5": _weights(change, folder).read_bytes()})


def _deflated(change: Change, folder: Path) -> Path:
    path = _archive(change, folder)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(folder / "x.keras", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return folder / "x.keras"


def _folder(change: Change, folder: Path) -> Path:
    import json

    place = folder / "model"
    place.mkdir()
    (place / "metadata.json").write_bytes(META)
    (place / "config.json").write_text(json.dumps(config()))
    _weights(change, folder).rename(place / "model.weights.h5")
    return place


def _shards(change: Change, folder: Path) -> Path:
    _weights(change, folder)
    (folder / "model.weights.json").write_text('{"weight_map": {"/layers": "model.weights.h5"}}')
    return folder / "model.weights.json"


def _keras_2(change: Change, folder: Path) -> Path:
    harmless().save(folder / "model.h5")
    return _changed(folder / "model.h5", change)


def _load_weights(path: Any) -> None:
    """Loads weights, and looks whether some of them were set in spite of an error."""
    model = harmless()
    before = model.get_weights()
    try:
        model.load_weights(path)
    except Exception:
        for old, new in zip(before, model.get_weights(), strict=True):
            assert (old == new).all(), "something was loaded"
        raise


_load: Any = kerastorch.models.load_model
WAYS: dict[str, tuple[Callable[[Change, Path], Path], Callable[[Path], Any]]] = {
    "load_weights": (_weights, _load_weights),
    "keras": (_archive, _load),
    "compressed": (_deflated, _load),
    "folder": (_folder, _load),
    "weights of an archive": (_archive, _load_weights),
    "editor": (_weights, kerastorch.saving.KerasFileEditor),
    "shards": (_shards, _load_weights),
    "stream": (_weights, lambda path: _load_weights(io.BytesIO(path.read_bytes()))),
    "stream of h5": (_keras_2, lambda path: _load(io.BytesIO(path.read_bytes()))),
    "h5": (_keras_2, _load),
    "weights of h5": (_keras_2, _load_weights),
    "by name": (_keras_2, lambda path: harmless().load_weights(path, by_name=True)),
}


def _case(name: str, change: Change, way: str) -> Case:
    write, read = WAYS[way]
    may_pass = name in HARMLESS or (way == "editor" and name.startswith("S16"))
    error = None if may_pass else "ValueError"
    return Case(f"{name}, {way}", lambda folder: write(change, folder), read, error)


CASES = [_case(name, change, way) for name, change in FILES.items() for way in WAYS]
