// The page's one controller: which chat is open, what runs, and where its events go.
import * as api from "./api.js";
import { loadCharts, recolourCharts } from "./chart-view.js";
import { Composer } from "./composer.js";
import { Conversation, loading, welcome } from "./conversation.js";
import { announce } from "./dom.js";
import { countOf, formatCost, formatDate } from "./format.js";
import { goalBoard } from "./goals.js";
import { explain, problemBox } from "./problems.js";
import { activeRun, followRun, forgetRun, rememberRun } from "./runs.js";
import { Sidebar } from "./sidebar.js";
import { startTheme } from "./theme.js";
import { RunFailed, Turn } from "./turn.js";

const noUsage = { total_tokens: 0, cost_usd: "0" };
// How long a stop may take before the page stops listening.
const stopPatience = 5000;

const title = document.getElementById("chat-title");
const meter = document.getElementById("meter");
const domainPicker = document.getElementById("domain-picker");
const domainSelect = document.getElementById("domain");

const conversation = new Conversation();
const composer = new Composer({ onSend: ask, onStop: stop });
const sidebar = new Sidebar({ onOpen: (id) => open(id), onNew: () => open(null) });

/** The chat on the screen; `visit` changes whenever another one is opened, so that late answers find their place gone. */
const chat = { id: null, domain: null, visit: new AbortController(), run: null, opening: false };

// MARK: Opening

async function open(sessionID, { push = true } = {}) {
  leave();
  chat.id = sessionID;
  if (push) setAddress(sessionID);
  sidebar.mark(sessionID);
  showUsage(noUsage);
  conversation.clear();
  if (sessionID === null) await openEmpty();
  else await openSession(sessionID);
  focusMessage();
}

/** Shows the goals in place of a chat; a message from here begins a new one. */
function openGoals() {
  leave();
  chat.id = null;
  setAddress(null);
  sidebar.mark(null);
  sidebar.closeDrawer(false);
  showUsage(noUsage);
  setTitle("Goals");
  conversation.clear();
  conversation.add(goalBoard(chat.domain));
}

/** Puts the cursor into the message box, except where that would open a keyboard over the answer. */
function focusMessage() {
  if (matchMedia("(hover: hover)").matches) composer.focus();
}

/** Stops listening to the chat on the screen; a run goes on, for it belongs to the server. */
function leave() {
  chat.visit.abort();
  chat.visit = new AbortController();
  chat.run = null;
  chat.opening = false;
  composer.setBusy(false);
}

async function openEmpty() {
  const { signal } = chat.visit;
  setTitle("New chat");
  try {
    const info = await api.starters(chat.domain, signal);
    if (signal.aborted || chat.id !== null || chat.run !== null) return;
    chat.domain = info.domain ?? chat.domain;
    showDomains(info);
    showAsOf(info);
    conversation.clear();
    conversation.add(welcome(info, ask));
  } catch (error) {
    if (signal.aborted || chat.run !== null) return;
    conversation.clear();
    conversation.add(problemBox(explain(error), { label: "Try again", run: () => open(null) }));
  }
}

async function openSession(id) {
  const { signal } = chat.visit;
  chat.opening = true;
  conversation.add(loading("Opening the chat"));
  domainPicker.hidden = true;
  try {
    const session = await api.session(id, signal);
    if (signal.aborted) return;
    chat.opening = false;
    showSession(session);
    showAround(session, signal);
  } catch (error) {
    if (signal.aborted) return;
    setTitle("Chat");
    conversation.clear();
    const gone = error instanceof api.APIProblem && error.status === 404;
    if (gone) chat.id = null;
    const problem = gone ? { title: "This chat is not here", detail: "It may have been removed, or the address is not whole." } : explain(error);
    conversation.add(problemBox(problem, gone ? { label: "New chat", run: () => open(null) } : { label: "Try again", run: () => open(id) }));
  }
}

/** What a chat shows besides its messages; its absence is no failure of the chat. */
async function showAround(session, signal) {
  try {
    const info = await api.starters(session.domain, signal);
    showAsOf(info);
    if (!signal.aborted && !conversation.element.querySelector(".turn")) conversation.add(welcome(info, ask));
  } catch {
    // The chat itself is on the screen.
  }
}

function showSession(session) {
  setTitle(session.title || "Untitled chat");
  chat.domain = session.domain ?? chat.domain;
  showUsage(session.usage ?? noUsage);
  conversation.clear();
  let turn = null;
  for (const message of session.messages ?? []) {
    if (message.role === "user") {
      if (turn && !turn.answered) turn.unanswered();
      turn = addTurn(message.text, message.created_at);
    } else {
      turn ??= addTurn(message.answer?.question ?? "", message.created_at);
      if (message.answer) turn.answer(message.answer, ask);
      else turn.plain(message.text);
    }
  }
  rejoin(session, turn);
  conversation.toEnd();
}

/** Joins a run that was under way when the page was left, or says that the last question was left unanswered. */
function rejoin(session, last) {
  const run = activeRun(session.id);
  const done = run !== null && (session.messages ?? []).some((message) => message.answer?.run_id === run.runID);
  if (run === null || done) {
    forgetRun(session.id);
    if (last && !last.answered) {
      const { question } = last;
      last.fail({ title: "This question has no answer", detail: "The run was stopped or did not finish." }, { label: "Ask again", run: () => retry(last, question) });
    }
    return;
  }
  const turn = last && !last.answered ? last : addTurn(run.question);
  listen(turn, { runID: run.runID, open: (signal) => api.runEvents(run.runID, null, signal) });
}

function addTurn(question, createdAt = null) {
  const turn = new Turn(question, { askedAt: createdAt ? `Asked ${new Date(createdAt).toLocaleString("en-GB")}` : null });
  conversation.add(turn.element);
  return turn;
}

// MARK: Asking

function ask(question) {
  if (chat.run !== null) return;
  if (chat.opening) {
    composer.restore(question);
    return;
  }
  if (!conversation.element.querySelector(".turn")) conversation.clear();
  const turn = addTurn(question);
  conversation.following = true;
  send(turn);
  focusMessage();
}

function retry(turn, question) {
  if (chat.run !== null) return;
  turn.element.remove();
  ask(question);
}

function send(turn) {
  const body = { message: turn.question };
  if (chat.id !== null) body.session_id = chat.id;
  else if (chat.domain !== null) body.domain = chat.domain;
  announce("Working on it");
  listen(turn, { open: (signal) => api.chat(body, signal) });
}

/** Follows one run and puts its events into its turn. */
async function listen(turn, { open: connect, runID = null }) {
  const { signal } = chat.visit;
  const halt = new AbortController();
  const run = { runID, sessionID: chat.id, turn, halt, stopping: false, failure: null };
  chat.run = run;
  composer.setBusy(true);
  turn.begin();
  conversation.follow();
  const both = AbortSignal.any([signal, halt.signal]);
  try {
    await followRun({
      open: () => connect(both), runID, signal: both,
      onEvent: (type, data) => receive(run, type, data),
      onReconnect: () => turn.say("The connection broke. Joining the run again"),
    });
    if (run.failure) throw run.failure;
    if (!turn.answered) showStopped(turn);
    else conversation.reveal(turn);
  } catch (error) {
    if (signal.aborted) return;
    if (halt.signal.aborted) showStopped(turn);
    else if (isForgotten(run, error)) reopen(run);
    else showFailure(run, error);
  } finally {
    if (!signal.aborted) finish(run);
  }
}

function receive(run, type, data) {
  const { turn } = run;
  switch (type) {
  case "run_started":
    began(run, data);
    break;
  case "step":
    if (!turn.answered) turn.step(data);
    break;
  case "token":
    if (!turn.answered) turn.token(data.text ?? "");
    break;
  case "token_reset":
    // The words so far are void: another model begins anew, or they did not stand up to the rows.
    if (!turn.answered) turn.forgetWords();
    break;
  case "answer":
    turn.answer(data, ask);
    showUsage(data.session_usage ?? noUsage);
    announce(data.text ?? "The answer is here");
    break;
  case "run_failed":
    run.failure = new RunFailed(data);
    break;
  default:
    // Newer servers may send more; what is not known changes nothing here.
    break;
  }
  if (type === "step" || type === "token") conversation.follow();
}

function began(run, { run_id: runID, session_id: sessionID }) {
  run.runID = runID;
  const isNew = chat.id === null;
  run.sessionID = sessionID ?? chat.id;
  chat.id = run.sessionID;
  rememberRun(run.sessionID, { runID, question: run.turn.question });
  if (isNew) {
    setAddress(chat.id);
    setTitle(run.turn.question);
    domainPicker.hidden = true;
    refreshSessions();
  }
  if (run.stopping) tellServerToStop(run);
}

/** Whether the server no longer knows a run that it began; what came of it is then in the chat, or nowhere. */
const isForgotten = (run, error) => error instanceof api.APIProblem && error.status === 404 && run.runID !== null;

function reopen(run) {
  forgetRun(run.sessionID);
  open(run.sessionID, { push: false });
}

function showStopped(turn) {
  turn.stopped(() => retry(turn, turn.question));
  announce("Stopped");
}

function showFailure(run, error) {
  const { turn } = run;
  const connectionLost = error instanceof api.ConnectionProblem && run.runID !== null;
  if (connectionLost) {
    // The run may well have gone on without us: join it again rather than ask twice.
    const { runID } = run;
    turn.fail({ title: "The connection to this answer was lost", detail: "Coach may have finished it. Joining again does not ask a second time." },
      { label: "Join again", run: () => chat.run ?? listen(turn, { runID, open: (signal) => api.runEvents(runID, null, signal) }) });
  } else {
    turn.fail(explain(error), { label: "Try again", run: () => retry(turn, turn.question) });
  }
  run.keep = connectionLost;
  conversation.follow();
}

function finish(run) {
  if (run.sessionID !== null && !run.keep) forgetRun(run.sessionID);
  chat.run = null;
  composer.setBusy(false);
  refreshSessions();
}

// MARK: Stopping

function stop() {
  const { run } = chat;
  if (run === null || run.stopping) return;
  run.stopping = true;
  composer.stop.disabled = true;
  run.turn.say("Stopping");
  if (run.runID !== null) tellServerToStop(run);
  setTimeout(() => run.halt.abort(), stopPatience);
}

async function tellServerToStop(run) {
  try {
    await api.stopRun(run.runID);
  } catch {
    // The server cannot be told, or the run is over already: stop listening either way.
    run.halt.abort();
  }
}

// MARK: Around the conversation

function setTitle(words) {
  title.textContent = words;
  title.title = words;
  document.title = words === "New chat" ? "Coach" : `${words} \u2013 Coach`;
}

function showUsage(usage) {
  meter.textContent = `${countOf(usage.total_tokens, "token")} · ${formatCost(usage.cost_usd)}`;
  meter.setAttribute("aria-label", `This chat has cost ${meter.textContent}`);
}

function showAsOf(info) {
  document.getElementById("server-line").textContent = info.as_of ? `Data to ${formatDate(info.as_of)}` : "";
}

function showDomains(info) {
  const domains = info.domains ?? [];
  domainPicker.hidden = domains.length < 2;
  domainSelect.replaceChildren(...domains.map((name) => new Option(name, name, false, name === chat.domain)));
}

async function refreshSessions() {
  try {
    const { sessions } = await api.sessions();
    sidebar.show(sessions ?? [], chat.id);
    const current = sessions?.find((each) => each.id === chat.id);
    if (current?.title) setTitle(current.title);
  } catch {
    if (!document.querySelector(".session")) sidebar.fail(refreshSessions);
  }
}

const sessionInAddress = () => new URLSearchParams(location.hash.slice(1)).get("session");

function setAddress(sessionID) {
  if (sessionInAddress() === sessionID) return;
  const hash = sessionID === null ? "" : `#session=${encodeURIComponent(sessionID)}`;
  history.pushState(null, "", location.pathname + location.search + hash);
}

function onKey(event) {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !sidebar.isDrawerOpen) {
    event.preventDefault();
    composer.focus();
  } else if (event.key === "Escape") {
    if (sidebar.isDrawerOpen) sidebar.closeDrawer();
    else stop();
  }
}

function start() {
  startTheme(document.getElementById("theme-toggle"), recolourCharts);
  document.addEventListener("keydown", onKey);
  document.getElementById("skip-link").addEventListener("click", (event) => {
    event.preventDefault();
    composer.focus();
  });
  document.getElementById("open-goals").addEventListener("click", openGoals);
  domainSelect.addEventListener("change", () => {
    chat.domain = domainSelect.value;
    open(null);
  });
  addEventListener("popstate", () => {
    if (sessionInAddress() !== chat.id) open(sessionInAddress(), { push: false });
  });
  refreshSessions();
  open(sessionInAddress(), { push: false });
  loadCharts();
}

start();
