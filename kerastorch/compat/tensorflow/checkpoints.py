"""`tf.train.Checkpoint`: the state of named objects in one file, and back, also before the weights exist."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from kerastorch.compat.tensorflow.checkpoint_files import (
    get_checkpoint_state,
    is_of_tensorflow,
    read_checkpoint,
    write_checkpoint,
    write_index,
)
from kerastorch.compat.tensorflow.checkpoint_graphs import values_of_objects
from kerastorch.compat.tensorflow.variables import Variable
from kerastorch.core.variable import host_array
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.layers.layer import Layer
from kerastorch.metrics.metric import Metric
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.saving.fit import set_value
from kerastorch.saving.formats import reading_file
from kerastorch.saving.walk import parts_of


class Place:
    """A part of a checkpoint: an object with tensors of its own, and its name.

    Args:
        name: its path in the checkpoint.
        owner: the object.
        tensors: a function that returns its tensors by name.

    Example:
        >>> step = Variable(3)
        >>> list(Place("step", step, lambda: {"": step}).named())
        ['step']
    """

    def __init__(self, name: str, owner: Any, tensors: Callable[[], Mapping[str, torch.Tensor]]) -> None:
        self.name, self.owner, self.tensors = name, owner, tensors

    @property
    def is_waiting(self) -> bool:
        """Whether its tensors do not exist yet."""
        return isinstance(self.owner, (Layer, Optimizer)) and not self.owner.built

    def named(self) -> dict[str, torch.Tensor]:
        """Returns its tensors by their paths in the checkpoint."""
        return {f"{self.name}/{key}" if key else self.name: tensor for key, tensor in self.tensors().items()}

    def when_ready(self, then: Callable[[], None]) -> None:
        """Calls a function as soon as its tensors exist.

        Args:
            then: the function.
        """
        method = "build" if isinstance(self.owner, Optimizer) else "_mark_built"
        own, owner = self.owner.__dict__, self.owner

        def shadow(*args: Any, **kwargs: Any) -> None:
            own.pop(method, None)
            getattr(owner, method)(*args, **kwargs)
            then()

        own[method] = shadow


def places_of(name: str, value: Any) -> Iterator[Place]:
    """Yields the parts of an object.

    Args:
        name: its path in the checkpoint.
        value: a model, layer, module, optimizer, metric, variable or checkpoint, or lists and dictionaries of them.

    Returns:
        An iterator.

    Raises:
        ArgumentTypeError: when it has no state that could be saved.

    Example:
        >>> [place.name for place in places_of("pair", [Variable(1), Variable(2)])]
        ['pair/0', 'pair/1']
    """
    if isinstance(value, Layer):
        for part in parts_of(value):
            if not part.is_optimizer:
                yield Place(f"{name}/{part.path}" if part.path else name, part.owner, part.tensors)
        yield Place(f"{name}/seeds", None, lambda: _numbered(value._seed_states()))
    elif isinstance(value, (list, tuple, dict, Checkpoint)):
        for key, inner in _members(value):
            yield from places_of(f"{name}/{key}", inner)
    elif hasattr(value, "__next__"):
        warnings.warn(
            f"The place of the iterator {name!r} in its data is not part of the checkpoint.", stacklevel=2
        )
    else:
        yield Place(name, value, _tensors_of(name, value))


def _named(objects: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    """The tensors of objects by their paths in a checkpoint."""
    places = [place for name, value in objects.items() for place in places_of(name, value)]
    return {path: tensor for place in places for path, tensor in place.named().items()}


def _members(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, Checkpoint):
        return value._objects().items()
    return value.items() if isinstance(value, dict) else enumerate(value)


def _tensors_of(name: str, value: Any) -> Callable[[], Mapping[str, torch.Tensor]]:
    """The function that returns the tensors of an object that is no layer and no collection."""
    if isinstance(value, torch.Tensor):
        return lambda: {"": value}
    if isinstance(value, (Optimizer, Metric)):
        return lambda: _numbered(value.variables)
    if isinstance(value, torch.nn.Module):
        return lambda: value.state_dict(keep_vars=True)
    raise ArgumentTypeError(
        "`tf.train.Checkpoint` keeps models, layers, optimizers, metrics and variables. "
        f"Received: {name}={value!r} (of type {type(value).__name__})."
    )


def _numbered(tensors: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    return {str(i): tensor for i, tensor in enumerate(tensors)}


class LoadStatus:
    """What has become of the values of a checkpoint; weights that do not exist yet get theirs when they are made.

    Args:
        objects: the objects by name.
        arrays: the values by path.

    Raises:
        ShapeError: when a value has another shape than the tensor it belongs to; nothing is changed then.

    Example:
        >>> status = LoadStatus({"step": Variable(0)}, {"step": np.array(3)})
        >>> status.assert_consumed() is status
        True

    Source: what `tf.train.Checkpoint.restore` returns
    """

    def __init__(self, objects: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        self._objects, self._arrays = dict(objects), dict(arrays)
        self._done: set[str] = set()
        self._waiting: set[str] = set()
        self._unmatched: list[str] = []
        self._restore()

    def _restore(self) -> None:
        """Sets what exists and has not been set, and waits for the rest."""
        places = [place for key, value in self._objects.items() for place in places_of(key, value)]
        ready = [place for place in places if not place.is_waiting and place.name not in self._done]
        named = {path: tensor for place in ready for path, tensor in place.named().items()}
        for path, tensor in named.items():
            if path in self._arrays and np.shape(self._arrays[path]) != tuple(tensor.shape):
                raise ShapeError(
                    f"The checkpoint does not fit: {path!r} has shape {np.shape(self._arrays[path])} in the file and "
                    f"{tuple(tensor.shape)} here. Nothing was restored."
                )
        self._done.update(place.name for place in ready)
        self._waiting.difference_update(self._done)
        for path, tensor in named.items():
            if path in self._arrays:
                set_value(tensor, self._arrays.pop(path))
            else:
                self._unmatched.append(path)
        for place in places:
            if place.is_waiting and place.name not in self._waiting:
                self._waiting.add(place.name)
                place.when_ready(self._restore)

    def assert_consumed(self) -> LoadStatus:
        """Returns the object if every value has found its tensor.

        Raises:
            InvalidArgumentError: when some have not, or a tensor has found no value.
        """
        self.assert_existing_objects_matched()
        if self._arrays:
            raise InvalidArgumentError(
                f"The checkpoint has values without a place: {sorted(self._arrays)}. Weights that do not exist yet get "
                "theirs when the model is built."
            )
        return self

    def assert_existing_objects_matched(self) -> LoadStatus:
        """Returns the object if every tensor that exists has found its value.

        Raises:
            InvalidArgumentError: when some have not.
        """
        if self._unmatched:
            raise InvalidArgumentError(f"The checkpoint has no values for: {self._unmatched}.")
        return self

    def assert_nontrivial_match(self) -> LoadStatus:
        """Returns the object if anything was restored.

        Raises:
            InvalidArgumentError: when nothing was.
        """
        if not self._done and not self._waiting:
            raise InvalidArgumentError("Nothing of the checkpoint was restored.")
        return self

    def expect_partial(self) -> LoadStatus:
        """Returns the object; values that find no place are not reported."""
        return self

    def initialize_or_restore(self, session: Any = None) -> None:
        """Does nothing: what exists has its value.

        Args:
            session: has no effect.
        """

    run_restore_ops = initialize_or_restore


class CheckpointOptions:
    """Options of checkpoints, none of which has an effect here.

    Args:
        experimental_io_device: has no effect.
        enable_async: has no effect.

    Example:
        >>> options = CheckpointOptions()

    Source: `tf.train.CheckpointOptions`
    """

    def __init__(self, experimental_io_device: Any = None, enable_async: bool = False) -> None:
        self.experimental_io_device = experimental_io_device
        self.enable_async = enable_async


class Checkpoint:
    """Named objects whose state is written to one file and read back.

    Every keyword becomes an attribute. Files are HDF5 and hold numbers only; TensorFlow cannot read them.

    Args:
        root: one object without a name. Default: None.
        **kwargs: models, layers, modules, optimizers, metrics and variables, or lists and dictionaries of them.

    Example:
        >>> checkpoint = Checkpoint(step=Variable(1))
        >>> path = checkpoint.save("training/ckpt")
        >>> _ = checkpoint.step.assign(5)
        >>> _ = checkpoint.restore(path)
        >>> path, int(checkpoint.step)
        ('training/ckpt-1', 1)

    Source: `tf.train.Checkpoint`
    """

    def __init__(self, root: Any = None, **kwargs: Any) -> None:
        if root is not None:
            self.root = root
        self.__dict__.update(kwargs)
        self.save_counter = Variable(0, trainable=False, dtype="int64", name="save_counter")

    def _objects(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def write(self, file_prefix: Any, options: Any = None) -> str:
        """Writes one checkpoint under exactly this name.

        Args:
            file_prefix: the path without its ending.
            options: has no effect.

        Returns:
            The path, for `read`.
        """
        path = os.fspath(file_prefix)
        places = [place for key, value in self._objects().items() for place in places_of(key, value)]
        tensors = {path: t for place in places if not place.is_waiting for path, t in place.named().items()}
        write_checkpoint(path, {name: host_array(tensor) for name, tensor in tensors.items()})
        return path

    def save(self, file_prefix: Any, options: Any = None) -> str:
        """Writes a checkpoint with the next number, and lists it in the file `checkpoint` beside it.

        Args:
            file_prefix: the path before the number.
            options: has no effect.

        Returns:
            The path, for `restore`.
        """
        self.save_counter.assign_add(1)
        path = self.write(f"{os.fspath(file_prefix)}-{int(self.save_counter)}")
        folder = os.path.dirname(path)
        state = get_checkpoint_state(folder)
        kept = [] if state is None else [p for p in state.all_model_checkpoint_paths if p != path]
        write_index(folder, [*kept, path])
        return path

    def read(self, save_path: Any, options: Any = None) -> LoadStatus:
        """Sets the objects to what `write` wrote.

        Args:
            save_path: the path; TensorFlow may have written the files, for models that have their weights already.
            options: has no effect.

        Returns:
            An object that tells what has found its place.

        Raises:
            MissingFileError: when there is no such checkpoint.
            ShapeError: when a value has another shape than its tensor.
        """
        objects, path = self._objects(), os.fspath(save_path)
        with reading_file(path, f"The checkpoint {path!r}"):
            if is_of_tensorflow(path):
                return LoadStatus(objects, values_of_objects(objects, lambda: _named(objects), path))
            return LoadStatus(objects, read_checkpoint(path))

    def restore(self, save_path: Any, options: Any = None) -> LoadStatus:
        """Sets the objects to what `save` wrote; None leaves them as they are.

        Args:
            save_path: the path, such as `tf.train.latest_checkpoint` gives it, or None.
            options: has no effect.

        Returns:
            An object that tells what has found its place.

        Raises:
            MissingFileError: when there is no such checkpoint.
            ShapeError: when a value has another shape than its tensor.
        """
        return LoadStatus({}, {}) if save_path is None else self.read(save_path)
