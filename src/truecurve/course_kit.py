"""The examples of the course kit: files of examples/ in the language of a page, as it shows them, and as they stand in
docs/examples/, where their addresses are relative."""

import re
from html import escape, unescape
from typing import Any
from urllib.parse import parse_qs

from truecurve.catalog import Catalog
from truecurve.describe import Words
from truecurve.guide import EXAMPLES
from truecurve.scalar_figures import SYMBOLS

SITE = "https://SITE/"
"""Stands for the address of the site, which readers see in its place."""
LEXERS = {"yml": "yaml", "md": "markdown", "qmd": "markdown", "py": "python", "tex": "latex", "txt": "text"}
"""Names for the colouring of code, where the ending is none."""


def names() -> list[str]:
    """The files that are shown; what a page loads besides lies in dist/."""
    found = (path.relative_to(EXAMPLES).as_posix() for path in sorted(EXAMPLES.rglob("*")) if path.is_file())
    return [name for name in found if not name.startswith("dist/")]


def context(catalog: Catalog, language: str, t: Words, year: str) -> dict[str, Any]:
    """What an example is filled with."""

    def frame(identifier: str, query: str = "", source: str = "src") -> str:
        """The element that shows a live figure, named after its functions and curves. Raises KeyError."""
        given = {key: value for key, (value, *_) in parse_qs(query).items()}
        shown = [identifier, *filter(None, given.get("with", "").split(","))]
        title = t.teaching.frame.format(
            names=t.values.listed.join(catalog.entry(name).name.short for name in shown),
            curves=t.teaching.joined.join(SYMBOLS[name] for name in given.get("show", "f,df").split(",")),
        )
        address = escape(f"{SITE}{language}/embed/{identifier}/" + (f"?{query}" if query else ""))
        look = 'width="100%" height="460" style="border:0"' + (' loading="lazy"' if source == "src" else "")
        return f'<iframe {source}="{address}" title="{title}" {look}></iframe>'

    words = {key: t.teaching[key].format(name="GELU") for key in ("lang", "alt", "notebook", "credit")}
    return {"language": language, "year": year, "frame": frame, **words}


def frames(text: str, language: str) -> list[tuple[str, str]]:
    """Title, and address below the folder of the language, of every live figure that the text embeds."""
    found = re.findall(rf'<iframe src="{SITE}{language}/([^"?]*)([^"]*)" title="([^"]*)"', text)
    return [(title, f"{path}index.html{unescape(query)}") for path, query, title in found]


def lexer(name: str) -> str:
    ending = name.rpartition(".")[2]
    return LEXERS.get(ending, ending)


def is_page(text: str) -> bool:
    """Whether a browser can open it: only these are published."""
    return text.startswith("<!doctype html>")


def published(text: str) -> str:
    """An example as it stands in examples/<language>/: with relative addresses, wherever the site may be."""

    def relative(match: re.Match[str]) -> str:
        return "../../" + match[1] + ("index.html" if not match[1] or match[1].endswith("/") else "")

    return re.sub(rf"{SITE}([^\"?#]*)", relative, text).replace('="dist/', '="../dist/')
