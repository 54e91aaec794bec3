// The first page, and the outbox.

import * as clock from "./clock.js";
import * as day from "./day.js";
import { clockText, el, head, momentText, say, toast, words } from "./forms.js";
import * as outbox from "./outbox.js";
import { run, state } from "./sync.js";

export async function start() {
  const contact = state();
  const taken = await day.current();
  const offered = contact.state === "good" ? await offer() : null;
  return [signIn(contact), tasksOf(taken), takeAlong(taken, offered, contact), about()].filter(Boolean);
}

async function offer() {
  const answer = await fetch("/field/offered/", { cache: "no-store" }).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

function signIn(contact) {
  if (contact.state !== "sign-in") return null;
  const { signIn: staff, signInOther: other } = document.body.dataset;
  return el("section", { class: "card watch" }, el("p", {}, words.sign_in), el("div", { class: "row" }, el("a", { class: "btn", href: staff }, words.sign_in_staff), el("a", { class: "btn plain", href: other }, words.sign_in_other)));
}

function tasksOf(taken) {
  if (!taken) return null;
  const doors = [
    ...(taken.gate?.gates ?? []).map((gate) => tile(`#/gate/${gate.id}`, gate.name, words.gate)),
    ...(taken.report?.dues ?? []).map((due) => tile(`#/report/${due.window}/${due.subject}`, `${taken.report.forms[due.form].name} · ${due.name}`, say("until", { time: momentText(due.ends) }))),
  ];
  return el("div", { class: "stack", id: "tasks" }, doors.length ? doors : el("p", { class: "muted" }, words.nothing_offered));
}

const tile = (href, title, sub) => el("a", { class: "card tile", href }, el("b", {}, title), el("span", {}, sub));

function takeAlong(taken, offered, contact) {
  const size = offered && say("take_size", { gates: offered.gates.length, dues: offered.dues, hours: offered.hours });
  const nothing = offered && !offered.gates.length && !offered.dues;
  const button = el("button", { class: "btn", type: "button", onclick: () => take(button, offered, contact) }, taken ? words.take_again : words.take);
  return el(
    "section",
    { class: "card", id: "along" },
    el("p", {}, taken ? say("taken_until", { time: momentText(taken.expires) }) : nothing ? words.nothing_offered : words.not_taken),
    size && !nothing ? el("p", { class: "muted small" }, size) : null,
    el("div", { class: "row" }, offered && !nothing ? button : null, taken ? el("button", { class: "btn quiet", type: "button", onclick: () => day.drop() }, words.drop) : null),
  );
}

async function take(button, offered, contact) {
  button.disabled = true;
  button.textContent = words.taking;
  const tasks = [offered.gates.length && "gate", offered.dues && "report"].filter(Boolean);
  try {
    await day.take(tasks, contact);
    const kept = (await navigator.storage?.persist?.()) ?? false;
    toast(kept ? words.kept_private : words.not_kept_private);
  } catch (error) {
    toast(error.message);
  }
  outbox.tell("day");
}

const about = () => el("p", { class: "faint small" }, words.install_hint);

export async function box() {
  const rows = await outbox.all();
  const me = await outbox.about("account");
  const open = rows.filter((row) => ["waiting", "later", "refused"].includes(row.state));
  const refused = rows.filter((row) => row.state === "refused");
  const send = el("button", { class: "btn", type: "button", onclick: () => sendNow(send) }, words.send_now);
  return [
    head(words.outbox),
    open.length ? null : el("p", { class: "message success" }, words.nothing_waits),
    el(
      "div",
      { class: "row" },
      open.length > refused.length ? send : null,
      refused.length ? el("button", { class: "btn plain", type: "button", onclick: () => hand(refused) }, words.export) : null,
      rows.length > open.length ? el("button", { class: "btn quiet", type: "button", onclick: () => outbox.clear() }, words.clear_done) : null,
    ),
    el("ul", { class: "plain stack", id: "records" }, rows.map((row) => shown(row, me))),
  ].filter(Boolean);
}

const TONES = { accepted: "ok", already: "ok", refused: "late", later: "warn" };

function shown(row, me) {
  return el(
    "li",
    { class: row.state === "refused" ? "card watch" : "card", "data-state": row.state, "data-id": row.id },
    el("div", { class: "row between" }, el("b", {}, row.label), el("span", { class: `tag ${TONES[row.state] ?? ""}` }, words[row.state])),
    el("p", { class: "faint small" }, say("made_at", { time: momentText(row.at) }), row.tries ? ` · ${say("tries", { count: row.tries })}` : "", me && row.by !== me.id ? ` · ${words.other_account}（${row.name}）` : ""),
    row.reason ? el("p", { class: row.state === "refused" ? "problem" : "muted" }, row.reason) : null,
    Object.values(row.fields).flat().map((text) => el("p", { class: "problem" }, text)),
    row.state === "refused" && where(row) ? el("a", { class: "btn plain", href: where(row) }, words.correct) : null,
  );
}

// Where a refused record is put right.
function where({ kind, payload, id }) {
  if (kind === "passage") return `#/gate/${payload.gate}?from=${id}`;
  if (kind === "report") return `#/report/${payload.window}/${payload.subject}?from=${id}`;
  return null;
}

async function sendNow(button) {
  button.disabled = true;
  button.textContent = words.sending;
  await run({ all: true });
  outbox.tell("outbox");
}

// What was refused, as a file to be handed on: what it says, when it was, and why.
function hand(rows) {
  const lines = rows.map(({ id, kind, label, payload, at, reason, fields }) => ({ id, kind, label, payload, at: new Date(at).toISOString(), reason, fields }));
  const address = URL.createObjectURL(new Blob([JSON.stringify(lines, null, 1)], { type: "application/json" }));
  el("a", { href: address, download: `zerotrip-${clockText(clock.now()).replace(":", "")}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
