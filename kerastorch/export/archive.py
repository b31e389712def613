"""Several functions of a model, each as a program."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.export.programs import program_of, save_program
from kerastorch.saving.atomic import atomic_directory


@registry.builtin("keras.export")
class ExportArchive:
    """Collects functions that use models or layers, and writes each as a program for `torch.export.load`.

    Args:
        format: must be `"saved_model"`, Keras's name for its only kind of archive; programs are written all the same.

    Raises:
        InvalidArgumentError: for another format.

    Example:
        >>> import tempfile
        >>> from kerastorch.core.spec import InputSpec
        >>> archive, layer = ExportArchive(), nn.Linear(3, 2)
        >>> archive.track(layer)
        >>> archive.add_endpoint("serve", layer, [InputSpec(shape=(None, 3), dtype="float32")])
        >>> folder = tempfile.mkdtemp()
        >>> archive.write_out(folder, verbose=False)
        >>> torch.export.load(f"{folder}/serve.pt2").module()(torch.ones(5, 3)).shape
        torch.Size([5, 2])

    Source: `keras.export.ExportArchive`, `torch.export.save`.
    """

    def __init__(self, format: str = "saved_model") -> None:
        if format != "saved_model":
            raise InvalidArgumentError(f"Unsupported format: {format!r}. Only 'saved_model' is there.")
        self._tracked: list[nn.Module] = []
        self._programs: dict[str, torch.export.ExportedProgram] = {}

    def track(self, resource: nn.Module) -> None:
        """Names a model or layer whose weights the functions use.

        Args:
            resource: the model or layer.

        Raises:
            InvalidArgumentError: when it is no module.
        """
        if not isinstance(resource, nn.Module):
            raise InvalidArgumentError(f"Only models and layers can be tracked. Received: {resource!r}.")
        if not any(resource is other for other in self._tracked):
            self._tracked.append(resource)

    def add_endpoint(self, name: str, fn: Callable, input_signature: Any = None, **kwargs: Any) -> None:
        """Adds a function of one argument.

        Args:
            name: the name of its file, without `.pt2`.
            fn: a model, a layer, or a function that calls those that are tracked.
            input_signature: what it is called with; None asks the model.
            **kwargs: arguments of `torch.export.export`.

        Raises:
            InvalidArgumentError: when the name is taken, a function has no signature, or torch cannot trace it.
        """
        if name in self._programs:
            raise InvalidArgumentError(f"Endpoint name {name!r} is already taken.")
        if not isinstance(fn, nn.Module) and input_signature is None:
            raise InvalidArgumentError(
                f"Endpoint {name!r} is a function, whose `input_signature` must be given: a list of `keras.InputSpec`."
            )
        module = fn if isinstance(fn, nn.Module) else _Endpoint(fn, self._tracked)
        self._programs[name] = program_of(module, input_signature, **kwargs)

    def track_and_add_endpoint(
        self, name: str, resource: nn.Module, input_signature: Any, **kwargs: Any
    ) -> None:
        """Tracks a model or layer and adds its call.

        Args:
            name: the name of its file, without `.pt2`.
            resource: the model or layer.
            input_signature: what it is called with.
            **kwargs: arguments of `torch.export.export`.
        """
        self.track(resource)
        self.add_endpoint(name, resource, input_signature, **kwargs)

    def write_out(self, filepath: str | os.PathLike[str], options: Any = None, verbose: bool = True) -> None:
        """Writes a folder with one `.pt2` file for each function.

        Args:
            filepath: the folder to make, or to replace.
            options: has no meaning here.
            verbose: whether a line says what was written.

        Raises:
            InvalidArgumentError: when nothing was added.
        """
        if not self._programs:
            raise InvalidArgumentError("No endpoints have been set yet. Call `add_endpoint()`.")
        with atomic_directory(filepath) as folder:
            for name, program in self._programs.items():
                save_program(program, Path(folder) / f"{name}.pt2")
        if verbose:
            print(f"Saved the endpoints {list(self._programs)} at {os.fspath(filepath)!r}.")


class _Endpoint(nn.Module):
    """A function with the modules that it uses."""

    def __init__(self, function: Callable, tracked: list[nn.Module]) -> None:
        super().__init__()
        self.tracked = nn.ModuleList(tracked)
        self.function = function

    def forward(self, inputs: Any) -> Any:
        return self.function(inputs)
