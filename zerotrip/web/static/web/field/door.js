// The door of a site: one look, and it says at once whether somebody comes in. The server judges by the same rules.

import * as day from "./day.js";
import { cameraFor, choices, el, head, line, problems, read, say, sheets, tick, words } from "./forms.js";
import * as outbox from "./outbox.js";
import { onPaper, paper } from "./paper.js";

export async function door(id, { from = null, sheet = "" } = {}) {
  const known = (await day.current())?.door;
  const place = known?.doors.find((one) => one.id === id);
  if (!place) return [head(words.door), el("p", { class: "message warning" }, words[await day.absence()])];
  const page = el("div", { class: "stack" });
  draw(page, known, place, from && (await outbox.one(from)), { sheet });
  return [head(place.name), page, sheets("door", place.id)];
}

function draw(page, known, place, old, sheet = {}, told = "", away = false) {
  const was = old?.payload ?? { colour: "green", mask: true };
  const form = el(
    "form",
    { class: "card accent", novalidate: true },
    line("number", words.door_number, { value: was.number ?? "", optional: true, maxlength: 30, autocapitalize: "characters" }),
    cameraFor("number", () => form, numberIn),
    choices("colour", words.colour, known.colours.map((one) => ({ value: one.id, label: one.name })), { value: was.colour, inline: true }),
    line("temperature", words.door_temperature, { value: was.temperature ?? "", inputmode: "decimal", maxlength: 4, optional: true }),
    tick("mask", words.mask, { value: was.mask }),
    known.no_code === "report" ? tick("report", words.shown_report, { value: was.report }) : null,
    paper(sheet),
    el("div", { class: "buttons" }, el("button", { class: "btn block" }, words.check)),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = read(form);
    const payload = { site: place.id, number: typed.text("number"), colour: typed.text("colour"), temperature: typed.text("temperature"), mask: typed.has("mask"), report: typed.has("report") };
    const found = payload.temperature && !(/^\d{2}(\.\d)?$/.test(payload.temperature) && payload.temperature >= 30 && payload.temperature <= 45) ? { temperature: [say("fill_in", { label: words.door_temperature })] } : {};
    const line = await onPaper(typed);
    if (!problems(form, { ...found, ...line?.wrong })) return;
    const why = reasons(known, payload);
    const number = payload.number.slice(-4) || words.somebody;
    await outbox.add({ kind: "door", payload, label: say(why.length ? "away_at" : "let_in_at", { number }), replaces: old?.id ?? null, key: line?.key, at: line?.at ?? old?.at });
    draw(page, known, place, null, line?.next, why.length ? say("door_away", { why: why.join("、") }) : words.door_in, why.length > 0);
  });
  page.replaceChildren(el("p", { class: `message ${away ? "error" : "success"}`, role: "alert", id: "told", hidden: !told }, told), form);
  form.querySelector("#number").focus();
}

// Somebody's number, where that is what a code holds.
const numberIn = (text) => text.normalize("NFKC").replace(/\s+/g, "").match(/^[0-9A-Z+-]{4,30}$/i)?.[0].toUpperCase() ?? "";

// Why somebody is not let in.
export function reasons(known, { colour, temperature, mask, report }) {
  const why = [];
  if (temperature && Number(temperature) >= known.fever) why.push(say("fever", { degrees: temperature }));
  if (known.masks && !mask) why.push(words.no_mask);
  const named = known.colours.find((one) => one.id === colour)?.name;
  if (known.refuse_codes.includes(colour)) why.push(named);
  if (colour === "none" && (known.no_code === "refuse" || (known.no_code === "report" && !report))) why.push(named);
  return why;
}
