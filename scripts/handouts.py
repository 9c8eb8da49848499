"""Print the cheat sheet and the handouts of the built site to PDF files, with Chromium."""

import sys
from pathlib import Path

import click

from truecurve import paper

ROOT = Path(__file__).resolve().parents[1]


@click.command(help=__doc__)
@click.option("--site", type=click.Path(path_type=Path), default=ROOT / "site", help="The built site.")
@click.option("--into", type=click.Path(path_type=Path), default=ROOT / "handouts", help="Where the files go.")
def main(site: Path, into: Path) -> None:
    chromium = paper.browser()
    if chromium is None:
        sys.exit(f"no browser found: install one of {', '.join(paper.BROWSERS)}")
    sheets = paper.sheets(site)
    if not sheets:
        sys.exit(f"nothing to print in {site}: run make site")
    for name, page in sheets.items():
        pdf = into / f"{name}.pdf"
        paper.write_pdf(page, pdf, chromium)
        print(f"wrote {pdf}")


if __name__ == "__main__":
    main()
