// The API: answers, and events by a stream that is read with fetch, since EventSource can't send a token.

const KEY = "airlens-token";
let token = null;
try {
  token = sessionStorage.getItem(KEY);
} catch {
  // Storage is off: asked again after a reload.
}

/** Keeps the token for this tab. */
export function remember(text) {
  token = text;
  try {
    sessionStorage.setItem(KEY, text);
  } catch {
    // As above.
  }
}

/** An answer that is no success. */
export class Refused extends Error {
  constructor(status, detail, wait) {
    super(detail);
    this.status = status;
    /** Seconds after which to ask again, where the server says. */
    this.wait = wait;
  }
}

async function ask(path, options = {}) {
  const headers = { accept: "application/json", ...options.headers };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(path, { ...options, headers, cache: "no-store", credentials: "omit", redirect: "error" });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  const detail = typeof problem.detail === "string" ? problem.detail : `${answer.status} ${answer.statusText}`;
  throw new Refused(answer.status, detail, Number(answer.headers.get("retry-after")) || 0);
}

/** The document at `path`. */
export const json = async (path) => (await ask(path, { signal: AbortSignal.timeout(15000) })).json();
/** The text at `path`. */
export const text = async (path) => (await ask(path, { signal: AbortSignal.timeout(15000) })).text();

// No line of ours is near to that: the server is another one.
const LONGEST = 1 << 24;
// The server sends a comment at least that often.
const SILENT = 45000;

/** Calls `on(name, data)` for each event until the stream ends, which throws. `opened` is called at its start. */
export async function events(path, opened, on) {
  const stop = new AbortController();
  let timer = setTimeout(() => stop.abort(), SILENT);
  try {
    const answer = await ask(path, { headers: { accept: "text/event-stream" }, signal: stop.signal });
    opened();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    let name = "";
    let data = [];
    for (;;) {
      const { value, done } = await reader.read();
      if (done) throw new Error("the server ended the stream");
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), SILENT);
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      if (rest.length > LONGEST) throw new Error("a line without end");
      for (const raw of lines) {
        const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
        if (line === "") {
          if (data.length) on(name || "message", JSON.parse(data.join("\n")));
          name = "";
          data = [];
        } else if (line.startsWith("event:")) name = line.slice(6).trim();
        else if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
      }
    }
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
