"""Both languages keep to one vocabulary (locales/terms.yaml) and to their typography; no interface word is missing."""

import re
from pathlib import Path

import pytest
import yaml

import truecurve
from truecurve.fields import Name, Text, parts

LOCALES = Path(truecurve.__file__).parent / "locales"
TERMS = yaml.safe_load((LOCALES / "terms.yaml").read_text(encoding="utf-8"))
LANGUAGES = ("zh", "en")
HAN = "[\u3400-\u9fff]"
# What is not prose: code, formulas, computed values, citations, targets of links.
NOT_PROSE = re.compile(r"`[^`]*`|\\\(.*?\\\)|\[\[.*?\]\]|\{\{.*?\}\}|\[@[^\]]*\]|\]\([^)]*\)|https?://\S+", re.DOTALL)


def locale(language: str) -> dict:
    return yaml.safe_load((LOCALES / f"{language}.yaml").read_text(encoding="utf-8"))


def flat(data: dict, path: str = "") -> dict[str, str]:
    """Every leaf by its dotted path."""
    found = {}
    for key, value in data.items():
        found |= flat(value, f"{path}{key}.") if isinstance(value, dict) else {f"{path}{key}": value}
    return found


def sentences(language: str) -> list[tuple[str, str]]:
    """(where, text) of everything that is written in one language."""
    found = [(f"{language}.yaml: {path}", text) for path, text in flat(locale(language)).items()]
    for subject in truecurve.catalog().subjects:
        for loc, text in parts(subject, Text):
            if not isinstance(text, Name):
                found.append((f"{subject.prefix}: {'.'.join(map(str, loc))}", getattr(text, language)))
    return [(where, NOT_PROSE.sub("", text)) for where, text in found]


def forbidden(language: str) -> list[str]:
    avoided = [word for term in TERMS["terms"] for word in term.get("avoid", [])] if language == "zh" else []
    return avoided + TERMS["style"][language]


def misused(texts: list[tuple[str, str]], language: str) -> list[str]:
    words = forbidden(language)
    return [f"{where}: {word!r} in {text[:80]!r}" for where, text in texts for word in words if word in text.lower()]


def misspaced(texts: list[tuple[str, str]]) -> list[str]:
    """Half-width punctuation after a Chinese character, or no blank between a Chinese character and a Latin letter."""
    rules = {
        "half-width punctuation": f"{HAN}[,;:?!]|{HAN}\\.(?=\\s|$|{HAN})|{HAN}\\(|\\){HAN}",
        "no blank": f"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}",
    }
    return [
        f"{where}: {name}: {match[0]!r} in {text[max(0, match.start() - 20) : match.end() + 20]!r}"
        for where, text in texts
        for name, rule in rules.items()
        for match in re.finditer(rule, text)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_term_for_one_thing(language):
    assert misused(sentences(language), language) == []


def test_chinese_typography():
    assert misspaced(sentences("zh")) == []


def test_terms_are_unambiguous():
    english = [term["en"] for term in TERMS["terms"]]
    assert len(english) == len(set(english))
    for term in TERMS["terms"]:
        assert re.search(HAN, term["zh"])
        assert not any(word in other["zh"] for word in term.get("avoid", []) for other in TERMS["terms"]), term


def test_locales_have_the_same_keys():
    zh, en = (flat(locale(language)) for language in LANGUAGES)
    assert list(zh) == list(en)
    for key in zh:
        assert isinstance(zh[key], str), key
        assert isinstance(en[key], str), key
        assert zh[key].strip(), key
        assert en[key].strip(), key
        fields = [sorted(re.findall(r"\{(\w+)\}", re.sub(r"\\\(.*?\\\)", "", text))) for text in (zh[key], en[key])]
        assert fields[0] == fields[1], key
        # A word may be the same in both (DOI); a sentence may not.
        assert not re.search(HAN, en[key]), key


def test_every_word_of_the_interface_is_used():
    package = Path(truecurve.__file__).parent
    sources = [*package.glob("*.py"), *(package / "templates").glob("*.j2")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    for key in flat(locale("en")):
        steps = key.split(".")
        whole = rf"\b(t|zh|en)\.{re.escape(key)}\b"
        if steps[0] in ("functions", "layers"):  # their indexes and families share templates
            whole += rf"|\bwords\.{re.escape('.'.join(steps[1:]))}\b"
        looked_up = [rf"\bt\.{re.escape('.'.join(steps[:n]))}[\[)]" for n in range(1, len(steps))]
        assert any(re.search(pattern, code) for pattern in (whole, *looked_up)), key


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "激励函数给网络带来非线性。"),
        ("zh", "众所周知，它会饱和。"),
        ("en", "The normalization layer."),
        ("en", "In order to train."),
    ],
)
def test_checker_rejects_a_wrong_term(language, text):
    assert misused([("planted", text)], language)


@pytest.mark.parametrize("text", ["用ReLU", "斜率为1的直线", "激活,然后", "函数(见下)", "结束."])
def test_checker_rejects_wrong_typography(text):
    assert misspaced([("planted", text)])
