"""What the wrappers take from scikit-learn. Where it is not installed their classes have names, but cannot be made."""

from __future__ import annotations

from typing import Any

from kerastorch.errors import MissingDependencyError


def _refuse(asked: Any, *args: Any, **kwargs: Any) -> Any:
    name = getattr(asked, "__name__", "This")
    raise MissingDependencyError(f"{name} needs scikit-learn 1.6 or later: `pip install scikit-learn`.")


try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
    from sklearn.utils.multiclass import type_of_target
    from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d, validate_data
except ImportError:
    BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin = (
        type(name, (), {"__new__": _refuse}) for name in ("Base", "Classifier", "Regressor", "Transformer")
    )
    check_consistent_length = check_is_fitted = column_or_1d = type_of_target = validate_data = _refuse

__all__ = [
    "BaseEstimator",
    "ClassifierMixin",
    "RegressorMixin",
    "TransformerMixin",
    "check_consistent_length",
    "check_is_fitted",
    "column_or_1d",
    "type_of_target",
    "validate_data",
]
