"""`kerastorch check`: what of a script is not there, and what means something else in the other dialect."""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any

from kerastorch.compat.check_meanings import notes
from kerastorch.compat.check_names import Names, Use
from kerastorch.compat.check_source import Source
from kerastorch.compat.redirect import redirected
from kerastorch.errors import InvalidArgumentError, KerasTorchError, did_you_mean


@dataclass(frozen=True)
class Finding:
    """A line of the report.

    Args:
        place: file, line and column.
        kind: `"missing"`, `"argument"` or `"dialect"`.
        name: the name that it is about.
        text: what to know or to do.
    """

    place: str
    kind: str
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.kind:<8} {self.name}{': ' if self.name else ''}{self.text}"


def check(path: str) -> list[Finding]:
    """Returns what there is to say about a script or notebook, in the order of its lines; nothing of it is run.

    Args:
        path: the file.

    Raises:
        InvalidArgumentError: when it cannot be read or is no Python.
    """
    source = Source(path)
    names = Names()
    names.visit(source.tree)
    found: dict[tuple, Finding] = {}
    with redirected():
        for use in names.uses:
            for kind, name, text in _faults(use):
                found.setdefault(
                    (*use.place, kind, name), Finding(source.place(*use.place), kind, name, text)
                )
    for node, text in notes(source.tree, names.uses):
        line, column = node.lineno, node.col_offset + 1  # type: ignore[attr-defined]
        found.setdefault(
            (line, column, "dialect", text), Finding(source.place(line, column), "dialect", "", text)
        )
    return [found[key] for key in sorted(found)]


def _faults(use: Use) -> Iterator[tuple[str, str, str]]:
    try:
        target = _look_up(use.name)
    except _MissingError as error:
        yield "missing", error.name, error.text
        return
    for keyword in _refused(target, use):
        known = [name for name in inspect.signature(target).parameters if name not in ("self", "kwargs")]
        yield "argument", f"{use.name}({keyword}=)", f"is not taken.{did_you_mean(keyword, known)}".strip()


class _MissingError(Exception):
    """A part of a dotted name that is not there."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name)
        self.name, self.text = name, text


def _look_up(name: str) -> Any:
    """The object of a dotted name, as far as modules and classes go; what an instance has is not known."""
    parts = name.split(".")
    target: Any = importlib.import_module(parts[0])
    for number, part in enumerate(parts[1:], 2):
        if not isinstance(target, (ModuleType, type)):
            return None
        whole = ".".join(parts[:number])
        try:
            target = getattr(target, part)
        except AttributeError as error:
            target = _submodule(target, whole, error)
    return target


def _submodule(owner: Any, name: str, error: AttributeError) -> Any:
    try:
        return importlib.import_module(name)
    except (ImportError, KerasTorchError):
        lines = str(error).splitlines() or [""]
        text = lines[0].partition(" in kerastorch.")[2].strip() if " in kerastorch." in lines[0] else ""
        short = name.rpartition(".")[2]
        hint = text or did_you_mean(short, [each for each in dir(owner) if not each.startswith("_")]).strip()
        raise _MissingError(name, f"is not there. {hint}".strip()) from None


def _refused(target: Any, use: Use) -> list[str]:
    """The keywords of a call that the signature of its target does not take."""
    if use.call is None or not callable(target):
        return []
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError):
        return []
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return []
    return [k.arg for k in use.call.keywords if k.arg is not None and k.arg not in parameters]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `kerastorch check` and returns its exit code: 0, 1 where something is missing, 2 for an unreadable file.

    Args:
        arguments: the command line; None takes that of the process.
    """
    parser = argparse.ArgumentParser(
        prog="kerastorch check",
        description="Lists the names of Keras and TensorFlow in scripts and notebooks that kerastorch does not have, "
        "arguments that it does not take, and lines that Keras 2 and Keras 3 understand differently.",
    )
    parser.add_argument("files", nargs="+", metavar="SCRIPT", help="Python scripts or notebooks")
    parser.add_argument("--json", action="store_true", help="print a list of findings as JSON")
    options = parser.parse_args(arguments)
    findings: list[Finding] = []
    unreadable = 0
    for path in options.files:
        try:
            findings += check(path)
        except InvalidArgumentError as error:
            unreadable += 1
            print(error, file=sys.stderr)
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _print(findings, len(options.files) - unreadable)
    missing = any(finding.kind != "dialect" for finding in findings)
    return 2 if unreadable else int(missing)


def _print(findings: list[Finding], files: int) -> None:
    for finding in findings:
        print(finding)
    counts = {kind: sum(f.kind == kind for f in findings) for kind in ("missing", "argument", "dialect")}
    checked = f"{files} file{'s' if files != 1 else ''} checked"
    print(
        f"{checked}: {counts['missing']} missing names, {counts['argument']} arguments not taken, "
        f"{counts['dialect']} lines that depend on the dialect."
    )
