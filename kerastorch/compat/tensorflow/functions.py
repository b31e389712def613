"""`tf.function` and what surrounds it: everything runs eagerly, so these mostly call what they are given."""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.compat.tensorflow.operation import as_tensor
from kerastorch.compat.tensorflow.shapes import TensorSpec
from kerastorch.errors import InvalidArgumentError


class Function:
    """A function that runs as it is, made by `tf.function`.

    Args:
        python_function: the function.
        input_signature: the shapes and types that its arguments must have. Default: any.

    Example:
        >>> double = Function(lambda x: 2 * x)
        >>> double(3), double.python_function(4)
        (6, 8)

    Source: `tf.types.experimental.PolymorphicFunction`
    """

    def __init__(self, python_function: Callable, input_signature: Any = None) -> None:
        functools.update_wrapper(self, python_function)
        self.python_function = python_function
        self.input_signature = None if input_signature is None else tuple(input_signature)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.input_signature is not None:
            args = self._checked(args)
        return self.python_function(*args, **kwargs)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else _Bound(self, instance)

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> Any:
        """Returns the function itself, since nothing is specialised for the arguments.

        Args:
            *args: specifications or examples of the arguments.
            **kwargs: the same by name.
        """
        return self

    @property
    def structured_input_signature(self) -> tuple:
        """The specifications of the arguments by place and by name."""
        return (self.input_signature or (), {})

    def experimental_get_tracing_count(self) -> int:
        """Returns 0, since nothing is traced."""
        return 0

    def _checked(self, args: tuple) -> tuple:
        """The arguments as tensors, where there is a signature for them."""
        signature = self.input_signature or ()
        if len(args) > len(signature):
            raise InvalidArgumentError(
                f"The `input_signature` of {self._label()} names {len(signature)} arguments. Received: {len(args)}."
            )
        pairs = zip(args, signature, strict=False)
        return tuple(self._fitted(arg, spec) for arg, spec in pairs)

    def _fitted(self, value: Any, spec: Any) -> Any:
        """One argument as what its part of the signature says."""
        if tree.is_nested(spec):
            tree.assert_same_structure(
                tree.map_structure(lambda _: 0, spec), tree.map_structure(lambda _: 0, value)
            )
            return tree.map_structure(self._fitted, value, spec)
        if not isinstance(spec, TensorSpec):
            return value
        tensor = as_tensor(value, dtype=None if hasattr(value, "dtype") else spec.dtype)
        if not spec.shape.is_compatible_with(tuple(tensor.shape)) or spec.dtype != tensor.dtype:
            raise InvalidArgumentError(
                f"An argument of {self._label()} does not fit its `input_signature`: expected {spec}, received shape "
                f"{tuple(tensor.shape)} and type {tensor.dtype}."
            )
        return tensor

    def _label(self) -> str:
        return f"`{getattr(self.python_function, '__name__', 'the function')}`"


class _Bound:
    """A `tf.function` of a class, called on one object."""

    def __init__(self, function: Function, instance: Any) -> None:
        self._function, self._instance = function, instance

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._function.input_signature is not None:
            args = self._function._checked(args)
        return self._function.python_function(self._instance, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._function, name)

    @property
    def python_function(self) -> Callable:
        """The plain method."""
        return self._function.python_function.__get__(self._instance)

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> Any:
        """Returns the method itself, since nothing is specialised for the arguments.

        Args:
            *args: specifications or examples of the arguments.
            **kwargs: the same by name.
        """
        return self


def function(
    func: Callable | None = None,
    input_signature: Any = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: str | None = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: Any = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Any:
    """Makes a function that runs as Python code: there is no graph to make, and Python's control flow just works.

    Args:
        func: the function; None returns a decorator.
        input_signature: a sequence of `tf.TensorSpec`, which the arguments must fit. Default: any arguments.
        autograph: has no effect.
        jit_compile: True compiles with `torch.compile`. Default: None, which does not.
        reduce_retracing: has no effect.
        experimental_implements: has no effect.
        experimental_autograph_options: has no effect.
        experimental_attributes: has no effect.
        experimental_relax_shapes: has no effect.
        experimental_compile: the older name of `jit_compile`.
        experimental_follow_type_hints: has no effect.

    Returns:
        The function, with `python_function`, `input_signature` and `get_concrete_function`.

    Example:
        >>> @function
        ... def double(x):
        ...     return 2 * x
        >>> double(torch.tensor(3))
        tensor(6)

    Source: `tf.function`, `torch.compile`
    """

    def decorate(inner: Callable) -> Function:
        compiled = jit_compile or experimental_compile
        return Function(torch.compile(inner) if compiled else inner, input_signature)

    return decorate if func is None else decorate(func)


def _with_types(values: Any, kinds: Any) -> Any:
    """What a Python function returned, as tensors of the types that were announced."""
    if kinds is None or (isinstance(kinds, (list, tuple)) and not kinds):
        return None
    if isinstance(kinds, (list, tuple)):
        values = values if isinstance(values, (list, tuple)) else [values]
        return [as_tensor(value, dtype=kind) for value, kind in zip(values, kinds, strict=True)]
    return as_tensor(values, dtype=kinds)


def py_function(func: Callable, inp: Any, Tout: Any, name: str | None = None) -> Any:
    """Returns what a Python function gives for tensors, as tensors.

    Args:
        func: the function; it gets tensors.
        inp: its arguments.
        Tout: the data type of the result, or a list of them.
        name: has no effect.

    Example:
        >>> py_function(lambda x: x + 1, [1.0], "float32")
        tensor(2.)

    Source: `tf.py_function`
    """
    return _with_types(func(*(as_tensor(value) for value in inp)), Tout)


def numpy_function(
    func: Callable, inp: Any, Tout: Any, stateful: bool = True, name: str | None = None
) -> Any:
    """Returns what a Python function gives for NumPy arrays, as tensors.

    Args:
        func: the function; it gets arrays.
        inp: its arguments.
        Tout: the data type of the result, or a list of them.
        stateful: has no effect.
        name: has no effect.

    Example:
        >>> numpy_function(np.sum, [[1.0, 2.0]], "float32")
        tensor(3.)

    Source: `tf.numpy_function`
    """
    arrays = (v.detach().cpu().numpy() if isinstance(v, torch.Tensor) else as_tensor(v).numpy() for v in inp)
    return _with_types(func(*arrays), Tout)


def print(
    *inputs: Any,
    output_stream: Any = None,
    summarize: int = 3,
    sep: str = " ",
    end: str = "\n",
    name: str | None = None,
) -> None:
    """Prints values as TensorFlow does: tensors as plain numbers, long ones with dots.

    Args:
        *inputs: what to print.
        output_stream: a stream, its name as `"file://path"`, or None for the standard error output.
        summarize: number of elements shown at both ends of each axis; -1 shows all. Default: 3.
        sep: what stands between two values. Default: a blank.
        end: what ends the line. Default: a new line.
        name: has no effect.

    Raises:
        InvalidArgumentError: when `output_stream` is none.

    Example:
        >>> print("loss:", torch.tensor([1.0, 2.5]), output_stream=sys.stdout)
        loss: [1 2.5]

    Source: `tf.print`
    """
    text = sep.join(_shown(value, summarize) for value in inputs) + end
    if isinstance(output_stream, str) and output_stream.startswith("file://"):
        with open(output_stream.removeprefix("file://"), "a", encoding="utf-8") as file:
            file.write(text)
        return
    streams = {"sys.stdout": sys.stdout, "sys.stderr": sys.stderr, None: sys.stderr}
    stream = streams.get(output_stream) if isinstance(output_stream, (str, type(None))) else output_stream
    if stream is None:
        raise InvalidArgumentError(
            f"`output_stream` is a stream, 'file://...' or None. Received: {output_stream!r}."
        )
    stream.write(text)


def _shown(value: Any, summarize: int) -> str:
    if isinstance(value, torch.Tensor):
        array = value.detach().cpu().numpy()
        whole = summarize < 0 or array.size <= 2 * summarize
        return np.array2string(
            array,
            threshold=sys.maxsize if whole else 0,
            edgeitems=max(summarize, 0),
            formatter={"float_kind": lambda number: f"{number:.9g}"},
        )
    if isinstance(value, dict):
        return "{" + ", ".join(f"'{k}': {_shown(v, summarize)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(_shown(v, summarize) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    return str(value)


@contextlib.contextmanager
def init_scope() -> Iterator[None]:
    """Does nothing: variables can be made anywhere.

    Returns:
        A context manager.

    Example:
        >>> with init_scope():
        ...     pass
    """
    yield


@contextlib.contextmanager
def control_dependencies(control_inputs: Any) -> Iterator[None]:
    """Does nothing: code runs in its order. A function among the inputs is called first, as in TensorFlow.

    Args:
        control_inputs: what must have happened before.

    Returns:
        A context manager.

    Example:
        >>> with control_dependencies([]):
        ...     pass
    """
    for value in control_inputs or ():
        if inspect.isfunction(value):
            value()
    yield


def executing_eagerly() -> bool:
    """Returns True: everything runs eagerly.

    Example:
        >>> executing_eagerly()
        True
    """
    return True


def inside_function() -> bool:
    """Returns False: there are no graphs to be inside of.

    Example:
        >>> inside_function()
        False
    """
    return False
