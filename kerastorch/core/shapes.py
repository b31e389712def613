"""Shapes and types of symbolic calls, found by running them on the meta device at two sizes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes

from kerastorch import tree
from kerastorch.core.context import state
from kerastorch.core.explain import attach, where
from kerastorch.core.meta_rules import answer
from kerastorch.core.spec import BATCH_SIZES, OTHER_SIZES, KerasTensor, merge_shapes, witness_shapes
from kerastorch.core.strings import StringTensor
from kerastorch.dtypes import standardize_dtype
from kerastorch.errors import GraphError, KerasTorchError, ShapeError

_SMALL = 4096  # constants up to this many elements are computed for real, so that code may read their values
_SIZES = (
    16  # results of calls up to this many elements keep their values where they depend on nothing but sizes
)


class MetaMode(TorchDispatchMode):
    """Runs every torch operation on the meta device, where tensors have shapes and no values.

    Real tensors that take part (weights, constants) are replaced by meta tensors, so that nothing is computed and no
    state changes. Operations on small constants alone run for real.
    """

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # torch would otherwise import its whole compiler at the first symbolic call

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = dict(kwargs or {})
        tensors = [a for a in tree.flatten((args, kwargs)) if isinstance(a, torch.Tensor)]
        if tensors and not any(t.is_meta for t in tensors) and not func._schema.is_mutable:
            return func(*args, **kwargs)
        if "generator" in kwargs:
            kwargs["generator"] = None
        if not tensors:
            return _factory(func, args, kwargs)
        if "device" in kwargs:
            kwargs["device"] = torch.device("meta")
        return answer(func, tree.map_structure(_to_meta, args), tree.map_structure(_to_meta, kwargs))


def _to_meta(x: Any) -> Any:
    if isinstance(x, torch.Tensor) and not x.is_meta:
        return torch.empty_strided(x.shape, x.stride(), dtype=x.dtype, device="meta")
    return x


def _factory(func: Any, args: tuple, kwargs: dict) -> Any:
    on_meta = (
        answer(func, args, {**kwargs, "device": torch.device("meta")})
        if "device" in kwargs
        else func(*args, **kwargs)
    )
    wanted_meta = torch.device(kwargs.get("device") or "cpu").type == "meta"
    if (
        isinstance(on_meta, torch.Tensor)
        and on_meta.is_meta
        and not wanted_meta
        and on_meta.numel() <= _SMALL
    ):
        return func(*args, **kwargs)
    return on_meta


class inferring:
    """Within this block code runs on meta tensors: layers neither record losses nor change their state."""

    def __enter__(self) -> None:
        self._outer = state.inferring
        state.inferring = True
        self._mode = MetaMode()
        self._grad = torch.no_grad()
        self._grad.__enter__()
        self._mode.__enter__()

    def __exit__(self, *exc: Any) -> None:
        self._mode.__exit__(*exc)
        self._grad.__exit__(*exc)
        state.inferring = self._outer


def outside_inference() -> Any:
    """Returns a context in which real weights can be made although shapes are being inferred."""
    return _disable_current_modes()


def infer(run: Callable, args: tuple, kwargs: dict, label: str) -> Any:
    """Returns the symbolic outputs of a call with symbolic arguments.

    Args:
        run: the function to run on meta tensors.
        args: positional arguments, nested structures of symbolic tensors and plain values.
        kwargs: keyword arguments.
        label: what is being called, for the error.

    Returns:
        The nested structure of `run`'s results, with a `KerasTensor` for each tensor.

    Raises:
        GraphError: when the call fails on tensors without values; the original error is chained.
    """
    results = []
    for number in (0, 1):
        state.run = number
        with inferring():
            try:
                concrete_args, concrete_kwargs = _at_size(args, number), _at_size(kwargs, number)
                results.append(run(*concrete_args, **concrete_kwargs))
            except KerasTorchError:
                raise
            except (NotImplementedError, RuntimeError) as error:
                raise explained(label, args, kwargs, error) from error
    return combine(*results)


def _at_size(structure: Any, run: int) -> Any:
    """The arguments with a meta tensor, or a number, in place of each symbolic tensor."""

    def visit(a: Any) -> Any:
        if isinstance(a, KerasTensor):
            return a.meta(run)
        if isinstance(a, slice):
            return slice(visit(a.start), visit(a.stop), visit(a.step))
        return a

    return tree.map_structure(visit, structure)


def combine(first: Any, second: Any) -> Any:
    """Returns the symbolic structure for the results of two runs that differ in the unknown sizes."""

    def leaf(a: Any, b: Any) -> Any:
        if isinstance(a, (torch.Tensor, StringTensor)):
            shape = merge_shapes(a.shape, b.shape)
            tensor = KerasTensor(shape, standardize_dtype(a.dtype), witness=(tuple(a.shape), tuple(b.shape)))
            if (
                type(a) is torch.Tensor
                and not (a.is_meta or b.is_meta)
                and max(a.numel(), b.numel()) <= _SIZES
            ):
                tensor.scalars = (a, b)  # computed from sizes alone
            return tensor
        if isinstance(a, (int, float)) and a != b:
            number = KerasTensor((), "int64" if isinstance(a, int) else "float32")
            number.scalars = (a, b)
            return number
        return a

    return tree.map_structure(leaf, first, second)


def agreed(results: list[Any]) -> Any:
    """Returns the first of several symbolic results, less the sizes in which others differ from it.

    Args:
        results: what a call may give, of one structure; another structure does not count.
    """
    first = tree.flatten(results[0])
    found = list(first)
    for other in map(tree.flatten, results[1:]):
        if [len(getattr(x, "shape", ())) for x in other] == [len(getattr(x, "shape", ())) for x in first]:
            found = [_agreed(a, b) for a, b in zip(found, other, strict=True)]
    return tree.pack_sequence_as(results[0], found)


def _agreed(a: Any, b: Any) -> Any:
    if not isinstance(a, KerasTensor) or a.shape == b.shape:
        return a
    return KerasTensor(merge_shapes(a.shape, b.shape), a.dtype)


def symbolic(shape: Any, dtype: Any = "float32") -> Any:
    """Returns symbolic tensors for a nested structure of shapes (tuples of integers and None).

    Raises:
        ShapeError: when there is something else in it.
    """
    if is_shape(shape):
        return KerasTensor(shape, dtype)
    if isinstance(shape, dict):
        return {key: symbolic(value, dtype) for key, value in shape.items()}
    if not isinstance(shape, (list, tuple)):
        raise ShapeError(
            f"Expected a shape, a tuple of integers and None, or a nested structure of shapes. Received: {shape!r} "
            f"(of type {type(shape).__name__})."
        )
    return [symbolic(value, dtype) for value in shape]


def is_shape(value: Any) -> bool:
    """Returns whether `value` is one shape: a list or tuple of integers and None."""
    return isinstance(value, (list, tuple)) and all(d is None or isinstance(d, int) for d in value)


def unknown_axes(shape: tuple) -> tuple:
    """Returns a concrete shape seen during inference with its stand-in sizes replaced by None."""
    if not state.inferring:
        return tuple(shape)
    return tuple(
        None if dim in OTHER_SIZES or (axis == 0 and dim in BATCH_SIZES) else dim
        for axis, dim in enumerate(shape)
    )


def unknown_size() -> int:
    """Returns what stands for a size that depends on values: another number in each of the two runs of inference."""
    return OTHER_SIZES[state.run]


def with_unknown_size(x: torch.Tensor, axis: int) -> torch.Tensor:
    """Returns a tensor seen during inference with an axis of a size that is not known."""
    shape = list(x.shape)
    shape[axis] = unknown_size()
    return x.new_empty(shape)


def one_is_open(x: torch.Tensor, axis1: int = -2, axis2: int = -1) -> bool:
    """Returns whether, of two axes of a tensor seen during inference, one stands for an unknown size and one does not.

    Nothing is known then of the smaller of the two sizes.
    """
    return [unknown_axes(x.shape)[axis] for axis in (axis1, axis2)].count(None) == 1


def with_shape(shape: tuple, dtype: Any) -> KerasTensor:
    """Returns a symbolic tensor of a shape that is given, not inferred."""
    return KerasTensor(shape, dtype, witness=witness_shapes(shape))


def explained(label: str, args: tuple, kwargs: dict, error: Exception) -> GraphError:
    """Returns the error for a call that failed on meta tensors; it keeps the layer inside that failed.

    Args:
        label: what was called.
        args: its positional arguments.
        kwargs: its keyword arguments.
        error: what was raised.
    """
    received = [a for a in tree.flatten([args, kwargs]) if isinstance(a, KerasTensor)]
    context = where(error)
    original = with_unknown_sizes(str(error) if context is None else context.body)
    text = f"{label} cannot be applied to {received}. The error was: {original}"
    if "meta" in original.lower():
        text += (
            " It needs the values of a tensor, which a symbolic tensor does not have: give the layer a "
            "`compute_output_shape` or `compute_output_spec` method."
        )
    if context is None:
        return GraphError(text)
    context.body, context.received = text, with_unknown_sizes(context.received)
    return attach(GraphError(), context)  # type: ignore[return-value]


def with_unknown_sizes(text: str) -> str:
    """Returns a text with None in place of the sizes that stood for unknown ones."""
    return re.sub(
        rf"(?<!\d)({BATCH_SIZES[0]}|{OTHER_SIZES[0]}|{BATCH_SIZES[1]}|{OTHER_SIZES[1]})(?!\d)", "None", text
    )
