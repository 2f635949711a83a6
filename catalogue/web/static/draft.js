// Drafts on the window's machine: AES-GCM under a key that only the signed-in account is given, never stored itself.
// A record shows in clear an id, whose key opens it (a digest), its kind and its time; everything else is sealed.

const DAY = 24 * 3600 * 1000;
const STORE = "records";

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function database() {
  const request = indexedDB.open("window-drafts", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
  return asked(request);
}

const about = (record) => new TextEncoder().encode(`${record.id} ${record.kind} ${record.at}`);

/** The drafts of who is signed in; null where the browser offers no cryptography (plain http on another machine). */
async function openDrafts() {
  if (!window.isSecureContext || !crypto.subtle || !window.indexedDB) return null;
  const answer = await fetch("/desk/draft-key", { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) return null;
  const { key, holder } = await answer.json();
  const raw = Uint8Array.from(atob(key), (c) => c.charCodeAt(0));
  const sealing = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  raw.fill(0);
  return new Drafts(await database(), sealing, holder);
}

class Drafts {
  #db;
  #key;
  #holder;
  #versions = new Map();

  constructor(db, key, holder) {
    this.#db = db;
    this.#key = key;
    this.#holder = holder;
  }

  #store(mode) {
    return this.#db.transaction(STORE, mode).objectStore(STORE);
  }

  /** Seal and keep. False where another tab has kept something newer under this id: nothing is overwritten then. */
  async put(id, kind, content, files = [], at = Date.now()) {
    const record = { id, kind, at, holder: this.#holder };
    const parts = [new TextEncoder().encode(JSON.stringify({ ...content, files: files.map(({ material, file }) => ({ material, name: file.name, type: file.type })) }))];
    for (const { file } of files) parts.push(new Uint8Array(await file.arrayBuffer()));
    record.sealed = [];
    for (const part of parts) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      record.sealed.push({ iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: about(record) }, this.#key, part) });
    }
    const store = this.#store("readwrite");
    const held = await asked(store.get(id));
    if ((held?.version ?? 0) !== (this.#versions.get(id) ?? 0)) return false;
    record.version = (held?.version ?? 0) + 1;
    await asked(store.put(record));
    this.#versions.set(id, record.version);
    return true;
  }

  /** Id, kind and time of what is kept, own ones with their content; what is older than a day goes. */
  async list() {
    const records = await asked(this.#store("readonly").getAll());
    const found = [];
    for (const record of records) {
      if (Date.now() - record.at > DAY) await this.remove(record.id);
      else if (record.holder !== this.#holder) found.push({ id: record.id, mine: false });
      else {
        const content = await this.#open(record);
        if (content) found.push({ id: record.id, mine: true, kind: record.kind, at: record.at, ...content });
      }
    }
    return found;
  }

  async #open(record) {
    try {
      const [first] = record.sealed;
      const clear = await crypto.subtle.decrypt({ name: "AES-GCM", iv: first.iv, additionalData: about(record) }, this.#key, first.data);
      return JSON.parse(new TextDecoder().decode(clear));
    } catch {
      return null;
    }
  }

  /** The content with its files; remembers the version, so that saving again is saving over what was read. */
  async read(id) {
    const record = await asked(this.#store("readonly").get(id));
    if (!record || record.holder !== this.#holder) return null;
    const content = await this.#open(record);
    if (!content) return null;
    this.#versions.set(id, record.version);
    const files = [];
    for (const [index, { material, name, type }] of content.files.entries()) {
      const { iv, data } = record.sealed[index + 1];
      const clear = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: about(record) }, this.#key, data);
      files.push({ material, file: new File([clear], name, { type }) });
    }
    return { ...content, id, kind: record.kind, at: record.at, files };
  }

  async remove(id) {
    this.#versions.delete(id);
    await asked(this.#store("readwrite").delete(id));
  }
}

/** Hold a name for as long as this page lives; false where another tab holds it. */
function hold(name) {
  return new Promise((resolve) => {
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      resolve(Boolean(lock));
      return lock ? new Promise(() => {}) : undefined;
    });
  });
}

/** Do something while holding a name; nothing where another tab is at it. */
function alone(name, act) {
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? act() : undefined));
}

/** Keep what is typed on the page, send what waits, and list both. ``page`` is what the page can do. */
export async function keeper(page) {
  const drafts = await openDrafts();
  if (!drafts) return null;
  const { say } = page;
  const $ = (id) => document.getElementById(id);
  const fresh = () => ({ id: crypto.randomUUID(), held: false });
  let draft = fresh();
  let saving = 0;

  async function wait(fields, scans) {
    fields.set("looked", "later");
    fields.delete("csrf");
    if (!(await drafts.put(draft.id, "waiting", { fields: fields.toString(), label: label(fields) }, scans))) {
      return page.tell(say("网络不通，没有收件。填写的内容都在这一页，请勿关闭，稍后再按一次。", "No network: nothing was received. Keep this page open and press again later."));
    }
    page.tell(say("网络不通，还没有收件。已加密存在本机，网络恢复后自动送出，只送一次。", "No network, nothing received yet. Kept encrypted on this machine; it will be sent once when the network is back."));
    await list();
  }

  const label = (fields) => fields.get("matter_q") || say("未选事项", "no matter yet");

  async function flush() {
    if (page.sending()) return;
    for (const item of await drafts.list()) {
      if (item.mine && item.kind === "waiting") await alone(`send ${item.id}`, () => send(item.id));
    }
    await list();
  }

  async function send(id) {
    const item = await drafts.read(id);
    if (item?.kind !== "waiting") return;
    let answer;
    try {
      answer = await page.post(new URLSearchParams(item.fields));
    } catch {
      return;
    }
    const { receipt, doc, status } = answer;
    if (receipt) {
      if (id === draft.id && page.form()) {
        page.swap(doc, "number");
        await page.upload(receipt.dataset.receipt, item.files);
        await drafts.remove(id);
        draft = fresh();
        page.take([]);
      } else {
        // Sending is safe to repeat: the record stays as it is until everything has arrived.
        const failed = await page.upload(receipt.dataset.receipt, item.files);
        const text = (name) => doc.getElementById(name)?.textContent ?? "";
        await drafts.put(id, "sent", { label: item.label, reference: receipt.dataset.receipt, number: text("number"), code: text("code"), failed }, [], item.at);
      }
    } else if (status === 401) {
      await drafts.put(id, "waiting", { fields: item.fields, label: item.label, why: "ended" }, item.files, item.at);
    } else if (status < 500) {
      await drafts.put(id, "refused", { fields: item.fields, label: item.label }, item.files, item.at);
    }
  }

  const WHY = {
    draft: () => say("没填完，可接着填", "unfinished"),
    waiting: (item) => (item.why === "ended" ? say("等着重新登录后送出", "waits until you sign in again") : say("网络不通，恢复后自动送出", "waits for the network, then goes by itself")),
    refused: () => say("没有收件：有内容要改正", "not received: something is to be mended"),
    sent: (item) => say(`已收件 ${item.number} 查询码 ${item.code}`, `received as ${item.number}, query code ${item.code}`) + (item.failed.length ? say(`，扫描件没有送到：${item.failed.join("、")}`, `; scans that did not arrive: ${item.failed.join(", ")}`) : ""),
  };

  async function list() {
    const box = $("drafts");
    if (!box) return;
    const items = (await drafts.list()).filter((item) => item.id !== draft.id || (item.mine && item.kind !== "draft"));
    const lines = items.filter((item) => item.mine).map((item) => {
      const line = document.createElement("li");
      const words = document.createElement("span");
      const time = new Date(item.at).toLocaleTimeString(say("zh-CN", "en-GB"), { hour: "2-digit", minute: "2-digit" });
      words.textContent = `${time} ${item.label}·${WHY[item.kind](item)}`;
      line.append(words);
      if (item.kind === "sent") line.append(link(say("打开回执", "Open the receipt"), `/desk/receipts/${item.reference}`));
      else if (item.id !== draft.id) line.append(button(say("接着填", "Go on"), () => resume(item.id)));
      line.append(button(item.kind === "sent" ? say("已交给申请人", "Handed over") : say("删除", "Delete"), () => remove(item.id)));
      return line;
    });
    const others = items.filter((item) => !item.mine).length;
    if (others) {
      const line = document.createElement("li");
      line.textContent = say(`另有 ${others} 份属于别的账号，这里打不开，满一天删除。`, `${others} more belong to other accounts and cannot be opened here.`);
      lines.push(line);
    }
    $("drafts-list").replaceChildren(...lines);
    box.hidden = !lines.length;
  }

  function button(words, pressed) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn--plain btn--small";
    made.textContent = words;
    made.addEventListener("click", pressed);
    return made;
  }

  function link(words, address) {
    const made = document.createElement("a");
    made.className = "btn btn--plain btn--small";
    made.href = address;
    made.textContent = words;
    return made;
  }

  async function remove(id) {
    await drafts.remove(id);
    if (id === draft.id) draft = fresh();
    await list();
  }

  async function resume(id) {
    if (!(await hold(`draft ${id}`))) return page.tell(say("这一份正在另一个标签页里填。", "This one is open in another tab."));
    const item = await drafts.read(id);
    if (!item) return list();
    draft = { id, held: true };
    page.take(item.files);
    const fields = new URLSearchParams(item.fields);
    fields.set("do", item.kind === "refused" ? "submit" : "route");
    fields.set("looked", "");
    if (item.kind !== "draft") await drafts.put(id, "draft", { fields: item.fields, label: item.label }, item.files);
    try {
      const { doc } = await page.post(fields);
      page.swap(doc, "matter_q");
    } catch {
      page.tell(say("网络不通，稍后再打开。", "No network: open it later."));
    }
  }

  function keep() {
    clearTimeout(saving);
    saving = setTimeout(save, 700);
  }

  async function save() {
    clearTimeout(saving);
    if (!page.form() || page.sending()) return;
    if (!draft.held) draft.held = await hold(`draft ${draft.id}`);
    const fields = page.fieldsOf("route");
    fields.delete("csrf");
    const kept = $("kept");
    const held = await drafts.read(draft.id);
    if (held && held.kind !== "draft") return;
    if (await drafts.put(draft.id, "draft", { fields: fields.toString(), label: label(fields) }, page.chosen())) {
      const time = new Date().toLocaleTimeString(say("zh-CN", "en-GB"), { hour: "2-digit", minute: "2-digit" });
      if (kept) kept.textContent = say(`已加密暂存 ${time}`, `Kept, encrypted, ${time}`);
    } else if (kept) kept.textContent = say("另一个标签页存了更新的内容，这里没有覆盖。", "Another tab kept something newer; nothing was overwritten.");
  }

  addEventListener("online", flush);
  setInterval(flush, 20000);
  return {
    wait,
    list,
    save,
    keep,
    pause: () => clearTimeout(saving),
    async sent() {
      const { id } = draft;
      draft = fresh();
      await drafts.remove(id);
    },
    start: flush,
  };
}
