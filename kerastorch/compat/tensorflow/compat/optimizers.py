"""The optimizers of TensorFlow 1, with its names, arguments and defaults, as Keras's."""

from __future__ import annotations

from typing import Any

from kerastorch.optimizers.adagrad import Adagrad
from kerastorch.optimizers.adam import Adam
from kerastorch.optimizers.rmsprop import RMSprop
from kerastorch.optimizers.sgd import SGD


class GradientDescentOptimizer(SGD):
    """`SGD` under the name and with the arguments of TensorFlow 1.

    Args:
        learning_rate: the rate.
        use_locking: has no effect.
        name: a name.

    Example:
        >>> GradientDescentOptimizer(0.5).name
        'GradientDescent'

    Source: `tf.compat.v1.train.GradientDescentOptimizer`
    """

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent") -> None:
        super().__init__(learning_rate=learning_rate, name=name)


class MomentumOptimizer(SGD):
    """`SGD` with momentum under the name and with the arguments of TensorFlow 1.

    Args:
        learning_rate: the rate.
        momentum: how much of the last step stays.
        use_locking: has no effect.
        name: a name.
        use_nesterov: whether Nesterov's form is used. Default: False.

    Example:
        >>> MomentumOptimizer(0.5, 0.9).momentum
        0.9

    Source: `tf.compat.v1.train.MomentumOptimizer`
    """

    def __init__(
        self,
        learning_rate: Any,
        momentum: float,
        use_locking: bool = False,
        name: str = "Momentum",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(learning_rate=learning_rate, momentum=momentum, nesterov=use_nesterov, name=name)


class AdamOptimizer(Adam):
    """`Adam` under the name and with the arguments and defaults of TensorFlow 1.

    Args:
        learning_rate: the rate. Default: 0.001.
        beta1: how much of the average gradient stays. Default: 0.9.
        beta2: how much of the average square stays. Default: 0.999.
        epsilon: a small number against division by zero. Default: 1e-8.
        use_locking: has no effect.
        name: a name.

    Example:
        >>> AdamOptimizer(beta1=0.5).beta_1
        0.5

    Source: `tf.compat.v1.train.AdamOptimizer`
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
    ) -> None:
        super().__init__(learning_rate=learning_rate, beta_1=beta1, beta_2=beta2, epsilon=epsilon, name=name)


class RMSPropOptimizer(RMSprop):
    """`RMSprop` under the name and with the arguments and defaults of TensorFlow 1.

    Args:
        learning_rate: the rate.
        decay: how much of the average square stays. Default: 0.9.
        momentum: how much of the last step stays. Default: 0.
        epsilon: a small number against division by zero. Default: 1e-10.
        use_locking: has no effect.
        centered: whether the average gradient is taken off. Default: False.
        name: a name.

    Example:
        >>> RMSPropOptimizer(0.1, decay=0.8).rho
        0.8

    Source: `tf.compat.v1.train.RMSPropOptimizer`
    """

    def __init__(
        self,
        learning_rate: Any,
        decay: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        name: str = "RMSProp",
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            rho=decay,
            momentum=momentum,
            epsilon=epsilon,
            centered=centered,
            name=name,
        )


class AdagradOptimizer(Adagrad):
    """`Adagrad` under the name and with the arguments of TensorFlow 1.

    Args:
        learning_rate: the rate.
        initial_accumulator_value: the first sum of squares. Default: 0.1.
        use_locking: has no effect.
        name: a name.

    Example:
        >>> AdagradOptimizer(0.1).name
        'Adagrad'

    Source: `tf.compat.v1.train.AdagradOptimizer`
    """

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = "Adagrad",
    ) -> None:
        super().__init__(
            learning_rate=learning_rate, initial_accumulator_value=initial_accumulator_value, name=name
        )
