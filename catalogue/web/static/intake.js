// The intake page with scripts: the server's own page, swapped in place; nothing here knows a rule of the law.

import { check, mended } from "./checks.js";
import { combobox } from "./combobox.js";
import { choose, chosen, clear, onChoice, showScans, take, upload } from "./scans.js";
import { $, fieldsOf, form, page, post, say } from "./window.js";

let drafts = null;
let opening = null;
let turn = 0;

// --- showing what the server answers ---

function swap(doc, focus, before) {
  const typed = form() && before ? new URLSearchParams(new FormData(form())) : null;
  const open = [...document.querySelectorAll("#page details[open]")].map((one) => one.querySelector("summary").textContent);
  const here = document.activeElement?.id;
  const y = window.scrollY;
  for (const id of ["page", "bar", "keys"]) {
    const old = $(id);
    const next = doc.getElementById(id);
    if (old && next) old.replaceWith(next);
    else if (old) old.remove();
    else if (next) document.body.insertBefore(next, document.querySelector(".foot"));
  }
  document.title = doc.title;
  if (typed && form()) {
    for (const name of before.keys()) {
      const control = form().elements[name];
      if (control?.type === "checkbox" && !typed.has(name)) control.checked = false;
    }
    for (const [name, value] of typed) {
      if (before.get(name) !== value && form().elements[name] && !["csrf", "revision", "looked", "filler"].includes(name)) {
        const control = form().elements[name];
        if (control.type === "checkbox") control.checked = true;
        else control.value = value;
      }
    }
  }
  for (const one of document.querySelectorAll("#page details")) {
    if (open.includes(one.querySelector("summary").textContent)) one.open = true;
  }
  begin();
  window.scrollTo(0, y);
  ($(focus) ?? $(here))?.focus({ preventScroll: !focus });
}

async function act(what, focus) {
  const mine = ++turn;
  const fields = fieldsOf(what);
  try {
    const { doc, status } = await post(fields);
    if (mine !== turn) return;
    if (!doc.getElementById("page")) return tell(say("服务器没有正常应答，填写的内容都在。", "The server did not answer as it should; everything typed is here."));
    swap(doc, status === 422 ? firstFault(doc) : focus, fields);
    keep();
  } catch {
    tell(say("网络不通：填写不受影响，办理去向在恢复后更新。", "No network: go on typing, the routing card follows later."));
  }
}

const firstFault = (doc) => doc.querySelector("[aria-invalid=true]")?.id;

// Where one looks: in the bar that stays in view, and above the form, where it is read again later.
function tell(words) {
  const note = document.createElement("p");
  note.className = "note";
  note.textContent = words;
  $("says")?.replaceChildren(note);
  const bar = document.createElement("strong");
  bar.textContent = words;
  bar.setAttribute("aria-hidden", "true");
  $("say")?.replaceChildren(bar);
}

// --- receiving ---

let sending = false;

async function submit() {
  if (sending) return;
  sending = true;
  drafts?.pause();
  document.querySelector("#bar .btn--go")?.setAttribute("aria-disabled", "true");
  const fields = fieldsOf("submit");
  const scans = chosen();
  try {
    const { doc, receipt, status } = await post(fields);
    if (!doc.getElementById("page")) {
      tell(say("服务器没有正常应答，不知道是否已收件。再按一次是安全的：不会收两次。", "The server did not answer as it should. Pressing again is safe: nothing is received twice."));
      return;
    }
    if (!receipt) {
      swap(doc, status === 422 ? firstFault(doc) ?? "say" : "says", fields);
      return;
    }
    swap(doc, "number");
    clear();
    await drafts?.sent();
    await upload(receipt.dataset.receipt, scans);
    window.scrollTo(0, 0);
  } catch {
    if (drafts) await drafts.wait(fields, scans);
    else tell(say("网络不通，没有收件。填写的内容都在这一页，请勿关闭，稍后再按一次。", "No network: nothing was received. Keep this page open and press again later."));
  } finally {
    sending = false;
    document.querySelector("#bar .btn--go")?.removeAttribute("aria-disabled");
  }
}

// --- keys ---

const single = () => localStorage.getItem("single-keys") !== "off";
const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.ctrlKey && event.key === "Enter" && form()) {
    event.preventDefault();
    submit();
  } else if (event.altKey && /^Digit[1-5]$/.test(event.code) && form()) {
    const section = $(`sec-${event.code.slice(-1)}`);
    event.preventDefault();
    [...section.querySelectorAll("input:not([type=hidden]), select, textarea, button")].find((one) => one.checkVisibility?.() ?? one.offsetParent)?.focus();
  } else if (single() && !event.ctrlKey && !event.altKey && !event.metaKey && !typing(event.target)) {
    if (event.key === "/" && $("matter_q")) {
      event.preventDefault();
      $("matter_q").select();
      $("matter_q").focus();
    } else if (event.key === "?" && $("keys")) {
      event.preventDefault();
      $("keys").showModal();
    } else if (event.key.toLowerCase() === "s" && form()) {
      document.querySelector("[data-file]:not([data-chosen])")?.click();
    } else if (event.key.toLowerCase() === "n" && $("next")) location.assign($("next").href);
  }
});

// --- binding; everything is bound anew after a swap ---

function begin() {
  for (const one of document.querySelectorAll("[data-print]")) one.hidden = false;
  for (const one of document.querySelectorAll("[data-print]")) one.addEventListener("click", () => window.print());
  const keys = $("single");
  if (keys) {
    keys.checked = single();
    keys.addEventListener("change", () => localStorage.setItem("single-keys", keys.checked ? "on" : "off"));
  }
  if (!form()) return;
  document.querySelector("[data-save]").hidden = !drafts;
  document.querySelector("[data-save]").addEventListener("click", () => drafts?.save());
  for (const input of form().querySelectorAll("[data-find]")) combobox(input, act);
  form().addEventListener("submit", (event) => {
    const pressed = event.submitter?.value || "route";
    if (pressed === "lacking") return;
    event.preventDefault();
    if (pressed === "submit") submit();
    else act(pressed);
  });
  form().addEventListener("focusin", open);
  form().addEventListener("input", (event) => {
    mended(event.target);
    keep();
  });
  form().addEventListener("change", (event) => {
    const { target } = event;
    if (target.dataset.file) choose(target);
    else if (target.matches("[data-route]") || target.id === "locality") act("route");
    else if (target.dataset.check) check(target);
    else if (target.id.endsWith(".document_type")) {
      const number = $(target.id.replace(/document_type$/, "document_number"));
      if (number?.value) check(number);
    }
  });
  showScans();
  drafts?.list();
}

// What is typed or pasted before keeping has loaded is kept as soon as it has.
const keep = () => open().then(() => drafts?.keep());
onChoice(keep);

// Keeping is loaded when somebody begins to fill in, or when something is there from before.
function open() {
  opening ??= import(page().dataset.drafts)
    .then((module) => module.keeper({
      say, post, swap, tell, upload, chosen, fieldsOf, form,
      sending: () => sending, take,
    }))
    .catch(() => null)
    .then((found) => {
      drafts = found;
      if (!form()) return found?.start();
      document.querySelector("[data-save]").hidden = !drafts;
      if (!drafts && $("kept")) $("kept").textContent = say("这台机器不能暂存（须用 https）", "Nothing can be kept on this machine (https needed)");
      return found?.start();
    });
  return opening;
}

addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
begin();
if (page()?.dataset.drafts && window.indexedDB?.databases) {
  const kept = await indexedDB.databases();
  if (kept.some((one) => one.name === "window-drafts")) await open();
}

// Without network this page can be opened again: the worker hands out a page that says what waits.
if (page() && window.isSecureContext) navigator.serviceWorker?.register("/desk/worker.js", { scope: "/desk/" }).catch(() => null);
