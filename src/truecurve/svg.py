"""From Matplotlib's SVG to ours: small, clean, coloured by CSS variables, so that one drawing serves light and dark."""

import re
from typing import Literal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Scheme = Literal["light", "dark", "transparent"]

COLOURS: dict[Scheme, dict[str, str]] = {
    "light": {
        "f": "#2457d6",
        "df": "#d4521a",
        "d2f": "#0f7a5f",
        "c4": "#8a35b8",
        "c5": "#b3145f",
        "c6": "#7d5f00",
        "c7": "#0a7490",
        "ink": "#1d2330",
        "soft": "#5a6478",
        "line": "#e6e8ee",
        "ground": "#ffffff",
    },
    "dark": {
        "f": "#7aa2ff",
        "df": "#ff9a66",
        "d2f": "#56d3b0",
        "c4": "#cf97ff",
        "c5": "#ff85b5",
        "c6": "#e3c04e",
        "c7": "#5fc9e8",
        "ink": "#e7e9ee",
        "soft": "#a0a9ba",
        "line": "#2b3140",
        "ground": "#14171f",
    },
    # Must be readable on any ground: middle tones, and nothing that hides what lies below.
    "transparent": {
        "f": "#3f74f0",
        "df": "#dd5f27",
        "d2f": "#1f9a72",
        "c4": "#a25bd0",
        "c5": "#d6488a",
        "c6": "#a3842a",
        "c7": "#2f9ab5",
        "ink": "#6b7487",
        "soft": "#7c8597",
        "line": "#8a93a533",
        "ground": "none",
    },
}
_VARIABLES = {colour: f"var(--tc-{name})" for name, colour in COLOURS["light"].items()}
_FONTS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif'
_NAMESPACE = "{http://www.w3.org/2000/svg}"
_DROPPED = {"defs", "metadata", "style"}
# What every SVG viewer assumes anyway.
_NEEDLESS = {"stroke-dashoffset: 0", "stroke-linecap: butt", "stroke-linejoin: round", "stroke-width: 1"}


def clean(raw: str, name: str, data: dict[str, str]) -> str:
    """The drawing as one line of SVG that may stand in an HTML page.

    Kept are the drawing itself and the ids that begin with `name` and a hyphen. `data` becomes data- attributes.
    Raises KeyError for a colour that is not one of `COLOURS["light"]`.
    """
    source = ElementTree.fromstring(raw.encode())
    root = Element("svg", viewBox=source.attrib["viewBox"])
    root.attrib |= {f"data-{key}": value for key, value in data.items()}
    root.attrib |= {"font-family": _FONTS, "stroke-linejoin": "round"}
    _copy(source, root, f"{name}-")
    return ElementTree.tostring(root, encoding="unicode")


def standalone(svg: str, scheme: Scheme) -> str:
    """A file of its own with literal colours: on white, on the dark ground, or on none."""
    colours = COLOURS[scheme]
    _, _, width, height = re.search(r'viewBox="([\d. ]+)"', svg)[1].split()  # type: ignore[index]
    start = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
    text = re.sub(r"var\(--tc-(\w+)\)", lambda match: colours[match[1]], svg.replace("<svg", start, 1))
    ground = "" if scheme == "transparent" else f'<rect width="100%" height="100%" fill="{colours["ground"]}" />'
    return re.sub(r"^<svg [^>]*>", lambda match: match[0] + ground, text) + "\n"


def _copy(source: Element, target: Element, prefix: str) -> None:
    """Append the children of `source`, cleaned; groups without an id of ours dissolve into their parent."""
    for child in source:
        tag = child.tag.removeprefix(_NAMESPACE)
        if tag in _DROPPED:
            continue
        named = child.get("id", "").startswith(prefix)
        if tag == "g" and not named:
            _copy(child, target, prefix)
            continue
        made = ElementTree.SubElement(target, tag, {"id": child.attrib["id"]} if named else {})
        if tag == "path":
            made.set("d", _relative(_short(child.attrib["d"])))
        elif tag == "text":
            # Turned text has its place in `transform`.
            place = ("x", "y") if "x" in child.attrib else ("transform",)
            made.attrib |= {key: _short(child.attrib[key]) for key in place}
            made.text = child.text
        made.attrib |= _style(child.get("style", ""))
        _copy(child, made, prefix)
        if tag == "g" and len(made) == 0:
            target.remove(made)


def _relative(d: str) -> str:
    """Straight lines as steps, each from the rounded point before it, so that nothing adds up: an eighth less of a page
    to send. Other paths stay as they are."""
    if not re.fullmatch(r"M[MLz\d. -]*", d):
        return d
    made, start, here, open_ = list[str](), (0.0, 0.0), (0.0, 0.0), ""
    for command, x, y in re.findall(r"([MLz]) ?(?:(-?[\d.]+) (-?[\d.]+))?", d):
        if command == "z":
            made.append("z")
            here, open_ = start, ""
            continue
        point = float(x), float(y)
        step = _short(f"{point[0] - here[0]:.2f} {point[1] - here[1]:.2f}")
        letter = "l" if command == "L" else "m" if made else "M"
        made.append(f" {step}" if letter == open_ == "l" else f"{letter}{step}")
        here, open_ = point, letter
        start = start if command == "L" else point
    return "".join(made)


def _style(style: str) -> dict[str, str]:
    """Attributes: colours as CSS in `style`; the rest plain, so that a page's CSS may override it."""
    properties = dict(re.findall(r"([\w-]+): ([^;]+)", style))
    attributes, css = {}, []
    for key, value in properties.items():
        if value.startswith("#"):
            css.append(f"{key}:{_VARIABLES[value]}")
        elif key == "font-family" or f"{key}: {value}" in _NEEDLESS:
            continue
        else:
            attributes[key] = _short(value.removesuffix("px"))
    return attributes | ({"style": ";".join(css)} if css else {})


def _short(text: str) -> str:
    """Numbers to a hundredth of a pixel, white space to one blank."""
    numbers = re.sub(r"-?\d+\.\d+", lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), text)
    return re.sub(r"\s+", " ", numbers).strip()
