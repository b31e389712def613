"""Lines of a script that Keras 2 and Keras 3 understand differently, and what they mean here."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from kerastorch.compat.check_names import Use

OPTIMIZERS = {
    *("Adadelta", "Adafactor", "Adagrad", "Adam", "Adamax", "AdamW", "Ftrl", "Lamb", "Lion", "Muon", "Nadam"),
    *("RMSprop", "SGD", "AdamOptimizer", "GradientDescentOptimizer"),
}

Note = tuple[ast.AST, str]


def notes(tree: ast.Module, uses: list[Use]) -> Iterator[Note]:
    """Yields the places whose meaning depends on the dialect, each with a line of explanation.

    Args:
        tree: the script.
        uses: the names of Keras and TensorFlow that it uses.

    Example:
        >>> tree = ast.parse("model.train_on_batch(x, y)")
        >>> [text for _, text in notes(tree, [])]
        ['train_on_batch returns the values of this batch; Keras 2 averaged since the last reset_metrics()']
    """
    for use in uses:
        yield from _of_optimizer(use)
        if use.name.endswith("tensorflow.function"):
            yield use.node, "tf.function runs the function eagerly, without autograph"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for rule in CALLS:
                yield from rule(node)
        elif isinstance(node, ast.Attribute) and node.attr == "metrics_names":
            yield (
                node,
                "metrics_names are the flat names, as in Keras 2; Keras 3 has ['loss', 'compile_metrics']",
            )
        elif isinstance(node, ast.Subscript):
            yield from _of_history(node)


def _of_optimizer(use: Use) -> Iterator[Note]:
    if use.call is None or use.name.rpartition(".")[2] not in OPTIMIZERS:
        return
    given = {keyword.arg: keyword for keyword in use.call.keywords}
    if "lr" in given:
        yield (
            given["lr"],
            "lr= is the learning rate; Keras 2.11 and later ignored it and used the default, Keras 3 refuses it",
        )
    if "decay" in given:
        yield (
            given["decay"],
            "decay= lowers the rate to lr / (1 + decay * step), as Keras 2.10 did; Keras 3 ignores it",
        )


def _method(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _keywords(node: ast.Call) -> dict[str | None, ast.expr]:
    return {keyword.arg: keyword.value for keyword in node.keywords}


def _of_compile(node: ast.Call) -> Iterator[Note]:
    if _method(node) != "compile":
        return
    given = _keywords(node)
    loss, metrics = given.get("loss"), given.get("metrics")
    several = _size(loss) > 1
    flat = isinstance(metrics, ast.List) and not any(
        isinstance(e, (ast.List, ast.Tuple)) for e in metrics.elts
    )
    if several and flat:
        yield (
            metrics,  # type: ignore[misc]
            "a flat list of metrics for several outputs: Keras 3 gives each to one output, Keras 2 gave each to all "
            "(config.set_dialect('tf_keras') here); a list of lists is clear",
        )
    if isinstance(loss, ast.Dict) and isinstance(metrics, ast.Dict) and _size(loss) < _size(metrics):
        yield loss, "outputs without a loss are left out, as in Keras 2; Keras 3 refuses missing keys"
    jit = given.get("jit_compile")
    if isinstance(jit, ast.Constant) and jit.value is True:
        yield (
            jit,
            "jit_compile=True compiles with torch.compile; Keras 3 on torch runs eagerly unless it is set",
        )


def _of_fit(node: ast.Call) -> Iterator[Note]:
    given = _keywords(node)
    if _method(node) == "fit" and {"class_weight", "sample_weight"} <= set(given):
        yield given["class_weight"], "class and sample weights multiply, as in Keras 2; Keras 3 refuses both"


def _of_train_on_batch(node: ast.Call) -> Iterator[Note]:
    if _method(node) == "train_on_batch" and "reset_metrics" not in _keywords(node):
        yield (
            node,
            "train_on_batch returns the values of this batch; Keras 2 averaged since the last reset_metrics()",
        )


def _of_order(node: ast.Call) -> Iterator[Note]:
    """`history.history.keys()` and `list(history.history)`."""
    first = node.args[0] if node.args else None
    listed = isinstance(node.func, ast.Name) and node.func.id in ("list", "tuple", "enumerate") and first
    owner = (
        node.func.value
        if isinstance(node.func, ast.Attribute) and _method(node) in ("keys", "items")
        else listed
    )
    if isinstance(owner, ast.Attribute) and owner.attr == "history":
        yield node, "history has the loss first, as in Keras 2; Keras 3 sorts the names"


def _of_history(node: ast.Subscript) -> Iterator[Note]:
    owner, key = node.value, node.slice
    if not (isinstance(owner, ast.Attribute) and owner.attr == "history" and isinstance(key, ast.Constant)):
        return
    if str(key.value).removeprefix("val_") in ("acc", "accuracy"):
        yield (
            node,
            f"{key.value!r} is found under both of its names, 'acc' and 'accuracy'; Keras 2 and 3 have one",
        )


def _size(node: ast.expr | None) -> int:
    if isinstance(node, (ast.List, ast.Tuple)):
        return len(node.elts)
    return len(node.keys) if isinstance(node, ast.Dict) else 0


CALLS: tuple[Callable[[ast.Call], Iterator[Note]], ...] = (
    _of_compile,
    _of_fit,
    _of_train_on_batch,
    _of_order,
)
