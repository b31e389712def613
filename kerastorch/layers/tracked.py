"""Lists and dictionaries of layers: attributes whose members become child modules."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch

from kerastorch import tree

clock = itertools.count(1)  # tells which sublayer was added first


class Container(torch.nn.Module):
    """Holds the modules and weights of one collection as children, named after their places in it.

    Attributes:
        ticks: when each module was added, and the module.
    """

    is_container = True

    def __init__(self) -> None:
        super().__init__()
        self.ticks: list[tuple[int, torch.nn.Module]] = []
        self.metrics: list[Any] = []

    @property
    def empty(self) -> bool:
        """Whether the collection holds nothing that belongs to a layer."""
        return not (self._modules or self._parameters or self._buffers or self.metrics)

    def sync(self, collection: Any) -> None:
        """Makes the children those that `collection` holds now."""
        self._modules.clear()
        self._parameters.clear()
        self._buffers.clear()
        self.metrics = []
        known, self.ticks = {id(module): tick for tick, module in self.ticks}, []
        for path, leaf in tree.flatten_with_path(_plain(collection)):
            key = "_".join(map(str, path)).replace(".", "_")
            if isinstance(leaf, torch.nn.Module):
                self._modules[key] = leaf
                if id(leaf) not in known and not hasattr(leaf, "dtype_policy"):
                    leaf.train(self.training)  # a plain module has the mode of the layer that holds it
                self.ticks.append((known.get(id(leaf)) or next(clock), leaf))
            elif isinstance(leaf, torch.nn.Parameter):
                self._parameters[key] = leaf
            elif getattr(leaf, "is_metric", False):
                self.metrics.append(leaf)
            elif isinstance(leaf, torch.Tensor):
                self._buffers[key] = leaf


def _plain(structure: Any) -> Any:
    """The same nesting with places as keys, so that the order of insertion is kept."""
    if isinstance(structure, dict):
        return _Ordered({str(k): _plain(v) for k, v in structure.items()})
    if isinstance(structure, (list, tuple)):
        return [_plain(v) for v in structure]
    return structure


class _Ordered(dict):
    """A dictionary that is flattened in the order of insertion."""


def is_trackable(value: Any) -> bool:
    """Returns whether a leaf belongs to the layer that holds it: a module, a weight or a metric."""
    from_keras = getattr(value, "is_metric", False) or type(value).__name__ in ("Variable", "StateVariable")
    return isinstance(value, (torch.nn.Module, torch.nn.Parameter)) or from_keras


def holds_trackable(value: Any) -> bool:
    """Returns whether a nested collection holds a module, a weight or a metric."""
    if isinstance(value, dict):
        return any(holds_trackable(v) for v in value.values())
    if isinstance(value, (list, tuple)):
        return any(holds_trackable(v) for v in value)
    return is_trackable(value)


def _changing(name: str, base: type) -> Callable:
    original = getattr(base, name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        self.changed(args, kwargs)
        return self if name == "__iadd__" or name == "__ior__" else result

    method.__name__ = name
    return method


class _Tracked:
    """What tracked collections share: they tell their container when they change."""

    _container: Container | None = None

    def changed(self, args: tuple = (), kwargs: dict | None = None) -> None:
        """Brings the child modules up to date after a change by a method with these arguments."""
        container = self._container
        if container is not None and (not container.empty or holds_trackable([*args, kwargs or {}])):
            container.sync(self)

    def __reduce_ex__(self: Any, protocol: Any) -> Any:
        plain: Any = list if isinstance(self, list) else dict
        return _restore, (type(self), plain(self)), {"_container": self._container}


def _restore(cls: type, plain: Any) -> Any:
    return cls(plain)


class TrackedList(_Tracked, list):
    """A list whose layers are children of the layer that holds the list."""

    __hash__ = None


class TrackedDict(_Tracked, dict):
    """A dictionary whose layers are children of the layer that holds the dictionary."""

    __hash__ = None


for _name in ("append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse"):
    setattr(TrackedList, _name, _changing(_name, list))
for _name in ("__setitem__", "__delitem__", "__iadd__"):
    setattr(TrackedList, _name, _changing(_name, list))
for _name in ("__setitem__", "__delitem__", "__ior__", "pop", "popitem", "clear", "update", "setdefault"):
    setattr(TrackedDict, _name, _changing(_name, dict))


def track(value: Any, training: bool = False) -> tuple[Any, Container]:
    """Returns a tracked copy of a list or dictionary (a tuple stays as it is) and the container of its members.

    Args:
        value: the collection.
        training: the mode of the layer that holds it, which plain modules in it take.
    """
    container = Container()
    container.training = training
    tracked = value
    if isinstance(value, dict):
        tracked = TrackedDict(value)
    elif isinstance(value, list):
        tracked = TrackedList(value)
    if tracked is not value:
        tracked._container = container
    container.sync(tracked)
    return tracked, container
