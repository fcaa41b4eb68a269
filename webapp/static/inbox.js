// The inbox: what arrives is put on top without moving what is being read, and the search is completed. What one
// does with rows is in inbox-triage.js.

import { entries, keepingPlace, recount, showUnread, triage } from "./inbox-rows.js";
import "./inbox-triage.js";

const news = document.querySelector("[data-live]");
const search = document.getElementById("q");
// Milliseconds after which one asks again whoever said that there's nothing to ask for.
const LATER = 60_000;
const PAUSE = 120; // milliseconds without a key before completions are asked for

let since = null;
let source = null;
let arrived = 0;

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
    const list = listOf(entry, back);
    list.prepend(entry);
    recount(list.parentElement, 1);
    say();
  });
  const id = Number(entry.id.replace("notification-", ""));
  for (const field of [triage.elements.newest, triage.elements.latest]) {
    field.value = Math.max(id, field.value);
  }
}

function listen() {
  const address = new URL(news.dataset.live, location.href);
  if (since) {
    address.searchParams.set("since", since);
  }
  source = new EventSource(address);
  source.addEventListener("arrived", (event) => put(event.data));
  source.addEventListener("back", (event) => put(event.data, true));
  source.addEventListener("unread", (event) => showUnread(Number(event.data)));
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
