"""Building: what is written, what is left alone, what a second run does, and that bad input changes nothing."""

import doctest
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jinja2
import pytest

from truecurve import catalog, entry, figures, loader, site
from truecurve.problem import InvalidCatalog

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "src" / "truecurve" / "templates"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Proofs and pictures, made once for this file."""
    root = tmp_path_factory.mktemp("first")
    site.write(root)
    return root


@pytest.fixture
def built(cache: Path, tmp_path: Path) -> Path:
    """A folder of its own with a finished docs/."""
    return Path(shutil.copytree(cache, tmp_path / "built"))


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_run_writes_nothing(built: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.rglob("*")}
    report = site.write(built)
    assert not report.written
    assert not report.removed
    assert report.unchanged > 100
    assert {path: path.stat().st_mtime_ns for path in built.rglob("*")} == before


def test_every_entry_has_its_files(built: Path) -> None:
    for one in catalog():
        for path in (f"zh/functions/{one.id}.md", f"en/functions/{one.id}.md", f"figures/{one.id}.png"):
            assert (built / "docs" / path).is_file()
        for ending in site.ENDINGS.values():
            assert (built / "docs" / "figures" / f"{one.id}{ending}").is_file()


def test_what_changed_is_mended_and_the_rest_left(built: Path) -> None:
    changed, lost = Path("en/functions/elu.md"), Path("figures/gelu.svg")
    (built / "docs" / changed).write_text("edited", encoding="utf-8")
    (built / "docs" / lost).unlink()
    report = site.write(built)
    assert set(report.written) == {changed, lost}
    assert not site.write(built).written


def test_check_says_so_and_writes_nothing(built: Path) -> None:
    (built / "docs" / "figures" / "gelu.svg").unlink()
    before = tree(built)
    report = site.write(built, check=True)
    assert report.written == [Path("figures/gelu.svg")]
    assert tree(built) == before


def note(docs: Path, path: str, digest: str) -> None:
    manifest = docs / site.MANIFEST
    noted = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**noted, path: digest}), encoding="utf-8")


def test_leftovers_are_removed(built: Path) -> None:
    docs = built / "docs"
    gone = docs / "zh" / "old" / "gone.md"
    gone.parent.mkdir()
    gone.write_text("written by an earlier version", encoding="utf-8")
    note(docs, "zh/old/gone.md", str(site._digest(gone)))
    assert site.write(built, check=True).removed == [Path("zh/old/gone.md")]
    assert site.write(built).removed == [Path("zh/old/gone.md")]
    assert not gone.parent.exists()
    assert not site.write(built).removed


@pytest.mark.parametrize("path", ["notes.md", "en/mine.md", "../outside.md"])
def test_a_file_that_the_build_did_not_write_stays(built: Path, path: str) -> None:
    mine = built / "docs" / path
    mine.write_text("mine", encoding="utf-8")
    if ".." in path:
        note(built / "docs", path, str(site._digest(mine)))
    elif path == "en/mine.md":
        note(built / "docs", path, "the digest of what it was before I changed it")
    site.write(built)
    assert mine.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("damage", ["", "{", "[1, 2]", '{"figures/gelu.svg": 3}', "\x00"])
def test_a_damaged_manifest_costs_nothing(built: Path, damage: str) -> None:
    (built / "docs" / site.MANIFEST).write_text(damage, encoding="utf-8")
    report = site.write(built)
    assert not report.written
    assert not report.removed


def test_only_writes_the_files_of_one_entry(built: Path) -> None:
    files = tree(built)
    shutil.rmtree(built / "docs")
    report = site.write(built, only="elu")
    written = {path.as_posix() for path in report.written}
    assert written >= {"zh/functions/elu.md", "en/functions/elu.md", "figures/elu.svg", "figures/elu.png"}
    assert all("elu" in path.name and "relu" not in path.name for path in report.written)
    assert all((built / "docs" / path).read_bytes() == files[f"docs/{path}"] for path in written)
    assert not site.write(built, only="gelu").removed


def test_only_an_entry_that_exists(built: Path) -> None:
    with pytest.raises(KeyError):
        site.write(built, only="nonsense")


# --- The cache -------------------------------------------------------------------------------------------------------


def test_the_cache_gives_what_drawing_gives(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(built / "docs")
    shutil.rmtree(built / "docs")
    drawn: list[str] = []
    monkeypatch.setattr(site.proofs, "check", lambda one, catalog: drawn.append(one.id) or [])
    site.write(built)
    assert not drawn
    assert tree(built / "docs") == before


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b"\xff", b'{"key": 1, "drawings": 2}'])
def test_a_damaged_cache_is_ignored(built: Path, damage: bytes) -> None:
    kept = built / ".cache" / "elu.json"
    good = kept.read_bytes()
    kept.write_bytes(damage)
    assert not site.write(built, only="elu").written
    assert kept.read_bytes() == good


def test_the_key_sees_what_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = catalog()
    elu, celu = entry("elu"), entries.entry("silu")
    key = site._key(elu, entries)
    assert key == site._key(elu, entries)
    assert key != site._key(celu, entries)
    changed = elu.model_copy(update={"plot": elu.plot.model_copy(update={"x": (-3.0, 3.0)})})
    changed._source = elu._source
    assert key != site._key(changed, type(entries)(changed if one is elu else one for one in entries))
    monkeypatch.setattr(site.metadata, "version", lambda name: "0")
    assert key != site._key(elu, entries)


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


def test_another_process_writes_the_same_bytes(clone: Path) -> None:
    before = tree(clone / "docs")
    shutil.rmtree(clone / ".cache")
    done = run(clone, "build")
    assert done.returncode == 0, done.stderr
    assert tree(clone / "docs") == before
    assert f"wrote 0 files, removed 0, {len(before) - 1} unchanged" in done.stdout


def test_build_says_what_it_wrote(clone: Path) -> None:
    (clone / "docs" / "figures" / "elu.svg").unlink()
    check = run(clone, "build", "--check")
    assert check.returncode == 1
    assert "would write docs/figures/elu.svg\n" in check.stdout
    done = run(clone, "build", "--only", "elu")
    assert done.returncode == 0
    assert "wrote docs/figures/elu.svg\n" in done.stdout
    unknown = run(clone, "build", "--only", "nonsense")
    assert unknown.returncode == 1
    assert "no entry 'nonsense': choose from" in unknown.stderr


def test_build_shows_a_progress_bar_on_a_terminal(clone: Path) -> None:
    terminal, end = pytest.importorskip("pty").openpty()
    process = subprocess.Popen(
        [sys.executable, "scripts/build.py"],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(clone / "src"), "TERM": "xterm"},
        stdout=subprocess.DEVNULL,
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
    assert process.wait() == 0
    assert b"Truecurve" in shown
    assert b"100%" in shown


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("\nfamily: ", "\nfamly: ", "unknown key: did you mean 'family'?"),
        ("derivative: 1 if x > 0 else alpha * exp(x)", "derivative: 1 if x > 0 else alpha", "the definition"),
    ],
)
def test_a_mistake_stops_the_build_and_changes_nothing(clone: Path, old: str, new: str, says: str) -> None:
    source = clone / "src" / "truecurve" / "entries" / "elementwise" / "elu.yaml"
    text = source.read_text(encoding="utf-8")
    assert old in text
    source.write_text(text.replace(old, new, 1), encoding="utf-8")
    before = tree(clone / "docs")
    done = run(clone, "build")
    assert done.returncode == 1
    assert says in done.stderr
    assert "elu.yaml:" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(clone / "docs") == before


def test_a_numpy_file_that_fails_is_named(clone: Path) -> None:
    source = clone / "src" / "truecurve" / "entries" / "elementwise" / "elu.py"
    source.write_text(source.read_text(encoding="utf-8").replace("np.expm1(", "np.expm2(", 1), encoding="utf-8")
    done = run(clone, "build")
    assert done.returncode == 1
    line = next(line for line in done.stderr.splitlines() if "expm2" in line)
    assert "elu.py:" in line
    assert "AttributeError" in line
    assert line.endswith("mend the function")


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
    assert "not an id" in run(clone, "new_entry", "No-Id").stderr


@pytest.mark.parametrize("kind", list(loader.FUNCTIONS))
def test_the_template_shows_every_field(kind: str, tmp_path: Path) -> None:
    """With every optional field taken in, none is unknown, and none of the model is left out."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined)
    text = environment.get_template("entry.yaml.j2").render(id="novelty", kind=kind)
    path = tmp_path / kind / "novelty.yaml"
    path.parent.mkdir()
    lines = [line[2:] if line.startswith("# ") else line for line in text.splitlines()]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InvalidCatalog) as raised:
        loader.load(path)
    assert not {"unknown key", "missing", "given twice"} & {problem.what for problem in raised.value.problems}
    fields = {field.alias or name for name, field in loader.MODELS[kind].model_fields.items()}
    assert fields <= {line.partition(":")[0] for line in lines}


# --- The documents ---------------------------------------------------------------------------------------------------


def test_contributing_shows_the_template() -> None:
    text = (TEMPLATES / "entry.yaml.j2").read_text(encoding="utf-8")
    shown = jinja2.Template(text, keep_trailing_newline=True).render(id="mish", kind="elementwise")
    assert f"```yaml\n{shown}```" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_readme_shows_what_is_drawn() -> None:
    first, *_ = figures.draw(entry("gelu"))
    shown = (ROOT / ".github" / "gelu.svg").read_text(encoding="utf-8")
    assert shown == figures.standalone(first, "light"), "cp docs/figures/gelu.svg .github/"


def test_the_readme_computes() -> None:
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried > 4
    assert not failed


def test_git_ignores_every_generated_path(built: Path) -> None:
    named = {line.strip("/") for line in (ROOT / "docs" / ".gitignore").read_text(encoding="utf-8").splitlines()}
    assert {path.name for path in (built / "docs").iterdir()} == {name for name in named if name and name[0] != "#"}


# --- Continuous integration ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on_ci", "status"), [("true", 1), ("", 0)])
def test_a_skip_is_a_failure_on_ci_only(tmp_path: Path, on_ci: str, status: int) -> None:
    source = "import pytest\ndef test_one(): pass\ndef test_two(): pytest.skip('no browser')\n"
    (tmp_path / "test_skipped.py").write_text(source, encoding="utf-8")
    (tmp_path / "test_left_out.py").write_text("import pytest\npytest.importorskip('no_such')\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "skips", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "CI": on_ci, "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == bool(status)
    assert ("not on CI: Skipped: no browser" in done.stdout) == bool(status)
    assert ("1 passed, 2 skipped" in done.stdout) != bool(status)
