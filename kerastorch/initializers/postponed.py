"""First values that are drawn late, or never: a model that is read from a file gets other values at once."""

from __future__ import annotations

import contextlib
import contextvars
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from kerastorch.core.devices import current_device
from kerastorch.dtypes import torch_dtype
from kerastorch.initializers.draws import RandomInitializer

_LEAST = 1 << 18  # elements of a weight that is worth it
_waiting: contextvars.ContextVar[list[tuple[Any, int, Callable]] | None] = contextvars.ContextVar(
    "waiting", default=None
)


@contextlib.contextmanager
def postponed_draws() -> Iterator[None]:
    """Large weights that are made inside the block draw their random values at its end, unless they have others then.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> with postponed_draws():
        ...     layer = Dense(1000)
        ...     layer.build((None, 500))
        ...     _ = layer.kernel.assign(torch.ones(500, 1000))
        >>> layer.kernel.sum().item()
        500000.0
    """
    waiting: list[tuple[Any, int, Callable]] = []
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    for variable, version, initializer in waiting:
        if variable._version == version:  # nobody has written to it
            variable.assign(initializer(tuple(variable.shape), dtype=variable.dtype))


def draw_later(initializer: Any, shape: Sequence[int]) -> bool:
    """Returns whether a weight of this initializer and shape gets its first values later."""
    return (
        _waiting.get() is not None
        and isinstance(initializer, RandomInitializer)
        and math.prod(shape) >= _LEAST
        and not torch.is_inference_mode_enabled()  # tensors of that mode do not know whether they were written to
    )


def wait_for_values(variable: Any, initializer: Callable) -> None:
    """Remembers a weight that has no values yet, inside the block of `postponed_draws`.

    Args:
        variable: the weight.
        initializer: what draws its values.
    """
    waiting = _waiting.get()
    if waiting is not None:
        waiting.append((variable, variable._version, initializer))


def without_values(shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
    """Returns memory of any content: the initializer of a weight that waits."""
    return torch.empty(tuple(shape), dtype=torch_dtype(dtype), device=current_device())
