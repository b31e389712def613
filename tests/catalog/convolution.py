"""Convolution layers, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

from tests.catalog.row import IMAGE, SERIES, VOLUME, Row

SEQUENCES, IMAGES, VOLUMES = ({"shapes": s, "tolerance": 1e-5} for s in (SERIES, IMAGE, VOLUME))
ROUNDING = "the output is larger than the input, and the gradient of the bias sums it all up in another order"
FEW_PIXELS, FEW_VOXELS = (
    {"shapes": s, "tolerance": 5e-5, "because": ROUNDING} for s in ((3, 2, 2), (2, 3, 2, 2))
)
FIRST = {"data_format": "channels_first"}
COSTLY: dict[str, Any] = {"kernel_regularizer": "l2", "bias_initializer": "ones"}


def conv(name: str, shared: dict[str, Any], **kwargs: Any) -> Row:
    """A row whose constructor has two filters and windows of size two, unless it says otherwise."""
    return Row(name, {"filters": 2, "kernel_size": 2, **kwargs}, **shared)


def depthwise(name: str, shared: dict[str, Any], **kwargs: Any) -> Row:
    """A row whose constructor has windows of size two, unless it says otherwise."""
    return Row(name, {"kernel_size": 2, **kwargs}, **shared)


PLAIN = [
    conv("Conv1D", {**SEQUENCES, "open_axes": (1,)}, filters=4, kernel_size=3),
    conv("Conv1D", SEQUENCES, filters=4, padding="causal", dilation_rate=2),
    conv("Conv1D", SEQUENCES, padding="causal", strides=2, **COSTLY),
    conv("Conv1D", SEQUENCES, strides=2, padding="same"),
    conv("Conv1D", SEQUENCES, kernel_size=3, padding="same", dilation_rate=2, activation="tanh"),
    conv("Conv1D", {**SEQUENCES, "open_axes": (2,)}, kernel_size=3, padding="same", **FIRST),
    conv("Conv1D", SEQUENCES, filters=6, groups=3, use_bias=False),
    conv("Conv1D", SEQUENCES, kernel_size=1, activation="relu", activity_regularizer="l2"),
    conv("Conv2D", {**IMAGES, "open_axes": (1, 2)}, filters=4, kernel_size=3),
    conv("Conv2D", IMAGES, filters=4, kernel_size=(2, 3), strides=2, padding="same", **COSTLY),
    conv("Conv2D", IMAGES, filters=3, groups=3, activation="relu"),
    conv("Conv2D", IMAGES, dilation_rate=2, use_bias=False),
    conv("Conv2D", IMAGES, dilation_rate=(1, 2), kernel_size=(3, 2), padding="same"),
    conv("Conv2D", {**IMAGES, "open_axes": (2, 3)}, **FIRST),
    conv("Conv2D", IMAGES, padding="same", strides=(2, 1), **FIRST),
    conv("Conv2D", IMAGES, kernel_size=1, strides=2, padding="same", activation="softmax"),
    conv("Conv3D", {**VOLUMES, "open_axes": (1, 2, 3)}, padding="same"),
    conv("Conv3D", VOLUMES, kernel_size=(1, 2, 3), strides=(1, 2, 1), activation="relu"),
    conv("Conv3D", VOLUMES, dilation_rate=(2, 1, 1), use_bias=False),
    conv("Conv3D", VOLUMES, filters=4, groups=2, **COSTLY),
    conv("Conv3D", VOLUMES, kernel_size=(2, 3, 2), padding="same", strides=2, **FIRST),
]

TRANSPOSED = [
    conv("Conv1DTranspose", {**SEQUENCES, "open_axes": (1,)}, kernel_size=3, strides=2),
    conv("Conv1DTranspose", SEQUENCES, kernel_size=3, strides=2, padding="same"),
    conv("Conv1DTranspose", SEQUENCES, strides=3, padding="same"),
    conv("Conv1DTranspose", SEQUENCES, strides=3, output_padding=2),
    conv("Conv1DTranspose", SEQUENCES, kernel_size=3, dilation_rate=2, activation="relu"),
    conv("Conv1DTranspose", SEQUENCES, kernel_size=4, strides=2, padding="same", **FIRST),
    conv("Conv1DTranspose", SEQUENCES, kernel_size=3, padding="same", use_bias=False),
    conv("Conv2DTranspose", {**IMAGES, "open_axes": (1, 2)}, padding="same", kernel_size=3, strides=2),
    conv("Conv2DTranspose", IMAGES, strides=(2, 1), activation="relu", **COSTLY),
    conv("Conv2DTranspose", IMAGES, strides=3),
    conv("Conv2DTranspose", IMAGES, kernel_size=(4, 3), strides=2, padding="same", activation="tanh"),
    conv("Conv2DTranspose", IMAGES, kernel_size=3, strides=2, padding="same", output_padding=1),
    conv("Conv2DTranspose", IMAGES, kernel_size=3, strides=2, padding="same", output_padding=0),
    conv("Conv2DTranspose", IMAGES, kernel_size=(4, 5), strides=2, padding="same", output_padding=1),
    conv("Conv2DTranspose", FEW_PIXELS, kernel_size=3, strides=(3, 2), output_padding=(1, 0)),
    conv("Conv2DTranspose", IMAGES, dilation_rate=2, use_bias=False),
    conv("Conv2DTranspose", IMAGES, kernel_size=3, dilation_rate=(1, 2), padding="same"),
    conv(
        "Conv2DTranspose", {**IMAGES, "open_axes": (2, 3)}, kernel_size=3, strides=2, padding="same", **FIRST
    ),
    conv("Conv3DTranspose", {**FEW_VOXELS, "open_axes": (1, 2, 3)}, strides=2),
    conv("Conv3DTranspose", FEW_VOXELS, kernel_size=3, strides=(2, 1, 2), padding="same", activation="relu"),
    conv("Conv3DTranspose", FEW_VOXELS, kernel_size=(1, 2, 3), strides=(1, 2, 1), output_padding=(0, 1, 0)),
    conv("Conv3DTranspose", FEW_VOXELS, kernel_size=3, padding="same", strides=2, **FIRST),
]

DEPTHWISE = [
    depthwise("DepthwiseConv1D", {**SEQUENCES, "open_axes": (1,)}),
    depthwise("DepthwiseConv1D", SEQUENCES, depth_multiplier=2, padding="same", activation="relu"),
    depthwise("DepthwiseConv1D", SEQUENCES, kernel_size=3, strides=2, padding="same", use_bias=False),
    depthwise("DepthwiseConv1D", SEQUENCES, dilation_rate=2, depthwise_regularizer="l2"),
    depthwise("DepthwiseConv1D", SEQUENCES, kernel_size=3, depth_multiplier=2, **FIRST),
    depthwise("DepthwiseConv2D", {**IMAGES, "open_axes": (1, 2)}, kernel_size=3, padding="same"),
    depthwise("DepthwiseConv2D", IMAGES, depth_multiplier=2, activation="relu", bias_initializer="ones"),
    depthwise("DepthwiseConv2D", IMAGES, kernel_size=(3, 2), strides=2, padding="same"),
    depthwise("DepthwiseConv2D", IMAGES, dilation_rate=(1, 2), padding="same", depth_multiplier=3),
    depthwise("DepthwiseConv2D", IMAGES, use_bias=False, strides=(1, 2), depthwise_regularizer="l1"),
    depthwise("DepthwiseConv2D", IMAGES, depth_multiplier=2, padding="same", **FIRST),
]

SEPARABLE = [
    conv("SeparableConv1D", {**SEQUENCES, "open_axes": (1,)}),
    conv("SeparableConv1D", SEQUENCES, padding="same", kernel_size=3, strides=2, depth_multiplier=2),
    conv("SeparableConv1D", SEQUENCES, dilation_rate=2, activation="relu", use_bias=False),
    conv("SeparableConv1D", SEQUENCES, depthwise_regularizer="l1", pointwise_regularizer="l2"),
    conv("SeparableConv1D", SEQUENCES, depth_multiplier=2, padding="same", **FIRST),
    conv("SeparableConv2D", {**IMAGES, "open_axes": (1, 2)}, kernel_size=3, padding="same"),
    conv("SeparableConv2D", IMAGES, depth_multiplier=2, activation="tanh", bias_initializer="ones"),
    conv("SeparableConv2D", IMAGES, kernel_size=(2, 3), strides=2, padding="same", use_bias=False),
    conv("SeparableConv2D", IMAGES, dilation_rate=2, pointwise_regularizer="l1"),
    conv("SeparableConv2D", IMAGES, strides=2, depth_multiplier=3, **FIRST),
]

CONVOLUTION = [*PLAIN, *TRANSPOSED, *DEPTHWISE, *SEPARABLE]
