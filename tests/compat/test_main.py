"""`python -m kerastorch` runs a program as `python` does: plain Python is what it is compared with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compat.programs import Runner, plain
from tests.source import ROOT


@pytest.fixture(scope="module")
def run() -> Iterator[Runner]:
    runner = Runner()
    yield runner
    runner.close()


PROGRAMS = {
    "its names": """'''What it says.'''
        x: int = 3
        import sys
        print(__name__, __doc__, __file__, __spec__, __package__, __cached__, __annotations__, __loader__.name)
        print(sorted(globals()), sys.argv, sys.path[0], sys.modules['__main__'].x, __builtins__)""",
    "argument lines": "import sys; print(sys.argv[1:])",
    "a guarded main": "if __name__ == '__main__': print('main')",
    "an import from its folder": "import beside; print(beside.__file__)",
    "annotations that run": "def f(x: print('seen')): pass",
    "an exception": """def inner():
            raise ValueError('no')
        def outer():
            inner()
        outer()""",
    "a chained exception": """try:
            1 / 0
        except ZeroDivisionError as error:
            raise KeyError('b') from error""",
    "an import that fails": "import nowhere_to_be_found",
    "an error in a module": "import faulty",
    "no Python": "print('a'\nb = 3 +",
    "an indented line": "x = 1\n          y = 2",
    "exit": "import sys; sys.exit()",
    "exit 3": "import sys; sys.exit(3)",
    "exit with text": "import sys; sys.exit('because')",
    "exit from a thread": """import threading, sys
        threading.Thread(target=sys.exit, args=(3,)).start()""",
    "an interrupt": "raise KeyboardInterrupt",
    "a hook of its own": """import sys
        sys.excepthook = lambda kind, error, trace: print('hook', kind, trace.tb_lineno, trace.tb_next)
        1 / 0""",
    "work at the end": """import atexit, threading, time
        def late():
            time.sleep(0.05)
            print('late', __name__, value)
        value = 3
        atexit.register(lambda: print('end', value))
        threading.Thread(target=late).start()""",
    "pickles": """import pickle
        class Thing:
            pass
        print(pickle.dumps(Thing()), type(pickle.loads(pickle.dumps(Thing()))) is Thing)""",
    "dataclasses and type hints": """from __future__ import annotations
        import dataclasses, typing
        @dataclasses.dataclass
        class Point:
            x: int
        print(typing.get_type_hints(Point), Point(3))""",
    "warnings": """import warnings
        warnings.warn('old', DeprecationWarning)
        warnings.warn('care')""",
    "its own source": """import inspect
        def f():
            return 1
        print(inspect.getsource(f), inspect.getfile(f))""",
    "forked": """import os
        pid = os.fork()
        print('child' if not pid else 'parent' if os.waitpid(pid, 0) else '')""",
    "standard input": "print(input(), input())",
}


def write(folder: Path, text: str, name: str = "program.py") -> str:
    """Writes a program whose lines are indented by eight."""
    path = folder / name
    path.write_text(text.replace("\n        ", "\n") + "\n")
    (folder / "beside.py").write_text("")
    (folder / "faulty.py").write_text("def f():\n    return 1 / 0\n\nf()\n")
    return str(path)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_script_ends_as_in_python(run, tmp_path, name):
    script = [write(tmp_path, PROGRAMS[name]), "--epochs", "3", "-m", "-"]
    expected = plain(*script, cwd=tmp_path, stdin="a\nb\n")
    assert run(*script, cwd=tmp_path, stdin="a\nb\n") == expected


SHOW = "import sys; print(__name__, __file__, __package__, __spec__ and __spec__.name, sys.argv, sys.path[0])"


def test_a_relative_path_is_kept_in_argv(run, tmp_path):
    write(tmp_path, SHOW)
    assert run("./program.py", cwd=tmp_path) == plain("./program.py", cwd=tmp_path)


def test_a_link_to_a_script_finds_the_modules_beside_the_script(run, tmp_path):
    (tmp_path / "there").mkdir()
    os.symlink(write(tmp_path / "there", SHOW), tmp_path / "link.py")
    assert run("link.py", cwd=tmp_path) == plain("link.py", cwd=tmp_path)


@pytest.mark.parametrize("fails", [False, True], ids=["", "fails"])
def test_a_folder_with_a_main_module(run, tmp_path, fails):
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder", f"{SHOW}\nimport beside" + "\n1 / 0" * fails, "__main__.py")
    expected, got = plain("folder", "a", cwd=tmp_path), run("folder", "a", cwd=tmp_path)
    assert (got.code, got.out) == (expected.code, expected.out)
    assert got.err == without_runpy(expected.err)


def test_an_archive_with_a_main_module(run, tmp_path):
    with zipfile.ZipFile(tmp_path / "program.pyz", "w") as archive:
        archive.writestr("__main__.py", f"{SHOW}\nimport beside\nprint(beside.__file__)")
        archive.writestr("beside.py", "")
    assert run("program.pyz", "a", cwd=tmp_path) == plain("program.pyz", "a", cwd=tmp_path)


def test_a_folder_without_a_main_module(run, tmp_path):
    expected = plain(".", cwd=tmp_path)
    got = run(".", cwd=tmp_path)
    assert (got.code, got.err.partition(": ")[2]) == (expected.code, expected.err.partition(": ")[2])


def without_runpy(text: str) -> str:
    """A traceback without the frames by which Python itself starts a module."""
    return re.sub(r'  File "<frozen .*\n', "", text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package", ""),
        ("package.train", ""),
        ("top", ""),
        ("package.train", "\nimport nowhere"),
        ("package.train", "\n1 / 0"),
    ],
    ids=["package", "package.train", "top", "import fails", "fails"],
)
def test_a_module(run, tmp_path, name, text):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    for file in ("package/train.py", "package/__main__.py", "top.py"):
        (tmp_path / file).write_text(SHOW + text)
    expected = plain("-m", name, "--x", "-c", cwd=tmp_path)
    got = run("-m", name, "--x", "-c", cwd=tmp_path)
    assert (got.code, got.out) == (expected.code, expected.out)
    assert got.err == without_runpy(expected.err)


@pytest.mark.parametrize("name", ["nowhere", "nowhere.train", "beside.train", "empty"], ids=str)
def test_a_module_that_is_not_there(run, tmp_path, name):
    write(tmp_path, "")
    (tmp_path / "empty").mkdir()
    got = run("-m", name, cwd=tmp_path)
    assert got.code == plain("-m", name, cwd=tmp_path).code == 1
    assert re.search(rf"-m kerastorch: No module named {name}", got.err)
    assert "Traceback" not in got.err


def test_a_package_that_fails_to_import_says_why(run, tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("import nowhere")
    got = run("-m", "package.train", cwd=tmp_path)
    assert got.code == 1
    assert got.err.splitlines()[-1] == "ModuleNotFoundError: No module named 'nowhere'"


NAMES = "import sys; print(sys.argv, sys.path[0], __name__, __spec__, __package__)"


@pytest.mark.parametrize(
    "text",
    [NAMES, "def f():\n    1 / 0\nf()", "x =", "raise SystemExit(4)"],
    ids=["names", "fails", "no Python", "exit"],
)
def test_code_as_text(run, tmp_path, text):
    assert run("-c", text, "-m", "a", cwd=tmp_path) == plain("-c", text, "-m", "a", cwd=tmp_path)


def test_code_as_text_right_behind_the_option(run, tmp_path):
    assert run(f"-c{NAMES}", "-", cwd=tmp_path) == plain(f"-c{NAMES}", "-", cwd=tmp_path)


@pytest.mark.parametrize("arguments", [[], ["-", "a"]], ids=["nothing", "a dash"])
@pytest.mark.parametrize("text", [NAMES, "def f():\n    1 / 0\nf()"], ids=["names", "fails"])
def test_code_from_the_standard_input(run, tmp_path, text, arguments):
    assert run(*arguments, cwd=tmp_path, stdin=text) == plain(*arguments, cwd=tmp_path, stdin=text)


def test_a_script_that_is_not_there(run, tmp_path):
    expected, got = plain("nowhere.py", cwd=tmp_path), run("nowhere.py", cwd=tmp_path)
    assert (got.code, got.out) == (expected.code, expected.out) == (2, "")
    assert got.err.partition(": ")[2] == expected.err.partition(": ")[2]


def test_compiled_code(run, tmp_path):
    script = write(tmp_path, SHOW)
    plain("-m", "compileall", "-b", "-q", script, cwd=tmp_path)
    assert run("program.pyc", cwd=tmp_path).out == plain("program.pyc", cwd=tmp_path).out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--frob"], "unknown option --frob"),
        (["-c"], "argument expected for the -c option"),
        (["-m"], "argument expected for the -m option"),
        (["--dialect"], "argument expected for the --dialect option"),
        (["--dialect", "klingon", "-"], "Unknown dialect: 'klingon'"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ",
)
def test_a_command_line_that_cannot_be_understood(run, tmp_path, arguments, message):
    got = run(*arguments, cwd=tmp_path)
    assert (got.code, got.out) == (2, "")
    assert message in got.err
    assert "Traceback" not in got.err


@pytest.mark.parametrize("option", ["-h", "--help", "-V", "--version"])
def test_help_and_version(run, tmp_path, option):
    got = run(option, cwd=tmp_path)
    assert (got.code, got.err) == (0, "")
    assert got.out.startswith(("usage: python -m kerastorch", "kerastorch "))


def test_check_is_a_command_unless_given_as_a_path(run, tmp_path):
    write(tmp_path, "print('run')", "check")
    script = write(tmp_path, "from keras.layers import Dens")
    assert run("./check", cwd=tmp_path).out == "run\n"
    got = run("check", script, cwd=tmp_path)
    assert got.code == 1
    assert "keras.layers.Dens" in got.out


DIALECTS = {
    "import keras": "keras",
    "from keras.layers import Dense": "keras",
    "import tensorflow": "tf_keras",
    "from tensorflow.keras import layers": "tf_keras",
    "import tf_keras": "tf_keras",
    "import tensorflow as tf; import keras": "keras",
    "import keras; import tensorflow as tf": "keras",
    "from keras.utils import np_utils; np_utils.to_categorical": "tf_keras",
    "import keras; keras.utils.np_utils.to_categorical": "tf_keras",
    "from keras.engine.topology import Layer": "tf_keras",
    "from keras.layers.core import Dense": "keras",
    "import kerastorch": "keras",
    "import keras; keras.config.set_dialect('tf_keras'); import tensorflow, keras": "tf_keras",
    "import tf_keras; tf_keras.config.set_dialect('keras'); import tensorflow": "keras",
}


def test_the_dialect_follows_the_imports(run, tmp_path):
    text = f"""import json, os, sys
        found = {{}}
        for text in {list(DIALECTS)!r}:
            read, write = os.pipe()
            if not os.fork():
                exec(text)
                import kerastorch
                os.write(write, kerastorch.config.dialect().encode())
                os._exit(0)
            os.wait()
            found[text] = os.read(read, 99).decode()
        print(json.dumps(found))"""
    got = run(write(tmp_path, text), cwd=tmp_path)
    assert got.err == ""
    assert json.loads(got.out) == DIALECTS


TELL = "\nimport kerastorch; print(kerastorch.config.dialect())"


@pytest.mark.parametrize("options", [["--dialect", "keras"], ["--dialect=keras"]], ids=["apart", "joined"])
def test_the_dialect_can_be_given(run, tmp_path, options):
    text = f"import tf_keras{TELL}"
    assert run(*options, "-c", text, cwd=tmp_path).out == "keras\n"
    assert run(*options, "-c", text, cwd=tmp_path, KERASTORCH_DIALECT="tf_keras").out == "keras\n"
    assert run("-c", text, cwd=tmp_path, KERASTORCH_DIALECT="keras").out == "keras\n"


def test_settings_of_other_backends_do_no_harm(run, tmp_path):
    text = """import os
        os.environ['KERAS_BACKEND'] = 'tensorflow'
        os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
        import keras, os
        print(keras.layers.Dense(3)(keras.Input((2,))).shape, keras.__file__)"""
    got = run(write(tmp_path, text), cwd=tmp_path, KERAS_BACKEND="jax")
    assert got.err == ""
    assert got.out.startswith(f"(None, 3) {ROOT / 'kerastorch'}")


def test_flags_of_python_hold_for_the_script(tmp_path):
    text = """import sys, warnings
        assert False
        print(sys.flags.optimize, sys.warnoptions, __debug__, sys.argv)
        warnings.warn('care')"""
    flags = ["-O", "-W", "error:care:UserWarning"]
    script = write(tmp_path, text)
    done = subprocess.run(
        [sys.executable, *flags, "-m", "kerastorch", script, "a"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    expected = plain(*flags, script, "a", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == expected
