// The sampling table: scan the tube, scan one person after the other, seal. Whoever is on no list is written down.

import * as clock from "./clock.js";
import * as day from "./day.js";
import { camera, el, head, line, pick, problems, read, say, sheets, toast, words } from "./forms.js";
import { mending } from "./mending.js";
import * as outbox from "./outbox.js";
import { onPaper, paper } from "./paper.js";
import { fields, guessed, isBare, isNumber, isTube, keyOf, plainCode, shownOf, typed, wrong } from "./writing.js";

// The longest number of any paper; what is longer is a code that says something else.
const LONGEST = 30;
// What is done again is done a second after what it undoes, so that nobody's clock turns the two around.
const AFTER = 1000;

const tubeOf = (point) => outbox.secret(`tube:${point}`);
const keep = (point, tube) => outbox.noteSecret(`tube:${point}`, tube);
// One after the other: a second tap, or a fast scanner, finds the tube as the first has left it.
let last = Promise.resolve();
const inTurn = (work) => (last = last.then(work, work));

export async function sampling(point, { sheet = "", from = null } = {}) {
  const taken = await day.current();
  if (taken?.sampling?.point.id !== point) return [head(words.sampling), el("p", { class: "message warning" }, words[await day.absence()])];
  const old = from && (await outbox.one(from));
  if (old?.state === "refused") return mending(taken, old);
  const page = el("div", { class: "stack" });
  const [letters, size] = await Promise.all(["letters", "tube-size"].map(outbox.about));
  await draw(page, { taken, known: taken.sampling, point, sheet: { sheet }, letters, size: size ?? taken.sampling.size });
  return [head(taken.sampling.point.name), page, sheets("sampling", point)];
}

// The table as it stands; `told` is said above it, and `asks` somebody who is to be written down or confirmed.
async function draw(page, seen, { told = "", tone = "", asks = null } = {}) {
  const tube = await tubeOf(seen.point);
  page.replaceChildren(...[el("p", { class: `message ${tone}`, role: "alert", id: "told", hidden: !told }, told), ask(page, seen, tube, asks), asks, inTube(page, seen, tube)].filter(Boolean));
  const first = (asks ?? page).querySelector("input:not([type=radio])");
  first?.focus();
}

function ask(page, seen, tube, asks) {
  if (asks) return null;
  const input = line("scan", tube ? words.scan_person : words.scan_tube, { help: tube ? words.scan_person_help : words.scan_tube_help, autocapitalize: "characters", spellcheck: "false", enterkeyhint: "go" });
  const pad = tube ? keys(input.querySelector("input"), seen) : null;
  const size = tube ? null : pick("size", words.tube_size, seen.known.sizes.map((size) => ({ value: size, label: say("people_count", { count: size }) })), { value: seen.size });
  const form = el("form", { class: "card accent", id: "scanning", novalidate: true }, input, pad, size, tube ? paper(seen.sheet) : null, el("div", { class: "row" }, el("button", { class: "btn" }, words.go), camera((text) => came(page, seen, text, form), (told) => draw(page, seen, { told, tone: "warning" })), tube ? el("button", { class: "btn quiet", type: "button", onclick: () => lineOf(form, (from) => writeDown(page, seen, "", from)) }, words.not_on_list) : null));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = read(form).text("scan");
    inTurn(() => came(page, seen, text, form));
  });
  return form;
}

// Under the finger are numbers, and the X of an identity number; letters for passports are a touch away and stay so.
function keys(field, seen) {
  if (!matchMedia("(any-pointer: coarse)").matches) return null;
  const x = el("button", { class: "btn plain", type: "button", onclick: () => ((field.value += "X"), field.focus()) }, "X");
  const other = el("button", { class: "btn plain", type: "button", onclick: () => change() });
  const turn = () => {
    field.inputMode = seen.letters ? "text" : "numeric";
    other.textContent = seen.letters ? words.digits : words.letters;
    x.hidden = seen.letters;
  };
  const change = () => {
    seen.letters = !seen.letters;
    turn();
    field.blur();
    field.focus();
    outbox.note("letters", seen.letters);
  };
  turn();
  return el("div", { class: "row" }, x, other);
}

// Something was scanned or typed: a tube where none is open, else a person.
async function came(page, seen, told, form) {
  const tube = await tubeOf(seen.point);
  const text = plainCode(told);
  if (!text) return;
  if (!tube) {
    if (!isTube(text) || isNumber(text)) return draw(page, seen, { told: words.no_tube_code, tone: "error" });
    seen.size = Number(read(form).text("size"));
    await outbox.note("tube-size", seen.size);
    await keep(seen.point, { code: text, capacity: seen.size, people: [], undone: [] });
    return draw(page, seen, { told: say("tube_open", { tube: text }) });
  }
  const refused = full(tube);
  if (refused) return draw(page, seen, { told: refused, tone: "error" });
  return lineOf(form, async (from) => {
    const found = await day.find(seen.taken, text);
    if (found.length === 1) return put(page, seen, tube, { person: found[0].id }, found[0], found[0].id, from);
    if (found.length) return draw(page, seen, { asks: which(page, seen, tube, found, from) });
    if (text.length > LONGEST) return draw(page, seen, { told: words.no_number_code, tone: "warning" });
    return writeDown(page, seen, text, from);
  });
}

// Goes on with the line of the sheet that is typed in, if one is; else says what is wrong with it.
async function lineOf(form, go) {
  const from = await onPaper(read(form));
  if (problems(form, from?.wrong ?? {})) await go(from);
}

const full = (tube) => (tube.people.length >= tube.capacity ? say("tube_full", { tube: tube.code, size: tube.capacity }) : "");

// Several have the same telephone: one of them stands there.
const which = (page, seen, tube, found, from) =>
  el("section", { class: "card accent" }, el("h2", {}, words.which_one), el("div", { class: "stack" }, found.map((one) => el("button", { class: "btn plain block", type: "button", onclick: () => put(page, seen, tube, { person: one.id }, one, one.id, from) }, `${one.name} ${one.shown}`))), back(page, seen));

const back = (page, seen) => el("button", { class: "btn quiet", type: "button", onclick: () => draw(page, seen) }, words.cancel);

// Somebody on no list of this phone. Enter after the name goes on to the telephone where nothing else is known.
async function writeDown(page, seen, text, from) {
  const was = text ? guessed(text) : {};
  const form = el(
    "form",
    { class: "card accent", id: "writing", novalidate: true },
    el("h2", {}, text ? say("not_found", { text: text.slice(-4) }) : words.not_on_list),
    await fields(seen.known.documents, was),
    el("div", { class: "row" }, el("button", { class: "btn" }, words.write_and_sample), back(page, seen)),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const written = typed(read(form));
    if (written.name && isBare(written) && document.activeElement.id === "name") return form.querySelector("#phone").focus();
    if (!problems(form, wrong(written))) return;
    form.querySelector("button.btn").disabled = true;
    if (written.document) await outbox.note("document-kind", written.document_kind);
    await put(page, seen, await tubeOf(seen.point), { written }, shownOf(written), await seen.taken.digest(keyOf(written)), from);
  });
  await draw(page, seen, { asks: form });
}

async function put(page, seen, tube, who, { name, shown }, key, from = null) {
  const refused = full(tube) || (tube.people.some((one) => one.key === key) && say("in_tube", { name }));
  if (refused) return draw(page, seen, { told: refused, tone: "error" });
  const payload = { point: seen.point, tube: tube.code, capacity: tube.capacity, ...who };
  const entry = from && (await again(tube, key, from));
  const id = await outbox.add({ kind: "sample", payload, label: say("sampled", { name, shown, tube: tube.code }), key: entry?.key, at: entry?.at });
  seen.sheet = from?.next;
  const people = [...tube.people, { id, key, name, shown, who, ...(entry && { at: entry.at, line: from.line }) }];
  await keep(seen.point, { ...tube, people });
  const told = { name, shown, count: people.length, size: tube.capacity };
  return draw(page, seen, { told: say(people.length === tube.capacity ? "put_last" : "put_in", told), tone: "success" });
}

// A line of a sheet that may have been undone in this tube: typed again it has a key of its own, and counts from
// after the undoing on, as the server has it.
async function again(tube, key, { key: first, at, line, lineOf: keyOfLine }) {
  const undone = tube.undone ?? [];
  const turns = undone.filter((one) => one.line && one.line.sheet === line.sheet && one.line.day === line.day && one.line.number === line.number).length;
  const since = Math.max(0, ...undone.filter((one) => one.key === key).map((one) => one.at + AFTER));
  return { key: turns ? await keyOfLine(`${line.number}/${turns}`) : first, at: Math.max(at, since) };
}

function inTube(page, seen, tube) {
  if (!tube) return null;
  const rows = tube.people.map((one, place) =>
    el("li", { class: "row between" }, el("span", {}, `${place + 1}. `, el("b", {}, one.name), " ", el("span", { class: "faint small" }, one.shown)), el("button", { class: "btn plain", type: "button", "aria-label": say("undo_of", { name: one.name, place: place + 1 }), onclick: () => inTurn(() => undo(page, seen, one)) }, words.undo)),
  );
  return el(
    "section",
    { class: "card", id: "tube" },
    el("h2", {}, tube.code, " ", el("small", {}, `${tube.people.length} / ${tube.capacity}`)),
    el("div", { class: "buttons" }, el("button", { class: rows.length ? "btn block" : "btn quiet block", type: "button", onclick: () => inTurn(() => seal(page, seen)) }, rows.length ? words.seal : words.other_tube)),
    rows.length ? el("ul", { class: "plain stack" }, rows.reverse()) : el("p", { class: "muted" }, words.tube_empty),
  );
}

async function undo(page, seen, one) {
  const tube = await tubeOf(seen.point);
  if (!tube?.people.some((other) => other.id === one.id)) return;
  const payload = { point: seen.point, tube: tube.code, capacity: tube.capacity, ...one.who, out: true };
  // What was typed from a sheet is undone as of the time on the sheet: typed anew it is not older than its undoing.
  await outbox.add({ kind: "sample", payload, label: say("undone", { name: one.name, shown: one.shown, tube: tube.code }), at: one.at ?? null });
  const undone = [...(tube.undone ?? []), { key: one.key, at: one.at ?? clock.now(), line: one.line }];
  await keep(seen.point, { ...tube, people: tube.people.filter((other) => other.id !== one.id), undone });
  if (one.line) seen.sheet = one.line;
  await draw(page, seen, { told: say("undone", { name: one.name, shown: one.shown, tube: tube.code }) });
}

async function seal(page, seen) {
  const tube = await tubeOf(seen.point);
  if (!tube) return;
  if (tube.people.length) {
    await outbox.add({ kind: "seal", payload: { point: seen.point, tube: tube.code, capacity: tube.capacity }, label: say("sealed", { tube: tube.code, count: tube.people.length }) });
    toast(say("sealed", { tube: tube.code, count: tube.people.length }));
  }
  await keep(seen.point, null);
  await draw(page, seen);
}
