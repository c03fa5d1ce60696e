// One page, large: on the screen that is chosen, in every format, beside the facts about it.

import { h, fill, icon, number, say } from "./dom.js";
import { Facts } from "./facts.js";
import { Frame } from "./frame.js";
import { colouredJson, renderedMarkdown } from "./reading.js";

const HEADERS = "headers";

export class Stage {
  constructor(root, gallery) {
    this.root = root;
    this.gallery = gallery;
    this.title = h("h2", { id: "stage-title", tabindex: "-1" });
    this.back = h("a", { class: "button", href: "#", title: "All pages (Esc)" }, icon("M10 3 5 8l5 5"), "All pages");
    this.before = h("a", { class: "button", "aria-label": "Page before", title: "Page before (←)" }, icon("M10 3 5 8l5 5"));
    this.after = h("a", { class: "button", "aria-label": "Next page", title: "Next page (→)" }, icon("m6 3 5 5-5 5"));
    this.place = h("span", { class: "quiet place" });
    this.alone = h("a", { class: "button", target: "_blank", rel: "noreferrer", text: "Open alone" });
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Format", on: { keydown: (event) => this.tabKey(event) } });
    this.screen = h("div", { class: "screen" });
    this.measure = h("span", { class: "quiet measure" });
    this.text = h("div", { class: "text", tabindex: "0", role: "region", "aria-label": "Source" });
    this.source = h("label", { class: "source" }, h("input", { type: "checkbox", on: { change: (event) => gallery.state.set({ source: event.target.checked }) } }), "Source");
    this.panel = h("div", { class: "panel", role: "tabpanel", id: "stage-panel" }, h("div", { class: "desk" }, this.screen), this.text);
    this.facts = new Facts(gallery);
    this.frame = new Frame(this.screen, { title: "Page", heard: { key: (event) => gallery.key(event), link: (href) => gallery.toast(`Links lead nowhere here. This one: ${href}`) } });
    root.append(
      h("header", { class: "bar" }, this.back, this.title, h("span", { class: "steps" }, this.before, this.place, this.after)),
      h("div", { class: "pair" },
        h("div", { class: "shown" }, h("div", { class: "tabbar" }, this.tabs, this.source, this.measure, this.alone), this.panel),
        this.facts.element),
    );
    new ResizeObserver(() => this.scale()).observe(this.panel);
  }

  update(before) {
    const { state, catalog } = this.gallery;
    const entry = catalog.byKey.get(state.now.page);
    if (!entry) return;
    const shown = this.gallery.shown();
    const answer = catalog.answer(entry, shown.lang);
    const { tag, direction } = catalog.languageOf(answer.lang);
    fill(this.title, h("b", { text: entry.code ?? entry.key.replaceAll("_", " ") }), " ", h("span", { lang: tag, dir: direction, text: answer.text.headline }));
    this.back.href = state.link({ page: "" });
    this.steps(entry);
    this.formats();
    const tab = this.tab();
    this.panel.setAttribute("aria-labelledby", `tab-${tab}`);
    this.panel.dataset.tab = tab;
    this.frame.title = `Page ${answer.key} in ${catalog.nameOf(answer.lang)}`;
    this.source.hidden = !["html", "markdown"].includes(tab);
    this.source.querySelector("input").checked = state.now.source;
    this.alone.hidden = tab === HEADERS;
    this.showPage();
    this.facts.update(entry, answer, tab === HEADERS ? "html" : tab);
    this.scale();
    if (before.page !== state.now.page) say(`${entry.key}: ${answer.text.headline}`);
  }

  // The page itself, in its newest version.
  showPage() {
    const { state, catalog } = this.gallery;
    const entry = catalog.byKey.get(state.now.page);
    if (!entry) return;
    const shown = this.gallery.shown();
    const tab = this.tab();
    const answer = catalog.answer(entry, shown.lang);
    const asText = tab !== "html" || state.now.source;
    this.screen.parentElement.hidden = asText;
    this.text.hidden = !asText;
    const url = catalog.url(shown, answer.lang, answer.key, tab === HEADERS ? "html" : tab);
    this.alone.href = url;
    if (asText) this.write(tab, url, answer);
    else this.frame.show(url, shown, catalog.content(url));
  }

  steps(entry) {
    const { state } = this.gallery;
    const passing = this.gallery.passing();
    const keys = passing.map((one) => one.key);
    const place = keys.indexOf(entry.key);
    this.place.textContent = place < 0 ? "" : `${place + 1} of ${keys.length}`;
    for (const [link, key] of [[this.before, keys[place - 1]], [this.after, place < 0 ? keys[0] : keys[place + 1]]]) {
      if (key) link.href = state.link({ page: key });
      else link.removeAttribute("href");
    }
  }

  step(by) {
    const link = by < 0 ? this.before : this.after;
    if (link.hasAttribute("href")) this.gallery.state.set({ page: new URLSearchParams(link.hash.slice(1)).get("page") });
  }

  tab() {
    const { catalog, state } = this.gallery;
    const { tab } = state.now;
    return tab === HEADERS || catalog.data.formats.some((one) => one.key === tab) ? tab : "html";
  }

  formats() {
    const { catalog, state } = this.gallery;
    const formats = [...catalog.data.formats.map((one) => [one.key, one.label]), [HEADERS, "Headers"]];
    if (this.tabs.children.length !== formats.length) {
      this.tabs.replaceChildren(...formats.map(([key, label]) =>
        h("button", { id: `tab-${key}`, role: "tab", type: "button", text: label, "aria-controls": "stage-panel", data: { key }, on: { click: () => state.set({ tab: key }) } })));
    }
    for (const button of this.tabs.children) {
      const chosen = button.dataset.key === this.tab();
      button.setAttribute("aria-selected", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    }
  }

  tabKey(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    this.stepTab(by);
    this.tabs.querySelector("[aria-selected=true]").focus();
  }

  stepTab(by) {
    const keys = [...this.tabs.children].map((button) => button.dataset.key);
    this.gallery.state.set({ tab: keys[(keys.indexOf(this.tab()) + by + keys.length) % keys.length] });
  }

  // What is not shown as a page: sources, Markdown as it reads, headers. The newest that was asked for is written.
  async write(tab, url, answer) {
    const { catalog, state } = this.gallery;
    const version = tab === HEADERS ? catalog.data.version : ""; // headers may change where the page does not
    const asked = `${tab} ${url} ${state.now.source} ${version}`;
    if (this.asked === asked) return;
    const another = this.asked?.split("?")[0] !== asked.split("?")[0];
    this.asked = asked;
    this.text.setAttribute("aria-label", tab === HEADERS ? "Headers" : catalog.format(tab).label);
    const content = tab === HEADERS ? await this.headers(answer) : await this.read(tab, url, answer);
    if (this.asked !== asked) return;
    fill(this.text, content);
    if (another) this.text.scrollTop = 0;
    this.text.dataset.shows = asked;
  }

  async read(tab, url, answer) {
    if (location.protocol === "file:") {
      const kind = tab === "html" ? "source of a page" : `${this.gallery.catalog.format(tab).label} as it reads`;
      const note = h("p", { class: "quiet" }, `A browser lets no file read another. For the ${kind}, use errgen watch or any web server.`);
      return tab === "html" ? note : [h("iframe", { src: url, sandbox: "", title: this.gallery.catalog.format(tab).label, class: "plain" }), note];
    }
    const reply = await fetch(url).catch(() => null);
    if (!reply) return h("p", { class: "quiet", text: "The server does not answer." });
    const text = await reply.text();
    if (!reply.ok) return h("pre", { class: "broken", text });
    if (["json", "problem"].includes(tab)) return h("pre", { tabindex: false }, colouredJson(text));
    if (tab !== "markdown" || this.gallery.state.now.source) return h("pre", { text });
    const { tag, direction } = this.gallery.catalog.languageOf(answer.lang);
    return h("article", { class: "markdown", lang: tag, dir: direction }, renderedMarkdown(text));
  }

  async headers(answer) {
    const { catalog } = this.gallery;
    const known = (await this.facts.ask(answer))?.headers ?? {};
    const table = (format) => {
      const headers = Object.entries(known[format.key] ?? { "content-type": format.media_type });
      return h("table", { class: "headers" }, h("caption", { text: format.label }), h("tbody", {}, headers.map(([name, value]) =>
        h("tr", {}, h("th", { scope: "row", text: name }), h("td", { text: value })))));
    };
    const note = catalog.data.live ? null : h("p", { class: "quiet", text: "The other headers are the edge's. errgen watch shows what each edge sends." });
    return [...catalog.data.formats.map(table), note];
  }

  // The screen that is chosen, as large as there is room, never larger than it is.
  scale() {
    const { width } = this.gallery.state.now;
    const room = this.panel.getBoundingClientRect();
    if (!room.width || this.screen.parentElement.hidden) {
      this.measure.textContent = "";
      return;
    }
    const full = width === "full";
    const wide = full ? room.width : Number(width);
    const scale = full ? 1 : Math.min(1, room.width / wide);
    this.screen.style.setProperty("--screen", `${wide}px`);
    this.screen.style.setProperty("--scale", scale);
    this.screen.style.width = `${wide * scale}px`;
    const percent = scale < 1 ? ` at ${Math.round(scale * 100)} %` : "";
    this.measure.textContent = `${number(Math.round(wide))} px${percent}`;
  }
}
