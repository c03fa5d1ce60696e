// What there is to look at: entries, their texts by language, and which page answers where.

const CODE = /^(\d+)([x?]*|\*)$/;
const MARKS = /[*_`\\]|\]\([^)]*\)|\[/g;

export const GROUPS = [
  { key: "4xx", label: "4xx", about: "the request cannot be answered" },
  { key: "5xx", label: "5xx", about: "the website has a problem" },
  { key: "1xxx", label: "1xxx", about: "Cloudflare has stopped the request" },
  { key: "family", label: "Families", about: "for every code without a page of its own" },
];
export const WHO = { visitor: "Visitor", owner: "Site owner", both: "Both", network: "Network" };
export const RETRY = { yes: "Worth retrying", no: "Not worth retrying", unknown: "Unknown" };
export const STATES = {
  original: "Original", reviewed: "Reviewed", draft: "Draft", stale: "Stale", fallback: "Fallback",
};

const plainText = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[’‘]/g, "'").toLowerCase();

const SHORT = { dns: "DNS", ssl: "SSL", tls: "TLS", config: "Configuration" };

export const words = (text) => SHORT[text] ?? (text ?? "").replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());

// "500..519 527" as ranges
const ranges = (codes) => codes.split(" ").filter(Boolean).map((range) => range.split("..").map(Number));

export class Catalog {
  constructor(data) {
    this.names = new Map();
    this.update(data);
  }

  update(data) {
    this.data = data;
    this.entries = data.entries.map((entry) => ({ ...entry, group: this.groupOf(entry), haystacks: {} }));
    this.entries.sort((a, b) => this.rank(a) - this.rank(b) || a.code - b.code);
    this.byKey = new Map(this.entries.map((entry) => [entry.key, entry]));
    this.families = this.entries
      .filter((entry) => entry.code === null && entry.key !== "maintenance")
      .map((entry) => ({ entry, ranges: ranges(entry.codes) }))
      .sort((a, b) => a.entry.catch_all - b.entry.catch_all);
    this.language = data.languages[0].tag;
  }

  groupOf(entry) {
    if (entry.code === null) return "family";
    return entry.code >= 1000 ? "1xxx" : `${Math.floor(entry.code / 100)}xx`;
  }

  rank(entry) {
    return GROUPS.findIndex((group) => group.key === entry.group);
  }

  languageOf(tag) {
    return this.data.languages.find((one) => one.tag === tag) ?? this.data.languages[0];
  }

  // The name of a language in itself, as the browser knows it.
  nameOf(tag) {
    if (!this.names.has(tag)) this.names.set(tag, words(this.ownName(tag)));
    return this.names.get(tag);
  }

  ownName(tag) {
    try {
      return new Intl.DisplayNames([tag], { type: "language" }).of(tag);
    } catch {
      return tag;
    }
  }

  // Which page answers for an entry in a language: {key, lang, text, state}. Its own, its family's, or the default's.
  answer(entry, lang) {
    const own = entry.texts[lang];
    if (own) return { key: entry.key, lang, text: own, state: own.state };
    const family = this.families.find(
      (one) => entry.code !== null && one.entry.texts[lang] && one.ranges.some(([low, high = low]) => low <= entry.code && entry.code <= high),
    );
    if (family) return { key: family.entry.key, lang, text: family.entry.texts[lang], state: "fallback" };
    const text = entry.texts[this.language] ?? Object.values(entry.texts)[0];
    return { key: entry.key, lang: this.language, text, state: "fallback" };
  }

  retryOf(entry) {
    return entry.retryable === null ? "unknown" : entry.retryable ? "yes" : "no";
  }

  // Everything that a search looks through, in the language shown and in the site's own.
  haystack(entry, lang) {
    const tags = [...new Set([lang, this.language])];
    entry.haystacks[lang] ??= plainText(
      ["http error status code", entry.key, words(entry.category), WHO[entry.who_acts]]
        .concat(tags.flatMap((tag) => this.fieldsOf(entry.texts[tag])))
        .join(" \n").replace(MARKS, ""),
    );
    return entry.haystacks[lang];
  }

  fieldsOf(text) {
    return text ? [text.title, text.headline, text.detail, text.what_you_should_do] : [];
  }

  // Whether every word of a search is in the entry, and it has one of the codes; 52 and 52* are the beginning of a code,
  // 52x and 52? one with as many digits.
  matches(entry, query, lang) {
    const sought = plainText(query).split(/[\s,;]+/).filter(Boolean);
    const codes = sought.filter((word) => CODE.test(word));
    const texts = sought.filter((word) => !CODE.test(word));
    return texts.every((word) => this.haystack(entry, lang).includes(word)) && (!codes.length || codes.some((word) => this.hasCode(entry, word)));
  }

  hasCode(entry, word) {
    if (entry.code === null) return entry.key.startsWith(word);
    const [, digits, open] = CODE.exec(word);
    return entry.key.startsWith(digits) && (!/[x?]/.test(open) || entry.key.length === word.length);
  }

  // What filters compare: by filter, the entry's value.
  facets(entry, lang) {
    return {
      group: entry.group,
      category: entry.category ?? "none",
      who: entry.who_acts,
      retry: this.retryOf(entry),
      translation: this.answer(entry, lang).state,
    };
  }

  format(key) {
    return this.data.formats.find((one) => one.key === key) ?? this.data.formats[0];
  }

  path(profile, lang, key, format) {
    return `${profile}/${lang}/${key}.${this.format(format).extension}`;
  }

  // The address of a page; its version is in it, so that what has changed is another address.
  url(shown, lang, key, format) {
    const path = this.path(shown.profile, lang, key, format);
    return this.data.live ? this.liveUrl(shown.theme, path) : `pages/${path}`;
  }

  liveUrl(theme, path) {
    const built = theme === this.data.theme && this.data.pages[path];
    return `/_/${this.data.site}/page/${encodeURIComponent(theme)}/${path}?v=${built ? built.sha256 : this.data.version}`;
  }

  // Pages that the server has sent along with the news of them, by path; those of the last news are kept.
  sent(contents) {
    const { theme } = this.data;
    const found = Object.entries(contents).map(([path, content]) => [this.liveUrl(theme, path), content]);
    if (found.length) this.contents = new Map(found);
  }

  // The page at this address where it has been sent, or null: then it is to be fetched.
  content(url) {
    return this.contents?.get(url) ?? null;
  }

  size(shown, lang, key, format) {
    if (shown.theme !== this.data.theme) return null;
    return this.data.pages[this.path(shown.profile, lang, key, format)]?.bytes ?? null;
  }
}
