"""What a row of the catalogue of layers is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

BATCH = 4


@dataclass(frozen=True)
class Inner:
    """A layer among the arguments of another one, made by each library on its own.

    Attributes:
        name: the class.
        kwargs: the arguments of its constructor.
    """

    name: str
    kwargs: dict[str, Any] = field(default_factory=dict)

    @property
    def __name__(self) -> str:
        return f"{self.name}({','.join(f'{k}={v}' for k, v in self.kwargs.items())})"


def with_layers(value: Any, module: Any, extra: dict[str, Any]) -> Any:
    """Arguments with the layers of a module in place of what stands for them.

    Args:
        value: the arguments, or a part of them.
        module: `kerastorch.layers` or `keras.layers`.
        extra: further arguments of the outer layer, of which the inner ones share `dtype`.
    """
    if isinstance(value, Inner):
        shared = {"dtype": extra["dtype"]} if "dtype" in extra else {}
        return getattr(module, value.name)(**with_layers(value.kwargs, module, extra), **shared)
    if isinstance(value, list):
        return [with_layers(v, module, extra) for v in value]
    return {k: with_layers(v, module, extra) for k, v in value.items()} if isinstance(value, dict) else value


@dataclass(frozen=True)
class Row:
    """One layer with one set of arguments.

    Attributes:
        name: the class, under the same name here and in Keras.
        kwargs: the arguments of the constructor, the same for both.
        shapes: the shape of one sample for each input, without the batch axis; a list for layers that take a list.
        values: how the inputs are drawn: `"normal"`, `"integers"` (class numbers below 7) or `"steps"` (some of the
            time steps are zero).
        random: whether training draws random numbers, so that its values differ from Keras's.
        open_axes: axes, counted with the batch axis, of which the layer need not know the size.
        masked: whether the inputs have time steps, for masks to be put on.
        twin: what Keras would compute, for layers that only Keras 2 had.
        tolerance: the largest absolute difference from Keras.
    """

    name: str
    kwargs: dict[str, Any] = field(default_factory=dict)
    shapes: Any = (5,)
    values: str = "normal"
    random: bool = False
    open_axes: tuple[int, ...] = ()
    masked: bool = False
    twin: Callable | None = None
    tolerance: float = 2e-6

    @property
    def id(self) -> str:
        """A name for the test report."""
        text = ",".join(f"{k}={_label(v)}" for k, v in self.kwargs.items())
        kind = "" if self.values == "normal" else f"-{self.values}"
        return f"{self.name}({text})-{self.shapes}{kind}".replace(" ", "")

    @property
    def several(self) -> bool:
        """Whether the layer takes a list of inputs."""
        return isinstance(self.shapes, list)

    @property
    def integer(self) -> bool:
        """Whether the inputs are integers, through which no gradient flows."""
        return self.values == "integers"

    def sample_shapes(self) -> list[tuple[int, ...]]:
        """The shape of one sample of each input."""
        return self.shapes if self.several else [self.shapes]

    def arrays(self, seed: int = 0, batch: int = BATCH) -> list[np.ndarray]:
        """Fresh inputs as NumPy arrays, one for each input; no two values of one array are equal."""
        rng = np.random.default_rng(seed)
        return [self._draw(rng, (batch, *shape)) for shape in self.sample_shapes()]

    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        if self.integer:
            return rng.integers(0, 7, size=shape)
        x = rng.normal(size=shape).astype("float32")
        if self.values == "steps":
            x[0, 0] = x[1, -2:] = 0.0
        return x


def _label(value: Any) -> str:
    if isinstance(value, list) and any(isinstance(v, Inner) for v in value):
        return "+".join(map(_label, value))
    return str(getattr(value, "__name__", value))
