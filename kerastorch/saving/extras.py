"""State that Keras's layouts have no place for: seeds, tensors of torch, exact rates, the loss scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from kerastorch.core.variable import host_array
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.saving.buffers import Values
from kerastorch.saving.fit import set_value
from kerastorch.saving.h5 import Saved, read_all
from kerastorch.saving.torch_optimizers import restore_torch_optimizer, torch_optimizer_state
from kerastorch.saving.walk import Part, parts_of

OURS = "kerastorch/"  # Keras's readers do not look below this name
_SEEDS, _TENSORS, _SCALER = f"{OURS}seeds/", f"{OURS}tensors/", f"{OURS}loss_scaler/"


def extra_state(model: Any, include_optimizer: bool = True) -> dict[str, np.ndarray]:
    """Returns that state as arrays by name; all names begin with `"kerastorch/"`.

    Args:
        model: a model or layer.
        include_optimizer: whether what belongs to optimizers is part of it. Default: True.
    """
    state = live_extra_state(model, include_optimizer)
    return {
        name: host_array(value) if isinstance(value, torch.Tensor) else value for name, value in state.items()
    }


def live_extra_state(model: Any, include_optimizer: bool = True) -> dict[str, Values]:
    """Returns what `extra_state` does, with the tensors themselves, which further training changes.

    Args:
        model: a model or layer.
        include_optimizer: whether what belongs to optimizers is part of it. Default: True.
    """
    parts = parts_of(model)
    state: dict[str, Values] = dict(extra_tensors(model, parts))
    if not include_optimizer:
        return state
    for part in parts:
        if part.is_optimizer:
            state.update(_notes(part, model))
    state.update(torch_optimizer_state(model, f"{OURS}optimizer/"))
    scaler = getattr(model, "_scaler", None)
    if scaler is not None:
        state.update({f"{_SCALER}{key}": np.array(value) for key, value in scaler.state_dict().items()})
    return state


def restore_extra(model: Any, state: Mapping[str, Saved], parts: list[Part] | None = None) -> None:
    """Sets that state to what `extra_state` returned, where the model has a place for it.

    Args:
        model: a built model or layer.
        state: arrays by name; other names are left alone.
        parts: the parts of the model to look at; None takes all.
    """
    parts = parts_of(model) if parts is None else parts
    for name, tensor in extra_tensors(model, parts).items():
        if name in state and np.shape(state[name]) == tuple(tensor.shape):
            set_value(tensor, state[name])
    for part in parts:
        rate = state.get(f"{OURS}{part.path}/learning_rate")
        if part.is_optimizer and rate is not None and part.owner._rate is None:
            part.owner.param_groups[0]["lr"] = float(np.asarray(rate))
        if part.is_optimizer and part.owner.built:
            exact = below(state, f"{OURS}{part.path}/exact/")
            part.owner._set_exact_state({k: torch.from_numpy(np.array(v)) for k, v in exact.items()})
    restore_torch_optimizer(model, read_all(below(state, f"{OURS}optimizer/")))
    _restore_scaler(model, read_all(below(state, _SCALER)))


def below(state: Mapping[str, Saved], prefix: str) -> dict[str, Saved]:
    """Returns the arrays whose names begin with `prefix`, without it."""
    return {name[len(prefix) :]: array for name, array in state.items() if name.startswith(prefix)}


def independent_of_optimizers(state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the part of that state that no optimizer has a share in."""
    return {name: array for name, array in state.items() if name.startswith((_SEEDS, _TENSORS))}


def extra_tensors(model: Any, parts: list[Part]) -> dict[str, torch.Tensor]:
    """Returns the states of seeds, and the parameters and buffers that belong to no part's own variables."""
    known = {id(t) for part in parts if not part.is_optimizer for t in part.tensors().values()}
    in_torch = model.state_dict(keep_vars=True).items()
    more = {f"{_SEEDS}{i}": seed for i, seed in enumerate(model._seed_states())}
    more.update(
        {f"{_TENSORS}{k}": t for k, t in in_torch if isinstance(t, torch.Tensor) and id(t) not in known}
    )
    return more


def _notes(part: Part, model: Any) -> dict[str, Values]:
    """The learning rate in full precision, and which weights the optimizer trains."""
    optimizer, place = part.owner, f"{OURS}{part.path}/"
    notes: dict[str, Values] = {}
    if optimizer._rate is None:
        notes[f"{place}learning_rate"] = np.array(float(optimizer.param_groups[0]["lr"]))
    places = {id(weight): i for i, weight in enumerate(model.weights)}
    if optimizer.built and all(id(p) in places for p in optimizer._params):
        notes[f"{place}trains"] = np.array([places[id(p)] for p in optimizer._params], "int64")
    exact = optimizer._exact_state() if optimizer.built else {}
    notes.update({f"{place}exact/{name}": tensor for name, tensor in exact.items()})
    return notes


def prepare_optimizer(optimizer: Optimizer, model: Any, count: int, trained: np.ndarray | None) -> None:
    """Gives an optimizer the weights to train, if it had them when it was saved.

    Args:
        optimizer: the optimizer.
        model: the model that it trains.
        count: the number of its saved variables.
        trained: the places in `model.weights` of the weights that it trains; None takes the trainable ones.
    """
    if optimizer.built or (trained is None and count == len(optimizer.variables)):
        return
    weights = model.weights
    if trained is not None and all(0 <= place < len(weights) for place in trained):
        optimizer.build([weights[place] for place in trained])
    else:
        optimizer.build(_trained_in_keras(optimizer, model, count))


def _trained_in_keras(optimizer: Optimizer, model: Any, count: int) -> list[torch.Tensor]:
    """The weights for so many variables: to Keras those inside a layer that is made frozen are not frozen."""
    frozen_or_not: list[torch.Tensor] = [
        weight for weight in model.weights if isinstance(weight, torch.nn.Parameter)
    ]
    trainable = model.trainable_weights
    if count < 0 or len(frozen_or_not) == len(trainable):
        return trainable
    probe = type(optimizer).from_config(optimizer.get_config())
    common = len(probe.variables)
    probe.build(trainable[:1] or frozen_or_not[:1])
    of_each = len(probe.variables) - common
    return frozen_or_not if count == common + of_each * len(frozen_or_not) else trainable


def _restore_scaler(model: Any, saved: dict[str, np.ndarray]) -> None:
    if not saved or not getattr(model, "compiled", False):
        return
    if model._scaler is None:
        model._scaler = torch.amp.GradScaler(model._data_device().type)
    model._scaler.load_state_dict({key: value.item() for key, value in saved.items()})
