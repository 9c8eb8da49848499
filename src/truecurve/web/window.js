/* The shape calculator of convolution and pooling: what a setting gives, in numbers, or why there is none, and a picture
   in which each output cell shows the window that it comes from. Rules and numbers are PyTorch's. */
(function () {
  "use strict";
  const TRANSPOSED = "conv_transpose2d", pools = (kind) => kind.endsWith("pool2d");

  /* --- Arithmetic ------------------------------------------------------------------------------------------------- */

  /* Height, then width: the input n, the kernel k and what it spans with dilation, padding on either side, the output. */
  function axes(kind, s) {
    return ["H", "W"].map((axis, i) => {
      const n = s[axis], k = s.kernel_size[i], stride = s.stride[i], d = s.dilation ? s.dilation[i] : 1, span = d * (k - 1) + 1;
      const both = s.padding === "same" ? span - 1 : s.padding === "valid" ? 0 : 2 * s.padding[i];
      /* An odd number of "same": one more after. */
      const before = Math.floor(both / 2), padded = n + both;
      let out = Math.floor((padded - span + (s.ceil_mode ? stride - 1 : 0)) / stride) + 1;
      /* The last window must start in the input or before it. */
      if (s.ceil_mode && (out - 1) * stride >= n + before) out--;
      if (kind === TRANSPOSED) out = (n - 1) * stride - both + span + s.output_padding[i];
      return { axis, i, n, k, stride, d, span, before, after: both - before, padded, out };
    });
  }

  /* Which sentence says why PyTorch takes no such settings, and what it names; null if it takes them. */
  function refusal(kind, s) {
    for (const name in s) for (const value of [s[name]].flat()) {
      const low = /padding|row|column/.test(name) ? 0 : 1;
      if (typeof value !== "number") continue;
      if (!Number.isInteger(value)) return { key: "whole", name };
      if (value < low) return { key: "low", name, value, low };
    }
    for (const name of ["in_channels", "out_channels"]) {
      if (s[name] % s.groups) return { key: "groups", name, value: s[name], groups: s.groups };
    }
    for (const a of axes(kind, s)) {
      const padding = s.padding[a.i], extra = s.output_padding && s.output_padding[a.i], half = Math.floor(a.k / 2);
      const key = s.padding === "same" && a.stride > 1 ? "same"
        : extra >= Math.max(a.stride, a.d) ? "output_padding"
        : pools(kind) && padding > half ? "half"
        : a.out > 0 ? "" : kind === TRANSPOSED ? "cropped" : s.ceil_mode ? "small_ceil" : "small";
      if (key) return { ...a, key, padding, half, output_padding: extra, more: a.stride - 1 };
    }
    return null;
  }

  /* Learned numbers, bias included, and the work for one image: multiply-adds; comparisons or additions of a pool. */
  function cost(kind, s) {
    const [h, w] = axes(kind, s), places = h.out * w.out;
    if (pools(kind)) return { parameters: 0, work: s.C * places * (h.k * w.k - 1) };
    const weight = [s.out_channels, s.in_channels / s.groups, h.k, w.k];
    if (kind === TRANSPOSED) weight.splice(0, 2, s.in_channels, s.out_channels / s.groups);
    const count = weight.reduce((product, size) => product * size);
    return { weight, parameters: count + s.out_channels, work: count * (kind === TRANSPOSED ? h.n * w.n : places) };
  }

  /* Pairs [place in the input, place in the kernel] that meet at place o of the output, along one axis. */
  function taps(kind, a, o) {
    const all = [...Array(a.k).keys()];
    if (kind !== TRANSPOSED) return all.map((u) => [o * a.stride - a.before + u * a.d, u]);
    /* Backwards: in the order of the input. */
    const met = all.reverse().map((u) => [(o + a.before - u * a.d) / a.stride, u]);
    return met.filter(([i]) => Number.isInteger(i) && i >= 0 && i < a.n);
  }

  /* The numbers of the picture: small, and so that no symmetry hides a mistake. */
  const input = (i, j) => (2 * i + (3 + i % 2) * j) % 5;
  const kernel = (u, v) => (3 * u + v + u * v) % 4 - 1;

  /* One output cell of one channel: its value, and its terms { i, j, u, v } in the order of the input. Of a transposed
     convolution only the first `steps` input cells count. `best` is the term of a maximum, `divisor` that of a mean. */
  function cell(kind, s, [h, w], r, c, steps = Infinity) {
    const window = taps(kind, h, r).flatMap(([i, u]) => taps(kind, w, c).map(([j, v]) => ({ i, j, u, v })));
    const terms = window.filter(({ i, j }) => i >= 0 && j >= 0 && i < h.n && j < w.n && i * w.n + j < steps);
    const x = ({ i, j }) => input(i, j), total = (each) => terms.reduce((sum, term) => sum + each(term), 0);
    if (!pools(kind)) return { window, terms, value: total((term) => x(term) * kernel(term.u, term.v)) };
    if (kind === "max_pool2d") {
      const value = Math.max(...terms.map(x));
      return { window, terms, value, best: terms.find((term) => x(term) === value) };
    }
    /* Padding counts; what lies beyond it, where ceil_mode lets windows reach, does not. */
    const counted = s.count_include_pad ? window.filter(({ i, j }) => i < h.n + h.after && j < w.n + w.after) : terms;
    return { window, terms, divisor: counted.length, value: total(x) / counted.length };
  }

  /* The first place of the output, along one axis, whose window meets no input; -1 if there is none. */
  function empty(kind, a) {
    return [...Array(a.out).keys()].findIndex((o) => !taps(kind, a, o).some(([i]) => i >= 0 && i < a.n));
  }

  truecurve.window = { axes, refusal, cost, input, kernel, cell, empty };

  /* --- The picture: arrays as cells, of which those are lit that belong together --------------------------------------- */

  const GAP = 44, TOP = 44, WIDE = 780, TALL = 446, LARGEST = 58, SMALLEST = 9, READABLE = 22, TERMS = 9;

  function figure(form) {
    const root = form.closest("[data-tc-layer]"), kind = root.dataset.tcLayer, pooled = pools(kind), stamps = kind === TRANSPOSED;
    const find = (name) => root.querySelector(name);
    /* Who listens hears it once. */
    const put = (box, text) => { if (box.textContent !== text) box.textContent = text; };
    const say = (key, values) => find(`[data-tc-say=${key}]`).textContent.replace(/\{(\w+)\}/g, (_, name) => values[name]);
    const shown = (value) => truecurve.number(value, Number.isInteger(value) ? 7 : 3), list = (sizes) => `(${sizes.join(", ")})`;
    const { apart, row, column, step } = form.elements, fields = {}, usual = {};
    const parts = find("template").content, [svg, why] = parts.children;
    /* Of a pair of equals one. */
    const text = (name) => [...new Set(fields[name].map((field) => field.value))].join();
    let s, a, panels, edge, timer;
    form.querySelectorAll("[name]").forEach((field) => field !== apart && (fields[field.name] ||= []).push(field));
    for (const name in fields) usual[name] = text(name);

    /* The form is the state. Unless height and width are set apart, the second of two fields repeats the first. */
    function read() {
      s = {};
      for (const name in fields) {
        const [one, two] = fields[name];
        if (two && !apart.checked) two.value = one.value;
        if (two) two.hidden = !apart.checked;
        const values = fields[name].map(({ type, value }) => (type === "number" ? parseFloat(value) : value));
        s[name] = two ? values : { True: true, False: false }[values] ?? values[0];
      }
      if (s.pad) s.padding = s.pad;
      fields.padding.forEach((field) => { field.disabled = s.pad; });
      if (step) step.max = s.H * s.W;
    }

    /* How many input cells have been stamped; before the first step all are. */
    const done = () => (step && +step.value) || Infinity;

    /* The arrays, side by side, with cells as large as fit. `own` cells start at 0; `from` is where what is
       drawn starts: with padding, with what padding crops, and with what windows reach beyond in ceil_mode. */
    function place() {
      const panel = (name, size, value, low = () => 0, high = (one) => one[size]) => {
        const from = a.map(low), to = a.map(high);
        return { name, value, own: a.map((one) => one[size]), from, rows: to[0] - from[0], columns: to[1] - from[1] };
      };
      const before = (one) => -one.before, end = (one, n, least) => Math.max(least, (n - 1) * one.stride + one.span - one.before);
      const y = (r, c) => cell(kind, s, a, r, c, done()).value;
      panels = [
        stamps ? panel("x", "n", input) : panel("x", "n", input, before, (one) => end(one, one.out, one.n + one.after)),
        panel("w", "k", kernel),
        stamps ? panel("y", "out", y, before, (one) => end(one, one.n, one.out)) : panel("y", "out", y)
      ];
      if (pooled) panels.splice(1, 1);
      const gaps = GAP * (panels.length - 1), across = panels.reduce((sum, { columns }) => sum + columns, 0);
      edge = Math.min((WIDE - gaps) / across, TALL / Math.max(...panels.map(({ rows }) => rows)), LARGEST);
      let left = 400 - (gaps + edge * across) / 2;
      for (const one of panels) {
        one.left = left;
        one.top = TOP + (TALL - edge * one.rows) / 2;
        left += edge * one.columns + GAP;
      }
    }

    /* Cells row by row, then what stands above and on the left. */
    function paint({ name, value, own, from, rows, columns, left, top }, index) {
      const all = [...Array(rows * columns).keys()].map((k) => {
        const r = Math.floor(k / columns), c = k % columns, at = [r + from[0], c + from[1]];
        const inside = at.every((place, i) => place >= 0 && place < own[i]);
        const text = inside ? shown(value(...at)) : pooled || stamps ? "" : "0";
        return [left + c * edge, top + r * edge, text, `data-${inside ? "cell" : "rim"}="${name} ${at.join(" ")}"`];
      });
      const size = Math.min(0.46, 1.5 / Math.max(...all.map(([, , text]) => text.length))) * edge;
      const cells = all.map(([x, y, text, data]) => {
        const number = edge < READABLE ? "" : `<text x="${x + edge / 2}" y="${y + edge / 2}">${text}</text>`;
        return `<g ${data}><rect x="${x}" y="${y}" width="${edge}" height="${edge}"/>${number}</g>`;
      });
      const title = (x, y, text) => cells.push(`<text x="${x}" y="${y}" class="tc-title">${text}</text>`);
      title(left + edge * columns / 2, top - 21, `${name}  ${own.join(" × ")}`);
      if (index) title(left - GAP / 2, TOP + TALL / 2, (pooled ? "→" : stamps ? "·→" : "∗=")[index - 1]);
      return `<g style="font-size:${size}px">${cells.join("")}</g>`;
    }

    const current = () => [s.row, s.column].map((at, i) => Math.min(at, a[i].out - 1));

    /* Lights what belongs to the output cell that is pointed at, or to the input cell that was stamped last; in words, too. */
    function point() {
      const [r, c] = current();
      const light = (name, at, tint = name) => panels.forEach((one, k) => {
        const index = (at[0] - one.from[0]) * one.columns + at[1] - one.from[1];
        if (one.name === name) svg.children[k].children[index].dataset.lit = tint;
      });
      let said;
      svg.querySelectorAll("[data-lit]").forEach((one) => { delete one.dataset.lit; });
      const last = done() - 1;
      if (last < Infinity) {
        const at = [Math.floor(last / s.W), last % s.W], first = a.map((one, i) => at[i] * one.stride - one.before);
        light("x", at);
        for (let u = 0; u < a[0].k; u++) for (let v = 0; v < a[1].k; v++) {
          light("w", [u, v]);
          light("y", [first[0] + u * a[0].d, first[1] + v * a[1].d]);
        }
        const reach = first.map((from, i) => `${shown(from)}…${shown(from + a[i].span - 1)}`);
        const x = `x[${at.join(", ")}] = ${input(...at)}`, y = `y[${reach.join(", ")}]`;
        said = say("stamp", { done: step.value, all: step.max, x, y });
      } else {
        const { window, terms, value, best, divisor } = cell(kind, s, a, r, c);
        for (const { i, j, u, v } of stamps ? terms : window) {
          light("x", [i, j]);
          light("w", [u, v]);
        }
        if (best) light("x", [best.i, best.j], "best");
        light("y", [r, c]);
        const weight = ({ u, v }) => (pooled ? "" : "·" + shown(kernel(u, v)).replace(/^−.*/, "($&)"));
        const listed = terms.slice(0, TERMS).map((term) => input(term.i, term.j) + weight(term));
        if (terms.length > TERMS) listed.push("…");
        const largest = kind === "max_pool2d", sum = listed.join(largest ? ", " : " + ");
        const right = divisor ? `(${sum}) / ${divisor}` : largest ? `max(${sum})` : sum;
        said = [`y[${r}, ${c}]`, right, shown(value), best && `x[${best.i}, ${best.j}]`].filter(Boolean).join(" = ");
      }
      svg.ariaValueMax = a[0].out * a[1].out;
      svg.ariaValueNow = r * a[1].out + c + 1;
      svg.ariaValueText = said;
      tell(said, say("now", { input: shape("in", "n"), output: shape("out") }) + " " + said);
    }

    function tell(sum, told) {
      put(find(".tc-sum"), sum);
      put(find(".tc-told"), told);
      clearTimeout(timer);
      timer = setTimeout(remember, 250);
    }

    const shape = (side, size = side) => list(["N", s[side + "_channels"] || s.C, ...a.map((one) => one[size])]);

    function draw() {
      read();
      a = axes(kind, s);
      place();
      const { name, value, max } = form.querySelector(":out-of-range") || {}, { weight, parameters, work } = cost(kind, s);
      const reason = refusal(kind, s) || name && { key: "high", name, value, max };
      const results = reason ? {} : { shape: shape("out"), weight: weight && list(weight), parameters, work };
      const lost = !reason && pooled && a.find((one) => empty(kind, one) >= 0), drawn = !reason && edge >= SMALLEST;
      put(find(".tc-warn"), lost ? say("empty", { ...lost, place: empty(kind, lost) }) : "");
      form.querySelectorAll("dd").forEach((box) => put(box, (results[box.dataset.tcResult] ?? "–").toLocaleString("en")));
      put(why, drawn ? "" : say(reason ? reason.key : "large", reason));
      svg.style.display = drawn ? "" : "none";
      if (!drawn) return tell("", why.textContent);
      if (step) put(step.nextElementSibling, `${+step.value || "–"} / ${step.max}`);
      svg.innerHTML = panels.map(paint).join("");
      point();
    }

    /* --- By pointer, keys and form ---------------------------------------------------------------------------------- */

    function advance(to) {
      step.value = to;
      draw();
    }

    /* Points at an output cell, after all stamps. */
    function choose(r, c) {
      [row.value, column.value] = [r, c];
      if (done() < Infinity) return advance(0);
      read();
      point();
    }

    svg.onpointerover = svg.onpointerdown = ({ target, type }) => {
      const [name, r, c] = (target.closest("[data-cell]")?.dataset.cell || "").split(" "), down = type === "pointerdown";
      /* A mouse that passes by does not end the stamping. */
      if (name === "y" && (down || done() === Infinity)) choose(r, c);
      if (name === "x" && stamps && down) advance(r * s.W + +c + 1);
    };

    svg.onkeydown = (event) => {
      const [r, c] = current(), last = a.map((one) => one.out - 1);
      const arrows = { ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], ArrowUp: [r - 1, c], ArrowDown: [r + 1, c] };
      const to = { ...arrows, Home: [0, 0], End: last }[event.key];
      if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      choose(...to.map((at, i) => Math.max(0, Math.min(last[i], at))));
    };

    const actions = { reset: () => { form.reset(); draw(); }, step: () => advance((+step.value + 1) % (+step.max + 1)) };
    form.onclick = ({ target }) => actions[target.dataset.tcDo]?.();
    form.oninput = draw;

    /* --- The address ------------------------------------------------------------------------------------------------ */

    function remember() {
      const query = new URLSearchParams(location.search);
      for (const name in fields) {
        query.delete(name);
        if (text(name) !== usual[name] && fields[name].every((field) => field.validity.valid)) query.set(name, text(name));
      }
      truecurve.remember(query);
    }

    const query = new URLSearchParams(location.search), bad = [];
    for (const name in fields) if (query.has(name)) {
      /* How far the steps go depends on what came before. */
      read();
      const given = query.get(name).split(","), before = fields[name].map((field) => field.value);
      const good = given.length <= before.length && fields[name].every((field, i) => {
        field.value = given[i] ?? given[0];
        return field.value === (given[i] ?? given[0]) && field.validity.valid;
      });
      if (good && given[1]) apart.checked = true;
      if (!good) {
        bad.push(name + "=" + query.get(name));
        fields[name].forEach((field, i) => { field.value = before[i]; });
      }
    }
    draw();
    find(".tc-picture").replaceChildren(parts);
    /* Where embed.js looks. */
    root.dataset.tcBad = form.dataset.tcBad;
    truecurve.complain(find(".tc-note"), form.dataset.tcBad, bad);
  }

  document.querySelectorAll("form[data-tc-window]").forEach(figure);
})();
