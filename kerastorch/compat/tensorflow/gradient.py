"""Gradients as TensorFlow writes them: `tf.GradientTape` on torch's autograd."""

from __future__ import annotations

import contextlib
import enum
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import torch

from kerastorch import tree
from kerastorch.errors import ArgumentTypeError, GradientError, InvalidArgumentError


class UnconnectedGradients(enum.Enum):
    """What stands for the gradient of a source that the target does not depend on.

    Example:
        >>> UnconnectedGradients("zero") is UnconnectedGradients.ZERO
        True

    Source: `tf.UnconnectedGradients`
    """

    NONE = "none"
    ZERO = "zero"


class _Recording(threading.local):
    """The tapes of this thread whose block runs, the outermost first."""

    def __init__(self) -> None:
        self.tapes: list[GradientTape] = []


_recording = _Recording()


class GradientTape:
    """Records what is computed in its `with` block and gives the gradients of it.

    torch records whatever is computed from tensors that require gradients, so the block only switches recording on;
    trainable variables are recorded anyway, other tensors from `watch` on. What belongs to a computation is freed by
    the first call of `gradient`, unless the tape is persistent or shares it with another tape.

    Three things differ from TensorFlow. What was computed from variables before the block counts as well.
    `stop_recording` stops the tapes around this one too. A tensor that is carried from one block into the next, such
    as the state of a recurrent cell, has to pass `tf.stop_gradient` in between.

    Args:
        persistent: whether gradients may be asked for more than once; what was recorded then lives as long as the
            tensors that came of it. Default: False.
        watch_accessed_variables: whether trainable variables are watched without `watch`. Default: True.

    Example:
        >>> x = torch.tensor(3.0)
        >>> with GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.gradient(y, x)
        tensor(6.)

    Source: `tf.GradientTape`, `torch.autograd.grad`
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watches_variables = watch_accessed_variables
        self._watched: list[torch.Tensor] = []
        self._lent: list[
            torch.Tensor
        ] = []  # tensors that require gradients only because this tape watches them
        self._companions: weakref.WeakSet[GradientTape] = weakref.WeakSet()
        self._used = False
        self._mode: Any = None

    def __enter__(self) -> GradientTape:
        if self in _recording.tapes:
            raise GradientError("This tape records already: its `with` block runs.")
        for other in _recording.tapes:
            self._companions.add(other)
            other._companions.add(self)
        _recording.tapes.append(self)
        self._mode = torch.enable_grad()
        self._mode.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._mode.__exit__(None, None, None)
        _recording.tapes.remove(self)

    def __del__(self) -> None:
        self._give_back()

    def watch(self, tensor: Any) -> None:
        """Records from now on what is computed from tensors.

        Args:
            tensor: a tensor, or a nested structure of them.

        Raises:
            ArgumentTypeError: when something is no tensor.
        """
        for leaf in tree.flatten(tensor):
            if not isinstance(leaf, torch.Tensor):
                raise ArgumentTypeError(
                    "`tape.watch` takes tensors; pass arrays and numbers through `tf.convert_to_tensor` and watch the "
                    f"result. Received: {leaf!r} (of type {type(leaf).__name__})."
                )
            if not leaf.is_floating_point() and not leaf.is_complex():
                warnings.warn(
                    f"Only tensors of floats have gradients; the watched one has dtype {leaf.dtype}.",
                    stacklevel=2,
                )
            else:
                self._watch(leaf)

    def _watch(self, tensor: torch.Tensor) -> None:
        self._watched.append(tensor)
        if not tensor.requires_grad:
            tensor.requires_grad_(True)
            self._lent.append(tensor)

    def watched_variables(self) -> tuple[torch.Tensor, ...]:
        """Returns the variables given to `watch`; only for tapes with `watch_accessed_variables=False`.

        Raises:
            GradientError: when the tape watches variables by itself, of which torch keeps no list.
        """
        if self._watches_variables:
            raise GradientError(
                "`watched_variables()` is known for tapes with `watch_accessed_variables=False` only: torch keeps no "
                "list of the variables that were used. Name them, such as `model.trainable_variables`."
            )
        return tuple(t for t in self._watched if isinstance(t, torch.nn.Parameter))

    @contextlib.contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Records nothing in a `with` block.

        Raises:
            GradientError: when the tape does not record.
        """
        if self not in _recording.tapes:
            raise GradientError("`stop_recording` belongs into the `with` block of its tape.")
        with torch.no_grad():
            yield

    def reset(self) -> None:
        """Forgets what the tape watches, so that it can be used once more."""
        self._give_back()
        self._watched.clear()
        self._used = False

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
    ) -> Any:
        """Returns the gradients of the sum of the targets.

        Args:
            target: a tensor, or a nested structure of them.
            sources: the tensors or variables to differentiate by, or a nested structure of them.
            output_gradients: factors with the structure and shapes of `target`. Default: ones.
            unconnected_gradients: `"none"` or `"zero"` stand for gradients that do not exist. Default: `"none"`.

        Returns:
            Tensors in the structure of `sources`.

        Raises:
            GradientError: when the tape has given its gradients already.
            ArgumentTypeError: when a target or source is no tensor.
        """
        with self._use() as options:
            outputs, factors = _targets(target, output_gradients)
            return self._fill(
                sources, unconnected_gradients, lambda inputs: _grad(outputs, inputs, factors, options)
            )

    def jacobian(
        self,
        target: torch.Tensor,
        sources: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Returns the derivatives of every element of the target by every element of the sources.

        Args:
            target: a tensor.
            sources: the tensors or variables to differentiate by, or a nested structure of them.
            unconnected_gradients: `"none"` or `"zero"` stand for gradients that do not exist. Default: `"none"`.
            parallel_iterations: has no effect.
            experimental_use_pfor: True computes all rows at once, False one after the other, which takes less
                memory. Default: True.

        Returns:
            Tensors of shape `target.shape + source.shape` in the structure of `sources`.

        Raises:
            GradientError: when the tape has given its gradients already.
        """
        with self._use() as options:
            (output,), _ = _targets([target], None)
            rows = torch.eye(output.numel(), dtype=output.dtype, device=output.device)
            rows = rows.reshape(-1, *output.shape)

            def compute(inputs: list[torch.Tensor]) -> list[torch.Tensor | None]:
                grads = _rows_of_grad(output, inputs, rows, options, experimental_use_pfor)
                return [None if g is None else g.reshape(output.shape + g.shape[1:]) for g in grads]

            return self._fill(sources, unconnected_gradients, compute, lambda s: output.shape + s.shape)

    def batch_jacobian(
        self,
        target: torch.Tensor,
        source: torch.Tensor,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Returns the derivatives of each sample's target by the same sample's source.

        Args:
            target: a tensor whose first axis is the batch.
            source: a tensor with the same first axis.
            unconnected_gradients: `"none"` or `"zero"` stand for a gradient that does not exist. Default: `"none"`.
            parallel_iterations: has no effect.
            experimental_use_pfor: True computes all rows at once, False one after the other. Default: True.

        Returns:
            A tensor of shape `target.shape + source.shape[1:]`.

        Raises:
            GradientError: when the tape has given its gradients already.
            InvalidArgumentError: when the first axes differ.
        """
        if target.ndim == 0 or source.ndim == 0 or len(target) != len(source):
            raise InvalidArgumentError(
                "`batch_jacobian` takes a target and a source with the same first axis. Received shapes: "
                f"{tuple(target.shape)} and {tuple(source.shape)}."
            )
        with self._use() as options:
            (output,), _ = _targets([target], None)
            count = output[0].numel()
            rows = torch.eye(count, dtype=output.dtype, device=output.device)
            rows = rows.reshape(count, 1, *output.shape[1:]).expand(count, *output.shape)

            def compute(inputs: list[torch.Tensor]) -> list[torch.Tensor | None]:
                (grad,) = _rows_of_grad(output, inputs, rows, options, experimental_use_pfor)
                return [None if grad is None else grad.movedim(0, 1).reshape(output.shape + grad.shape[2:])]

            return self._fill(source, unconnected_gradients, compute, lambda s: output.shape + s.shape[1:])

    @contextlib.contextmanager
    def _use(self) -> Iterator[dict[str, bool]]:
        """What torch is told about the graph, around one question to the tape."""
        if self._used and not self._persistent:
            raise GradientError(
                "A tape that is not persistent gives gradients once. Use `tf.GradientTape(persistent=True)` to ask it "
                "for gradients or jacobians again."
            )
        others = [tape for tape in _recording.tapes if tape is not self]
        record = bool(others) or (self._persistent and self in _recording.tapes)
        shared = any(tape._persistent or not tape._used for tape in self._companions)
        with torch.set_grad_enabled(record):
            yield {"create_graph": record, "retain_graph": record or shared or self._persistent}
        self._used = True
        if not self._persistent:
            self._give_back()

    def _give_back(self) -> None:
        """Lets tensors that were only watched be plain ones again, or leaves them to a tape that watches them too."""
        for tensor in self._lent:
            heirs = (tape for tape in self._companions if any(t is tensor for t in tape._watched))
            heir = next((tape for tape in heirs if tape._persistent or not tape._used), None)
            if heir is not None:
                heir._lent.append(tensor)
            elif tensor.is_leaf:
                tensor.requires_grad_(False)
        self._lent.clear()

    def _fill(
        self,
        sources: Any,
        unconnected_gradients: UnconnectedGradients | str,
        compute: Callable[[list[torch.Tensor]], list[torch.Tensor | None]],
        shape: Callable[[torch.Tensor], Any] = lambda source: source.shape,
    ) -> Any:
        """The gradients of the sources that have some, None or zeros for the others."""
        zero = UnconnectedGradients(unconnected_gradients) is UnconnectedGradients.ZERO
        flat = [self._checked_source(source) for source in tree.flatten(sources)]
        inputs = [source for source in flat if self._has_gradient(source)]
        found = iter(compute(inputs) if inputs else [])
        grads = [next(found) if self._has_gradient(source) else None for source in flat]
        if zero:
            grads = [
                torch.zeros(shape(s), dtype=s.dtype, device=s.device) if g is None else g
                for g, s in zip(grads, flat, strict=True)
            ]
        return tree.pack_sequence_as(sources, grads)

    def _has_gradient(self, source: torch.Tensor) -> bool:
        if source.is_leaf and not self._watches_variables:
            return any(source is tensor for tensor in self._watched)
        return source.requires_grad

    @staticmethod
    def _checked_source(source: Any) -> torch.Tensor:
        if not isinstance(source, torch.Tensor):
            raise ArgumentTypeError(
                f"The sources of a gradient are tensors or variables. Received: {source!r} (of type "
                f"{type(source).__name__})."
            )
        if not source.is_floating_point() and not source.is_complex():
            warnings.warn(
                f"A source has dtype {source.dtype}; only floats have gradients, so its own is None.",
                stacklevel=5,
            )
        return source


def _targets(target: Any, output_gradients: Any) -> tuple[list[torch.Tensor], list[Any]]:
    """The targets that depend on something, and the factor of each."""
    targets = tree.flatten(target)
    factors = [None] * len(targets) if output_gradients is None else tree.flatten(output_gradients)
    if len(factors) != len(targets):
        raise InvalidArgumentError(
            f"`output_gradients` needs one value for each of the {len(targets)} targets. Received: {len(factors)}."
        )
    for value in targets:
        if not isinstance(value, torch.Tensor):
            raise ArgumentTypeError(
                f"The target of a gradient is a tensor. Received: {value!r} (of type {type(value).__name__})."
            )
    ones = [
        torch.ones_like(t) if f is None else torch.as_tensor(f) for t, f in zip(targets, factors, strict=True)
    ]
    return targets, [f.to(t) for t, f in zip(targets, ones, strict=True)]


def _grad(
    outputs: list[torch.Tensor], inputs: list[torch.Tensor], factors: list[Any], options: dict[str, bool]
) -> list[torch.Tensor | None]:
    pairs = [(o, f) for o, f in zip(outputs, factors, strict=True) if o.requires_grad]
    if not pairs:
        return [None] * len(inputs)
    outputs, factors = [o for o, _ in pairs], [f for _, f in pairs]
    try:
        return list(torch.autograd.grad(outputs, inputs, factors, allow_unused=True, **options))
    except RuntimeError as error:
        if "backward through the graph a second time" not in str(error):
            raise
        raise GradientError(
            "The target depends on a tensor whose gradients another tape, or an earlier step, has given and freed. "
            "Pass a tensor that is carried from step to step through `tf.stop_gradient`, or make the first tape "
            "persistent."
        ) from error


def _rows_of_grad(
    output: torch.Tensor,
    inputs: list[torch.Tensor],
    rows: torch.Tensor,
    options: dict[str, bool],
    at_once: bool,
) -> list[torch.Tensor | None]:
    """For each input its gradients for all rows of factors, along a new first axis."""
    if not output.requires_grad:
        return [None] * len(inputs)
    if at_once:
        return _grad([output], inputs, [rows], options | {"is_grads_batched": True})
    kept = options | {"retain_graph": True}
    by_row = [_grad([output], inputs, [row], kept) for row in rows]
    columns = zip(*by_row, strict=True)
    return [None if column[0] is None else torch.stack(column) for column in columns]
