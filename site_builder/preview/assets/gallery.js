// The gallery: puts its parts together, and knows which page is meant by every key.

import { Catalog } from "./catalog.js";
import { Client } from "./client.js";
import { h, offer } from "./dom.js";
import { Filters } from "./filters.js";
import { Help } from "./help.js";
import { Live } from "./live.js";
import { Problems } from "./problems.js";
import { Stage } from "./stage.js";
import { State } from "./state.js";
import { Switches } from "./switches.js";
import { Wall } from "./wall.js";

const byId = (id) => document.getElementById(id);

class Gallery {
  constructor(data) {
    this.catalog = new Catalog(data);
    this.state = new State();
    this.search = byId("search");
    this.narrow = matchMedia("(max-width: 43.75rem)");
    this.nav = document.querySelector(".top nav");
    this.switches = new Switches(document.querySelector(".switches"), this);
    this.wall = new Wall(byId("wall"), this);
    this.filters = new Filters(byId("wall"), this);
    this.stage = new Stage(byId("stage"), this);
    this.help = new Help(this);
    this.notice = h("p", { class: "toast", role: "status" });
    document.body.append(this.notice);
    if (data.live) this.follow(data.problem);
    this.begin();
    if (data.live) this.live = new Live(this);
  }

  // The parts that need a server.
  follow(problem) {
    this.problems = new Problems();
    this.problems.show(problem);
    this.client = new Client(byId("client"), this);
    this.nav.prepend(h("a", { class: "button", href: "#client", id: "as-client", title: "As a client (c)" }, h("span", { class: "at-length", text: "As a " }), h("span", { class: "first", text: "client" })));
  }

  // Pages have changed: quickly show the new ones, what is large first. The facts about them follow.
  pagesChanged() {
    if (this.view === "stage") this.stage.showPage();
    this.wall.reload();
    if (this.view === "client") this.client.update();
  }

  // What is wrong is told by events alone: this may have been answered before the newest of them.
  renewed(data) {
    this.catalog.update(data);
    this.named();
    this.update(this.state.now);
  }

  // The paths of the pages that one sees.
  inView() {
    const shown = this.shown();
    const path = ({ key, lang }) => this.catalog.path(shown.profile, lang, key, "html");
    if (this.view === "client") return [];
    const large = this.view === "stage" && this.catalog.byKey.get(this.state.now.page);
    const answers = large ? [this.catalog.answer(large, shown.lang)] : this.wall.answersInView();
    return [...new Set(answers.map(path))];
  }

  begin() {
    this.sites = h("select", { on: { change: () => this.visit(this.sites.value) } });
    this.nav.append(h("label", { class: "menu" }, h("span", { text: "Site" }), this.sites));
    this.named();
    this.nav.append(h("button", { type: "button", class: "button", title: "Keys (?)", text: "Keys", on: { click: () => this.help.open() } }));
    this.search.addEventListener("input", () => this.state.set({ q: this.search.value, page: "", client: false }, { push: this.view !== "wall" }));
    this.search.addEventListener("keydown", (event) => this.searchKey(event));
    document.addEventListener("keydown", (event) => this.key(event));
    this.state.on((now, before) => this.update(before));
    this.narrow.addEventListener("change", () => this.resized());
    this.update(this.state.now);
  }

  visit(site) {
    location.assign((this.catalog.data.live ? `/${site}/` : `../${site}/index.html`) + location.hash);
  }

  // What is called as the site is, and which others there are: both may change while one looks.
  named() {
    const { data } = this.catalog;
    document.title = `Error pages of ${data.title}`;
    document.querySelector(".home bdi").textContent = data.title;
    offer(this.sites, [["", data.sites.map((name) => [name, name])]]);
    this.sites.value = data.site;
    this.sites.closest(".menu").hidden = data.sites.length < 2;
  }

  // How pages are shown now, with what is not chosen filled in: worked out once for a state, and asked for every page.
  shown() {
    const { data } = this.catalog;
    const { now } = this.state;
    if (this.chosen?.now !== now || this.chosen.data !== data) this.chosen = { now, data, shown: this.choose(now, data) };
    return this.chosen.shown;
  }

  choose({ lang, theme, profile, scheme, text, width }, data) {
    const has = (list, value, otherwise) => (list.includes(value) ? value : otherwise);
    const screen = width === "full" ? (this.narrow.matches ? 390 : 1280) : Number(width);
    return {
      lang: has(data.languages.map((one) => one.tag), lang, data.languages[0].tag),
      theme: has(data.themes.map((one) => one.key), theme, data.theme),
      profile: has(data.profiles, profile, data.profiles[0]),
      scheme, text, screen,
    };
  }

  // Thumbnails are of another screen.
  resized() {
    this.chosen = null;
    this.update(this.state.now);
  }

  // The panel, asking for the page that one has been looking at, where a code leads to that.
  asClient() {
    const { data, byKey } = this.catalog;
    const { page, client, language } = this.state.now;
    const entry = client ? null : byKey.get(page);
    if (!entry || entry.code === null) return { client: true };
    const { lang, profile } = this.shown();
    const edge = data.edges.find((one) => one.profile === profile)?.name ?? "";
    return { client: true, code: String(entry.code), language: lang === data.languages[0].tag ? language : lang, edge };
  }

  passes(entry) {
    return this.catalog.matches(entry, this.state.now.q, this.shown().lang) && this.filters.passes(entry);
  }

  passing() {
    return this.catalog.entries.filter((entry) => this.passes(entry));
  }

  nothingChosen() {
    return { q: "", ...this.filters.nothing() };
  }

  update(before) {
    const { now } = this.state;
    const focused = byId("wall").contains(document.activeElement) && document.activeElement;
    if (this.search.value !== now.q) this.search.value = now.q;
    if (this.client) byId("as-client").href = this.state.link(this.asClient());
    document.querySelector(".home").href = this.state.link({ page: "", client: false, ...this.nothingChosen() });
    this.switches.update();
    this.filters.update();
    this.wall.update();
    const page = this.catalog.byKey.has(now.page);
    const view = now.client && this.client ? "client" : page ? "stage" : "wall";
    if (view === "stage") this.stage.update(before);
    if (view === "client") this.client.update(before);
    this.show(view, before);
    this.keepFocus(focused);
    this.viewChanged();
  }

  // What had the focus may be gone with what it asked for, as "Show all" is: the pages that are shown then get it.
  keepFocus(focused) {
    if (focused && this.view === "wall" && !focused.checkVisibility()) this.wall.focus();
  }

  // The view in front. The wall stays where it is behind the others, so that nothing is lost on the way back.
  show(view, before) {
    if (this.view === view) return;
    const first = this.view === undefined;
    this.view = view;
    byId("wall").inert = view !== "wall";
    byId("wall").classList.toggle("behind", view !== "wall");
    for (const name of ["stage", "client"]) byId(name).hidden = view !== name;
    document.querySelector(".switches").hidden = view === "client"; // a client is not asked how pages are shown
    if (view === "stage") this.stage.scale();
    if (view === "wall") this.wall.reload();
    if (first || document.activeElement === this.search) return;
    if (view === "wall") this.wall.focus(before.page);
    else byId(`${view}-title`).focus({ preventScroll: true });
  }

  viewChanged() {
    this.live?.view();
  }

  searchKey(event) {
    if (event.isComposing) return; // Enter and the arrows are still the input method's
    if (event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      if (event.key === "Enter" && this.passing().length === 1) {
        this.search.blur(); // so that the page gets the keys
        this.state.set({ page: this.passing()[0].key }, { push: true });
      } else this.wall.links()[0]?.focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (this.search.value) this.state.set({ q: "" });
      else this.wall.focus();
    }
  }

  // Keys that mean the same wherever one is, in a page on the stage too.
  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.matches?.("input:not([type=checkbox], [type=radio]), select, textarea");
    if (event.key === "Escape") {
      if (this.view !== "wall") this.leave();
      return;
    }
    if (typing) return;
    const arrows = this.view === "stage" && !event.target.matches?.("input, [role=tab]") && { ArrowLeft: () => this.stage.step(-1), ArrowRight: () => this.stage.step(1) };
    const act = (arrows && arrows[event.key]) || (this.help.enabled && this.letters()[event.key]);
    if (!act) return;
    event.preventDefault();
    act();
  }

  letters() {
    const { state, switches, stage } = this;
    const width = (value) => () => state.set({ width: value });
    const text = (by) => () => {
      const sizes = ["100", "150", "200"];
      const size = sizes[sizes.indexOf(state.now.text) + by];
      if (switches.choices.text.disabled) this.toast(switches.choices.text.title);
      else if (size) state.set({ text: size });
    };
    const onStage = (act) => () => (this.view === "stage" ? act() : this.toast("Open a page first: this key is for one page"));
    const always = { "/": () => this.startSearch(), "?": () => this.help.open(), c: () => this.toggleClient() };
    if (this.view === "client") return always; // it is not asked how pages are shown
    return {
      ...always,
      "[": () => switches.step("lang", -1), "]": () => switches.step("lang", 1),
      t: () => switches.step("theme", 1), e: () => switches.step("profile", 1), d: () => switches.step("scheme", 1),
      1: width("320"), 2: width("390"), 3: width("768"), 4: width("1280"), 0: width("full"),
      "+": text(1), "=": text(1), "-": text(-1), "−": text(-1),
      f: onStage(() => stage.stepTab(1)), s: onStage(() => stage.source.hidden || state.set({ source: !state.now.source })),
    };
  }

  toggleClient() {
    if (this.client) this.state.set(this.view === "client" ? { client: false } : this.asClient(), { push: true });
    else this.toast("This is what was built; errgen watch asks as any client");
  }

  startSearch() {
    if (this.view !== "wall") this.state.set({ page: "", client: false }, { push: true });
    this.search.focus();
    this.search.select();
  }

  leave() {
    this.state.set(this.view === "client" ? { client: false } : { page: "" }, { push: true });
  }

  // A word on the side, gone after a while.
  toast(text) {
    this.notice.textContent = text;
    this.notice.classList.add("on");
    clearTimeout(this.fading);
    this.fading = setTimeout(() => this.notice.classList.remove("on"), 4000);
  }
}

window.gallery = new Gallery(JSON.parse(byId("gallery").textContent));
