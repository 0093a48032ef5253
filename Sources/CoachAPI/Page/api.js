// The server's HTTP API. Every failure is an `APIProblem` (the server said no) or a `ConnectionProblem` (nobody answered).
const base = "/api/v1/coach";

/** An `application/problem+json` answer, or any other answer that is not a success. */
export class APIProblem extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.status = status;
    this.title = problem.title ?? null;
    this.code = problem.code ?? null;
    this.requestID = problem.request_id ?? null;
  }
}

/** The server could not be reached, or the connection broke. */
export class ConnectionProblem extends Error {}

async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ConnectionProblem(error.message);
  }
  if (!response.ok) throw new APIProblem(response.status, await problemOf(response));
  return response;
}

async function problemOf(response) {
  try {
    const problem = JSON.parse(await response.text());
    return problem !== null && typeof problem === "object" ? problem : {};
  } catch {
    return { title: response.statusText || null };
  }
}

async function json(path, options = {}) {
  const response = await request(path, { headers: { Accept: "application/json" }, ...options });
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ConnectionProblem("the answer was cut short or is not JSON");
  }
}

const query = (domain) => (domain ? `?domain=${encodeURIComponent(domain)}` : "");

export const starters = (domain, signal) => json(`${base}/starters${query(domain)}`, { signal });
export const sessions = () => json(`${base}/sessions`);
export const session = (id, signal) => json(`${base}/sessions/${encodeURIComponent(id)}`, { signal });

/** Sends a message; the response is the run's event stream. */
export const chat = (body, signal) => request(`${base}/chat`, {
  method: "POST",
  headers: { Accept: "text/event-stream", "Content-Type": "application/json" },
  body: JSON.stringify(body),
  signal,
});

/** The event stream of a run that already exists, from after `lastEventID` on. */
export const runEvents = (runID, lastEventID, signal) => request(`${base}/runs/${encodeURIComponent(runID)}/events`, {
  headers: { Accept: "text/event-stream", ...(lastEventID === null ? {} : { "Last-Event-ID": lastEventID }) },
  signal,
});

export const stopRun = (runID) => request(`${base}/runs/${encodeURIComponent(runID)}/stop`, { method: "POST" });

/** Says whether the answer of a run was right. */
export const rateRun = (runID, isRight) => request(`${base}/runs/${encodeURIComponent(runID)}/rating`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ right: isRight }),
});

/** Where all rows of an answer are, as `csv` or `xlsx`. */
export const rowsAddress = (runID, type) => `${base}/runs/${encodeURIComponent(runID)}/rows.${type}`;

/** Where the chart of an answer is as a drawing. */
export const drawingAddress = (runID) => `${base}/runs/${encodeURIComponent(runID)}/chart.svg`;

const post = (path, body) => json(path, {
  method: "POST",
  headers: { Accept: "application/json", "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

export const goals = (domain) => json(`${base}/goals${query(domain)}`);
export const planGoals = (body) => post(`${base}/goals/plan`, body);
export const approveGoal = (id, body) => post(`${base}/goals/${encodeURIComponent(id)}/approve`, body);
export const checkInGoal = (id, body) => post(`${base}/goals/${encodeURIComponent(id)}/checkins`, body);
export const closeGoal = (id, body) => post(`${base}/goals/${encodeURIComponent(id)}/close`, body);
