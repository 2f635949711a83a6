// Search as one types: matters and places, by keyboard and by mouse. `act` asks the server for what was chosen.

import { page, say, zh } from "./window.js";

export function combobox(input, act) {
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
