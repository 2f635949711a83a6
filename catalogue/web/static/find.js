// Filters the catalogue while one types; without it the form's button does the same.
const form = document.querySelector("[data-find]");
const board = document.querySelector("[data-board]");
const found = document.getElementById("found");

if (form && board && found) {
  const box = form.elements.q;
  const city = form.elements.city?.value ?? "";
  const english = document.documentElement.lang === "en";
  let whole = null;
  // What the server has answered: somebody may have typed on before this script came.
  let asked = box.defaultValue.trim();
  let timer = 0;
  let running = null;

  const render = (answer, words) => {
    const groups = new Map(answer.categories.map((category) => [category.id, { name: category.name, lines: [] }]));
    for (const line of answer.matters) groups.get(line.category)?.lines.push(line);
    board.replaceChildren(
      ...[...groups].filter(([, group]) => group.lines.length).map(([id, group]) => section(id, group, words)),
    );
    const none = answer.count === 0;
    found.textContent = words === "" ? "" : none ? found.dataset.none : found.dataset.some.replace("{n}", answer.count);
    for (const jump of document.querySelectorAll(".jump")) jump.hidden = words !== "";
  };

  const text = (value) => (english ? value.en : value.zh);

  const element = (name, content, attributes = {}) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...[content].flat());
    return made;
  };

  const section = (id, group, words) => {
    const many = group.lines.length;
    const head = element("h3", [`${text(group.name)} `, element("span", english ? `${many}` : `${many} 项`)]);
    const lines = group.lines.map((line) => {
      const link = element("a", text(line.name), { href: `/matters/${encodeURIComponent(line.id)}` });
      const named = `${line.name.zh} ${line.name.en}`.toLowerCase().includes(words.toLowerCase());
      const alias = words && !named && line.aliases.find((other) => other.includes(words));
      return element("li", alias ? [link, element("small", alias, { class: "met", lang: "zh-CN" })] : [link]);
    });
    return element("li", [head, element("ul", lines)], { id: `cat-${id}` });
  };

  const look = async () => {
    const words = box.value.trim();
    if (words === asked) return;
    asked = words;
    running?.abort();
    running = new AbortController();
    const parameters = new URLSearchParams({ q: words });
    if (city) parameters.set("city", city);
    try {
      const answer = words === "" && whole ? whole : await ask(parameters, running.signal);
      if (words === "") whole = answer;
      render(answer, words);
    } catch (error) {
      // The button still works; an aborted question has a newer one behind it.
      if (error.name !== "AbortError") asked = null;
    }
  };

  const ask = async (parameters, signal) => {
    const answer = await fetch(`/api/matters?${parameters}`, { signal, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  };

  box.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(look, 120);
  });
  box.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 0);
  });
  look();
}
