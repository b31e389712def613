"""Models as scikit-learn estimators: `kerastorch.wrappers`."""

from kerastorch.wrappers.estimators import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]
