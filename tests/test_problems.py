"""Bad input gets one clear message, at the right place, and nothing is written.

The fixture tests/broken/elementwise/elu.yaml is correct; each case here breaks one thing in a copy of it.
"""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from truecurve import catalog, figures, proofs, prose
from truecurve.base_entry import BaseEntry
from truecurve.catalog import Catalog, read
from truecurve.catalog import _between as between
from truecurve.fields import Model
from truecurve.loader import load, load_guide
from truecurve.problem import InvalidCatalog
from truecurve.sections import Subject

BROKEN = Path(__file__).parent / "broken"
BASE = (BROKEN / "elementwise" / "elu.yaml").read_text(encoding="utf-8")


def problems_of(folder):
    """Every Problem of a folder of entries, as the build finds them: form first, truth if the form is right."""
    try:
        entries = read(folder)
    except InvalidCatalog as error:
        return error.problems
    found = [problem for entry in entries for problem in proofs.check(entry, entries)]
    found += [problem for entry in entries for problem in prose.check(entry, entries)]
    return found or [problem for entry in entries for problem in undrawable(entry, entries)]


def write(folder, text, name="elu", python=None):
    (folder / "elementwise").mkdir(exist_ok=True)
    path = folder / "elementwise" / f"{name}.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    source = (BROKEN / "elementwise" / "elu.py").read_text(encoding="utf-8")
    path.with_suffix(".py").write_text(source if python is None else python, encoding="utf-8")
    return path


def test_the_fixture_is_correct(tmp_path):
    write(tmp_path, BASE)
    assert problems_of(tmp_path) == []


CASES = yaml.safe_load((BROKEN / "cases.yaml").read_text(encoding="utf-8"))
GUIDE_CASES = yaml.safe_load((BROKEN / "guide_cases.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_one_mistake_one_message(tmp_path, case):
    assert case["replace"] in BASE
    text = BASE.replace(case["replace"], case["by"], 1)
    path = write(tmp_path, text)
    told_once(problems_of(tmp_path), case, path, text)


def problems_of_guide(path):
    """Every Problem of one guide, which stands beside the entries of the catalogue."""
    try:
        guide = load_guide(path)
    except InvalidCatalog as error:
        return error.problems
    entries = Catalog(catalog())
    entries.guides = (guide,)
    found = [problem for problem in between(entries, complete=True) if problem.file == path]
    return found or [*prose.check(guide, entries), *undrawable(guide, entries)]


def undrawable(subject, entries):
    try:
        figures.draw(subject, entries)
    except InvalidCatalog as error:
        return error.problems
    return []


GUIDE = (BROKEN / "guides" / "choose.yaml").read_text(encoding="utf-8")


def test_the_guide_of_the_fixture_is_correct():
    assert problems_of_guide(BROKEN / "guides" / "choose.yaml") == []


@pytest.mark.parametrize("case", GUIDE_CASES, ids=[case["case"] for case in GUIDE_CASES])
def test_one_mistake_in_a_guide(tmp_path, case):
    assert case["replace"] in GUIDE
    text = GUIDE.replace(case["replace"], case["by"], 1)
    path = tmp_path / "choose.yaml"
    path.write_text(text, encoding="utf-8")
    found = [problem for problem in problems_of_guide(path) if problem.field not in case.get("also", [])]
    told_once(found, case, path, text)


def test_a_family_and_its_page(tmp_path):
    """Each needs the other."""
    (tmp_path / "families").mkdir()
    path = tmp_path / "families" / "axponential.yaml"
    path.write_text(GUIDE.replace("id: choose", "id: axponential").replace("page:choose", "page:families/axponential"))
    (problem,) = problems_of_guide(path)
    assert problem.field == "id" and "no entry is of the family 'axponential'" in problem.what
    entries = Catalog(catalog())
    entries.guides = tuple(guide for guide in catalog().guides if guide.id != "exponential")
    found = between(entries, complete=True)
    assert {problem.file.stem for problem in found} == {e.id for e in entries if e.family == "exponential"}
    assert all("write guides/families/exponential.yaml" in problem.fix for problem in found)


def told_once(found, case, path, text):
    """One Problem, in this file, as the case says, at the place where it says."""
    assert len(found) == 1, "\n".join(map(str, found))
    problem = found[0]
    assert problem.file == path
    assert problem.field == case["field"]
    assert re.search(case["says"], f"{problem.what}: {problem.fix}"), problem
    assert re.fullmatch(r".+:\d+:\d+: \S+: .+: .+", str(problem))
    if "at" in case:
        index = text.index(case["at"], text.index(case["by"]))
        assert problem.line == text[:index].count("\n") + 1, problem
        assert abs(problem.column - (index - text.rfind("\n", 0, index))) <= 1, problem


def test_several_mistakes_in_one_file_are_all_told(tmp_path):
    text = BASE.replace("introduced:", "introducd:").replace("左侧会饱和。", '""')
    text = text.replace("else alpha * exp(x)\ns", "else alpha * expo(x)\ns").replace(
        "saturates: left", "saturates: top"
    )
    write(tmp_path, text)
    assert [problem.field for problem in problems_of(tmp_path)] == [
        "introducd",
        "derivative",
        "claims.saturates",
        "weaknesses.0.zh",
    ]


def test_mistakes_in_several_files_are_all_told(tmp_path):
    write(tmp_path, BASE.replace("introduced:", "introducd:"))
    write(tmp_path, BASE.replace("id: elu\n", "id: celu\n", 1).replace("family: exp", "family: axp"), "celu")
    assert {problem.file.name for problem in problems_of(tmp_path)} == {"elu.yaml", "celu.yaml"}


def test_not_utf8(tmp_path):
    write(tmp_path, BASE.encode("gb18030"))
    (problem,) = problems_of(tmp_path)
    assert "not UTF-8" in problem.what and problem.line == 5 and problem.column > 1


def test_duplicate_id(tmp_path):
    write(tmp_path, BASE)
    shutil.copytree(tmp_path / "elementwise", tmp_path / "gated")
    found = [str(problem) for problem in problems_of(tmp_path)]
    assert any("a elementwise entry lies in gated/" in text for text in found)
    (tmp_path / "gated" / "elu.yaml").write_text(BASE.replace("kind: elementwise", "kind: gated"), encoding="utf-8")
    assert problems_of(tmp_path)


def test_duplicate_id_across_kinds(tmp_path):
    """glu.yaml of the catalogue beside an elementwise file of the same id."""
    glu = catalog().entry("glu")._source.path
    (tmp_path / "gated").mkdir()
    for suffix in (".yaml", ".py"):
        shutil.copy(glu.with_suffix(suffix), tmp_path / "gated")
    text = BASE.replace("id: elu\n", "id: glu\n", 1).replace("elu,", "glu,")
    write(tmp_path, text, "glu", (BROKEN / "elementwise" / "elu.py").read_text(encoding="utf-8").replace("elu", "glu"))
    assert any("is also the id of" in problem.what for problem in problems_of(tmp_path))


def test_missing_numpy_file_and_function(tmp_path):
    path = write(tmp_path, BASE)
    source = path.with_suffix(".py").read_text(encoding="utf-8")
    path.with_suffix(".py").unlink()
    (problem,) = problems_of(tmp_path)
    assert "no elu.py beside it" in problem.what and problem.line == 2
    write(tmp_path, BASE, python=source.replace("elu_second_derivative", "elu_second"))
    (problem,) = problems_of(tmp_path)
    assert "has no function elu_second_derivative" in problem.what
    write(tmp_path, BASE, python="import nothing_of_this_name")
    (problem,) = problems_of(tmp_path)
    assert "cannot be imported (ModuleNotFoundError" in problem.what
    write(tmp_path, BASE, python=source.replace("alpha=1.0", "a=1.0"))
    assert all("has parameters a, the YAML alpha" in problem.what for problem in problems_of(tmp_path))


HOSTILE = "<script>alert(1)</script> <b onclick=x>粗</b> { onclick=alert } ![图](https://e.example/x.png) [点][j]"


def test_html_and_script_are_escaped(tmp_path):
    text = BASE.replace("因为左侧不为零。", f'"{HOSTILE}"')
    write(tmp_path, text)
    entries = read(tmp_path)
    made = prose.markdown(entries[0].questions[0].a, entries[0], "zh", entries)
    assert "<" not in made and "{" not in made and "![" not in made and "[点]" not in made
    import markdown

    html = markdown.markdown(made + "\n\n[j]: javascript:alert(1)", extensions=["attr_list", "md_in_html"])
    assert not any(part in html for part in ("<script", "<b", "<img", "javascript", "onclick="[:-1] + '="'))
    assert html.count("<a ") == 1 and 'href="https://e.example/x.png"' in html


# --- every field of the schema ---------------------------------------------------------------------------------------


def nodes(node, path=()):
    yield path, node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from nodes(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from nodes(value, (*path, index))


def real_fields():
    """(entry, path, node) for the first value of each field of the schema that the catalogue and the fixture use."""
    seen = set()
    texts = [(subject._source.path, subject._source.text) for subject in catalog().subjects]
    fixtures = [(BROKEN / "elementwise" / "elu.yaml", BASE), (BROKEN / "guides" / "choose.yaml", GUIDE)]
    for path, text in [*texts, *fixtures]:
        for place, node in nodes(yaml.compose(text)):
            kind = "guides" if "guides" in path.parts else path.parent.name
            named = {"arrays", "gradients", "parameters"} if kind == "layer" else set()  # every layer has its own names
            steps = zip(("", *place), place, strict=False)
            key = (kind, *("*" if isinstance(step, int) or before in named else step for before, step in steps))
            if place and not isinstance(place[-1], int) and key not in seen:
                seen.add(key)
                yield pytest.param(path, text, place, node, id=f"{path.stem}-{'.'.join(map(str, place))}")


FIELDS = list(real_fields())


@pytest.mark.parametrize(("path", "text", "place", "node"), FIELDS)
def test_a_value_of_the_wrong_type_in_each_field(tmp_path, path, text, place, node):
    """A mapping in place of a scalar, a text in place of a list or mapping: exactly one Problem, at that value."""
    start, end = node.start_mark.index, node.end_mark.index
    tail = text[start:end][len(text[start:end].rstrip()) :]
    if not isinstance(node, yaml.ScalarNode):
        start = text.rindex(":", 0, start) + 1
    broken = text[:start] + (" {zz: 1}" if isinstance(node, yaml.ScalarNode) else " not valid") + tail + text[end:]
    wrong = dict(nodes(yaml.compose(broken)))[place].start_mark
    (tmp_path / path.parent.name).mkdir()
    target = tmp_path / path.parent.name / path.name
    target.write_text(broken, encoding="utf-8")
    if path.with_suffix(".py").exists():
        shutil.copy(path.with_suffix(".py"), target.with_suffix(".py"))
    with pytest.raises(InvalidCatalog) as caught:
        (load if path.with_suffix(".py").exists() else load_guide)(target)
    steps = ".".join(map(str, place))
    own = [(problem.line, problem.column) for problem in caught.value.problems if problem.field == steps]
    assert own == [(wrong.line + 1, wrong.column + 1)], caught.value
    # Parameters give names to the formulas: without them, formulas that use them are wrong as well.
    if place[0] != "parameters" and place[-1] not in ("kind", "id"):
        assert len(caught.value.problems) == 1, caught.value


def test_every_field_of_the_schema_is_covered():
    used = {param.values[2][-1] for param in FIELDS}
    models = {model for base in (Model, Subject, BaseEntry) for model in base.__subclasses__()} - {BaseEntry, Subject}
    # Case is generic: its key "is" is met in forms and claims.
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert keys - used <= {"doi", "url", "maximum", "composed"}, keys - used
