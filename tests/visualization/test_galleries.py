"""Galleries, saved to files and read again: what is where, in which colours."""

from __future__ import annotations

import sys
from unittest import mock

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.patches import Patch
from PIL import Image

from kerastorch import visualization
from kerastorch.errors import InvalidArgumentError, MissingDependencyError, ShapeError

COLORS = np.array(
    [[200, 0, 0], [0, 200, 0], [0, 0, 200], [200, 200, 0], [0, 200, 200], [90, 90, 90]], "uint8"
)
LABELS = {0: "cat", 1: "dog"}
ONE = np.full((1, 32, 32, 3), 40, "uint8")


def plain(count):
    """Images of one colour each."""
    return np.repeat(COLORS[:count], 64, axis=0).reshape(count, 8, 8, 3)


def saved(function, *arguments, **keywords):
    """The pixels of the file that a gallery writes, with their opacity."""
    path = keywords.pop("folder") / "gallery.png"
    assert function(*arguments, path=path, **keywords) is None
    assert plt.get_fignums() == []
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA"))


def shows(picture, color, tolerance=3):
    """Where a picture has a colour."""
    return (abs(picture[..., :3].astype(int) - color).max(axis=-1) <= tolerance) & (picture[..., 3] > 250)


def centres(picture, colors=COLORS):
    """Row and column of the middle of each colour's area, as fractions of the picture."""
    found = [np.argwhere(shows(picture, color)).mean(axis=0) / picture.shape[:2] for color in colors]
    return np.round(found, 2)


def arrays(**keywords):
    """What a gallery shows: the array of each axis, and their titles."""
    with mock.patch.object(plt, "show"), mock.patch.object(plt, "close"):
        keywords.pop("function", visualization.plot_image_gallery)(**keywords)
        figure = plt.gcf()
    plt.close(figure)
    axes = figure.axes
    return [np.asarray(a.images[0].get_array()) for a in axes if a.images], [a.get_title() for a in axes]


GRIDS = {
    "square": ({}, 4, (2, 2)),
    "one more": ({}, 5, (3, 2)),
    "two": ({}, 2, (2, 1)),
    "one": ({}, 1, (1, 1)),
    "rows": ({"rows": 2}, 6, (2, 3)),
    "columns": ({"cols": 3}, 6, (2, 3)),
    "columns left over": ({"cols": 4}, 6, (2, 4)),
    "both": ({"rows": 1, "cols": 2}, 6, (1, 2)),
    "more than there are": ({"rows": 3, "cols": 3}, 2, (3, 3)),
}


@pytest.mark.parametrize("name", GRIDS)
def test_images_stand_in_rows_and_columns(name, tmp_path):
    arguments, count, (rows, cols) = GRIDS[name]
    picture = saved(visualization.plot_image_gallery, plain(count), folder=tmp_path, **arguments)
    shown = min(count, rows * cols)
    places = [((i // cols + 0.5) / rows, (i % cols + 0.5) / cols) for i in range(shown)]
    if name != "more than there are":  # empty places at the edge are cut off
        np.testing.assert_allclose(centres(picture, COLORS[:shown]), places, atol=0.03)
    assert not any(shows(picture, color).any() for color in COLORS[shown:])


@pytest.mark.parametrize(
    ("values", "value_range"),
    [(lambda x: x, (0, 255)), (lambda x: x / 255, (0, 1)), (lambda x: x / 127.5 - 1, (-1, 1))],
    ids=["bytes", "fractions", "signed"],
)
@pytest.mark.parametrize("first", [False, True], ids=["channels_last", "channels_first"])
def test_values_and_colours_are_those_of_the_images(values, value_range, first):
    images = torch.tensor(values(plain(4).astype("float32")))
    images = images.permute(0, 3, 1, 2) if first else images
    data_format = "channels_first" if first else "channels_last"
    found, _ = arrays(images=images, value_range=value_range, data_format=data_format)
    np.testing.assert_allclose(np.stack(found).astype(int), plain(4), atol=1)


def test_one_colour_is_a_shade_of_gray(tmp_path):
    picture = saved(visualization.plot_image_gallery, ONE[..., :1], folder=tmp_path)
    assert shows(picture, [40, 40, 40]).mean() > 0.9


def test_titles_say_labels():
    assert arrays(images=plain(3), y_true=[0, 1, 7], label_map=LABELS, cols=3)[1] == [
        "Label: cat",
        "Label: dog",
        "Label: Unknown",
    ]
    both = arrays(images=plain(2), y_true=torch.tensor([0, 1]), y_pred=np.array([[1], [1]]), label_map=LABELS)
    assert both[1] == ["Label: cat  Pred: dog", "Label: dog  Pred: dog"]


def test_size_follows_scale_and_dpi(tmp_path):
    sizes = [
        saved(visualization.plot_image_gallery, plain(1), folder=tmp_path, scale=s, dpi=d).shape[0]
        for s, d in ((1, 60), (2, 60), (1, 120))
    ]
    np.testing.assert_allclose(sizes, [60, 120, 120], rtol=0.1)


@pytest.mark.parametrize(("transparent", "opacity"), [(True, 0), (False, 255)])
def test_the_background_may_be_transparent(transparent, opacity, tmp_path):
    titles = {"y_true": [0], "label_map": LABELS}
    picture = saved(
        visualization.plot_image_gallery, plain(1), folder=tmp_path, transparent=transparent, **titles
    )
    assert picture[0, 0, 3] == opacity


@pytest.mark.parametrize(
    ("arguments", "shown", "left_open"),
    [({}, 1, 0), ({"show": True}, 1, 0), ({"show": False}, 0, 1)],
    ids=["default", "show", "not shown"],
)
def test_figures_are_shown_unless_they_are_saved(arguments, shown, left_open):
    with mock.patch.object(plt, "show") as show:
        visualization.plot_image_gallery(plain(1), **arguments)
    assert (show.call_count, len(plt.get_fignums())) == (shown, left_open)
    plt.close("all")


def test_a_legend_stands_below_the_images(tmp_path):
    legend = [Patch(color=(1, 0, 1), label="mine")]
    picture = saved(
        visualization.plot_image_gallery, plain(1), folder=tmp_path, legend_handles=legend, dpi=150
    )
    assert (
        np.argwhere(shows(picture, [255, 0, 255]))[:, 0].min()
        > np.argwhere(shows(picture, COLORS[0]))[:, 0].max()
    )


# Boxes -----------------------------------------------------------------------------------------------------------

TRUE = {"boxes": [[[4, 4, 14, 14]]], "labels": [[0]]}
FOUND = {"boxes": [[[18, 18, 28, 28]]], "labels": [[1]], "confidences": [[0.5]]}


def boxes(**arguments):
    function = visualization.plot_bounding_box_gallery
    return arrays(function=function, bounding_box_format="xyxy", **{"images": ONE} | arguments)[0][0]


def test_true_and_predicted_boxes_have_their_colours():
    picture = boxes(y_true=TRUE, y_pred=FOUND, line_thickness=1)
    for corner, color in (
        (4, [0, 188, 212]),
        (14, [0, 188, 212]),
        (18, [255, 235, 59]),
        (28, [255, 235, 59]),
    ):
        assert picture[corner, corner].tolist() == color
    other = boxes(y_true=TRUE, y_pred=FOUND, line_thickness=-1, true_color=(1, 2, 3), pred_color=(4, 5, 6))
    assert (other[9, 9].tolist(), other[20, 20].tolist()) == ([1, 2, 3], [4, 5, 6])
    assert np.all(boxes() == 40)


@pytest.mark.parametrize("first", [False, True], ids=["channels_last", "channels_first"])
def test_boxes_are_drawn_after_values_are_scaled(first):
    images = ONE / np.float32(255)
    images = images.transpose(0, 3, 1, 2) if first else images
    found = boxes(
        images=images, y_true=TRUE, value_range=(0, 1), data_format="channels_first" if first else None
    )
    np.testing.assert_allclose(found.astype(int), boxes(y_true=TRUE), atol=1)


def test_mappings_name_the_boxes():
    text = {"y_true": TRUE, "y_pred": FOUND, "font_scale": 0.3, "text_thickness": 1}
    bare, named = boxes(**text), boxes(**text, class_mapping={0: "a", 1: "b"})
    assert np.any(bare != named)
    own = {"ground_truth_mapping": {0: "a"}, "prediction_mapping": {1: "b"}}
    np.testing.assert_array_equal(boxes(**text, **own), named)
    np.testing.assert_array_equal(boxes(**text, **own, class_mapping={0: "x", 1: "y"}), named)


def test_the_legend_tells_the_colours_apart(tmp_path):
    arguments = {"legend": True, "true_color": (255, 0, 255), "pred_color": (0, 255, 0), "dpi": 150}
    picture = saved(visualization.plot_bounding_box_gallery, ONE, "xyxy", folder=tmp_path, **arguments)
    assert shows(picture, [255, 0, 255]).sum() > 50
    assert shows(picture, [0, 255, 0]).sum() > 50


# Masks -----------------------------------------------------------------------------------------------------------

HALF = np.zeros((2, 8, 8), "int64")
HALF[:, 4:] = 1
MASK_FORMS = {
    "3D": HALF,
    "4D": HALF[..., None],
    "floats": HALF.astype("float32"),
    "tensor": torch.tensor(HALF),
}


def masks(**arguments):
    arguments = {
        "images": plain(2),
        "num_classes": 1,
        "color_mapping": {1: (10, 20, 30)},
        "alpha": 1.0,
    } | arguments
    return arrays(function=visualization.plot_segmentation_mask_gallery, **arguments)[0]


@pytest.mark.parametrize("form", MASK_FORMS)
def test_each_row_has_an_image_and_its_masks(form):
    found = masks(y_true=MASK_FORMS[form], y_pred=1 - HALF)
    assert len(found) == 6
    for row, color in ((found[:3], COLORS[0]), (found[3:], COLORS[1])):
        assert [x[0, 0].tolist() for x in row] == [color.tolist(), color.tolist(), [10, 20, 30]]
        assert [x[7, 7].tolist() for x in row] == [color.tolist(), [10, 20, 30], color.tolist()]
    assert len(masks()) == 2
    assert len(masks(y_pred=HALF)) == 4


def test_masks_are_drawn_after_values_are_scaled():
    expected = masks(y_true=HALF, alpha=0.5)
    images, first = plain(2) / np.float32(255), (0, 3, 1, 2)
    for arguments in (
        {"images": images, "y_true": HALF},
        {"images": images.transpose(first), "y_true": HALF[:, None], "data_format": "channels_first"},
        {"images": images.transpose(first), "y_true": HALF, "data_format": "channels_first"},
    ):
        found = masks(value_range=(0, 1), alpha=0.5, **arguments)
        np.testing.assert_allclose(np.stack(found).astype(int), np.stack(expected), atol=1)


def test_masks_take_the_arguments_of_their_function():
    assert masks(y_true=HALF, ignore_index=1)[1][7, 7].tolist() == COLORS[0].tolist()
    assert masks(y_true=HALF, alpha=0.1, blend=False)[1][7, 7].tolist() == [10, 20, 30]
    assert masks(y_true=HALF, color_mapping=None)[1][7, 7].tolist() == [1, 127, 31]
    assert masks(images=ONE[..., :1], y_true=np.ones((1, 32, 32), int))[0].shape == (32, 32, 3)


# Faults ----------------------------------------------------------------------------------------------------------

IMAGES, BOXES, MASKS = (
    visualization.plot_image_gallery,
    visualization.plot_bounding_box_gallery,
    visualization.plot_segmentation_mask_gallery,
)
FAULTS = {
    "path and show": (IMAGES, (ONE,), {"path": "x.png", "show": True}, "either a `path` or `show=True`"),
    "no names": (IMAGES, (ONE, [1]), {}, "`label_map` must also be provided"),
    "range": (IMAGES, (ONE,), {"value_range": (1, 1)}, r"two different numbers.*\(1, 1\)"),
    "rank": (IMAGES, (ONE[0],), {}, "batched 4D tensor"),
    "rank of boxes": (BOXES, (ONE[0], "xyxy"), {}, "batched 4D tensor"),
    "rank of masks": (MASKS, (ONE[0], 2), {}, "batched 4D tensor"),
    "legends": (BOXES, (ONE, "xyxy"), {"legend": True, "legend_handles": [1]}, "not both"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named_and_leave_no_figure(fault):
    function, arguments, keywords, text = FAULTS[fault]
    with pytest.raises((InvalidArgumentError, ShapeError), match=text):
        function(*arguments, **keywords)
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("function", "arguments"),
    [(IMAGES, (ONE,)), (BOXES, (ONE, "xyxy")), (MASKS, (ONE, 2))],
    ids=["images", "boxes", "masks"],
)
def test_without_matplotlib_the_error_says_how_to_get_it(function, arguments, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingDependencyError, match="pip install matplotlib"):
        function(*arguments)
