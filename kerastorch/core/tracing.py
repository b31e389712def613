"""Recording what is done to symbolic tensors: torch functions, operators, methods and plain `torch.nn` modules."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.core import spec
from kerastorch.core.arrays import as_tensor
from kerastorch.core.graph import FunctionOp, Node, tensors_in
from kerastorch.core.shapes import agreed, explained, infer
from kerastorch.core.sizes import with_other_sizes
from kerastorch.core.spec import KerasTensor
from kerastorch.dtypes import is_float, torch_dtype
from kerastorch.errors import GraphError, KerasTorchError, ShapeError
from kerastorch.naming import auto_name

_OPERATOR_NAMES = {
    operator.add: "add",
    operator.sub: "subtract",
    operator.mul: "multiply",
    operator.truediv: "true_divide",
    operator.floordiv: "floor_divide",
    operator.matmul: "matmul",
    operator.getitem: "get_item",
    operator.pow: "power",
    operator.neg: "negative",
    operator.abs: "absolute",
    operator.mod: "mod",
}


def any_symbolic(args: Any, kwargs: Any = None) -> bool:
    """Returns whether nested arguments hold a symbolic tensor."""
    for structure in (args, kwargs):
        for leaf in tree.flatten(structure) if structure else ():
            if type(leaf) is KerasTensor:
                return True
    return False


def record_function(func: Callable, args: tuple, kwargs: dict) -> Any:
    """Records the call of a torch function or operator and returns its symbolic result."""
    name = _OPERATOR_NAMES.get(func) or _name_of(func)
    if func is getattr:
        name = str(args[1])
    return record(FunctionOp(func, False, auto_name(name)), args, kwargs)


def _name_of(func: Callable) -> str:
    """The name of a function, or of an object that is called, such as a loss."""
    return str(getattr(func, "__name__", None) or getattr(func, "name", "function")).strip("_")


def record_method(name: str, args: tuple, kwargs: dict) -> Any:
    """Records the call of a tensor method and returns its symbolic result."""
    return record(FunctionOp(name, True, auto_name(name.strip("_"))), args, kwargs)


def record(operation: FunctionOp, args: tuple, kwargs: dict) -> Any:
    """Records a call of an operation that exists already and returns its symbolic result."""
    like = next(iter(tensors_in([args, kwargs])), None)
    args, kwargs = (tree.map_structure(lambda a: _constant(a, like), part) for part in (args, kwargs))
    try:
        outputs = _inferred(operation, args, kwargs)
    except (IndexError, TypeError, ValueError) as error:
        if isinstance(error, KerasTorchError):
            raise
        raise explained(f"{operation.name!r}", args, kwargs, error) from error
    Node(operation, args, kwargs, outputs)
    return outputs


def _inferred(operation: FunctionOp, args: tuple, kwargs: dict) -> Any:
    """The symbolic results; where torch refuses the usual stand-ins for unknown sizes, others may fit."""
    label = f"{operation.name!r}"
    try:
        return infer(operation, args, kwargs, label)
    except (IndexError, TypeError, ValueError) as error:
        if isinstance(error, KerasTorchError) and not isinstance(error, (GraphError, ShapeError)):
            raise  # what is wrong has nothing to do with sizes
        for group in with_other_sizes(args, kwargs):
            results = []
            for other_args, other_kwargs in group:
                with contextlib.suppress(IndexError, TypeError, ValueError):
                    results.append(infer(operation, other_args, other_kwargs, label))
            if results:
                return agreed(results)
        raise


def _constant(value: Any, like: KerasTensor | None) -> Any:
    """NumPy arrays among the arguments become tensors, floats in the type of the symbolic tensor."""
    if isinstance(value, np.generic):
        return value.item()
    if not isinstance(value, np.ndarray):
        return value
    dtype = (
        torch_dtype(like.dtype)
        if like is not None and is_float(value.dtype) and is_float(like.dtype)
        else None
    )
    return as_tensor(value, dtype=dtype)


spec._recorders.update(function=record_function, method=record_method)

# How a plain module's call is recorded; set by the layer that wraps such modules.
_wrap_module: list[Callable] = []
_plain_call = torch.nn.Module.__call__


def _module_call(self: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
    for arg in args:
        if type(arg) is KerasTensor or (type(arg) in (list, tuple, dict) and any_symbolic(arg)):
            return _wrap_module[0](self)(*args, **kwargs)
    if kwargs and any_symbolic((), kwargs):
        return _wrap_module[0](self)(*args, **kwargs)
    return _plain_call(self, *args, **kwargs)


def watch_modules(wrap: Callable[[torch.nn.Module], Any]) -> None:
    """Lets plain `torch.nn` modules be called with symbolic tensors from now on.

    The first `Input` of a process calls it. A module's own `forward` cannot run on symbolic tensors (it may read
    shapes, or change running statistics), so that its whole call is recorded instead, which only `Module.__call__` can
    see.

    Args:
        wrap: returns the layer that stands for a module in graphs.
    """
    if not _wrap_module:
        _wrap_module.append(wrap)
        torch.nn.Module.__call__ = _module_call  # type: ignore[method-assign]
