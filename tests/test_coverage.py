"""tests/coverage.yaml says where the site carries each statement of the reference inventory: every place must exist."""

from pathlib import Path

import pytest
import yaml

from truecurve import pages

CARRIED = yaml.safe_load((Path(__file__).parent / "coverage.yaml").read_text(encoding="utf-8"))
TARGETS = {
    target
    for rows in CARRIED.values()
    for found in rows.values()
    for target in ([found] if isinstance(found, str) else found)
}


def missing(target: str, rendered: dict[str, str]) -> list[str]:
    """The languages in which the page does not have the element."""
    page, _, element = target.partition("#")
    marks = (f"#{element} }}", f'id="{element}"')
    return [
        language
        for language in pages.LANGUAGES
        if not any(mark in rendered.get(f"{language}/{page}.md", "") for mark in marks)
    ]


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_the_place_exists(target: str, rendered: dict[str, str]) -> None:
    assert not missing(target, rendered)


def test_a_place_that_does_not_exist_is_reported(rendered: dict[str, str]) -> None:
    assert missing("functions/relu#no-such-element", rendered) == list(pages.LANGUAGES)
    assert missing("functions/no_such_page#definition", rendered) == list(pages.LANGUAGES)
