"""Small HTML tables for notebooks."""

from __future__ import annotations

import html
from collections.abc import Sequence


def html_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table with a caption; all text is escaped.

    Args:
        title: the caption.
        header: the titles of the columns.
        rows: the cells.

    Example:
        >>> "&lt;b&gt;" in html_table("<b>", ["a"], [["1"]])
        True
    """

    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    head, body = line(header, "th"), "".join(line(row, "td") for row in rows)
    caption = f"<caption>{html.escape(title)}</caption>"
    return f"<table>{caption}<thead>{head}</thead><tbody>{body}</tbody></table>"
