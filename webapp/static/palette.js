// The command palette: Ctrl+K lists pages, actions and saved searches, and what is typed narrows the list.

const place = document.querySelector("[data-commands]");
let dialog = null;

async function made() {
  const answer = await fetch(place.dataset.commands);
  if (!answer.ok) return null;
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  document.body.append(template.content);
  const found = document.getElementById("palette");
  const field = found.querySelector("input");
  const items = [...found.querySelectorAll("li")];
  const shown = () => items.filter((item) => !item.hidden);

  const narrow = () => {
    const words = field.value.toLowerCase().split(/\s+/);
    for (const item of items) {
      const text = item.textContent.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
    }
  };
  const step = (by) => {
    const links = shown().map((item) => item.querySelector("a"));
    const at = links.indexOf(document.activeElement) + by;
    (links[at] ?? field).focus();
  };
  field.addEventListener("input", narrow);
  found.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && event.target === field) {
      event.preventDefault();
      shown()[0]?.querySelector("a").click();
    }
  });
  found.addEventListener("close", () => {
    field.value = "";
    narrow();
  });
  // A key that isn't a link: what it does is done by the page.
  found.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (event.target === found || (link && new URL(link.href).pathname === location.pathname && link.hash)) {
      found.close();
    }
  });
  return found;
}

document.addEventListener("keydown", async (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  event.preventDefault();
  dialog ??= await made().catch(() => null);
  if (dialog && !document.querySelector("dialog[open]")) {
    dialog.showModal();
  }
});
