/* Tables of class tc-sortable: each heading becomes a button that sorts the rows; a second press reverses the order.
   Rows compare by data-tc-value (a number where the heading says so) and keep their first order where they are equal. */
(function () {
  "use strict";

  function value(row, column, numeric) {
    var cell = row.cells[column];
    var text = cell.getAttribute("data-tc-value");
    if (text === null) text = cell.textContent.trim();
    return numeric ? Number(text) : text;
  }

  function sort(table, rows, column) {
    var heads = table.tHead.rows[0].cells;
    var head = heads[column];
    var numeric = head.getAttribute("data-tc-type") === "number";
    var direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (var i = 0; i < heads.length; i++) heads[i].removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    var sorted = rows.map(function (row, place) {
      return { row: row, place: place, key: value(row, column, numeric) };
    });
    sorted.sort(function (a, b) {
      var order = numeric ? a.key - b.key : a.key.localeCompare(b.key, "en");
      return order * direction || a.place - b.place;
    });
    sorted.forEach(function (item) { table.tBodies[0].appendChild(item.row); });
  }

  document.querySelectorAll("table.tc-sortable").forEach(function (table) {
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "tc-sort";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      button.addEventListener("click", function () { sort(table, rows, column); });
    });
  });
})();
