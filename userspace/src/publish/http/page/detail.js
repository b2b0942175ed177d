// The whole profile of a client: the sections that the server makes of it, and what changed between its profiles.
import { json, text } from "./feed.js";
import { air, count, el, patch, plain, unknown } from "./text.js";

const MARKS = { "✓": "yes", "✗": "no", "·": "not reported" };
const BANDS = { 2: "2.4 GHz", 5: "5 GHz", 6: "6 GHz" };

/** A cell of the server's: a mark also says what it means. */
function cell({ text: words, tone }) {
  const said = MARKS[words];
  if (!said) return el("span", { class: tone === "plain" ? null : tone }, air(words));
  return el("span", { class: `mark ${tone}` }, el("span", { "aria-hidden": "true" }, words), el("span", { class: "hidden" }, said));
}

/** What a profile said, for people. */
function value(key, said) {
  if (said === null || said === "" || (Array.isArray(said) && !said.length)) return el("span", { class: "dim" }, "none");
  if (said === -1 && !key.endsWith("_power")) return el("span", { class: "dim" }, "not reported");
  return air(Array.isArray(said) ? said.map((one) => (typeof one === "object" ? JSON.stringify(one) : one)).join(", ") : typeof said === "object" ? JSON.stringify(said) : said);
}

/** A table that may be wider than the panel. */
const table = (inner) => el("div", { class: "scroll", tabindex: "0", role: "group" }, inner);

function changed({ key, label, before, after }) {
  return el("tr", {}, el("th", { scope: "row" }, air(label)), el("td", {}, value(key, before)), el("td", { class: "after" }, value(key, after)));
}

function history(lines) {
  if (!lines.length) return [el("p", { class: "dim" }, "No profile of it is on disk.")];
  return lines.map(({ time, band, ssid, changes }) => {
    const when = time ? `${time.slice(0, 10)} ${time.slice(11, 19)}Z` : "time not known";
    const head = [el("time", { datetime: time }, when), ` · ${BANDS[band] ?? "band not known"} · `, ssid ? air(`“${ssid}”`) : unknown("no name")];
    if (changes === null) return el("p", { class: "step" }, head, el("span", { class: "dim" }, " · its first profile there"));
    const rows = el("table", { class: "changes" }, el("thead", {}, el("tr", {}, ["Changed", "before", "after"].map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, changes.map(changed)));
    return el("div", { class: "step" }, el("p", {}, head), table(rows));
  });
}

/** Others of its kind, which `open(id)` shows; `known(id)` is what the list has of one. */
function kin({ alike, alike_count: all }, open, known) {
  if (!alike.length) return null;
  const other = (id) => {
    const { manuf, ssid } = known(id) ?? {};
    const more = [manuf && air(manuf), ssid && air(`“${ssid}”`)].flatMap((part) => (part ? [" · ", part] : []));
    return el("li", {}, el("button", { type: "button", class: "open mono", click: () => open(id) }, plain(id)), more);
  };
  const rest = all > alike.length ? el("p", { class: "dim" }, `and ${count(all - alike.length)} more`) : null;
  const why = "The same kind of device, one of both with a random address: perhaps the same one.";
  return el("section", {}, el("h3", {}, "OTHERS OF ITS KIND"), el("p", { class: "dim" }, why), el("ul", { class: "kin" }, alike.map(other)), rest);
}

/** The sections of blocks, one element each; `own` is the address that the panel's title tells. */
function sections(blocks, own) {
  const made = [];
  let body = null;
  let rows = null;
  let pairs = null;
  const section = (name) => {
    body = el("section", {}, name ? el("h3", {}, plain(name)) : null);
    made.push(body);
    rows = pairs = null;
  };
  section("");
  for (const block of blocks) {
    if (block.kind !== "row") rows = null;
    if (block.kind !== "pair") pairs = null;
    if (block.kind === "ends") body.append(el("p", { class: "who" }, el("strong", {}, air(block.left)), block.right === own ? null : air(block.right, { class: "air mono" })));
    else if (block.kind === "heading") section(block.name);
    else if (block.kind === "paragraph") body.append(el("p", { class: block.tone === "plain" ? null : block.tone }, air(block.text)));
    else if (block.kind === "pair") {
      if (!pairs) body.append((pairs = el("dl", { class: "pairs" })));
      const meaning = block.meaning ? el("span", { class: "meaning" }, air(block.meaning)) : null;
      // Without a label it goes on with the pair before it.
      if (block.label || !pairs.lastElementChild) pairs.append(el("dt", {}, plain(block.label)));
      pairs.append(el("dd", {}, cell(block.value), meaning && " ", meaning));
    } else if (block.kind === "columns") {
      section(block.label);
      rows = el("tbody", {});
      const heads = [el("td", {}), ...block.names.map((name) => el("th", { scope: "col" }, plain(name))), el("td", {})];
      body.append(table(el("table", { class: "phy" }, el("thead", {}, el("tr", {}, heads)), rows)));
    } else if (block.kind === "row" && rows) {
      const { text: label, tone } = block.label;
      const kind = tone === "strong" ? "generation" : label.startsWith("      ") ? "inner" : null;
      rows.append(el("tr", { class: kind }, el("th", { scope: "row" }, plain(label.trim())), block.cells.map((one) => el("td", {}, one.text ? cell(one) : "")), el("td", { class: "meaning" }, plain(block.meaning))));
    } else if (block.kind === "table") {
      const head = el("thead", {}, el("tr", {}, block.headers.map((name) => el("th", { scope: "col" }, plain(name)))));
      const lines = block.rows.map((row) => el("tr", {}, row.map((one) => el("td", {}, cell(one)))));
      body.append(table(el("table", { class: "links" }, head, el("tbody", {}, lines))));
    }
  }
  return made;
}

export class Detail {
  #id = null;
  #asked = 0;

  /** `closed(id)` is called when the panel is closed, `failed(error)` where an answer is refused for want of a token, `open(id)` to
      show another client, of which the list knows `known(id)`. */
  constructor(parts, { closed, failed, open, known }) {
    Object.assign(this, { parts, closed, failed, open, known });
    parts.close.addEventListener("click", () => this.close());
    parts.save.addEventListener("click", () => this.#save());
    parts.detail.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    // Where it covers all, what is below can't be reached.
    this.narrow = matchMedia("(max-width: 48rem)");
    this.narrow.addEventListener("change", () => this.#cover());
  }

  get id() {
    return this.#id;
  }

  /** Opens the panel for a client, as the list knows it. */
  async show(id, client, focus = true) {
    const fresh = this.#id !== id;
    this.#id = id;
    const asked = ++this.#asked;
    this.parts.detail.hidden = false;
    this.#cover();
    if (fresh) {
      this.parts["detail-name"].replaceChildren(el("span", { class: "mono" }, plain(id)));
      this.parts["detail-body"].replaceChildren(el("p", { class: "dim" }, "reading its profile …"));
      this.parts["detail-body"].scrollTop = 0;
    }
    if (focus) this.parts["detail-name"].focus();
    if (client && client.security === null) return this.#none();
    try {
      const page = await json(`/api/clients/${encodeURIComponent(id)}/page`);
      if (asked !== this.#asked) return;
      const past = el("section", { class: "history" }, el("h3", {}, "HISTORY"), history(page.history));
      const [head, ...rest] = sections(page.blocks, id);
      // What changed comes before what is: it is what one looks for.
      const moved = page.history.some(({ changes }) => changes?.length) ? [head, past, ...rest] : [head, ...rest, past];
      const others = kin(page, this.open, this.known);
      const body = this.parts["detail-body"].cloneNode(false);
      body.append(...moved, ...(others ? [others] : []));
      patch(this.parts["detail-body"], body);
      this.parts.save.hidden = false;
    } catch (error) {
      if (asked !== this.#asked) return;
      if (error.status === 404) this.#none();
      else if (fresh) this.#say(`Its profile could not be read: ${error.message}`);
      this.failed(error);
    }
  }

  #none() {
    this.#say("It has no profile: it was heard, and did not ask to join yet, or its request could not be read.");
  }

  #say(words) {
    this.parts.save.hidden = true;
    this.parts["detail-body"].replaceChildren(el("p", { class: "empty" }, words));
  }

  /** Its profile is a newer one. */
  renew(id, client) {
    if (id === this.#id) this.show(id, client, false);
  }

  close() {
    if (this.#id === null) return;
    const id = this.#id;
    this.#id = null;
    this.#asked += 1;
    this.parts.detail.hidden = true;
    this.#cover();
    this.closed(id);
  }

  #cover() {
    const covers = this.narrow.matches && this.#id !== null;
    for (const part of [this.parts.main, this.parts.top, this.parts.foot]) part.inert = covers;
  }

  async #save() {
    const id = this.#id;
    try {
      const file = new Blob([await text(`/api/clients/${encodeURIComponent(id)}`)], { type: "application/json" });
      const link = el("a", { href: URL.createObjectURL(file), download: `${id.replaceAll(":", "-")}.json` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    } catch (error) {
      this.failed(error);
    }
  }
}
