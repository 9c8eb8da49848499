"""What several tests share: the site, built once a session as `make site` and `make offline` do, and a browser."""

import functools
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, sync_playwright

from truecurve import paper
from truecurve.site import MANIFEST

ROOT = Path(__file__).parents[1]
LONGEST = ("test_browser", "test_site", "test_live", "test_figures", "test_reading", "test_search", "test_build")
"""The modules that take longest start first, so that no worker is left alone with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


def build(root: Path, into: Path, **environment: str) -> None:
    """`mkdocs build --strict` of the checkout at `root`, with a clean environment but for `environment`."""
    kept = {name: value for name, value in os.environ.items() if name not in ("SITE_URL", "OFFLINE", "TRACKER_URL")}
    defaults = {"NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "1767225600", "PYTHONPATH": str(root / "src")}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(into)],
        cwd=root,
        env=kept | defaults | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stdout + done.stderr, "a clean build says nothing"


def once(tmp_path_factory: pytest.TempPathFactory, into: Path, **environment: str) -> Path:
    """Build into a folder of the checkout, unless another worker of this session has done so."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    with FileLock(shared / "build.lock"):
        done = shared / f"{into.name}.built"
        if not done.exists():
            build(ROOT, into, **environment)
            done.touch()
    return into


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site, in site/."""
    return once(tmp_path_factory, ROOT / "site")


@pytest.fixture(scope="session")
def rendered(site: Path) -> dict[str, str]:
    """Every page as the build wrote it, by its path below docs/."""
    docs = ROOT / "docs"
    own = ["index.html", *json.loads((docs / MANIFEST).read_text(encoding="utf-8"))]
    pages = {
        path for path in own if path.endswith((".md", ".html")) and not path.startswith(("assets/", "examples/dist/"))
    }
    return {path: (docs / path).read_text(encoding="utf-8") for path in sorted(pages)}


@pytest.fixture(scope="session")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy that opens without a server, in site-offline/."""
    return once(tmp_path_factory, ROOT / "site-offline", OFFLINE="1")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="session")
def address(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is served: on a free port, and below a path, as on static hosting."""
    root = tmp_path_factory.mktemp("www")
    (root / "below").mkdir()
    (root / "below" / "a-path").symlink_to(site, target_is_directory=True)
    handler = functools.partial(Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/below/a-path/"
        server.shutdown()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser; without one the tests that need it are skipped (and fail on CI)."""
    return paper.browser() or pytest.skip("needs Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Not for the session: while it is open, no other test of the worker could run an event loop."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()
