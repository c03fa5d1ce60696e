// How pages are shown, wherever they are: in which theme and language, for which edge, on what screen.

import { folded, h, offer, say } from "./dom.js";

const SCHEMES = [["auto", "Auto"], ["light", "Light"], ["dark", "Dark"]];
const WIDTHS = [["full", "Full"], ["320", "320"], ["390", "390"], ["768", "768"], ["1280", "1280"]];
const SIZES = [["100", "100 %"], ["150", "150 %"], ["200", "200 %"]];

const KINDS = { lang: "language", theme: "theme", profile: "edge" };

export class Switches {
  constructor(root, gallery) {
    this.gallery = gallery;
    this.choices = {};
    this.summary = h("summary");
    root.append(folded(h("details", {}, this.summary, h("div", { class: "row" },
      this.menu("lang", "Language"),
      this.menu("theme", "Theme"),
      this.menu("profile", "Made for"),
      this.radios("scheme", "Light or dark", SCHEMES),
      this.radios("width", "Width", WIDTHS),
      this.radios("text", "Text", SIZES),
    )), "(min-width: 56rem)"));
    if (location.protocol === "file:") { // a browser lets no file look into another
      const set = this.choices.text;
      set.disabled = true;
      set.title = "Text sizes need errgen watch, or this folder on a web server";
    }
  }

  menu(name, label) {
    const select = h("select", { id: `choose-${name}`, on: { change: () => this.gallery.state.set({ [name]: select.value }) } });
    this.choices[name] = select;
    return h("label", { class: "menu", data: { name } }, h("span", { text: label }), select);
  }

  radios(name, label, choices) {
    const choose = (event) => this.gallery.state.set({ [name]: event.target.value });
    const buttons = choices.map(([value, text]) =>
      h("label", {}, h("input", { type: "radio", name: `choose-${name}`, value, on: { change: choose } }), h("span", { text })));
    const set = h("fieldset", { class: "segments", data: { name } }, h("legend", { text: label }), h("div", {}, buttons));
    this.choices[name] = set;
    return set;
  }

  update() {
    const { catalog, state } = this.gallery;
    const shown = this.gallery.shown();
    const { data } = catalog;
    const built = data.languages.filter((one) => one.built).map((one) => [one.tag, this.language(one.tag)]);
    const others = data.languages.filter((one) => !one.built).map((one) => [one.tag, this.language(one.tag)]);
    this.options("lang", [["", built], ["Not in this site yet", others]], shown.lang);
    const alike = (name) => data.themes.filter((one) => one.name === name).length > 1;
    this.options("theme", [["", data.themes.map((one) => [one.key, alike(one.name) ? `${one.name} (${one.key})` : one.name])]], shown.theme);
    const edges = (profile) => data.edges.filter((edge) => edge.profile === profile).map((edge) => edge.name);
    const profiles = data.profiles.map((one) => [one, edges(one).length ? edges(one).join(", ") : one]);
    this.options("profile", [["", profiles]], shown.profile);
    this.summarise(shown);
    for (const name of ["scheme", "width", "text"]) {
      for (const input of this.choices[name].querySelectorAll("input")) input.checked = input.value === state.now[name];
    }
  }

  language(tag) {
    return `${this.gallery.catalog.nameOf(tag)} (${tag})`;
  }

  options(name, groups, chosen) {
    const select = this.choices[name];
    offer(select, groups);
    select.closest(".menu").hidden = select.options.length < 2;
    select.value = chosen;
  }

  // What is chosen, for where there is no room for all the switches: the language, and what is not as at first.
  summarise(shown) {
    const { data } = this.gallery.catalog;
    const { scheme, width, text } = this.gallery.state.now;
    const chosen = [
      this.gallery.catalog.nameOf(shown.lang), data.themes.find((one) => one.key === shown.theme)?.name ?? shown.theme,
      scheme !== "auto" && scheme, width !== "full" && `${width} px`, text !== "100" && `${text} %`,
    ];
    this.summary.textContent = chosen.filter(Boolean).join(" · ");
  }

  // The next choice of a switch, or the one before.
  step(name, by) {
    const select = this.choices[name];
    const values = select.matches("select")
      ? [...select.options].map((option) => option.value)
      : [...select.querySelectorAll("input")].map((input) => input.value);
    if (select.disabled) return this.gallery.toast(select.title);
    if (values.length < 2) return this.gallery.toast(`There is no other ${KINDS[name]}, only ${select.textContent}`);
    const shown = this.gallery.shown();
    const now = values.indexOf(String(shown[name] ?? this.gallery.state.now[name]));
    const next = values[(now + by + values.length) % values.length];
    this.gallery.state.set({ [name]: next });
    say(name === "lang" ? this.gallery.catalog.nameOf(next) : next);
  }
}
