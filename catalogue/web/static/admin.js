// Checks the form of a matter while one types, by the same rules as saving does. Without scripts the button does it.
const form = document.querySelector("form[data-check]");
const box = document.getElementById("faults");
let waiting = 0;
let running = null;

async function check() {
  running?.abort();
  running = new AbortController();
  const body = new URLSearchParams(new FormData(form));
  body.set("act", "check");
  try {
    const answer = await fetch(form.action, { method: "POST", body, signal: running.signal, headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("faults");
    if (found) box.replaceChildren(...found.childNodes);
  } catch (error) {
    if (error.name !== "AbortError") box.replaceChildren();
  }
}

if (form && form.querySelector("[name=act]")) {
  form.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(check, 400);
  });
}
