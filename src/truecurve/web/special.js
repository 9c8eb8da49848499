/* What the printed functions call beside Math. Each is right to a few units in the last place, tails included: none
   subtracts numbers that are nearly equal. `truecurve.add` is how the files in fn/ register. */
(function () {
  "use strict";

  /* erf(x) for |x| < 1.5: exp(-x²) 2/√π Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)), whose terms all have one sign. */
  function series(x) {
    var term = x, sum = x;
    for (var n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) sum += (term *= 2 * x * x / (2 * n + 1));
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  /* erfc(x) for x ≥ 1.5: the continued fraction exp(-x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))). */
  function fraction(x) {
    var tail = x;
    for (var n = Math.ceil(20 + 200 / (x * x)); n > 0; n--) tail = x + n / 2 / tail;
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
  }

  function erf(x) { return x > 1.5 ? 1 - fraction(x) : x < -1.5 ? fraction(-x) - 1 : series(x); }
  function erfc(x) { return x > 1.5 ? fraction(x) : x < -1.5 ? 2 - fraction(-x) : 1 - series(x); }

  /* x - tanh(x): with tanh(x) = x / (1 + t), t = x²/(3 + x²/(5 + x²/(7 + …))), it is x t / (1 + t). */
  function tanhshrink(x) {
    if (Math.abs(x) > 1) return x - Math.tanh(x);
    var t = 0;
    for (var k = 17; k > 1; k -= 2) t = x * x / (k + t);
    return x * t / (1 + t);
  }

  /* --- What the figures share ------------------------------------------------------------------------------------ */

  /* As everywhere on the site: a true minus, powers of ten outside of 1e-4 … 1e7, and never 0 for what is not 0. */
  function number(value, digits) {
    if (!isFinite(value)) return isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
    const size = Math.abs(value), [head, power] = size.toExponential((digits || 4) - 1).split("e");
    const plain = size === 0 || (size >= 1e-4 && size < 1e7);
    const text = plain ? String(+size.toPrecision(digits || 4)) : +head + "×10" +
      power.replace("+", "").replace(/./g, (c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] || "⁻");
    return (value < 0 ? "−" : "") + text;
  }

  /* The value of a parameter from text; undefined if it is none, or beyond the slider. */
  function admitted(parameter, text) {
    if (parameter.choices) return parameter.choices.includes(text) ? text : undefined;
    const value = text.trim() === "" ? NaN : Number(text);
    return value >= parameter.low && value <= parameter.high ? value : undefined;
  }

  /* Says, as plain text, what the address asked for and cannot have. */
  function complain(note, sentence, bad) {
    note.hidden = !bad.length;
    if (bad.length) note.textContent = sentence.replace("*", bad.map((text) => (text.length > 60 ? text.slice(0, 60) + "…" : text)).join(", "));
  }

  /* Puts the state into the address, and into the snippet that embeds the figure. */
  function remember(query) {
    const text = query.toString().replace(/%2C/g, ",");
    try {
      history.replaceState(history.state, "", location.pathname + (text ? "?" + text : "") + location.hash);
    } catch (error) { /* a frame without an address of its own */ }
    document.querySelectorAll("[data-tc-state]").forEach((box) => {
      const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace(/(\/embed\/\w+\/)[^"]*/, "$1" + (text ? "?" + text : ""));
    });
  }

  globalThis.truecurve = {
    number: number,
    admitted: admitted,
    complain: complain,
    remember: remember,
    functions: {},
    special: Object.assign(Object.create(Math), {
      erf: erf,
      erfc: erfc,
      tanhshrink: tanhshrink,
      sigma: function (x) { return 1 / (1 + Math.exp(-x)); },
      softplus: function (x) { return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)); },
      sech: function (x) { return 1 / Math.cosh(x); },
      Phi: function (x) { return erfc(-x / Math.SQRT2) / 2; },
      phi: function (x) { return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI); },
      relu: function (x) { return Math.max(x, 0); },
      relu6: function (x) { return Math.min(Math.max(x, 0), 6); }
    }),
    add: function (id, make) { this.functions[id] = make(this.special); }
  };
})();
