"""What the tests of `keras.ops` share: rows of calls, and how ours are held against Keras's.

A row is one call of one function. Tables of rows, a file a topic, are run by `tests/ops/test_agreement.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

RNG_SEED = 7


@dataclass(frozen=True)
class Row:
    """One call of a function of `keras.ops`.

    Args:
        name: the function, such as `"add"` or `"nn.relu"`, as an attribute path below `keras.ops`.
        args: positional arguments; arrays become tensors of each library.
        kwargs: keyword arguments, likewise.
        gradient: whether gradients of floating-point arguments are compared.
        symbolic: whether the call is tried on symbolic tensors, with an open batch axis where `open_axis`.
        open_axis: whether the first axis of arrays with axes may be None in the symbolic call.
        expected: the value where Keras on torch is wrong; None compares with Keras.
        because: why `expected` is given, or why something is not tried.
        rtol, atol: tolerances.
    """

    name: str
    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    gradient: bool = True
    symbolic: bool = True
    open_axis: bool = True
    expected: Any = None
    because: str = ""
    rtol: float = 1e-5
    atol: float = 2e-6

    def __str__(self) -> str:
        given = [shown(a) for a in self.args] + [f"{k}={shown(v)}" for k, v in self.kwargs.items()]
        return f"{self.name}({','.join(given)})"


def shown(value: Any) -> str:
    """A short text for an argument, for the name of a test."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{list(value.shape)}".replace(" ", "")
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(shown, value)) + "]"
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    return str(value).replace(" ", "")


def array(
    *shape: int, dtype: str = "float32", low: float = -2.0, high: float = 2.0, seed: int = RNG_SEED
) -> np.ndarray:
    """Random numbers of a type and shape: integers and bools are spread over the same range."""
    rng = np.random.default_rng([seed, *shape])
    if dtype == "bool":
        return rng.random(shape) < 0.5
    if "int" in dtype:
        return rng.integers(0 if dtype.startswith("u") else int(low), int(high) + 3, shape).astype(dtype)
    return rng.uniform(low, high, shape).astype(dtype)


def numbers(value: Any) -> Any:
    """A result as NumPy arrays, whatever its structure."""
    if isinstance(value, torch.Tensor):
        value = value.detach()
        return (value.float() if value.dtype == torch.bfloat16 else value).numpy()
    if isinstance(value, (list, tuple)):
        return [numbers(v) for v in value]
    return value
