// Leaflets are brought to people's doors: whoever stands there reads the text and signs with their name.

import * as day from "./day.js";
import { choices, el, head, line, problems, read, say, toast, words } from "./forms.js";
import * as outbox from "./outbox.js";
import { counts } from "./states.js";

const none = async () => [head(words.leaflets), el("p", { class: "message warning" }, words[await day.absence()])];
const of = ({ leaflet, person }) => `${leaflet}/${person}`;

// The visits that are still to be made: without those written down on this phone.
export async function left(known) {
  const rows = await outbox.all();
  const done = new Set(rows.filter((row) => row.kind === "receipt" && counts(row)).map((row) => of(row.payload)));
  return known.visits.filter((one) => !done.has(of(one)));
}

export async function leaflets() {
  const known = (await day.current())?.leaflet;
  if (!known) return none();
  const visits = await left(known);
  const rows = visits.map((one) => el("a", { class: "card tile", href: `#/leaflet/${of(one)}` }, el("b", {}, `${one.door} ${one.name}`), el("span", {}, known.leaflets[one.leaflet].title)));
  return [head(words.leaflets), rows.length ? el("div", { class: "stack", id: "visits" }, rows) : el("p", { class: "message success" }, words.all_brought)];
}

export async function leaflet(id, person, { from = null } = {}) {
  const taken = await day.current();
  const visit = taken?.leaflet?.visits.find((one) => one.leaflet === id && one.person === person);
  if (!visit) return none();
  const { title, text } = taken.leaflet.leaflets[id];
  const paper = el("section", { class: "card" }, el("h2", {}, title), text.split("\n").filter((part) => part.trim()).map((part) => el("p", {}, part)));
  return [head(visit.name, visit.door, "#/leaflets"), paper, signed(taken, visit, title, from && (await outbox.one(from)))];
}

// A name as the server compares it: without width, case, spaces and dots.
const plain = (name) => name.normalize("NFKC").replace(/[\s·•・‧∙.．。]+/g, "").toLowerCase();

function signed(taken, visit, title, old) {
  const was = old?.payload ?? { name: "", on_behalf: "" };
  const behalf = line("on_behalf", words.on_behalf, { value: was.on_behalf, maxlength: 40, help: words.on_behalf_help });
  const form = el(
    "form",
    { class: "card accent", novalidate: true },
    choices("whose", words.who_signs, [{ value: "self", label: words.signs_self }, { value: "other", label: words.signs_other }], { value: was.on_behalf ? "other" : "self", inline: true }),
    line("name", words.signature, { value: was.name, maxlength: 120, help: words.signature_help }),
    behalf,
    el("div", { class: "buttons" }, el("button", { class: "btn block" }, words.sign)),
  );
  const turn = () => (behalf.hidden = read(form).text("whose") !== "other");
  form.addEventListener("change", turn);
  turn();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = read(form);
    const other = told.text("whose") === "other";
    const payload = { leaflet: visit.leaflet, person: visit.person, name: told.text("name"), on_behalf: other ? told.text("on_behalf") : "" };
    const found = {};
    if (!plain(payload.name)) found.name = [say("fill_in", { label: words.signature })];
    else if (!other && (await taken.digest(plain(payload.name))) !== visit.key) found.name = [words.not_the_name];
    if (other && !payload.on_behalf) found.on_behalf = [words.no_relation];
    if (!problems(form, found)) return;
    const label = `${title} · ${visit.name}`;
    await outbox.add({ kind: "receipt", payload, label, replaces: old?.id ?? null, at: old?.at });
    toast(say("saved", { label }));
    location.hash = "#/leaflets";
  });
  return form;
}
