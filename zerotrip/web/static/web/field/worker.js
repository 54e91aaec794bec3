// Answers for the page without a network. The server puts the imports and TOLD (version, files, reader) above this.

const CACHE = `field-${TOLD.version}`;
const fresh = (address) => new Request(address, { cache: "reload", credentials: "same-origin" });

self.addEventListener("install", (event) => {
  event.waitUntil(keep());
});

// The reader of codes goes along where the browser has none of its own.
async function keep() {
  const files = (await readsItself()) ? TOLD.files : [...TOLD.files, ...TOLD.reader];
  await (await caches.open(CACHE)).addAll(files.map(fresh));
}

// The stores of records are left alone, whatever version comes.
self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("field-") && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "update") self.skipWaiting();
  if (event.data === "language")
    event.waitUntil(
      caches
        .open(CACHE)
        .then((cache) => cache.add(fresh(TOLD.page)))
        .then(() => event.source.postMessage("language")),
    );
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin || ![...TOLD.files, ...TOLD.reader].includes(address.pathname)) return;
  event.respondWith(
    caches
      .open(CACHE)
      .then((cache) => cache.match(address.pathname, { ignoreVary: true }))
      .then((kept) => kept ?? fetch(event.request)),
  );
});

self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(handIn(event.lastChance));
});

// The network is back. A page in sight hands in itself; while something waits, the browser is to try again.
async function handIn(last) {
  const pages = await self.clients.matchAll({ type: "window" });
  if (!pages.some((page) => page.visibilityState === "visible")) {
    if (!last) await new Promise((next) => setTimeout(next, Math.random() * APART));
    await run();
  }
  if ((await counts()).waiting) throw new Error("not handed in yet");
}
