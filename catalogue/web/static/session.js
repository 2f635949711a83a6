// The end of an idle session on a shared machine: asks a minute before, then hides what the page shows.
// Tabs of one browser share the time of the last sign of life; nothing personal is kept.
const SEEN = "desk-seen";
const OUT = "desk-out";
const body = document.body;
const idle = Number(body.dataset.idle) * 1000;
const who = body.dataset.account;
const zh = document.documentElement.lang.startsWith("zh");
const WARN = 60_000;
const TOUCH = 60_000;
let told = Date.now();

// A page out of the browser's memory shows a case that is no longer to be seen.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

const dialog = document.createElement("dialog");
dialog.className = "idle";
dialog.setAttribute("aria-labelledby", "idle-title");
dialog.innerHTML = "<h2 id='idle-title'></h2><p></p><div class='row'></div>";
body.append(dialog);
const [title, words, buttons] = dialog.children;

function button(text, act, main) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = main ? "btn btn--go" : "btn btn--plain";
  made.textContent = text;
  made.addEventListener("click", act);
  buttons.append(made);
}

function say(heading, sentence, choices) {
  title.textContent = heading;
  words.textContent = sentence;
  buttons.replaceChildren();
  choices.forEach(([text, act], index) => button(text, act, index === 0));
  if (!dialog.open) dialog.showModal();
}

function last() {
  return Math.max(told, Number(localStorage.getItem(SEEN)) || 0);
}

async function touch() {
  told = Date.now();
  localStorage.setItem(SEEN, String(told));
  const answer = await fetch("/api/me", { headers: { accept: "application/json" } });
  if (answer.status === 401) { ended(); return null; }
  return answer.ok ? answer.json() : null;
}

async function carryOn() {
  if (await touch()) dialog.close();
}

async function back() {
  const answer = await fetch("/api/me", { headers: { accept: "application/json" } });
  if (!answer.ok) return;
  const me = await answer.json();
  if (me.id !== who) { location.reload(); return; }
  for (const field of document.querySelectorAll("input[name=csrf]")) field.value = me.csrf_token;
  for (const part of body.children) part.removeAttribute("data-hidden");
  told = Date.now();
  over = false;
  dialog.close();
}

let over = false;

function ended() {
  over = true;
  for (const part of body.children) if (part !== dialog) part.setAttribute("data-hidden", "");
  say(
    zh ? "登录已结束" : "Your session has ended",
    zh ? "页面内容已遮盖。请在新页面重新登录，再回到这里，填写的内容还在。" : "The page is hidden. Sign in again in a new tab and come back: what you typed is kept.",
    [
      [zh ? "重新登录" : "Sign in again", () => open("/sign-in?next=/desk", "_blank", "noopener")],
      [zh ? "我已登录，继续" : "I have signed in", back],
      [zh ? "放弃" : "Leave", () => location.assign("/sign-in")],
    ],
  );
}

// Signing out in one tab hides what the others show, at once.
addEventListener("storage", (event) => { if (event.key === OUT) ended(); });
addEventListener("submit", (event) => {
  if (event.target.action.endsWith("/sign-out")) localStorage.setItem(OUT, String(Date.now()));
});

let due = 0;
for (const sign of ["keydown", "pointerdown", "input"]) {
  addEventListener(sign, () => {
    if (over || dialog.open || Date.now() - told < TOUCH) return;
    touch();
  }, { passive: true });
}

dialog.addEventListener("cancel", (event) => { event.preventDefault(); if (!over) carryOn(); });

// A form that is sent after the session has ended would lose what was typed.
addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.action.endsWith("/sign-out") || Date.now() - told < TOUCH) return;
  event.preventDefault();
  const pressed = event.submitter;
  if (await touch()) form.requestSubmit(pressed ?? undefined);
});

setInterval(() => {
  if (over) return;
  const left = last() + idle - Date.now();
  if (left <= 0) { touch_or_end(); return; }
  if (left <= WARN && !dialog.open) {
    say(
      zh ? "一分钟后将自动退出" : "You will be signed out in a minute",
      zh ? "长时间没有操作。继续办理请按“继续”。" : "Nothing has happened for a while. Choose to go on.",
      [[zh ? "继续" : "Go on", carryOn]],
    );
    due = last();
  } else if (dialog.open && last() > due) dialog.close();
}, 1000);

// Whether the session has really ended the server knows: the call itself is no sign of life after the idle time.
async function touch_or_end() {
  ended();
  const form = document.querySelector("form[action='/sign-out']");
  if (form) await fetch("/sign-out", { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
}
