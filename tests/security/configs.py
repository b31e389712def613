"""Configs that hold code, name what is not registered, or ask for too much (S1 to S8, S14, S15, S18)."""

from __future__ import annotations

import base64
import copy
import json
import marshal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.security import web
from tests.security.guard import ADDRESSES, Case
from tests.security.model import BESIDE, WAYS, config, with_layer
from tests.source import ROOT

# What hostile configs say in the place of a function or an object -----------------------------------------------------

_CODE = compile("open('../canary', 'w').write('changed')", "<hostile>", "eval")
_BYTES = base64.b64encode(marshal.dumps(_CODE)).decode()
BYTECODE = {
    "class_name": "__lambda__",
    "config": {"code": _BYTES, "defaults": None, "closure": None},
}
SYSTEM = {
    "module": "os",
    "class_name": "system",
    "config": {"command": "touch ../owned"},
    "registered_name": "system",
}
PAYLOADS: dict[str, Any] = {
    "bytecode": BYTECODE,
    "os.system": SYSTEM,
    "eval": {"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "function"},
    "Popen": {"module": "subprocess", "class_name": "__class__", "config": "Popen", "registered_name": None},
    "get_file": {
        "module": "keras.utils",
        "class_name": "function",
        "config": "get_file",
        "registered_name": "get_file",
    },
    "private": {"module": "keras.src.saving.saving_lib", "class_name": "function", "config": "load_model"},
    "memory": {"class_name": "__object__", "config": {"index": 0}},
    "instance": {"class_name": "__instance__", "class": SYSTEM, "config": {}},
}


def layer(name: str, **arguments: Any) -> dict:
    """The config of a built-in layer."""
    return {"module": "keras.layers", "class_name": name, "config": {"name": "evil", **arguments}}


def _functional(inner: dict) -> dict:
    """A functional model around the layers of a row."""
    source = {"module": "keras.layers", "class_name": "InputLayer", "name": "x", "inbound_nodes": []}
    source["config"] = {"name": "x", "batch_shape": [None, 4], "dtype": "float32"}
    tensor = {"class_name": "__keras_tensor__"}
    tensor["config"] = {"shape": [None, 4], "dtype": "float32", "keras_history": ["x", 0, 0]}
    inner = {**inner, "name": inner["config"]["name"], "inbound_nodes": [{"args": [tensor], "kwargs": {}}]}
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [[inner["name"], 0, 0]]}
    parts = {"name": "graph", "trainable": True, "layers": [source, inner], **ends}
    return {"module": "keras.src.models.functional", "class_name": "Functional", "config": parts}


def _nested(evil: Any) -> dict:
    row = with_layer(layer("Lambda", function=evil))
    return _functional({"module": "keras.models", "class_name": "Sequential", "config": row["config"]})


def _called_with(evil: Any) -> dict:
    graph = _functional(layer("Dense", units=2))
    graph["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] = {"training": evil}
    return graph


def _compiled(**arguments: Any) -> dict:
    return {**config(), "compile_config": {"optimizer": "sgd", "loss": "mse", **arguments}}


def _optimizer(rate: Any) -> dict:
    return {"module": "keras.optimizers", "class_name": "SGD", "config": {"learning_rate": rate}}


def _wrapped(wrapper: str, **more: Any) -> Callable[[Any], dict]:
    def place(evil: Any) -> dict:
        return with_layer(layer(wrapper, layer=layer("Lambda", function=evil), **more))

    return place


def _dense(argument: str) -> Callable[[Any], dict]:
    return lambda evil: with_layer(layer("Dense", units=2, **{argument: evil}))


PLACES: dict[str, Callable[[Any], dict]] = {
    "layer": with_layer,
    "Lambda function": lambda evil: with_layer(layer("Lambda", function=evil)),
    "Lambda output_shape": lambda evil: with_layer(layer("Lambda", function="relu", output_shape=evil)),
    "Lambda mask": lambda evil: with_layer(layer("Lambda", mask=evil)),
    "Lambda arguments": lambda evil: with_layer(layer("Lambda", arguments={"x": evil})),
    "nested": _nested,
    "TimeDistributed": _wrapped("TimeDistributed"),
    "Bidirectional": _wrapped("Bidirectional", backward_layer=None),
    "Wrapper": _wrapped("Wrapper"),
    "RNN cell": lambda evil: with_layer(layer("RNN", cell=evil)),
    **{
        f"Dense {name}": _dense(name)
        for name in (
            *("activation", "kernel_initializer", "kernel_regularizer", "kernel_constraint"),
            *("activity_regularizer", "dtype"),
        )
    },
    "call": _called_with,
    "loss": lambda evil: _compiled(loss=evil),
    "metric": lambda evil: _compiled(metrics=[evil]),
    "optimizer": lambda evil: _compiled(optimizer=evil),
    "schedule": lambda evil: _compiled(optimizer=_optimizer(evil)),
}
_COMPILED = ("loss", "metric", "optimizer", "schedule")
_NO_COMPILE = ("from_config",)  # this way sees the arguments of the constructor alone


def _case(name: str, made: Callable[[], Any], way: str, error: str | None) -> Case:
    write, read = {**WAYS, **BESIDE}[way]
    allowed = (
        ("pickle.find_class",) if way in ("pickle", "joblib") else ()
    )  # it names the library's own function
    return Case(f"{name}, {way}", lambda folder: write(made(), folder), read, error, allowed)


def everywhere(name: str, made: Callable[[], Any], error: str, without: tuple[str, ...] = ()) -> list[Case]:
    """A hostile config on every way in; on those beside the config it must have no effect."""
    cases = [_case(name, made, way, error) for way in WAYS if way not in without]
    return [*cases, *(_case(name, made, way, None) for way in BESIDE if way not in without)]


def _code_cases() -> list[Case]:
    cases: list[Case] = []
    for place, put in PLACES.items():
        without = _NO_COMPILE if place in _COMPILED else ()
        for payload, evil in PAYLOADS.items():
            title = f"{payload} as {place}"
            if payload in ("bytecode", "os.system"):
                cases += everywhere(
                    title, lambda put=put, evil=evil: put(copy.deepcopy(evil)), "UnsafeModelError", without
                )
                continue
            made = lambda put=put, evil=evil: put(copy.deepcopy(evil))  # noqa: E731
            cases += [_case(title, made, way, "UnsafeModelError") for way in ("keras", "h5", "deserialize")]
    return cases


_KERAS2 = {
    "class_name": "Lambda",
    "config": {"name": "evil", "function": [_BYTES, None, None], "function_type": "lambda", "module": "os"},
}
_DISABLING = {"module": "keras.config", "class_name": "function", "config": "enable_unsafe_deserialization"}


def _disabled_first() -> dict:
    found = with_layer(layer("Lambda", function=_DISABLING))
    found["config"]["layers"].append(layer("Lambda", function=BYTECODE))
    return {**found, "safe_mode": False, "config": {**found["config"], "safe_mode": False}}


def _refers(**history: Any) -> dict:
    graph = _functional(layer("Dense", units=2))
    graph["config"]["layers"][1]["inbound_nodes"][0]["args"][0]["config"].update(history)
    return graph


def _shadowing(registered: str, name: str = "Dense", home: str = "keras.layers") -> dict:
    found = with_layer(layer(name, units=2))
    found["config"]["layers"][-1].update(registered_name=registered, module=home)
    return found


FILES: dict[str, Callable[[], str]] = {
    "path": lambda: "/etc/passwd",
    "address": lambda: web.address("x"),
    "file address": lambda: "file:///etc/passwd",
    "share": lambda: "\\\\127.0.0.1\\share\\x",
}
_READERS = {
    "TFSMLayer": "filepath",
    **dict.fromkeys(("StringLookup", "IntegerLookup", "TextVectorization"), "vocabulary"),
}
_PICKLED = {"module": "keras.layers", "class_name": "TorchModuleWrapper"}
_ALL_WAYS: list[Case] = [
    *everywhere("S2 Keras 2 bytecode", lambda: with_layer(copy.deepcopy(_KERAS2)), "UnsafeModelError"),
    *everywhere("S4 mode", _disabled_first, "UnsafeModelError"),
    *everywhere("S6 shadowed by a class", lambda: _shadowing("tests>Trojan"), "ValueError"),
    *everywhere("S6 built-in name", lambda: _shadowing("Dense", "Trojan", "os"), "ValueError"),
    *everywhere(
        "S7 pickled module",
        lambda: with_layer({**_PICKLED, "config": {"name": "evil", "module": "gASVAAAA"}}),
        "UnsafeModelError",
    ),
    *[
        case
        for kind, path in FILES.items()
        for name, argument in _READERS.items()
        for case in everywhere(
            f"S8 {kind} in {name}",
            lambda n=name, a=argument, p=path: with_layer(layer(n, **{a: p()})),
            "UnsafeModelError",
        )
    ],
]

# Names, sizes and shapes of configs -----------------------------------------------------------------------------------

NAMES = {
    "upwards": "../../x",
    "absolute": "/abs",
    "slash": "a/b",
    "long": "x" * (1 << 20),
    "bidi": "a\u202eb",
    "nul": "a\0b",
    "newline": "a\nb",
    "number": 3,
    "dots": "..",
    "code": "a(); __import__('os').system('touch ../owned') #",
    "quotes": "a'); open('../canary', 'w').write('changed') #",
}


def _named(name: Any) -> dict:
    found = with_layer(layer("Dense", units=2))
    found["config"]["layers"][-1]["config"]["name"] = name
    return found


def _cyclic() -> dict:
    return _refers(keras_history=["evil", 0, 0])


def _shared() -> dict:
    graph = _functional(layer("Dense", units=2))
    graph["config"]["layers"][1]["shared_object_id"] = 1
    graph["config"]["layers"][1]["config"] = {"name": "evil", "shared_object_id": 1}
    return graph


def _deep(levels: int) -> str:
    return '{"class_name": "Sequential", "config": {"layers": ' + "[" * levels + "]" * levels + "}}"


def _nested_models(levels: int) -> dict:
    inner = config()
    for _ in range(levels):
        inner = {
            "module": "keras.models",
            "class_name": "Sequential",
            "config": {"name": "m", "layers": [inner]},
        }
    return inner


def _many(count: int) -> str:
    activation = json.dumps({"module": "keras.layers", "class_name": "ReLU", "config": {}})
    text = json.dumps(with_layer("@"))
    return text.replace('"@"', ", ".join([activation] * count))


SIZES: dict[str, Callable[[], Any]] = {
    "units": lambda: with_layer(layer("Dense", units=10**10)),
    "all units": lambda: with_layer(layer("Dense", units=10**30)),
    "units of a wrapped layer": lambda: _functional(layer("Dense", units=10**9)),
    "rows": lambda: with_layer(layer("Embedding", input_dim=10**12, output_dim=2)),
    "kernel": lambda: _image(layer("Conv2D", filters=8, kernel_size=10**6)),
    "recurrent": lambda: with_layer(layer("LSTM", units=10**7, build_config={"input_shape": [None, 3, 4]})),
    "many at once": lambda: _rows(layer("Embedding", input_dim=10**8, output_dim=1), 40),
    "torch": lambda: with_layer(
        layer(
            "TorchModuleWrapper",
            module={
                "module": "torch.nn",
                "class_name": "Linear",
                "config": {"in_features": 4, "out_features": 10**10},
            },
        )
    ),
    "layers": lambda: _many(10**6),
    "deep": lambda: _deep(10**5),
    "deep models": lambda: _nested_models(240),
    "cycle": _cyclic,
    "shared object": _shared,
    "thresholds": lambda: _compiled(metrics=[_metric("AUC", num_thresholds=10**12)]),
    "operating point": lambda: _compiled(
        metrics=[_metric("PrecisionAtRecall", recall=0.5, num_thresholds=10**12)]
    ),
    "classes": lambda: _compiled(metrics=[_metric("MeanIoU", num_classes=10**6)]),
    "bins": lambda: with_layer(layer("Discretization", num_bins=10**12)),
    "bands": lambda: with_layer(layer("MelSpectrogram", num_mel_bins=10**8, fft_length=10**9)),
    "frequencies": lambda: with_layer(layer("STFTSpectrogram", fft_length=10**9)),
    "oov": lambda: with_layer(layer("StringLookup", num_oov_indices=10**12, vocabulary=["a"])),
    "array": lambda: with_layer(
        layer(
            "Lambda",
            arguments={"x": {"class_name": "__numpy__", "config": {"value": [0], "dtype": "V9999999999"}}},
        )
    ),
    "infinite": lambda: json.dumps(with_layer(layer("Dense", units="@"))).replace('"@"', "Infinity"),
    "not a number": lambda: json.dumps(with_layer(layer("Dense", units="@"))).replace('"@"', "NaN"),
    "digits": lambda: json.dumps(with_layer(layer("Dense", units="@"))).replace('"@"', "9" * 6000),
}


def _metric(name: str, **arguments: Any) -> dict:
    return {"module": "keras.metrics", "class_name": name, "config": {"name": "m", **arguments}}


def _image(inner: dict) -> dict:
    graph = _functional(inner)
    for shapes in (graph["config"]["layers"][0]["config"], {}):
        shapes["batch_shape"] = [None, 2 * 10**6, 2 * 10**6, 3]
    graph["config"]["layers"][1]["inbound_nodes"][0]["args"][0]["config"]["shape"] = [None, 10**7, 10**7, 3]
    return graph


def _rows(one: dict, count: int) -> dict:
    found = config()
    found["config"]["layers"] = [
        {**one, "config": {**one["config"], "name": f"evil_{i}"}, "build_config": {"input_shape": [None, 4]}}
        for i in range(count)
    ]
    return found


_COMPILE_SIZES = ("thresholds", "operating point", "classes")
_TEXTS = (
    "deep",
    "digits",
    "infinite",
    "not a number",
    "layers",
    "deep models",
)  # JSON that no dictionary is made of
_PARSED = ("model_from_config", "from_config", "deserialize", "layers.deserialize", "clone", "deepcopy")
_GROWING = (
    "many at once",
)  # each weight alone has room, up to the memory of the machine where no file tells more


def _size_cases(name: str, made: Callable[[], Any]) -> list[Case]:
    without = _PARSED if name in _TEXTS else _NO_COMPILE if name in _COMPILE_SIZES else ()
    cases = everywhere(f"S15 {name}", made, "ValueError", without)
    if name not in _GROWING:
        return cases
    return [case if case.name.endswith(_WITH_FILE) else replace(case, peak=ADDRESSES >> 20) for case in cases]


_WITH_FILE = ("keras", "keras unsafe", "folder", "stream", "h5", "saved_model", *BESIDE)
_SIZE_CASES = [case for name, made in SIZES.items() for case in _size_cases(name, made)]
_NAME_CASES = [
    case
    for title, name in NAMES.items()
    for case in everywhere(f"S14 {title}", lambda n=name: _named(n), "ValueError")
]

# Every function of the library as the function of a Lambda layer (S5) -------------------------------------------------


def _public(folder: Path) -> list[tuple[str, str]]:
    lines = (ROOT / "tests" / "public_names.txt").read_text().split()
    return [tuple(line.removeprefix("kerastorch.").rpartition(".")[::2]) for line in lines]  # type: ignore[misc]


_SAFE_HOMES = ("ops", "core", "losses", "metrics", "activations", "backend", "quantization")


def _all_refused(names: list[tuple[str, str]]) -> None:
    """Reads a config for each function; raises the last refusal when none came through."""
    from kerastorch.errors import UnsafeModelError
    from kerastorch.layers import deserialize

    last: Exception | None = None
    for home, name in names:
        for module in (f"keras.{home}".rstrip("."), f"kerastorch.{home}".rstrip("."), "builtins", None):
            function = {"module": module, "class_name": "function", "config": name, "registered_name": name}
            try:
                made = deserialize(layer("Lambda", function=function))
            except UnsafeModelError as error:
                last = error
            else:
                place = made.function.__module__.split(".")
                assert place[0] == "kerastorch", (module, name, made.function)
                assert place[1] in _SAFE_HOMES, (module, name, made.function)
    assert last is not None
    raise last


_EVERY_NAME = [Case("S5 every public name", _public, _all_refused, "UnsafeModelError")]

_EVERY_CODE = _code_cases()
_FIRST = [case for case in _EVERY_CODE if case.name.startswith(("bytecode", "os.system as layer"))]
CASES = [*_FIRST, *_ALL_WAYS, *_NAME_CASES, *_SIZE_CASES, *_EVERY_NAME]
SWEEP = [case for case in _EVERY_CODE if case not in _FIRST]
