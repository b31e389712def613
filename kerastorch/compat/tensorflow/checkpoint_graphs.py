"""Checkpoints that TensorFlow has written, for `tf.train.Checkpoint`: values by the objects that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from kerastorch.errors import NotBuiltError
from kerastorch.layers.layer import Layer
from kerastorch.metrics.metric import Metric
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.saving.tensorflow.bundle import Bundle
from kerastorch.saving.tensorflow.graph import Node, read_graph
from kerastorch.saving.tensorflow.matching import Matches, match
from kerastorch.saving.tensorflow.optimizers import optimizer_rows

_ROOT = "root"  # the object that a `tf.train.Checkpoint` was given without a name


def values_of_objects(
    objects: Mapping[str, Any], named: Callable[[], Mapping[str, torch.Tensor]], prefix: str
) -> dict[str, np.ndarray]:
    """Returns the values of tensors, by the names that these have here.

    Args:
        objects: the objects of the checkpoint by name.
        named: returns their tensors by name; it is called once the optimizers have their variables.
        prefix: the path of a checkpoint of TensorFlow, without its ending.

    Returns:
        The values that belong to a tensor; those of models that belong to none follow under their names in the file.

    Raises:
        MissingFileError: when there is no such checkpoint.
        CorruptModelError: when it is damaged.
        NotBuiltError: when a model has no weights yet.
    """
    bundle = Bundle(prefix)
    walk = _Walk(bundle, read_graph(bundle))
    for name, value in objects.items():
        place = walk.nodes[0].children.get(name, 0 if name == _ROOT else None)
        if place is not None:
            walk.visit(value, place)
    walk.visit_optimizers(objects)
    values = {name: walk.values[id(tensor)] for name, tensor in named().items() if id(tensor) in walk.values}
    return {**values, **walk.unexpected}


class _Walk:
    """The values of tensors, as they are found.

    Args:
        bundle: the checkpoint.
        nodes: its graph of objects.
    """

    def __init__(self, bundle: Bundle, nodes: list[Node]) -> None:
        self.bundle, self.nodes = bundle, nodes
        self.values: dict[int, np.ndarray] = {}
        self.unexpected: dict[str, np.ndarray] = {}
        self._matches = Matches()
        self._optimizers: list[tuple[Optimizer, int]] = []

    def visit(self, value: Any, place: int) -> None:
        """Finds the values of an object and of what it holds."""
        if isinstance(value, (Layer, Metric)):
            self._visit_layer(value, place)
        elif isinstance(value, Optimizer):
            self._optimizers.append((value, place))
        elif isinstance(value, torch.Tensor):
            self._take(value, place)
        else:
            for name, inner in _members(value):
                if name in self.nodes[place].children:
                    self.visit(inner, self.nodes[place].children[name])

    def _visit_layer(self, layer: Any, place: int) -> None:
        if isinstance(layer, Layer) and not layer.built:
            raise NotBuiltError(
                f"The checkpoint of TensorFlow cannot be read into {layer.name!r}, which has no weights yet. Call it "
                "on some data, or `build(input_shape)`, first."
            )
        matches = match(layer, self.nodes, place)
        for number, tensor in matches.tensors.items():
            self._take(tensor, number)
        self._matches.tensors.update(matches.tensors)
        keys = [self.nodes[number].key for number in matches.unexpected.values()]
        self.unexpected.update({key: self.bundle[key] for key in keys if key is not None})

    def visit_optimizers(self, objects: Mapping[str, Any]) -> None:
        """Finds the state of optimizers; one without variables takes those of the one model."""
        models = [value for value in objects.values() if isinstance(value, Layer)]
        for optimizer, place in self._optimizers:
            if not optimizer.built and len(models) == 1:
                optimizer.build(models[0].trainable_weights)
            rows = optimizer_rows(optimizer, self.bundle, self.nodes, place, self._matches)
            self.values.update({id(t): value for _, t, value in rows if t is not None and value is not None})

    def _take(self, tensor: torch.Tensor, number: int) -> None:
        key = self.nodes[number].key
        if key is not None:
            self.values[id(tensor)] = self.bundle[key]


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    """What a list, a dictionary or another checkpoint holds, by name."""
    members: Any = enumerate(value) if isinstance(value, (list, tuple)) else value
    if hasattr(value, "_objects"):
        members = value._objects().items()
    elif isinstance(value, Mapping):
        members = value.items()
    for name, member in members if isinstance(members, Iterable) else ():
        yield str(name), member
