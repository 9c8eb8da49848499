"""What readers take away: every file is opened and parsed as its format says and compared with the function, its page
or its schema; the examples of the data page are run. Each checker rejects planted faults."""

import copy
import io
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import jsonschema
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

import truecurve
from conftest import ROOT
from svg_reader import Picture
from test_terms import misspaced, misused
from truecurve import cell_figures, formulas, proofs
from truecurve import site as generator
from truecurve.entry import Elementwise, Entry, Gated, Vector
from truecurve.expression import parse
from truecurve.layer import Layer
from truecurve.svg import COLOURS

CATALOG = truecurve.catalog()
LANGUAGES = ("zh", "en")
every = pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.id)


@pytest.fixture(scope="session")
def docs(site: Path) -> Path:
    return ROOT / "docs"


def settings(entry: Entry) -> dict:
    """PyTorch's defaults, and what Threshold, which has none, is drawn with."""
    return entry.defaults() | ({"threshold": 1.0, "value": 0.0} if entry.id == "threshold" else {})


def same(found: list[float], want: np.ndarray) -> bool:
    """To the last bit."""
    return np.array(found, np.float64).tobytes() == np.asarray(want, np.float64).tobytes()


# --- Tables of values ------------------------------------------------------------------------------------------------

HEADERS = {
    "elementwise": "x,f,df,d2f",
    "gated": "a,b,f,df_da,df_db",
    "vector": "temperature,index,logit,output",
    "layer": "panel,row,column,value",
}


def csv_faults(entry: Entry, data: bytes) -> list[str]:
    """What is wrong with a table, as sentences; [] if nothing."""
    text = data.decode("ascii")
    header, *lines = text.split("\n")
    if header != HEADERS[entry.kind] or lines[-1:] != [""] or "\r" in text:
        return [f"not lines below {HEADERS[entry.kind]}"]
    rows = [line.split(",") for line in lines[:-1]]
    names = header.split(",")
    if {len(row) for row in rows} != {len(names)}:
        return ["rows of another length than the header"]
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    faults = []
    for name, cells in columns.items():
        if name not in ("index", "panel", "row", "column") and (
            long := [cell for cell in cells if cell and cell != repr(float(cell))]
        ):
            faults.append(f"{name}: {long[0]} is not the shortest form")
        if name != "d2f" and "" in cells:
            faults.append(f"{name}: empty")
    compare = {Elementwise: scalar_faults, Gated: gated_faults, Vector: vector_faults, Layer: layer_faults}[type(entry)]
    return faults or compare(entry, columns)


def scalar_faults(entry: Elementwise, columns: dict[str, tuple[str, ...]]) -> list[str]:
    params, faults = settings(entry), []
    x = np.array([float(cell) for cell in columns["x"]])
    kinks = [float(kink.at.mp(params)) for kink in entry.kinks]
    if x.tolist() != sorted({*(k / 32 for k in range(-8 * 32, 8 * 32 + 1)), *kinks}):
        faults.append("x: not the grid and the kinks")
    for name, function in (("f", entry.forward), ("df", entry.derivative)):
        if not same([float(cell) for cell in columns[name]], function(x, **params)):
            faults.append(f"{name}: not what NumPy computes")
    want = entry.second_derivative(x, **params)
    for at, cell, second in zip(x.tolist(), columns["d2f"], want.tolist(), strict=True):
        sides = np.array([at - 1e-9, at + 1e-9])
        limits = [function(sides, **params) for function in (entry.derivative, entry.second_derivative)]
        if (cell == "") != (max(abs(right - left) for left, right in limits) > 1e-3):
            faults.append(f"d2f: {cell or 'empty'} at {at}")
        elif cell and not same([float(cell)], np.array([second])):
            faults.append(f"d2f: not what NumPy computes at {at}")
    return faults


def gated_faults(entry: Gated, columns: dict[str, tuple[str, ...]]) -> list[str]:
    numbers = {name: np.array([float(cell) for cell in cells]) for name, cells in columns.items()}
    axis = [k / 4 for k in range(-16, 17)]
    x = np.stack([numbers["a"], numbers["b"]], axis=-1)
    faults = []
    if x.tolist() != [[a, b] for a in axis for b in axis]:
        faults.append("a, b: not every pair")
    of_a, of_b = entry.derivative(x, dim=-1)
    for name, want in (("f", entry.forward(x, dim=-1)), ("df_da", of_a), ("df_db", of_b)):
        if not same(numbers[name].tolist(), want[:, 0]):
            faults.append(f"{name}: not what NumPy computes")
    return faults


def vector_faults(entry: Vector, columns: dict[str, tuple[str, ...]]) -> list[str]:
    logits, want = entry.plot.logits, []
    for temperature in entry.plot.temperatures:
        outputs = entry.at(np.array(logits) / temperature)[0].tolist()
        longer = logits * (len(outputs) // len(logits))
        want += [(temperature, i, *pair) for i, pair in enumerate(zip(longer, outputs, strict=True))]
    found = [tuple(map(float, row)) for row in zip(*columns.values(), strict=True)]
    return [] if found == want else ["not what NumPy computes"]


def layer_faults(entry: Layer, columns: dict[str, tuple[str, ...]]) -> list[str]:
    """The numbers in the cells of the first picture with numbers, as its code makes them."""
    several: list[list[tuple[float, ...]]] = []
    for picture in entry.plot.pictures:
        several.append([])
        for panel, grid in enumerate(cell_figures.grids(entry, picture)):
            for (row, column), value in np.ndenumerate(np.atleast_2d(np.asarray(grid.values))):
                if isinstance(value, (int, float, np.number)) and np.isfinite(value):
                    several[-1].append((panel, row, column, float(value)))
    want = next(numbers for numbers in several if numbers)
    found = [tuple(map(float, row)) for row in zip(*columns.values(), strict=True)]
    return [] if found == want else ["not what the picture shows"]


@every
def test_a_table_holds_the_function(entry: Entry, docs: Path) -> None:
    assert csv_faults(entry, (docs / "data" / f"{entry.id}.csv").read_bytes()) == []


def nudged(text: str, start: str, column: int) -> str:
    """The number in this column of the row that begins so, moved to the next float64."""
    lines = text.split("\n")
    index = next(i for i, line in enumerate(lines) if line.startswith(start))
    cells = lines[index].split(",")
    cells[column] = repr(float(np.nextafter(float(cells[column]), 99)))
    lines[index] = ",".join(cells)
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("identifier", "change", "says"),
    [
        ("elu", lambda text: text.replace("x,f,df,d2f", "x,f,df"), "not lines below"),
        ("elu", lambda text: text.replace("\n", "\r\n"), "not lines below"),
        ("elu", lambda text: text.removesuffix("\n"), "not lines below"),
        ("elu", lambda text: text.replace("-8.0,", "-8,"), "not the shortest form"),
        ("elu", lambda text: text.replace("-8.0,", "-8.00,"), "not the shortest form"),
        ("elu", lambda text: text.replace("-8.0,", "-8.0,,"), "another length"),
        ("elu", lambda text: nudged(text, "-8.0,", 1), "f: not what"),
        ("elu", lambda text: nudged(text, "-8.0,", 2), "df: not what"),
        ("elu", lambda text: nudged(text, "-8.0,", 3), "d2f: not what"),
        ("elu", lambda text: text.replace("\n0.0,0.0,1.0,\n", "\n0.0,0.0,1.0,1.0\n"), "d2f: 1.0 at 0.0"),
        ("elu", lambda text: text.replace("\n0.0,0.0,1.0,\n", "\n0.0,0.0,,\n"), "df: empty"),
        ("elu", lambda text: text.replace("\n8.0,8.0,1.0,0.0\n", "\n8.0,8.0,1.0,\n"), "d2f: empty at 8.0"),
        ("threshold", lambda text: text.replace("\n1.0,0.0,0.0,\n", "\n"), "x: not the grid"),
        ("glu", lambda text: text.replace("\n4.0,", "\n5.0,"), "every pair"),
        ("glu", lambda text: nudged(text, "-4.0,-4.0,", 3), "df_da: not what"),
        ("softmax", lambda text: nudged(text, "0.5,0,", 3), "not what"),
    ],
)
def test_a_wrong_table_is_rejected(identifier: str, change, says: str, docs: Path) -> None:
    text = (docs / "data" / f"{identifier}.csv").read_text(encoding="ascii")
    faults = csv_faults(truecurve.entry(identifier), change(text).encode())
    assert any(says in fault for fault in faults), faults


# --- Images ----------------------------------------------------------------------------------------------------------


def png_faults(small: bytes, large: bytes, ink: str = "f") -> list[str]:
    """Of the two sizes of one picture, in which something has this colour."""
    faults, pixels = [], []
    for data, size in ((small, (800, 500)), (large, (1600, 1000))):
        image = Image.open(io.BytesIO(data))
        image.load()
        if (image.format, image.size) != ("PNG", size):
            faults.append(f"{image.format} of {image.size}")
        if len(data) >= 60_000:
            faults.append(f"{len(data)} bytes")
        shown = image.convert("RGB").resize(size)
        if any(shown.getpixel(at) != (255, 255, 255) for at in ((0, 0), (size[0] - 1, 0), (0, size[1] - 1))):
            faults.append("not on white")
        if tuple(bytes.fromhex(COLOURS["light"][ink][1:])) not in {
            colour for _, colour in shown.getcolors(size[0] * 999)
        }:
            faults.append(f"no pixel of the colour of {ink}")
        if {"date", "Creation Time", "tIME"} & set(image.info):
            faults.append("dated")
        pixels.append(np.asarray(shown.resize((80, 50), Image.Resampling.BOX), dtype=float))
    away = np.abs(pixels[0] - pixels[1]).max(axis=-1)
    # Lines are snapped to pixels: each size is a little off, never by as much as a pixel of these 80 × 50.
    if away.mean() > 1.2 or away.max() > 30:
        faults.append(f"not the same picture: {away.mean():.2f} on average, {away.max():.0f} at most")
    return faults


@every
def test_pngs_are_one_picture_in_two_sizes(entry: Entry, docs: Path) -> None:
    small, large = ((docs / "figures" / f"{entry.id}-{width}.png").read_bytes() for width in (800, 1600))
    assert png_faults(small, large, "ink" if isinstance(entry, Layer) else "f") == []


def drawn(image: Image.Image, **how: object) -> bytes:
    target = io.BytesIO()
    image.save(target, **{"format": "PNG", **how})
    return target.getvalue()


def test_wrong_pngs_are_rejected(docs: Path) -> None:
    small, large = ((docs / "figures" / f"gelu-{width}.png").read_bytes() for width in (800, 1600))
    image = Image.open(io.BytesIO(large)).convert("RGB")
    moved = Image.new("RGB", image.size, "white")
    moved.paste(image, (12, 0))
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (1000, 1600, 3), np.uint8))
    for wrong, says in (
        (drawn(image.resize((1600, 999))), "PNG of"),
        (drawn(image, format="BMP"), "BMP of"),
        (drawn(moved), "not the same picture"),
        (drawn(noise), "bytes"),
        (drawn(image.point(lambda value: 255 - value)), "not on white"),
        (drawn(image.convert("L")), "colour of f"),
        ((docs / "figures" / "relu-1600.png").read_bytes(), "not the same picture"),
    ):
        assert any(says in fault for fault in png_faults(small, wrong)), says


def pdf_faults(data: bytes, texts: list[str]) -> list[str]:
    """`texts` are the words and numbers in the picture."""
    reader = PdfReader(io.BytesIO(data))
    faults = [] if len(reader.pages) == 1 else [f"{len(reader.pages)} pages"]
    page = reader.pages[0]
    if [float(side) for side in page.mediabox] != [0, 0, 800, 500]:
        faults.append(f"a page of {page.mediabox}")
    for font in page["/Resources"]["/Font"].values():
        font = font.get_object()
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        descriptor = inner.get("/FontDescriptor", {}).get_object() if "/FontDescriptor" in inner else {}
        if "/FontFile2" not in descriptor:
            faults.append(f"{font['/Subtype']} {font.get('/BaseFont')} is not embedded as TrueType")
    if any(word in data for word in (b"/CreationDate", b"/ModDate", b"/Producer", b"/Creator")):
        faults.append("says when or with what it was made")
    shown = page.extract_text().split()
    faults += [f"no text {word!r}" for text in texts for word in text.split() if word not in shown]
    return faults


@every
def test_pdf_shows_what_the_svg_shows(entry: Entry, docs: Path) -> None:
    texts = Picture((docs / "figures" / f"{entry.id}.svg").read_text(encoding="utf-8")).texts
    assert texts
    assert "f′" in texts or not isinstance(entry, Elementwise)
    assert pdf_faults((docs / "figures" / f"{entry.id}.pdf").read_bytes(), texts) == []


def test_wrong_pdfs_are_rejected(docs: Path) -> None:
    good = (docs / "figures" / "gelu.pdf").read_bytes()
    assert pdf_faults(good, ["f″"]) == ["no text 'f″'"]
    figure, plain = Figure(figsize=(8, 5)), io.BytesIO()
    figure.text(0.5, 0.5, "f′")
    figure.savefig(plain, format="pdf")
    faults = pdf_faults(plain.getvalue(), [])
    assert any("a page of" in fault for fault in faults)
    assert any("/Type3" in fault for fault in faults)
    assert any("when or with what" in fault for fault in faults)


# --- Formulas --------------------------------------------------------------------------------------------------------

COMMANDS = re.compile(
    r"alpha|beta|lambda|sigma|Phi|varphi|pi|delta|partial|infty|exp|ln|max|min|sinh|cosh|tanh|sum|sqrt|frac|left|right"
    r"|begin|end|cdot|le|ge|ne|wedge|quad|qquad|mathrm|mathbf|top|[bB]ig[lr]?|operatorname|tfrac|text"
    r"|gamma|mu|varepsilon|epsilon|theta|ell|dots|ldots|cdots|hat|tilde|bar|overline|prod|in|mathcal|odot|times|star|ast"
    r"|lfloor|rfloor|lceil|rceil|log|det|to|mapsto|sim|equiv|bmod|circ|mid|lVert|rVert|lvert|rvert|otimes|dfrac|Delta"
)
"""Of LaTeX itself, and the last three of amsmath."""
BLOCK = re.compile(r"^\\\[\n  (.+)\n\\\]$", re.MULTILINE)


def tex_faults(text: str, page: str) -> list[str]:
    """`page` is the Markdown of the page of the function."""
    shown, found = re.findall(r"^\\\[ (.+) \\\]$", page, re.MULTILINE), BLOCK.findall(text)
    head, rest = re.match(r"((?:% .+\n)*)", text)[1], BLOCK.sub("", text)
    faults = [f"{formula} is not on the page" for formula in found if formula not in shown]
    for wanted in ("definition", "forms", "derivative"):
        section = re.search(rf"{{ #{wanted} }}\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
        of_page = re.findall(r"^\\\[ (.+) \\\]$", section[1], re.MULTILINE) if section else []
        faults += [f"{formula} is missing" for formula in of_page if formula not in found]
    if not all(word in head for word in ("Truecurve", "en/functions/", "zh/functions/", "CC-BY-4.0", "amsmath")):
        faults.append("does not say whence it is")
    if "".join(line for line in rest.splitlines() if not line.startswith("% ")):
        faults.append("something besides formulas and comments")
    faults += [f"{formula} has a character that LaTeX may not know" for formula in found if not formula.isascii()]
    for formula in found:
        try:
            formulas.html(formula, display=True)
        except formulas.FormulaError as error:
            faults.append(str(error))
        commands = {name for name in re.findall(r"\\([A-Za-z]+)", formula) if not COMMANDS.fullmatch(name)}
        environments = set(re.findall(r"\\(?:begin|end)\{(.*?)\}", formula)) - {
            "cases",
            "aligned",
            "pmatrix",
            "bmatrix",
        }
        faults += [f"\\{name} is not of amsmath" for name in commands | environments]
    return faults


@every
def test_tex_holds_the_formulas_of_the_page(entry: Entry, docs: Path) -> None:
    text, page = (docs / name for name in (f"formulas/{entry.id}.tex", f"en/functions/{entry.id}.md"))
    assert tex_faults(text.read_text(encoding="utf-8"), page.read_text(encoding="utf-8")) == []
    assert len(BLOCK.findall(text.read_text(encoding="utf-8"))) >= 2 + len(getattr(entry, "forms", []))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (r"\alpha \, e^{x}", r"\beta \, e^{x}", "is not on the page"),
        (r"\operatorname{ELU}(x) = \max", r"\operatorname{ELU}(x) = \mathbb{R} \max", r"\mathbb is not of amsmath"),
        (r"\begin{cases}", r"\begin{align}", "KaTeX rejects"),
        (r"\end{cases}", "", "KaTeX rejects"),
        ("% Licence: CC-BY-4.0", "% Licence: none", "whence"),
        ("% Definition", "Definition", "something besides"),
        ("ELU}(x) =", "ELÜ}(x) =", "LaTeX may not know"),
        ("\\[\n  \\operatorname{ELU}'(x)", "\\[ \\operatorname{ELU}'(x)", "is missing"),
    ],
)
def test_wrong_tex_is_rejected(old: str, new: str, says: str, docs: Path) -> None:
    text = (docs / "formulas" / "elu.tex").read_text(encoding="utf-8")
    page = (docs / "en" / "functions" / "elu.md").read_text(encoding="utf-8")
    assert old in text
    faults = tex_faults(text.replace(old, new), page)
    assert any(says in fault for fault in faults), faults


# --- JSON ------------------------------------------------------------------------------------------------------------


def strict(data: bytes) -> object:
    """As a parser reads it that knows no NaN and no key twice."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key twice")
        return dict(pairs)

    return json.loads(data, parse_constant=refuse, object_pairs_hook=once)


def schema_faults(data: object, schema: dict) -> list[str]:
    validator = jsonschema.Draft202012Validator
    validator.check_schema(schema)
    return [f"{error.json_path}: {error.message[:200]}" for error in validator(schema).iter_errors(data)]


@pytest.fixture(scope="session")
def schemas(docs: Path) -> dict[str, dict]:
    return {name: strict((docs / "api/v1" / f"{name}.schema.json").read_bytes()) for name in ("catalog", "entry")}


@pytest.fixture(scope="session")
def published(docs: Path) -> dict[str, dict]:
    return {entry.id: strict((docs / f"api/v1/entries/{entry.id}.json").read_bytes()) for entry in CATALOG}


def number(value: object) -> float | None:
    return None if value is None else float(value)


def numbers(values: list) -> list:
    return [numbers(value) if isinstance(value, list) else number(value) for value in values]


def test_the_catalogue(docs: Path, schemas: dict, published: dict) -> None:
    listed = strict((docs / "api/v1/catalog.json").read_bytes())
    assert schema_faults(listed, schemas["catalog"]) == []
    assert [one["id"] for one in listed] == [entry.id for entry in CATALOG]
    for one in listed:
        entry, whole = truecurve.entry(one["id"]), published[one["id"]]
        assert one == {key: whole[key] for key in one}
        assert (one["kind"], one["family"]) == (entry.kind, entry.family)
        assert one["name"] == {"short": entry.name.short, "zh": entry.name.zh, "en": entry.name.en}
        assert one["torch"] == entry.torch.model_dump()


@every
def test_addresses_lead_to_files(entry: Entry, docs: Path, published: dict) -> None:
    urls = published[entry.id]["urls"]
    assert len(set(urls.values())) == len(urls)
    for key, url in urls.items():
        path = docs / (url.rstrip("/") + ".md" if key in LANGUAGES else url)
        assert path.is_file() or (path / "index.html").is_file(), url
    assert (docs / "api/v1/entries" / published[entry.id]["$schema"]).resolve() == docs / "api/v1/entry.schema.json"


@every
def test_an_entry_file_says_what_the_entry_says(entry: Entry, published: dict, schemas: dict) -> None:
    data, params = published[entry.id], settings(entry)
    assert schema_faults(data, schemas["entry"]) == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert data["release"]["version"] == project["version"]
    assert data["release"]["torch"] == "2.13.0"
    assert [one["name"] for one in data["parameters"]] == list(entry.parameters)
    for one, parameter in zip(data["parameters"], entry.parameters.values(), strict=True):
        assert one["type"] == parameter.type
        default = parameter.default if isinstance(entry, Layer) else parameter.value
        assert one["default"] == default
        assert type(one["default"]) is type(default)
        assert one["choices"] == parameter.choices
    assert [form["id"] for form in data["forms"]] == [form.id for form in getattr(entry, "forms", [])]
    assert [one["id"] for one in data["related"]] == [one.id for one in entry.related]
    works = [work if isinstance(work, str) else work.id for work in entry.references]
    assert [work["id"] for work in data["references"]] == works
    for language in LANGUAGES:
        assert not re.search(r"\\|\[\[|\{\{|\*\*|\]\(", data["summary"][language])
    if isinstance(entry, Elementwise):
        assert data["evaluated_at"] == params
        for order, name in enumerate(("definition", "derivative", "second_derivative")):
            stated = {choice: formula.root for choice, formula in entry.stated(order).items()}
            given = data[name] if isinstance(data[name], dict) else {"": data[name]}
            assert {choice: parse(text, {"x", *entry.parameters}).root for choice, text in given.items()} == stated
        x = np.array(data["samples"]["x"])
        assert same(data["samples"]["f"], entry.forward(x, **params))
        assert same(data["samples"]["df"], entry.derivative(x, **params))
        second = entry.second_derivative(x, **params).tolist()
        kinks = [number(kink["at"]) for kink in data["kinks"]]
        assert kinks == [float(kink.at.mp(params)) for kink in entry.kinks]
        for at, found, want in zip(x.tolist(), data["samples"]["d2f"], second, strict=True):
            assert found == want or (found is None and at in kinks)
        values = entry.forward(np.linspace(-30, 30, 60_001), **params)
        pieces = [(number(piece["low"]), number(piece["high"])) for piece in data["range"]]
        inside = [(values >= low - 1e-12) & (values <= high + 1e-12) for low, high in pieces]
        assert np.any(inside, axis=0).all()
        assert {claim["key"] for claim in data["claims"]} >= {"range", "monotonic", "smooth", "max_slope", "limit_left"}
        assert all(
            sum(one["key"] == key and one["applies"] for one in data["claims"]) == 1 for key in ("smooth", "range")
        )
        slopes = np.abs(entry.derivative(np.linspace(-30, 30, 60_001), **params))
        (steepest,) = [claim["number"] for claim in data["claims"] if claim["key"] == "max_slope"]
        assert slopes.max() == pytest.approx(steepest, abs=2e-3)  # which may only be approached
    elif isinstance(entry, Gated):
        assert parse(data["definition"], {"a", "b"}).root == entry.definition.root
        assert set(data["derivative"]) == set(data["latex"]["derivative"]) == {"a", "b"}
        pairs = np.stack([data["samples"]["a"], data["samples"]["b"]], axis=-1)
        assert same(data["samples"]["f"], entry.forward(pairs)[:, 0])
        assert len(pairs) == len({tuple(pair) for pair in pairs.tolist()}) == 25
    elif isinstance(entry, Layer):
        assert [(one["name"], one["shape"]) for one in data["arrays"]] == [
            (n, a.shape) for n, a in entry.arrays.items()
        ]
        assert data["latex"]["definition"] == entry.latex
        assert (data["latex"]["derivative"] or {}) == entry.gradients
        samples = data["samples"]
        assert set(samples["gradients"]) == set(entry.gradients)
        for name, gradient in samples["gradients"].items():
            assert gradient["shape"] == samples["arrays"][name]["shape"]
        scope = {"np": np, **CATALOG.numpy(), **proofs.example(entry)}
        for name, one in samples["arrays"].items():
            scope[name] = np.reshape(numbers(one["values"]), one["shape"]).astype(np.asarray(scope[name]).dtype)
        got = eval(samples["call"], scope)
        for one, output in zip(got if isinstance(got, tuple) else (got,), samples["outputs"], strict=True):
            assert np.shape(one) == tuple(output["shape"])
            assert np.allclose(np.ravel(one), numbers(output["values"]), rtol=1e-12, atol=1e-12, equal_nan=True)
    else:
        assert data["definition"] is None
        assert data["latex"]["derivative"] == entry.jacobian_latex
        outputs, jacobian = entry.at(np.array(data["samples"]["x"]))
        assert same(data["samples"]["f"], outputs)
        assert numbers(data["samples"]["jacobian"]) == jacobian.tolist()


def planted(change: str, data: dict) -> dict:
    """The data with one thing changed by a line of Python."""
    wrong = copy.deepcopy(data)
    exec(change, {"data": wrong})
    return wrong


@pytest.mark.parametrize(
    "change",
    [
        "del data['id']",
        "del data['$schema']",
        "del data['release']['licence']",
        "data['kind'] = 'layers'",
        "data['family'] = None",
        "data['name'] = 'ELU'",
        "data['urls'].pop('csv')",
        "data['samples']['f'][0] = 'infinite'",
        "data['samples']['f'][0] = None",
        "data['samples'] = {'x': [], 'f': []}",
        "data['claims'][0]['applies'] = 'yes'",
        "data['range'][0]['low'] = '-infinity'",
        "data['definition'] = ['x']",
        "data['parameters'] = {}",
        "data['references'][0]['year'] = 'soon'",
    ],
)
def test_the_schema_rejects(change: str, published: dict, schemas: dict) -> None:
    assert schema_faults(planted(change, published["elu"]), schemas["entry"])
    assert schema_faults(planted("data['samples']['f'][0] = 'inf'", published["elu"]), schemas["entry"]) == []


@pytest.mark.parametrize("change", ["data[0].pop('urls')", "data[0]['kind'] = 'x'", "data.append('elu')"])
def test_the_schema_of_the_catalogue_rejects(change: str, docs: Path, schemas: dict) -> None:
    listed = strict((docs / "api/v1/catalog.json").read_bytes())
    assert schema_faults(planted(change, listed), schemas["catalog"])


@pytest.mark.parametrize("data", [b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": 1, "a": 1}', b"{'a': 1}", b'{"a": 1,}'])
def test_what_is_not_json_is_rejected(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"not JSON|twice|Expecting|Illegal"):
        strict(data)


# --- llms.txt --------------------------------------------------------------------------------------------------------


def llms_faults(text: str, docs: Path) -> list[str]:
    """As llmstxt.org has it: a title, a summary, sections of links with a line on each."""
    faults, sections = [], re.split(r"^## .+$", text, flags=re.MULTILINE)
    if not re.match(r"# \S.*\n\n(> \S.*\n)+\n?\Z", sections[0]):
        faults.append("no title and summary first")
    links = []
    for section in sections[1:]:
        for line in filter(None, section.split("\n")):
            if line.startswith("- "):
                link = re.fullmatch(r"- \[([^\[\]]+)\]\(([^()\s]+)\): \S.*", line)
                links += [link[2]] if link else []
                faults += [] if link else [f"not a link and what it leads to: {line}"]
        faults += [] if re.search(r"^- ", section, re.MULTILINE) else ["a section without links"]
    for link in links:
        page = docs / link.rstrip("/")
        if not any(path.is_file() for path in (docs / link, page.with_name(page.name + ".md"), page / "index.md")):
            faults.append(f"{link} leads nowhere")
    wanted = {f"{language}/functions/{entry.id}/" for language in LANGUAGES for entry in CATALOG}
    wanted |= {f"{language}/{guide.page.removesuffix('.md')}/" for language in LANGUAGES for guide in CATALOG.guides}
    faults += [f"{link} is missing" for link in sorted((wanted | {"api/v1/catalog.json"}) - set(links))]
    return faults


def test_llms_txt_leads_everywhere(docs: Path) -> None:
    assert llms_faults((docs / "llms.txt").read_text(encoding="utf-8"), docs) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("# Truecurve\n", "", "no title"),
        ("> ", "", "no title and summary"),
        ("(en/functions/elu/)", "(en/functions/elo/)", "en/functions/elo/ leads nowhere"),
        ("(en/functions/elu/)", "(en/functions/elo/)", "en/functions/elu/ is missing"),
        ("(api/v1/catalog.json): ", "(api/v1/catalog.json)", "not a link and what it leads to"),
        ("\n## ", "\n## Empty\n\n## ", "a section without links"),
    ],
)
def test_wrong_llms_txt_is_rejected(old: str, new: str, says: str, docs: Path) -> None:
    text = (docs / "llms.txt").read_text(encoding="utf-8")
    assert old in text
    assert any(says in fault for fault in llms_faults(text.replace(old, new), docs))


# --- The page --------------------------------------------------------------------------------------------------------


def paths(data: object, path: str = "") -> Iterator[str]:
    """parameters[].name and the like: every field of a file, but for objects whose keys are data."""
    if isinstance(data, list):
        for one in data:
            yield from paths(one, path + "[]")
    elif isinstance(data, dict):
        for key, value in data.items():
            yield (here := f"{path}.{key}".lstrip("."))
            if here not in OPEN:
                yield from paths(value, here)


OPEN = {"samples.arrays", "samples.gradients", "evaluated_at", "related[].given", "related[].theirs"}
OPEN |= {f"{prefix}{name}" for prefix in ("", "latex.") for name in ("definition", "derivative", "second_derivative")}


def documented(page: str) -> tuple[set[str], set[str]]:
    """The fields of the JSON files and the keys of claims that the Markdown of the data page explains."""
    fields = re.findall(r'<tr><th scope="row"><code>([^<]*)</code></th><td><code>[^<]+</code></td><td>[^<]+</td>', page)
    keys = re.search(r"\{ #keys \}\n(.*?)^###", page, re.MULTILINE | re.DOTALL)[1]
    return set(fields), set(re.findall(r'<tr><th scope="row"><code>(\w+)</code></th><td>.+</td>', keys))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_and_key_is_documented(language: str, docs: Path, published: dict) -> None:
    page = (docs / language / "data.md").read_text(encoding="utf-8")
    fields = {path for data in published.values() for path in paths(data)}
    keys = {claim["key"] for data in published.values() for claim in data["claims"]}
    assert documented(page) == (fields, keys)
    for code in ("release.licence", "max_slope"):
        assert documented(re.sub(rf"<tr>.*<code>{code}</code>.*</tr>\n", "", page)) != (fields, keys)
        assert documented(page.replace(f"<code>{code}<", "<code>other<")) != (fields, keys)


def meanings(schema: object) -> Iterator[tuple[str, str]]:
    """English and Chinese of every field of a schema."""
    if isinstance(schema, dict):
        for name, field in schema.get("properties", {}).items():
            yield f"{name}: {field['description']}", field["x-description-zh"]
        for part in schema.values():
            yield from meanings(part)


def test_meanings_keep_to_the_terms(schemas: dict) -> None:
    english, chinese = zip(*meanings(schemas["entry"]), strict=True)
    assert len(english) > 60
    assert misused([("schema", text) for text in english], "en") == []
    zh = [("schema", text) for text in chinese]
    assert misused(zh, "zh") == misspaced(zh) == []
    assert not [text for _, text in zh if not re.search("[\u3400-\u9fff]", text)]
    assert not [text for text in english if re.search("[\u3400-\u9fff]", text)]


def example(docs: Path, name: str, language: str = "en") -> tuple[str, str]:
    """Code and shown output of an example of the page."""
    page = (docs / language / "data.md").read_text(encoding="utf-8")
    block = re.search(rf'id="example-{name}".*?```\w+\n(.*?)\n```.*?```text\n(.*?)\n```', page, re.DOTALL)
    assert "https://SITE/" in block[1]
    return block[1], block[2] + "\n"


def curl(code: str) -> str:
    if not shutil.which("curl"):  # the same by other means
        address, lines = re.search(r"(http\S+) \| head -n (\d+)", code).groups()
        return "".join(urlopen(address).read().decode().splitlines(keepends=True)[: int(lines)])
    return subprocess.run(code, shell=True, capture_output=True, text=True, check=True).stdout


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("run", [curl, python], ids=lambda run: run.__name__)
def test_an_example_prints_what_the_page_says(run, docs: Path, address: str) -> None:
    code, shown = example(docs, run.__name__)
    assert run(code.replace("https://SITE/", address)) == shown


def test_the_javascript_example_prints_what_the_page_says(chromium: str, docs: Path, address: str) -> None:
    code, shown = example(docs, "javascript")
    said = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{address}en/data/")
        page.on("console", lambda message: said.append(message.text))
        page.evaluate(f"async () => {{ {code.replace('https://SITE/', address)} }}")
        browser.close()
    assert "\n".join(said) + "\n" == shown


def test_the_examples_are_the_same_in_both_languages(docs: Path) -> None:
    for name in ("curl", "python", "javascript"):
        assert example(docs, name, "zh") == example(docs, name, "en")


def test_an_example_that_prints_something_else_is_seen(docs: Path, address: str) -> None:
    code, shown = example(docs, "python")
    assert python(code.replace("https://SITE/", address).replace("argmin", "argmax")) != shown
    code, shown = example(docs, "curl")
    assert curl(code.replace("https://SITE/", address).replace("gelu", "elu")) != shown


def test_the_address_to_be_replaced_stands_unbroken_in_the_page(site: Path) -> None:
    for language in LANGUAGES:
        html = (site / language / "data" / "index.html").read_text(encoding="utf-8")
        assert html.count("https://SITE/") == 4


# --- The build -------------------------------------------------------------------------------------------------------


def test_a_second_build_writes_nothing(docs: Path) -> None:
    report = generator.write(ROOT, check=True)
    assert not report.written
    assert not report.removed
