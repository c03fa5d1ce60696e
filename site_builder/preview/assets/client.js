// As a client: any request that fails, and what each edge would answer to it, with the reasons.

import { h, fill, icon } from "./dom.js";
import { PRESETS } from "./presets.js";
import { colouredJson } from "./reading.js";

const FIELDS = [
  ["code", "Code", "text", "404"], ["accept", "Accept", "text", "not sent"], ["language", "Accept-Language", "text", "not sent"],
  ["host", "Host", "text", "any"], ["path", "Path", "text", "/"],
];
const ORIGINS = [["", "whoever usually does"], ["edge", "the edge"], ["origin", "the website behind it"]];

export class Client {
  constructor(root, gallery) {
    this.root = root;
    this.gallery = gallery;
    this.inputs = {};
    this.edge = this.select("edge", []);
    this.origin = this.select("origin", ORIGINS);
    const fields = FIELDS.map(([name, label, type, placeholder]) => this.field(name, label, type, placeholder));
    this.back = h("a", { class: "button", href: "#", title: "All pages (Esc)" }, icon("M10 3 5 8l5 5"), "All pages");
    this.title = h("h2", { id: "client-title", tabindex: "-1", text: "As a client" });
    this.answer = h("div", { class: "answer" });
    const presets = PRESETS.map(([group, clients]) => h("fieldset", {}, h("legend", { text: group }), h("div", { class: "chips" }, clients.map((one) => this.preset(one)))));
    root.append(
      h("header", { class: "bar" }, this.back, this.title),
      h("div", { class: "ask" },
        h("form", { "aria-label": "Request", on: { submit: (event) => event.preventDefault() } },
          fields, h("label", {}, h("span", { text: "Who fails" }), this.origin), h("label", {}, h("span", { text: "Edge" }), this.edge),
          h("h3", { text: "Sent by" }), presets),
        this.answer),
    );
  }

  field(name, label, type, placeholder) {
    const set = () => this.gallery.state.set({ [name]: input.value.trim() });
    const input = h("input", { type, id: `ask-${name}`, placeholder, autocomplete: "off", spellcheck: "false", inputmode: name === "code" ? "numeric" : false, on: { input: set } });
    this.inputs[name] = input;
    return h("label", {}, h("span", { text: label }), input);
  }

  select(name, options) {
    const select = h("select", { id: `ask-${name}`, on: { change: () => this.gallery.state.set({ [name]: select.value }) } }, options.map(([value, text]) => h("option", { value, text })));
    return select;
  }

  preset([name, accept, language]) {
    return h("button", { type: "button", class: "chip", text: name, data: { accept, language }, on: { click: () => this.gallery.state.set({ accept, language }) } });
  }

  update() {
    const { state, catalog } = this.gallery;
    const { now } = state;
    this.back.href = state.link({ client: false, page: "" });
    for (const [name, input] of Object.entries(this.inputs)) if (document.activeElement !== input) input.value = now[name];
    const edges = catalog.data.edges.map((edge) => edge.name);
    if (this.edge.options.length !== edges.length) this.edge.replaceChildren(...edges.map((name) => h("option", { value: name, text: name })));
    this.edge.value = edges.includes(now.edge) ? now.edge : edges[0] ?? "";
    this.edge.closest("label").hidden = edges.length < 2;
    this.origin.value = now.origin;
    for (const chip of this.root.querySelectorAll(".chip")) {
      chip.setAttribute("aria-pressed", String(chip.dataset.accept === now.accept && chip.dataset.language === now.language));
    }
    this.ask();
  }

  // Ask what the form says, unless that is what was asked last; the newest answer is shown.
  async ask() {
    const { state, catalog } = this.gallery;
    const { code, accept, language, host, path, origin } = state.now;
    const question = JSON.stringify({ edge: this.edge.value, origin: origin || null, code: Number(code) || code, accept, accept_language: language, host, path });
    const asked = `${catalog.data.version} ${question}`;
    if (this.asked === asked) return;
    this.asked = asked;
    let answer;
    try {
      const reply = await fetch(`/_/${catalog.data.site}/ask`, { method: "POST", headers: { "Content-Type": "application/json" }, body: question });
      answer = await reply.json();
    } catch {
      answer = { error: "The server does not answer.", hint: null };
      if (this.asked === asked) this.asked = "";
    }
    if (this.asked && this.asked !== asked) return;
    fill(this.answer, answer.error ? this.refused(answer) : this.answered(answer));
    this.answer.dataset.answers = question;
  }

  refused({ error, hint }) {
    return h("div", { class: "refused", role: "alert" }, h("p", { text: error }), hint && h("p", { class: "quiet", text: hint }));
  }

  answered({ status, headers, body, language, format, page, served_by: by, trace }) {
    const { catalog } = this.gallery;
    const known = format && catalog.data.formats.find((one) => one.key === format);
    const said = [known ? known.label : "An answer", language && ` in ${catalog.nameOf(language)}`, page ? "" : ", not a page of this site"];
    return [
      h("p", { class: "reply", role: "status" }, h("b", { class: "status", text: status }), h("span", {}, said.filter(Boolean).join(""), h("span", { class: "quiet", text: page ?? `from ${by}` })), page && this.opener(page, format)),
      h("h3", { text: "Why" }),
      h("pre", { class: "trace", tabindex: "0", "aria-label": "Why", role: "region", text: trace.join("\n") }),
      h("h3", { text: "Headers" }),
      h("table", { class: "headers" }, h("caption", { class: "unseen", text: "Headers of the answer" }), h("tbody", {}, headers.map(([name, value]) => h("tr", {}, h("th", { scope: "row", text: name }), h("td", { text: value }))))),
      h("h3", { text: "Body" }),
      h("pre", { class: "body", tabindex: "0", "aria-label": "Body", role: "region" }, ["json", "problem"].includes(format) ? colouredJson(body) : body || "empty"),
    ];
  }

  opener(page, format) {
    const [profile, lang, name] = page.split("/");
    const key = name.slice(0, name.indexOf("."));
    return h("a", { class: "button main", href: this.gallery.state.link({ client: false, page: key, lang, profile, tab: format ?? "html", source: false }), text: "Open this page" });
  }
}
