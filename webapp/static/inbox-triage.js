// Working through the inbox: rows, those that are ticked and whole groups, by buttons and by keys. Each action says
// what it did and can be undone. What a script can't show is left to the server, by an ordinary form.

import { current, entries, focusOn, keepingPlace, recount, rows, showUnread, triage } from "./inbox-rows.js";

const keys = document.getElementById("keys");
const snooze = document.getElementById("snooze");
const told = document.getElementById("told");
const selectAll = document.getElementById("select-all");
const tools = triage.querySelector(".selected-tools");
// What takes rows off the list.
const LEAVES = /^(done|open|snooze)/;
// Rows that one comes back to once the page is loaded again: of an undo, of what the next page can undo, or opened.
const AFTER_UNDO = "inbox-undone";
const LEFT = "inbox-left";
const OPENED = "inbox-opened";

const ticked = () => rows().filter((row) => row.querySelector("[name=ids]").checked);
const idOf = (row) => row.id.replace("notification-", "");

/* What one does with rows */

function tell({ sentence, undo, error }, row) {
  const shown = document.getElementById("told-template").content.cloneNode(true);
  shown.querySelector("p").textContent = sentence;
  if (error) {
    shown.querySelector(".done").className = "notice";
  }
  const form = shown.querySelector("form");
  if (undo) {
    form.action = undo;
    const to = Object.assign(document.createElement("input"), { type: "hidden", name: "to" });
    to.value = location.pathname + location.search;
    form.append(to);
    form.addEventListener("submit", () => sessionStorage.setItem(AFTER_UNDO, row.id));
  } else {
    form.remove();
  }
  shown.querySelector(".close").addEventListener("click", dismiss);
  told.replaceChildren(shown);
}

function dismiss() {
  const had = told.contains(document.activeElement);
  told.replaceChildren();
  if (had && rows().length) {
    focusOn(rows()[0]);
  }
}

function leave(leaving) {
  const all = rows();
  const last = all.indexOf(leaving.at(-1));
  const next = all.slice(last + 1).find((row) => !leaving.includes(row))
    ?? all.slice(0, last).findLast((row) => !leaving.includes(row));
  const elsewhere = current() && !leaving.includes(current());
  keepingPlace(() => {
    for (const row of leaving) {
      const section = row.closest("section");
      row.remove();
      recount(section, -1);
      if (!section.querySelector(".entry")) {
        section.remove();
      }
    }
  });
  if (!elsewhere) {
    focusOn(next);
  }
}

function become(row, unread) {
  row.classList.toggle("unread", unread);
  row.querySelector(".what .hidden")?.remove();
  const button = row.querySelector("[value^='read:'], [value^='unread:']");
  const other = unread ? "read" : "unread";
  button.value = `${other}:${idOf(row)}`;
  button.lastChild.textContent = triage.dataset[other];
}

function untick(some) {
  for (const row of some) {
    row.querySelector("[name=ids]").checked = false;
  }
  selected();
}

// Sends a form as it would be sent without scripts: the next page is the server's.
function sendPlainly(body, row) {
  sessionStorage.setItem(LEFT, row.id);
  const form = Object.assign(document.createElement("form"), { method: "post", action: triage.action });
  for (const [name, value] of body) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
}

async function send(body, some, command) {
  const answer = await fetch(triage.action, {
    method: "POST", body, headers: { Accept: "application/json" } });
  const outcome = answer.ok && await answer.json();
  if (!outcome || (outcome.error && LEAVES.test(command))) {
    sendPlainly(body, some[0]); // whatever it is, the server says it in a page
    return;
  }
  tell(outcome, some[0]);
  showUnread(outcome.unread);
  if (!outcome.error && (command === "read" || command === "unread")) {
    some.forEach((row) => become(row, command === "unread"));
  }
}

// What was begun, one after the other: keys may come quicker than answers.
let work = Promise.resolve();
let leavesPage = false;

// Does something with rows of the page, which ``fields`` say to the server. What leaves the list does so at once,
// unless nothing would be left: then the server's answer says what comes next.
function act(some, command, fields) {
  if (leavesPage) return;
  const body = new FormData(triage);
  for (const [name, value] of Object.entries(fields)) {
    body.set(name, value);
  }
  closeMenu();
  untick(some);
  if (LEAVES.test(command)) {
    leavesPage = some.length === rows().length;
    if (!leavesPage) {
      leave(some);
    }
  }
  const next = leavesPage ? () => sendPlainly(body, some[0]) : () => send(body, some, command);
  work = work.then(next).catch(() => location.reload());
}

const actOnRow = (row, command, moment = {}) =>
  act([row], command, { row: `${command}:${idOf(row)}`, ...moment });
const actOnTicked = (command, moment = {}) => act(ticked(), command, { selected: command, ...moment });

function submitted(event) {
  const { name, value } = event.submitter ?? {};
  const [command] = (value ?? "").split(":");
  if (name === "row") {
    event.preventDefault();
    actOnRow(event.submitter.closest(".entry"), command);
  } else if (name === "selected" && ticked().length && (command !== "snooze" || chosen(triage))) {
    event.preventDefault();
    actOnTicked(command, command === "snooze" ? chosen(triage) : {});
  } else if (name === "whole") {
    event.preventDefault();
    const some = [...event.submitter.closest("section").querySelectorAll(".entry")];
    act(some, command, { whole: value });
  }
}

triage.addEventListener("submit", submitted);

// The row of an undo, or the one that was opened, is where one goes on.
const [{ type: arrival } = {}] = performance.getEntriesByType("navigation");
const [undone, left, opened] = [AFTER_UNDO, LEFT, OPENED].map((key) => {
  const kept = sessionStorage.getItem(key) ?? "";
  sessionStorage.removeItem(key);
  return kept;
});
const last = document.getElementById(undone || (arrival === "back_forward" ? opened : ""));
if (last) {
  focusOn(last);
}
document.querySelector(".done .act")?.addEventListener("submit", () => sessionStorage.setItem(AFTER_UNDO, left));
entries.addEventListener("click", (event) => {
  if (event.target.closest(".what")) {
    sessionStorage.setItem(OPENED, event.target.closest(".entry").id);
  }
});

/* Snoozing */

let snoozed = () => {};

// The day and time of a form, unless there's no day.
function chosen(form) {
  const [day, clock] = ["day", "clock"].map((name) => form.elements[name].value);
  return day ? { day, clock: clock || "09:00" } : null;
}

function askUntil(then) {
  snoozed = then;
  snooze.showModal();
  snooze.querySelector(".menu-item").focus();
}

snooze.querySelector("form[method=post]").addEventListener("submit", (event) => {
  event.preventDefault();
  const command = event.submitter.value;
  const moment = command === "snooze" ? chosen(event.target) : {};
  if (!moment) {
    event.target.elements.day.focus();
    return;
  }
  snooze.close();
  snoozed(command, moment);
});

entries.addEventListener("click", (event) => {
  if (event.target.closest("[data-snooze]")) {
    event.preventDefault();
    const row = event.target.closest(".entry");
    closeMenu();
    askUntil((command, moment) => actOnRow(row, command, moment));
  }
});

/* Selecting */

function selected() {
  const boxes = rows().map((row) => row.querySelector("[name=ids]"));
  const number = ticked().length;
  if (tools) {
    tools.classList.toggle("idle", !number);
    selectAll.checked = number > 0 && number === boxes.length;
    selectAll.indeterminate = number > 0 && number < boxes.length;
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

function closeMenu() {
  const menu = document.querySelector(".menu[open]");
  if (menu) {
    const row = menu.closest(".entry");
    const had = menu.contains(document.activeElement);
    menu.open = false;
    if (row) {
      focusOn(row);
    } else if (had) {
      menu.querySelector("summary").focus();
    }
  }
  return Boolean(menu);
}

/* The keyboard. What is ticked comes before the row that has the focus. */

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
const pressOfTicked = (...actions) => {
  actions.map((each) => tools.querySelector(`[value="${each}"]`)).find(Boolean)?.click();
};

function openMenu(menu, action) {
  menu.open = true;
  menu.querySelector(`[value^="${action}"]`)?.focus();
}

const ofRow = {
  o: (row) => row.querySelector(".what").click(),
  e: (row) => press(row, "done", "open"),
  s: (row) => askUntil((command, moment) => actOnRow(row, command, moment)),
  m: (row) => openMenu(row.querySelector(".menu"), "mute"),
  u: (row) => press(row, "read", "unread"),
  x: (row) => row.querySelector("[name=ids]").click(),
};
const ofTicked = {
  e: () => pressOfTicked("done", "open"),
  s: () => askUntil(actOnTicked),
  m: () => openMenu(tools.querySelector("[value^=mute]").closest(".menu"), "mute"),
  u: () => actOnTicked(ticked().some((row) => row.classList.contains("unread")) ? "read" : "unread"),
};
const ofPage = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => document.getElementById("q").focus(),
  "?": () => keys.showModal(),
  z: () => document.querySelector("#told .act button, .done .act button")?.click(),
};

function actionOf(key) {
  const row = current();
  const ofThese = ticked().length ? ofTicked[key] : null;
  return ofPage[key] ?? ofThese ?? (row && ofRow[key] ? () => ofRow[key](row) : null);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[name=ids]")) {
    event.preventDefault(); // or it would send the form
    return;
  }
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    if (!closeMenu()) {
      dismiss();
    }
    return;
  }
  const writes = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey || writes || document.querySelector("dialog[open]")) {
    return;
  }
  const action = actionOf(event.key);
  if (action) {
    event.preventDefault();
    action();
  }
});
