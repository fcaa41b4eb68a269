// Puts what arrives while somebody looks at their inbox on top, and says how much it is. Where they are reading,
// nothing moves.

const news = document.querySelector("[data-live]");
const entries = document.getElementById("entries");
const markAll = document.querySelector("input[name=newest]");
// Milliseconds after which one asks again whoever said that there's nothing to ask for.
const LATER = 60_000;

let since = null;
let source = null;
let arrived = 0;

// The list of the entry's day, which is made if it's the first of it.
function listOf(entry) {
  const first = entries.querySelector("section");
  if (first?.dataset.day === entry.dataset.day) {
    return first.querySelector("ul");
  }
  entries.querySelector(".empty")?.remove();
  const section = document.createElement("section");
  section.dataset.day = entry.dataset.day;
  const heading = document.createElement("h2");
  heading.textContent = entry.dataset.words;
  const list = document.createElement("ul");
  list.className = "rows";
  section.append(heading, list);
  entries.prepend(section);
  return list;
}

// Changes the page above what is being read: what has the focus, or else the first entry in sight.
function keepingPlace(change) {
  const inSight = [...entries.querySelectorAll(".entry")].find(
    (entry) => entry.getBoundingClientRect().bottom > 0);
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
  link.textContent = `${arrived} new`;
  link.addEventListener("click", () => {
    arrived = 0;
    say();
  });
  news.replaceChildren(link);
}

function put(markup) {
  const template = document.createElement("template");
  template.innerHTML = markup;
  const entry = template.content.querySelector(".entry");
  if (document.getElementById(entry.id)) {
    return;
  }
  keepingPlace(() => listOf(entry).prepend(entry));
  arrived += 1;
  say();
  if (markAll) {
    markAll.value = entry.id.replace("notification-", "");
    markAll.form.hidden = false;
  }
}

function listen() {
  const address = new URL(news.dataset.live, location.href);
  if (since) {
    address.searchParams.set("since", since);
  }
  source = new EventSource(address);
  source.addEventListener("arrived", (event) => put(event.data));
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
