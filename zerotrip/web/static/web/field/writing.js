// Somebody on no list of this phone, as they are written down: by number, passport or other paper, or by name and
// telephone as an infant is.

import { line, pick, say, words } from "./forms.js";
import * as outbox from "./outbox.js";

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
export const plainCode = (text) => text.normalize("NFKC").replace(/\s+/g, "").toUpperCase();
export const isTube = (text) => /^[0-9A-Z][0-9A-Z-]{3,31}$/.test(text);

// Whether a text is a resident identity number: its shape and its check digit (GB 11643).
export const isNumber = (text) =>
  /^[1-9]\d{16}[\dX]$/.test(text) && "10X98765432"[WEIGHTS.reduce((sum, weight, place) => sum + weight * Number(text[place]), 0) % 11] === text[17];
const isPhone = (text) => /^1[3-9]\d{9}$/.test(text);

// What was scanned or typed, by which of the fields it is.
export function guessed(text) {
  if (isNumber(text)) return { number: text };
  return isPhone(text) ? { phone: text } : { document: text };
}

// The fields, with what is known; the telephone comes right after the name where nothing is.
export async function fields(documents, was = {}) {
  const kind = was.document_kind || ((await outbox.about("document-kind")) ?? "passport");
  const phone = line("phone", words.person_phone, { value: was.phone ?? "", optional: true, type: "tel", maxlength: 20, help: words.infant });
  const papers = [
    line("number", words.number, { value: was.number ?? "", optional: true, maxlength: 18, autocapitalize: "characters" }),
    line("document", words.document, { value: was.document ?? "", optional: true, maxlength: 30, autocapitalize: "characters" }),
    pick("document_kind", words.document_kind, documents.map((one) => ({ value: one.id, label: one.name })), { value: kind }),
  ];
  const known = was.number || was.document || was.phone;
  return [line("name", words.person_name, { value: was.name ?? "", maxlength: 60, enterkeyhint: known ? "go" : "next" }), ...(known ? [papers, phone] : [phone, papers])].flat();
}

// What was typed.
export function typed(told) {
  const written = { name: told.text("name"), number: plainCode(told.text("number")), document: plainCode(told.text("document")), phone: told.text("phone").replace(/[\s-]/g, "") };
  return written.document ? { ...written, document_kind: told.text("document_kind") } : written;
}

export const isBare = (written) => !written.number && !written.document && !written.phone;

export function wrong(written) {
  const found = {};
  if (!written.name) found.name = [say("fill_in", { label: words.person_name })];
  if (written.number && !isNumber(written.number)) found.number = [words.wrong_number];
  if (written.phone && !/^(1[3-9]\d{9}|0\d{9,11}|\+\d{7,15})$/.test(written.phone)) found.phone = [words.wrong_phone];
  if (isBare(written)) found.number = [words.one_of];
  return found;
}

// As they are shown, and what tells them apart from others in a tube.
export const shownOf = (written) => ({ name: masked(written.name), shown: (written.number || written.document || written.phone).slice(-4) });
export const keyOf = (written) => written.number || (written.document && `${written.document_kind}:${written.document}`) || `${written.name}:${written.phone}`;

const masked = (name) => (name.length < 3 ? `${name.slice(0, 1)}*` : name[0] + "*".repeat(Math.min(name.length - 2, 4)) + name.at(-1));
