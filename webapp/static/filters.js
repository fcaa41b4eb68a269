// The list of filters without a new page for every button: the server's answer to the same form takes the place
// of the list. Rows can be dragged, too. Whatever goes wrong, the form is sent as it would be without us.

const LIST = "filter-list";

const list = document.getElementById(LIST);
const said = document.createElement("div");
said.className = "said";
said.setAttribute("role", "status");
const whispered = said.cloneNode();
whispered.className = "hidden";
list.after(said, whispered);

let busy = false;

async function send(form, goOn = () => {}) {
  if (busy) return;
  busy = true;
  list.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(addressOf(form), { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || !page.getElementById(LIST)) throw new Error("no list");
    const known = new Set(ids());
    renew(page);
    tell(page, addressOf(form).endsWith("/move"));
    goOn(ids().find((id) => !known.has(id)));
  } catch {
    form.submit();
  } finally {
    busy = false;
    list.removeAttribute("aria-busy");
  }
}

// Some forms have a field that is called "action", which hides the property.
const addressOf = (form) => form.getAttribute("action");

const ids = () => [...list.querySelectorAll(".filter")].map((row) => row.id);

function renew(page) {
  const open = [...list.querySelectorAll("details[open][id]")].map((each) => each.id);
  list.replaceChildren(...page.getElementById(LIST).childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  prepare();
}

// What the next page would say. A move is seen; it's told to those who don't see it.
function tell(page, moved) {
  for (const old of document.querySelectorAll("main > [role=status]:not(.said, .hidden)")) old.remove();
  const news = [...page.querySelectorAll("main > [role=status]")];
  said.replaceChildren(...(moved ? [] : news));
  whispered.textContent = moved ? news.map((each) => each.textContent.trim()).join(" ") : "";
  for (const each of news) each.removeAttribute("role");
}

function prepare() {
  for (const row of list.querySelectorAll(".filter")) {
    const handle = document.createElement("span");
    handle.className = "handle";
    handle.setAttribute("aria-hidden", "true");
    handle.addEventListener("pointerdown", (event) => drag(event, row, handle));
    row.prepend(handle);
  }
}

function drag(event, row, handle) {
  if (event.button !== 0 || busy) return;
  event.preventDefault();
  handle.setPointerCapture(event.pointerId);
  row.classList.add("dragged");
  const rows = () => [...row.parentElement.children];
  const before = rows().indexOf(row);

  const move = ({ clientY }) => {
    const [previous, next] = [row.previousElementSibling, row.nextElementSibling];
    // The others move: a row that leaves the page for a moment loses the pointer.
    if (previous && clientY < middle(previous)) row.after(previous);
    else if (next && clientY > middle(next)) row.before(next);
    row.scrollIntoView({ block: "nearest" });
  };
  const end = (dropped) => {
    handle.removeEventListener("pointermove", move);
    row.classList.remove("dragged");
    const position = rows().indexOf(row);
    if (dropped.type === "pointercancel") putAt(row, before);
    else if (position !== before) moveTo(row, position);
  };
  handle.addEventListener("pointermove", move);
  handle.addEventListener("pointerup", end, { once: true });
  handle.addEventListener("pointercancel", end, { once: true });
}

function putAt(row, position) {
  const others = [...row.parentElement.children].filter((each) => each !== row);
  row.parentElement.insertBefore(row, others[position] ?? null);
}

function middle(row) {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}

function moveTo(row, position) {
  const form = row.querySelector("form[action$='/move']");
  form.elements.position.value = position;
  send(form);
}

// After the press, the keyboard goes on from the same button, or from the other arrow at the end of the way.
function buttonAfter(form, button) {
  const [direction, id] = button.id.split("-");
  if (!id) return list.querySelector(`.filter form[action="${addressOf(form)}"] button`);
  const position = Number(form.elements.position.value);
  const other = position === 0 ? "down" : position === ids().length - 1 ? "up" : direction;
  return document.getElementById(`${other}-${id}`);
}

// What was taken away can be brought back there, and what was brought back or added is here.
function placeAfter(added) {
  return said.querySelector("button") ?? list.querySelector(added ? `#${added} h3 a` : "a");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!list.contains(form) && !said.contains(form)) return;
  event.preventDefault();
  const button = event.submitter ?? form.querySelector("button");
  send(form, (added) => (buttonAfter(form, button) ?? placeAfter(added))?.focus());
});

prepare();
