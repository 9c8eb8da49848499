"""What pages are made of: samples, use, properties, mistakes, questions, relations, references."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, PrivateAttr, Tag, model_validator

from truecurve.fields import Anchor, Identifier, Model, Prose, Setting, Text
from truecurve.problem import Fault

Network = Literal["transformer", "language_model", "cnn", "rnn", "gan", "mobile"]


class Sample(Model):
    """A further code sample, run when recorded (torch) or at build (numpy); its printed output stands under it."""

    id: Anchor
    title: Text
    torch: str | None = None
    numpy: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "Sample":
        if (self.torch is None) == (self.numpy is None):
            raise Fault("torch and numpy are alternatives", "give exactly one of them")
        return self


class Exercise(Model):
    """The task of the notebook. `numpy` solves it, after the NumPy file; what it prints is the expected result."""

    task: Text
    hint: Text
    numpy: str


class Picture(Model):
    """A figure of cells. `numpy` makes `panels`, see `cell_figures.py`; of an entry it runs after the NumPy file, of a
    guide it may call the NumPy functions of the whole catalogue."""

    id: Anchor
    numpy: str
    caption: Text
    alt: Text


class Use(Model):
    when: list[Text]
    avoid: list[Text]


class UsedBy(Model):
    """A use, and a work that tells of it. `networks`: the kinds of network it is, where that work says so;
    language_model is one that continues a text, mobile one made for phones."""

    what: Text
    cite: Identifier
    networks: list[Network] = []


class Property(Model):
    """A true statement, proved by sampling `holds` (a value expression in x, y, v, w, c, see `values.py`)."""

    id: Anchor
    text: Text
    holds: str


class Mistake(Model):
    """A common false statement, the truth, and what refutes it: numbers (`shown_by`: value expressions that hold), or
    works (`cite`) where it is about history or use."""

    id: Anchor
    says: Text
    truth: Text
    shown_by: list[str] = []
    cite: list[Identifier] = []

    @model_validator(mode="after")
    def _refuted(self) -> "Mistake":
        if not (self.shown_by or self.cite):
            raise Fault("nothing refutes it", "give shown_by (value expressions that hold) or cite (references)")
        return self


class Question(Model):
    id: Anchor
    level: Literal["basic", "interview", "deep"]
    q: Text
    a: Text


class Related(Model):
    """`equal`: this entry at `given` is the other at `theirs`. `limit`: one parameter of `given` goes to its value.
    `see`: no mathematical statement, `note` says why."""

    id: Identifier
    relation: Literal["equal", "limit", "see"]
    given: dict[str, Setting] = {}
    theirs: dict[str, Setting] = {}
    note: Text | None = None


class Reference(Model):
    """A work that was looked up. `doi`, `arxiv` or `url` must lead to it."""

    id: Identifier
    authors: Prose
    title: Prose
    year: int
    venue: str | None = None
    arxiv: Annotated[str, Field(pattern=r"^\d{4}\.\d{4,5}$")] | None = None
    doi: str | None = None
    url: Annotated[str, Field(pattern=r"^https://\S+$")] | None = None

    @property
    def link(self) -> str | None:
        if self.arxiv:
            return f"https://arxiv.org/abs/{self.arxiv}"
        return f"https://doi.org/{self.doi}" if self.doi else self.url


def _reference_form(value: Any) -> str:
    return "id" if isinstance(value, str) else "full"


class Subject(Model):
    """What has a page: `page` is its path below the folder of a language. Works are described in full or by id."""

    id: Identifier
    references: list[
        Annotated[Annotated[Reference, Tag("full")] | Annotated[Identifier, Tag("id")], Discriminator(_reference_form)]
    ] = Field(min_length=1)

    _source: Any = PrivateAttr(default=None)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    @property
    def page(self) -> str:
        raise NotImplementedError

    @property
    def prefix(self) -> str:
        """Begins the names of its figures."""
        return self.id

    def defaults(self) -> dict[str, Any]:
        """The parameters that its texts may name, at PyTorch's defaults; a guide has none."""
        return {}
