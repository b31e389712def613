"""`python -m kerastorch`: runs a script written for Keras or TensorFlow as it is."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence

from kerastorch.compat import launch
from kerastorch.compat.check import main as check
from kerastorch.compat.redirect import install
from kerastorch.errors import InvalidArgumentError
from kerastorch.version import __version__

USAGE = """\
usage: python -m kerastorch [--dialect NAME] SCRIPT | -m MODULE | -c CODE | -  [argument ...]
       python -m kerastorch check [--json] SCRIPT ...

Runs a program as `python` does, with `keras`, `tensorflow`, `tf_keras` and all that lies in them meaning kerastorch.
Neither Keras nor TensorFlow needs to be installed.

  SCRIPT          a Python file, or a folder or zip archive with a `__main__.py`
  -m MODULE       a module or package, as in `python -m`
  -c CODE         code given as text
  -               code read from the standard input
  (nothing)       an interactive console, or the standard input where that is no terminal
  check SCRIPT    says what of a script or notebook is missing here, without running it; write ./check to run a
                  file of that name
  --dialect NAME  `keras` or `tf_keras`: whose meaning counts where Keras 3 and Keras 2 differ. By default `import
                  keras` means the former, `tensorflow` and `tf_keras` the latter; KERASTORCH_DIALECT sets it as well
  --version       prints the version of kerastorch
  -h, --help      prints this
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line `python -m kerastorch`, and returns its exit code.

    Args:
        arguments: what follows the name of the command; None takes `sys.argv`.

    Returns:
        0, or what `kerastorch check` found. A program that fails leaves with its own exception.

    Raises:
        SystemExit: for a program that cannot be found, with 2 for a command line that cannot be understood.

    Example:
        >>> main(["--version"])  # doctest: +ELLIPSIS
        kerastorch ...
        0
    """
    rest = list(sys.argv[1:] if arguments is None else arguments)
    if rest[:1] == ["check"]:
        return check(rest[1:])
    if rest[:1] in (["-h"], ["--help"]):
        print(USAGE, end="")
        return 0
    if rest[:1] in (["-V"], ["--version"]):
        print(f"kerastorch {__version__}")
        return 0
    _prepare(_take_dialect(rest))
    _run(rest)
    return 0


def _take_dialect(rest: list[str]) -> str | None:
    """Takes `--dialect NAME` or `--dialect=NAME` off the front of a command line."""
    if not rest or rest[0].partition("=")[0] != "--dialect":
        return None
    name, equals, value = rest.pop(0).partition("=")
    if equals:
        return value
    if not rest:
        launch.stop(f"argument expected for the {name} option\n{USAGE}", 2)
    return rest.pop(0)


def _prepare(dialect: str | None) -> None:
    try:
        install(dialect)
    except InvalidArgumentError as error:
        launch.stop(str(error), 2)
    # A fork server would import the script by itself, before any worker could redirect its names.
    multiprocessing.set_forkserver_preload([])


def _run(rest: list[str]) -> None:
    """Runs what a command line names."""
    first = rest[0] if rest else ""
    option, value = first[:2], first[2:]
    if option in ("-c", "-m"):
        following = [value, *rest[1:]] if value else rest[1:]
        if not following:
            launch.stop(f"argument expected for the {option} option\n{USAGE}", 2)
        if option == "-m":
            launch.run_module(following[0], following[1:])
        else:
            launch.run_text(following[0], "<string>", ["-c", *following[1:]])
    elif first.startswith("-") and first != "-":
        launch.stop(f"unknown option {first}\n{USAGE}", 2)
    elif rest:
        launch.run_script(first, rest[1:])
    elif sys.stdin.isatty():
        launch.run_console()
    else:
        launch.run_text(sys.stdin.read(), "<stdin>", [""])


if __name__ == "__main__":
    sys.exit(main())
