"""The source files of the project, read once: paths, module names and syntax trees."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "kerastorch"


@dataclass(frozen=True)
class Source:
    """One Python file: its module name, text and syntax tree."""

    path: Path
    module: str
    text: str
    tree: ast.Module

    @property
    def is_index(self) -> bool:
        """Whether the file is the `__init__` of a folder."""
        return self.path.name == "__init__.py"

    @property
    def folder(self) -> str:
        """The dotted name of the folder that holds the file."""
        return self.module if self.is_index else self.module.rpartition(".")[0]

    @property
    def label(self) -> str:
        """The path to show in a message."""
        return self.path.relative_to(ROOT).as_posix()


def read(path: Path) -> Source:
    """Reads and parses one file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text(encoding="utf-8")
    return Source(path, module, text, ast.parse(text, filename=str(path)))


@cache
def package() -> dict[str, Source]:
    """Every module of kerastorch by its dotted name."""
    sources = (read(path) for path in sorted(PACKAGE.rglob("*.py")))
    return {source.module: source for source in sources}


@cache
def project() -> tuple[Source, ...]:
    """Every file kept to the house rules: the package, its tests, benchmarks and tutorials."""
    folders = ("kerastorch", "tests", "benchmarks", "tutorials")
    return tuple(read(p) for folder in folders for p in sorted((ROOT / folder).rglob("*.py")))
