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
  return [await signIn(contact), tasksOf(taken), takeAlong(taken, offered, contact, words[await day.absence()]), about()].filter(Boolean);
}

async function offer() {
  const answer = await fetch("/field/offered/", { cache: "no-store" }).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

async function signIn(contact) {
  if (contact.state !== "sign-in") return null;
  const { signIn: staff, signInOther: other } = document.body.dataset;
  return el("section", { class: "card watch" }, (await outbox.about("account")) ? null : el("p", {}, words.sign_in_first), el("div", { class: "row" }, el("a", { class: "btn", href: staff }, words.sign_in_staff), el("a", { class: "btn plain", href: other }, words.sign_in_other)));
}

function tasksOf(taken) {
  if (!taken) return null;
  const doors = [
    ...(taken.gate?.gates ?? []).map((gate) => tile(`#/gate/${gate.id}`, gate.name, words.gate)),
    ...(taken.door?.doors ?? []).map((door) => tile(`#/door/${door.id}`, door.name, words.door)),
    ...(taken.sampling ? [tile(`#/sample/${taken.sampling.point.id}`, taken.sampling.point.name, say("sampling_with", { got: taken.got, people: taken.people }))] : []),
    ...(taken.report?.dues ?? []).map((due) => tile(`#/report/${due.window}/${due.subject}`, `${taken.report.forms[due.form].name} · ${due.name}`, say("until", { time: momentText(due.ends) }))),
  ];
  return el("div", { class: "stack", id: "tasks" }, doors.length ? doors : el("p", { class: "muted" }, words.nothing_offered));
}

const tile = (href, title, sub) => el("a", { class: "card tile", href }, el("b", {}, title), el("span", {}, sub));

function takeAlong(taken, offered, contact, absence) {
  const size = offered && say("take_size", { gates: offered.gates.length, dues: offered.dues, doors: offered.doors, hours: offered.hours });
  const nothing = offered && !offered.gates.length && !offered.dues && !offered.points.length && !offered.doors;
  const where = offered?.points.length ? pointsOf(offered) : null;
  const button = el("button", { class: "btn", type: "button", onclick: () => take(button, offered, contact, where) }, taken ? words.take_again : words.take);
  const rest = taken && taken.got < taken.people && el("button", { class: "btn", type: "button", onclick: () => goOn(rest) }, say("take_rest", { got: taken.got, people: taken.people }));
  return el(
    "section",
    { class: "card", id: "along" },
    el("p", {}, taken ? say("taken_until", { time: momentText(taken.expires) }) : nothing ? words.nothing_offered : absence),
    offered && !nothing ? where : null,
    size && !nothing ? el("p", { class: "muted small" }, size) : null,
    el("div", { class: "row" }, rest || null, offered && !nothing ? button : null, taken ? el("button", { class: "btn quiet", type: "button", onclick: () => day.drop() }, words.drop) : null),
  );
}

// Which point's people go along: none, or those of one area.
function pointsOf({ points, most }) {
  const options = points.flatMap((point) =>
    point.areas.map((area) => el("option", { value: `${point.id} ${area.path}`, disabled: area.people > most }, say("point_people", { point: point.name, area: area.name, people: area.people }))),
  );
  return el("div", { class: "field" }, el("label", { for: "where" }, words.point), el("select", { id: "where" }, el("option", { value: "" }, words.no_point), options));
}

async function goOn(button) {
  button.disabled = true;
  await day.fetchPeople((got, people) => (button.textContent = say("taking_people", { got, people }))).catch((error) => toast(error.message));
  outbox.tell("day");
}

async function take(button, offered, contact, where) {
  button.disabled = true;
  button.textContent = words.taking;
  const [point, area] = where?.querySelector("select").value.split(" ") ?? [""];
  const tasks = [offered.gates.length && "gate", offered.dues && "report", offered.doors && "door", point && "sampling"].filter(Boolean);
  if (!tasks.length) return toast(words.no_point);
  try {
    await day.take(tasks, contact, point ? { point, area } : {});
    await day.fetchPeople((got, people) => (button.textContent = say("taking_people", { got, people })));
    const kept = (await navigator.storage?.persist?.()) ?? false;
    toast(kept ? words.kept_private : words.not_kept_private);
  } catch (error) {
    toast(error.message);
  }
  outbox.tell("day");
}

const about = () => el("p", { class: "faint small" }, words.install_hint, " ", el("a", { href: "/field/phones/" }, words.phones));

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
    { class: row.state === "refused" || row.notice ? "card watch" : "card", "data-state": row.state, "data-id": row.id },
    el("div", { class: "row between" }, el("b", {}, row.label), el("span", { class: `tag ${TONES[row.state] ?? ""}` }, words[row.state])),
    el("p", { class: "faint small" }, say("made_at", { time: momentText(row.at) }), row.tries ? ` · ${say("tries", { count: row.tries })}` : "", me && row.by !== me.id ? ` · ${words.other_account}（${row.name}）` : ""),
    row.reason ? el("p", { class: row.state === "refused" ? "problem" : "muted" }, row.reason) : null,
    Object.values(row.fields).flat().map((text) => el("p", { class: "problem" }, text)),
    row.notice ? el("p", { class: "problem" }, row.notice) : null,
    row.notice ? el("button", { class: "btn plain", type: "button", onclick: () => outbox.seen(row.id) }, words.seen_to) : null,
    row.state === "refused" && where(row) ? el("a", { class: "btn plain", href: where(row) }, words.correct) : null,
  );
}

// Where a refused record is put right.
function where({ kind, payload, id }) {
  if (kind === "passage") return `#/gate/${payload.gate}?from=${id}`;
  if (kind === "door") return `#/door/${payload.site}?from=${id}`;
  if (kind === "sample" || kind === "seal") return `#/sample/${payload.point}`;
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
