// The gate: a vehicle comes, is looked at, and is let in or not; another leaves.

import * as day from "./day.js";
import { choices, el, head, line, momentText, photos, pick, problems, read, say, sheets, tick, toast, words } from "./forms.js";
import * as outbox from "./outbox.js";
import { onPaper, paper } from "./paper.js";
import { counts } from "./states.js";

// A plate as the server writes it: without spaces, dots and dashes, small letters large.
export const normal = (typed) => Array.from(typed.normalize("NFKC").toUpperCase()).filter((letter) => /[\p{L}\p{N}]/u.test(letter)).join("").slice(0, 20);

export async function gate(id, { from = null, sheet = "" } = {}) {
  const taken = await day.current();
  const known = taken?.gate;
  const place = known?.gates.find((one) => one.id === id);
  if (!place) return [head(words.gate), el("p", { class: "message warning" }, words[await day.absence()])];
  const old = from && (await outbox.one(from));
  const page = el("div", { class: "stack" });
  await draw(page, { taken, known, place, old, sheet: { sheet } });
  return [head(place.name), page, sheets("gate", place.id)];
}

async function draw(page, seen) {
  page.replaceChildren(entry(page, seen), await insideOf(page, seen));
}

function entry(page, { taken, known, place, old, sheet }) {
  const was = old?.payload ?? { colour: "green", goods: "none" };
  const pictures = photos(words.photos);
  const warning = el("p", { class: "message error", role: "alert", hidden: true });
  const form = el(
    "form",
    { class: "card accent", novalidate: true, id: "entry" },
    line("plate", words.plate, { value: was.plate ?? "", maxlength: 20, autocapitalize: "characters", spellcheck: "false" }),
    warning,
    line("temperature", words.temperature, { value: was.temperature ?? "", inputmode: "decimal", maxlength: 4 }),
    choices("colour", words.colour, known.colours.map(option), { value: was.colour, inline: true }),
    tick("disinfected", words.disinfected, { value: was.disinfected }),
    line("driver", words.driver, { value: was.driver ?? "", maxlength: 60 }),
    line("phone", words.phone, { value: was.phone ?? "", type: "tel", maxlength: 20 }),
    line("origin", words.origin, { value: was.origin ?? "", maxlength: 80 }),
    pick("goods", words.goods, known.goods.map(option), { value: was.goods }),
    line("to_name", words.to_name, { value: was.to_name ?? "", maxlength: 120, optional: true }),
    pictures.field,
    line("refused", words.refused_why, { value: was.refused ?? "", maxlength: 200, help: words.refused_hint }),
    paper(sheet),
    el("div", { class: "buttons" }, el("button", { class: "btn block" }, words.let_in)),
  );
  const look = async () => {
    const reason = await blockedBy(taken, known, read(form));
    warning.hidden = !reason;
    warning.textContent = reason ? say("blocked", { reason }) : "";
  };
  form.addEventListener("change", look);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = read(form);
    const typed = await onPaper(told);
    const found = { ...(await wrong(told, taken, known)), ...typed?.wrong };
    if (!problems(form, found)) return;
    const payload = payloadOf(told, place);
    const label = say(payload.refused ? "turned_away" : "came_in", { plate: payload.plate });
    const kept = await Promise.all(pictures.held.slice(0, 1).map(outbox.photographed));
    await outbox.add({ kind: "passage", payload, label, photos: kept, replaces: old?.id ?? null, key: typed?.key, at: typed?.at ?? old?.at });
    toast(say("saved", { label }));
    await draw(page, { taken, known, place, old: null, sheet: typed?.next });
    page.querySelector("#plate").focus();
  });
  return form;
}

const option = (one) => ({ value: one.id, label: one.name });

const payloadOf = (told, place) => ({
  gate: place.id,
  plate: normal(told.text("plate")),
  driver: told.text("driver"),
  phone: told.text("phone"),
  origin: told.text("origin"),
  goods: told.text("goods"),
  to_name: told.text("to_name"),
  temperature: told.text("temperature"),
  colour: told.text("colour"),
  disinfected: told.has("disinfected"),
  refused: told.text("refused"),
});

async function blockedBy(taken, known, told) {
  const plate = await taken.digest(normal(told.text("plate")));
  const phone = await taken.digest(told.text("phone").replace(/[ -]/g, ""));
  return known.blocks.find((block) => (!block.plate || block.plate === plate) && (!block.phone || block.phone === phone))?.reason ?? null;
}

// What the server will ask, as far as a phone can tell.
async function wrong(told, taken, known) {
  const found = {};
  const need = (name, holds, text) => holds || (found[name] = [text ?? say("fill_in", { label: words[name] })]);
  const degrees = told.text("temperature");
  need("plate", normal(told.text("plate")).length >= 3);
  need("temperature", /^\d{2}(\.\d)?$/.test(degrees) && degrees >= 30 && degrees <= 45);
  need("colour", told.text("colour"));
  need("driver", told.text("driver"));
  need("phone", /^\+?\d{5,18}$/.test(told.text("phone").replace(/[ -]/g, "")));
  need("origin", told.text("origin"));
  need("goods", told.text("goods"));
  if (Object.keys(found).length || told.text("refused")) return found;
  const why = [];
  const reason = await blockedBy(taken, known, told);
  if (reason) why.push(say("blocked", { reason }));
  if (Number(degrees) >= known.fever) why.push(say("fever", { degrees }));
  if (known.refuse_codes.includes(told.text("colour"))) why.push(known.colours.find((one) => one.id === told.text("colour")).name);
  if (known.goods.find((one) => one.id === told.text("goods"))?.disinfect && !told.has("disinfected")) why.push(words.not_disinfected);
  if (why.length) found.refused = [say("may_not_pass", { why: why.join("、") })];
  return found;
}

async function insideOf(page, seen) {
  const rows = await inside(seen.known);
  const list = rows.map((row) =>
    el(
      "li",
      { class: "row between" },
      el("span", {}, el("b", {}, row.plate), " ", el("span", { class: "faint small" }, momentText(row.at))),
      el("button", { class: "btn plain", type: "button", "aria-label": say("left", { plate: row.plate }), onclick: () => leave(page, seen, row) }, words.leaves),
    ),
  );
  return el("section", { class: "card" }, el("h2", {}, words.inside), list.length ? el("ul", { class: "plain stack" }, list) : el("p", { class: "muted" }, words.nobody_inside));
}

// Who is inside: those the server told of, and those let in on this phone, without those that left.
export async function inside(known) {
  const records = await outbox.all();
  const held = records.filter(counts);
  const left = new Set(held.filter((row) => row.kind === "leaving").map((row) => row.payload.passage));
  const own = held.filter((row) => row.kind === "passage" && !row.payload.refused).map((row) => ({ id: row.id, plate: row.payload.plate, at: row.at }));
  const told = known.inside.filter((row) => !own.some((mine) => mine.id === row.id));
  return [...own, ...told].filter((row) => !left.has(row.id)).sort((one, other) => other.at - one.at);
}

async function leave(page, seen, row) {
  const label = say("left", { plate: row.plate });
  await outbox.add({ kind: "leaving", payload: { passage: row.id }, label });
  toast(say("saved", { label }));
  await draw(page, { ...seen, old: null });
}
