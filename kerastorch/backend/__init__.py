"""The functions of `keras.backend`, which scripts of Keras 1 and 2 import as `K`."""

from kerastorch.config import epsilon, floatx, image_data_format, set_epsilon, set_floatx, set_image_data_format

__all__ = ["epsilon", "floatx", "image_data_format", "set_epsilon", "set_floatx", "set_image_data_format"]
