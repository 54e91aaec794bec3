// An inspection under way: item by item, with a photograph of what is wrong. Signing needs the network.

import * as day from "./day.js";
import { choices, el, head, line, photos, positioned, problems, read, say, sheets, toast, words } from "./forms.js";
import * as outbox from "./outbox.js";
import { onPaper, paper } from "./paper.js";
import { counts } from "./states.js";

export async function inspection(id, item = "", { from = null, sheet = "" } = {}) {
  const known = (await day.current())?.inspection?.find((one) => one.id === id);
  if (!known) return [head(words.inspection), el("p", { class: "message warning" }, words[await day.absence()])];
  const page = el("div", { class: "stack" });
  const items = await draw(page, known, sheet);
  const asked = items.find((one) => one.id === item);
  if (!asked) return [head(known.site), page, sheets("inspection", id)];
  const old = from && (await outbox.one(from));
  return [head(asked.name, known.site, `#/inspection/${id}`), filled(known, asked, old)];
}

async function draw(page, known, sheet = "") {
  const items = await asFar(known);
  page.replaceChildren(list(known, items), typedIn(page, known, items, sheet));
  return items;
}

// The items as the server told of them, and over that what was written down on this phone, the latest last.
async function asFar(known) {
  const rows = await outbox.all();
  const own = rows.filter((row) => row.kind === "finding" && row.payload.inspection === known.id && counts(row));
  return known.items.map((item) =>
    own.reduceRight((sum, { payload, photos: held }) => (payload.item === item.id ? { ...sum, found: payload.found, note: payload.note, photo: sum.photo || held.length > 0 } : sum), item),
  );
}

function list(known, items) {
  const open = items.filter((one) => !one.found).length;
  const rows = items.map((one, place) =>
    el("a", { class: "card tile", href: `#/inspection/${known.id}/${one.id}` }, el("b", {}, `${place + 1}. ${one.name}`), el("span", {}, one.found ? named(known, one) : words.not_filled)),
  );
  return el("div", { class: "stack", id: "items" }, el("p", { class: "message" }, open ? say("items_open", { count: open }) : words.items_done), rows);
}

const named = (known, { found, note }) => [known.found.find((one) => one.id === found).name, note].filter(Boolean).join(" · ");

function filled(known, asked, old) {
  const was = old?.payload ?? asked;
  const pictures = photos(words.photos);
  const place = positioned();
  const form = el(
    "form",
    { class: "card accent", novalidate: true },
    asked.help ? el("p", { class: "muted" }, asked.help) : null,
    choices("found", words.found, known.found.map((one) => ({ value: one.id, label: one.name })), { value: was.found, inline: true }),
    line("note", words.note, { value: was.note, maxlength: 400, optional: true, help: words.note_help }),
    asked.photo ? el("p", { class: "muted small" }, words.photo_there) : null,
    pictures.field,
    place.field,
    el("div", { class: "buttons" }, el("button", { class: "btn block" }, words.keep)),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = read(form);
    const payload = { inspection: known.id, item: asked.id, found: told.text("found"), note: told.text("note"), position: place.found() };
    if (!problems(form, wrong(payload, asked.photo || pictures.held.length > 0))) return;
    const label = `${known.site} · ${asked.name}`;
    const kept = await Promise.all(pictures.held.slice(0, 1).map(outbox.photographed));
    await outbox.add({ kind: "finding", payload, label, photos: kept, replaces: old?.id ?? null, at: old?.at });
    toast(say("saved", { label }));
    location.hash = `#/inspection/${known.id}`;
  });
  return form;
}

function wrong({ found, note }, photographed) {
  if (!found) return { found: [say("fill_in", { label: words.found })] };
  if (found !== "defect") return {};
  return { ...(note ? {} : { note: [words.defect_note] }), ...(photographed ? {} : { files: [words.defect_photo] }) };
}

// A checklist on paper, typed in at once: each item is a line of the sheet. Photographs are added item by item.
function typedIn(page, known, items, sheet) {
  const form = el(
    "form",
    { novalidate: true, id: "typing" },
    paper({ sheet }, { whole: true }),
    items.flatMap((one, place) => [
      choices(`found-${place}`, `${place + 1}. ${one.name}`, known.found.map(({ id, name }) => ({ value: id, label: name })), { inline: true }),
      line(`note-${place}`, words.note, { maxlength: 400, optional: true }),
    ]),
    el("div", { class: "buttons" }, el("button", { class: "btn block" }, words.keep)),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = read(form);
    const typed = (await onPaper(told)) ?? { wrong: { sheet: [words.wrong_sheet] } };
    const said = items.map((one, place) => ({ item: one.id, name: one.name, place, found: told.text(`found-${place}`), note: told.text(`note-${place}`) })).filter((one) => one.found);
    const bare = said.filter((one) => one.found === "defect" && !one.note).map((one) => [`note-${one.place}`, [words.defect_note]]);
    if (!problems(form, { ...typed.wrong, ...Object.fromEntries(bare), ...(said.length ? {} : { "found-0": [say("fill_in", { label: words.found })] }) })) return;
    let kept = 0;
    for (const { item, name, place, found, note } of said) {
      const record = { kind: "finding", payload: { inspection: known.id, item, found, note }, label: `${known.site} · ${name}`, key: await typed.lineOf(place + 1), at: typed.at };
      kept += await outbox.add(record).then(() => 1, (error) => (error.name === "ConstraintError" ? 0 : Promise.reject(error)));
    }
    toast(kept ? say("items_kept", { count: kept }) : words.typed_before);
    await draw(page, known);
    page.scrollIntoView();
  });
  return el("details", { class: "card", open: Boolean(sheet) }, el("summary", {}, words.paper), form);
}
