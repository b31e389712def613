"""Layers: `kerastorch.layers`, grouped by the file that holds them."""

from kerastorch.layers import experimental
from kerastorch.layers.layer import Layer
from kerastorch.core.spec import InputSpec
from kerastorch.layers.serialization import serialize, deserialize
from kerastorch.layers.core.input_layer import InputLayer, Input
from kerastorch.layers.core.dense import Dense
from kerastorch.layers.core.einsum_dense import EinsumDense
from kerastorch.layers.core.embedding import Embedding
from kerastorch.layers.core.reversible_embedding import ReversibleEmbedding
from kerastorch.layers.core.random_fourier_features import RandomFourierFeatures
from kerastorch.layers.core.masking import Masking
from kerastorch.layers.core.lambda_layer import Lambda
from kerastorch.layers.core.identity import Identity
from kerastorch.layers.core.torch_module import TorchModuleWrapper
from kerastorch.layers.activations.activation import Activation
from kerastorch.layers.activations.relu import ReLU, ThresholdedReLU
from kerastorch.layers.activations.leaky_relu import LeakyReLU
from kerastorch.layers.activations.prelu import PReLU
from kerastorch.layers.activations.elu import ELU
from kerastorch.layers.activations.softmax import Softmax
from kerastorch.layers.convolutional.conv import Conv1D, Conv2D, Conv3D
from kerastorch.layers.convolutional.conv_transpose import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose
from kerastorch.layers.convolutional.depthwise_conv import DepthwiseConv1D, DepthwiseConv2D
from kerastorch.layers.convolutional.separable_conv import SeparableConv1D, SeparableConv2D
from kerastorch.layers.locally_connected.locally_connected import LocallyConnected1D, LocallyConnected2D
from kerastorch.layers.pooling.adaptive_pooling import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
)
from kerastorch.layers.pooling.pooling import (
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
)
from kerastorch.layers.pooling.global_pooling import (
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
)
from kerastorch.layers.normalization.batch_normalization import BatchNormalization
from kerastorch.layers.normalization.sync_batch_normalization import SyncBatchNormalization
from kerastorch.layers.normalization.layer_normalization import LayerNormalization
from kerastorch.layers.normalization.group_normalization import GroupNormalization
from kerastorch.layers.normalization.rms_normalization import RMSNormalization
from kerastorch.layers.normalization.unit_normalization import UnitNormalization
from kerastorch.layers.normalization.spectral_normalization import SpectralNormalization
from kerastorch.layers.regularization.dropout import (
    Dropout,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from kerastorch.layers.regularization.alpha_dropout import AlphaDropout
from kerastorch.layers.regularization.noise import GaussianNoise, GaussianDropout, ActivityRegularization
from kerastorch.layers.reshaping.flatten import Flatten
from kerastorch.layers.reshaping.reshape import Reshape
from kerastorch.layers.reshaping.permute import Permute
from kerastorch.layers.reshaping.repeat_vector import RepeatVector
from kerastorch.layers.reshaping.padding import (
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
    Cropping1D,
    Cropping2D,
    Cropping3D,
)
from kerastorch.layers.reshaping.up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
from kerastorch.layers.merging.elementwise import Add, Average, Subtract, add, average, subtract
from kerastorch.layers.merging.masked import Maximum, Minimum, Multiply, multiply, maximum, minimum
from kerastorch.layers.merging.concatenate import Concatenate, concatenate
from kerastorch.layers.merging.dot import Dot, dot
from kerastorch.layers.attention.attention import Attention, AdditiveAttention
from kerastorch.layers.attention.multi_head_attention import MultiHeadAttention
from kerastorch.layers.attention.grouped_query_attention import GroupedQueryAttention as GroupQueryAttention
from kerastorch.layers.rnn.rnn import RNN
from kerastorch.layers.rnn.stacked_cells import StackedRNNCells
from kerastorch.layers.rnn.simple_rnn import SimpleRNN, SimpleRNNCell
from kerastorch.layers.rnn.gru import GRU, GRUCell
from kerastorch.layers.rnn.lstm import LSTM, LSTMCell
from kerastorch.layers.rnn.conv_lstm import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from kerastorch.layers.rnn.abstract_cell import AbstractRNNCell
from kerastorch.layers.rnn.wrapper import Wrapper
from kerastorch.layers.rnn.time_distributed import TimeDistributed
from kerastorch.layers.rnn.bidirectional import Bidirectional
from kerastorch.layers.preprocessing.adapting import PreprocessingLayer
from kerastorch.layers.preprocessing.stft_spectrogram import STFTSpectrogram
from kerastorch.layers.preprocessing.mel_spectrogram import MelSpectrogram
from kerastorch.layers.preprocessing.images.aug_mix import AugMix
from kerastorch.layers.preprocessing.images.rand_augment import RandAugment
from kerastorch.layers.preprocessing.images.cut_mix import CutMix
from kerastorch.layers.preprocessing.images.mix_up import MixUp
from kerastorch.layers.preprocessing.images.random_color_jitter import RandomColorJitter
from kerastorch.layers.preprocessing.images.random_erasing import RandomErasing
from kerastorch.layers.preprocessing.string_lookup import StringLookup
from kerastorch.layers.preprocessing.integer_lookup import IntegerLookup
from kerastorch.layers.preprocessing.text_vectorization import TextVectorization
from kerastorch.layers.preprocessing.hashed_crossing import HashedCrossing
from kerastorch.layers.preprocessing.hashing import Hashing
from kerastorch.layers.preprocessing.category_encoding import CategoryEncoding
from kerastorch.layers.preprocessing.discretization import Discretization
from kerastorch.layers.preprocessing.normalization import Normalization
from kerastorch.layers.preprocessing.images.random_brightness import RandomBrightness
from kerastorch.layers.preprocessing.images.random_contrast import RandomContrast
from kerastorch.layers.preprocessing.images.random_hue import RandomHue
from kerastorch.layers.preprocessing.images.random_saturation import RandomSaturation
from kerastorch.layers.preprocessing.images.random_color_degeneration import RandomColorDegeneration
from kerastorch.layers.preprocessing.images.random_grayscale import RandomGrayscale
from kerastorch.layers.preprocessing.images.random_invert import RandomInvert
from kerastorch.layers.preprocessing.images.random_posterization import RandomPosterization
from kerastorch.layers.preprocessing.images.random_sharpness import RandomSharpness
from kerastorch.layers.preprocessing.images.random_gaussian_blur import RandomGaussianBlur
from kerastorch.layers.preprocessing.images.solarization import Solarization
from kerastorch.layers.preprocessing.images.auto_contrast import AutoContrast
from kerastorch.layers.preprocessing.images.equalization import Equalization
from kerastorch.layers.preprocessing.images.clahe import ContrastLimitedAdaptiveHistogramEqualization
from kerastorch.layers.preprocessing.images.rescaling import Rescaling
from kerastorch.layers.preprocessing.images.resizing import Resizing
from kerastorch.layers.preprocessing.images.cropping import CenterCrop, RandomCrop
from kerastorch.layers.preprocessing.images.random_flip import RandomFlip
from kerastorch.layers.preprocessing.images.random_rotation import RandomRotation
from kerastorch.layers.preprocessing.images.random_zoom import RandomZoom
from kerastorch.layers.preprocessing.images.random_translation import RandomTranslation
from kerastorch.layers.preprocessing.images.random_shear import RandomShear
from kerastorch.layers.preprocessing.images.random_perspective import RandomPerspective
from kerastorch.layers.preprocessing.images.random_elastic_transform import RandomElasticTransform
from kerastorch.layers.preprocessing.images.random_size import RandomHeight, RandomWidth
from kerastorch.layers.preprocessing.images.max_num_bounding_boxes import MaxNumBoundingBoxes
from kerastorch.layers.preprocessing.images.pipeline import Pipeline

Convolution1D = Conv1D
Convolution1DTranspose = Conv1DTranspose
Convolution2DTranspose = Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
SeparableConvolution1D = SeparableConv1D
SeparableConvolution2D = SeparableConv2D
MaxPool1D = MaxPooling1D
AvgPool1D = AveragePooling1D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalAvgPool1D = GlobalAveragePooling1D
Convolution2D = Conv2D
MaxPool2D = MaxPooling2D
AvgPool2D = AveragePooling2D
GlobalMaxPool2D = GlobalMaxPooling2D
GlobalAvgPool2D = GlobalAveragePooling2D
Convolution3D = Conv3D
MaxPool3D = MaxPooling3D
AvgPool3D = AveragePooling3D
GlobalMaxPool3D = GlobalMaxPooling3D
GlobalAvgPool3D = GlobalAveragePooling3D
CuDNNGRU = GRU
CuDNNLSTM = LSTM

__all__ = [
    "ELU",
    "GRU",
    "LSTM",
    "RNN",
    "AbstractRNNCell",
    "Activation",
    "ActivityRegularization",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "Add",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "AugMix",
    "AutoContrast",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "BatchNormalization",
    "Bidirectional",
    "CategoryEncoding",
    "CenterCrop",
    "Concatenate",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Convolution3DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "CuDNNGRU",
    "CuDNNLSTM",
    "CutMix",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Discretization",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Equalization",
    "Flatten",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "GroupQueryAttention",
    "HashedCrossing",
    "Hashing",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "IntegerLookup",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "LocallyConnected1D",
    "LocallyConnected2D",
    "Masking",
    "MaxNumBoundingBoxes",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Maximum",
    "MelSpectrogram",
    "Minimum",
    "MixUp",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "Pipeline",
    "PreprocessingLayer",
    "RMSNormalization",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomCrop",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomFourierFeatures",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHeight",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomWidth",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "ReversibleEmbedding",
    "STFTSpectrogram",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "Solarization",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "SpectralNormalization",
    "StackedRNNCells",
    "StringLookup",
    "Subtract",
    "SyncBatchNormalization",
    "TextVectorization",
    "ThresholdedReLU",
    "TimeDistributed",
    "TorchModuleWrapper",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "Wrapper",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "experimental",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]
