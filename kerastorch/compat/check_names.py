"""Which names of Keras and TensorFlow a script uses, and where: read off its source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

ROOTS = ("keras", "tensorflow", "tf_keras")


@dataclass(frozen=True)
class Use:
    """A name of Keras or TensorFlow at a place of a script.

    Args:
        name: the whole name, such as `"tensorflow.keras.layers.Dense"`.
        node: where it stands.
        call: the call of that name, if it is called there.
        is_import: whether an `import` statement names it.
    """

    name: str
    node: ast.AST
    call: ast.Call | None = None
    is_import: bool = False

    @property
    def place(self) -> tuple[int, int]:
        """Line and column, both from 1."""
        return self.node.lineno, self.node.col_offset + 1  # type: ignore[attr-defined]


@dataclass
class Scope:
    """What names stand for in a function, a class or the module.

    Args:
        meanings: the whole name by the name that the script uses; None for something else.
        outer: the scope around it.
    """

    meanings: dict[str, str | None] = field(default_factory=dict)
    outer: Scope | None = None

    def find(self, name: str) -> str | None:
        """Returns what a name stands for, None for something that is not Keras's or TensorFlow's.

        Args:
            name: a name without dots.
        """
        if name in self.meanings:
            return self.meanings[name]
        return self.outer.find(name) if self.outer is not None else None


class Names(ast.NodeVisitor):
    """Collects the uses of Keras's and TensorFlow's names in a module.

    Example:
        >>> names = Names()
        >>> names.visit(ast.parse("from keras import layers as L; L.Dense(3)"))
        >>> [use.name for use in names.uses]
        ['keras.layers', 'keras.layers.Dense']
    """

    def __init__(self) -> None:
        self.uses: list[Use] = []
        self._scope = Scope()
        self._calls: dict[int, ast.Call] = {}

    # Imports -----------------------------------------------------------------------------------------------

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            ours = root in ROOTS
            if ours:
                self.uses.append(Use(alias.name, alias, is_import=True))
            bound = alias.asname or root
            meaning = alias.name if alias.asname else root
            self._scope.meanings[bound] = meaning if ours else None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        ours = not node.level and module.partition(".")[0] in ROOTS
        for alias in node.names:
            name = module if alias.name == "*" else f"{module}.{alias.name}"
            if ours:
                self.uses.append(Use(name, alias, is_import=True))
            if alias.name != "*":
                self._scope.meanings[alias.asname or alias.name] = name if ours else None

    # Scopes and assignments --------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for outside in [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(outside)
        self._scope.meanings[node.name] = None
        self._inside(node.args, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._inside(node.args, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for outside in [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]:
            self.visit(outside)
        self._scope.meanings[node.name] = None
        self._inside(None, node.body)

    def _inside(self, arguments: ast.arguments | None, body: list) -> None:
        names = [] if arguments is None else [*_parameters(arguments)]
        self._scope = Scope(dict.fromkeys(names), self._scope)
        for child in body:
            self.visit(child)
        self._scope = self._scope.outer  # type: ignore[assignment]

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        meaning = self._meaning(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._scope.meanings[target.id] = (
                    meaning  # `layers = keras.layers`, or something else from now on
                )
            else:
                self.visit(target)

    # Uses --------------------------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> None:
        self._calls[id(node.func)] = node
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = self._meaning(node)
        if name is None:
            self.generic_visit(node)
        else:
            self.uses.append(Use(name, node, self._calls.get(id(node))))

    def visit_Name(self, node: ast.Name) -> None:
        name = self._scope.find(node.id) if isinstance(node.ctx, ast.Load) else None
        if (
            name is not None and "." in name
        ):  # it was looked up where it was imported: only its arguments are new
            call = self._calls.get(id(node))
            if call is not None:
                self.uses.append(Use(name, node, call))

    def _meaning(self, node: ast.AST) -> str | None:
        """The whole name that a chain of attributes stands for."""
        if isinstance(node, ast.Name):
            return self._scope.find(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._meaning(node.value)
            return None if owner is None else f"{owner}.{node.attr}"
        return None


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    return (argument.arg for argument in every if argument is not None)
