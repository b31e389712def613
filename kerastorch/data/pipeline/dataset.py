"""`Dataset`, a lazily evaluated pipeline of data with the methods of `tf.data.Dataset`.

Where things are: `creation` has the constructors, `transformations` and `collecting` the methods that make other
datasets. Each builds stages (`stage`) of one of these files: `sources`, `text`, `ordering`, `batching`, `mapping`,
`combining`, `grouping`, `caching`. `readers` has the datasets over files and `make_csv_dataset`, `spec` has
`TensorSpec`, `AUTOTUNE` and the constants of cardinality, `options` has `Options`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.seeds import new_seed
from kerastorch.data.pipeline.checks import function, whole
from kerastorch.data.pipeline.collecting import Collecting
from kerastorch.data.pipeline.creation import Creation
from kerastorch.data.pipeline.elements import as_element
from kerastorch.data.pipeline.mapping import Call
from kerastorch.data.pipeline.options import Options
from kerastorch.data.pipeline.run import Run
from kerastorch.data.pipeline.spec import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY
from kerastorch.data.pipeline.stage import Stage
from kerastorch.data.pipeline.transformations import Transformations
from kerastorch.data.streams import MakesBatches
from kerastorch.errors import ArgumentTypeError, DataError


class Dataset(Creation, Transformations, Collecting, MakesBatches):
    """Elements, nested tuples and dictionaries of tensors on the CPU, that are made one by one when asked for.

    A dataset is made by a static method such as `from_tensor_slices`, and others from it by methods such as `map`
    and `batch`. Each `iter` starts anew. Shuffles without a seed take theirs from torch's global generator when
    `iter` is called; with a seed the order depends on it and on the number of the iteration only.

    Args:
        stage: the last stage of the pipeline.

    Raises:
        ArgumentTypeError: when `stage` is none: use a static method.

    Example:
        >>> dataset = Dataset.range(5).map(lambda x: x * x).batch(2)
        >>> [batch.tolist() for batch in dataset]
        [[0, 1], [4, 9], [16]]
        >>> len(dataset), dataset.element_spec
        (3, TensorSpec(shape=(None,), dtype=int64, name=None))

    Source: `tf.data.Dataset`
    """

    def __init__(self, stage: Stage) -> None:
        if not isinstance(stage, Stage):
            raise ArgumentTypeError(
                "A Dataset is made by a static method such as `Dataset.from_tensor_slices`. "
                f"Received: {type(stage).__name__}."
            )
        self.stage = stage
        self.iteration = 0
        self._options = Options()

    @staticmethod
    def _of(stage: Stage) -> Dataset:
        return Dataset(stage)

    def _then(self, stage: Stage) -> Dataset:
        dataset = Dataset(stage)
        dataset._options = self._options
        return dataset

    def __iter__(self) -> DatasetIterator:
        run = Run(self.iteration, new_seed(), self._options.deterministic is not False)
        self.iteration += 1
        return DatasetIterator(self.stage, run)

    def set_iteration(self, number: int) -> None:
        """Says how many iterations there have been, so that the next one has the order of that number.

        Args:
            number: the number of the next iteration, from 0.
        """
        self.iteration = whole(number, "number", 0)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Returns an iterator over the elements with NumPy arrays and scalars in place of tensors."""
        return (tree.map_structure(_as_numpy, element) for element in self)

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        count = self.stage.count()
        if count == INFINITE_CARDINALITY:
            raise ArgumentTypeError("The dataset is infinite.")
        if count == UNKNOWN_CARDINALITY:
            raise ArgumentTypeError("The dataset length is unknown.")
        return count

    def cardinality(self) -> torch.Tensor:
        """Returns the number of elements, `INFINITE_CARDINALITY` or `UNKNOWN_CARDINALITY`, as a scalar tensor."""
        return torch.tensor(self.stage.count(), dtype=torch.int64, device="cpu")

    @property
    def element_spec(self) -> Any:
        """The nested `TensorSpec`s of the elements; those that a function makes are read off the first one."""
        return self.stage.spec()

    @property
    def dataset_spec(self) -> DatasetSpec:
        """What stands for this dataset in the specs of a dataset of datasets."""
        return DatasetSpec(self.element_spec)

    def reduce(self, initial_state: Any, reduce_func: Callable, name: str | None = None) -> Any:
        """Returns what a function makes of all elements, one after the other.

        Args:
            initial_state: the first state, nested values.
            reduce_func: takes a state and an element, returns the next state.
            name: accepted for TensorFlow.
        """
        call = Call(function(reduce_func, "reduce_func"), "reduce", Run())
        state = as_element(initial_state)
        for element in self:
            state = as_element(call((state, element)))
        return state

    def get_single_element(self, name: str | None = None) -> Any:
        """Returns the only element.

        Args:
            name: accepted for TensorFlow.

        Raises:
            DataError: when there is none, or more than one.
        """
        elements = list(self.take(2))
        if len(elements) != 1:
            raise DataError(
                f"`get_single_element` needs a dataset of one element; it has {'more' if elements else 'none'}."
            )
        return elements[0]

    def options(self) -> Options:
        """Returns the options that were given."""
        return self._options

    def with_options(self, options: Options, name: str | None = None) -> Dataset:
        """Returns the dataset with options that hold for all stages before.

        Args:
            options: the options, which go before those given earlier.
            name: accepted for TensorFlow.
        """
        options.warn_of_others()
        dataset = self._then(self.stage)
        dataset._options = self._options.merge(options)
        return dataset

    def __repr__(self) -> str:
        count = {INFINITE_CARDINALITY: "endless", UNKNOWN_CARDINALITY: "of unknown length"}
        length = self.stage.count()
        return f"<Dataset ending in {type(self.stage).__name__}, {count.get(length, f'{length} elements')}>"


class DatasetIterator:
    """One iteration over a dataset.

    Args:
        stage: the last stage of its pipeline.
        run: the number and the seed of the iteration.

    Example:
        >>> elements = iter(Dataset.range(10).batch(2))
        >>> elements.skip(3)
        >>> next(elements)
        tensor([6, 7])
    """

    def __init__(self, stage: Stage, run: Run) -> None:
        self._stage = stage
        self._run = run
        self._start = 0
        self._stream: Iterator[Any] | None = None

    def __iter__(self) -> DatasetIterator:
        return self

    def __next__(self) -> Any:
        if self._stream is None:
            self._stream = iter(self._stage.stream_from(self._run, self._start))
        return next(self._stream)

    get_next = __next__

    def skip(self, number: int) -> None:
        """Leaves out elements; before the first one was asked for, without making them where that is possible.

        Functions given to `map` are then not called for them.

        Args:
            number: how many.
        """
        if self._stream is None:
            self._start += whole(number, "number", 0)
            return
        for _ in range(whole(number, "number", 0)):
            next(self._stream, None)

    def close(self) -> None:
        """Ends the iteration and its threads."""
        self._stream = iter(())

    @property
    def element_spec(self) -> Any:
        """The nested `TensorSpec`s of the elements."""
        return self._stage.spec()


class DatasetSpec:
    """The specs of the elements of a nested dataset.

    Args:
        element_spec: nested specs.

    Example:
        >>> Dataset.range(4).window(2).element_spec
        DatasetSpec(TensorSpec(shape=(), dtype=int64, name=None))

    Source: `tf.data.DatasetSpec`
    """

    def __init__(self, element_spec: Any) -> None:
        self.element_spec = element_spec

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatasetSpec) and bool(self.element_spec == other.element_spec)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"DatasetSpec({self.element_spec!r})"


def _as_numpy(leaf: Any) -> Any:
    if isinstance(leaf, Dataset):
        return leaf.as_numpy_iterator()
    if leaf is None:
        return None
    return leaf.numpy()[()] if isinstance(leaf, torch.Tensor) else leaf.numpy()
