"""Objects to configs and back: `kerastorch.saving`."""

from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from kerastorch.saving.file_editor import KerasFileEditor
from kerastorch.saving.models import load_model, save_model
from kerastorch.saving.weight_files import load_weights, save_weights

__all__ = [
    "CustomObjectScope",
    "KerasFileEditor",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]
