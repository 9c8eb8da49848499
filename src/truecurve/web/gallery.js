/* The gallery of the home page. Its controls filter, search and order the cards by their data- attributes, and stand in
   the query of the address under their names, so that a choice can be linked and outlives the switch of language. */
(function () {
  "use strict";
  var form = document.querySelector(".tc-filter");
  var gallery = document.querySelector(".tc-gallery");
  var empty = document.querySelector(".tc-empty");
  var count = form.querySelector(".tc-filter-count");
  var cards = Array.from(gallery.children);
  var controls = Array.from(form.elements).filter(function (control) { return control.name; });

  function get(control) {
    if (control.type === "button") return control.getAttribute("aria-pressed") === "true" ? "1" : "";
    return control.value.trim();
  }

  /* Whether the control has such a value; if not, it is left without one. */
  function set(control, value) {
    if (control.type === "button") control.setAttribute("aria-pressed", String(value === "1"));
    else control.value = value;
    if (control.type === "search" || get(control) === value) return true;
    control.value = "";
    return false;
  }

  /* Spellings differ in what joins words: nn.GELU, hard_sigmoid, full-width letters. */
  function plain(text) {
    return text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}\s]/gu, "");
  }

  function holding(words, texts) {
    return cards.filter(function (card, place) {
      return words.every(function (word) { return texts[place].includes(word); });
    });
  }

  var names = cards.map(function (card) { return plain(card.dataset.names); });
  var texts = cards.map(function (card, place) { return names[place] + " " + plain(card.dataset.summary); });

  /* A function that is called so is what was sought; only where none is, one whose summary speaks of it. */
  function sought(query) {
    var words = plain(query).split(/\s+/).filter(Boolean);
    var named = holding(words, names);
    return named.length ? named : holding(words, texts);
  }

  function meets(card, name, value) {
    if (name === "find" || name === "sort") return true;
    return value === "1" ? has(card.dataset.is, name) : has(card.dataset[name], value);
  }

  function has(list, value) { return (list || "").split(" ").includes(value); }

  var orders = {
    name: function (a, b) { return name(a).localeCompare(name(b), "en"); },
    slope: function (a, b) { return (a.dataset.slope || Infinity) - (b.dataset.slope || Infinity) || 0; },
  };

  function name(card) { return card.querySelector("a").textContent; }

  function show(ignored) {
    var chosen = new URLSearchParams();
    controls.forEach(function (control) { if (get(control)) chosen.set(control.name, get(control)); });
    var found = sought(chosen.get("find") || "");
    var shown = cards.filter(function (card) {
      var met = found.includes(card) && Array.from(chosen).every(function (pair) { return meets(card, pair[0], pair[1]); });
      card.hidden = !met;
      return met;
    });
    var sort = chosen.get("sort") || "";
    gallery.dataset.sort = sort;
    gallery.append.apply(gallery, sort ? cards.slice().sort(orders[sort]) : cards);
    empty.hidden = shown.length > 0;
    var text = form.dataset.count.replace("{shown}", shown.length).replace("{all}", cards.length);
    if (ignored) text += " · " + form.dataset.ignored.replace("{conditions}", function () { return ignored; });
    if (count.textContent !== text) count.textContent = text;
    return chosen;
  }

  function changed() {
    var query = new URLSearchParams(location.search);
    controls.forEach(function (control) { query.delete(control.name); });
    show().forEach(function (value, key) { query.set(key, value); });
    history.replaceState(history.state, "", location.pathname + (String(query) && "?" + query) + location.hash);
  }

  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", function (event) { if (!event.isComposing) changed(); });
  form.addEventListener("compositionend", changed);

  controls.forEach(function (control) {
    if (control.type !== "button") return;
    control.addEventListener("click", function () {
      set(control, get(control) ? "" : "1");
      changed();
    });
  });

  document.querySelectorAll(".tc-filter-reset").forEach(function (button) {
    button.addEventListener("click", function () {
      controls.forEach(function (control) { set(control, ""); });
      changed();
      form.querySelector(".tc-filter-reset").focus(); // the other one is gone
    });
  });

  var query = new URLSearchParams(location.search);
  var bad = controls.filter(function (control) { return !set(control, (query.get(control.name) || "").trim()); });
  show(bad.map(function (control) { return control.name + "=" + query.get(control.name); }).join(", "));
})();
