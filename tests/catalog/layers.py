"""Every layer, with the sets of arguments that matter."""

from __future__ import annotations

import numpy as np

from tests.catalog.functions import double_and_shift, scale_by, step_mask
from tests.catalog.recurrent import CELLS, RECURRENT
from tests.catalog.row import Row

VECTOR, SERIES, IMAGE, VOLUME = (5,), (6, 3), (6, 5, 3), (4, 5, 4, 2)
L2 = {"kernel_regularizer": "l2", "bias_initializer": "ones"}

CORE = [
    Row("Dense", {"units": 4}),
    Row("Dense", {"units": 4, "activation": "relu", "use_bias": False}),
    Row("Dense", {"units": 3, "activation": "softmax", "bias_initializer": "normal"}, SERIES, open_axes=(1,)),
    Row("Dense", {"units": 2, "kernel_constraint": "max_norm", **L2}, SERIES, masked=True),
    Row("Dense", {"units": 2, "activity_regularizer": "l2"}),
    Row("Dense", {"units": 4}, (5,), "integers"),
    Row("Dense", {"units": 4, "use_bias": False}, (2, 5), "integers"),
    Row("Activation", {"activation": "relu"}),
    Row("Activation", {"activation": "softmax"}, SERIES, open_axes=(1,), masked=True),
    Row("Activation", {"activation": "sigmoid"}),
    Row("Activation", {"activation": None}),
    Row("Identity", {}, SERIES, open_axes=(1, 2), masked=True),
    Row("Lambda", {"function": double_and_shift}, SERIES, open_axes=(1, 2)),
    Row("Lambda", {"function": scale_by, "arguments": {"factor": 3.0}, "output_shape": (5,)}),
    Row("Lambda", {"function": double_and_shift, "mask": step_mask}, SERIES, masked=True),
    Row("Embedding", {"input_dim": 7, "output_dim": 3}, (6,), "integers", open_axes=(1,)),
    Row("Embedding", {"input_dim": 7, "output_dim": 3, "mask_zero": True}, (6,), "integers"),
    Row("Embedding", {"input_dim": 7, "output_dim": 2, "embeddings_regularizer": "l1"}, (3, 2), "integers"),
    Row("Masking", {}, SERIES, "steps", open_axes=(1,)),
    Row("Masking", {"mask_value": -1.0}, SERIES),
]

ACTIVATIONS = [
    Row("ReLU", {}, SERIES, open_axes=(1, 2), masked=True),
    Row("ReLU", {"max_value": 0.7}),
    Row("ReLU", {"negative_slope": 0.2}),
    Row("ReLU", {"threshold": 0.3, "negative_slope": 0.1, "max_value": 1.0}),
    Row("LeakyReLU", {}, SERIES, open_axes=(1, 2), masked=True),
    Row("LeakyReLU", {"negative_slope": 0.05}),
    Row("PReLU", {"alpha_initializer": "normal"}, SERIES, masked=True),
    Row("PReLU", {"alpha_initializer": "ones", "shared_axes": [1, 2]}, IMAGE, open_axes=(1, 2)),
    Row("PReLU", {"shared_axes": 1, "alpha_regularizer": "l2", "alpha_constraint": "non_neg"}, SERIES),
    Row("ELU", {}, SERIES, open_axes=(1, 2), masked=True),
    Row("ELU", {"alpha": 0.5}),
    Row("Softmax", {}, SERIES, open_axes=(1, 2)),
    Row("Softmax", {"axis": 1}, SERIES, open_axes=(1, 2)),
    Row("Softmax", {"axis": (1, 2)}, SERIES, open_axes=(1, 2)),
    Row("Softmax", {"axis": [-1]}),
    Row("ThresholdedReLU", {}, SERIES, open_axes=(1, 2), twin=lambda x: np.where(x > 1.0, x, 0.0)),
    Row("ThresholdedReLU", {"theta": 0.5}, twin=lambda x: np.where(x > 0.5, x, 0.0)),
]

RESHAPING = [
    Row("Flatten", {}, SERIES, open_axes=(1,)),
    Row("Flatten", {"data_format": "channels_first"}, IMAGE),
    Row("Flatten", {}, ()),
    Row("Flatten", {}, (6,), "integers"),
    Row("Reshape", {"target_shape": (3, 6)}, SERIES),
    Row("Reshape", {"target_shape": (-1, 3, 1)}, SERIES, open_axes=(1,)),
    Row("Reshape", {"target_shape": ()}, (1,)),
    Row("Permute", {"dims": (2, 1)}, SERIES, open_axes=(1, 2)),
    Row("Permute", {"dims": (3, 1, 2)}, IMAGE),
    Row("RepeatVector", {"n": 3}, open_axes=(1,)),
    Row("ZeroPadding1D", {}, SERIES, open_axes=(1,)),
    Row("ZeroPadding1D", {"padding": (2, 0)}, SERIES),
    Row("ZeroPadding1D", {"padding": 1, "data_format": "channels_first"}, SERIES),
    Row("ZeroPadding2D", {}, IMAGE, open_axes=(1, 2)),
    Row("ZeroPadding2D", {"padding": ((1, 0), (2, 3))}, IMAGE),
    Row("ZeroPadding2D", {"padding": (1, 2), "data_format": "channels_first"}, IMAGE),
    Row("ZeroPadding3D", {"padding": (1, 2, 0)}, VOLUME, open_axes=(1, 2, 3)),
    Row("Cropping1D", {}, SERIES, open_axes=(1,)),
    Row("Cropping1D", {"cropping": (0, 2)}, SERIES),
    Row("Cropping2D", {"cropping": ((1, 0), (2, 1))}, IMAGE, open_axes=(1, 2)),
    Row("Cropping2D", {"cropping": 1, "data_format": "channels_first"}, IMAGE),
    Row("Cropping3D", {"cropping": ((1, 1), (0, 1), (2, 0))}, VOLUME),
    Row("UpSampling1D", {"size": 3}, SERIES, open_axes=(1,)),
    Row("UpSampling2D", {}, IMAGE, open_axes=(1, 2)),
    Row("UpSampling2D", {"size": (2, 3), "interpolation": "bilinear"}, IMAGE),
    Row("UpSampling2D", {"size": 2, "data_format": "channels_first"}, IMAGE),
    Row("UpSampling3D", {"size": (1, 2, 3)}, VOLUME),
]

MERGING = [
    Row("Add", {}, [SERIES, SERIES], open_axes=(1, 2), masked=True),
    Row("Add", {}, [VECTOR, VECTOR, VECTOR]),
    Row("Add", {}, [IMAGE, (3,), (1, 5, 1)]),
    Row("Add", {}, [VECTOR]),
    Row("Subtract", {}, [SERIES, SERIES], open_axes=(1, 2), masked=True),
    Row("Subtract", {}, [SERIES, (3,)]),
    Row("Multiply", {}, [SERIES, SERIES], open_axes=(1, 2), masked=True),
    Row("Multiply", {}, [VECTOR, VECTOR, (1,)]),
    Row("Average", {}, [SERIES, SERIES, SERIES], open_axes=(1, 2), masked=True),
    Row("Average", {}, [VECTOR, VECTOR]),
    Row("Maximum", {}, [SERIES, SERIES], open_axes=(1, 2), masked=True),
    Row("Maximum", {}, [VECTOR, VECTOR, VECTOR]),
    Row("Minimum", {}, [SERIES, SERIES], open_axes=(1, 2), masked=True),
    Row("Minimum", {}, [VECTOR, (1,)]),
    Row("Concatenate", {}, [SERIES, (6, 2)], open_axes=(1,), masked=True),
    Row("Concatenate", {"axis": 1}, [SERIES, (2, 3), (1, 3)], open_axes=(1,), masked=True),
    Row("Concatenate", {"axis": 0}, [VECTOR, VECTOR]),
    Row("Dot", {"axes": 1}, [VECTOR, VECTOR]),
    Row("Dot", {"axes": -1, "normalize": True}, [VECTOR, VECTOR]),
    Row("Dot", {"axes": (2, 1)}, [(4, 3), (3, 6)], open_axes=()),
    Row("Dot", {"axes": (1, 2)}, [(4, 3), (6, 4)], masked=False),
    Row("Dot", {"axes": (1, 3)}, [(4, 3), (2, 6, 4)]),
    Row("Dot", {"axes": (2, 1)}, [(2, 4, 3), (4, 2, 5)]),
    Row("Dot", {"axes": (2, 1)}, [(4, 3), (3,)]),
]

CONVOLUTION = [
    Row("Conv1D", {"filters": 4, "kernel_size": 3}, SERIES, open_axes=(1,), tolerance=1e-5),
    Row(
        "Conv1D",
        {"filters": 4, "kernel_size": 2, "padding": "causal", "dilation_rate": 2},
        SERIES,
        tolerance=1e-5,
    ),
    Row("Conv1D", {"filters": 2, "kernel_size": 2, "strides": 2, "padding": "same"}, SERIES, tolerance=1e-5),
    Row("Conv2D", {"filters": 4, "kernel_size": 3}, IMAGE, open_axes=(1, 2), tolerance=1e-5),
    Row(
        "Conv2D",
        {"filters": 4, "kernel_size": (2, 3), "strides": 2, "padding": "same", **L2},
        IMAGE,
        tolerance=1e-5,
    ),
    Row("Conv2D", {"filters": 3, "kernel_size": 2, "groups": 3, "activation": "relu"}, IMAGE, tolerance=1e-5),
    Row(
        "Conv2D",
        {"filters": 2, "kernel_size": 2, "dilation_rate": 2, "use_bias": False},
        IMAGE,
        tolerance=1e-5,
    ),
    Row("Conv2D", {"filters": 2, "kernel_size": 2, "data_format": "channels_first"}, IMAGE, tolerance=1e-5),
    Row(
        "Conv3D",
        {"filters": 2, "kernel_size": 2, "padding": "same"},
        VOLUME,
        open_axes=(1, 2, 3),
        tolerance=1e-5,
    ),
]


def _poolings() -> list[Row]:
    rows = []
    for kind in ("Max", "Average"):
        rows += [
            Row(f"{kind}Pooling1D", {"pool_size": 2}, SERIES, open_axes=(1,)),
            Row(f"{kind}Pooling1D", {"pool_size": 3, "strides": 1, "padding": "same"}, SERIES),
            Row(f"{kind}Pooling1D", {"pool_size": 2, "data_format": "channels_first"}, SERIES),
            Row(f"{kind}Pooling2D", {"pool_size": 2}, IMAGE, open_axes=(1, 2)),
            Row(f"{kind}Pooling2D", {"pool_size": (3, 1), "strides": 1, "padding": "same"}, IMAGE),
            Row(f"{kind}Pooling2D", {"pool_size": 2, "data_format": "channels_first"}, IMAGE),
            Row(f"{kind}Pooling3D", {"pool_size": (2, 1, 2), "strides": 1}, VOLUME, open_axes=(1, 2, 3)),
            Row(f"Global{kind}Pooling1D", {}, SERIES, open_axes=(1,), masked=kind == "Average"),
            Row(f"Global{kind}Pooling1D", {"keepdims": True}, SERIES),
            Row(f"Global{kind}Pooling2D", {}, IMAGE, open_axes=(1, 2)),
            Row(f"Global{kind}Pooling2D", {"data_format": "channels_first", "keepdims": True}, IMAGE),
            Row(f"Global{kind}Pooling3D", {}, VOLUME, open_axes=(1, 2, 3)),
        ]
    return [*rows, Row("GlobalAveragePooling1D", {}, SERIES, "integers")]


NORMALIZATION = [
    Row("BatchNormalization", {}, open_axes=(), tolerance=1e-5),
    Row("BatchNormalization", {"momentum": 0.5, "epsilon": 0.1}, IMAGE, open_axes=(1, 2), tolerance=1e-5),
    Row(
        "BatchNormalization",
        {"axis": 1, "center": False, "gamma_initializer": "normal"},
        IMAGE,
        tolerance=1e-5,
    ),
    Row("BatchNormalization", {"scale": False, "moving_mean_initializer": "ones"}, SERIES, tolerance=1e-5),
    Row("BatchNormalization", {"beta_regularizer": "l1"}, SERIES, masked=True, tolerance=1e-5),
    Row("LayerNormalization", {}, SERIES, open_axes=(1,), masked=True, tolerance=1e-5),
    Row("LayerNormalization", {"axis": (1, 2), "epsilon": 0.1}, SERIES, tolerance=1e-5),
    Row("LayerNormalization", {"center": False, "gamma_initializer": "normal"}, tolerance=1e-5),
    Row("LayerNormalization", {"scale": False, "beta_initializer": "ones"}, IMAGE, tolerance=1e-5),
]

REGULARIZATION = [
    Row("Dropout", {"rate": 0.5}, SERIES, random=True, open_axes=(1, 2), masked=True),
    Row("Dropout", {"rate": 0.0}),
    Row("Dropout", {"rate": 0.5, "noise_shape": (None, 1, 3), "seed": 1}, SERIES, random=True),
    Row("SpatialDropout1D", {"rate": 0.5}, SERIES, random=True, open_axes=(1,)),
    Row("SpatialDropout2D", {"rate": 0.5, "seed": 2}, IMAGE, random=True, open_axes=(1, 2)),
    Row("SpatialDropout3D", {"rate": 0.5}, VOLUME, random=True),
    Row("GaussianNoise", {"stddev": 0.1}, SERIES, random=True, open_axes=(1, 2)),
    Row("GaussianDropout", {"rate": 0.3, "seed": 3}, SERIES, random=True),
    Row("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, SERIES, open_axes=(1, 2), masked=True),
]

LAYERS = [
    *CORE,
    *ACTIVATIONS,
    *RESHAPING,
    *MERGING,
    *CONVOLUTION,
    *_poolings(),
    *NORMALIZATION,
    *REGULARIZATION,
    *RECURRENT,
]

# Classes that are no layers to be tried alone: bases, the start of a graph, and the wrapper of plain torch modules.
NOT_ALONE = {"Layer", "InputLayer", "InputSpec", "TorchModuleWrapper", *CELLS}
