"""Global settings: the float type, the fuzz factor, the image data format, limits of runs, and where messages go."""

from __future__ import annotations

import os

from kerastorch.errors import InvalidArgumentError
from kerastorch.lazy import later

_FLOAT_TYPES = ("bfloat16", "float16", "float32", "float64")
_DATA_FORMATS = ("channels_last", "channels_first")
_DIALECTS = ("keras", "tf_keras")


def _limit_from(variable: str) -> int | None:
    """A limit from the environment; none where it is not set."""
    return int(os.environ.get(variable) or 0) or None


class _Settings:
    """The process-wide settings behind the functions of this module."""

    floatx = "float32"
    epsilon = 1e-7
    image_data_format = "channels_last"
    dialect = "keras"
    interactive_logging = True
    traceback_filtering = True
    max_epochs = _limit_from("KERAS_MAX_EPOCHS")
    max_steps_per_epoch = _limit_from("KERAS_MAX_STEPS_PER_EPOCH")
    flash_attention: bool | None = None


def floatx() -> str:
    """Returns the default float type of weights and data, `"float32"` at first.

    Example:
        >>> floatx()
        'float32'
    """
    return _Settings.floatx


def set_floatx(value: str) -> None:
    """Sets the default float type.

    Args:
        value: `"bfloat16"`, `"float16"`, `"float32"` or `"float64"`.

    Raises:
        InvalidArgumentError: for any other value.

    Example:
        >>> set_floatx("float32")
    """
    if value not in _FLOAT_TYPES:
        raise InvalidArgumentError(
            f"Unknown `floatx` value: {value!r}. Expected one of {list(_FLOAT_TYPES)}."
        )
    _Settings.floatx = value


def epsilon() -> float:
    """Returns the fuzz factor that keeps divisions and logarithms finite, `1e-7` at first.

    Example:
        >>> epsilon()
        1e-07
    """
    return _Settings.epsilon


def set_epsilon(value: float) -> None:
    """Sets the fuzz factor.

    Args:
        value: a small positive number.

    Example:
        >>> set_epsilon(1e-7)
    """
    _Settings.epsilon = float(value)


def image_data_format() -> str:
    """Returns the default order of the axes of images, `"channels_last"` at first.

    Example:
        >>> image_data_format()
        'channels_last'
    """
    return _Settings.image_data_format


def set_image_data_format(data_format: str) -> None:
    """Sets the default order of the axes of images.

    Args:
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgumentError: for any other value.

    Example:
        >>> set_image_data_format("channels_last")
    """
    _Settings.image_data_format = standardize_data_format(data_format)


def standardize_data_format(data_format: str | None) -> str:
    """Returns `data_format`, or the global default for None, after checking it.

    Args:
        data_format: `"channels_last"`, `"channels_first"` or None.

    Raises:
        InvalidArgumentError: for any other value.
    """
    if data_format is None:
        return _Settings.image_data_format
    value = str(data_format).lower()
    if value not in _DATA_FORMATS:
        raise InvalidArgumentError(
            f"The `data_format` argument must be one of {list(_DATA_FORMATS)}. Received: {data_format!r}."
        )
    return value


def dialect() -> str:
    """Returns whose meaning counts where Keras 2 and Keras 3 differ: `"keras"`, the default, or `"tf_keras"`.

    Example:
        >>> dialect()
        'keras'
    """
    return _Settings.dialect


def set_dialect(value: str) -> None:
    """Chooses whose meaning counts where Keras 2 and Keras 3 differ.

    With `"tf_keras"` a flat list of metrics applies to every output of a model; with `"keras"` its first entry applies
    to the first output, and so on.

    Args:
        value: `"keras"` or `"tf_keras"`.

    Raises:
        InvalidArgumentError: for any other value.

    Example:
        >>> set_dialect("keras")
    """
    if value not in _DIALECTS:
        raise InvalidArgumentError(f"Unknown dialect: {value!r}. Expected one of {list(_DIALECTS)}.")
    _Settings.dialect = value


def enable_interactive_logging() -> None:
    """Lets progress and messages go to `sys.stdout`, as they do at first.

    Example:
        >>> enable_interactive_logging()
    """
    _Settings.interactive_logging = True


def disable_interactive_logging() -> None:
    """Lets progress and messages go to the logger `kerastorch` of Python's `logging`, at the level INFO.

    This suits jobs that nobody watches: no line is drawn twice, and each has the time and form of the other logs.

    Example:
        >>> disable_interactive_logging()
        >>> is_interactive_logging_enabled()
        False
        >>> enable_interactive_logging()
    """
    _Settings.interactive_logging = False


def is_interactive_logging_enabled() -> bool:
    """Returns whether progress and messages go to `sys.stdout`.

    Example:
        >>> is_interactive_logging_enabled()
        True
    """
    return _Settings.interactive_logging


def enable_flash_attention() -> None:
    """Lets torch use its flash kernel for attention where that takes the inputs, as it does at first.

    Example:
        >>> enable_flash_attention()
    """
    _Settings.flash_attention = None


def disable_flash_attention() -> None:
    """Keeps attention layers that are made from now on from torch's flash kernel, unless they ask for it.

    Example:
        >>> disable_flash_attention()
        >>> is_flash_attention_enabled()
        False
        >>> enable_flash_attention()
    """
    _Settings.flash_attention = False


def is_flash_attention_enabled() -> bool | None:
    """Returns False where attention layers keep from torch's flash kernel, and None where torch chooses.

    Example:
        >>> is_flash_attention_enabled() is None
        True
    """
    return _Settings.flash_attention


def backend() -> str:
    """Returns the name of the library that computes, always `"torch"`.

    Example:
        >>> backend()
        'torch'

    Source: `keras.config.backend`.
    """
    return "torch"


def set_backend(backend: str) -> None:
    """Accepts the only library that computes.

    Args:
        backend: `"torch"`.

    Raises:
        InvalidArgumentError: for any other name.

    Example:
        >>> set_backend("torch")

    Source: `keras.config.set_backend`.
    """
    if backend != "torch":
        raise InvalidArgumentError(f"The only backend is 'torch'. Received: backend={backend!r}.")


def max_epochs() -> int | None:
    """Returns the largest number of epochs that `fit` runs, None for no limit.

    The environment variable `KERAS_MAX_EPOCHS` sets it as well, to try a script without a change to it.

    Example:
        >>> max_epochs() is None
        True

    Source: `keras.config.max_epochs`.
    """
    return _Settings.max_epochs


def set_max_epochs(max_epochs: int | None) -> None:
    """Limits how many epochs `fit` runs, whatever its argument says.

    Args:
        max_epochs: the number of epochs; None or 0 for no limit.

    Example:
        >>> set_max_epochs(None)

    Source: `keras.config.set_max_epochs`.
    """
    _Settings.max_epochs = max_epochs or None


def max_steps_per_epoch() -> int | None:
    """Returns the largest number of steps that `fit`, `evaluate` and `predict` take in an epoch, None for no limit.

    The environment variable `KERAS_MAX_STEPS_PER_EPOCH` sets it as well, to try a script without a change to it.

    Example:
        >>> max_steps_per_epoch() is None
        True

    Source: `keras.config.max_steps_per_epoch`.
    """
    return _Settings.max_steps_per_epoch


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Limits how many steps `fit`, `evaluate` and `predict` take in an epoch, whatever their arguments say.

    Args:
        max_steps_per_epoch: the number of steps; None or 0 for no limit.

    Example:
        >>> set_max_steps_per_epoch(None)

    Source: `keras.config.set_max_steps_per_epoch`.
    """
    _Settings.max_steps_per_epoch = max_steps_per_epoch or None


def enable_traceback_filtering() -> None:
    """Says that tracebacks may leave frames out, as `is_traceback_filtering_enabled` then reports.

    Tracebacks are complete either way: they name the layer and hold few frames that are not the user's.

    Example:
        >>> enable_traceback_filtering()

    Source: `keras.config.enable_traceback_filtering`.
    """
    _Settings.traceback_filtering = True


def disable_traceback_filtering() -> None:
    """Says that tracebacks should be complete, which they always are.

    Example:
        >>> disable_traceback_filtering()
        >>> enable_traceback_filtering()

    Source: `keras.config.disable_traceback_filtering`.
    """
    _Settings.traceback_filtering = False


def is_traceback_filtering_enabled() -> bool:
    """Returns whether tracebacks may leave frames out.

    Example:
        >>> is_traceback_filtering_enabled()
        True

    Source: `keras.config.is_traceback_filtering_enabled`.
    """
    return _Settings.traceback_filtering


def enable_unsafe_deserialization() -> None:
    """Changes nothing: there is no reader of code in files that it could allow.

    A model with `Lambda` layers of registered functions loads without it, and one with code in its file never does.

    Example:
        >>> enable_unsafe_deserialization()

    Source: `keras.config.enable_unsafe_deserialization`.
    """


# What needs torch, and policies, which are objects of a module above this one; Keras has their setting here too.
_LATER = {
    "dtype_policy": "kerastorch.precision",
    "enable_determinism": "kerastorch.core.determinism",
    "set_dtype_policy": "kerastorch.precision",
}
__getattr__, __dir__ = later(__name__, _LATER)
