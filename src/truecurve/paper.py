"""The cheat sheet and the handouts of a built site as PDF files, printed by Chromium."""

import shutil
import subprocess
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser() -> str | None:
    """The path of Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def sheets(site: Path) -> dict[str, Path]:
    """The pages to print, by what they are called: zh/cheatsheet, en/hard; none where the site is not built."""
    found = [*site.glob("*/cheatsheet/index.html"), *site.glob("*/handouts/*/index.html")]
    return {f"{path.relative_to(site).parts[0]}/{path.parent.name}": path for path in sorted(found)}


def write_pdf(page: Path, into: Path, chromium: str) -> None:
    """Print one page; the page itself says that it is A4. Raises RuntimeError with what Chromium said if it fails."""
    into.parent.mkdir(parents=True, exist_ok=True)
    into.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
        ]
        command = [chromium, *options, f"--print-to-pdf={into.resolve()}", page.resolve().as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)
    if not into.is_file():
        raise RuntimeError(f"{page} was not printed: {done.stderr.strip()}")
