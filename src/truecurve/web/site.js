/* What the theme lacks. It runs after the theme's script, without a module, so that it also works from file://. */
(function () {
  "use strict";

  /* The other language opens at the same place of the page. */
  document.querySelectorAll("[data-tc-switch]").forEach(function (link) {
    var target = link.getAttribute("href");
    function follow() { link.setAttribute("href", target + location.search + location.hash); }
    window.addEventListener("hashchange", follow);
    link.addEventListener("click", follow);
    follow();
  });

  /* An error report names the section that the reader is looking at. */
  document.querySelectorAll("[data-tc-report]").forEach(function (link) {
    var target = link.getAttribute("href");
    link.addEventListener("click", function () {
      link.setAttribute("href", target + encodeURIComponent(location.hash));
    });
  });

  /* The theme listens to keys only; text also arrives from input methods, the clipboard and dictation. */
  var query = document.querySelector("[data-md-component=search-query]");
  if (query) {
    ["input", "compositionend"].forEach(function (event) {
      query.addEventListener(event, function () { query.dispatchEvent(new Event("keyup")); });
    });
  }

  /* Snippets to be copied name this site, wherever it stands. */
  var root = document.querySelector("script[src$='assets/site.js']").src.replace("assets/site.js", "");
  var texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    texts.currentNode.data = texts.currentNode.data.replaceAll("https://SITE/", root);
  }

  /* A figure in a frame tells how high it is. */
  window.addEventListener("message", function (event) {
    if (!event.data || event.data.truecurve !== "height") return;
    document.querySelectorAll("iframe").forEach(function (frame) {
      if (frame.contentWindow === event.source) frame.style.height = event.data.height + "px";
    });
  });

  /* Whatever scrolls sideways can be reached and scrolled with the keyboard. */
  function reach() {
    var boxes = ".tc-formula, .tc-key-formula, .tc-scroll, .formula, .md-typeset__scrollwrap, pre > code";
    document.querySelectorAll(boxes).forEach(function (box) {
      if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0");
      else box.removeAttribute("tabindex");
    });
  }
  window.addEventListener("resize", reach);
  window.addEventListener("load", reach);
  reach();

  /* The theme wraps each copy button in a <nav>: a landmark without a name for every block of code. */
  function quiet() {
    document.querySelectorAll(".md-code__nav:not([role])").forEach(function (nav) { nav.setAttribute("role", "none"); });
  }
  new MutationObserver(quiet).observe(document.querySelector(".md-content") || document.body, { childList: true, subtree: true });
  quiet();
})();
