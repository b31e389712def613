"""Every number in the config of every layer, one after the other far too large (S15)."""

from __future__ import annotations

import contextlib
import copy
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kerastorch
from kerastorch.core.serializable import serialize_keras_object
from kerastorch.errors import KerasTorchError
from tests.catalog.layers import LAYERS
from tests.catalog.row import Row
from tests.conformance.pairs import built
from tests.security.guard import Case
from tests.security.model import config, zipped

_LARGE = (10**10, 300_000)
_FIRST = {row.name: row for row in reversed(LAYERS)}


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every list and dictionary inside a config, with each key of it at which there is a whole number."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        if type(value[key]) is int:
            yield value, key
        else:
            yield from _places(value[key])


def _texts(row: Row) -> list[str]:
    """The configs of models that hold the layer."""
    model = config()
    del model["compile_config"], model["build_config"]
    model["config"] = {
        "name": "model",
        "layers": [json.loads(json.dumps(serialize_keras_object(built(row))))],
    }
    texts = []
    for place in range(sum(1 for _ in _places(model))):
        for number in _LARGE:
            changed = copy.deepcopy(model)
            holder, key = list(_places(changed))[place]
            holder[key] = number
            texts.append(json.dumps(changed))
    return texts


def _archives(row: Row) -> Callable[[Path], list[bytes]]:
    def craft(folder: Path) -> list[bytes]:
        texts = _texts(row)
        return [zipped(folder / "model.keras", {"config.json": text}).read_bytes() for text in texts]

    return craft


def _load_all(archives: list[bytes]) -> None:
    for archive in archives:
        with contextlib.suppress(KerasTorchError):
            kerastorch.models.load_model(io.BytesIO(archive))


def _cases(rows: list[Row]) -> list[Case]:
    return [Case(f"S15 numbers of {row.name}", _archives(row), _load_all, None) for row in rows]


_ROWS = [_FIRST[name] for name in sorted(_FIRST)]
CASES = _cases(_ROWS[::12])
SWEEP = _cases([row for row in _ROWS if row not in _ROWS[::12]])
