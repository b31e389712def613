"""Several callbacks as one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from kerastorch import tree
from kerastorch.callbacks.callback import BATCH_HOOKS, HOOKS, Callback
from kerastorch.callbacks.history import History
from kerastorch.callbacks.progbar import ProgbarLogger
from kerastorch.errors import InvalidArgumentError

Logs = dict[str, Any]
_OLD_NAMES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


class CallbackList(Callback):
    """Calls the hooks of several callbacks, in the order in which they were given.

    Hooks of single steps cost nothing where no callback overrides them.

    Args:
        callbacks: a callback, or a nested structure of callbacks; one that comes twice counts once.
        add_history: whether to append a `History` where there is none. Default: False.
        add_progbar: whether to append a `ProgbarLogger` where there is none. Default: False.
        model: the model that the callbacks receive. Default: None.
        **params: the parameters of the run that the callbacks receive.

    Raises:
        InvalidArgumentError: when something in `callbacks` is no callback.

    Example:
        >>> callbacks = CallbackList([History()], epochs=1)
        >>> callbacks.on_train_begin()
        >>> callbacks.on_epoch_end(0, {"loss": 0.5})
        >>> next(iter(callbacks)).history
        {'loss': [0.5]}

    Source: keras.callbacks.CallbackList
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks: list[Any] = []
        self._history: History | None = None
        self._progbar: ProgbarLogger | None = None
        self._open_blocks = 0
        self._batch_hooks: dict[str, list[Callable]] = {name: [] for name in BATCH_HOOKS}
        for callback in tree.flatten(callbacks) if callbacks is not None else ():
            self._add(callback)
        if add_history and self._history is None:
            self._add(History())
        if add_progbar and self._progbar is None:
            self._add(ProgbarLogger())
        self.set_model(model)
        self.set_params(params)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.callbacks)

    def append(self, callback: Any) -> None:
        """Adds a callback at the end and gives it the model and the parameters of the run.

        Args:
            callback: the callback; nothing happens when it is in the list.

        Raises:
            InvalidArgumentError: when it is no callback.
        """
        if not self._add(callback):
            return
        if self._model is not None:
            _call(callback, "set_model", self._model)
        if self.params:
            _call(callback, "set_params", self.params)
        self._find_batch_hooks()

    def _add(self, callback: Any) -> bool:
        """Adds a callback if it is new, and says whether it was."""
        if isinstance(callback, type) or not any(hasattr(callback, name) for name in HOOKS):
            hint = f" Pass an instance: `{callback.__name__}()`." if isinstance(callback, type) else ""
            raise InvalidArgumentError(
                f"`callbacks` must hold instances of `keras.callbacks.Callback`. Received: {callback!r}.{hint}"
            )
        if any(callback is known for known in self.callbacks):
            return False
        self.callbacks.append(callback)
        if isinstance(callback, ProgbarLogger):
            self._progbar = callback
        elif isinstance(callback, History):
            self._history = callback
        return True

    def set_params(self, params: dict[str, Any] | None) -> None:
        self.params = params
        if params:
            self._call_all("set_params", params)
        self._find_batch_hooks()

    def set_model(self, model: Any) -> None:
        if model is None:
            return
        super().set_model(model)
        if self._history is not None:
            model.history = self._history
        self._call_all("set_model", model)
        self._find_batch_hooks()

    @property
    def wants_train_batch(self) -> tuple[list[Callable], list[Callable]]:
        """The functions `(batch, logs)` to call before and after each training step; empty where none is needed."""
        return self._batch_hooks["on_train_batch_begin"], self._batch_hooks["on_train_batch_end"]

    @property
    def wants_test_batch(self) -> tuple[list[Callable], list[Callable]]:
        """The functions `(batch, logs)` to call before and after each evaluation step."""
        return self._batch_hooks["on_test_batch_begin"], self._batch_hooks["on_test_batch_end"]

    @property
    def wants_predict_batch(self) -> tuple[list[Callable], list[Callable]]:
        """The functions `(batch, logs)` to call before and after each prediction step."""
        return self._batch_hooks["on_predict_batch_begin"], self._batch_hooks["on_predict_batch_end"]

    def close(self) -> None:
        """Ends what is drawn on the screen and lets the callbacks go, for a run that is over, however it ended."""
        if self._progbar is not None:
            self._progbar.close()
        for callback in self.callbacks:
            if isinstance(callback, Callback):
                callback._end_run()

    def watched(self, step: Callable) -> Callable:
        """Returns what runs in place of a training step: the step itself, unless a callback needs its data.

        Args:
            step: a function of a batch.
        """
        for callback in self.callbacks:
            if isinstance(callback, Callback):
                step = callback._watched(step)
        return step

    def _find_batch_hooks(self) -> None:
        """Finds the overridden hooks of single steps; the lists stay the same objects."""
        for name, hooks in self._batch_hooks.items():
            found = (_overridden(callback, name) for callback in self.callbacks)
            hooks[:] = [hook for hook in found if hook is not None]

    def _call_all(self, name: str, *args: Any) -> None:
        for callback in self.callbacks:
            try:
                _call(callback, name, *args)
            except Exception as error:
                _add_note(error, callback, name)
                raise

    def _call_batch(self, name: str, batch: int, logs: Logs | None) -> None:
        hooks = self._batch_hooks[name]
        if not hooks:
            return
        if logs is None or not name.startswith("on_predict"):  # the outputs of `predict` stay as they are
            logs = python_logs(logs)
        try:
            for hook in hooks:
                hook(batch, logs)
        except Exception as error:
            owners = [c for c in self.callbacks if _overridden(c, name) is not None]
            at = next((i for i, known in enumerate(hooks) if known is hook), len(owners))
            _add_note(error, owners[at] if at < len(owners) else hook, name)
            raise

    def _begin(self, name: str, logs: Logs | None) -> None:
        self._open_blocks += 1
        self._call_all(name, python_logs(logs))
        self._find_batch_hooks()

    def _end(self, name: str, logs: Logs | None) -> None:
        self._call_all(name, python_logs(logs))
        self._open_blocks -= 1
        if self._open_blocks < 0:
            self._open_blocks = 0
            raise InvalidArgumentError(
                f"`{name}` was called without `{name.replace('_end', '_begin')}` before it."
            )

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._begin("on_train_begin", logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._end("on_train_end", logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._begin("on_test_begin", logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._end("on_test_end", logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._begin("on_predict_begin", logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._end("on_predict_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._call_all("on_epoch_begin", epoch, python_logs(logs))

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._call_all("on_epoch_end", epoch, python_logs(logs))

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_batch_begin", batch, logs)

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_batch_end", batch, logs)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_train_batch_end", batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_predict_batch_end", batch, logs)


def python_logs(logs: Logs | None) -> Logs:
    """Returns logs whose values are floats, nested dictionaries merged.

    A subclass of `dict` comes back as it is: it converts its values itself, when they are looked at.
    """
    if not logs:
        return {} if logs is None else logs
    if type(logs) is not dict:
        return logs
    result: Logs = {}
    for key, value in logs.items():
        if type(value) is float:
            result[key] = value
        elif isinstance(value, dict):
            result.update(python_logs(value))
        else:
            result[key] = _as_float(value)
    return result


def _as_float(value: Any) -> Any:
    if isinstance(value, str):
        return value
    try:
        return float(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError, RuntimeError):  # not a number: the callback sees it as it is
        return value


def _call(callback: Any, name: str, *args: Any) -> None:
    hook = getattr(callback, name, None)
    if hook is not None:
        _positional(hook, len(args))(*args)


def _overridden(callback: Any, name: str) -> Callable | None:
    """The bound hook that a callback really defines under the name or its Keras 2 name, else None."""
    hook = getattr(callback, name, None)
    if hook is not None and getattr(hook, "_is_default", False) is not True:
        return _positional(hook, 2)
    return _overridden(callback, _OLD_NAMES[name]) if name in _OLD_NAMES else None


def _positional(hook: Callable, count: int) -> Callable:
    """A hook that can be called with `count` positional arguments, also where it takes `logs` by name only."""
    code = getattr(hook, "__code__", None)
    if (
        code is None
        or code.co_argcount - inspect.ismethod(hook) >= count
        or code.co_flags & inspect.CO_VARARGS
    ):
        return hook
    if "logs" in code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount] or (
        code.co_flags & inspect.CO_VARKEYWORDS
    ):
        return lambda *args: hook(*args[:-1], logs=args[-1])
    return hook


def _add_note(error: Exception, callback: Any, name: str) -> None:
    """Says in the traceback which callback failed (Python 3.11 and newer)."""
    if hasattr(error, "add_note"):
        error.add_note(f"Raised by the callback {type(callback).__name__} in `{name}`.")
