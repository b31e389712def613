"""The picture of a model in the language of Graphviz, as text and as objects of pydot."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from kerastorch.utils.plotting_graph import Box, Cell, Frame

_NODE = {"shape": "plaintext", "fontname": "Helvetica", "margin": "0"}


def settings(rankdir: str, dpi: float, splines: str) -> dict[str, Any]:
    """Returns the attributes of a whole graph."""
    return {"rankdir": rankdir, "concentrate": "true", "dpi": dpi, "splines": splines}


def source(frame: Frame, attributes: dict[str, Any]) -> str:
    """Returns the text of a `.dot` file.

    Args:
        frame: what is shown.
        attributes: those of the whole graph.
    """
    names = _names(frame)
    lines = [f"{key}={_quoted(value)};" for key, value in attributes.items()]
    lines.append(f"node [{', '.join(f'{k}={_quoted(v)}' for k, v in _NODE.items())}];")
    lines += [
        *_inside(frame, names, ""),
        *(f"{names[a]} -> {names[b]} [penwidth=2];" for a, b in frame.all_edges()),
    ]
    return "\n".join(["digraph {", *(f"  {line}" for line in lines), "}", ""])


def _inside(frame: Frame, names: dict[Box, str], path: str) -> Iterator[str]:
    for number, member in enumerate(frame.members.values()):
        if isinstance(member, Box):
            yield f"{names[member]} [label={label(member)}];"
            continue
        yield f"subgraph cluster{path}_{number} {{"
        yield f'  label={_quoted(member.name)}; labeljust="l"; style="dashed";'
        yield from (f"  {line}" for line in _inside(member, names, f"{path}_{number}"))
        yield "}"


def to_pydot(pydot: Any, frame: Frame, attributes: dict[str, Any] | None) -> Any:
    """Returns a `pydot.Dot`, or a `pydot.Cluster` when there are no attributes.

    Args:
        pydot: the package.
        frame: what is shown.
        attributes: those of the whole graph, or None.
    """
    names = _names(frame)
    if attributes is None:
        graph = _cluster(pydot, frame, names, "")
    else:
        graph = pydot.Dot(**attributes)
        _fill(pydot, graph, frame, names, "")
    for a, b in frame.all_edges():
        graph.add_edge(pydot.Edge(names[a], names[b], penwidth="2"))
    return graph


def _cluster(pydot: Any, frame: Frame, names: dict[Box, str], path: str) -> Any:
    cluster = pydot.Cluster(f"{frame.name}{path}", label=frame.name, labeljust="l", style="dashed")
    _fill(pydot, cluster, frame, names, path)
    return cluster


def _fill(pydot: Any, graph: Any, frame: Frame, names: dict[Box, str], path: str) -> None:
    for number, member in enumerate(frame.members.values()):
        if isinstance(member, Box):
            graph.add_node(pydot.Node(names[member], label=label(member), **_NODE))
        else:
            graph.add_subgraph(_cluster(pydot, member, names, f"{path}_{number}"))


def label(box: Box) -> str:
    """Returns the label of a box: a table in the HTML that Graphviz reads."""
    columns = max([1, *map(len, box.rows)])
    words = f"<b>{html.escape(box.title, quote=False)}</b>{html.escape(box.detail, quote=False)}"
    title = f'<font point-size="16" color="white">{words}</font>'
    rows = [f'<tr><td colspan="{columns}" bgcolor="black">{title}</td></tr>']
    for row in box.rows:
        span = columns // len(row)
        rows.append(f"<tr>{''.join(_cell(cell, span) for cell in row)}</tr>")
    return f'<<table border="0" cellborder="1" cellspacing="0" cellpadding="10">{"".join(rows)}</table>>'


def _cell(cell: Cell, span: int) -> str:
    letters = "white" if cell.colour else "black"
    text = f"{html.escape(cell.label, quote=False)}<b>{html.escape(cell.value, quote=False)}</b>"
    return (
        f'<td bgcolor="{cell.colour or "white"}" colspan="{span}">'
        f'<font point-size="14" color="{letters}">{text}</font></td>'
    )


def _names(frame: Frame) -> dict[Box, str]:
    return {box: f"node{number}" for number, box in enumerate(frame.boxes())}


def _quoted(value: Any) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
