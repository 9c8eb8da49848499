"""An entry as Jupyter shows it: HTML that stands by itself, on white whatever the theme, and LaTeX. In English."""

import html as markup

from truecurve import figures, formulas, prose, svg
from truecurve.catalog import catalog
from truecurve.describe import words
from truecurve.entry import Entry, Vector
from truecurve.function_page import FunctionPage

_FRAME = (
    "box-sizing:border-box;max-width:44rem;padding:.8rem 1.2rem;border-radius:.6rem;"
    "background:#ffffff;color:#1d2330;color-scheme:light;font:16px/1.5 system-ui,sans-serif;text-align:left"
)
_SOFT = "color:#5a6478"


def html(entry: Entry) -> str:
    """Name, summary, definition and derivative as MathML, and the figure as SVG with its text in words."""
    page, t = FunctionPage(entry, catalog(), "en"), words("en")
    drawing = figures.first(entry)
    name, full = entry.name.short, page.fullname()
    heading = f'<strong style="font-size:1.4em">{markup.escape(name)}</strong>'
    if full:
        heading += f' <span style="{_SOFT}">{markup.escape(full)}</span>'
    lines = [heading, markup.escape(prose.plain(entry.summary, entry, "en", catalog()))]
    lines += [_formula(row) for row in page.formulas("definition")]
    derivative = t.page.jacobian if isinstance(entry, Vector) else t.headings.derivative
    lines += [f'<span style="{_SOFT}">{derivative}</span>', *map(_formula, page.formulas("derivative"))]
    alt = markup.escape(page.alt(drawing))
    attributes = f'role="img" aria-label="{alt}" style="max-width:100%;height:auto"'
    lines.append(svg.standalone(drawing.svg, "light").strip().replace("<svg ", f"<svg {attributes} ", 1))
    return f'<div style="{_FRAME}">' + "".join(f'<div style="margin:.5em 0">{line}</div>' for line in lines) + "</div>"


def latex(entry: Entry) -> str:
    r"""The definition, at the default of a choice, as `$\displaystyle …$`."""
    first = FunctionPage(entry, catalog(), "en").formulas("definition")[0]
    return rf"$\displaystyle {first['latex']}$"


def _formula(row: dict[str, str]) -> str:
    label = f"<code>{markup.escape(row['label'].strip('`'))}</code>" if row["label"] else ""
    return label + formulas.mathml(row["latex"], display=True)
