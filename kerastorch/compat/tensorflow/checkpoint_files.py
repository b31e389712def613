"""The files of checkpoints: arrays in HDF5, and a text file `checkpoint` that lists them, as TensorFlow's does."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerastorch.errors import InvalidArgumentError, MissingFileError
from kerastorch.saving.atomic import atomic_file
from kerastorch.saving.formats import reading_file
from kerastorch.saving.h5 import read_arrays
from kerastorch.saving.h5_writing import write_arrays
from kerastorch.saving.tensorflow.bundle import Bundle

ENDING = ".ckpt.h5"
_INDEX = "checkpoint"
_LINE = re.compile(r'^(\w+): "?(.*?)"?$', flags=re.MULTILINE)


class CheckpointState:
    """What the file `checkpoint` of a folder says.

    Args:
        model_checkpoint_path: the path of the last checkpoint, without its ending.
        all_model_checkpoint_paths: the paths of all that are kept, the oldest first.

    Example:
        >>> CheckpointState("logs/ckpt-2", ["logs/ckpt-1", "logs/ckpt-2"]).model_checkpoint_path
        'logs/ckpt-2'

    Source: `tf.train.get_checkpoint_state`
    """

    def __init__(self, model_checkpoint_path: str, all_model_checkpoint_paths: Sequence[str]) -> None:
        self.model_checkpoint_path = model_checkpoint_path
        self.all_model_checkpoint_paths = list(all_model_checkpoint_paths)


def write_checkpoint(path: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes arrays as one checkpoint, whole or not at all.

    Args:
        path: the path without its ending.
        arrays: the arrays by name.

    Example:
        >>> write_checkpoint("ckpt-1", {"step": np.array(3)})
        >>> read_checkpoint("ckpt-1")
        {'step': array(3)}
    """
    with atomic_file(f"{path}{ENDING}") as temporary:
        write_arrays(str(temporary), arrays, {})


def read_checkpoint(path: Any) -> dict[str, np.ndarray]:
    """Returns the arrays of a checkpoint by name.

    Args:
        path: the path without its ending; TensorFlow may have written the files.

    Raises:
        MissingFileError: when there is none.

    Example:
        >>> write_checkpoint("ckpt-1", {"step": np.array(3)})
        >>> list(read_checkpoint("ckpt-1"))
        ['step']
    """
    plain = os.fspath(path).removesuffix(ENDING)
    label = f"The checkpoint {plain!r}"
    with reading_file(plain, label):
        if is_of_tensorflow(plain):
            return dict(Bundle(plain))
        if not os.path.exists(f"{plain}{ENDING}"):
            raise MissingFileError(f"{label} cannot be read: There is no such file.")
        return read_arrays(f"{plain}{ENDING}", label)


def is_of_tensorflow(path: str) -> bool:
    """Returns whether TensorFlow has written a checkpoint.

    Args:
        path: the path without its ending.

    Example:
        >>> is_of_tensorflow("nowhere")
        False
    """
    return not os.path.exists(f"{path}{ENDING}") and os.path.isfile(f"{path}.index")


def write_index(folder: str, paths: Sequence[str]) -> None:
    """Writes the file `checkpoint` of a folder.

    Args:
        folder: the folder.
        paths: the checkpoints that are kept, the last one at the end; none for an empty list.

    Example:
        >>> write_index(".", ["./ckpt-1", "./ckpt-2"])
        >>> print(Path("checkpoint").read_text().splitlines()[0])
        model_checkpoint_path: "ckpt-2"
    """
    names = [os.path.relpath(path, folder or ".") for path in paths]
    lines = [f'model_checkpoint_path: "{names[-1] if names else ""}"']
    lines += [f'all_model_checkpoint_paths: "{name}"' for name in names]
    with atomic_file(os.path.join(folder, _INDEX)) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def get_checkpoint_state(checkpoint_dir: Any, latest_filename: str | None = None) -> CheckpointState | None:
    """Returns which checkpoints a folder lists, or None where it lists none.

    Args:
        checkpoint_dir: the folder.
        latest_filename: the name of the file. Default: `"checkpoint"`.

    Returns:
        An object with `model_checkpoint_path` and `all_model_checkpoint_paths`.

    Example:
        >>> get_checkpoint_state("nowhere") is None
        True

    Source: `tf.train.get_checkpoint_state`
    """
    folder = os.fspath(checkpoint_dir)
    file = Path(folder) / (latest_filename or _INDEX)
    if not file.is_file():
        return None
    entries = [
        (key, os.path.join(folder, name)) for key, name in _LINE.findall(file.read_text("utf-8")) if name
    ]
    last = [path for key, path in entries if key == "model_checkpoint_path"]
    kept = [path for key, path in entries if key == "all_model_checkpoint_paths"]
    return CheckpointState(last[-1], kept) if last else None


def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """Returns the path of the last checkpoint of a folder for `restore` or `load_weights`, or None.

    Args:
        checkpoint_dir: the folder.
        latest_filename: the name of the file that lists them. Default: `"checkpoint"`.

    Example:
        >>> latest_checkpoint("nowhere") is None
        True

    Source: `tf.train.latest_checkpoint`
    """
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    path = state.model_checkpoint_path
    endings = ("", ENDING, ".weights.h5", ".index")
    return path if any(os.path.exists(path + ending) for ending in endings) else None


def checkpoints_iterator(
    checkpoint_dir: Any,
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Any = None,
) -> Iterator[str]:
    """Yields new checkpoints of a folder as they appear.

    Args:
        checkpoint_dir: the folder.
        min_interval_secs: least seconds between two of them. Default: 0.
        timeout: seconds to wait for the next one; None waits for ever.
        timeout_fn: called at a time-out; True ends the iteration, else it goes on. Default: it ends.

    Returns:
        An iterator of paths.

    Example:
        >>> list(checkpoints_iterator("nowhere", timeout=0))
        []

    Source: `tf.train.checkpoints_iterator`
    """
    seen, since = None, time.monotonic()
    while True:
        path = latest_checkpoint(checkpoint_dir)
        if path is not None and path != seen:
            seen = path
            yield path
            time.sleep(min_interval_secs)
            since = time.monotonic()
        elif timeout is not None and time.monotonic() - since >= timeout:
            if timeout_fn is None or timeout_fn():
                return
            since = time.monotonic()
        else:
            time.sleep(min(1.0, timeout or 1.0))


def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """Returns the names and shapes of what a checkpoint holds.

    Args:
        ckpt_dir_or_file: a checkpoint, or a folder of them for the last one.

    Raises:
        MissingFileError: when there is none.

    Example:
        >>> write_checkpoint("ckpt-1", {"step": np.array(3)})
        >>> list_variables("ckpt-1")
        [('step', [])]

    Source: `tf.train.list_variables`
    """
    return [(name, list(array.shape)) for name, array in load_checkpoint(ckpt_dir_or_file).items()]


class CheckpointReader(dict[str, np.ndarray]):
    """The arrays of a checkpoint by name, with the methods of TensorFlow's reader.

    Example:
        >>> CheckpointReader({"step": np.array(3)}).get_variable_to_shape_map()
        {'step': []}

    Source: what `tf.train.load_checkpoint` returns
    """

    def get_tensor(self, tensor_str: str) -> np.ndarray:
        """Returns one array.

        Args:
            tensor_str: its name.

        Raises:
            InvalidArgumentError: when there is nothing of that name.
        """
        if tensor_str not in self:
            raise InvalidArgumentError(f"The checkpoint has no {tensor_str!r}. It has: {sorted(self)}.")
        return self[tensor_str]

    def has_tensor(self, tensor_str: str) -> bool:
        """Returns whether there is an array of that name.

        Args:
            tensor_str: the name.
        """
        return tensor_str in self

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """Returns the shapes by name."""
        return {name: list(array.shape) for name, array in self.items()}

    def get_variable_to_dtype_map(self) -> dict[str, np.dtype]:
        """Returns the types by name."""
        return {name: array.dtype for name, array in self.items()}


def load_checkpoint(ckpt_dir_or_file: Any) -> CheckpointReader:
    """Returns the arrays of a checkpoint by name; TensorFlow may have written it.

    Args:
        ckpt_dir_or_file: a checkpoint, or a folder of them for the last one.

    Raises:
        MissingFileError: when there is none.

    Example:
        >>> write_checkpoint("ckpt-1", {"step": np.array(3)})
        >>> load_checkpoint("ckpt-1")
        {'step': array(3)}

    Source: `tf.train.load_checkpoint`
    """
    path = os.fspath(ckpt_dir_or_file)
    if os.path.isdir(path):
        found = latest_checkpoint(path)
        if found is None:
            raise MissingFileError(f"The folder {path!r} has no checkpoint.")
        path = found
    return CheckpointReader(read_checkpoint(path))


def load_variable(ckpt_dir_or_file: Any, name: str) -> np.ndarray:
    """Returns one array of a checkpoint.

    Args:
        ckpt_dir_or_file: a checkpoint, or a folder of them for the last one.
        name: its name, as `list_variables` gives it.

    Raises:
        MissingFileError: when there is no checkpoint.
        InvalidArgumentError: when it has nothing of that name.

    Example:
        >>> write_checkpoint("ckpt-1", {"step": np.array(3)})
        >>> int(load_variable("ckpt-1", "step"))
        3

    Source: `tf.train.load_variable`
    """
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name)
