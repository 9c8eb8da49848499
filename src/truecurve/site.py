"""What file goes where below docs/: all is made in memory, then what changed is written and what is over is removed."""

import ast
import base64
import hashlib
import json
import os
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from truecurve import (
    compare_page,
    downloads,
    execution,
    figures,
    notebook,
    notebook_code,
    pages,
    proofs,
    prose,
    recordings,
    snippets,
    widget,
)
from truecurve.catalog import ENTRIES, Catalog, read
from truecurve.entry import Elementwise, Entry
from truecurve.execution import Output, Picture
from truecurve.figures import Drawing
from truecurve.guide import EXAMPLES, Guide
from truecurve.layer import Layer
from truecurve.notebook_code import Step
from truecurve.problem import InvalidCatalog, Problem
from truecurve.svg import Scheme

PACKAGE = Path(__file__).parent
MANIFEST = ".manifest.json"
ENDINGS: dict[Scheme, str] = {"light": ".svg", "dark": ".dark.svg", "transparent": ".transparent.svg"}
PROSE = frozenset(
    {
        *("summary", "intuition", "use", "used_by", "strengths", "weaknesses", "numerics", "mistakes", "questions"),
        "exercise",
    }
)
"""Fields that neither a proof nor a picture depends on."""

Progress = Callable[[int, int, str], None]
"""Called with the steps done, the steps in all, and what comes next."""


@dataclass(frozen=True)
class Report:
    """Paths below docs/ that were written and removed (with `check`: would be); how many files were right already."""

    written: list[Path]
    removed: list[Path]
    unchanged: int


def write(root: Path, check: bool = False, only: str | None = None, progress: Progress | None = None) -> Report:
    """Generate root/docs from the catalogue; with `only`, just the files of one entry, and nothing is removed.

    Raises InvalidCatalog with every Problem, before any file is touched, and KeyError where `only` is no entry.
    """
    files = _files(read(), root / ".cache", only, progress or (lambda done, steps, what: None))
    return _place(root / "docs", files, check, partial=only is not None)


def unrecorded(catalog: Catalog) -> list[str]:
    """What `make record` has still to run: a sentence for each entry with something that no recording holds."""
    verified, found = recordings.read(recordings.VERIFICATION).get("entries", {}), []
    for subject in catalog.subjects:
        samples = sum(shown.label == "PyTorch" and shown.output is None for shown in snippets.shown(subject))
        values = sum(recordings.torch_value(value) is None for value in prose.recorded_values(subject))
        proved = isinstance(subject, Guide) or subject.id in verified
        if samples or values or not proved:
            missing = f"{samples} samples, {values} values" + ("" if proved else ", its verification")
            found.append(f"{subject.prefix}: not recorded: {missing}: run make record")
    return found


def _files(catalog: Catalog, cache: Path, only: str | None, progress: Progress) -> dict[str, bytes]:
    """The content of every file by its path below docs/."""
    subjects: tuple[Entry | Guide, ...] = catalog.subjects if only is None else (catalog.entry(only),)
    steps, problems, pictures, code = len(subjects) + 1, list[Problem](), dict[str, _Pictures](), _code()
    files: dict[str, bytes] = {}
    for done, subject in enumerate(subjects):
        progress(done, steps, subject.id)
        try:
            problems += prose.check(subject, catalog)
            made = _proved(subject, catalog, cache / f"{subject.prefix}.json", _key(subject, catalog, code))
        except InvalidCatalog as error:
            made = error.problems
        except Exception as error:
            made = [_failure(error)]
        if isinstance(made, list):
            problems += made
            continue
        pictures[subject.prefix] = made
        if not isinstance(subject, Guide):
            try:
                files |= _notebooks(subject, catalog, cache / "notebooks" / f"{subject.id}.json")
            except InvalidCatalog as error:
                problems += error.problems
    if problems:
        raise InvalidCatalog(list(dict.fromkeys(problems)))
    progress(len(subjects), steps, "pages")
    files |= {path: data for one in pictures.values() for path, data in one.files()}
    for entry in catalog if only is None else [catalog.entry(only)]:
        files |= downloads.entry_files(entry, catalog)
        if not isinstance(entry, Layer):
            files[f"assets/fn/{entry.id}.js"] = widget.script(entry).encode()
        if isinstance(entry, Elementwise):
            files[f"assets/numpy/{entry.id}.js"] = compare_page.numpy_script(entry).encode()
    if only is None:
        files |= downloads.files(catalog)
        made_pages = pages.render(catalog, lambda subject: pictures[subject.prefix].drawings)
        files |= {path: text.encode() for path, text in made_pages.items()}
        web = sorted(path for path in (PACKAGE / "web").rglob("*") if path.is_file())
        files |= {f"assets/{path.relative_to(PACKAGE / 'web').as_posix()}": _served(path) for path in web}
        loaded = sorted(path for path in (EXAMPLES / "dist").rglob("*") if path.is_file())
        files |= {f"examples/{path.relative_to(EXAMPLES).as_posix()}": path.read_bytes() for path in loaded}
    else:
        entry = catalog.entry(only)
        for language in pages.LANGUAGES:
            page = pages.function_page(entry, catalog, language, pictures[only].drawings)
            files[f"{language}/{entry.page}"] = page.encode()
            framed = pages.embed_page(entry, catalog, language, pictures[only].drawings)
            files[f"{language}/embed/{only}/index.html"] = framed.encode()
    progress(steps, steps, "files")
    return files


def _served(path: Path) -> bytes:
    """A file of web/; our own scripts, which lie at its top, without comments, indentation and needless line ends."""
    if path.parent.name != "web" or path.suffix != ".js":
        return path.read_bytes()
    text = re.sub(r"/\*.*?\*/\n?|^ +", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(?<=[;{,(])\n", "", text).encode()


def _failure(error: Exception) -> Problem:
    """An error inside a NumPy file of the catalogue. Raises it again where it is none."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if (file := Path(frame.filename)).is_relative_to(ENTRIES):
            what = f"{type(error).__name__}: {error}"
            return Problem(file, frame.lineno or 1, 1, frame.name, what, "mend the function")
    raise error


# --- Proofs and pictures, kept between runs --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Pictures:
    """What is drawn for an entry or a guide; `prints` are the PNG and PDF files of an entry, by their ending."""

    drawings: list[Drawing]
    prints: dict[str, bytes]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Below docs/: what readers take with them, and the preview of links."""
        for ending, data in self.prints.items():
            yield f"figures/{self.drawings[0].name}{ending}", data
        for drawing in self.drawings:
            for scheme, ending in ENDINGS.items():
                if drawing.role != "thumb":
                    yield f"figures/{drawing.name}{ending}", figures.standalone(drawing, scheme).encode()


def _proved(subject: Entry | Guide, catalog: Catalog, kept: Path, key: str) -> _Pictures | list[Problem]:
    """The pictures, as kept if the key is still the same; of an entry that is wrong its Problems."""
    if noted := _noted(kept, key):
        drawings = [Drawing(**drawing) for drawing in noted["drawings"]]
        return _Pictures(drawings, {ending: base64.b64decode(text) for ending, text in noted["prints"].items()})
    if not isinstance(subject, Guide) and (problems := proofs.check(subject, catalog)):
        return problems
    made = _Pictures(figures.draw(subject, catalog), {} if isinstance(subject, Guide) else figures.prints(subject))
    prints = {ending: base64.b64encode(data).decode() for ending, data in made.prints.items()}
    _note(kept, key, {"drawings": [asdict(drawing) for drawing in made.drawings], "prints": prints})
    return made


def _noted(kept: Path, key: str) -> Any:
    """What was kept under this key; None if there is no cache, or a damaged one, or the key has changed."""
    try:
        data = json.loads(kept.read_text(encoding="utf-8"))
        return data["made"] if data["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note(kept: Path, key: str, made: Any) -> None:
    _replace(kept, json.dumps({"key": key, "made": made}).encode())


def _code() -> bytes:
    """A digest of what all proofs and pictures depend on: libraries, the modules that make them, all NumPy files."""
    libraries = ("matplotlib", "mpmath", "numpy", "pillow")
    digest = hashlib.sha256(repr([metadata.version(name) for name in libraries]).encode())
    for path in sorted([*_modules("proofs", "figures"), *(PACKAGE / "styles").iterdir(), *ENTRIES.glob("*/*.py")]):
        digest.update(path.read_bytes())
    return digest.digest()


def _modules(*names: str) -> set[Path]:
    """The files of these modules of the package and of all that they import from it."""
    found, wanted = set[Path](), [PACKAGE / f"{name}.py" for name in names]
    while wanted:
        path = wanted.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        for node in ast.parse(path.read_bytes()).body:  # what is imported late is for those who call it
            if isinstance(node, ast.ImportFrom) and node.module:
                dotted = [f"{node.module}.{alias.name}" for alias in node.names]
                wanted += [PACKAGE / f"{name.split('.')[1]}.py" for name in dotted if name.startswith("truecurve.")]
    return found


def _key(subject: Entry | Guide, catalog: Catalog, code: bytes) -> str:
    """Changes with the code and with what this subject and the entries it mentions state, prose left out."""
    words = set(re.findall(r"[a-z][a-z0-9_]*", subject._source.path.read_text(encoding="utf-8")))
    digest = hashlib.sha256(code)
    digest.update(repr(subject.comparisons).encode())
    for other in catalog:
        if other is subject or words & {prefix + other.id for prefix in ("", "d_", "dd_", "j_")}:
            digest.update(repr({name: value for name, value in other if name not in PROSE}).encode())
    return digest.hexdigest()


# --- Notebooks, their outputs kept between runs -----------------------------------------------------------------------


def _notebooks(entry: Entry, catalog: Catalog, kept: Path) -> dict[str, bytes]:
    """The notebook in each language, by its path. Raises InvalidCatalog where a cell fails."""
    cells = notebook_code.cells(entry)
    outputs = _executed(entry, cells, kept)
    return {
        f"notebooks/{language}/{entry.id}.ipynb": notebook.render(entry, catalog, language, outputs)
        for language in pages.LANGUAGES
    }


def _executed(entry: Entry, cells: dict[Step, str], kept: Path) -> dict[Step, Output]:
    """What each cell left when it ran, now or under the same versions and the same code before."""
    versions = [metadata.version(name) for name in ("matplotlib", "numpy")]
    how = Path(execution.__file__).read_bytes()
    key = hashlib.sha256(repr([list(cells.items()), versions, how]).encode()).hexdigest()
    if noted := _noted(kept, key):
        return {
            step: Output(one["printed"], tuple(Picture(**picture) for picture in one["pictures"]))
            for step, one in noted.items()
        }
    try:
        outputs = dict(zip(cells, execution.execute(cells.values()), strict=True))
    except execution.CellError as error:
        step = list(cells)[error.number]
        loc = ("exercise", "numpy") if step == "solution" else ("id",)
        problem = entry._source.problem(loc, f"the cell {step!r} of the notebook raises {error}", "correct the code")
        raise InvalidCatalog([problem]) from error
    _note(kept, key, {step: asdict(output) for step, output in outputs.items()})
    return outputs


# --- Files -----------------------------------------------------------------------------------------------------------


def _place(docs: Path, files: dict[str, bytes], check: bool, partial: bool) -> Report:
    """Write what differs, remove what an earlier run wrote and this one does not, and note what was written."""
    before = _manifest(docs)
    now = {path: hashlib.sha256(data).hexdigest() for path, data in sorted(files.items())}
    written = [path for path in now if _digest(docs / path) != now[path]]
    # A file that somebody changed since is not ours any more.
    removed = [] if partial else [path for path in before if path not in now and _digest(docs / path) == before[path]]
    if not check:
        for path in written:
            _replace(docs / path, files[path])
        for path in removed:
            _remove(docs, docs / path)
        noted = json.dumps({**before, **now} if partial else now, indent=0, sort_keys=True).encode()
        if not (docs / MANIFEST).is_file() or (docs / MANIFEST).read_bytes() != noted:
            _replace(docs / MANIFEST, noted)
    return Report([Path(path) for path in written], [Path(path) for path in removed], len(files) - len(written))


def _manifest(docs: Path) -> dict[str, str]:
    """The digests of the files the last run wrote; none if the note is missing or damaged, or leads out of docs/."""
    try:
        noted = json.loads((docs / MANIFEST).read_text(encoding="utf-8"))
        inside = docs.resolve()
        return {path: digest for path, digest in noted.items() if (docs / path).resolve().is_relative_to(inside)}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _replace(path: Path, data: bytes) -> None:
    """Write whole or not at all, so that a server never reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    draft.replace(path)


def _remove(docs: Path, path: Path) -> None:
    """Delete a file and the folders that it leaves empty."""
    path.unlink()
    for folder in path.parents:
        if folder == docs or any(folder.iterdir()):
            return
        folder.rmdir()
