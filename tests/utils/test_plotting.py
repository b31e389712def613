"""Pictures of models: what the boxes say, how they are joined and placed, and the files that are written."""

from __future__ import annotations

import itertools
import re
import stat
import struct
import sys

import keras
import numpy as np
import pydot
import pytest
from PIL import Image

import kerastorch
from kerastorch.errors import InvalidArgumentError, MissingDependencyError, NotBuiltError
from kerastorch.utils import model_to_dot, plot_model
from kerastorch.utils.plotting_graph import Show, describe
from kerastorch.utils.plotting_layout import lay_out


def row(k=kerastorch):
    return k.Sequential(
        [k.Input((8,)), k.layers.Dense(4, activation="relu", name="a"), k.layers.Dense(2, name="b")],
        name="row",
    )


def tickets(k=kerastorch):
    """Two inputs that share a tower, a model inside with two outputs, and a connection past a layer."""
    tower = k.Sequential(
        [k.Input((8,)), k.layers.Dense(8, name="t1"), k.layers.Dense(4, name="t2")], name="tower"
    )
    inside = k.Input((4,), name="inside")
    left, right = k.layers.Dense(4, name="left")(inside), k.layers.Dense(4, name="right")(inside)
    heads = k.Model(inside, [left, k.layers.Add(name="sum")([left, right])], name="heads")
    title, body = k.Input((8,), name="title"), k.Input((8,), name="body")
    first, second = heads(tower(title))
    joined = k.layers.Concatenate(name="joined")([first, second, tower(body)])
    hidden = k.layers.Dense(12, name="hidden")(joined)
    added = k.layers.Add(name="added")([joined, hidden])
    hidden.trainable = False
    return k.Model([title, body], k.layers.Dense(1, activation="sigmoid", name="out")(added), name="tickets")


def without_dot(monkeypatch):
    monkeypatch.setattr("kerastorch.utils.plotting.shutil.which", lambda name: None)


def names_and_edges(frame):
    return [box.title for box in frame.boxes()], sorted((a.title, b.title) for a, b in frame.all_edges())


def cells(model, **show):
    frame = describe(model, Show(layer_names=True, **show))
    return {box.title: [f"{c.label}{c.value}" for row in box.rows for c in row] for box in frame.boxes()}


def theirs(model, **settings):
    """The labels' texts and the edges of Keras's own graph, and of the graphs in it."""
    texts, edges, graphs = {}, [], [keras.utils.model_to_dot(model, **settings)]
    for graph in graphs:  # grows meanwhile
        for node in graph.get_nodes():
            found = re.findall(r">([^<>]+)<", node.get("label") or "")
            if found:
                texts[node.get_name()] = found
        edges += [(edge.get_source(), edge.get_destination()) for edge in graph.get_edges()]
        graphs += graph.get_subgraphs()
    joined = {name: [text.strip() for text in found] for name, found in texts.items()}
    return sorted(joined.values()), sorted((joined[a][0], joined[b][0]) for a, b in edges)


def ours(model, **settings):
    texts, edges, graphs = {}, [], [model_to_dot(model, **settings)]
    for graph in graphs:
        for node in graph.get_nodes():
            texts[node.get_name()] = [t.strip() for t in re.findall(r">([^<>]+)<", node.get("label"))]
        edges += [(edge.get_source(), edge.get_destination()) for edge in graph.get_edges()]
        graphs += graph.get_subgraphs()
    return sorted(texts.values()), sorted((texts[a][0], texts[b][0]) for a, b in edges)


SHOWN = {
    "names": {},
    "shapes and types": {"show_shapes": True, "show_dtype": True},
    "activations and training": {"show_layer_activations": True, "show_trainable": True},
}


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("build", [row, tickets])
def test_texts_and_edges_are_those_of_keras(build, shown, nested):
    settings = {**SHOWN[shown], "expand_nested": nested}
    found, expected = ours(build(), **settings), theirs(build(keras), **settings)
    if shown == "shapes and types" and build is tickets:  # a shared layer has no shape in Keras
        expected = ([[re.sub(r"^\?$", "...", t) for t in texts] for texts in expected[0]], expected[1])
        found = (
            [
                [t if "..." not in known else known[i] for i, t in enumerate(texts)]
                for texts, known in zip(found[0], expected[0], strict=True)
            ],
            found[1],
        )
    assert found == expected


def test_edges_reach_the_boxes_inside_of_frames():
    names, edges = names_and_edges(describe(tickets(), Show(layer_names=True, expand_nested=True)))
    inside = {"t1", "t2", "inside", "left", "right", "sum"}
    assert set(names) == inside | {"title", "body", "joined", "hidden", "added", "out"}
    assert ("title", "t1") in edges
    assert ("t2", "inside") in edges
    assert ("left", "joined") in edges
    assert ("sum", "joined") in edges
    assert not {"tower", "heads"} & set(itertools.chain(*edges))


def test_boxes_say_what_is_asked_for():
    model = row()
    model.get_layer("b").trainable = False
    said = cells(model, shapes=True, dtype=True, layer_activations=True, trainable=True)
    shapes = ["Input shape: (None, 8)", "Output shape: (None, 4)", "Output dtype: float32"]
    assert said["a"] == ["Activation: relu", *shapes, "Trainable"]
    assert said["b"][-1] == "Non-trainable"


def test_a_shared_layer_shows_each_of_its_shapes():
    dense, a, b = kerastorch.layers.Dense(2, name="shared"), kerastorch.Input((4, 3)), kerastorch.Input((3,))
    said = cells(kerastorch.Model([a, b], [dense(a), dense(b)]), shapes=True)
    assert said["shared"][0] == "Input shape: (None, 4, 3) | (None, 3)"


def test_functions_between_layers_have_boxes():
    x = kerastorch.Input((4,), name="x")
    model = kerastorch.Model(x, x / 2.0)
    name = model.operations[-1].name
    names, edges = names_and_edges(describe(model, Show(layer_names=True)))
    assert (names, edges) == (["x", name], [("x", name)])


class Own(kerastorch.Model):
    def __init__(self):
        super().__init__(name="own")
        self.dense = kerastorch.layers.Dense(2)

    def call(self, x):
        return self.dense(x)


def test_a_subclassed_model_is_one_box():
    model = Own()
    model.build((None, 3))
    assert names_and_edges(describe(model, Show())) == (["Own"], [])


@pytest.mark.parametrize("draw", [plot_model, model_to_dot])
@pytest.mark.parametrize(
    "make", [Own, lambda: kerastorch.Sequential([kerastorch.layers.Dense(1)])], ids=["own", "row"]
)
def test_a_model_that_was_never_built_is_an_error(draw, make):
    with pytest.raises(NotBuiltError, match=r"has not yet been built\. Build the model first"):
        draw(make())


def test_a_range_of_layers():
    names, edges = names_and_edges(describe(tickets(), Show(layer_names=True), ("joined", "added")))
    assert set(names) == {"joined", "hidden", "added"}
    assert edges == [("hidden", "added"), ("joined", "added"), ("joined", "hidden")]


# Where things stand --------------------------------------------------------------------------------------------


def overlap(a, b):
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("rankdir", ["TB", "BT", "LR", "RL"])
def test_boxes_never_overlap_and_edges_go_one_way(rankdir, nested):
    frame = describe(tickets(), Show(layer_names=True, expand_nested=nested))
    layout = lay_out(frame, lambda box: (20.0 + 5 * len(box.title), 30.0), rankdir)
    places = layout.boxes
    assert len(places) == len(list(frame.boxes()))
    assert not any(overlap(a, b) for a, b in itertools.combinations(places.values(), 2))
    for x, y, width, height in places.values():
        assert -0.1 <= x <= x + width <= layout.breadth + 0.1
        assert -0.1 <= y <= y + height <= layout.depth + 0.1
    axis, sign = (1 if rankdir in ("TB", "BT") else 0), (1 if rankdir in ("TB", "LR") else -1)
    for a, b in frame.all_edges():
        assert sign * places[a][axis] < sign * places[b][axis]


def test_lines_begin_and_end_at_their_boxes_and_cross_none():
    frame = describe(tickets(), Show(layer_names=True))
    layout = lay_out(frame, lambda box: (60.0, 30.0))
    for (a, b), line in zip(frame.edges, layout.lines, strict=True):
        (x, y, w, h), (left, top, width, _) = layout.boxes[a], layout.boxes[b]
        assert (line[0], line[-1]) == ((x + w / 2, y + h), (left + width / 2, top))
        for (x0, y0), (x1, y1) in itertools.pairwise(line):
            assert x0 == x1 or y0 == y1
            piece = (min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
            assert not any(overlap(piece, place) for place in layout.boxes.values())


def test_frames_hold_their_boxes_and_no_others():
    frame = describe(tickets(), Show(layer_names=True, expand_nested=True))
    layout = lay_out(frame, lambda box: (60.0, 30.0))
    inside = {"tower": {"t1", "t2"}, "heads": {"inside", "left", "right", "sum"}}
    for name, *place in layout.frames:
        assert {box.title for box, other in layout.boxes.items() if overlap(place, other)} == inside[name]


# Files ---------------------------------------------------------------------------------------------------------

BEGINNINGS = {
    "png": b"\x89PNG\r\n",
    "pdf": b"%PDF",
    "svg": b"<?xml",
    "jpg": b"\xff\xd8\xff",
    "dot": b"digraph {",
}


@pytest.mark.parametrize("extension", BEGINNINGS)
def test_the_extension_is_the_format(extension, monkeypatch, tmp_path):
    without_dot(monkeypatch)
    path = tmp_path / f"model.{extension}"
    plot_model(row(), path, dpi=50)
    assert path.read_bytes().startswith(BEGINNINGS[extension])


def test_a_file_without_extension_is_a_png(monkeypatch, tmp_path):
    without_dot(monkeypatch)
    plot_model(row(), str(tmp_path / "model"), dpi=50)
    assert (tmp_path / "model").read_bytes().startswith(BEGINNINGS["png"])


def picture_size(path):
    return struct.unpack(">II", path.read_bytes()[16:24])


def test_dots_per_inch_set_the_size(monkeypatch, tmp_path):
    without_dot(monkeypatch)
    sizes = []
    for dpi in (50, 100):
        plot_model(row(), tmp_path / "model.png", dpi=dpi)
        sizes.append(picture_size(tmp_path / "model.png"))
    assert [round(b / a) for a, b in zip(*sizes, strict=True)] == [2, 2]


def test_words_keep_clear_of_the_borders_at_few_dots(monkeypatch, tmp_path):
    without_dot(monkeypatch)
    inputs = kerastorch.Input((12, 16, 32))
    model = kerastorch.Model(inputs, kerastorch.layers.Flatten()(inputs))
    plot_model(model, tmp_path / "model.png", show_shapes=True, dpi=50)
    with Image.open(tmp_path / "model.png") as picture:
        shapes = np.asarray(picture.convert("L"))[-26:-12] < 160  # within the lowest row of the lower box
    borders = np.flatnonzero(shapes.all(0))
    assert len(borders) == 3
    assert not any(shapes[:, border - 4 : border].any() for border in borders)


def test_the_picture_shows_every_text(monkeypatch, tmp_path):
    without_dot(monkeypatch)
    import matplotlib as mpl

    with mpl.rc_context({"svg.fonttype": "none"}):
        plot_model(
            tickets(), tmp_path / "model.svg", show_shapes=True, show_layer_names=True, expand_nested=True
        )
    text = (tmp_path / "model.svg").read_text()
    for word in (
        "title",
        " (InputLayer)",
        "tower",
        "heads",
        "hidden",
        "(None, 12)",
        "[(None, 4), (None, 4)]",
    ):
        assert f">{word}<" in text


def test_a_picture_that_would_be_too_large_gets_fewer_dots(monkeypatch, tmp_path):
    without_dot(monkeypatch)
    monkeypatch.setattr("kerastorch.utils.plotting_draw._MOST_PIXELS", 300)
    with pytest.warns(UserWarning, match=r"has \d+ dots per inch in place of 200"):
        plot_model(row(), tmp_path / "model.png")
    assert max(picture_size(tmp_path / "model.png")) <= 300


def test_a_format_that_nobody_knows_is_an_error(monkeypatch, tmp_path):
    without_dot(monkeypatch)
    with pytest.raises(InvalidArgumentError, match=r"format 'bmpx' cannot be drawn.*'png'.*or 'dot'"):
        plot_model(row(), tmp_path / "model.bmpx")


def test_without_anything_to_draw_with_the_error_says_what_to_install(monkeypatch, tmp_path):
    without_dot(monkeypatch)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingDependencyError, match="neither Graphviz nor matplotlib is installed"):
        plot_model(row(), tmp_path / "model.png")


def test_model_to_dot_asks_for_pydot(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydot", None)
    with pytest.raises(MissingDependencyError, match="You must install pydot"):
        model_to_dot(row())


@pytest.mark.parametrize("settings", [{"rankdir": "XY"}, {"splines": "wavy"}], ids=["rankdir", "splines"])
def test_unknown_settings_are_errors(settings, tmp_path):
    [(name, value)] = settings.items()
    with pytest.raises(InvalidArgumentError, match=rf"`{name}` must be one of .* Received: '{value}'"):
        plot_model(row(), tmp_path / "model.dot", **settings)


# Graphviz ------------------------------------------------------------------------------------------------------


def program(tmp_path, monkeypatch, code):
    """A program in the place of `dot`."""
    path = tmp_path / "dot"
    path.write_text(f"#!{sys.executable}\nimport sys\n{code}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setattr("kerastorch.utils.plotting.shutil.which", lambda name: str(path))


def test_graphviz_gets_the_source_where_it_is_installed(tmp_path, monkeypatch):
    program(tmp_path, monkeypatch, "open(sys.argv[3], 'w').write(sys.argv[1] + sys.stdin.read())")
    plot_model(row(), tmp_path / "model.gif", show_shapes=True, rankdir="LR", splines="curved", dpi=99)
    plot_model(row(), tmp_path / "model.dot", show_shapes=True, rankdir="LR", splines="curved", dpi=99)
    source = (tmp_path / "model.dot").read_text()
    assert (tmp_path / "model.gif").read_text() == "-Tgif" + source
    for setting in ('rankdir="LR"', 'splines="curved"', 'dpi="99"'):
        assert setting in source


def test_what_graphviz_complains_of_is_passed_on(tmp_path, monkeypatch):
    program(tmp_path, monkeypatch, "sys.exit('Format: \"odd\" not recognized')")
    with pytest.raises(
        InvalidArgumentError, match=r"Graphviz could not write .*: Format: \"odd\" not recognized"
    ):
        plot_model(row(), tmp_path / "model.odd")


def test_the_source_can_be_read_again(tmp_path):
    model = kerastorch.Sequential(
        [kerastorch.Input((2,)), kerastorch.layers.Dense(1, name='quoted "a" <b> & \\c')], name="m"
    )
    plot_model(model, tmp_path / "model.dot", show_layer_names=True)
    [graph] = pydot.graph_from_dot_file(str(tmp_path / "model.dot"))
    assert 'quoted "a" &lt;b&gt; &amp; \\c' in graph.get_node("node0")[0].get("label")


def test_nested_models_are_clusters_of_pydot():
    dot = model_to_dot(tickets(), expand_nested=True)
    assert isinstance(dot, pydot.Dot)
    assert [cluster.get_label() for cluster in dot.get_subgraphs()] == ["tower", "heads"]
    assert isinstance(model_to_dot(row(), subgraph=True), pydot.Cluster)


# Notebooks -----------------------------------------------------------------------------------------------------


DISPLAYED = {
    ".png": "Image",
    ".jpg": "Image",
    "": "Image",
    ".svg": "SVG",
    ".pdf": "NoneType",
    ".tif": "NoneType",
}


@pytest.mark.parametrize("extension", DISPLAYED)
def test_notebooks_get_the_picture(extension, monkeypatch, tmp_path):
    without_dot(monkeypatch)
    path = tmp_path / f"model{extension}"
    shown = plot_model(row(), str(path), dpi=50)
    assert type(shown).__name__ == DISPLAYED[extension]
    if DISPLAYED[extension] == "Image":
        assert shown.data == path.read_bytes()


def test_without_ipython_there_is_only_the_file(monkeypatch, tmp_path):
    without_dot(monkeypatch)
    monkeypatch.setitem(sys.modules, "IPython", None)
    assert plot_model(row(), tmp_path / "model.png", dpi=50) is None
