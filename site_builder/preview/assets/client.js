// As a client: any request that fails, and what each edge would answer to it, with the reasons.

import { h, fill, icon, offer, say } from "./dom.js";
import { PRESETS } from "./presets.js";
import { colouredJson } from "./reading.js";

// The parts of the question: [name in the address, name to the server, label, what stands there while it is empty, or
// the choices that there are].
const FIELDS = [
  ["edge", "edge", "Edge", []], ["code", "code", "Code", "404"],
  ["origin", "origin", "Who fails", [["", "whoever usually does"], ["edge", "the edge"], ["origin", "the website behind it"]]],
  ["accept", "accept", "Accept", "not sent"], ["language", "accept_language", "Accept-Language", "not sent"],
  ["host", "host", "Host", "any"], ["path", "path", "Path", "/"],
];
const LONGEST = 8001; // one more than the server takes, which says so
const REFUSED = 400; // the question is wrong: the answer says where

export class Client {
  constructor(root, gallery) {
    this.root = root;
    this.gallery = gallery;
    this.fields = {}; // by what the server calls it
    const fields = FIELDS.map((field) => this.field(...field));
    this.back = h("a", { class: "button", href: "#", title: "All pages (Esc)" }, icon("M10 3 5 8l5 5"), "All pages");
    this.title = h("h2", { id: "client-title", tabindex: "-1", text: "As a client" });
    this.answer = h("div", { class: "answer" });
    const presets = PRESETS.map(([group, clients]) => h("fieldset", {}, h("legend", { text: group }), h("div", { class: "chips" }, clients.map((one) => this.preset(one)))));
    root.append(
      h("header", { class: "bar" }, this.back, this.title),
      h("div", { class: "ask" },
        h("form", { "aria-label": "Request", on: { submit: (event) => this.submitted(event) } },
          h("div", { class: "fields" }, fields),
          h("h3", { text: "Sent by" }), h("div", { class: "presets" }, presets)),
        this.answer),
    );
  }

  // A label, what one writes or chooses, and below it what is wrong with that.
  field(name, sent, label, empty) {
    const id = `ask-${name}`;
    const set = () => this.gallery.state.set({ [name]: control.value.trim() });
    const control = Array.isArray(empty)
      ? h("select", { id, on: { change: set } })
      : h("input", { id, type: "text", placeholder: empty, autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "go", inputmode: name === "code" ? "numeric" : false, on: { input: set } });
    if (Array.isArray(empty)) offer(control, [["", empty]]);
    const note = h("p", { class: "note", id: `${id}-note`, hidden: true });
    const box = h("div", { class: "field", data: { name } }, h("label", { for: id, text: label }), control, note);
    this.fields[sent] = { name, label, control, note, box };
    return box;
  }

  preset([name, accept, language]) {
    return h("button", { type: "button", class: "chip", text: name, data: { accept, language }, on: { click: () => this.gallery.state.set({ accept, language }) } });
  }

  // Where the answer is below the form, who presses Enter sees it.
  submitted(event) {
    event.preventDefault();
    this.answer.scrollIntoView({ block: "start" });
  }

  update() {
    const { state, catalog } = this.gallery;
    const { now } = state;
    this.back.href = state.link({ client: false, page: "" });
    const edges = catalog.data.edges.map((edge) => edge.name);
    offer(this.fields.edge.control, [["", edges.map((name) => [name, name])]]);
    this.fields.edge.box.hidden = edges.length < 2;
    for (const { name, control } of Object.values(this.fields)) {
      const value = name === "edge" && !edges.includes(now.edge) ? edges[0] ?? "" : now[name];
      if (control.value.trim() !== value) control.value = value;
    }
    for (const chip of this.root.querySelectorAll(".chip")) {
      chip.setAttribute("aria-pressed", String(chip.dataset.accept === now.accept && chip.dataset.language === now.language));
    }
    this.ask();
  }

  // Ask what the form says, unless that is what was asked last; the newest answer is shown.
  async ask() {
    const { data } = this.gallery.catalog;
    const values = Object.entries(this.fields).map(([sent, { control }]) => [sent, control.value.slice(0, LONGEST)]);
    const question = JSON.stringify(Object.fromEntries(values));
    const asked = `${data.version} ${question}`;
    if (this.asked === asked) return;
    this.asked = asked;
    const answer = await fetch(`/_/${data.site}/ask`, { method: "POST", headers: { "Content-Type": "application/json" }, body: question })
      .then((reply) => (reply.ok || reply.status === REFUSED ? reply.json() : failed(reply)))
      .catch(() => ({ error: "The server does not answer. This is asked again when it does.", lost: true }));
    if (this.asked !== asked) return;
    if (answer.lost) this.asked = "";
    if (answer.error) this.refuse(answer);
    else this.show(answer);
  }

  // What is wrong stands below its field; the last answer stays, and looks it.
  refuse({ field, error }) {
    const wrong = this.fields[field];
    this.blame(field, error);
    const said = wrong ? `${wrong.label}: ${error}` : error;
    say(said);
    const kept = Boolean(wrong && this.answer.querySelector(".reply"));
    this.answer.classList.toggle("old", kept);
    if (!kept) fill(this.answer, h("p", { class: "refused", text: said }));
  }

  blame(field, error) {
    for (const [sent, { control, note }] of Object.entries(this.fields)) {
      const wrong = sent === field;
      note.hidden = !wrong;
      note.textContent = wrong ? error : "";
      control.setAttribute("aria-invalid", String(wrong));
      if (wrong) control.setAttribute("aria-describedby", note.id);
      else control.removeAttribute("aria-describedby");
    }
  }

  show(answer) {
    const { status, headers, body, format, page, reason, differences, trace } = answer;
    const differs = [...differences.map((text) => `Differs: ${text}.`), page && reason && `Because: ${reason}.`].filter(Boolean);
    const sentence = this.sentence(answer);
    this.blame(null);
    this.answer.classList.remove("old");
    fill(this.answer, [
      h("div", { class: "reply" },
        status && h("b", { class: "status", text: status }),
        h("p", {}, sentence, page && h("span", { class: "quiet", text: page })),
        page && this.opener(page, format),
        differs.length > 0 && h("ul", { class: "differs" }, differs.map((text) => h("li", { text })))),
      h("h3", { text: "Why" }),
      h("pre", { class: "trace", tabindex: "0", "aria-label": "Why", role: "region", text: trace.join("\n") }),
      h("h3", { text: "Headers" }),
      h("table", { class: "headers" }, h("caption", { class: "unseen", text: "Headers of the answer" }), h("tbody", {}, headers.map(([name, value]) => h("tr", {}, h("th", { scope: "row", text: name }), h("td", { text: value }))))),
      h("h3", { text: "Body" }),
      h("pre", { tabindex: "0", "aria-label": "Body", role: "region" }, ["json", "problem"].includes(format) ? colouredJson(body) : body || "empty"),
    ]);
    say(sentence);
  }

  // The answer in one sentence: what, in which language and form, whose page, by which rule.
  sentence({ edge, status, language, format, page, served_by: by, reason }) {
    const { catalog } = this.gallery;
    if (!page) return `The edge ${edge} leaves it at ${by}${reason ? `: ${reason}` : ""}.`;
    const family = catalog.byKey.get(keyOf(page))?.code === null;
    const whose = family ? `the page of the family ${keyOf(page)}` : "this error’s own page";
    return `The edge ${edge} answers${status ? ` ${status}` : ""} in ${inEnglish(language)} as ${catalog.format(format).label}: ${whose}, by ${by}.`;
  }

  opener(page, format) {
    const [profile, lang] = page.split("/");
    const there = { client: false, page: keyOf(page), lang, profile, tab: format, source: false };
    return h("a", { class: "button main", href: this.gallery.state.link(there), text: "Open this page" });
  }
}

// What is shown where the server fails, or has no build; it may answer the next time.
async function failed(reply) {
  return { error: `The server fails with ${reply.status}: ${(await reply.text()).trim()}`, lost: true };
}

// "cloudflare/de/404.problem.json" is of 404.
const keyOf = (page) => page.split("/")[2].split(".")[0];

function inEnglish(tag) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}
