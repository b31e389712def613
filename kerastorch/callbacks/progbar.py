"""The callback that shows progress."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import Any

from kerastorch.callbacks.bar import Progbar
from kerastorch.callbacks.callback import Callback
from kerastorch.callbacks.screen import print_line
from kerastorch.callbacks.speed import samples_seen, speed_note
from kerastorch.errors import InvalidArgumentError

_INTERVAL = 0.1  # seconds between two drawings
_NEVER = float("inf")
_NOT_SHOWN = ("batch", "size")  # Keras 2 puts the number and the size of the batch into its logs


class ProgbarLogger(Callback):
    """Shows the progress of `fit`, `evaluate` and `predict`. They add one unless `verbose=0`.

    The validation of `fit` has no line of its own. The line is drawn at most every 0.1 seconds, and values on a
    GPU are read only then. A terminal, and a notebook as long as the line moves, also show the samples a second
    and the memory in use: that of the GPU, or of the process. A file or a pipe gets Keras's line.

    Args:
        count_mode: `"steps"` or `"samples"`: what the line counts; None means `"steps"`. Default: None.
        stateful_metrics: accepted for Keras 2, where it named the values that are not averaged. The values in
            `logs` are averages over the epoch already, so all are shown as they are. Default: None.
        show_speed: whether the line ends in the samples a second and the memory in use; `"auto"` shows them where the
            line is redrawn, but not in the line that a notebook keeps. Default: `"auto"`.

    Raises:
        InvalidArgumentError: when `count_mode` or `show_speed` is something else.

    Example:
        >>> bar = ProgbarLogger()
        >>> bar.set_params({"verbose": 2, "epochs": 2, "steps": 1})
        >>> bar.on_epoch_begin(0)
        Epoch 1/2
        >>> bar.on_train_batch_end(0, {"loss": 0.5})
        >>> bar.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.25})  # doctest: +ELLIPSIS
        1/1 - 0s - ...s/step - loss: 0.5000 - val_loss: 0.2500

    Source: keras.callbacks.ProgbarLogger
    """

    def __init__(
        self,
        count_mode: str | None = None,
        stateful_metrics: Iterable[str] | None = None,
        show_speed: bool | str = "auto",
    ) -> None:
        super().__init__()
        if count_mode not in (None, "steps", "samples"):
            raise InvalidArgumentError(
                f"`count_mode` must be 'steps' or 'samples'. Received: {count_mode!r}."
            )
        if show_speed not in (True, False, "auto"):
            raise InvalidArgumentError(
                f"`show_speed` must be True, False or 'auto'. Received: show_speed={show_speed!r}."
            )
        self.count_mode = count_mode or "steps"
        self.show_speed = show_speed
        self.stateful_metrics = stateful_metrics
        self.seen = 0
        self.progbar: Progbar | None = None
        self.target: int | None = None
        self.verbose = 1
        self.epochs = 1
        self._in_fit = False
        self._samples_a_step = 0.0
        self._next_drawing = 0.0

    def set_params(self, params: dict[str, Any] | None) -> None:
        super().set_params(params)
        params = params or {}
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else verbose
        self.epochs = params.get("epochs", 1)
        self.target = params.get("samples" if self.count_mode == "samples" else "steps")

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._in_fit = True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self.close()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._start()
        if self.verbose and self.epochs > 1:
            print_line(f"Epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.seen = batch + 1
        if perf_counter() >= self._next_drawing:
            self._draw(logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._finish(logs)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        if not self._in_fit:
            self._start()

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._in_fit:
            self.on_train_batch_end(batch, logs)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        if not self._in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._start()

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.on_train_batch_end(batch)

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        self._finish(None)

    def close(self) -> None:
        """Ends a line that is still open, because the run stopped early."""
        if self.progbar is not None:
            self.progbar.close()
            self.progbar = None
        self._in_fit = False

    def _start(self, seen: int = 0) -> Progbar:
        if self.progbar is not None:
            self.progbar.close()
        self.seen = seen
        self.progbar = Progbar(
            target=self.target,
            verbose=self.verbose,
            interval=0,  # the time is looked at here, before the logs are
            unit_name="sample" if self.count_mode == "samples" else "step",
            stateless_metrics=(),
        )
        if self.progbar.live if self.show_speed == "auto" else self.show_speed:
            self.progbar.note = self._speed
        self._next_drawing = 0.0 if self.verbose == 1 else _NEVER
        return self.progbar

    def _draw(self, logs: dict[str, Any] | None) -> None:
        bar = self.progbar or self._start(self.seen)
        if bar.note is not None:
            self._samples_a_step = samples_seen(self._model) / max(self.seen, 1)
        if self.verbose == 1:  # the first call also tells the bar how long the first step took
            bar.update(self._count(), self._shown(logs) if bar.live else None, finalize=False)
        self._next_drawing = perf_counter() + _INTERVAL if bar.live else _NEVER

    def _finish(self, logs: dict[str, Any] | None) -> None:
        bar = self.progbar or self._start(self.seen)
        current = self._count() or self.target or 0
        if self.target is None and current:
            self.target = bar.target = current
        if self.show_speed == "auto" and bar.is_kept:
            bar.note = None
        bar.update(current, self._shown(logs), finalize=True)
        self.progbar = None
        self.seen = 0
        self._next_drawing = 0.0

    def _speed(self, seconds: float) -> str:
        if self.count_mode == "samples":
            return speed_note(self._model, 1, seconds)
        size = (self.params or {}).get("batch_size") or self._samples_a_step
        return speed_note(self._model, size, seconds)

    def _count(self) -> int:
        if self.count_mode == "steps":
            return self.seen
        count = self.seen * ((self.params or {}).get("batch_size") or 1)
        return count if self.target is None else min(count, self.target)

    def _shown(self, logs: dict[str, Any] | None) -> list[tuple[str, Any]]:
        metrics = (self.params or {}).get("metrics") or ()
        return [(k, v) for k, v in (logs or {}).items() if k not in _NOT_SHOWN or k in metrics]
