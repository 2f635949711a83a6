// The intake page with scripts: the server's own page, swapped in place; nothing here knows a rule of the law.

const zh = document.documentElement.lang.startsWith("zh");
const say = (chinese, english) => (zh ? chinese : english);
const $ = (id) => document.getElementById(id);
const page = () => $("page");
const form = () => $("intake");
const csrf = () => document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? page().dataset.csrf;

let drafts = null;
let opening = null;
let files = new Map();
let turn = 0;

// --- asking the server ---

async function post(fields) {
  const answer = await fetch("/desk/intake", {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": csrf(), Accept: "text/html" },
    body: fields,
  });
  const doc = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { status: answer.status, doc, receipt: doc.querySelector("#page[data-receipt]") };
}

function fieldsOf(act) {
  const fields = new URLSearchParams(new FormData(form()));
  fields.set("do", act);
  return fields;
}

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

// What has been mended is no longer told, beside the field and in the bar; whether it is right now the server says.
function mended(control) {
  if (!control.hasAttribute("aria-invalid") || control.dataset.check) return;
  control.removeAttribute("aria-invalid");
  $(`b-${control.id}`)?.replaceChildren();
  const bar = $("say");
  const told = [...(bar?.querySelectorAll("a") ?? [])];
  const mine = told.find((one) => one.getAttribute("href") === `#${control.id}`);
  if (!mine) return;
  const left = told.filter((one) => one !== mine);
  const many = Number(bar.dataset.faults) - 1;
  bar.dataset.faults = many;
  if (many < 1) return bar.replaceChildren(say("都改过了，请再按一次收件。", "All of it is mended: press receive again."));
  const head = document.createElement("strong");
  head.textContent = say(`须改正 ${many} 处：`, `${many} to mend: `);
  bar.replaceChildren(head, ...left.flatMap((one, index) => (index ? [say("，", "; "), one] : [one])));
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
    files = new Map();
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

const chosen = () => [...files].flatMap(([material, list]) => list.map((file) => ({ material, file })));

async function upload(reference, scans) {
  const failed = [];
  const note = $("sending");
  for (const [index, { material, file }] of scans.entries()) {
    if (note) {
      note.hidden = false;
      note.textContent = say(`正在送扫描件 ${index + 1}／${scans.length}：${file.name}`, `Sending scan ${index + 1} of ${scans.length}: ${file.name}`);
    }
    const body = new FormData();
    body.set("material", material);
    body.set("file", file, file.name);
    const answer = await fetch(`/api/cases/${reference}/files`, { method: "POST", headers: { "X-CSRFToken": csrf(), "Accept-Language": zh ? "zh" : "en" }, body }).catch(() => null);
    if (answer?.ok) {
      const line = document.createElement("li");
      line.textContent = file.name;
      $("scan-list")?.append(line);
    } else failed.push(`${file.name}${answer ? `（${(await answer.json().catch(() => ({}))).detail ?? answer.status}）` : ""}`);
  }
  if (note && scans.length) {
    note.textContent = failed.length
      ? say(`没有送到的扫描件：${failed.join("、")}，请在下面再传一次。`, `Scans that did not arrive: ${failed.join(", ")}. Send them again below.`)
      : say(`扫描件 ${scans.length} 个已送到。`, `${scans.length} scan(s) sent.`);
  }
  return failed;
}

// --- search as one types ---

function combobox(input) {
  const kind = input.dataset.find;
  const box = input.closest(".find") ?? input;
  const hits = document.createElement("ul");
  hits.className = "hits";
  hits.id = `${kind}-hits`;
  hits.setAttribute("role", "listbox");
  hits.setAttribute("aria-label", kind === "matter" ? say("匹配的事项", "Matching matters") : say("可选的地点", "Places"));
  hits.hidden = true;
  box.after(hits);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-controls", hits.id);
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-autocomplete", "list");
  let at = -1;
  let timer = 0;
  let asked = 0;
  let answered = null;

  const mark = (index) => {
    const options = [...hits.children];
    at = options.length ? (index + options.length) % options.length : -1;
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
    if (at >= 0) {
      input.setAttribute("aria-activedescendant", options[at].id);
      options[at].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    hits.hidden = true;
    hits.replaceChildren();
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    const { value } = option.dataset;
    close();
    act(`${kind}:${value}`, kind === "matter" ? "place_q" : "locality");
  };
  const search = async () => {
    const mine = ++asked;
    const typed = input.value.trim();
    if (!typed) return close();
    const answer = await fetch(`/api/${kind === "matter" ? "matters" : "areas"}?q=${encodeURIComponent(typed.slice(0, 100))}`).catch(() => null);
    if (!answer?.ok || mine !== asked || document.activeElement !== input) return;
    const found = await answer.json();
    const regions = JSON.parse(page().dataset.regions || "{}");
    const categories = new Map((found.categories ?? []).map((one) => [one.id, one.name]));
    const lines = kind === "matter"
      ? found.matters.map((one) => [one.id, one.name, [categories.get(one.category)?.[zh ? "zh" : "en"], zh ? one.aliases.slice(0, 3).join("、") : ""].filter(Boolean).join("·")])
      : found.areas.map((one) => [one.place, one.name, `${regions[one.region] ?? one.region}·${one.place}`]);
    hits.replaceChildren(...lines.slice(0, 8).map(([value, name, about], index) => {
      const option = document.createElement("li");
      option.id = `${hits.id}-${index}`;
      option.dataset.value = value;
      option.setAttribute("role", "option");
      const words = document.createElement("span");
      words.textContent = name[zh ? "zh" : "en"];
      const small = document.createElement("small");
      small.textContent = about;
      const key = document.createElement("kbd");
      key.textContent = index ? "↓" : "Enter";
      key.setAttribute("aria-hidden", "true");
      option.append(words, small, ...(index < 2 ? [key] : []));
      option.addEventListener("mousedown", (event) => { event.preventDefault(); choose(option); });
      return option;
    }));
    answered = typed;
    hits.hidden = !hits.children.length;
    input.setAttribute("aria-expanded", String(!hits.hidden));
    mark(hits.children.length ? 0 : -1);
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 90);
  });
  input.addEventListener("keydown", async (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (hits.hidden) await search();
      else mark(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !event.ctrlKey) {
      event.preventDefault();
      clearTimeout(timer);
      if (hits.hidden || answered !== input.value.trim()) await search();
      const option = hits.children[at];
      if (option) choose(option);
      else act("route", kind === "matter" ? "place_q" : undefined);
    } else if (event.key === "Escape" && !hits.hidden) {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", () => setTimeout(close, 120));
  input.addEventListener("change", () => setTimeout(() => {
    if (input.isConnected && document.activeElement !== input && hits.hidden) act("route");
  }, 200));
}

// --- checks beside the field ---

async function check(input) {
  const prefix = input.id.slice(0, input.id.lastIndexOf("."));
  const kind = input.dataset.check === "document" ? $(`${prefix}.document_type`).value : input.dataset.check;
  const body = new URLSearchParams({ kind, value: input.value });
  const answer = await fetch("/desk/intake/check", { method: "POST", body, headers: { "X-CSRFToken": csrf(), Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || !input.isConnected) return;
  let box = $(`b-${input.id}`);
  if (!box) {
    box = document.createElement("div");
    box.className = "beside";
    box.id = `b-${input.id}`;
    input.after(box);
    input.setAttribute("aria-describedby", box.id);
  }
  const { level, message } = await answer.json();
  input.toggleAttribute("aria-invalid", level === "stop");
  if (level === "stop") input.setAttribute("aria-invalid", "true");
  if (level === "ok" || level === "none") box.replaceChildren();
  else {
    const line = document.createElement("p");
    line.className = `check check--${level}`;
    line.setAttribute("role", "status");
    const words = document.createElement("b");
    words.textContent = level === "stop" ? say("请改正 ", "Please mend ") : say("请再看一眼 ", "Look again ");
    const told = document.createElement("span");
    told.append(words, message);
    line.append(told);
    box.replaceChildren(line);
  }
  if (input.id === "applicant.document_number" && level === "ok") earlier();
}

async function earlier() {
  const fields = fieldsOf("earlier");
  const { doc } = await post(fields).catch(() => ({}));
  for (const told of doc?.querySelectorAll("#sec-3 input:not([type=checkbox]):not([type=hidden])") ?? []) {
    const mine = form()?.elements[told.name];
    if (mine && told.value && !mine.value && mine !== document.activeElement) mine.value = told.value;
  }
  const found = doc?.querySelector("#earlier");
  if (found?.querySelector("button") && $("earlier")) {
    $("earlier").replaceWith(document.adoptNode(found));
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

const SCAN = "M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4M3 10h14";
const LARGEST = 15 * 1024 * 1024;
const KINDS = [[0x25, 0x50, 0x44, 0x46], [0xff, 0xd8, 0xff], [0x89, 0x50, 0x4e, 0x47]];

// What the server would refuse is told at once; it looks for itself all the same.
async function refusal(file) {
  if (file.size > LARGEST) return say(`${file.name}：超过 15 MiB，没有选上`, `${file.name}: larger than 15 MiB, left out`);
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (!KINDS.some((kind) => kind.every((byte, n) => head[n] === byte))) return say(`${file.name}：内容不是 PDF、JPEG 或 PNG，没有选上`, `${file.name}: not a PDF, JPEG or PNG by its content, left out`);
  return null;
}

async function choose(input) {
  const material = input.dataset.file;
  const wrong = [];
  const good = [];
  for (const file of input.files) {
    const why = await refusal(file);
    if (why) wrong.push(why);
    else good.push(file);
  }
  const held = files.get(material) ?? [];
  files.set(material, [...held, ...good.filter((file) => !held.some((one) => one.name === file.name && one.size === file.size))]);
  input.value = "";
  showScans();
  const taken = $(`materials.${material}.taken`);
  if (taken && good.length) taken.checked = true;
  const told = document.querySelector(`[data-scan="${CSS.escape(material)}"] .scan-told`);
  if (told) told.textContent = wrong.join("；");
  keep();
}

function chosenList(place, list) {
  place.querySelector(".scan-list").replaceChildren(...list.map((file, index) => {
    const line = document.createElement("li");
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "link";
    drop.textContent = say("去掉", "Remove");
    drop.setAttribute("aria-label", say(`去掉 ${file.name}`, `Remove ${file.name}`));
    drop.addEventListener("click", () => {
      files.set(place.dataset.scan, list.filter((_, n) => n !== index));
      showScans();
      place.querySelector("input").focus();
      keep();
    });
    line.append(`${file.name} `, drop);
    return line;
  }));
}

function scanButton(place) {
  const made = document.createElement("label");
  made.className = "btn btn--plain";
  made.innerHTML = `<svg class="i" viewBox="0 0 20 20" aria-hidden="true"><path d="${SCAN}"/></svg><span></span>`;
  const input = document.createElement("input");
  input.className = "sr";
  input.type = "file";
  input.multiple = true;
  input.accept = "application/pdf,image/jpeg,image/png";
  input.dataset.file = place.dataset.scan;
  input.setAttribute("aria-label", place.dataset.name);
  made.append(input);
  const told = document.createElement("p");
  told.className = "scan-told";
  told.setAttribute("role", "alert");
  const list = document.createElement("ul");
  list.className = "scan-list";
  place.append(made, told, list);
}

function showScans() {
  for (const place of document.querySelectorAll("[data-scan]")) {
    if (!place.firstChild) scanButton(place);
    const list = files.get(place.dataset.scan) ?? [];
    place.querySelector("input").toggleAttribute("data-chosen", list.length > 0);
    place.querySelector("span").textContent = list.length ? say(`已选 ${list.length}`, `${list.length} file${list.length > 1 ? "s" : ""}`) : say("扫描件", "Scan");
    chosenList(place, list);
  }
}

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
  for (const input of form().querySelectorAll("[data-find]")) combobox(input);
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

// Keeping is loaded when somebody begins to fill in, or when something is there from before.
function open() {
  opening ??= import(page().dataset.drafts)
    .then((module) => module.keeper({
      say, post, swap, tell, upload, chosen, fieldsOf, form,
      sending: () => sending,
      take(scans) {
        files = new Map();
        for (const { material, file } of scans) files.set(material, [...(files.get(material) ?? []), file]);
      },
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
