"""Pooling layers, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

from tests.catalog.row import IMAGE, SERIES, VOLUME, Row

FIRST = {"data_format": "channels_first"}


def _same(name: str, shape: tuple[int, ...], **kwargs: Any) -> Row:
    """Windows that stick out; where unevenly, Keras on torch repeats the edge, which only a maximum forgives."""
    values: dict[str, Any] = {"padding": "same", **kwargs}
    if name.startswith("Max"):
        return Row(name, values, shape)
    why = "Keras on torch counts the edge again, and zeros too, where padding is outside"
    return Row(name, values, shape, reference="tensorflow", because=why)


def _sames(kind: str) -> list[Row]:
    one, two, three = (f"{kind}Pooling{rank}D" for rank in (1, 2, 3))
    return [
        _same(one, SERIES, pool_size=2, strides=1),
        _same(one, (5, 2), pool_size=3, strides=2),
        _same(one, (5, 2), pool_size=4, strides=3),
        _same(two, IMAGE, pool_size=2),
        _same(two, (4, 5, 2), pool_size=3, strides=2),
        _same(two, (4, 5, 2), pool_size=(2, 3), strides=(3, 1)),
        _same(two, (5, 5, 2), pool_size=4, strides=2),
        _same(three, (3, 2, 3, 2), pool_size=2),
        _same(three, (3, 3, 2, 1), pool_size=(3, 2, 2), strides=(2, 1, 2)),
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
                because="torch has no kernel for the mean of volumes in low precision on the CPU",
            ),
            *_sames(kind),
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
        rows += [
            Row(f"Adaptive{kind}Pooling1D", {"output_size": 3}, SERIES, open_axes=(1,)),
            Row(f"Adaptive{kind}Pooling1D", {"output_size": (4,)}, SERIES),
            Row(f"Adaptive{kind}Pooling1D", {"output_size": 2, "data_format": "channels_first"}, SERIES),
            Row(f"Adaptive{kind}Pooling2D", {"output_size": 2}, IMAGE, open_axes=(1, 2)),
            Row(f"Adaptive{kind}Pooling2D", {"output_size": (4, 3)}, IMAGE),
            Row(f"Adaptive{kind}Pooling2D", {"output_size": (7, 1)}, IMAGE),
            Row(f"Adaptive{kind}Pooling2D", {"output_size": 2, "data_format": "channels_first"}, IMAGE),
            Row(f"Adaptive{kind}Pooling3D", {"output_size": 2}, VOLUME, open_axes=(1, 2, 3)),
            Row(f"Adaptive{kind}Pooling3D", {"output_size": (3, 2, 1)}, VOLUME),
            Row(f"Adaptive{kind}Pooling3D", {"output_size": 2, "data_format": "channels_first"}, VOLUME),
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
