"""What reaches a real web server, and what happens without one."""

from __future__ import annotations

import json
import socket
import threading
import warnings
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import numpy as np
import pytest

import kerastorch
from kerastorch.callbacks import RemoteMonitor
from kerastorch.errors import InvalidArgumentError
from tests.training.twins import dense, rows


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


class Server:
    """A web server that keeps what it is sent and answers with a given status."""

    def __init__(self, status=200):
        self.received = received = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                received.append((self.path, self.headers, body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.root = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


def unused_root():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def fit(*callbacks, epochs=2):
    x, y = rows(16)
    model = dense(kerastorch)
    model.compile("sgd", "mse")
    return model.fit(x, y, epochs=epochs, verbose=0, callbacks=list(callbacks)).history


def test_every_epoch_is_posted_as_a_form():
    with Server() as server:
        history = fit(RemoteMonitor(root=server.root))
    sent = [json.loads(parse_qs(body)["data"][0]) for _, _, body in server.received]
    assert sent == [{"epoch": i, "loss": loss} for i, loss in enumerate(history["loss"])]
    path, headers, _ = server.received[0]
    assert (path, headers["Content-Type"]) == ("/publish/epoch/end/", "application/x-www-form-urlencoded")


def test_the_body_can_be_the_json_itself():
    with Server() as server:
        history = fit(RemoteMonitor(root=server.root, send_as_json=True), epochs=1)
    _, headers, body = server.received[0]
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {"epoch": 0, "loss": history["loss"][0]}


def test_path_field_and_headers_are_those_asked_for():
    with Server() as server:
        fit(RemoteMonitor(server.root, "/here", "values", {"X-Key": "secret"}), epochs=1)
    path, headers, body = server.received[0]
    assert (path, headers["X-Key"], list(parse_qs(body))) == ("/here", "secret", ["values"])


def test_arrays_are_sent_as_numbers():
    with Server() as server:
        logs = {"loss": np.float32(0.5), "each": np.array([1, 2]), "note": b"x"}
        RemoteMonitor(server.root, send_as_json=True).on_epoch_end(3, logs)
    assert json.loads(server.received[0][2]) == {"epoch": 3, "loss": 0.5, "each": [1, 2], "note": "b'x'"}


def test_without_a_server_training_goes_on_after_one_warning():
    root = unused_root()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        history = fit(RemoteMonitor(root=root), epochs=3)
    assert len(history["loss"]) == 3
    [warning] = seen
    assert str(warning.message).startswith(f"Could not reach RemoteMonitor root server at {root}: ")


def test_a_server_that_refuses_is_named_in_a_warning():
    with Server(status=404) as server, pytest.warns(UserWarning, match="answered 404 Not Found"):
        fit(RemoteMonitor(root=server.root), epochs=1)


@pytest.mark.parametrize("root", ["localhost:9000", "file:///tmp/data", ""])
def test_the_root_is_an_address_of_the_web(root):
    with pytest.raises(InvalidArgumentError, match="`root` must be the address of a web server"):
        RemoteMonitor(root=root)
