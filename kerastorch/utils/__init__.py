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
from kerastorch.data.parts import pack as pack_x_y_sample_weight
from kerastorch.data.parts import unpack as unpack_x_y_sample_weight
from kerastorch.data.py_dataset import PyDataset
from kerastorch.dtypes import standardize_dtype
from kerastorch.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from kerastorch.utils import bounding_boxes, legacy
from kerastorch.utils.audio_dataset import audio_dataset_from_directory
from kerastorch.utils.feature_space import FeatureSpace
from kerastorch.utils.file_utils import get_file
from kerastorch.utils.image_dataset import image_dataset_from_directory
from kerastorch.utils.image_utils import array_to_img, img_to_array, load_img, save_img
from kerastorch.utils.named_values import Config
from kerastorch.utils.numerical import normalize, to_categorical, to_ordinal
from kerastorch.utils.plotting import model_to_dot, plot_model
from kerastorch.utils.sequence_utils import pad_sequences
from kerastorch.utils.session import clear_session
from kerastorch.utils.split_dataset import split_dataset
from kerastorch.utils.symbols import get_source_inputs, is_keras_tensor
from kerastorch.utils.text_dataset import text_dataset_from_directory
from kerastorch.utils.timeseries_dataset import timeseries_dataset_from_array

Sequence = PyDataset

__all__ = [
    "Config",
    "CustomObjectScope",
    "FeatureSpace",
    "GeneratorEnqueuer",
    "OrderedEnqueuer",
    "Progbar",
    "PyDataset",
    "Sequence",
    "SequenceEnqueuer",
    "array_to_img",
    "audio_dataset_from_directory",
    "bounding_boxes",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "get_source_inputs",
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "legacy",
    "load_img",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "to_ordinal",
    "unpack_x_y_sample_weight",
]
