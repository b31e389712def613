"""How layers of strings take their inputs, and where their outputs go."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch

from kerastorch.core.ragged import RaggedTensor
from kerastorch.core.strings import StringTensor, as_strings, is_strings
from kerastorch.errors import ArgumentTypeError


class FirstInput:
    """The part of a layer that says itself what its only input is turned into, by `_as_inputs`."""

    def _convert(self: Any, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        if args:
            return (self._as_inputs(args[0]), *args[1:]), kwargs
        first = self._signature.first
        return args, {k: self._as_inputs(v) if k == first else v for k, v in kwargs.items()}


class StringInputs(FirstInput):
    """The part of a layer that takes strings: a string, a (nested) list, an array, a `StringTensor`.

    Within one graph, such as that of `torch.compile(fullgraph=True)`, a call is an error.

    Subclasses have a buffer `idf_weights`, on whose device the outputs are.
    """

    def _convert(self: Any, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        if torch.compiler.is_compiling():
            torch._dynamo.graph_break(msg=_STAYS_OUTSIDE)
        return super()._convert(args, kwargs)

    def _as_inputs(self: Any, inputs: Any) -> Any:
        """The inputs as strings.

        Raises:
            ArgumentTypeError: when they are none.
        """
        if isinstance(inputs, (StringTensor, RaggedTensor)):
            return inputs
        if is_strings(inputs) or (hasattr(inputs, "__len__") and len(inputs) == 0):
            return as_strings(inputs)
        raise ArgumentTypeError(
            f"Layer {self.name!r} ({type(self).__name__}) takes strings: an array or list of `str` or `bytes`, or a "
            f"`StringTensor`. Received: {type(inputs).__name__} of dtype {getattr(inputs, 'dtype', 'unknown')}. "
            "Convert the values with `str`, or use a layer for numbers."
        )

    @property
    def _output_device(self: Any) -> torch.device:
        """That of the layer; the CPU in a worker process of a `DataLoader`, which may not use another one."""
        in_worker = torch.utils.data.get_worker_info() is not None
        return torch.device("cpu") if in_worker else self.idf_weights.device


def outside_of_compiler(function: Callable[[Any], Any], inputs: Any) -> Any:
    """Returns the result of a function of strings, which `torch.compile` leaves alone.

    Args:
        function: the function.
        inputs: its argument.

    """
    compiler = sys.modules.get("torch._dynamo")  # only there once something has been compiled
    return function(inputs) if compiler is None else compiler.disable(function)(inputs)


_STAYS_OUTSIDE = (
    "Strings are outside of what `torch.compile` can take as one graph. Call layers of strings (`StringLookup`, "
    "`TextVectorization`) outside of the compiled function, such as in `Dataset.map`, or compile without "
    "`fullgraph=True`."
)
