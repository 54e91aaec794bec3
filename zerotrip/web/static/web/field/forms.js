// Small pieces of pages.

import { canScan, scan } from "./camera.js";
import * as clock from "./clock.js";

export const words = JSON.parse(document.getElementById("words").textContent);
export const say = (name, told = {}) => words[name].replace(/\{(\w+)\}/g, (_all, part) => told[part] ?? "");

// An element: attributes, listeners (`onclick`), then children; what is null is left out.
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value") made.value = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const sizeText = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);
// In the place's time, as the reader writes it; the day where it is another than today's.
const shown = (ms, format) => new Date(ms).toLocaleString(document.documentElement.lang === "en" ? "en-GB" : "zh-CN", { timeZone: "Asia/Shanghai", ...format });
const dayText = (ms) => shown(ms, { month: "short", day: "numeric" });
export const clockText = (ms) => shown(ms, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const momentText = (ms) => (dayText(ms) === dayText(clock.now()) ? clockText(ms) : `${dayText(ms)} ${clockText(ms)}`);
// Until when; the end of a day is its own.
export const untilText = (ms) => (clockText(ms) === "00:00" ? momentText(ms - 1).replace("23:59", "24:00") : momentText(ms));

const labelled = (label, optional) => [label, optional ? el("span", { class: "optional" }, " ", words.optional) : null];

// A line to type into.
export function line(name, label, { value = "", optional = false, help = "", ...attributes } = {}) {
  return el(
    "div",
    { class: "field", "data-field": name },
    el("label", { for: name }, labelled(label, optional)),
    help ? el("p", { class: "help", id: `${name}-help` }, help) : null,
    el("input", { type: "text", id: name, name, autocomplete: "off", value, "aria-describedby": help ? `${name}-help` : null, ...attributes }),
  );
}

export function long(name, label, { value = "", optional = false, help = "", ...attributes } = {}) {
  return el("div", { class: "field", "data-field": name }, el("label", { for: name }, labelled(label, optional)), help ? el("p", { class: "help" }, help) : null, el("textarea", { id: name, name, rows: 4, ...attributes }, value));
}

// Choices as buttons under the finger: one of them, or several.
export function choices(name, label, options, { value = "", several = false, optional = false, help = "", inline = false } = {}) {
  const picked = several ? value || [] : [value];
  return el(
    "fieldset",
    { class: "field", "data-field": name, id: name, tabindex: -1 },
    el("legend", {}, labelled(label, optional)),
    help ? el("p", { class: "help" }, help) : null,
    el(
      "div",
      { class: inline ? "choices inline" : "choices" },
      options.map((option) =>
        el(
          "label",
          { class: "choice" },
          el("input", { type: several ? "checkbox" : "radio", name, value: option.value, ...(picked.includes(option.value) ? { checked: true } : {}) }),
          el("span", {}, option.label),
        ),
      ),
    ),
  );
}

export const pick = (name, label, options, { value = "" } = {}) =>
  el("div", { class: "field", "data-field": name }, el("label", { for: name }, label), el("select", { id: name, name }, options.map((one) => el("option", { value: one.value, selected: one.value === value }, one.label))));

export const tick = (name, label, { value = false } = {}) =>
  el("div", { class: "field", "data-field": name }, el("label", { class: "choice" }, el("input", { type: "checkbox", name, value: "1", ...(value ? { checked: true } : {}) }), el("span", {}, label)));

// A button that reads a code by the camera; null where there can be no camera. `tell` is told why nothing was read.
export function camera(came, tell) {
  if (!canScan()) return null;
  const read = () =>
    scan(words).then(
      (text) => text && came(text),
      (error) => tell(error.message),
    );
  return el("button", { class: "btn plain", type: "button", onclick: read }, words.by_camera);
}

// The same beside a line: what is read goes into it as `plain` has it, and what is no number is said there.
export function cameraFor(name, form, plain) {
  const tell = (text) => problems(form(), { [name]: [text] });
  return camera((text) => {
    const number = plain(text);
    if (!number) return tell(words.no_number_code);
    problems(form(), {});
    form().querySelector(`#${name}`).value = number;
  }, tell);
}

// Photographs: made smaller on the phone, shown with a way to take each back.
export function photos(label, { least = 0 } = {}) {
  const held = [];
  const list = el("ul", { class: "files" });
  const input = el("input", { type: "file", class: "file-input", id: "photos", accept: "image/*", capture: "environment", multiple: true });
  input.addEventListener("change", async () => {
    for (const file of input.files) held.push(await smaller(file));
    input.value = "";
    list.replaceChildren(...held.map((file, place) => el("li", {}, el("span", { class: "name" }, `${place + 1}`), el("span", { class: "faint small" }, ` ${Math.ceil(file.size / 1024)} KB`))));
  });
  const field = el("div", { class: "field attach", "data-field": "files" }, el("label", { for: "photos" }, labelled(label, !least)), input, list);
  return { field, held };
}

// Where it is, for the stamp on photographs, if whoever reports ticks so: satellites need no network.
export function positioned() {
  let found = null;
  const said = el("p", { class: "help", role: "status" }, words.position_help);
  const box = el("input", { type: "checkbox", id: "position" });
  box.addEventListener("change", () => {
    found = null;
    if (!box.checked) return;
    navigator.geolocation?.getCurrentPosition(
      ({ coords }) => {
        found = { lat: coords.latitude, lon: coords.longitude, accuracy: Math.min(coords.accuracy, 100_000) };
        said.textContent = words.position_found;
      },
      () => {
        box.checked = false;
        said.textContent = words.position_none;
      },
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
    );
  });
  return { field: el("div", { class: "field" }, el("label", { class: "choice" }, box, el("span", {}, words.position)), said), found: () => found };
}

const LONGEST = 1600;
async function smaller(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
    return new File([blob], `${Date.now()}.jpg`, { type: "image/jpeg" });
  } catch {
    return file;
  }
}

// What a form says: text by name, several where there are several.
export function read(form) {
  const data = new FormData(form);
  return { text: (name) => (data.get(name) ?? "").toString().trim(), list: (name) => data.getAll(name).map(String), has: (name) => data.has(name) };
}

// Says what is wrong at its place, and brings the first under the eye.
export function problems(form, found) {
  for (const old of form.querySelectorAll("p.problem")) old.remove();
  for (const field of form.querySelectorAll("[data-field]")) {
    const texts = found[field.dataset.field] ?? [];
    field.classList.toggle("bad", texts.length > 0);
    const control = field.matches("fieldset") ? field : field.querySelector("input, select, textarea");
    control?.toggleAttribute("aria-invalid", texts.length > 0);
    (field.querySelector("label:not(.choice), legend") ?? field.firstChild)?.after(...texts.map((text) => el("p", { class: "problem" }, text)));
  }
  const first = form.querySelector(".bad");
  (first?.matches("fieldset") ? first : first?.querySelector("input, select, textarea"))?.focus();
  return first === null;
}

export function toast(text, shownFor = 4000) {
  const shown = el("div", { class: "toast" }, text);
  document.getElementById("toasts").replaceChildren(shown);
  setTimeout(() => shown.remove(), shownFor);
}

// A way to sheets for when there is no phone either.
export const sheets = (task, place, more = "") => el("p", { class: "small" }, el("a", { href: `/field/paper/${task}/${place}/${more}`, target: "_blank", rel: "noopener" }, words.print_sheet));

export const head = (title, sub = "", up = "#/") => el("div", { class: "head" }, el("a", { class: "small", href: up }, "‹ ", words.back), el("h1", {}, title), sub ? el("p", { class: "muted" }, sub) : null);
