// Small comforts over pages that work without them.

// Tell of a failed request, and that nothing typed was lost.
document.body.addEventListener("htmx:responseError", (event) => say(event.detail.xhr.getResponseHeader("X-Reason") || document.body.dataset.failed));
document.body.addEventListener("htmx:sendError", () => say(document.body.dataset.offline));

// A refused answer still carries the form with its problems: show it.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if ([409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// A form that saves itself is never redrawn under the finger: what was typed, the focus and the buttons stay.
// Only fields that a condition brings up or takes away come and go, and what is computed is written in.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig.elt.closest("form[data-autosave]");
  if (!form) return;
  const saved = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const conflict = saved.getElementById("conflict");
  if (conflict) {
    // Somebody else saved meanwhile: say so once, and save no more until the button is pressed.
    form.dataset.autosave = "off";
    form.prepend(document.importNode(conflict, true));
    form.scrollIntoView();
  } else if (saved.getElementById("fields")) merge(form.querySelector("#fields"), saved.getElementById("fields"));
});
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.dataset.autosave === "off") event.preventDefault();
});

function merge(here, there) {
  let before = null;
  for (const field of [...there.children].filter((child) => child.dataset.field)) {
    const own = [...here.children].find((child) => child.dataset.field === field.dataset.field);
    if (own) update(own, field);
    else if (before) before.after(document.importNode(field, true));
    else here.prepend(document.importNode(field, true));
    before = [...here.children].find((child) => child.dataset.field === field.dataset.field);
  }
  for (const own of [...here.children].filter((child) => child.dataset.field && !child.contains(document.activeElement)))
    if (![...there.children].some((field) => field.dataset.field === own.dataset.field)) own.remove();
}

function update(own, field) {
  const label = ":scope > label, :scope > legend";
  if (own.querySelector(label)) own.querySelector(label).innerHTML = field.querySelector(label).innerHTML;
  const rows = [...field.querySelectorAll(":scope > .group")];
  if (rows.length) return [...own.querySelectorAll(":scope > .group")].forEach((row, place) => rows[place] && merge(row, rows[place]));
  const computed = field.querySelector("output");
  if (computed) own.querySelector("output").textContent = computed.textContent;
}

function say(text) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.textContent = decodeURIComponent(text);
  document.getElementById("toasts").append(toast);
  setTimeout(() => toast.remove(), 6000);
}

// Menus close on a click elsewhere and on Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const open of document.querySelectorAll("details.menu[open], details.act[open]")) open.open = false;
});

// Single keys press the buttons they stand on; never while typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "j" || event.key === "k") return step(event.key === "j" ? 1 : -1);
  if (event.key === "x") return document.activeElement.closest("tr")?.querySelector("input.pick")?.click();
  const asked = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  // A link is followed; a step is only brought under the finger: Enter takes it.
  asked?.matches("a") ? asked.click() : asked?.focus();
});

function step(by) {
  const rows = [...document.querySelectorAll("a.cover")];
  const next = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(document.activeElement) + by))];
  next?.focus();
}

// One tick for all rows of the page.
document.addEventListener("change", (event) => {
  if (event.target.matches("input[data-all]")) for (const pick of event.target.form.querySelectorAll("input.pick")) pick.checked = event.target.checked;
});

// A button that prints the page.
document.addEventListener("click", (event) => {
  if (event.target.matches("button[data-print]")) window.print();
});

// On paper everything is open.
window.addEventListener("beforeprint", () => document.querySelectorAll("main details:not(.act)").forEach((part) => (part.open = true)));

// A form that is sent is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.once === undefined) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Choosing files uploads them at once where there is a script; the button stays for where there is none.
document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=file][data-upload]") && event.target.files.length) event.target.form.requestSubmit();
});

// Files beside a form: shown as they are chosen, one by one taken away again, photographs added to those before.
document.addEventListener("change", (event) => {
  const field = event.target.closest?.("[data-attach]");
  if (!field || !event.target.matches("input[type=file]")) return;
  const chooser = field.querySelector("input[type=file]:not([data-camera])");
  const { most, largest, tooLarge, tooMany } = field.dataset;
  const chosen = new DataTransfer();
  const left = [];
  const room = most - field.querySelectorAll("input[type=checkbox]:checked").length;
  for (const file of [...(field.chosen || []), ...event.target.files])
    if (file.size > largest) left.push(tooLarge + file.name);
    else if (chosen.files.length >= room) left.push(tooMany + file.name);
    else chosen.items.add(file);
  if (event.target !== chooser) event.target.value = "";
  choose(field, chooser, chosen.files);
  let told = field.querySelector("[data-left]");
  if (!told) {
    told = document.createElement("div");
    told.dataset.left = "";
    told.setAttribute("role", "alert");
    chooser.before(told);
  }
  told.replaceChildren(...left.map((text) => Object.assign(document.createElement("p"), { className: "problem", textContent: text })));
});

function choose(field, chooser, files) {
  chooser.files = files;
  field.chosen = [...files];
  let list = field.querySelector("[data-chosen]");
  if (!list) {
    list = document.createElement("ul");
    list.className = "files";
    list.dataset.chosen = "";
    chooser.before(list);
  }
  list.replaceChildren(...field.chosen.map((file, place) => shown(field, chooser, file, place)));
}

function shown(field, chooser, file, place) {
  const line = document.createElement("li");
  const picture = Object.assign(document.createElement("canvas"), { width: 224, height: 224 });
  const name = Object.assign(document.createElement("span"), { className: "name small", textContent: file.name });
  const size = Object.assign(document.createElement("span"), { className: "faint small", textContent: inWords(file.size) });
  const drop = Object.assign(document.createElement("button"), { type: "button", className: "btn quiet s", textContent: field.dataset.drop });
  drop.setAttribute("aria-label", `${field.dataset.drop} ${file.name}`);
  drop.addEventListener("click", () => {
    const rest = new DataTransfer();
    field.chosen.forEach((one, at) => at !== place && rest.items.add(one));
    choose(field, chooser, rest.files);
    chooser.focus();
  });
  picture.setAttribute("aria-hidden", "true");
  draw(picture, file);
  line.append(picture, name, size, document.createElement("br"), drop);
  return line;
}

async function draw(picture, file) {
  const pen = picture.getContext("2d");
  try {
    const image = await createImageBitmap(file);
    const side = Math.min(image.width, image.height);
    pen.drawImage(image, (image.width - side) / 2, 0, side, side, 0, 0, picture.width, picture.height);
    image.close();
  } catch {
    pen.font = "600 44px sans-serif";
    pen.textAlign = "center";
    pen.fillStyle = getComputedStyle(document.body).color;
    pen.fillText(file.name.split(".").pop().slice(0, 5).toUpperCase(), picture.width / 2, picture.height / 2 + 16);
  }
}

function inWords(size) {
  return size >= 1048576 ? `${(size / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(size / 1024))} KB`;
}

// A form that saves itself sends its files only when it is handed in.
document.body.addEventListener("htmx:configRequest", (event) => {
  if (!event.detail.elt.matches("form[data-autosave]")) return;
  for (const [name, value] of [...event.detail.formData]) if (value instanceof File) event.detail.formData.delete(name);
});
document.querySelector("[data-focus]")?.focus();

// Where a photograph was taken goes with it only if whoever reports ticks so and the browser is allowed to tell.
document.addEventListener("change", (event) => {
  const field = event.target.closest?.("[data-position]");
  if (!field || event.target.type !== "checkbox") return;
  const fill = (found) => {
    for (const [name, value] of Object.entries(found)) field.querySelector(`[name="${name}"]`).value = value;
  };
  fill({ lat: "", lon: "", accuracy: "" });
  if (!event.target.checked) return;
  const say = (words) => { field.querySelector("[role=status]").textContent = words; };
  navigator.geolocation?.getCurrentPosition(
    ({ coords }) => { fill({ lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy }); say(field.dataset.found); },
    () => { event.target.checked = false; say(field.dataset.none); },
    { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
  );
});

// Whoever signs out leaves nothing behind that they took along for work without a network; what is not handed in stays.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.action?.endsWith("/sign-out/") || form.dataset.left || !window.indexedDB) return;
  event.preventDefault();
  unsent().then((count) => {
    if (count && !window.confirm(document.body.dataset.unsent.replace("{count}", count))) return;
    form.dataset.left = "1";
    const go = () => form.submit();
    const gone = indexedDB.deleteDatabase("zerotrip-day");
    gone.onsuccess = gone.onerror = gone.onblocked = go;
  });
});

// How many records written down in the field this device has not handed in. Looks, and makes no store where there is none.
function unsent() {
  return new Promise((tell) => {
    const asked = indexedDB.open("zerotrip-outbox");
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onerror = () => tell(0);
    asked.onsuccess = () => {
      const rows = asked.result.transaction("records").objectStore("records").getAll();
      const count = ({ UNSENT }) => rows.result.filter((row) => UNSENT.includes(row.state)).length;
      rows.onsuccess = () => import("./field/states.js").then(count).then(tell, () => tell(0));
      rows.onerror = () => tell(0);
      asked.result.close();
    };
  });
}
