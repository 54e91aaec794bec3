// The day that was taken along: encrypted, with a key of its own, and gone when it ends.

import { openDB } from "../vendor/idb.js";
import * as clock from "./clock.js";
import { hex, newId } from "./ids.js";
import * as outbox from "./outbox.js";
import * as vault from "./vault.js";

export const NAME = "zerotrip-day";
const db = () =>
  openDB(NAME, 1, {
    upgrade(db) {
      db.createObjectStore("kept");
      db.createObjectStore("people", { keyPath: "id" }).createIndex("digests", "digests", { multiEntry: true });
    },
    blocking: (_from, _to, event) => event.target.close(),
  });

async function withStore(work) {
  const opened = await db();
  try {
    return await work(opened);
  } finally {
    opened.close(); // so that signing out on another page may delete it
  }
}

// What lies here, opened; null where nothing does, it is another account's, or its time is over.
export async function current() {
  const kept = await withStore((opened) => opened.get("kept", "taking"));
  if (!kept) return null;
  const account = await outbox.about("account");
  if (clock.now() >= kept.expires || (account && account.id !== kept.by)) {
    await outbox.note("expired", clock.now() >= kept.expires);
    await drop();
    return null;
  }
  return { ...kept, ...(await vault.open(kept.key, kept.sealed)), digest: async (text) => hex(await vault.digest(kept.digests, text)) };
}

// Why nothing lies here, as the name of the words for it.
export const absence = async () => ((await outbox.about("expired")) ? "expired" : "not_taken");

// Breaks off after a minute, and as soon as somebody says so.
function patience(stop) {
  const broken = new AbortController();
  for (const signal of [stop, AbortSignal.timeout(60_000)]) signal.addEventListener("abort", () => broken.abort());
  return broken.signal;
}

// Asks for the day. Raises what the server said.
export async function take(tasks, { token, account }, where, stop) {
  const before = clock.reading();
  const body = { key: newId(clock.now()), phone: await outbox.about("phone"), kind: navigator.userAgent.slice(0, 400), sent: before, tasks, ...where };
  const answer = await fetch("/field/take/", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
    signal: patience(stop),
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).reason ?? String(answer.status));
  const told = await answer.json();
  const key = await vault.newKey();
  const kept = {
    id: told.taking,
    by: account,
    tasks,
    expires: told.expires,
    key,
    digests: await vault.digestKey(told.key),
    sealed: await vault.seal(key, told.day),
    people: told.people,
    got: 0,
    after: "",
  };
  await outbox.note("phone", told.phone);
  await outbox.note("expired", false);
  await withStore(async (opened) => {
    const change = opened.transaction(["kept", "people"], "readwrite");
    await change.objectStore("people").clear();
    await change.objectStore("kept").put(kept, "taking");
    await change.done;
  });
}

// Fetches the people that go along, so many at a time; one that broke off goes on where it was.
export async function fetchPeople(show, stop) {
  while (!stop.aborted) {
    const kept = await withStore((opened) => opened.get("kept", "taking"));
    if (!kept || kept.got >= kept.people) return;
    const answer = await fetch(`/field/take/${kept.id}/people/?after=${kept.after}`, { cache: "no-store", signal: patience(stop) });
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).reason ?? String(answer.status));
    const { people, more } = await answer.json();
    const rows = await Promise.all(people.map(async ({ id, digests, ...told }) => ({ id, digests, sealed: await vault.seal(kept.key, told) })));
    await withStore(async (opened) => {
      const change = opened.transaction(["kept", "people"], "readwrite");
      for (const row of rows) change.objectStore("people").put(row);
      const got = more ? kept.got + rows.length : kept.people;
      change.objectStore("kept").put({ ...kept, got, after: rows.at(-1)?.id ?? kept.after }, "taking");
      await change.done;
    });
    show(Math.min(kept.got + rows.length, kept.people), kept.people);
    if (!more) return;
  }
}

// Whoever has this number, document or telephone, of those taken along.
export async function find(taken, text) {
  const digest = await taken.digest(text);
  const rows = await withStore((opened) => opened.getAllFromIndex("people", "digests", digest));
  return Promise.all(rows.map(async (row) => ({ id: row.id, ...(await vault.open(taken.key, row.sealed)) })));
}

// The key goes first: without it the rest is noise.
export async function drop() {
  await withStore(async (opened) => {
    const change = opened.transaction(["kept", "people"], "readwrite");
    await change.objectStore("kept").clear();
    await change.objectStore("people").clear();
    await change.done;
  });
  outbox.tell("day");
}
