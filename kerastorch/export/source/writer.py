"""From the graph of a model to the text of a module and its weights."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.graph import FunctionOp, Graph, MaskOp, Node, tensors_in
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import InvalidArgumentError, NotBuiltError
from kerastorch.export.source.calls import Call, NoRuleError, Value
from kerastorch.export.source.functions import function
from kerastorch.export.source.table import RULES
from kerastorch.export.source.text import Class, class_name, identifier
from kerastorch.saving.atomic import atomic_directory

_HEAD = '''"""{name}: a plain PyTorch module, written by `export`. `load()` returns it with its trained weights."""

{imports}

'''

_LOAD = '''

def load(path=__file__.replace("model.py", "state_dict.pt")):
    """Returns the module with the weights of a file, in eval mode."""
    model = {name}()
    model.load_state_dict(torch.load(path, weights_only=True), assign=True)
    return model.eval()
'''

_RESERVED = frozenset({"MultiHeadAttention"})  # classes that the file may hold beside those of models


@dataclass(frozen=True)
class Source:
    """A model as plain PyTorch.

    Attributes:
        text: the content of `model.py`.
        state: the weights, for `load_state_dict`.
    """

    text: str
    state: dict[str, torch.Tensor]


def source_of(model: Any) -> Source:
    """Returns a model as the source of a `torch.nn.Module` that needs torch alone, and its weights in that layout.

    Args:
        model: a functional or sequential model that is built.

    Raises:
        NotBuiltError: when it has no graph.
        InvalidArgumentError: when it has calls that plain source has no rule for; the text lists them all.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.layers.core.input_layer import Input
        >>> from kerastorch.models.sequential import Sequential
        >>> source = source_of(Sequential([Input((3,)), Dense(2, name="out")], name="tiny"))
        >>> print(source.text[source.text.index("class") : source.text.index("def load")].strip())
        class Tiny(nn.Module):
            def __init__(self):
                super().__init__()
                self.out = nn.Linear(3, 2)
        <BLANKLINE>
            def forward(self, x):
                return self.out(x)
        >>> sorted(source.state)
        ['out.bias', 'out.weight']
    """
    writer = _Writer()
    top = writer.write(model)
    if writer.faults:
        listed = "\n".join(f"- {fault}" for fault in writer.faults)
        raise InvalidArgumentError(
            f'Model {model.name!r} cannot be written as plain PyTorch source:\n{listed}\nUse `format="torch"` for a '
            "program of torch.export, which takes every layer that works on tensors."
        )
    body = "\n".join([*writer.helpers.values(), *(c.text() for c in writer.classes)])
    body += _LOAD.format(name=top.name)
    imports = ["import torch", *["import torch.nn.functional as F"] * ("F." in body), "from torch import nn"]
    state = {name: value.clone() for name, value in top.state.items()}  # in the same order in memory
    return Source(_HEAD.format(name=top.name, imports="\n".join(imports)) + body, state)


def write_source(model: Any, path: str | os.PathLike[str]) -> None:
    """Writes `model.py` and `state_dict.pt` into a folder.

    Args:
        model: a functional or sequential model that is built.
        path: the folder to make, or to replace.
    """
    source = source_of(model)
    with atomic_directory(path) as folder:
        (Path(folder) / "model.py").write_text(source.text, encoding="utf-8")
        torch.save({k: v.cpu() for k, v in source.state.items()}, Path(folder) / "state_dict.pt")


class _Writer:
    """Writes the class of a model, those of the models inside before it."""

    def __init__(self) -> None:
        self.classes: list[Class] = []
        self.helpers: dict[str, str] = {}
        self.faults: list[str] = []
        self._known: dict[int, Class] = {}

    def write(self, model: Any) -> Class:
        """Returns the class of a model."""
        if getattr(model, "_graph", None) is None:
            raise NotBuiltError(
                f"Model {model.name!r} has no graph to write source from: "
                + ("call it on data first" if not model.built else "its `call` is Python code of its own")
                + '. Use `format="torch"` for a program of torch.export.'
            )
        if id(model) not in self._known:
            taken = {c.name for c in self._known.values()} | set(self.helpers)
            name = class_name(model.name)
            while name in taken or name in _RESERVED:
                name += "_"
            self._known[id(model)] = target = Class(name)
            _Forward(self, target, model._graph).write()
            self.classes.append(target)
        return self._known[id(model)]


class _Forward:
    """Writes the `forward` of one graph."""

    def __init__(self, writer: _Writer, target: Class, graph: Graph) -> None:
        self._writer, self._target, self._graph = writer, target, graph
        self._values: dict[int, Value] = {}
        self._uses = _count_uses(graph)
        self._names: Counter[str] = Counter()

    def write(self) -> None:
        """Writes all lines."""
        inputs = tensors_in(self._graph.inputs)
        for tensor in inputs:
            name = tensor.node.operation.name
            plain = len(inputs) == 1 and name.startswith(("input_layer", "input_", "keras_tensor"))
            self._keep(tensor, self._unique("x" if plain else name))
        self._target.arguments = [self._values[id(t)].name for t in inputs]
        for node in self._graph.nodes:
            if not isinstance(node.operation, MaskOp):
                self._write_call(node)
        if not self._writer.faults:
            self._target.lines.append(f"return {self._returned(self._graph.outputs)}")

    def _write_call(self, node: Node) -> None:
        call = Call(node, self._target, self._values, self._writer.helpers)
        try:
            result = self._expression(call)
        except NoRuleError as fault:
            self._writer.faults.append(f"{node.operation.name!r} ({_kind(node.operation)}): {fault}")
            result = "..."
        for tensor in {id(t): t for t in node.needs()}.values():
            self._uses[id(tensor)] -= 1
        names = []
        for tensor in node.output_tensors:
            names.append(self._variable(tensor, node.operation.name))
            self._keep(tensor, names[-1], call.returns_second and len(tensor.shape) > 2)
        if names != [result]:
            self._target.lines.append(f"{', '.join(names)} = {result}")

    def _expression(self, call: Call) -> str:
        layer, node = call.layer, call.node
        if isinstance(layer, FunctionOp):
            return function(call)
        if node.masks:
            raise NoRuleError("it is given a mask")
        _check_arguments(node)
        if getattr(layer, "is_model", False):
            expression = self._nested(call)
        elif type(layer) in RULES:
            _check_types(layer)
            expression = RULES[type(layer)](call)
        else:
            raise NoRuleError("there is no rule for its class")
        return expression

    def _nested(self, call: Call) -> str:
        model = call.layer
        if model._graph is None:
            raise NoRuleError("it is a model whose `call` is Python code of its own")
        inner = self._writer.write(model)
        member = call.member(f"{inner.name}()")
        path = member.removeprefix("self.")
        self._target.state.update({f"{path}.{key}": value for key, value in inner.state.items()})
        if call.option("training") is False:
            self._target.keep_in_eval_mode(member)
        return f"{member}({', '.join(call.last(t) for t in call.tensors)})"

    # Names ---------------------------------------------------------------------------------------------------------

    def _variable(self, tensor: KerasTensor, name: str) -> str:
        """The name of a result: `x` where no other value of that name is still needed, else that of its layer."""
        if not self._uses[id(tensor)]:
            return "_"
        busy = {v.name for key, v in self._values.items() if self._uses[key] > 0}
        return self._unique(name) if "x" in busy else "x"

    def _unique(self, name: str) -> str:
        name = identifier(name)
        self._names[name] += 1
        return name if self._names[name] == 1 else self._unique(f"{name}_{self._names[name]}")

    def _keep(self, tensor: KerasTensor, name: str, is_second: bool = False) -> None:
        self._values[id(tensor)] = Value(name, len(tensor.shape), is_second)

    def _returned(self, outputs: Any) -> str:
        """The outputs as text, in Keras's order of axes."""
        if isinstance(outputs, KerasTensor):
            return Call(outputs.node, self._target, self._values, {}).last(outputs)
        if isinstance(outputs, dict):
            return "{" + ", ".join(f"{k!r}: {self._returned(v)}" for k, v in outputs.items()) + "}"
        return f"({', '.join(self._returned(part) for part in outputs)})"


def _count_uses(graph: Graph) -> Counter[int]:
    """How many calls need each tensor; the outputs of the graph are needed once more, for good."""
    needed = [id(t) for node in graph.nodes for t in {id(t): t for t in node.needs()}.values()]
    return Counter([*needed, *map(id, tree.flatten(graph.outputs))])


def _kind(operation: Any) -> str:
    target = getattr(operation, "target", None)
    return type(operation).__name__ if target is None else str(getattr(target, "__name__", target))


def _check_arguments(node: Node) -> None:
    """Checks that a layer is called with symbolic tensors and settings that rules know."""
    if node.kwargs.get("training"):
        raise NoRuleError("it is called with `training=True`")
    given = {k: v for k, v in node.kwargs.items() if k not in ("training", "use_causal_mask")}
    if not all(isinstance(leaf, (KerasTensor, type(None))) for leaf in tree.flatten([node.args, given])):
        raise NoRuleError("it is called with arguments that are no tensors of the graph")


def _check_types(layer: Any) -> None:
    if layer.dtype_policy.name != "float32" or getattr(layer, "quantization_mode", None):
        raise NoRuleError(f"it computes with the policy {layer.dtype_policy.name!r}")
