"""What Keras 2 had for preparing texts, sequences and pictures: `keras.preprocessing`."""

from kerastorch.preprocessing import image, sequence, text
from kerastorch.utils.image_dataset import image_dataset_from_directory
from kerastorch.utils.text_dataset import text_dataset_from_directory
from kerastorch.utils.timeseries_dataset import timeseries_dataset_from_array

__all__ = [
    "image",
    "image_dataset_from_directory",
    "sequence",
    "text",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]
