// What keeps the newest sources from building, over the last good version, until it is mended.

import { h, number } from "./dom.js";

const MOST = 20; // that are listed

export class Problems {
  constructor() {
    this.list = h("ul");
    this.title = h("h2", {});
    this.toggle = h("button", { type: "button", class: "button", "aria-expanded": "true", "aria-controls": "problems", text: "Hide", on: { click: () => this.fold(!this.folded) } });
    this.element = h("section", { class: "problems", "aria-label": "Problems", hidden: true },
      h("div", { class: "bar", role: "alert" }, this.title, this.toggle), h("div", { id: "problems", tabindex: "0", role: "group", "aria-label": "What is wrong" }, this.list));
    document.body.append(this.element);
  }

  // Show a problem; none of null.
  show(problem) {
    const faults = problem?.faults ?? [];
    this.element.hidden = faults.length === 0;
    const written = JSON.stringify(faults);
    if (this.written === written) return;
    this.written = written;
    const more = faults.length - MOST;
    const rest = more > 0 ? [h("li", { class: "quiet", text: `and ${number(more)} more, which the terminal with errgen watch has` })] : [];
    this.list.replaceChildren(...faults.slice(0, MOST).map((fault) => this.fault(fault)), ...rest);
    this.title.textContent = faults.length ? `${faults.length === 1 ? "A problem" : `${faults.length} problems`} in the sources` : "";
    if (faults.length) this.title.append(h("span", { class: "quiet", text: problem.built ? " The pages are built, but not fit to publish." : " What you see is the last good version." }));
    this.fold(false);
  }

  fold(folded) {
    this.folded = folded;
    this.list.parentElement.hidden = folded;
    this.toggle.textContent = folded ? "Show" : "Hide";
    this.toggle.setAttribute("aria-expanded", String(!folded));
  }

  fault({ where, message, hint, excerpt }) {
    const line = Number(/:(\d+)/.exec(where ?? "")?.[1]);
    const rows = (excerpt ?? []).map(([number, text]) =>
      h("span", { class: number === line ? "row meant" : "row" }, h("span", { class: "number", "aria-hidden": "true", text: number }), h("span", { text: text || " " })));
    return h("li", {}, where && h("code", { class: "where", text: where }), h("p", { text: message }), rows.length > 0 && h("pre", {}, rows), hint && h("p", { class: "hint", text: hint }));
  }
}
