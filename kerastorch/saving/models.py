"""`save_model` and `load_model`."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from kerastorch.errors import InvalidArgumentError, UnknownArgumentError
from kerastorch.initializers.postponed import postponed_draws
from kerastorch.saving import legacy
from kerastorch.saving.archive import (
    CONFIG,
    METADATA,
    WEIGHTS,
    Content,
    write_archive,
    write_folder,
)
from kerastorch.saving.assets import assets_of, restore_assets
from kerastorch.saving.description import describe, make_model, metadata
from kerastorch.saving.formats import as_target, format_of, is_stream, label_of, may_write, reading_file
from kerastorch.saving.legacy_archives import read_config, state_of_keras_2
from kerastorch.saving.notices import warn_user
from kerastorch.saving.remote import here_to_read, here_to_write
from kerastorch.saving.state import restore
from kerastorch.saving.tensorflow import models as saved_models
from kerastorch.saving.weights import saved_weights, write_weights

_FORMATS = {"keras": "zip", "h5": "h5", "hdf5": "h5", "tf": "folder"}


def save_model(
    model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any
) -> None:
    """Writes a model with its weights, its compile arguments and the state of its optimizer.

    `load_model` gives a model that goes on training as if nothing had been in between. The file is written whole or
    not at all: an older one stays until the new one is complete. The end of the path says what is written:

    - `.keras`: a zip archive, which Keras 3 opens too.
    - `.h5` or `.hdf5`: one HDF5 file, as Keras 2 wrote it.
    - anything else, or nothing: a folder that holds the members of the archive.

    Args:
        model: the model.
        filepath: a path, or a binary file, which gets a zip archive. Paths such as `s3://bucket/model.keras` are
            written through the package fsspec.
        overwrite: whether a file of that name is replaced; otherwise the terminal asks. Default: True.
        zipped: False writes a folder, True an archive; None goes by the path. Default: None.
        **kwargs: `include_optimizer` (False leaves out the compile arguments and the optimizer), and of Keras 2
            `save_format` (`"keras"`, `"h5"` or `"tf"`), `signatures`, `options` and `save_traces`, of which the last
            three have no meaning here.

    Raises:
        SerializationError: when a layer cannot be written to a config; nothing is written then.
        FileInTheWayError: when the file exists, `overwrite` is False, and there is no terminal to ask.
        InvalidArgumentError: when path, `zipped` and `save_format` do not fit together.
        UnknownArgumentError: for any other keyword.

    Example:
        >>> import tempfile
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.models.sequential import Sequential
        >>> model = Sequential([Dense(1)])
        >>> model.build((None, 2))
        >>> path = tempfile.mkdtemp() + "/model.keras"
        >>> save_model(model, path)
        >>> load_model(path).output_shape
        (None, 1)

    Source: `keras.saving.save_model`.
    """
    include_optimizer = kwargs.pop("include_optimizer", True)
    target: Any = as_target(filepath)
    kind = _kind_to_write(target, zipped, kwargs.pop("save_format", None))
    _warn_of_unused(kwargs)
    if not may_write(target, overwrite):
        return
    if not model.built:
        warn_user(
            f"Model {model.name!r} is saved before it is built: it has no weights yet. Call it on some data first."
        )
    with here_to_write(target) as place:
        _write(model, place, kind, include_optimizer)


def _write(model: Any, target: Any, kind: str, include_optimizer: bool) -> None:
    if kind == "h5":
        legacy.write_model(model, target, include_optimizer)
        return
    members: dict[str, Content] = {
        METADATA: metadata(),
        CONFIG: describe(model, include_optimizer),
        WEIGHTS: partial(write_weights, model, include_optimizer=include_optimizer),
        **assets_of(model),
    }
    if kind == "zip":
        write_archive(target, members)
    else:
        write_folder(target, members)


def _kind_to_write(target: Any, zipped: bool | None, save_format: str | None) -> str:
    if save_format and save_format not in _FORMATS:
        raise InvalidArgumentError(
            f"Argument `save_format` must be one of {list(_FORMATS)}. Received: {save_format!r}."
        )
    if is_stream(target):
        return "zip"
    ending = os.path.splitext(target)[1]
    by_path = {".keras": "zip", ".h5": "h5", ".hdf5": "h5"}.get(ending)
    if zipped is False:
        if by_path == "zip":
            raise InvalidArgumentError(
                f"With `zipped=False` the path must not end in `.keras`. Received: filepath={target}."
            )
        return "folder"
    if by_path is not None and not target.endswith("/"):
        return by_path
    if zipped:
        raise InvalidArgumentError(
            f"Invalid `filepath` argument: expected a `.keras` extension. Received: filepath={target}, zipped=True."
        )
    kind = _FORMATS[save_format] if save_format else "folder"
    what = {"zip": "a zip archive", "h5": "an HDF5 file", "folder": "a folder"}[kind]
    warn_user(
        f"The model is saved as {what}, since the path does not end in `.keras` or `.h5`. `load_model` reads it; "
        "Keras 3 would refuse such a path."
    )
    return kind


def _warn_of_unused(kwargs: dict) -> None:
    unknown = sorted(set(kwargs) - {"signatures", "options", "save_traces"})
    if unknown:
        raise UnknownArgumentError(f"The following arguments are not supported by `save`: {unknown}.")
    given = sorted(key for key, value in kwargs.items() if value is not None and value is not True)
    if given:
        warn_user(f"`save` ignores {given}: they only have a meaning for TensorFlow's files.")


def load_model(
    filepath: Any,
    custom_objects: dict[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Returns the model that a file holds, with its weights, compiled as it was, with the state of its optimizer.

    Nothing from a file is ever imported, unpickled or executed: a file can only name what the library knows, what is
    registered, and what `custom_objects` gives.

    Args:
        filepath: a path, also one that fsspec knows, or a binary file; an archive, a folder, which TensorFlow may
            have written, or an HDF5 file: its content tells.
        custom_objects: names and the user's classes and functions that they stand for. Default: None.
        compile: whether the model is compiled as it was. Default: True.
        safe_mode: True refuses Python code in the file. There is no reader of such code, so that False refuses it
            as well. Default: True.

    Returns:
        The model.

    Raises:
        MissingFileError: when there is no such file.
        CorruptModelError: when it is damaged, or holds no model.
        UnsafeModelError: when it names a class or function that is not registered, or holds code.
        ShapeError: when the weights do not fit the model; it names each.

    Example:
        >>> load_model("nowhere.keras")
        Traceback (most recent call last):
        kerastorch.errors.MissingFileError: File not found: filepath=nowhere.keras. There is no file or folder of ...

    Source: `keras.saving.load_model`.
    """
    target: Any = as_target(filepath)
    label = label_of(target)
    with here_to_read(target) as place:
        kind = format_of(place, label)
        with reading_file(place, label), postponed_draws():
            return _read(place, kind, label, custom_objects, compile, safe_mode)


def _read(
    target: Any, kind: str, label: str, custom_objects: dict[str, Any] | None, compile: bool, safe_mode: bool
) -> Any:
    if kind == "h5":
        return legacy.read_model(target, label, custom_objects, compile, safe_mode)
    if kind == "saved_model":
        return saved_models.read_model(target, label, custom_objects, compile, safe_mode)
    config, is_old = read_config(target, label)
    with saved_weights(target, label) as arrays:
        model = make_model(config, custom_objects, compile, safe_mode, label)
        restore(model, state_of_keras_2(model, arrays) if is_old else arrays)
    restore_assets(model, target, label)
    return model
