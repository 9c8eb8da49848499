"""Write the annotated YAML file and the NumPy file of a new entry."""

import os
import re
import sys
from pathlib import Path

import click
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from truecurve.catalog import ENTRIES
from truecurve.loader import FUNCTIONS

ARGUMENTS = {"elementwise": "x", "gated": "x, dim=-1", "vector": "x, dim=-1", "layer": "x"}


@click.command(help=__doc__)
@click.argument("identifier", metavar="ID")
@click.option("--kind", type=click.Choice(list(FUNCTIONS)), default="elementwise", show_default=True)
def main(identifier: str, kind: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", identifier):
        sys.exit(f"{identifier!r} is not an id: use lower-case letters, digits and _, such as hard_swish")
    if taken := sorted(ENTRIES.glob(f"*/{identifier}.*")):
        sys.exit(f"{os.path.relpath(taken[0])} exists: choose another id, or edit it")
    templates = FileSystemLoader(Path(ENTRIES).parent / "templates")
    environment = Environment(loader=templates, undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
    for ending in ("yaml", "py"):
        path = ENTRIES / kind / f"{identifier}.{ending}"
        text = environment.get_template(f"entry.{ending}.j2").render(
            id=identifier, kind=kind, suffixes=FUNCTIONS[kind], arguments=ARGUMENTS[kind]
        )
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {os.path.relpath(path)}")
    print("Fill in both; `python scripts/build.py` says what is missing.")


if __name__ == "__main__":
    main()
