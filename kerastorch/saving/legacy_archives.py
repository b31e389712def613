"""Archives of tf_keras, which look like those of Keras 3 and name things as Keras 2 did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from kerastorch.saving.archive import CONFIG, METADATA, member_names, read_member
from kerastorch.saving.description import from_json, json_of
from kerastorch.saving.extras import below, prepare_optimizer
from kerastorch.saving.h5 import Saved
from kerastorch.saving.legacy_classes import is_old, modern
from kerastorch.saving.legacy_optimizers import values_of_keras_2
from kerastorch.saving.state import place_of
from kerastorch.saving.walk import parts_of

_OPTIMIZER = "optimizer/vars/"
_HIDDEN = re.compile(r"(?<=/)_(?=(query|key|value|output)_dense/)")
_NOT_GIVEN = ("jit_compile", "loss_weights", "run_eagerly", "steps_per_execution")


def read_config(file: Any, label: str) -> tuple[dict, bool]:
    """Returns the config of a saved model in the format of Keras 3, and whether tf_keras wrote it.

    Args:
        file: the path of an archive or a folder, or a binary file.
        label: what errors call the file.

    Raises:
        CorruptModelError: when it is damaged, or holds no model.
    """
    config = from_json(read_member(file, CONFIG, label), label)
    if METADATA not in member_names(file, label):
        return config, False
    metadata = json_of(read_member(file, METADATA, label), label)
    version = metadata.get("keras_version") if isinstance(metadata, Mapping) else None
    if not isinstance(version, str) or not is_old(version):
        return config, False
    compiled = config.get("compile_config") or {}
    given = {k: v for k, v in compiled.items() if k not in _NOT_GIVEN or v is not None}
    return modern({**config, "compile_config": given}, version), True


def with_names_of_today(model: Any, state: Mapping[str, Saved]) -> dict[str, Saved]:
    """Returns arrays under the paths of Keras 3, where layers inside attention have names without an underscore.

    Args:
        model: the model that they belong to; what it calls by such a name itself keeps it.
        state: the arrays by path.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> list(with_names_of_today(Dense(1), {"layers/attention/_key_dense/vars/0": 1, "_dense/vars/0": 2}))
        ['layers/attention/key_dense/vars/0', '_dense/vars/0']
    """
    known = {place_of(part) for part in parts_of(model)}
    return {
        name if name.rpartition("/")[0] in known else _HIDDEN.sub("", name): array
        for name, array in state.items()
    }


def state_of_keras_2(model: Any, state: Mapping[str, Saved]) -> dict[str, Saved]:
    """Returns the arrays of an archive of tf_keras under the names and in the order that those of Keras 3 have.

    Args:
        model: the model that they belong to; its optimizer gets its variables if it has none yet.
        state: the arrays by name.
    """
    state = with_names_of_today(model, state)
    own = below(state, _OPTIMIZER)
    optimizer: Any = getattr(model, "optimizer", None)
    if not own or not hasattr(optimizer, "variables"):
        return state
    prepare_optimizer(optimizer, model, -1, None)
    values = values_of_keras_2(optimizer, [np.asarray(own[key]) for key in sorted(own, key=int)])
    rest = {name: array for name, array in state.items() if not name.startswith(_OPTIMIZER)}
    return {**rest, **{f"{_OPTIMIZER}{i}": value for i, value in enumerate(values)}}
