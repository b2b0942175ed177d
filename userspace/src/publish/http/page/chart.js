// Small charts over the last five minutes: areas on each other, one path a series.
import { el, put, svg } from "./text.js";

/** Seconds that a chart shows. */
export const WINDOW = 300;
const [WIDTH, HEIGHT] = [600, 120];
// Samples further apart than this have a gap between them.
const GAP = 3.5;

/** The least of 1, 2, 5 × 10^n that is no less than `value`. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value * 0.999);
}

export class Chart {
  /**
   * @param place an element
   * @param name what is charted, for who can't see it
   * @param series `[{ key, label, rare }]`, from below upwards
   * @param unit formats a value
   */
  constructor(place, name, series, unit) {
    Object.assign(this, { name, series, unit, samples: [], top: 0 });
    this.areas = series.map(({ key }) => svg("path", { class: `area ${key}` }));
    this.lines = [0, 0.5].map((share) => svg("line", { class: "grid", x1: 0, x2: WIDTH, y1: share * HEIGHT, y2: share * HEIGHT }));
    this.picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": name }, this.areas, this.lines);
    this.high = el("span", { class: "high" });
    this.hint = el("span", { class: "hint" }, "measuring …");
    this.values = series.map(() => el("dd", {}, "–"));
    const legend = series.map(({ key, label }, index) =>
      el("div", {}, el("dt", {}, svg("svg", { class: "key", viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("rect", { class: `area ${key}`, width: 10, height: 10, rx: 2 })), label), this.values[index]));
    place.append(
      el("div", { class: "chart" }, this.picture, this.high, this.hint),
      el("p", { class: "axis", "aria-hidden": "true" }, el("span", {}, "5 min ago"), el("span", {}, "now")),
      el("dl", { class: "legend" }, legend),
    );
  }

  /** A value of each series at `time` in seconds. */
  add(time, values) {
    this.samples.push({ time, values });
    while (this.samples.length && this.samples[0].time < time - WINDOW - GAP) this.samples.shift();
    values.forEach((value, index) => put(this.values[index], this.unit(value)));
  }

  /** Forgets all: another run. */
  clear() {
    this.samples = [];
    this.values.forEach((value) => put(value, "–"));
  }

  draw(now) {
    const runs = [];
    for (const sample of this.samples) {
      const run = runs.at(-1);
      if (run && sample.time - run.at(-1).time <= GAP) run.push(sample);
      else runs.push([sample]);
    }
    this.hint.hidden = this.samples.length > 1;
    const sum = (values) => values.reduce((all, value) => all + value, 0);
    const most = Math.max(0, ...this.samples.map(({ values }) => sum(values)));
    // It shrinks late, so that the picture does not jump.
    const needed = most > 0 ? ceiling(most) : 1;
    if (needed > this.top || most < this.top / 2.5) this.top = needed;
    const x = (time) => (WIDTH * (1 - (now - time) / WINDOW)).toFixed(1);
    const y = (value) => (HEIGHT * (1 - value / this.top)).toFixed(1);
    this.areas.forEach((area, index) => {
      let path = "";
      for (const run of runs) {
        const upper = run.map(({ time, values }) => `${x(time)} ${y(sum(values.slice(0, index + 1)))}`);
        const lower = run.map(({ time, values }) => `${x(time)} ${y(sum(values.slice(0, index)))}`).reverse();
        path += `M${upper.join("L")}L${lower.join("L")}Z`;
      }
      area.setAttribute("d", path);
    });
    // Of what there never was, no word.
    this.series.forEach(({ rare }, index) => {
      if (rare) this.values[index].parentElement.hidden = !this.samples.some(({ values }) => values[index]);
    });
    put(this.high, this.unit(this.top));
    const last = this.samples.at(-1);
    const said = last ? this.series.map(({ label }, index) => `${label} ${this.unit(last.values[index])}`).join(", ") : "nothing yet";
    this.picture.setAttribute("aria-label", `${this.name}: now ${said}; at most ${this.unit(most)} in the last five minutes`);
  }
}

/** A bar of `ratio`, 0 to 1. */
export function bar(kind = "") {
  const value = svg("rect", { class: `value ${kind}`, width: 0, height: 8, rx: 1.5 });
  const picture = svg("svg", { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { class: "ground", width: 100, height: 8, rx: 1.5 }), value);
  return { picture, set: (ratio) => value.setAttribute("width", (100 * Math.min(1, Math.max(0, ratio))).toFixed(1)) };
}
