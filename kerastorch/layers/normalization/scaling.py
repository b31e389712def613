"""The learnt scale and shift that follow a normalization."""

from __future__ import annotations

from typing import Any

from kerastorch import constraints, regularizers
from kerastorch.initializers import identifiers as initializers
from kerastorch.layers.layer import Layer


class Scaling(Layer):
    """A layer whose normalized values are multiplied by `gamma` and moved by `beta`.

    Args:
        epsilon: added to the variance.
        center: whether there is a `beta`.
        scale: whether there is a `gamma`.
        beta_initializer: a name or initializer of `beta`.
        gamma_initializer: a name or initializer of `gamma`.
        beta_regularizer: a name or function whose value of `beta` is added to the loss.
        gamma_regularizer: a name or function whose value of `gamma` is added to the loss.
        beta_constraint: a name or function that projects `beta` after each update.
        gamma_constraint: a name or function that projects `gamma` after each update.
        **kwargs: base arguments of `Layer`.
    """

    def __init__(
        self,
        *,
        epsilon: float,
        center: bool,
        scale: bool,
        beta_initializer: Any,
        gamma_initializer: Any,
        beta_regularizer: Any,
        gamma_regularizer: Any,
        beta_constraint: Any,
        gamma_constraint: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)

    def _make_scaling(self, shape: tuple[int, ...], scale: bool, center: bool) -> None:
        self.gamma = self._scaling_weight("gamma", shape) if scale else None
        self.beta = self._scaling_weight("beta", shape) if center else None

    def _scaling_weight(self, name: str, shape: tuple[int, ...]) -> Any:
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
            autocast=False,
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
            "beta_constraint": constraints.serialize(self.beta_constraint),
            "gamma_constraint": constraints.serialize(self.gamma_constraint),
        }
