"""What stands before each function of `keras.ops`: a look for symbolic tensors, and care for its faults.

A call of a small function spends more time on gathering `*args` and `**kwargs`, and handing them on, than on its work.
So the function in front has the very parameters of the one behind it. Python knows them only as text: `_maker` writes
three lines of it, once for all functions with the same parameters.
"""

from __future__ import annotations

import functools
import inspect
import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from kerastorch.core.spec import KerasTensor
from kerastorch.core.tracing import any_symbolic

# Types whose values hold no symbolic tensor; one look-up tells.
_PLAIN = frozenset(
    [torch.Tensor, int, float, bool, str, type(None), np.ndarray, slice, type(...), torch.dtype]
)
_FAULTS = (AttributeError, IndexError, RuntimeError, TypeError, ValueError)

_TEXT = """
def make(_function, _record, _rescue, _defaults):
    [{names}] = _defaults
    def call({parameters}):
        if {symbolic}:
            return _record({arguments})
        try:
            return {call}
        except _FAULTS as error:
            return _rescue(error, {arguments})
    return call
"""

_Given = Callable[[tuple, dict], Any]
_Failed = Callable[[tuple, dict, Exception], Any]


def guarded(function: Callable, record: _Given, rescue: _Failed) -> Callable:
    """Returns a function that calls another one, unless an argument is, or holds, a symbolic tensor.

    Args:
        function: what is called with ordinary arguments.
        record: takes the arguments, a tuple and a dict, of a call with symbolic tensors, and returns its result.
        rescue: takes the arguments of a call that failed and its error, and returns a result or raises an error.

    Example:
        >>> double = guarded(lambda x: 2 * x, lambda args, kwargs: "later", lambda args, kwargs, error: str(error))
        >>> double(3), double(KerasTensor((2,))), double({})
        (6, 'later', "unsupported operand type(s) for *: 'int' and 'dict'")
    """
    parameters = [*inspect.signature(function).parameters.values()]
    more = (
        parameters.pop().name if parameters and parameters[-1].kind is inspect.Parameter.VAR_KEYWORD else ""
    )
    if any(p.kind is not p.POSITIONAL_OR_KEYWORD for p in parameters):
        return _open(function, record, rescue)
    names = tuple(p.name for p in parameters)
    defaults = function.__defaults__ or ()
    required = len(names) - len(defaults)

    def split(values: tuple) -> tuple[tuple, dict]:
        """The arguments as a script would write them: by name, and only where they differ from their defaults."""
        given = zip(names[required:], values[required:], defaults, strict=True)
        return values[:required], {name: value for name, value, default in given if value is not default}

    def recorded(*values: Any, **others: Any) -> Any:
        args, kwargs = split(values)
        return record(args, kwargs | others)

    def rescued(error: Exception, /, *values: Any, **others: Any) -> Any:
        args, kwargs = split(values)
        return rescue(args, kwargs | others, error)

    return _maker(names, required, more)(function, recorded, rescued, defaults)


@functools.cache
def _maker(names: tuple[str, ...], required: int, more: str) -> Callable[..., Callable]:
    """What makes functions with these parameters, of which so many have no default, and perhaps any others by name."""
    optional = names[required:]
    symbolic = [f"type({name}) not in _PLAIN and _is_symbolic({name})" for name in names]
    symbolic[required:] = [
        f"{name} is not _{name} and {test}" for name, test in zip(optional, symbolic[required:], strict=True)
    ]
    parameters = [*names[:required], *(f"{name}=_{name}" for name in optional)]
    given, call = ", ".join(names), f"_function({', '.join(names)})"
    if more:
        symbolic.append(f"{more} and _is_symbolic({more})")
        parameters.append(f"**{more}")
        given += f", **{more}"
        call = f"_function({given}) if {more} else {call}"
    text = _TEXT.format(
        names=", ".join(f"_{name}" for name in optional),
        parameters=", ".join(parameters),
        symbolic=" or ".join(symbolic) or "False",
        arguments=given,
        call=call,
    )
    source = f"<a function of {', '.join(names)}>"
    linecache.cache[source] = (len(text), None, text.splitlines(True), source)
    scope: dict[str, Any] = {"_PLAIN": _PLAIN, "_FAULTS": _FAULTS, "_is_symbolic": _is_symbolic}
    exec(compile(text, source, "exec"), scope)
    return scope["make"]


def _open(function: Callable, record: _Given, rescue: _Failed) -> Callable:
    """The same before a function that takes any number of arguments."""

    def call(*args: Any, **kwargs: Any) -> Any:
        for value in args:  # a generator would cost more
            if type(value) not in _PLAIN and _is_symbolic(value):
                return record(args, kwargs)
        for value in kwargs.values():
            if type(value) not in _PLAIN and _is_symbolic(value):
                return record(args, kwargs)
        try:
            return function(*args, **kwargs)
        except _FAULTS as error:
            return rescue(args, kwargs, error)

    return call


def _is_symbolic(value: Any) -> bool:
    if type(value) is KerasTensor:
        return True
    if isinstance(value, (list, tuple)):
        for item in value:  # noqa: SIM110 - a generator costs more
            if type(item) not in _PLAIN and _is_symbolic(item):
                return True
        return False
    return isinstance(value, dict) and any_symbolic(value)
