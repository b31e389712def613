"""`save_weights` and `load_weights`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kerastorch.errors import InvalidArgumentError, NotBuiltError, UnknownArgumentError
from kerastorch.saving import legacy
from kerastorch.saving.atomic import atomic_file
from kerastorch.saving.formats import (
    H5_ENDINGS,
    WEIGHTS_ENDING,
    as_target,
    format_of,
    is_stream,
    label_of,
    may_write,
    reading_file,
)
from kerastorch.saving.h5 import stored_arrays
from kerastorch.saving.legacy_archives import with_names_of_today
from kerastorch.saving.notices import warn_user
from kerastorch.saving.remote import here_to_read, here_to_write
from kerastorch.saving.shards import ENDING
from kerastorch.saving.state import restore
from kerastorch.saving.tensorflow.weights import checkpoint_at, read_checkpoint
from kerastorch.saving.weight_formats import is_by_ending, read_by_ending, write_by_ending
from kerastorch.saving.weights import saved_weights, write_weights

_INDEX = "checkpoint"  # the file by which `tf.train.latest_checkpoint` finds the last one


def save_weights(
    model: Any, filepath: Any, overwrite: bool = True, max_shard_size: float | None = None, **kwargs: Any
) -> None:
    """Writes the weights of a model, whole or not at all.

    A path that ends in `.weights.h5` gets the layout of Keras 3, with the state of the optimizer; another `.h5` or
    `.hdf5` that of Keras 2, without it. `.weights.json` makes several files, `.npz` one with the same arrays, and
    `.safetensors` and `.pt` hold the `state_dict`, as PyTorch names things. To any other path `.weights.h5` is added,
    and a file `checkpoint` beside it names the last one written, as Keras 2 did.

    Args:
        model: the model.
        filepath: a path.
        overwrite: whether a file of that name is replaced; otherwise the terminal asks. Default: True.
        max_shard_size: the largest size of a file in gigabytes; the path must end in `.weights.json` then. Default:
            None, for one file.
        **kwargs: `save_format` (`"h5"`, `"keras"` or `"tf"`) and `options` of Keras 2.

    Raises:
        NotBuiltError: when there are no weights yet.
        FileInTheWayError: when the file exists, `overwrite` is False, and there is no terminal to ask.
        InvalidArgumentError: when `max_shard_size` does not go with the path, or this ends in `.keras`.
        UnknownArgumentError: for any other keyword.

    Example:
        >>> import tempfile
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.models.sequential import Sequential
        >>> model = Sequential([Dense(1)])
        >>> model.build((None, 2))
        >>> path = tempfile.mkdtemp() + "/model.weights.h5"
        >>> save_weights(model, path)
        >>> load_weights(model, path)

    Source: `keras.saving.save_weights`.
    """
    save_format = kwargs.pop("save_format", None)
    _take_options("save_weights", kwargs)
    target: Any = as_target(filepath)
    if max_shard_size is not None:
        target = _path_of_shards(target)
    if not is_stream(target) and target.endswith(".keras"):
        raise InvalidArgumentError(
            f"The path of a weights file must not end in `.keras`. Received: filepath={target}. Use `model.save`."
        )
    _check_built(model, "saving")
    if is_stream(target):
        write_weights(model, target)
        return
    if is_by_ending(target):
        if may_write(target, overwrite):
            with here_to_write(target) as place:
                write_by_ending(model, place, max_shard_size)
        return
    path, is_keras2 = _path_to_write(target, save_format)
    if not may_write(path, overwrite):
        return
    with here_to_write(path) as place:
        with atomic_file(place) as temporary:
            (legacy.write_weights if is_keras2 else write_weights)(model, str(temporary))
        if path != target:
            _write_index(Path(place.removesuffix(WEIGHTS_ENDING)))


def _path_of_shards(target: Any) -> str:
    if is_stream(target) or not target.endswith((WEIGHTS_ENDING, ENDING)):
        raise InvalidArgumentError(
            "The filename must end in `.weights.json` when `max_shard_size` is specified. Received: "
            f"filepath={target}"
        )
    return target.removesuffix(WEIGHTS_ENDING).removesuffix(ENDING) + ENDING


def _path_to_write(path: str, save_format: str | None) -> tuple[str, bool]:
    """The path of the file, and whether its layout is that of Keras 2."""
    if save_format not in (None, "h5", "hdf5", "keras", "tf"):
        raise InvalidArgumentError(
            f"Argument `save_format` must be 'h5', 'keras' or 'tf'. Received: {save_format!r}."
        )
    if path.endswith(WEIGHTS_ENDING):
        return path, False
    keras2 = save_format in ("h5", "hdf5") or (path.endswith(H5_ENDINGS) and save_format is None)
    written = path if keras2 else f"{path}{WEIGHTS_ENDING}"
    what = (
        "in the layout of Keras 2, without the optimizer"
        if keras2
        else f"as a file that ends in {WEIGHTS_ENDING}"
    )
    warn_user(
        f"The weights are saved {what}, since the path does not end in `{WEIGHTS_ENDING}`. `load_weights` finds them "
        "by the same path; Keras 3 would refuse it."
    )
    return written, keras2


def _write_index(path: Path) -> None:
    with atomic_file(path.with_name(_INDEX)) as temporary:
        temporary.write_text(
            f'model_checkpoint_path: "{path.name}"\nall_model_checkpoint_paths: "{path.name}"\n',
            encoding="utf-8",
        )


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> LoadStatus | None:
    """Sets the weights of a model from a file; when one does not fit, an error names each, and nothing is changed.

    The state of the optimizer is set too, if the file has it and the optimizer has its variables already.

    Args:
        model: a built model.
        filepath: what `save_weights` or `save_model` was given, also that of tf.keras, which writes checkpoints of
            TensorFlow; or a binary file.
        skip_mismatch: whether weights that do not fit are left as they are after a warning. Default: False.
        **kwargs: `by_name` (layers are found by their names; for files in the layout of Keras 2), `objects_to_skip`
            (layers and optimizers to leave alone), and `options` of Keras 2, which has no meaning here.

    Returns:
        For paths without an extension an object with `expect_partial()` and `assert_consumed()`, else None.

    Raises:
        MissingFileError: when there is no such file.
        CorruptModelError: when it is damaged, or holds no weights.
        ShapeError: when weights are missing, unexpected or of another shape.
        NotBuiltError: when the model has no weights yet.
        InvalidArgumentError: when `by_name` or `objects_to_skip` does not go with the layout of the file.
        UnknownArgumentError: for any other keyword.

    Example:
        >>> import tempfile
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.models.sequential import Sequential
        >>> first, second = Sequential([Dense(1)]), Sequential([Dense(1)])
        >>> first.build((None, 2)), second.build((None, 2))
        (None, None)
        >>> path = tempfile.mkdtemp() + "/model.weights.h5"
        >>> save_weights(first, path)
        >>> load_weights(second, path)
        >>> bool((first.layers[0].kernel == second.layers[0].kernel).all())
        True

    Source: `keras.saving.load_weights`.
    """
    by_name, skipped = bool(kwargs.pop("by_name", False)), kwargs.pop("objects_to_skip", None)
    _take_options("load_weights", kwargs)
    _check_built(model, "loading")
    target: Any = as_target(filepath)
    with here_to_read(target) as place:
        path = place if is_stream(place) else _path_to_read(place)
        label = label_of(path if place is target else target)
        return _load(model, place, path, label, skip_mismatch, by_name, skipped)


def _load(
    model: Any, target: Any, path: Any, label: str, skip_mismatch: bool, by_name: bool, skipped: Any
) -> LoadStatus | None:
    checkpoint = checkpoint_at(path)
    with reading_file(path, label):
        if checkpoint is not None:
            _refuse("checkpoints of TensorFlow", label, by_name=by_name, objects_to_skip=skipped)
            read_checkpoint(model, checkpoint, skip_mismatch)
        elif is_by_ending(path):
            _refuse("such files", label, by_name=by_name)
            read_by_ending(model, path, label, skip_mismatch, skipped or ())
        else:
            _read(model, path, label, skip_mismatch, by_name, skipped)
    return LoadStatus() if checkpoint is not None or path != target else None


def _read(model: Any, path: Any, label: str, skip_mismatch: bool, by_name: bool, skipped: Any) -> None:
    """Reads an HDF5 file, or the one in an archive or a folder."""
    kind = format_of(path, label)
    if kind == "h5" and legacy.is_legacy(path, label):
        _refuse("files of Keras 2", label, objects_to_skip=skipped)
        legacy.read_weights(model, path, label, by_name, skip_mismatch)
        return
    if by_name:
        raise InvalidArgumentError(
            f"`by_name` only goes with `.h5` files in the layout of Keras 2. Received: {label}."
        )
    with (stored_arrays if kind == "h5" else saved_weights)(path, label) as arrays:
        restore(
            model,
            with_names_of_today(model, arrays),
            skip_mismatch,
            build_optimizer=False,
            skipped=skipped or (),
        )


def _path_to_read(path: str) -> str:
    """The path itself, or the file that `save_weights` made of it."""
    if os.path.exists(path) or not os.path.exists(f"{path}{WEIGHTS_ENDING}"):
        return path
    return f"{path}{WEIGHTS_ENDING}"


def _refuse(what: str, label: str, **arguments: Any) -> None:
    for name, value in arguments.items():
        if value:
            raise InvalidArgumentError(f"`{name}` does not go with {what}. Received: {label}.")


def _check_built(model: Any, what: str) -> None:
    if not model.built:
        raise NotBuiltError(
            f"You are {what} weights of model {model.name!r}, which has not yet been built. Call it on some data, or "
            "`build(input_shape)`, first."
        )


def _take_options(method: str, kwargs: dict) -> None:
    options = kwargs.pop("options", None)
    if kwargs:
        raise UnknownArgumentError(f"`{method}` received unexpected keyword arguments: {sorted(kwargs)}.")
    if options is not None:
        warn_user(f"`{method}` ignores `options`: they only have a meaning for TensorFlow's files.")


class LoadStatus:
    """What `load_weights` returns for a checkpoint of TensorFlow's kind; everything has been loaded by then.

    Example:
        >>> LoadStatus().expect_partial().assert_consumed() is not None
        True

    Source: `tf.train.Checkpoint.restore`.
    """

    def expect_partial(self) -> LoadStatus:
        """Returns the object; nothing warns of unused values here."""
        return self

    def assert_consumed(self) -> LoadStatus:
        """Returns the object; values without a place are an error of `load_weights` already."""
        return self

    assert_existing_objects_matched = assert_nontrivial_match = assert_consumed

    def initialize_or_restore(self, session: Any = None) -> None:
        """Does nothing: the values are there.

        Args:
            session: has no meaning here.
        """

    run_restore_ops = initialize_or_restore
