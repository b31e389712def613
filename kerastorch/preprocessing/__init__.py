"""Names of Keras 2 for helpers of `kerastorch.utils`: `keras.preprocessing`."""

from kerastorch.preprocessing import image, sequence
from kerastorch.utils.image_dataset import image_dataset_from_directory
from kerastorch.utils.text_dataset import text_dataset_from_directory
from kerastorch.utils.timeseries_dataset import timeseries_dataset_from_array

__all__ = [
    "image",
    "image_dataset_from_directory",
    "sequence",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]
