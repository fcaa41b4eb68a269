// Buttons that copy a text of the page or of a field, and say so.

// Milliseconds until a button is as it was.
const AGAIN = 2_000;

for (const button of document.querySelectorAll("[data-copy]")) {
  const words = button.innerHTML;
  const place = document.getElementById(button.dataset.copy);
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText((place.value ?? place.textContent).trim());
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.innerHTML = words; }, AGAIN);
  });
}
