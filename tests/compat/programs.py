"""Runs many programs through `python -m kerastorch`, each in a process of its own, for the price of one import.

As a script it imports kerastorch once, and forks for each command line that it reads.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple


class Ended(NamedTuple):
    """How a process has ended: its exit code (negative for a signal), and what it printed."""

    code: int
    out: str
    err: str


class Runner:
    """Sends command lines to a process that has imported kerastorch already."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, *arguments: str, cwd: Path, stdin: str = "", **environment: str) -> Ended:
        """How `python -m kerastorch` ends with these arguments."""
        request = {"arguments": arguments, "cwd": str(cwd), "stdin": stdin, "environment": environment}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return Ended(*json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


def plain(*arguments: str, cwd: Path, stdin: str = "") -> Ended:
    """How `python` ends with these arguments."""
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, input=stdin, capture_output=True, text=True)
    return Ended(done.returncode, done.stdout, done.stderr)


def become(request: dict[str, Any], streams: list[Any]) -> None:
    """Turns a forked process into one that has been started for a request."""
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False, errors="backslashreplace")  # noqa: SIM115
    os.chdir(request["cwd"])
    os.environ.update(request["environment"])
    sys.argv = ["kerastorch", *request["arguments"]]


def serve() -> bool:
    """Answers requests; returns True in a process that is to run one, False when there are no more."""
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        streams = [tempfile.TemporaryFile("w+") for _ in range(3)]  # noqa: SIM115
        streams[0].write(request["stdin"])
        streams[0].seek(0)
        pid = os.fork()
        if not pid:
            become(request, streams)
            return True
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        for stream in streams[1:]:
            stream.seek(0)
        print(json.dumps([code, *(stream.read() for stream in streams[1:])]), flush=True)
    return False


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])
    from kerastorch.__main__ import main

    importlib.import_module("kerastorch.compat.tensorflow")  # what every program loads

    gc.freeze()  # what is there need not be looked at, and so copied, in each process
    if serve():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.exit(main())
