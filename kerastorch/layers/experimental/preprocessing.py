"""Preprocessing under the name that Keras 2 had for it: `kerastorch.layers.experimental.preprocessing`."""

from kerastorch.layers.preprocessing.adapting import PreprocessingLayer
from kerastorch.layers.preprocessing.category_encoding import CategoryEncoding
from kerastorch.layers.preprocessing.discretization import Discretization
from kerastorch.layers.preprocessing.hashed_crossing import HashedCrossing
from kerastorch.layers.preprocessing.hashing import Hashing
from kerastorch.layers.preprocessing.images.cropping import CenterCrop, RandomCrop
from kerastorch.layers.preprocessing.images.random_contrast import RandomContrast
from kerastorch.layers.preprocessing.images.random_flip import RandomFlip
from kerastorch.layers.preprocessing.images.random_rotation import RandomRotation
from kerastorch.layers.preprocessing.images.random_size import RandomHeight, RandomWidth
from kerastorch.layers.preprocessing.images.random_translation import RandomTranslation
from kerastorch.layers.preprocessing.images.random_zoom import RandomZoom
from kerastorch.layers.preprocessing.images.rescaling import Rescaling
from kerastorch.layers.preprocessing.images.resizing import Resizing
from kerastorch.layers.preprocessing.integer_lookup import IntegerLookup
from kerastorch.layers.preprocessing.normalization import Normalization
from kerastorch.layers.preprocessing.string_lookup import StringLookup
from kerastorch.layers.preprocessing.text_vectorization import TextVectorization

__all__ = [
    "CategoryEncoding",
    "CenterCrop",
    "Discretization",
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "Normalization",
    "PreprocessingLayer",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomHeight",
    "RandomRotation",
    "RandomTranslation",
    "RandomWidth",
    "RandomZoom",
    "Rescaling",
    "Resizing",
    "StringLookup",
    "TextVectorization",
]
