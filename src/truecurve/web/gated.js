/* The level lines of a gated function with the slice that the live figure below shows: drag it, or the point on it. */
(function () {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg", figure = truecurve.figures[0], picture = document.querySelector(".tc-surface");
  if (!figure || !picture) return;
  const svg = picture.querySelector("svg"), [left, top, right, bottom] = picture.dataset.tcBox.split(" ").map(Number);
  const made = (tag, attributes) => {
    const element = document.createElementNS(SVG, tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    return svg.appendChild(element);
  };
  const line = made("path", { class: "tc-slice" }), dot = made("circle", { r: 6, fill: "var(--tc-ink)" });
  svg.classList.add("tc-plot");

  function draw() {
    const item = figure.items[0], parameters = item.fn.parameters, { along, a, b } = item.parameters;
    const x = (value) => left + (value - parameters.a.low) / (parameters.a.high - parameters.a.low) * (right - left);
    const y = (value) => bottom - (value - parameters.b.low) / (parameters.b.high - parameters.b.low) * (bottom - top);
    const at = figure.at() === null ? 0 : figure.at(), point = along === "a" ? [x(at), y(b)] : [x(a), y(at)];
    line.setAttribute("d", along === "a" ? "M" + left + " " + point[1] + "H" + right : "M" + point[0] + " " + top + "V" + bottom);
    dot.setAttribute("cx", Math.max(left, Math.min(right, point[0])));
    dot.setAttribute("cy", Math.max(top, Math.min(bottom, point[1])));
  }

  function drag(event) {
    const box = svg.getBoundingClientRect(), scale = 800 / box.width, item = figure.items[0], { along } = item.parameters;
    const share = {
      a: ((event.clientX - box.left) * scale - left) / (right - left),
      b: (bottom - (event.clientY - box.top) * scale) / (bottom - top)
    };
    const value = (half) => {
      const { low, high, step } = item.fn.parameters[half];
      return +(Math.round((low + Math.max(0, Math.min(1, share[half])) * (high - low)) / step) * step).toFixed(6);
    };
    figure.set(item, along === "a" ? "b" : "a", value(along === "a" ? "b" : "a"));
    figure.move(value(along));
  }
  svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); drag(event); });
  svg.addEventListener("pointermove", (event) => { if (event.buttons) drag(event); });
  figure.listen(draw);
  draw();
})();
