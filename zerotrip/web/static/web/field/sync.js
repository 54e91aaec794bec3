// Hands the outbox in: a batch at a time, photographs ahead, each record judged by itself. Pages and the worker run it.

import * as clock from "./clock.js";
import * as day from "./day.js";
import * as outbox from "./outbox.js";

const MOST = 50;
const LARGEST = 400_000;
// A whole city's phones come back at once: each waits a moment of its own.
export const APART = 20_000;
let contact = { state: "offline" };

export const state = () => contact;

function say(told) {
  contact = told;
  outbox.tell({ contact: told });
  return told;
}

// Asks whether the server is there, what time it is and who we are to it.
export async function hello() {
  const before = clock.reading();
  const phone = await outbox.about("phone");
  let told;
  try {
    const answer = await fetch(`/field/hello/?phone=${phone ?? ""}`, { cache: "no-store", signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) return say({ state: "offline" });
    told = await answer.json();
  } catch {
    clock.recall(await outbox.about("off"));
    return say({ state: "offline" });
  }
  const off = clock.heard(told.now, before, clock.reading());
  await outbox.note("off", off);
  if (told.account) {
    const last = await outbox.about("account");
    if (last && last.id !== told.account) {
      // Somebody else works here now: what the other was given goes, what they wrote down waits for them.
      await day.drop();
      if (told.state === "another") await outbox.note("phone", null);
    }
    await outbox.note("account", { id: told.account, name: told.name });
    if (told.state === "another") told.state = "good";
  }
  if (told.state === "revoked") await day.drop();
  return say({ ...told, off });
}

// One run at a time on this phone. Returns the state of the contact.
export const run = ({ all = false } = {}) =>
  navigator.locks.request("zerotrip-sync", { ifAvailable: true }, (lock) => (lock ? handIn(all) : contact));

// Lets the worker hand in once the network is back, though the page is closed by then; where the browser can.
export async function wake() {
  const worker = await navigator.serviceWorker?.ready;
  await worker?.sync?.register("outbox").catch(() => {});
}

async function handIn(all) {
  const told = await hello();
  if (told.state !== "good") return told;
  const sent = new Set();
  let size = MOST;
  for (;;) {
    const waiting = (await outbox.due(told.account, { all })).filter((row) => !sent.has(row.id));
    const batch = fitting(waiting, size);
    if (!batch.length) return contact;
    const ready = [];
    for (const row of batch) {
      const tokens = await tokensOf(row, told.token);
      if (tokens) ready.push({ id: row.id, kind: row.kind, made: row.made, off: row.off, payload: row.payload, photos: tokens });
      sent.add(row.id);
    }
    if (!ready.length) continue;
    const answer = await send(ready, told);
    if (answer === "smaller" && size > 1) {
      size = Math.ceil(size / 2);
      ready.forEach((row) => sent.delete(row.id));
    } else if (!answer?.verdicts) return contact;
    else {
      await outbox.note("phone", answer.phone);
      // A photograph the server has lost meanwhile is sent anew with the next try.
      for (const verdict of answer.verdicts)
        if (verdict.state === "later") for (const digest of batch.find((row) => row.id === verdict.id)?.photos ?? []) await outbox.tokenOf(digest, "");
      await outbox.judge(answer.verdicts);
    }
  }
}

function fitting(rows, most) {
  const found = [];
  let bytes = 0;
  for (const row of rows.slice(0, most)) {
    bytes += JSON.stringify(row.payload).length * 3 + 500;
    if (found.length && bytes > LARGEST) break;
    found.push(row);
  }
  return found;
}

async function send(records, { account, token }) {
  const body = { phone: await outbox.about("phone"), account, kind: navigator.userAgent.slice(0, 400), sent: clock.reading(), records };
  let answer;
  try {
    answer = await fetch("/field/sync/", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
  } catch {
    say({ state: "offline" });
    return null;
  }
  if (answer.status === 413) return "smaller";
  const told = await answer.json().catch(() => null);
  if (!answer.ok) say({ ...contact, state: told?.state ?? "offline", reason: told?.reason });
  return answer.ok ? told : null;
}

// The tokens of a record's photographs, each sent if the server does not have it yet; null where one did not get through.
async function tokensOf(row, token) {
  const tokens = [];
  for (const digest of row.photos) {
    const photo = await outbox.photo(digest);
    if (!photo) continue;
    if (!photo.token) {
      const form = new FormData();
      form.append("file", new File([photo.bytes], photo.name));
      try {
        const answer = await fetch(`/field/photos/${digest}/`, { method: "POST", headers: { "X-CSRFToken": token }, body: form, signal: AbortSignal.timeout(120_000) });
        const told = await answer.json();
        if (!answer.ok) {
          const state = answer.status === 413 || answer.status === 415 ? "refused" : "later";
          await outbox.judge([{ id: row.id, state, reason: told.reason }]);
          return null;
        }
        photo.token = told.token;
        await outbox.tokenOf(digest, told.token);
      } catch {
        return null;
      }
    }
    tokens.push(photo.token);
  }
  return tokens;
}
