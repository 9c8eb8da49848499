"""The notebooks run: every one of a language is executed again in a kernel and must print and draw what it holds. Both
languages have the same code; nothing in them depends on this machine. The comparison rejects planted faults."""

import ast
import base64
import copy
import json
import os
import random
import re
import struct
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from jupyter_client import KernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

from conftest import ROOT
from truecurve import catalog, entry, execution, notebook, notebook_code, pages, recordings
from truecurve import site as generator
from truecurve.entry import Entry
from truecurve.problem import InvalidCatalog

ENTRIES = list(catalog())
SAMPLE = sorted(random.Random(4).sample([one.id for one in ENTRIES], 5))
NUMBER = re.compile(r"-?(?:\d+\.?\d*(?:e[-+]?\d+)?|\binf\b|\bnan\b)")
LARGEST = 50_000


@cache
def files(one: Entry) -> dict[str, bytes]:
    """As the build makes them, with the outputs that it keeps."""
    return generator._notebooks(one, catalog(), ROOT / ".cache" / "notebooks" / f"{one.id}.json")


def made(one: Entry, language: str) -> NotebookNode:
    return read(files(one), one, language)


def read(made: dict[str, bytes], one: Entry, language: str) -> NotebookNode:
    return nbformat.reads(made[f"notebooks/{language}/{one.id}.ipynb"].decode(), as_version=4)


def code_cells(book: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in book.cells if cell.cell_type == "code"]


def markdown(book: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")


# --- Running again ---------------------------------------------------------------------------------------------------


def png_size(output: NotebookNode) -> tuple[int, int]:
    data = base64.b64decode(output.data["image/png"])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", data[16:24])


def differences(shown: NotebookNode, again: NotebookNode) -> list[str]:
    """What a second run printed or drew otherwise: words are compared as words, numbers as numbers, figures by size."""
    found = []
    for number, (one, other) in enumerate(zip(code_cells(shown), code_cells(again), strict=True)):
        kinds = [[output.output_type for output in cell.outputs] for cell in (one, other)]
        if kinds[0] != kinds[1]:
            found.append(f"cell {number}: {kinds[0]} became {kinds[1]}")
            continue
        for left, right in zip(one.outputs, other.outputs, strict=True):
            if left.output_type == "stream":
                # PyTorch prints four decimals; the last one depends on the processor.
                slack = 1.01e-4 if "import torch" in one.source else 1e-9
                if left.name != right.name or not same_text(left.text, right.text, slack):
                    found.append(f"cell {number}: {left.text!r} became {right.name} {right.text!r}")
            elif png_size(left) != png_size(right) or left.data["text/plain"] != right.data["text/plain"]:
                found.append(f"cell {number}: a figure of {png_size(left)} became one of {png_size(right)}")
    return found


def same_text(one: str, other: str, slack: float) -> bool:
    words = [" ".join(NUMBER.sub(" ", text).split()) for text in (one, other)]
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (one, other)]
    return (
        words[0] == words[1]
        and len(numbers[0]) == len(numbers[1])
        and bool(np.allclose(*numbers, rtol=1e-4, atol=slack, equal_nan=True))
    )


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelManager]:
    """One Python kernel for all notebooks; each finds an empty namespace."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env={**os.environ, "IPYTHONDIR": str(tmp_path_factory.mktemp("ipython"))})
    yield manager
    manager.shutdown_kernel(now=True)


def run(book: NotebookNode, kernel: KernelManager, before: str = "", after: str = "") -> NotebookNode:
    """The notebook with the outputs of a run now."""
    again = copy.deepcopy(book)
    for cell in code_cells(again):
        cell.outputs = []
    around = [nbformat.v4.new_code_cell(code) for code in (f"%reset -f\n{before}", after or "pass")]
    again.cells = [around[0], *again.cells, around[1]]
    NotebookClient(again, km=kernel, timeout=60, coalesce_streams=True).execute()
    again.cells = again.cells[1:-1]
    return again


@pytest.mark.parametrize(
    ("language", "identifier"),
    [*(("en", one.id) for one in ENTRIES), *(("zh", identifier) for identifier in SAMPLE)],
)
def test_it_runs_and_prints_what_it_shows(language: str, identifier: str, kernel: KernelManager) -> None:
    book = made(entry(identifier), language)
    assert not differences(book, run(book, kernel))


@pytest.mark.parametrize("identifier", SAMPLE)
def test_it_runs_without_torch(identifier: str, kernel: KernelManager) -> None:
    book = made(entry(identifier), "zh")
    block = "import sys\nsys.kept = sys.modules.get('torch')\nsys.modules['torch'] = None"
    unblock = "import sys\nsys.modules.pop('torch')\nif sys.kept: sys.modules['torch'] = sys.kept"
    again = run(book, kernel, block, unblock)
    torch = code_cells(again)[-1]
    assert [output.text for output in torch.outputs] == [f"{notebook_code.MISSING}\n"]
    torch.outputs = code_cells(book)[-1].outputs
    assert not differences(book, again)


def spoil(change: Callable[[list[NotebookNode]], None]) -> list[str]:
    book = made(entry("gelu"), "en")
    spoiled = copy.deepcopy(book)
    change([cell for cell in code_cells(spoiled) if cell.outputs])
    return differences(book, spoiled)


def first_digit(cells: list[NotebookNode]) -> None:
    cells[0].outputs[0].text = cells[0].outputs[0].text.replace("0.84134475", "0.84434475")


def no_figure(cells: list[NotebookNode]) -> None:
    cells[1].outputs = []


def other_size(cells: list[NotebookNode]) -> None:
    data = bytearray(base64.b64decode(cells[1].outputs[0].data["image/png"]))
    data[19] += 1
    cells[1].outputs[0].data["image/png"] = base64.b64encode(data).decode()


def warning(cells: list[NotebookNode]) -> None:
    cells[2].outputs.append(nbformat.v4.new_output("stream", name="stderr", text="a warning"))


def other_gradient(cells: list[NotebookNode]) -> None:
    cells[-1].outputs[0].text = cells[-1].outputs[0].text.replace("1.0833", "1.0853")


def other_word(cells: list[NotebookNode]) -> None:
    cells[-1].outputs[0].text = cells[-1].outputs[0].text.replace("tensor", "array")


@pytest.mark.parametrize("change", [first_digit, no_figure, other_size, warning, other_gradient, other_word])
def test_a_planted_fault_is_seen(change: Callable[[list[NotebookNode]], None]) -> None:
    assert not spoil(lambda cells: None)
    assert len(spoil(change)) == 1


def test_a_failing_cell_is_seen(kernel: KernelManager) -> None:
    book = made(entry("relu"), "en")
    code_cells(book)[2].source = "assert relu(1.0) == 2"
    with pytest.raises(Exception, match="AssertionError"):
        run(book, kernel)


# --- What is in them -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.id)
def test_both_languages_are_valid_and_have_the_same_code(one: Entry) -> None:
    zh, en = (made(one, language) for language in pages.LANGUAGES)
    for book in (zh, en):
        nbformat.validate(book)
        assert (book.nbformat, book.nbformat_minor) == (4, 5)
        assert len({cell.id for cell in book.cells}) == len(book.cells)
    assert [cell.cell_type for cell in zh.cells] == [cell.cell_type for cell in en.cells]
    assert code_cells(zh) == code_cells(en)
    headings = [re.findall(r"^#+ ", markdown(book), re.MULTILINE) for book in (zh, en)]
    assert headings[0] == headings[1]
    # The same formulas, in any order of words.
    formulas = [sorted(set(re.findall(r"\$\$?(.+?)\$\$?", markdown(book), re.DOTALL))) for book in (zh, en)]
    assert formulas[0] == formulas[1]
    assert re.search("[\u3400-\u9fff]", markdown(zh))
    assert not re.search("[\u3400-\u9fff]", markdown(en) + "".join(cell.source for cell in code_cells(en)))


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.id)
def test_it_holds_all_that_it_should(one: Entry) -> None:
    book = made(one, "en")
    steps = notebook_code.cells(one)
    code = {cell.source: cell for cell in code_cells(book)}
    assert steps["source"].rstrip() in code
    for step in ("call", "check", "solution"):
        assert code[steps[step].rstrip()].outputs[0].output_type == "stream"
    (figure,) = code[steps["plot"].rstrip()].outputs
    assert len(base64.b64decode(figure.data["image/png"])) <= LARGEST
    text = markdown(book)
    assert text.startswith(f"# {one.name.short}")
    assert text.count("\n$$\n") >= 4, "definition and derivative"
    assert "CC BY 4.0" in text
    assert f"https://SITE/en/functions/{one.id}/" in text
    assert not re.search(r"\\\(|(?<!\\)\\\[|\]\((?!https://)", text), "Jupyter needs dollar signs and whole addresses"
    assert "import truecurve" not in "".join(code)


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.id)
def test_the_exercise_is_of_this_function_and_its_solution_folded(one: Entry) -> None:
    assert one.exercise, "write an exercise"
    others = [other.exercise for other in ENTRIES if other is not one and other.exercise]
    assert one.exercise.numpy not in [other.numpy for other in others]
    assert not {one.exercise.task.zh, one.exercise.task.en} & {text for o in others for text in (o.task.zh, o.task.en)}
    assert re.search(
        rf"\b{one.id}(_derivative|_second_derivative|_jacobian|_backward|_running_stats)?\(", one.exercise.numpy
    )
    book = made(one, "zh")
    folded = [cell for cell in code_cells(book) if cell.metadata]
    assert [cell.source for cell in folded] == [one.exercise.numpy.strip()]
    assert folded[0].metadata == {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
    assert "<details><summary>提示</summary>" in markdown(book)


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.id)
def test_nothing_in_it_depends_on_this_machine(one: Entry) -> None:
    for language in pages.LANGUAGES:
        text = json.dumps(made(one, language), ensure_ascii=False)
        text = re.sub(r'"image/png": "[^"]*"', "", text)
        assert not re.search(r"localhost|127\.0\.|file:|/home/|/root/|/tmp/|[A-Z]:\\\\|0x[0-9a-f]{6}", text)
        assert str(ROOT) not in text
        assert os.uname().nodename not in re.findall(r"[\w.-]+", text)
        assert set(re.findall(r"https?://([^/\s)]+)", text)) == {"SITE", "creativecommons.org"}


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.id)
def test_the_torch_cell_is_the_recorded_sample(one: Entry) -> None:
    """Taken out of the `try`, it is the sample of the page, statement for statement; so its output is the recorded."""
    code, sample = notebook_code.torch(one)
    (guarded,) = ast.parse(code).body
    assert isinstance(guarded, ast.Try)
    assert ast.unparse(guarded.handlers[0].type) == "ImportError"
    inside = ast.Module([*guarded.body, *guarded.orelse], [])
    assert ast.dump(inside) == ast.dump(ast.parse(sample))
    (output,) = code_cells(made(one, "en"))[-1].outputs
    assert output.text == recordings.torch_output(sample)


@pytest.mark.parametrize("one", [one for one in ENTRIES if getattr(one, "naive", [])], ids=lambda one: one.id)
def test_the_textbook_formula_fails_and_the_source_does_not(one: Entry) -> None:
    outputs = execution.execute(notebook_code.cells(one).values())
    steps = dict(zip(notebook_code.cells(one), outputs, strict=True))
    if "naive" not in steps:
        pytest.fail("naive: is stated, and nothing fails")
    rows = [line.split() for line in steps["naive"].printed.splitlines() if line.lstrip().startswith("float")]
    assert rows
    for _, _, textbook, source, exact in rows:
        assert not abs(float(textbook) - float(exact)) <= 1e-3 * abs(float(exact))
        assert abs(float(source) - float(exact)) <= 1e-4 * abs(float(exact))


# --- Making them -----------------------------------------------------------------------------------------------------


def test_a_second_run_leaves_the_same() -> None:
    for identifier in SAMPLE:
        cells = notebook_code.cells(entry(identifier))
        assert execution.execute(cells.values()) == execution.execute(cells.values())


def test_outputs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, one = tmp_path / "relu.json", entry("relu")
    before = generator._notebooks(one, catalog(), kept)
    executed = []

    def execute(cells):
        executed.extend(cells)
        return real(cells)

    real = execution.execute
    monkeypatch.setattr(execution, "execute", execute)
    assert generator._notebooks(one, catalog(), kept) == before
    assert not executed
    kept.write_text(kept.read_text(encoding="utf-8")[:-5], encoding="utf-8")
    assert generator._notebooks(one, catalog(), kept) == before
    assert executed
    executed.clear()
    monkeypatch.setattr(generator.metadata, "version", lambda name: "0")
    generator._notebooks(one, catalog(), kept)
    assert executed


def test_a_solution_that_fails_is_one_line_at_its_place(tmp_path: Path) -> None:
    relu = entry("relu")
    wrong = relu.model_copy(update={"exercise": relu.exercise.model_copy(update={"numpy": "print(relu(1))\n1 / 0"})})
    with pytest.raises(InvalidCatalog) as raised:
        generator._notebooks(wrong, catalog(), tmp_path / "relu.json")
    (problem,) = raised.value.problems
    assert problem.field == "exercise.numpy"
    assert "ZeroDivisionError" in problem.what
    assert not list(tmp_path.iterdir())


def test_without_exercise_recording_or_counterpart(tmp_path: Path) -> None:
    """What a new entry lacks is left out."""
    relu = entry("relu")
    plain = relu.model_copy(update={"exercise": None, "torch": relu.torch.model_copy(update={"functional": None})})
    bare = relu.model_copy(update={"exercise": None, "torch": type(relu.torch)()})
    for name, one in (("plain", plain), ("bare", bare)):
        book = read(generator._notebooks(one, catalog(), tmp_path / f"{name}.json"), one, "en")
        assert "Exercise" not in markdown(book)
        assert not [cell for cell in code_cells(book) if cell.metadata]
    assert "PyTorch 2" not in markdown(book)
    assert "import torch" not in "".join(cell.source for cell in book.cells)


def test_twins_get_ids_of_their_own() -> None:
    cells = [notebook._text("same"), notebook._text("same"), notebook._text("other")]
    book = json.loads(notebook._file(cells))
    assert len({cell["id"] for cell in book["cells"]}) == 3
    assert notebook._file([notebook._text("same")]) == notebook._file([notebook._text("same")])
