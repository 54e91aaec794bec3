// A sheet of paper is typed in: the key of each line follows from the sheet, so that typing it twice doubles nothing.

import * as clock from "./clock.js";
import { cameraFor, el, line, say, words } from "./forms.js";
import { written } from "./ids.js";

const plain = (typed) => typed.normalize("NFKC").toUpperCase().replace(/[^0-9A-Z]/g, "");

export async function lineId(sheet, day, number) {
  const told = new TextEncoder().encode(`${plain(sheet)}:${day}:${number}`);
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", told)).slice(0, 16);
  const time = BigInt(Date.parse(`${day}T12:00:00+08:00`));
  for (let place = 0; place < 6; place++) bytes[place] = Number((time >> BigInt(40 - 8 * place)) & 0xffn);
  return written(bytes, 7);
}

// The number of a sheet by the code on it, which is an address that ends in it.
const sheetIn = (text) => text.match(/(?:[?&]sheet=|^)([0-9A-Z]{10})$/i)?.[1].toUpperCase() ?? "";

// The part of a form that says which line of which sheet it is, or which sheet where all lines are typed at once.
// Nothing in it is asked of who types no sheet.
export function paper({ sheet = "", day = "", number = 1, time = "" } = {}, { whole = false } = {}) {
  const today = new Date(clock.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  const part = el(
    whole ? "div" : "details",
    { class: "field", open: !whole && Boolean(sheet), id: "paper" },
    whole ? null : el("summary", {}, words.paper),
    line("sheet", words.sheet, { value: sheet, maxlength: 14, autocapitalize: "characters" }),
    cameraFor("sheet", () => part.closest("form"), sheetIn),
    line("sheet_day", words.sheet_day, { value: day || today, type: "date", max: today }),
    whole ? null : line("sheet_line", words.sheet_line, { value: number, inputmode: "numeric", maxlength: 2 }),
    line("sheet_time", words.sheet_time, { value: time, type: "time" }),
  );
  return part;
}

// What was typed: null where it is no sheet; `wrong` by field, or the key and the moment, and what stands there next.
export async function onPaper(told) {
  const sheet = plain(told.text("sheet"));
  if (!sheet) return null;
  const [day, number, time] = [told.text("sheet_day"), told.has("sheet_line") ? Number(told.text("sheet_line")) : 1, told.text("sheet_time")];
  const at = Date.parse(`${day}T${time}:00+08:00`);
  const wrong = {};
  if (sheet.length !== 10) wrong.sheet = [words.wrong_sheet];
  if (!(Number.isInteger(number) && number >= 1 && number <= 30)) wrong.sheet_line = [say("fill_in", { label: words.sheet_line })];
  if (!(at <= clock.now() && clock.now() - at < clock.LONG)) wrong.sheet_time = [words.wrong_time];
  if (Object.keys(wrong).length) return { wrong };
  const lineOf = (other) => lineId(sheet, day, other);
  return { wrong, key: await lineOf(number), at, line: { sheet, day, number, time }, next: { sheet, day, number: number + 1, time }, lineOf };
}
