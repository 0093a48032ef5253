// Following one run from its first event to its last, over as many connections as that takes.
import { APIProblem, ConnectionProblem, runEvents } from "./api.js";
import { readEvents } from "./sse.js";

// The server pings every 15 s: three missed pings mean that the connection is dead.
const silence = 50_000;
const waits = [300, 700, 1500, 3000, 5000, 8000];

/**
 * Calls `onEvent(type, data)` for each event of a run, in order, each once, and returns after `run_finished`.
 * `open` makes the first connection; `runID` is the run's id where it is known already.
 * When the connection breaks after `run_started`, the run is joined again after the last event seen; `onReconnect` is told.
 * Throws `APIProblem`, `ConnectionProblem`, or `AbortError` when `signal` was aborted.
 */
export async function followRun({ open, runID = null, signal, onEvent, onReconnect }) {
  const seen = { runID, lastID: null, answered: false };
  let response = await open();
  while (true) {
    try {
      if (await consume(response, seen, onEvent)) return;
    } catch (error) {
      if (signal.aborted || error instanceof APIProblem) throw error;
    }
    signal.throwIfAborted();
    if (seen.answered) return;
    if (seen.runID === null) throw new ConnectionProblem("the connection ended before the run began");
    response = await reconnect(seen, signal, onReconnect);
  }
}

/** Reads one connection to its end; true when the run has finished. */
async function consume(response, seen, onEvent) {
  if ((response.headers.get("Content-Type") ?? "").startsWith("application/json")) {
    onEvent("answer", await response.json());
    return true;
  }
  for await (const frame of readEvents(response, silence)) {
    if (isRepeat(frame.id, seen.lastID)) continue;
    seen.lastID = frame.id ?? seen.lastID;
    const data = JSON.parse(frame.data);
    if (frame.event === "run_started") seen.runID = data.run_id;
    if (frame.event === "answer") seen.answered = true;
    onEvent(frame.event, data);
    if (frame.event === "run_finished") return true;
  }
  return false;
}

function isRepeat(id, lastID) {
  if (id === null || lastID === null) return false;
  return Number(id) <= Number(lastID);
}

async function reconnect(seen, signal, onReconnect) {
  for (const [attempt, wait] of waits.entries()) {
    onReconnect?.(attempt + 1);
    await pause(wait, signal);
    try {
      return await runEvents(seen.runID, seen.lastID, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      // A client error will not mend by asking again; a server that restarts answers 502 or 503 for a while.
      if (error instanceof APIProblem && error.status < 500) throw error;
    }
  }
  throw new ConnectionProblem("the connection broke and could not be made again");
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}

// Runs under way, by chat, so that a reload or a look at another chat can join them again.
const key = "coach.runs";

function readRuns() {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
}

function writeRuns(runs) {
  try {
    sessionStorage.setItem(key, JSON.stringify(runs));
  } catch {
    // Without storage a reload shows the answer once it is there.
  }
}

export const activeRun = (sessionID) => readRuns()[sessionID] ?? null;
export const rememberRun = (sessionID, run) => writeRuns({ ...readRuns(), [sessionID]: run });
export function forgetRun(sessionID) {
  const { [sessionID]: _, ...rest } = readRuns();
  writeRuns(rest);
}
