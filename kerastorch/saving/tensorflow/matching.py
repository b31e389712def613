"""The variables of a graph of objects and the tensors of a model: both are walked along together, name by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from kerastorch.layers.layer import Layer
from kerastorch.metrics.metric import Metric
from kerastorch.saving.tensorflow.graph import Node
from kerastorch.saving.walk import attributes_of

# What Keras adds to the objects that it saves as a SavedModel, and names that only lead to other objects again.
_ASIDE = frozenset({"variables", "trainable_variables", "regularization_losses", "keras_api"})
_ASIDE_OF_MODEL = _ASIDE | {"signatures", "optimizer", "root"}
_NUMBERED = re.compile(r"(layer|layer_with_weights)-(\d+)")
_OTHER_NAMES = {"depthwise_kernel": "kernel", "vector_u": "u"}
_OF_NO_USE = ("StateVar", "seed_generator_state")  # the states of random numbers, which torch draws otherwise
DEPTH = 200


@dataclass
class Matches:
    """What belongs together.

    Attributes:
        tensors: the tensors of the model by the numbers of their variables.
        unexpected: the paths of variables that the model does not have, with their numbers.
    """

    tensors: dict[int, torch.Tensor] = field(default_factory=dict)
    unexpected: dict[str, int] = field(default_factory=dict)


def match(model: Any, nodes: list[Node], root: int = 0, layer_names: list[str] | None = None) -> Matches:
    """Returns which tensor of a model each variable belongs to.

    Args:
        model: a built model.
        nodes: the graph of objects.
        root: the number of the object that is the model.
        layer_names: the names of its layers in the order of their numbers; None takes the order of `model.layers`.
    """
    walk = _Walk(nodes)
    names = layer_names or []
    by_name = {layer.name: layer for layer in model.layers} if names else {}
    if names and all(name in by_name for name in names):
        walk.numbered[id(model)] = [by_name[name] for name in names]
    walk.visit(model, root, "", 0)
    found = walk.matches
    found.unexpected = {
        path: number for number, path in walk.unmatched.items() if number not in found.tensors
    }
    return found


class _Walk:
    """The state of one walk.

    Args:
        nodes: the graph of objects.
    """

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.matches = Matches()
        self.unmatched: dict[int, str] = {}
        self.numbered: dict[int, list[Any]] = {}
        self._seen: set[tuple[int, int]] = set()

    def visit(self, owner: Any, number: int, path: str, depth: int) -> None:
        """Walks along an object of the model, or None where it has no counterpart, and a node."""
        if (id(owner), number) in self._seen or depth > DEPTH:
            return
        self._seen.add((id(owner), number))
        members = self._members(owner)
        for name, child in self.nodes[number].children.items():
            if name in (_ASIDE if depth else _ASIDE_OF_MODEL) or is_optimizer(self.nodes[child]):
                continue
            place = f"{path}/{name}" if path else name
            self._pair(self._counterpart(owner, members, name, child), child, place, depth)

    def _pair(self, found: Any, child: int, path: str, depth: int) -> None:
        node = self.nodes[child]
        if node.key is not None:
            if isinstance(found, torch.Tensor):
                self.matches.tensors.setdefault(child, found)
            elif not node.name.endswith(_OF_NO_USE):
                self.unmatched.setdefault(child, path)
            return
        self.visit(found if not isinstance(found, torch.Tensor) else None, child, path, depth + 1)

    def _members(self, owner: Any) -> dict[str, Any]:
        """What an object of the model holds, by name; nothing else of it can be reached from a file."""
        if isinstance(owner, Layer):
            own = {variable.name: variable for variable in _variables(owner)}
            return {**dict(attributes_of(owner)), **own}
        if isinstance(owner, Metric):
            return {variable.name: variable for variable in owner.variables}
        if isinstance(owner, (list, tuple)):
            return {str(i): value for i, value in enumerate(owner)}
        if isinstance(owner, dict):
            return {str(key): value for key, value in owner.items()}
        return {}

    def _counterpart(self, owner: Any, members: dict[str, Any], name: str, child: int) -> Any:
        numbered = _NUMBERED.fullmatch(name)
        if numbered and getattr(owner, "is_model", False):
            layers = self.numbered.get(id(owner), owner.layers)
            if numbered[1] == "layer_with_weights":
                layers = [layer for layer in layers if layer.weights]
            place = int(numbered[2])
            return layers[place] if place < len(layers) else None
        last = self.nodes[child].name.rpartition("/")[2].partition(":")[0]
        for known in (name, f"_{name}", last, _OTHER_NAMES.get(name)):
            if known in members and _is_part(members[known]):
                return members[known]
        return None


def _variables(layer: Layer) -> Iterator[Any]:
    """A layer's own variables, the first of each name."""
    seen = set()
    for variable in layer._stored_variables():
        name = getattr(variable, "name", None)
        if name and name not in seen:
            seen.add(name)
            yield variable


def is_optimizer(node: Node) -> bool:
    """Returns whether an object is an optimizer, as models with a training step of their own hold them.

    Args:
        node: the object.
    """
    return "_iterations" in node.children or {"iter", "learning_rate"} <= set(node.children)


def _is_part(value: Any) -> bool:
    return isinstance(value, (Layer, Metric, torch.Tensor, list, tuple, dict))
