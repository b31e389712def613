"""Every layer, with the sets of arguments that matter: one file a family."""

from __future__ import annotations

from tests.catalog.activations import ACTIVATIONS
from tests.catalog.attention import ATTENTION, EINSUM
from tests.catalog.convolution import CONVOLUTION
from tests.catalog.core import CORE
from tests.catalog.images_colour import COLOUR
from tests.catalog.images_geometry import GEOMETRY
from tests.catalog.locally_connected import LOCALLY_CONNECTED
from tests.catalog.merging import MERGING
from tests.catalog.normalization import NORMALIZATION
from tests.catalog.pooling import POOLING
from tests.catalog.recurrent import CELLS, RECURRENT
from tests.catalog.regularization import REGULARIZATION
from tests.catalog.reshaping import RESHAPING
from tests.catalog.sound import SOUND
from tests.catalog.structured import STRUCTURED
from tests.catalog.text import TEXT

LAYERS = [
    *CORE,
    *ACTIVATIONS,
    *RESHAPING,
    *MERGING,
    *EINSUM,
    *ATTENTION,
    *CONVOLUTION,
    *LOCALLY_CONNECTED,
    *POOLING,
    *NORMALIZATION,
    *REGULARIZATION,
    *RECURRENT,
    *COLOUR,
    *GEOMETRY,
    *STRUCTURED,
    *SOUND,
    *TEXT,
]

# Classes that are no layers to be tried alone: bases, the start of a graph, the wrapper of plain torch modules, a row
# of other layers, and layers whose outputs have another size each time.
NOT_ALONE = {
    "Layer",
    "InputLayer",
    "InputSpec",
    "Pipeline",
    "PreprocessingLayer",
    "RandomHeight",
    "RandomWidth",
    "TorchModuleWrapper",
    *CELLS,
}
