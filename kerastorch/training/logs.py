"""Values of metrics, read from the device only when somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch


def to_float(value: Any) -> Any:
    """Returns a Python number for a scalar tensor or array, a NumPy array for anything larger."""
    if isinstance(value, torch.Tensor):
        value = value.detach()
        return value.item() if value.numel() == 1 else value.cpu().numpy()
    if hasattr(value, "item") and getattr(value, "size", 0) == 1:
        return value.item()
    return value


def to_floats(values: dict[str, Any]) -> dict[str, Any]:
    """Returns Python numbers for a dictionary of results; all scalars on one accelerator are read at once."""
    scalars = {
        k: v for k, v in values.items() if isinstance(v, torch.Tensor) and v.is_cuda and v.numel() == 1
    }
    if len(scalars) > 1:
        numbers = torch.stack([v.detach().reshape(()).to(torch.float64) for v in scalars.values()]).tolist()
        values = {**values, **dict(zip(scalars, numbers, strict=True))}
    return {key: to_float(value) for key, value in values.items()}


_UNREAD = {"": None}  # some C code, that of `json` for one, asks an empty dictionary nothing more


class LazyLogs(dict):
    """A dictionary that is filled at the first look at it.

    Args:
        read: returns the values, as tensors or numbers.
    """

    def __init__(self, read: Callable[[], dict[str, Any]]) -> None:
        super().__init__(_UNREAD)
        self._read: Callable[[], dict[str, Any]] | None = read

    @property
    def is_read(self) -> bool:
        """Whether somebody has looked, and may have changed something."""
        return self._read is None

    def fill(self) -> LazyLogs:
        """Reads the values now, unless that has happened, and returns itself."""
        if self._read is not None:
            read, self._read = self._read, None
            super().clear()
            super().update(to_floats(read()))
        return self

    def __getitem__(self, key: str) -> Any:
        return super(LazyLogs, self.fill()).__getitem__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        super(LazyLogs, self.fill()).__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        super(LazyLogs, self.fill()).__delitem__(key)

    def __contains__(self, key: object) -> bool:
        return super(LazyLogs, self.fill()).__contains__(key)

    def __iter__(self) -> Iterator[str]:
        return super(LazyLogs, self.fill()).__iter__()

    def __len__(self) -> int:
        return super(LazyLogs, self.fill()).__len__()

    def __bool__(self) -> bool:
        return len(self) > 0

    def __eq__(self, other: object) -> bool:
        return super(LazyLogs, self.fill()).__eq__(other)

    __hash__ = None

    def __repr__(self) -> str:
        return super(LazyLogs, self.fill()).__repr__()

    def __reversed__(self) -> Iterator[str]:
        return super(LazyLogs, self.fill()).__reversed__()

    def __or__(self, other: Any) -> dict:
        return {**self, **other}

    def __ror__(self, other: Any) -> dict:
        return {**other, **self}

    def __ior__(self, other: Any) -> LazyLogs:
        self.update(other)
        return self

    def __reduce__(self) -> Any:
        return dict, (dict(self.items()),)

    def get(self, key: str, default: Any = None) -> Any:
        return super(LazyLogs, self.fill()).get(key, default)

    def keys(self) -> Any:
        return super(LazyLogs, self.fill()).keys()

    def values(self) -> Any:
        return super(LazyLogs, self.fill()).values()

    def items(self) -> Any:
        return super(LazyLogs, self.fill()).items()

    def copy(self) -> dict:
        return dict(self.items())

    def update(self, *args: Any, **kwargs: Any) -> None:
        super(LazyLogs, self.fill()).update(*args, **kwargs)

    def pop(self, *args: Any) -> Any:
        return super(LazyLogs, self.fill()).pop(*args)

    def setdefault(self, key: str, default: Any = None) -> Any:
        return super(LazyLogs, self.fill()).setdefault(key, default)

    def popitem(self) -> tuple[str, Any]:
        return super(LazyLogs, self.fill()).popitem()

    def clear(self) -> None:
        super(LazyLogs, self.fill()).clear()
