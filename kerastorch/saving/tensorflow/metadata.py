"""What Keras writes of its objects beside a SavedModel: their classes and configs, as JSON in `keras_metadata.pb`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from kerastorch.errors import CorruptModelError
from kerastorch.saving.description import json_of
from kerastorch.saving.tensorflow.wire import Message

METADATA, GRAPH = "keras_metadata.pb", "saved_model.pb"
_KERAS = "_tf_keras_"


@dataclass(frozen=True)
class Described:
    """An object of Keras.

    Attributes:
        number: its number in the graph of objects.
        identifier: its kind, such as `"_tf_keras_sequential"`.
        facts: what Keras says of it: `class_name`, `config`, `build_input_shape` and more.
    """

    number: int
    identifier: str
    facts: dict[str, Any]


def read_metadata(folder: str, label: str) -> dict[int, Described]:
    """Returns the objects of Keras in the folder of a SavedModel by their numbers.

    Args:
        folder: the folder.
        label: what errors call it.

    Raises:
        CorruptModelError: when the files are damaged, or hold nothing of Keras.
    """
    path = os.path.join(folder, METADATA)
    objects = _of_metadata(_content(path), label) if os.path.isfile(path) else _of_graph(folder, label)
    if 0 not in objects:
        raise CorruptModelError(
            f"{label} is a SavedModel without a model of Keras: a `tf.Module`, `tf.function`s or the result of "
            "`model.export`. It holds a graph of TensorFlow only, which is never executed here. Expected what "
            "`model.save(folder)` of tf.keras writes; its weights alone are read by `tf.train.load_checkpoint"
            f"({os.path.join(folder, 'variables', 'variables')!r})`."
        )
    return objects


def _of_metadata(content: bytes, label: str) -> dict[int, Described]:
    nodes = Message(content, label).messages(1)
    objects = [_described(node.number(2), node.text(4), node.text(5), label) for node in nodes]
    return {one.number: one for one in objects}


def _of_graph(folder: str, label: str) -> dict[int, Described]:
    """The same from the graph itself, where TensorFlow 2.0 to 2.4 kept it."""
    objects = {}
    for number, node in enumerate(objects_of(read_graph_file(folder, label))):
        for user_object in node.messages(4)[:1]:
            identifier, text = user_object.text(1), user_object.text(3)
            if identifier.startswith(_KERAS) and text:
                objects[number] = _described(number, identifier, text, label)
    return objects


def read_graph_file(folder: str, label: str) -> Message:
    """Returns the graph of TensorFlow in the folder of a SavedModel.

    Args:
        folder: the folder.
        label: what errors call it.

    Raises:
        CorruptModelError: when it is damaged.
    """
    graphs = Message(_content(os.path.join(folder, GRAPH)), label).messages(2)
    return graphs[0] if graphs else Message(b"", label)


def objects_of(graph: Message) -> list[Message]:
    """Returns the objects of a graph of TensorFlow, in the order of their numbers.

    Args:
        graph: the graph.
    """
    return [node for objects in graph.messages(7)[:1] for node in objects.messages(1)]


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _described(number: int, identifier: str, text: str, label: str) -> Described:
    facts = json_of(text, label)
    if not isinstance(facts, dict):
        raise CorruptModelError(f"{label} is damaged: what it says of object {number} is no dictionary.")
    try:
        return Described(number, identifier, _plain(facts))
    except RecursionError as error:
        raise CorruptModelError(f"{label} is damaged: a config is nested too deeply.") from error


def _plain(value: Any) -> Any:
    """A value without the marks by which TensorFlow tells tuples and shapes from lists, and policies from types."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") in ("__tuple__", "TensorShape") and isinstance(value.get("items"), list):
        return [_plain(one) for one in value["items"]]
    if value.get("class_name") == "Policy" and isinstance(value.get("config"), dict):
        return value["config"].get("name")
    return {key: _plain(one) for key, one in value.items()}
