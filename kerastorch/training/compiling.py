"""`compile`: what its arguments mean, kept until the outputs of the model are known."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import torch

from kerastorch import config, tree
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.data.convert import batch_length
from kerastorch.errors import (
    CompileError,
    InvalidArgumentError,
    UnknownArgumentError,
    UnknownIdentifierError,
    did_you_mean,
)
from kerastorch.metrics.identifiers import get as get_metric
from kerastorch.metrics.metric import Metric
from kerastorch.naming import unused
from kerastorch.optimizers.loss_scale_optimizer import LossScaleOptimizer
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.training.identifiers import SPECIAL_METRICS, make_optimizer
from kerastorch.training.logs import LazyLogs
from kerastorch.training.outputs import Outputs
from kerastorch.training.plan import LossTracker, Plan, describe_faults, flat_results
from kerastorch.training.step_report import StepReport
from kerastorch.training.whole_step import compiled_steps, faults_of, report_of

_KERAS2_ARGUMENTS = (
    "target_tensors",
    "sample_weight_mode",
    "pss_evaluation_shards",
    "experimental_run_tf_function",
)


class Compiling:
    """The half of the trainer that keeps the compile arguments. See `Model`."""

    def _init_training(self: Any) -> None:
        """Sets what a model that is not compiled has."""
        self.__dict__.update(
            optimizer=None,
            loss=None,
            history=None,
            stop_training=False,
            steps_per_execution=1,
            run_eagerly=False,
            jit_compile="auto",
            _compile_arguments=None,
            _compiled_call=None,
            _whole_step=None,
            _compiler_fault=None,
            _plan=None,
            _grad_owners=None,
            _regularized=None,
            _scaler=None,
            _scale_loss=None,
            _auto_scale_loss=True,
            _scaling_added=False,
        )

    def compile(
        self: Any,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: str | bool | dict[str, Any] = "auto",
        auto_scale_loss: bool = True,
        **kwargs: Any,
    ) -> None:
        """Says how to train: with which optimizer, losses and metrics.

        Args:
            optimizer: a name, config or optimizer of Keras's; an optimizer object, class or `functools.partial` of
                torch's.
            loss: a name, config, function or loss of Keras's or torch's; for several outputs a list, a dictionary by
                output name or a structure like the outputs, with None for outputs without a loss. Several losses
                listed for one output are added.
            loss_weights: a number, list or dictionary by which the losses are multiplied before they are added.
            metrics: a list of names, functions and metrics of Keras's or torchmetrics'; for several outputs a list or
                dictionary of lists. They ignore sample weights.
            weighted_metrics: likewise; they use sample weights.
            run_eagerly: whether nothing may be compiled, whatever `jit_compile` says.
            steps_per_execution: how many steps run between two calls of the callbacks for batches.
            jit_compile: True runs the forward pass, the losses, the metrics and the gradients of a step as one program
                made by `torch.compile`, and the model alone in `evaluate` and `predict`; a dictionary does so with
                these arguments of `torch.compile`. False and `"auto"` compile nothing. See `step_report`.
            auto_scale_loss: whether the loss is scaled against underflow when a layer's policy is `mixed_float16`: the
                optimizer is then put into a `LossScaleOptimizer`, one of torch's is used with a `GradScaler`.
            **kwargs: `target_tensors`, `sample_weight_mode` and the like of Keras 1 and 2; they are ignored, and one
                warning names them.

        Raises:
            CompileError: when the arguments do not fit the model; every fault is listed.
            UnknownArgumentError: for an unknown keyword.

        Example:
            >>> from kerastorch.models.sequential import Sequential
            >>> model = Sequential()
            >>> model.compile("adam", "mse", metrics=["mae"])
            >>> model.compiled
            True

        Source: `keras.Model.compile`.
        """
        self._warn_of_old_arguments(kwargs)
        if _are_metrics(loss_weights):
            loss_weights, metrics = metrics, loss_weights  # the order of Keras 2, where metrics came first
        faults: list[str] = []
        new = _optimizer(optimizer, faults)
        if run_eagerly and (jit_compile is True or isinstance(jit_compile, dict)):
            faults.append("If `jit_compile` is True, then `run_eagerly` cannot be True.")
        faults.extend(faults_of(jit_compile))
        if (
            isinstance(steps_per_execution, bool)
            or not isinstance(steps_per_execution, int)
            or steps_per_execution < 1
        ):
            faults.append(
                f"`steps_per_execution` must be a positive integer. Received: {steps_per_execution!r}."
            )
        arguments = {
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
        }
        plan = self._early_plan(arguments, faults)
        if faults:
            raise CompileError(describe_faults(faults), faults)
        scaled = self._with_scaled_loss(new) if auto_scale_loss else new
        self.__dict__.update(
            optimizer=scaled,
            loss=loss,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            _compile_arguments={"optimizer": optimizer, **arguments},
            _plan=plan,
            _grad_owners=None,
            _regularized=None,
            _scaler=None,
            _loss_tracker=LossTracker(name="loss"),
        )
        self.__dict__.update(_auto_scale_loss=auto_scale_loss, _scaling_added=scaled is not new)
        self._compile_steps()
        self.stop_training = False

    def _compile_steps(self: Any) -> None:
        """Makes what `jit_compile` asks for; nothing is traced or compiled before data come."""
        compiled, whole = compiled_steps(self)
        self.__dict__.update(_compiled_call=compiled, _whole_step=whole, _compiler_fault=None)

    def step_report(self: Any) -> StepReport:
        """Returns how the steps of `fit` run, and why: operation by operation, or as one program.

        Example:
            >>> from kerastorch.models.sequential import Sequential
            >>> model = Sequential()
            >>> model.compile("adam", "mse")
            >>> model.step_report().kind
            'eager'

        Source: ours; `jit_compile` of `keras.Model.compile`.
        """
        return report_of(self)

    def _with_scaled_loss(self: Any, optimizer: Any) -> Any:
        """The optimizer, with loss scaling around it where layers compute in float16 with weights in float32."""
        if not isinstance(optimizer, Optimizer) or optimizer.scales_loss or not self._computes_in_float16():
            return optimizer
        return LossScaleOptimizer(optimizer, name="loss_scale_optimizer")

    def _computes_in_float16(self: Any) -> bool:
        policies = [getattr(module, "dtype_policy", None) for module in self.modules()]
        return any(policy is not None and policy.name == "mixed_float16" for policy in policies)

    def _warn_of_old_arguments(self: Any, given: dict) -> None:
        unknown = sorted(set(given) - set(_KERAS2_ARGUMENTS))
        if unknown:
            known = list(inspect.signature(Compiling.compile).parameters)[1:-1]
            raise UnknownArgumentError(
                f"`compile` got unexpected keyword arguments: {unknown}. Expected some of {known}."
                f"{did_you_mean(unknown[0], known)}"
            )
        if given:
            warnings.warn(f"`compile` ignores {sorted(given)}: they have no meaning in torch.", stacklevel=3)

    def _early_plan(self: Any, arguments: dict, faults: list[str]) -> Plan | None:
        """The plan, where the outputs are known before the first batch; the faults of the arguments otherwise."""
        outputs = self._known_outputs()
        try:
            plan = Plan(outputs or Outputs(None), dialect=config.dialect(), **(arguments if outputs else {}))
        except CompileError as error:
            faults.extend(error.faults)
            return None
        if outputs is None:
            _check_identifiers(arguments, faults)
            return None
        return plan

    def _known_outputs(self: Any) -> Outputs | None:
        """The outputs of the model, or None before they are known; graph models override it."""
        return None

    def _names_for_data(self: Any) -> list[str] | None:
        outputs = self._plan.outputs if self._plan is not None else self._known_outputs()
        return None if outputs is None else outputs.names

    def _plan_for(self: Any, y_pred: Any) -> Plan | None:
        """The plan for these outputs, made at the first batch where it could not be made before."""
        if self._plan is None and self._compile_arguments is not None:
            arguments = {k: v for k, v in self._compile_arguments.items() if k != "optimizer"}
            names = getattr(self, "output_names", None)
            self._plan = Plan(Outputs(y_pred, names), dialect=config.dialect(), **arguments)
        return self._plan

    def _begin_training(self: Any, optimizer: bool = True) -> None:
        """What is looked at anew each time that training or testing begins."""
        self.__dict__["_regularized"] = None
        if not optimizer:
            return
        if self._grad_owners is not None:
            self.__dict__["_grad_owners"] = list(self.parameters())
        elif self.built and (
            self._has_own_train_step() or not isinstance(self.optimizer, torch.optim.Optimizer)
        ):
            # A step of the user's may begin with `self.optimizer.zero_grad()`, and callbacks may ask for the rate.
            self._prepare_optimizer()
        of_torch = not isinstance(self.optimizer, Optimizer)
        if of_torch and self._scaler is None and self._auto_scale_loss and self._computes_in_float16():
            self._scaler = torch.amp.GradScaler(self._data_device().type)

    @property
    def compiled(self: Any) -> bool:
        """Whether `compile` has been called."""
        return self._compile_arguments is not None

    @property
    def _allow_empty(self: Any) -> dict:
        return {} if self._plan is None or self._plan.has_loss else {"allow_empty": True}

    @property
    def _train_function(self: Any) -> Any:
        whole = self._whole_step
        if whole is None or self._has_own_train_step():
            return self.train_step
        whole.begin()
        return whole

    @property
    def _test_function(self: Any) -> Any:
        return self.test_step

    @property
    def _predict_function(self: Any) -> Any:
        return self.predict_step

    # Metrics -------------------------------------------------------------------------------------------------------

    @property
    def metrics(self: Any) -> list[Metric]:
        """The loss tracker, the metrics that layers own, the compiled metrics, then what layers have added."""
        found = [self._loss_tracker] if self.compiled else []
        found.extend(self._layer_metrics())
        if self._plan is not None:
            found.extend(self._plan.metrics)
        found.extend(self._all_added_metrics())
        return list({id(m): m for m in found}.values())

    @property
    def metrics_names(self: Any) -> list[str]:
        """The names of the values that `evaluate` returns, in their order."""
        named = self._named_metrics().items()
        return [n for name, metric in named for n in getattr(metric, "_result_names", [name])]

    def _named_metrics(self: Any) -> dict[str, Metric]:
        planned = {id(m): name for name, m in self._plan.entries} if self._plan is not None else {}
        added = {id(m) for m in self._all_added_metrics()}
        named: dict[str, Metric] = {}
        for metric in self.metrics:
            name = planned.get(id(metric), metric.name)
            named[unused(name, named) if id(metric) in added else name] = metric
        return named

    def _metric_results(self: Any) -> dict[str, Any]:
        return flat_results(list(self._named_metrics().items()))

    @property
    def compiled_metrics(self: Any) -> Any:
        """The compiled metrics as one object with `update_state(y, y_pred, sample_weight=None)`, as in Keras 2."""
        return _CompiledMetrics(self) if self.compiled else None

    @property
    def compiled_loss(self: Any) -> Any:
        """The compiled losses as a function `(y, y_pred, sample_weight=None, regularization_losses=None)`.

        As in Keras 2 it also counts the value in the metric `loss`.
        """
        if not self.compiled:
            return None

        def loss(y: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None) -> Any:
            total = self._plan_for(y_pred).loss(y, y_pred, sample_weight)
            for extra in regularization_losses or ():
                total = extra if total is None else total + extra
            if total is not None:
                with torch.no_grad():
                    self._loss_tracker.add(total.detach(), batch_length(y_pred) or 1)
            return total

        return loss

    # Configs -------------------------------------------------------------------------------------------------------

    def get_compile_config(self: Any) -> dict:
        """Returns the arguments of `compile` as plain values, none before `compile`."""
        if not self.compiled:
            return {}
        given = dict(self._compile_arguments)
        if self.optimizer is not None and hasattr(self.optimizer, "get_config"):
            # Loading scales the loss again where the policies ask for it, so that the user's own optimizer is kept.
            given["optimizer"] = self.optimizer.inner_optimizer if self._scaling_added else self.optimizer
        plain = {key: serialize_keras_object(value) for key, value in given.items()}
        return {
            **plain,
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self.steps_per_execution,
            "jit_compile": self.jit_compile if self.jit_compile != "auto" else False,
        }

    def compile_from_config(self: Any, config: dict) -> None:
        """Compiles the model with what `get_compile_config` returned."""
        self.compile(**{key: deserialize_keras_object(value) for key, value in config.items()})


class _CompiledMetrics:
    def __init__(self, model: Any) -> None:
        self._model = model

    @property
    def metrics(self) -> list[Metric]:
        """The metrics themselves."""
        return self._model._plan.metrics if self._model._plan is not None else []

    def update_state(self, y: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Takes a batch into account in all of them."""
        with torch.no_grad():
            self._model._plan_for(y_pred).update_metrics(y, y_pred, sample_weight)

    def result(self) -> LazyLogs:
        """Returns their values by name."""
        return LazyLogs(self._model._plan.results)


def _optimizer(identifier: Any, faults: list[str]) -> Any:
    try:
        return make_optimizer(identifier)
    except (InvalidArgumentError, TypeError) as error:
        faults.append(f"`optimizer`: {error}")
        return None


def _check_identifiers(arguments: dict, faults: list[str]) -> None:
    """Finds wrong names in arguments whose outputs are not known yet."""
    for what in ("loss", "metrics", "weighted_metrics"):
        for identifier in _identifiers_in(arguments[what]):
            try:
                probe = Outputs(None)
                given: dict[str, Any] = {what: identifier if what == "loss" else [identifier]}
                Plan(probe, **given)
            except CompileError as error:
                faults.extend(text.replace(" of output 'output'", "") for text in error.faults)


def _identifiers_in(value: Any) -> list:
    if isinstance(value, dict) and "class_name" not in value:
        return [leaf for v in value.values() for leaf in _identifiers_in(v)]
    if isinstance(value, (list, tuple)):
        return [leaf for v in value for leaf in _identifiers_in(v)]
    return [] if value is None else [value]


def _are_metrics(value: Any) -> bool:
    """Whether something given as weights of losses holds metrics: objects, functions or their names."""
    return any(callable(leaf) or _names_metric(leaf) for leaf in tree.flatten(value) if leaf is not None)


def _names_metric(leaf: Any) -> bool:
    if not isinstance(leaf, str):
        return False
    try:
        return leaf in SPECIAL_METRICS or get_metric(leaf) is not None
    except UnknownIdentifierError:
        return False
