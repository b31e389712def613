"""The state of an optimizer in a graph of objects."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch.optimizers.loss_scale_optimizer import LossScaleOptimizer
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.saving.tensorflow.bundle import Bundle
from kerastorch.saving.tensorflow.graph import Node
from kerastorch.saving.tensorflow.matching import Matches

Row = tuple[str, "torch.Tensor | None", "np.ndarray | None"]
_COUNTERS = ("_iterations", "iter")
_ATTRIBUTES = {"momentum_cache": "_u_product"}
_OF_SCALE = {"current_loss_scale": "dynamic_scale", "good_steps": "step_counter"}
_RATES = ("_learning_rate", "learning_rate")
# The names of state in Keras up to 2.10, by those that the optimizers of today have.
_NAMES = {
    "m": ("momentum",), "v": ("velocity", "norm"), "vhat": ("velocity_hat",), "rms": ("rms", "velocity"),
    "mg": ("mg", "average_gradient"), "accum_grad": ("accumulated_grad",), "accum_var": ("accumulated_delta_var",),
}  # fmt: skip


def optimizer_rows(
    optimizer: Any, bundle: Bundle, nodes: list[Node], number: int, matches: Matches
) -> list[Row]:
    """Returns names, tensors and values of the state of an optimizer.

    State that this optimizer does not keep, such as momentum where there is none, is left out.

    Args:
        optimizer: an optimizer that knows what it trains.
        bundle: the checkpoint.
        nodes: its graph of objects.
        number: that of the optimizer.
        matches: the variables of the model.
    """
    node = nodes[number]
    tensors = _by_attribute(optimizer, nodes, number)
    tensors.update(_by_slot(optimizer, node, matches))
    own = {id(tensor) for _, _, tensor in optimizer._slots}
    found = {id(tensor) for tensor in tensors.values()}
    rows: list[Row] = [
        (f"optimizer/{name}", slot, None) for name, _, slot in optimizer._slots if id(slot) in own - found
    ]
    for child, tensor in tensors.items():
        key = nodes[child].key
        if key is not None:
            rows.append((f"optimizer/{nodes[child].name}", tensor, _fitting(bundle[key], tensor)))
    return rows


def scale_rows(optimizer: Any, bundle: Bundle, nodes: list[Node], number: int) -> list[Row]:
    """Returns names, tensors and values of the scale of the loss, for an optimizer around another one.

    Args:
        optimizer: an optimizer.
        bundle: the checkpoint.
        nodes: its graph of objects.
        number: that of the optimizer.
    """
    rows: list[Row] = []
    place = nodes[number].children.get("loss_scale")
    if place is not None and isinstance(optimizer, LossScaleOptimizer):
        for name, child in nodes[place].children.items():
            key, tensor = nodes[child].key, getattr(optimizer, _OF_SCALE.get(name, ""), None)
            if key is not None and tensor is not None:
                rows.append((f"optimizer/{name}", tensor, _fitting(bundle[key], tensor)))
    return rows


def _by_attribute(optimizer: Any, nodes: list[Node], number: int) -> dict[int, torch.Tensor]:
    """The tensors that an attribute of the optimizer holds under the same name, alone or in a list."""
    lists = {
        name: value for name, value in vars(optimizer).items() if isinstance(value, (list, torch.Tensor))
    }
    tensors: dict[int, torch.Tensor] = {}
    for name, child in nodes[number].children.items():
        if name in _COUNTERS:
            tensors[child] = optimizer._iterations
        elif name in _RATES:
            rate = _rate_variable(optimizer)
            tensors.update({} if rate is None else {child: rate})
        elif name != "_variables":
            found = lists.get(name, lists.get(_ATTRIBUTES.get(name, f"_{name}")))
            pairs = {child: found} if isinstance(found, torch.Tensor) else {}
            if isinstance(found, list):
                places = {str(i): value for i, value in enumerate(found)}
                pairs = {c: places[place] for place, c in nodes[child].children.items() if place in places}
            tensors.update({c: value for c, value in pairs.items() if isinstance(value, torch.Tensor)})
    return tensors


def _by_slot(optimizer: Any, node: Node, matches: Matches) -> dict[int, torch.Tensor]:
    """The state that optimizers of Keras up to 2.10 keep beside each variable."""
    labels = getattr(optimizer, "_slot_labels", {})
    own = {(labels.get(name, name), id(variable)): state for name, variable, state in optimizer._slots}
    tensors = {}
    for slot in node.slots:
        variable = matches.tensors.get(slot.variable)
        for name in (slot.name, *_NAMES.get(slot.name, ())):
            if (name, id(variable)) in own:
                tensors[slot.state] = own[name, id(variable)]
                break
    return tensors


def _rate_variable(optimizer: Any) -> Any:
    """The variable of the learning rate, if it follows no schedule."""
    rate = getattr(optimizer, "learning_rate", None)
    return rate if isinstance(rate, torch.Tensor) and optimizer._rate is None else None


def _fitting(value: np.ndarray, tensor: torch.Tensor) -> np.ndarray:
    """A value of one number in the shape of the tensor: some counters are scalars here and vectors there."""
    return value.reshape(tuple(tensor.shape)) if value.size == 1 == tensor.numel() else value


def optimizer_of(model: Any) -> Optimizer | None:
    """Returns the optimizer that a model is compiled with, if it is one of Keras's kind.

    Args:
        model: the model.
    """
    optimizer = getattr(model, "optimizer", None)
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    return optimizer if isinstance(optimizer, Optimizer) else None
