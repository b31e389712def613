"""scikit-learn estimators made of models: a classifier, a regressor and a transformer.

They are scikit-learn's own base classes with a model inside, so that `clone`, `Pipeline`, `GridSearchCV` and the rest
of scikit-learn take them as they are.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, NotCompiledError, ShapeError
from kerastorch.models.cloning import clone_model
from kerastorch.models.model import Model
from kerastorch.wrappers.sklearn_base import (
    BaseEstimator,
    ClassifierMixin,
    RegressorMixin,
    TransformerMixin,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    type_of_target,
    validate_data,
)

# What `Model.fit` takes besides the data.
_FIT_ARGUMENTS = [*inspect.signature(Model.fit).parameters][3:]


class ModelEstimator(BaseEstimator):
    """What the wrappers have in common: an estimator that trains a model.

    Weights are drawn and data shuffled at random; `kerastorch.utils.set_random_seed`, called before `fit` or in the
    callable that makes the model, makes a fit repeatable.

    Args:
        model: a compiled `Model`, of which `fit` trains a clone with new weights, or a callable that returns one. It is
            called as `model(X=X, y=y, **model_kwargs)` with the arrays that the model is trained on.
        warm_start: whether `fit` goes on with the weights of the last fit. It then trains the given model itself.
            Default: False.
        model_kwargs: more arguments of a callable `model`. Default: None, there are none.
        fit_kwargs: arguments of `Model.fit`; those given to the estimator's own `fit` come first. Default: None, there
            are none.

    Attributes:
        model_: the trained model.
        history_: what `Model.fit` returned.
        n_features_in_: the number of features.
        feature_names_in_: the names of the columns, where `X` is a data frame.

    Raises:
        MissingDependencyError: when scikit-learn is not installed.
    """

    # With metadata routing `set_fit_request` takes any of them; scikit-learn makes that method of this.
    __metadata_request__fit = dict.fromkeys(_FIT_ARGUMENTS)

    def __init__(
        self,
        model: Model | Callable[..., Model],
        warm_start: bool = False,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        tags.target_tags.required = True
        return tags

    @property
    def epoch_(self) -> int:
        """The number of epochs that the model has been trained for by the last fit."""
        return max(self.history_.epoch, default=-1) + 1 if hasattr(self, "history_") else 0

    def fit(self, X: Any, y: Any, **kwargs: Any) -> Any:
        """Trains a model.

        Args:
            X: the samples, an array of shape (samples, features) or a data frame.
            y: their targets, an array of shape (samples,), or (samples, outputs) where the targets are numbers.
            **kwargs: arguments of `Model.fit`, such as `sample_weight`; they come before those in `fit_kwargs`.

        Returns:
            The estimator itself.

        Raises:
            ArgumentTypeError: when `model` neither is a `Model` nor returns one.
            InvalidArgumentError: when the data cannot be used.
            NotCompiledError: when the model is not compiled with a loss and an optimizer.
        """
        X, y = validate_data(self, X, y, multi_output=True)
        if y.shape[1:] == (1,):
            y = column_or_1d(y, warn=True)
        arguments = {**(self.fit_kwargs or {}), **kwargs}
        targets = self._encoded(y, arguments.get("sample_weight"))
        model = self._model_for(X, targets)
        self.history_ = model.fit(X, targets, **arguments)
        self.model_ = model
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Returns what the model says of each sample, in the form of the targets of `fit`.

        Args:
            X: the samples, of shape (samples, features).

        Returns:
            An array of shape (samples,), or (samples, outputs) after targets of that shape.

        Raises:
            ShapeError: when the model of a classifier does not have one output a class.
        """
        return self._decoded(self._outputs(X))

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self, "model_")
        return self.model_.predict(validate_data(self, X, reset=False))

    def _encoded(self, y: np.ndarray, sample_weight: Any) -> np.ndarray:
        """The targets as the model gets them, with two axes."""
        if y.dtype.kind not in "biuf":
            raise InvalidArgumentError(
                f"Unknown label type: the targets of {type(self).__name__} should be numbers. "
                f"Received: y of shape {y.shape} and dtype {y.dtype}."
            )
        self._flat = y.ndim == 1
        return y[:, None] if self._flat else y

    def _decoded(self, outputs: np.ndarray) -> np.ndarray:
        """The outputs of the model as targets."""
        return outputs[:, 0] if self._flat and outputs.shape[1:] == (1,) else outputs

    def _model_for(self, X: np.ndarray, targets: np.ndarray) -> Model:
        """The model to train: a new one, or with `warm_start` the one of the last fit."""
        if self.warm_start and hasattr(self, "model_"):
            return self.model_
        if isinstance(self.model, Model):
            model = self.model if self.warm_start else clone_model(self.model)
        else:
            model = self.model(X=X, y=targets, **(self.model_kwargs or {})) if callable(self.model) else None
        if not isinstance(model, Model):
            raise ArgumentTypeError(
                f"`model` of {type(self).__name__} should be a Model or a callable that returns one. "
                f"Received: model={self.model!r}, which gives {model!r}."
            )
        if not (model.compiled and model.loss and model.optimizer):
            raise NotCompiledError(
                f"The model given to {type(self).__name__} needs to be compiled, and have a loss and an optimizer."
            )
        return model


class SKLearnClassifier(ClassifierMixin, ModelEstimator):
    """A scikit-learn classifier that trains a model.

    The model gets the classes one-hot, as `(samples, classes)`, so that it needs one output a class and a loss such as
    `"categorical_crossentropy"`. The keys of a `class_weight` are positions in `classes_`.

    Attributes:
        classes_: the labels, sorted: entry `i` is that of output `i`.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from kerastorch import Sequential, layers
        >>> def make(X, y, units):
        ...     hidden, classes = layers.Dense(units, "relu"), layers.Dense(y.shape[1], "softmax")
        ...     model = Sequential([hidden, classes])
        ...     model.compile("adam", "categorical_crossentropy")
        ...     return model
        >>> X, y = load_iris(return_X_y=True)
        >>> classifier = SKLearnClassifier(make, model_kwargs={"units": 8}, fit_kwargs={"verbose": 0})
        >>> classifier.fit(X, y, epochs=2).classes_, classifier.history_.epoch
        (array([0, 1, 2]), [0, 1])

    Source: `keras.wrappers.SKLearnClassifier`.
    """

    def decision_function(self, X: Any) -> np.ndarray:
        """Returns the outputs of the model: probabilities or logits, as it gives them.

        Args:
            X: the samples, of shape (samples, features).

        Returns:
            An array of shape (samples, classes), of two columns for two classes.
        """
        return self._outputs(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags

    def _encoded(self, y: np.ndarray, sample_weight: Any) -> np.ndarray:
        kind = type_of_target(y)
        if kind not in ("binary", "multiclass"):
            raise InvalidArgumentError(
                f"{type(self).__name__} takes one label a sample, of two or more classes. Unknown label type: {kind}. "
                f"Received: y of shape {y.shape} and dtype {y.dtype}."
            )
        self.classes_, positions = np.unique(y, return_inverse=True)
        if sample_weight is not None:
            check_consistent_length(y, sample_weight)
            y = y[column_or_1d(sample_weight) != 0]
        if len(present := np.unique(y)) < 2:
            raise InvalidArgumentError(
                f"{type(self).__name__} can't train when only one class is present in `y`, not counting samples whose "
                f"`sample_weight` is zero. Received: classes={present.tolist()}."
            )
        return np.eye(len(self.classes_))[positions]

    def _decoded(self, outputs: np.ndarray) -> np.ndarray:
        if outputs.shape[1:] != self.classes_.shape:
            raise ShapeError(
                f"The model of {type(self).__name__} should have one output for each of {len(self.classes_)} classes. "
                f"Received: outputs of shape {outputs.shape}."
            )
        return self.classes_[outputs.argmax(axis=1)]


class SKLearnRegressor(RegressorMixin, ModelEstimator):
    """A scikit-learn regressor that trains a model.

    Example:
        >>> from sklearn.datasets import load_diabetes
        >>> from kerastorch import Sequential, layers
        >>> model = Sequential([layers.Dense(8, activation="relu"), layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> X, y = load_diabetes(return_X_y=True)
        >>> regressor = SKLearnRegressor(model).fit(X, y, verbose=0)
        >>> regressor.model_ is model, regressor.n_features_in_
        (False, 10)

    Source: `keras.wrappers.SKLearnRegressor`.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags


class SKLearnTransformer(TransformerMixin, ModelEstimator):
    """A scikit-learn transformer whose output is that of a model.

    A `Model` that is built can transform before any fit, with the weights that it has: put into scikit-learn's
    `FrozenEstimator` it gives a pipeline its embeddings and is never trained.

    Example:
        >>> from contextlib import redirect_stdout
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.frozen import FrozenEstimator
        >>> from sklearn.linear_model import RidgeClassifier
        >>> from sklearn.pipeline import make_pipeline
        >>> from kerastorch import Input, Sequential, layers
        >>> embeddings = Sequential([Input((4,)), layers.Dense(16, activation="relu")])
        >>> pipeline = make_pipeline(FrozenEstimator(SKLearnTransformer(embeddings)), RidgeClassifier())
        >>> with redirect_stdout(None):  # without the progress of `Model.predict`
        ...     _ = pipeline.fit(*load_iris(return_X_y=True))
        >>> pipeline[-1].n_features_in_
        16

    Source: `keras.wrappers.SKLearnTransformer`.
    """

    def transform(self, X: Any) -> np.ndarray:
        """Returns the output of the model for each sample.

        Args:
            X: the samples, of shape (samples, features).

        Returns:
            An array of shape (samples, outputs).
        """
        check_is_fitted(self)
        model: Any = getattr(self, "model_", self.model)
        return model.predict(validate_data(self, X, reset=False))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_") or (isinstance(self.model, Model) and self.model.built)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
