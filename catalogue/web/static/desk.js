// Keys for the desk and the case page. Each key does what a link or a control beside it does too; none decides.
const SWITCH = "desk-keys";
const list = document.querySelector("[data-list]");
const acts = document.querySelector("[data-acts]");

function keysOn() {
  return localStorage.getItem(SWITCH) !== "off";
}

function showKeys() {
  for (const hint of document.querySelectorAll("[data-keys], kbd")) hint.hidden = !keysOn();
  for (const box of document.querySelectorAll("[data-keys-switch] input")) box.checked = keysOn();
}

for (const label of document.querySelectorAll("[data-keys-switch]")) {
  label.hidden = false;
  label.querySelector("input").addEventListener("change", (event) => {
    localStorage.setItem(SWITCH, event.target.checked ? "on" : "off");
    showKeys();
  });
}
showKeys();

function typing(target) {
  return target.closest("input:not([type=checkbox]), textarea, select, dialog") !== null;
}

// The list: one row is chosen, its link has the focus.
const rows = list ? [...list.querySelectorAll("tbody tr")] : [];
let chosen = -1;

function choose(index) {
  if (index < 0 || index >= rows.length) return;
  for (const row of rows) row.removeAttribute("data-chosen");
  chosen = index;
  rows[chosen].setAttribute("data-chosen", "");
  const link = rows[chosen].querySelector("th a");
  link.focus({ preventScroll: true });
  rows[chosen].scrollIntoView({ block: "nearest" });
}

rows.forEach((row, index) => {
  row.addEventListener("focusin", () => {
    for (const other of rows) other.removeAttribute("data-chosen");
    chosen = index;
    row.setAttribute("data-chosen", "");
  });
});

let jumping = false;

function listKey(key) {
  if (jumping) {
    jumping = false;
    const link = document.querySelectorAll("[data-queues] .queues a")[Number(key) - 1];
    if (link) link.click();
    return Boolean(link);
  }
  const row = rows[chosen];
  switch (key) {
    case "j": choose(chosen + 1); return true;
    case "k": choose(chosen - 1); return true;
    case "x": {
      const box = row?.querySelector("input[type=checkbox]");
      if (box) { box.checked = !box.checked; counted(); }
      return Boolean(box);
    }
    case "c": row?.querySelector("button[name=only]")?.click(); return Boolean(row);
    case "/": document.getElementById("q")?.focus(); return true;
    case "g": jumping = true; return true;
    default: return false;
  }
}

// Tick all of this page; the buttons say how many are ticked.
const boxes = list ? [...list.querySelectorAll("tbody input[type=checkbox]")] : [];
const every = list?.querySelector("[data-every]");
const batch = list ? [...list.querySelectorAll("button[name=batch]")] : [];
for (const button of batch) button.dataset.words = button.textContent;

function counted() {
  const ticked = boxes.filter((box) => box.checked).length;
  for (const button of batch) button.textContent = ticked ? `${button.dataset.words} · ${ticked}` : button.dataset.words;
  if (every) every.querySelector("input").checked = ticked > 0 && ticked === boxes.length;
}

for (const box of boxes) box.addEventListener("change", counted);
if (every && boxes.length) {
  every.hidden = false;
  every.querySelector("input").addEventListener("change", (event) => {
    for (const box of boxes) box.checked = event.target.checked;
    counted();
  });
}

// The case page: a key opens the form of an act and goes into its first field.
function open(details) {
  details.open = true;
  const field = details.querySelector("input:not([type=hidden]):not([type=checkbox]), select, textarea") ?? details.querySelector("button");
  field.focus();
  details.scrollIntoView({ block: "nearest" });
}

for (const link of document.querySelectorAll("a[data-opens]")) {
  link.addEventListener("click", (event) => {
    const details = document.getElementById(link.dataset.opens);
    if (details) { event.preventDefault(); open(details); }
  });
}

function caseKey(key) {
  if (key === "[" || key === "]") {
    const scans = [...document.querySelectorAll("a[data-scan]")];
    const at = scans.findIndex((link) => link.hasAttribute("aria-current"));
    const next = scans[key === "]" ? at + 1 : Math.max(at, 0) - 1] ?? (at < 0 ? scans[0] : null);
    if (next) next.click();
    return Boolean(next);
  }
  const details = [...acts?.querySelectorAll("details[data-key]") ?? []].find((one) => one.dataset.key === key);
  if (details) { open(details); return true; }
  const link = document.querySelector(`a[data-key="${key}"]`);
  if (link) link.click();
  return Boolean(link);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && acts) {
    const details = event.target.closest?.("details[open]");
    if (details) { details.open = false; details.querySelector("summary").focus(); }
    return;
  }
  if (!keysOn() || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || typing(event.target)) return;
  const key = event.key.toLowerCase();
  if ((list && rows.length ? listKey(key) : caseKey(key))) event.preventDefault();
});

// What went wrong is read first; a form in which something is wrong gets the focus in its first such field.
(document.querySelector("[aria-invalid=true]") ?? document.getElementById("problem"))?.focus();

// A certificate may have more copies than the form offers at first.
const copies = document.querySelector("[data-copies]");
if (copies) {
  const more = document.createElement("button");
  more.type = "button";
  more.className = "btn btn--plain";
  more.textContent = document.documentElement.lang.startsWith("zh") ? "再加一本" : "One more";
  more.addEventListener("click", () => {
    const all = copies.querySelectorAll(".copy");
    const row = all[all.length - 1].cloneNode(true);
    for (const field of row.querySelectorAll("[name]")) {
      field.name = field.name.replace(/\d+$/, all.length);
      if (field.name.startsWith("copy_no.")) field.value = Number(field.value) + 1;
      if (field.name.startsWith("copy_blank.")) field.value = "";
      if (field.type === "checkbox") field.checked = true;
    }
    copies.append(row);
    row.querySelector("input[name^=copy_blank]").focus();
  });
  copies.after(more);
}

// A signature: strokes as moves and lines of an SVG path, in the picture's own units. Without scripts one signs on paper.
for (const field of document.querySelectorAll("[data-signature]")) {
  const picture = field.querySelector("svg");
  const path = field.querySelector("path");
  const kept = field.previousElementSibling;
  let strokes = kept.value;
  let drawing = false;
  const point = (event) => {
    const box = picture.getBoundingClientRect();
    const x = Math.round(((event.clientX - box.left) / box.width) * 600);
    const y = Math.round(((event.clientY - box.top) / box.height) * 200);
    return `${Math.min(Math.max(x, 0), 600)} ${Math.min(Math.max(y, 0), 200)}`;
  };
  const show = () => {
    path.setAttribute("d", strokes);
    kept.value = strokes;
  };
  picture.addEventListener("pointerdown", (event) => {
    drawing = true;
    picture.setPointerCapture(event.pointerId);
    strokes += `M${point(event)}`;
    show();
  });
  picture.addEventListener("pointermove", (event) => {
    if (!drawing || strokes.length > 50000) return;
    strokes += `L${point(event)}`;
    show();
  });
  for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, () => (drawing = false));
  field.querySelector("[data-clear]").addEventListener("click", () => {
    strokes = "";
    show();
  });
  field.hidden = false;
}
