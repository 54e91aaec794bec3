// Begins: which page, the worker, and when the outbox is handed in.

import * as clock from "./clock.js";
import { door } from "./door.js";
import { el, say, toast, words } from "./forms.js";
import { gate } from "./gate.js";
import { inspection } from "./inspection.js";
import { leaflet, leaflets } from "./leaflet.js";
import * as outbox from "./outbox.js";
import { box, start } from "./pages.js";
import { report } from "./report.js";
import { sampling } from "./sampling.js";
import { APART, hello, run, state, wake } from "./sync.js";

const ROUTES = [
  [/^#\/outbox$/, () => box()],
  [/^#\/gate\/([\w-]+)$/, (asked, id) => gate(id, asked)],
  [/^#\/door\/([\w-]+)$/, (asked, id) => door(id, asked)],
  [/^#\/sample\/([\w-]+)$/, (asked, id) => sampling(id, asked)],
  [/^#\/inspection\/([\w-]+)(?:\/([\w-]+))?$/, (asked, id, item) => inspection(id, item, asked)],
  [/^#\/leaflets$/, () => leaflets()],
  [/^#\/leaflet\/([\w-]+)\/([\w-]+)$/, (asked, id, person) => leaflet(id, person, asked)],
  [/^#\/report\/(\d+)\/([\w-]+)$/, (asked, window, subject) => report(window, subject, asked)],
];
const AGAIN = 60_000;
// How long it is said that something was not written down.
const LONG = 15_000;
const page = document.getElementById("page");
let drawn = 0;

async function draw() {
  const mine = ++drawn;
  const [path, query = ""] = location.hash.split("?");
  const asked = Object.fromEntries(new URLSearchParams(query));
  const found = ROUTES.map(([pattern, show]) => [path.match(pattern), show]).find(([match]) => match);
  const children = await (found ? found[1](asked, ...found[0].slice(1)) : start());
  if (mine !== drawn) return; // another page was asked for meanwhile
  page.replaceChildren(...children);
  page.dataset.drawn = path || "#/";
}

async function tellContact() {
  const { waiting, refused } = await outbox.counts();
  const dot = document.getElementById("waiting");
  dot.hidden = !(waiting + refused);
  dot.textContent = waiting + refused;
  if (waiting) wake();
  const contact = state();
  const known = await outbox.about("account"); // whoever never signed in here is asked to, and has lost nothing
  const texts = [{ offline: words.offline, another: words.another, revoked: words.revoked, "sign-in": known && words.sign_in }[contact.state] ?? contact.reason];
  const off = clock.off();
  if (off !== null && Math.abs(off) > clock.SLACK) texts.push(say("clock_off", { minutes: Math.round(Math.abs(off) / 60_000) }));
  if (waiting) texts.push(say("count_waits", { count: waiting }));
  if (refused) texts.push(say("count_refused", { count: refused }));
  const shown = document.getElementById("contact");
  const text = texts.filter(Boolean).join(" · ");
  if (shown.textContent !== text) shown.textContent = text;
  shown.hidden = !text;
  shown.classList.toggle("warning", contact.state !== "good" && contact.state !== "offline");
  shown.dataset.state = contact.state;
}

// Pages that are only looked at are drawn anew with the news; what is being filled in stays.
const STILL = /^#\/(gate|report|sample|door|inspection|leaflet)/;
outbox.listen(async (what) => {
  await tellContact();
  const typing = page.querySelector("details[open] form") !== null;
  if ((what === "outbox" && location.hash.startsWith("#/outbox") && !typing) || (what === "day" && !STILL.test(location.hash))) await draw();
});

let planned = null;
function plan(ms) {
  clearTimeout(planned);
  planned = setTimeout(handIn, ms);
}

async function handIn() {
  await run();
  await tellContact();
  plan(AGAIN * (0.5 + Math.random()));
}

addEventListener("online", () => plan(Math.random() * APART));
addEventListener("offline", () => hello().then(tellContact));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && plan(Math.random() * 2000));
addEventListener("hashchange", () => draw().then(() => page.focus({ preventScroll: true })));
addEventListener("unhandledrejection", (event) => {
  if (event.reason?.name === "ConstraintError") toast(words.typed_before, LONG);
  if (event.reason instanceof outbox.NotReady) toast(words.clock_unknown, LONG);
  else if (event.reason?.name === "QuotaExceededError") toast(words.storage_full, LONG);
});

async function work() {
  if (!("serviceWorker" in navigator)) return;
  const registered = await navigator.serviceWorker.register("/field/worker.js", { type: "module", scope: "/field/", updateViaCache: "none" });
  const offer = () => registered.waiting && navigator.serviceWorker.controller && offerUpdate(registered.waiting);
  registered.addEventListener("updatefound", () => registered.installing?.addEventListener("statechange", offer));
  offer();
  navigator.serviceWorker.addEventListener("message", (event) => event.data === "language" && location.reload());
  outbox.listen((what) => {
    const told = what.contact;
    if (told?.language && told.language !== document.documentElement.lang) registered.active?.postMessage("language");
    if (told?.version && told.version !== document.documentElement.dataset.version) registered.update().catch(() => {});
  });
}

// A new version comes when somebody says so: nothing half filled in is lost, and the outbox is left alone.
function offerUpdate(waiting) {
  if (document.getElementById("update")) return;
  const go = () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    waiting.postMessage("update");
  };
  page.before(el("p", { class: "message", id: "update" }, words.new_version, " ", el("button", { class: "btn s", type: "button", onclick: go }, words.update)));
}

// Without a store there is no outbox: better said at once than after the first vehicle.
async function begin() {
  clock.recall(await outbox.about("off"));
  work().catch(() => {});
  await run();
  await tellContact();
  await draw();
  plan(AGAIN * (0.5 + Math.random()));
}

await begin().catch((error) => {
  page.replaceChildren(el("p", { class: "message error", role: "alert" }, words.no_storage));
  console.error(error);
});
document.documentElement.dataset.ready = "1";
