"""Scripts and notebooks as source that Python's parser takes, with the places that people see."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

from kerastorch.errors import InvalidArgumentError

_MAGIC = re.compile(r"^\s*[%!?]|^\s*[\w.]+\?{1,2}\s*$")


class Source:
    """A script or notebook.

    Args:
        path: the file; a name that ends in `.ipynb` is a notebook.

    Attributes:
        tree: the parsed code.
        place: turns line and column into the words that are shown.

    Raises:
        InvalidArgumentError: when the file cannot be read or is no Python.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidArgumentError(f"{path}: cannot be read: {error}") from error
        self._lines: list[tuple[int, int]] | None = None
        if path.endswith(".ipynb"):
            text = self._code_of(text)
        try:
            self.tree = ast.parse(text, path)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            raise InvalidArgumentError(f"{self.place(line, 1)}: is no Python: {error}") from error

    def place(self, line: int, column: int) -> str:
        """Returns a place as people read it: `train.py:3:1`, or `train.ipynb, cell 2:3:1`.

        Args:
            line: from 1.
            column: from 1.
        """
        if self._lines is None:
            return f"{self.path}:{line}:{column}"
        cell, inner = self._lines[line - 1] if line <= len(self._lines) else (len(self._lines), 1)
        return f"{self.path}, cell {cell}:{inner}:{column}"

    def _code_of(self, text: str) -> str:
        """The code of a notebook; lines for IPython alone become empty."""
        try:
            cells = json.loads(text)["cells"]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidArgumentError(f"{self.path}: is no notebook: {error}") from error
        lines: list[str] = []
        self._lines = []
        for number, cell in enumerate((c for c in cells if c.get("cell_type") == "code"), 1):
            source = cell.get("source", "")
            code = source if isinstance(source, str) else "".join(source)
            own = code.split("\n")
            if own and own[0].startswith("%%"):
                own = [own[0]]
            for inner, line in enumerate(own, 1):
                lines.append(_without_magic(line))
                self._lines.append((number, inner))
        return "\n".join(lines) + "\n"


def _without_magic(line: str) -> str:
    return re.sub(r"\S.*", "pass", line) if _MAGIC.match(line) else line


Place = Callable[[int, int], str]
