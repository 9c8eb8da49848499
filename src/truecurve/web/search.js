/* Runs before the theme's script. Material splits a Chinese query at the words of its index, but never looks at the last
   character, so that of 梯度消失 only 梯度 is sought. A closing 〇 (a Han character like any other) lets it see them all; the
   query stands once more without it, for a word that is still being typed. */
(function () {
  "use strict";
  var QUERY = 2;
  var Native = window.Worker;
  if (!Native) return;

  window.Worker = class extends Native {
    postMessage(message, ...rest) {
      if (message && message.type === QUERY) {
        var data = message.data.replace(/\p{Script=Han}{2,}/gu, "$&〇 $&");
        message = { type: message.type, data: data };
      }
      super.postMessage(message, ...rest);
    }
  };
})();
