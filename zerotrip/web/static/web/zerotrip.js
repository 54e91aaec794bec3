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
  const asked = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  // A link is followed; a step is only brought under the finger: Enter takes it.
  asked?.matches("a") ? asked.click() : asked?.focus();
});

function step(by) {
  const rows = [...document.querySelectorAll("a.cover")];
  const next = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(document.activeElement) + by))];
  next?.focus();
}

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
document.querySelector("[data-focus]")?.focus();
