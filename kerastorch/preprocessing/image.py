"""Pictures: `keras.preprocessing.image`."""

from __future__ import annotations

from kerastorch.preprocessing.picture_batches import Iterator, NumpyArrayIterator
from kerastorch.preprocessing.picture_changes import (
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
    random_brightness,
    random_channel_shift,
    random_rotation,
    random_shear,
    random_shift,
    random_zoom,
)
from kerastorch.preprocessing.picture_files import DirectoryIterator
from kerastorch.preprocessing.picture_frames import DataFrameIterator
from kerastorch.preprocessing.picture_generator import ImageDataGenerator
from kerastorch.utils.image_utils import array_to_img, img_to_array, load_img, save_img, smart_resize

__all__ = [
    "DataFrameIterator",
    "DirectoryIterator",
    "ImageDataGenerator",
    "Iterator",
    "NumpyArrayIterator",
    "apply_affine_transform",
    "apply_brightness_shift",
    "apply_channel_shift",
    "array_to_img",
    "img_to_array",
    "load_img",
    "random_brightness",
    "random_channel_shift",
    "random_rotation",
    "random_shear",
    "random_shift",
    "random_zoom",
    "save_img",
    "smart_resize",
]
