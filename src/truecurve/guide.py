"""The data model of a guide: a page that is about several functions, such as a family or the choice between them."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from truecurve.comparison import Comparison
from truecurve.fields import Anchor, Identifier, Model, Text, parts
from truecurve.problem import Fault
from truecurve.sections import Mistake, Picture, Question, Sample, Subject

EXAMPLES = Path(__file__).parent / "examples"


def _example(value: Any) -> Any:
    if not isinstance(value, str) or not (EXAMPLES / value).is_file():
        known = sorted(path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*") if path.is_file())
        raise Fault(f"no example {value!r}", f"name a file of examples/: {', '.join(known)}")
    return value


class Example(Model):
    """A file of examples/ that the page shows whole, in the language of the page; the tests build the same file."""

    id: Anchor
    title: Text
    file: Annotated[str, BeforeValidator(_example)]


class Row(Model):
    id: Anchor
    cells: list[Text]


class Table(Model):
    columns: list[Text] = Field(min_length=2, max_length=7)
    rows: list[Row] = Field(min_length=2)


class Task(Model):
    """What to use for something: entries by id, and the argument."""

    id: Anchor
    task: Text
    first: list[Identifier] = Field(min_length=1)
    also: list[Identifier] = []
    avoid: list[Identifier] = []
    why: Text


class Item(Model):
    id: Anchor
    text: Text


class Section(Model):
    """A heading and what stands below it, in this order; `id` is its address."""

    id: Anchor
    title: Text
    text: Text | None = None
    comparisons: list[Comparison] = []
    pictures: list[Picture] = []
    table: Table | None = None
    tasks: list[Task] = []
    items: list[Item] = []
    examples: list[Example] = []
    samples: list[Sample] = []
    mistakes: list[Mistake] = []
    questions: list[Question] = []


class Guide(Subject):
    """One page. A guide of a family has the id of the family and lies in guides/families/; `order` names the members
    that come first everywhere, the others follow by name."""

    title: Text
    summary: Text
    order: list[Identifier] = []
    sections: list[Section] = Field(min_length=1)

    @property
    def page(self) -> str:
        return f"families/{self.id}.md" if self.of_family else f"{self.id}.md"

    @property
    def of_family(self) -> bool:
        return bool(self._source.path.parent.name == "families")

    @property
    def prefix(self) -> str:
        """Begins the names of its figures; no entry has it."""
        return f"{'family' if self.of_family else 'guide'}-{self.id}"

    @property
    def comparisons(self) -> list[Comparison]:
        return [comparison for _, comparison in parts(self, Comparison)]

    @property
    def samples(self) -> list[Sample]:
        return [sample for _, sample in parts(self, Sample)]

    def anchors(self) -> list[str]:
        """Every id that its sections state, in order, as on the page."""
        named: list[tuple[type[Any], str]] = [
            (Section, ""),
            (Comparison, "figure-"),
            (Picture, "figure-"),
            (Row, ""),
            (Task, ""),
            (Item, "item-"),
            (Example, "example-"),
            (Sample, "sample-"),
            (Mistake, "mistake-"),
            (Question, "q-"),
        ]
        return [prefix + part.id for kind, prefix in named for _, part in parts(self, kind, nested=True)]
