"""The one way Truecurve says that an input is wrong."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One mistake in one source file: 1-based `line` and `column`, `field` as a dotted path such as `claims.range`."""

    file: Path
    line: int
    column: int
    field: str
    what: str
    fix: str

    def __str__(self) -> str:
        try:
            file = self.file.relative_to(Path.cwd())
        except ValueError:
            file = self.file
        return f"{file}:{self.line}:{self.column}: {self.field}: {self.what}: {self.fix}"


class Fault(ValueError):
    """A wrong value, found where its place in the file is not known; `offset` counts characters from its start."""

    def __init__(self, what: str, fix: str, offset: int = 0):
        self.what, self.fix, self.offset = what, fix, offset
        super().__init__(f"{what}: {fix}")


class InvalidCatalog(Exception):
    """Raised once, with every Problem found."""

    def __init__(self, problems: list[Problem]):
        self.problems = sorted(problems, key=lambda problem: (str(problem.file), problem.line, problem.column))
        super().__init__("\n".join(map(str, self.problems)))
