"""Images equalised tile by tile, with limited contrast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.preprocessing.images.arrays import takes_arrays
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer
from kerastorch.layers.preprocessing.images.histograms import clahe


@registry.builtin("keras.layers")
class ContrastLimitedAdaptiveHistogramEqualization(ColourLayer):
    """Equalises tiles of each image and blends them, in training and inference (CLAHE).

    Args:
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        clip_limit: how many times the mean a count of a tile's histogram may be; what is above goes to all values
            alike, which keeps noise in even regions small. 0 for no limit. Default: 4.
        tile_grid_size: the numbers of tiles along height and width. Default: `(8, 8)`.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary with such `"images"`; C first with channels first.

    Output shape:
        that of the input. Images of whole numbers stay such.

    Raises:
        InvalidArgumentError: when `value_range` is not two numbers or `tile_grid_size` not two positive integers.

    Example:
        >>> layer = ContrastLimitedAdaptiveHistogramEqualization(clip_limit=0, tile_grid_size=(1, 1))
        >>> layer(torch.tensor([[[1.0], [2.0], [3.0]]])).tolist()
        [[[85.0], [170.0], [255.0]]]

    Source: `keras.layers.ContrastLimitedAdaptiveHistogramEqualization`; Zuiderveld, 1994.
    """

    _keeps_type = True

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        clip_limit: float = 4.0,
        tile_grid_size: Sequence[int] = (8, 8),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, data_format=data_format, **kwargs)
        if len(tuple(tile_grid_size)) != 2 or not all(isinstance(n, int) and n > 0 for n in tile_grid_size):
            raise InvalidArgumentError(
                "`tile_grid_size` must be two positive integers, the numbers of tiles along height and width. "
                f"Received: tile_grid_size={tile_grid_size!r}"
            )
        self.clip_limit = clip_limit
        self.tile_grid_size = tile_grid_size

    @takes_arrays
    def transform_images(
        self, images: torch.Tensor, transformation: Any = None, training: bool = True
    ) -> torch.Tensor:
        """Returns a batch of images, changed also outside of training."""
        return super().transform_images(images, transformation, training=True)

    def _change(self, images: torch.Tensor, transformation: Any) -> torch.Tensor:
        levels = self._transform_value_range(images.float(), self.value_range, (0, 255))
        planes = levels.movedim(self.channel_axis, -3)
        rows, columns = self.tile_grid_size
        equal = clahe(planes.flatten(0, -3), self.clip_limit, (rows, columns))
        levels = equal.view(planes.shape).movedim(-3, self.channel_axis)
        return self._transform_value_range(levels, (0, 255), self.value_range).to(images.dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        settings = {"clip_limit": self.clip_limit, "tile_grid_size": self.tile_grid_size}
        config = {**super().get_config(), **settings}
        del config["seed"]
        return config
