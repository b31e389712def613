"""Models as ONNX files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils import _pytree as pytree

from kerastorch import tree
from kerastorch.errors import InvalidArgumentError, MissingDependencyError
from kerastorch.export.onnx_operations import translations
from kerastorch.export.programs import called, flat_axes, traced
from kerastorch.export.signature import signature_of, unique
from kerastorch.saving.atomic import put, workplace


def write_onnx(model: nn.Module, path: str | os.PathLike[str], input_signature: Any, options: dict) -> None:
    """Writes an ONNX file, with the names of the model's inputs.

    Raises:
        MissingDependencyError: when onnx or onnxscript is not installed.
        InvalidArgumentError: when an option is unknown, or torch cannot write the model.
    """
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError(
            '`format="onnx"` needs the packages onnx and onnxscript: `pip install kerastorch[export]`.'
        ) from error
    version = options.pop("opset_version", None)
    signature = signature_of(model, input_signature)
    flat = tuple(tree.flatten(signature.examples[0]))
    open_axes = flat_axes(signature.examples[0], signature.dynamic_shapes[0])
    module = _Flat(model, signature.examples[0])
    program = traced(module, flat, (tuple(open_axes),), open_axes, options)
    with _explained(model, program):
        written: Any = torch.onnx.export(
            program,
            input_names=signature.names,
            output_names=_output_names(program, model, signature.names),
            opset_version=version,
            custom_translation_table=translations(),
            dynamo=True,
            verbose=False,
        )
    _check_version(written, version)
    target = Path(path)
    with workplace(target) as folder:
        written.save(folder / target.name, external_data=_is_large(model))
        for file in sorted(
            folder.iterdir(), reverse=True
        ):  # the weights of large models come before what names them
            put(file, target.with_name(file.name))


def _check_version(written: Any, version: int | None) -> None:
    """Refuses what torch could not convert to the version that is asked for, which it only logs."""
    found = written.model.opset_imports[""]
    if version is not None and found != version:
        raise InvalidArgumentError(
            f"The model cannot be written with `opset_version={version}`: torch writes version {found} and found no "
            "way to that one. Leave `opset_version` out, or ask for a newer one."
        )


@contextmanager
def _explained(model: Any, program: torch.export.ExportedProgram) -> Iterator[None]:
    """Names the calls of layers whose operation ONNX does not have."""
    try:
        yield
    except torch.onnx.errors.OnnxExporterError as error:
        reason = str(_first_cause(error)).split("\n")[0]
        found = re.findall(r"(?:aten|prims)[.:_]+(\w+)", reason) or ["?"]
        operations = tuple(name.strip("_") for name in found)
        calls = {
            _call_of(node) for node in program.graph.nodes if _operation(node).strip("_").endswith(operations)
        }
        where = f" in `{'`, `'.join(sorted(filter(None, calls)))}`" if any(calls) else ""
        raise InvalidArgumentError(
            f"Model {getattr(model, 'name', type(model).__name__)!r} cannot be written as ONNX: an operation{where} "
            f'has no counterpart there. Use `format="torch"`, which takes it. torch says: {reason}'
        ) from error


def _first_cause(error: BaseException) -> BaseException:
    return error if error.__cause__ is None else _first_cause(error.__cause__)


def _operation(node: torch.fx.Node) -> str:
    return str(node.target).partition(".")[2].partition(".")[0] if node.op == "call_function" else ""


def _call_of(node: torch.fx.Node) -> str | None:
    """The call in the code of a model's graph that a node comes from, the innermost one."""
    calls = re.findall(r"<kerastorch model .*\n\s*([^;\n]*)", node.meta.get("stack_trace") or "")
    return calls[-1] if calls else None


class _Flat(nn.Module):
    """Calls a module with the tensors of its input one by one, in the order of the names."""

    def __init__(self, module: nn.Module, structure: Any) -> None:
        super().__init__()
        self.module, self.structure = module, structure
        self.training = False

    def forward(self, *tensors: torch.Tensor) -> Any:
        return called(self.module, tree.pack_sequence_as(self.structure, list(tensors)))


def _output_names(program: torch.export.ExportedProgram, model: Any, taken: list[str]) -> list[str]:
    """A name for each output: its key, the name of its layer, or its number."""
    structure = pytree.tree_unflatten(
        range(len(program.graph_signature.user_outputs)), program.call_spec.out_spec
    )
    paths = [path for path, _ in tree.flatten_with_path(structure)]
    if any(isinstance(key, str) for path in paths for key in path):
        names = ["_".join(map(str, path)) for path in _in_order(paths, tree.flatten(structure))]
    else:
        of_graph = getattr(model, "output_names", None) or []
        names = [*of_graph] if len(of_graph) == len(paths) else [f"output_{i}" for i in range(len(paths))]
    return unique(names, taken)


def _in_order(values: list, order: list[int]) -> list:
    return [value for _, value in sorted(zip(order, values, strict=True))]


def _is_large(model: nn.Module) -> bool:
    """Whether the weights do not fit into one ONNX file, which may have 2 GB."""
    return sum(p.numel() * p.element_size() for p in model.parameters()) > 1_900_000_000
