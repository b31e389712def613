"""Images blended with several chains of augmentations of themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.preprocessing.images.arrays import takes_arrays
from kerastorch.layers.preprocessing.images.augmentations import Augmentations
from kerastorch.layers.preprocessing.images.mixing import dirichlet

_MILD = (
    "random_shear",
    "random_translation",
    "random_rotation",
    "random_posterization",
    "solarization",
    "auto_contrast",
    "equalization",
)
_ALL = (*_MILD, "random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness")


@registry.builtin("keras.layers")
class AugMix(Augmentations):
    """Applies several chains of augmentations to each batch in training, and blends the results with the images.

    All images of a batch go through the same kinds, each with its own numbers.

    Args:
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        num_chains: how many chains there are. Default: 3.
        chain_depth: the largest number of augmentations in a chain; each of them may be left out. Default: 3.
        factor: the strength: a number from 0 to 1, for all from 0 to itself, or a pair of them. Default: 0.3.
        alpha: the parameter of the Dirichlet and beta distributions of the weights, positive. Default: 1.
        all_ops: whether brightness, degeneration of colours, contrast and sharpness are among the augmentations,
            besides shear, translation, rotation, posterization, solarization, auto-contrast and equalization.
            Default: True.
        interpolation: `"nearest"` or `"bilinear"`, for the kinds that move pixels. Default: `"bilinear"`.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, 3)` or `(N, H, W, 3)`, or a dictionary with such `"images"`, `"labels"`, `"bounding_boxes"` and
        `"segmentation_masks"`; 3 first with channels first.

    Output shape:
        that of the input. Labels and bounding boxes stay; segmentation masks are blended as the images are.

    Raises:
        InvalidArgumentError: when `factor` or `value_range` is out of bounds.

    Example:
        >>> AugMix(seed=1)(torch.rand(2, 8, 8, 3), training=True).shape
        torch.Size([2, 8, 8, 3])

    Source: `keras.layers.AugMix`; Hendrycks et al., 2019.
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: Any = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, factor, interpolation, seed, data_format=data_format, **kwargs)
        self.num_chains = num_chains
        self.chain_depth = chain_depth
        self.alpha = alpha
        self.all_ops = all_ops

    def _draw(self, data: Any, seed: Any) -> dict:
        names = _ALL if self.all_ops else _MILD
        alpha = torch.full((), float(self.alpha), device=self._extent(data).device)
        places = self._numbers_below(len(names) + 1, (self.num_chains, self.chain_depth), seed).tolist()
        chains = [[names[place] for place in chain if place < len(names)] for chain in places]
        return {
            "chain_mixing_weights": dirichlet(alpha.expand(self.num_chains), seed),
            "weight_sample": dirichlet(alpha.expand(2), seed)[0],
            "chain_transforms": [[self._step(name, data, seed) for name in chain] for chain in chains],
        }

    def _step(self, name: str, data: Any, seed: Any) -> dict:
        drawn = getattr(self, name).get_random_transformation(data, True, seed)
        return {"layer_name": name, "transformation": drawn}

    def _mixed(self, part: torch.Tensor, transformation: dict, step: Callable[[Any, Any, Any], Any]) -> Any:
        """The part of the data blended with its chains; `step` takes the layer, the part and what the layer drew."""
        weights = torch.as_tensor(transformation["chain_mixing_weights"]).to(part.dtype)
        mixed = torch.zeros_like(part)
        for chain, weight in zip(transformation["chain_transforms"], weights, strict=True):
            changed = part
            for link in chain:
                changed = step(getattr(self, link["layer_name"]), changed, link["transformation"])
            mixed = mixed + changed * weight
        return torch.lerp(mixed, part, torch.as_tensor(transformation["weight_sample"]).to(part.dtype))

    @takes_arrays
    def transform_images(
        self, images: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns a batch of images, changed in training."""
        images = torch.as_tensor(images).to(self._compute_torch_dtype)
        if not training:
            return images
        mixed = self._mixed(images, transformation, lambda layer, x, drawn: layer.transform_images(x, drawn))
        low, high = self.value_range
        return mixed.clamp(low, high)

    @takes_arrays
    def transform_bounding_boxes(
        self, bounding_boxes: dict, transformation: Any, training: bool = True
    ) -> dict:
        """Returns the bounding boxes: blended images have their objects in several places."""
        return bounding_boxes

    @takes_arrays
    def transform_segmentation_masks(
        self, segmentation_masks: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns the segmentation masks of a batch, blended in training as the images are."""
        if not training:
            return segmentation_masks
        masks = segmentation_masks.to(self._compute_torch_dtype)
        return self._mixed(
            masks, transformation, lambda layer, x, drawn: layer.transform_segmentation_masks(x, drawn)
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        names = ("num_chains", "chain_depth", "alpha", "all_ops")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
