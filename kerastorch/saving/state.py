"""Everything that training changes in a model, as arrays by name, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from kerastorch.core.variable import host_array
from kerastorch.saving.buffers import Values
from kerastorch.saving.extras import OURS, below, live_extra_state, prepare_optimizer, restore_extra
from kerastorch.saving.fit import Fit
from kerastorch.saving.h5 import Saved, read_all
from kerastorch.saving.notices import warn_user
from kerastorch.saving.walk import Part, parts_of


def state_of(model: Any, include_optimizer: bool = True) -> dict[str, np.ndarray]:
    """Returns all state of a model as arrays on the host: weights, seeds, and what its optimizers remember.

    The names are the paths of Keras's `.weights.h5` files. What such files have no place for follows under
    `"kerastorch/"`: the states of seed generators, tensors that only torch knows, the exact learning rate, which
    weights the optimizer trains, the state of torch's optimizers, and the loss scale of mixed precision.

    Args:
        model: a model or layer.
        include_optimizer: whether what belongs to optimizers is part of it. Default: True.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> layer = Dense(2)
        >>> layer.build((None, 3))
        >>> [(name, array.shape) for name, array in state_of(layer).items()]
        [('vars/0', (3, 2)), ('vars/1', (2,))]
    """
    return {name: _array(value) for name, value in live_state_of(model, include_optimizer).items()}


def live_state_of(model: Any, include_optimizer: bool = True) -> dict[str, Values]:
    """Returns what `state_of` does, with the tensors of the model themselves, which further training changes.

    Args:
        model: a model or layer.
        include_optimizer: whether what belongs to optimizers is part of it. Default: True.
    """
    parts = [part for part in parts_of(model) if include_optimizer or not part.is_optimizer]
    own = {f"{place_of(part)}/{key}": value for part in parts for key, value in values_of(part).items()}
    all_values = {**own, **live_extra_state(model, include_optimizer)}
    return {n: v if isinstance(v, torch.Tensor) else np.asarray(v) for n, v in all_values.items()}


def restore(
    model: Any,
    state: Mapping[str, Saved],
    skip_mismatch: bool = False,
    build_optimizer: bool = True,
    skipped: Iterable[Any] = (),
) -> None:
    """Sets all state of a model, in place, to what `state_of` returned for a model like it.

    Args:
        model: a built model or layer.
        state: arrays by name. Names under `"kerastorch/"` may be missing, as in files of Keras.
        skip_mismatch: whether weights that do not fit are left as they are after a warning. Default: False.
        build_optimizer: whether an optimizer without variables gets them first; otherwise it stays as it is, after
            a warning, when the state has some for it. Default: True.
        skipped: layers and optimizers that stay as they are.

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
    left_alone = {id(owner) for owner in skipped}
    parts = [part for part in parts_of(model) if id(part.owner) not in left_alone]
    parts = [
        part for part in parts if not part.is_optimizer or _is_ready(part, model, state, build_optimizer)
    ]
    fit = Fit(model)
    fit.add(_rows([part for part in parts if not part.keeps_own_format], state))
    fit.finish(skip_mismatch)
    for part in parts:
        if part.keeps_own_format:
            part.owner.load_own_variables(read_all(below(state, f"{place_of(part)}/")))
    restore_extra(model, state, parts)


def place_of(part: Part) -> str:
    """Returns the group that holds a part's own variables."""
    return f"{part.path}/vars" if part.path else "vars"


def values_of(part: Part) -> Mapping[str, Any]:
    """Returns what a part saves of its own, by name."""
    if not part.keeps_own_format:
        return part.tensors()
    store: dict[str, Any] = {}
    part.owner.save_own_variables(store)
    return store


def _array(value: Values) -> np.ndarray:
    return host_array(value) if isinstance(value, torch.Tensor) else value


def _rows(parts: list[Part], state: Mapping[str, Saved]) -> Iterator[tuple]:
    for part in parts:
        place = place_of(part)
        tensors = part.tensors()
        saved = below(state, f"{place}/")
        for key in dict.fromkeys([*tensors, *saved]):
            yield f"{place}/{key}", tensors.get(key), saved.get(key)


def _is_ready(part: Part, model: Any, state: Mapping[str, Saved], build: bool) -> bool:
    """Whether an optimizer has saved state and takes it; it gets its variables first, if it may."""
    optimizer, count = part.owner, len(below(state, f"{place_of(part)}/"))
    if not count:
        return False
    if build:
        trained = read_all(below(state, f"{OURS}{part.path}/trains")).get("")
        prepare_optimizer(optimizer, model, count, trained)
    elif not optimizer.built:
        warn_user(
            f"The state of the optimizer {optimizer.name!r} is not loaded, because the optimizer has no variables "
            "yet. Call `optimizer.build(model.trainable_variables)` first to load it, or use `load_model`."
        )
        return False
    return True
