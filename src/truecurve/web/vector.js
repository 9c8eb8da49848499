/* The live figure of a function of a vector: logits to drag, what comes out, and the Jacobian, at a temperature. */
(function () {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg", INDEX = "₁₂₃₄₅₆₇₈₉", LIMIT = 6;
  const TOP = 60, BOTTOM = 440, PANELS = [[10, 200], [240, 430], [480, 800]];

  function element(tag, attributes, parent, text) {
    const made = document.createElementNS(SVG, tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    if (text !== undefined) made.textContent = text;
    return parent.appendChild(made);
  }

  /* Outputs and Jacobian of a function of a vector, from the formulas for one number of it. */
  function components(fn, xs) {
    const shared = { maximum: Math.max(...xs), minimum: Math.min(...xs) };
    const weights = xs.map((x) => fn.weight({ x: x, ...shared }));
    /* 1 minus a share near 1 is the sum of the other shares; log(total) near 0 is log1p(rest). */
    const others = (j) => weights.reduce((sum, w, k) => (k === j ? sum : sum + w), 0);
    shared.rest = others(weights.indexOf(Math.max(...weights)));
    shared.total = others(-1);
    const blocks = fn.outputs.map((output) => xs.map((x, i) => output({ x: x, w: weights[i], ...shared })));
    const gap = (i, j) => (i === j ? others(j) : -weights[j]) / shared.total;
    const row = (partial, y, i) => xs.map((_, j) => partial({ x: xs[i], y: y, delta: +(i === j), gap: gap(i, j) }));
    return { outputs: blocks.flat(), jacobian: blocks.flatMap((block, k) => block.map((y, i) => row(fn.jacobian[k], y, i))) };
  }

  function figure(root) {
    const data = root.dataset, fn = truecurve.functions[data.tcVector], T = fn.parameters.T;
    const form = root.querySelector(".tc-controls"), note = root.querySelector(".tc-note"), told = root.querySelector(".tc-told");
    const svg = document.createElementNS(SVG, "svg"), number = truecurve.number;
    let logits = fn.logits.slice(), temperature = T.value, timer = 0;
    svg.setAttribute("viewBox", "0 0 800 500");
    svg.setAttribute("class", "tc-plot tc-bars");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", data.tcLabel);
    svg.setAttribute("aria-describedby", told.id);

    /* Bars from 0, in one panel, with the value at the end of each. */
    function bars(panel, values, low, high, names, colour) {
      const [left, right] = PANELS[panel], each = (right - left) / values.length;
      const y = (value) => BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP);
      element("path", { d: "M" + left + " " + y(0) + "H" + right, class: "tc-axes" }, svg);
      values.forEach((value, i) => {
        const middle = left + each * (i + 0.5), end = y(value), up = value >= 0;
        element("rect", { x: middle - 0.36 * each, width: 0.72 * each, y: Math.min(end, y(0)), height: Math.abs(end - y(0)), fill: "var(--tc-" + colour + ")", "data-bar": panel + " " + i }, svg);
        element("text", { x: middle, y: end + (up ? -8 : 18), "text-anchor": "middle", class: "tc-value" }, svg, number(+value.toFixed(3), 3));
        element("text", { x: middle, y: BOTTOM + 32, "text-anchor": "middle", class: "tc-variable" }, svg, names + INDEX[i]);
      });
    }

    function draw() {
      const made = components(fn, logits.map((x) => x / temperature)), square = made.jacobian;
      const cells = square.map((row) => row.map((slope) => slope / temperature)); // of the logits: the chain rule
      const low = Math.min(0, ...made.outputs), high = fn.symbol === "p" ? 1 : Math.max(0, ...made.outputs);
      svg.replaceChildren();
      ["x", fn.symbol, "∂" + fn.symbol + " / ∂x"].forEach((title, panel) =>
        element("text", { x: PANELS[panel][0], y: 26, class: "tc-variable" }, svg, title));
      bars(0, logits, -LIMIT, LIMIT, "x", "soft");
      bars(1, made.outputs, 1.1 * low - 0.02 * (high - low), 1.1 * high || 0.1, fn.symbol, "f");
      const [left, right] = PANELS[2], wide = (right - left) / logits.length, tall = Math.min(wide, (BOTTOM - TOP) / cells.length);
      const strongest = Math.max(1e-300, ...cells.flat().map(Math.abs));
      cells.forEach((row, i) => row.forEach((value, j) => {
        element("rect", { x: left + wide * j, y: TOP + tall * i, width: wide - 2, height: tall - 2, class: "tc-cell",
          fill: "var(--tc-" + (value < 0 ? "df" : "f") + ")", "fill-opacity": 0.06 + 0.5 * Math.abs(value) / strongest }, svg);
        element("text", { x: left + wide * (j + 0.5) - 1, y: TOP + tall * (i + 0.5) + 4, "text-anchor": "middle", class: "tc-value", "data-cell": i + " " + j }, svg,
          number(Math.abs(value) < 5e-4 ? 0 : +value.toFixed(3), 3));
      }));
      const said = made.outputs.map((value, i) => fn.symbol + INDEX[i] + " = " + number(value));
      root.querySelector(".tc-readout").replaceChildren(...said.map((text) => Object.assign(document.createElement("span"), { textContent: text })));
      if (svg.isConnected) told.textContent = data.tcNow.replace("*", "[" + logits.map((x) => number(x)).join(", ") + "]").replace("*", number(temperature)).replace("*", said.join(", "));
      else root.querySelector(".tc-picture").replaceChildren(svg);
      form.querySelectorAll("[data-tc-logit]").forEach((input) => write(input, logits[input.dataset.tcLogit]));
      write(form.querySelector("[data-tc-parameter=T]"), temperature);
    }

    function write(input, value) {
      input.value = value;
      input.parentElement.querySelector("output").textContent = number(value);
    }

    function change(index, value) {
      if (index < 0) temperature = value;
      else logits[index] = Math.max(-LIMIT, Math.min(LIMIT, value));
      draw();
      clearTimeout(timer);
      timer = setTimeout(remember, 250);
    }

    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => change("tcLogit" in event.target.dataset ? +event.target.dataset.tcLogit : -1, Number(event.target.value)));
    form.querySelector("[data-tc-do=reset]").addEventListener("click", () => { logits = fn.logits.slice(); change(-1, T.value); });

    /* Dragging anywhere in the column of a logit sets it. */
    let held = -1;
    function drag(event) {
      const box = svg.getBoundingClientRect(), scale = 800 / box.width, [left, right] = PANELS[0];
      const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
      if (event.type === "pointerdown") held = x < left || x > right ? -1 : Math.min(logits.length - 1, Math.floor((x - left) / (right - left) * logits.length));
      if (held >= 0) change(held, Math.round((LIMIT - (y - TOP) / (BOTTOM - TOP) * 2 * LIMIT) * 20) / 20);
    }
    svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); drag(event); });
    svg.addEventListener("pointermove", (event) => { if (event.buttons) drag(event); });
    ["pointerup", "pointercancel"].forEach((type) => svg.addEventListener(type, () => { held = -1; }));

    function remember() {
      const query = new URLSearchParams(location.search);
      query.delete("x");
      query.delete("T");
      if (String(logits) !== String(fn.logits)) query.set("x", logits);
      if (temperature !== T.value) query.set("T", temperature);
      truecurve.remember(query);
    }

    const query = new URLSearchParams(location.search), bad = [];
    if (query.has("x")) {
      const given = query.get("x").split(",").map((text) => (text.trim() === "" ? NaN : Number(text)));
      if (given.length === logits.length && given.every((x) => Math.abs(x) <= LIMIT)) logits = given;
      else bad.push("x=" + query.get("x"));
    }
    if (query.has("T")) {
      const value = truecurve.admitted(T, query.get("T"));
      if (value === undefined) bad.push("T=" + query.get("T"));
      else temperature = value;
    }
    truecurve.complain(note, data.tcBad, bad);
    draw();
  }

  truecurve.components = components;
  document.querySelectorAll("[data-tc-vector]").forEach(figure);
})();
