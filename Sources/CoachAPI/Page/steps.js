// The steps of a run, live while it works and afterwards with their durations.
import { el, icon } from "./dom.js";
import { formatDuration } from "./format.js";

const names = {
  intake: ["Reading the message", "Read the message"],
  classify: ["Working out what is asked", "Worked out what is asked"],
  parse: ["Reading the question", "Read the question"],
  compile: ["Writing the SQL", "Wrote the SQL"],
  generate: ["Asking a model for the SQL", "Asked a model for the SQL"],
  repair: ["Mending the SQL", "Mended the SQL"],
  gate: ["Checking the SQL", "Checked the SQL"],
  execute: ["Running the query", "Ran the query"],
  compose: ["Wording the answer", "Worded the answer"],
  format: ["Polishing the wording", "Polished the wording"],
  ground: ["Checking the numbers", "Checked the numbers"],
  clarify: ["Preparing a choice", "Prepared a choice"],
  decline: ["Looking for what is missing", "Looked for what is missing"],
  investigate: ["Looking for causes", "Looked for causes"],
  finish: ["Finishing", "Finished"],
};

/** What a node does, for a reader; an unknown node is named by its own words. */
function stepName(node, done) {
  const words = names[node];
  if (words) return words[done ? 1 : 0];
  const plain = String(node).replace(/[_.-]+/g, " ").trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** The live list of a run: `{element, update(step)}`. */
export function liveSteps() {
  const list = el("ol", { class: "steps live", testid: "steps" });
  const items = new Map();
  return {
    element: list,
    update({ node, phase, duration_ms: duration, note }) {
      let item = items.get(node);
      // A node that runs again (a repair) gets a line of its own.
      if (!item || (phase === "started" && item.dataset.phase === "finished")) {
        item = el("li");
        items.set(node, item);
        list.append(item);
      }
      item.dataset.phase = phase;
      item.dataset.node = node;
      item.replaceChildren(...stepParts(node, phase === "finished", duration, note));
    },
  };
}

/** The finished steps of an answer. */
export const finishedSteps = (steps) => el("ol", { class: "steps", testid: "steps" },
  ...steps.map((step) => el("li", { "data-phase": "finished", "data-node": step.node }, ...stepParts(step.node, true, step.duration_ms, step.note))));

function stepParts(node, done, duration, note) {
  return [
    el("span", { class: "step-mark", "aria-hidden": "true" }, done ? icon("check") : null),
    el("span", { class: "step-name" }, stepName(node, done)),
    note ? el("span", { class: "step-note" }, note) : null,
    done && typeof duration === "number" ? el("span", { class: "step-time" }, formatDuration(duration)) : null,
  ].filter((part) => part !== null);
}
