// All pages as thumbnails, in groups. A page is loaded when it comes near what is in view, and unloaded far from there.

import { GROUPS, STATES, WHO } from "./catalog.js";
import { h, number, say } from "./dom.js";
import { Frame } from "./frame.js";

const NEAR = "500px 0px";
const FAR = "2400px 0px";
const LATER = 60; // milliseconds, in which those in view are painted
const BEHIND = 1000; // the same behind the stage, so that saves one after the other show at once there
const LONG = 25; // milliseconds, after which somebody may have pressed a key
const SHAPES = { 320: 1.5, 390: 1.5, 768: 1.1, 1280: 0.72 };

export class Wall {
  constructor(root, gallery) {
    this.root = root;
    this.gallery = gallery;
    this.tiles = new Map();
    this.inView = new Set();
    this.waiting = new Set();
    this.grid = h("div", { class: "groups" });
    this.count = h("p", { class: "count" });
    this.none = h("p", { class: "none", hidden: true }, "No page is like that. ", h("a", { href: "#", class: "reset" }, "Show all pages"));
    root.append(h("div", { class: "wall" }, this.count, this.none, this.grid));
    this.near = new IntersectionObserver((seen) => this.approached(seen), { root, rootMargin: NEAR });
    this.far = new IntersectionObserver((seen) => this.left(seen), { root, rootMargin: FAR });
    this.looked = new IntersectionObserver((seen) => this.seen(seen), { root });
    this.sizes = new ResizeObserver(() => {
      root.style.setProperty("--room", `${root.clientHeight}px`); // the filters scroll for themselves within it
      this.scale();
    });
    for (const one of [root, this.grid]) this.sizes.observe(one);
    this.grid.addEventListener("keydown", (event) => this.key(event));
    this.grid.addEventListener("focusin", (event) => this.rove(event.target));
    this.build();
  }

  // Make the tiles anew, for other entries; where they are the same, they stay as they are.
  build() {
    const { catalog } = this.gallery;
    const keys = catalog.entries.map((entry) => entry.key);
    if (String(keys) === String([...this.tiles.keys()])) return;
    for (const observer of [this.near, this.far, this.looked]) observer.disconnect();
    for (const tile of this.tiles.values()) tile.frame.unload();
    this.tiles.clear();
    this.inView.clear();
    this.waiting.clear();
    this.groups = GROUPS.map((group) => {
      const list = h("ul", { class: "tiles" });
      const count = h("span", { class: "quiet" });
      const head = h("h2", { id: `group-${group.key}` }, group.label, " ", count);
      return { ...group, list, count, section: h("section", { "aria-labelledby": `group-${group.key}` }, head, list) };
    });
    for (const entry of catalog.entries) {
      const tile = this.tile(entry.key);
      this.tiles.set(entry.key, tile);
      this.groups[catalog.rank(entry)].list.append(tile.element);
      for (const observer of [this.near, this.far, this.looked]) observer.observe(tile.element);
    }
    this.grid.replaceChildren(...this.groups.map((group) => group.section));
    this.rove(this.grid.querySelector("a"));
  }

  tile(key) {
    const screen = h("div", { class: "screen", inert: true });
    const link = h("a", { id: `tile-${key}`, tabindex: "-1" });
    const line = h("span", { class: "line" });
    const marks = h("span", { class: "marks" });
    const element = h("li", { class: "tile", data: { key } }, screen, h("p", {}, link, line, marks));
    return { key, element, screen, link, line, marks, frame: new Frame(screen, { title: `Page ${key}` }), near: false };
  }

  // Show what the state asks for.
  update() {
    this.build();
    const { catalog, state } = this.gallery;
    const shown = this.gallery.shown();
    this.filtered = catalog.entries.filter((entry) => this.gallery.passes(entry));
    const passing = new Set(this.filtered.map((entry) => entry.key));
    for (const entry of catalog.entries) {
      const tile = this.tiles.get(entry.key);
      tile.element.hidden = !passing.has(entry.key);
      this.caption(tile, entry, shown);
    }
    this.reload();
    for (const group of this.groups) {
      const count = this.filtered.filter((entry) => entry.group === group.key).length;
      group.section.hidden = count === 0;
      group.count.textContent = `${count} · ${group.about}`;
    }
    const all = catalog.entries.length;
    const text = passing.size === all ? `${number(all)} pages` : `${number(passing.size)} of ${number(all)} pages`;
    if (this.count.textContent !== text) {
      this.count.textContent = text;
      say(text);
    }
    this.none.hidden = passing.size > 0;
    this.none.querySelector("a").href = state.link(this.gallery.nothingChosen());
    this.root.dataset.width = shown.screen;
    this.scale();
    const roving = this.grid.querySelector("a[tabindex='0']");
    if (!roving || roving.closest("[hidden]")) this.rove(this.links()[0]);
  }

  caption(tile, entry, shown) {
    const { catalog, state } = this.gallery;
    const answer = catalog.answer(entry, shown.lang);
    const { tag, direction } = catalog.languageOf(answer.lang);
    tile.answer = answer;
    tile.link.setAttribute("href", state.link({ page: entry.key, client: false }));
    const name = h("b", { text: entry.code ?? entry.key.replaceAll("_", " ") });
    const title = entry.code === null ? `${answer.text.headline}` : answer.text.title;
    const caption = [entry.key, tag, title, answer.text.headline, answer.state, shown.lang].join("\n");
    if (tile.caption === caption) return;
    tile.caption = caption;
    tile.link.replaceChildren(name, " ", h("span", { lang: tag, dir: direction, text: title }));
    tile.line.replaceChildren(h("span", { lang: tag, dir: direction, text: entry.code === null ? answer.text.title : answer.text.headline }));
    const marks = [];
    if (answer.state === "fallback") marks.push(answer.key === entry.key ? `in ${tag}` : `answered by ${answer.key}`);
    else if (["draft", "stale"].includes(answer.state)) marks.push(STATES[answer.state]);
    tile.marks.replaceChildren(...marks.map((text) => h("span", { class: `mark ${answer.state}`, text })));
    tile.element.title = `${WHO[entry.who_acts]} acts`;
  }

  load(tile) {
    const { catalog } = this.gallery;
    const shown = this.gallery.shown();
    const url = catalog.url(shown, tile.answer.lang, tile.answer.key, "html");
    tile.frame.show(url, shown, catalog.content(url));
  }

  // Show the newest version of every page that is in view, and then of those that are near.
  reload() {
    const seen = this.gallery.view === "wall";
    const near = [...this.tiles.values()].filter((tile) => tile.near && tile.answer);
    if (seen) this.loadSoon(near.filter((tile) => this.inView.has(tile.key)));
    else this.waiting.clear(); // the large page comes first
    clearTimeout(this.later);
    this.later = setTimeout(() => this.loadSoon(near), seen ? LATER : BEHIND);
  }

  // Load these, at once or after those that wait already; what is in view comes first.
  loadSoon(tiles) {
    for (const tile of tiles) this.waiting.add(tile);
    if (!this.loading) this.loadWaiting();
  }

  // One after the other, with a pause whenever that takes long, in which keys and clicks are answered.
  async loadWaiting() {
    this.loading = true;
    try {
      let begun = performance.now();
      while (this.waiting.size) {
        const tiles = [...this.waiting];
        const tile = tiles.find((one) => this.inView.has(one.key)) ?? tiles[0];
        this.waiting.delete(tile);
        if (tile.near) this.load(tile);
        if (performance.now() - begun < LONG) continue;
        await new Promise((resolve) => setTimeout(resolve));
        begun = performance.now();
      }
    } finally {
      this.loading = false; // whatever went wrong with one, the others are loaded when they are asked for again
    }
  }

  answersInView() {
    return [...this.tiles.values()].filter((tile) => this.inView.has(tile.key) && tile.answer && !tile.element.hidden).map((tile) => tile.answer);
  }

  // A thumbnail is a whole screen, as wide as is chosen.
  scale() {
    const width = this.gallery.shown().screen;
    const columns = width < 700 ? "var(--narrow)" : "var(--wide)";
    this.grid.style.setProperty("--column", columns);
    const box = [...this.tiles.values()].find((tile) => tile.element.offsetWidth)?.screen.clientWidth;
    if (!box) return;
    this.grid.style.setProperty("--screen", `${width}px`);
    this.grid.style.setProperty("--shape", SHAPES[width]);
    this.grid.style.setProperty("--scale", box / width);
    this.grid.style.setProperty("--tall", `${Math.round(box * SHAPES[width])}px`); // what is far from view is not laid out
  }

  approached(seen) {
    const near = seen.filter((one) => one.isIntersecting).map(({ target }) => this.tiles.get(target.dataset.key)).filter(Boolean);
    for (const tile of near) tile.near = true;
    if (this.gallery.view === "wall") this.loadSoon(near.filter((tile) => tile.answer));
    else this.reload();
  }

  left(seen) {
    for (const { target, isIntersecting } of seen) {
      const tile = this.tiles.get(target.dataset.key);
      if (!tile || isIntersecting) continue;
      tile.near = false;
      tile.frame.unload();
    }
  }

  seen(seen) {
    for (const { target, isIntersecting } of seen) this.inView[isIntersecting ? "add" : "delete"](target.dataset.key);
    this.gallery.viewChanged();
  }

  links() {
    return [...this.grid.querySelectorAll(".tile:not([hidden]) a")];
  }

  // One tile is in the order of the Tab key, the arrows lead to the others.
  rove(link) {
    if (!link?.matches("a")) return;
    for (const other of this.grid.querySelectorAll("a[tabindex='0']")) other.tabIndex = -1;
    link.tabIndex = 0;
  }

  focus(key) {
    const link = (key && this.tiles.get(key)?.link) || this.grid.querySelector("a[tabindex='0']");
    if (!link || link.closest("[hidden]")) this.links()[0]?.focus();
    else link.focus();
  }

  key(event) {
    const links = this.links();
    const place = links.indexOf(event.target);
    if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = {
      ArrowRight: () => links[place + 1], ArrowLeft: () => links[place - 1], Home: () => links[0], End: () => links.at(-1),
      ArrowDown: () => this.beside(links, place, 1), ArrowUp: () => this.beside(links, place, -1),
    }[event.key]?.();
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  }

  // The tile in the next row, or the one before, whose middle is nearest.
  beside(links, place, step) {
    const middle = (link) => link.closest("li").getBoundingClientRect();
    const here = middle(links[place]);
    const x = here.left + here.width / 2;
    let row = null;
    let best;
    for (let at = place + step; links[at]; at += step) {
      const box = middle(links[at]);
      if (Math.abs(box.top - here.top) < 4) continue;
      row ??= box.top;
      if (Math.abs(box.top - row) >= 4) break;
      const distance = Math.abs(box.left + box.width / 2 - x);
      if (best === undefined || distance < best.distance) best = { distance, link: links[at] };
    }
    return best?.link;
  }
}
