// What is owed again and again: its form as the pack declares it. The server checks it once more.

import * as day from "./day.js";
import { choices, el, head, line, long, photos, positioned, problems, read, say, sheets, toast, untilText, words } from "./forms.js";
import * as outbox from "./outbox.js";
import { onPaper, paper } from "./paper.js";

// `duty` is what a sheet was printed for: typed in on another day, it counts by the time that stands on it.
export async function report(window, subject, { from = null, sheet = "", duty = "" } = {}) {
  const taken = await day.current();
  const mine = taken?.report?.dues.filter((one) => one.subject === subject) ?? [];
  const due = mine.find((one) => String(one.window) === window) ?? mine.find((one) => one.form === duty);
  const spec = due && taken.report.forms[due.form];
  if (!due) return [head(words.report), el("p", { class: "message warning" }, words[await day.absence()])];
  const title = head(spec.name, `${due.name} · ${say("until", { time: untilText(due.ends) })}`);
  const fields = spec.sections.flatMap((section) => section.fields);
  if (fields.some((field) => !field.kind)) return [title, el("p", { class: "message warning" }, words.needs_network)];
  const old = from && (await outbox.one(from));
  const page = el("div", { class: "stack" });
  draw(page, { spec, fields, due }, old, { sheet });
  return [title, page, sheets("report", subject, `?duty=${due.form}`)];
}

const draw = (page, asked, old, sheet) => page.replaceChildren(filled(page, asked, old, sheet));

function filled(page, { spec, fields, due }, old, sheet) {
  const pictures = photos(words.photos, { least: spec.photos });
  const place = positioned();
  const was = old?.payload.answers ?? Object.fromEntries(fields.map((field) => [field.id, field.default]));
  const asked = fields.map((field) => [field, control(field, was[field.id])]);
  const form = el(
    "form",
    { class: "card accent", novalidate: true },
    spec.about ? el("p", { class: "muted" }, spec.about) : null,
    asked.map(([, shown]) => shown),
    spec.receipt ? line("code", words.receipt, { value: old?.payload.code ?? "", optional: true, help: words.receipt_help, inputmode: "numeric", maxlength: 6 }) : null,
    pictures.field,
    place.field,
    paper(sheet),
    el("div", { class: "buttons" }, el("button", { class: "btn block" }, words.hand_in)),
  );
  const turn = () => {
    const answers = askedOf(fields, answersOf(fields, read(form)));
    for (const [field, shown] of asked) shown.hidden = !(field.id in answers);
  };
  form.addEventListener("change", turn);
  turn();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = read(form);
    const answers = askedOf(fields, answersOf(fields, told));
    const found = Object.fromEntries(fields.filter((field) => field.id in answers).map((field) => [field.id, wrong(field, answers[field.id])]));
    if (pictures.held.length < spec.photos) found.files = [say("photos_least", { count: spec.photos })];
    if (spec.receipt && !told.text("code") && !pictures.held.length) found.code = [words.receipt_help];
    const typed = await onPaper(told);
    if (!problems(form, { ...found, ...typed?.wrong })) return;
    const label = `${spec.name} · ${due.name}`;
    const kept = await Promise.all(pictures.held.slice(0, 9).map(outbox.photographed));
    await outbox.add({ kind: "report", payload: { window: due.window, subject: due.subject, answers, position: place.found(), code: told.text("code") }, label, photos: kept, replaces: old?.id ?? null, key: typed?.key, at: typed?.at ?? old?.at });
    toast(say("saved", { label }));
    if (!typed) location.hash = "#/";
    else draw(page, { spec, fields, due }, null, typed.next);
  });
  return form;
}

function control(field, value) {
  const label = field.unit ? `${field.label}（${field.unit}）` : field.label;
  const more = { optional: !field.required, help: field.help, value: value ?? "" };
  if (field.kind === "yes_no") {
    const said = value === true || value === "yes" ? "yes" : value === false || value === "no" ? "no" : "";
    return choices(field.id, label, [{ value: "yes", label: words.yes }, { value: "no", label: words.no }], { ...more, value: said });
  }
  if (field.kind === "choice" || field.kind === "multi_choice") return choices(field.id, label, field.choices, { ...more, several: field.kind === "multi_choice" });
  if (field.kind === "long_text") return long(field.id, label, { ...more, maxlength: field.max_length });
  const type = { date: "date", phone: "tel" }[field.kind] ?? "text";
  const inputmode = field.kind === "number" || field.kind === "money" ? (field.decimals ? "decimal" : "numeric") : null;
  return line(field.id, label, { ...more, type, inputmode, maxlength: field.max_length });
}

function answersOf(fields, told) {
  const answers = {};
  for (const field of fields) {
    const text = told.text(field.id);
    if (field.kind === "multi_choice") answers[field.id] = told.list(field.id);
    else if (field.kind === "yes_no") answers[field.id] = text ? text === "yes" : null;
    else answers[field.id] = text;
  }
  return answers;
}

// The answers of the fields that are asked, in their order: a condition sees only what was asked before. As the server.
export function askedOf(fields, answers) {
  const asked = {};
  for (const field of fields) if (!field.when || holds(field.when, asked) === true) asked[field.id] = answers[field.id];
  return asked;
}

// Whether a condition holds; null where that is unknown. Of others than these the server says that a form needs a network.

function holds(rule, answers) {
  const each = (rules) => rules.map((one) => holds(one, answers));
  if (rule.all) return each(rule.all).includes(false) ? false : each(rule.all).includes(null) ? null : true;
  if (rule.any) return each(rule.any).includes(true) ? true : each(rule.any).includes(null) ? null : false;
  if (rule.not) return { true: false, false: true }[holds(rule.not, answers)] ?? null;
  const value = answers[rule.fact] ?? "";
  if (value === "") return null;
  return "is" in rule ? value === rule.is : rule.in.includes(value);
}

function wrong(field, value) {
  if (value === null || value === undefined || value === "" || value.length === 0) return field.required ? [say("fill_in", { label: field.label })] : [];
  if (field.kind !== "number" && field.kind !== "money") return [];
  const number = Number(value);
  if (!Number.isFinite(number)) return [words.no_number];
  if (!field.decimals && !Number.isInteger(number)) return [words.whole_number];
  if (field.at_least !== null && number < field.at_least) return [say("at_least", { least: field.at_least })];
  if (field.at_most !== null && number > field.at_most) return [say("at_most", { most: field.at_most })];
  return [];
}
