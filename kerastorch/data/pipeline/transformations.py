"""The methods of `Dataset` that order elements, call functions on them, and keep them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from kerastorch.data.pipeline.caching import FileCache, MemoryCache, Prefetch, Saved
from kerastorch.data.pipeline.checks import calls_of, function, optional_whole, seed_of, whole
from kerastorch.data.pipeline.combining import Concatenate, Enumerate
from kerastorch.data.pipeline.files import ElementWriter
from kerastorch.data.pipeline.grouping import Held
from kerastorch.data.pipeline.mapping import Filter, FlatMap, IgnoreErrors, Interleave, Map, Scan, TakeWhile
from kerastorch.data.pipeline.ordering import Repeat, Shard, Shuffle, Skip, Take
from kerastorch.data.pipeline.spec import AUTOTUNE
from kerastorch.data.pipeline.stage import Stage, parts_of
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError

_READ_AHEAD = 4  # elements that `prefetch(AUTOTUNE)` keeps ready
_CYCLE = 8  # datasets that `interleave` has open unless told; fixed, as the order depends on it
_FILE = "elements.cache"  # in the folder of a saved dataset


class Transformations:
    """The methods of `Dataset` that give a dataset of the same elements, or of what functions make of them."""

    stage: Stage
    _then: Callable[[Stage], Any]  # makes a dataset of a stage, with the options of this one
    _of: Callable[[Stage], Any]

    def shuffle(
        self,
        buffer_size: Any,
        seed: Any = None,
        reshuffle_each_iteration: bool | None = None,
        name: str | None = None,
    ) -> Any:
        """Returns a dataset that draws each element at random from a buffer of the next ones.

        Args:
            buffer_size: elements in the buffer; the number of all elements, or more, shuffles perfectly.
            seed: fixes the order. Default: None, drawn from torch's generator.
            reshuffle_each_iteration: whether each iteration has another order. Default: None, True.
            name: accepted for TensorFlow.
        """
        size = whole(buffer_size, "buffer_size", 1)
        reshuffle = reshuffle_each_iteration is None or bool(reshuffle_each_iteration)
        return self._then(Shuffle(self.stage, size, seed_of(seed), reshuffle))

    def repeat(self, count: Any = None, name: str | None = None) -> Any:
        """Returns a dataset that runs through this one several times.

        Args:
            count: how often; None and -1 are for ever. Default: None.
            name: accepted for TensorFlow.
        """
        turns = optional_whole(count, "count", -1)
        return self._then(Repeat(self.stage, -1 if turns is None else turns))

    def take(self, count: Any, name: str | None = None) -> Any:
        """Returns a dataset of the first elements.

        Args:
            count: how many; -1 is all.
            name: accepted for TensorFlow.
        """
        return self._then(Take(self.stage, whole(count, "count", -1)))

    def skip(self, count: Any, name: str | None = None) -> Any:
        """Returns a dataset without the first elements.

        Args:
            count: how many are left out; -1 is all.
            name: accepted for TensorFlow.
        """
        return self._then(Skip(self.stage, whole(count, "count", -1)))

    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Any:
        """Returns a dataset of every `num_shards`-th element.

        Args:
            num_shards: how many such datasets make up this one.
            index: which of them, from 0.
            name: accepted for TensorFlow.

        Raises:
            InvalidArgumentError: when there is no such shard.
        """
        shards = whole(num_shards, "num_shards", 1)
        place = whole(index, "index", 0)
        if place >= shards:
            raise InvalidArgumentError(f"`index` must be below num_shards={shards}. Received: index={place}.")
        return self._then(Shard(self.stage, shards, place))

    def map(
        self,
        map_func: Callable,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Any:
        """Returns a dataset of what a function makes of each element.

        Args:
            map_func: takes an element, a tuple as several arguments; returns nested tensors, arrays or numbers.
            num_parallel_calls: how many threads call it; `AUTOTUNE` chooses. Default: None, the reader's own.
            deterministic: whether the order stays with several threads. Default: None, as the options say: yes.
            synchronous: True calls the function without threads whatever `num_parallel_calls` says.
            use_unbounded_threadpool: accepted for TensorFlow.
            name: accepted for TensorFlow.
        """
        calls = None if synchronous else calls_of(num_parallel_calls)
        return self._then(Map(self.stage, function(map_func, "map_func"), calls, deterministic))

    def filter(self, predicate: Callable, name: str | None = None) -> Any:
        """Returns a dataset of the elements for which a function is true.

        Args:
            predicate: takes an element, a tuple as several arguments; returns a boolean.
            name: accepted for TensorFlow.
        """
        return self._then(Filter(self.stage, function(predicate, "predicate")))

    def take_while(self, predicate: Callable, name: str | None = None) -> Any:
        """Returns a dataset that ends before the first element for which a function is false.

        Args:
            predicate: takes an element, a tuple as several arguments; returns a boolean.
            name: accepted for TensorFlow.
        """
        return self._then(TakeWhile(self.stage, function(predicate, "predicate")))

    def flat_map(self, map_func: Callable, name: str | None = None) -> Any:
        """Returns a dataset of the elements of the datasets that a function makes.

        Args:
            map_func: takes an element, a tuple as several arguments; returns a dataset.
            name: accepted for TensorFlow.
        """
        return self._then(FlatMap(self.stage, function(map_func, "map_func")))

    def interleave(
        self,
        map_func: Callable,
        cycle_length: Any = None,
        block_length: Any = None,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Any:
        """Returns a dataset of the elements of the datasets that a function makes, several datasets in turn.

        Args:
            map_func: takes an element, a tuple as several arguments; returns a dataset.
            cycle_length: how many datasets are open at a time. Default: `num_parallel_calls` if that is a number,
                else 8.
            block_length: elements in a row of one dataset. Default: 1.
            num_parallel_calls: a number, or `AUTOTUNE`, reads every open dataset ahead in a thread.
            deterministic: accepted; the order always stays.
            name: accepted for TensorFlow.
        """
        calls = optional_whole(num_parallel_calls, "num_parallel_calls")
        cycle = optional_whole(cycle_length, "cycle_length")
        if cycle is None or cycle == AUTOTUNE:
            cycle = calls if calls is not None and calls > 0 else _CYCLE
        block = 1 if block_length is None else whole(block_length, "block_length", 1)
        func = function(map_func, "map_func")
        return self._then(
            Interleave(self.stage, func, whole(cycle, "cycle_length", 1), block, calls is not None)
        )

    def scan(self, initial_state: Any, scan_func: Callable, name: str | None = None) -> Any:
        """Returns a dataset of what a function makes of each element and of a state that it passes on.

        Args:
            initial_state: the first state, nested values.
            scan_func: takes a state and an element, returns the next state and an output.
            name: accepted for TensorFlow.
        """
        return self._then(Scan(self.stage, initial_state, function(scan_func, "scan_func")))

    def apply(self, transformation_func: Callable, name: str | None = None) -> Any:
        """Returns what a function makes of this dataset.

        Args:
            transformation_func: takes a dataset and returns one.
            name: accepted for TensorFlow.

        Raises:
            ArgumentTypeError: when it returns something else.
        """
        dataset = transformation_func(self)
        if not isinstance(getattr(dataset, "stage", None), Stage):
            raise ArgumentTypeError(f"`transformation_func` must return a Dataset. Received: {dataset!r}.")
        return dataset

    def cache(self, filename: Any = "", name: str | None = None) -> Any:
        """Returns a dataset that keeps its elements once an iteration has come to its end.

        Args:
            filename: the beginning of the name of a file to keep them in, which also later runs of the program
                read. Default: "", in memory.
            name: accepted for TensorFlow.
        """
        path = filename.numpy().decode() if hasattr(filename, "numpy") else str(filename or "")
        return self._then(FileCache(self.stage, Path(f"{path}.cache")) if path else MemoryCache(self.stage))

    def snapshot(
        self,
        path: Any,
        compression: str | None = "AUTO",
        reader_func: Callable | None = None,
        shard_func: Callable | None = None,
        name: str | None = None,
    ) -> Any:
        """Returns a dataset that keeps its elements in a folder, see `cache`.

        Args:
            path: the folder.
            compression: accepted for TensorFlow; nothing is compressed.
            reader_func: changes how the folder is read: takes a dataset of datasets and returns a dataset.
            shard_func: accepted for TensorFlow; there is one file.
            name: accepted for TensorFlow.
        """
        kept = self._then(FileCache(self.stage, Path(path) / _FILE))
        return kept if reader_func is None else self._read_by(reader_func, kept)

    def save(
        self,
        path: Any,
        compression: str | None = None,
        shard_func: Callable | None = None,
        checkpoint_args: Any = None,
        name: str | None = None,
    ) -> None:
        """Writes all elements to a folder.

        Args:
            path: the folder.
            compression: accepted for TensorFlow; nothing is compressed.
            shard_func: accepted for TensorFlow; there is one file.
            checkpoint_args: accepted for TensorFlow; a file that is not whole does not appear.
            name: accepted for TensorFlow.
        """
        with ElementWriter(Path(path) / _FILE) as writer:
            for element in self:  # type: ignore[attr-defined]
                writer.write(element)
            writer.finish()

    @classmethod
    def load(
        cls,
        path: Any,
        element_spec: Any = None,
        compression: str | None = None,
        reader_func: Callable | None = None,
        wait: bool = False,
        name: str | None = None,
    ) -> Any:
        """Returns the dataset that `save` has written.

        Args:
            path: the folder.
            element_spec: accepted for TensorFlow; the file knows it.
            compression: accepted for TensorFlow.
            reader_func: changes how the folder is read: takes a dataset of datasets and returns a dataset.
            wait: accepted for TensorFlow; the folder must be there.
            name: accepted for TensorFlow.

        Raises:
            DataError: when there is no such dataset.
        """
        saved = cls._of(Saved(Path(path) / _FILE))
        return saved if reader_func is None else cls._read_by(reader_func, saved)

    @classmethod
    def _read_by(cls, reader_func: Callable, dataset: Any) -> Any:
        return reader_func(cls._of(Held([dataset])))

    def prefetch(self, buffer_size: Any, name: str | None = None) -> Any:
        """Returns a dataset that a thread reads ahead.

        Args:
            buffer_size: elements that are kept ready; `AUTOTUNE` is 4, 0 none.
            name: accepted for TensorFlow.
        """
        size = optional_whole(buffer_size, "buffer_size", AUTOTUNE)
        if size == 0:
            return self._then(self.stage)
        return self._then(Prefetch(self.stage, _READ_AHEAD if size is None or size == AUTOTUNE else size))

    def concatenate(self, dataset: Any, name: str | None = None) -> Any:
        """Returns a dataset of the elements of this one and then of another.

        Args:
            dataset: the other.
            name: accepted for TensorFlow.
        """
        return self._then(Concatenate([self.stage, parts_of(dataset, "`dataset`")]))

    def enumerate(self, start: Any = 0, name: str | None = None) -> Any:
        """Returns a dataset of pairs of a number and an element.

        Args:
            start: the first number. Default: 0.
            name: accepted for TensorFlow.
        """
        return self._then(Enumerate(self.stage, whole(start, "start")))

    def ignore_errors(self, log_warning: bool = False, name: str | None = None) -> Any:
        """Returns a dataset without the elements on which functions of `map`, `filter` and the like fail.

        Args:
            log_warning: whether a warning tells of each. Default: False.
            name: accepted for TensorFlow.
        """
        return self._then(IgnoreErrors(self.stage, log_warning))
