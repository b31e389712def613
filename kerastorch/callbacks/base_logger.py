"""The callback that averaged the logs of an epoch in Keras 2."""

from __future__ import annotations

from collections.abc import Iterable

from kerastorch.callbacks.callback import Callback


class BaseLogger(Callback):
    """Kept for scripts of Keras 2 that name it: the logs of an epoch are averages over its samples in any case.

    Args:
        stateful_metrics: names of values that are not averages over samples, such as an AUC. Metrics know that by
            themselves. Default: None.

    Example:
        >>> logs = {"loss": 0.5}
        >>> BaseLogger(stateful_metrics=["auc"]).on_epoch_end(0, logs)
        >>> logs
        {'loss': 0.5}

    Source: tf_keras.callbacks.BaseLogger
    """

    def __init__(self, stateful_metrics: Iterable[str] | None = None) -> None:
        super().__init__()
        self.stateful_metrics = set(stateful_metrics or ())
