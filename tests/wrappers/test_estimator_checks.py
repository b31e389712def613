"""The estimators pass scikit-learn's own checks of estimators, all but the two that are named here."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from kerastorch.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer
from tests.wrappers.models import CLASSES, network


class Repeatable:
    """An estimator whose callable sets the seed, so that the checks that compare two fits apply to it as well."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = False
        return tags


class Classifier(Repeatable, SKLearnClassifier):
    pass


class Regressor(Repeatable, SKLearnRegressor):
    pass


class Transformer(Repeatable, SKLearnTransformer):
    pass


ESTIMATORS = (
    Classifier(network, model_kwargs={**CLASSES, "seed": 1}, fit_kwargs={"epochs": 50, "verbose": 0}),
    Regressor(network, model_kwargs={"seed": 1}, fit_kwargs={"epochs": 2, "verbose": 0}),
    Transformer(network, model_kwargs={"seed": 1}, fit_kwargs={"epochs": 2, "verbose": 0}),
)

# Of two classes scikit-learn wants one column from `decision_function`, whereas Keras hands out both outputs.
FAILING = {
    ("Classifier", "check_classifiers_classes"): "decision_function does not match",
    ("Classifier", "check_classifiers_train"): "^$",
}

# It asks for an environment variable that SciPy reads when it is imported.
NOT_RUN = "check_array_api_input"


def name_of(check: Any) -> str:
    while isinstance(check, partial):
        check = check.func
    return getattr(check, "__wrapped__", check).__name__


def checks() -> list[Any]:
    """Each estimator with each check; the first of each runs always, the others in the sweep."""
    found = []
    for each in ESTIMATORS:
        seen: Counter[str] = Counter()
        for estimator, check in estimator_checks_generator(each):
            kind, name = type(each).__name__, name_of(check)
            if name == NOT_RUN:
                continue
            marks = [pytest.mark.sweep] if seen else []
            seen[name] += 1
            found.append(pytest.param(estimator, check, id=f"{kind}-{name}-{seen[name]}", marks=marks))
    return found


@pytest.mark.parametrize(("estimator", "check"), checks())
def test_an_estimator_passes_the_checks_of_scikit_learn(estimator, check):
    failing = FAILING.get((type(estimator).__name__, name_of(check)))
    if failing is None:
        check(estimator)
        return
    with pytest.raises(AssertionError, match=failing):
        check(estimator)
