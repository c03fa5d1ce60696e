// JSON and Markdown for people: coloured sources, and Markdown as a reader of it would show it.

import { h } from "./dom.js";

const JSON_TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;
// What comes first wins: an escaped character, code, strong, emphasis, a link, an address, an entity.
const INLINE = /\\([!-/:-@[-`{-~])|(`+)(.+?)\2(?!`)|\*\*(.+?)\*\*|\*(.+?)\*|\[((?:[^\]\\]|\\.)*)\]\(([^)\s]*)\)|<((?:https:\/\/|mailto:)[^\s<>]+)>|&(amp|lt|gt|quot|#\d+);/s;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"' };
const LEADS = /^(https:\/\/|mailto:)/;

// JSON as it is, its parts marked by what they are.
export function colouredJson(text) {
  const parts = [];
  let place = 0;
  for (const found of text.matchAll(JSON_TOKEN)) {
    const [whole, string, colon, word] = found;
    const kind = string ? (colon ? "name" : "string") : word ? "word" : "number";
    parts.push(text.slice(place, found.index), h("span", { class: `json-${kind}`, text: string ?? whole }), string ? colon ?? "" : "");
    place = found.index + whole.length;
  }
  return [...parts, text.slice(place)];
}

// Markdown with front matter, as elements. It knows what Markdown pages of errgen hold: headings, paragraphs, lists,
// rules, and inline marks. What it does not know is shown as it is written.
export function renderedMarkdown(text) {
  const front = /^---\n(.*?)\n---\n/s.exec(text);
  const rest = front ? text.slice(front[0].length) : text;
  const blocks = rest.split(/\n{2,}/).map((block) => block.trim()).filter(Boolean).map(block);
  return [front && frontMatter(front[1]), ...blocks].filter(Boolean);
}

function frontMatter(text) {
  const rows = text.split("\n").map((line) => /^([^:]+):\s?(.*)$/.exec(line)).filter(Boolean);
  const value = (written) => (/^".*"$/.test(written) ? unquoted(written) : written);
  return h("table", { class: "front" }, h("caption", { class: "unseen", text: "Front matter" }), h("tbody", {}, rows.map(([, name, written]) =>
    h("tr", {}, h("th", { scope: "row", text: name }), h("td", { text: value(written) })))));
}

function unquoted(written) {
  try {
    return JSON.parse(written);
  } catch {
    return written;
  }
}

function block(text) {
  const heading = /^(#{1,6}) +(.*?)(?: +#+)?$/.exec(text);
  if (heading) return h("div", { class: "heading", role: "heading", "aria-level": String(Math.min(6, heading[1].length + 2)), data: { level: heading[1].length } }, inline(heading[2]));
  if (/^(?:([-*_]) *)(?:\1 *){2,}$/.test(text)) return h("hr");
  if (/^[-*+] /.test(text)) return h("ul", {}, text.split(/\n(?=[-*+] )/).map((item) => h("li", {}, inline(item.slice(2)))));
  return h("p", {}, inline(text));
}

function inline(text) {
  const parts = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    parts.push(rest.slice(0, found.index), marked(found));
    rest = rest.slice(found.index + found[0].length);
  }
  return [...parts, rest];
}

function marked([whole, escaped, , code, strong, emphasis, label, target, address, entity]) {
  if (escaped) return escaped;
  if (code) return h("code", { text: code.trim() });
  if (strong) return h("strong", {}, inline(strong));
  if (emphasis) return h("em", {}, inline(emphasis));
  if (label !== undefined) return LEADS.test(target) ? h("a", { href: target, rel: "noreferrer", target: "_blank" }, inline(label)) : h("u", {}, inline(label));
  if (address) return h("a", { href: address, rel: "noreferrer", target: "_blank", text: address.replace("mailto:", "") });
  if (entity) return ENTITIES[entity] ?? String.fromCodePoint(Number(entity.slice(1)));
  return whole;
}
