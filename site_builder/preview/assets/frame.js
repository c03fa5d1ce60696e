// One page in a frame, as wide as a screen and scaled to where it is shown. A new version of the page takes its place in
// the same document, another page is loaded behind the one that is shown: nothing flashes.

import { h } from "./dom.js";

// Pages are shown without their scripts, and nothing in them leads away; the gallery may look into them.
const SANDBOX = "allow-same-origin";
const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

const AWAY = "The server does not answer. This page is shown when it does again.";

const pageOf = (url) => url.split("?")[0];

export class Frame {
  // `host` is the box that the page is shown in. `heard` gets the keys pressed in the page and the links followed.
  constructor(host, { title, heard = null }) {
    this.host = host;
    this.title = title;
    this.heard = heard;
    this.url = ""; // that was asked for
    this.painted = ""; // that is shown; none where that says why there is no page
    this.current = null;
    this.coming = null;
    this.look = { scheme: "auto", text: "100" };
  }

  // Show `url`; `look` is {scheme, text}, `content` the page where it is known already.
  show(url, look, content = null) {
    this.look = look;
    for (const frame of [this.current, this.coming]) if (frame) this.dress(frame);
    if (url === this.url) return;
    this.url = url;
    if (this.again() && !this.coming && this.current && this.inside(this.current)) this.renew(url, content);
    else this.load(url);
  }

  // Whether what is asked for is a version of the page that is shown.
  again() {
    return pageOf(this.painted) === pageOf(this.url);
  }

  load(url) {
    this.coming?.remove();
    const frame = h("iframe", { sandbox: SANDBOX, title: this.title, src: url, class: "coming", tabindex: this.heard ? false : "-1" });
    frame.addEventListener("load", () => this.arrived(frame), { once: true });
    this.coming = frame;
    this.dress(frame);
    this.host.append(frame);
  }

  // Bring the document to the new version. Where there is none, because it does not render or nobody answers, the last
  // good one stays, and the next who asks tries again.
  async renew(url, content) {
    const text = content ?? (await newest(url));
    const page = this.current && this.inside(this.current);
    if (this.url !== url || !page) return;
    if (text === null) {
      this.url = this.painted;
      return;
    }
    // Parsed there, so that what holds for the frame holds for it, and not what the gallery is forbidden.
    const next = new page.defaultView.DOMParser().parseFromString(text, "text/html");
    for (const script of [...next.scripts]) script.remove(); // is not run in the frame, and browsers complain of that
    if (next.compatMode !== page.compatMode) return void this.load(url);
    const place = placeIn(page, document.activeElement === this.current);
    page.replaceChild(page.adoptNode(next.documentElement), page.documentElement);
    this.painted = url;
    this.dress(this.current);
    this.putBack(this.current, place);
    // A task of its own after the next frame has been made: it is painted then.
    requestAnimationFrame(() => setTimeout(() => this.painted === url && this.shown()));
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

  arrived(frame) {
    if (frame !== this.coming) return;
    const page = this.inside(frame);
    const old = this.current;
    const same = this.again();
    if (!page && location.protocol !== "file:") {
      this.unload();
      this.host.dataset.note = AWAY;
      return;
    }
    if (page?.contentType === "text/plain") { // it does not render, or is being saved: the next who asks tries again
      this.url = same ? this.painted : "";
      if (same) {
        frame.remove(); // the last good one stays
        this.coming = null;
        return;
      }
    }
    this.dress(frame);
    const before = old && same && page && this.inside(old);
    if (before) this.putBack(frame, placeIn(before, document.activeElement === old));
    if (this.heard && page) this.listen(page);
    this.current = frame;
    this.painted = this.url;
    this.coming = null;
    frame.classList.remove("coming");
    old?.classList.add("going");
    // The old one goes when the new one has been painted over it.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      old?.remove();
      if (this.current === frame) this.shown();
    }));
  }

  shown() {
    delete this.host.dataset.note;
    this.host.dataset.shows = this.painted;
    this.host.dispatchEvent(new Event("shown"));
  }

  // Where the reader was in the old version is where they are in the new one.
  putBack(frame, { left, top, focus }) {
    const page = this.inside(frame);
    page.defaultView.scrollTo({ left, top, behavior: "instant" });
    if (focus === null) return;
    frame.focus({ preventScroll: true });
    page.querySelectorAll(FOCUSABLE)[focus]?.focus({ preventScroll: true });
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
    this.url = this.painted = "";
    delete this.host.dataset.shows;
  }
}

// Where somebody is in a page; `focus` counts what can have it, and is null where the page has it not.
function placeIn(page, focused) {
  const { scrollX: left, scrollY: top } = page.defaultView;
  return { left, top, focus: focused ? [...page.querySelectorAll(FOCUSABLE)].indexOf(page.activeElement) : null };
}

// A page as the server has it now, or null.
async function newest(url) {
  try {
    const reply = await fetch(url);
    return reply.ok && reply.headers.get("content-type").startsWith("text/html") ? await reply.text() : null;
  } catch {
    return null;
  }
}
