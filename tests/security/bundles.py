"""The harmless model as TensorFlow would write it, and the same files with something hostile in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kerastorch.saving.tensorflow.checksum import masked_crc32c
from tests.saving.tensorflow.writing import HEADER, entry, table
from tests.saving.tensorflow.writing import field as part

GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
KERNEL = "one/kernel"
DATA = "data-00000-of-00001"
_FLOAT, _TEXT = 1, 7


@dataclass
class Node:
    """An object of a checkpoint.

    Args:
        children: the numbers of objects by the names of attributes.
        key: that of its value, if it is a variable.
    """

    children: dict[str, int] = field(default_factory=dict)
    key: str | None = None

    def message(self) -> bytes:
        children = [
            part(1, part(1, number) + part(2, name.encode())) for name, number in self.children.items()
        ]
        value = (
            part(1, b"VARIABLE_VALUE")
            + part(2, (self.key or "").encode())
            + part(3, (self.key or "").encode())
        )
        return b"".join(children) + (part(2, value) if self.key else b"")


@dataclass
class Checkpoint:
    """What the files of a checkpoint hold; changes to it are written.

    Attributes:
        nodes: the objects.
        rows: what the index says of each array, by key: the arguments of `entry`.
        data: the values.
        header: of the index.
        index: changes the content of the index.
    """

    nodes: list[Node] = field(default_factory=list)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    data: bytes = b""
    header: bytes = HEADER
    index: Callable[[bytes], bytes] = bytes

    def add(self, key: str, content: bytes, **facts: Any) -> None:
        place = {"offset": len(self.data), "size": len(content), "checksum": masked_crc32c(content)}
        self.rows[key] = {**place, **facts}
        self.data += content

    def add_text(self, key: str, text: bytes, length: bytes | None = None) -> None:
        fixed = len(text).to_bytes(4, "little")
        checked = masked_crc32c(fixed).to_bytes(4, "little") + text
        lengths = part(0, len(text))[1:] if length is None else length
        checksum = masked_crc32c(fixed + checked)
        self.add(key, lengths + checked, shape=(), dtype=_TEXT, checksum=checksum)

    def files(self) -> dict[str, bytes]:
        """The contents of its files by their endings."""
        if self.nodes:
            self.add_text(GRAPH, b"".join(part(1, node.message()) for node in self.nodes))
        rows = {key.encode(): entry(**facts) for key, facts in self.rows.items()}
        return {"index": self.index(table({b"": self.header, **rows})), DATA: self.data}

    def write(self, prefix: Path) -> Path:
        """Writes the files, and returns the path of the checkpoint."""
        prefix.parent.mkdir(parents=True, exist_ok=True)
        for ending, content in self.files().items():
            prefix.with_name(f"{prefix.name}.{ending}").write_bytes(content)
        return prefix


_SHAPES = {KERNEL: (4, 3), "one/bias": (3,), "two/kernel": (3, 2), "two/bias": (2,)}


def checkpoint() -> Checkpoint:
    """That of the harmless model."""
    names = ("layer_with_weights-0", "layer_with_weights-1")
    made = Checkpoint([Node(dict(zip(names, (1, 2), strict=True)))])
    made.nodes += [Node({"kernel": 3, "bias": 4}), Node({"kernel": 5, "bias": 6})]
    for key, shape in _SHAPES.items():
        made.nodes.append(Node(key=key))
        made.add(key, np.ones(shape, "<f4").tobytes(), shape=shape, dtype=_FLOAT)
    return made


def metadata(facts: Any) -> bytes:
    """The content of `keras_metadata.pb` that describes one model."""
    text = facts if isinstance(facts, str) else json.dumps(facts)
    return part(1, part(2, 0) + part(4, b"_tf_keras_sequential") + part(5, text.encode()))


def facts_of(config: Any) -> Any:
    """What a SavedModel says of a model that Keras 3 describes by a config."""
    if not isinstance(config, dict):
        return config
    compiled = config.get("compile_config")
    training = compiled and {"optimizer_config": compiled.get("optimizer"), **compiled}
    return {**config, "keras_version": "2.15.0", "training_config": training}


def saved_model(folder: Path, files: Mapping[str, bytes], values: Checkpoint | None = None) -> Path:
    """Writes the folder of a SavedModel, and returns it.

    Args:
        folder: the folder.
        files: contents by name.
        values: the checkpoint in it; None takes that of the harmless model.
    """
    (values or checkpoint()).write(folder / "variables" / "variables")
    for name, content in {"saved_model.pb": b"", **files}.items():
        (folder / name).write_bytes(content)
    return folder
