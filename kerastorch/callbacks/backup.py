"""The file that a run of `fit` can go on from: the state of the model and the place in the run, whole or not at all."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from kerastorch.errors import CorruptModelError, ShapeError
from kerastorch.saving.atomic import atomic_file, clear_remains
from kerastorch.saving.h5 import read_arrays
from kerastorch.saving.h5_writing import write_arrays
from kerastorch.saving.remote import (
    delete,
    delete_if_empty,
    exists,
    here_to_read,
    here_to_write,
    is_remote,
    rename,
)
from kerastorch.saving.state import live_state_of, restore

_PLACE = "kerastorch/progress/"  # what begins like this is no part of the model; Keras does not look at it
_LATEST, _PREVIOUS = "latest.weights.h5", "latest.weights.h5.bkp"
State = dict[str, np.ndarray]


class Backup:
    """A folder with the backup of a run, on the disk or a system that fsspec knows.

    The file in it has the layout of `save_weights`, so that `load_weights` reads it as well.

    Args:
        folder: the folder, which is made with the first backup.
        keeps_previous: whether the backup before the last one is kept beside it.

    Example:
        >>> import tempfile
        >>> from kerastorch.layers.core.dense import Dense
        >>> layer = Dense(1)
        >>> layer.build((None, 2))
        >>> backup = Backup(tempfile.mkdtemp() + "/backup", keeps_previous=False)
        >>> backup.write(layer, {"place": np.array([3, 0])})
        >>> backup.read()["kerastorch/progress/place"]
        array([3, 0])
        >>> backup.delete()
        >>> backup.read() is None
        True
    """

    def __init__(self, folder: str | os.PathLike[str], keeps_previous: bool) -> None:
        self._folder = os.path.expanduser(os.fsdecode(os.fspath(folder)))
        self.path, self._previous = f"{self._folder}/{_LATEST}", f"{self._folder}/{_PREVIOUS}"
        self._keeps_previous = keeps_previous

    def write(self, model: Any, progress: State) -> None:
        """Replaces the backup.

        Args:
            model: the model, whose state becomes part of it.
            progress: where the run stands, as arrays by name.
        """
        arrays = {**live_state_of(model), **{_PLACE + name: array for name, array in progress.items()}}
        with here_to_write(self.path) as place, atomic_file(place) as temporary:
            write_arrays(str(temporary), arrays, {})
            if self._keeps_previous and exists(self.path):
                rename(self.path, _PREVIOUS)

    def read(self) -> State | None:
        """Returns the arrays of the backup, or of the one before if that is all that can be read; None without any.

        Raises:
            CorruptModelError: when none that is there can be read.
        """
        self._tidy()
        there = [path for path in (self.path, self._previous) if exists(path)]
        for path in there:
            try:
                return self._arrays(path)
            except CorruptModelError as error:
                if path is there[-1]:
                    raise
                warnings.warn(
                    f"The run goes on from the backup before the last one, which cannot be read. {error}",
                    stacklevel=2,
                )
        return None

    def _arrays(self, path: str) -> State:
        advice = f"Delete the folder {self._folder!r} to begin the run anew."
        try:
            with here_to_read(path) as place:
                arrays = read_arrays(place, f"The backup {path!r}")
        except CorruptModelError as error:
            raise CorruptModelError(f"{error} {advice}") from error
        if f"{_PLACE}place" not in arrays:
            raise CorruptModelError(
                f"The file {path!r} is no backup of a run: it does not say where the run stood, as one of Keras "
                f"does not either. {advice}"
            )
        return arrays

    def restore(self, model: Any, state: State) -> None:
        """Sets the state of a built model, and of its optimizer, to that of a backup.

        Args:
            model: the model.
            state: what `read` returned.

        Raises:
            ShapeError: when it is that of another model; nothing is changed then.
        """
        try:
            restore(model, state)
        except ShapeError as error:
            faults = str(error).partition("\n")[2].rpartition("\n")[0]
            raise ShapeError(
                f"The backup in {self._folder!r} is that of another model than {model.name!r}:\n{faults}\n"
                "Choose another `backup_dir`, or delete the folder to begin the run anew."
            ) from error

    def delete(self) -> None:
        """Deletes the backup, and the folder if nothing else is in it."""
        self._tidy()
        delete(self.path)
        delete(self._previous)
        delete_if_empty(self._folder)

    def _tidy(self) -> None:
        """Deletes what processes that were killed had half written."""
        if not is_remote(self._folder):
            clear_remains(Path(self._folder))


def progress_of(state: State) -> State:
    """Returns the part of a backup that says where the run stood.

    Args:
        state: what `Backup.read` returned.
    """
    return {name[len(_PLACE) :]: array for name, array in state.items() if name.startswith(_PLACE)}
