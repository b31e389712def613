"""Images side by side in one figure: `plot_image_gallery`."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerastorch.callbacks.events import as_array
from kerastorch.errors import InvalidArgumentError, MissingDependencyError
from kerastorch.visualization.pixels import as_bytes, from_range, image_batch


def plot_image_gallery(
    images: Any,
    y_true: Any = None,
    y_pred: Any = None,
    label_map: Mapping[Any, str] | None = None,
    rows: int | None = None,
    cols: int | None = None,
    value_range: Sequence[float] = (0, 255),
    scale: float = 2,
    path: str | os.PathLike[str] | None = None,
    show: bool | None = None,
    transparent: bool = True,
    dpi: float = 60,
    legend_handles: Sequence[Any] | None = None,
    data_format: str | None = None,
) -> None:
    """Shows images in rows and columns, or saves them as one picture.

    Args:
        images: (N, H, W, C), or (N, C, H, W) where colours come first. One colour is shown in shades of gray.
        y_true: (N,), the label of each image. Default: None.
        y_pred: (N,), the predicted labels. Default: None.
        label_map: the names of the labels, needed where there are any. Default: None.
        rows: how many; None takes as many as `cols` asks for, or makes the gallery a square. Default: None.
        cols: how many; None takes as many as the images and `rows` ask for. Default: None.
        value_range: the values of black and of full colour. Default: `(0, 255)`.
        scale: the size of each image, in inches. Default: 2.
        path: the file to save to, of a kind that matplotlib writes; None shows the figure. Default: None.
        show: False leaves the figure open without showing it. None shows it unless there is a `path`. Default: None.
        transparent: whether the background of the saved picture is. Default: True.
        dpi: pixels an inch of the saved picture. Default: 60.
        legend_handles: patches of matplotlib for a legend below the images. Default: None.
        data_format: `"channels_last"` or `"channels_first"`; None takes `config.image_data_format()`.

    Raises:
        InvalidArgumentError: when both `path` and `show` are given, or labels without `label_map`.
        ShapeError: when `images` are no batch of images.
        MissingDependencyError: when matplotlib is not installed.

    Example:
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "gallery.png")
        >>> noise = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3))
        >>> plot_image_gallery(noise, y_true=[0, 1] * 3, label_map={0: "cat", 1: "dog"}, rows=2, path=path)
        >>> os.path.getsize(path) > 1000
        True

    Source: `keras.visualization.plot_image_gallery`.
    """
    if path is not None and show:
        raise InvalidArgumentError(
            f"`plot_image_gallery()` takes either a `path` or `show=True`. Received: path={path!r}, show={show}"
        )
    if label_map is None and (y_true is not None or y_pred is not None):
        raise InvalidArgumentError(
            "If `y_true` or `y_pred` are provided, a `label_map` must also be provided."
        )
    plt = pyplot("plot_image_gallery")
    pixels = as_bytes(from_range(image_batch(images, data_format), value_range))
    rows, cols = _grid(len(pixels), rows, cols)
    figure, axes = plt.subplots(
        rows, cols, figsize=(cols * scale, rows * scale), layout="compressed", squeeze=False
    )
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    titles = _titles(len(pixels), label_map, {"Label": y_true, "Pred": y_pred})
    for axis, image, title in zip(axes.flat, pixels, titles, strict=False):
        axis.imshow(image, cmap="gray", vmin=0, vmax=255)
        axis.set_title(title, fontsize=8)
    for axis in axes.flat:
        axis.axis("off")
    if legend_handles is not None:
        figure.legend(
            handles=legend_handles, loc="outside lower center", ncols=4, borderaxespad=0, frameon=False
        )
    if path is not None:
        figure.savefig(path, pad_inches=0, bbox_inches="tight", transparent=transparent, dpi=dpi)
    elif show is None or show:
        plt.show()
    if path is not None or show is None or show:
        plt.close(figure)


def pyplot(caller: str) -> Any:
    """Returns the module `matplotlib.pyplot`, which makes figures and shows them.

    Args:
        caller: the function that asks for it.

    Raises:
        MissingDependencyError: when matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise MissingDependencyError(
            f"`{caller}` needs matplotlib, which is not installed: `pip install matplotlib`."
        ) from error
    return plt


def _grid(count: int, rows: int | None, cols: int | None) -> tuple[int, int]:
    """The numbers of rows and columns that hold all images, unless both are given."""
    if rows is None:
        rows = math.ceil(count / cols if cols else math.sqrt(count))
    return max(rows, 1), max(cols or math.ceil(count / max(rows, 1)), 1)


def _titles(count: int, names: Mapping[Any, str] | None, labels: Mapping[str, Any]) -> list[str]:
    """The text above each image."""
    parts: list[list[str]] = [[] for _ in range(count)]
    for what, values in labels.items():
        numbers = [] if values is None else np.ravel(as_array(values)).tolist()
        for part, number in zip(parts, numbers, strict=False):
            part.append(f"{what}: {(names or {}).get(number, 'Unknown')}")
    return ["  ".join(part) for part in parts]
