// How pages are shown, wherever they are: in which theme and language, for which edge, on what screen.

import { h, say } from "./dom.js";

const SCHEMES = [["auto", "Auto"], ["light", "Light"], ["dark", "Dark"]];
const WIDTHS = [["full", "Full"], ["320", "320"], ["390", "390"], ["768", "768"], ["1280", "1280"]];
const SIZES = [["100", "100 %"], ["150", "150 %"], ["200", "200 %"]];

export class Switches {
  constructor(root, gallery) {
    this.gallery = gallery;
    this.choices = {};
    root.append(
      this.menu("lang", "Language"),
      this.menu("theme", "Theme"),
      this.menu("profile", "Made for"),
      this.radios("scheme", "Light or dark", SCHEMES),
      this.radios("width", "Width", WIDTHS),
      this.radios("text", "Text", SIZES),
    );
    if (location.protocol === "file:") { // a browser lets no file look into another
      const set = root.querySelector("[data-name=text]");
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
    for (const name of ["scheme", "width", "text"]) {
      for (const input of this.choices[name].querySelectorAll("input")) input.checked = input.value === state.now[name];
    }
  }

  language(tag) {
    return `${this.gallery.catalog.nameOf(tag)} (${tag})`;
  }

  options(name, groups, chosen) {
    const select = this.choices[name];
    const written = JSON.stringify(groups);
    if (select.dataset.written !== written) {
      const options = (pairs) => pairs.map(([value, text]) => h("option", { value, text }));
      select.replaceChildren(...groups.filter(([, pairs]) => pairs.length)
        .flatMap(([label, pairs]) => (label ? [h("optgroup", { label }, options(pairs))] : options(pairs))));
      select.dataset.written = written;
      select.closest(".menu").hidden = select.options.length < 2;
    }
    select.value = chosen;
  }

  // The next choice of a switch, or the one before.
  step(name, by) {
    const select = this.choices[name];
    const values = select.matches("select")
      ? [...select.options].map((option) => option.value)
      : [...select.querySelectorAll("input")].map((input) => input.value);
    if (values.length < 2 || select.disabled) return;
    const shown = this.gallery.shown();
    const now = values.indexOf(String(shown[name] ?? this.gallery.state.now[name]));
    const next = values[(now + by + values.length) % values.length];
    this.gallery.state.set({ [name]: next });
    say(name === "lang" ? this.gallery.catalog.nameOf(next) : next);
  }
}
