"""Pictures of data: `kerastorch.visualization`."""

from kerastorch.visualization.box_gallery import plot_bounding_box_gallery
from kerastorch.visualization.boxes import draw_bounding_boxes
from kerastorch.visualization.image_gallery import plot_image_gallery
from kerastorch.visualization.mask_gallery import plot_segmentation_mask_gallery
from kerastorch.visualization.masks import draw_segmentation_masks

__all__ = [
    "draw_bounding_boxes",
    "draw_segmentation_masks",
    "plot_bounding_box_gallery",
    "plot_image_gallery",
    "plot_segmentation_mask_gallery",
]
