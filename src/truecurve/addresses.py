"""Where everything stands, below the root of the site."""

from truecurve.payload import Urls

ROOT = "api/v1"


def page(language: str, path: str) -> str:
    """The address of a page: en/functions/gelu/ for functions/gelu.md."""
    return f"{language}/{path.removesuffix('.md').removesuffix('index')}".rstrip("/") + "/"


def urls(identifier: str) -> Urls:
    """Those of one function."""
    figure = f"figures/{identifier}"
    return Urls(
        zh=page("zh", f"functions/{identifier}"),
        en=page("en", f"functions/{identifier}"),
        embed_zh=page("zh", f"embed/{identifier}"),
        embed_en=page("en", f"embed/{identifier}"),
        svg=f"{figure}.svg",
        svg_dark=f"{figure}.dark.svg",
        svg_transparent=f"{figure}.transparent.svg",
        png_800=f"{figure}-800.png",
        png_1600=f"{figure}-1600.png",
        pdf=f"{figure}.pdf",
        csv=f"data/{identifier}.csv",
        tex=f"formulas/{identifier}.tex",
        json_=f"{ROOT}/entries/{identifier}.json",
        notebook_zh=f"notebooks/zh/{identifier}.ipynb",
        notebook_en=f"notebooks/en/{identifier}.ipynb",
    )


_ANY = urls("ID")
ADDRESSES = {
    "catalog": f"{ROOT}/catalog.json",
    "catalog_schema": f"{ROOT}/catalog.schema.json",
    "entry": _ANY.json_,
    "entry_schema": f"{ROOT}/entry.schema.json",
    "csv": _ANY.csv,
    "svg": _ANY.svg,
    "png": _ANY.png_800,
    "pdf": _ANY.pdf,
    "tex": _ANY.tex,
    "llms": "llms.txt",
}
"""What the page about the data lists; ID is that of a function."""
