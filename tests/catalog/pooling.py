"""Pooling layers, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

from tests.catalog.row import IMAGE, SERIES, VOLUME, Row

FIRST = {"data_format": "channels_first"}


NO_KERNEL = "torch has no kernel for the mean of volumes in low precision on the CPU"
REPEATED = "where windows stick out more after than before, Keras on torch counts the edge again"


def _sames(kind: str) -> list[Row]:
    """Windows that stick out, evenly and unevenly."""
    one, two, three = (f"{kind}Pooling{rank}D" for rank in (1, 2, 3))
    same = {"padding": "same"}
    mean = kind == "Average"
    uneven: dict[str, Any] = {"reference": "tensorflow", "because": REPEATED} if mean else {}
    return [
        Row(one, {"pool_size": 2, "strides": 1, **same}, SERIES),
        Row(one, {"pool_size": 3, "strides": 2, **same}, (5, 2)),
        Row(one, {"pool_size": 4, "strides": 3, **same}, (5, 2)),
        Row(one, {"pool_size": 4, "strides": 2, **same, **FIRST}, (2, 6)),
        Row(two, {"pool_size": 2, **same}, IMAGE),
        Row(two, {"pool_size": 3, "strides": 2, **same}, (4, 5, 2), **uneven),
        Row(two, {"pool_size": (2, 3), "strides": (3, 1), **same}, (4, 5, 2), **uneven),
        Row(two, {"pool_size": 4, "strides": 2, **same}, (5, 5, 2), **uneven),
        Row(three, {"pool_size": 2, **same}, (3, 2, 3, 2), low=not mean, because=NO_KERNEL),
        Row(three, {"pool_size": (3, 2, 2), "strides": (2, 1, 2), **same}, (3, 3, 2, 1), **uneven),
    ]


def _adaptives(kind: str) -> list[Row]:
    return [
        Row(f"Adaptive{kind}Pooling1D", {"output_size": 3}, SERIES, open_axes=(1,)),
        Row(f"Adaptive{kind}Pooling1D", {"output_size": (4,)}, SERIES),
        Row(f"Adaptive{kind}Pooling1D", {"output_size": 2, **FIRST}, SERIES),
        Row(f"Adaptive{kind}Pooling2D", {"output_size": 2}, IMAGE, open_axes=(1, 2)),
        Row(f"Adaptive{kind}Pooling2D", {"output_size": (4, 3)}, IMAGE),
        Row(f"Adaptive{kind}Pooling2D", {"output_size": (7, 1)}, IMAGE),
        Row(f"Adaptive{kind}Pooling2D", {"output_size": 2, **FIRST}, IMAGE),
        Row(f"Adaptive{kind}Pooling3D", {"output_size": 2}, VOLUME, open_axes=(1, 2, 3)),
        Row(f"Adaptive{kind}Pooling3D", {"output_size": (3, 2, 1)}, VOLUME),
        Row(f"Adaptive{kind}Pooling3D", {"output_size": 2, **FIRST}, VOLUME),
    ]


def _poolings() -> list[Row]:
    rows = []
    for kind in ("Max", "Average"):
        rows += [
            Row(f"{kind}Pooling1D", {"pool_size": 2}, SERIES, open_axes=(1,)),
            Row(f"{kind}Pooling1D", {"pool_size": 3, "strides": 1, "padding": "same"}, SERIES),
            Row(f"{kind}Pooling1D", {"pool_size": 2, "data_format": "channels_first"}, SERIES),
            Row(f"{kind}Pooling2D", {"pool_size": 2}, IMAGE, open_axes=(1, 2)),
            Row(f"{kind}Pooling2D", {"pool_size": (3, 1), "strides": 1, "padding": "same"}, IMAGE),
            Row(f"{kind}Pooling2D", {"pool_size": 2, "data_format": "channels_first"}, IMAGE),
            Row(
                f"{kind}Pooling3D",
                {"pool_size": (2, 1, 2), "strides": 1},
                VOLUME,
                open_axes=(1, 2, 3),
                low=kind == "Max",
                because=NO_KERNEL,
            ),
            *_sames(kind),
            *_adaptives(kind),
            Row(f"{kind}Pooling2D", {"pool_size": (2, 3), "strides": (1, 2)}, IMAGE),
            Row(f"{kind}Pooling2D", {"pool_size": 2, "strides": 3, **FIRST}, IMAGE),
            Row(f"Global{kind}Pooling1D", FIRST, SERIES),
            Row(f"Global{kind}Pooling3D", {"keepdims": True, **FIRST}, VOLUME),
            Row(f"Global{kind}Pooling1D", {}, SERIES, open_axes=(1,), masked=kind == "Average"),
            Row(f"Global{kind}Pooling1D", {"keepdims": True}, SERIES),
            Row(f"Global{kind}Pooling2D", {}, IMAGE, open_axes=(1, 2)),
            Row(f"Global{kind}Pooling2D", {"data_format": "channels_first", "keepdims": True}, IMAGE),
            Row(f"Global{kind}Pooling3D", {}, VOLUME, open_axes=(1, 2, 3)),
        ]
    return [
        *rows,
        Row(
            "GlobalAveragePooling1D",
            {},
            SERIES,
            "integers",
            low=False,
            because="Keras gives means of integers in float32 whatever the policy",
        ),
    ]


POOLING = _poolings()
