"""How datasets begin: `Dataset.from_tensor_slices` and its kin."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

from kerastorch.core.seeds import new_seed
from kerastorch.data.pipeline.checks import seed_of, whole
from kerastorch.data.pipeline.combining import Choose, Sample, Zip
from kerastorch.data.pipeline.elements import as_leaf
from kerastorch.data.pipeline.ordering import Shuffle
from kerastorch.data.pipeline.sources import Counter, FromGenerator, RandomNumbers, Range, Slices, Tensors
from kerastorch.data.pipeline.spec import TensorSpec
from kerastorch.data.pipeline.stage import Stage, parts_of
from kerastorch.data.pipeline.text import matching
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError


class Creation:
    """The static methods of `Dataset` that make datasets."""

    _of: Callable[[Stage], Any]  # makes a dataset of a stage

    @classmethod
    def from_tensors(cls, tensors: Any, name: str | None = None) -> Any:
        """Returns a dataset of one element.

        Args:
            tensors: nested tuples and dictionaries of values; a list is one tensor.
            name: accepted for TensorFlow.
        """
        return cls._of(Tensors(tensors))

    @classmethod
    def from_tensor_slices(cls, tensors: Any, name: str | None = None) -> Any:
        """Returns a dataset of the rows of tensors; what is large stays where it is and is read row by row.

        Args:
            tensors: nested tuples and dictionaries of arrays, tensors, data frames, or lists, all of one length.
            name: accepted for TensorFlow.

        Raises:
            DataError: when the lengths differ, or there is no tensor.
        """
        return cls._of(Slices(tensors))

    @classmethod
    def from_generator(
        cls,
        generator: Callable[..., Iterable] | Iterable,
        output_types: Any = None,
        output_shapes: Any = None,
        args: Sequence[Any] | None = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> Any:
        """Returns a dataset of what a generator yields.

        Args:
            generator: a function that returns an iterable, called anew for each iteration, or an iterable.
            output_types: nested types of the elements, TensorFlow's older way. Default: None, as they come.
            output_shapes: nested shapes that go with `output_types`. Default: None, any.
            args: what the function is called with, as NumPy arrays. Default: nothing.
            output_signature: nested `TensorSpec`s of the elements. Default: None, as they come.
            name: accepted for TensorFlow.

        Raises:
            ArgumentTypeError: when `generator` is neither, or both kinds of signature are given.
        """
        if not callable(generator) and not isinstance(generator, Iterable):
            raise ArgumentTypeError(
                f"`generator` must be a function or an iterable. Received: {generator!r}."
            )
        if output_signature is not None and (output_types is not None or output_shapes is not None):
            raise ArgumentTypeError(
                "`output_signature` replaces `output_types` and `output_shapes`: give only one."
            )
        if output_types is not None:
            output_signature = _signature(output_types, output_shapes)
        arguments = [as_leaf(value) for value in args or ()]
        return cls._of(
            FromGenerator(generator, output_signature, tuple(value.numpy() for value in arguments))
        )

    @classmethod
    def range(cls, *args: Any, output_type: Any = "int64", name: str | None = None) -> Any:
        """Returns a dataset of numbers at equal distances.

        Args:
            args: the end; or the start and the end; or these and the distance.
            output_type: the type of the numbers. Default: int64.
            name: accepted for TensorFlow.

        Raises:
            InvalidArgumentError: when there are no or more than three arguments.
        """
        if not 1 <= len(args) <= 3:
            raise InvalidArgumentError(f"`range` takes one to three numbers. Received: {len(args)}.")
        numbers = builtins.range(*(whole(value, "range") for value in args))
        return cls._of(Range(numbers, torch_dtype(output_type)))

    @classmethod
    def counter(cls, start: int = 0, step: int = 1, dtype: Any = "int64", name: str | None = None) -> Any:
        """Returns an endless dataset of numbers at equal distances.

        Args:
            start: the first number. Default: 0.
            step: the distance. Default: 1.
            dtype: the type of the numbers. Default: int64.
            name: accepted for TensorFlow.
        """
        return cls._of(Counter(whole(start, "start"), whole(step, "step"), torch_dtype(dtype)))

    @classmethod
    def random(
        cls, seed: Any = None, rerandomize_each_iteration: bool | None = None, name: str | None = None
    ) -> Any:
        """Returns an endless dataset of random integers from 0 to 2**32 - 1.

        Args:
            seed: fixes them. Default: None, drawn from torch's generator.
            rerandomize_each_iteration: whether each iteration gets other numbers. Default: None, False.
            name: accepted for TensorFlow.
        """
        changes = bool(rerandomize_each_iteration)
        fixed = seed_of(seed)
        return cls._of(RandomNumbers(new_seed() if fixed is None and not changes else fixed, changes))

    @classmethod
    def zip(cls, *args: Any, datasets: Any = None, name: str | None = None) -> Any:
        """Returns a dataset of one element of each dataset at a time, as long as the shortest.

        Args:
            args: datasets, or one nested structure of datasets.
            datasets: the structure, by its name in TensorFlow.
            name: accepted for TensorFlow.

        Raises:
            ArgumentTypeError: when datasets are given in both ways or not at all.
        """
        if (datasets is None) == (not args):
            raise ArgumentTypeError(
                "Give `zip` either datasets as arguments or `datasets=`, a structure of them."
            )
        given = datasets if not args else args[0] if len(args) == 1 else args
        return cls._of(Zip(tuple(given) if isinstance(given, list) else given))

    @classmethod
    def list_files(
        cls, file_pattern: Any, shuffle: bool | None = None, seed: Any = None, name: str | None = None
    ) -> Any:
        """Returns a dataset of the names of files.

        Args:
            file_pattern: one or more patterns with `*`, `?` and `[]`.
            shuffle: whether each iteration has another order. Default: None, True.
            seed: fixes the order. Default: None.
            name: accepted for TensorFlow.

        Raises:
            DataError: when no file matches.
        """
        files = Slices(matching(file_pattern))
        if shuffle is not None and not shuffle:
            return cls._of(files)
        return cls._of(Shuffle(files, files.length, seed_of(seed), True))

    @classmethod
    def choose_from_datasets(
        cls, datasets: Sequence[Any], choice_dataset: Any, stop_on_empty_dataset: bool = True
    ) -> Any:
        """Returns a dataset of elements of the datasets that another dataset names.

        Args:
            datasets: the datasets, with elements that are alike.
            choice_dataset: a dataset of their numbers.
            stop_on_empty_dataset: whether to end at the first that is used up. Default: True.

        Raises:
            DataError: when something is no dataset, or a number names none.
        """
        return cls._of(
            Choose(_stages(datasets), parts_of(choice_dataset, "`choice_dataset`"), stop_on_empty_dataset)
        )

    @classmethod
    def sample_from_datasets(
        cls,
        datasets: Sequence[Any],
        weights: Any = None,
        seed: Any = None,
        stop_on_empty_dataset: bool = False,
        rerandomize_each_iteration: bool | None = None,
    ) -> Any:
        """Returns a dataset of elements of datasets that are drawn at random.

        Args:
            datasets: the datasets, with elements that are alike.
            weights: how likely each is, in any scale. Default: None, all alike.
            seed: fixes the draws. Default: None, drawn from torch's generator.
            stop_on_empty_dataset: whether to end at the first that is used up. Default: False.
            rerandomize_each_iteration: whether each iteration draws anew. Default: None, True.

        Raises:
            InvalidArgumentError: when there is not one weight, at least 0, for each dataset.
        """
        stages = _stages(datasets)
        numbers = torch.ones(len(stages)) if weights is None else as_leaf(weights)
        if tuple(numbers.shape) != (len(stages),) or bool((numbers < 0).any()) or not numbers.any():
            raise InvalidArgumentError(
                f"`weights` must be one number, at least 0, for each of the {len(stages)} datasets, and not all 0. "
                f"Received: weights={weights!r}."
            )
        changes = rerandomize_each_iteration is None or bool(rerandomize_each_iteration)
        fixed = seed_of(seed)
        seed = new_seed() if fixed is None and not changes else fixed
        return cls._of(Sample(stages, numbers.double(), seed, stop_on_empty_dataset, changes))


def _stages(datasets: Sequence[Any]) -> list[Stage]:
    stages = [parts_of(dataset, "Every one of `datasets`") for dataset in datasets]
    if not stages:
        raise InvalidArgumentError("`datasets` must hold at least one dataset. Received: none.")
    return stages


def _signature(types: Any, shapes: Any) -> Any:
    """The specs that TensorFlow's older arguments stand for."""
    if isinstance(types, (tuple, list)):
        parts = shapes if shapes is not None else [None] * len(types)
        return tuple(_signature(kind, shape) for kind, shape in zip(types, parts, strict=True))
    if isinstance(types, dict):
        return {key: _signature(kind, None if shapes is None else shapes[key]) for key, kind in types.items()}
    return TensorSpec(None if shapes is None else tuple(shapes), types)
