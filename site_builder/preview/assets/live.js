// What a server tells of saves as they happen, and what it is told of what is in view.

import { h } from "./dom.js";

const SIGNS = { live: "Live", lost: "Reconnecting", away: "Paused" };
const AGAIN = 1000;
const NOT_YET = 202;

export class Live {
  constructor(gallery) {
    this.gallery = gallery;
    this.client = crypto.randomUUID();
    this.told = "";
    this.newest = 0; // the version that was told of last, whole or not
    this.greeted = false;
    this.sign = h("p", { class: "sign", title: "Follows every save" });
    gallery.nav.prepend(this.sign);
    // A browser has six connections to a server in all, so a tab that nobody sees gives its own back.
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", () => document.hidden || this.open());
    if (document.hidden) this.show("away");
    else this.open();
  }

  show(state) {
    this.sign.dataset.state = state;
    this.sign.textContent = SIGNS[state];
  }

  open() {
    if (this.source) return;
    const { data } = this.gallery.catalog;
    this.source = new EventSource(`/_/events?site=${data.site}&client=${this.client}`);
    const hear = (name, act) => this.source.addEventListener(name, (event) => act(JSON.parse(event.data)));
    hear("hello", (event) => this.hello(event));
    hear("pages", (event) => this.pages(event));
    hear("gone", () => this.leave());
    hear("problem", (event) => this.gallery.problems.show(event));
    hear("mended", () => this.gallery.problems.show(null));
    this.source.addEventListener("error", () => this.lost());
  }

  close(state = "away") {
    this.source?.close();
    this.source = null;
    this.show(state);
  }

  // A browser tries again by itself, but ever more rarely, or not at all where it was refused.
  lost() {
    this.close("lost");
    clearTimeout(this.again);
    this.again = setTimeout(() => document.hidden || this.open(), AGAIN);
  }

  hello({ version }) {
    this.show("live");
    this.told = "";
    this.newest = version;
    if (this.greeted || version !== this.gallery.catalog.data.version) this.renew();
    this.greeted = true;
    this.view();
  }

  // First comes what is in view, then, complete, everything; texts may then have changed as well. Until then the server
  // answers all else from the version before, so that what is asked by version has to wait for it.
  pages({ version, pages, contents, gone, complete }) {
    const { catalog } = this.gallery;
    const { data } = catalog;
    Object.assign(data.pages, pages);
    for (const path of gone) delete data.pages[path];
    this.newest = version;
    if (complete) data.version = version;
    catalog.sent(contents);
    this.gallery.pagesChanged();
    if (complete) this.renew();
  }

  async renew() {
    const asked = (this.asked = {});
    const { data } = this.gallery.catalog;
    const reply = await fetch(`/_/${data.site}/gallery.json`).catch(() => null);
    if (this.asked !== asked) return;
    if (reply?.status === 404) this.leave();
    if (reply?.status === NOT_YET) setTimeout(() => this.asked === asked && this.renew(), AGAIN); // it is being saved
    if (reply?.status !== 200) return;
    const fresh = await reply.json().catch(() => null); // the server ended midway, and says hello when it is back
    if (!fresh || this.asked !== asked || fresh.version < this.newest) return; // something newer has been told meanwhile
    this.gallery.renewed(fresh);
  }

  // The site is not in errgen.toml any more: to another one.
  leave() {
    location.assign("/");
  }

  // Say what is in view, the stage first, when that has changed.
  view() {
    if (this.waiting || !this.source) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      const pages = this.gallery.inView();
      const told = pages.join();
      if (told === this.told) return;
      this.told = told;
      const body = JSON.stringify({ client: this.client, site: this.gallery.catalog.data.site, pages });
      fetch("/_/view", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => (this.told = ""));
    });
  }
}
