// What the gallery shows, kept in its address, so that there is a link to every state and the back button works.

import { CHROME } from "./presets.js";

// How a state begins. A list is one address parameter with commas; true and false are its presence.
const INITIAL = {
  page: "", lang: "", theme: "", profile: "", scheme: "auto", width: "full", text: "100", tab: "html", source: false,
  q: "", group: [], category: [], who: [], retry: [], translation: [],
  client: false, code: "404", accept: CHROME, language: "en-US,en;q=0.9", host: "", path: "/", origin: "", edge: "",
};
// What else than these cannot be; addresses are written by people, too.
const CHOICES = { scheme: ["auto", "light", "dark"], width: ["full", "320", "390", "768", "1280"], text: ["100", "150", "200"], origin: ["", "edge", "origin"] };
const ASKED = ["code", "accept", "language", "host", "path", "origin", "edge"];

export class State {
  constructor() {
    this.listeners = [];
    this.now = this.read();
    addEventListener("popstate", () => this.change(this.read()));
  }

  on(listener) {
    this.listeners.push(listener);
  }

  // Lay `patch` over the state. With `push`, the back button leads to what is shown now.
  set(patch, { push = false } = {}) {
    const next = { ...this.now, ...patch };
    const link = this.link(next);
    if (link === this.link(this.now)) return;
    try {
      history[push ? "pushState" : "replaceState"](null, "", link);
    } catch {
      // Safari takes a hundred in half a minute; who types faster than that gets the address a little later.
    }
    this.change(next);
  }

  change(next) {
    const before = this.now;
    this.now = next;
    for (const listener of this.listeners) listener(next, before);
  }

  // The address of the state with `patch` laid over it, for links.
  link(patch = {}) {
    const state = { ...this.now, ...patch };
    const parts = Object.keys(INITIAL)
      .filter((name) => String(state[name]) !== String(INITIAL[name]) && (state.client || !ASKED.includes(name)))
      .map((name) => [name, this.written(state[name])]);
    return "#" + parts.map(([name, value]) => (value === "" ? name : `${name}=${value}`)).join("&");
  }

  written(value) {
    if (value === true) return "";
    const plain = (text) => encodeURIComponent(text.toWellFormed()).replace(/%(2F|3A|2C|3B|40)/g, decodeURIComponent);
    return Array.isArray(value) ? value.map(encodeURIComponent).join(",") : value === "" ? "%20" : plain(value);
  }

  read() {
    const given = new URLSearchParams(location.hash.slice(1));
    const state = {};
    for (const [name, initial] of Object.entries(INITIAL)) {
      const value = given.get(name);
      if (value === null || CHOICES[name]?.includes(value.trim()) === false) state[name] = initial;
      else if (typeof initial === "boolean") state[name] = true;
      else state[name] = Array.isArray(initial) ? value.split(",").filter(Boolean) : value.trim();
    }
    return state;
  }
}
