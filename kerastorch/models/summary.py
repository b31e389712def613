"""The table that `Model.summary` prints, and what notebooks show of a model."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.graph import FunctionOp, Node
from kerastorch.core.notebook import html_table
from kerastorch.core.process_memory import readable_bytes
from kerastorch.errors import GraphError, InvalidArgumentError, NotBuiltError
from kerastorch.layers.layer import Layer
from kerastorch.models.table import render, to_ascii


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Prints the layers of a model, their output shapes and the numbers of their parameters.

    Args:
        model: the model.
        line_length: width of the table in characters; None takes what Keras takes, at most that of the terminal.
        positions: where the columns end, as fractions of the width.
        print_fn: takes the whole text; None writes to `sys.stdout`.
        expand_nested: whether the layers of models inside the model are listed too.
        show_trainable: whether a column says which layers train.
        layer_range: names, or regular expressions, of the first and last layer to list.

    Raises:
        InvalidArgumentError: when `layer_range` matches no layer, or a column would be narrower than four characters.
    """
    text = summary_text(model, line_length, positions, expand_nested, show_trainable, layer_range)
    if print_fn is not None:
        print_fn(text)
        return
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = to_ascii(text).encode(encoding, "replace").decode(encoding)
    sys.stdout.write(text)


def summary_text(
    model: Any,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> str:
    """Returns what `print_summary` prints; it takes the same arguments."""
    graph = model._graph if not model._lists_layers_only else None
    connected = graph is not None and not _is_row(graph)
    rows = _Rows(graph if connected else None, expand_nested, show_trainable)
    entries = _entries(model) if graph is None else list(graph.operations)
    cells = [row for entry in entries_between(entries, layer_range) for row in rows.of(entry)]
    header, align = ["Layer (type)", "Output Shape", "Param #"], ["left", "left", "right"]
    length, ends = 88, list(positions or (0.45, 0.80, 1.0))
    if connected:
        header, align = [*header, "Connected to"], [*align, "left"]
        length, ends = 108, list(positions or (0.3, 0.56, 0.74, 1.0))
    if show_trainable:
        header, align = [*header, "Trainable"], [*align, "center"]
        length, ends = length + 12, [*(end * 0.90 for end in ends), 1.0]
    length = line_length or min(length, shutil.get_terminal_size().columns - 4)
    lines = render(header, cells, _widths(ends, length, len(header)), align, length)
    return "\n".join([f'Model: "{model.name}"', *lines, *_totals(model)]) + "\n"


class _PlainModule:
    """A row for a plain torch module."""

    built = True

    def __init__(self, name: str, module: torch.nn.Module) -> None:
        self.name, self.module = name, module
        self.weights = [*module.parameters(), *module.buffers()]
        self.trainable = any(p.requires_grad for p in module.parameters())
        self._inbound_nodes: list[Node] = []

    @property
    def layers(self) -> list[_PlainModule]:
        """The rows of the modules inside."""
        return [_PlainModule(name, module) for name, module in self.module.named_children()]

    def count_params(self) -> int:
        """Returns the number of values in all weights."""
        return sum(w.numel() for w in self.weights)


def _entries(model: Any) -> list:
    """The layers and plain modules of a model without a graph; of a lone plain module, what it holds."""
    if model._lists_layers_only:
        return list(model.layers)
    names = {id(module): name for name, module in model._modules.items()}
    entries = [
        child if isinstance(child, Layer) else _PlainModule(names.get(id(child), type(child).__name__), child)
        for child in model._child_modules()
    ]
    if len(entries) == 1 and isinstance(entries[0], _PlainModule):
        return entries[0].layers or entries
    return entries


def _widths(ends: list[float], length: int, columns: int) -> list[int]:
    if len(ends) != columns:
        raise InvalidArgumentError(
            f"`positions` must have {columns} entries, one for each column. Received: {ends}."
        )
    widths: list[int] = []
    for end in ends:
        widths.append(int(end * length) - sum(widths))
    if min(widths) < 4:
        raise InvalidArgumentError(
            f"Insufficient console width to print summary: a column would have {min(widths)} characters. "
            f"Received: positions={ends} for a line of {length}."
        )
    return widths


def _is_row(graph: Any) -> bool:
    """Whether the graph is a row of layers, none of which is used twice."""
    layers = [id(node.operation) for node in graph.calls]
    return (
        graph.is_chain
        and len(set(layers)) == len(layers)
        and all(len(node.input_tensors) <= 1 for node in graph.calls)
    )


def entries_between(entries: list, layer_range: Sequence[str] | None) -> list:
    """Returns the entries from the first to the last that a range names.

    Args:
        entries: layers and functions.
        layer_range: names, or regular expressions, of the first and last one; None takes all.

    Raises:
        InvalidArgumentError: when it matches nothing.
    """
    if layer_range is None:
        return entries
    if len(layer_range) != 2 or not all(isinstance(name, str) for name in layer_range):
        raise InvalidArgumentError(
            f"`layer_range` must hold the names of the first and the last layer. Received: {layer_range!r}."
        )
    found = [[i for i, x in enumerate(entries) if re.match(name, x.name)] for name in layer_range]
    if not all(found):
        raise InvalidArgumentError(
            f"`layer_range` does not match the names of the layers. Received: {layer_range!r}. Expected two of "
            f"{[entry.name for entry in entries]}."
        )
    first, last = min(found[0]), max(found[1])
    return entries[first : last + 1] if first <= last else entries[min(found[1]) : max(found[0]) + 1]


class _Rows:
    """Makes the rows of the table."""

    def __init__(self, graph: Any, expand_nested: bool, show_trainable: bool) -> None:
        self._calls = None if graph is None else graph.calls
        self._expand, self._show_trainable = expand_nested, show_trainable

    def of(self, entry: Any, level: int = 0) -> list[list[str]]:
        """Returns the row of a layer or function, and those of the layers inside."""
        prefix = "   " * level + "└ " if level else ""
        row = [f"{prefix}{entry.name} ({kind_of(entry)})", _shape_text(entry), _parameters(entry)]
        if self._calls is not None:
            row.append(self._connections(entry))
        if self._show_trainable:
            row.append(("Y" if entry.trainable else "N") if getattr(entry, "weights", ()) else "-")
        rows = [row]
        if self._expand:
            for inner in getattr(entry, "layers", None) or ():
                rows.extend(self.of(inner, level + 1))
        return rows

    def _connections(self, entry: Any) -> str:
        sources = [
            t._keras_history
            for node in self._calls or ()
            if node.operation is entry
            for t in node.input_tensors
        ]
        return ", ".join(f"{s.operation.name}[{s.node_index}][{s.tensor_index}]" for s in sources) or "-"


def kind_of(entry: Any) -> str:
    """The class of a layer; functions are called as Keras calls its operations: `TrueDivide` for `x / y`."""
    if not isinstance(entry, FunctionOp):
        return type(entry.module if isinstance(entry, _PlainModule) else entry).__name__
    return "".join(part.capitalize() for part in re.sub(r"_\d+$", "", entry.name).split("_"))


def _shape_text(entry: Any) -> str:
    nodes: list[Node] = entry._inbound_nodes
    if nodes:
        shapes = [t.shape for t in nodes[-1].output_tensors]
    elif getattr(entry, "_build_arguments", None) is not None:
        shapes = _computed_shapes(entry)
    else:
        shapes = []
    texts = [f"({', '.join(map(str, shape))})" for shape in shapes]
    if len(texts) == 1:
        return texts[0]
    return f"[{', '.join(texts)}]" if texts else "?"


def _computed_shapes(layer: Any) -> list[tuple]:
    """The shapes of the outputs of a layer that was built without symbolic tensors; none if it cannot tell."""
    args, kwargs = layer._build_arguments
    if not any(tree.flatten([args, kwargs])):
        return []
    try:
        found = layer.compute_output_shape(*args, **kwargs)
    except (GraphError, NotBuiltError, NotImplementedError, TypeError, ValueError):
        return []
    return _shapes_in(found)


def _shapes_in(structure: Any) -> list[tuple]:
    if isinstance(structure, (list, tuple)) and all(d is None or isinstance(d, int) for d in structure):
        return [tuple(structure)]
    parts = structure.values() if isinstance(structure, dict) else structure or ()
    return [shape for part in parts for shape in _shapes_in(part)]


def _parameters(entry: Any) -> str:
    if not hasattr(entry, "built"):
        return "0"
    return f"{entry.count_params():,}" if entry.built else "0 (unbuilt)"


def _totals(model: Any) -> list[str]:
    kinds = [("Trainable", model.trainable_weights), ("Non-trainable", model.non_trainable_weights)]
    optimizer = model.optimizer if model.compiled else None
    if optimizer is not None and getattr(optimizer, "built", False):
        kinds.append(("Optimizer", optimizer.variables))
    counted = [("Total", [v for _, variables in kinds for v in variables]), *kinds]
    return [f" {kind} params: {_count(variables)}" for kind, variables in counted]


def _count(variables: Sequence[torch.Tensor]) -> str:
    tensors = list({id(v): v for v in variables}.values())
    number = sum(v.numel() for v in tensors)
    return f"{number:,} ({readable_bytes(sum(v.numel() * v.element_size() for v in tensors))})"


def model_html(model: Any) -> str:
    """Returns what a notebook shows of a model: its layers, their output shapes and parameters."""
    rows = [row for entry in _entries(model) for row in _Rows(None, False, False).of(entry)]
    total = _count([*model.trainable_weights, *model.non_trainable_weights])
    title = f"{type(model).__name__} {model.name!r}: {total} parameters"
    return html_table(title, ["Layer (type)", "Output Shape", "Param #"], rows)
