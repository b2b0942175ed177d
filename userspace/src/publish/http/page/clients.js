// The list of clients: sorted, filtered, each row kept while its client is.
import { air, clock, count, el, put, span, unknown } from "./text.js";

/** Rows that are shown unless asked for more. */
const MOST = 250;

const list = (value) => (Array.isArray(value) ? value : value === null || value === undefined || value === "" ? [] : [value]);
const known = (cell) => cell ?? unknown();
const bands = (client) => list(client.bands).map((band) => (band === "2" ? "2.4" : band)).join(" · ");
const widest = (client) => Math.max(0, ...list(client.widths));
const maker = (client) => client.manuf || client.platform || "";

/** What became of its last try, in a word or two. */
function outcome(client) {
  if (client.failure) return el("span", { class: "bad" }, client.failure.replaceAll("-", " "));
  if (client.status_code === 0) return el("span", { class: "good" }, "accepted");
  if (client.status_code > 0) return el("span", {}, `refused, ${client.status_code}`);
  return unknown("no answer heard");
}

function generation({ generation: number, streams }) {
  if (number) return el("span", { class: `gen gen${number}` }, el("span", { class: "hidden" }, "Wi-Fi "), String(number));
  return streams ? el("span", { class: "gen" }, "older") : unknown();
}

// Name, for narrow screens too; what it is sorted by; whether the greatest comes first; the cell.
const COLUMNS = [
  { key: "client", name: "Client", by: (c) => c.client_id },
  { key: "maker", name: "Maker", by: (c) => maker(c).toLowerCase(), cell: (c) => (maker(c) ? air(maker(c)) : unknown()) },
  { key: "wifi", name: "Wi-Fi", by: (c) => c.generation, down: true, cell: generation },
  { key: "streams", name: "Streams", by: (c) => c.streams, down: true, cell: (c) => known(c.streams && String(c.streams)) },
  { key: "bands", name: "Bands", unit: "GHz", by: bands, down: true, cell: (c) => bands(c) || unknown() },
  { key: "width", name: "Width", unit: "MHz", by: widest, down: true, cell: (c) => (widest(c) ? String(widest(c)) : unknown()) },
  { key: "security", name: "Security", by: (c) => c.security ?? "", cell: (c) => (c.security ? air(c.security) : unknown()) },
  { key: "network", name: "Network", by: (c) => (c.ssid ?? "").toLowerCase(), cell: (c) => (c.ssid ? air(c.ssid, { class: "air ssid" }) : unknown()) },
  { key: "signal", name: "Signal", unit: "dBm", by: (c) => c.signal_dbm, down: true, cell: (c) => known(c.signal_dbm && String(c.signal_dbm).replace("-", "−")) },
  { key: "outcome", name: "Answer", by: (c) => c.failure ?? c.status_code, cell: outcome },
  { key: "seen", name: "Seen", by: seen, down: true },
];

/** Unix seconds of what was heard last of it. */
function seen(client) {
  return client.last_seen ?? client.connected_at;
}

export class ClientList {
  #clients = new Map();
  #rows = new Map();
  #sort = { key: "first", down: true };
  #all = false;
  #drawn = "";

  /** `open(id)` is called for a client that is chosen; `parts` are the page's elements by id. */
  constructor(parts, open) {
    this.parts = parts;
    this.open = open;
    this.heads = COLUMNS.map(({ key, name, unit }) =>
      el("th", { role: "columnheader", scope: "col", class: key }, el("button", { type: "button", title: unit, click: () => this.#order(key) }, name, unit && el("span", { class: "hidden" }, `, ${unit}`))));
    parts.columns.append(...this.heads);
    parts.sort.append(el("option", { value: "first" }, "newest"), ...COLUMNS.map(({ key, name }) => el("option", { value: key }, name)));
    parts.sort.addEventListener("change", () => this.#order(parts.sort.value, true));
    parts.filter.addEventListener("input", () => this.draw());
    parts.more.addEventListener("click", () => {
      this.#all = true;
      this.draw();
    });
    parts.rows.addEventListener("keydown", (event) => this.#move(event));
    parts.rows.addEventListener("click", (event) => {
      const id = event.target.closest("tr")?.dataset.id;
      if (id && !getSelection().toString()) open(id);
    });
  }

  get size() {
    return this.#clients.size;
  }

  get(id) {
    return this.#clients.get(id);
  }

  /** Every client: those that are not among them are gone. */
  set(clients) {
    const ids = new Set(clients.map((client) => client.client_id));
    for (const id of this.#clients.keys()) {
      if (!ids.has(id)) {
        this.#clients.delete(id);
        this.#rows.get(id)?.row.remove();
        this.#rows.delete(id);
      }
    }
    clients.forEach((client) => this.#keep(client));
    this.draw();
  }

  /** A client that is new or changed. */
  add(client) {
    this.#keep(client);
    this.draw();
  }

  #keep(client) {
    if (client.type !== "device") return;
    // When it was seen is told by `tick`: a row is drawn anew for more than that.
    const text = JSON.stringify({ ...client, uptime_seconds: 0, last_seen: 0 });
    const before = this.#rows.get(client.client_id);
    this.#clients.set(client.client_id, client);
    if (before?.text === text) return;
    const row = before?.row ?? el("tr", { role: "row", "data-id": client.client_id });
    const time = before?.time ?? el("time", {}, "–");
    const id = el("button", { type: "button", class: "open mono" }, client.client_id);
    const cells = COLUMNS.map((column, index) => {
      const first = index === 0;
      const content = first ? [id, randomised(client), client.observed ? el("span", { class: "tag elsewhere", title: "It asked another access point than this run's own" }, "other AP") : null]
        : column.key === "seen" ? !before && time : column.cell(client);
      return el(first ? "th" : "td", { role: first ? "rowheader" : "cell", scope: first ? "row" : null, class: column.key, "data-name": first ? null : [column.name, column.unit].filter(Boolean).join(", ") }, content);
    });
    const focused = row.contains(document.activeElement);
    if (!before) row.append(...cells);
    else {
      // Only what changed: what is replaced between press and release of a button gets no click.
      cells.forEach((cell, index) => {
        const shown = row.children[index];
        if (COLUMNS[index].key !== "seen" && !shown.isEqualNode(cell)) shown.replaceChildren(...cell.childNodes);
      });
      if (focused && !row.contains(document.activeElement)) row.querySelector("button").focus();
      row.classList.remove("fresh");
      requestAnimationFrame(() => row.classList.add("fresh"));
    }
    const words = [client.client_id, maker(client), client.platform, `wi-fi ${client.generation} wifi${client.generation}`, `${client.streams}ss`,
      ...list(client.bands).map((band) => `${band === "2" ? "2.4" : band}ghz`), ...list(client.widths).map((width) => `${width}mhz`),
      client.security, client.ssid, client.failure, client.observed ? "other ap" : ""];
    this.#rows.set(client.client_id, { row, text, time, shown: before?.shown ?? "", words: words.join(" ").toLowerCase() });
    this.#drawn = "";
  }

  #order(key, fresh = false) {
    const column = COLUMNS.find((column) => column.key === key);
    const down = column ? column.down === true : true;
    this.#sort = { key, down: !fresh && this.#sort.key === key ? !this.#sort.down : down };
    this.parts.sort.value = key;
    COLUMNS.forEach((column, index) => {
      const sorted = column.key === key ? (this.#sort.down ? "descending" : "ascending") : null;
      if (sorted) this.heads[index].setAttribute("aria-sort", sorted);
      else this.heads[index].removeAttribute("aria-sort");
    });
    this.#drawn = "";
    this.draw();
  }

  #sorted() {
    const by = COLUMNS.find((column) => column.key === this.#sort.key)?.by ?? ((client) => client.connected_at);
    const none = (value) => value === null || value === undefined || value === "" || value === 0;
    const turn = this.#sort.down ? -1 : 1;
    return [...this.#clients.values()].sort((a, b) => {
      const [left, right] = [by(a), by(b)];
      // What is not known comes last, either way.
      if (none(left) || none(right)) return none(left) - none(right) || b.connected_at - a.connected_at;
      const order = typeof left === "string" || typeof right === "string" ? String(left).localeCompare(String(right), "en", { numeric: true }) : left - right;
      return order * turn || b.connected_at - a.connected_at || a.client_id.localeCompare(b.client_id);
    });
  }

  draw() {
    const words = this.parts.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matching = this.#sorted().filter(({ client_id: id }) => words.every((word) => this.#rows.get(id).words.includes(word)));
    const shown = this.#all ? matching : matching.slice(0, MOST);
    const key = shown.map((client) => client.client_id).join();
    if (key !== this.#drawn) {
      this.#drawn = key;
      const rows = shown.map((client) => this.#rows.get(client.client_id).row);
      const wanted = new Set(rows);
      for (const row of [...this.parts.rows.children]) if (!wanted.has(row)) row.remove();
      // A row that stands where it is to stand keeps its focus.
      rows.forEach((row, index) => {
        const there = this.parts.rows.children[index];
        if (there !== row) this.parts.rows.insertBefore(row, there ?? null);
      });
    }
    const all = this.#clients.size;
    put(this.parts.count, words.length ? `${count(matching.length)} of ${count(all)}` : all ? count(all) : "");
    this.parts.more.hidden = shown.length === matching.length;
    put(this.parts.more, `Show all ${count(matching.length)}`);
    this.parts.nothing(all === 0 ? "none" : matching.length === 0 ? "filtered" : null);
  }

  /** Marks the client whose profile is open, or none. */
  mark(id) {
    for (const [other, { row }] of this.#rows) {
      if (other === id) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  /** The button of a client, to give the focus back to. */
  button(id) {
    return this.#rows.get(id)?.row.querySelector("button") ?? null;
  }

  /** How long ago each was seen. */
  tick(now) {
    for (const [id, row] of this.#rows) {
      const at = seen(this.#clients.get(id));
      const text = at ? span(now - at) : "–";
      if (text === row.shown) continue;
      row.shown = text;
      put(row.time, text);
      if (at) row.time.title = `at ${clock(at)}`;
    }
    if (this.#sort.key === "seen") this.draw();
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    const buttons = [...this.parts.rows.querySelectorAll("button.open")];
    const at = buttons.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    buttons[Math.min(buttons.length - 1, Math.max(0, at + step))].focus();
  }
}

/** A locally administered address (IEEE Std 802-2014 8.4.4) was made up by the device. */
function randomised({ client_id: id }) {
  const local = /^[0-9a-f]{2}:/.test(id) && parseInt(id.slice(0, 2), 16) & 2;
  return local ? el("span", { class: "tag", title: "A locally administered address: randomised, or of a multi-link device" }, "local") : null;
}
