"""Every place that a class had in any release of Keras is that of today."""

from __future__ import annotations

import pytest

from kerastorch.saving.legacy_classes import modern

ROOTS = ["keras", "keras.src", "keras_core", "keras_core.src", "tensorflow.keras", "tensorflow.python.keras"]
ROOTS += ["tf_keras", "tf_keras.src"]
LAYERS = {
    "core": "Dense Activation Dropout Flatten Reshape Permute RepeatVector Masking SpatialDropout1D",
    "convolutional": "Conv1D Conv2D Conv3D Conv2DTranspose SeparableConv2D UpSampling2D ZeroPadding2D Cropping2D",
    "convolutional_recurrent": "ConvLSTM2D",
    "pooling": "MaxPooling1D AveragePooling2D GlobalMaxPooling1D GlobalAveragePooling2D",
    "recurrent": "SimpleRNN GRU LSTM RNN LSTMCell StackedRNNCells",
    "embeddings": "Embedding",
    "merge": "Add Multiply Average Maximum Concatenate Dot",
    "noise": "GaussianNoise GaussianDropout AlphaDropout",
    "normalization": "BatchNormalization",
    "wrappers": "TimeDistributed Bidirectional",
    "advanced_activations": "LeakyReLU PReLU ELU ThresholdedReLU Softmax",
    "local": "LocallyConnected1D LocallyConnected2D",
}
MODELS = {
    "Model": ("Functional", "engine.training engine.topology"),
    "Functional": ("Functional", "engine.functional models.functional"),
    "Sequential": ("Sequential", "models engine.sequential models.sequential"),
    "InputLayer": ("InputLayer", "engine.topology engine.input_layer layers.core.input_layer"),
}
TODAY = {"Functional": {"keras.models", "keras.src.models.functional"}}  # either is its place
TODAY |= {"Sequential": {"keras.models"}, "InputLayer": {"keras.layers"}}
PARTS = {"VarianceScaling": "initializers", "L1L2": "regularizers", "MaxNorm": "constraints"}
PARTS |= {"MeanSquaredError": "losses", "Accuracy": "metrics", "AdamW": "optimizers"}


def places(name, path):
    """The ways in which files of that root name a class."""
    return [
        {"class_name": name, "module": path, "config": {}},
        {"class_name": f"{path}.{name}", "config": {}},
    ]


@pytest.mark.parametrize("root", ROOTS)
def test_layers(root):
    for file, names in LAYERS.items():
        for name in names.split():
            for config in places(name, f"{root}.layers.{file}"):
                found = modern(config)
                assert (found["class_name"], found["module"]) == (name, "keras.layers")


@pytest.mark.parametrize("root", ROOTS)
def test_models(root):
    for name, (today, paths) in MODELS.items():
        for path in paths.split():
            for config in places(name, f"{root}.{path}"):
                found = modern(config)
                assert found["class_name"] == today
                assert found["module"] in TODAY[today]


@pytest.mark.parametrize("root", ROOTS)
def test_parts_of_layers_and_of_training(root):
    for name, file in PARTS.items():
        found = modern({"class_name": name, "module": f"{root}.{file}", "config": {}})
        assert (found["class_name"], found["module"]) == (name, f"keras.{file}")


@pytest.mark.parametrize(("kind", "today"), [("CuDNNLSTM", "LSTM"), ("CuDNNGRU", "GRU")])
def test_layers_of_cudnn_are_those_without(kind, today):
    found = modern({"class_name": kind, "module": "keras.layers.cudnn_recurrent", "config": {"units": 2}})
    assert (found["class_name"], found["module"]) == (today, "keras.layers")
    assert found["config"]["recurrent_activation"] == "sigmoid"
