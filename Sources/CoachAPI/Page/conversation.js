// The column of turns and how it scrolls: it follows new content until the reader scrolls away.
import { releaseCharts } from "./chart-view.js";
import { el, reducedMotion } from "./dom.js";

export class Conversation {
  constructor() {
    this.element = document.getElementById("conversation");
    this.scroll = document.getElementById("scroll");
    this.jump = document.getElementById("jump");
    this.following = true;
    this.lastTop = 0;
    this.scroll.addEventListener("scroll", () => this.noticeScroll(), { passive: true });
    this.jump.addEventListener("click", () => {
      this.following = true;
      this.scrollTo(this.scroll.scrollHeight);
    });
    // Charts and fonts change heights after the fact.
    new ResizeObserver(() => this.showJump()).observe(this.element);
  }

  clear() {
    releaseCharts();
    this.element.replaceChildren();
    this.following = true;
    this.showJump();
  }

  add(node) {
    this.element.append(node);
  }

  /** Keeps the end in view while steps and words arrive. */
  follow() {
    if (this.following) this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  /** Shows a new turn from its question on; a short one stands at the end. */
  reveal(turn) {
    if (!this.following) return;
    const top = turn.element.offsetTop - 20;
    const end = this.scroll.scrollHeight - this.scroll.clientHeight;
    this.scrollTo(Math.min(top, end));
  }

  toEnd() {
    const last = this.element.querySelector(".turn:last-of-type");
    if (last) this.scroll.scrollTop = Math.min(last.offsetTop - 20, this.scroll.scrollHeight);
  }

  scrollTo(top) {
    this.scroll.scrollTo({ top, behavior: reducedMotion() ? "instant" : "smooth" });
  }

  /** Scrolling up means reading: new content then leaves the view alone, until the reader is back at the end. */
  noticeScroll() {
    const { scrollTop } = this.scroll;
    if (this.rest < 120) this.following = true;
    else if (scrollTop < this.lastTop) this.following = false;
    this.lastTop = scrollTop;
    this.showJump();
  }

  get rest() {
    return this.scroll.scrollHeight - this.scroll.clientHeight - this.scroll.scrollTop;
  }

  showJump() {
    this.jump.hidden = this.rest < 400;
  }
}

/** What an empty chat shows: what can be asked, and questions to begin with. */
export function welcome(info, ask) {
  return el("div", { class: "welcome", testid: "welcome" },
    el("h2", {}, "What would you like to know?"),
    info?.description ? el("p", { class: "about" }, info.description) : null,
    info?.starters?.length ? el("div", { class: "starters", role: "group", "aria-label": "Questions to begin with" }, ...info.starters.map((text) =>
      el("button", { class: "starter", type: "button", testid: "starter", on: { click: () => ask(text) } }, text))) : null,
    el("p", { class: "promise" }, "Every answer shows how the question was read, its rows, its SQL and what it cost."));
}

export function loading(words) {
  return el("div", { class: "loading", role: "status" }, el("span", { class: "pulse", "aria-hidden": "true" }), words);
}
