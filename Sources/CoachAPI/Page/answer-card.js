// One answer: its text, how it was understood, its chart, rows and SQL, and what it cost.
import { drawingAddress, rateRun } from "./api.js";
import { chartView, isDrawable } from "./chart-view.js";
import { copyButton, downloadLink, el, icon } from "./dom.js";
import { countOf, formatCost, formatDate, formatDuration } from "./format.js";
import { investigationView } from "./investigation.js";
import { prose } from "./prose.js";
import { resultTable } from "./result-table.js";
import { sqlView } from "./sql-view.js";
import { finishedSteps } from "./steps.js";
import { makeTabs } from "./tabs.js";

const headings = {
  clarify: ["question", "Which do you mean?"],
  decline: ["alert", "Not something this data can answer"],
  investigate: ["search", "Investigation"],
};

/** The card of an Answer; `ask(question)` is called by its options and suggestions. Call `start()` once it is on the page. */
export function answerCard(answer, ask) {
  const tabs = answerTabs(answer);
  const heading = headings[answer.outcome];
  const card = el("article", { class: "answer", testid: "answer-card", "data-outcome": answer.outcome, "data-run": answer.run_id, "aria-label": "Answer" },
    heading ? el("p", { class: "outcome" }, icon(heading[0]), heading[1]) : null,
    el("div", { class: "answer-text", testid: "answer-text" }, ...prose(answer.text ?? "")),
    missing(answer), options(answer, ask), answer.investigation ? investigationView(answer.investigation) : understanding(answer), notes(answer), tabs?.element, foot(answer));
  return { element: el("div", { class: "answer-block" }, card, suggestions(answer, ask)), start: () => tabs?.start() };
}

function missing(answer) {
  if (answer.outcome !== "decline" || !answer.missing?.length) return null;
  return el("p", { class: "missing", testid: "missing" }, el("span", { class: "missing-label" }, "Not found in the data: "),
    ...answer.missing.map((word) => el("span", { class: "word" }, word)));
}

function options(answer, ask) {
  if (!answer.options?.length) return null;
  return el("div", { class: "options", role: "group", "aria-label": "Choose one" }, ...answer.options.map((option) =>
    el("button", { class: "option", type: "button", testid: "option", on: { click: () => ask(option.question || option.label) } },
      el("span", { class: "option-label" }, option.label),
      option.preview ? el("span", { class: "option-preview" }, option.preview) : null,
      icon("chevron"))));
}

function understanding(answer) {
  const parts = [
    answer.interpretation ? el("span", { class: "interpretation", testid: "interpretation" }, answer.interpretation) : null,
    answer.rows_note ? el("span", { testid: "rows-note" }, answer.rows_note) : null,
    answer.as_of && answer.outcome !== "clarify" ? el("span", { testid: "as-of" }, `data to ${formatDate(answer.as_of)}`) : null,
  ].filter(Boolean);
  return parts.length > 0 && answer.interpretation ? el("p", { class: "understanding" }, el("span", { class: "understanding-parts" }, ...parts)) : null;
}

function notes(answer) {
  if (!answer.notes?.length) return null;
  return el("ul", { class: "notes", testid: "notes" }, ...answer.notes.map((note) => el("li", {}, icon("alert"), el("span", {}, note))));
}

function answerTabs(answer) {
  const items = [];
  const columns = answer.columns ?? [];
  let tabs = null;
  if (isDrawable(answer.chart_config)) {
    const chart = chartView(answer, () => tabs.remove("chart"));
    const actions = answer.run_id ? [downloadLink(drawingAddress(answer.run_id), "SVG", "Download the chart as an SVG drawing", "download-svg")] : [];
    items.push({ id: "chart", label: "Chart", testid: "tab-chart", panel: chart.element, actions, onShow: () => chart.show() });
  }
  if (columns.length > 0) {
    const table = resultTable({ ...answer, columns, rows: answer.rows ?? [] });
    items.push({ id: "table", label: "Table", testid: "tab-table", panel: table.element, actions: table.actions });
  }
  if (answer.sql) {
    items.push({
      id: "sql", label: "SQL", testid: "tab-sql", panel: sqlView(answer.sql, answer.parameters ?? []),
      actions: [copyButton("Copy SQL", () => answer.sql, "copy-sql")],
    });
  }
  if (items.length === 0) return null;
  tabs = makeTabs("Ways to see the answer", items);
  return tabs;
}

function foot(answer) {
  return el("footer", { class: "answer-foot" },
    el("span", { class: "cost", testid: "cost", title: costTitle(answer) }, costLine(answer)),
    el("span", { class: "writer", testid: "writer" }, writer(answer) === null ? "Worded without a model" : "Worded by a model"),
    rating(answer), answer.steps?.length ? details(answer) : null);
}

/** "Right? Yes No" under answers that a model had a part in: the router learns from it whom to ask. */
function rating(answer) {
  if (!(answer.usage?.calls > 0) || answer.outcome !== "answer") return null;
  const choice = (label, isRight) => {
    const button = el("button", { class: "rate", type: "button", "aria-pressed": "false", testid: isRight ? "rate-right" : "rate-wrong" }, label);
    button.addEventListener("click", async () => {
      for (const other of [yes, no]) other.setAttribute("aria-pressed", String(other === button));
      try {
        await rateRun(answer.run_id, isRight);
      } catch {
        button.setAttribute("aria-pressed", "false");
      }
    });
    return button;
  };
  const yes = choice("Yes", true);
  const no = choice("No", false);
  return el("span", { class: "rating", role: "group", "aria-label": "Was this answer right?" }, "Right?", yes, no);
}

const writer = (answer) => (answer.written_by && answer.written_by !== "template" ? answer.written_by : null);

/** "0 tokens · $0 · 23 ms", with the model's name where one wrote. */
function costLine(answer) {
  const usage = answer.usage ?? {};
  return [countOf(usage.total_tokens, "token"), formatCost(usage.cost_usd), formatDuration(answer.latency_ms), writer(answer)].filter(Boolean).join(" · ");
}

function costTitle(answer) {
  const usage = answer.usage ?? {};
  return `${countOf(usage.calls, "model call")}; ${countOf(usage.input_tokens, "token")} in, ${usage.output_tokens ?? 0} out; $${usage.cost_usd ?? "0"}`;
}

function details(answer) {
  return el("details", { class: "how" }, el("summary", {}, icon("chevron"), "How this was answered"),
    finishedSteps(answer.steps), el("p", { class: "run-id" }, `Run ${answer.run_id}`));
}

function suggestions(answer, ask) {
  if (!answer.suggestions?.length) return null;
  return el("div", { class: "suggestions", role: "group", "aria-label": "Ask next" }, ...answer.suggestions.map((text) =>
    el("button", { class: "chip", type: "button", testid: "suggestion", on: { click: () => ask(text) } }, icon("reply"), el("span", {}, text))));
}
