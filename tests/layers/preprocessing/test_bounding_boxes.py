"""Bounding boxes: formats, changes, overlaps and deltas, as Keras computes them."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest
import torch

from kerastorch.layers.preprocessing.images.boxes_given import dense_boxes
from kerastorch.utils import bounding_boxes as ours

theirs = keras.utils.bounding_boxes
FORMATS = (
    "xyxy",
    "yxyx",
    "xywh",
    "center_xywh",
    "center_yxhw",
    "rel_xyxy",
    "rel_yxyx",
    "rel_xywh",
    "rel_center_xywh",
)
CPU = torch.device("cpu")


def corners(*shape, high=20.0, low=0.0):
    points = np.sort(np.random.default_rng(len(shape)).uniform(low, high, size=(*shape, 2, 2)), axis=-2)
    return points.reshape(*shape, 4).astype("float32")


def assert_same(found, expected):
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            assert_same(found[key], expected[key])
    else:
        torch.testing.assert_close(found, torch.as_tensor(expected), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("source", "target"), list(itertools.product(FORMATS, FORMATS)))
def test_formats_are_converted_as_in_keras(source, target):
    boxes = corners(2, 3, high=1.0 if source.startswith("rel") else 20.0)
    arguments = {"source": source, "target": target.upper(), "height": 30, "width": 40}
    assert_same(ours.convert_format(boxes, **arguments), theirs.convert_format(boxes, **arguments))


def test_a_dictionary_stays_as_it_was():
    given = {"boxes": corners(3), "labels": np.arange(3)}
    found = ours.convert_format(given, "xyxy", "xywh")
    assert found["labels"] is given["labels"]
    np.testing.assert_array_equal(given["boxes"], corners(3))


CALLS = {
    "clip": lambda m: m.clip_to_image_size(
        {"boxes": corners(2, 4, low=-10.0), "labels": np.arange(8).reshape(2, 4)}, height=9, width=8
    ),
    "clip relative": lambda m: m.clip_to_image_size(
        {"boxes": corners(4, low=-1.0, high=2.0), "labels": np.arange(4)}, bounding_box_format="rel_xyxy"
    ),
    "crop": lambda m: m.crop(torch.tensor(corners(2, 4)), 3, 5, 7, 6),
    "pad": lambda m: m.pad(torch.tensor(corners(4)), 3, 5),
    "affine": lambda m: m.affine_transform(
        torch.tensor(corners(2, 4)),
        angle=torch.tensor([30.0, -50.0]),
        translate_x=torch.tensor([0.1, 0.0]),
        translate_y=torch.tensor([-0.2, 0.3]),
        scale=torch.tensor([1.5, 0.5]),
        shear_x=torch.tensor([10.0, 0.0]),
        shear_y=torch.tensor([0.0, -20.0]),
        height=20,
        width=30,
        center_x=0.4,
    ),
    "iou": lambda m: m.compute_iou(corners(5), corners(3), "xyxy"),
    "iou of batches": lambda m: m.compute_iou(corners(2, 5), corners(2, 3), "yxyx"),
    "iou of a batch and one set": lambda m: m.compute_iou(corners(2, 5), corners(3), "xywh"),
    "iou, relative": lambda m: m.compute_iou(
        corners(5, high=1.0), corners(3, high=1.0), "rel_xyxy", image_shape=(30, 40, 3)
    ),
    "iou, masked": lambda m: m.compute_iou(
        np.concatenate([corners(2), -np.ones((1, 4), "float32")]),
        np.concatenate([-np.ones((1, 4), "float32"), corners(3)]),
        "xyxy",
        use_masking=True,
        mask_val=-2,
    ),
    "ciou": lambda m: m.compute_ciou(corners(5), corners(5)[::-1].copy(), "xyxy"),
    "encode": lambda m: m.encode_box_to_deltas(corners(5), corners(2, 5), "xyxy", "xyxy"),
    "encode with variance": lambda m: m.encode_box_to_deltas(
        corners(5),
        corners(5, high=1.0),
        "xywh",
        "rel_xyxy",
        encoding_format="center_xywh",
        variance=[0.1, 0.1, 0.2, 0.2],
        image_shape=(30, 40, 3),
    ),
    "decode": lambda m: m.decode_deltas_to_boxes(
        torch.tensor(corners(5)), torch.tensor(corners(2, 5, high=1.0)), "xyxy", "xywh"
    ),
    "decode levels": lambda m: m.decode_deltas_to_boxes(
        {1: torch.tensor(corners(5))},
        {1: torch.tensor(corners(5, high=1.0))},
        "xyxy",
        "xyxy",
        encoded_format="center_xywh",
        variance=[0.1, 0.1, 0.2, 0.2],
    ),
}


@pytest.mark.parametrize("call", [pytest.param(c, id=name.replace(" ", "-")) for name, c in CALLS.items()])
def test_functions_are_keras_s(call):
    assert_same(call(ours), call(theirs))


def test_relative_boxes_have_a_complete_overlap_too():
    boxes, others = corners(5, high=1.0), corners(5, high=0.9)
    found = ours.compute_ciou(boxes, others, "rel_xyxy", image_shape=(30, 40, 3))
    scale = np.array([40, 30, 40, 30], "float32")
    assert_same(found, theirs.compute_ciou(boxes * scale, others * scale, "xyxy"))


def test_deltas_there_and_back():
    anchors, boxes = corners(5), corners(5)[::-1].copy() + 1
    deltas = ours.encode_box_to_deltas(anchors, boxes, "xyxy", "xyxy", variance=[0.1, 0.1, 0.2, 0.2])
    again = ours.decode_deltas_to_boxes(anchors, deltas, "xyxy", "xyxy", variance=[0.1, 0.1, 0.2, 0.2])
    torch.testing.assert_close(again, torch.tensor(boxes), rtol=1e-4, atol=1e-4)


BOX = [[0.0, 0.0, 1.0, 1.0]]
ERRORS = [
    (lambda: ours.convert_format([[1.0, 2.0]], "xyxy", "xywh"), "last dimension of 4"),
    (lambda: ours.convert_format(BOX, "xyxy", "xyhw"), "Invalid source or target format 'xyhw'"),
    (lambda: ours.convert_format(BOX, "xyxy", "rel_xyxy"), "must receive `height` and `width`"),
    (lambda: ours.clip_to_image_size({"boxes": BOX}, bounding_box_format="xywh"), "must be 'xyxy' or"),
    (lambda: ours.clip_to_image_size({"boxes": BOX}), "`height` and `width` must be set"),
    (lambda: ours.crop(BOX, 0, 0, 1, 1, bounding_box_format="xywh"), "`crop` takes boxes in the format"),
    (lambda: ours.pad(BOX, 0, 0, bounding_box_format="xywh"), "`pad` takes boxes in the format"),
    (lambda: ours.compute_iou(BOX[0], BOX, "xyxy"), "boxes1 to be batched, or to be unbatched"),
    (lambda: ours.compute_iou(BOX, BOX, "rel_xyxy"), "`image_shape` argument must be provided"),
    (lambda: ours.compute_ciou(BOX, BOX, "rel_xyxy"), "`image_shape` argument must be provided"),
    (lambda: ours.encode_box_to_deltas(BOX, BOX, "xyxy", "xyxy", "xyxy"), "`encoding_format` should be"),
    (lambda: ours.decode_deltas_to_boxes(BOX, BOX, "xyxy", "xyxy", "xyxy"), "`encoded_format` should be"),
    (lambda: ours.encode_box_to_deltas(BOX, BOX, "xyxy", "xyxy", variance=[1.0]), "must be length 4"),
    (lambda: dense_boxes({"boxes": BOX}, CPU), "dict with keys 'boxes' and 'labels'"),
    (lambda: dense_boxes({"boxes": BOX, "labels": [1, 2]}, CPU), "a list of the same length"),
    (lambda: dense_boxes({"boxes": torch.ones(4), "labels": torch.ones(1)}, CPU), "to have rank 2 or 3"),
    (lambda: dense_boxes({"boxes": torch.ones(3, 4), "labels": torch.ones(())}, CPU), "to have rank 1 or 2"),
]


@pytest.mark.parametrize(
    ("call", "message"), [pytest.param(*row, id=row[1].replace(" ", "-")) for row in ERRORS]
)
def test_errors_say_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


RAGGED = {"boxes": [[[0, 0, 1, 1]], [[0, 0, 2, 2], [1, 1, 3, 3]], []], "labels": [[7], [8, 9], []]}


def test_lists_of_different_lengths_are_filled_up():
    found = dense_boxes(RAGGED, CPU)
    assert found["boxes"].shape == (3, 2, 4)
    assert found["labels"].tolist() == [[7, -1], [8, 9], [-1, -1]]


def test_the_boxes_of_one_image_may_be_a_list():
    found = dense_boxes({"boxes": [[0, 0, 1, 1], [1, 1, 2, 2]], "labels": [3, 4]}, CPU)
    assert found["boxes"].shape == (2, 4)
    assert found["labels"].tolist() == [3, 4]
