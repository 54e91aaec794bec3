// A record of a tube that was refused is put right: the code that was misread, with all that were put into that tube,
// or who it was. It stays of the moment it was made.

import { cameraFor, el, head, line, momentText, pick, problems, read, say, toast, words } from "./forms.js";
import * as outbox from "./outbox.js";
import { OF_TUBES } from "./states.js";
import { fields, isBare, isNumber, isTube, keyOf, plainCode, shownOf, typed, wrong } from "./writing.js";

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const tubeIn = ({ payload: { point, tube, capacity } }) => ({ point, tube, capacity });

export async function mending(taken, old) {
  const rows = await outbox.all();
  const others = rows.filter((row) => row.state === "refused" && OF_TUBES.includes(row.kind) && row.id !== old.id && same(tubeIn(row), tubeIn(old)));
  const why = [old.reason, ...Object.values(old.fields).flat()].map((text) => el("p", { class: "problem" }, text));
  return [head(old.label, say("made_at", { time: momentText(old.at) }), "#/outbox"), why, await filled(taken, old, others)].flat();
}

async function filled(taken, old, others) {
  const { payload } = old;
  const form = el(
    "form",
    { class: "card accent", novalidate: true, id: "mending" },
    line("tube", words.tube_code, { value: payload.tube, maxlength: 40, autocapitalize: "characters", spellcheck: "false", help: others.length ? say("others_of_tube", { count: others.length }) : "" }),
    cameraFor("tube", () => form, (text) => (isTube(plainCode(text)) ? plainCode(text) : "")),
    pick("size", words.tube_size, taken.sampling.sizes.map((size) => ({ value: size, label: say("people_count", { count: size }) })), { value: payload.capacity }),
    await who(taken, old),
    el("div", { class: "buttons" }, el("button", { class: "btn block" }, words.hand_in)),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = read(form);
    const [tube, capacity, written] = [plainCode(told.text("tube")), Number(told.text("size")), typed(told)];
    // Who was undone is not asked, and stays who they are.
    const somebody = old.kind === "sample" && !payload.out && (Boolean(payload.written) || !isBare(written) || Boolean(written.name));
    const found = { ...(isTube(tube) && !isNumber(tube) ? {} : { tube: [words.no_tube_code] }), ...(somebody ? wrong(written) : {}) };
    if (!problems(form, found)) return;
    await mend([old, ...others], { tube, capacity }, somebody ? written : null, { taken, old });
    toast(say("saved", { label: tube }));
    location.hash = "#/outbox";
  });
  return form;
}

// Who it was: as they were written down, or whoever it is instead of somebody of the list.
async function who(taken, { kind, payload }) {
  if (kind !== "sample" || payload.out) return null;
  const asked = await fields(taken.sampling.documents, payload.written ?? {});
  return payload.written ? asked : el("details", { class: "field" }, el("summary", {}, words.another_person), asked);
}

// Writes each anew that has to change: those of the tube where it is another, and those of the same person.
async function mend(rows, into, written, { taken, old }) {
  const moved = !same(tubeIn({ payload: { ...old.payload, ...into } }), tubeIn(old));
  const mended = new Map();
  for (const row of rows) {
    const mine = row === old || (row.kind === "sample" && same(whoIn(row), whoIn(old)));
    if (!moved && !mine) continue;
    const named = written && mine ? { person: undefined, written } : {};
    const payload = { ...row.payload, ...into, ...named };
    const label = written && mine ? say(payload.out ? "undone" : "sampled", { ...shownOf(written), tube: into.tube }) : row.label.replace(row.payload.tube, into.tube);
    mended.set(row.id, { id: await outbox.add({ kind: row.kind, payload, label, replaces: row.id, at: row.at }), written: mine ? written : null });
  }
  await follow(mended, tubeIn(old), into, taken);
}

const whoIn = ({ payload: { person, written } }) => ({ person, written });

// The tube that is open on this phone is called what it is called now, and its people are who they are.
async function follow(mended, was, into, taken) {
  const open = await outbox.secret(`tube:${was.point}`);
  if (open?.code !== was.tube) return;
  const people = await Promise.all(
    open.people.map(async (one) => {
      const { id, written } = mended.get(one.id) ?? {};
      if (!id) return one;
      return written ? { ...one, id, ...shownOf(written), who: { written }, key: await taken.digest(keyOf(written)) } : { ...one, id };
    }),
  );
  await outbox.noteSecret(`tube:${was.point}`, { ...open, code: into.tube, capacity: into.capacity, people });
}
