// The transcription sheet: the field with the cursor is selected, Enter copies it and goes on to the next.
const fields = [...document.querySelectorAll("[data-transcript] input")];
const said = document.querySelector("[data-copy-said]");

for (const [index, field] of fields.entries()) {
  field.addEventListener("focus", () => field.select());
  field.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy");
    }
    field.dataset.copied = "";
    if (said) said.textContent = `✓ ${field.labels[0].textContent}`;
    fields[index + 1]?.focus();
  });
}
fields[0]?.focus();
