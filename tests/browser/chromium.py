"""A real browser without a window, which runs ONNX files by onnxruntime-web and reports the numbers."""

from __future__ import annotations

import functools
import http.server
import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
RUNTIME = HERE / "node_modules" / "onnxruntime-web" / "dist"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE = 240  # seconds for all files together

Arrays = dict[str, np.ndarray]


class Page(http.server.SimpleHTTPRequestHandler):
    """Serves the page, the runtime and the folder with the files, and takes the report."""

    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def __init__(self, *args: Any, files: Path, reports: queue.Queue, **kwargs: Any) -> None:
        self.folders = {"ort": RUNTIME, "files": files}
        self.reports = reports
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        folder, _, name = path.lstrip("/").partition("/")
        return str(self.folders.get(folder, HERE) / (name or "page.html"))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.reports.put(json.loads(body))

    def log_message(self, *args: Any) -> None:
        """Says nothing: the report is enough."""


def run_in_browser(folder: Path, jobs: dict[str, list[Arrays]]) -> dict[str, Any]:
    """What each ONNX file of a folder gives in the browser.

    Args:
        folder: where the files lie.
        jobs: for each file, the inputs of one run after the other.

    Returns:
        `agent`, the name of the browser, and `results`: for each file a list of the outputs of each run, or an
        `error`.
    """
    listed = [
        {"file": name, "feeds": [_each(_as_json, feed) for feed in feeds]} for name, feeds in jobs.items()
    ]
    (folder / "jobs.json").write_text(json.dumps(listed), encoding="utf-8")
    reports: queue.Queue[dict[str, Any]] = queue.Queue()
    with _served(functools.partial(Page, files=folder, reports=reports)) as address, _open(address, folder):
        report = reports.get(timeout=PATIENCE)
    if "error" in report:
        raise RuntimeError(f"The page failed: {report['error']}")
    report["results"] = {
        name: found if "error" in found else [_each(_as_array, outputs) for outputs in found]
        for name, found in report["results"].items()
    }
    return report


def browser() -> str:
    """The program of the browser: `CHROMIUM` names another one than those that are looked for.

    Raises:
        FileNotFoundError: when it or onnxruntime-web is not installed; the text says how to.
    """
    names = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else BROWSERS
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise FileNotFoundError(
            f"No browser found (looked for {', '.join(names)}): run `apt-get install chromium`, or set CHROMIUM to "
            "the path of Chrome."
        )
    if not RUNTIME.is_dir():
        raise FileNotFoundError(
            f"onnxruntime-web is not installed: run `npm ci --ignore-scripts --prefix {HERE}`, or `make browser`."
        )
    return found


@contextmanager
def _served(handler: Any) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/page.html"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def _open(address: str, folder: Path) -> Iterator[None]:
    command = [browser(), *FLAGS, f"--user-data-dir={folder / 'profile'}", address]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _each(function: Any, values: dict) -> dict:
    return {name: function(value) for name, value in values.items()}


def _as_json(array: np.ndarray) -> dict[str, Any]:
    return {"type": str(array.dtype), "dims": array.shape, "data": array.ravel().tolist()}


def _as_array(value: dict[str, Any]) -> np.ndarray:
    return np.array(value["data"], dtype=value["type"]).reshape(value["dims"])
