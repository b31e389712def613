"""Bounding boxes: `kerastorch.utils.bounding_boxes`."""

from kerastorch.layers.preprocessing.images.bounding_boxes import (
    affine_transform,
    clip_to_image_size,
    convert_format,
    crop,
    pad,
)
from kerastorch.layers.preprocessing.images.box_deltas import decode_deltas_to_boxes, encode_box_to_deltas
from kerastorch.layers.preprocessing.images.box_overlap import compute_ciou, compute_iou

__all__ = [
    "affine_transform",
    "clip_to_image_size",
    "compute_ciou",
    "compute_iou",
    "convert_format",
    "crop",
    "decode_deltas_to_boxes",
    "encode_box_to_deltas",
    "pad",
]
