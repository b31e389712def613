"""Helpers that scripts call: `kerastorch.utils`."""

from kerastorch.callbacks.bar import Progbar
from kerastorch.config import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from kerastorch.core.seeds import set_random_seed
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.data.enqueuers import GeneratorEnqueuer, OrderedEnqueuer, SequenceEnqueuer
from kerastorch.data.parts import unpack as unpack_x_y_sample_weight
from kerastorch.data.py_dataset import PyDataset
from kerastorch.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from kerastorch.utils.numerical import normalize, to_categorical
from kerastorch.utils.plotting import model_to_dot, plot_model
from kerastorch.utils.session import clear_session

Sequence = PyDataset

__all__ = [
    "CustomObjectScope",
    "GeneratorEnqueuer",
    "OrderedEnqueuer",
    "Progbar",
    "PyDataset",
    "Sequence",
    "SequenceEnqueuer",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "is_interactive_logging_enabled",
    "model_to_dot",
    "normalize",
    "plot_model",
    "register_keras_serializable",
    "serialize_keras_object",
    "set_random_seed",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
