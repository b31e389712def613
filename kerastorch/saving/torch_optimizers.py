"""The state of an optimizer of torch's as arrays by name, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from kerastorch.core.variable import host_array
from kerastorch.errors import InvalidArgumentError
from kerastorch.optimizers.optimizer import Optimizer


def torch_optimizer_state(model: Any, prefix: str) -> dict[str, np.ndarray]:
    """Returns the state of the model's optimizer when it is one of torch's, else nothing.

    Args:
        model: a model.
        prefix: what the names begin with; `state/<parameter>/<name>` and `groups/<group>/<name>` follow.
    """
    optimizer = getattr(model, "optimizer", None)
    if not isinstance(optimizer, torch.optim.Optimizer) or isinstance(optimizer, Optimizer):
        return {}
    saved = optimizer.state_dict()
    arrays = {
        f"{prefix}state/{number}/{name}": host_array(value)
        if isinstance(value, torch.Tensor)
        else np.array(value)
        for number, entry in saved["state"].items()
        for name, value in entry.items()
        if isinstance(value, (torch.Tensor, int, float))
    }
    for number, group in enumerate(saved["param_groups"]):
        for name, value in group.items():
            if isinstance(value, (int, float, torch.Tensor)):
                arrays[f"{prefix}groups/{number}/{name}"] = np.array(float(value) if name == "lr" else value)
    return arrays


def restore_torch_optimizer(model: Any, saved: Mapping[str, np.ndarray]) -> None:
    """Gives the model's optimizer, one of torch's, the state that `torch_optimizer_state` returned.

    Args:
        model: a compiled model; an optimizer given to `compile` as a class is made now.
        saved: arrays by name, without the prefix; nothing happens when there is no state of a torch optimizer.

    Raises:
        InvalidArgumentError: when the optimizer has other parameter groups.
    """
    if not any(name.startswith("groups/") for name in saved) or getattr(model, "optimizer", None) is None:
        return
    if not isinstance(model.optimizer, torch.optim.Optimizer):
        model._prepare_optimizer()
    optimizer = model.optimizer
    if isinstance(optimizer, Optimizer):
        return
    present = optimizer.state_dict()
    state: dict[int, dict[str, Any]] = {}
    for name, array in saved.items():
        kind, number, key = name.split("/", 2)
        if kind == "state":
            is_number = not np.shape(array) and key != "step"
            state.setdefault(int(number), {})[key] = array.item() if is_number else torch.as_tensor(array)
        elif kind == "groups":
            if int(number) >= len(present["param_groups"]):
                raise InvalidArgumentError(
                    f"The saved state has parameter group {number}, but the optimizer {type(optimizer).__name__} has "
                    f"{len(present['param_groups'])}."
                )
            present["param_groups"][int(number)][key] = array.item()
    optimizer.load_state_dict({"state": state, "param_groups": present["param_groups"]})
