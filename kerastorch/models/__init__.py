"""Models: functional, sequential and subclassed: `kerastorch.models`."""

from kerastorch.models.model import Model
from kerastorch.models.functional import Functional
from kerastorch.models.sequential import Sequential
from kerastorch.models.cloning import clone_model, model_from_config, model_from_json
from kerastorch.saving.models import load_model, save_model

__all__ = [
    "Functional",
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_config",
    "model_from_json",
    "save_model",
]
