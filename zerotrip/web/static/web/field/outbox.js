// What was written down and is not with the server yet. Only added to; nothing goes before the server has it.

import { openDB } from "../vendor/idb.js";
import * as clock from "./clock.js";
import { hex, newId } from "./ids.js";
import { OPEN, UNSENT, mayGo } from "./states.js";
import * as vault from "./vault.js";

const NAME = "zerotrip-outbox";
// What each version of the store added: a phone goes through those it has not seen, and its records stay.
export const STEPS = [
  (db) => {
    db.createObjectStore("records", { keyPath: "id" });
    db.createObjectStore("photos", { keyPath: "digest" });
    db.createObjectStore("about");
  },
  (db, change) => change.objectStore("records").createIndex("state", "state"),
];
const news = new BroadcastChannel("zerotrip-field");
let opened = null;

const CARE = {
  upgrade(db, from, to, change) {
    for (const step of STEPS.slice(from, to)) step(db, change);
  },
  blocking: (_from, _to, event) => {
    event.target.close();
    opened = null;
  },
  terminated: () => (opened = null),
};

export const store = (version = STEPS.length) => openDB(NAME, version, CARE);

// A store that a newer page has made is used as it is: what it holds is handed in all the same.
const newer = (error) => (error.name === "VersionError" ? openDB(NAME, undefined, CARE) : Promise.reject(error));

const db = () => (opened ??= store().catch(newer));

export const tell = (what) => news.postMessage(what);
export function listen(hear) {
  const ear = new BroadcastChannel("zerotrip-field");
  ear.onmessage = (event) => hear(event.data);
  return () => ear.close();
}

export const about = async (name) => (await (await db()).get("about", name)) ?? null;
export const note = async (name, value) => (await db()).put("about", value, name);

// The same for what tells of people.
export const secret = async (name) => {
  const sealed = await about(name);
  return sealed && vault.open(await key(), sealed);
};
export const noteSecret = async (name, value) => note(name, value && (await vault.seal(await key(), value)));

async function key() {
  const found = await about("key");
  if (found) return found;
  const made = await vault.newKey();
  const change = (await db()).transaction("about", "readwrite");
  const first = await change.store.get("key"); // another tab may have been quicker
  if (!first) await change.store.put(made, "key");
  await change.done;
  return first ?? made;
}

export class NotReady extends Error {}

// Writes a record down. `replaces` names one that was refused and is put right by this one, or given up:
// `becomes`. `at` is when it was, by the clock on the wall, where that is not now.
export async function add({ kind, payload, label, photos = [], replaces = null, becomes = "replaced", key: given = null, at = null }) {
  const account = await about("account");
  if (clock.off() === null || !account) throw new NotReady();
  const locked = await key();
  const record = {
    id: given ?? newId(clock.now()),
    kind,
    by: account.id,
    name: account.name,
    // No ticks belong to what is of another moment.
    made: at === null ? clock.reading() : { at, ticks: 0, page: "" },
    off: at === null ? clock.off() : 0,
    state: "waiting",
    tries: 0,
    next: 0,
    reason: "",
    fields: {},
    at: at ?? clock.now(),
    replaces,
    photos: photos.map((photo) => photo.digest),
    sealed: await vault.seal(locked, { payload, label }),
  };
  const kept = await Promise.all(
    photos.map(async ({ digest, name, bytes }) => ({ digest, name, token: "", sealed: await vault.sealBytes(locked, bytes) })),
  );
  const change = (await db()).transaction(["records", "photos"], "readwrite", { durability: "strict" });
  for (const photo of kept) if (!(await change.objectStore("photos").get(photo.digest))) await change.objectStore("photos").put(photo);
  await change.objectStore("records").add(record);
  const old = replaces && (await change.objectStore("records").get(replaces));
  if (old) await change.objectStore("records").put({ ...old, state: becomes, replacedBy: record.id });
  await change.done;
  tell("outbox");
  return record.id;
}

// All records with what is in them, the latest first.
export async function all() {
  const locked = await key();
  const rows = (await (await db()).getAll("records")).reverse();
  return Promise.all(rows.map(async (row) => ({ ...row, ...(await vault.open(locked, row.sealed)) })));
}

export const one = async (id) => (await all()).find((row) => row.id === id) ?? null;

export async function counts() {
  const change = (await db()).transaction("records");
  const index = change.store.index("state");
  const [waiting, later, refused] = await Promise.all(UNSENT.map((state) => index.count(state)));
  const noted = (await index.getAll("accepted")).filter((row) => row.notice).length;
  return { waiting: waiting + later, refused: refused + noted };
}

// Those of an account that are to be sent now, in the order they were made.
export async function due(account, { all: whole = false } = {}) {
  const rows = [];
  for (const state of OPEN) rows.push(...(await (await db()).getAllFromIndex("records", "state", state)));
  const locked = await key();
  const mine = rows.filter((row) => row.by === account && (whole || row.next <= Date.now() || row.next > Date.now() + 3_600_000));
  mine.sort((one, other) => (one.id < other.id ? -1 : 1));
  return Promise.all(mine.map(async (row) => ({ ...row, ...(await vault.open(locked, row.sealed)) })));
}

export const photo = async (digest) => {
  const row = await (await db()).get("photos", digest);
  return row && { ...row, bytes: await vault.openBytes(await key(), row.sealed) };
};
export async function tokenOf(digest, token) {
  const change = (await db()).transaction("photos", "readwrite");
  const row = await change.store.get(digest);
  if (row) await change.store.put({ ...row, token });
  await change.done;
}

// What the server said of records it was sent.
export async function judge(verdicts) {
  const change = (await db()).transaction("records", "readwrite");
  for (const verdict of verdicts) {
    const row = await change.store.get(verdict.id);
    if (!row || !OPEN.includes(row.state)) continue;
    const tries = row.tries + 1;
    const told = { state: verdict.state, reason: verdict.reason ?? "", fields: verdict.fields ?? {}, tries };
    if (verdict.at) told.at = verdict.at;
    if (verdict.notice) told.notice = verdict.notice;
    if (verdict.state === "later") told.next = Date.now() + pause(tries);
    await change.store.put({ ...row, ...told });
  }
  await change.done;
  tell("outbox");
}

// Takes away what may go, and the photographs nothing waits with any more.
export async function clear() {
  const change = (await db()).transaction(["records", "photos"], "readwrite");
  const kept = new Set();
  for (const row of await change.objectStore("records").getAll()) {
    if (mayGo(row)) await change.objectStore("records").delete(row.id);
    else row.photos.forEach((digest) => kept.add(digest));
  }
  for (const digest of await change.objectStore("photos").getAllKeys()) if (!kept.has(digest)) await change.objectStore("photos").delete(digest);
  await change.done;
  tell("outbox");
}

// Somebody has seen to what was to be done of a record.
export const seen = (id) => mark([id], { notice: "" });

// Records were exported.
export const handed = (ids) => mark(ids, { handed: true });

async function mark(ids, told) {
  const change = (await db()).transaction("records", "readwrite");
  for (const id of ids) {
    const row = await change.store.get(id);
    if (row) await change.store.put({ ...row, ...told });
  }
  await change.done;
  tell("outbox");
}

// How long until the next try: longer each time, and never the same for two phones.
export const pause = (tries) => Math.min(15_000 * 2 ** Math.min(tries - 1, 6), 900_000) * (0.5 + Math.random());

export async function photographed(file) {
  const bytes = await file.arrayBuffer();
  return { digest: hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))), name: file.name || "photo.jpg", bytes };
}
