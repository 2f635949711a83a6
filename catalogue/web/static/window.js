// What the scripts of the window share: the language, the page and its form, and asking the server.

export const zh = document.documentElement.lang.startsWith("zh");
export const say = (chinese, english) => (zh ? chinese : english);
export const $ = (id) => document.getElementById(id);
export const page = () => $("page");
export const form = () => $("intake");
export const csrf = () => document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? page().dataset.csrf;

export async function post(fields) {
  const answer = await fetch("/desk/intake", {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": csrf(), Accept: "text/html" },
    body: fields,
  });
  const doc = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { status: answer.status, doc, receipt: doc.querySelector("#page[data-receipt]") };
}

export function fieldsOf(act) {
  const fields = new URLSearchParams(new FormData(form()));
  fields.set("do", act);
  return fields;
}
