"""`keras.wrappers.scikit_learn`: the wrappers of Keras 1 and 2, for scripts that have them.

Their parameters are those of the function that builds the model, and of the model's `fit`, `predict` and `evaluate`.
New code is better off with `SKLearnClassifier` and `SKLearnRegressor`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from kerastorch.errors import InvalidArgumentError, ShapeError, did_you_mean
from kerastorch.models.model import Model
from kerastorch.utils.numerical import to_categorical
from kerastorch.wrappers.sklearn_base import BaseEstimator, ClassifierMixin, RegressorMixin, check_is_fitted

__all__ = ["KerasClassifier", "KerasRegressor"]

# What `fit` and its kin still take of Keras 1 and 2 without having it in their signature.
_OLDER = {"nb_epoch", "workers", "use_multiprocessing", "max_queue_size"}


class KerasWrapper(BaseEstimator):
    """What `KerasClassifier` and `KerasRegressor` have in common.

    Args:
        build_fn: a function that returns a compiled model. Default: None, a subclass has a method `__call__` that does.
        **sk_params: arguments of `build_fn` and of the model's `fit`, `predict` and `evaluate`, each given to those
            that take it.

    Attributes:
        model: the trained model.

    Raises:
        InvalidArgumentError: when a parameter belongs to none of them, or nothing builds a model.
        MissingDependencyError: when scikit-learn is not installed.
    """

    def __init__(self, build_fn: Callable[..., Model] | None = None, **sk_params: Any) -> None:
        self.build_fn = build_fn
        self.sk_params = sk_params
        self.check_params(sk_params)

    def check_params(self, params: dict[str, Any]) -> None:
        """Refuses parameters that nothing takes.

        Args:
            params: the parameters.

        Raises:
            InvalidArgumentError: when one belongs neither to `build_fn` nor to a method of the model.
        """
        methods = (Model.fit, Model.predict, Model.evaluate)
        known = {"build_fn", *_OLDER}.union(*(_parameters(each) for each in (self._builder, *methods)))
        for name in params.keys() - known:
            raise InvalidArgumentError(f"{name} is not a legal parameter.{did_you_mean(name, known)}")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Returns the parameters.

        Args:
            deep: for scikit-learn; there is nothing deeper.

        Returns:
            Those given, `build_fn` among them.
        """
        return {**self.sk_params, "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> Any:
        """Sets parameters.

        Args:
            **params: the new ones.

        Returns:
            The estimator itself.
        """
        self.build_fn = params.pop("build_fn", self.build_fn)
        self.check_params(params)
        self.sk_params.update(params)
        return self

    def filter_sk_params(
        self, fn: Callable[..., Any], override: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Returns the parameters that a function takes.

        Args:
            fn: the function.
            override: what to add to them, or put in their place. Default: None, nothing.

        Returns:
            Keyword arguments.
        """
        taken = _parameters(fn)
        return {name: value for name, value in self.sk_params.items() if name in taken} | (override or {})

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Builds a model and trains it.

        Args:
            x: the samples, in the shape that the model takes.
            y: their targets.
            **kwargs: arguments of `Model.fit`, which come before the parameters.

        Returns:
            The history of `Model.fit`.
        """
        self.model = self._builder(**self.filter_sk_params(self._builder))
        older = {name: value for name, value in self.sk_params.items() if name in _OLDER}
        return self.model.fit(x, self._for_loss(y), **self.filter_sk_params(Model.fit, older | kwargs))

    @property
    def _builder(self) -> Callable[..., Model]:
        builder = self.build_fn if self.build_fn is not None else self
        if not callable(builder):
            raise InvalidArgumentError(
                f"{type(self).__name__} needs a function `build_fn`, or a subclass with `__call__`, to build a model. "
                f"Received: build_fn={self.build_fn!r}."
            )
        return builder

    def _outputs(self, x: Any, kwargs: dict[str, Any]) -> np.ndarray:
        check_is_fitted(self)
        return self.model.predict(x, **self.filter_sk_params(Model.predict, kwargs))

    def _results(self, x: Any, y: Any, kwargs: dict[str, Any]) -> dict[str, float]:
        check_is_fitted(self)
        arguments = self.filter_sk_params(Model.evaluate, {**kwargs, "return_dict": True})
        return self.model.evaluate(x, self._for_loss(y), **arguments)

    def _for_loss(self, y: Any) -> Any:
        """The targets one-hot, where the loss wants them so and they are class numbers."""
        loss = getattr(self.model, "loss", None)
        name = getattr(loss, "__name__", None) or getattr(loss, "name", loss)
        return to_categorical(y) if name == "categorical_crossentropy" and np.ndim(y) != 2 else y

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model")


def _parameters(function: Callable[..., Any]) -> set[str]:
    return {*inspect.signature(function).parameters} - {"self", "kwargs"}


class KerasClassifier(ClassifierMixin, KerasWrapper):
    """The classifier of `tf.keras.wrappers.scikit_learn`.

    The model has one output of probabilities a class, or a single one for two classes. It gets the numbers of the
    classes, or one-hot rows where its loss is `"categorical_crossentropy"`.

    Attributes:
        classes_: the labels, sorted.
        n_classes_: how many there are.

    Example:
        >>> from kerastorch import Sequential, layers
        >>> def build(units=4):
        ...     model = Sequential([layers.Dense(units, activation="relu"), layers.Dense(1, activation="sigmoid")])
        ...     model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        ...     return model
        >>> classifier = KerasClassifier(build, units=8, epochs=2, verbose=0)
        >>> _ = classifier.fit(np.eye(4), np.array(["no", "no", "yes", "yes"]))
        >>> classifier.predict_proba(np.eye(4)).shape
        (4, 2)

    Source: `tf.keras.wrappers.scikit_learn.KerasClassifier` of TensorFlow 2.11.
    """

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Builds a model and trains it.

        Args:
            x: the samples, in the shape that the model takes.
            y: their labels, of shape (samples,) or (samples, 1), or one-hot rows.
            **kwargs: arguments of `Model.fit`, which come before the parameters.

        Returns:
            The history of `Model.fit`.

        Raises:
            ShapeError: when `y` is neither labels nor one-hot rows.
        """
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
        elif y.ndim == 1 or y.shape[1:] == (1,):
            self.classes_, numbers = np.unique(y, return_inverse=True)
            y = numbers.reshape(y.shape)
        else:
            raise ShapeError(f"Invalid shape for y: {y.shape}. Expected labels or one-hot rows.")
        self.n_classes_ = len(self.classes_)
        return super().fit(x, y, **kwargs)

    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """Returns the label of each sample.

        Args:
            x: the samples.
            **kwargs: arguments of `Model.predict`, which come before the parameters.

        Returns:
            An array of shape (samples,), or (samples, 1) from a model of one output.
        """
        outputs = self._outputs(x, kwargs)
        numbers = outputs.argmax(axis=-1) if outputs.shape[-1] > 1 else (outputs > 0.5).astype("int32")
        return self.classes_[numbers]

    def predict_proba(self, x: Any, **kwargs: Any) -> np.ndarray:
        """Returns the probability of each class.

        Args:
            x: the samples.
            **kwargs: arguments of `Model.predict`, which come before the parameters.

        Returns:
            An array of shape (samples, classes).
        """
        outputs = self._outputs(x, kwargs)
        return np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Returns the accuracy.

        Args:
            x: the samples.
            y: their labels, or one-hot rows.
            **kwargs: arguments of `Model.evaluate`, which come before the parameters.

        Returns:
            What the model's metric `accuracy` says.

        Raises:
            InvalidArgumentError: when the model has no such metric.
        """
        y = np.asarray(y)
        if y.ndim == 1 or y.shape[1] == 1:
            y = np.searchsorted(self.classes_, y)
        results = self._results(x, y, kwargs)
        for name in results.keys() & {"accuracy", "acc"}:
            return results[name]
        raise InvalidArgumentError(
            "The model is not configured to compute accuracy: pass `metrics=['accuracy']` to its `compile`. "
            f"Received: metrics={[*results]}."
        )


class KerasRegressor(RegressorMixin, KerasWrapper):
    """The regressor of `tf.keras.wrappers.scikit_learn`.

    Example:
        >>> from kerastorch import Sequential, layers
        >>> def build(units=4):
        ...     model = Sequential([layers.Dense(units, activation="relu"), layers.Dense(1)])
        ...     model.compile("adam", "mse")
        ...     return model
        >>> regressor = KerasRegressor(build_fn=build, verbose=0)
        >>> regressor.fit(np.eye(4), np.arange(4.0), epochs=3).epoch
        [0, 1, 2]
        >>> regressor.predict(np.eye(4)).shape
        (4,)

    Source: `tf.keras.wrappers.scikit_learn.KerasRegressor` of TensorFlow 2.11.
    """

    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """Returns what the model says of each sample.

        Args:
            x: the samples.
            **kwargs: arguments of `Model.predict`, which come before the parameters.

        Returns:
            The outputs, without their last axis where that is one output.
        """
        outputs = self._outputs(x, kwargs)
        return outputs[..., 0] if outputs.shape[1:] == (1,) else outputs

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Returns the loss with its sign turned, so that more is better.

        Args:
            x: the samples.
            y: their targets.
            **kwargs: arguments of `Model.evaluate`, which come before the parameters.

        Returns:
            The negative loss.
        """
        return -self._results(x, y, kwargs)["loss"]
