// Checks beside the field: the server says what it makes of a number, and what it knows of its holder from earlier.

import { $, csrf, fieldsOf, form, post, say } from "./window.js";

export async function check(input) {
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

// What has been mended is no longer told, beside the field and in the bar; whether it is right now the server says.
export function mended(control) {
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
