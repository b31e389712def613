"""Merging layers, with the sets of arguments that matter."""

from __future__ import annotations

from tests.catalog.row import IMAGE, SERIES, VECTOR, Row

MERGING = [
    Row("Add", {}, [SERIES, SERIES], open_axes=(1, 2), masked=True),
    Row("Add", {}, [VECTOR, VECTOR, VECTOR]),
    Row("Add", {}, [IMAGE, (3,), (1, 5, 1)]),
    Row("Add", {}, [VECTOR]),
    Row("Subtract", {}, [SERIES, SERIES], open_axes=(1, 2), masked=True),
    Row("Subtract", {}, [SERIES, (3,)]),
    Row("Multiply", {}, [SERIES, SERIES], open_axes=(1, 2), masked=True),
    Row("Multiply", {}, [VECTOR, VECTOR, (1,)]),
    Row("Average", {}, [SERIES, SERIES, SERIES], open_axes=(1, 2), masked=True),
    Row("Average", {}, [VECTOR, VECTOR]),
    Row("Maximum", {}, [SERIES, SERIES], open_axes=(1, 2), masked=True),
    Row("Maximum", {}, [VECTOR, VECTOR, VECTOR]),
    Row("Minimum", {}, [SERIES, SERIES], open_axes=(1, 2), masked=True),
    Row("Minimum", {}, [VECTOR, (1,)]),
    Row("Concatenate", {}, [SERIES, (6, 2)], open_axes=(1,), masked=True),
    Row("Concatenate", {"axis": 1}, [SERIES, (2, 3), (1, 3)], open_axes=(1,), masked=True),
    Row("Concatenate", {"axis": 0}, [VECTOR, VECTOR]),
    Row("Dot", {"axes": 1}, [VECTOR, VECTOR]),
    Row("Dot", {"axes": -1, "normalize": True}, [VECTOR, VECTOR]),
    Row("Dot", {"axes": (2, 1)}, [(4, 3), (3, 6)], open_axes=()),
    Row("Dot", {"axes": (1, 2)}, [(4, 3), (6, 4)], masked=False),
    Row("Dot", {"axes": (1, 3)}, [(4, 3), (2, 6, 4)]),
    Row("Dot", {"axes": (2, 1)}, [(2, 4, 3), (4, 2, 5)]),
    Row("Dot", {"axes": (2, 1)}, [(4, 3), (3,)]),
]
