"""Models as scikit-learn estimators: `kerastorch.wrappers`."""

from kerastorch.wrappers import scikit_learn
from kerastorch.wrappers.estimators import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer", "scikit_learn"]
