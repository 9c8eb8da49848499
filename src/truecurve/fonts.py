"""KaTeX's fonts, cut down to the glyphs that the pages of a site show: about a tenth of their bytes."""

import base64
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from truecurve.formulas import KATEX, FormulaError

Font = tuple[str, str]  # ("Main", "Regular"), as in KaTeX_Main-Regular.woff2
MAIN: Font = ("Main", "Regular")


@cache
def _rules() -> list[tuple[set[str], dict[str, str]]]:
    """What katex.min.css says of fonts, in its order: the classes an element must have, and what they set."""
    css = (KATEX / "katex.min.css").read_text(encoding="utf-8")
    rules = []
    for selectors, body in re.findall(r"(\.katex [^{}]*)\{([^{}]*)\}", css):
        sets = dict(re.findall(r"font-(family|weight|style):([^;]+)", body))
        # Of ".delimsizing.mult .delim-size1>span" the last element with a class decides; its span inherits.
        rules += [(set(re.findall(r"\.([\w.-]+)", one)[-1].split(".")), sets) for one in selectors.split(",") if sets]
    return rules


class _Glyphs(HTMLParser):
    """Collects the characters below class="katex-html", by the font that shows them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[Font, set[str]] = defaultdict(set)
        self._styles: list[dict[str, str]] = []  # of the open spans; empty outside a formula

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = set((dict(attrs).get("class") or "").split())
        if tag == "span" and (self._styles or "katex-html" in classes):
            style = self._styles[-1] if self._styles else {"family": "KaTeX_Main"}
            for wanted, sets in _rules():
                if wanted <= classes:
                    style = style | sets
            self._styles.append(style)

    def handle_endtag(self, tag: str) -> None:
        if tag == "span" and self._styles:
            self._styles.pop()

    def handle_data(self, data: str) -> None:
        if self._styles:
            self.found[_font(self._styles[-1])].update(set(data) - {" ", "\n"})


def _font(style: dict[str, str]) -> Font:
    """The file for a style; KaTeX ships no bold or italic of some families, and Math only in italics."""
    family = style["family"].removeprefix("KaTeX_")
    bold, italic = style.get("weight") in ("700", "bold"), style.get("style") == "italic"
    face = ("Bold" if bold else "") + ("Italic" if italic else "") or "Regular"
    return (family, next(name for name in (face, "Italic", "Regular") if (KATEX / _path((family, name))).exists()))


def _path(font: Font) -> str:
    """Where the style sheet looks for a font."""
    return "fonts/KaTeX_{}-{}.woff2".format(*font)


def glyphs(pages: Iterable[str]) -> dict[Font, set[str]]:
    """Which characters of which font the formulas of these HTML pages show."""
    parser = _Glyphs()
    for page in pages:
        parser.feed(page)
        parser.close()
        parser.reset()
    return {font: characters for font, characters in sorted(parser.found.items()) if characters}


def files(pages: Iterable[str]) -> dict[str, bytes]:
    """What a site with these pages serves of KaTeX: its style sheet, its licence and the fonts, subset. Paths are
    relative to the style sheet. Raises FormulaError naming a font and characters that KaTeX has no glyph for."""
    by_page = [found for page in pages if (found := glyphs([page]))]
    used: dict[Font, set[str]] = defaultdict(set)
    for found in by_page:
        for font, characters in found.items():
            used[font] |= characters
    css = (KATEX / "katex.min.css").read_text(encoding="utf-8")
    # A character may stand in a span whose class this module does not know: the font of all other text gets them all.
    wanted = used | ({MAIN: set().union(*used.values())} if used else {})
    fonts = {_path(font): _subset(KATEX / _path(font), used[font], wanted[font]) for font in sorted(used)}
    # What most pages need stands in the style sheet: no line of text moves when a font arrives, and fewer requests.
    common = {_path(font) for font in used if 2 * sum(font in found for found in by_page) > len(by_page)}
    within = {path: data for path, data in fonts.items() if path in common}

    def kept(match: re.Match[str]) -> str:
        source = re.search(r"url\((fonts/[^)]*\.woff2)\) format\(\"woff2\"\)", match[0])
        if not source or source[1] not in fonts:
            return ""
        place = source[0]
        if source[1] in within:
            place = place.replace(source[1], f"data:font/woff2;base64,{base64.b64encode(within[source[1]]).decode()}")
        return re.sub(r"src:[^;}]*", lambda _: f"src:{place}", match[0])

    return {
        "katex.min.css": re.sub(r"@font-face\{[^}]*\}", kept, css).encode(),
        "LICENSE": (KATEX / "LICENSE").read_bytes(),
        **{path: data for path, data in fonts.items() if path not in within},
    }


def _subset(path: Path, needed: set[str], wanted: set[str]) -> bytes:
    """The WOFF2 file with the glyphs for the `wanted` characters it has, which must include the `needed` ones."""
    options = Options(flavor="woff2", hinting=False, layout_features=["*"])
    font = TTFont(path, recalcTimestamp=False)  # a new timestamp would change the bytes of every build
    missing = {character for character in needed if ord(character) not in font.getBestCmap()} - {"\u200b"}
    if missing:
        raise FormulaError(f"{path.name} has no glyph for {' '.join(sorted(missing))}")
    subsetter = Subsetter(options)
    subsetter.populate(unicodes={ord(character) for character in wanted})
    subsetter.subset(font)
    font.flavor = "woff2"
    out = BytesIO()
    font.save(out)
    return out.getvalue()
