"""Image layers that change colours or mix images, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

from tests.catalog.row import Row

PICTURE, FIRST, SMALL, TINY = (6, 5, 3), (3, 6, 5), (5, 4, 3), (3, 2, 3)
UNIT = {"value_range": (0, 1)}
CHANNELS_FIRST = {"data_format": "channels_first"}


def _open(kwargs: dict[str, Any]) -> tuple[int, int]:
    """The axes of height and width, which no layer here needs to know."""
    return (2, 3) if kwargs.get("data_format") == "channels_first" else (1, 2)


def _drawn(name: str, shapes: Any = SMALL, values: str = "pixels", **kwargs: Any) -> Row:
    return Row(name, kwargs, shapes, values=values, random=True, open_axes=_open(kwargs))


COLOUR = [
    _drawn("RandomBrightness", factor=0.2),
    _drawn("RandomBrightness", factor=(-0.1, 0.4), seed=1),
    _drawn("RandomBrightness", values="unit", factor=0.5, **UNIT),
    _drawn("RandomBrightness", FIRST, factor=(0.1, 0.3), **CHANNELS_FIRST),
    _drawn("RandomBrightness", factor=(-1.0, -0.5), value_range=(50, 200)),
    _drawn("RandomContrast", factor=0.5),
    _drawn("RandomContrast", factor=(0.2, 0.9), seed=2),
    _drawn("RandomContrast", values="unit", factor=0.8, **UNIT),
    _drawn("RandomContrast", FIRST, factor=0.7, **CHANNELS_FIRST),
    _drawn("RandomHue", factor=0.5),
    _drawn("RandomHue", values="unit", factor=0.5, seed=3, **UNIT),
    _drawn("RandomHue", FIRST, factor=(0.2, 0.4), **CHANNELS_FIRST),
    _drawn("RandomHue", values="unit", factor=(0.9, 1.0), value_range=(-1, 1)),
    _drawn("RandomSaturation", factor=0.5),
    _drawn("RandomSaturation", values="unit", factor=(0.3, 0.9), seed=4, **UNIT),
    _drawn("RandomSaturation", FIRST, factor=(0.1, 0.4), **CHANNELS_FIRST),
    _drawn("RandomColorDegeneration", factor=0.5),
    _drawn("RandomColorDegeneration", values="unit", factor=(0.2, 1.0), seed=5, **UNIT),
    _drawn("RandomColorDegeneration", FIRST, factor=(0.0, 1.0), **CHANNELS_FIRST),
    _drawn("RandomGrayscale", factor=0.5),
    _drawn("RandomGrayscale", values="unit", factor=0.3),
    _drawn("RandomGrayscale", FIRST, factor=0.7, **CHANNELS_FIRST),
    _drawn("RandomInvert", factor=(0.5, 0.5)),
    _drawn("RandomInvert", factor=1.0, seed=6),
    _drawn("RandomInvert", values="unit", factor=(0.2, 0.8), **UNIT),
    _drawn("RandomInvert", FIRST, factor=0.8, **CHANNELS_FIRST),
    _drawn("RandomPosterization", factor=5),
    _drawn("RandomPosterization", factor=(2, 6), seed=7),
    _drawn("RandomPosterization", values="unit", factor=(1, 8), **UNIT),
    _drawn("RandomPosterization", FIRST, factor=(3, 5), **CHANNELS_FIRST),
    _drawn("RandomSharpness", factor=0.5),
    _drawn("RandomSharpness", factor=(0.4, 1.0), seed=8),
    _drawn("RandomSharpness", values="unit", factor=1.0, **UNIT),
    _drawn("RandomSharpness", FIRST, factor=0.9, **CHANNELS_FIRST),
    _drawn("RandomGaussianBlur", factor=(0.5, 0.5)),
    _drawn("RandomGaussianBlur", factor=1.0, kernel_size=5, sigma=(0.2, 2.0), seed=9),
    _drawn("RandomGaussianBlur", values="unit", kernel_size=(3, 3), sigma=0.8, **UNIT),
    _drawn("RandomGaussianBlur", FIRST, factor=0.9, **CHANNELS_FIRST),
    _drawn("Solarization", addition_factor=0.3, threshold_factor=0.5),
    _drawn("Solarization", addition_factor=(0.1, 0.4), threshold_factor=(0.2, 0.8), seed=10),
    _drawn("Solarization", values="unit", threshold_factor=0.7, **UNIT),
    _drawn("Solarization", FIRST, addition_factor=0.5, **CHANNELS_FIRST),
    _drawn("RandomErasing", factor=(0.7, 0.9), scale=(0.2, 0.8)),
    _drawn("RandomErasing", factor=1.0, scale=0.9, fill_value=40, seed=11),
    _drawn(
        "RandomErasing",
        values="unit",
        factor=(1.0, 1.0),
        scale=(0.3, 0.6),
        fill_value=(0.1, 0.5, 2.0),
        **UNIT,
    ),
    _drawn("RandomErasing", FIRST, scale=(0.2, 0.9), fill_value=0, **CHANNELS_FIRST),
    _drawn("RandomColorJitter", brightness_factor=0.4, seed=12),
    _drawn("RandomColorJitter", contrast_factor=0.5, hue_factor=0.2),
    _drawn(
        "RandomColorJitter",
        values="unit",
        value_range=(0, 1),
        brightness_factor=0.2,
        contrast_factor=(0.1, 0.5),
        saturation_factor=(0.3, 0.6),
        hue_factor=0.3,
    ),
    _drawn("CutMix"),
    _drawn("CutMix", factor=(0.5, 1.0), seed=13),
    _drawn("CutMix", FIRST, "unit", factor=0.9, **CHANNELS_FIRST),
    _drawn("MixUp"),
    _drawn("MixUp", alpha=0.5, seed=14),
    _drawn("MixUp", FIRST, "unit", alpha=1.0, **CHANNELS_FIRST),
    Row("AutoContrast", {}, PICTURE, values="pixels", open_axes=(1, 2)),
    Row("AutoContrast", UNIT, PICTURE, values="unit"),
    Row("AutoContrast", {"value_range": (20, 200)}, SMALL, values="pixels"),
    Row("Equalization", {}, PICTURE, values="pixels", open_axes=(1, 2)),
    Row("Equalization", UNIT, PICTURE, values="unit"),
    Row("Equalization", {"bins": 16}, SMALL, values="pixels"),
    Row("Equalization", CHANNELS_FIRST, FIRST, values="pixels"),
    Row("Equalization", {"bins": 64, "value_range": (-1, 1)}, (8, 8, 1), values="unit"),
]

_TRUNCATED = "Keras on torch counts in whole numbers and cuts `clip_limit` down to one"


def _tiles(shapes: Any, values: str = "pixels", reference: str = "tensorflow", **kwargs: Any) -> Row:
    because = _TRUNCATED if reference == "tensorflow" else ""
    name = "ContrastLimitedAdaptiveHistogramEqualization"
    return Row(
        name,
        kwargs,
        shapes,
        values=values,
        reference=reference,
        because=because,
        tolerance=1e-4 if because else 2e-6,
    )


COLOUR += [
    _tiles((16, 16, 2), "pixels", "keras", clip_limit=2.0, tile_grid_size=(1, 2)),
    _tiles((6, 5, 3), "pixels", "keras", clip_limit=0.0),
    _tiles((6, 5, 3), "unit", "keras", clip_limit=0.0, tile_grid_size=(2, 2), **UNIT),
    _tiles((3, 6, 5), "pixels", "keras", clip_limit=0.0, tile_grid_size=(3, 2), **CHANNELS_FIRST),
    _tiles((6, 5, 3), clip_limit=4.0, tile_grid_size=(2, 2)),
    _tiles((6, 5, 1), "unit", clip_limit=20.0, tile_grid_size=(2, 3), **UNIT),
    _tiles((3, 6, 5), clip_limit=10.0, tile_grid_size=(3, 2), **CHANNELS_FIRST),
]

_IN_PLACE = (
    "Keras on torch adds the brightness to the images in place, also where another augmentation is drawn"
)
_UNSEEDED = (
    "Keras draws the kinds from Python's `random`, so that the numbers of a few calls are never the same"
)


def _several(name: str, shapes: Any = TINY, values: str = "pixels", **kwargs: Any) -> Row:
    because = _IN_PLACE if name == "RandAugment" else _UNSEEDED
    return Row(
        name,
        kwargs,
        shapes,
        values=values,
        random=True,
        open_axes=_open(kwargs),
        reference="tensorflow",
        because=because,
    )


COLOUR += [
    _several("RandAugment"),
    _several("RandAugment", num_ops=1, factor=0.8, seed=15),
    _several("RandAugment", values="unit", num_ops=3, factor=(0.2, 0.4), interpolation="nearest", **UNIT),
    _several("RandAugment", (3, 3, 2), factor=0.7, **CHANNELS_FIRST),
    _several("AugMix"),
    _several("AugMix", num_chains=2, chain_depth=2, factor=0.6, seed=16),
    _several(
        "AugMix", values="unit", all_ops=False, alpha=0.5, factor=(0.3, 0.6), interpolation="nearest", **UNIT
    ),
    _several("AugMix", (3, 3, 2), num_chains=1, **CHANNELS_FIRST),
]
