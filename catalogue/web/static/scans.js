// Scans chosen for the papers of an application, held here until it is received and then sent one by one.

import { $, csrf, say, zh } from "./window.js";

let files = new Map();
let kept = () => {};

// What to call when the choice has changed.
export function onChoice(call) {
  kept = call;
}

export function clear() {
  files = new Map();
}

export function take(scans) {
  clear();
  for (const { material, file } of scans) files.set(material, [...(files.get(material) ?? []), file]);
}

export const chosen = () => [...files].flatMap(([material, list]) => list.map((file) => ({ material, file })));

export async function upload(reference, scans) {
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

export async function choose(input) {
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
  kept();
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
      kept();
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

export function showScans() {
  for (const place of document.querySelectorAll("[data-scan]")) {
    if (!place.firstChild) scanButton(place);
    const list = files.get(place.dataset.scan) ?? [];
    place.querySelector("input").toggleAttribute("data-chosen", list.length > 0);
    place.querySelector("span").textContent = list.length ? say(`已选 ${list.length}`, `${list.length} file${list.length > 1 ? "s" : ""}`) : say("扫描件", "Scan");
    chosenList(place, list);
  }
}
