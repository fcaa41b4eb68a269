// The inbox: what arrives is put on top without moving what is being read; rows are worked through with the
// keyboard or by their buttons, each of which says what it did and can be undone; the search is completed.

const news = document.querySelector("[data-live]");
const entries = document.getElementById("entries");
const triage = document.getElementById("triage");
const search = document.getElementById("q");
const keys = document.getElementById("keys");
// Milliseconds after which one asks again whoever said that there's nothing to ask for.
const LATER = 60_000;
const PAUSE = 120; // milliseconds without a key before completions are asked for

let since = null;
let source = null;
let arrived = 0;

const rows = () => [...entries.querySelectorAll(".entry")];

/* What arrives */

// The list of the entry's day, or of those that are back from their snooze, which come first. It's made if the
// entry is the first of it.
function listOf(entry, back) {
  const [day, words] = back ? ["back", news.dataset.back] : [entry.dataset.day, entry.dataset.words];
  const there = entries.querySelector(`section[data-day="${day}"]`);
  if (there) {
    return there.querySelector("ul");
  }
  entries.querySelector(".empty")?.remove();
  const section = document.createElement("section");
  section.dataset.day = day;
  const head = document.createElement("div");
  head.className = "group-head";
  head.append(Object.assign(document.createElement("h2"), { textContent: words }));
  const list = document.createElement("ul");
  list.className = "entries";
  section.append(head, list);
  const first = back ? null : entries.querySelector("section[data-day=back]");
  if (first) {
    first.after(section);
  } else {
    entries.prepend(section);
  }
  return list;
}

// Changes the page above what is being read: what has the focus, or else the first entry in sight.
function keepingPlace(change) {
  const inSight = rows().find((entry) => entry.getBoundingClientRect().bottom > 0);
  const focused = entries.contains(document.activeElement) ? document.activeElement : null;
  const read = focused ?? inSight;
  const before = read?.getBoundingClientRect().top;
  change();
  if (read) {
    window.scrollBy({ top: read.getBoundingClientRect().top - before, behavior: "instant" });
  }
}

function say() {
  if (!arrived) {
    news.replaceChildren();
    return;
  }
  const link = document.createElement("a");
  link.href = "#entries";
  link.textContent = news.dataset.words.replace("{n}", arrived);
  link.addEventListener("click", () => {
    arrived = 0;
    say();
  });
  news.replaceChildren(link);
}

function put(markup, back = false) {
  const template = document.createElement("template");
  template.innerHTML = markup;
  const entry = template.content.querySelector(".entry");
  if (document.getElementById(entry.id)) {
    return;
  }
  arrived += 1;
  keepingPlace(() => {
    listOf(entry, back).prepend(entry);
    say();
  });
  const id = Number(entry.id.replace("notification-", ""));
  triage.elements.newest.value = Math.max(id, triage.elements.newest.value);
}

function listen() {
  const address = new URL(news.dataset.live, location.href);
  if (since) {
    address.searchParams.set("since", since);
  }
  source = new EventSource(address);
  source.addEventListener("arrived", (event) => put(event.data));
  source.addEventListener("back", (event) => put(event.data, true));
  source.addEventListener("seen", (event) => {
    since = event.data;
  });
  // It asks again by itself, unless the answer was none.
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) {
      stop();
      setTimeout(look, LATER);
    }
  });
}

function stop() {
  source?.close();
  source = null;
}

// What nobody looks at needn't ask.
function look() {
  if (document.hidden) {
    stop();
  } else if (!source) {
    listen();
  }
}

if (news) {
  // Where the browser keeps the place by itself, too, both would be too much.
  document.documentElement.style.overflowAnchor = "none";
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", look);
  look();
}

/* What one does with a row */

function tell({ sentence, undo, error }) {
  const told = document.getElementById("told-template").content.cloneNode(true);
  told.querySelector("p").textContent = sentence;
  if (error) {
    told.querySelector(".done").className = "notice";
  }
  const form = told.querySelector("form");
  if (undo) {
    form.action = undo;
    const to = Object.assign(document.createElement("input"), { type: "hidden", name: "to" });
    to.value = location.pathname + location.search;
    form.append(to);
  } else {
    form.remove();
  }
  document.getElementById("told").replaceChildren(told);
}

// The number in the header, and in the title.
function count(unread) {
  const shown = unread > 99 ? "99+" : String(unread || "");
  const badge = document.querySelector(".top .count");
  if (badge && shown) {
    badge.firstChild.textContent = shown;
  } else {
    badge?.remove();
  }
  const title = document.title.replace(/^\(\d+\+?\) /, "");
  document.title = shown ? `(${shown}) ${title}` : title;
}

function leave(row) {
  const all = rows();
  const at = all.indexOf(row);
  const next = all[at + 1] ?? all[at - 1];
  const list = row.parentElement;
  keepingPlace(() => row.remove());
  if (!list.children.length) {
    list.parentElement.remove();
  }
  if (next) {
    focusOn(next);
  } else {
    location.reload(); // which says what comes next
  }
}

function become(row, unread) {
  row.classList.toggle("unread", unread);
  row.querySelector(".what .hidden")?.remove();
}

async function act(button) {
  const row = button.closest(".entry");
  const [action] = button.value.split(":");
  const body = new FormData(triage, button);
  const answer = await fetch(triage.action, {
    method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.ok) {
    triage.removeEventListener("submit", submitted);
    triage.requestSubmit(button); // whatever it is, the server says it in a page
    return;
  }
  const outcome = await answer.json();
  if (row.contains(document.activeElement)) { // maybe on what is folded away next
    focusOn(row);
  }
  row.querySelector("details[open]")?.removeAttribute("open");
  keepingPlace(() => tell(outcome));
  count(outcome.unread);
  if (outcome.error) {
    return;
  }
  if (action === "read" || action === "unread") {
    become(row, action === "unread");
    const other = action === "read" ? "unread" : "read";
    button.value = button.value.replace(action, other);
    button.lastChild.textContent = triage.dataset[other];
  } else if (!action.startsWith("mute")) {
    leave(row);
  }
}

function submitted(event) {
  if (event.submitter?.name === "row" && event.submitter.closest(".entry")) {
    event.preventDefault();
    act(event.submitter).catch(() => location.reload());
  }
}

triage.addEventListener("submit", submitted);

/* Selecting */

const selectAll = document.getElementById("select-all");
const tools = triage.querySelector(".selected-tools");

function selected() {
  const boxes = [...triage.querySelectorAll("[name=ids]")];
  const ticked = boxes.filter((box) => box.checked).length;
  if (tools) {
    tools.classList.toggle("idle", !ticked);
    selectAll.checked = ticked > 0 && ticked === boxes.length;
    selectAll.indeterminate = ticked > 0 && ticked < boxes.length;
  }
}

triage.addEventListener("change", (event) => {
  if (event.target === selectAll) {
    for (const box of triage.querySelectorAll("[name=ids]")) {
      box.checked = selectAll.checked;
    }
  }
  selected();
});
window.addEventListener("pageshow", selected);
for (const each of document.querySelectorAll(".needs-scripts")) {
  each.hidden = false;
}

// One menu at a time, and none once somebody clicks elsewhere or presses Escape.
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.(".menu[open]")) {
    for (const other of document.querySelectorAll(".menu[open]")) {
      if (other !== event.target) {
        other.open = false;
      }
    }
  }
}, true);
document.addEventListener("click", (event) => {
  if (!event.target.closest(".menu")) {
    document.querySelector(".menu[open]")?.removeAttribute("open");
  }
});

/* The keyboard */

const current = () => document.activeElement?.closest?.(".entry") ?? null;

function focusOn(row) {
  row.querySelector(".what").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = rows();
  const at = all.indexOf(current());
  const row = at < 0 ? all[by > 0 ? 0 : all.length - 1] : all[at + by];
  if (row) {
    focusOn(row);
  }
}

const press = (row, ...actions) => {
  const button = actions.map((each) => row.querySelector(`[name=row][value^="${each}:"]`)).find(Boolean);
  button?.click();
};

function openMenu(row, action) {
  const menu = row.querySelector(".menu");
  menu.open = true;
  menu.querySelector(`[value^="${action}"]`)?.focus();
}

const ofRow = {
  o: (row) => row.querySelector(".what").click(),
  e: (row) => press(row, "done", "open"),
  s: (row) => openMenu(row, "snooze"),
  m: (row) => openMenu(row, "mute"),
  u: (row) => press(row, "read", "unread"),
  x: (row) => row.querySelector("[name=ids]").click(),
};
const ofPage = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => search.focus(),
  "?": () => keys.showModal(),
  z: () => document.querySelector("#told .act button, .done .act button")?.click(),
};

function closeMenu() {
  const menu = document.querySelector(".menu[open]");
  if (menu) {
    const row = menu.closest(".entry");
    menu.open = false;
    if (row) {
      focusOn(row);
    } else {
      menu.querySelector("summary").focus();
    }
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    closeMenu();
    return;
  }
  const writes = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey || writes || document.querySelector("dialog[open]")) {
    return;
  }
  const row = current();
  const action = ofPage[event.key] ?? (row && ofRow[event.key] && (() => ofRow[event.key](row)));
  if (action) {
    event.preventDefault();
    action();
  }
});

/* Completion of the search */

let timer;
const list = Object.assign(document.createElement("datalist"), { id: "terms" });

// The last term is completed; a blank within quotation marks doesn't end one.
function parts(text) {
  let [start, quoted] = [0, false];
  for (const [at, character] of [...text].entries()) {
    if (character === '"') {
      quoted = !quoted;
    } else if (character === " " && !quoted) {
      start = at + 1;
    }
  }
  const characters = [...text];
  return [characters.slice(0, start).join(""), characters.slice(start).join("")];
}

async function offer() {
  const [before, last] = parts(search.value);
  const query = new URLSearchParams({ q: last });
  const answer = last && await fetch(`${search.dataset.completions}?${query}`);
  if (!answer?.ok || parts(search.value)[1] !== last) return; // more was typed meanwhile
  const { names } = await answer.json();
  list.replaceChildren(...names.filter((name) => name !== last).map(
    (name) => Object.assign(document.createElement("option"), { value: before + name })));
}

search.after(list);
search.setAttribute("list", list.id);
search.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => offer().catch(() => {}), PAUSE);
});
