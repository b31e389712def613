"""Metrics from names, configs, classes and functions, and back."""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.core.identifiers import deserialize_object, serialize_object
from kerastorch.core.serializable import resolve_identifier
from kerastorch.losses.crossentropy import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    sparse_categorical_crossentropy,
)
from kerastorch.losses.functional import (
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    squared_hinge,
)

_MODULE = "keras.metrics"

# Losses that Keras offers as functions of `keras.metrics` too; configs of metrics may name them.
LOSS_FUNCTIONS = (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
for _function in LOSS_FUNCTIONS:
    registry.builtin_function(_MODULE)(_function)
# There is no class of these; Keras 2 takes their names all the same.
for _function in (binary_focal_crossentropy, categorical_focal_crossentropy, huber):
    registry.builtin(_MODULE)(_function)


def get(identifier: Any) -> Any:
    """Returns the metric that an identifier stands for.

    Args:
        identifier: a name such as `"mae"` or `"MeanAbsoluteError"`, a config, a class, an instance, a function, or
            None. Names of classes give an instance.

    Raises:
        UnknownIdentifierError: when it stands for nothing; it suggests the nearest name.

    Example:
        >>> get("mse")
        <MeanSquaredError name=mean_squared_error>

    Source: `keras.metrics.get`.
    """
    return resolve_identifier(identifier, _MODULE, "metric")


def serialize(metric: Any, use_legacy_format: bool = False) -> Any:
    """Returns the config of a metric or a metric function.

    Args:
        metric: a `Metric` or a function.
        use_legacy_format: True writes Keras 2's short form, with only `class_name` and `config`.

    Raises:
        SerializationError: when it has no config.

    Example:
        >>> from kerastorch.metrics.reduction import Mean
        >>> serialize(Mean())["config"]
        {'name': 'mean', 'dtype': 'float32'}

    Source: `keras.metrics.serialize`.
    """
    return serialize_object(metric, use_legacy_format)


def deserialize(
    config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """Returns the metric that a config describes.

    Args:
        config: a config in the format of Keras 3 or 2, or a name.
        custom_objects: names and the user's classes and functions that they stand for.
        use_legacy_format: has no effect: both formats are recognised.

    Raises:
        UnknownIdentifierError: when a string names nothing.
        UnsafeModelError: when the config names nothing that is registered.

    Example:
        >>> deserialize({"class_name": "Mean", "config": {"name": "speed"}})
        <Mean name=speed>

    Source: `keras.metrics.deserialize`.
    """
    return deserialize_object(config, _MODULE, "metric", custom_objects)
