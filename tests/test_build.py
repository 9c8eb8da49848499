"""Building: what is written, what is left alone, what a second run does, and that bad input changes nothing."""

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jinja2
import pytest

from truecurve import catalog, entry, figures, guide, loader
from truecurve import site as generator
from truecurve.catalog import Catalog
from truecurve.problem import InvalidCatalog

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "src" / "truecurve" / "templates"


@pytest.fixture
def built(site: Path, tmp_path: Path) -> Path:
    """A folder with a copy of docs/, as the build of the site left it, and of what is kept between runs."""
    for folder in ("docs", ".cache"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_run_writes_nothing(built: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.rglob("*")}
    report = generator.write(built)
    assert not report.written
    assert not report.removed
    assert report.unchanged > 100
    assert {path: path.stat().st_mtime_ns for path in built.rglob("*")} == before


def test_every_entry_has_its_files(built: Path) -> None:
    for one in catalog():
        for path in (f"zh/functions/{one.id}.md", f"en/functions/{one.id}.md", f"figures/{one.id}.png"):
            assert (built / "docs" / path).is_file()
        for ending in generator.ENDINGS.values():
            assert (built / "docs" / "figures" / f"{one.id}{ending}").is_file()


# --- Files, on a small scale -----------------------------------------------------------------------------------------

FILES = {"a.md": b"a", "en/b.md": b"b", "en/deep/c.md": b"c"}


def place(docs: Path, files: dict[str, bytes], check: bool = False, partial: bool = False) -> generator.Report:
    return generator._place(docs, files, check, partial)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    assert place(docs, FILES) == generator.Report([Path(path) for path in FILES], [], 0)
    return docs


def test_what_changed_is_mended_and_the_rest_left(docs: Path) -> None:
    (docs / "a.md").write_text("edited", encoding="utf-8")
    (docs / "en" / "b.md").unlink()
    before = (docs / "en" / "deep" / "c.md").stat().st_mtime_ns
    assert place(docs, FILES) == generator.Report([Path("a.md"), Path("en/b.md")], [], 1)
    assert (docs / "en" / "deep" / "c.md").stat().st_mtime_ns == before
    assert place(docs, FILES) == generator.Report([], [], 3)


def test_check_says_so_and_writes_nothing(docs: Path) -> None:
    (docs / "a.md").unlink()
    before = tree(docs)
    report = place(docs, {"a.md": b"a", "en/b.md": b"other", "new.md": b"new"}, check=True)
    assert report == generator.Report([Path("a.md"), Path("en/b.md"), Path("new.md")], [Path("en/deep/c.md")], 0)
    assert tree(docs) == before


def test_leftovers_are_removed_with_their_folders(docs: Path) -> None:
    assert place(docs, {"a.md": b"a"}).removed == [Path("en/b.md"), Path("en/deep/c.md")]
    assert {path.name for path in docs.iterdir()} == {"a.md", generator.MANIFEST}
    assert place(docs, {"a.md": b"a"}) == generator.Report([], [], 1)


def test_a_part_removes_nothing_and_is_remembered(docs: Path) -> None:
    assert place(docs, {"d.md": b"d"}, partial=True) == generator.Report([Path("d.md")], [], 0)
    assert place(docs, FILES).removed == [Path("d.md")]


def test_files_that_the_build_did_not_write_stay(docs: Path) -> None:
    outside = docs.parent / "outside.md"
    mine = {docs / "notes.md": "mine", docs / "en" / "b.md": "changed by me", outside: "not below docs"}
    for path, text in mine.items():
        path.write_text(text, encoding="utf-8")
    manifest = docs / generator.MANIFEST
    noted = json.loads(manifest.read_text(encoding="utf-8"))
    digest = generator._digest(outside)
    noted |= {"../outside.md": digest, str(outside): digest}
    manifest.write_text(json.dumps(noted), encoding="utf-8")
    assert place(docs, {"a.md": b"a"}).removed == [Path("en/deep/c.md")]
    assert all(path.read_text(encoding="utf-8") == text for path, text in mine.items())


@pytest.mark.parametrize("damage", ["", "{", "[1, 2]", '{"a.md": 3}', "\x00"])
def test_a_damaged_manifest_costs_nothing(docs: Path, damage: str) -> None:
    (docs / generator.MANIFEST).write_text(damage, encoding="utf-8")
    assert place(docs, FILES) == generator.Report([], [], 3)
    assert place(docs, {}).removed == [Path(path) for path in FILES]


# --- One entry -------------------------------------------------------------------------------------------------------


def test_only_writes_the_files_of_one_entry(built: Path) -> None:
    files = tree(built / "docs")
    shutil.rmtree(built / "docs")
    written = {path.as_posix() for path in generator.write(built, only="elu").written}
    assert written >= {"zh/functions/elu.md", "en/functions/elu.md", "figures/elu.svg", "figures/elu.png"}
    assert all(Path(path.removesuffix("/index.html")).name.startswith("elu") for path in written)
    assert all((built / "docs" / path).read_bytes() == files[path] for path in written)


def test_only_an_entry_that_exists(built: Path) -> None:
    with pytest.raises(KeyError):
        generator.write(built, only="nonsense")


# --- The cache -------------------------------------------------------------------------------------------------------


def test_the_cache_gives_what_drawing_gives(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(built / "docs")
    shutil.rmtree(built / "docs" / "figures")
    drawn: list[str] = []
    monkeypatch.setattr(generator.proofs, "check", lambda one, catalog: drawn.append(one.id) or [])
    generator.write(built)
    assert not drawn
    assert tree(built / "docs") == before


@pytest.mark.parametrize("damage", [b"", b"[]", b"\xff"])
def test_a_damaged_cache_is_ignored(built: Path, damage: bytes) -> None:
    kept = built / ".cache" / "elu.json"
    good = kept.read_bytes()
    kept.write_bytes(damage)
    assert not generator.write(built, only="elu").written
    assert kept.read_bytes() == good


def test_the_key_sees_what_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an entry states, and what those it mentions state, but not its prose."""

    def key(identifier: str, **changes: object) -> str:
        changed = {name: one.model_copy(update=changes) if name == "relu" else one for name, one in known.items()}
        for name, one in known.items():
            changed[name]._source = one._source
        return generator._key(changed[identifier], Catalog(changed.values()), b"")

    known = {one.id: one for one in catalog()}
    assert key("relu") == key("relu") != key("elu")
    for mentions in ("relu", "elu"):
        assert key(mentions, kinks=[]) != key(mentions)
        assert key(mentions, strengths=[]) == key(mentions)
    code = generator._code()
    assert code == generator._code()
    monkeypatch.setattr(generator.metadata, "version", lambda name: "0")
    assert code != generator._code()


# --- Bad input, by the command ---------------------------------------------------------------------------------------


@pytest.fixture
def clone(built: Path) -> Path:
    """What the scripts need, in a folder of its own, with a finished docs/."""
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("src", "scripts"):
        shutil.copytree(ROOT / folder, built / folder, ignore=ignored)
    return built


def run(clone: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, f"scripts/{script}.py", *arguments],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(clone / "src"), "PYTHONHASHSEED": "7", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_check_says_what_would_change_and_what_is_not_recorded(clone: Path) -> None:
    (clone / "docs" / "figures" / "elu.svg").unlink()
    for recording in (clone / "src" / "truecurve" / "measured").glob("torch-*.json"):
        recorded = json.loads(recording.read_text(encoding="utf-8"))
        recording.write_text(json.dumps(recorded | {"samples": {}}), encoding="utf-8")
    before = tree(clone / "docs")
    done = run(clone, "build", "--check")
    assert done.returncode == 1
    assert "would write docs/figures/elu.svg\n" in done.stdout
    assert "elu: not recorded: " in done.stdout
    assert tree(clone / "docs") == before
    unknown = run(clone, "build", "--only", "nonsense")
    assert unknown.returncode == 1
    assert "no entry 'nonsense': choose from" in unknown.stderr


def test_build_shows_a_progress_bar_on_a_terminal(clone: Path) -> None:
    (clone / "docs" / "figures" / "elu.svg").unlink()
    terminal, end = pytest.importorskip("pty").openpty()
    process = subprocess.Popen(
        [sys.executable, "scripts/build.py", "--only", "elu"],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(clone / "src"), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=end,
    )
    os.close(end)
    shown = b""
    try:
        while part := os.read(terminal, 4096):
            shown += part
    except OSError:
        pass  # the process has closed its end
    os.close(terminal)
    written, _ = process.communicate()
    assert process.returncode == 0
    assert b"Truecurve" in shown and b"100%" in shown
    assert b"wrote docs/figures/elu.svg" in written


def elu(clone: Path, ending: str, old: str, new: str) -> None:
    """Plant a mistake in ELU."""
    source = clone / "src" / "truecurve" / "entries" / "elementwise" / f"elu.{ending}"
    text = source.read_text(encoding="utf-8")
    assert old in text
    source.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "ending", "old", "new", "says"),
    [
        ((), "yaml", "\nfamily: ", "\nfamly: ", "unknown key: did you mean 'family'?"),
        (("--check",), "yaml", "\nfamily: ", "\nfamly: ", "unknown key: did you mean 'family'?"),
        (("--only", "elu"), "yaml", "else alpha * exp(x)", "else alpha", "derivative: at x = "),
        (("--only", "elu"), "py", "np.expm1(np", "np.expm2(np", "AttributeError: module 'numpy' has no attribute"),
    ],
)
def test_a_mistake_stops_the_build_and_changes_nothing(
    clone: Path, arguments: tuple[str, ...], ending: str, old: str, new: str, says: str
) -> None:
    elu(clone, ending, old, new)
    before = tree(clone / "docs")
    done = run(clone, "build", *arguments)
    assert done.returncode == 1
    assert f"elu.{ending}:" in next(line for line in done.stderr.splitlines() if says in line)
    assert "Traceback" not in done.stderr
    assert tree(clone / "docs") == before


def test_a_mistake_leaves_the_site_as_it_was(clone: Path) -> None:
    shutil.copytree(ROOT / "overrides", clone / "overrides")
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, clone)
    (clone / "site").mkdir()
    (clone / "site" / "index.html").write_text("as it was", encoding="utf-8")
    elu(clone, "yaml", "\nfamily: ", "\nfamly: ")
    before = tree(clone / "docs")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(clone / "src")},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "unknown key: did you mean 'family'?" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(clone / "docs") == before
    assert tree(clone / "site") == {"index.html": b"as it was"}


# --- New entries -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(loader.FUNCTIONS))
def test_a_new_entry_lists_what_is_missing(clone: Path, kind: str) -> None:
    made = run(clone, "new_entry", "novelty", "--kind", kind)
    assert made.returncode == 0, made.stderr
    built = run(clone, "build")
    assert built.returncode == 1
    assert "Traceback" not in built.stderr
    problems = [line for line in built.stderr.splitlines() if "novelty.yaml:" in line]
    assert len(problems) > 20
    assert any("summary.zh: the text is empty" in line for line in problems)
    again = run(clone, "new_entry", "novelty", "--kind", kind)
    assert again.returncode == 1
    assert "novelty.py exists" in again.stderr


def template(kind: str, identifier: str = "novelty") -> str:
    text = (TEMPLATES / "entry.yaml.j2").read_text(encoding="utf-8")
    made = jinja2.Template(text, keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
    return made.render(id=identifier, kind=kind)


@pytest.mark.parametrize("kind", list(loader.FUNCTIONS))
def test_every_optional_field_of_the_template_can_be_taken_in(kind: str, tmp_path: Path) -> None:
    path = tmp_path / kind / "novelty.yaml"
    path.parent.mkdir()
    lines = [line.removeprefix("# ") for line in template(kind).splitlines()]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InvalidCatalog) as raised:
        loader.load(path)
    assert not {"unknown key", "missing", "given twice"} & {problem.what for problem in raised.value.problems}
    fields = {field.alias or name for name, field in loader.MODELS[kind].model_fields.items()}
    assert fields <= {line.partition(":")[0] for line in lines}


def test_the_templates_show_every_field_of_the_schema() -> None:
    """Those of entries; what only guides have is in tests/broken/guides, as test_problems.py makes sure."""
    text = "".join(map(template, loader.FUNCTIONS))
    own = {name for model in vars(guide).values() for name in getattr(model, "model_fields", {})}
    others = {name for name in own if not re.search(rf"\b{name}:", text)}
    assert others < {
        "sections",
        "title",
        "order",
        "table",
        "columns",
        "rows",
        "cells",
        "tasks",
        "task",
        "first",
        "also",
        "why",
        "items",
        "examples",
        "file",
    }
    assert not [name for name in loader._field_names() - others if not re.search(rf"\b{name}:", text)]


def test_an_id_is_a_python_name(clone: Path) -> None:
    made = run(clone, "new_entry", "No-Id")
    assert made.returncode == 1
    assert "not an id" in made.stderr


# --- The documents ---------------------------------------------------------------------------------------------------


def test_contributing_shows_the_template() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"```yaml\n{template('elementwise', 'mish')}```" in text


def test_the_readme_shows_what_is_drawn() -> None:
    first, *_ = figures.draw(entry("gelu"), catalog())
    shown = (ROOT / ".github" / "gelu.svg").read_text(encoding="utf-8")
    assert shown == figures.standalone(first, "light"), "cp docs/figures/gelu.svg .github/"


def test_the_readme_computes() -> None:
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried > 4
    assert not failed


def test_git_ignores_every_generated_path(built: Path) -> None:
    lines = (ROOT / "docs" / ".gitignore").read_text(encoding="utf-8").splitlines()
    named = {line.strip("/") for line in lines if not line.startswith("#")}
    assert {path.name for path in (built / "docs").iterdir()} == named | {".gitignore"}


# --- Continuous integration ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on_ci", "status"), [("true", 1), ("", 0)])
def test_a_skip_is_a_failure_on_ci_only(tmp_path: Path, on_ci: str, status: int) -> None:
    source = "import pytest\ndef test_one(): pass\ndef test_two(): pytest.skip('no browser')\n"
    (tmp_path / "test_skipped.py").write_text(source, encoding="utf-8")
    (tmp_path / "test_left_out.py").write_text("import pytest\npytest.importorskip('no_such')\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "skips", "-p", "no:cacheprovider", "--continue-on-collection-errors"],
        cwd=tmp_path,
        env={**os.environ, "CI": on_ci, "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == bool(status)
    assert ("not on CI: Skipped: no browser" in done.stdout) == bool(status)
    assert ("1 passed, 2 skipped" in done.stdout) != bool(status)
    assert ("1 failed, 1 passed, 1 error" in done.stdout) == bool(status)
