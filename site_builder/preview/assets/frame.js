// One page in a frame, as wide as a screen and scaled to where it is shown. A new version is loaded behind the old one.

import { h } from "./dom.js";

// Pages are shown without their scripts, and nothing in them leads away; the gallery may look into them.
const SANDBOX = "allow-same-origin";
const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

export class Frame {
  // `host` is the box that the page is shown in. `heard` gets the keys pressed in the page and the links followed.
  constructor(host, { title, heard = null }) {
    this.host = host;
    this.title = title;
    this.heard = heard;
    this.url = "";
    this.current = null;
    this.coming = null;
    this.look = { scheme: "auto", text: "100" };
  }

  // Show `url`; `look` is {scheme, text}. Whether it is another page or a new version of this one, nothing flashes.
  show(url, look) {
    this.look = look;
    for (const frame of [this.current, this.coming]) if (frame) this.dress(frame);
    if (url === this.url) return;
    const same = this.url.split("?")[0] === url.split("?")[0];
    this.url = url;
    this.coming?.remove();
    const frame = h("iframe", { sandbox: SANDBOX, title: this.title, src: url, class: "coming", tabindex: this.heard ? false : "-1" });
    frame.addEventListener("load", () => this.arrived(frame, same), { once: true });
    this.coming = frame;
    this.dress(frame);
    this.host.append(frame);
  }

  // What is in a frame, where the browser lets one see it: it does not for files that are opened from a disk.
  inside(frame) {
    try {
      return frame.contentDocument;
    } catch {
      return null;
    }
  }

  dress(frame) {
    frame.style.colorScheme = this.look.scheme === "auto" ? "light dark" : this.look.scheme;
    const root = this.inside(frame)?.documentElement;
    if (root) root.style.fontSize = this.look.text === "100" ? "" : `${this.look.text}%`;
  }

  arrived(frame, same) {
    if (frame !== this.coming) return;
    const page = this.inside(frame);
    if (this.current && page?.contentType === "text/plain" && this.inside(this.current)?.contentType === "text/html") {
      frame.remove(); // it does not render any more: the last good version stays
      this.coming = null;
      return;
    }
    this.dress(frame);
    const old = this.current;
    if (old && same && page) this.carryOver(this.inside(old), page, document.activeElement === old, frame);
    if (this.heard && page) this.listen(page);
    this.current = frame;
    this.coming = null;
    frame.classList.remove("coming");
    old?.classList.add("going");
    // The old one goes when the new one has been painted over it.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      old?.remove();
      this.host.dataset.shows = this.url;
      this.host.dispatchEvent(new Event("shown"));
    }));
  }

  // Where the reader was in the old version is where they are in the new one.
  carryOver(before, page, focused, frame) {
    if (!before) return;
    page.defaultView.scrollTo({ left: before.defaultView.scrollX, top: before.defaultView.scrollY, behavior: "instant" });
    if (!focused) return;
    frame.focus({ preventScroll: true });
    const place = [...before.querySelectorAll(FOCUSABLE)].indexOf(before.activeElement);
    page.querySelectorAll(FOCUSABLE)[place]?.focus({ preventScroll: true });
  }

  listen(page) {
    page.addEventListener("keydown", (event) => this.heard.key(event));
    page.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href]");
      if (!link) return;
      event.preventDefault();
      if (link.getAttribute("href").startsWith("#")) page.getElementById(link.hash.slice(1))?.scrollIntoView();
      else this.heard.link(link.href);
    });
  }

  unload() {
    this.current?.remove();
    this.coming?.remove();
    this.current = this.coming = null;
    this.url = "";
    delete this.host.dataset.shows;
  }
}
