// Failures in words: what happened and what to do about it.
import { APIProblem, ConnectionProblem } from "./api.js";
import { el, icon } from "./dom.js";

/** `{title, detail, code}` for any error. */
export function explain(error) {
  if (error instanceof APIProblem) {
    return { title: error.title || `The server answered ${error.status}`, detail: detailOf(error), code: codeOf(error) };
  }
  if (error instanceof ConnectionProblem) {
    return navigator.onLine
      ? { title: "Coach cannot be reached", detail: "The connection to the server failed. Check that the server is running, then try again." }
      : { title: "You are offline", detail: "Check the network connection, then try again." };
  }
  if (error.name === "RunFailed") return { title: "The answer could not be finished", detail: error.message, code: error.code };
  return { title: "The page could not show this", detail: String(error.message || error) };
}

function detailOf(problem) {
  if (problem.message && problem.message !== problem.title) return problem.message;
  return problem.status >= 500 ? "The fault is on the server. Try again in a moment." : "";
}

function codeOf(problem) {
  return [problem.code, problem.requestID ? `request ${problem.requestID}` : null].filter(Boolean).join(", ") || null;
}

/** An inline message; `action` is `{label, run}`. */
export function problemBox({ title, detail, code }, action = null) {
  return el("div", { class: "problem", role: "alert", testid: "error" }, icon("alert"),
    el("div", { class: "problem-words" }, el("p", { class: "problem-title" }, title),
      detail ? el("p", {}, detail) : null, code ? el("p", { class: "problem-code" }, code) : null),
    action ? el("button", { class: "button", type: "button", testid: "retry", on: { click: action.run } }, action.label) : null);
}
