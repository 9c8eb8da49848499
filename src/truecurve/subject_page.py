"""What the pages of functions and guides share: texts, pictures, samples, mistakes, questions, references."""

import html
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

from truecurve import captions, prose, recordings
from truecurve.catalog import Catalog
from truecurve.comparison import Comparison
from truecurve.describe import Words, words
from truecurve.fields import Text
from truecurve.figures import Drawing
from truecurve.sections import Mistake, Picture, Question, Subject
from truecurve.snippets import Snippet
from truecurve.values import digits_apart, number

Page = TypeVar("Page", bound=Subject)


def picture(drawing: Drawing, alt: str) -> dict[str, str]:
    """A drawing ready to stand in Markdown: on one line (a blank line would end the HTML block), with its alt text."""
    label = f'<svg role="img" aria-label="{html.escape(alt)}" '
    svg = " ".join(drawing.svg.split("\n")).strip().replace("<svg ", label, 1)
    return {"name": drawing.name, "role": drawing.role, "svg": svg}


def torch_version(record: Mapping[str, Any]) -> str:
    """2.13.0 of 2.13.0+cpu."""
    return str(record["versions"]["torch"]).partition("+")[0]


def deviation(row: Mapping[str, Any], t: Words) -> dict[str, Any]:
    """A recorded deviation of PyTorch: where, and both values with as many digits as tell them apart."""
    values = {key: float(row[key]) for key in ("torch", "true")}
    digits = digits_apart(values.values())
    shown = {key: number(value, digits) for key, value in values.items()}
    return {"quantity": t.verification.quantities[row["quantity"]], "x": float(row["x"]), **shown}


class SubjectPage(Generic[Page]):
    """One page in one language."""

    def __init__(self, subject: Page, catalog: Catalog, language: str):
        self.subject, self.catalog, self.language = subject, catalog, language
        self.t: Words = words(language)
        self.record = recordings.read(recordings.VERIFICATION)

    def say(self, text: Text) -> str:
        return prose.markdown(text, self.subject, self.language, self.catalog).strip()

    def way(self, page: str) -> str:
        """The link from here to another page."""
        return prose.way(self.subject.page, page)

    def comparisons(self, several: Iterable[Comparison], drawings: Iterable[Drawing]) -> list[dict[str, Any]]:
        """Figures of several functions, with their legends."""
        by_name = {drawing.name: drawing for drawing in drawings}
        made = []
        for comparison in several:
            drawing = by_name[f"{self.subject.prefix}-{comparison.id}"]
            alt = captions.alt_comparison(comparison, self.catalog, self.t)
            keys = [
                {
                    "colour": key.line.colour,
                    "dash": key.line.dash,
                    "name": key.line.curve.label,
                    "href": self.way(f"functions/{key.of}.md") if key.of else "",
                    "latex": key.latex,
                }
                for key in captions.legend(comparison, self.catalog)
            ]
            caption = self.say(comparison.caption)
            made.append({**picture(drawing, alt), "id": comparison.id, "caption": caption, "legend": keys})
        return made

    def cells(self, stated: Picture, drawing: Drawing) -> dict[str, str]:
        """A figure of cells, which has its own texts; the caption as one line, for Markdown and `describe.inline`."""
        alt, caption = (
            write(text, self.subject, self.language, self.catalog)
            for write, text in ((prose.plain, stated.alt), (prose.line, stated.caption))
        )
        return {**picture(drawing, alt), "id": stated.id, "caption": caption}

    def samples(self, snippets: Iterable[Snippet]) -> list[dict[str, str]]:
        return [
            {
                "id": sample.id,
                "label": sample.label,
                "title": self.say(sample.title) if sample.title else self.t.samples[sample.id],
                "code": sample.code.strip("\n"),
                "output": (sample.output or "").strip("\n"),
            }
            for sample in snippets
        ]

    def mistakes(self, several: Iterable[Mistake]) -> list[dict[str, Any]]:
        return [
            {
                "id": mistake.id,
                "says": self.say(mistake.says),
                "truth": self.say(mistake.truth),
                "evidence": [
                    *(prose.evidence(source, self.subject, self.catalog) for source in mistake.shown_by),
                    *(prose.citation(self.catalog.reference(work)) for work in mistake.cite),
                ],
            }
            for mistake in several
        ]

    def questions(self, several: Iterable[Question]) -> list[dict[str, str]]:
        return [
            {
                "id": question.id,
                "level": self.t.page.level[question.level],
                "q": self.say(question.q),
                "a": self.say(question.a),
            }
            for question in several
        ]

    def references(self) -> list[dict[str, Any]]:
        made = []
        for item in self.subject.references:
            work = self.catalog.reference(item) if isinstance(item, str) else item
            shown = f"arXiv:{work.arxiv}" if work.arxiv else f"doi:{work.doi}" if work.doi else (work.url or "")
            # A venue such as NeurIPS 2017 says the year already.
            when = [part for part in (work.venue, str(work.year)) if part]
            when = when[:1] if work.venue and str(work.year) in work.venue else when
            link = {"link": work.link, "link_text": shown.removeprefix("https://")}
            made.append({**work.model_dump(), "when": ", ".join(when), **link})
        return made
