"""Which inputs a model is exported for: examples of them, and the axes whose size stays open."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from kerastorch import tree
from kerastorch.core.devices import current_device
from kerastorch.core.spec import InputSpec, KerasTensor
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import InvalidArgumentError, NotBuiltError

_OPEN_BATCH, _OPEN_AXIS = 2, 32  # sizes of the examples: torch.export takes an axis of length one as fixed


class Signature(NamedTuple):
    """The inputs of an exported program.

    Attributes:
        examples: the positional arguments.
        dynamic_shapes: in their structure, which axes stay open.
        names: a name for each tensor.
    """

    examples: tuple
    dynamic_shapes: tuple
    names: list[str]


def signature_of(model: Any, input_signature: Any = None) -> Signature:
    """Returns the inputs of a model as its graph, its first call or the user describes them.

    Args:
        model: a model, or any module with an `input_signature`.
        input_signature: what the model is called with, as `InputSpec`s, symbolic or real tensors, or a list with that
            as its only element; None asks the model.

    Raises:
        NotBuiltError: when the model was not called yet.
        InvalidArgumentError: when a part of the signature has no shape or no type.
    """
    graph = getattr(model, "_graph", None)
    if input_signature is not None:
        specs = _only(input_signature)
    elif graph is not None:
        specs = graph.inputs
    else:
        specs = _first_call(model)
    device = next((p.device for p in model.parameters()), current_device())
    facts = tree.map_structure(_facts, specs)
    names = _names(specs, model.input_names if graph is not None else [])
    examples = tree.map_structure(lambda fact: fact.example(device), facts)
    return Signature((examples,), (tree.map_structure(_Fact.open_axes, facts),), names)


def unique(names: list[str], taken: list[str]) -> list[str]:
    """Returns names that are all different, also from those that are taken.

    Args:
        names: the names that are wished for.
        taken: others.

    Example:
        >>> unique(["x", "y", "y"], ["x"])
        ['x_1', 'y', 'y_1']
    """
    busy, found = set(taken), []
    for name in names:
        free, number = name, 0
        while free in busy:
            number += 1
            free = f"{name}_{number}"
        busy.add(free)
        found.append(free)
    return found


class _Fact:
    """The shape and the type of one input."""

    def __init__(self, shape: tuple, dtype: str) -> None:
        self.shape, self.dtype = shape, dtype

    def example(self, device: Any) -> torch.Tensor:
        sizes = [
            (_OPEN_AXIS if axis else _OPEN_BATCH) if size is None else size
            for axis, size in enumerate(self.shape)
        ]
        return torch.ones(sizes, dtype=torch_dtype(self.dtype), device=device)

    def open_axes(self) -> dict[int, Any]:
        kinds = torch.export.Dim
        open_ones = [axis for axis, size in enumerate(self.shape) if size is None]
        return {axis: kinds.AUTO if axis else kinds.DYNAMIC for axis in open_ones}


def _names(specs: Any, of_graph: list[str]) -> list[str]:
    """A name for each input: that of its `InputSpec`, that in the graph of the model, its key, or its number."""
    names = []
    for index, (path, spec) in enumerate(tree.flatten_with_path(specs)):
        own = spec.name if isinstance(spec, InputSpec) else None
        known = of_graph[index] if index < len(of_graph) else None
        key = path[-1] if path and isinstance(path[-1], str) else None
        names.append(own or known or key or f"input_{index}")
    return unique(names, [])


def _facts(spec: Any) -> _Fact:
    if isinstance(spec, InputSpec) and (spec.shape is None or spec.dtype is None):
        raise InvalidArgumentError(f"The `shape` and `dtype` must be provided. Received: {spec!r}.")
    if not hasattr(spec, "shape") or not hasattr(spec, "dtype"):
        raise InvalidArgumentError(
            "`input_signature` holds `keras.InputSpec`s, `KerasTensor`s and tensors. "
            f"Received: {spec!r} of type {type(spec).__name__}."
        )
    dtype = standardize_dtype(spec.dtype)
    if dtype == "string":
        raise InvalidArgumentError(
            "A model that takes strings cannot be exported, as torch has no tensors of them: export the model that "
            "begins after the text layers."
        )
    shape = tuple(spec.shape)
    is_declared = isinstance(spec, InputSpec)
    return _Fact(shape if is_declared or not shape else (None, *shape[1:]), dtype)


def _only(structure: Any) -> Any:
    """What the only element of a list is: signatures list the arguments of the call."""
    is_list = isinstance(structure, (list, tuple)) and not isinstance(structure, InputSpec)
    return structure[0] if is_list and len(structure) == 1 else structure


def _first_call(model: Any) -> Any:
    given = getattr(model, "_build_arguments", None)
    if given is None or not given[0] or given[0][0] is None:
        raise NotBuiltError(
            f"Model {getattr(model, 'name', type(model).__name__)!r} has never been called. It must be called at "
            "least once before export, or `input_signature` must say what it takes."
        )
    dtype = getattr(model, "input_dtype", None) or model.compute_dtype
    return _with_open_batch(given[0][0], dtype)


def _with_open_batch(shapes: Any, dtype: str) -> Any:
    """Symbolic tensors for a shape or a structure of shapes."""
    if isinstance(shapes, dict):
        return {key: _with_open_batch(value, dtype) for key, value in shapes.items()}
    if all(size is None or isinstance(size, int) for size in shapes):
        return KerasTensor((None, *shapes[1:]), dtype=dtype)
    return [_with_open_batch(value, dtype) for value in shapes]
