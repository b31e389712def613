"""The callback that `fit` returns: loss and metrics of each epoch."""

from __future__ import annotations

from typing import Any

from kerastorch.callbacks.callback import Callback

_TWINS = {"acc": "accuracy", "accuracy": "acc", "val_acc": "val_accuracy", "val_accuracy": "val_acc"}


def stored_name(name: Any, logs: Any) -> Any:
    """Returns the key of `logs` that `name` means: itself, or its twin where only that one is there.

    `acc` and `accuracy` are twins, because the versions of Keras name one metric in both ways.

    Example:
        >>> stored_name("val_acc", {"val_accuracy": 0.9})
        'val_accuracy'
    """
    twin = _TWINS.get(name)
    return twin if twin is not None and name not in logs and twin in logs else name


class HistoryDict(dict):
    """A dictionary in which `acc` finds `accuracy` and the other way round. Iterating shows the real keys only.

    Example:
        >>> values = HistoryDict(accuracy=[0.9])
        >>> values["acc"], "acc" in values, list(values)
        ([0.9], True, ['accuracy'])
    """

    def __missing__(self, key: str) -> Any:
        twin = _TWINS.get(key)
        if twin is None or not dict.__contains__(self, twin):
            raise KeyError(key)
        return dict.__getitem__(self, twin)

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or dict.__contains__(self, _TWINS.get(key))  # type: ignore[call-overload]

    def get(self, key: str, default: Any = None) -> Any:
        """Returns the value of a key or of its twin, else `default`."""
        return self[key] if key in self else default  # noqa: SIM401 (that would be this method again)


class History(Callback):
    """Records loss and metrics of each epoch. `fit` adds one and returns it.

    Attributes:
        history: one list of floats for each name, such as `{"loss": [...], "val_loss": [...]}`; `acc` and
            `accuracy` name the same list.
        epoch: the numbers of the epochs, from 0.

    Example:
        >>> history = History()
        >>> history.on_train_begin()
        >>> history.on_epoch_end(0, {"loss": 0.5, "accuracy": 0.75})
        >>> history.history["acc"], history.epoch
        ([0.75], [0])

    Source: keras.callbacks.History
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = HistoryDict()
        self.epoch: list[int] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epoch.append(epoch)
        for key, value in (logs or {}).items():
            self.history.setdefault(key, []).append(value)
        if self.model is not None:
            self.model.history = self
