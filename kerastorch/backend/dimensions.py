"""`keras.backend`: the order of the axes of images under the names of Keras 1."""

from __future__ import annotations

from kerastorch.config import image_data_format, set_image_data_format
from kerastorch.errors import InvalidArgumentError

_FORMATS = {"tf": "channels_last", "th": "channels_first"}


def image_dim_ordering() -> str:
    """Returns the default order of the axes of images.

    Returns:
        `"tf"` for channels last, `"th"` for channels first.

    Example:
        >>> image_dim_ordering()
        'tf'

    Source: `keras.backend.image_dim_ordering` of Keras 1.
    """
    return next(name for name, data_format in _FORMATS.items() if data_format == image_data_format())


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Sets the default order of the axes of images.

    Args:
        dim_ordering: `"tf"` for channels last, `"th"` for channels first.

    Raises:
        InvalidArgumentError: for anything else.

    Example:
        >>> set_image_dim_ordering("tf")

    Source: `keras.backend.set_image_dim_ordering` of Keras 1.
    """
    if dim_ordering not in _FORMATS:
        raise InvalidArgumentError(f"Unknown dim_ordering: {dim_ordering!r}. Expected 'tf' or 'th'.")
    set_image_data_format(_FORMATS[dim_ordering])
