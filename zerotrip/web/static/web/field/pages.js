// The first page, and the outbox.

import * as clock from "./clock.js";
import * as day from "./day.js";
import { clockText, el, head, line, momentText, problems, read, say, sizeText, toast, untilText, words } from "./forms.js";
import { left } from "./leaflet.js";
import * as outbox from "./outbox.js";
import { UNSENT, mayGo } from "./states.js";
import { run, state } from "./sync.js";

export async function start() {
  const contact = state();
  const taken = await day.current();
  const offered = contact.state === "good" ? await offer() : null;
  return [await signIn(contact), await tasksOf(taken), takeAlong(taken, offered, contact, words[await day.absence()]), about()].filter(Boolean);
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

async function tasksOf(taken) {
  if (!taken) return null;
  const visits = taken.leaflet ? await left(taken.leaflet) : [];
  const doors = [
    ...(taken.gate?.gates ?? []).map((gate) => tile(`#/gate/${gate.id}`, gate.name, words.gate)),
    ...(taken.door?.doors ?? []).map((door) => tile(`#/door/${door.id}`, door.name, words.door)),
    ...(taken.sampling ? [tile(`#/sample/${taken.sampling.point.id}`, taken.sampling.point.name, say("sampling_with", { got: taken.got, people: taken.people }))] : []),
    ...(taken.inspection ?? []).map((one) => tile(`#/inspection/${one.id}`, one.site, words.inspection)),
    ...(taken.leaflet ? [tile("#/leaflets", words.leaflets, say("visits_left", { count: visits.length }))] : []),
    ...(taken.report?.dues ?? []).map((due) => tile(`#/report/${due.window}/${due.subject}`, `${taken.report.forms[due.form].name} · ${due.name}`, say("until", { time: untilText(due.ends) }))),
  ];
  const tasks = el("div", { class: "stack", id: "tasks" }, doors.length ? doors : el("p", { class: "muted" }, words.nothing_offered));
  if (doors.length <= AT_A_GLANCE) return tasks;
  const search = ({ target }) => doors.forEach((door) => (door.hidden = !door.textContent.toLowerCase().includes(target.value.trim().toLowerCase())));
  return el("div", {}, line("find", words.find, { type: "search", oninput: search }), tasks);
}

// Tasks one sees without searching.
const AT_A_GLANCE = 12;

const tile = (href, title, sub) => el("a", { class: "card tile", href }, el("b", {}, title), el("span", {}, sub));

// What goes along, by the names of the tasks: how many of each there are.
const much = ({ gates, doors, dues, inspections, visits }) => ({ gate: gates.length, door: doors, report: dues, inspection: inspections, leaflet: visits });

function takeAlong(taken, offered, contact, absence) {
  const counts = offered ? Object.entries(much(offered)).filter(([, count]) => count) : [];
  const nothing = offered && !counts.length && !offered.points.length;
  const where = offered?.points.length ? pointsOf(offered) : null;
  const what = counts.map(([task, count]) => say(`take_${task}`, { count })).join(words.comma);
  const size = what && say("take_size", { what, size: sizeText(offered.bytes) });
  const begin = () => follow(section, async (show, stop) => {
    const [point, area] = where?.querySelector("select").value.split(" ") ?? [""];
    const tasks = [...counts.map(([task]) => task), ...(point ? ["sampling"] : [])];
    if (!tasks.length) return toast(words.no_point);
    await day.take(tasks, contact, point ? { point, area } : {}, stop);
    await day.fetchPeople(show, stop);
    const kept = (await navigator.storage?.persist?.()) ?? false;
    const told = kept ? words.kept_private : words.not_kept_private;
    const alone = await opensAlone(stop);
    if (!stop.aborted) toast(alone ? told : words.page_not_kept);
  });
  const rest = taken && taken.got < taken.people && say("take_rest", { got: taken.got, people: taken.people });
  const section = el(
    "section",
    { class: "card", id: "along" },
    el("p", {}, taken ? say("taken_until", { time: momentText(taken.expires) }) : nothing ? words.nothing_offered : absence),
    offered && !nothing ? where : null,
    offered && !nothing ? el("p", { class: "muted small" }, size, " ", say("take_kept", { hours: offered.hours })) : null,
    el(
      "div",
      { class: "row" },
      rest ? el("button", { class: "btn", type: "button", onclick: () => follow(section, day.fetchPeople) }, rest) : null,
      offered && !nothing ? el("button", { class: rest ? "btn plain" : "btn", type: "button", onclick: begin }, taken ? words.take_again : words.take) : null,
      taken ? el("button", { class: "btn quiet", type: "button", onclick: () => day.drop() }, words.drop) : null,
    ),
  );
  return section;
}

// Which point's people go along: none, those of the grids that are to come to it today, or those of one area.
function pointsOf({ points, most, person_bytes }) {
  const planned = points.filter((point) => point.areas.some((area) => area.path === "planned"));
  const options = points.flatMap((point) => [
    ...point.areas.map((area) =>
      el(
        "option",
        { value: `${point.id} ${area.path}`, disabled: area.people > most, selected: planned.length === 1 && area.path === "planned" && area.people <= most },
        say(area.people > most ? "point_too_many" : "point_people", { point: point.name, area: area.name, people: area.people, size: sizeText(area.people * person_bytes) }),
      ),
    ),
    ...(point.left ? [el("option", { value: "", disabled: true }, say("areas_left", { point: point.name, count: point.left }))] : []),
  ]);
  return el("div", { class: "field" }, el("label", { for: "where" }, words.point), el("select", { id: "where" }, el("option", { value: "" }, words.no_point), options));
}

// Shows how far a download has come, with a way to stop it; what has come by then stays, and it goes on from there.
// Whether the page itself opens without a network from now on: what was taken along is of no use without it.
const opensAlone = (stop) =>
  Promise.race([
    navigator.serviceWorker?.ready.then(() => true) ?? false,
    new Promise((give) => setTimeout(give, 30_000, false)),
    new Promise((give) => stop.addEventListener("abort", () => give(false))),
  ]);

async function follow(section, work) {
  const halt = new AbortController();
  const far = el("progress", { "aria-label": words.taking });
  const told = el("p", { role: "status" }, words.taking);
  const shown = [...section.childNodes];
  section.replaceChildren(told, far, el("div", { class: "row" }, el("button", { class: "btn plain", type: "button", onclick: () => halt.abort() }, words.stop)));
  const show = (got, people) => {
    [far.max, far.value] = [people, got];
    told.textContent = say("taking_people", { got, people });
  };
  await work(show, halt.signal).catch((error) => halt.signal.aborted || toast(error.name === "Error" ? error.message : words.broke_off));
  section.replaceChildren(...shown);
  outbox.tell("day");
}

const about = () => el("p", { class: "faint small" }, words.install_hint, " ", el("a", { href: "/field/phones/" }, words.phones));

export async function box() {
  const rows = await outbox.all();
  const me = await outbox.about("account");
  const open = rows.filter((row) => UNSENT.includes(row.state));
  const refused = rows.filter((row) => row.state === "refused");
  const nowhere = rows.filter((row) => ["refused", "aside"].includes(row.state));
  const send = el("button", { class: "btn", type: "button", onclick: () => sendNow(send) }, words.send_now);
  return [
    head(words.outbox),
    open.length ? null : el("p", { class: "message success" }, words.nothing_waits),
    el(
      "div",
      { class: "row" },
      open.length > refused.length ? send : null,
      nowhere.length ? el("button", { class: "btn plain", type: "button", onclick: () => hand(nowhere) }, words.export) : null,
      rows.some(mayGo) ? el("button", { class: "btn quiet", type: "button", onclick: () => outbox.clear() }, words.clear_done) : null,
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
    row.state === "aside" && !row.handed ? el("p", { class: "muted" }, words.export_first) : null,
    row.notice ? el("p", { class: "problem" }, row.notice) : null,
    row.notice ? el("button", { class: "btn plain", type: "button", onclick: () => outbox.seen(row.id) }, words.seen_to) : null,
    row.state === "refused" && where(row) ? el("a", { class: "btn plain", href: where(row) }, words.correct) : null,
    row.state === "refused" ? giveUp(row) : null,
  );
}

// What cannot be put right is given up, with a reason that the server keeps; it stays here until it was exported and is cleared away.
function giveUp(row) {
  const name = `why-${row.id}`;
  const form = el("form", { novalidate: true }, line(name, words.aside_why, { maxlength: 200, help: words.aside_help }), el("button", { class: "btn plain" }, words.put_aside));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const why = read(form).text(name);
    if (!problems(form, why ? {} : { [name]: [say("fill_in", { label: words.aside_why })] })) return;
    form.parentElement.open = false;
    const payload = { record: row.id, kind: row.kind, refused: [row.reason, ...Object.values(row.fields).flat()].join(" ").slice(0, 200), why };
    await outbox.add({ kind: "aside", payload, label: say("aside_of", { label: row.label }), replaces: row.id, becomes: "aside" });
  });
  return el("details", {}, el("summary", {}, words.give_up), form);
}

// Where a refused record is put right.
function where({ kind, payload, id }) {
  if (kind === "passage") return `#/gate/${payload.gate}?from=${id}`;
  if (kind === "door") return `#/door/${payload.site}?from=${id}`;
  if (kind === "sample" || kind === "seal") return `#/sample/${payload.point}?from=${id}`;
  if (kind === "finding") return `#/inspection/${payload.inspection}/${payload.item}?from=${id}`;
  if (kind === "receipt") return `#/leaflet/${payload.leaflet}/${payload.person}?from=${id}`;
  if (kind === "report") return `#/report/${payload.window}/${payload.subject}?from=${id}`;
  return null;
}

async function sendNow(button) {
  button.disabled = true;
  button.textContent = words.sending;
  await run({ all: true });
  outbox.tell("outbox");
}

// What the server did not take, as a file to be handed on: what it says, when it was, and why.
async function hand(rows) {
  const lines = rows.map(({ id, kind, label, payload, at, reason, fields }) => ({ id, kind, label, payload, at: new Date(at).toISOString(), reason, fields }));
  const address = URL.createObjectURL(new Blob([JSON.stringify(lines, null, 1)], { type: "application/json" }));
  el("a", { href: address, download: `zerotrip-${clockText(clock.now()).replace(":", "")}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  await outbox.handed(rows.map(({ id }) => id));
}
