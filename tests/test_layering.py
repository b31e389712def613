"""The one rule of the code: a module imports only what lies below it, and says so at its top.

- A module imports lower layers, or other files of its own folder (and of the folders inside it).
- It imports the concrete module that defines a name, never the `__init__` of a folder.
- Nothing is imported inside a function except optional third-party packages.
- Imports make no circle. Imports under `if TYPE_CHECKING:` are for annotations and may point anywhere.
"""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator

import pytest

from tests.source import Source, package

# From low to high. Modules of one layer may import each other as long as there is no circle.
LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "version errors config naming tree dtypes registry lazy",
        "core",
        "random ops activations initializers regularizers constraints",
        "policy precision distribution",
        "quantization",
        "losses",
        "metrics",
        "optimizers",
        "data",
        "layers",
        "callbacks saving export",
        "training",
        "models",
        "applications datasets dtype_policies experimental mixed_precision quantizers utils preprocessing "
        "visualization wrappers backend",
        "compat __main__",
        "__init__",
    )
)
HEIGHT = {unit: height for height, units in enumerate(LAYERS) for unit in units}

# Packages that `import kerastorch` must not load: optional ones, and slow ones that few calls need.
OPTIONAL = {
    "pandas",
    "h5py",
    "tqdm",
    "matplotlib",
    "pydot",
    "PIL",
    "IPython",
    "ipywidgets",
    "scipy",
    "sklearn",
    "fsspec",
}
OPTIONAL |= {"torchmetrics", "onnx", "onnxscript", "onnxruntime", "tensorboard", "torch.utils.tensorboard"}

# Re-exports of names that live elsewhere: the public package itself and the folders above the core.
SURFACE = frozenset(LAYERS[HEIGHT["utils"]] | LAYERS[HEIGHT["compat"]] | {"__init__"})


def unit_of(module: str) -> str:
    """The file or folder right under kerastorch that a module belongs to."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def is_late(path: list[ast.AST]) -> bool:
    return any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) for node in path)


def is_for_types(path: list[ast.AST]) -> bool:
    tests = (ast.unparse(node.test) for node in path if isinstance(node, ast.If))
    return any(test in ("TYPE_CHECKING", "typing.TYPE_CHECKING") for test in tests)


def import_nodes(node: ast.AST, path: list[ast.AST]) -> Iterator[tuple[ast.stmt, list[ast.AST]]]:
    """Every import statement with the nodes around it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child, path
        yield from import_nodes(child, [*path, child])


def targets(node: ast.stmt) -> list[str]:
    """What a statement imports: a submodule under its own name, else the module of the names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    assert isinstance(node, ast.ImportFrom)
    base = node.module or ""
    submodules = [f"{base}.{a.name}" for a in node.names if f"{base}.{a.name}" in package()]
    return submodules + ([base] if len(submodules) < len(node.names) else [])


def inner_imports(source: Source) -> list[tuple[int, str]]:
    """Line and module of every import of kerastorch by kerastorch that runs."""
    return [
        (node.lineno, target)
        for node, path in import_nodes(source.tree, [])
        if not is_for_types(path)
        for target in targets(node)
        if target.partition(".")[0] == "kerastorch"
    ]


def direction_faults(source: Source) -> list[str]:
    height = HEIGHT[unit_of(source.module)]
    return [
        f"{source.label}:{line} imports {target}, which lies above it"
        for line, target in inner_imports(source)
        if HEIGHT.get(unit_of(target), -1) > height
    ]


def index_faults(source: Source) -> list[str]:
    """Imports of a folder's index, which only the public surface and an index may do."""
    if unit_of(source.module) in SURFACE:
        return []
    return [
        f"{source.label}:{line} imports the index {target}; import the module that defines the name"
        for line, target in inner_imports(source)
        if target not in package() or package()[target].is_index
        if not (source.is_index and target.startswith(f"{source.module}."))
    ]


def late_faults(source: Source) -> list[str]:
    return [
        f"{source.label}:{node.lineno} imports {target} inside a function"
        for node, path in import_nodes(source.tree, [])
        if is_late(path) and not is_for_types(path)
        for target in targets(node)
        if target.partition(".")[0] not in OPTIONAL and target not in OPTIONAL
    ]


def relative_faults(source: Source) -> list[str]:
    return [
        f"{source.label}:{node.lineno} is a relative import"
        for node, _ in import_nodes(source.tree, [])
        if isinstance(node, ast.ImportFrom) and node.level
    ]


def dynamic_faults(source: Source) -> list[str]:
    """Imports by name at run time, which only the public package uses, to load parts when first used."""
    if unit_of(source.module) in SURFACE | {"lazy"}:
        return []
    calls = (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))
    return [
        f"{source.label}:{call.lineno} imports by name at run time"
        for call in calls
        if ast.unparse(call.func) in ("import_module", "importlib.import_module", "__import__")
    ]


CHECKS = (direction_faults, index_faults, late_faults, relative_faults, dynamic_faults)


def test_every_file_and_folder_has_its_layer():
    unknown = {unit_of(module) for module in package()} - HEIGHT.keys()
    assert sorted(unknown) == [], "add them to LAYERS in tests/test_layering.py"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_no_module_breaks_the_rule(check):
    sources = (source for module, source in package().items() if unit_of(module) in HEIGHT)
    faults = [fault for source in sources for fault in check(source)]
    assert not faults, "\n".join(faults)


def test_imports_make_no_circle():
    graph = {
        module: {t for _, t in inner_imports(source) if t != module and t in package()}
        for module, source in package().items()
        if not source.is_index
    }
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert set(graph) <= set(order)


def test_files_and_folders_of_one_layer_make_no_circle():
    graph: dict[str, set[str]] = {}
    for module, source in package().items():
        if unit_of(module) != "__init__":
            used = {unit_of(t) for _, t in inner_imports(source)} - {"__init__"}
            graph.setdefault(unit_of(module), set()).update(used - {unit_of(module)})
    assert list(graphlib.TopologicalSorter(graph).static_order())


EXAMPLES = {
    "direction_faults": ("core", "from kerastorch.layers.layer import Layer"),
    "index_faults": ("layers", "from kerastorch.losses import Loss"),
    "late_faults": ("layers", "def f():\n    from kerastorch.tree import flatten"),
    "relative_faults": ("layers", "from . import layer"),
    "dynamic_faults": ("layers", "importlib.import_module('os')"),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_checks_find_what_they_look_for(check):
    unit, text = EXAMPLES[check.__name__]
    home = next(iter(package().values()))
    source = Source(home.path, f"kerastorch.{unit}.example", text, ast.parse(text))
    assert len(check(source)) == 1
