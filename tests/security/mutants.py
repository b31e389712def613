"""Ways to change a valid file in a few places that its structure tells of; the checksums around these are made anew."""

from __future__ import annotations

import copy
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import h5py
import numpy as np

from kerastorch.errors import CorruptModelError
from kerastorch.saving.tensorflow.table import read_table
from kerastorch.saving.tensorflow.wire import Message
from tests.saving.tensorflow.writing import field, table
from tests.security.bundles import Checkpoint
from tests.security.model import META

Change = Callable[[bytes, random.Random], bytes]
_STRANGE: tuple[Any, ...] = (
    *(
        None,
        True,
        -1,
        0,
        1,
        2,
        10**12,
        -(2**70),
        0.5,
        float("nan"),
        float("inf"),
        "",
        "x",
        "relu",
        "../x",
        "a" * 5000,
    ),
    *([], {}, [[]], [None], [None, 4], {"class_name": "Dense"}, {"class_name": "Dense", "config": None}),
    *(
        {"class_name": "__tuple__", "config": {}},
        {"class_name": "__numpy__", "config": {"value": [], "dtype": "x"}},
    ),
    {"class_name": "function", "config": "relu", "module": "keras.activations"},
    {"class_name": "__slice__", "config": 3},
    {"class_name": ["x"], "config": {}},
)
_NUMBERS = (0, 1, -1, 2, 7, 255, 1 << 31, 1 << 40, 1 << 63, -(1 << 63))


def change_bytes(content: bytes, chance: random.Random) -> bytes:
    """Any file."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 2, 8))):
        place = chance.randrange(len(changed) or 1)
        action = chance.randrange(4)
        if action == 0 and changed:
            changed[place] ^= 1 << chance.randrange(8)
        elif action == 1:
            changed[place : place + 4] = chance.choice(
                (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f")
            )
        elif action == 2 and len(changed) > 100:
            del changed[place : place + chance.randrange(1, 50)]
        else:
            changed[place:place] = changed[:20]
    return bytes(changed)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every list and dictionary inside a config, with a key of it."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def change_json(text: bytes | str, chance: random.Random) -> bytes:
    """A config, or any other JSON."""
    config = json.loads(text)
    for _ in range(chance.choice((1, 1, 2, 5))):
        places = list(_places(config))
        if not places:
            break
        holder, key = chance.choice(places)
        action = chance.randrange(4)
        if action == 0:
            holder[key] = copy.deepcopy(chance.choice(_STRANGE))  # it may be changed itself, later
        elif action == 1:
            del holder[key]
        elif action == 2:
            other, name = chance.choice(places)
            holder[key] = json.loads(json.dumps(other.get(name) if isinstance(other, dict) else other))
        elif isinstance(holder, dict):
            name = chance.choice(("name", "units", "config", "layers", "dtype", "module", "x"))
            holder[name] = holder.pop(key)
    return json.dumps(config).encode()


def change_arrays(content: bytes, chance: random.Random) -> bytes:
    """An HDF5 file."""
    stream = io.BytesIO(content)
    with h5py.File(stream, "a") as root:
        paths: list[str] = []
        root.visit(paths.append)
        for path in chance.sample(paths, min(2, len(paths))):
            if path in root:
                _change_member(root, path, chance)
        if "model_config" in root.attrs and chance.random() < 0.5:
            root.attrs["model_config"] = change_json(root.attrs["model_config"], chance).decode()
    return stream.getvalue()


def _change_member(root: h5py.File, path: str, chance: random.Random) -> None:
    action = chance.randrange(4)
    if action == 2:
        root[f"{path}_"] = root[path]
    elif action == 3:
        name = chance.choice(("name", "weight_names", "layer_names", "dtype", "model_config"))
        root[path].attrs[name] = chance.choice((1, "x", b"\xff", [1.0, 2.0], np.bytes_(b"x"), "{}"))
    else:
        del root[path]
    if action == 1:
        root[path] = chance.choice((np.zeros((2, 2)), np.int8(3), "text", h5py.SoftLink("/"), np.zeros(0)))


def _change_members(
    content: bytes, changes: dict[str, Change], chance: random.Random, packings: tuple
) -> bytes:
    """A zip archive, with one member changed as its ending tells."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        members = {name: old.read(name) for name in old.namelist()}
    names = [name for name in members if name.endswith(tuple(changes))]
    name = chance.choice(names)
    change = next(change for ending, change in changes.items() if name.endswith(ending))
    members[name] = change(members[name], chance)
    with zipfile.ZipFile(stream, "w", chance.choice(packings)) as new:
        for member, value in members.items():
            new.writestr(member, META if chance.random() < 0.02 else value)
    return stream.getvalue()


def change_archive(content: bytes, chance: random.Random) -> bytes:
    """A `.keras` archive."""
    weights = chance.choice((change_arrays, change_bytes))
    return _change_members(content, {"config.json": change_json, ".h5": weights}, chance, (0, 8))


def change_pickled(content: bytes, chance: random.Random) -> bytes:
    """What `torch.save` has written."""
    changes = {"data.pkl": change_bytes, "version": change_bytes, "/0": change_bytes}
    return _change_members(content, changes, chance, (0, 0, 0, 8))


def change_npz(content: bytes, chance: random.Random) -> bytes:
    """Arrays of NumPy."""
    return _change_members(content, {".npy": _change_npy}, chance, (0, 8))


def _change_npy(content: bytes, chance: random.Random) -> bytes:
    size = int.from_bytes(content[8:10], "little")
    header, values = content[10 : 10 + size].decode("latin-1"), content[10 + size :]
    old, new = chance.choice(
        (
            ("<f4", chance.choice(("|O", "<f8", "V8", "<U4", "<c8", "<f2", "|S9999999999", ">f4"))),
            ("False", chance.choice(("True", "None", "[]", "exec('1')"))),
            ("(", chance.choice(("(1000000000000, ", "(-1, ", "(0, ", "(1 << 70, ", "[", "((", "('a', "))),
            ("}", chance.choice(("", ", 'x': 1}", "}}", "} + {}"))),
        )
    )
    header = header.replace(old, new, 1)
    length = chance.choice((len(header), len(header), size, 0, 65535))
    return content[:8] + length.to_bytes(2, "little") + header.encode("latin-1") + values


def change_safetensors(content: bytes, chance: random.Random) -> bytes:
    """Tensors behind a header of JSON."""
    size = struct.unpack("<Q", content[:8])[0]
    header = change_json(content[8 : 8 + size], chance)
    length = chance.choice((len(header), len(header), len(header), size, *_NUMBERS)) & 0xFFFFFFFFFFFFFFFF
    return struct.pack("<Q", length) + header + content[8 + size :]


def change_metadata(content: bytes, chance: random.Random) -> bytes:
    """The `keras_metadata.pb` of a SavedModel."""
    nodes = [(node.number(2), node.data(4), node.data(5)) for node in Message(content, "").messages(1)]
    changed = chance.randrange(len(nodes))
    rows = []
    for place, (number, kind, text) in enumerate(nodes):
        if place == changed:
            number = chance.choice((number, number, number, *_NUMBERS))
            text = change_json(text, chance)
        rows.append(field(1, field(2, number) + field(4, kind) + field(5, text)))
    return b"".join(rows)


def change_index(content: bytes, chance: random.Random) -> bytes:
    """The index of a checkpoint."""
    try:
        entries = read_table(content, "")
    except CorruptModelError:
        return change_bytes(content, chance)
    key = chance.choice(list(entries))
    value = entries.pop(key)
    action = chance.randrange(3)
    if action == 0:
        entries[key] = change_bytes(value, chance)
    elif action == 1:
        entries[chance.choice((*entries, b"", b"x"))] = value
    return table(entries or {b"": b""}, packing=chance.choice((0,) * 9 + (1,)))


def change_checkpoint(made: Checkpoint, chance: random.Random) -> None:
    """What a checkpoint holds, before it is written."""
    for _ in range(chance.choice((1, 1, 2, 5))):
        node, action = chance.choice(made.nodes), chance.randrange(4)
        if action == 0 and node.children:
            place = chance.choice((*range(len(made.nodes)), *_NUMBERS))
            node.children[chance.choice((*node.children, "kernel", "optimizer", "a" * 3000, ""))] = place
        elif action == 1:
            node.key = chance.choice((None, "", "nowhere", *made.rows))
        elif action == 2:
            fact = chance.choice(("dtype", "shard", "offset", "size"))
            chance.choice(list(made.rows.values()))[fact] = chance.choice(_NUMBERS)
        else:
            shape = tuple(chance.choice(_NUMBERS) for _ in range(chance.randrange(4)))
            chance.choice(list(made.rows.values()))["shape"] = shape


# By the endings of files, the longer ones first.
CHANGES: dict[str, Change] = {
    ".keras": change_archive,
    ".h5": change_arrays,
    ".json": change_json,
    ".npz": change_npz,
    ".pt": change_pickled,
    ".safetensors": change_safetensors,
    "metadata.pb": change_metadata,
    ".index": change_index,
}
