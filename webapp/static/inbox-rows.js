// Rows of the inbox, for what arrives in it and for what is done with them: where one reads, what has the focus,
// and how many there are.

export const entries = document.getElementById("entries");
export const triage = document.getElementById("triage");

export const rows = () => [...entries.querySelectorAll(".entry")];
export const current = () => document.activeElement?.closest?.(".entry") ?? null;

export function focusOn(row) {
  row.querySelector(".what").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

// Changes the page above what is being read: what has the focus, or else the first entry in sight.
export function keepingPlace(change) {
  const inSight = rows().find((entry) => entry.getBoundingClientRect().bottom > 0);
  const focused = entries.contains(document.activeElement) ? document.activeElement : null;
  const read = focused ?? inSight;
  const before = read?.getBoundingClientRect().top;
  change();
  if (read?.isConnected) {
    window.scrollBy({ top: read.getBoundingClientRect().top - before, behavior: "instant" });
  }
}

// Says of a group how many it has, after so many came or went.
export function recount(section, by) {
  const count = section.querySelector(".group-head .count");
  if (!count) return;
  const shown = section.querySelectorAll(".entry").length;
  const total = Number(count.dataset.total) + by;
  const words = total.toLocaleString(document.documentElement.lang) + count.dataset.more;
  count.dataset.total = total;
  count.textContent = shown < total
    ? triage.dataset.of.replace("{shown}", shown).replace("{total}", words) : words;
}

// The number of unread ones, in the header, the title and the icon of the window.
export function showUnread(number) {
  const shown = number > 99 ? "99+" : String(number || "");
  let badge = document.querySelector(".top .count");
  if (!shown) {
    badge?.remove();
  } else if (badge) {
    badge.firstChild.textContent = shown;
  } else {
    badge = Object.assign(document.createElement("span"), { className: "count", textContent: shown });
    const words = Object.assign(document.createElement("span"), { className: "hidden" });
    words.textContent = ` ${triage.dataset.badge}`;
    badge.append(words);
    document.querySelector(".top nav [aria-current=page]")?.append(" ", badge);
  }
  const title = document.title.replace(/^\(\d+\+?\) /, "");
  document.title = shown ? `(${shown}) ${title}` : title;
  const icon = document.querySelector("link[rel=icon]");
  icon.href = icon.href.replace(/icon(-unread)?\.svg/, shown ? "icon-unread.svg" : "icon.svg");
}
