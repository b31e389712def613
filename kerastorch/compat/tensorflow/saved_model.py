"""`tf.saved_model`: folders that hold a model of kerastorch."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.errors import ArgumentTypeError
from kerastorch.models.model import Model
from kerastorch.saving.formats import SAVED_MODEL
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
        export_dir: the folder that `save` wrote, or `model.save` of tf.keras.
        tags: has no effect.
        options: has no effect.

    Returns:
        A model; it is called as it is, and trained further.

    Raises:
        MissingFileError: when there is no such folder.
        CorruptModelError: when it holds no model of Keras, such as a `tf.Module`.

    Example:
        >>> load("nowhere")
        Traceback (most recent call last):
        kerastorch.errors.MissingFileError: ...

    Source: `tf.saved_model.load`
    """
    return load_model(os.fspath(export_dir))


def contains_saved_model(export_dir: Any) -> bool:
    """Returns whether a folder holds a model that `load` reads.

    Args:
        export_dir: the folder.

    Example:
        >>> contains_saved_model("nowhere")
        False
    """
    folder = os.fspath(export_dir)
    return any(os.path.isfile(os.path.join(folder, name)) for name in ("config.json", *SAVED_MODEL))


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
