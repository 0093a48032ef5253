// The goal board: a wish becomes proposals, proposals become goals, goals are checked in and closed.
import * as api from "./api.js";
import { announce, el, icon } from "./dom.js";
import { formatDate } from "./format.js";
import { explain, problemBox } from "./problems.js";

const space = "http://www.w3.org/2000/svg";
const states = { proposed: "Proposed", active: "Active", achieved: "Achieved", missed: "Missed", cancelled: "Cancelled", replaced: "Replaced" };
const statuses = {
  not_started: "Not started", on_track: "On track", at_risk: "At risk", off_track: "Off track", reached: "Reached", missed: "Missed",
};

/** The board; `domain` is what new goals are about. */
export function goalBoard(domain) {
  const list = el("div", { class: "goal-list", testid: "goal-list" });
  const said = el("div", { class: "goal-said", testid: "goal-said", role: "status" });
  const board = { list, said, domain };
  const element = el("section", { class: "goal-board", testid: "goal-board", "aria-label": "Goals" }, planner(board), said, list);
  refresh(board);
  return element;
}

function planner(board) {
  const input = el("input", {
    class: "goal-wish", type: "text", maxlength: "500", testid: "goal-wish", "aria-label": "What should change?",
    placeholder: "Grow revenue by 5 % until the end of the year",
  });
  const button = el("button", { class: "goal-button primary", type: "submit", testid: "goal-plan" }, "Plan");
  const form = el("form", { class: "goal-form" }, input, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wish = input.value.trim();
    if (!wish) return;
    await busy(button, board, async () => {
      const plan = await api.planGoals({ wish, ...(board.domain ? { domain: board.domain } : {}) });
      say(board, plan);
      if (plan.goals.length > 0) input.value = "";
    });
  });
  return form;
}

function say(board, plan) {
  board.said.replaceChildren(el("p", { class: "goal-text" }, plan.text),
    ...(plan.facts?.length ? [el("ul", { class: "goal-facts" }, ...plan.facts.map((fact) => el("li", {}, fact)))] : []));
  announce(plan.text);
}

async function refresh(board) {
  try {
    const { goals } = await api.goals(board.domain);
    board.list.replaceChildren(...(goals.length > 0 ? goals.map((goal) => goalCard(goal, board))
      : [el("p", { class: "no-goals" }, "There are no goals yet. Say above what should change.")]));
  } catch (error) {
    board.list.replaceChildren(problemBox(explain(error), { label: "Try again", run: () => refresh(board) }));
  }
}

async function busy(button, board, work) {
  button.disabled = true;
  try {
    await work();
    await refresh(board);
  } catch (error) {
    const { title, detail } = explain(error);
    board.said.replaceChildren(el("p", { class: "goal-problem", testid: "goal-problem" }, detail || title));
    announce(detail || title);
  } finally {
    button.disabled = false;
  }
}

function goalCard(goal, board) {
  const standing = goal.standing ?? null;
  const probability = standing?.probability ?? goal.likelihood.probability;
  const status = standing ? statuses[standing.status] : states[goal.state];
  return el("article", { class: "goal", testid: "goal", "data-goal": goal.id, "data-state": goal.state, "data-status": standing?.status },
    el("div", { class: "goal-head" }, ring(standing?.progress ?? 0, standing?.pace ?? null),
      el("div", { class: "goal-words" },
        el("h3", { class: "goal-title" }, goal.title),
        el("p", { class: "goal-meta" }, el("span", { class: "goal-status", testid: "goal-status" }, status),
          ` · due ${formatDate(goal.deadline)} · ${goal.owner ? `owner ${goal.owner}` : "no owner yet"}`))),
    band(goal, probability),
    standing ? el("p", { class: "goal-text" }, standing.draft) : null,
    warnings(standing), checks(goal), more(goal), actions(goal, board));
}

/** How much of the way is behind, with a tick where it should be. */
function ring(progress, pace) {
  const size = 56;
  const radius = 23;
  const around = 2 * Math.PI * radius;
  const share = Math.min(1, Math.max(0, progress));
  const svg = shape("svg", { class: "goal-ring", viewBox: `0 0 ${size} ${size}`, role: "img" });
  svg.setAttribute("aria-label", `${Math.round(100 * progress)} % of the way${pace === null ? "" : `, ${Math.round(100 * pace)} % expected by now`}`);
  svg.append(shape("circle", { class: "ring-track", cx: 28, cy: 28, r: radius }),
    shape("circle", { class: "ring-done", cx: 28, cy: 28, r: radius, "stroke-dasharray": `${around * share} ${around}`, transform: "rotate(-90 28 28)" }));
  if (pace !== null) svg.append(shape("line", { class: "ring-pace", x1: 28, y1: 1, x2: 28, y2: 10, transform: `rotate(${360 * Math.min(1, Math.max(0, pace))} 28 28)` }));
  const words = shape("text", { class: "ring-text", x: 28, y: 32, "text-anchor": "middle" });
  words.textContent = `${Math.round(100 * progress)} %`;
  svg.append(words);
  return svg;
}

/** Where four in five futures lie, and where the target is among them. */
function band(goal, probability) {
  const { likely, as_before: asBefore } = goal.likelihood;
  const numbers = [...likely, goal.target, goal.baseline].filter(Number.isFinite);
  const low = Math.min(...numbers);
  const wide = Math.max(...numbers) - low || 1;
  const place = (value) => 4 + (192 * (value - low)) / wide;
  const svg = shape("svg", { class: "goal-band", viewBox: "0 0 200 22", role: "img", preserveAspectRatio: "none" });
  svg.setAttribute("aria-label", "Where four in five futures lie, and the target among them");
  svg.append(shape("line", { class: "band-line", x1: 4, y1: 11, x2: 196, y2: 11 }),
    shape("rect", { class: "band-likely", x: place(likely[0]), y: 6, width: Math.max(2, place(likely[1]) - place(likely[0])), height: 10, rx: 3 }),
    shape("line", { class: "band-before", x1: place(asBefore), y1: 4, x2: place(asBefore), y2: 18 }),
    shape("line", { class: "band-target", x1: place(goal.target), y1: 1, x2: place(goal.target), y2: 21 }));
  return el("div", { class: "goal-odds" }, svg,
    el("p", { class: "goal-probability", testid: "goal-probability" }, el("strong", {}, `${Math.round(100 * probability)} %`), " of simulated futures reach it"));
}

function shape(name, attributes) {
  const node = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}

function warnings(standing) {
  if (!standing?.warnings?.length) return null;
  return el("ul", { class: "notes" }, ...standing.warnings.map((text) => el("li", {}, icon("alert"), el("span", {}, text))));
}

function checks(goal) {
  if (!goal.review?.length || goal.state !== "proposed") return null;
  return el("ul", { class: "goal-checks", "aria-label": "SMART checks" }, ...goal.review.map((check) =>
    el("li", { class: `check-${check.result}`, testid: "goal-check" }, el("b", {}, check.letter), el("span", {}, check.message))));
}

function more(goal) {
  const lines = [
    ...(goal.milestones ?? []).map((each) => `Milestone on ${formatDate(each.day)}`),
    ...(goal.indicators ?? []).map((each) => `Watch ${each.label}: ${each.reason}`),
    ...(goal.initiatives ?? []).map((each) => `Could do: ${each.title}`),
    ...(goal.guards ?? []).map((each) => `Must not suffer: ${each.label}`),
  ];
  if (lines.length === 0) return null;
  return el("details", { class: "how" }, el("summary", {}, icon("chevron"), "Milestones, drivers and guards"),
    el("ul", { class: "goal-facts" }, ...lines.map((line) => el("li", {}, line))));
}

function actions(goal, board) {
  const button = (label, testid, work, primary = false) => {
    const made = el("button", { class: primary ? "goal-button primary" : "goal-button", type: "button", testid }, label);
    made.addEventListener("click", () => busy(made, board, work));
    return made;
  };
  const close = (state) => () => api.closeGoal(goal.id, { state });
  const choices = {
    proposed: () => [button("Approve", "goal-approve", () => api.approveGoal(goal.id, {}), true), button("Drop", "goal-drop", close("cancelled"))],
    active: () => [
      button("Check in", "goal-check-in", () => api.checkInGoal(goal.id, {}), true),
      button("Achieved", "goal-achieved", close("achieved")), button("Cancel", "goal-cancel", close("cancelled")),
    ],
  };
  const made = choices[goal.state]?.() ?? [];
  return made.length > 0 ? el("div", { class: "goal-actions" }, ...made) : null;
}
