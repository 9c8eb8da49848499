"""The floors do not leak: imports are read from the source, and the offender is named."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "truecurve"
LONGEST = 400

FLOORS: list[set[str]] = [
    {"problem", "functions", "printing", "evaluation", "expression", "javascript"},
    {
        "fields",
        "sections",
        "comparison",
        "base_entry",
        "layer",
        "entry",
        "guide",
        "loader",
        "catalog",
        "recordings",
        "__init__",
    },
    {"authority", "facts", "values"},
    {"claims", "proofs", "prose", "snippets", "formulas", "fonts", "execution"},
    {
        *("curves", "svg", "canvas", "labels", "scalar_figures", "array_figures", "cell_figures", "comparison_figures"),
        "figures",
        "plotting",
    },
    {
        "describe",
        "captions",
        "course_kit",
        "handout_page",
        "widget",
        "subject_page",
        "function_page",
        "gallery",
        "guide_page",
        "compare_page",
        "pages",
    }
    | {"tables", "payload", "addresses", "api", "downloads", "data_page"},
    {"display", "notebook_code", "notebook"},
    {"site", "paper"},
]
"""From the ground up. A module imports only from its own floor and lower ones, and never in a circle."""

LATE = {"base_entry": {"display"}, "layer": {"plotting"}, "entry": {"plotting"}}
"""What a module may import from above, inside of a function: a reader's entry draws itself, and who only computes does
not wait for Matplotlib."""

FIGURES = FLOORS[4] | {"execution"}
KEPT = {
    "contourpy": {"curves"},
    "fontTools": {"fonts"},
    "jinja2": {"pages"},
    "PIL": {"canvas"},
    "markdown": set(),
    "matplotlib": FIGURES,
    "mkdocs": set(),
    "py_mini_racer": {"formulas"},
    "pydantic": {"fields", "sections", "comparison", "base_entry", "layer", "entry", "guide", "loader"}
    | {"payload", "api"},
    "torch": set(),
    "yaml": {"loader", "describe"},
}
"""Libraries that only these modules may import."""


def imports(code: str, late: bool = True) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that is imported; `from a import b` counts as a and as a.b. Without `late`,
    functions are not looked into."""
    pending: list[ast.AST] = [ast.parse(code)]
    while pending:
        node = pending.pop(0)
        if late or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            pending.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield node.lineno, module
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def floor(module: str) -> int | None:
    return next((number for number, modules in enumerate(FLOORS) if module in modules), None)


def module_offences(name: str, code: str) -> list[str]:
    """What is wrong with one module outside entries/."""
    own, found = floor(name), []
    if own is None:
        return [f"{name}.py stands on no floor: add it to FLOORS"]
    if (length := len(code.splitlines())) > LONGEST:
        found.append(f"{name}.py has {length} lines, more than {LONGEST}: split it where it holds two ideas")
    above = set(imports(code, late=False))
    for line, dotted in imports(code):
        library, _, rest = dotted.partition(".")
        if library in KEPT and name not in KEPT[library]:
            found.append(f"{name}.py:{line}: imports {library}, which is kept to {sorted(KEPT[library]) or 'scripts'}")
        if (line, dotted) not in above and rest in LATE.get(name, ()):
            continue
        if library == "truecurve" and (other := floor(rest.partition(".")[0])) is not None and other > own:
            found.append(f"{name}.py:{line}: imports {rest} of floor {other}, above its own floor {own}")
        if dotted.startswith("."):
            found.append(f"{name}.py:{line}: a relative import; write truecurve.")
    return list(dict.fromkeys(found))


def entry_offences(path: str, code: str) -> list[str]:
    """What is wrong with one NumPy file: it may import numpy, math and siblings."""
    allowed = ("numpy", "math", "truecurve.entries")
    return [
        f"{path}:{line}: imports {dotted}; only numpy, math and siblings"
        for line, dotted in imports(code)
        if not any(dotted == name or dotted.startswith(f"{name}.") for name in allowed)
    ]


def circle(edges: dict[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle, in order; empty if there is none."""
    done: set[str] = set()

    def walk(module: str, trail: list[str]) -> list[str]:
        if module in trail:
            return [*trail[trail.index(module) :], module]
        if module in done:
            return []
        for other in sorted(edges.get(module, ())):
            if found := walk(other, [*trail, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(edges) if (found := walk(module, []))), [])


MODULES = sorted(PACKAGE.glob("*.py"))
ENTRIES = sorted(PACKAGE.glob("entries/**/*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_module_keeps_to_its_floor(path: Path) -> None:
    assert not module_offences(path.stem, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: path.stem)
def test_numpy_file_imports_numpy_only(path: Path) -> None:
    assert not entry_offences(path.name, path.read_text(encoding="utf-8"))


def test_no_floor_names_a_module_that_is_gone() -> None:
    assert set().union(*FLOORS) == {path.stem for path in MODULES}


def test_no_circle() -> None:
    names = {path.stem for path in MODULES}
    edges = {
        path.stem: {
            part
            for _, dotted in imports(path.read_text(encoding="utf-8"), late=path.stem not in LATE)
            if dotted.startswith("truecurve.") and (part := dotted.split(".")[1]) in names
        }
        for path in MODULES
    }
    assert not circle(edges)


def test_there_is_something_to_read() -> None:
    assert len(MODULES) > 10
    assert len(ENTRIES) > 10


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("expression", "from truecurve.entry import Entry", "imports entry.Entry of floor 1, above its own floor 0"),
        ("figures", "from truecurve import pages", "imports pages of floor 5"),
        ("figures", "def f():\n    import markdown", "figures.py:2: imports markdown"),
        ("pages", "import matplotlib.pyplot as plt", "pages.py:1: imports matplotlib"),
        ("site", "from matplotlib.figure import Figure", "site.py:1: imports matplotlib"),
        ("facts", "import torch", "facts.py:1: imports torch"),
        ("facts", "from . import entry", "a relative import"),
        ("entry", "from truecurve import plotting", "entry.py:1: imports plotting of floor 4"),
        ("entry", "class A:\n    from truecurve import display", "entry.py:2: imports display of floor 6"),
        ("entry", "def f():\n    from truecurve import figures", "entry.py:2: imports figures of floor 4"),
        ("entry", "def f():\n    from truecurve.plotting import curves", "imports plotting.curves of floor 4"),
        ("entry", "def f():\n    import matplotlib", "entry.py:2: imports matplotlib"),
        ("fields", "def f():\n    from truecurve import plotting", "fields.py:2: imports plotting of floor 4"),
        ("novelty", "", "stands on no floor"),
        ("facts", "x = 1\n" * 401, "401 lines"),
    ],
)
def test_planted_fault_in_a_module(name: str, code: str, says: str) -> None:
    assert any(says in offence for offence in module_offences(name, code))


@pytest.mark.parametrize(
    "code",
    [
        "import torch",
        "from truecurve.authority import value",
        "from scipy import special",
        "import os",
        "from . import relu",
    ],
)
def test_planted_fault_in_a_numpy_file(code: str) -> None:
    assert entry_offences("relu.py", code)


def test_allowed_imports() -> None:
    code = "import math\nimport numpy as np\nfrom truecurve.entries.elementwise.gelu import gelu\n"
    assert not entry_offences("relu.py", code)
    assert not module_offences("figures", "from matplotlib.figure import Figure\nfrom truecurve import svg\n")
    assert not module_offences("entry", "class A:\n    def f(self):\n        from truecurve import plotting\n")


def test_every_late_import_is_still_there() -> None:
    for name, allowed in LATE.items():
        code = (PACKAGE / f"{name}.py").read_text(encoding="utf-8")
        late = set(imports(code)) - set(imports(code, late=False))
        assert {dotted for _, dotted in late} == {"truecurve", *(f"truecurve.{module}" for module in allowed)}


def test_planted_circle() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
