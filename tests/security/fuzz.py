"""Thousands of valid files, each changed in a few places that its structure tells of (S22).

The sweep reads 3,000 of them; `MUTANTS=20000 pytest -m sweep tests/security --timeout 2000` reads more.
"""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np

import kerastorch
from kerastorch import layers
from tests.security.guard import Case
from tests.security.model import META, harmless

FEW, MANY, TOGETHER = 300, int(os.environ.get("MUTANTS", "3000")), 100
_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        -1,
        0,
        1,
        2,
        10**12,
        -(2**70),
        0.5,
        float("nan"),
        float("inf"),
        "",
        "x",
        "relu",
        "../x",
        "a" * 5000,
    ),
    *([], {}, [[]], [None], [None, 4], {"class_name": "Dense"}, {"class_name": "Dense", "config": None}),
    *(
        {"class_name": "__tuple__", "config": {}},
        {"class_name": "__numpy__", "config": {"value": [], "dtype": "x"}},
    ),
    {"class_name": "function", "config": "relu", "module": "keras.activations"},
    {"class_name": "__slice__", "config": 3},
    {"class_name": ["x"], "config": {}},
)


def _functional() -> Any:
    x = kerastorch.Input((4,))
    joined = layers.Concatenate()([layers.Dense(2)(x), layers.ReLU()(x)])
    model = kerastorch.Model(x, [layers.BatchNormalization()(joined), kerastorch.ops.sum(joined, axis=1)])
    model.compile("adam")
    return model


def _recurrent() -> Any:
    row = [
        kerastorch.Input((5,)),
        layers.Embedding(7, 3),
        layers.Bidirectional(layers.LSTM(2)),
        layers.Dropout(0.1),
    ]
    return kerastorch.Sequential(row)


@cache
def _originals() -> list[tuple[str, bytes, Any]]:
    """Valid files: their kind, content and model."""
    import tempfile

    found = []
    with tempfile.TemporaryDirectory() as folder:
        for make in (harmless, _functional, _recurrent):
            model = make()
            for kind in (".keras", ".h5", ".weights.h5"):
                path = Path(folder, f"model{kind}")
                (model.save_weights if "weights" in kind else model.save)(path)
                found.append((kind, path.read_bytes(), model))
    return found


# Ways to change a file ------------------------------------------------------------------------------------------------


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every list and dictionary inside a config, with a key of it."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _change_config(text: str, chance: random.Random) -> str:
    config = json.loads(text)
    for _ in range(chance.choice((1, 1, 2, 5))):
        places = list(_places(config))
        if not places:
            break
        holder, key = chance.choice(places)
        action = chance.randrange(4)
        if action == 0:
            holder[key] = chance.choice(_VALUES)
        elif action == 1:
            del holder[key]
        elif action == 2:
            other, name = chance.choice(places)
            holder[key] = json.loads(json.dumps(other.get(name) if isinstance(other, dict) else other))
        elif isinstance(holder, dict):
            holder[chance.choice(("name", "units", "config", "layers", "dtype", "module", "x"))] = holder.pop(
                key
            )
    return json.dumps(config)


def _change_bytes(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 2, 8))):
        place = chance.randrange(len(changed))
        action = chance.randrange(4)
        if action == 0:
            changed[place] ^= 1 << chance.randrange(8)
        elif action == 1:
            changed[place : place + 4] = chance.choice(
                (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f")
            )
        elif action == 2 and len(changed) > 100:
            del changed[place : place + chance.randrange(1, 50)]
        else:
            changed[place:place] = changed[:20]
    return bytes(changed)


def _change_arrays(content: bytes, chance: random.Random) -> bytes:
    stream = io.BytesIO(content)
    with h5py.File(stream, "a") as root:
        paths: list[str] = []
        root.visit(paths.append)
        for path in chance.sample(paths, min(2, len(paths))):
            if path not in root:
                continue
            action = chance.randrange(4)
            if action == 0:
                del root[path]
            elif action == 1:
                del root[path]
                root[path] = chance.choice(
                    (np.zeros((2, 2)), np.int8(3), "text", h5py.SoftLink("/"), np.zeros(0))
                )
            elif action == 2:
                root[f"{path}_"] = root[path]
            else:
                name = chance.choice(("name", "weight_names", "layer_names", "dtype", "model_config"))
                root[path].attrs[name] = chance.choice((1, "x", b"\xff", [1.0, 2.0], np.bytes_(b"x"), "{}"))
        if "model_config" in root.attrs and chance.random() < 0.5:
            root.attrs["model_config"] = _change_config(root.attrs["model_config"], chance)
    return stream.getvalue()


def _change_archive(content: bytes, chance: random.Random) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", chance.choice((0, 8))) as new,
    ):
        members = {name: old.read(name) for name in old.namelist()}
        name = chance.choice(("config.json", "config.json", "model.weights.h5"))
        if name == "config.json":
            members[name] = _change_config(members[name].decode(), chance).encode()
        else:
            members[name] = chance.choice((_change_arrays, _change_bytes))(members[name], chance)
        for member, value in members.items():
            new.writestr(member, META if chance.random() < 0.02 else value)
    return stream.getvalue()


def _mutant(number: int) -> tuple[str, bytes, Any]:
    chance = random.Random(number)
    kind, content, model = chance.choice(_originals())
    structured: Callable[..., bytes] = _change_archive if kind == ".keras" else _change_arrays
    change = _change_bytes if chance.random() < 0.25 else structured
    return kind, change(content, chance), model


def _read_all(numbers: range) -> None:
    """Reads changed files; an error that is not documented is raised with the number of its file."""
    from kerastorch.errors import KerasTorchError

    for number in numbers:
        kind, content, model = _mutant(number)
        try:
            if "weights" in kind or number % 5 == 0:
                model.load_weights(io.BytesIO(content))
            else:
                kerastorch.models.load_model(io.BytesIO(content))
        except KerasTorchError:
            pass
        except Exception as error:
            raise RuntimeError(f"file {number} ({kind})") from error


def _cases(start: int, count: int) -> list[Case]:
    return [
        Case(f"S22 from {first}", lambda folder, n=range(first, first + TOGETHER): n, _read_all, None)
        for first in range(start, start + count, TOGETHER)
    ]


CASES = _cases(0, FEW)
SWEEP = _cases(FEW, MANY - FEW)
