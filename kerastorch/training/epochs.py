"""Batches epoch by epoch, with a position that a later run can go on from."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

import numpy as np
import torch

from kerastorch.config import max_steps_per_epoch
from kerastorch.core.random_state import random_state, set_random_state
from kerastorch.data.streams import skip_to

State = dict[str, np.ndarray]


def _limited(steps: float | None, available: int | None) -> int | None:
    """The number of steps in an epoch, which the configuration may limit."""
    steps = None if steps is None else math.ceil(steps)
    most, planned = max_steps_per_epoch(), available if steps is None else steps
    if most is None or (planned is not None and planned <= most):
        return steps
    warnings.warn(f"Limiting steps_per_epoch to {most}", stacklevel=4)
    return most


class Epochs:
    """Batches epoch by epoch.

    Args:
        batches: an iterable of batches with `num_batches` (None if unknown).
        steps_per_epoch: the number of steps in an epoch, which a fraction is rounded up to; None goes through all the
            data. With a number, an epoch goes on where the last one stopped.
        goes_round: whether an epoch that needs more batches than are left of a pass takes them from the next one,
            where the batches say that they can do so.

    Attributes:
        count: the number of steps of the present epoch so far.
        ran_out: whether data that cannot start again have ended.
        first_step: the number of the first step of the next epoch: 0, but for an epoch that a run goes on with.
    """

    def __init__(self, batches: Any, steps_per_epoch: float | None = None, goes_round: bool = False) -> None:
        self.batches, self.limit = batches, _limited(steps_per_epoch, batches.num_batches)
        self._goes_round = goes_round and getattr(batches, "goes_round", False)
        if self._goes_round and self.limit is not None and self.limit > (batches.num_batches or math.inf):
            warnings.warn(
                f"`steps_per_epoch={self.limit}` is more than the {batches.num_batches} batches of the data: an epoch "
                "goes through them more than once.",
                stacklevel=4,
            )
        self.count = 0
        self.ran_out = False
        self.first_step = 0
        self._running: Iterator | None = None
        self._taken = 0  # batches of the present pass, up to the last epoch's end
        self._remembers = False
        self._at_start: State = {}  # the position of the present pass's first batch
        self._resumed: tuple[State, int] | None = None

    @property
    def steps(self) -> int | None:
        """The number of steps in an epoch, None if unknown."""
        return self.limit if self.limit is not None else self.batches.num_batches

    def epoch(self) -> Iterator[Any]:
        """Yields the batches of the next epoch."""
        if self._running is None:
            self._running = self._begin_pass()
        else:
            self._tell("begin_epoch")
        first, self.first_step = self.first_step, 0
        count = self.count = first
        wanted = None if self.limit is None else self.limit - first
        for batch in chain(islice(self._running, wanted), self._next_passes()):
            count += 1
            self.count = count
            yield batch
        self._taken += count
        short = self.limit is not None and count < self.limit
        if short:
            warnings.warn(
                "Your input ran out of data; interrupting the epoch. Make sure that your data can give at least "
                f"`steps_per_epoch * epochs` batches: it gave {count} of {self.limit}.",
                stacklevel=2,
            )
        total = self.batches.num_batches
        if self.limit is None or short or (total is not None and self._taken >= total):
            self._end_pass(empty=count == 0)
        self._tell("end_epoch")

    def _next_passes(self) -> Iterator[Any]:
        """The batches of the passes that begin within this epoch."""
        while self._needs_another_pass():
            before = self.count
            self._running = self._begin_pass(inside_epoch=True)
            self._taken = -before
            yield from islice(self._running, None if self.limit is None else self.limit - before)
            if self.count == before:
                return

    def _needs_another_pass(self) -> bool:
        if getattr(self.batches, "is_one_way", False):
            return False
        was_over = self.count == 0 and self._taken > 0  # the pass before, without anybody knowing
        return was_over or (self._goes_round and self.limit is not None and self.count < self.limit)

    def _tell(self, hook: str) -> None:
        if hasattr(self.batches, hook):
            getattr(self.batches, hook)()

    def restart(self) -> None:
        """Lets the next epoch begin at the first batch."""
        if not getattr(self.batches, "is_one_way", False):
            self._running = None

    def _begin_pass(self, inside_epoch: bool = False) -> Iterator[Any]:
        self._taken = 0
        if self._resumed is not None:
            return self._begin_at(*self._resumed)
        if self._remembers:
            self._at_start = self._position()
        if not inside_epoch:
            self._tell("begin_epoch")
        return self._iterate()

    def _iterate(self, skip: int = 0) -> Iterator[Any]:
        own: Callable | None = getattr(self.batches, "iterate", None)
        if own is not None:
            return own(skip)
        iterator = iter(self.batches)
        skip_to(iterator, skip)
        return iterator

    def _end_pass(self, empty: bool) -> None:
        self.ran_out = getattr(self.batches, "is_one_way", False) or empty
        self._running = None

    # Going on where another run stopped ----------------------------------------------------------------------------

    def remember(self) -> None:
        """Notes from now on where each pass through the data begins, as `position` needs it."""
        self._remembers = True

    def position(self, step: int) -> State:
        """Returns where the data stand, as arrays by name.

        Args:
            step: steps done in the present epoch; 0 between two epochs.
        """
        state = {"now/" + name: value for name, value in self._position().items()}
        if self._running is not None:
            state |= {"start/" + name: value for name, value in self._at_start.items()}
            state["taken"] = np.array(self._taken + step, "int64")
        return state

    def resume(self, state: State, step: int) -> None:
        """Lets the next epoch go on at a position that another run's `position` returned.

        Args:
            state: the position.
            step: steps done in that epoch.
        """
        self._remembers = True
        self.first_step = step
        self._set_position(_part(state, "now/"))
        if "taken" in state:
            self._resumed = _part(state, "start/"), int(state["taken"])

    @contextmanager
    def unmoved(self) -> Iterator[None]:
        """Puts the generators of random numbers, and the order of the data, back in their place after a block."""
        before = self._position()
        try:
            yield
        finally:
            self._set_position(before)

    def _begin_at(self, start: State, taken: int) -> Iterator[Any]:
        now, self._resumed = self._position(), None
        self._at_start, self._taken = start, taken - self.first_step
        self._set_position(start)
        self._tell("begin_epoch")
        iterator = self._iterate(taken)
        self._set_position({**now, "passes": self._position()["passes"]})
        return iterator

    def _position(self) -> State:
        state = random_state()
        state["passes"] = np.array(getattr(self.batches, "passes", 0), "int64")
        for number, generator in enumerate(getattr(self.batches, "generators", ())):
            state[f"generator_{number}"] = generator.get_state().numpy()
        return state

    def _set_position(self, state: State) -> None:
        set_random_state(state)
        if hasattr(self.batches, "set_passes"):
            self.batches.set_passes(int(state["passes"]))
        for number, generator in enumerate(getattr(self.batches, "generators", ())):
            generator.set_state(torch.from_numpy(np.array(state[f"generator_{number}"], "uint8")))


def _part(state: State, prefix: str) -> State:
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
