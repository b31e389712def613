"""`tf.image`: images as tensors (H, W, C), or batches of them (N, H, W, C)."""

from __future__ import annotations

from typing import Any

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.image.boxes import (
    non_max_suppression,
)
from kerastorch.compat.tensorflow.image.color import (
    adjust_brightness,
    adjust_contrast,
    adjust_gamma,
    adjust_hue,
    adjust_saturation,
    convert_image_dtype,
    grayscale_to_rgb,
    hsv_to_rgb,
    per_image_standardization,
    rgb_to_grayscale,
    rgb_to_hsv,
    rgb_to_yiq,
    rgb_to_yuv,
    yiq_to_rgb,
    yuv_to_rgb,
)
from kerastorch.compat.tensorflow.image.cropping import (
    central_crop,
    crop_and_resize,
    crop_to_bounding_box,
    extract_patches,
    pad_to_bounding_box,
    resize_with_crop_or_pad,
)
from kerastorch.compat.tensorflow.image.quality import (
    image_gradients,
    psnr,
    sobel_edges,
    ssim,
    total_variation,
)
from kerastorch.compat.tensorflow.image.resizing import (
    resize,
    resize_with_pad,
    ResizeMethod,
)
from kerastorch.compat.tensorflow.image.turning import (
    flip_left_right,
    flip_up_down,
    rot90,
    transpose,
)
from kerastorch.compat.tensorflow.image.chance import (
    random_brightness,
    random_contrast,
    random_crop,
    random_flip_left_right,
    random_flip_up_down,
    random_hue,
    random_saturation,
    stateless_random_brightness,
    stateless_random_contrast,
    stateless_random_crop,
    stateless_random_flip_left_right,
    stateless_random_flip_up_down,
    stateless_random_hue,
    stateless_random_saturation,
)
from kerastorch.compat.tensorflow.image_files import (
    decode_bmp,
    decode_gif,
    decode_image,
    decode_jpeg,
    decode_png,
    encode_jpeg,
    encode_png,
)

__all__ = [
    "ResizeMethod",
    "adjust_brightness",
    "adjust_contrast",
    "adjust_gamma",
    "adjust_hue",
    "adjust_saturation",
    "central_crop",
    "convert_image_dtype",
    "crop_and_resize",
    "crop_to_bounding_box",
    "decode_bmp",
    "decode_gif",
    "decode_image",
    "decode_jpeg",
    "decode_png",
    "encode_jpeg",
    "encode_png",
    "extract_patches",
    "flip_left_right",
    "flip_up_down",
    "grayscale_to_rgb",
    "hsv_to_rgb",
    "image_gradients",
    "non_max_suppression",
    "pad_to_bounding_box",
    "per_image_standardization",
    "psnr",
    "random_brightness",
    "random_contrast",
    "random_crop",
    "random_flip_left_right",
    "random_flip_up_down",
    "random_hue",
    "random_saturation",
    "resize",
    "resize_with_crop_or_pad",
    "resize_with_pad",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "rgb_to_yiq",
    "rgb_to_yuv",
    "rot90",
    "sobel_edges",
    "ssim",
    "stateless_random_brightness",
    "stateless_random_contrast",
    "stateless_random_crop",
    "stateless_random_flip_left_right",
    "stateless_random_flip_up_down",
    "stateless_random_hue",
    "stateless_random_saturation",
    "total_variation",
    "transpose",
    "yiq_to_rgb",
    "yuv_to_rgb",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.image", name)
