"""Images changed by a few augmentations that are drawn from many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.preprocessing.images.arrays import takes_arrays
from kerastorch.layers.preprocessing.images.augmentations import Augmentations


@registry.builtin("keras.layers")
class RandAugment(Augmentations):
    """Applies a few of eleven augmentations to each batch in training, one after the other.

    They are shear, translation, rotation, brightness, degeneration of colours, contrast, sharpness, posterization,
    solarization, auto-contrast and equalization. All images of a batch have the same kinds, each with its own numbers.

    Args:
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        num_ops: how many augmentations are applied; a kind may be drawn again. Default: 2.
        factor: the strength: a number from 0 to 1, for all from 0 to itself, or a pair of them. Default: 0.5.
        interpolation: `"nearest"` or `"bilinear"`, for the kinds that move pixels. Default: `"bilinear"`.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, 3)` or `(N, H, W, 3)`, or a dictionary with such `"images"`, `"labels"`, `"bounding_boxes"` and
        `"segmentation_masks"`; 3 first with channels first.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `factor` or `value_range` is out of bounds.

    Example:
        >>> RandAugment(seed=1)(torch.rand(2, 8, 8, 3), training=True).shape
        torch.Size([2, 8, 8, 3])

    Source: `keras.layers.RandAugment`; Cubuk et al., 2019.
    """

    _AUGMENT_LAYERS = (
        "random_shear",
        "random_translation",
        "random_rotation",
        "random_brightness",
        "random_color_degeneration",
        "random_contrast",
        "random_sharpness",
        "random_posterization",
        "solarization",
        "auto_contrast",
        "equalization",
    )

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_ops: int = 2,
        factor: Any = 0.5,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, factor, interpolation, seed, data_format=data_format, **kwargs)
        self.num_ops = num_ops

    def _draw(self, data: Any, seed: Any) -> dict:
        places = self._numbers_below(len(self._AUGMENT_LAYERS), (self.num_ops,), seed)
        names = dict.fromkeys(self._AUGMENT_LAYERS[place] for place in places.tolist())
        drawn = {name: getattr(self, name).get_random_transformation(data, True, seed) for name in names}
        return {"transforms": drawn, "layer_idxes": places}

    def _applied(self, part: Any, transformation: dict, step: Callable[[Any, Any, Any], Any]) -> Any:
        """A part of the data after all augmentations; `step` takes the layer, the part and what the layer drew."""
        for place in torch.as_tensor(transformation["layer_idxes"]).tolist():
            name = self._AUGMENT_LAYERS[place]
            part = step(getattr(self, name), part, transformation["transforms"][name])
        return part

    @takes_arrays
    def transform_images(
        self, images: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns a batch of images, changed in training."""
        images = torch.as_tensor(images).to(self._compute_torch_dtype)
        if not training:
            return images
        return self._applied(images, transformation, lambda layer, x, drawn: layer.transform_images(x, drawn))

    @takes_arrays
    def transform_bounding_boxes(
        self, bounding_boxes: dict, transformation: Any, training: bool = True
    ) -> dict:
        """Returns the bounding boxes of a batch, moved with the pixels."""
        if not training:
            return bounding_boxes
        return self._applied(
            bounding_boxes,
            transformation,
            lambda layer, x, drawn: layer.transform_bounding_boxes(dict(x), drawn),
        )

    @takes_arrays
    def transform_segmentation_masks(
        self, segmentation_masks: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns the segmentation masks of a batch, moved with the pixels."""
        if not training:
            return segmentation_masks
        return self._applied(
            segmentation_masks,
            transformation,
            lambda layer, x, drawn: layer.transform_segmentation_masks(x, drawn),
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "num_ops": self.num_ops}
