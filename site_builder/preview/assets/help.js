// The keys, and a sheet that says what they do. Keys of one letter can be switched off, for those who speak or tremble.

import { h } from "./dom.js";

const KEYS = [
  ["/", "Search"], ["Arrows", "From page to page"], ["Enter", "Open a page"], ["Esc", "Back to all pages"],
  ["[ ]", "Language before, next"], ["t", "Next theme"], ["e", "Next edge"], ["d", "Light, dark, auto"],
  ["1 2 3 4 0", "320, 390, 768, 1280 px, full"], ["Plus Minus", "Larger, smaller text"], ["f", "Next format"], ["s", "Source"],
  ["c", "As a client"], ["?", "This sheet"],
];
const SWITCH = "errgen gallery keys";

export class Help {
  constructor(gallery) {
    this.enabled = this.remembered();
    const box = h("input", { type: "checkbox", on: { change: () => this.enable(box.checked) } });
    box.checked = this.enabled;
    const rows = KEYS.filter(([key]) => key !== "c" || gallery.catalog.data.live)
      .map(([key, text]) => h("div", {}, h("dt", {}, key.split(" ").map((one) => h("kbd", { text: one }))), h("dd", { text })));
    this.sheet = h("dialog", { class: "help", "aria-labelledby": "help-title" },
      h("h2", { id: "help-title", text: "Keys" }), h("dl", {}, rows),
      h("label", {}, box, "Keys of one letter or sign"),
      !gallery.catalog.data.live && h("p", { class: "quiet" }, "This is what was built. ", h("code", { text: "errgen watch" }), " also shows the other themes and languages, asks as any client, and follows your saves."),
      h("form", { method: "dialog" }, h("button", { class: "button", text: "Close" })));
    this.sheet.querySelector("button").addEventListener("click", (event) => {
      event.preventDefault();
      this.sheet.close();
    });
    document.body.append(this.sheet);
  }

  remembered() {
    try {
      return localStorage.getItem(SWITCH) !== "off";
    } catch {
      return true;
    }
  }

  enable(on) {
    this.enabled = on;
    try {
      localStorage.setItem(SWITCH, on ? "on" : "off");
    } catch {
      // A browser that remembers nothing asks again next time.
    }
  }

  open() {
    this.sheet.showModal();
  }
}
