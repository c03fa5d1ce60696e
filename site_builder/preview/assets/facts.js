// What is known of one page: its size against its budget, what checks find, how far its text is, where it comes from.

import { RETRY, STATES, WHO, words } from "./catalog.js";
import { h, fill, number } from "./dom.js";

// What the place of a file of errgen's own begins with.
const SHIPPED = "<errgen>/";

export class Facts {
  constructor(gallery) {
    this.gallery = gallery;
    this.list = h("div", { class: "list" });
    this.element = h("aside", { class: "facts", "aria-label": "Facts about this page" }, this.list);
    this.known = new Map();
  }

  // What the server knows of a page beyond the gallery's data; nothing where there is no server.
  async ask(answer) {
    const { catalog } = this.gallery;
    if (!catalog.data.live) return null;
    const shown = this.gallery.shown();
    const place = `${encodeURIComponent(shown.theme)}/${shown.profile}/${answer.lang}/${answer.key}`;
    const version = `${place}?v=${catalog.data.version}`;
    if (!this.known.has(version)) {
      this.known.clear();
      this.known.set(version, fetch(`/_/${catalog.data.site}/facts/${place}`).then((reply) => (reply.ok ? reply.json() : null)).catch(() => null));
    }
    const facts = await this.known.get(version);
    if (!facts) this.known.delete(version); // the sources were just being saved, or are broken
    return facts;
  }

  async update(entry, answer, format) {
    const asked = (this.asked = {});
    fill(this.list, this.rows(entry, answer, format, this.last?.key === answer.key && this.last?.lang === answer.lang ? this.last.facts : null));
    const facts = await this.ask(answer);
    if (this.asked !== asked || !facts) return;
    this.last = { key: answer.key, lang: answer.lang, facts };
    fill(this.list, this.rows(entry, answer, format, facts));
  }

  rows(entry, answer, format, facts) {
    const { catalog } = this.gallery;
    const shown = this.gallery.shown();
    const about = [
      ["Category", words(entry.category ?? "none")],
      ["Who acts", WHO[entry.who_acts]],
      ["Retry", RETRY[catalog.retryOf(entry)] + (entry.retry_after ? `, after ${number(entry.retry_after)} s` : "")],
      ["Status", entry.status ?? "as the error has it"],
      entry.code === null && ["Codes", entry.codes.replaceAll("..", "–").replaceAll(" ", ", ")],
    ];
    const state = answer.state === "fallback" ? null : facts?.state ?? answer.state;
    const texts = [facts?.source ?? entry.source, ...(facts?.text_sources ?? answer.text.sources)];
    const templates = facts?.templates[format] ?? [];
    const origin = [
      ["Entry", this.places(texts.slice(0, 1))],
      ["Text", this.places(texts.slice(1))],
      templates.length > 0 && ["Templates", this.places(templates)],
      !facts && ["Theme", shown.theme],
    ];
    const ships = (places) => places.some((place) => place.startsWith(SHIPPED));
    return [
      h("h3", { text: "Size" }),
      catalog.data.formats.map((one) => this.size(one, facts?.sizes?.[one.key]?.bytes ?? catalog.size(shown, answer.lang, answer.key, one.key), one.key === format)),
      h("h3", { text: "Text" }),
      this.translation(entry, answer, state),
      facts && [h("h3", { text: "Findings" }), this.findings(facts.findings)],
      h("h3", { text: "About" }),
      this.table(about),
      h("h3", { text: "Made from" }),
      this.table(origin),
      ships(texts) && h("p", { class: "quiet" }, "This entry or its text comes with errgen. Yours, in catalog/ or as overrides in errgen.toml, takes its place."),
      ships(templates) && h("p", { class: "quiet" }, "Templates that come with errgen are copied for editing by ", h("code", { text: `errgen init --copy-theme ${shown.theme}` })),
    ];
  }

  size(format, bytes, chosen) {
    if (bytes === null) return null;
    const over = format.budget && bytes > format.budget;
    const meter = format.budget && h("span", { class: "gauge" }, h("span", { data: { part: Math.min(1, bytes / format.budget) } }));
    const text = format.budget ? `${number(bytes)} of ${number(format.budget)} bytes` : `${number(bytes)} bytes`;
    if (meter) meter.firstChild.style.width = `${Math.min(100, (100 * bytes) / format.budget)}%`;
    return h("p", { class: `size${over ? " over" : ""}${chosen ? " chosen" : ""}` }, h("span", { text: format.label }), h("span", { class: "amount", text }), over && h("strong", { text: " over budget" }), meter);
  }

  translation(entry, answer, state) {
    const { catalog } = this.gallery;
    const { lang } = this.gallery.shown();
    const name = catalog.nameOf(lang);
    if (answer.state === "fallback") {
      const stead = answer.key === entry.key ? `this one in ${catalog.nameOf(answer.lang)}` : `the page of ${answer.key}`;
      return h("p", {}, h("span", { class: "mark fallback", text: STATES.fallback }), ` There is no text of it in ${name}. Clients get ${stead}.`);
    }
    return h("p", {}, h("span", { class: `mark ${state}`, text: STATES[state] ?? state }), ` ${name}`);
  }

  findings(found) {
    if (!found.length) return h("p", { text: "None on this page." });
    return h("ul", { class: "findings" }, found.map((one) =>
      h("li", { class: one.severity }, h("b", { text: one.severity }), ` ${one.message}`, one.where && this.place(one.where), one.hint && h("span", { class: "hint", text: one.hint }))));
  }

  places(sources) {
    return h("span", { class: "places" }, sources.map((source) => this.place(source)));
  }

  // A file and its line, to be copied where it is one of the project's.
  place(source) {
    const parts = source.replace(SHIPPED, "").split(/(?<=\/)/).flatMap((part) => [part, h("wbr")]); // a line ends after a slash
    if (source.startsWith(SHIPPED)) return h("code", { class: "quiet" }, parts);
    return h("button", { type: "button", class: "place", title: "Copy", on: { click: () => this.copy(source) } }, parts);
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.gallery.toast(`Copied ${text}`);
    } catch {
      this.gallery.toast("The browser does not let this page copy; select the text instead");
    }
  }

  table(rows) {
    return h("dl", {}, rows.filter(Boolean).map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", {}, value instanceof Node ? value : String(value)))));
  }
}
