"""The base class of layers that change images, and with them their labels, bounding boxes and segmentation masks.

Legend: N images, H height, W width, C channels; (N, C, H, W) with `data_format="channels_first"`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from kerastorch.config import standardize_data_format
from kerastorch.core.arrays import as_tensor
from kerastorch.core.draws import filled
from kerastorch.core.seeds import SeedGenerator
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError, MissingMethodError, ShapeError
from kerastorch.layers.layer import Layer
from kerastorch.layers.preprocessing.images.arrays import takes_arrays
from kerastorch.layers.preprocessing.images.boxes_given import dense_boxes
from kerastorch.layers.regularization.random_layer import seeds_for

# The parts of the data, with the methods that change those of a batch and those of one image.
_METHODS = {
    "images": ("transform_images", "transform_single_image"),
    "bounding_boxes": ("transform_bounding_boxes", "transform_single_bounding_box"),
    "labels": ("transform_labels", "transform_single_label"),
    "segmentation_masks": ("transform_segmentation_masks", "transform_single_segmentation_mask"),
}


class Extent(NamedTuple):
    """How many images there are and how large they are.

    Attributes:
        number: of images, 1 for a single one.
        height: in pixels.
        width: in pixels.
        device: where they are.
    """

    number: int
    height: int
    width: int
    device: torch.device


def checked_choice(name: str, value: Any, known: Sequence[str]) -> Any:
    """Returns an argument that must be one of several words.

    Raises:
        MissingMethodError: when it is none of them; Keras has its builtin `NotImplementedError` here.
    """
    if value not in known:
        raise MissingMethodError(f"Unknown `{name}` {value}. Expected of one {tuple(known)}.")
    return value


class BaseImagePreprocessingLayer(Layer):
    """Changes images at random in training, and what belongs to them in the same way.

    A subclass draws the change of a batch in `get_random_transformation`, and applies it in `transform_images`,
    `transform_labels`, `transform_bounding_boxes` and `transform_segmentation_masks`, each of which takes the part of
    the data, `transformation` and `training`. Layers that draw call `_set_seed` in `__init__` and draw with
    `_uniform`, which uses the device of the images.

    Args:
        factor: how strong the change is: a number, or a pair of them, within `_FACTOR_BOUNDS`; classes with
            `_USE_BASE_FACTOR = False` take none.
        bounding_box_format: the format of the bounding boxes, as for `convert_format`; None where there are none.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`; or a dictionary of these as `"images"` with `"labels"`, `"bounding_boxes"`
        (a dictionary of `"boxes"` and `"labels"`) and `"segmentation_masks"`, as far as there are any.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `factor` is outside its bounds, or is given to a class that takes none; when there
            are bounding boxes and no format for them.
        ShapeError: when the images have another number of axes.

    Example:
        >>> class Darken(BaseImagePreprocessingLayer):
        ...     def transform_images(self, images, transformation, training=True):
        ...         return images * 0.5 if training else images
        >>> Darken()(torch.ones(2, 4, 4, 3), training=True).mean().item()
        0.5

    Source: `keras.layers` (the base class of its image augmentation layers).
    """

    _USE_BASE_FACTOR = True
    _FACTOR_BOUNDS: tuple[float, float] = (-1, 1)
    seed: Any = None
    generator: SeedGenerator | None = None
    interpolation: str = "bilinear"

    def __init__(
        self,
        factor: Any = None,
        bounding_box_format: str | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bounding_box_format = bounding_box_format
        self.data_format = standardize_data_format(data_format)
        first = self.data_format == "channels_first"
        self.height_axis, self.width_axis, self.channel_axis = (-2, -1, -3) if first else (-3, -2, -1)
        if self._USE_BASE_FACTOR:
            self._set_factor(factor or 0.0)
        elif factor is not None:
            raise InvalidArgumentError(
                f"Layer {type(self).__name__} does not take a `factor` argument. Received: factor={factor}"
            )
        self._build_at_init()

    def _set_factor(self, factor: Any) -> None:
        """Keeps the range from which the strength is drawn as `self.factor`; a number stands for both signs of it."""
        low, high = self._FACTOR_BOUNDS
        single = isinstance(factor, (int, float)) and low <= factor <= high
        pair = (
            isinstance(factor, (tuple, list)) and len(factor) == 2 and factor[0] <= high and factor[1] >= low
        )
        if not single and not pair:
            raise InvalidArgumentError(
                f"The `factor` argument should be a number (or a list of two numbers) in the range [{low}, {high}]. "
                f"Received: factor={factor}"
            )
        self.factor = tuple(sorted(factor)) if pair else (max(-abs(factor), low), abs(factor))

    # Drawing -------------------------------------------------------------------------------------------------------

    def _set_seed(self, seed: int | None) -> None:
        """Keeps the seed, and makes the source of the layer's random numbers: torch's global one for None."""
        self.seed = seed
        self.generator = seeds_for(seed)

    def _get_seed_generator(self, backend: Any = None) -> SeedGenerator | None:
        """Returns the source of the layer's random numbers, for functions that take `seed`."""
        return self.generator

    def _uniform(
        self,
        shape: Sequence[int],
        low: float = 0.0,
        high: float = 1.0,
        *,
        device: torch.device,
        seed: Any = None,
        dtype: torch.dtype = torch.float32,
    ) -> torch.Tensor:
        """Returns evenly distributed numbers on a device, from the seed that is given or that of the layer."""
        like = torch.empty(tuple(shape), device=device, dtype=dtype)
        return filled(like, "uniform_", low, high, seed=self.generator if seed is None else seed)

    def _extent(self, data: Any) -> Extent:
        """Returns the number, the size and the device of the images in the data."""
        images = data["images"] if isinstance(data, dict) else data
        number = images.shape[0] if self._is_batched(images) else 1
        return Extent(
            number, images.shape[self.height_axis], images.shape[self.width_axis], _device_of(images)
        )

    def _is_batched(self, images: Any) -> bool:
        rank = len(images.shape)
        if rank not in (3, 4):
            raise ShapeError(
                "Expected the input image to be rank 3 or 4: a single image, or a batch of images. Received: "
                f"data.shape={tuple(images.shape)}"
            )
        return rank == 4

    # Calling -------------------------------------------------------------------------------------------------------

    def call(self, data: Any, training: bool = True) -> Any:
        """Draws a change, and returns the data with all of its parts changed by it."""
        transformation = self.get_random_transformation(data, training=training)
        parts = dict(data) if isinstance(data, dict) else {"images": data}
        batched = self._is_batched(parts["images"])
        device = _device_of(parts["images"])
        for name, methods in _METHODS.items():
            if name in parts:
                part = self._prepared(name, parts[name], device)
                change = getattr(self, methods[0] if batched else methods[1])
                parts[name] = change(part, transformation=transformation, training=training)
        return parts if isinstance(data, dict) else parts["images"]

    def _prepared(self, name: str, part: Any, device: torch.device) -> Any:
        """A part of the data as tensors."""
        if name != "bounding_boxes":
            return as_tensor(part, device=device)
        if not self.bounding_box_format:
            raise InvalidArgumentError(
                "You passed an input with a 'bounding_boxes' key, but you didn't specify a bounding box format. Pass a "
                f"`bounding_box_format` argument to your {type(self).__name__} layer, e.g. "
                "`bounding_box_format='xyxy'`."
            )
        return dense_boxes(part, device)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Returns the change that is drawn for the data, in any form; by default None.

        Args:
            data: the argument of `call`: images with or without a batch axis, or a dictionary.
            training: whether the layer is to change anything.
            seed: an integer or a `SeedGenerator` instead of the layer's own.
        """
        return None

    def _transform_images(
        self, images: torch.Tensor, transformation: Any, interpolation: str
    ) -> torch.Tensor:
        """Applies a change of place to images or masks, with that interpolation."""
        raise MissingMethodError(
            f"{type(self).__name__} must define `transform_images` or `_transform_images`."
        )

    @takes_arrays
    def transform_images(
        self, images: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns a batch of images, or one image, changed in training."""
        images = images.to(self._compute_torch_dtype)
        if not training:
            return images
        batch = images if images.ndim > 3 else images[None]
        changed = self._transform_images(batch, transformation, self.interpolation)
        return changed if images.ndim > 3 else changed.squeeze(0)

    @takes_arrays
    def transform_labels(self, labels: torch.Tensor, transformation: Any, training: bool = True) -> Any:
        """Returns the labels of a batch; by default they do not change."""
        return labels

    @takes_arrays
    def transform_bounding_boxes(
        self, bounding_boxes: dict, transformation: Any, training: bool = True
    ) -> Any:
        """Returns the bounding boxes of a batch, `"boxes"` (N, K, 4) and `"labels"` (N, K)."""
        raise MissingMethodError(f"{type(self).__name__} cannot transform bounding boxes.")

    @takes_arrays
    def transform_segmentation_masks(
        self, segmentation_masks: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns the segmentation masks of a batch, of which each pixel keeps a class that it had."""
        if not training:
            return segmentation_masks
        return self._transform_images(segmentation_masks, transformation, "nearest")

    @takes_arrays
    def transform_single_image(self, image: torch.Tensor, transformation: Any, training: bool = True) -> Any:
        """Returns one image, changed as a batch of one."""
        return self.transform_images(image[None], transformation=transformation, training=training).squeeze(0)

    @takes_arrays
    def transform_single_label(self, label: torch.Tensor, transformation: Any, training: bool = True) -> Any:
        """Returns the label of one image, changed as a batch of one."""
        return self.transform_labels(label[None], transformation=transformation, training=training).squeeze(0)

    @takes_arrays
    def transform_single_bounding_box(
        self, bounding_box: dict, transformation: Any, training: bool = True
    ) -> dict:
        """Returns the bounding boxes of one image, changed as a batch of one."""
        batch = {k: v[None] if k in ("boxes", "labels") else v for k, v in bounding_box.items()}
        changed = self.transform_bounding_boxes(batch, transformation=transformation, training=training)
        return {k: v.squeeze(0) if k in ("boxes", "labels") else v for k, v in changed.items()}

    @takes_arrays
    def transform_single_segmentation_mask(
        self, segmentation_mask: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns the segmentation mask of one image, changed as a batch of one."""
        masks = segmentation_mask[None]
        return self.transform_segmentation_masks(
            masks, transformation=transformation, training=training
        ).squeeze(0)

    # Values --------------------------------------------------------------------------------------------------------

    def _transform_value_range(
        self,
        images: torch.Tensor,
        original_range: Sequence[float],
        target_range: Sequence[float],
        dtype: Any = "float32",
    ) -> torch.Tensor:
        """Returns images of values in one range as such in another; they keep their type where the ranges agree."""
        (low, high), (new_low, new_high) = original_range, target_range
        if (low, high) == (new_low, new_high):
            return images
        images = images.to(torch_dtype(dtype))
        return (images - low) / (high - low) * (new_high - new_low) + new_low

    # Shapes and configs --------------------------------------------------------------------------------------------

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Returns symbolic outputs: those of inference, for a drawn change keeps shapes and types."""
        return super().compute_output_spec(*args, **{**kwargs, "training": False})

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {**super().get_config(), "data_format": self.data_format}
        if self.bounding_box_format is not None:
            config["bounding_box_format"] = self.bounding_box_format
        return config


def _device_of(images: Any) -> torch.device:
    return images.device if isinstance(images, torch.Tensor) else torch.device("cpu")
