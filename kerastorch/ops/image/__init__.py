"""Functions on images, most of them on an image (H, W, C) or a batch (N, H, W, C)."""

from kerastorch.ops.image.colours import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
from kerastorch.ops.image.comparing import ssim
from kerastorch.ops.image.coordinates import map_coordinates
from kerastorch.ops.image.filtering import gaussian_blur, sobel_edges
from kerastorch.ops.image.framing import crop_images, pad_images
from kerastorch.ops.image.patches import extract_patches, extract_patches_3d
from kerastorch.ops.image.resizing import resize
from kerastorch.ops.image.scaling import scale_and_translate
from kerastorch.ops.image.transforms import affine_transform, elastic_transform, perspective_transform

__all__ = [
    "affine_transform",
    "crop_images",
    "elastic_transform",
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "hsv_to_rgb",
    "map_coordinates",
    "pad_images",
    "perspective_transform",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "sobel_edges",
    "ssim",
]
