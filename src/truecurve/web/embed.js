/* A figure in a frame: colours, width and controls as the address asks, and its height told to the page around it. */
(function () {
  "use strict";
  const query = new URLSearchParams(location.search), root = document.documentElement, bad = [];
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function choice(name, choices) {
    const value = query.get(name);
    if (value === null || choices.includes(value)) return value || choices[0];
    bad.push(name + "=" + value);
    return choices[0];
  }

  const theme = choice("theme", ["auto", "light", "dark"]), controls = choice("controls", ["1", "0"]);
  function paint() {
    root.dataset.mdColorScheme = theme === "dark" || (theme === "auto" && dark.matches) ? "slate" : "default";
  }
  dark.addEventListener("change", paint);
  paint();

  const width = query.get("width");
  if (width !== null) {
    if (width.trim() && Number(width) >= 200 && Number(width) <= 2000) root.style.maxWidth = Number(width) + "px";
    else bad.push("width=" + width);
  }

  addEventListener("DOMContentLoaded", () => {
    document.body.classList.toggle("tc-bare", controls === "0");
    const live = document.querySelector(".tc-live"), note = live.querySelector(".tc-note");
    if (bad.length && note.hidden) truecurve.complain(note, live.dataset.tcBad, bad);
    const tell = () => parent.postMessage({
      truecurve: "height", id: live.dataset.tcLive || live.dataset.tcVector || live.dataset.tcLayer, height: Math.ceil(document.body.getBoundingClientRect().height)
    }, "*");
    if (parent !== self) new ResizeObserver(tell).observe(document.body);
  });
})();
