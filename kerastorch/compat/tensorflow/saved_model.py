"""`tf.saved_model`: folders that hold a model of kerastorch."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.errors import ArgumentTypeError, MissingFileError
from kerastorch.models.model import Model
from kerastorch.saving.models import load_model, save_model


def save(obj: Any, export_dir: Any, signatures: Any = None, options: Any = None) -> None:
    """Writes a model as a folder, as `model.save(folder)` does.

    Args:
        obj: a model of `tf.keras`.
        export_dir: the folder.
        signatures: has no effect: `load` gives a model to call.
        options: has no effect.

    Raises:
        ArgumentTypeError: when `obj` is no model.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.models.sequential import Sequential
        >>> model = Sequential([Dense(1)])
        >>> model.build((None, 2))
        >>> save(model, "exported")
        >>> contains_saved_model("exported")
        True

    Source: `tf.saved_model.save`
    """
    if not isinstance(obj, Model):
        raise ArgumentTypeError(
            f"`tf.saved_model.save` writes models of `tf.keras`. Received: {type(obj).__name__}. Keep the variables "
            "of a `tf.Module` by `tf.train.Checkpoint`, or its `state_dict()` by `torch.save`."
        )
    save_model(obj, os.fspath(export_dir), zipped=False)


def load(export_dir: Any, tags: Any = None, options: Any = None) -> Any:
    """Returns the model of a folder.

    Args:
        export_dir: the folder that `save` wrote.
        tags: has no effect.
        options: has no effect.

    Returns:
        A model; it is called as it is, and trained further.

    Raises:
        MissingFileError: when there is no model, or TensorFlow has written it.

    Example:
        >>> load("nowhere")
        Traceback (most recent call last):
        kerastorch.errors.MissingFileError: ...

    Source: `tf.saved_model.load`
    """
    folder = os.fspath(export_dir)
    if os.path.exists(os.path.join(folder, "saved_model.pb")):
        raise MissingFileError(
            f"The folder {folder!r} holds a graph that TensorFlow has written, which is not read here. Save the model "
            "with `model.save('model.keras')` or `model.save_weights('model.weights.h5')` there."
        )
    return load_model(folder)


def contains_saved_model(export_dir: Any) -> bool:
    """Returns whether a folder holds a model that `load` reads.

    Args:
        export_dir: the folder.

    Example:
        >>> contains_saved_model("nowhere")
        False
    """
    return os.path.isfile(os.path.join(os.fspath(export_dir), "config.json"))


class SaveOptions(SimpleNamespace):
    """Options of `save`, none of which has an effect here.

    Args:
        **kwargs: any options.

    Example:
        >>> options = SaveOptions(experimental_io_device="/job:localhost")

    Source: `tf.saved_model.SaveOptions`
    """


class LoadOptions(SaveOptions):
    """Options of `load`, none of which has an effect here.

    Args:
        **kwargs: any options.

    Example:
        >>> options = LoadOptions(experimental_io_device="/job:localhost")

    Source: `tf.saved_model.LoadOptions`
    """


__all__ = ["LoadOptions", "SaveOptions", "contains_saved_model", "load", "save"]


def __getattr__(name: str) -> Any:
    raise missing("tf.saved_model", name)
