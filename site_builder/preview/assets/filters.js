// Which pages of the wall are shown: one box for each value that there is, with how many pages have it.

import { GROUPS, RETRY, STATES, WHO, words } from "./catalog.js";
import { folded, h } from "./dom.js";

const NAMES = {
  group: ["Kind", (value) => GROUPS.find((group) => group.key === value)?.label],
  who: ["Who acts", (value) => WHO[value]],
  retry: ["Retry", (value) => RETRY[value]],
  translation: ["Texts", (value) => STATES[value]],
  category: ["Category", words],
};
const ORDERS = { group: GROUPS.map((group) => group.key), who: Object.keys(WHO), retry: Object.keys(RETRY), translation: Object.keys(STATES) };

export class Filters {
  constructor(root, gallery) {
    this.gallery = gallery;
    this.boxes = h("div", { class: "boxes" });
    this.summary = h("summary", {}, "Filters");
    this.reset = h("a", { href: "#", class: "reset", hidden: true }, "Show all");
    this.element = folded(h("details", { class: "filters" }, this.summary, this.boxes, this.reset), "(min-width: 56rem)");
    root.prepend(h("aside", { "aria-label": "Filters" }, this.element));
  }

  // Whether an entry has one of the values chosen in each filter, `but` for one of these.
  passes(entry, but = null) {
    const { catalog, state } = this.gallery;
    const facets = catalog.facets(entry, this.gallery.shown().lang);
    return Object.keys(NAMES).every((name) => {
      const chosen = state.now[name];
      return name === but || chosen.length === 0 || chosen.includes(facets[name]);
    });
  }

  update() {
    const { catalog, state } = this.gallery;
    const { lang } = this.gallery.shown();
    const found = catalog.entries.filter((entry) => catalog.matches(entry, state.now.q, lang));
    const everything = catalog.entries.map((entry) => catalog.facets(entry, lang));
    for (const [name, [label, describe]] of Object.entries(NAMES)) {
      const values = [...new Set([...everything.map((facets) => facets[name]), ...state.now[name]])];
      const order = ORDERS[name];
      values.sort((a, b) => (order ? order.indexOf(a) - order.indexOf(b) : a.localeCompare(b)));
      const rest = found.filter((entry) => this.passes(entry, name)).map((entry) => catalog.facets(entry, lang)[name]);
      this.fieldset(name, label, values.map((value) => [value, describe(value) ?? value, rest.filter((one) => one === value).length]));
    }
    const chosen = Object.keys(NAMES).reduce((sum, name) => sum + state.now[name].length, 0);
    this.summary.textContent = chosen ? `Filters (${chosen})` : "Filters";
    this.reset.hidden = !chosen;
    this.reset.href = state.link(this.nothing());
  }

  nothing() {
    return Object.fromEntries(Object.keys(NAMES).map((name) => [name, []]));
  }

  // The boxes of one filter. They stay the same elements while their values do, and the one with the focus keeps it.
  fieldset(name, label, rows) {
    const id = `filter-${name}`;
    let set = this.boxes.querySelector(`#${id}`);
    const values = rows.map((row) => row[0]).join();
    if (!set || set.dataset.values !== values) {
      const held = set?.contains(document.activeElement) && document.activeElement.value;
      const fresh = h("fieldset", { id, data: { values } }, h("legend", { text: label }), rows.map(([value, text]) => this.box(name, value, text)));
      if (set) set.replaceWith(fresh);
      else this.boxes.append(fresh);
      set = fresh;
      if (held) set.querySelector(`input[value="${CSS.escape(held)}"]`)?.focus();
    }
    set.hidden = rows.length < 2;
    for (const [value, , count] of rows) {
      const box = set.querySelector(`input[value="${CSS.escape(value)}"]`);
      box.checked = this.gallery.state.now[name].includes(value);
      const line = box.closest("label");
      line.querySelector(".quiet").textContent = count;
      line.classList.toggle("empty", count === 0 && !box.checked);
    }
  }

  box(name, value, text) {
    const choose = (event) => {
      const others = this.gallery.state.now[name].filter((one) => one !== value);
      this.gallery.state.set({ [name]: event.target.checked ? [...others, value] : others });
    };
    const input = h("input", { type: "checkbox", value, name, on: { change: choose } });
    return h("label", {}, input, h("span", { text }), " ", h("span", { class: "quiet" }));
  }
}
