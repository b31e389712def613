"""The house numbers: how long a file, a class and a function may be, and what none of them may hold.

A number may be passed for a reason, written on the line of the `def` or `class`:
`# house: <the reason>`. For a whole file it stands in its first ten lines. The same comment lets an `assert` stand
that only tells the type checker what is known.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

import pytest

from tests.source import ROOT, Source, project

FILE_LINES = 450
CLASS_LINES = 300
FUNCTION_LINES = 50
WAIVER = re.compile(r"# house: \w+")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
Function = (ast.FunctionDef, ast.AsyncFunctionDef)


def waived(source: Source, node: ast.stmt) -> bool:
    """Whether a reason stands on the first lines of a statement, before its body."""
    body = getattr(node, "body", None)
    last = body[0].lineno if body else node.end_lineno
    return any(WAIVER.search(line) for line in source.text.splitlines()[node.lineno - 1 : last])


def docstring_lines(node: ast.AST) -> set[int]:
    """The lines of every docstring in a definition and in the definitions inside it."""
    lines: set[int] = set()
    for inner in ast.walk(node):
        if isinstance(inner, (*Function, ast.ClassDef)):
            first = inner.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                lines.update(range(first.lineno, (first.end_lineno or 0) + 1))
    return lines


def code_lines(source: Source, node: ast.stmt) -> int:
    """Lines of the body of a function or class without docstrings, comments and blank lines."""
    body = node.body  # type: ignore[attr-defined]
    left_out, lines = docstring_lines(node), source.text.splitlines()
    numbers = (n for n in range(body[0].lineno, (node.end_lineno or 0) + 1) if n not in left_out)
    return sum(bool(lines[n - 1].strip()) and not lines[n - 1].strip().startswith("#") for n in numbers)


def long_files(source: Source) -> Iterator[str]:
    lines = source.text.splitlines()
    if len(lines) > FILE_LINES and not any(WAIVER.search(line) for line in lines[:10]):
        yield f"{source.label}: {len(lines)} lines, at most {FILE_LINES}"


def long_classes(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and not waived(source, node):
            length = code_lines(source, node)
            if length > CLASS_LINES:
                yield f"{source.label}:{node.lineno} {node.name}: {length} lines, at most {CLASS_LINES}"


def long_functions(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, Function) and not waived(source, node):
            length = code_lines(source, node)
            if length > FUNCTION_LINES:
                yield f"{source.label}:{node.lineno} {node.name}: {length} lines, at most {FUNCTION_LINES}"


def unfinished(source: Source) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT and UNFINISHED.search(token.string):
            yield f"{source.label}:{token.start[0]} {token.string}"
    for node in ast.walk(source.tree):
        bare = ("raise NotImplementedError", "raise NotImplementedError()")
        if isinstance(node, ast.Raise) and ast.unparse(node) in bare:
            yield f"{source.label}:{node.lineno} does not say what a subclass has to define"


def asserts(source: Source) -> Iterator[str]:
    if source.module.startswith("kerastorch"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Assert) and not waived(source, node):
                yield f"{source.label}:{node.lineno} asserts; raise an error of kerastorch.errors"


def swallowed(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            if broad and all(isinstance(child, ast.Pass) for child in node.body):
                yield f"{source.label}:{node.lineno} swallows every error"


def tuple_messages(source: Source) -> Iterator[str]:
    """`ValueError("...", "...")`: a stray comma makes a tuple of the message."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            texts = [a for a in node.exc.args if isinstance(a, (ast.JoinedStr, ast.Constant))]
            if len(texts) > 1 and ast.unparse(node.exc.func).endswith("Error"):
                yield f"{source.label}:{node.lineno} gives an error two messages"


def weak_tests(source: Source) -> Iterator[str]:
    """Tests that can't fail or don't say what they expect."""
    if not source.module.startswith("tests"):
        return
    for node in ast.walk(source.tree):
        name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if name in ("pytest.raises", "pytest.warns") and all(k.arg != "match" for k in node.keywords):
            yield f"{source.label}:{node.lineno} {name} without match="
        if isinstance(node, ast.Attribute) and ast.unparse(node) in BANNED:
            yield f"{source.label}:{node.lineno} uses {ast.unparse(node)}"


BANNED = {"pytest.skip", "pytest.xfail", "pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail"}
CHECKS = (
    long_files,
    long_classes,
    long_functions,
    unfinished,
    asserts,
    swallowed,
    tuple_messages,
    weak_tests,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_file_keeps_to_the_house_rules(check):
    faults = [fault for source in project() for fault in check(source)]
    assert not faults, "\n".join(faults)


LONG = "\n".join(["    x = 1"] * 51)
EXAMPLES = {
    "long_files": "x = 1\n" * 451,
    "long_classes": "class A:\n" + "    x = 1\n" * 301,
    "long_functions": f"def f():\n{LONG}",
    "unfinished": "x = 1  # " + "TO" + "DO later",
    "asserts": "assert True",
    "swallowed": "try:\n    pass\nexcept Exception:\n    pass",
    "tuple_messages": "raise ValueError('a', 'b')",
    "weak_tests": "pytest.raises(ValueError)",
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_checks_find_what_they_look_for(check):
    text = EXAMPLES[check.__name__]
    module = "tests.example" if check is weak_tests else "kerastorch.example"
    source = Source(ROOT / "kerastorch" / "example.py", module, text, ast.parse(text))
    assert len(list(check(source))) == 1


def test_a_reason_lifts_a_limit():
    text = f"def f():  # house: one long table\n{LONG}"
    source = Source(ROOT / "kerastorch" / "example.py", "kerastorch.example", text, ast.parse(text))
    assert list(long_functions(source)) == []
