"""Tables of text in the boxes that Keras prints, laid out without any further package."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

_ASCII = str.maketrans("┏┳┓┡╇┩├┼┤└┴┘━─┃│…", "++++++++++++=-||.")
_WORD = re.compile(r"\s*\S+\s*")


def cell_width(text: str) -> int:
    """Returns how many columns of a terminal a text takes: wide letters take two, combining ones none.

    Example:
        >>> cell_width("ab"), cell_width("層")
        (2, 2)
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def to_ascii(text: str) -> str:
    """Returns the text with plain characters in place of the boxes, for streams that cannot show them.

    Example:
        >>> to_ascii("┏━┓")
        '+=+'
    """
    return text.translate(_ASCII)


def render(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    align: Sequence[str],
    line_length: int,
) -> list[str]:
    """Returns the lines of a table.

    Args:
        header: the titles of the columns.
        rows: the cells; long ones are broken at spaces, and longer words are cut.
        widths: the columns' wishes, in characters; they are fitted to `line_length`.
        align: `"left"`, `"right"` or `"center"` for each column.
        line_length: the width of the whole table, in characters.

    Example:
        >>> for line in render(["a", "b"], [["1", "2"]], [3, 3], ["left", "right"], 13):
        ...     print(line)
        ┏━━━━━┳━━━━━┓
        ┃ a   ┃   b ┃
        ┡━━━━━╇━━━━━┩
        │ 1   │   2 │
        └─────┴─────┘
    """
    inner = _fitted(widths, line_length)
    lines = [_rule("┏━┳┓", inner), *_row(header, inner, align, "┃"), _rule("┡━╇┩", inner)]
    for number, row in enumerate(rows):
        if number:
            lines.append(_rule("├─┼┤", inner))
        lines.extend(_row(row, inner, align, "│"))
    return [*lines, _rule("└─┴┘", inner)]


def _fitted(widths: Sequence[int], line_length: int) -> list[int]:
    """The widths of the columns with their padding, so that they and the borders fill the line."""
    padded = [width + 2 for width in widths]
    room = line_length - len(widths) - 1
    excess = sum(padded) - room
    fitted = []
    for position, width in enumerate(padded):
        if excess > 0:
            share = min(width, round(excess / (len(padded) - position)))
        else:
            share = -math.ceil(-excess * width / sum(padded[position:]))
        fitted.append(width - share)
        excess -= share
    return [max(width - 2, 1) for width in fitted]


def _rule(box: str, widths: Sequence[int]) -> str:
    left, line, middle, right = tuple(box)
    return left + middle.join(line * (width + 2) for width in widths) + right


def _row(cells: Sequence[str], widths: Sequence[int], align: Sequence[str], border: str) -> list[str]:
    wrapped = [_wrap(cell, width, side) for cell, width, side in zip(cells, widths, align, strict=True)]
    height = max(map(len, wrapped))
    lines = []
    for number in range(height):
        parts = (
            cell[number] if number < len(cell) else " " * width
            for cell, width in zip(wrapped, widths, strict=True)
        )
        lines.append(f"{border} " + f" {border} ".join(parts) + f" {border}")
    return lines


def _wrap(text: str, width: int, side: str) -> list[str]:
    """The lines of one cell, broken before words that do not fit."""
    lines, current = [], ""
    for word in _WORD.findall(text.replace("\n", " ")):
        if current and cell_width(current) + cell_width(word.rstrip()) > width:
            lines.append(current)
            current = ""
        current += word
    lines.append(current)
    return [_aligned(_cut(line, width), width, side) for line in lines]


def _cut(line: str, width: int) -> str:
    line = line.rstrip() if cell_width(line) > width else line
    if cell_width(line) <= width:
        return line
    while cell_width(line) > width - 1:
        line = line[:-1]
    return line + "…"


def _aligned(line: str, width: int, side: str) -> str:
    if side == "left":
        return line + " " * (width - cell_width(line))
    line = line.rstrip()
    free = width - cell_width(line)
    left = free if side == "right" else free // 2
    return " " * left + line + " " * (free - left)
