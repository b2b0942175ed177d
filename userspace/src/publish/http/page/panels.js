// The panels beside the clients, each drawn from one document.
import { bar } from "./chart.js";
import { air, bits, count, el, octets, percent, plain, put, short, total, unknown } from "./text.js";

/** A table whose cells are written anew where they differ; `columns` are `[name, class]`. */
class Rows {
  constructor(place, name, columns) {
    this.body = el("tbody", {});
    this.kept = new Map();
    this.table = el("table", { class: "small", "aria-label": name }, el("thead", {}, el("tr", {}, columns.map(([head, kind]) => el("th", { scope: "col", class: kind }, head)))), this.body);
    this.columns = columns;
    place.append(this.table);
  }

  /** `rows` are `{ key, cells, mark }`, a cell being text, `{ ratio, text, kind }` or a function that makes an element once. */
  set(rows) {
    const keys = new Set(rows.map(({ key }) => key));
    for (const [key, { row }] of this.kept) {
      if (!keys.has(key)) {
        row.remove();
        this.kept.delete(key);
      }
    }
    rows.forEach(({ key, cells, mark }, place) => {
      const kept = this.kept.get(key) ?? this.#make(key, cells);
      cells.forEach((cell, index) => {
        const { text, picture } = kept.cells[index];
        if (typeof cell === "string") put(text, cell);
        else if (typeof cell === "object") {
          put(text, cell.text);
          picture.set(cell.ratio);
          picture.picture.classList.toggle("none", cell.ratio === null);
        }
      });
      kept.row.className = mark ?? "";
      if (this.body.children[place] !== kept.row) this.body.insertBefore(kept.row, this.body.children[place] ?? null);
    });
    this.table.hidden = rows.length === 0;
  }

  #make(key, cells) {
    const made = cells.map((cell) => {
      if (typeof cell === "function") return { element: cell() };
      const text = el("span", {});
      if (typeof cell === "string") return { element: text, text };
      const picture = bar(cell.kind);
      return { element: el("span", { class: "meter" }, picture.picture, text), text, picture };
    });
    const row = el("tr", {}, made.map(({ element }, index) => el(index ? "td" : "th", { scope: index ? null : "row", class: this.columns[index][1] }, element)));
    const kept = { row, cells: made };
    this.kept.set(key, kept);
    return kept;
  }
}

/** Terms and values that stay where they are. */
export class Terms {
  #kept = new Map();

  constructor(place) {
    this.place = place;
  }

  /** `terms` are `[name, text or null, class]`; those that are null are left out. */
  set(terms) {
    for (const [name, text, kind] of terms) {
      let kept = this.#kept.get(name);
      if (text === null || text === undefined) {
        kept?.pair.remove();
        this.#kept.delete(name);
        continue;
      }
      if (!kept) {
        const value = el("dd", {});
        kept = { value, pair: el("div", {}, el("dt", {}, name), value) };
        this.#kept.set(name, kept);
        this.place.append(kept.pair);
      }
      if (kept.text !== text) {
        kept.text = text;
        kept.value.replaceChildren(typeof text === "string" ? plain(text) : air(text.air, { class: `air ${text.kind ?? ""}` }));
      }
      kept.pair.className = kind ?? "";
    }
  }
}

/** What each kind of frame does. */
export class Subtypes {
  constructor(place) {
    this.rows = new Rows(place, "Frames by subtype", [["Subtype", ""], ["a second", "bar"], ["all", "number"], ["retries", "number"]]);
  }

  /** `frames` as in the counts, `rates` the like of them a second by `type subtype`, or null. */
  set(frames, rates) {
    const kinds = new Map();
    for (const frame of frames) {
      const key = `${frame.type} ${frame.subtype}`;
      const kind = kinds.get(key) ?? { ...frame, frames: 0, retries: 0 };
      kind.frames += frame.frames;
      kind.retries += frame.retries;
      kinds.set(key, kind);
    }
    const order = [...kinds].sort(([, a], [, b]) => b.frames - a.frames).slice(0, 8);
    const most = Math.max(1, ...order.map(([key]) => rates?.get(key) ?? 0));
    this.rows.set(order.map(([key, kind]) => {
      const rate = rates?.get(key);
      return { key, cells: [kind.subtype.replaceAll("-", " "), { ratio: (rate ?? 0) / most, text: rate === undefined ? "–" : short(rate), kind: kind.type }, short(kind.frames), kind.frames ? percent(kind.retries / kind.frames) : "–"] };
    }));
  }
}

/** A sum and its parts, which must be the same. */
export class Balance {
  constructor(place) {
    this.place = place;
    this.kept = new Map();
  }

  /** `sums` are `{ name, whole: [word, n], parts: [[word, n, causes?, bad?]] }`. */
  set(sums) {
    for (const sum of sums) {
      let kept = this.kept.get(sum.name);
      if (!kept) {
        kept = { line: el("p", { class: "sum" }), verdict: el("p", {}), causes: el("dl", { class: "causes" }), text: "" };
        this.kept.set(sum.name, kept);
        this.place.append(el("h3", {}, sum.name), kept.line, kept.verdict, kept.causes);
      }
      const text = JSON.stringify(sum);
      if (text === kept.text) continue;
      kept.text = text;
      const [word, whole] = sum.whole;
      const rest = sum.parts.reduce((left, [, n]) => left - n, whole);
      const term = ([name, n, , bad], index) => [index ? " + " : " = ", el("span", { class: bad && n ? "bad" : null }, `${name} `, el("b", {}, count(n)))];
      kept.line.replaceChildren(`${word} `, el("b", {}, count(whole)), ...sum.parts.flatMap(term));
      kept.verdict.className = rest ? "verdict dim" : "verdict good";
      put(kept.verdict, rest ? `${count(Math.abs(rest))} were on their way while this was counted` : "adds up");
      const causes = sum.parts.flatMap(([name, , list, bad]) => (list ?? []).filter((cause) => cause.count).map((cause) => ({ ...cause, name, bad })));
      kept.causes.replaceChildren(...causes.map((cause) => el("div", { class: cause.bad ? "bad" : null }, el("dt", {}, `${cause.name}: ${cause.cause}`), el("dd", {}, count(cause.count)))));
    }
  }
}

/** What each channel carries. */
export class Channels {
  constructor(place) {
    this.note = el("p", { class: "dim" });
    place.append(this.note);
    this.rows = new Rows(place, "Channels", [["Channel", "whole"], ["Busy", "bar"], ["Frames/s", "bar"], ["Retries", "number"], ["Noise", "number noise"], ["Networks", "number"], ["Stations", "number"]]);
    this.before = null;
  }

  set(report) {
    const seconds = this.before && report.time > this.before.time ? report.time - this.before.time : 0;
    const earlier = new Map(this.before?.channels.map((channel) => [channel.frequency_mhz, channel]));
    // What access points tell of their channel, where the radio does not measure it.
    const told = new Map();
    for (const network of report.networks) {
      if (network.load) told.set(network.frequency_mhz, Math.max(told.get(network.frequency_mhz) ?? 0, network.load.utilization_ratio));
    }
    const rate = (channel) => {
      const then = earlier.get(channel.frequency_mhz);
      return seconds && then && channel.frames >= then.frames ? (channel.frames - then.frames) / seconds : null;
    };
    const most = Math.max(1, ...report.channels.map((channel) => rate(channel) ?? 0));
    this.rows.set(report.channels.map((channel) => {
      const mhz = channel.frequency_mhz;
      const busy = channel.utilization_ratio ?? told.get(mhz) ?? null;
      const source = channel.utilization_ratio === null && busy !== null ? " told by AP" : "";
      const frames = rate(channel);
      const name = `${channel.channel?.replace("6g", "") ?? "?"} ${channel.band ? `· ${channel.band.replace("GHz", " GHz")}` : mhz ? `· ${mhz} MHz` : ""}${channel.tuned ? " ◂" : ""}`;
      return {
        key: String(mhz), mark: channel.tuned ? "tuned" : "",
        cells: [name, { ratio: busy, text: busy === null ? "–" : percent(busy) + source, kind: busy > 0.7 ? "full" : "" }, { ratio: (frames ?? 0) / most, text: frames === null ? "–" : short(frames), kind: "data" },
          channel.frames ? percent(channel.retries / channel.frames) : "–", channel.noise_dbm === null ? "–" : `${channel.noise_dbm} dBm`.replace("-", "−"), count(channel.networks), count(channel.stations)],
      };
    }));
    // A column without a value takes its place from the others.
    this.rows.table.classList.toggle("quiet", report.channels.every((channel) => channel.noise_dbm === null));
    const surveyed = report.channels.some((channel) => channel.utilization_ratio !== null);
    const hop = report.hopping ? `Hops over ${report.hopping.channels.length} channels; now ${report.hopping.current ?? "between two"}. ` : "";
    put(this.note, report.channels.length ? hop + (surveyed ? "" : "This radio measures no survey: how busy a channel is, only access points can tell.") : "No frame was heard on any channel yet.");
    this.before = report;
  }
}

/** The networks that announce themselves, the strongest first. */
export class Networks {
  constructor(place) {
    this.rows = new Rows(place, "Networks", [["Network", "ssid"], ["Channel", "whole"], ["Wi-Fi", ""], ["Security", ""], ["Signal", "number"], ["Stations", "number"]]);
  }

  set(networks) {
    const order = [...networks].sort((a, b) => (b.signal_dbm ?? -999) - (a.signal_dbm ?? -999) || a.bssid.localeCompare(b.bssid)).slice(0, 20);
    this.rows.set(order.map((network) => ({
      // A network that calls itself otherwise is drawn anew: its name is set once.
      key: `${network.bssid} ${network.ssid}`,
      cells: [() => (network.ssid === null ? el("span", { class: "dim" }, "hidden") : air(network.ssid, { title: network.bssid })),
        `${network.channel ?? "?"}${network.width_mhz ? ` · ${network.width_mhz} MHz` : ""}`, network.generation ? String(network.generation) : "older", network.security,
        network.signal_dbm === null ? "–" : String(network.signal_dbm).replace("-", "−"), count(network.load?.stations ?? network.stations)],
    })));
  }
}

/** An address and its port, between which a line may end. */
function end(address, port) {
  if (port === null) return air(address);
  return el("span", {}, air(address.includes(":") ? `[${address}]` : address), el("wbr", {}), `:${port}`);
}

/** The foremost flows. */
export class FlowTable {
  constructor(place) {
    this.note = el("p", { class: "dim" });
    place.append(this.note);
    this.rows = new Rows(place, "The largest active flows", [["From", "mono"], ["To", "mono"], ["Protocol", "whole"], ["Now", "number"], ["Bytes", "number"]]);
    this.before = null;
  }

  set(list) {
    const seconds = this.before && list.time > this.before.time ? list.time - this.before.time : 0;
    const key = (flow) => [flow.interface_index, flow.vlan, flow.protocol, flow.source, flow.source_port, flow.destination, flow.destination_port, flow.start].join();
    const earlier = new Map(this.before?.flows.map((flow) => [key(flow), flow]));
    this.rows.set(list.flows.map((flow) => {
      const then = earlier.get(key(flow));
      const now = seconds && then ? bits(Math.max(0, flow.bytes - then.bytes) / seconds) : "–";
      return { key: key(flow), cells: [() => end(flow.source, flow.source_port), () => end(flow.destination, flow.destination_port), flow.protocol_name ?? String(flow.protocol), now, octets(flow.bytes)] };
    }));
    put(this.note, list.flows.length ? `${count(list.active)} active, room for ${count(list.capacity)}` : "No flow is active.");
    this.before = list;
  }
}

/** Everything that is lost by this snapshot. */
export const losses = (stats) => total(stats.balance.lost) + total(stats.flows.packets.lost) + stats.exports.reduce((sum, one) => sum + total(one.lost), 0) + total(stats.access_point?.lost ?? []);

/** The sums that must hold. */
export function sums({ balance, flows, exports }) {
  const all = [{ name: "Frames", whole: ["seen", balance.seen], parts: [["handed over", balance.handed_over], ["filtered", total(balance.filtered), balance.filtered], ["lost", total(balance.lost), balance.lost, true]] }];
  if (flows.packets.seen) {
    const { seen, in_table: held, exported, lost } = flows.packets;
    all.push({ name: "Packets of flows", whole: ["seen", seen], parts: [["in table", held], ["exported", exported], ["lost", total(lost), lost, true]] });
  }
  for (const one of exports) {
    all.push({ name: `Flows to ${one.exporter}`, whole: ["given", one.given + one.recovered], parts: [["sent", one.sent], ["on disk", one.spooled], ["waiting", one.waiting], ["lost", total(one.lost), one.lost, true]] });
  }
  return all;
}
