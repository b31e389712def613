"""Every optimizer, as `(name, arguments)`."""

from __future__ import annotations

COMMON = {"learning_rate": 0.05, "clipnorm": 1.0, "weight_decay": 0.01}

OPTIMIZERS = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9, "nesterov": True, **COMMON}),
    ("RMSprop", {}),
    ("RMSprop", {"rho": 0.8, "momentum": 0.5, "centered": True, **COMMON}),
    ("Adam", {}),
    ("Adam", {"amsgrad": True, "beta_1": 0.8, **COMMON}),
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0.1, "global_clipnorm": 1.0}),
    ("Adagrad", {}),
    ("Adagrad", {"initial_accumulator_value": 0.2, **COMMON}),
    ("Adadelta", {}),
    ("Adadelta", {"rho": 0.9, "clipvalue": 0.5}),
    ("Adamax", {}),
    ("Adamax", {"beta_2": 0.99, "use_ema": True, "ema_momentum": 0.9}),
    ("Nadam", {}),
    ("Nadam", {"beta_1": 0.8, "gradient_accumulation_steps": 2}),
    ("Ftrl", {}),
    ("Ftrl", {"l1_regularization_strength": 0.01, "beta": 0.1}),
    ("Lion", {}),
    ("Lion", {"beta_1": 0.8, **COMMON}),
    ("Adafactor", {}),
    ("Adafactor", {"beta_2_decay": -0.7, "relative_step": False, **COMMON}),
    ("Lamb", {}),
    ("Lamb", {"beta_1": 0.8, **COMMON}),
    ("Muon", {}),
    ("Muon", {"momentum": 0.9, "nesterov": False, "clipvalue": 0.5}),
    ("ScheduleFreeAdamW", {}),
    ("ScheduleFreeAdamW", {"warmup_steps": 3, **COMMON}),
]

# The base, and those that are put around others: `test_loss_scale_optimizer.py` and `test_multi_optimizer.py`.
NOT_ALONE = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"}
