// Filters above lists. A list asks for them in its markup, and is whole without this script:
//
//   <div class="kb-filter" data-filter="service severity status year">   facts by which its rows can be filtered, in order
//     - [Title](a.md) {: data-service="jellyfin|nginx" data-severity="high"}    rows: <li> or <tr> with data-…; many by |
//
// In Python: markup.filtered(facts, markdown) makes the div, markup.facts(service=[…], host=[…]) the end of an item.
// A fact that no row says in data-… is read from what it shows: status from .kb-state, year from <time datetime>.
// A fact gets a choice when rows differ in it; "text" is always there. Headings whose rows are all hidden are hidden too.
// The address keeps the state: list.html#service=jellyfin&text=oom. Links that count something can lead there.
"use strict";
(() => {
  const FEWEST = 6; // rows; a shorter list is read faster than it is filtered
  const NAMES = { service: "Service", severity: "Severity", layer: "Layer", status: "Status", year: "Year", host: "Host", type: "Type", mode: "Mode", exposed: "Open to", tag: "Tag", text: "Text" };
  const plain = text => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const make = (tag, attributes = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...children);
    return element;
  };

  const factOf = (row, fact) => {
    const said = row.dataset[fact];
    if (said !== undefined) return said.split("|").filter(Boolean);
    if (fact === "status") return [...row.querySelectorAll(".kb-state")].map(state => state.textContent.trim());
    if (fact === "year") return [...row.querySelectorAll("time[datetime]")].slice(0, 1).map(time => time.dateTime.slice(0, 4));
    return [];
  };

  class Filter {
    constructor(root, number) {
      this.root = root;
      this.number = number;
      this.rows = [...root.querySelectorAll("li, tbody tr")].filter(row => !row.closest(".kb-unfiltered") && !row.parentElement.closest("li"));
      this.facts = root.dataset.filter.split(/\s+/).filter(Boolean);
      this.said = this.rows.map(row => Object.fromEntries(this.facts.map(fact => [fact, factOf(row, fact)])));
      this.texts = null; // read when somebody types: a list may have a thousand rows
      this.groups = [...this.headings(), ...this.lists()];
      this.inputs = new Map();
      this.build();
    }

    // Each heading with the rows below it, up to the next heading of its level or above.
    headings() {
      const all = [...this.root.querySelectorAll("h2, h3, h4")];
      const follows = (a, b) => a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING;
      return all.map((heading, at) => {
        const next = all.slice(at + 1).find(other => other.tagName <= heading.tagName);
        return { element: heading, rows: this.rows.filter(row => follows(heading, row) && !(next && follows(next, row))) };
      });
    }

    lists() {
      return [...new Set(this.rows.map(row => row.parentElement))].map(element => ({ element, rows: this.rows.filter(row => row.parentElement === element) }));
    }

    build() {
      const form = make("form", { className: "kb-filter__bar", role: "search" });
      form.setAttribute("aria-label", "Filter this list");
      this.add(form, "text", make("input", { type: "search", name: "text", autocomplete: "off", spellcheck: false }));
      // On a narrow screen the choices open with a button.
      this.more = make("button", { type: "button", className: "kb-filter__more", textContent: "More filters" });
      this.more.addEventListener("click", () => this.open(!form.classList.contains("kb-filter__bar--open")));
      form.append(this.more);
      this.form = form;
      for (const fact of this.facts) {
        const counts = new Map();
        for (const said of this.said) for (const value of new Set(said[fact])) counts.set(value, (counts.get(value) || 0) + 1);
        const values = [...counts.keys()].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
        if (fact === "year") values.reverse();
        if (values.length < 2 && this.said.every(said => said[fact].length === (this.said[0] || said)[fact].length)) continue;
        const select = make("select", { name: fact }, make("option", { value: "", textContent: "all" }));
        for (const value of values) select.append(make("option", { value, textContent: `${value} (${counts.get(value)})` }));
        this.add(form, fact, select);
      }
      this.more.hidden = this.inputs.size < 2;
      this.open(false);
      this.reset = make("button", { type: "button", className: "kb-filter__reset", textContent: "Show all", hidden: true });
      this.count = make("p", { className: "kb-filter__count" });
      this.count.setAttribute("role", "status");
      form.append(make("div", { className: "kb-filter__end" }, this.count, this.reset));
      this.none = make("p", { className: "kb-none kb-filter__none", textContent: "Nothing matches. ", hidden: true });
      const again = make("button", { type: "button", className: "kb-filter__reset", textContent: "Show all" });
      this.none.append(again);
      form.addEventListener("submit", event => event.preventDefault());
      form.addEventListener("input", () => this.apply(true));
      form.addEventListener("keydown", event => {
        if (event.key === "Escape" && !this.reset.hidden) { event.preventDefault(); event.stopPropagation(); this.clear(); }
      });
      for (const button of [this.reset, again]) button.addEventListener("click", () => this.clear());
      this.root.prepend(form, this.none);
      addEventListener("hashchange", () => this.restore());
      this.restore();
    }

    add(form, fact, input) {
      input.id = `kb-filter-${this.number}-${fact}`;
      const label = make("label", { htmlFor: input.id, textContent: NAMES[fact] || fact[0].toUpperCase() + fact.slice(1) });
      form.append(make("div", { className: `kb-filter__field kb-filter__field--${fact}` }, label, input));
      this.inputs.set(fact, input);
    }

    open(wide) {
      this.form.classList.toggle("kb-filter__bar--open", wide);
      this.more.setAttribute("aria-expanded", String(wide));
    }

    clear() {
      for (const input of this.inputs.values()) input.value = "";
      this.apply(true);
      this.inputs.get("text").focus();
    }

    // The state in the address counts only when it names facts of this list: #m2026-04 is a heading.
    restore() {
      const wanted = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
      let found = false;
      for (const [fact, input] of this.inputs) {
        const value = wanted.get(fact) || "";
        if (value && input.tagName === "SELECT" && ![...input.options].some(option => option.value === value)) {
          input.append(make("option", { value, textContent: `${value} (0)` }));
        }
        input.value = value;
        found = found || Boolean(value);
      }
      if ([...this.inputs].some(([fact, input]) => fact !== "text" && input.value)) this.open(true);
      this.apply(false);
      const place = this.form.getBoundingClientRect();
      if (found && (place.top < 0 || place.bottom > innerHeight)) this.root.scrollIntoView({ block: "start" });
    }

    apply(write) {
      const wanted = [...this.inputs].map(([fact, input]) => [fact, input.value.trim()]).filter(([, value]) => value);
      const words = plain(wanted.find(([fact]) => fact === "text")?.[1] || "").split(/\s+/).filter(Boolean);
      if (words.length && !this.texts) this.texts = this.rows.map(row => plain(row.textContent));
      const facts = wanted.filter(([fact]) => fact !== "text");
      let shown = 0;
      this.rows.forEach((row, at) => {
        const fits = facts.every(([fact, value]) => this.said[at][fact].includes(value)) && words.every(word => this.texts[at].includes(word));
        row.hidden = !fits;
        shown += fits;
      });
      for (const { element, rows } of this.groups) element.hidden = rows.length > 0 && rows.every(row => row.hidden);
      this.root.classList.toggle("kb-filter--on", wanted.length > 0);
      this.none.hidden = shown > 0;
      this.reset.hidden = wanted.length === 0;
      this.count.textContent = wanted.length ? `${shown} of ${this.rows.length}` : `${this.rows.length} in all`;
      if (write) this.remember(wanted);
    }

    remember(wanted) {
      const hash = wanted.length ? "#" + new URLSearchParams(wanted) : "";
      try { history.replaceState(history.state, "", location.pathname + location.search + hash); }
      catch { /* a browser that keeps addresses of files as they are: the list is filtered all the same */ }
    }
  }

  const start = () => document.querySelectorAll("[data-filter]").forEach((root, number) => {
    const rows = root.querySelectorAll("li, tbody tr").length;
    if (rows >= FEWEST || (rows && location.hash.includes("="))) new Filter(root, number);
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
