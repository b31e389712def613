"""Models as programs of `torch.export`, and packages of AOTInductor that are made of those."""

from __future__ import annotations

import inspect
import io
import os
import shutil
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import nn

from kerastorch.errors import InvalidArgumentError, MissingDependencyError
from kerastorch.export.signature import signature_of
from kerastorch.layers.layer import Layer
from kerastorch.layers.plain_modules import in_mode
from kerastorch.saving.atomic import atomic_file

_OPTIONS = frozenset(inspect.signature(torch.export.export).parameters) - {"mod", "args", "kwargs"}


def program_of(model: nn.Module, input_signature: Any = None, **options: Any) -> torch.export.ExportedProgram:
    """Returns a model in eval mode as a program of `torch.export`, open in every axis whose size is not known.

    Args:
        model: a model, or any module with an `input_signature`.
        input_signature: what it is called with; None asks the model.
        **options: arguments of `torch.export.export`.

    Raises:
        InvalidArgumentError: when an option is unknown, or torch cannot make one program of the model.

    Example:
        >>> from kerastorch.core.spec import InputSpec
        >>> spec = InputSpec(shape=(None, 3), dtype="float32")
        >>> program_of(nn.Linear(3, 2), [spec]).module()(torch.ones(5, 3)).shape
        torch.Size([5, 2])

    Source: `torch.export.export`.
    """
    signature = signature_of(model, input_signature)
    open_axes = flat_axes(signature.examples[0], signature.dynamic_shapes[0])
    return traced(_Positional(model), signature.examples, signature.dynamic_shapes, open_axes, options)


def traced(
    module: nn.Module, examples: tuple, dynamic_shapes: tuple, open_axes: list, options: dict
) -> torch.export.ExportedProgram:
    """The program of a module with one member `module`; `open_axes` are those of each tensor."""
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise InvalidArgumentError(
            f"Unsupported arguments for this format: {', '.join(unknown)}. Supported are: "
            f"{', '.join(sorted(_OPTIONS))}."
        )
    _refuse_states(module)
    settings = {"dynamic_shapes": dynamic_shapes, "strict": False, **options}
    try:
        with in_mode(module.modules(), False), torch.no_grad():
            program = torch.export.export(module, examples, **settings)
    except Exception as error:
        raise InvalidArgumentError(
            f"Model {getattr(module.module, 'name', type(module.module).__name__)!r} cannot be exported as one "
            "program: an operation that torch.export does not take, a branch that depends on values, or an axis that "
            f"is open and must not be. torch says: {error}"
        ) from error
    if "dynamic_shapes" not in options:
        _warn_of_fixed_axes(program, open_axes)
    return program


def _refuse_states(module: nn.Module) -> None:
    """Refuses layers that remember from one call to the next, which a program has no place for."""
    names = [repr(part.name) for part in module.modules() if isinstance(part, Layer) and _is_stateful(part)]
    if names:
        raise InvalidArgumentError(
            f"Stateful layers cannot be exported, as a program keeps nothing from call to call: {', '.join(names)}. "
            "Make the model with `stateful=False` and give it the weights."
        )


def _is_stateful(layer: Any) -> bool:
    return getattr(layer, "stateful", False) is True


def _warn_of_fixed_axes(program: torch.export.ExportedProgram, open_axes: list[dict[int, Any]]) -> None:
    """Warns of axes that the program has for one size only, such as the steps of torch's recurrent layers."""
    given = {node.name: node for node in program.graph.nodes if node.op == "placeholder"}
    values = [given[name].meta["val"] for name in program.graph_signature.user_inputs]
    for index, (value, axes) in enumerate(zip(values, open_axes, strict=True)):
        fixed = [axis for axis in axes if _is_fixed(value.shape[axis])]
        if fixed:
            warnings.warn(
                f"Of input {index} of shape {tuple(value.shape)} the program has the axes {fixed} fixed, as "
                "torch.export cannot leave them open here. Give their sizes with `input_signature`.",
                stacklevel=5,
            )


def _is_fixed(size: Any) -> bool:
    return isinstance(size, int) or size.node.maybe_as_int() is not None


class _Positional(nn.Module):
    """Calls a module with one positional argument, as torch.export wants to see it."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        self.training = False

    def forward(self, inputs: Any) -> Any:
        return called(self.module, inputs)


def called(module: nn.Module, inputs: Any) -> Any:
    """Calls a module as `predict` does: layers whose default it is to train, such as random images, do not."""
    return module(inputs, training=False) if isinstance(module, Layer) else module(inputs)


def write_program(
    model: nn.Module, path: str | os.PathLike[str], input_signature: Any, options: dict
) -> None:
    """Writes a `.pt2` file for `torch.export.load`.

    Raises:
        InvalidArgumentError: when the path does not end in `.pt2`, or torch cannot make one program of the model.
    """
    _check_ending(path, ".pt2", "torch")
    program = program_of(model, input_signature, **options)
    with atomic_file(path) as package:
        save_program(program, package)


def write_package(
    model: nn.Module, path: str | os.PathLike[str], input_signature: Any, options: dict
) -> None:
    """Writes a `.pt2` package of compiled code for `torch._inductor.aoti_load_package`.

    Raises:
        MissingDependencyError: when there is no C++ compiler.
        InvalidArgumentError: when the path does not end in `.pt2`, or torch cannot make one program of the model.
    """
    _check_ending(path, ".pt2", "aot_inductor")
    compiler = os.environ.get("CXX", "g++")
    if not any(shutil.which(name) for name in (compiler, "clang++", "cl")):
        raise MissingDependencyError(
            f'`format="aot_inductor"` needs a C++ compiler, and none was found (looked for {compiler!r}): install one, '
            'set the variable CXX, or use `format="torch"`.'
        )
    program = _reloaded(program_of(model, input_signature, **options))
    with atomic_file(path) as package:
        torch._inductor.aoti_compile_and_package(program, package_path=str(package))


def save_program(program: torch.export.ExportedProgram, file: Any) -> None:
    """Writes a program.

    Args:
        program: the program.
        file: a path that ends in `.pt2`, or a binary file.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No complete tensor found")  # of kernels in torch's order of axes
        torch.export.save(program, file)


def _reloaded(program: torch.export.ExportedProgram) -> torch.export.ExportedProgram:
    """A program whose weights are plain tensors: Inductor does not fold those of a model that is alive."""
    file = io.BytesIO()
    save_program(program, file)
    file.seek(0)
    return torch.export.load(file)


def flat_axes(examples: Any, open_axes: Any) -> list[dict[int, Any]]:
    """The open axes of each tensor; they are dictionaries themselves, so that no tree may look into them."""
    if isinstance(examples, torch.Tensor):
        return [open_axes]
    keys = sorted(examples) if isinstance(examples, dict) else range(len(examples))
    return [found for key in keys for found in flat_axes(examples[key], open_axes[key])]


def _check_ending(path: str | os.PathLike[str], ending: str, name: str) -> None:
    if Path(path).suffix != ending:
        raise InvalidArgumentError(
            f"`format={name!r}` writes a file that ends in {ending!r}. Received: {str(path)!r}."
        )
