"""Files that layers keep beside their weights, such as vocabularies: `save_assets` and `load_assets` of a layer."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from kerastorch.errors import CorruptModelError, UnsafeArchiveError
from kerastorch.saving.archive import member_names, read_members
from kerastorch.saving.walk import parts_of

_FOLDER = "assets"


def assets_of(model: Any) -> dict[str, bytes]:
    """Returns the files of a model's layers, by the names that they have in a saved model.

    Args:
        model: the model; layers with a method `save_assets(dir_path)` write files into that folder.
    """
    found: dict[str, bytes] = {}
    for part in parts_of(model):
        if not hasattr(part.owner, "save_assets"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            part.owner.save_assets(folder)
            for file in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
                inside = file.relative_to(folder).as_posix()
                found[str(PurePosixPath(_FOLDER, part.path, inside))] = file.read_bytes()
    return found


def restore_assets(model: Any, file: str | os.PathLike[str] | BinaryIO, label: str) -> None:
    """Gives the layers of a model their files.

    Args:
        model: the model; a layer with a method `load_assets(dir_path)` reads files from that folder.
        file: the saved model: an archive, a folder or a binary file.
        label: what errors call it.

    Raises:
        UnsafeArchiveError: when a name leads out of the folder.
        CorruptModelError: when a layer cannot read its files.
    """
    names = [name for name in member_names(file, label) if name.startswith(f"{_FOLDER}/")]
    for name in names:
        if ".." in PurePosixPath(name).parts or "\\" in name:
            raise UnsafeArchiveError(f"{label}: the name of its member {name!r} leads out of the folder.")
    contents = read_members(file, [name for name in names if not name.endswith("/")], label)
    for part in parts_of(model) if contents else ():
        own = _below(contents, str(PurePosixPath(_FOLDER, part.path)) + "/")
        if own and hasattr(part.owner, "load_assets"):
            _load(part.owner, own, label)


def _load(layer: Any, contents: Mapping[str, bytes], label: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in contents.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        try:
            layer.load_assets(folder)
        except (ValueError, OSError) as error:
            raise CorruptModelError(
                f"{label}: layer {layer.name!r} cannot read its files {sorted(contents)}. The error was: {error}"
            ) from error


def _below(contents: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    return {name[len(folder) :]: content for name, content in contents.items() if name.startswith(folder)}
