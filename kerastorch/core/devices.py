"""Which device holds new weights and data: a CUDA device where there is one, unless the user says otherwise."""

from __future__ import annotations

import functools
from types import TracebackType

import torch

from kerastorch.errors import InvalidArgumentError


class _Current:
    """The device chosen by the user; None lets the hardware decide."""

    device: torch.device | None = None


@functools.cache
def _best_device() -> torch.device:
    return torch.device("cuda") if torch.cuda.is_available() else torch.device("cpu")


def current_device() -> torch.device:
    """Returns the device on which new weights are made and models train.

    Example:
        >>> current_device().type in ("cpu", "cuda")
        True
    """
    return _Current.device if _Current.device is not None else _best_device()


def standardize_device(name: str | torch.device) -> torch.device:
    """Returns the torch device for a name of Keras or torch.

    Args:
        name: `"cpu"`, `"gpu"`, `"gpu:0"`, `"cuda:1"`, `"/device:GPU:0"`, `"mps"`, or a `torch.device`.

    Raises:
        InvalidArgumentError: when it names no device.

    Example:
        >>> standardize_device("gpu:1"), standardize_device("CPU:0")
        (device(type='cuda', index=1), device(type='cpu'))
    """
    if isinstance(name, torch.device):
        return name
    if not isinstance(name, str):
        raise InvalidArgumentError(
            f"Invalid value for argument `device_name`. Expected a string. Received: {name!r}."
        )
    plain = name.lower().removeprefix("/").removeprefix("device:")
    if plain.split(":")[0] == "cpu":
        return torch.device("cpu")
    try:
        return torch.device(plain.replace("gpu", "cuda"))
    except RuntimeError as error:
        raise InvalidArgumentError(
            f"Unknown device: {name!r}. Expected for example 'cpu', 'gpu:0' or 'cuda:1'."
        ) from error


class device:
    """Chooses the device for new weights and training, from now on or for a `with` block.

    It works as `torch.set_grad_enabled` does: the call takes effect at once, and as a context manager it puts the
    former device back at the end.

    Args:
        device_name: `"cpu"`, `"gpu:0"`, `"cuda:1"` or a `torch.device`.

    Raises:
        InvalidArgumentError: when it names no device.

    Example:
        >>> with device("cpu"):
        ...     print(current_device())
        cpu
    """

    def __init__(self, device_name: str | torch.device) -> None:
        self.device = standardize_device(device_name)
        self._former = _Current.device
        _Current.device = self.device

    def __enter__(self) -> torch.device:
        _Current.device = self.device
        return self.device

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _Current.device = self._former

    def __repr__(self) -> str:
        return f"device({str(self.device)!r})"
