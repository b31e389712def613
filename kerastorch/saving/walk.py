"""Which parts of a model have state, and the paths that Keras's files give them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.core.torch_module import TorchModuleWrapper
from kerastorch.layers.layer import Layer
from kerastorch.naming import to_snake_case
from kerastorch.optimizers.loss_scale_optimizer import LossScaleOptimizer
from kerastorch.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Part:
    """A layer, plain module or optimizer, and its path: attribute names and numbered class names from the model.

    Attributes:
        path: such as `"layers/dense_1"`; the model itself has the empty path.
        owner: the layer, module or optimizer.
    """

    path: str
    owner: Any

    @property
    def is_optimizer(self) -> bool:
        """Whether the part is an optimizer."""
        return isinstance(self.owner, Optimizer)

    @property
    def keeps_own_format(self) -> bool:
        """Whether the class says itself what it saves and how it is read."""
        cls = type(self.owner)
        base: Any = Optimizer if self.is_optimizer else Layer
        if isinstance(self.owner, TorchModuleWrapper):
            base = TorchModuleWrapper
        return isinstance(self.owner, (Layer, Optimizer)) and (
            cls.save_own_variables is not base.save_own_variables
            or cls.load_own_variables is not base.load_own_variables
        )

    def tensors(self) -> dict[str, torch.Tensor]:
        """Returns the part's own variables under the names that Keras's files give them."""
        owner = self.owner
        if isinstance(owner, Optimizer):
            return _numbered(owner.variables)
        if isinstance(owner, Layer) and not isinstance(owner, TorchModuleWrapper):
            return _numbered(owner._stored_variables())
        module = owner.module if isinstance(owner, TorchModuleWrapper) else owner
        return {k: v for k, v in module.state_dict(keep_vars=True).items() if isinstance(v, torch.Tensor)}


def parts_of(model: Any) -> list[Part]:
    """Returns the parts of a model in the order of Keras's files: the model, its attributes by name, their attributes.

    A part that several attributes hold has the first of their paths. The layers of functional and sequential models
    come first.

    Args:
        model: a model or layer.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> class Pair(Layer):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.both = [Dense(1), Dense(2)]
        >>> [part.path for part in parts_of(Pair())]
        ['', 'both/dense', 'both/dense_1']
    """
    found: dict[int, Part] = {}
    _visit(model, "", found)
    return list(found.values())


def _visit(owner: Any, path: str, found: dict[int, Part]) -> None:
    if id(owner) in found:
        return
    found[id(owner)] = Part(path, owner)
    if isinstance(owner, Layer) and not isinstance(owner, TorchModuleWrapper):
        for name, value in attributes_of(owner):
            _visit_value(value, f"{path}/{name}" if path else name, found, ())
    elif isinstance(owner, LossScaleOptimizer):
        _visit(owner.inner_optimizer, f"{path}/inner_optimizer", found)


def _visit_value(value: Any, path: str, found: dict[int, Part], outer: tuple) -> None:
    if _has_state(value):
        _visit(value, path, found)
    elif isinstance(value, (list, tuple, dict)) and not any(value is holder for holder in outer):
        counts: dict[str, int] = {}
        for member in value.values() if isinstance(value, dict) else value:
            if _has_state(member) or isinstance(member, (list, tuple, dict)):
                kind = to_snake_case(type(member).__name__) if _has_state(member) else "container"
                _visit_value(member, f"{path}/{_numbered_name(kind, counts)}", found, (*outer, value))


def _has_state(value: Any) -> bool:
    if isinstance(value, torch.nn.Module):
        return not getattr(value, "is_container", False)
    return isinstance(value, Optimizer)


def _numbered(variables: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    return {str(i): variable for i, variable in enumerate(variables)}


def _numbered_name(kind: str, counts: dict[str, int]) -> str:
    number = counts[kind] = counts.get(kind, -1) + 1
    return f"{kind}_{number}" if number else kind


def attributes_of(owner: Layer) -> Iterator[tuple[str, Any]]:
    """Yields the names and values of an owner's own attributes and properties, private ones last.

    Args:
        owner: a layer or model.
    """
    is_model = getattr(owner, "is_model", False)
    if is_model and (owner._graph is not None or hasattr(owner, "_row")):
        yield "layers", owner.layers
    skipped = _usual_attributes(is_model)
    for name in sorted(dir(owner), key=lambda n: f"~{n}" if n.startswith("_") else n):
        if name not in skipped and not name.startswith("__"):
            try:
                value = getattr(owner, name)
            except Exception:
                continue  # a property that has no value as things are
            yield name, value


@functools.cache
def _usual_attributes(is_model: bool) -> frozenset[str]:
    """The attributes that every layer or model has, which hold nothing of its own but `layers` and `optimizer`."""
    names = set(dir(Layer(name="layer")))
    if is_model:
        for model in ("Model", "Sequential"):
            names.update(dir(registry.find("keras.models", model)(name="model")))
        names -= {"layers", "optimizer"}
    return frozenset(names)
