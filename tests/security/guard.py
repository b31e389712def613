"""Runs what files of strangers cause in processes of their own, and writes down everything that it touches.

One process imports the library and forks for each hostile file, which the fork gives to one way in after the other.
Each has a home and a temporary folder of its own, and at most 4 GiB of addresses and 20 seconds of the processor. An
audit hook notes each event that reading a file has no business with, and a server each request that arrives.

Memory is measured as the growth of `VmHWM`, the peak of resident pages, over its value right before the case acts: what
torch itself takes up is not counted.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from kerastorch.errors import KerasTorchError
from tests.security import web

ADDRESSES, SECONDS, PEAK_MIB = 4 << 30, 20, 512
PATIENCE = 150  # seconds: who waits that long waits for what never comes
CANARY = "must not change"
_ANSWER = "outcome: "  # before a line of the output; readers of files print others
_EVENTS = (
    *("compile", "ctypes.dlopen", "exec", "import", "marshal.loads", "os.exec", "os.fork", "os.forkpty"),
    *("os.posix_spawn", "os.spawn", "os.system", "pickle.find_class", "socket.connect", "socket.getaddrinfo"),
    *("subprocess.Popen", "urllib.Request"),
)
_ON_PATHS = (
    *("open", "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"),
    *("os.truncate", "shutil.chown", "shutil.copyfile", "shutil.move", "shutil.rmtree"),
)
NETWORK = ("socket.connect", "socket.getaddrinfo", "urllib.Request")  # what a download may do
_WATCHED = frozenset((*_EVENTS, *_ON_PATHS))
_OWN_CODE, _PARSED = "<kerastorch model ", "<unknown>"  # the latter is what `ast.literal_eval` calls its text


@dataclass(frozen=True)
class Case:
    """One hostile file, given to one entry point.

    Args:
        name: what the test is called.
        craft: makes the file in a folder, and returns what `act` takes.
        act: the entry point.
        error: the name of the expected error; None if the file may also be read, without what is hostile in it.
        allowed: events that the entry point needs, such as those of a download, which may then ask the server.
        after: what must hold in the end: it gets the folder, and returns what is wrong or None.
        peak: by how many MiB the peak of memory may grow.
    """

    name: str
    craft: Callable[[Path], Any]
    act: Callable[[Any], Any]
    error: str | None
    allowed: tuple[str, ...] = ()
    after: Callable[[Path], str | None] = lambda folder: None
    peak: int = PEAK_MIB


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Args:
        error: the names of the error's class and of those above it; none when nothing was raised.
        text: the error's text, or the traceback of one that is not documented.
        documented: whether the library raised it on purpose.
        events: what was forbidden and happened.
        peak: by how many MiB the peak of memory grew.
        exit: the exit status of the process.
        wrong: what else is not as it should be.
    """

    error: tuple[str, ...] = ()
    text: str = ""
    documented: bool = True
    events: tuple[str, ...] = ()
    peak: int = 0
    exit: int = 0
    wrong: str | None = None


@contextlib.contextmanager
def guarding(tables: Iterable[str]) -> Iterator[Callable[[str, str], Outcome]]:
    """Starts the process that runs cases; gives the function that returns what became of one.

    It takes the name of a module, and the name of a case in it.

    Args:
        tables: the names of the modules that have cases.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "KERAS_BACKEND": "torch"}
    command, folder = [sys.executable, "-m", "tests.security.guard", *tables], Path(__file__).parents[2]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            command, env=environment, cwd=folder, stdin=-1, stdout=-1, stderr=errors, text=True
        ) as process,
    ):
        yield partial(_asked, process, errors)


def _asked(process: Any, errors: IO[str], table: str, case: str) -> Outcome:
    process.stdin.write(f"{json.dumps([table, case])}\n")
    process.stdin.flush()
    for line in process.stdout:
        if line.startswith(_ANSWER):
            found = json.loads(line.removeprefix(_ANSWER))
            return Outcome(**{k: tuple(v) if isinstance(v, list) else v for k, v in found.items()})
    errors.seek(0)
    raise AssertionError(errors.read()[-4000:])


def main(*tables: str) -> None:
    """Runs each case that a line of the input names, and prints a line with its outcome.

    Args:
        tables: the names of the modules that have the cases.
    """
    modules = {table: importlib.import_module(table) for table in tables}
    pages = {page: made for module in modules.values() for page, made in getattr(module, "PAGES", {}).items()}
    known: dict[str, dict[str, dict[str, Any]]] = {}
    with web.serving(pages):
        _warm_up()
        gc.freeze()
        for line in sys.stdin:
            table, name = json.loads(line)
            if table not in known:
                getattr(modules[table], "warm_up", bool)()
                known[table] = {}
            if name not in known[table]:
                known[table].update(_run_all(_beside(name, modules[table])))
            print(f"{_ANSWER}{json.dumps(known[table][name])}", flush=True)


def cases_of(module: Any) -> dict[str, Case]:
    """Returns the cases of a table by name, those of the sweep too."""
    return {case.name: case for name in ("CASES", "SWEEP") for case in getattr(module, name, ())}


def _beside(name: str, module: Any) -> list[Case]:
    """The case of a name, and those with the same file: what stands before the comma is the same."""
    cases = next(
        cases for cases in (module.CASES, getattr(module, "SWEEP", ())) if name in {c.name for c in cases}
    )
    return [case for case in cases if case.name.split(", ")[0] == name.split(", ")[0]]


def _warm_up() -> None:
    """Imports all that is imported late, so that no case has to."""
    import kerastorch

    for module in pkgutil.walk_packages(kerastorch.__path__, "kerastorch."):
        if not module.name.startswith(("kerastorch.compat", "kerastorch.__main__")):
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)
    importlib.import_module("tests.security.model").warm_up()


def _run_all(cases: list[Case]) -> dict[str, dict[str, Any]]:
    """Runs cases in as few forks as they allow, and returns their outcomes by name."""
    outcomes: dict[str, dict[str, Any]] = {}
    while left := [case for case in cases if case.name not in outcomes]:
        outcomes.update(zip((case.name for case in left), _run(left), strict=False))
    return outcomes


def _run(cases: list[Case]) -> list[dict[str, Any]]:
    """Runs cases in one fork until one of them does not come back; returns the outcomes of all that were run."""
    with tempfile.TemporaryDirectory() as base:
        reader, writer = os.pipe()
        process = os.fork()
        if not process:
            os.close(reader)
            _act(cases, Path(base), writer)
        os.close(writer)
        found: list[dict[str, Any]] = []
        with os.fdopen(reader) as lines:
            while len(found) < len(cases) and select.select([lines], [], [], PATIENCE)[0]:
                if not (line := lines.readline()):
                    break
                found.append(json.loads(line))
        if len(found) < len(cases):
            found.append({"wrong": "no answer"})
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        found[-1]["exit"] = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return found


def _act(cases: list[Case], base: Path, writer: int) -> None:
    """The forked process, which never returns."""
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        warnings.simplefilter("ignore")
        sys.addaudithook(_note)
        for number, case in enumerate(cases):
            os.write(writer, f"{json.dumps(_outcome(case, base / str(number)))}\n".encode())
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _outcome(case: Case, base: Path) -> dict[str, Any]:
    folder, home = base / "work", base / "home"
    for path in (base, folder, home):
        path.mkdir()
    (base / "canary").write_text(CANARY)
    os.mkfifo(base / "pipe")  # whoever opens it waits until the time is over
    os.environ["HOME"] = os.environ["KERAS_HOME"] = str(home)
    tempfile.tempdir = str(folder)
    os.chdir(folder)
    target, asked = case.craft(folder), web.requests()
    report = _watched(case, target, base)
    return {
        "wrong": case.after(folder) or _strange(base) or _sent(case, web.requests()[len(asked) :]),
        **report,
    }


def _strange(base: Path) -> str | None:
    left = sorted(path.name for path in base.iterdir())
    if left != ["canary", "home", "pipe", "work"] or (base / "canary").read_text() != CANARY:
        return f"something outside changed: {left}"
    return None


def _sent(case: Case, requests: list[str]) -> str | None:
    return (
        f"the server was asked for {requests}" if requests and not set(case.allowed) >= set(NETWORK) else None
    )


def _watched(case: Case, target: Any, base: Path) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + SECONDS, resource.RLIM_INFINITY))
    before = _peak(reset=True)
    _Watch.events, _Watch.allowed, _Watch.inside, _Watch.armed = [], case.allowed, f"{base}{os.sep}", True
    raised: BaseException | None = None
    try:
        case.act(target)
    except BaseException as error:
        raised = error
    finally:
        _Watch.armed = False
    grown = (_peak() - before) >> 10
    documented = raised is None or isinstance(raised, KerasTorchError)
    text = str(raised)[:2000] if documented else "".join(traceback.format_exception(raised))[-4000:]
    classes = [cls.__name__ for cls in type(raised).__mro__] if raised is not None else []
    return {"error": classes, "text": text, "documented": documented, "events": _Watch.events, "peak": grown}


def _peak(reset: bool = False) -> int:
    """The peak of resident memory in KiB."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


class _Watch:
    """What the audit hook, which cannot be taken away again, looks for now."""

    armed = False
    events: list[str]
    allowed: tuple[str, ...]
    inside: str


def _note(event: str, arguments: tuple) -> None:
    if not _Watch.armed or event not in _WATCHED or event in _Watch.allowed:
        return
    _Watch.armed = False  # what is done here raises events itself
    try:
        if event in _ON_PATHS:
            paths = arguments[:1] if event == "open" else arguments[:2]
            is_wrong = not all(_lies_inside(a) for a in paths if isinstance(a, (str, bytes, os.PathLike)))
        else:
            is_wrong = not _is_own_code(event, arguments)
        if is_wrong:
            _Watch.events.append(f"{event} {str(arguments)[:300]}")
    finally:
        _Watch.armed = True


def _lies_inside(path: Any) -> bool:
    return os.path.realpath(os.fsdecode(path)).startswith((f"{_Watch.inside}work", f"{_Watch.inside}home"))


def _is_own_code(event: str, arguments: tuple) -> bool:
    """Whether the library makes the forward pass of a graph, as for every model, or NumPy parses a header."""
    names = {"compile": lambda: arguments[1], "exec": lambda: arguments[0].co_filename}
    name = str(names[event]()) if event in names else ""
    return name.startswith(_OWN_CODE) or (event == "compile" and name == _PARSED)


if __name__ == "__main__":
    main(*sys.argv[1:])
