"""What a row of the catalogue of layers is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

BATCH = 4
VECTOR, SERIES, IMAGE, VOLUME = (5,), (6, 3), (6, 5, 3), (4, 5, 4, 2)


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
        values: how the inputs are drawn, one of `DRAWS`.
        call: further arguments of the call, the same for both; NumPy arrays become tensors.
        apart: whether several inputs are arguments of the call one after the other, not one list.
        random: whether training draws random numbers, so that its values differ from Keras's.
        open_axes: axes, counted with the batch axis, of which the layer need not know the size.
        masked: whether the inputs have time steps, for masks to be put on.
        twin: what the outputs are for the input arrays, for layers that only Keras 2 had.
        reference: where the expected values come from. `"keras"` is Keras on torch; `"tensorflow"` is Keras on
            TensorFlow, where Keras on torch is wrong or cannot compute; `"absent"` is the same for layers that Keras
            on torch cannot even make (it has them in Keras 2 only, or asks for TensorFlow). Values of TensorFlow are
            kept in `tests/catalog/pinned`, which `tests/catalog/pin.py` writes.
        because: why the reference is another one, why the tolerance is above 1e-5, or why `low` is off.
        low: whether Keras on torch can compute the layer in low precision on the CPU.
        compiles: whether `torch.compile` can take the layer as one graph; off for layers of strings, which are
            outside the path of tensors.
        tolerance: the largest absolute difference from the reference; the relative one is 1e-5.
    """

    name: str
    kwargs: dict[str, Any] = field(default_factory=dict)
    shapes: Any = (5,)
    values: str = "normal"
    call: dict[str, Any] = field(default_factory=dict)
    apart: bool = False
    random: bool = False
    open_axes: tuple[int, ...] = ()
    masked: bool = False
    twin: Callable | None = None
    reference: str = "keras"
    because: str = ""
    low: bool = True
    compiles: bool = True
    tolerance: float = 2e-6

    def __post_init__(self) -> None:
        unusual = self.reference != "keras" or self.tolerance > 1e-5 or not self.low
        if unusual and not self.because and self.twin is None:
            raise ValueError(f"Row {self.id} is an exception and says not why: give it `because`.")

    @property
    def id(self) -> str:
        """A name for the test report."""
        text = ",".join(f"{k}={_label(v)}" for k, v in self.kwargs.items())
        call = "".join(f",{k}={_label(v)}" for k, v in self.call.items())
        kind = "" if self.values == "normal" else f"-{self.values}"
        return f"{self.name}({text})-{self.shapes}{kind}{call}".replace(" ", "")

    @property
    def several(self) -> bool:
        """Whether the layer takes a list of inputs."""
        return isinstance(self.shapes, list)

    @property
    def integer(self) -> bool:
        """Whether the inputs are integers, through which no gradient flows."""
        return self.values in ("integers", "words")

    @property
    def words(self) -> bool:
        """Whether the inputs are strings, which no tensor of torch holds."""
        return self.values == "words"

    @property
    def in_keras(self) -> bool:
        """Whether Keras on torch can make the layer, for its config and weights to be compared."""
        return self.reference != "absent" and self.twin is None

    @property
    def by_keras(self) -> bool:
        """Whether Keras on torch says what the values should be."""
        return self.reference == "keras" and self.twin is None

    def sample_shapes(self) -> list[tuple[int, ...]]:
        """The shape of one sample of each input."""
        return self.shapes if self.several else [self.shapes]

    def arrays(self, seed: int = 0, batch: int = BATCH) -> list[np.ndarray]:
        """Fresh inputs as NumPy arrays, one for each input; no two values of one array are equal."""
        rng = np.random.default_rng(seed)
        return [self._draw(rng, (batch, *shape)) for shape in self.sample_shapes()]

    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return DRAWS[self.values](rng, shape)


def _steps(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    x = rng.normal(size=shape).astype("float32")
    x[0, 0] = x[1, -2:] = 0.0
    return x


WORDS = ["the", "quick", "brown", "fox", "", "Jumps over", "the lazy dog!", "[UNK]", "naïve"]

# How inputs are drawn: normally distributed; class numbers below 7; some time steps zero; images of 0 to 255 and of 0
# to 1; sounds from -1 to 1; words and short sentences.
DRAWS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]] = {
    "normal": lambda rng, shape: rng.normal(size=shape).astype("float32"),
    "integers": lambda rng, shape: rng.integers(0, 7, size=shape),
    "steps": _steps,
    "pixels": lambda rng, shape: rng.uniform(0, 255, size=shape).astype("float32"),
    "unit": lambda rng, shape: rng.uniform(0, 1, size=shape).astype("float32"),
    "sound": lambda rng, shape: rng.uniform(-1, 1, size=shape).astype("float32"),
    "words": lambda rng, shape: rng.choice(np.array(WORDS, dtype=object), size=shape),
}


def _label(value: Any) -> str:
    if isinstance(value, list) and any(isinstance(v, Inner) for v in value):
        return "+".join(map(_label, value))
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{value.shape}"
    return str(getattr(value, "__name__", value))
