// Server-sent events from a fetch body. EventSource cannot POST, so the few rules of the format are written out here.

/** Collects text and gives whole events; text may be cut anywhere, even inside a line break. */
export class EventParser {
  #buffer = "";
  #event = "";
  #data = [];
  #id = null;
  #started = false;
  #skipLineFeed = false;

  /** Takes the next piece of text and returns the events it completes: `{event, data, id}`. */
  push(text) {
    const events = [];
    this.#buffer += text;
    if (!this.#started && this.#buffer.length > 0) {
      this.#started = true;
      if (this.#buffer.charCodeAt(0) === 0xfeff) this.#buffer = this.#buffer.slice(1);
    }
    let start = 0;
    for (let index = 0; index < this.#buffer.length; index += 1) {
      const character = this.#buffer[index];
      // CR, LF and CRLF all end a line; the LF of a CRLF may come in the next piece.
      if (character === "\n" && this.#skipLineFeed) {
        this.#skipLineFeed = false;
        start = index + 1;
        continue;
      }
      this.#skipLineFeed = character === "\r";
      if (character !== "\n" && character !== "\r") continue;
      const event = this.#line(this.#buffer.slice(start, index));
      if (event) events.push(event);
      start = index + 1;
    }
    this.#buffer = this.#buffer.slice(start);
    return events;
  }

  #line(line) {
    if (line === "") return this.#dispatch();
    if (line.startsWith(":")) return null;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? "" : line.slice(colon + 1);
    if (value.startsWith(" ")) value = value.slice(1);
    if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return null;
  }

  #dispatch() {
    const event = this.#data.length > 0
      ? { event: this.#event || "message", data: this.#data.join("\n"), id: this.#id }
      : null;
    this.#event = "";
    this.#data = [];
    return event;
  }
}

/** The connection was quiet for longer than the server's pings allow. */
class StreamSilent extends Error {}

/** Reads the events of a response; `silence` milliseconds without a byte end it with `StreamSilent`. */
export async function* readEvents(response, silence) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    while (true) {
      const { done, value } = await within(reader.read(), silence);
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function within(promise, milliseconds) {
  let timer;
  const silent = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new StreamSilent("nothing was received")), milliseconds);
  });
  return Promise.race([promise, silent]).finally(() => clearTimeout(timer));
}
