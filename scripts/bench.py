"""Speed as ratios within one run: of the live figure in Chromium over the built site/, and of conv2d against PyTorch.

Ready: from the start of the navigation until the figure is drawn, with the live figure over without its scripts (the
static picture alone), at a quarter of the processor's speed. Slider: one step of it, painted, over setting the same
paths anew, painted. conv2d: our NumPy over PyTorch on one thread, with images (8, 16, 32, 32) and 32 filters 3 × 3.
"""

import argparse
import contextlib
import functools
import http.server
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from playwright.sync_api import Browser, sync_playwright

import truecurve
from truecurve import paper

SITE = Path(__file__).parent.parent / "site"
LIVE = ("special.js", "live.js")
READY = """() => new Promise((done) => {
  const told = () => requestAnimationFrame(() => setTimeout(() => done(performance.now())));
  const look = () => document.querySelector(%r) && document.readyState !== "loading" ? told() : setTimeout(look, 1);
  look();
})"""
STEP = """async () => {
  const slider = document.querySelector("[data-tc-parameter=alpha]"), svg = document.querySelector(".tc-plot");
  const steps = Array.from({ length: 200 }, (_, i) => 0.5 + 3 * (i % 100) / 100), drawn = [];
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const timed = async (step) => {
    await frame();
    const start = performance.now();
    for (let i = 0; i < steps.length; i += 1) { step(steps[i], i); await frame(); }
    return (performance.now() - start) / steps.length;
  };
  const slide = (value) => { slider.value = value; slider.dispatchEvent(new Event("input", { bubbles: true })); };
  const shapes = () => [...svg.querySelectorAll("[data-curve]")].map((one) => one.getAttribute("d"));
  steps.forEach((value) => { slide(value); drawn.push(shapes()); });
  const step = await timed(slide), paths = [...svg.querySelectorAll("[data-curve]")];
  return [step, await timed((_, i) => paths.forEach((path, k) => path.setAttribute("d", drawn[i][k])))];
}"""
# Frames follow each other as fast as they are painted, not at the rate of a screen.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-frame-rate-limit", "--disable-gpu-vsync"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass

    def copyfile(self, source: Any, outputfile: Any) -> None:
        with contextlib.suppress(ConnectionError):  # a page that is closed early
            super().copyfile(source, outputfile)


def ready(browser: Browser, address: str, live: bool) -> float:
    """Milliseconds until the first picture of a function page stands, live or still."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    if not live:
        page.route(
            "**/assets/*", lambda route: route.abort() if route.request.url.endswith(LIVE) else route.continue_()
        )
        page.route("**/assets/fn/*", lambda route: route.abort())
    page.goto(f"{address}en/functions/elu/", wait_until="commit")
    taken = float(page.evaluate(READY % (".tc-live .tc-plot" if live else ".tc-live .tc-picture svg")))
    context.close()
    return taken


def convolution(runs: int) -> tuple[float, float]:
    """Milliseconds of one forward pass, ours and PyTorch's, in float32; medians of runs in turns."""
    random = np.random.default_rng(0)
    x = random.normal(size=(8, 16, 32, 32)).astype(np.float32)
    weight = random.normal(size=(32, 16, 3, 3)).astype(np.float32)
    tensors, ours = (torch.from_numpy(x), torch.from_numpy(weight)), truecurve.entry("conv2d").forward
    torch.set_num_threads(1)

    def timed(call: Callable[[], Any]) -> float:
        start = time.perf_counter()
        call()
        return 1000 * (time.perf_counter() - start)

    calls = (lambda: ours(x, weight), lambda: torch.nn.functional.conv2d(*tensors))
    pairs = [[timed(call) for call in calls] for _ in range(20 * runs)]
    mine, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    return mine, theirs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9, help="of each kind, taken in turns (default: 9)")
    runs = parser.parse_args().runs
    mine, theirs = convolution(runs)
    print(f"conv2d: NumPy {mine:.2f} ms, PyTorch {theirs:.2f} ms, ratio {mine / theirs:.1f} (aim: at most 50)")
    handler = functools.partial(Quiet, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        browser = playwright.chromium.launch(executable_path=paper.browser(), args=ARGUMENTS)
        pairs = [(ready(browser, address, True), ready(browser, address, False)) for _ in range(runs + 1)][1:]
        live, still = (statistics.median(times) for times in zip(*pairs, strict=True))
        print(f"ready: live {live:.0f} ms, still {still:.0f} ms, ratio {live / still:.2f} (aim: at most 1.3)")
        page = browser.new_page()
        page.goto(f"{address}en/functions/elu/", wait_until="networkidle")
        steps = [page.evaluate(STEP) for _ in range(runs)]
        step, redraw = (statistics.median(times) for times in zip(*steps, strict=True))
        print(f"slider: a step {step:.2f} ms, its redraw {redraw:.2f} ms, ratio {step / redraw:.2f} (aim: at most 4)")
        server.shutdown()


if __name__ == "__main__":
    main()
