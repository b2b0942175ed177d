// The page: reads the API, and hands what it says to the panels.
import { Chart } from "./chart.js";
import { ClientList } from "./clients.js";
import { Detail } from "./detail.js";
import { events, json, Refused, remember, text } from "./feed.js";
import { Balance, Channels, FlowTable, losses, Networks, Subtypes, sums, Terms } from "./panels.js";
import { air, bits, clock, count, el, octets, percent, put, short, span, svg, total } from "./text.js";

const parts = {};
for (const element of document.querySelectorAll("[id]")) parts[element.id] = element;
[parts.top, parts.foot] = ["header.top", ".foot"].map((selector) => document.querySelector(selector));

const KINDS = [{ key: "management", label: "management" }, { key: "control", label: "control" }, { key: "data", label: "data" }, { key: "extension", label: "other", rare: true }];
const charts = {
  frames: new Chart(parts["frames-chart"], "Frames a second by type", KINDS, short),
  wire: new Chart(parts["wire-chart"], "Bits a second on data interfaces", [{ key: "rx", label: "received" }, { key: "tx", label: "sent" }], bits),
};
const panels = { subtypes: new Subtypes(parts.subtypes), balance: new Balance(parts.balance), channels: new Channels(parts.channels), networks: new Networks(parts.channels), flows: new FlowTable(parts.flows) };
const facts = new Terms(parts.facts);
const figures = new Terms(parts.figures);

parts.nothing = (why) => {
  parts.nobody.hidden = why === null;
  if (why === "filtered") parts.nobody.replaceChildren(el("p", {}, "No client has all of these words."));
  if (why === "none") parts.nobody.replaceChildren(...advice());
};
const open = (id) => {
  clients.mark(id);
  detail.show(id, clients.get(id));
};
const clients = new ClientList(parts, open);
const closed = (id) => {
  clients.mark(null);
  clients.button(id)?.focus();
};
const detail = new Detail(parts, { closed, failed: refused, open, known: (id) => clients.get(id) });

let status = null;
let stats = null;
/** When the counts at hand came, in ms of this page's clock. */
let heard = 0;
/** How much later the run's clock is than this machine's, in seconds. */
let ahead = 0;
const runTime = () => Date.now() / 1000 + ahead;

/** What to do while there is no client. */
function advice() {
  if (!status) return [el("p", {}, "Nothing is known of the run yet.")];
  if (status.ssid) return [el("p", {}, "No client yet: join ", air(`“${status.ssid}”`), " with a phone."), el("p", { class: "dim" }, "Scan the code, or choose the network in the phone's settings. It is profiled when it asks to join, also where it is turned away then.")];
  const where = status.channel ? `on channel ${status.channel}` : "nearby";
  return [el("p", {}, `No client yet: this run only hears. Let a phone join any network ${where}, or turn its Wi-Fi off and on.`), el("p", { class: "dim" }, "A client is profiled when it asks to join a network.")];
}

function showStatus(now) {
  const before = status;
  status = now;
  if (before && before.started_at !== now.started_at) newRun();
  if (!before || before.ssid !== now.ssid) joinCode();
  document.body.classList.toggle("listens", now.mode === "listen");
  put(parts.state, now.state);
  parts.state.className = `pill ${now.state}`;
  const channel = now.channel ? `${now.channel}${now.frequency ? ` · ${now.frequency} MHz` : ""}${now.width ? `, ${now.width} wide` : ""}` : null;
  facts.set([
    ["Mode", now.mode],
    ["Channel", channel],
    ["Network", now.ssid ? { air: now.ssid, kind: "ssid" } : null],
    ["BSSID", now.bssid || null, "code"],
    ["Security", now.security || null],
    ["Country", now.country_code || null],
    ["Monitor", now.interfaces?.monitor || null, "code"],
    ["Data", now.data?.length ? now.data.join(", ") : null, "code"],
  ]);
  document.title = `${now.ssid ? `${now.ssid} · ` : ""}airlens`;
  notice("error", now.state === "failed" ? `The run failed: ${now.error ?? now.reason ?? "it does not say why"}` : null);
  put(parts.about, `airlens ${now.version}, process ${now.pid}${now.phy ? `, ${now.phy}` : ""}`);
  if (!clients.size) clients.draw();
}

/** Counts begin anew. */
function newRun() {
  stats = null;
  Object.values(charts).forEach((chart) => chart.clear());
  notice("run", "A new run began: all counts are its own.", 120);
  reread().catch(refused);
}

const sumOf = (list, get, of) => {
  const sums = new Map();
  for (const one of list) sums.set(of(one), (sums.get(of(one)) ?? 0) + get(one));
  return sums;
};

function showStats(now) {
  const before = stats && stats.started_at === now.started_at ? stats : null;
  // By the run's clock: what a busy network or browser delays comes at once, and is no burst.
  const seconds = before ? now.uptime_seconds - before.uptime_seconds : 0;
  heard = performance.now();
  // Of a stream that begins, the first may be too close to each other for a rate.
  if (before && seconds < 0.2) return;
  stats = now;
  const rate = (get, of, list) => {
    if (!before) return null;
    const earlier = sumOf(list(before), get, of);
    return new Map([...sumOf(list(now), get, of)].map(([key, value]) => [key, Math.max(0, value - (earlier.get(key) ?? 0)) / seconds]));
  };
  const frames = rate((one) => one.frames, (one) => `${one.type} ${one.subtype}`, (one) => one.frames);
  const types = rate((one) => one.frames, (one) => one.type, (one) => one.frames);
  const wire = rate((one) => one.bytes, (one) => one.direction, (one) => one.data);
  const packets = rate((one) => one.packets, (one) => one.direction, (one) => one.data);
  const all = (map) => [...map.values()].reduce((sum, value) => sum + value, 0);
  // A gap that the stream had is one of the chart too: its mean would be no truth.
  if (types && seconds < 3) charts.frames.add(now.uptime_seconds, KINDS.map(({ key }) => types.get(key) ?? 0));
  if (wire && seconds < 3 && now.data.length) charts.wire.add(now.uptime_seconds, ["rx", "tx"].map((key) => wire.get(key) ?? 0));
  const lost = losses(now);
  const errors = total(now.errors);
  figures.set([
    ["Clients", count(now.profiles.clients)],
    ["Profiles", count(now.profiles.count)],
    ["Accepted", count(now.profiles.accepted)],
    ["Turned away", count(now.profiles.turned_away)],
    ["No profile", count(now.profiles.failed), now.profiles.failed ? "warn" : ""],
    ["Frames/s", types ? short(all(types)) : "–"],
    ["Packets/s", now.data.length ? (packets ? short(all(packets)) : "–") : null],
    ["Flows", now.data.length ? short(now.flows.active) : null],
    ["Lost", count(lost), lost ? "bad" : "good"],
    ["Errors", count(errors), errors ? "bad" : "good"],
  ]);
  const [took, takes] = [before?.process, now.process];
  const share = took && takes ? `, ${percent((takes.cpu_seconds - took.cpu_seconds) / seconds)} of a CPU` : "";
  const table = now.data.length ? ` (${octets(now.flows.memory_bytes)} the table of flows)` : "";
  put(parts.takes, takes ? `: ${octets(takes.resident_bytes)} of memory${table}${share}` : "");
  if (document.hidden) return;
  panels.subtypes.set(now.frames, frames);
  panels.balance.set(sums(now));
  draw();
}

function draw() {
  const now = stats ? stats.uptime_seconds + (performance.now() - heard) / 1000 : 0;
  charts.frames.draw(now);
  charts.wire.draw(now);
  const wired = stats?.data.length !== 0;
  document.querySelector(".wire").classList.toggle("none", !wired);
  if (!wired) put(panels.flows.note, "This run counts no data interface. Start it with --data eth0 for packets and flows.");
}

// Notices, one for each reason.
const notices = new Map();
function notice(reason, words, seconds = 0) {
  if (words) notices.set(reason, words);
  else notices.delete(reason);
  const all = [...notices.values()].join(" ");
  put(parts.notice, all);
  parts.notice.hidden = !all;
  if (words && seconds) setTimeout(() => notices.get(reason) === words && notice(reason, null), seconds * 1000);
}

/** Of each list on its way, the clients that events told of meanwhile: they are newer than it. */
const pending = new Set();

/** Every list anew, since events may have been missed. */
async function reread() {
  const newer = new Map();
  pending.add(newer);
  try {
    const list = await json("/api/clients");
    clients.set([...list.clients.filter((client) => !newer.has(client.client_id)), ...newer.values()]);
    notice("more", list.total > list.clients.length ? `The list has room for ${count(list.clients.length)} of ${count(list.total)} clients.` : null);
  } finally {
    pending.delete(newer);
  }
}

const on = {
  status: showStatus,
  stats: showStats,
  client: (client) => {
    for (const newer of pending) newer.set(client.client_id, client);
    clients.add(client);
  },
  profile: ({ client_id: id }) => detail.renew(id, clients.get(id)),
  lagged: ({ missed }) => {
    notice("lagged", `${count(missed)} events came faster than this page took them; the lists were read anew at ${clock(Date.now() / 1000)}.`, 60);
    reread().catch(refused);
  },
};

// The stream: live, or lost and tried again.
let lostAt = 0;
let token = null;
function link(state, words) {
  document.body.dataset.link = state;
  put(parts.link, words);
}

async function listen() {
  let tries = 0;
  for (;;) {
    try {
      await events("/api/events", () => {
        tries = 0;
        link("live", "live");
        if (lostAt) notice("gap", `No counts from ${clock(lostAt)} to ${clock(Date.now() / 1000)}: charts have a gap there.`, 120);
        lostAt = 0;
        reread().catch(refused);
        look();
      }, (name, data) => on[name]?.(data));
    } catch (error) {
      if (await refused(error)) continue;
      lostAt ||= Date.now() / 1000;
      const wait = Math.max(error.wait ?? 0, Math.min(15, 2 ** tries));
      tries += 1;
      const why = error instanceof Refused ? `: ${error.message}` : "";
      link("lost", `connection lost at ${clock(lostAt)}${why}; trying again`);
      await new Promise((done) => setTimeout(done, wait * 1000));
    }
  }
}

/** Asks for a token where that is what is wrong; whether there is one now. */
async function refused(error) {
  if (error?.status !== 401) return false;
  link("lost", "waits for a token");
  token ??= new Promise((done) => {
    parts.ask.showModal();
    parts["token-form"].onsubmit = (event) => {
      event.preventDefault();
      remember(parts.token.value.trim());
      parts.token.value = "";
      parts.ask.close();
      put(parts["ask-why"], "The run refused that one. It is in the file that monitoring.token_file names.");
      token = null;
      done();
    };
    parts.ask.oncancel = (event) => event.preventDefault();
  });
  await token;
  return true;
}

/** The code to join, drawn from the server's SVG: of that only squares and paths are taken. */
async function joinCode() {
  const say = (...words) => parts.join.replaceChildren(el("p", {}, ...words));
  if (!status.ssid) return say("This run has no network of its own: it only hears. ", el("code", {}, "airlens run -i wlan0 -c 36"), " makes one to join.");
  try {
    const code = new DOMParser().parseFromString(await text("/qr.svg"), "image/svg+xml").documentElement;
    const shapes = [...code.querySelectorAll("rect, path")].map((shape) => svg(shape.localName, Object.fromEntries(["x", "y", "width", "height", "d", "fill", "transform"].map((name) => [name, shape.getAttribute(name)]))));
    const picture = svg("svg", { class: "qr", viewBox: code.getAttribute("viewBox") ?? `0 0 ${parseFloat(code.getAttribute("width"))} ${parseFloat(code.getAttribute("height"))}`, role: "img", "aria-label": "QR code with name and passphrase of the network", "shape-rendering": "crispEdges" }, shapes);
    parts.join.replaceChildren(picture, el("p", {}, "Scan it with a phone to join ", air(`“${status.ssid}”`), ". It holds the passphrase."));
  } catch (error) {
    if (error.status === 403) say(error.message);
    else if (error.status !== 401) say("The code to join can't be shown now.");
  }
}

// What has no events is asked for, while somebody looks.
async function look() {
  if (document.hidden || document.body.dataset.link !== "live") return;
  try {
    const report = await json("/api/air");
    // A radio that was just switched on may not know what time it is.
    ahead = report.time - Date.now() / 1000;
    if (Math.abs(ahead) < 5) ahead = 0;
    panels.channels.set(report);
    panels.networks.set(report.networks);
    if (stats?.data.length) panels.flows.set(await json("/api/flows?limit=12&sort=bytes"));
  } catch (error) {
    if (error.status !== 401) link(document.body.dataset.link, `live, but ${error.message}`);
  }
}
setInterval(look, 5000);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  look();
  if (!stats) return;
  panels.subtypes.set(stats.frames, null);
  panels.balance.set(sums(stats));
  draw();
});

setInterval(() => {
  if (document.hidden) return;
  const now = runTime();
  clients.tick(now);
  if (status) facts.set([["Up", status.state === "running" ? span(now - Date.parse(status.started_at) / 1000) : null]]);
  const old = heard ? (performance.now() - heard) / 1000 : 0;
  document.body.classList.toggle("stale", old > 5);
  if (old > 1.5) draw();
}, 1000);

const THEMES = ["auto", "light", "dark"];
function theme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  put(parts.theme, `Theme: ${name}`);
  try {
    if (name === "auto") localStorage.removeItem("airlens-theme");
    else localStorage.setItem("airlens-theme", name);
  } catch {
    // Storage is off: until the page is left.
  }
}
const chosen = () => document.documentElement.dataset.theme ?? "auto";
put(parts.theme, `Theme: ${chosen()}`);
parts.theme.addEventListener("click", () => theme(THEMES[(THEMES.indexOf(chosen()) + 1) % THEMES.length]));

listen();
