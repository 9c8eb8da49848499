/* The live figure of the normalisations: an array (N, C, H·W) as cells. Those that share a mean with the chosen one light
   up. Of BatchNorm also training against evaluation, and how the running statistics follow batch after batch. */
(function () {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg", MEANS = [0, 2, -1, 3], EPS = 1e-5, RMS_EPS = 2 ** -52, MOST = 60;

  /* --- Arithmetic, which a test compares with PyTorch ---------------------------------------------------------------- */

  /* `variance` divides by n and normalises; `unbiased` divides by n - 1 and moves the running variance. */
  function statistics(values) {
    const n = values.length, average = (map) => values.reduce((sum, value) => sum + map(value), 0) / n;
    const mean = average((value) => value), variance = average((value) => (value - mean) ** 2);
    return { n, mean, variance, unbiased: variance * n / (n - 1), square: average((value) => value * value) };
  }

  /* Numbers of the flat array with the same key share their statistics. `groups` is how many groups of channels a sample
     falls into: C is InstanceNorm, or LayerNorm over the last axis; 1 is LayerNorm over all but the first. With 0 a
     channel is shared by all samples, as in BatchNorm. */
  function key([, C, P], groups, index) {
    const c = Math.floor(index / P) % C;
    return groups ? Math.floor(index / P / C) * groups + Math.floor(c * groups / C) : c;
  }

  /* The statistics of every key. */
  function shared(x, shape, groups) {
    const sets = [];
    x.forEach((value, index) => (sets[key(shape, groups, index)] ||= []).push(value));
    return sets.map(statistics);
  }

  /* The result; RMSNorm, which does not centre, divides by the root of the mean square. `stats` as `shared` makes them:
     BatchNorm in evaluation passes the running ones. */
  function normalize(x, shape, groups, stats, eps, centred) {
    return x.map((value, index) => {
      const one = stats[key(shape, groups, index)];
      return centred ? (value - one.mean) / Math.sqrt(one.variance + eps) : value / Math.sqrt(one.square + eps);
    });
  }

  /* The running statistics of all channels before the first batch and after each; momentum is the share of the new
     batch. A batch seen in evaluation, null, moves nothing. */
  function running(batches, shape, momentum) {
    const made = [Array.from({ length: shape[1] }, () => ({ mean: 0, variance: 1 }))];
    batches.forEach((x, step) => {
      const of = x && shared(x, shape, 0), mix = (old, now) => (1 - momentum) * old + momentum * now;
      const next = (old, c) => ({ mean: mix(old.mean, of[c].mean), variance: mix(old.variance, of[c].unbiased) });
      made.push(x ? made[step].map(next) : made[step]);
    });
    return made;
  }

  /* Whole numbers, the same for the same seed (mulberry32). In channel c each is MEANS[c] and the sum of 3 (c + 1) throws
     of a die with the sides -1, 0 and 1, whose variance is 2/3: so the mean and the variance of the data are known. */
  function batch(seed, [N, C, P]) {
    let state = seed;
    const die = () => {
      state = (state + 0x6D2B79F5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
      return ((mixed ^ (mixed >>> 14)) >>> 0) % 3 - 1;
    };
    return Array.from({ length: N * C * P }, (_, index) => {
      const c = Math.floor(index / P) % C % 4;
      let value = MEANS[c];
      for (let throws = 3 * (c + 1); throws > 0; throws--) value += die();
      return value;
    });
  }
  const population = (c) => ({ mean: MEANS[c % 4], variance: 2 * (c % 4 + 1) });

  /* --- The figure ---------------------------------------------------------------------------------------------------- */

  function element(tag, attributes, parent, text) {
    const made = document.createElementNS(SVG, tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.appendChild(made);
    return made;
  }

  function figure(root) {
    const { number, admitted } = truecurve, layer = root.dataset.tcLayer;
    const moving = layer === "batch_norm2d", tall = layer === "group_norm", centred = layer !== "rms_norm";
    const form = root.querySelector(".tc-controls"), told = root.querySelector(".tc-told");
    const shape = tall ? [2, 8, 3] : [3, 4, 4], [N, C, P] = shape, fixed = batch(tall ? 3 : 6, shape), first = [0, 1, 2];
    const parameters = {
      mode: { choices: ["train", "eval"], value: "train" },
      momentum: { low: 0, high: 1, value: 0.1 },
      axes: { choices: ["1", "2"], value: "1" },
      num_groups: { choices: ["1", "2", "4", "8"], value: "4" }
    };
    const names = Object.keys(parameters).filter((name) => form.elements[name]), state = {};
    /* `steps`: in which mode the layer saw each batch, t or e. All else follows from it, so nothing else is kept. */
    let cell = first, steps = "t", timer = 0;
    names.forEach((name) => { state[name] = parameters[name].value; });

    const svg = element("svg", {
      viewBox: "0 0 800 500", class: "tc-plot tc-norm-plot", tabindex: 0, role: "slider", "aria-label": form.dataset.tcLabel,
      "aria-describedby": told.id, "aria-valuemin": 0, "aria-valuemax": N * C * P - 1
    });

    function draw() {
      const batches = moving ? [...steps].map((_, step) => batch(step + 1, shape)) : [fixed], x = batches[batches.length - 1];
      const groups = moving ? 0 : tall ? +state.num_groups : state.axes === "2" ? 1 : C, stats = shared(x, shape, groups);
      const result = normalize(x, shape, groups, stats, centred ? EPS : RMS_EPS, centred);
      const trained = batches.map((one, step) => (steps[step] === "t" ? one : null));
      const history = moving && running(trained, shape, state.momentum), now = moving && history[steps.length];
      const later = moving && normalize(x, shape, 0, now, EPS, true), y = state.mode === "eval" ? later : result;
      const [n, c, p] = cell, index = (n * C + c) * P + p, of = stats[key(shape, groups, index)];
      svg.replaceChildren();
      cells("x", x, groups, index);
      cells("y", y, groups, index);
      if (moving) ["mean", "variance"].forEach((what, i) => plot(what, 52 + 388 * i, c, batches, history));

      const name = "x[" + cell.join(", ") + "]";
      const said = { name, x: x[index], y: result[index], count: of.n, square: of.square, mean: of.mean, variance: of.variance };
      if (moving) Object.assign(said, {
        batch: steps.length, unbiased: of.unbiased, channel: c, later: later[index],
        runningMean: now[c].mean, runningVariance: now[c].variance
      });
      const text = (word) => (word === "name" ? name : number(said[word]));
      form.querySelectorAll("[data-tc-out]").forEach((out) => { out.textContent = text(out.dataset.tcOut); });
      form.querySelectorAll("[data-tc-when]").forEach((one) =>
        one.classList.toggle("tc-on", one.dataset.tcWhen === (state.num_groups || state.axes || state.mode)));
      form.querySelectorAll("[data-tc-more]").forEach((button) => { button.disabled = steps.length === MOST; });
      told.textContent = form.dataset.tcNow.replace(/\{(\w+)\}/g, (_, word) => text(word));
      svg.setAttribute("aria-valuenow", index);
      svg.setAttribute("aria-valuetext", name + " = " + number(x[index]) + ", y = " + number(y[index]));
      names.forEach(write);
      if (!svg.isConnected) root.querySelector(".tc-picture").replaceChildren(svg);
    }

    /* The samples of the input, or of the result: below it, or beside it where there are many channels. Channels of
       different groups stand apart. */
    function cells(array, values, groups, index) {
      const second = array === "y", wide = tall ? 57 : 58, high = tall ? 51 : moving ? 33 : 48, marks = [];
      const gap = groups > 1 && groups < C ? 6 : 0, share = key(shape, groups, index);
      for (let n = 0; n < N; n++) {
        const left = tall ? 36 + second * 386 + n * 185 : 42 + n * 254, top = tall ? 40 : 32 + second * (C * high + 34);
        label(left + P * wide / 2, top - 9, array + "[" + n + "]", "tc-variable");
        for (let c = 0; c < C; c++) for (let p = 0; p < P; p++) {
          const i = (n * C + c) * P + p, lit = key(shape, groups, i) === share;
          const x = left + p * wide, y = top + c * high + gap * Math.floor(c * groups / C);
          const place = { x, y, width: wide, height: high };
          element("rect", { ...place, class: "tc-cell", "data-cell": i, "data-of": array, "data-lit": +lit }, svg);
          label(x + wide / 2, y + high / 2 + 5, number(+values[i].toFixed(1)));
          if (!n && !p && !second) label(left - 16, y + high / 2 + 5, c, "tc-variable");
          if (lit) marks.push({ ...place, class: "tc-lit tc-lit--" + array });
          if (i === index) marks.last = { ...place, class: "tc-chosen" };
        }
      }
      for (const mark of [...marks, marks.last]) element("rect", mark, svg); // above the edges of others
    }

    function label(x, y, text, kind, anchor) {
      element("text", { x, y, class: kind || "", "text-anchor": anchor || "middle" }, svg, text);
    }

    /* One running statistic of the channel, step by step; the batches as dots, what they were drawn from dashed. */
    function plot(what, left, c, batches, history) {
      const top = 382, bottom = 484, width = 340, mean = what === "mean", aim = population(c)[what];
      const dots = batches.map((x) => shared(x, shape, 0)[c][mean ? what : "unbiased"]);
      const line = history.map((of) => of[c][what]);
      const low = Math.min(...dots, ...line, aim), high = Math.max(...dots, ...line, aim);
      const x = (step) => left + step / Math.max(12, steps.length) * width;
      const y = (value) => bottom - (value - low) / (high - low || 1) * (bottom - top);
      label(left, top - 13, "running_" + (mean ? "mean" : "var") + "[" + c + "]", "tc-variable", "start");
      element("path", { d: "M" + left + " " + top + "V" + bottom + "H" + (left + width), class: "tc-axes" }, svg);
      label(left - 6, top + 8, number(+high.toFixed(1)), "", "end");
      label(left - 6, bottom, number(+low.toFixed(1)), "", "end");
      element("path", { d: "M" + left + " " + y(aim) + "h" + width, class: "tc-aim" }, svg);
      dots.forEach((value, i) =>
        element("circle", { cx: x(i + 1), cy: y(value), r: 3.4, class: "tc-seen tc-seen--" + steps[i] }, svg));
      const points = line.map((value, step) => x(step).toFixed(1) + "," + y(value).toFixed(1)).join(" ");
      element("polyline", { points, class: "tc-running", "data-running": what }, svg);
    }

    /* Puts a value into its control; the slider of num_groups counts its divisors. */
    function write(name) {
      const input = form.elements[name], slider = input.type === "range", { choices } = parameters[name];
      input.value = slider && choices ? choices.indexOf(state[name]) : state[name];
      if (!slider) return;
      input.parentElement.querySelector("output").textContent = choices ? state[name] : number(state[name]);
      input.setAttribute("aria-valuetext", state[name]);
    }

    function changed() {
      draw();
      clearTimeout(timer);
      timer = setTimeout(remember, 250);
    }

    function choose(place) {
      if (String(place) === String(cell)) return;
      cell = place;
      changed();
    }

    /* A mouse chooses as it hovers, a finger where it taps or slides. */
    ["pointerdown", "pointermove"].forEach((type) => svg.addEventListener(type, (event) => {
      const under = document.elementFromPoint(event.clientX, event.clientY);
      if (!under || !svg.contains(under) || !under.dataset.cell) return;
      const i = +under.dataset.cell;
      choose([Math.floor(i / P / C), Math.floor(i / P) % C, i % P]);
    }));

    svg.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key], [n, c, p] = cell;
      if (way) {
        const column = Math.max(0, Math.min(N * P - 1, n * P + p + way[0])); // from one sample into the next
        choose([Math.floor(column / P), Math.max(0, Math.min(C - 1, c + way[1])), column % P]);
      } else if (event.key === "Home") choose([0, 0, 0]);
      else if (event.key === "End") choose([N - 1, C - 1, P - 1]);
      else return;
      event.preventDefault();
    });

    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", ({ target }) => {
      const { choices } = parameters[target.name];
      state[target.name] = !choices ? Number(target.value) : target.type === "range" ? choices[target.value] : target.value;
      changed();
    });
    const more = (count) => { steps = (steps + state.mode[0].repeat(count)).slice(0, MOST); };
    const actions = {
      next: () => more(1),
      many: () => more(10),
      reset: () => { steps = "t"; names.forEach((name) => { state[name] = parameters[name].value; }); }
    };
    form.querySelectorAll("[data-tc-do]").forEach((button) =>
      button.addEventListener("click", () => { actions[button.dataset.tcDo](); changed(); }));

    /* --- The address --------------------------------------------------------------------------------------------- */

    function remember() {
      const query = new URLSearchParams(location.search);
      const put = (name, value, usual) => {
        if (String(value) === String(usual)) query.delete(name);
        else query.set(name, value);
      };
      put("cell", cell, first);
      for (const name of names) put(name, state[name], parameters[name].value);
      if (moving) put("steps", steps, "t");
      truecurve.remember(query);
    }

    const query = new URLSearchParams(location.search), bad = [];
    function take(name, read) {
      const text = query.get(name), value = text === null ? undefined : read(text);
      if (text !== null && value === undefined) bad.push(name + "=" + text);
      return value;
    }
    for (const name of names) state[name] = take(name, (text) => admitted(parameters[name], text)) ?? state[name];
    if (moving) steps = take("steps", (text) => (/^[te]+$/.test(text) && text.length <= MOST ? text : undefined)) || steps;
    cell = take("cell", (text) => {
      const place = text.split(",").map((part) => (/^\d+$/.test(part) ? +part : NaN));
      return place.length === 3 && place.every((at, axis) => at < shape[axis]) ? place : undefined;
    }) || cell;
    truecurve.complain(root.querySelector(".tc-note"), root.dataset.tcBad, bad);
    draw();
  }

  truecurve.norm = { statistics, key, shared, normalize, running, batch, population };
  document.querySelectorAll("[data-tc-layer]").forEach(figure);
})();
