"""A web server of files and archives for the tests of `get_file`."""

from __future__ import annotations

import http.server
import tarfile
import threading

import pytest

from tests.utils.archives import CONTENT, UNSAFE, special, tar_of, zip_of

PAGES = {
    "/file.txt": CONTENT,
    "/data.tar.gz": tar_of(
        ("top/a.txt", b"a"), special("top/empty", tarfile.DIRTYPE), ("top/deep/b.txt", b"b")
    ),
    "/data.zip": zip_of(("top/a.txt", b"a"), ("top/empty/", b""), ("top/deep/b.txt", b"b")),
}
PAGES |= {f"/{name.replace(' ', '-')}": content for name, content in UNSAFE.items()}


class Handler(http.server.BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self):
        self.asked.append(self.path)
        page, _, query = self.path.partition("?")
        if page == "/moved":
            self.begin(302, Location=query)
        elif page == "/circle":
            self.begin(302, Location=self.path)
        elif page == "/short.bin":
            self.begin(200, Content_Length=100_000)
            self.wfile.write(CONTENT)
        elif page == "/chunks-cut-off":
            self.begin(200, Transfer_Encoding="chunked")
            self.wfile.write(b"4a38\r\n" + CONTENT[:500])
        elif page == "/halting":
            self.begin(200, Content_Length=len(CONTENT))
            self.wfile.write(CONTENT[: len(CONTENT) // 2])
            self.server.closing.wait(60)
        elif page in PAGES:
            self.begin(200, Content_Length=len(PAGES[page]))
            self.wfile.write(PAGES[page])
        else:
            self.send_error(404, "Not here")

    def begin(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    asked: list[str]
    closing: threading.Event


@pytest.fixture(scope="module")
def running():
    handler = type("Counting", (Handler,), {"asked": [], "protocol_version": "HTTP/1.0"})
    server = Server(("127.0.0.1", 0), handler)
    server.asked, server.closing = handler.asked, threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def web(running, tmp_path, monkeypatch):
    """The address of the server; the cache is a temporary folder."""
    running.asked.clear()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return f"http://127.0.0.1:{running.server_address[1]}"


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "home" / "datasets"
