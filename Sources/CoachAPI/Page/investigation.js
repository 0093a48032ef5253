// What an investigation found: one card per claim, with its size, what speaks for and against it, its course and its query.
import { chartView, isDrawable } from "./chart-view.js";
import { el, icon } from "./dom.js";
import { countOf } from "./format.js";
import { sqlView } from "./sql-view.js";

const kinds = {
  change: "What happened", band: "Is it unusual?", quality: "Data", segment: "Where", global: "Where",
  split: "Made of", calendar: "Calendar", event: "Known event", related: "Moves before",
};
const confidences = { high: "High confidence", medium: "Medium confidence", low: "Low confidence" };

/** The claims of an InvestigationReport, likeliest first, and what was ruled out. */
export function investigationView(report) {
  const queries = new Map((report.queries ?? []).map((query) => [query.id, query]));
  return el("section", { class: "investigation", testid: "investigation", "aria-label": "What was found" },
    el("p", { class: `confidence confidence-${report.confidence}`, testid: "confidence" },
      el("strong", {}, confidences[report.confidence] ?? ""), ` ${report.confidence_reason ?? ""}`),
    el("ol", { class: "claims" }, ...(report.claims ?? []).map((claim) => el("li", {}, claimCard(claim, queries)))),
    ruledOut(report));
}

function claimCard(claim, queries) {
  return el("article", { class: "claim", testid: "claim", "data-kind": claim.kind },
    el("p", { class: "claim-kind" }, kinds[claim.kind] ?? claim.kind),
    el("h3", { class: "claim-title" }, claim.title),
    el("p", { class: "claim-text" }, claim.text),
    evidence("for", "check", "Speaks for it", claim.evidence_for),
    evidence("against", "alert", "Speaks against it", claim.evidence_against),
    course(claim, queries.get(claim.query)), query(queries.get(claim.query)));
}

function evidence(side, symbol, label, sentences) {
  if (!sentences?.length) return null;
  return el("ul", { class: `evidence evidence-${side}`, testid: `evidence-${side}`, "aria-label": label },
    ...sentences.map((sentence) => el("li", {}, icon(symbol), el("span", {}, sentence))));
}

/** The claim's chart; it is drawn when it is asked for. */
function course(claim, from) {
  if (!isDrawable(claim.chart)) return null;
  const columns = (from?.columns ?? []).filter((column) => column.role === "metric");
  const box = el("details", { class: "how claim-more", testid: "claim-chart" }, el("summary", {}, icon("chevron"), "Course"));
  const chart = chartView({ chart_config: claim.chart, interpretation: claim.title, question: claim.title, columns }, () => box.remove());
  box.append(chart.element);
  box.addEventListener("toggle", () => { if (box.open) chart.show(); });
  return box;
}

function query(from) {
  if (!from) return null;
  const runs = from.runs?.length ?? 0;
  const size = runs > 1 ? `${countOf(runs, "run")}, ${countOf(from.row_count, "row")}` : countOf(from.row_count, "row");
  return el("details", { class: "how claim-more", testid: "claim-query" }, el("summary", {}, icon("chevron"), `Query: ${from.purpose}`),
    sqlView(from.sql, from.runs?.at(-1)?.parameters ?? []), el("p", { class: "run-id" }, size));
}

function ruledOut(report) {
  if (!report.ruled_out?.length) return null;
  return el("details", { class: "how", testid: "ruled-out" }, el("summary", {}, icon("chevron"), "Looked at, and explains nothing"),
    el("ul", { class: "ruled-out" }, ...report.ruled_out.map((claim) => el("li", {}, el("strong", {}, `${claim.title}: `), claim.text))));
}
