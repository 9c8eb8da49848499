/* The comparison page, around the live figure: which functions are in it, the difference of two of them and where it is
   largest, the rows of the table that belong to them, and files to take along. Its own state in the address is diff. */
(function () {
  "use strict";
  const { number, element, ticks, trace } = truecurve, figure = truecurve.figures[0], items = figure.items;
  const page = document.querySelector(".tc-compare"), words = JSON.parse(page.dataset.tcWords);
  const assets = document.currentScript.src.replace(/compare\.js.*$/, "");
  const MOST = 7, ORDERS = ["f", "df", "d2f"], PRIMES = ["", "′", "″"], SUFFIXES = ["", "_derivative", "_second_derivative"];
  const DASHES = ["", "9 5", "12 4 2 4"], LINES = ["-", "--", "-."], EPS = Math.pow(2, -52);
  const find = (selector) => page.querySelector(selector), all = (selector) => [...page.querySelectorAll(selector)];
  const say = (sentence, ...values) => values.reduce((text, value) => text.replace("*", () => value), sentence);
  const item = (id) => items.find((one) => one.id === id);

  function tell(box, text) {
    box.hidden = !text;
    box.textContent = text || "–";
  }

  /* The parameters that the reader has changed, or all: [["alpha", 2]]. */
  function parameters(one, changed) {
    return Object.entries(one.parameters).filter(([name, value]) => !changed || value !== one.fn.parameters[name].value);
  }

  /* What is drawn: a function and an order of derivative for each curve. */
  function curves() {
    const shown = figure.show();
    return items.flatMap((one) => ORDERS.flatMap((key, order) => (shown.includes(key) ? [{ one, order }] : [])));
  }

  function kinks(several) {
    const [low, high] = figure.view().x, places = several.flatMap((one) => one.fn.kinks(one.parameters));
    return [...new Set(places)].filter((x) => x > low && x < high).sort((a, b) => a - b);
  }

  /* So close beside a kink that the value is the limit, and that no rounding of the kink leads to the other branch. */
  function beside(x, side) { return x + side * Math.max(Math.abs(x) * 4 * EPS, 1e-300); }

  /* --- Choosing --------------------------------------------------------------------------------------------------- */

  const chips = all("[data-tc-function]"), search = find("[type=search]"), family = find(".tc-picker select");
  const boxes = all(".tc-picker [type=checkbox]"), found = find(".tc-found"), list = find(".tc-chips");
  const bare = (text) => text.toLowerCase().replace(/[\s_.-]/g, "");

  chips.forEach((chip) => chip.addEventListener("click", () => {
    if (item(chip.dataset.tcFunction)) figure.remove(chip.dataset.tcFunction);
    else if (items.length < MOST) figure.add(chip.dataset.tcFunction);
    else found.textContent = words.full;
  }));

  function filter() {
    list.style.minHeight = list.offsetHeight + "px"; // what stands below stays where it is
    const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
    for (const chip of chips) {
      const has = chip.dataset.tcProperties.split(" "), group = chip.closest("[data-tc-family]");
      chip.hidden = !bare(chip.dataset.tcNames).includes(bare(search.value)) || !wanted.every((name) => has.includes(name)) ||
        Boolean(family.value) && family.value !== group.dataset.tcFamily;
    }
    all("[data-tc-family]").forEach((group) => { group.hidden = !group.querySelector("button:not([hidden])"); });
    count();
  }
  function count() { found.textContent = say(words.found, chips.filter((chip) => !chip.hidden).length); }
  search.addEventListener("input", filter);
  [family, ...boxes].forEach((input) => input.addEventListener("change", filter));
  window.addEventListener("resize", () => { list.style.minHeight = ""; });

  function drawChips() {
    count();
    for (const chip of chips) {
      const one = item(chip.dataset.tcFunction);
      chip.setAttribute("aria-pressed", Boolean(one));
      chip.setAttribute("aria-disabled", !one && items.length >= MOST);
      chip.style.setProperty("--tc-chip", one ? "var(--tc-" + one.colour + ")" : "");
    }
  }

  /* --- The difference: its largest value by dense sampling and golden sections, limits at kinks included -------------- */

  /* The largest d between two places, and where; it is looked at in between only. */
  function section(d, low, high) {
    const ratio = (Math.sqrt(5) - 1) / 2;
    for (let step = 0; step < 80 && high - low > EPS * Math.abs(low); step++) {
      const inner = [high - ratio * (high - low), low + ratio * (high - low)];
      if (d(inner[0]) < d(inner[1])) low = inner[0];
      else high = inner[1];
    }
    return (low + high) / 2;
  }

  /* Points of y = a - b over the window, in order. A point beside a kink has a side, -1 or 1, and stands for a limit. */
  function points(a, b, places, [low, high], second) {
    const point = (x, side) => ({ x, side, y: a(beside(x, side)) - b(beside(x, side)) }), d = (x) => Math.abs(a(x) - b(x));
    const tiny = 1e-9 * (high - low), inside = (x, k) => x - knots[k] > tiny && knots[k + 1] - x > tiny;
    const grid = [], near = [Math.max(low, -16), Math.min(high, 16)], knots = [low, ...places, high], made = [];
    for (let i = 1; i < 2048; i++) for (const [from, to] of [[low, high], near]) grid.push(from + (to - from) * i / 2048);
    grid.sort((x, y) => x - y);
    for (let k = 0; k + 1 < knots.length; k++) {
      const inner = grid.filter((x) => inside(x, k)).map((x) => point(x, 0));
      const part = [point(knots[k], k ? 1 : 0), ...inner, point(knots[k + 1], k + 2 < knots.length ? -1 : 0)];
      const height = (i) => (part[i] ? Math.abs(part[i].y) : -1);
      const peaks = part.map((_, i) => i).filter((i) => height(i) >= height(i - 1) && height(i) >= height(i + 1));
      peaks.sort((i, j) => height(j) - height(i));
      const refined = peaks.slice(0, 16).map((i) => section(d, part[Math.max(i - 1, 0)].x, part[Math.min(i + 1, part.length - 1)].x));
      made.push(...part, ...refined.filter((x) => inside(x, k)).map((x) => point(x, 0)));
      // The second derivative has a value only where both limits agree.
      const limits = k + 2 < knots.length ? [part[part.length - 1], point(knots[k + 1], 1)] : [];
      if (limits.length && !(second && Math.abs(limits[0].y - limits[1].y) > 1e-9)) made.push({ ...point(knots[k + 1], 0), knot: true });
    }
    return made.sort((p, q) => p.x - q.x || p.side - q.side);
  }

  /* The largest |y|, whether it is attained, and the places, each [first point, last point]. */
  function largest(made, noise) {
    const value = Math.max(...made.map((point) => Math.abs(point.y)));
    const best = made.find((point) => Math.abs(point.y) === value), least = value * (1 - 1e-12) - noise(best.x);
    const groups = [];
    made.forEach((point, i) => {
      if (Math.abs(point.y) < least) return;
      if (i && Math.abs(made[i - 1].y) >= least) groups[groups.length - 1].push(point);
      else groups.push([point]);
    });
    const attained = (group) => group.some((point) => !point.side), some = groups.some(attained);
    const places = groups.filter((group) => attained(group) === some).map((group) => {
      const [from, to] = [group[0], group[group.length - 1]], close = to.x - from.x < 1e-6 * (made[made.length - 1].x - made[0].x);
      if (!close) return [from, to];
      const right = group.filter((point) => !(point.side && some)), top = Math.max(...right.map((point) => Math.abs(point.y)));
      return [right.find((point) => point.knot) || right.find((point) => Math.abs(point.y) === top)];
    });
    return { value, some, places, equal: value <= 32 * noise(best.x) };
  }

  function placeText([from, to], [low, high]) {
    const unbroken = (text) => text.replace(/ /g, "\u00a0"), decimals = Math.max(0, Math.ceil(7 - Math.log10(high - low)));
    const at = ({ x }) => number(+x.toFixed(Math.min(decimals, 15)), 5); // a smooth peak is found to about 1e-8
    if (to) return unbroken(at(from) + (from.side ? " < x" : " ≤ x") + (to.side ? " < " : " ≤ ") + at(to));
    if (from.side) return unbroken("x → " + at(from) + (from.side < 0 ? "⁻" : "⁺"));
    const text = unbroken("x = " + at(from));
    return from.x === low || from.x === high ? say(words.edge, text) : text;
  }

  const room = find(".tc-difference"), selects = all("[data-tc-pair]"), sentence = find(".tc-largest"), value = find(".tc-there");
  const [left, top, right, bottom] = room.dataset.tcBox.split(" ").map(Number);
  const plot = element("svg", { viewBox: "0 0 " + room.dataset.tcSize, class: "tc-plot", role: "img" }, room.querySelector(".tc-picture"));
  const frame = element("g", {}, plot), line = element("g", {}, plot), hair = element("g", {}, plot);
  let wanted = [], scale = null;

  /* The two functions and the order: as wanted where they are in the figure, else the first two. */
  function pair() {
    const first = item(wanted[0]) || items.find((one) => one.id !== wanted[1]);
    const second = item(wanted[1]) && wanted[1] !== first.id ? item(wanted[1]) : items.find((one) => one !== first);
    return { first, second, order: Math.max(0, ORDERS.indexOf(wanted[2])) };
  }

  function drawDifference() {
    const { first, second, order } = items.length > 1 ? pair() : {};
    [first, second].forEach((chosen, i) => {
      selects[i].replaceChildren(...(chosen ? items : []).map((one) => new Option(one.fn.name, one.id, false, one === chosen)));
      selects[i].disabled = !chosen;
    });
    selects[2].value = ORDERS[order || 0];
    [frame, line].forEach((group) => group.replaceChildren());
    scale = null;
    if (!second) {
      tell(sentence, words.one);
      return;
    }
    const [a, b] = [first, second].map((one) => (x) => one.fn.f[order](x, one.parameters));
    const view = figure.view().x, made = points(a, b, kinks([first, second]), view, order === 2);
    const noise = (x) => 2 * EPS * Math.max(Math.abs(a(x)), Math.abs(b(x))), most = largest(made, noise);
    const heights = [0, ...made.map((point) => point.y)], span = [Math.min(...heights), Math.max(...heights)];
    const pad = 0.08 * (span[1] - span[0]) || 1, y = [span[0] - pad, span[1] + pad];
    scale = {
      a, b, name: first.fn.name + PRIMES[order] + " − " + second.fn.name + PRIMES[order],
      x: (x) => left + (x - view[0]) / (view[1] - view[0]) * (right - left),
      y: (at) => bottom - (at - y[0]) / (y[1] - y[0]) * (bottom - top)
    };
    drawFrame(view, y);
    const difference = { f: [(x) => a(x) - b(x)], kinks: () => kinks([first, second]) };
    element("path", { d: trace(difference, 0, {}, { x: view }, scale), fill: "none", stroke: "var(--tc-ink)", "stroke-width": 2, "data-curve": "difference" }, line);
    if (!most.equal) for (const [from, to] of most.places) {
      if (!to) element("circle", { cx: scale.x(from.x), cy: scale.y(from.y), r: 4.5, fill: most.some ? "var(--tc-f)" : "var(--tc-ground)", stroke: "var(--tc-f)", "stroke-width": 1.8 }, line);
    }
    const places = most.places.slice(0, 4).map((place) => placeText(place, view)).join(words.listed) + (most.places.length > 4 ? " …" : "");
    const [name, size] = ["|" + scale.name + "|", number(most.value, 5)];
    tell(sentence, most.equal ? words.equal : say(most.some ? words.largest : words.approached, name, size, places));
    sentence.dataset.tcValue = most.value;
    plot.setAttribute("aria-label", scale.name + ": " + sentence.textContent);
  }

  /* Grid and numbers; a power of ten that all heights share stands once above them. */
  function drawFrame(view, y) {
    const reach = Math.max(...y.map(Math.abs)), power = reach >= 0.01 && reach < 1e4 ? 0 : Math.floor(Math.log10(reach)), unit = Math.pow(10, power);
    const label = (text, x, at, anchor) => { element("text", { x, y: at, "text-anchor": anchor }, frame).textContent = text; };
    let grid = "";
    for (const x of ticks(view[0], view[1], 9)) {
      grid += "M" + scale.x(x).toFixed(2) + " " + top + "V" + bottom;
      label(number(x, 6), scale.x(x), bottom + 26, "middle");
    }
    for (const at of ticks(y[0] / unit, y[1] / unit, 6)) {
      grid += "M" + left + " " + scale.y(at * unit).toFixed(2) + "H" + right;
      label(number(at, 6), left - 9, scale.y(at * unit) + 5, "end");
    }
    if (power) label("×10" + String(power).replace(/./g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit] || "⁻"), left + 6, top + 14, "start");
    element("path", { d: grid, class: "tc-grid" }, frame);
    element("path", { d: "M" + left + " " + scale.y(0) + "H" + right, class: "tc-axes" }, frame);
  }

  function drawHair() {
    const at = figure.at();
    hair.replaceChildren();
    value.textContent = scale && at !== null ? "x = " + number(at, 8) + ":  " + scale.name + " = " + number(scale.a(at) - scale.b(at)) : "\u00a0";
    if (scale && at !== null) element("path", { d: "M" + scale.x(at) + " " + top + "V" + bottom, class: "tc-hair" }, hair);
  }

  selects.forEach((select) => select.addEventListener("change", () => {
    const before = pair(), chosen = selects.map((one) => one.value);
    if (chosen[0] === chosen[1]) chosen[select === selects[0] ? 1 : 0] = select === selects[0] ? before.first.id : before.second.id; // they swap
    wanted = chosen;
    const query = new URLSearchParams(location.search), usual = items.slice(0, 2).map((one) => one.id).join() + ",f" === wanted.join();
    if (usual) query.delete("diff");
    else query.set("diff", wanted.join(",").replace(/,f$/, ""));
    truecurve.remember(query);
    update();
  }));

  /* --- The table --------------------------------------------------------------------------------------------------- */

  const rows = all("[data-tc-entry]");

  function drawTable() {
    rows.forEach((row) => { row.hidden = items.length > 0 && !item(row.dataset.tcEntry); });
    const changed = items.filter((one) => parameters(one, true).length).map(title);
    tell(find(".tc-changed"), changed.length ? say(words.changed, changed.join(words.listed)) : "");
  }

  /* The name, with the parameters that were changed. */
  function title(one) {
    const changed = parameters(one, true).map(([name, value]) => one.fn.parameters[name].symbol + " = " + (Number.isFinite(value) ? number(value) : value));
    return one.fn.name + (changed.length ? " (" + changed.join(", ") + ")" : "");
  }

  /* --- Files ------------------------------------------------------------------------------------------------------- */

  const probe = document.createElement("i");
  probe.dataset.mdColorScheme = "default";
  probe.hidden = true;
  page.appendChild(probe);
  const light = (text) => text.replace(/var\((--tc-\w+)\)/g, (_, name) => getComputedStyle(probe).getPropertyValue(name).trim());

  /* What style sheets say of these classes, for a file that has none. */
  const STYLES = {
    "tc-grid": { fill: "none", stroke: "var(--tc-line)" },
    "tc-axes": { fill: "none", stroke: "var(--tc-soft)", opacity: 0.55 },
    "tc-variable": { fill: "var(--tc-soft)", "font-size": 17, "font-style": "italic" }
  };

  /* The figure as a file of its own: on white, in the light colours, with a legend below. */
  function svg() {
    const { width, height } = figure.svg.viewBox.baseVal, whole = height + 14 + 26 * items.length, shown = figure.show();
    const made = element("svg", {
      viewBox: "0 0 " + width + " " + whole, width, height: whole, fill: "var(--tc-ink)",
      "font-family": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', Arial, sans-serif", "font-size": 15
    });
    element("title", {}, made).textContent = items.map(title).join(", ");
    element("rect", { width, height: whole, fill: "var(--tc-ground)" }, made);
    [...figure.svg.children].slice(0, 3).forEach((part) => made.appendChild(part.cloneNode(true))); // without the reader's mark
    made.querySelectorAll("[class]").forEach((part) => {
      const style = STYLES[part.getAttribute("class")] || {};
      for (const name in style) part.setAttribute(name, style[name]);
      part.removeAttribute("class");
    });
    items.forEach((one, row) => {
      const y = height + 10 + 26 * row;
      let x = 58;
      ORDERS.forEach((key, order) => {
        if (!shown.includes(key)) return;
        element("path", { d: "M" + x + " " + y + "h34", fill: "none", stroke: "var(--tc-" + one.colour + ")", "stroke-width": 2.4, "stroke-dasharray": DASHES[order] }, made);
        element("text", { x: x + 40, y: y + 5, "font-style": "italic" }, made).textContent = "f" + PRIMES[order];
        x += 70;
      });
      element("text", { x: x + 4, y: y + 5 }, made).textContent = title(one);
    });
    return { text: light(new XMLSerializer().serializeToString(made)), width, height: whole };
  }

  function png(then) {
    const { text, width, height } = svg(), image = new Image(), canvas = document.createElement("canvas");
    image.onload = () => {
      Object.assign(canvas, { width: 1600, height: Math.round(1600 * height / width) });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(then);
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
  }

  /* x in 513 steps and at the kinks, and a column for each curve, every number with all its digits. */
  function csv() {
    const [low, high] = figure.view().x, drawn = curves();
    const xs = Array.from({ length: 513 }, (_, i) => low + (high - low) * i / 512);
    const x = [...new Set([...xs, ...kinks(items)])].sort((a, b) => a - b);
    const heads = drawn.map(({ one, order }) => one.id + SUFFIXES[order] + "(" + parameters(one).map(([name, value]) => name + "=" + value).join(", ") + ")");
    const lines = x.map((at) => [at, ...drawn.map(({ one, order }) => one.fn.f[order](at, one.parameters))].join(","));
    return ["x," + heads.map((head) => '"' + head.replace(/\(\)$/, "") + '"').join(","), ...lines, ""].join("\n");
  }

  truecurve.numpy = {};
  /* The NumPy source of a function, from the script that registers it. */
  function source(id) {
    return truecurve.numpy[id] || new Promise((then) => {
      const script = document.createElement("script");
      script.src = assets + "numpy/" + id + ".js";
      script.onload = () => then(truecurve.numpy[id]);
      document.head.appendChild(script);
    });
  }

  async function python() {
    const drawn = curves(), { x, y } = figure.view(), chosen = [...items], sources = await Promise.all(chosen.map((one) => source(one.id)));
    const list = (numbers) => "[" + numbers.join(", ") + "]", breaks = kinks(chosen);
    const imports = new Set(["import matplotlib.pyplot as plt", "import numpy as np", ...sources.flatMap((one) => one.imports)]);
    const grid = "np.linspace(" + x[0] + ", " + x[1] + ", 513)";
    const plotted = drawn.map(({ one, order }) => {
      const f = (at) => one.fn.f[order](at, one.parameters);
      const jumps = kinks([one]).filter((at) => Math.abs(f(beside(at, -1)) - f(beside(at, 1))) > 1e-9 * (1 + Math.abs(f(at))));
      const given = parameters(one).map(([name, value]) => ", " + name + "=" + JSON.stringify(value)).join("");
      const call = one.id + SUFFIXES[order] + "(x" + given + ")";
      return "axes.plot(x, " + (jumps.length ? "np.where(np.isin(x, " + list(jumps) + "), np.nan, " + call + ")" : call) +
        ', "' + LINES[order] + '", color="' + light("var(--tc-" + one.colour + ")") + '", label="' + title(one) + (order ? ": f" + PRIMES[order] : "") + '")';
    });
    return [
      "# Drawn after a figure of Truecurve. The functions are under the MIT licence.",
      [...imports].sort().join("\n"), "", "", sources.map((one) => one.code).join("\n\n\n"), "", "",
      ...breaks.length ? ["# Both sides of every kink, and the kink itself", "kinks = " + list(breaks),
        "x = np.unique([*" + grid + ", *kinks, *np.nextafter(kinks, -np.inf), *np.nextafter(kinks, np.inf)])"] : ["x = " + grid],
      "figure, axes = plt.subplots(figsize=(8, 5))", ...plotted,
      'axes.set(xlim=(' + x.join(", ") + "), ylim=(" + y.join(", ") + '), xlabel="x")', 'axes.grid(color="' + light("var(--tc-line)") + '")',
      "axes.legend()", "plt.show()", ""
    ].join("\n");
  }

  function save(ending, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = "truecurve-" + items.map((one) => one.id).join("-") + "." + ending;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  async function copy(text) {
    const said = find(".tc-copied");
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = words.copied;
    } catch (error) { // no permission, or a page without https
      const box = Object.assign(document.createElement("textarea"), { value: text }), active = document.activeElement;
      page.appendChild(box);
      box.select();
      said.textContent = document.execCommand("copy") ? words.copied : words.uncopied;
      box.remove();
      active.focus();
    }
    setTimeout(() => { said.textContent = ""; }, 4000);
  }

  const takers = {
    link: () => { figure.remember(); copy(location.href); },
    svg: () => save("svg", new Blob([svg().text], { type: "image/svg+xml" })),
    png: () => png((blob) => save("png", blob)),
    csv: () => save("csv", new Blob([csv()], { type: "text/csv" })),
    code: () => python().then(copy),
    py: () => python().then((text) => save("py", new Blob([text], { type: "text/x-python" })))
  };
  const buttons = all("[data-tc-take]"), listing = find(".tc-listing");
  buttons.forEach((button) => button.addEventListener("click", takers[button.dataset.tcTake]));
  listing.addEventListener("toggle", drawListing);
  function drawListing() {
    if (listing.open) python().then((text) => { listing.querySelector("code").textContent = text; });
  }

  /* --- The address, and what follows from a change ------------------------------------------------------------------- */

  /* What the live figure cannot know of: parameters of functions that are not in it, more than seven, a wrong pair. */
  function read() {
    const query = new URLSearchParams(location.search), known = (id) => figure.known.includes(id), bad = figure.bad;
    const asked = (query.get("f") || "").split(",").filter(known), chosen = [...new Set(asked)];
    const shown = chosen.length ? chosen.slice(0, MOST) : figure.root.dataset.tcStart.split(",");
    chosen.slice(MOST).forEach((id) => bad.push("f=" + id));
    for (const [name, text] of query) {
      const [id, parameter] = name.split(".");
      const chip = chips.find((one) => one.dataset.tcFunction === id && shown.includes(id));
      if (name.includes(".") && !(chip && chip.dataset.tcParameters.split(" ").includes(parameter))) bad.push(name + "=" + text);
    }
    const given = query.get("diff"), parts = (given || "").split(",");
    if (given !== null) {
      const right = parts.length < 4 && parts[0] !== parts[1] && parts.slice(0, 2).filter(known).length === 2 && ORDERS.includes(parts[2] || "f");
      if (right) wanted = parts;
      else bad.push("diff=" + given);
    }
    truecurve.complain(find(".tc-note"), figure.root.dataset.tcBad, bad);
  }

  const before = {};
  /* Draws again only what depends on something that changed. */
  function update() {
    if (!figure.view()) return;
    const chosen = JSON.stringify(items.map((one) => [one.id, one.parameters]));
    const state = { chosen, difference: chosen + JSON.stringify([figure.view(), wanted]), code: chosen + JSON.stringify([figure.view(), figure.show()]) };
    const changed = Object.keys(state).filter((name) => state[name] !== before[name]);
    Object.assign(before, state);
    if (changed.includes("chosen")) {
      drawChips();
      drawTable();
      buttons.forEach((button) => { button.disabled = !items.length && button.dataset.tcTake !== "link"; });
    }
    if (changed.includes("difference")) drawDifference();
    if (changed.includes("code")) drawListing();
    drawHair();
  }

  read();
  filter();
  figure.listen(update);
  update();
})();
