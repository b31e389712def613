"""Thousands of valid files of every format, each changed in a few places that its structure tells of (S22).

Three hundred of them are read by default, 20,000 in the sweep, and as many as one likes by
`MUTANTS=100000 pytest -m sweep tests/security -k fuzz`.
"""

from __future__ import annotations

import io
import os
import random
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import kerastorch
from kerastorch import layers
from kerastorch.compat.tensorflow import train
from kerastorch.errors import KerasTorchError
from tests.saving.tensorflow import corpus
from tests.security import bundles
from tests.security.guard import Case
from tests.security.model import harmless
from tests.security.mutants import CHANGES, change_bytes, change_checkpoint

FEW, MANY, TOGETHER = 300, int(os.environ.get("MUTANTS", "20000")), 100
_CORPUS = ("trained_adam", "nested", "words")


@dataclass(frozen=True)
class Original:
    """A valid file, or several that belong together.

    Args:
        kind: its format.
        name: what is read: a file, a folder, or what the names of files begin with.
        files: the contents by path.
        model: one that its weights fit.
    """

    kind: str
    name: str
    files: Mapping[str, bytes]
    model: Any


def _functional() -> Any:
    x = kerastorch.Input((4,))
    joined = layers.Concatenate()([layers.Dense(2)(x), layers.ReLU()(x)])
    model = kerastorch.Model(x, [layers.BatchNormalization()(joined), kerastorch.ops.sum(joined, axis=1)])
    model.compile("adam")
    return model


def _recurrent() -> Any:
    bidirectional = layers.Bidirectional(layers.LSTM(2))
    return kerastorch.Sequential(
        [kerastorch.Input((5,)), layers.Embedding(7, 3), bidirectional, layers.Dropout(0.1)]
    )


def _written(kind: str, model: Any, folder: Path) -> str:
    """Saves a model, and returns what is read."""
    name = "folder" if kind == "folder" else f"model{kind}"
    if kind == "folder":
        model.save(folder / name, zipped=False)
    elif kind in (".keras", ".h5"):
        model.save(folder / name)
    else:
        model.save_weights(folder / name, **({"max_shard_size": 3e-7} if kind == ".weights.json" else {}))
    return name


_OURS = (".keras", ".keras", ".h5", ".weights.h5", "folder", ".weights.json", ".npz", ".pt", ".safetensors")


@cache
def _originals() -> list[Original]:
    found = [_saved(kind, make()) for make in (harmless, _functional, _recurrent) for kind in _OURS]
    with tempfile.TemporaryDirectory() as base:
        for name in _CORPUS:
            folder = corpus.saved_model(name, Path(base, name))
            model = kerastorch.models.load_model(folder)
            found.append(Original("saved_model", ".", _files_of(folder), model))
            checkpoint = {f"ckpt/{k}": v for k, v in _files_of(folder / "variables").items()}
            found.append(Original("checkpoint", "ckpt/variables", checkpoint, model))
    return found


def _saved(kind: str, model: Any) -> Original:
    with tempfile.TemporaryDirectory() as folder:
        name = _written(kind, model, Path(folder))
        return Original(kind, name, _files_of(Path(folder)), model)


def _files_of(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# Ways to read them, which take a path and a model ---------------------------------------------------------------------


def _load(path: Path, model: Any) -> None:
    kerastorch.models.load_model(path)


def _load_stream(path: Path, model: Any) -> None:
    kerastorch.models.load_model(io.BytesIO(path.read_bytes()))


def _load_weights(path: Path, model: Any) -> None:
    model.load_weights(path)


def _load_by_name(path: Path, model: Any) -> None:
    model.load_weights(path, by_name=True, skip_mismatch=True)


def _edit(path: Path, model: Any) -> None:
    kerastorch.saving.KerasFileEditor(path)


def _values(path: Path, model: Any) -> None:
    train.load_checkpoint(path).get_variable_to_shape_map()


_READERS: dict[str, tuple[Callable[[Path, Any], None], ...]] = {
    ".keras": (_load, _load, _load_stream, _load_weights, _edit),
    ".h5": (_load, _load, _load_weights, _load_by_name),
    ".weights.h5": (_load_weights, _edit),
    "folder": (_load, _load_weights),
    "saved_model": (_load, _load, _load_weights),
    "checkpoint": (_load_weights, _load_weights, _values),
}


def _mutant(number: int, folder: Path) -> tuple[Original, Path]:
    """Writes a changed file into a folder."""
    chance = random.Random(number)
    original = chance.choice(_originals())
    files = dict(original.files)
    if original.kind == "checkpoint" and chance.random() < 0.5:
        made = bundles.checkpoint()
        change_checkpoint(made, chance)
        model = next(one.model for one in _originals() if one.kind == ".weights.h5")
        original = Original("checkpoint", "made", {f"made.{k}": v for k, v in made.files().items()}, model)
        files = dict(original.files)
    else:
        name = chance.choice(list(files))
        structured = next(
            (change for ending, change in CHANGES.items() if name.endswith(ending)), change_bytes
        )
        files[name] = (change_bytes if chance.random() < 0.25 else structured)(files[name], chance)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return original, folder / original.name


def _read_all(numbers: range) -> None:
    """Reads changed files; an error that is not documented is raised with the number of its file."""
    for number in numbers:
        original, path = _mutant(number, Path(str(number)))
        readers = _READERS.get(original.kind, (_load_weights,))
        try:
            readers[number % len(readers)](path, original.model)
        except KerasTorchError:
            pass
        except Exception as error:
            raise RuntimeError(f"file {number} ({original.kind})") from error


def _cases(start: int, count: int) -> list[Case]:
    return [
        Case(f"S22 from {first}", lambda folder, n=range(first, first + TOGETHER): n, _read_all, None)
        for first in range(start, start + count, TOGETHER)
    ]


def warm_up() -> None:
    """Reads every original once."""
    for original in _originals():
        for reader in _READERS.get(original.kind, (_load_weights,)):
            with tempfile.TemporaryDirectory() as folder:
                for name, content in original.files.items():
                    Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
                    Path(folder, name).write_bytes(content)
                reader(Path(folder, original.name), original.model)


CASES = _cases(0, FEW)
SWEEP = _cases(FEW, MANY - FEW)
