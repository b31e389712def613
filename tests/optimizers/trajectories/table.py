"""Which optimizers are followed, and with which options."""

from __future__ import annotations

from typing import Any

Options = dict[str, Any]

# For every optimizer the options of its own; the first row stands in the quick suite.
RULES: dict[str, list[Options]] = {
    "SGD": [
        {"momentum": 0.9, "nesterov": True},
        {},
        {"momentum": 0.9},
        {"nesterov": True},
    ],
    "RMSprop": [
        {},
        {"rho": 0.5, "epsilon": 1e-3},
        {"momentum": 0.8},
        {"centered": True},
        {"momentum": 0.8, "centered": True, "learning_rate": 0.01},
    ],
    "Adam": [
        {},
        {"learning_rate": 0.01},
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2},
        {"amsgrad": True},
    ],
    "AdamW": [
        {},
        {"weight_decay": 0.3, "amsgrad": True},
        {"beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-4, "learning_rate": 0.01},
    ],
    "Adagrad": [
        {"learning_rate": 0.1},
        {},
        {"initial_accumulator_value": 0.5, "epsilon": 1e-3},
    ],
    "Adadelta": [
        {"learning_rate": 1.0},
        {},
        {"rho": 0.5, "epsilon": 1e-3},
    ],
    "Adamax": [
        {},
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2},
    ],
    "Nadam": [
        {},
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2},
    ],
    "Ftrl": [
        {"learning_rate": 0.1},
        {"learning_rate": 0.1, "learning_rate_power": -0.7, "beta": 0.3},
        {"learning_rate": 0.1, "l1_regularization_strength": 0.05, "l2_regularization_strength": 0.1},
        {"learning_rate": 0.1, "l2_shrinkage_regularization_strength": 0.2, "initial_accumulator_value": 0.5},
    ],
    "Lion": [
        {},
        {"beta_1": 0.5, "beta_2": 0.9},
    ],
    "Adafactor": [
        {},
        {"learning_rate": 0.05, "relative_step": False},
        {"beta_2_decay": -0.5, "epsilon_1": 1e-6, "epsilon_2": 0.1, "clip_threshold": 0.5},
    ],
    "Lamb": [
        {},
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2},
    ],
    "Muon": [
        {},
        {"nesterov": False, "momentum": 0.8, "rms_rate": None, "ns_steps": 3},
        {"exclude_layers": ["dense"], "exclude_embeddings": False, "adam_lr_ratio": 0.5},
        {"adam_beta_1": 0.5, "adam_beta_2": 0.9, "adam_weight_decay": 0.1, "epsilon": 1e-3},
        {"muon_a": 3.0, "muon_b": -4.0, "muon_c": 1.5, "weight_decay": None},
    ],
    "ScheduleFreeAdamW": [
        {},
        {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3},
        {"warmup_steps": 30, "learning_rate": 0.01},
    ],
    "LossScaleOptimizer": [
        {"inner": ("Adam", {})},
        {"inner": ("SGD", {"momentum": 0.9}), "initial_scale": 2.0**10, "dynamic_growth_steps": 30},
        {"inner": ("RMSprop", {"clipnorm": 0.1, "weight_decay": 0.1, "use_ema": True})},
    ],
    "MultiOptimizer": [
        {"parts": {"dense": ("SGD", {"momentum": 0.9}), "conv": ("Adam", {}), "": ("Adagrad", {})}},
        {"parts": {"bias": ("Lion", {}), "": ("RMSprop", {"clipvalue": 0.05})}, "loss_scale_factor": 8.0},
    ],
}
ALONE = {"LossScaleOptimizer", "MultiOptimizer"}  # which refuse the options that all others share

# What all optimizers share. `schedule` and `exclude` are no arguments: see `make`.
COMMON: dict[str, Options] = {
    "weight_decay": {"weight_decay": 0.1},
    "exclude": {"weight_decay": 0.1, "exclude": ["bias", "table"]},
    "clipnorm": {"clipnorm": 0.1},
    "clipvalue": {"clipvalue": 0.05},
    "global_clipnorm": {"global_clipnorm": 0.5},
    "ema": {"use_ema": True, "ema_momentum": 0.9},
    "ema_overwrite": {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 7},
    "loss_scale": {"loss_scale_factor": 8.0},
    "accumulation": {"gradient_accumulation_steps": 4},
    "many": {
        "gradient_accumulation_steps": 3,
        "use_ema": True,
        "ema_overwrite_frequency": 2,
        "weight_decay": 0.1,
        "global_clipnorm": 0.5,
        "loss_scale_factor": 4.0,
    },
    "schedule": {"schedule": ("ExponentialDecay", {"decay_steps": 50, "decay_rate": 0.5})},
}
RATES = {"Adagrad": 0.1, "Adadelta": 1.0, "Ftrl": 0.1, "SGD": 0.05}  # that a schedule begins with; else 0.001


def label(name: str, options: Options) -> str:
    """What a row is called."""
    return "-".join([name, *options]) if options else name


def own_rows() -> list[tuple[str, Options]]:
    """Every optimizer with its own options."""
    return [(name, options) for name, all_options in RULES.items() for options in all_options]


def common_rows() -> list[tuple[str, str, Options]]:
    """Every optimizer with each of the shared options, as `(optimizer, option, all options)`."""
    names = [name for name in RULES if name not in ALONE]
    return [
        (name, option, {**RULES[name][0], **common}) for name in names for option, common in COMMON.items()
    ]


def make(library: Any, name: str, options: Options) -> Any:
    """Returns an optimizer.

    Args:
        library: a module with optimizers: Keras's or ours.
        name: the class.
        options: its arguments, and besides them
            `schedule`: the name and the arguments of a learning-rate schedule;
            `exclude`: the names of variables that do not decay;
            `inner`: the name and the options of the optimizer inside;
            `parts`: names and options by what the name of a variable begins with.
    """
    options = dict(options)
    excluded, positional = options.pop("exclude", None), []
    if "schedule" in options:
        schedule, arguments = options.pop("schedule")
        options["learning_rate"] = getattr(library.schedules, schedule)(RATES.get(name, 1e-3), **arguments)
    if "inner" in options:
        positional = [make(library, *options.pop("inner"))]
    if "parts" in options:
        parts = {start: make(library, *part) for start, part in options.pop("parts").items()}
        positional = [
            lambda variable: next(p for start, p in parts.items() if variable.name.startswith(start))
        ]
    optimizer = getattr(library, name)(*positional, **options)
    if excluded:
        optimizer.exclude_from_weight_decay(var_names=excluded)
    return optimizer
