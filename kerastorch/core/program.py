"""A graph as straight-line PyTorch code, and its slow twin that runs call by call."""

from __future__ import annotations

import keyword
import linecache
import operator
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import fx

from kerastorch import tree
from kerastorch.core.graph import FunctionOp, Graph, MaskOp, Node, replace_tensors, tensors_in
from kerastorch.core.layout import call_second, calls_with_channels_second, to_last, to_second
from kerastorch.core.shortcuts import masks_beside, unread_calls
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import GraphError


class Program:
    """A graph as one Python function of `(self, inputs)`, made of plain calls to child modules and torch functions.

    Args:
        graph: what to run.
        children: the attribute name under which the model keeps each layer.
        label: a name for tracebacks.
        extras: whether what the graph computes beside its outputs is computed as well; `run` does not return it.

    Attributes:
        run: the function; its first argument is the module that has the layers as children.
        code: the source of `run`.
        constants: tensors that the code reads as attributes of the module, by name.
        has_masks: whether `run` returns `(outputs, masks)`.
    """

    def __init__(self, graph: Graph, children: dict[int, str], label: str, extras: bool = False) -> None:
        self._children = children
        self._fx = fx.Graph()
        self._uses = _count_uses(graph)
        self._unread, self._masks_beside = unread_calls(graph), masks_beside(graph)
        self._second = calls_with_channels_second(graph)
        self._seconds: dict[
            int, fx.Node
        ] = {}  # images with the channels second, by the tensors they stand for
        self._values: dict[int, fx.Node] = {}
        self.constants: dict[str, torch.Tensor] = {}
        self._place_inputs(graph.inputs)
        for node in [*graph.nodes, *graph.extra_nodes] if extras else graph.nodes:
            self._emit(node)
        outputs = replace_tensors(graph.outputs, self._value)
        masks = tree.map_structure(lambda t: getattr(t, "_keras_mask", None), graph.outputs)
        self.has_masks = bool(tensors_in(masks))
        self._fx.output((outputs, replace_tensors(masks, self._value)) if self.has_masks else outputs)
        python = self._fx.python_code("self")
        self.code: str = python.src.strip() + "\n"
        self.run = _define(python, label)

    def _place_inputs(self, inputs: Any) -> None:
        placeholder = self._fx.placeholder("inputs")
        for path, tensor in tree.flatten_with_path(inputs):
            self._values[id(tensor)] = self._pick(placeholder, path)

    def _pick(self, value: fx.Node, path: tuple) -> fx.Node:
        for key in path:
            value = self._fx.call_function(operator.getitem, (value, key))
        return value

    def _value(self, tensor: KerasTensor) -> fx.Node:
        if id(tensor) in self._seconds and id(tensor) not in self._values:
            self._values[id(tensor)] = self._fx.call_function(to_last, (self._seconds[id(tensor)],))
        if id(tensor) not in self._values:
            whole = self._values[id(tensor.node)]
            self._values[id(tensor)] = self._pick(whole, tensor.position)
        return self._values[id(tensor)]

    def _emit(self, node: Node) -> None:
        if id(node) in self._values:
            return
        if id(node) in self._second:
            self._emit_second(node)
            return
        args = self._arguments(node.args)
        kwargs = self._arguments({**node.kwargs, **node.masks})
        operation = node.operation
        _check_names(kwargs, operation)
        if isinstance(operation, MaskOp):
            layer = self._fx.get_attr(self._children[id(operation.layer)])
            result = self._fx.call_method("compute_mask", (layer, *args), kwargs)
        elif self._may_overwrite(node):
            result = self._emit_overwrite(node, *args)
        elif id(node) in self._masks_beside:
            both = self._emit_method(node, "call_and_mask", args, kwargs)
            result = self._pick(both, (0,))
            self._values[id(self._masks_beside[id(node)])] = self._pick(both, (1,))
        elif id(node) in self._unread:
            result = self._emit_method(node, "call_unread", args, kwargs)
        elif not isinstance(operation, FunctionOp):
            result = self._fx.call_module(self._children[id(operation)], args, kwargs)
        elif operation.is_method:
            result = self._fx.call_method(operation.target, args, kwargs)
        else:
            result = self._fx.call_function(_as_function(operation), args, kwargs)
        self._values[id(node)] = result

    def _emit_second(self, node: Node) -> None:
        """A call on images with the channels second, and so its output."""
        images = replace_tensors(node.args[0], self._second_value)
        if self._may_overwrite(node):
            result = self._emit_overwrite(node, images, "overwrite_second")
        else:
            layer = self._fx.get_attr(self._children[id(node.operation)])
            result = self._fx.call_function(call_second, (layer, images))
        self._seconds[id(node.outputs)] = result

    def _second_value(self, tensor: KerasTensor) -> fx.Node:
        if id(tensor) not in self._seconds:
            self._seconds[id(tensor)] = self._fx.call_function(to_second, (self._value(tensor),))
        return self._seconds[id(tensor)]

    def _emit_method(self, node: Node, name: str, args: Any, kwargs: Any) -> fx.Node:
        layer = self._fx.get_attr(self._children[id(node.operation)])
        return self._fx.call_method(name, (layer, *args), kwargs)

    def _may_overwrite(self, node: Node) -> bool:
        """Whether a call can use the memory of an input."""
        plain = len(node.args) == 1 and not node.kwargs and not node.masks
        return (
            plain
            and getattr(node.operation, "overwrites", False)
            and self._place_to_overwrite(node) is not None
        )

    def _place_to_overwrite(self, node: Node) -> int | None:
        """Which input was made for the call alone, by a layer that says so; None if none was."""
        return next((i for i, t in enumerate(node.input_tensors) if self._is_spare(t)), None)

    def _emit_overwrite(self, node: Node, argument: Any, method: str = "overwrite") -> fx.Node:
        place = self._place_to_overwrite(node) or 0
        layers = (node.operation, node.input_tensors[place].node.operation)
        layer, producer = (self._fx.get_attr(self._children[id(operation)]) for operation in layers)
        where = (place,) if isinstance(argument, list) else ()
        return self._fx.call_method(method, (layer, argument, producer, *where))

    def _is_spare(self, tensor: KerasTensor) -> bool:
        if tensor.node is None or tensor.node.is_input:
            return False
        producer = tensor.node.operation
        fresh_from = vars(type(producer)).get("_fresh_from", 0)  # a subclass may do something else
        is_fresh = 0 < fresh_from <= len(tensor.node.input_tensors) and not tensor.position
        return is_fresh and id(producer) in self._children and self._uses[id(tensor)] == 1

    def _arguments(self, structure: Any) -> Any:
        def visit(leaf: Any) -> Any:
            if isinstance(leaf, torch.Tensor):
                return self._constant(leaf)
            return self._fx.call_function(_holder(leaf)) if callable(leaf) else leaf

        return tree.map_structure(visit, replace_tensors(structure, self._value))

    def _constant(self, tensor: torch.Tensor) -> fx.Node:
        known = next((k for k, v in self.constants.items() if v is tensor), None)
        name = known or f"constant_{len(self.constants)}"
        self.constants[name] = tensor
        return self._fx.get_attr(name)


def _count_uses(graph: Graph) -> Counter[int]:
    """How often each tensor is looked at."""
    needed = [t for node in [*graph.nodes, *graph.extra_nodes] for t in node.needs()]
    results = [*tensors_in(graph.outputs), *graph.extras, *tensors_in(graph.inputs)]
    masks = tensors_in([t._keras_mask for t in results])
    return Counter(map(id, [*needed, *results, *masks]))


def _check_names(kwargs: dict[str, Any], operation: Any) -> None:
    """Lets only names become code: those of arguments and methods may come from a file."""
    method = [operation.target] if isinstance(operation, FunctionOp) and operation.is_method else []
    for name in [*kwargs, *method]:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise GraphError(
                f"{name!r} in a call of {operation.name!r} is no name of an argument or a method."
            )


def _as_function(operation: FunctionOp) -> Callable:
    """The function to call, or one that calls an object such as a loss, which has no name that code could use."""
    target = operation.target
    if hasattr(target, "__name__"):
        return target

    def call(*args: Any, **kwargs: Any) -> Any:
        return target(*args, **kwargs)

    call.__name__, call.__module__ = operation.name, type(target).__module__
    return call


def _holder(value: Callable) -> Callable:
    """A function that returns another one, such as the body of a loop, which has no text that code could hold."""

    def held() -> Callable:
        return value

    return held


def _define(python: Any, label: str) -> Callable:
    filename = f"<kerastorch model {label!r}>"
    linecache.cache[filename] = (len(python.src), None, python.src.splitlines(True), filename)
    scope = dict(python.globals)
    exec(compile(python.src, filename, "exec"), scope)
    return scope["forward"]


def interpret(graph: Graph, inputs: Any, call: Callable | None = None, extras: bool = False) -> Any:
    """Runs a graph call by call on real or symbolic tensors, with masks travelling on the tensors themselves.

    It is the slow twin of `Program`, for calls whose inputs carry masks, and for running a graph on new symbolic
    inputs.

    Args:
        graph: what to run.
        inputs: a structure of tensors like `graph.inputs`.
        call: makes the calls, as `call(operation, args, kwargs)`; None calls the operations themselves.
        extras: whether what the graph computes beside its outputs is computed and returned, too.

    Returns:
        A structure of tensors like `graph.outputs`, with `extras` a pair of it and the list of the extras.
    """
    values = {id(t): v for t, v in zip(tensors_in(graph.inputs), tree.flatten(inputs), strict=True)}
    for node in [*graph.nodes, *graph.extra_nodes] if extras else graph.nodes:
        if isinstance(node.operation, MaskOp):
            continue
        args, kwargs = (replace_tensors(a, lambda t: values[id(t)]) for a in (node.args, node.kwargs))
        result = call(node.operation, args, kwargs) if call else node.operation(*args, **kwargs)
        for tensor in node.output_tensors:
            values[id(tensor)] = _at(result, tensor.position)
    results = (graph.outputs, graph.extras) if extras else graph.outputs
    return replace_tensors(results, lambda t: values[id(t)])


def _at(structure: Any, path: tuple) -> Any:
    for key in path:
        structure = structure[key]
    return structure
