"""What a picture of a model shows: boxes for layers, frames for models inside, and the edges between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kerastorch import tree
from kerastorch.core.graph import tensors_in
from kerastorch.core.spec import KerasTensor
from kerastorch.models.sequential import Sequential
from kerastorch.models.summary import entries_between, kind_of


@dataclass(frozen=True)
class Show:
    """What the boxes say; the fields are arguments of `plot_model`."""

    shapes: bool = False
    dtype: bool = False
    layer_names: bool = False
    expand_nested: bool = False
    layer_activations: bool = False
    trainable: bool = False


@dataclass(frozen=True)
class Cell:
    """A field of a box: a label, its value, and the colour behind, white for None."""

    label: str
    value: str
    colour: str | None = None


@dataclass(eq=False)
class Box:
    """A layer: a title, and below it rows of cells."""

    title: str
    detail: str
    rows: list[list[Cell]]


@dataclass(eq=False)
class Frame:
    """A model: its boxes and frames by the identity of what they stand for, and the edges between boxes."""

    name: str
    graph: Any = None
    members: dict[int, Box | Frame] = field(default_factory=dict)
    edges: list[tuple[Box, Box]] = field(default_factory=list)

    def boxes(self) -> Iterator[Box]:
        """Yields the boxes, those inside of frames too."""
        for member in self.members.values():
            if isinstance(member, Box):
                yield member
            else:
                yield from member.boxes()

    def all_edges(self) -> Iterator[tuple[Box, Box]]:
        """Yields the edges, those inside of frames too."""
        yield from self.edges
        for member in self.members.values():
            if isinstance(member, Frame):
                yield from member.all_edges()


def describe(model: Any, show: Show, layer_range: Any = None) -> Frame:
    """Returns the boxes and edges of a model; a subclassed one is a single box.

    Args:
        model: a model that has been built.
        show: what the boxes say.
        layer_range: the names, or regular expressions, of the first and the last layer to show.

    Raises:
        InvalidArgumentError: when `layer_range` matches no layer.
    """
    frame = Frame(model.name)
    if not _has_parts(model):
        frame.members[id(model)] = _box(model, [], show)
        return frame
    frame.graph = model._graph
    calls = [] if frame.graph is None else frame.graph.calls
    for entry in entries_between(_entries(model), layer_range):
        inside = show.expand_nested and _has_parts(entry)
        frame.members[id(entry)] = (
            describe(entry, show)
            if inside
            else _box(entry, [call for call in calls if call.operation is entry], show)
        )
    frame.edges = list(dict.fromkeys(_edges(frame)))
    return frame


def _has_parts(entry: Any) -> bool:
    graph = getattr(entry, "_graph", None)
    return isinstance(entry, Sequential) or (graph is not None and entry._uses_graph())


def _entries(model: Any) -> list[Any]:
    return list(model.layers if isinstance(model, Sequential) else model._graph.operations)


def _edges(frame: Frame) -> Iterator[tuple[Box, Box]]:
    members = list(frame.members.values())
    if frame.graph is None:  # layers that are called one after the other
        for source, target in itertools.pairwise(members):
            yield _last_box(source), _first_box(target)
        return
    for call in frame.graph.calls:
        called = frame.members.get(id(call.operation))
        for index, tensor in enumerate(call.input_tensors):
            made_by = frame.members.get(id(tensor.node.operation))
            if made_by is not None and called is not None:
                position = next(i for i, t in enumerate(tensor.node.output_tensors) if t is tensor)
                yield _leaving(made_by, position), _entering(called, index)


def _leaving(member: Box | Frame, position: int) -> Box:
    """The box that makes the output of a member with a number."""
    while isinstance(member, Frame):
        tensors = tensors_in(member.graph.outputs) if member.graph is not None else []
        if position >= len(tensors) or id(tensors[position].node.operation) not in member.members:
            return _last_box(member)
        tensor = tensors[position]
        position = next(i for i, t in enumerate(tensor.node.output_tensors) if t is tensor)
        member = member.members[id(tensor.node.operation)]
    return member


def _entering(member: Box | Frame, index: int) -> Box:
    """The box that takes the input of a member with a number."""
    while isinstance(member, Frame):
        tensors = tensors_in(member.graph.inputs) if member.graph is not None else []
        if index >= len(tensors) or id(tensors[index].node.operation) not in member.members:
            return _first_box(member)
        member = member.members[id(tensors[index].node.operation)]
    return member


def _first_box(member: Box | Frame) -> Box:
    return member if isinstance(member, Box) else next(member.boxes())


def _last_box(member: Box | Frame) -> Box:
    return member if isinstance(member, Box) else list(member.boxes())[-1]


def _box(entry: Any, calls: list[Any], show: Show) -> Box:
    kind = kind_of(entry)
    title, detail = (entry.name, f" ({kind})") if show.layer_names else (kind, "")
    rows = []
    activation = getattr(entry, "activation", None)
    if show.layer_activations and activation is not None:
        rows.append([Cell("Activation: ", _name_of(activation))])
    cells = []
    if show.shapes:
        if kind != "InputLayer":
            cells.append(Cell("Input shape: ", _each(calls, "shape", lambda call: call.input_tensors)))
        cells.append(Cell("Output shape: ", _each(calls, "shape", lambda call: call.outputs)))
    if show.dtype:
        cells.append(Cell("Output dtype: ", _each(calls, "dtype", lambda call: call.outputs)))
    if show.trainable and getattr(entry, "weights", None):
        trains = entry.trainable
        cells.append(Cell("", "Trainable" if trains else "Non-trainable", "#228B22" if trains else "#B22222"))
    return Box(title, detail, [*rows, *([cells] if cells else [])])


def _name_of(activation: Any) -> str:
    return getattr(activation, "name", None) or getattr(activation, "__name__", None) or str(activation)


def _each(calls: list[Any], what: str, tensors: Any) -> str:
    """An attribute of the inputs or outputs of a layer's calls; calls that differ are divided by a bar."""
    found = []
    for call in calls:
        structure = tensors(call)
        if isinstance(structure, (list, tuple)) and len(structure) == 1:
            structure = structure[0]
        values = tree.map_structure(
            lambda t: getattr(t, what) if isinstance(t, KerasTensor) else t, structure
        )
        found.append(
            ", ".join(f"{k}: {v}" for k, v in values.items()) if isinstance(values, dict) else str(values)
        )
    return " | ".join(dict.fromkeys(found)) or "?"
