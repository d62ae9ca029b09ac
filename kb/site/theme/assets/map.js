// Pictures of services: the box under the pointer or the focus stands out with all that it needs and all that needs it,
// all the way. The picture is whole without this script.
"use strict";
(() => {
  const follow = (start, next) => {
    const found = new Set([start]);
    for (const name of found) for (const other of next.get(name) || []) found.add(other);
    return found;
  };

  const wire = figure => {
    const lines = [...figure.querySelectorAll("path[data-from]")];
    const boxes = [...figure.querySelectorAll("[data-name]")];
    const [down, up] = [new Map(), new Map()];
    const add = (map, key, value) => map.set(key, [...(map.get(key) || []), value]);
    for (const { dataset } of lines) {
      add(down, dataset.from, dataset.to);
      add(up, dataset.to, dataset.from);
    }
    const pick = name => {
      const [needs, users] = [follow(name, down), follow(name, up)];
      const on = (from, to) => (needs.has(from) && needs.has(to)) || (users.has(from) && users.has(to));
      for (const line of lines) line.classList.toggle("kb-picked", on(line.dataset.from, line.dataset.to));
      for (const box of boxes) box.classList.toggle("kb-picked", needs.has(box.dataset.name) || users.has(box.dataset.name));
      figure.classList.add("kb-graph--picked");
    };
    const drop = () => figure.classList.remove("kb-graph--picked");
    for (const box of boxes) {
      box.addEventListener("mouseenter", () => pick(box.dataset.name));
      box.addEventListener("mouseleave", drop);
      box.addEventListener("focusin", () => pick(box.dataset.name));
      box.addEventListener("focusout", drop);
    }
  };

  document.querySelectorAll(".kb-graph").forEach(wire);
})();
