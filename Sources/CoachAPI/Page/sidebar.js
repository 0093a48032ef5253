// The list of chats, and the drawer it becomes on a narrow screen.
import { el } from "./dom.js";
import { dayGroup, formatMoment } from "./format.js";

const narrow = matchMedia("(max-width: 820px)");

export class Sidebar {
  constructor({ onOpen, onNew }) {
    this.element = document.getElementById("sidebar");
    this.list = document.getElementById("sessions");
    this.main = document.getElementById("main");
    this.scrim = document.getElementById("scrim");
    this.opener = document.getElementById("open-sidebar");
    this.onOpen = onOpen;
    this.opener.addEventListener("click", () => this.openDrawer());
    this.scrim.addEventListener("click", () => this.closeDrawer());
    document.getElementById("close-sidebar").addEventListener("click", () => this.closeDrawer());
    document.getElementById("new-chat").addEventListener("click", () => {
      this.closeDrawer(false);
      onNew();
    });
    narrow.addEventListener("change", () => this.closeDrawer(false));
    this.closeDrawer(false);
  }

  get isDrawerOpen() {
    return narrow.matches && !this.scrim.hidden;
  }

  openDrawer() {
    this.set(true);
    document.getElementById("close-sidebar").focus();
  }

  closeDrawer(returnFocus = true) {
    const wasOpen = this.isDrawerOpen;
    this.set(false);
    if (wasOpen && returnFocus) this.opener.focus();
  }

  set(open) {
    document.body.classList.toggle("drawer-open", open);
    this.scrim.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    // What is out of sight is out of reach: the drawer when closed, the page behind it when open.
    this.element.inert = narrow.matches && !open;
    this.main.inert = open;
  }

  /** Shows the chats, newest first, under headings by day. */
  show(sessions, currentID) {
    const focused = document.activeElement?.dataset?.session;
    const sorted = [...sessions].sort((a, b) => String(b.updated_at).localeCompare(String(a.updated_at)));
    const groups = Map.groupBy ? Map.groupBy(sorted, (each) => dayGroup(each.updated_at)) : groupBy(sorted);
    this.list.replaceChildren(...[...groups].map(([name, items]) => el("section", { class: "session-group" },
      el("h2", {}, name), el("ul", {}, ...items.map((each) => el("li", {}, this.item(each)))))));
    if (sorted.length === 0) this.list.append(el("p", { class: "no-sessions" }, "Your chats will be listed here."));
    this.mark(currentID);
    if (focused) this.list.querySelector(`[data-session="${CSS.escape(focused)}"]`)?.focus();
  }

  fail(retry) {
    this.list.replaceChildren(el("p", { class: "no-sessions" }, "The list of chats could not be loaded. "),
      el("button", { class: "quiet-button", type: "button", on: { click: retry } }, "Try again"));
  }

  item(session) {
    const title = session.title || "Untitled chat";
    return el("button", { class: "session", type: "button", testid: "session-item", "data-session": session.id, title, on: { click: () => {
      this.closeDrawer(false);
      this.onOpen(session.id);
    } } }, el("span", { class: "session-title" }, title), el("time", { class: "session-time", datetime: session.updated_at }, formatMoment(session.updated_at)));
  }

  mark(currentID) {
    for (const button of this.list.querySelectorAll(".session")) {
      if (button.dataset.session === currentID) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
    }
  }
}

function groupBy(sessions) {
  const groups = new Map();
  for (const each of sessions) {
    const name = dayGroup(each.updated_at);
    groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  return groups;
}
