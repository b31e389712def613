"""The vocabularies of lookup layers, which a SavedModel only holds as constants of its graph."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from kerastorch.errors import CorruptModelError
from kerastorch.saving.tensorflow.metadata import GRAPH, Described, objects_of, read_graph_file
from kerastorch.saving.tensorflow.wire import Message, varint

LOOKUPS = frozenset({"StringLookup", "IntegerLookup", "TextVectorization"})
_TABLE = (
    "lookup_table",
    "_initialize",
    "trace_0",
)  # from a lookup layer to the function that fills its table
_KEYS, _VALUES = "capture_1", "capture_2"  # what that function takes
_STRING, _INT64 = 7, 9
_TRAINED_OTHERWISE = "tf_idf"


def read_vocabularies(folder: str, objects: Mapping[int, Described], label: str) -> dict[str, list]:
    """Returns the terms of lookup layers whose configs do not have them, by the names of the layers.

    Args:
        folder: the folder of a SavedModel.
        objects: the objects of Keras in it by their numbers.
        label: what errors call it.

    Raises:
        CorruptModelError: when the graph is damaged or missing, or a layer has weights for its terms.
    """
    silent = {number: one for number, one in objects.items() if _is_silent(one)}
    if not silent:
        return {}
    if not os.path.isfile(os.path.join(folder, GRAPH)):
        raise CorruptModelError(
            f"{label} is incomplete: it has no file {GRAPH!r}, which holds the vocabulary of the layer "
            f"{next(iter(silent.values())).facts['config'].get('name')!r}."
        )
    graph = _Graph(read_graph_file(folder, label), label)
    found = {one.facts["config"].get("name"): graph.terms(number, one) for number, one in silent.items()}
    return {str(name): terms for name, terms in found.items() if terms is not None}


def _is_silent(one: Described) -> bool:
    config = one.facts.get("config")
    if not isinstance(config, dict) or str(one.facts.get("class_name")) not in LOOKUPS:
        return False
    return config.get("vocabulary") is None


class _Graph:
    """The objects of a graph and its constants.

    Args:
        graph: the graph.
        label: what errors call the file.
    """

    def __init__(self, graph: Message, label: str) -> None:
        self.label = label
        self._objects = objects_of(graph)
        definitions = graph.messages(2)[:1]
        nodes = [node for definition in definitions for node in definition.messages(1)]
        self._constants = {node.text(1): node for node in nodes if node.data(2) == b"Const"}

    def terms(self, number: int, layer: Described) -> list | None:
        """The vocabulary of a layer without its special terms, in its order; None when it has none."""
        config = layer.facts["config"]
        if config.get("output_mode") == _TRAINED_OTHERWISE:
            raise CorruptModelError(
                f"{self.label}: the layer {config.get('name')!r} weighs its terms (`tf_idf`), which is only read from "
                "`.keras` and `.h5` files. Save the model as one of these."
            )
        inside = self._child(number, "_lookup_layer")
        place: int | None = number if inside is None else inside
        for name in _TABLE:
            place = None if place is None else self._child(place, name)
        if place is None:
            return None
        keys, values = (self._constant(self._child(place, name)) for name in (_KEYS, _VALUES))
        terms, order = (values, keys) if config.get("invert") else (keys, values)
        if len(terms) != len(order) or not all(isinstance(index, int) for index in order):
            raise CorruptModelError(f"{self.label} is damaged: a vocabulary has no order.")
        return [term for _, term in sorted(zip(order, terms, strict=True), key=lambda pair: pair[0])]

    def _child(self, number: int, name: str) -> int | None:
        if not 0 <= number < len(self._objects):
            raise CorruptModelError(
                f"{self.label} is damaged: its graph tells of an object that is not there."
            )
        children = {child.text(2): child.number(1) for child in self._objects[number].messages(1)}
        return children.get(name)

    def _constant(self, number: int | None) -> list[Any]:
        """The values of a constant: texts or whole numbers."""
        objects = self._objects[number : number + 1] if number is not None and number >= 0 else []
        names = [constant.text(1) for one in objects for constant in one.messages(9)]
        nodes = [self._constants[name] for name in names if name in self._constants]
        for attribute in nodes[0].messages(5) if nodes else ():
            if attribute.data(1) == b"value":
                return [value for one in attribute.messages(2) for value in self._values(one.messages(8))]
        raise CorruptModelError(f"{self.label} is damaged: the terms of a vocabulary are not in its graph.")

    def _values(self, tensors: list[Message]) -> list[Any]:
        tensor = tensors[0] if tensors else Message(b"", self.label)
        kind, content = tensor.number(1), tensor.data(4)
        if kind == _STRING:
            return [text.decode("utf-8", "replace") for text in tensor.all_data(8)]
        if kind == _INT64 and len(content) % 8 == 0:
            return np.frombuffer(content, "<i8").tolist() or _packed(tensor.data(10), self.label)
        raise CorruptModelError(
            f"{self.label} is damaged: a vocabulary is neither of texts nor of whole numbers."
        )


def _packed(data: bytes, label: str) -> list[int]:
    """Whole numbers of variable length in a row."""
    numbers, place = [], 0
    while place < len(data):
        number, place = varint(data, place, label)
        numbers.append(number - (1 << 64) if number >> 63 else number)
    return numbers
