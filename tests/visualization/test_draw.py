"""Boxes and masks drawn on images: the pixels, in each form that the arguments may have."""

from __future__ import annotations

import sys

import keras
import numpy as np
import pytest
import torch

from kerastorch import config, visualization
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, MissingDependencyError, ShapeError

RNG = np.random.default_rng(0)
BLACK = np.zeros((1, 24, 24, 3), "uint8")
BOX = {"boxes": [[[8, 7, 16, 17]]], "labels": [[0]]}
RED, BLUE = [255, 0, 0], [0, 0, 255]


def drawn(boxes=BOX, kind="xyxy", images=BLACK, **arguments):
    return visualization.draw_bounding_boxes(images, boxes, kind, **{"color": (255, 255, 255)} | arguments)


# Rows 4 to 10, columns 4 to 10 of what OpenCV 5.0 draws for the box above: the corner at (8, 7).
CORNERS = {
    -1: ["", "", "", "    ###", "    ###", "    ###", "    ###"],
    1: ["", "", "", "    ###", "    #", "    #", "    #"],
    2: ["", "", "    ###", "   ####", "   ####", "   ###", "   ###"],
    3: ["", "    ###", "   ####", "  #####", "  #####", "  #####", "  #####"],
    5: ["    ###", "  #####", "  #####", " ######", " ######", " ######", " ######"],
}


@pytest.mark.parametrize("thickness", CORNERS)
def test_lines_are_those_of_opencv(thickness):
    found = drawn(line_thickness=thickness)[0, 4:11, 4:11, 0] == 255
    expected = [[mark == "#" for mark in row.ljust(7)] for row in CORNERS[thickness]]
    np.testing.assert_array_equal(found, expected)


FORMATS = {
    "xyxy": [8, 7, 16, 17],
    "yxyx": [7, 8, 17, 16],
    "xywh": [8, 7, 8, 10],
    "center_xywh": [12, 12, 8, 10],
    "center_yxhw": [12, 12, 10, 8],
    "rel_xyxy": [8 / 24, 7 / 24, 16 / 24, 17 / 24],
    "rel_yxyx": [7 / 24, 8 / 24, 17 / 24, 16 / 24],
    "REL_XYWH": [8 / 24, 7 / 24, 8 / 24, 10 / 24],
}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("container", [list, np.array, torch.tensor], ids=lambda kind: kind.__name__)
def test_boxes_have_any_format(kind, container):
    exact = np.array(FORMATS[kind]) + 1e-4  # fractions are cut off
    boxes = {"boxes": container([[exact.tolist()]]), "labels": container([[0]])}
    np.testing.assert_array_equal(drawn(boxes, kind), drawn())


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_colours_may_come_first(channels):
    images = RNG.integers(0, 256, (2, 20, 30, channels)).astype("uint8")
    boxes = {"boxes": [[[3, 4, 25, 15]]] * 2, "labels": [[0]] * 2}
    last = drawn(boxes, images=images, color=(1, 2, 3))
    first = drawn(
        boxes, images=torch.tensor(images).permute(0, 3, 1, 2), color=(1, 2, 3), data_format="channels_first"
    )
    assert first.shape == (2, channels, 20, 30)
    np.testing.assert_array_equal(first.transpose(0, 2, 3, 1), last)
    assert last[0, 4, 3].tolist() == [1, 2, 3, 255][:channels]


def test_the_configured_format_is_the_default():
    images = np.zeros((1, 3, 24, 24), "uint8")
    config.set_image_data_format("channels_first")
    try:
        found = drawn(images=images)
    finally:
        config.set_image_data_format("channels_last")
    np.testing.assert_array_equal(found.transpose(0, 2, 3, 1), drawn())


VALUES = {
    "bytes": ("uint8", 200, 200),
    "whole": ("int64", 300, 255),
    "fractions": ("float32", 0.5, 127),
    "floats": ("float64", 99.9, 99),
    "half": ("float16", 1.0, 255),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_become_bytes_and_the_input_stays(name):
    dtype, given, expected = VALUES[name]
    images = np.full((1, 24, 24, 3), given, dtype)
    found = drawn(images=images)
    assert (found.dtype, found[0, 0, 0, 0]) == (np.uint8, expected)
    assert np.all(images == images[0, 0, 0, 0])


def test_images_may_have_other_numbers_of_boxes():
    ragged = {"boxes": [[], [[8, 7, 16, 17], [1, 1, 4, 4]]], "labels": [[], [0, 1]]}
    padded = {"boxes": [[[8, 7, 16, 17]] * 2, [[8, 7, 16, 17], [1, 1, 4, 4]]], "labels": [[-1, -1], [0, 1]]}
    images = np.repeat(BLACK, 2, axis=0)
    np.testing.assert_array_equal(drawn(ragged, images=images), drawn(padded, images=images))
    assert drawn(ragged, images=images)[0].max() == 0
    assert drawn({"boxes": [], "labels": []}, images=BLACK[:0]).shape == (0, 24, 24, 3)


@pytest.mark.parametrize("far", [1e30, np.inf])
def test_boxes_may_reach_out_of_the_image(far):
    found = drawn({"boxes": [[[-far, 10, far, far]]], "labels": [[0]]}, line_thickness=1)
    assert np.flatnonzero(found[0, :, :, 0].all(axis=1)).tolist() == [10]
    assert found[0, 11:].max() == 0
    assert drawn({"boxes": [[[-far, -far, -9, -9]]], "labels": [[0]]}).max() == 0


def ink(**arguments):
    """What text alone covers: (first row, last row, first column, last column, share)."""
    boxes = {"boxes": [[[20, 100, 180, 190]]], "labels": [[3]]} | arguments.pop("more", {})
    images = np.zeros((1, 200, 200, 3), "uint8")
    arguments = {"class_mapping": {3: "dog"}} | arguments
    difference = drawn(boxes, images=images, **arguments)[0, ..., 0].astype(int)
    difference -= drawn(boxes, images=images, **arguments | {"class_mapping": None})[0, ..., 0]
    rows, columns = np.nonzero(difference)
    return rows.min(), rows.max(), columns.min(), columns.max(), difference.sum()


def test_names_stand_above_their_boxes():
    top, bottom, left, right, _ = ink()
    assert 65 < top < bottom < 100
    assert 20 <= left < right < 80


def test_names_of_boxes_at_the_top_stand_inside():
    top, bottom, *_ = ink(more={"boxes": [[[20, 5, 180, 190]]]})
    assert 5 < top < bottom < 45


def test_confidences_stand_behind_names():
    sure = {"confidences": np.array([[0.876]])}
    assert ink(more=sure) == ink(class_mapping={3: "dog | 0.88"})


def test_letters_have_size_and_weight():
    plain, small, bold = ink(), ink(font_scale=0.5), ink(text_thickness=3)
    assert (small[3] - small[2]) / (plain[3] - plain[2]) == pytest.approx(0.5, abs=0.1)
    assert bold[4] > 1.3 * plain[4]
    assert ink(text_thickness=None, line_thickness=3)[4] == pytest.approx(bold[4], rel=0.05)


def test_a_label_without_a_name_has_no_text():
    unnamed = drawn(class_mapping={7: "cat"})
    np.testing.assert_array_equal(unnamed, drawn())


def test_text_asks_for_pillow_and_boxes_alone_do_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert drawn().max() == 255
    with pytest.raises(MissingDependencyError, match="pip install pillow"):
        drawn(class_mapping={0: "cat"})


FAULTS = {
    "rank": ({"images": BLACK[0]}, ShapeError, r"batched 4D tensor.*\(24, 24, 3\)"),
    "no dict": ({"boxes": [1]}, ArgumentTypeError, "should be a dict. Received"),
    "no labels": ({"boxes": {"boxes": [[]]}}, InvalidArgumentError, "containing 'boxes' and 'labels' keys"),
    "rows": ({"images": BLACK[[0, 0]]}, InvalidArgumentError, "2 images and {'boxes': 1, 'labels': 1}"),
    "labels": ({"boxes": BOX | {"labels": [[1, 2]]}}, InvalidArgumentError, "1 boxes, 2 labels"),
    "confidences": ({"boxes": BOX | {"confidences": [[]]}}, InvalidArgumentError, "0 confidences"),
    "format": ({"kind": "xyyx"}, InvalidArgumentError, "Did you mean"),
    "data format": ({"data_format": "last"}, InvalidArgumentError, "data_format='last'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_boxes_are_named(fault):
    arguments, kind, text = FAULTS[fault]
    with pytest.raises(kind, match=text):
        drawn(**arguments)


# Masks -----------------------------------------------------------------------------------------------------------

MASKS = RNG.integers(-1, 4, (2, 6, 5, 1))
IMAGES = RNG.integers(0, 256, (2, 6, 5, 3)).astype("uint8")
COLORS = {i: RNG.integers(0, 256, 3).tolist() for i in range(4)}
AGREEING = {
    "defaults": {},
    "alpha": {"alpha": 0.3},
    "covering": {"alpha": 1.0},
    "nothing": {"alpha": 0.0},
    "ignored": {"ignore_index": 2},
    "without background": {"ignore_index": 0},
    "colours": {"color_mapping": COLORS},
    "unblended": {"blend": False},
    "few classes": {"num_classes": 5},
}


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("name", AGREEING)
def test_masks_agree_with_keras(name, data_format, dtype):
    axes = (0, 3, 1, 2) if data_format == "channels_first" else (0, 1, 2, 3)
    arguments = {"num_classes": 4, "data_format": data_format} | AGREEING[name]
    given = IMAGES.astype(dtype).transpose(axes), MASKS.transpose(axes)
    expected = keras.visualization.draw_segmentation_masks(*given, **arguments)
    found = visualization.draw_segmentation_masks(*given, **arguments)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, keras.ops.convert_to_numpy(expected))


def test_masks_need_no_axis_of_their_own():
    found = visualization.draw_segmentation_masks(torch.tensor(IMAGES), torch.tensor(MASKS[..., 0]), 3)
    np.testing.assert_array_equal(found, visualization.draw_segmentation_masks(IMAGES, MASKS, 3))


def test_the_highest_class_is_drawn():
    """Keras documents it so, but stops one before."""
    masks, images = np.array([[[0, 1, 2]]]), np.full((1, 1, 3, 3), 100)
    found = visualization.draw_segmentation_masks(images, masks, alpha=1.0)
    assert found[0, 0].tolist() == [[0, 0, 0], [1, 127, 31], [2, 254, 62]]


def test_only_classes_with_a_colour_are_drawn():
    """Keras asks for one of class 0, of which it documents that colours start from 1."""
    masks, images = np.array([[[0, 1, 2]]]), np.full((1, 1, 3, 3), 100)
    found = visualization.draw_segmentation_masks(images, masks, color_mapping={2: RED, 5: BLUE}, alpha=0.5)
    assert found[0, 0].tolist() == [[100] * 3, [100] * 3, [177, 50, 50]]


@pytest.mark.parametrize(("channels", "expected"), [(1, RED), (4, [*RED, 255])])
def test_images_may_be_gray_or_have_opacity(channels, expected):
    images = np.full((1, 2, 2, channels), 7)
    masks = np.array([[[1, -1], [-1, -1]]])
    found = visualization.draw_segmentation_masks(images, masks, 1, {1: RED}, blend=False)
    assert found[0, 0].tolist() == [expected, [7] * len(expected)]


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        ({"images": IMAGES[0]}, ShapeError, "batched 4D tensor"),
        ({"segmentation_masks": MASKS / 1.0}, ArgumentTypeError, "integer dtype.*float64"),
        ({"segmentation_masks": MASKS[:, :3]}, ShapeError, r"\(2, 6, 5\) of the images.*\(2, 3, 5, 1\)"),
        ({"alpha": 1.5}, InvalidArgumentError, "alpha=1.5"),
    ],
    ids=["rank", "dtype", "shape", "alpha"],
)
def test_faults_of_masks_are_named(arguments, kind, text):
    with pytest.raises(kind, match=text):
        visualization.draw_segmentation_masks(**{"images": IMAGES, "segmentation_masks": MASKS} | arguments)
