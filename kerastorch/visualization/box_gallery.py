"""Images with their bounding boxes in one figure: `plot_bounding_box_gallery`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kerastorch.errors import InvalidArgumentError
from kerastorch.visualization.boxes import draw_bounding_boxes
from kerastorch.visualization.image_gallery import plot_image_gallery, pyplot
from kerastorch.visualization.pixels import from_range, image_batch


def plot_bounding_box_gallery(
    images: Any,
    bounding_box_format: str,
    y_true: Mapping[str, Any] | None = None,
    y_pred: Mapping[str, Any] | None = None,
    value_range: Sequence[float] = (0, 255),
    true_color: Sequence[float] = (0, 188, 212),
    pred_color: Sequence[float] = (255, 235, 59),
    line_thickness: int = 2,
    font_scale: float = 1.0,
    text_thickness: int | None = None,
    class_mapping: Mapping[int, str] | None = None,
    ground_truth_mapping: Mapping[int, str] | None = None,
    prediction_mapping: Mapping[int, str] | None = None,
    legend: bool = False,
    legend_handles: Sequence[Any] | None = None,
    rows: int | None = None,
    cols: int | None = None,
    data_format: str | None = None,
    **kwargs: Any,
) -> None:
    """Shows images with true and predicted bounding boxes in rows and columns, or saves them as one picture.

    Args:
        images: (N, H, W, C), or (N, C, H, W) where colours come first.
        bounding_box_format: the format of the boxes, as for `draw_bounding_boxes`.
        y_true: the true boxes and their labels, as for `draw_bounding_boxes`. Default: None.
        y_pred: the predicted ones. Default: None.
        value_range: the values of black and of full colour. Default: `(0, 255)`.
        true_color: red, green and blue of the true boxes. Default: cyan.
        pred_color: red, green and blue of the predicted ones. Default: yellow.
        line_thickness: of the boxes, in pixels of the images. Default: 2.
        font_scale: 1.0 gives letters of 20 pixels. Default: 1.0.
        text_thickness: of the letters' strokes; None takes `line_thickness`. Default: None.
        class_mapping: names of the labels. Default: None.
        ground_truth_mapping: other names for the true boxes. Default: None.
        prediction_mapping: other names for the predicted boxes. Default: None.
        legend: whether a legend tells the two colours apart. Default: False.
        legend_handles: patches of matplotlib for a legend of one's own. Default: None.
        rows: as for `plot_image_gallery`.
        cols: as for `plot_image_gallery`.
        data_format: `"channels_last"` or `"channels_first"`; None takes `config.image_data_format()`.
        **kwargs: `path`, `show`, `scale`, `dpi` and `transparent` of `plot_image_gallery`.

    Raises:
        InvalidArgumentError: when both `legend` and `legend_handles` are given.
        ShapeError: when `images` are no batch of images.
        MissingDependencyError: when matplotlib is not installed.

    Example:
        >>> import os, tempfile
        >>> import numpy as np
        >>> path = os.path.join(tempfile.mkdtemp(), "boxes.png")
        >>> boxes = {"boxes": [[[8, 8, 40, 30]]], "labels": [[1]]}
        >>> plot_bounding_box_gallery(np.zeros((1, 64, 64, 3)), "xyxy", boxes, legend=True, path=path)
        >>> os.path.getsize(path) > 500
        True

    Source: `keras.visualization.plot_bounding_box_gallery`.
    """
    pyplot("plot_bounding_box_gallery")
    if legend and legend_handles:
        raise InvalidArgumentError(
            "Only pass `legend` or `legend_handles` to `plot_bounding_box_gallery()`, not both."
        )
    if legend:
        legend_handles = [_patch(true_color, "Ground Truth"), _patch(pred_color, "Prediction")]
    pictures = from_range(image_batch(images, data_format), value_range)
    for boxes, color, names in (
        (y_true, true_color, ground_truth_mapping or class_mapping),
        (y_pred, pred_color, prediction_mapping or class_mapping),
    ):
        if boxes is not None:
            pictures = draw_bounding_boxes(
                pictures,
                boxes,
                bounding_box_format,
                class_mapping=names,
                color=color,
                line_thickness=line_thickness,
                text_thickness=text_thickness,
                font_scale=font_scale,
                data_format="channels_last",
            )
    plot_image_gallery(
        pictures, rows=rows, cols=cols, legend_handles=legend_handles, data_format="channels_last", **kwargs
    )


def _patch(color: Sequence[float], label: str) -> Any:
    from matplotlib.patches import Patch

    red, green, blue = (value / 255 for value in color)
    return Patch(color=(red, green, blue), label=label)
