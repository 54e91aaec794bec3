// What time it is by the server, whatever this phone shows. The server reckons the same: prevention/field/clock.py.

export const SLACK = 120_000;
export const LONG = 259_200_000;
const PAGE = crypto.randomUUID();
let known = null;

// The clock, and the ticks since this page was opened: nobody can set those, but they may rest while the phone sleeps.
export const reading = () => ({ at: Date.now(), ticks: performance.now(), page: PAGE });

// The server said its time, between two readings of ours.
export function heard(now, before, after) {
  known = { off: Math.round(now - (before.at + (after.ticks - before.ticks) / 2)), from: after, server: now };
  return known.off;
}

// What another page of this phone heard earlier.
export function recall(off) {
  known ??= off === null ? null : { off, from: null, server: null };
}

// Milliseconds by which the clock is behind the server's now, as far as is known; null where we never heard from it.
export const off = () => (known ? Math.round(now() - Date.now()) : null);

export function now() {
  if (!known) return Date.now();
  if (!known.from) return Date.now() + known.off;
  const waited = Date.now() - known.from.at;
  const ticked = performance.now() - known.from.ticks;
  return waited < ticked || waited - ticked <= SLACK ? known.server + ticked : Date.now() + known.off;
}

// When a record was made, by the server's clock; null where it is longer ago than a phone may keep things.
export function momentOf(made, sent, off, received) {
  const waited = sent.at - made.at;
  const wasSet = off !== null && Math.abs(received - sent.at - off) > SLACK;
  let latest = received;
  if (off !== null && !wasSet) return within(Math.min(made.at + off, received), received);
  if (made.page === sent.page && sent.ticks >= made.ticks) {
    const ticked = sent.ticks - made.ticks;
    latest = received - ticked;
    if (Math.abs(waited - ticked) <= SLACK || (waited < ticked && !wasSet)) return within(latest, received);
  }
  return within(Math.min(off !== null ? made.at + off : received - waited, latest), received);
}

const within = (at, received) => (received - at > LONG ? null : at);
