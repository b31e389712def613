"""Sending loss and metrics of each epoch to a server."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from kerastorch.callbacks.callback import Callback
from kerastorch.errors import InvalidArgumentError

_TIMEOUT = 10  # seconds that an epoch waits for a server that does not answer


class RemoteMonitor(Callback):
    """Posts the number, loss and metrics of each epoch to a server, at most 10 seconds each.

    A server that cannot be reached does not end the training: one warning a run says so.

    Args:
        root: the address of the server, with `http` or `https`. Default: `"http://localhost:9000"`.
        path: the path there. Default: `"/publish/epoch/end/"`.
        field: the form field that holds the JSON text, with `send_as_json=False`. Default: `"data"`.
        headers: further HTTP headers. Default: None.
        send_as_json: whether the request's body is the JSON text itself, of the type `application/json`, in place of
            a form. Default: False.

    Raises:
        InvalidArgumentError: when `root` is no address of a web server.

    Example:
        >>> monitor = RemoteMonitor(root="http://localhost:9000", send_as_json=True)
        >>> monitor.root + monitor.path
        'http://localhost:9000/publish/epoch/end/'

    Source: keras.callbacks.RemoteMonitor
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        if urlsplit(root).scheme not in ("http", "https"):
            raise InvalidArgumentError(
                f"`root` must be the address of a web server, such as 'http://localhost:9000'. Received: {root!r}."
            )
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json
        self._has_warned = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._has_warned = False

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        text = json.dumps({"epoch": epoch, **(logs or {})}, default=_plain)
        try:
            with urlopen(self._request(text), timeout=_TIMEOUT):
                pass
        except HTTPError as error:
            self._warn(f"RemoteMonitor root server at {self.root} answered {error.code} {error.reason}.")
            error.close()
        except (OSError, HTTPException) as error:
            self._warn(f"Could not reach RemoteMonitor root server at {self.root}: {error}")

    def _request(self, text: str) -> Request:
        kind = "application/json" if self.send_as_json else "application/x-www-form-urlencoded"
        body = text if self.send_as_json else urlencode({self.field: text})
        headers = {"Content-Type": kind, **(self.headers or {})}
        return Request(self.root + self.path, body.encode(), headers, method="POST")

    def _warn(self, text: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            warnings.warn(text, stacklevel=3)


def _plain(value: Any) -> Any:
    """A NumPy or torch value as JSON can hold it; anything else as text."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
