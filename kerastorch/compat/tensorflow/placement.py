"""`tf.device`: on which device a block makes its tensors."""

from __future__ import annotations

import re
from typing import Any

import torch

from kerastorch.core.devices import device as keras_device
from kerastorch.errors import InvalidArgumentError

_NAME = re.compile(
    r"^(/job:\w+)?(/replica:\d+)?(/task:\d+)?/?(device:)?(?P<kind>[A-Za-z]+)(:(?P<index>\d+|\*))?$"
)


class device:
    """Makes the tensors of a `with` block on a device; a GPU that is absent is an error.

    Args:
        device_name: such as `"/GPU:0"`, `"cpu"`, `"/job:localhost/replica:0/task:0/device:GPU:1"`, a device of
            `tf.config.list_logical_devices`, a `torch.device`, or None for no change.

    Raises:
        InvalidArgumentError: when it names no device of this machine.

    Example:
        >>> from kerastorch.core.devices import current_device
        >>> with device("/CPU:0"):
        ...     print(current_device())
        cpu

    Source: `tf.device`, `torch.device`
    """

    def __init__(self, device_name: Any) -> None:
        self._name = device_name
        self._blocks: list[keras_device] = []
        self._device = (
            None if device_name is None else _torch_device(getattr(device_name, "name", device_name))
        )

    def __enter__(self) -> Any:
        if self._device is None:
            return None
        self._blocks.append(keras_device(self._device))
        return self._device

    def __exit__(self, *error: Any) -> None:
        if self._blocks:
            self._blocks.pop().__exit__(*error)


def _torch_device(name: Any) -> torch.device:
    if isinstance(name, torch.device):
        return name
    match = _NAME.match(str(name))
    kind = match["kind"].lower() if match else ""
    if not match or kind not in ("cpu", "gpu", "cuda", "mps"):
        raise InvalidArgumentError(
            f"{name!r} names no device that can be used here. Expected for example '/CPU:0' or '/GPU:0'."
        )
    if kind == "cpu":
        return torch.device("cpu")
    if kind == "mps":
        return torch.device("mps")
    index = int(match["index"]) if match["index"] not in (None, "*") else 0
    if index >= torch.cuda.device_count():
        raise InvalidArgumentError(
            f"The device {name!r} is absent: this machine has {torch.cuda.device_count()} GPUs. "
            "`tf.config.list_physical_devices('GPU')` lists them."
        )
    return torch.device("cuda", index)
