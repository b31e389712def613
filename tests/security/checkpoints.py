"""Checkpoints and SavedModels of TensorFlow that are cut off, claim too much, or lead in circles."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kerastorch
from kerastorch.compat.tensorflow import train
from kerastorch.saving.tensorflow.metadata import METADATA
from tests.saving.tensorflow.writing import field as part
from tests.saving.tensorflow.writing import table
from tests.security.bundles import (
    GRAPH,
    KERNEL,
    Checkpoint,
    Node,
    checkpoint,
    facts_of,
    metadata,
    saved_model,
)
from tests.security.guard import Case
from tests.security.hdf5 import _load_weights
from tests.security.model import config, harmless

HUGE, ENDLESS = 1 << 40, b"\xff" * 11
Change = Callable[[Checkpoint], None]


def _row(key: str = KERNEL, **facts: Any) -> Change:
    return lambda made: made.rows[key].update(facts)


def _child(place: int, **children: int) -> Change:
    return lambda made: made.nodes[place].children.update(children)


def _key(key: str) -> Change:
    return lambda made: setattr(made.nodes[3], "key", key)


def _data(change: Callable[[bytes], bytes]) -> Change:
    return lambda made: setattr(made, "data", change(made.data))


def _index(change: Callable[[bytes], bytes]) -> Change:
    return lambda made: setattr(made, "index", change)


def _header(header: bytes) -> Change:
    return lambda made: setattr(made, "header", header)


def _replaced(change: Callable[[Checkpoint], None]) -> Change:
    """The graph is no longer written, but what `change` adds."""

    def act(made: Checkpoint) -> None:
        made.nodes = []
        change(made)

    return act


def _in_circles(made: Checkpoint) -> None:
    for node in made.nodes:
        node.children = dict.fromkeys((*node.children, "again"), 0)


def _deep(made: Checkpoint) -> None:
    start = len(made.nodes)
    made.nodes += [Node({"a": start + i + 1}) for i in range(20_000)]
    made.nodes += [Node()]
    made.nodes[1].children["deep"] = start


def _doubling(made: Checkpoint) -> None:
    start = len(made.nodes)
    made.nodes += [Node({"a": start + i + 1, "b": start + i + 1}) for i in range(100)]
    made.nodes += [Node()]
    made.nodes[1].children["double"] = start


def _bomb_of_keys() -> bytes:
    """An index whose keys share their long beginnings."""
    return table({b"": part(1, 1), **{b"a" * 3000 + i.to_bytes(3, "big"): b"" for i in range(1, 1000)}})


BUNDLES: dict[str, Change] = {
    "shape": _row(shape=(HUGE, HUGE)),
    "size": _row(shape=(HUGE,), size=4 * HUGE),
    "offset": _row(offset=HUGE),
    "negative size": _row(size=-48),
    "negative shape": _row(shape=(-4, -3)),
    "rank": _row(shape=(1,) * 100),
    "empty shape": _row(shape=(0, 1 << 62, 1 << 62), size=0),
    "type": _row(dtype=21),
    "text for numbers": _row(dtype=7),
    "other shape": _row(shape=(3, 4)),
    "checksum": _row(checksum=1),
    "slices": _row(more=part(7, b"")),
    "file": _row(shard=1),
    "no end of a number": _row(more=ENDLESS),
    "length of a field": _row(more=b"\x52\xff\xff\xff\xff\x0f"),
    "same bytes twice": _row("one/bias", offset=0, size=48, shape=(4, 3)),
    "circle": _in_circles,
    "deep": _deep,
    "doubling": _doubling,
    "object out of range": _child(0, **{"layer_with_weights-0": 10**9}),
    "negative object": _child(0, **{"layer_with_weights-0": -1}),
    "no such value": _key("nowhere"),
    "graph as a value": _key(GRAPH),
    "no graph": _replaced(lambda made: None),
    "graph of numbers": _replaced(lambda made: made.add(GRAPH, bytes(4), shape=())),
    "graph of nothing": _replaced(lambda made: made.add_text(GRAPH, b"")),
    "graph of noise": _replaced(lambda made: made.add_text(GRAPH, os.urandom(1000))),
    "length of a text": _replaced(lambda made: made.add_text(GRAPH, b"x", length=b"\xff" * 8 + b"\x7f")),
    "length without end": _replaced(lambda made: made.add_text(GRAPH, b"x" * 20, length=ENDLESS)),
    "texts beyond count": _replaced(lambda made: made.add(GRAPH, bytes(16), shape=(HUGE,), dtype=7)),
    "files beyond count": _header(part(1, HUGE)),
    "no files": _header(part(1, 0)),
    "missing file": _header(part(1, 2)),
    "other order of bytes": _header(part(1, 1) + part(2, 1)),
    "values cut off": _data(lambda data: data[:20]),
    "no values": _data(lambda data: b""),
    "index cut off": _index(lambda index: index[len(index) // 2 :]),
    "index without its end": _index(lambda index: index[:-20]),
    "no index": _index(lambda index: b""),
    "index of noise": _index(lambda index: os.urandom(len(index))),
    "packed": _index(lambda index: table({b"": part(1, 1)}, packing=1)),
    "keys": _index(lambda index: _bomb_of_keys()),
    "block outside": _index(lambda index: b"\xff" * 39 + index[-8:].rjust(9, b"\x0f")),
}
_HARMLESS = ("deep", "doubling")
# What only the graph of objects tells of, and who reads the values alone does not meet.
_OF_GRAPH = (
    *("other shape", "circle", "object out of range", "negative object", "no such value", "graph as a value"),
    *("no graph", "graph of numbers", "graph of nothing", "graph of noise"),
)
_VALUES_ALONE = ("list", "values")
_PARTIAL = ("circle", "restore")  # a `tf.train.Checkpoint` takes what fits, which is nothing


def _bundle(change: Change, folder: Path) -> Path:
    made = checkpoint()
    change(made)
    return made.write(folder / "variables" / "variables")


def _model(change: Change, folder: Path) -> Path:
    made = checkpoint()
    change(made)
    return saved_model(folder / "model", {"keras_metadata.pb": metadata(facts_of(config()))}, made)


def _restore(path: Path) -> None:
    train.Checkpoint(harmless()).restore(path)


WAYS: dict[str, tuple[Callable[[Change, Path], Path], Callable[[Path], Any]]] = {
    "load_weights": (_bundle, _load_weights),
    "load_model": (_model, kerastorch.models.load_model),
    "weights of the model": (_model, _load_weights),
    "list": (_bundle, train.load_checkpoint),
    "values": (
        _bundle,
        lambda path: [train.load_variable(path, key) for key, _ in train.list_variables(path)],
    ),
    "restore": (_bundle, _restore),
}


def _case(name: str, change: Change, way: str) -> Case:
    write, read = WAYS[way]
    may_pass = name in _HARMLESS or (way in _VALUES_ALONE and name in _OF_GRAPH) or (name, way) == _PARTIAL
    return Case(
        f"checkpoint: {name}, {way}",
        lambda folder: write(change, folder),
        read,
        None if may_pass else "ValueError",
    )


# Folders of models ----------------------------------------------------------------------------------------------------

_WORDS = {"class_name": "StringLookup", "config": {"name": "words", "vocabulary": None}}


def _lookup() -> bytes:
    row = [
        {"class_name": "InputLayer", "config": {"batch_input_shape": [None], "name": "i", "dtype": "string"}},
        _WORDS,
    ]
    root = part(2, 0) + part(4, b"_tf_keras_sequential")
    root += part(5, json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": row}}).encode())
    layer = part(2, 1) + part(4, b"_tf_keras_layer") + part(5, json.dumps(_WORDS).encode())
    return part(1, root) + part(1, layer)


def _table(children: list[dict[str, int]], constant: bytes = b"") -> bytes:
    """A graph of TensorFlow in which the first constant is that of the vocabulary."""
    objects = [
        b"".join(part(1, part(1, number) + part(2, name.encode())) for name, number in names.items())
        for names in children
    ]
    objects += [part(9, part(1, b"words")), part(9, part(1, b"numbers"))]
    nodes = [
        part(1, name) + part(2, b"Const") + part(5, part(1, b"value") + part(2, part(8, constant)))
        for name in (b"words", b"numbers")
    ]
    return part(
        2, part(2, b"".join(part(1, node) for node in nodes)) + part(7, b"".join(part(1, o) for o in objects))
    )


_PATH = [{}, {"lookup_table": 2}, {"_initialize": 3}, {"trace_0": 4}, {"capture_1": 5, "capture_2": 6}]
_SIMPLE = facts_of(config())


def _graph(content: Callable[[], bytes]) -> dict[str, Callable[[], bytes]]:
    """A model with a lookup layer, whose terms the graph holds."""
    return {METADATA: _lookup, "saved_model.pb": content}


FOLDERS: dict[str, dict[str, Callable[[], bytes]]] = {
    "metadata cut off": {METADATA: lambda: metadata(_SIMPLE)[:-40]},
    "metadata of noise": {METADATA: lambda: os.urandom(2000)},
    "metadata of nothing": {METADATA: bytes},
    "metadata of a number without end": {METADATA: lambda: metadata(_SIMPLE) + ENDLESS},
    "metadata of a long field": {METADATA: lambda: b"\x0a\xff\xff\xff\xff\x0f" + metadata(_SIMPLE)},
    "metadata of deep JSON": {METADATA: lambda: metadata("[" * 10**5 + "]" * 10**5)},
    "metadata of a deep config": {METADATA: lambda: metadata('{"a": ' * 10**5 + "1" + "}" * 10**5)},
    "metadata of many parts": {METADATA: lambda: metadata("[" + "[]," * (2 * 10**6) + "[]]")},
    "metadata of text": {METADATA: lambda: metadata('"' + "x" * 10**6 + '"')},
    "metadata of another object": {METADATA: lambda: part(1, part(2, 10**15) + part(5, b"{}"))},
    "no metadata": {METADATA: bytes, "saved_model.pb": bytes},
    "graph cut off": _graph(lambda: _table(_PATH)[:-20]),
    "graph of noise": _graph(lambda: os.urandom(2000)),
    "graph in circles": {
        METADATA: _lookup,
        "saved_model.pb": lambda: _table([{}, {"_lookup_layer": 1, "lookup_table": 1}]),
    },
    "graph of nothing": _graph(bytes),
    "table out of range": {
        METADATA: _lookup,
        "saved_model.pb": lambda: _table([{}, {"lookup_table": 10**12}]),
    },
    "negative table": _graph(lambda: _table([{}, {"lookup_table": -5}])),
    "vocabulary of nothing": _graph(lambda: _table(_PATH)),
    "vocabulary of numbers": {
        METADATA: _lookup,
        "saved_model.pb": lambda: _table(_PATH, part(1, 9) + part(4, b"123")),
    },
    "vocabulary without end": {
        METADATA: _lookup,
        "saved_model.pb": lambda: _table(_PATH, part(1, 9) + part(10, ENDLESS)),
    },
    "vocabulary out of order": {
        METADATA: _lookup,
        "saved_model.pb": lambda: _table(_PATH, part(1, 7) + part(8, b"a")),
    },
}


def _folder_case(name: str, files: dict[str, Callable[[], bytes]]) -> Case:
    made = lambda folder: saved_model(folder / "model", {file: content() for file, content in files.items()})  # noqa: E731
    return Case(f"SavedModel: {name}", made, kerastorch.models.load_model, "ValueError")


CASES = [_case(name, change, way) for name, change in BUNDLES.items() for way in WAYS]
CASES += [_folder_case(name, files) for name, files in FOLDERS.items()]
