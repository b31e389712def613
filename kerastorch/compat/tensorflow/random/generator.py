"""Generators of random numbers as objects: `tf.random.Generator`."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor, integer, integers
from kerastorch.compat.tensorflow.random.draws import normal_numbers, uniform_numbers
from kerastorch.core.devices import current_device
from kerastorch.core.seeds import _mix, new_seed
from kerastorch.random import _TWO_SIGMA

_WORD = 0xFFFFFFFFFFFFFFFF


class Generator:
    """A source of random numbers with a state of its own, on torch's generator.

    Args:
        copy_from: a generator that this one starts as a copy of.
        state: the seed to start from, where no generator is given.
        alg: TensorFlow's algorithm; the numbers are torch's in any case.

    Example:
        >>> one, other = Generator.from_seed(3), Generator.from_seed(3)
        >>> bool((one.normal([4]) == other.normal([4])).all()), bool((one.normal([4]) == one.normal([4])).all())
        (True, False)

    Source: `tf.random.Generator`
    """

    def __init__(self, copy_from: Generator | None = None, state: Any = None, alg: Any = None) -> None:
        self.algorithm = alg
        self._torch = torch.Generator(current_device())
        if copy_from is not None:
            self._torch.set_state(copy_from._torch.get_state())
        else:
            self.reset_from_seed(new_seed() if state is None else integers(state)[0])

    @classmethod
    def from_seed(cls, seed: int, alg: Any = None) -> Generator:
        """Returns a generator whose numbers a seed fixes.

        Args:
            seed: an integer.
            alg: TensorFlow's algorithm; the numbers are torch's in any case.
        """
        return cls(state=seed, alg=alg)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """Returns a generator that the system's source of entropy seeds.

        Args:
            alg: TensorFlow's algorithm; the numbers are torch's in any case.
        """
        generator = cls(state=0, alg=alg)
        generator._torch.seed()
        return generator

    @property
    def state(self) -> torch.Tensor:
        """The state, as bytes."""
        return self._torch.get_state()

    def reset(self, state: torch.Tensor) -> None:
        """Goes back to a state.

        Args:
            state: what `state` gave.
        """
        self._torch.set_state(state)

    def reset_from_seed(self, seed: int) -> None:
        """Starts again from a seed.

        Args:
            seed: an integer.
        """
        self._torch.manual_seed(integer(seed) & _WORD)

    def split(self, count: int = 1) -> list[Generator]:
        """Returns new generators, each with numbers of its own.

        Args:
            count: how many. Default: 1.
        """
        seeds = self.uniform_full_int([count], "int64").tolist()
        return [Generator(state=_mix(seed, place)) for place, seed in enumerate(seeds)]

    def make_seeds(self, count: int = 1) -> torch.Tensor:
        """Returns seeds for stateless functions, of shape (2, count).

        Args:
            count: how many pairs. Default: 1.
        """
        return self.uniform_full_int([2, count], "int64")

    def normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", name: Any = None
    ) -> Any:
        """Returns numbers drawn from a normal distribution.

        Args:
            shape: the shape of the result.
            mean: the mean. Default: 0.
            stddev: the standard deviation. Default: 1.
            dtype: a float type. Default: float32.
            name: a name, without meaning here.
        """
        return normal_numbers(shape, mean, stddev, dtype, self._torch)

    def truncated_normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", name: Any = None
    ) -> Any:
        """Returns numbers drawn from a normal distribution cut off two standard deviations from its mean.

        Args:
            shape: the shape of the result.
            mean: the mean before cutting. Default: 0.
            stddev: the standard deviation before cutting. Default: 1.
            dtype: a float type. Default: float32.
            name: a name, without meaning here.
        """
        even = uniform_numbers(shape, -_TWO_SIGMA, _TWO_SIGMA, dtype, self._torch)
        return (torch.erfinv(even) * 2**0.5).clamp(-2, 2) * stddev + mean

    def uniform(
        self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32", name: Any = None
    ) -> Any:
        """Returns numbers drawn evenly from `minval` (included) to `maxval` (excluded).

        Args:
            shape: the shape of the result.
            minval: the least number. Default: 0.
            maxval: the limit. Default: 1; integers need it.
            dtype: a float or an integer type. Default: float32.
            name: a name, without meaning here.

        Raises:
            InvalidArgumentError: when integers are wanted and there is no limit.
        """
        return uniform_numbers(shape, minval, maxval, dtype, self._torch)

    def uniform_full_int(self, shape: Any, dtype: Any = "uint64", name: Any = None) -> Any:
        """Returns integers drawn from all that a type has.

        Args:
            shape: the shape of the result.
            dtype: an integer type. Default: uint64, of which the lower half is drawn.
            name: a name, without meaning here.
        """
        kind = as_dtype(dtype).name
        if kind == "uint64":
            return uniform_numbers(shape, 0, 2**63 - 1, "int64", self._torch).to(torch.uint64)
        return uniform_numbers(shape, None, None, kind, self._torch)

    def binomial(self, shape: Any, counts: Any, probs: Any, dtype: Any = "int32", name: Any = None) -> Any:
        """Returns numbers of successes.

        Args:
            shape: the shape of the result.
            counts: the numbers of trials.
            probs: the probabilities of success.
            dtype: the type. Default: int32.
            name: a name, without meaning here.
        """
        size = integers(shape)
        trials, chances = (as_tensor(x, "float32").expand(size) for x in (counts, probs))
        return torch.binomial(trials, chances, self._torch).to(as_dtype(dtype).torch)


class _Global:
    """The generator that `get_global_generator` gives, once it has been asked for or set."""

    generator: Generator | None = None


def get_global_generator() -> Generator:
    """Returns the generator that all parts of a program share.

    Example:
        >>> get_global_generator() is get_global_generator()
        True

    Source: `tf.random.get_global_generator`
    """
    if _Global.generator is None:
        _Global.generator = Generator()
    return _Global.generator


def set_global_generator(generator: Generator) -> None:
    """Replaces the generator that `get_global_generator` gives.

    Args:
        generator: the new one.

    Example:
        >>> set_global_generator(get_global_generator())

    Source: `tf.random.set_global_generator`
    """
    _Global.generator = generator
