/* Runs before the theme's script and stands between it and its search worker.

   The query: Material splits a Chinese query at the words of its index, but never looks at the last character, so that of
   梯度消失 only 梯度 is sought. A closing 〇 (a Han character like any other) lets it see them all; the query stands once
   more without it, for a word that is still being typed.

   The index, which weighs more than a page, and the worker that reads it wait until somebody is about to search.

   The results: a page that is called just what was typed comes first (relu: ReLU, not ReLU6), then a page of which this
   is another name (nn.GELU), then one whose title begins with it, then one that has it as it was typed (上溢, and not just
   上限); the others come last. Within each, the order of the index stays. */
(function () {
  "use strict";
  var QUERY = 2, RESULT = 3;
  var Native = window.Worker;
  if (!Native) return;

  var wanted = new Promise(function (resolve) {
    var query = new URLSearchParams(location.search);
    if (query.has("q") || query.has("h")) resolve(); /* h: words to be marked, which the index tells apart */
    document.addEventListener("focusin", function (event) {
      if (event.target.matches("[data-md-component=search-query]")) resolve();
    });
  });

  var open = XMLHttpRequest.prototype.open, send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.waits = String(url).endsWith("search_index.json");
    open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (...body) {
    if (this.waits) wanted.then(() => send.apply(this, body));
    else send.apply(this, body);
  };

  function plain(text) {
    return text.replace(/<[^>]*>/g, "").replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();
  }

  /* Of one page: its own document and those of its sections. Only its own has names. */
  function rank(documents, query) {
    var page = documents.find(function (one) { return !one.location.includes("#"); });
    if (!page) return 4;
    var title = page.title.replace(/<[^>]*>/g, "");
    if (plain(title) === query || plain(title.split(/\s/)[0]) === query) return 0;
    if ((page.names || []).some(function (name) { return plain(name) === query; })) return 1;
    if (plain(title).startsWith(query)) return 2;
    return documents.some(function (one) { return plain(one.title + one.text).includes(query); }) ? 3 : 4;
  }

  /* What is posted before the worker runs is kept; only the search makes workers on this site. */
  window.Worker = class {
    constructor(...address) {
      this.started = wanted.then(() => new Native(...address));
      this.queries = []; /* those that are not answered yet; answers come in their order */
    }

    postMessage(message, ...rest) {
      if (message && message.type === QUERY) {
        this.queries.push(plain(message.data));
        var data = message.data.replace(/\p{Script=Han}{2,}/gu, "$&〇 $&");
        message = { type: message.type, data: data };
      }
      this.started.then((worker) => worker.postMessage(message, ...rest));
    }

    addEventListener(type, listener, ...rest) {
      this.started.then((worker) => worker.addEventListener(type, (event) => {
        if (event.data && event.data.type === RESULT && event.answered === undefined) event.answered = this.queries.shift();
        var answered = event.answered;
        if (answered && event.ranked === undefined) {
          event.ranked = true; /* there may be several listeners */
          var ranked = event.data.data.items.map((item) => [rank(item, answered), item]);
          event.data.data.items = ranked.sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
        }
        listener.call(this, event);
        if (answered !== undefined) document.documentElement.dataset.tcAnswered = answered;
      }, ...rest));
    }

    removeEventListener() {} /* the theme listens as long as the page lives */
  };
})();
