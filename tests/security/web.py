"""A server on this machine: it hands out hostile archives, and notes every request; most cases may make none."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.utils.conftest import Handler, Server


class _Served:
    """Where the server is, and the file of its notes."""

    port = 9  # nobody is there
    notes = Path(os.devnull)


class _Notes:
    """A list of requests for several processes."""

    def append(self, path: str) -> None:
        with _Served.notes.open("a") as file:
            file.write(f"{path}\n")


def address(page: str = "") -> str:
    """The address of a page of the server that is running."""
    return f"http://127.0.0.1:{_Served.port}/{page}"


def requests() -> list[str]:
    """The paths of all pages that were asked for, in the order of the requests."""
    return _Served.notes.read_text().splitlines()


class _Orphan(Server):
    """A server that ends when the process that started it is gone."""

    parent = 0

    def service_actions(self) -> None:
        if os.getppid() != self.parent:
            os._exit(1)


class _Noting(Handler):
    """What answers requests: the pages of a table, or those of the tests of `get_file`."""

    asked = _Notes()
    pages: Mapping[str, Callable[[], bytes]] = {}

    def do_GET(self) -> None:
        made = self.pages.get(self.path[1:])
        if made is None:
            super().do_GET()
            return
        self.asked.append(self.path)
        content = made()
        self.begin(200, Content_Length=len(content))
        self.wfile.write(content)


@contextlib.contextmanager
def serving(pages: Mapping[str, Callable[[], bytes]]) -> Iterator[None]:
    """A process of its own answers requests inside this block.

    Args:
        pages: the functions that make the contents of pages, by name.
    """
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "127.0.0.1"
    handler = type("Handler", (_Noting,), {"pages": pages})
    server = _Orphan(("127.0.0.1", 0), handler)
    server.closing, server.parent = threading.Event(), os.getpid()
    with tempfile.TemporaryDirectory() as folder:
        _Served.port, _Served.notes = server.server_address[1], Path(folder, "requests")
        _Served.notes.touch()
        process = os.fork()
        if not process:
            server.serve_forever()
        try:
            server.server_close()
            yield
        finally:
            os.kill(process, signal.SIGTERM)
            os.waitpid(process, 0)
