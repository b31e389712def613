"""Everything that training changes in a model, as arrays by name, and back."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from kerastorch.core.variable import host_array
from kerastorch.errors import ShapeError
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.saving.torch_optimizers import restore_torch_optimizer, torch_optimizer_state
from kerastorch.saving.walk import Part, parts_of

OURS = "kerastorch/"  # what Keras has no place for: its readers do not look here
_SEEDS, _TENSORS, _SCALER = f"{OURS}seeds/", f"{OURS}tensors/", f"{OURS}loss_scaler/"


def state_of(model: Any) -> dict[str, np.ndarray]:
    """Returns all state of a model as arrays on the host: weights, seeds, and what its optimizers remember.

    The names are the paths of Keras's `.weights.h5` files. What such files have no place for follows under
    `"kerastorch/"`: the states of seed generators, tensors that only torch knows, the exact learning rate, which
    weights the optimizer trains, the state of torch's optimizers, and the loss scale of mixed precision.

    Args:
        model: a model or layer.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> layer = Dense(2)
        >>> layer.build((None, 3))
        >>> [(name, array.shape) for name, array in state_of(layer).items()]
        [('vars/0', (3, 2)), ('vars/1', (2,))]
    """
    parts = parts_of(model)
    state = {f"{_in(part)}{key}": _array(value) for part in parts for key, value in _values(part).items()}
    state.update({name: host_array(tensor) for name, tensor in _more_tensors(model, parts).items()})
    for part in parts:
        if isinstance(part.owner, Optimizer):
            state.update(_optimizer_notes(part, model))
    state.update(torch_optimizer_state(model, f"{OURS}optimizer/"))
    scaler = getattr(model, "_scaler", None)
    if scaler is not None:
        state.update({f"{_SCALER}{key}": np.array(value) for key, value in scaler.state_dict().items()})
    return state


def restore(
    model: Any, state: Mapping[str, np.ndarray], skip_mismatch: bool = False, build_optimizer: bool = True
) -> None:
    """Sets all state of a model, in place, to what `state_of` returned for a model like it.

    Args:
        model: a built model or layer.
        state: arrays by name. Names under `"kerastorch/"` may be missing, as in files of Keras.
        skip_mismatch: whether weights that do not fit are left as they are after a warning. Default: False.
        build_optimizer: whether an optimizer without variables gets them first; otherwise it stays as it is, after
            a warning, when the state has some for it. Default: True.

    Raises:
        ShapeError: when weights are missing, unexpected or of another shape; it names each, and nothing is changed.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> first, second = Dense(2), Dense(2)
        >>> first.build((None, 3)), second.build((None, 3))
        (None, None)
        >>> restore(second, state_of(first))
        >>> bool((second.kernel == first.kernel).all())
        True
    """
    parts = [part for part in parts_of(model) if _is_ready(part, model, state, build_optimizer)]
    targets = {
        f"{_in(part)}{key}": v
        for part in parts
        if not part.keeps_own_format
        for key, v in part.tensors().items()
    }
    extra = _more_tensors(model, parts)
    left_out = _check(model, parts, targets, extra, state, skip_mismatch)
    with torch.no_grad():
        for name, tensor in {**targets, **extra}.items():
            if name in state and name not in left_out:
                _set(tensor, state[name])
    for part in parts:
        if part.keeps_own_format:
            part.owner.load_own_variables(_below(state, _in(part)))
        if isinstance(part.owner, Optimizer):
            _restore_rate(part, state)
    restore_torch_optimizer(model, _below(state, f"{OURS}optimizer/"))
    _restore_scaler(model, _below(state, _SCALER))


def _in(part: Part) -> str:
    return f"{part.path}/vars/" if part.path else "vars/"


def _below(state: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name[len(prefix) :]: array for name, array in state.items() if name.startswith(prefix)}


def _values(part: Part) -> Mapping[str, Any]:
    if not part.keeps_own_format:
        return part.tensors()
    store: dict[str, Any] = {}
    part.owner.save_own_variables(store)
    return store


def _array(value: Any) -> np.ndarray:
    return host_array(value) if isinstance(value, torch.Tensor) else np.asarray(value)


def _set(tensor: torch.Tensor, value: np.ndarray) -> None:
    assign = getattr(tensor, "assign", None)
    if assign is not None:
        assign(value)
    else:
        tensor.copy_(torch.as_tensor(np.asarray(value), dtype=tensor.dtype))


def _more_tensors(model: Any, parts: list[Part]) -> dict[str, torch.Tensor]:
    """The states of seeds, and the parameters and buffers that belong to no part's own variables."""
    known = {id(t) for part in parts if not part.is_optimizer for t in part.tensors().values()}
    in_torch = model.state_dict(keep_vars=True).items()
    more = {f"{_SEEDS}{i}": seed for i, seed in enumerate(model._seed_states())}
    more.update(
        {f"{_TENSORS}{k}": t for k, t in in_torch if isinstance(t, torch.Tensor) and id(t) not in known}
    )
    return more


# Checking ------------------------------------------------------------------------------------------------------------


def _check(
    model: Any, parts: list[Part], targets: dict, extra: dict, state: Mapping, skip_mismatch: bool
) -> set[str]:
    """The names to leave out, after a warning for each; without `skip_mismatch` they are an error."""
    faults = dict(_faults(parts, targets, extra, state))
    if faults and not skip_mismatch:
        lines = "\n".join(f"  {name}: {text}" for name, text in faults.items())
        raise ShapeError(
            f"The saved weights do not fit model {model.name!r}, and nothing was loaded. Weights that differ: "
            f"{len(faults)}.\n{lines}\nPass `skip_mismatch=True` to load only those that fit."
        )
    for name, text in faults.items():
        warnings.warn(f"Skipping the weight {name}: {text}.", stacklevel=4)
    return set(faults)


def _faults(parts: list[Part], targets: dict, extra: dict, state: Mapping) -> Iterator[tuple[str, str]]:
    for name, tensor in {**targets, **extra}.items():
        if name not in state:
            if name in targets:
                yield name, f"missing in the file; the model expects shape {tuple(tensor.shape)}"
        elif tuple(tensor.shape) != np.shape(state[name]):
            yield name, f"the model expects shape {tuple(tensor.shape)}, the file has {np.shape(state[name])}"
    plain = [_in(part) for part in parts if not part.keeps_own_format]
    for name in state:
        if name not in targets and any(
            name.startswith(prefix) and "/" not in name[len(prefix) :] for prefix in plain
        ):
            yield name, f"the file has it with shape {np.shape(state[name])}, the model does not"


# Optimizers ----------------------------------------------------------------------------------------------------------


def _optimizer_notes(part: Part, model: Any) -> dict[str, np.ndarray]:
    """What a file of Keras cannot tell of an optimizer: the rate in full precision, and which weights it trains."""
    optimizer, place = part.owner, f"{OURS}{part.path}/"
    notes = {}
    if optimizer._rate is None:
        notes[f"{place}learning_rate"] = np.array(float(optimizer.param_groups[0]["lr"]))
    places = {id(weight): i for i, weight in enumerate(model.weights)}
    if optimizer.built and all(id(p) in places for p in optimizer._params):
        notes[f"{place}trains"] = np.array([places[id(p)] for p in optimizer._params], "int64")
    return notes


def _is_ready(part: Part, model: Any, state: Mapping[str, np.ndarray], build: bool) -> bool:
    """Whether a part takes part in loading; an optimizer is built first if its saved state needs that."""
    optimizer = part.owner
    if not isinstance(optimizer, Optimizer):
        return True
    saved = _below(state, _in(part))
    if not saved:
        return False  # saved without it
    if not optimizer.built and len(saved) != len(optimizer.variables) and build:
        weights, trained = model.weights, state.get(f"{OURS}{part.path}/trains")
        known = trained is not None and all(0 <= i < len(weights) for i in trained)
        optimizer.build([weights[i] for i in trained] if known else model.trainable_weights)
    if not optimizer.built and not build:
        warnings.warn(
            f"The state of the optimizer {optimizer.name!r} is not loaded, because the optimizer has no variables "
            "yet. Call `optimizer.build(model.trainable_variables)` first to load it, or use `load_model`.",
            stacklevel=4,
        )
        return False
    return True


def _restore_rate(part: Part, state: Mapping[str, np.ndarray]) -> None:
    rate = state.get(f"{OURS}{part.path}/learning_rate")
    if rate is not None and part.owner._rate is None:
        part.owner.param_groups[0]["lr"] = float(rate)


def _restore_scaler(model: Any, saved: dict[str, np.ndarray]) -> None:
    if not saved or not getattr(model, "compiled", False):
        return
    if model._scaler is None:
        model._scaler = torch.amp.GradScaler(model._data_device().type)
    model._scaler.load_state_dict({key: value.item() for key, value in saved.items()})
