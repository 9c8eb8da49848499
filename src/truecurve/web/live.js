/* The live figure: curves of functions in one view, with sliders, a read-out, overlays, pan and zoom. It takes the place
   of the static picture in every element with data-tc-live, once it has drawn. Its state is in the address. No library. */
(function () {
  "use strict";
  const { number, admitted } = truecurve, SVG = "http://www.w3.org/2000/svg", ORDERS = ["f", "df", "d2f"], DASHES = ["", "9 5", "12 4 2 4"];
  const COLOURS = ["c4", "c5", "c6", "c7"], STEP = 1.5, EDGE = 1e-12, FAR = 1e6;
  const assets = document.currentScript.src.replace(/live\.js.*$/, "");
  const pages = document.querySelector("meta[name='tc-functions']");

  function element(tag, attributes, parent) {
    const made = document.createElementNS(SVG, tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    if (parent) parent.appendChild(made);
    return made;
  }

  /* At most `most` round values from low to high, in steps of 1, 2 or 5 times a power of ten. */
  function ticks(low, high, most) {
    for (let power = Math.floor(Math.log10((high - low) / most)); ; power++) {
      for (const digit of [1, 2, 5]) {
        const unit = digit * Math.pow(10, power), first = Math.ceil(low / unit - 1e-9);
        const count = Math.floor(high / unit + 1e-9) - first + 1;
        if (count <= most) return Array.from({ length: count }, (_, i) => +((first + i) * unit).toPrecision(12));
      }
    }
  }

  const loading = {};
  /* Fetches the script of a function, unless it is there: calls `then` with what it registered. */
  function load(id, then) {
    if (truecurve.functions[id]) return then(truecurve.functions[id]);
    if (loading[id]) return loading[id].push(then);
    loading[id] = [then];
    const script = document.createElement("script");
    script.src = assets + "fn/" + id + ".js";
    script.async = false; // in the order of the address, which the colours follow
    script.onload = () => loading[id].forEach((call) => call(truecurve.functions[id]));
    document.head.appendChild(script);
  }

  function defaults(fn) {
    return Object.fromEntries(Object.entries(fn.parameters).map(([name, parameter]) => [name, parameter.value]));
  }

  /* The path of one curve: a point every 1.5 pixels and on both sides of every kink, with gaps where it jumps. */
  function trace(fn, order, parameters, view, to) {
    const [low, high] = view.x, edge = EDGE * (high - low), f = fn.f[order];
    const inner = fn.kinks(parameters).filter((at) => at > low && at < high).sort((a, b) => a - b);
    const knots = [low, ...inner, high], width = to.x(high) - to.x(low);
    let path = "", before = NaN;
    for (let k = 0; k + 1 < knots.length; k++) {
      const left = knots[k], right = knots[k + 1], count = Math.max(2, Math.ceil(width * (right - left) / (high - low) / STEP));
      for (let i = 0; i <= count; i++) {
        const x = i === 0 ? left + edge : i === count ? right - edge : left + (right - left) * i / count;
        const y = Math.max(-FAR, Math.min(FAR, to.y(f(x, parameters))));
        if (isNaN(y)) { before = NaN; continue; }
        const joined = i > 0 ? !isNaN(before) : Math.abs(y - before) < 0.05;
        path += (joined ? "L" : "M") + to.x(x).toFixed(2) + " " + y.toFixed(2);
        before = y;
      }
    }
    return path;
  }

  function figure(root) {
    const data = root.dataset, own = data.tcLive, form = root.querySelector(".tc-controls");
    const [left, top, right, bottom] = data.tcBox.split(" ").map(Number), holder = root.querySelector(".tc-picture");
    const known = data.tcKnown.split(" "), query = new URLSearchParams(location.search), bad = [];
    const note = root.querySelector(".tc-note"), readout = root.querySelector(".tc-readout"), list = root.querySelector(".tc-items");
    const listeners = [], items = [], hint = readout.textContent;
    let view = null, at = null, show = (data.tcShow || "f df").split(" "), tangent = false, timer = 0, plain = true;

    const to = {
      x: (x) => left + (x - view.x[0]) / (view.x[1] - view.x[0]) * (right - left),
      y: (y) => bottom - (y - view.y[0]) / (view.y[1] - view.y[0]) * (bottom - top)
    };
    const inverse = (px) => view.x[0] + (px - left) / (right - left) * (view.x[1] - view.x[0]);

    /* --- Drawing: the frame, the curves in it, the mark on them ------------------------------------------------- */

    const svg = element("svg", { viewBox: "0 0 " + data.tcSize, class: "tc-plot", tabindex: 0, role: "slider" });
    const clip = "tc-clip-" + Math.random().toString(36).slice(2);
    element("rect", { x: left - 2, y: top - 2, width: right - left + 4, height: bottom - top + 4 },
      element("clipPath", { id: clip }, svg));
    const frame = element("g", {}, svg), curves = element("g", { "clip-path": "url(#" + clip + ")" }, svg);
    const mark = element("g", { "clip-path": "url(#" + clip + ")" }, svg);

    function drawFrame() {
      frame.replaceChildren();
      let grid = "";
      for (const x of ticks(view.x[0], view.x[1], 9)) {
        grid += "M" + to.x(x).toFixed(2) + " " + top + "V" + bottom;
        element("text", { x: to.x(x), y: bottom + 26, "text-anchor": "middle" }, frame).textContent = number(x, 6);
      }
      for (const y of ticks(view.y[0], view.y[1], 8)) {
        grid += "M" + left + " " + to.y(y).toFixed(2) + "H" + right;
        element("text", { x: left - 9, y: to.y(y) + 5, "text-anchor": "end" }, frame).textContent = number(y, 6);
      }
      element("path", { d: grid, class: "tc-grid" }, frame);
      const zero = [to.x(0), to.y(0)];
      element("path", { class: "tc-axes", d:
        (zero[0] >= left && zero[0] <= right ? "M" + zero[0] + " " + top + "V" + bottom : "") +
        (zero[1] >= top && zero[1] <= bottom ? "M" + left + " " + zero[1] + "H" + right : "") }, frame);
      const height = Math.max(top, Math.min(zero[1], bottom));
      element("text", { x: right + 14, y: height + 5, "text-anchor": "middle", class: "tc-variable" }, frame).textContent = variable();
    }

    function variable() { return items[0] && items[0].fn.variable ? items[0].fn.variable(items[0].parameters) : "x"; }
    function colour(item, order) { return item.colour || ORDERS[order]; }

    function drawCurves() {
      curves.replaceChildren();
      for (const item of items) {
        for (let order = 2; order >= 0; order--) {
          if (!show.includes(ORDERS[order]) || !item.fn.f[order]) continue;
          const ink = "var(--tc-" + colour(item, order) + ")";
          element("path", { d: trace(item.fn, order, item.parameters, view, to), stroke: ink, fill: "none", "stroke-width": 2.4,
            "stroke-dasharray": DASHES[order], "data-curve": item.id + " " + ORDERS[order] }, curves);
          dots(item, order, ink);
        }
      }
    }

    /* Where a curve jumps, a full dot is the value and an open one a limit that is not attained. */
    function dots(item, order, ink) {
      for (const x of item.fn.kinks(item.parameters)) {
        if (!(x > view.x[0] && x < view.x[1])) continue;
        const edge = EDGE * (view.x[1] - view.x[0]);
        const [value, ...limits] = [x, x - edge, x + edge].map((place) => item.fn.f[order](place, item.parameters));
        const apart = (a, b) => Math.abs(to.y(a) - to.y(b)) > 0.05;
        if (!apart(limits[0], limits[1]) && !(order === 0 && apart(value, limits[0]))) continue;
        const circle = (y, fill) => element("circle", { cx: to.x(x), cy: to.y(y), r: 4, fill: fill, stroke: ink, "stroke-width": 1.8 }, curves);
        limits.filter((limit) => order === 2 || apart(limit, value)).forEach((limit) => circle(limit, "var(--tc-ground)"));
        if (order < 2) circle(value, ink);
      }
    }

    function drawMark() {
      mark.replaceChildren();
      const texts = at === null ? [hint] : [variable() + " = " + number(at, 8)];
      for (const item of at === null ? [] : items) {
        const names = item.fn.labels ? item.fn.labels(item.parameters) : ["f", "f′", "f″"];
        const values = item.fn.f.map((f) => f(at, item.parameters));
        if (tangent) {
          const line = (x) => to.y(values[0] + values[1] * (x - at));
          element("path", { class: "tc-tangent", stroke: "var(--tc-" + colour(item, 0) + ")",
            d: "M" + left + " " + line(view.x[0]).toFixed(2) + "L" + right + " " + line(view.x[1]).toFixed(2) }, mark);
        }
        const said = values.map((y, order) => {
          if (!show.includes(ORDERS[order])) return "";
          element("circle", { cx: to.x(at), cy: to.y(y), r: 4.5, fill: "var(--tc-" + colour(item, order) + ")" }, mark);
          return names[order] + " = " + number(y);
        });
        texts.push((items.length > 1 ? item.fn.name + ": " : "") + said.filter(Boolean).join("  "));
      }
      if (at !== null) element("path", { d: "M" + to.x(at) + " " + top + "V" + bottom, class: "tc-hair" }, mark);
      readout.replaceChildren(...texts.map((text) => Object.assign(document.createElement("span"), { textContent: text })));
      svg.setAttribute("aria-valuetext", texts.join(", "));
      svg.setAttribute("aria-valuemin", view.x[0]);
      svg.setAttribute("aria-valuemax", view.x[1]);
      svg.setAttribute("aria-valuenow", at === null ? (view.x[0] + view.x[1]) / 2 : at);
    }

    function draw() {
      if (!view) return;
      drawFrame();
      drawCurves();
      drawMark();
      changed();
    }

    function changed() {
      listeners.forEach((call) => call());
      clearTimeout(timer);
      timer = setTimeout(remember, 250);
    }

    /* --- The view ---------------------------------------------------------------------------------------------- */

    /* The window of the first function, and a height that shows what is drawn over it, and 0. */
    function fit() {
      const first = items[0];
      if (!first) return;
      const x = first.fn.x(first.parameters);
      const untouched = items.length === 1 && !show.includes("d2f") && JSON.stringify(first.parameters) === JSON.stringify(defaults(first.fn));
      let y = first.fn.y;
      if (!untouched || !y) {
        let low = 0, high = 0;
        for (const item of items) for (const order of [0, 1, 2]) {
          if (!show.includes(ORDERS[order]) || !item.fn.f[order]) continue;
          for (let i = 0; i <= 400; i++) {
            const value = item.fn.f[order](x[0] + (x[1] - x[0]) * i / 400, item.parameters);
            if (isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
          }
        }
        const pad = 0.06 * (high - low) || 1;
        y = [low - pad, high + pad];
      }
      view = { x: x.slice(), y: y.slice() };
      plain = true;
    }

    function zoom(factor, px, py) {
      const scaled = (range, share) => {
        const width = Math.min(FAR, Math.max(1e-6, (range[1] - range[0]) * factor)), middle = range[0] + (range[1] - range[0]) * share;
        return [middle - width * share, middle + width * (1 - share)];
      };
      view = { x: scaled(view.x, (px - left) / (right - left)), y: scaled(view.y, (bottom - py) / (bottom - top)) };
      plain = false;
      draw();
    }

    function pan(px, py) {
      const dx = px / (right - left) * (view.x[1] - view.x[0]), dy = py / (bottom - top) * (view.y[1] - view.y[0]);
      view = { x: view.x.map((x) => x - dx), y: view.y.map((y) => y + dy) };
      plain = false;
      draw();
    }

    /* x with as many digits as a pixel is wide. */
    function move(x) {
      const digits = Math.max(0, Math.min(12, Math.ceil(-Math.log10((view.x[1] - view.x[0]) / 700))));
      at = +Math.max(view.x[0], Math.min(view.x[1], x)).toFixed(digits);
      drawMark();
      changed();
    }

    /* --- Pointer and keys: a mouse reads out as it hovers and pans as it drags; one finger reads out, two pinch ---- */

    const fingers = new Map();
    function place(event) {
      const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
      return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
    }
    svg.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, place(event));
      svg.setPointerCapture(event.pointerId);
      if (event.pointerType !== "mouse" && fingers.size === 1) move(inverse(place(event).x));
    });
    svg.addEventListener("pointermove", (event) => {
      const now = place(event), before = fingers.get(event.pointerId);
      if (before) fingers.set(event.pointerId, now);
      if (fingers.size === 2 && before) {
        const other = [...fingers].find(([id]) => id !== event.pointerId)[1], span = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
        zoom(span(before, other) / Math.max(1, span(now, other)), (now.x + other.x) / 2, (now.y + other.y) / 2);
      } else if (before && event.pointerType === "mouse") pan(now.x - before.x, now.y - before.y);
      else if (now.x >= left && now.x <= right) move(inverse(now.x));
    });
    ["pointerup", "pointercancel"].forEach((type) => svg.addEventListener(type, (event) => fingers.delete(event.pointerId)));
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the wheel alone scrolls the page
      event.preventDefault();
      const now = place(event);
      zoom(Math.exp(event.deltaY / 300), now.x, now.y);
    }, { passive: false });
    svg.addEventListener("dblclick", (event) => zoom(0.5, place(event).x, place(event).y));

    const middle = [(left + right) / 2, (top + bottom) / 2];
    const actions = {
      in: () => zoom(0.5, ...middle),
      out: () => zoom(2, ...middle),
      fit: () => { fit(); draw(); },
      reset: () => { items.forEach((item) => Object.assign(item.parameters, defaults(item.fn))); items.forEach(write); fit(); draw(); }
    };
    svg.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      const unit = Math.pow(10, Math.floor(Math.log10((view.x[1] - view.x[0]) / 50)));
      const here = at === null ? (view.x[0] + view.x[1]) / 2 : at;
      if (arrows && event.shiftKey) pan(-40 * arrows[0], -40 * arrows[1]);
      else if (arrows) move(here + unit * (arrows[0] - arrows[1]));
      else if (event.key === "PageUp" || event.key === "PageDown") move(here + 10 * unit * (event.key === "PageUp" ? 1 : -1));
      else if (event.key === "Home" || event.key === "End") move(view.x[event.key === "Home" ? 0 : 1]);
      else if (event.key === "+" || event.key === "=") actions.in();
      else if (event.key === "-") actions.out();
      else if (event.key === "0") actions.fit();
      else return;
      event.preventDefault();
    });

    /* --- Controls: the first function's stand in the page, those of overlays are made here ------------------------ */

    /* Puts the values of a function into its controls. */
    function write(item) {
      const running = item.fn.variable && item.fn.variable(item.parameters);
      item.root.querySelectorAll("[data-tc-parameter]").forEach((input) => {
        const value = item.parameters[input.dataset.tcParameter], said = input.parentElement.querySelector("output");
        input.value = value;
        if (said) said.textContent = number(value, 4);
        input.closest("label").hidden = input.dataset.tcParameter === running;
      });
    }

    function set(item, name, value) {
      item.parameters[name] = value;
      write(item);
      if (item.fn.parameters[name].choices) { if (plain || item.fn.variable) fit(); draw(); } else { drawCurves(); drawMark(); changed(); }
    }

    function attach(item) {
      item.root.querySelectorAll("[data-tc-parameter]").forEach((input) => input.addEventListener("input", () => {
        const name = input.dataset.tcParameter;
        set(item, name, item.fn.parameters[name].choices ? input.value : Number(input.value));
      }));
      write(item);
    }

    /* A line in the list of functions: what it looks like, its name, its parameters, and away with it. */
    function line(item) {
      const row = root.querySelector("template").content.firstElementChild.cloneNode(true);
      row.querySelector(".tc-swatch").style.color = "var(--tc-" + item.colour + ")";
      const link = row.querySelector("a");
      link.textContent = item.fn.name;
      if (pages) link.href = pages.content.replace("*", item.id);
      const pattern = row.querySelector("label");
      for (const [name, parameter] of Object.entries(item.fn.parameters)) {
        const label = pattern.cloneNode(true), input = label.querySelector(parameter.choices ? "select" : "input");
        label.querySelector(parameter.choices ? "input" : "select").remove();
        label.firstElementChild.textContent = parameter.symbol;
        input.dataset.tcParameter = name;
        if (parameter.choices) {
          label.querySelector("output").remove();
          parameter.choices.forEach((choice) => input.add(new Option(choice)));
        } else Object.assign(input, { min: parameter.low, max: parameter.high, step: parameter.step });
        pattern.before(label);
      }
      pattern.remove();
      const button = row.querySelector("button");
      button.setAttribute("aria-label", button.textContent + " " + item.fn.name);
      button.addEventListener("click", () => { remove(item.id); (adding || svg).focus(); });
      list.appendChild(row);
      item.root = row;
    }

    /* Adds a function of the catalogue, with its parameters as given where they are admitted. */
    function add(id, given, then) {
      if (items.some((item) => item.id === id)) return;
      const item = { id: id, parameters: {}, colour: null, fn: null, root: form };
      load(id, (fn) => {
        if (!fn || items.length > 6 || items.some((other) => other.id === id)) return; // there are seven colours
        Object.assign(item, { fn: fn, parameters: Object.assign(defaults(fn), given(fn)) });
        if (id !== own) {
          const palette = own ? COLOURS : ["f", "df", "d2f", ...COLOURS];
          item.colour = palette.find((name) => !items.some((other) => other.colour === name)) || palette[0];
          line(item);
        }
        items.push(item);
        attach(item);
        if (plain) fit();
        draw();
        if (then) then();
      });
    }

    function remove(id) {
      const index = items.findIndex((item) => item.id === id && id !== own);
      if (index < 0) return;
      items[index].root.remove();
      items.splice(index, 1);
      if (plain) fit();
      draw();
    }

    const adding = form.querySelector("[data-tc-add]");
    if (adding) adding.addEventListener("change", () => { add(adding.value, () => ({})); adding.value = ""; });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.querySelectorAll("[name=show]").forEach((box) => box.addEventListener("change", () => {
      show = [...form.querySelectorAll("[name=show]:checked")].map((checked) => checked.value);
      if (plain) fit();
      draw();
    }));
    const touching = form.querySelector("[name=tangent]");
    if (touching) touching.addEventListener("change", () => { tangent = touching.checked; if (tangent && at === null) move((view.x[0] + view.x[1]) / 2 + 0.5); drawMark(); changed(); });
    root.querySelectorAll("[data-tc-do]").forEach((button) => button.addEventListener("click", () => actions[button.dataset.tcDo]()));

    /* --- The address ------------------------------------------------------------------------------------------- */

    const several = own ? "with" : "f";

    function range(name) {
      const text = query.get(name);
      if (text === null) return null;
      const ends = text.split(",").map((end) => (end.trim() === "" ? NaN : Number(end)));
      if (ends.length === 2 && ends.every((end) => Math.abs(end) <= FAR) && ends[1] - ends[0] >= 1e-6) return ends;
      bad.push(name + "=" + text);
      return null;
    }

    function read() {
      const shown = query.get("show");
      if (shown !== null) {
        const wanted = shown.split(",").filter((name) => ORDERS.includes(name));
        if (wanted.length) show = wanted;
        if (wanted.length < shown.split(",").length) bad.push("show=" + shown);
      }
      form.querySelectorAll("[name=show]").forEach((box) => { box.checked = show.includes(box.value); });
      const window_ = { x: range("x"), y: range("y") }, place_ = query.get("at");
      const given = (prefix) => (fn) => {
        const found = {};
        for (const name in fn.parameters) {
          const text = query.get(prefix + name);
          if (text === null) continue;
          const value = admitted(fn.parameters[name], text);
          if (value === undefined) bad.push(prefix + name + "=" + text);
          else found[name] = value;
        }
        return found;
      };
      const then = () => {
        const before = JSON.stringify([view, at, tangent]);
        if (window_.x || window_.y) { view = { x: window_.x || view.x, y: window_.y || view.y }; plain = false; }
        if (place_ !== null && place_.trim() !== "" && Math.abs(Number(place_)) <= FAR) at = Number(place_);
        else if (place_ !== null && !bad.includes("at=" + place_)) bad.push("at=" + place_);
        if (touching && query.get("tangent") === "1") { touching.checked = tangent = true; if (at === null) at = 0.5; }
        if (before !== JSON.stringify([view, at, tangent])) draw();
        complain();
      };
      const complain = () => truecurve.complain(note, data.tcBad, bad);
      let names = (query.get(several) || "").split(",").filter((id) => id && (known.includes(id) || !bad.push(several + "=" + id)));
      if (!names.length) names = (data.tcStart || "").split(",").filter(Boolean);
      if (own) add(own, given(""), then);
      names.forEach((id) => id === own || add(id, given(id + "."), own ? complain : then));
      complain();
    }

    function remember() {
      const made = new URLSearchParams(location.search);
      for (const name of [...made.keys()]) if (name.includes(".") || ["show", "x", "y", "at", "tangent", several].includes(name)) made.delete(name);
      for (const item of items) for (const name in item.parameters) {
        const key = item.id === own ? name : item.id + "." + name;
        made.delete(key);
        if (item.parameters[name] !== item.fn.parameters[name].value) made.set(key, item.parameters[name]);
      }
      const others = items.filter((item) => item.id !== own).map((item) => item.id).join(",");
      if (others && (own || others !== data.tcStart)) made.set(several, others);
      if (show.join(" ") !== (data.tcShow || "f df")) made.set("show", show.join(","));
      if (!plain) for (const axis of ["x", "y"]) made.set(axis, view[axis].map((end) => +end.toPrecision(6)).join(","));
      if (at !== null) made.set("at", at);
      if (tangent) made.set("tangent", "1");
      truecurve.remember(made);
    }

    /* --- Start: the static picture goes when the first curve is there ---------------------------------------------- */

    const told = root.querySelector(".tc-told");
    svg.setAttribute("aria-label", data.tcLabel);
    svg.setAttribute("aria-describedby", told.id);
    listeners.push(() => {
      if (svg.isConnected || !own || location.search) tell();
      if (!svg.isConnected) holder.replaceChildren(svg);
    });
    read();

    /* What the figure shows now, for who does not see it. */
    function tell() {
      const names = items.map((item) => item.fn.name + Object.entries(item.parameters).map(([name, value]) => ", " + name + " = " + value).join(""));
      const [x0, x1, y0, y1] = [...view.x, ...view.y].map((end) => number(end));
      told.textContent = data.tcNow.replace("*", names.join("; ")).replace("*", x0).replace("*", x1).replace("*", y0).replace("*", y1);
    }

    return {
      root: root, svg: svg, items: items, known: known, add: (id) => add(id, () => ({})), remove: remove, set: set, move: move,
      draw: draw, show: () => show, view: () => view, at: () => at, listen: (call) => listeners.push(call), remember: remember, bad: bad
    };
  }

  Object.assign(truecurve, { element, ticks, trace, load });
  truecurve.figures = [...document.querySelectorAll("[data-tc-live]")].map(figure);
})();
