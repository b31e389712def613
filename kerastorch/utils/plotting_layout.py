"""Where the boxes of a picture stand: in ranks, each below those it depends on, with few crossings.

This is the method of Sugiyama, Tagawa and Toda (1981): ranks by the longest path, the order within a rank by the mean
place of the neighbours, and then coordinates. A frame is laid out first, and is one large box for what surrounds it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from kerastorch.utils.plotting_graph import Box, Frame

Point = tuple[float, float]
_BETWEEN_RANKS = 30.0  # points
_BETWEEN_BOXES = 24.0
_MARGIN = 14.0  # within a frame
_SWEEPS = 8


class Pads(NamedTuple):
    """The room for a frame's name: before its content across and along the ranks' direction, and along in all."""

    across: float
    before: float
    along: float


@dataclass(eq=False)
class Slot:
    """A place in a rank: that of a box or a frame, or of a line that passes."""

    member: Box | Frame | None = None
    breadth: float = 0.0  # across the ranks' direction
    depth: float = 0.0  # along it
    rank: int = 0
    across: float = 0.0  # the middle
    along: float = 0.0  # the beginning
    inner: Layout | None = None
    above: list[Slot] = field(default_factory=list)
    below: list[Slot] = field(default_factory=list)


@dataclass
class Layout:
    """Rectangles and lines in points, from the upper left corner; `x, y, width, height`."""

    breadth: float = 0.0
    depth: float = 0.0
    boxes: dict[Box, tuple[float, float, float, float]] = field(default_factory=dict)
    frames: list[tuple[str, float, float, float, float]] = field(default_factory=list)
    lines: list[list[Point]] = field(default_factory=list)


def lay_out(frame: Frame, size: Callable[[Box], Point], rankdir: str = "TB", label: float = 16.0) -> Layout:
    """Returns where everything stands.

    Args:
        frame: the boxes and edges.
        size: gives the width and height of a box.
        rankdir: `"TB"`, `"BT"`, `"LR"` or `"RL"`: from where to where the edges go.
        label: the height that the name of a frame takes.
    """
    sideways = rankdir in ("LR", "RL")
    pads = {"TB": (0.0, label, label), "BT": (0.0, 0.0, label)}.get(rankdir, (label, 0.0, 0.0))
    layout = _lay_out(frame, (lambda box: size(box)[::-1]) if sideways else size, Pads(*pads))
    flip = layout.depth if rankdir in ("BT", "RL") else None
    return _turned(layout, sideways, flip)


def _lay_out(frame: Frame, size: Callable[[Box], Point], pads: Pads) -> Layout:
    slots = [_slot(member, size, pads) for member in frame.members.values()]
    owner = {box: slot for slot in slots if slot.member is not None for box in _boxes(slot.member)}
    pairs = dict.fromkeys((owner[a], owner[b]) for a, b in frame.edges if owner[a] is not owner[b])
    _rank(slots, list(pairs))
    chains = {pair: _chain(*pair) for pair in pairs}
    ranks = _ranks([*slots, *(slot for chain in chains.values() for slot in chain[1:-1])])
    _order(ranks)
    _place(ranks)
    layout = Layout(
        max((s.across + s.breadth / 2 for rank in ranks for s in rank), default=0.0),
        max((s.along + s.depth for s in slots), default=0.0),
    )
    for slot in slots:
        _add(layout, slot, pads)
    for a, b in frame.edges:
        if owner[a] is not owner[b]:
            layout.lines.append(_line(layout, ranks, chains[owner[a], owner[b]], a, b))
    return layout


def _slot(member: Box | Frame, size: Callable[[Box], Point], pads: Pads) -> Slot:
    if isinstance(member, Box):
        return Slot(member, *size(member))
    inner = _lay_out(member, size, pads)
    breadth, depth = inner.breadth + 2 * _MARGIN + pads.across, inner.depth + 2 * _MARGIN + pads.along
    return Slot(member, breadth, depth, inner=inner)


def _boxes(member: Box | Frame) -> Iterable[Box]:
    return [member] if isinstance(member, Box) else member.boxes()


def _rank(slots: list[Slot], pairs: list[tuple[Slot, Slot]]) -> None:
    """Sets the ranks: each slot is below all that lead to it. Sources stand right above what they lead to."""
    into: dict[Slot, list[Slot]] = {slot: [] for slot in slots}
    out: dict[Slot, list[Slot]] = {slot: [] for slot in slots}
    for source, target in pairs:
        out[source].append(target)
        into[target].append(source)
    waiting = {slot: len(into[slot]) for slot in slots}
    ready = [slot for slot in slots if not waiting[slot]]
    for slot in ready:  # grows meanwhile
        for target in out[slot]:
            target.rank = max(target.rank, slot.rank + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    for slot in reversed(ready):
        if not into[slot] and out[slot]:
            slot.rank = min(target.rank for target in out[slot]) - 1


def _chain(source: Slot, target: Slot) -> list[Slot]:
    """The slots from one to another, with one in each rank between them, linked to each other."""
    between = [Slot(rank=rank) for rank in range(source.rank + 1, target.rank)]
    chain = [source, *between, target]
    for upper, lower in itertools.pairwise(chain):
        upper.below.append(lower)
        lower.above.append(upper)
    return chain


def _ranks(slots: Iterable[Slot]) -> list[list[Slot]]:
    ranks: dict[int, list[Slot]] = {}
    for slot in slots:
        ranks.setdefault(slot.rank, []).append(slot)
    return [ranks[number] for number in sorted(ranks)]


def _order(ranks: list[list[Slot]]) -> None:
    """Sorts each rank by the mean place of the neighbours above, then below, several times."""
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for rank in ranks if down else reversed(ranks):
            places = {slot: i / max(len(r) - 1, 1) for r in ranks for i, slot in enumerate(r)}
            keys = {slot: _mean(places, slot.above if down else slot.below, places[slot]) for slot in rank}
            rank.sort(key=keys.__getitem__)


def _mean(values: dict[Slot, float], neighbours: list[Slot], otherwise: float) -> float:
    return sum(values[n] for n in neighbours) / len(neighbours) if neighbours else otherwise


def _place(ranks: list[list[Slot]]) -> None:
    """Sets coordinates: each slot as near to the middle of its neighbours as those beside it allow."""
    along = 0.0
    for rank in ranks:
        for slot in rank:
            slot.along = along
        along += max(slot.depth for slot in rank) + _BETWEEN_RANKS
        _spread(rank, [0.0] * len(rank))
    for sweep in range(2 * _SWEEPS):
        for rank in ranks if sweep % 2 == 0 else reversed(ranks):
            across = {slot: slot.across for r in ranks for slot in r}
            _spread(rank, [_mean(across, [*slot.above, *slot.below], slot.across) for slot in rank])
    for rank in ranks:  # straight lines downwards
        across = {slot: slot.across for r in ranks for slot in r}
        _spread(rank, [_mean(across, slot.above, slot.across) for slot in rank])
    left = min((slot.across - slot.breadth / 2 for rank in ranks for slot in rank), default=0.0)
    for rank in ranks:
        for slot in rank:
            slot.across -= left


def _spread(rank: list[Slot], wanted: list[float]) -> None:
    """Puts the slots of a rank beside each other, with the least squared distance from the wanted places."""
    offsets = [0.0]
    for a, b in itertools.pairwise(rank):
        offsets.append(offsets[-1] + (a.breadth + b.breadth) / 2 + _BETWEEN_BOXES)
    groups: list[list[float]] = []  # sum and number of wanted places that became one
    for place, offset in zip(wanted, offsets, strict=True):
        groups.append([place - offset, 1])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] >= groups[-1][0] / groups[-1][1]:
            total, count = groups.pop()
            groups[-1][0] += total
            groups[-1][1] += count
    places = [total / count for total, count in groups for _ in range(int(count))]
    for slot, place, offset in zip(rank, places, offsets, strict=True):
        slot.across = place + offset


def _add(layout: Layout, slot: Slot, pads: Pads) -> None:
    """Adds a box, or a frame with all that is in it."""
    left, top = slot.across - slot.breadth / 2, slot.along
    if isinstance(slot.member, Box):
        layout.boxes[slot.member] = (left, top, slot.breadth, slot.depth)
    elif slot.member is not None and slot.inner is not None:
        right, down = left + _MARGIN + pads.across, top + _MARGIN + pads.before
        layout.frames.append((slot.member.name, left, top, slot.breadth, slot.depth))
        layout.frames += [(name, x + right, y + down, w, h) for name, x, y, w, h in slot.inner.frames]
        layout.lines += [[(x + right, y + down) for x, y in line] for line in slot.inner.lines]
        layout.boxes.update(
            {box: (x + right, y + down, w, h) for box, (x, y, w, h) in slot.inner.boxes.items()}
        )


def _line(layout: Layout, ranks: list[list[Slot]], chain: list[Slot], a: Box, b: Box) -> list[Point]:
    """The corners of an edge, which turns in the gaps between ranks only."""
    bottom = {slot: max(s.along + s.depth for s in rank) for rank in ranks for slot in rank}
    order = {slot: i for rank in ranks for i, slot in enumerate(rank)}
    x, y, width, height = layout.boxes[a]
    points = [(x + width / 2, y + height)]
    left, top, width, _ = layout.boxes[b]
    for upper, lower in itertools.pairwise(chain):
        start, end = points[-1][0], left + width / 2 if lower is chain[-1] else lower.across
        if abs(start - end) > 0.5:
            shift = (
                (order[lower] % 4 - 1.5) * _BETWEEN_RANKS / 8
            )  # edges to different boxes do not lie on each other
            turn = bottom[upper] + _BETWEEN_RANKS / 2 + shift
            points += [(start, turn), (end, turn)]
    return [*points, (points[-1][0], top)]


def _turned(layout: Layout, sideways: bool, flip: float | None) -> Layout:
    """The layout for another direction of the ranks."""

    def point(across: float, along: float) -> Point:
        along = along if flip is None else flip - along
        return (along, across) if sideways else (across, along)

    def rectangle(x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        (x0, y0), (x1, y1) = point(x, y), point(x + width, y + height)
        return min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)

    return Layout(
        layout.depth if sideways else layout.breadth,
        layout.breadth if sideways else layout.depth,
        {box: rectangle(*place) for box, place in layout.boxes.items()},
        [(name, *rectangle(*place)) for name, *place in layout.frames],
        [[point(*corner) for corner in line] for line in layout.lines],
    )
