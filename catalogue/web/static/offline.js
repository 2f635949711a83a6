// The page that stands in while there is no network: what waits on this machine and why, and back as soon as it can.
// What waits is sealed: without network there is no key, so a line tells its time and its state and nothing else.
const DAY = 24 * 3600 * 1000;
const WHY = {
  draft: ["没填完", "unfinished"],
  waiting: ["等网络恢复后自动送出，只送一次", "goes by itself once the network is back, and once only"],
  refused: ["没有收件，有内容要改正", "not received: something is to be mended"],
  sent: ["已经收件，恢复后看回执", "received: the receipt is there once the network is back"],
};

async function records() {
  const known = indexedDB.databases ? await indexedDB.databases() : [];
  if (!known.some((one) => one.name === "window-drafts")) return [];
  const db = await new Promise((done, failed) => {
    const request = indexedDB.open("window-drafts");
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const found = await new Promise((done) => {
    const request = db.transaction("records").objectStore("records").getAll();
    request.onsuccess = () => done(request.result);
    request.onerror = () => done([]);
  });
  db.close();
  return found.filter((one) => Date.now() - one.at < DAY).sort((a, b) => a.at - b.at);
}

const list = document.getElementById("waiting");
const found = await records().catch(() => []);
for (const { kind, at } of found) {
  const line = document.createElement("li");
  const [zh, en] = WHY[kind] ?? WHY.draft;
  const time = document.createElement("b");
  time.className = "num";
  time.textContent = new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
  const words = document.createElement("span");
  words.textContent = ` ${zh} `;
  const other = document.createElement("span");
  other.lang = "en";
  other.className = "quiet";
  other.textContent = en;
  line.append(time, words, other);
  list.append(line);
}
document.getElementById("none").hidden = found.length > 0;

async function look() {
  const answer = await fetch("/health/live", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
}

addEventListener("online", look);
document.getElementById("again").hidden = false;
document.getElementById("again").addEventListener("click", look);
setInterval(look, 5000);
