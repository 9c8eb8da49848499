"""Generate docs/ from src/truecurve: pages, figures and assets. Writes only what changed, removes what is over."""

import sys
from pathlib import Path

import click

from truecurve import catalog, site
from truecurve.problem import InvalidCatalog

ROOT = Path(__file__).resolve().parents[1]


@click.command(help=__doc__)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would change or a recording is missing.")
@click.option("--only", metavar="ID", help="Generate the files of one entry, for a quick look.")
def main(check: bool, only: str | None) -> None:
    try:
        if only is not None and only not in (known := [entry.id for entry in catalog()]):
            sys.exit(f"no entry {only!r}: choose from {', '.join(known)}")
        with click.progressbar(length=1, label="Truecurve", item_show_func=str, file=sys.stderr) as bar:

            def progress(done: int, steps: int, what: str) -> None:
                bar.length = steps
                bar.update(done - bar.pos, what)

            report = site.write(ROOT, check, only, progress)
    except InvalidCatalog as error:
        sys.exit(str(error))
    wrote, removed = ("would write", "would remove") if check else ("wrote", "removed")
    for path in report.written:
        print(f"{wrote} docs/{path.as_posix()}")
    for path in report.removed:
        print(f"{removed} docs/{path.as_posix()}")
    missing = site.unrecorded(catalog()) if check else []
    for sentence in missing:
        print(sentence)
    print(f"{wrote} {len(report.written)} files, {removed} {len(report.removed)}, {report.unchanged} unchanged")
    sys.exit(1 if check and (report.written or report.removed or missing) else 0)


if __name__ == "__main__":
    main()
