// One question with all that became of it: live steps, streamed words, and then an answer, a problem or a stop.
import { answerCard } from "./answer-card.js";
import { el } from "./dom.js";
import { problemBox } from "./problems.js";
import { prose } from "./prose.js";
import { liveSteps } from "./steps.js";

/** A failure that the run itself reported. */
export class RunFailed extends Error {
  constructor({ code, detail }) {
    super(detail || "The run failed.");
    this.name = "RunFailed";
    this.code = code ?? null;
  }
}

export class Turn {
  constructor(question, { askedAt = null } = {}) {
    this.question = question;
    this.answered = false;
    this.reply = el("div", { class: "reply" });
    this.element = el("section", { class: "turn" },
      el("h2", { class: "question", title: askedAt }, question), this.reply);
  }

  /** Shows that the run is under way. */
  begin() {
    this.steps = liveSteps();
    this.words = el("div", { class: "answer-text streaming", testid: "streaming-text", hidden: true });
    this.status = el("p", { class: "working" }, el("span", { class: "pulse", "aria-hidden": "true" }), el("span", {}, "Working on it"));
    this.reply.replaceChildren(el("div", { class: "pending", testid: "pending", "aria-busy": "true" }, this.status, this.steps.element, this.words));
    this.text = "";
  }

  step(step) {
    this.say(null);
    this.steps.update(step);
  }

  token(text) {
    this.text += text;
    this.words.hidden = false;
    this.words.replaceChildren(...prose(this.text));
  }

  forgetWords() {
    this.text = "";
    this.words.hidden = true;
    this.words.replaceChildren();
  }

  /** Replaces the line above the steps; null takes it away. */
  say(words) {
    this.status.hidden = words === null;
    this.status.lastElementChild.textContent = words ?? "";
  }

  answer(answer, ask) {
    this.answered = true;
    const card = answerCard(answer, ask);
    this.reply.replaceChildren(card.element);
    card.start();
  }

  /** An assistant message that was kept without an Answer object. */
  plain(text) {
    this.answered = true;
    this.reply.replaceChildren(el("article", { class: "answer", testid: "answer-card", "aria-label": "Answer" },
      el("div", { class: "answer-text", testid: "answer-text" }, ...prose(text))));
  }

  fail(problem, action) {
    this.reply.replaceChildren(problemBox(problem, action));
  }

  /** A question of an earlier visit that was stopped, failed or asked again. */
  unanswered() {
    this.reply.replaceChildren(el("p", { class: "stopped" }, "Not answered."));
  }

  stopped(again) {
    this.reply.replaceChildren(el("div", { class: "stopped", testid: "stopped" }, el("p", {}, "Stopped. Nothing more is running."),
      el("button", { class: "button", type: "button", testid: "retry", on: { click: again } }, "Ask again")));
  }
}
