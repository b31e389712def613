"""Runs a program as `python` itself would: its own `__main__`, `sys.argv`, `sys.path`, tracebacks and exit code."""

from __future__ import annotations

import builtins
import code
import contextlib
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from types import CodeType, ModuleType, TracebackType
from typing import Any, NoReturn

# A program: its code, and what its `__main__` module has for attributes.
Program = tuple[CodeType, dict[str, Any]]


def run_script(path: str, arguments: Sequence[str] = ()) -> None:
    """Runs a Python file, or a folder or zip archive that holds a `__main__.py`.

    Args:
        path: the file; `"-"` is the standard input.
        arguments: what `sys.argv` holds behind it.

    Raises:
        SystemExit: with 2 if the file cannot be read, as Python ends then.

    Example:
        >>> run_script("train.py", ["--epochs", "3"])  # doctest: +SKIP
    """
    if path == "-":
        run_text(sys.stdin.read(), "<stdin>", ["-", *arguments])
        return
    found = importlib.machinery.PathFinder.find_spec("__main__", [os.path.abspath(path)])
    if found is not None:
        _start([path, *arguments], os.path.abspath(path))
        _run(lambda: _of_spec(found))
        return
    if os.path.isdir(path):
        stop(f"can't find '__main__' module in {os.path.abspath(path)!r}", 1)
    whole = os.path.join(os.getcwd(), path)
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        stop(f"can't open file {whole!r}: [Errno {error.errno}] {error.strerror}", 2)
    _start([path, *arguments], os.path.dirname(os.path.realpath(path)))
    _run(lambda: _file(whole, source))


def run_text(text: str, name: str, arguments: Sequence[str]) -> None:
    """Runs Python code given as text.

    Args:
        text: the code.
        name: what tracebacks call it.
        arguments: the whole of `sys.argv`.

    Example:
        >>> run_text("import keras", "<string>", ["-c"])  # doctest: +SKIP
    """
    _start(arguments, "")
    _run(lambda: (compile(text, name, "exec", dont_inherit=True), {"__loader__": None}))


def run_module(name: str, arguments: Sequence[str] = ()) -> None:
    """Runs a module, or the `__main__` module of a package, found on `sys.path`.

    Args:
        name: its dotted name.
        arguments: what `sys.argv` holds behind the path of the module.

    Raises:
        SystemExit: with 1 if there is no such module, as Python ends then.

    Example:
        >>> run_module("package.train", ["--epochs", "3"])  # doctest: +SKIP
    """
    _start(["-m", *arguments], os.getcwd())
    _run(lambda: _module(name))


def run_console() -> None:
    """Opens an interactive console.

    Example:
        >>> run_console()  # doctest: +SKIP
    """
    with contextlib.suppress(ImportError):
        __import__("readline")  # for the history and the editing of lines
    main = _start([""], "")
    code.interact(local=vars(main), exitmsg="")


def stop(message: str, status: int) -> NoReturn:
    """Ends the process with a message, as Python does where there is nothing to run.

    Args:
        message: what to print to the standard error.
        status: the exit code.

    Raises:
        SystemExit: always.

    Example:
        >>> stop("No module named train", 1)
        Traceback (most recent call last):
        SystemExit: 1
    """
    print(f"{sys.executable} -m kerastorch: {message}", file=sys.stderr)
    raise SystemExit(status)


def _start(arguments: Sequence[str], first_path: str) -> ModuleType:
    """Makes a fresh `__main__` module, and sets `sys.argv` and `sys.path` for it."""
    main = ModuleType("__main__")
    vars(main).update(__builtins__=builtins, __annotations__={})
    sys.modules["__main__"] = main
    sys.argv = list(arguments)
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = first_path
    return main


def _run(prepare: Callable[[], Program]) -> None:
    """Runs a program; an exception leaves it with a traceback that begins in the program."""
    try:
        _run_program(prepare)
    except BaseException:
        _shorten_traceback()
        raise


def _run_program(prepare: Callable[[], Program]) -> None:
    program, attributes = prepare()
    namespace = vars(sys.modules["__main__"])
    namespace.update(attributes)
    exec(program, namespace)


def _shorten_traceback() -> None:
    """Leaves the frames of this package out of the traceback that Python is about to print."""
    hook = sys.excepthook

    def shortened(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        while trace is not None and trace.tb_frame.f_code is not _run_program.__code__:
            trace = trace.tb_next
        below = trace.tb_next if trace is not None else None
        while below is not None and below.tb_frame.f_code.co_filename in _OWN:
            below = below.tb_next
        sys.last_traceback = below
        hook(kind, error.with_traceback(below), below)

    sys.excepthook = shortened


_OWN = (__file__, "<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>")


def _file(path: str, source: bytes) -> Program:
    loader: Any = importlib.machinery.SourceFileLoader("__main__", path)
    if path.endswith(".pyc"):
        loader = importlib.machinery.SourcelessFileLoader("__main__", path)
        program = loader.get_code("__main__")
    else:
        program = compile(source, path, "exec", dont_inherit=True)
    return program, {"__file__": path, "__cached__": None, "__loader__": loader}


def _of_spec(spec: importlib.machinery.ModuleSpec) -> Program:
    """The code that the import system finds for a module."""
    program = spec.loader.get_code(spec.name)  # type: ignore[union-attr]
    return program, {
        "__file__": spec.origin,
        "__cached__": spec.cached,
        "__loader__": spec.loader,
        "__package__": spec.parent,
        "__spec__": spec,
    }


def _module(name: str) -> Program:
    """A module by its name; that of a package is its `__main__`."""
    found = _find(name)
    if found is not None and found.submodule_search_locations is not None:
        name = f"{name}.__main__"
        found = _find(name)
    if found is None or not hasattr(found.loader, "get_code"):
        stop(f"No module named {name}", 1)
    sys.argv[0] = str(found.origin)
    return _of_spec(found)


def _find(name: str) -> importlib.machinery.ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # a package above it lacks something else
        return None
