"""Images with their segmentation masks in one figure: `plot_segmentation_mask_gallery`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerastorch.callbacks.events import as_array
from kerastorch.visualization.image_gallery import plot_image_gallery
from kerastorch.visualization.masks import draw_segmentation_masks
from kerastorch.visualization.pixels import as_bytes, from_range, image_batch, is_channels_first


def plot_segmentation_mask_gallery(
    images: Any,
    num_classes: int,
    value_range: Sequence[float] = (0, 255),
    y_true: Any = None,
    y_pred: Any = None,
    color_mapping: Mapping[int, Sequence[float]] | None = None,
    blend: bool = True,
    alpha: float = 0.8,
    ignore_index: int = -1,
    data_format: str | None = None,
    **kwargs: Any,
) -> None:
    """Shows each image in a row with itself under its true and its predicted mask, or saves them as one picture.

    Args:
        images: (N, H, W, C), or (N, C, H, W) where colours come first.
        num_classes: the highest class that gets a colour of its own accord.
        value_range: the values of black and of full colour. Default: `(0, 255)`.
        y_true: the true class of each pixel, as for `draw_segmentation_masks`. Default: None.
        y_pred: the predicted ones. Default: None.
        color_mapping: red, green and blue of each class; None makes colours up. Default: None.
        blend: False covers the pixels completely. Default: True.
        alpha: how much the colour covers, in [0, 1]. Default: 0.8.
        ignore_index: a class that is not drawn. Default: -1.
        data_format: `"channels_last"` or `"channels_first"`; None takes `config.image_data_format()`.
        **kwargs: `path`, `show`, `scale`, `dpi`, `transparent` and `legend_handles` of `plot_image_gallery`.

    Raises:
        InvalidArgumentError: when `alpha` is outside of [0, 1].
        ShapeError: when `images` are no batch of images, or the masks do not fit them.
        MissingDependencyError: when matplotlib is not installed.

    Example:
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "masks.png")
        >>> images, masks = np.full((2, 16, 16, 3), 200), np.tri(16, dtype="int64")[None].repeat(2, axis=0)
        >>> plot_segmentation_mask_gallery(images, num_classes=1, y_true=masks, path=path)
        >>> os.path.getsize(path) > 500
        True

    Source: `keras.visualization.plot_segmentation_mask_gallery`.
    """
    pictures = as_bytes(from_range(image_batch(images, data_format), value_range))
    columns = [pictures]
    for masks in (y_true, y_pred):
        if masks is not None:
            classes = as_array(masks).astype("int32")
            if classes.ndim == 4 and is_channels_first(data_format):
                classes = classes.transpose(0, 2, 3, 1)
            columns.append(
                draw_segmentation_masks(
                    pictures, classes, num_classes, color_mapping, alpha, blend, ignore_index, "channels_last"
                )
            )
    gallery = np.stack(np.broadcast_arrays(*columns), axis=1).reshape(-1, *columns[-1].shape[1:])
    plot_image_gallery(gallery, rows=len(pictures), cols=len(columns), data_format="channels_last", **kwargs)
