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
export async function openDrafts() {
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
  async put(id, kind, content, files = []) {
    const record = { id, kind, at: Date.now(), holder: this.#holder };
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
export function hold(name) {
  return new Promise((resolve) => {
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      resolve(Boolean(lock));
      return lock ? new Promise(() => {}) : undefined;
    });
  });
}

/** Do something while holding a name; nothing where another tab is at it. */
export function alone(name, act) {
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? act() : undefined));
}
