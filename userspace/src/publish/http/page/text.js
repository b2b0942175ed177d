// Text and elements. What comes from the air is set as text alone, and what could steer a line of it is made visible.

// Controls, formats (bidi overrides and joiners among them), separators of lines, private and unassigned code points.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu;
// More marks on one letter than any language has.
const PILE = /(\p{M}{3})\p{M}+/gu;

/** A name from the air as letters that stay in their place: `\u{202e}` instead of what it does. */
export function plain(text) {
  return String(text)
    .replace(UNSEEN, (letter) => `\\u{${letter.codePointAt(0).toString(16)}}`)
    .replace(PILE, "$1…");
}

/** An element: attributes, then children, which are elements or text. */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same of SVG. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key, value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Text from the air, apart from what stands around it. */
export const air = (text, attributes = {}) => el("bdi", { class: "air", ...attributes }, plain(text));

/** What is not known, said so. */
export const unknown = (why = "not known") => el("span", { class: "dim" }, el("span", { "aria-hidden": "true", title: why }, "–"), el("span", { class: "hidden" }, why));

/** Puts `text` into `element` only where it differs, so that nothing is laid out anew. */
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** What a node is known by among its siblings: its kind, and the words that head it. */
function key(node) {
  const head = node.localName === "dt" ? node : node.localName === "dd" ? node.previousElementSibling : node.querySelector?.("h3, th, time, button");
  return `${node.nodeName} ${head?.textContent ?? ""}`;
}

/** Makes `shown` say what `wanted` says, of whose nodes it takes those that it has not: selection, focus and scroll position stay
    where the words are the same. */
export function patch(shown, wanted) {
  if (shown.isEqualNode(wanted)) return;
  if (shown.nodeType === Node.TEXT_NODE) {
    shown.nodeValue = wanted.nodeValue;
    return;
  }
  for (const { name } of [...shown.attributes]) if (!wanted.hasAttribute(name)) shown.removeAttribute(name);
  for (const { name, value } of wanted.attributes) shown.setAttribute(name, value);
  const left = [...shown.childNodes].map((node) => ({ node, key: key(node) }));
  const nodes = [...wanted.childNodes].map((node) => {
    const name = key(node);
    const at = left.findIndex((one) => one.key === name);
    if (at < 0) return node;
    const [{ node: kept }] = left.splice(at, 1);
    patch(kept, node);
    return kept;
  });
  for (const { node } of left) node.remove();
  nodes.forEach((node, index) => {
    const there = shown.childNodes[index] ?? null;
    if (node !== there) shown.insertBefore(node, there);
  });
}

const GROUPS = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
/** `12,345`. */
export const count = (number) => GROUPS.format(number);

/** `12.3 k`, three digits at the least. */
export function short(number) {
  for (const [size, unit] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]]) {
    if (number >= size) {
      const scaled = number / (unit === "k" ? 1e3 : size);
      return `${scaled.toFixed(scaled < 10 ? 2 : scaled < 100 ? 1 : 0)} ${unit}`;
    }
  }
  return number < 10 && number % 1 ? number.toFixed(1) : count(number);
}

/** Octets. */
export const octets = (number) => (number < 1e4 ? `${count(number)} B` : `${short(number)}B`);
/** Bits a second of octets a second. */
export const bits = (rate) => (rate * 8 < 1e4 ? `${count(rate * 8)} bit/s` : `${short(rate * 8)}bit/s`);
/** A share in percent. */
export const percent = (ratio) => `${(ratio * 100).toFixed(ratio > 0 && ratio < 0.0995 ? 1 : 0)} %`;

/** `3 d 4 h`, `12 min`, `8 s`. */
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** `14:03:22` of Unix seconds, in the viewer's time. */
export const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en-GB");

/** The number of a cause, the sum of all. */
export const total = (causes) => causes.reduce((sum, cause) => sum + cause.count, 0);
