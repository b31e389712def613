"""Where random numbers come from: seeds, their generators, and one function that fixes them all."""

from __future__ import annotations

import operator
import random as python_random
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import _disable_current_modes

from kerastorch.core.context import name_scope
from kerastorch.core.devices import device
from kerastorch.core.serializable import Configurable
from kerastorch.core.variable import Variable
from kerastorch.errors import InvalidArgumentError
from kerastorch.naming import auto_name
from kerastorch.registry import builtin

_WORD = 0xFFFFFFFFFFFFFFFF
_CPU = torch.device("cpu")


def set_random_seed(seed: int) -> None:
    """Seeds Python's, NumPy's and torch's global generators, from which everything unseeded here draws.

    Args:
        seed: an integer from 0 to 2**32 - 1.

    Raises:
        InvalidArgumentError: when it is no such integer.

    Example:
        >>> set_random_seed(7)
        >>> first = new_seed()
        >>> set_random_seed(7)
        >>> new_seed() == first
        True

    Source: `keras.utils.set_random_seed`, `torch.manual_seed`.
    """
    try:
        value = operator.index(seed)
    except TypeError:
        value = -1
    if not 0 <= value < 2**32:
        raise InvalidArgumentError(
            f"Expected `seed` argument to be an integer from 0 to 2**32 - 1. Received: seed={seed!r} "
            f"(of type {type(seed).__name__})."
        )
    python_random.seed(value)
    np.random.seed(value)
    torch.manual_seed(value)


def new_seed() -> int:
    """Returns a fresh seed drawn from torch's global generator, so that `torch.manual_seed` fixes it.

    Example:
        >>> 0 < new_seed() < 2**31
        True
    """
    with _disable_current_modes():
        return int(torch.randint(1, 2**31 - 1, (), device=_CPU))


def as_seed(seed: Any) -> int:
    """Returns a seed as a Python integer.

    Raises:
        InvalidArgumentError: when it is no integer.
    """
    try:
        return operator.index(seed)
    except TypeError:
        raise InvalidArgumentError(
            f"Argument `seed` must be an integer. Received: seed={seed!r} (of type {type(seed).__name__})."
        ) from None


@builtin("keras.random")
class SeedGenerator(Configurable):
    """A source of seeds: each use of it as `seed=` gives other random numbers, in a sequence that its seed fixes.

    Its state is kept on the host, so that drawing never waits for a GPU.

    Args:
        seed: an integer; None draws one.
        name: a name; None makes one.
        **kwargs: `backend` is accepted for Keras and has no meaning here.

    Raises:
        InvalidArgumentError: when `seed` is no integer, or another keyword is given.

    Example:
        >>> seeds = SeedGenerator(seed=42)
        >>> seeds.next().tolist(), seeds.next().tolist()
        ([42, 0], [42, 1])

    Source: `keras.random.SeedGenerator`.
    """

    is_seed_generator = True

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        kwargs.pop("backend", None)
        if kwargs:
            raise InvalidArgumentError(
                f"Unrecognized keyword arguments: {sorted(kwargs)}. SeedGenerator takes `seed` and `name`."
            )
        self.name = name if name is not None else auto_name("SeedGenerator")
        self._initial_seed = None if seed is None else as_seed(seed)
        first = new_seed() if self._initial_seed is None else self._initial_seed
        with _disable_current_modes(), name_scope(self.name), device(_CPU):
            start = torch.tensor([first, 0], device=_CPU)
            self.state = Variable(start, trainable=False, name="seed_generator_state")
            self.step = torch.tensor([0, 1], device=_CPU)

    def next(self, ordered: bool = True) -> torch.Tensor:
        """Returns the present seed, two integers, and moves on to the next one.

        Args:
            ordered: True counts upwards; False goes through a fixed sequence of mixed numbers below a million.

        Returns:
            An int64 tensor of shape `(2,)` on the host: the seed and the number of draws before this one.
        """
        present = self.state.detach().clone()
        if ordered:
            self.state.add_(self.step)
        else:
            self.state.assign((self.state + 1) * 5387 % 933199)
        return present

    def draw(self) -> int:
        """Returns the next seed as one integer for a `torch.Generator`."""
        seed, count = self.state.tolist()
        self.state.add_(self.step)
        return seed_of_draw(seed, count)

    def get_config(self) -> dict:
        return {"seed": self._initial_seed, "name": self.name}


def seed_of_draw(seed: int, count: int) -> int:
    """Returns the seed of the draw with that number in the sequence of a `SeedGenerator`; the first has number 0."""
    return seed if count == 0 else _mix(seed, count)


def _mix(seed: int, count: int) -> int:
    """Hashes two integers (splitmix64), so that neighbouring seeds do not share their sequences."""
    z = (seed * 0x9E3779B97F4A7C15 + count * 0xD1B54A32D192ED03) & _WORD
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
    return z ^ (z >> 31)


def generator_for(seed: int | SeedGenerator | None, place: torch.device) -> torch.Generator | None:
    """Returns the torch generator that a `seed` argument stands for.

    Args:
        seed: an integer gives the same numbers each time, a `SeedGenerator` other ones each time; None stands for
            torch's global generator.
        place: the device on which the numbers are drawn.

    Returns:
        A fresh generator, or None for the global one and on the meta device.

    Raises:
        InvalidArgumentError: for anything else.
    """
    if seed is None or place.type == "meta":
        return None
    return seeded_generator(seed.draw() if isinstance(seed, SeedGenerator) else _plain(seed), place)


def _plain(seed: Any) -> int:
    try:
        return operator.index(seed)
    except TypeError:
        raise InvalidArgumentError(
            "Argument `seed` must be either an integer or an instance of `SeedGenerator`. "
            f"Received: seed={seed!r} (of type {type(seed).__name__})."
        ) from None


def seeded_generator(seed: int, place: torch.device) -> torch.Generator:
    """Returns a fresh generator on a device."""
    return torch.Generator(place).manual_seed(seed & _WORD)
