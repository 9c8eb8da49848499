"""The gallery of the home page: the facts on its cards are those that NumPy shows; filters, search and order work by
mouse, by keyboard and from a link, in both languages, and are absent without JavaScript."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import yaml
from playwright.sync_api import Browser, Page

import truecurve
from truecurve import facts, gallery
from visits import LANGUAGES, SCHEMES, WIDTHS, Visit

CATALOG = truecurve.catalog()
CARDS = {entry.name.short: gallery.card(entry, CATALOG, "en") for entry in CATALOG}
NAMES = list(CARDS)


# --- Facts -----------------------------------------------------------------------------------------------------------


def sampled(entry) -> dict[str, object]:
    """What the NumPy functions show of an elementwise function at the parameters of its figure."""
    params = facts.shown_parameters(entry)
    x = np.linspace(-40, 40, 80_002)  # zero is none of them: half a step beside it on either side
    f, df, d2f = (function(x, **params) for function in (entry.forward, entry.derivative, entry.second_derivative))
    steps = np.diff(f)
    density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    flat = [abs(float(entry.derivative(np.array([side * 1e4]), **params)[0])) < 1e-3 for side in (-1, 1)]
    return {
        "smooth": max(np.abs(np.diff(values)).max() for values in (f, df, d2f)) < 0.05,
        "monotonic": bool((steps > -1e-12).all() or (steps < 1e-12).all()),
        "bounded": bool(np.abs(entry.forward(np.array([-1e8, 1e8]), **params)).max() < 1e3),
        "zero_centered": abs(float(np.sum(f * density) * (x[1] - x[0]))) < 1e-6,
        "saturates": {(True, True): "both", (True, False): "left", (False, True): "right"}.get(tuple(flat), "none"),
        "slope": float(np.abs(df).max()),
    }


def faults(entry, card: dict[str, str]) -> list[str]:
    """Where the attributes of a card differ from what the YAML file says and NumPy shows."""
    written = yaml.safe_load(entry._source.path.read_text(encoding="utf-8"))
    networks = {network for use in written.get("used_by", []) for network in use.get("networks", [])}
    wrong = [key for key in ("family", "kind") if card[key] != written[key]]
    wrong += ["used"] if set(card["used"].split()) != networks else []
    wrong += ["names"] if not all(name in card["names"] for name in (*written["name"].values(), entry.id)) else []
    wrong += ["summary"] if len(card["summary"]) < 20 or "<" in card["summary"] else []
    if written["kind"] != "elementwise":
        return wrong + [key for key in ("is", "saturates", "slope") if key in card]
    shown = sampled(entry)
    marks = card["is"].split()
    for mark in ("smooth", "monotonic", "bounded", "zero_centered"):
        wrong += [mark] if (mark in marks) != shown[mark] else []
    shaping = [
        name for name, value in written.get("parameters", {}).items() if not isinstance(value.get("default"), bool)
    ]
    wrong += ["parameters"] if ("parameters" in marks) != bool(shaping) else []
    wrong += ["saturates"] if card["saturates"] != shown["saturates"] else []
    return wrong + (["slope"] if abs(float(card["slope"]) - shown["slope"]) > 1e-3 else [])


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.id)
def test_the_facts_on_a_card(entry) -> None:
    assert not faults(entry, CARDS[entry.name.short])


@pytest.mark.parametrize(
    ("identifier", "key", "value", "says"),
    [
        ("relu", "is", "smooth monotonic", "smooth"),
        ("relu", "is", "", "monotonic"),
        ("relu", "is", "monotonic bounded", "bounded"),
        ("relu", "is", "monotonic zero_centered", "zero_centered"),
        ("relu", "is", "monotonic parameters", "parameters"),
        ("elu", "is", "monotonic", "parameters"),
        ("tanh", "is", "smooth monotonic bounded", "zero_centered"),
        ("tanh", "saturates", "left", "saturates"),
        ("gelu", "slope", "1.1", "slope"),
        ("gelu", "family", "gated", "family"),
        ("gelu", "kind", "vector", "kind"),
        ("gelu", "used", "cnn", "used"),
        ("gelu", "names", "GELU", "names"),
        ("gelu", "summary", "<b>GELU</b> multiplies the input", "summary"),
        ("glu", "slope", "1", "slope"),
    ],
)
def test_a_wrong_fact_is_found(identifier: str, key: str, value: str, says: str) -> None:
    entry = CATALOG.entry(identifier)
    assert faults(entry, CARDS[entry.name.short] | {key: value}) == [says]


class Cards(HTMLParser):
    """The data- attributes of the cards of a page, in order."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if given.get("class") == "tc-card":
            self.found.append({name.removeprefix("data-"): value for name, value in given.items() if name != "class"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_carries_them(site: Path, language: str) -> None:
    html = (site / language / "index.html").read_text(encoding="utf-8")
    assert Cards(html).found == [gallery.card(entry, CATALOG, language) for entry in CATALOG]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_choice_is_empty(language: str) -> None:
    """Every choice and mark is met by some card and not by all."""
    made = gallery.gallery(CATALOG, language)
    cards = made["cards"].values()
    for select in made["selects"]:
        assert select["options"]
        for value, _ in select["options"]:
            if select["name"] != "sort":
                assert 0 < sum(value in card.get(select["name"], "").split() for card in cards) < len(cards)
    for mark, _ in made["marks"]:
        assert 0 < sum(mark in card.get("is", "").split() for card in cards) < len(cards)


# --- In the browser --------------------------------------------------------------------------------------------------


def shown(page: Page) -> list[str]:
    return page.locator(".tc-card:visible .tc-card-name").all_inner_texts()


def marks(name: str) -> set[str]:
    return set(CARDS[name].get("is", "").split())


def counted(page: Page) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", page.locator(".tc-filter-count").inner_text())]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mouse_filters(browser: Browser, address: str, language: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open(f"{language}/")
        assert shown(page) == NAMES
        assert counted(page) == [len(NAMES), len(NAMES)]
        smooth, monotonic = page.locator("button[name=smooth]"), page.locator("button[name=monotonic]")
        smooth.click()
        assert smooth.get_attribute("aria-pressed") == "true"
        assert shown(page) == [name for name in NAMES if "smooth" in marks(name)]
        monotonic.click()
        both = [name for name in NAMES if {"smooth", "monotonic"} <= marks(name)]
        assert shown(page) == both
        assert counted(page) == [len(both), len(NAMES)]
        assert page.url == f"{address}{language}/?smooth=1&monotonic=1"
        smooth.click()
        monotonic.click()
        assert shown(page) == NAMES
        assert page.url == f"{address}{language}/"
    assert not visit.faults


def test_a_choice_filters(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open("en/")
        for name, value in (("family", "s_shaped"), ("kind", "vector"), ("saturates", "none"), ("used", "rnn")):
            select = page.locator(f"select[name={name}]")
            select.select_option(value)
            assert page.url == f"{address}en/?{name}={value}"
            assert shown(page) == [one for one, card in CARDS.items() if value in card.get(name, "").split()]
            select.select_option("")
    assert not visit.faults


def test_the_keyboard_filters(browser: Browser, address: str) -> None:
    """Tab reaches every control in turn; Space presses, the arrows choose, typing searches."""
    with Visit(browser, address) as visit:
        page = visit.open("en/")
        page.locator(".tc-filter input").focus()
        page.keyboard.type("elu")
        assert "ELU" in shown(page) and "Sigmoid" not in shown(page)
        reached = ["find"]
        while reached[-1] != "parameters":
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.name"))
            if reached[-1] == "family":
                page.keyboard.press("ArrowDown")
                page.keyboard.press("ArrowDown")
            if reached[-1] == "bounded":
                page.keyboard.press("Space")
                page.keyboard.press("Space")
        assert len(reached) == len(set(reached)) == 6 + len(gallery.MARKS)
        page.keyboard.press("Space")
        assert shown(page) == ["ELU", "CELU", "Softplus"]  # SoftReLU, as some call it
        assert page.url == f"{address}en/?find=elu&family=exponential&parameters=1"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert shown(page) == NAMES
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == NAMES[0]
    assert not visit.faults


SOUGHT = {
    "zh": {
        "nn.GELU": ["GELU", "GELU-tanh", "QuickGELU"],
        "hard_sigmoid": ["Hardsigmoid"],
        "leakyrelu": ["LeakyReLU"],
        "ＧＥＬＵ": ["GELU", "GELU-tanh", "QuickGELU", "GEGLU"],
        "gaussian": ["GELU"],
        "泄漏": ["LeakyReLU", "RReLU"],
        "门控": ["GLU", "SwiGLU", "GEGLU", "ReGLU", "Bilinear GLU"],
        "对数 softmax": ["LogSoftmax"],
    },
    "en": {
        "F.gelu": ["GELU", "GELU-tanh"],
        "torch.nn.functional.elu": ["ELU"],
        "Leaky ReLU": ["LeakyReLU", "RReLU"],
        "leaky_relu": ["LeakyReLU"],
        "高斯": ["GELU"],
        "LLaMA": ["SwiGLU", "RMSNorm"],
        "(": NAMES,
    },
}
TOLD = {"zh": "梯度", "en": "gradient"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_is_found(browser: Browser, address: str, language: str) -> None:
    found = {}
    with Visit(browser, address) as visit:
        page = visit.open(f"{language}/")
        for query in SOUGHT[language]:
            page.locator(".tc-filter input").fill(query)
            found[query] = shown(page)
    assert found == SOUGHT[language]
    assert not visit.faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_is_found_in_the_summaries(browser: Browser, address: str, language: str) -> None:
    """Where no function is called so."""
    told = [entry.name.short for entry in CATALOG if TOLD[language] in getattr(entry.summary, language)]
    with Visit(browser, address) as visit:
        page = visit.open(f"{language}/")
        page.locator(".tc-filter input").fill(TOLD[language])
        assert shown(page) == told
        assert told
    assert not visit.faults


def test_the_order(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open("en/")
        sort = page.locator("select[name=sort]")
        sort.select_option("name")
        assert shown(page) == sorted(NAMES, key=str.lower)
        sort.select_option("slope")
        slopes = {name: float(card["slope"]) for name, card in CARDS.items() if "slope" in card}
        assert shown(page) == sorted(NAMES, key=lambda name: slopes.get(name, np.inf))
        told = page.locator(".tc-card").first.evaluate("card => getComputedStyle(card, '::after').content")
        assert "attr" in told or str(min(slopes.values())) in told
        sort.select_option("")
        assert shown(page) == NAMES
    assert not visit.faults


def test_a_choice_outlives_reload_and_language(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open("zh/?utm=1#truecurve")
        page.locator(".tc-filter input").fill("softmax 门")
        page.locator(".tc-filter input").fill("lu")
        page.locator("select[name=used]").select_option("transformer")
        page.locator("select[name=sort]").select_option("name")
        page.locator("button[name=smooth]").click()
        query = "?utm=1&find=lu&used=transformer&sort=name&smooth=1"
        assert page.url == f"{address}zh/{query}#truecurve"
        found = shown(page)
        assert found == sorted(found, key=str.lower) and 1 < len(found) < len(NAMES)
        page.reload()
        assert shown(page) == found
        page.locator("[data-tc-switch]").click()
        page.wait_for_url(f"{address}en/{query}#truecurve")
        assert shown(page) == found
        assert page.locator("button[name=smooth]").get_attribute("aria-pressed") == "true"
        assert page.locator("select[name=used]").input_value() == "transformer"
        assert page.locator(".tc-filter input").input_value() == "lu"
    assert not visit.faults


@pytest.mark.parametrize(
    ("query", "bad"),
    [
        ("family=abc", ["family=abc"]),
        ("family=gated&family=abc&smooth=1", []),
        ("sort=1e999", ["sort=1e999"]),
        ("sort=constructor&used=__proto__", ["sort=constructor", "used=__proto__"]),
        ("smooth=yes&bounded=0", ["smooth=yes", "bounded=0"]),
        ("kind=<img src=x onerror=planted()>", ["kind=<img src=x onerror=planted()>"]),
        ("family=%22%3E%3Cscript%3Ethrow 1%3C/script%3E", ["script"]),
        ("saturates=%00&sort=%F0", ["sort="]),
        ("family=$%26", ["family=$&"]),
        ("find=%3Cscript%3Ethrow 1%3C/script%3E", []),
        ("family=&find=", []),
        ("nothing=1", []),
    ],
)
def test_what_is_wrong_in_an_address(browser: Browser, address: str, query: str, bad: list[str]) -> None:
    """It is left out and named, as text."""
    with Visit(browser, address) as visit:
        page = visit.open(f"zh/?{query}")
        told = page.locator(".tc-filter-count")
        assert told.get_attribute("role") == "status"
        assert all(one in told.inner_text() for one in bad)
        assert bool(bad) == ("·" in told.inner_text())
        if bad:
            assert shown(page) == NAMES
        assert page.locator(".tc-filter :is(img, script)").count() == 0
        page.locator("button[name=smooth]").click()
        assert "·" not in told.inner_text()
    assert not visit.faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_found(browser: Browser, address: str, language: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open(f"{language}/?kind=vector&smooth=1")
        assert shown(page) == []
        assert counted(page) == [0, len(NAMES)]
        page.locator(".tc-empty button").click()
        assert shown(page) == NAMES
        assert not page.locator(".tc-empty").is_visible()
        assert page.evaluate("document.activeElement.className") == "tc-filter-reset"
        assert page.url == f"{address}{language}/"
    assert not visit.faults


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gallery_without_javascript(browser: Browser, address: str, language: str, width: int) -> None:
    with Visit(browser, address, width, java_script_enabled=False) as visit:
        page = visit.open(f"{language}/?family=gated")
        assert shown(page) == NAMES
        assert page.locator(".tc-home :is(form, input, select, button):visible").count() == 0
    assert not visit.faults


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_script_moves_nothing(browser: Browser, address: str, language: str, width: int) -> None:
    """The controls stand in their place before it runs, in two slim rows at most."""

    def tops(script: str | None) -> list[float]:
        """Where the controls and the cards begin, with another script in place of the site's."""
        with Visit(browser, address, width) as visit:
            if script is not None:
                visit.page.route("**/gallery.js", lambda route: route.fulfill(body=script))
            page = visit.open(f"{language}/")
            return [page.locator(name).evaluate("one => one.offsetTop") for name in (".tc-tally", ".tc-gallery")]

    tally, cards = tops(None)
    assert cards - tally < 160
    assert tops("") == [tally, cards]
    assert tops("document.querySelector('.tc-filter').remove()") != [tally, cards]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gallery_is_accessible(browser: Browser, address: str, language: str, scheme: str, width: int) -> None:
    with Visit(browser, address, width, scheme) as visit:
        visit.open(f"{language}/?smooth=1&saturates=left&sort=slope&family=abc")
        visit.accessible().fits()
        visit.page.locator("button[name=bounded]").click()
        assert shown(visit.page) == []
        visit.accessible().fits()
    assert not visit.faults


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_card_in_hand_shows_the_derivative(browser: Browser, address: str, motion: str) -> None:
    with Visit(browser, address, reduced_motion=motion) as visit:
        page = visit.open("en/")
        card = page.locator(".tc-card").nth(NAMES.index("GELU"))
        group, line = card.locator("#gelu-thumb-df"), card.locator("#gelu-thumb-df > path").first

        def look() -> tuple[float, str]:
            opacity = line.evaluate("line => Number(getComputedStyle(line).strokeOpacity)")
            return opacity, group.evaluate("group => getComputedStyle(group).animationName")

        drawn = "tc-draw" if motion == "no-preference" else "none"
        assert look()[0] < 1 and look()[1] == "none"
        card.hover()
        assert look() == (1, drawn)
        page.mouse.move(0, 0)
        assert look()[1] == "none"
        card.locator("a").focus()
        assert look() == (1, drawn)
    assert not visit.faults


def test_the_gallery_offline(browser: Browser, offline: Path) -> None:
    home = offline.resolve().as_uri() + "/"
    with Visit(browser, home) as visit:
        page = visit.open("en/index.html?family=gated")
        assert shown(page) == [entry.name.short for entry in CATALOG if entry.family == "gated"]
        page.locator(".tc-filter input").fill("swiglu")
        assert shown(page) == ["SwiGLU"]
        page.locator("[data-tc-switch]").click()
        page.wait_for_url(f"{home}zh/index.html?find=swiglu&family=gated")
        assert shown(page) == ["SwiGLU"]
    assert not visit.faults
