"""LaTeX to HTML: KaTeX in V8, inside this process, so that a page needs neither Node nor a script to show a formula."""

import atexit
import json
import re
import weakref
from functools import cache
from html import unescape
from pathlib import Path

from py_mini_racer import JSEvalException, MiniRacer

KATEX = Path(__file__).parent / "web" / "katex"

# What pymdownx.arithmatex (generic) makes of \( … \) and \[ … \].
_ARITHMATEX = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\(?:\((?P<inline>.*?)\\\)|\[(?P<display>.*?)\\\])</(?P=tag)>', re.DOTALL
)

# Every deviation from LaTeX is an error, and so is a command that KaTeX would print in red because it may link or load.
_RENDERED = """
const rendered = (latex, displayMode) => katex.renderToString(latex, {
  displayMode, output: "htmlAndMathml", throwOnError: true, strict: "error",
  trust: context => { throw new Error(context.command + " is not allowed") },
})
"""
_UNDERLINE = "\u0332"  # with which KaTeX marks the place of an error
_HEADING = re.compile(r"<th\b.*?</th>", re.DOTALL)


class FormulaError(ValueError):
    """A formula that KaTeX rejects; the text names the LaTeX and KaTeX's reason."""


def _close(context: "weakref.ref[MiniRacer]") -> None:
    if (alive := context()) is not None:
        alive.close()


@cache
def _v8() -> MiniRacer:
    """One V8 context with KaTeX in it."""
    context = MiniRacer()
    # Python 3.13 never exits while V8's thread waits for the interpreter; weak, so that `serve` can drop old contexts.
    atexit.register(_close, weakref.ref(context))
    context.eval((KATEX / "katex.min.js").read_text(encoding="utf-8"))
    context.eval(_RENDERED)
    return context


@cache
def html(latex: str, display: bool) -> str:
    """HTML for the eye and MathML for screen readers. `latex` comes without delimiters. Raises FormulaError."""
    try:
        return str(_v8().eval(f"rendered({json.dumps(latex)}, {json.dumps(display)})"))
    except JSEvalException as error:
        text = str(error).replace(_UNDERLINE, "")
        reason = re.search(r"(?:KaTeX parse error|Error): (?!KaTeX)(.*)", text)
        raise FormulaError(f"KaTeX rejects {latex!r}: {reason[1] if reason else text}") from error


def mathml(latex: str, display: bool) -> str:
    """The MathML alone: browsers draw it without a style sheet or a font of ours. Raises FormulaError."""
    rendered = html(latex, display)
    return rendered[rendered.index("<math") : rendered.index("</math>")] + "</math>"


def html_in(page_html: str) -> str:
    """The page with every formula that arithmatex marked replaced by `html()`. Raises FormulaError."""
    page_html = _HEADING.sub(lambda heading: _ARITHMATEX.sub(_named, heading[0]), page_html)
    return _ARITHMATEX.sub(_rendered, page_html)


def _rendered(match: re.Match[str]) -> str:
    if match["display"] is not None:
        return f'<div class="formula">{html(unescape(match["display"]).strip(), True)}</div>'
    return html(unescape(match["inline"]).strip(), False)


def _named(match: re.Match[str]) -> str:
    """A formula in a heading of a table: MathML gives no name to what it stands in, so it needs one of its own."""
    rendered = _rendered(match)
    mathml = re.sub(r"<annotation.*|<[^>]*>", "", rendered.partition("<math")[2].partition(">")[2], flags=re.DOTALL)
    return rendered.replace("<math ", f'<math aria-label="{mathml}" ', 1)
