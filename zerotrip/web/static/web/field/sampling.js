// The sampling table: scan the tube, scan one person after the other, seal. Whoever is on no list is written down.

import * as day from "./day.js";
import { camera, el, head, line, pick, problems, read, say, sheets, toast, words } from "./forms.js";
import * as outbox from "./outbox.js";
import { onPaper, paper } from "./paper.js";

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const plainCode = (text) => text.normalize("NFKC").replace(/\s+/g, "").toUpperCase();
export const isTube = (text) => /^[0-9A-Z][0-9A-Z-]{3,31}$/.test(text);

// Whether a text is a resident identity number: its shape and its check digit (GB 11643).
export const isNumber = (text) =>
  /^[1-9]\d{16}[\dX]$/.test(text) && "10X98765432"[WEIGHTS.reduce((sum, weight, place) => sum + weight * Number(text[place]), 0) % 11] === text[17];

// The longest number of any paper; what is longer is a code that says something else.
const LONGEST = 30;

const tubeOf = (point) => outbox.secret(`tube:${point}`);
const keep = (point, tube) => outbox.noteSecret(`tube:${point}`, tube);

export async function sampling(point, { sheet = "" } = {}) {
  const taken = await day.current();
  if (taken?.sampling?.point.id !== point) return [head(words.sampling), el("p", { class: "message warning" }, words[await day.absence()])];
  const page = el("div", { class: "stack" });
  await draw(page, { taken, known: taken.sampling, point, sheet: { sheet } });
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
  const size = tube ? null : pick("size", words.tube_size, seen.known.sizes.map((size) => ({ value: size, label: say("people_count", { count: size }) })), { value: seen.known.size });
  const form = el("form", { class: "card accent", id: "scanning", novalidate: true }, input, size, tube ? paper(seen.sheet) : null, el("div", { class: "row" }, el("button", { class: "btn" }, words.go), camera((text) => came(page, seen, text, form), (told) => draw(page, seen, { told, tone: "warning" })), tube ? el("button", { class: "btn quiet", type: "button", onclick: () => lineOf(form, (from) => writeDown(page, seen, "", from)) }, words.not_on_list) : null));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    came(page, seen, read(form).text("scan"), form);
  });
  return form;
}

// Something was scanned or typed: a tube where none is open, else a person.
async function came(page, seen, typed, form) {
  const tube = await tubeOf(seen.point);
  const text = plainCode(typed);
  if (!text) return;
  if (!tube) {
    if (!isTube(text) || isNumber(text)) return draw(page, seen, { told: words.no_tube_code, tone: "error" });
    await keep(seen.point, { code: text, capacity: Number(read(form).text("size")), people: [] });
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

// Somebody on no list of this phone: by number, passport or other paper, or by name and telephone as an infant is.
async function writeDown(page, seen, text, from) {
  const number = isNumber(text) ? text : "";
  const phone = /^1[3-9]\d{9}$/.test(text) ? text : "";
  const paper = !number && !phone ? text : "";
  const form = el(
    "form",
    { class: "card accent", id: "writing", novalidate: true },
    el("h2", {}, text ? say("not_found", { text: text.slice(-4) }) : words.not_on_list),
    line("name", words.person_name, { maxlength: 60 }),
    line("number", words.number, { value: number, optional: true, maxlength: 18 }),
    line("document", words.document, { value: paper, optional: true, maxlength: 30, autocapitalize: "characters" }),
    pick("document_kind", words.document_kind, seen.known.documents.map((one) => ({ value: one.id, label: one.name })), { value: "passport" }),
    line("phone", words.person_phone, { value: phone, optional: true, type: "tel", maxlength: 20, help: words.infant }),
    el("div", { class: "row" }, el("button", { class: "btn" }, words.write_and_sample), back(page, seen)),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = read(form);
    const written = { name: told.text("name"), number: plainCode(told.text("number")), document: plainCode(told.text("document")), phone: told.text("phone").replace(/[\s-]/g, "") };
    if (written.document) written.document_kind = told.text("document_kind");
    const found = {};
    if (!written.name) found.name = [say("fill_in", { label: words.person_name })];
    if (written.number && !isNumber(written.number)) found.number = [words.wrong_number];
    if (written.phone && !/^(1[3-9]\d{9}|0\d{9,11}|\+\d{7,15})$/.test(written.phone)) found.phone = [words.wrong_phone];
    if (!written.number && !written.document && !written.phone) found.number = [words.one_of];
    if (!problems(form, found)) return;
    const tube = await tubeOf(seen.point);
    const shown = (written.number || written.document || written.phone).slice(-4);
    const key = written.number || (written.document && `${written.document_kind}:${written.document}`) || `${written.name}:${written.phone}`;
    await put(page, seen, tube, { written }, { name: masked(written.name), shown }, await seen.taken.digest(key), from);
  });
  await draw(page, seen, { asks: form });
}

const masked = (name) => (name.length < 3 ? `${name.slice(0, 1)}*` : name[0] + "*".repeat(Math.min(name.length - 2, 4)) + name.at(-1));

async function put(page, seen, tube, who, { name, shown }, key, from = null) {
  const refused = full(tube) || (tube.people.some((one) => one.key === key) && say("in_tube", { name }));
  if (refused) return draw(page, seen, { told: refused, tone: "error" });
  const payload = { point: seen.point, tube: tube.code, capacity: tube.capacity, ...who };
  const id = await outbox.add({ kind: "sample", payload, label: say("sampled", { name, shown, tube: tube.code }), key: from?.key, at: from?.at });
  seen.sheet = from?.next;
  const people = [...tube.people, { id, key, name, shown, who }];
  await keep(seen.point, { ...tube, people });
  const told = { name, shown, count: people.length, size: tube.capacity };
  return draw(page, seen, { told: say(people.length === tube.capacity ? "put_last" : "put_in", told), tone: "success" });
}

function inTube(page, seen, tube) {
  if (!tube) return null;
  const rows = tube.people.map((one, place) =>
    el("li", { class: "row between" }, el("span", {}, `${place + 1}. `, el("b", {}, one.name), " ", el("span", { class: "faint small" }, one.shown)), el("button", { class: "btn plain", type: "button", "aria-label": say("undo_of", { name: one.name, place: place + 1 }), onclick: () => undo(page, seen, one) }, words.undo)),
  );
  return el(
    "section",
    { class: "card", id: "tube" },
    el("h2", {}, tube.code, " ", el("small", {}, `${tube.people.length} / ${tube.capacity}`)),
    el("div", { class: "buttons" }, el("button", { class: rows.length ? "btn block" : "btn quiet block", type: "button", onclick: () => seal(page, seen) }, rows.length ? words.seal : words.other_tube)),
    rows.length ? el("ul", { class: "plain stack" }, rows.reverse()) : el("p", { class: "muted" }, words.tube_empty),
  );
}

async function undo(page, seen, one) {
  const tube = await tubeOf(seen.point);
  const payload = { point: seen.point, tube: tube.code, capacity: tube.capacity, ...one.who, out: true };
  await outbox.add({ kind: "sample", payload, label: say("undone", { name: one.name, shown: one.shown, tube: tube.code }) });
  await keep(seen.point, { ...tube, people: tube.people.filter((other) => other.id !== one.id) });
  await draw(page, seen, { told: say("undone", { name: one.name, shown: one.shown, tube: tube.code }) });
}

async function seal(page, seen) {
  const tube = await tubeOf(seen.point);
  if (tube.people.length) {
    await outbox.add({ kind: "seal", payload: { point: seen.point, tube: tube.code, capacity: tube.capacity }, label: say("sealed", { tube: tube.code, count: tube.people.length }) });
    toast(say("sealed", { tube: tube.code, count: tube.people.length }));
  }
  await keep(seen.point, null);
  await draw(page, seen);
}
