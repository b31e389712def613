"""`estimate_memory`: what training with a batch size will take, before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.notebook import html_table
from kerastorch.core.process_memory import readable_bytes
from kerastorch.core.strings import StringTensor
from kerastorch.data.parts import pack, unpack
from kerastorch.errors import DataError
from kerastorch.training.example_batch import example_batch
from kerastorch.training.memory_trace import MemoryTrace, unique_bytes
from kerastorch.training.rehearsal import rehearsal

_SMALL, _LARGE = 4, 8  # the batches that are measured

_LINES = {
    "parameters": "weights and state of the layers",
    "gradients": "one for each weight to train",
    "optimizer": "its state",
    "data": "one batch of inputs and targets",
    "activations": "kept from the forward to the backward pass",
    "peak": "the most at any moment of a step",
}


@dataclass(frozen=True)
class MemoryEstimate:
    """What a training step takes, in bytes. Its text is a table, also in a notebook.

    Attributes:
        batch_size: samples in a batch.
        parameters: weights and state of the layers.
        gradients: the gradients.
        optimizer: the state of the optimizer.
        data: a batch of inputs, targets and weights.
        activations: what the forward pass keeps for the backward pass; with a `train_step` of the user's own the
            most that is held besides weights, state and data.
        peak: the most that is held at any moment of a step. It is less than the sum of the parts where gradients
            come as activations go, and more where an operation needs room for its result.

    Example:
        >>> print(MemoryEstimate(32, 2**20, 2**20, 2**21, 2**16, 2**20, 5 * 2**20))
        Memory for training on batches of 32 samples
        parameters   1.00 MB  weights and state of the layers
        gradients    1.00 MB  one for each weight to train
        optimizer    2.00 MB  its state
        data        64.00 KB  one batch of inputs and targets
        activations  1.00 MB  kept from the forward to the backward pass
        peak         5.00 MB  the most at any moment of a step
    """

    batch_size: int
    parameters: int
    gradients: int
    optimizer: int
    data: int
    activations: int
    peak: int

    def to_dict(self) -> dict[str, int]:
        """Returns the numbers by name."""
        return asdict(self)

    def __str__(self) -> str:
        rows = self._rows()
        name_width, width = (max(len(row[column]) for row in rows) for column in (0, 1))
        lines = [f"{name:<{name_width}} {size:>{width}}  {what}" for name, size, what in rows]
        return "\n".join([self._title(), *lines])

    def _repr_html_(self) -> str:
        return html_table(self._title(), ("part", "memory", ""), self._rows())

    def _rows(self) -> list[tuple[str, ...]]:
        return [(name, readable_bytes(getattr(self, name)), what) for name, what in _LINES.items()]

    def _title(self) -> str:
        return f"Memory for training on batches of {self.batch_size} samples"


class EstimatesMemory:
    """The part of a trainer that says what memory training takes. See `Model`."""

    def estimate_memory(
        self: Any, batch_size: int = 32, x: Any = None, y: Any = None, sample_weight: Any = None
    ) -> MemoryEstimate:
        """Returns what training with a batch size takes, without training the model.

        A copy of the model takes steps with 4 and with 8 samples, in which each tensor is counted from its making to
        its end. Both curves of memory are a straight line in the batch size at each moment; the peak is the most on
        these lines at `batch_size`. What operations take and free inside themselves, such as a workspace of cuDNN,
        the CUDA context and what the allocator keeps in reserve come on top. Steps are counted as they run without
        `jit_compile`.

        Args:
            batch_size: samples in a batch.
            x: some inputs, whose shapes count; None takes those of the model's own inputs.
            y: their targets; None makes some that fit the outputs and losses.
            sample_weight: their weights, if training has such.

        Returns:
            A `MemoryEstimate` with the bytes of `parameters`, `gradients`, `optimizer`, `data`, `activations` and
            `peak`; its text is a table.

        Raises:
            NotCompiledError: before `compile`.
            DataError: when the shapes or types of the inputs or targets cannot be known: `x` and `y` say them.
            InvalidArgumentError: when the model cannot be copied.

        Example:
            >>> from kerastorch.models.sequential import Sequential
            >>> from kerastorch.layers.core.dense import Dense
            >>> from kerastorch.layers.core.input_layer import Input
            >>> model = Sequential([Input((1000,)), Dense(500, "relu"), Dense(10)])
            >>> model.compile("adam", "mse")
            >>> estimate = model.estimate_memory(64)
            >>> estimate.parameters, estimate.optimizer >= 2 * estimate.parameters
            (2022040, True)
        """
        self._assert_compiled("estimate_memory")
        if isinstance(batch_size, bool) or not hasattr(batch_size, "__index__") or batch_size < 1:
            raise DataError(f"`batch_size` must be a positive integer. Received: batch_size={batch_size!r}.")
        with rehearsal(self) as twin:
            twin.__dict__.update(_compiled_call=None, _whole_step=None)
            batch = example_batch(twin, x, y, sample_weight)
            twin.train(True)
            try:
                return _estimate(twin, batch, int(batch_size))
            except (TypeError, ValueError, IndexError) as error:
                if x is not None and y is not None:
                    raise
                raise DataError(
                    f"A step of model {self.name!r} fails on ones of the shapes that it knows: give some real data as "
                    f"`x` and `y`. The error was: {error}"
                ) from error


def _estimate(model: Any, batch: Any, batch_size: int) -> MemoryEstimate:
    if not model.built:
        with torch.no_grad():
            model._forward(unpack(batch)[0])
    model._begin_training()
    model._train_function(_with_rows(batch, _SMALL))  # makes the state of the optimizer, and metrics
    fixed = [*model.parameters(), *model.buffers()]
    state = list(_state_of(model.optimizer))
    kept = [*fixed, *state, *(v for metric in model.metrics for v in metric.variables)]
    small, large = (_moments(model, _with_rows(batch, rows), kept) for rows in (_SMALL, _LARGE))
    data = unique_bytes(tree.flatten(_with_rows(batch, _SMALL))) * batch_size // _SMALL
    gradients = unique_bytes(parameter.grad for parameter in model.parameters())
    always = unique_bytes([*fixed, *state]) + data
    return MemoryEstimate(
        batch_size=batch_size,
        parameters=unique_bytes(fixed),
        gradients=gradients,
        optimizer=unique_bytes(state),
        data=data,
        activations=max(0, _at(small.forward, large.forward, batch_size)),
        peak=always + _peak(small.moments, large.moments, batch_size),
    )


@dataclass
class _Step:
    """The bytes that were alive after each operation of a step, and between its forward and its backward pass."""

    moments: list[int]
    forward: int = 0


def _moments(model: Any, batch: Any, kept: list[torch.Tensor]) -> _Step:
    """The second of two steps: in the first one there are no gradients of a step before."""
    for parameter in model.parameters():
        parameter.grad = None
    found = _Step([])
    with MemoryTrace() as trace:
        trace.ignore([*kept, *_tensors(batch)])
        backward = model._backward

        def noting(loss: torch.Tensor) -> None:
            found.forward = trace.live
            backward(loss)

        model.__dict__["_backward"] = noting
        model._train_function(batch)
        trace.moments.clear()
        model._train_function(batch)
        found.moments = list(trace.moments)
        found.forward = found.forward or max(found.moments)  # a step of the user's own
        del model.__dict__["_backward"]
    return found


def _peak(small: list[int], large: list[int], batch_size: int) -> int:
    """The most at any moment; where the two steps were not made of the same operations, of their highest moments."""
    if len(small) != len(large):
        return _at(max(small), max(large), batch_size)
    return max(_at(low, high, batch_size) for low, high in zip(small, large, strict=True))


def _at(small: int, large: int, batch_size: int) -> int:
    """What is taken at a batch size, on the straight line through what the two measured ones take."""
    return round(small + (large - small) * (batch_size - _SMALL) / (_LARGE - _SMALL))


def _with_rows(batch: Any, rows: int) -> Any:
    """A batch of that many rows, of which some may be the same."""

    def repeated(leaf: Any) -> Any:
        if isinstance(leaf, StringTensor):
            return leaf[torch.arange(rows).remainder(len(leaf)).numpy()]
        if not isinstance(leaf, torch.Tensor) or not leaf.ndim:
            return leaf
        return leaf[torch.arange(rows, device=leaf.device).remainder(len(leaf))]

    return pack(*(tree.map_structure(repeated, part) for part in unpack(batch)))


def _tensors(batch: Any) -> list[torch.Tensor]:
    return [leaf for leaf in tree.flatten(batch) if isinstance(leaf, torch.Tensor)]


def _state_of(optimizer: Any) -> Iterator[torch.Tensor]:
    """The tensors that an optimizer keeps, also one that holds others."""
    for entry in getattr(optimizer, "state", {}).values():
        yield from (value for value in entry.values() if isinstance(value, torch.Tensor))
    for inner in (getattr(optimizer, "inner_optimizer", None), *getattr(optimizer, "optimizers", ())):
        yield from () if inner is None else _state_of(inner)
