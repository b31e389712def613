"""Learning-rate schedules from configs and back."""

from __future__ import annotations

from typing import Any

from kerastorch.core.identifiers import deserialize_object, serialize_object
from kerastorch.optimizers.schedules.schedule import LearningRateSchedule

_MODULE = "keras.optimizers.schedules"


def serialize(learning_rate_schedule: LearningRateSchedule, use_legacy_format: bool = False) -> dict:
    """Returns the config of a schedule.

    Args:
        learning_rate_schedule: a schedule with `get_config`.
        use_legacy_format: True writes Keras 2's short form, with only `class_name` and `config`.

    Returns:
        A dictionary that `json` can write and `deserialize` reads.

    Raises:
        InvalidArgumentError: when the schedule has no config.

    Example:
        >>> from kerastorch.optimizers.schedules import ExponentialDecay
        >>> serialize(ExponentialDecay(0.1, 10, 0.5))["class_name"]
        'ExponentialDecay'
    """
    return serialize_object(learning_rate_schedule, use_legacy_format)


def deserialize(
    config: dict | str, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> LearningRateSchedule:
    """Returns the schedule that a config describes.

    Args:
        config: what `serialize` returned, in the format of Keras 3 or 2.
        custom_objects: names and the user's classes that they stand for.
        use_legacy_format: has no effect, since both formats are read.

    Returns:
        A new schedule.

    Raises:
        UnsafeModelError: when the config names no registered class.

    Example:
        >>> config = {"class_name": "ExponentialDecay", "config": {
        ...     "initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}}
        >>> deserialize(config).decay_steps
        10
    """
    return deserialize_object(config, _MODULE, "learning rate schedule", custom_objects)
