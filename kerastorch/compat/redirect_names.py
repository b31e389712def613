"""Under which names the modules of Keras and TensorFlow have been imported over the years: a table, and nothing else.

Names are brought to one spelling first, `keras.` or `tensorflow.` and what follows, by `canonical`.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The top-level packages that are redirected.
ROOTS = ("keras", "tensorflow", "tf_keras")

# Where their modules live.
HOMES = {"keras": "kerastorch.compat.tensorflow.keras", "tensorflow": "kerastorch.compat.tensorflow"}

# Other spellings of a package.
SPELLINGS = {
    "keras._tf_keras.keras": "keras",
    "keras.api": "keras",
    "keras.api._v1.keras": "keras",
    "keras.api._v2.keras": "keras",
    "keras.python.keras": "keras",
    "keras.src": "keras",
    "kerastorch": "keras",
    "kerastorch.compat.tensorflow": "tensorflow",
    "kerastorch.compat.tensorflow.keras": "keras",
    "tensorflow._api.v2": "tensorflow",
    "tensorflow.compat.v1.keras": "keras",
    "tensorflow.compat.v2": "tensorflow",
    "tensorflow.contrib.keras": "keras",
    "tensorflow.contrib.keras.api.keras": "keras",
    "tensorflow.contrib.keras.python.keras": "keras",
    "tensorflow.keras": "keras",
    "tensorflow.python.keras": "keras",
    "tensorflow.python.keras.api._v1.keras": "keras",
    "tensorflow.python.keras.api._v2.keras": "keras",
    "tf_keras": "keras",
    "tf_keras.api._v1.keras": "keras",
    "tf_keras.api._v2.keras": "keras",
    "tf_keras.src": "keras",
}

# What Keras has, whether kerastorch has it yet or not.
AREAS = _words(
    """activations applications backend callbacks config constraints datasets distribution dtype_policies estimator
    experimental export initializers layers legacy losses metrics mixed_precision models ops optimizers preprocessing
    quantizers random regularizers saving tree utils visualization wrappers"""
)

# Modules below `keras` that have moved, by the modules that now hold their names; `.` is `keras` itself.
_MOVED = {
    "activations": "activations.activations",
    "backend": "backend.tensorflow_backend backend.common backend_config",
    "callbacks": """callbacks.callbacks callbacks.tensorboard_v1 callbacks.tensorboard_v2 callbacks_v1
        callbacks.experimental""",
    "layers": """layers.activation layers.advanced_activations layers.attention layers.containers
        layers.convolutional layers.convolutional_recurrent layers.core layers.cudnn_recurrent layers.dense_attention
        layers.embeddings layers.kernelized layers.local
        layers.locally_connected layers.merge layers.merging layers.noise layers.normalization
        layers.normalization_v2 layers.pooling layers.preprocessing layers.recurrent layers.recurrent_v2
        layers.regularization layers.reshaping layers.rnn layers.wrappers legacy.layers""",
    "layers .": """engine engine.base_layer engine.base_layer_v1 engine.base_layer_utils engine.input_layer
        engine.input_spec engine.keras_tensor engine.node engine.topology experimental""",
    "initializers": "initializers.initializers initializers.initializers_v1 initializers.initializers_v2",
    "losses": "losses.losses objectives",
    "metrics": "metrics.metrics metrics.base_metric",
    "models .": """engine.functional engine.network engine.sequential engine.training engine.training_v1
        engine.training_generator engine.training_utils engine.saving models.functional models.model
        models.sequential""",
    "optimizers": """optimizer_v1 optimizer_v2 optimizer_v2.adadelta optimizer_v2.adagrad optimizer_v2.adam
        optimizer_v2.adamax optimizer_v2.ftrl optimizer_v2.gradient_descent optimizer_v2.nadam
        optimizer_v2.optimizer_v2 optimizer_v2.rmsprop optimizers.adam_v2
        optimizers.gradient_descent_v2 optimizers.optimizer_v1 optimizers.optimizer_v2 optimizers.optimizer_v2.adam
        optimizers.optimizer_v2.gradient_descent optimizers.optimizer_v2.rmsprop optimizers.rmsprop_v2""",
    "optimizers.legacy": """optimizers.legacy.adadelta optimizers.legacy.adagrad optimizers.legacy.adam
        optimizers.legacy.adamax optimizers.legacy.ftrl optimizers.legacy.gradient_descent optimizers.legacy.nadam
        optimizers.legacy.optimizer_v2 optimizers.legacy.rmsprop""",
    "optimizers.schedules": """optimizer_v2.learning_rate_schedule optimizers.learning_rate_schedule
        optimizers.schedules.learning_rate_schedule""",
    "preprocessing.image": "utils.image_utils",
    "saving models": """saving.hdf5_format saving.legacy saving.model_config saving.save saving.saving_api
        saving.saving_lib""",
    "utils": """utils.all_utils utils.conv_utils utils.data_utils utils.dataset_utils utils.generic_utils
        utils.io_utils utils.layer_utils utils.losses_utils utils.metrics_utils utils.multi_gpu_utils utils.np_utils
        utils.tf_utils utils.training_utils utils.version_utils utils.vis_utils""",
    "": "legacy mixed_precision.experimental mixed_precision.policy",
}

# Those of them that Keras 3 has as well: a script that imports one may be written for either.
_IN_KERAS_3 = _words(
    """activations.activations layers.attention layers.convolutional layers.core layers.merging layers.normalization
    layers.pooling layers.preprocessing layers.regularization layers.reshaping layers.rnn legacy legacy.layers
    losses.losses models.functional models.model models.sequential
    saving.saving_api saving.saving_lib utils.io_utils"""
)

# Names that are called otherwise now, by the moved module that has them.
RENAMED = {
    "engine.network": {"Network": "models.Model"},
    "engine.topology": {"Container": "models.Model"},
    "mixed_precision.experimental": {
        "LossScaleOptimizer": "optimizers.LossScaleOptimizer",
        "Policy": "precision.DTypePolicy",
        "global_policy": "precision.dtype_policy",
        "set_policy": "precision.set_dtype_policy",
    },
    "optimizers.legacy.optimizer_v2": {"OptimizerV2": "optimizers.legacy.Optimizer"},
    "mixed_precision.policy": {"Policy": "precision.DTypePolicy"},
}

# The whole name of a moved module -> the whole names of the modules to look in.
MOVED = {
    f"keras.{path}": tuple("keras" if source == "." else f"keras.{source}" for source in sources.split())
    for sources, paths in _MOVED.items()
    for path in paths.split()
} | {
    "tensorflow.python": (),
    "tensorflow.contrib": (),
    "tensorflow.python.framework": (),
    "tensorflow.python.framework.dtypes": ("tensorflow.dtypes", "tensorflow"),
    "tensorflow.python.framework.ops": ("tensorflow",),
    "tensorflow.python.framework.tensor_shape": ("tensorflow",),
    "tensorflow.python.ops": ("tensorflow",),
    "tensorflow.python.ops.array_ops": ("tensorflow",),
    "tensorflow.python.ops.control_flow_ops": ("tensorflow",),
    "tensorflow.python.ops.init_ops": ("tensorflow",),
    "tensorflow.python.ops.math_ops": ("tensorflow", "tensorflow.math"),
    "tensorflow.python.ops.nn": ("tensorflow.nn",),
    "tensorflow.python.ops.nn_ops": ("tensorflow.nn",),
    "tensorflow.python.ops.random_ops": ("tensorflow.random",),
    "tensorflow.python.ops.variables": ("tensorflow",),
}

# Moved modules that tell that a script is written for Keras 2.
KERAS_2 = frozenset(
    f"keras.{path}" for paths in _MOVED.values() for path in paths.split() if path not in _IN_KERAS_3
)


def canonical(name: str) -> str:
    """Returns the name of a module in the one spelling that the tables use.

    Args:
        name: a dotted name whose first part is one of `ROOTS`, or that of a module of kerastorch.

    Returns:
        `"keras"`, `"tensorflow"`, or a name below one of them.

    Example:
        >>> canonical("tensorflow.python.keras.layers")
        'keras.layers'
        >>> canonical("tf_keras.api._v2.keras")
        'keras'
    """
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        head = ".".join(parts[:length])
        if head in SPELLINGS:
            return canonical(".".join([SPELLINGS[head], *parts[length:]]))
    return name


def is_on_the_way(name: str) -> bool:
    """Returns whether a module does no more than hold another spelling, as `keras.api._v2` holds `keras.api._v2.keras`.

    Args:
        name: the whole name, in any spelling.

    Example:
        >>> is_on_the_way("keras.api._v2")
        True
        >>> is_on_the_way("keras.backend")
        False
    """
    return any(known.startswith(f"{name}.") for known in SPELLINGS)
