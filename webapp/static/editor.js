// The filter editor while one types. Without this the page works by its buttons, which send the form and come
// back with it; here the same answers take the place of what is shown.
import { chips } from "./chips.js";
import { completes } from "./completion.js";

const PAUSE = 300; // milliseconds without a key before the preview is asked for
const FIND_PAUSE = 150; // the same before rules are looked for
const PATIENCE = 250; // milliseconds until one is told that it takes a while

const form = document.getElementById("editor");
const place = (id, within = document) => within.querySelector(`#${id}`);

const send = async (url, more) => {
  const fields = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(more)) fields.set(name, value);
  const answer = await fetch(url, { method: "POST", body: fields, redirect: "error" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};

// What was unfolded is unfolded again, though it may have been away meanwhile.
const unfolded = new Set();
form.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.open && target.id) unfolded.add(target.id);
    else unfolded.delete(target.id);
  },
  true,
);

// What is said aloud changes only if it says something else.
const show = (page, ...ids) => {
  for (const id of ids) {
    const here = place(id);
    const new_ = place(id, page);
    if (!here || !new_ || here.innerHTML === new_.innerHTML) continue;
    here.replaceChildren(...new_.childNodes);
    for (const each of unfolded) place(each, here)?.setAttribute("open", "");
  }
};

// What is wrong is said once the field that it's typed into is left, and taken back at once.
const MISTAKES = ["text-problem", "findings"];
let later;

const showMistakes = () => {
  if (later) show(later, ...MISTAKES);
  later = undefined;
};

// A field is left by the press of a click, and what moves under the pointer before its release isn't clicked.
let pressed = false;
let left = false;

const showMistakesAfterClick = () => {
  if (pressed) left = true;
  else showMistakes();
};

window.addEventListener("pointerdown", () => {
  pressed = true;
});
for (const kind of ["pointerup", "pointercancel"])
  window.addEventListener(kind, () => {
    pressed = false;
    if (left) setTimeout(showMistakes);
    left = false;
  });

const typing = () => document.activeElement?.matches("#editor :is(input:not([type=checkbox], [type=radio]), textarea)");

const showReview = (page) => {
  later = page;
  const wrong = MISTAKES.some((id) => place(id, page)?.textContent.trim());
  if (wrong && typing()) for (const id of MISTAKES) place(id)?.replaceChildren();
  else showMistakesAfterClick();
  show(page, "words", "panel", "tried");
};

// One preview at a time: what is typed meanwhile is asked for afterwards, and the older answer isn't shown.
let timer;
let asking = false;
let again = false;

const look = async () => {
  clearTimeout(timer);
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  const words = place("words");
  const slow = setTimeout(() => {
    words.textContent = form.dataset.loading;
    place("panel").setAttribute("aria-busy", "true");
  }, PATIENCE);
  try {
    const page = await send(form.dataset.preview, {});
    if (!again) showReview(page);
  } catch {
    words.textContent = form.dataset.away;
  } finally {
    clearTimeout(slow);
    place("panel").removeAttribute("aria-busy");
    asking = false;
  }
  if (again) {
    again = false;
    await look();
  }
};

const soon = () => {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
};

// Buttons that change the draft: the page comes back with it, and the keyboard goes on where the page says.
const turn = async (what) => {
  let next;
  const focused = document.activeElement?.id;
  form.inert = true;
  try {
    const page = await send(form.action, { do: what, live: "true" });
    const focus = page.querySelector("[autofocus]");
    next = focus?.id;
    focus?.removeAttribute("autofocus"); // browsers heed it once, and complain of a second time
    show(page, "notice", "draft", "place");
    if (what.startsWith("add:")) endSearch(page);
    else place("choice").open ||= place("choice", page).open;
    chips(form, form.dataset.remove);
    changed = place("editor", page).dataset.changed;
    began = state();
  } finally {
    form.inert = false;
  }
  const here = [next, focused].map((id) => id && place(id)).find(Boolean);
  here?.focus();
  if (here?.matches("input")) here.select(); // whoever types means something else
  await look();
  if (what === "rows") showMistakes(); // whoever asked for rows is told why there are none, wherever they type
};

const explain = async (button) => {
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  if (open) {
    button.nextElementSibling?.remove();
    return;
  }
  const page = await send(form.dataset.preview, { do: button.value });
  const reasons = document.createElement("div");
  reasons.className = "reasons";
  reasons.append(...page.body.childNodes);
  button.after(reasons);
};

// The picker folds up once a rule is chosen: what comes after it is near again, for the keyboard, too.
const endSearch = (page) => {
  clearTimeout(findTimer);
  finding = undefined;
  for (const id of ["search", "application"]) place(id).value = "";
  show(page, "offers");
  place("choice").open = place("choice", page).open;
};

let finding;
let findTimer;

const find = async () => {
  const mine = (finding = {});
  const page = await send(form.action, { do: "search", live: "true" });
  if (finding !== mine) return;
  show(page, "offers");
  place("offers").scrollTop = 0; // the best ones are on top
};

form.addEventListener("submit", (event) => {
  const what = event.submitter?.value ?? "look";
  if (what === "save" || what === "cancel" || form.dataset.plain) return;
  event.preventDefault();
  if (what === "look" || what === "search") look();
  else if (what.startsWith("why:")) explain(event.submitter);
  else
    turn(what).catch(() => {
      form.dataset.plain = "true"; // as without scripts
      form.requestSubmit(event.submitter);
    });
});

form.addEventListener("input", (event) => {
  if (event.target.closest("#choice")) {
    clearTimeout(findTimer);
    findTimer = setTimeout(find, FIND_PAUSE);
    return;
  }
  event.target.closest(".wrong")?.classList.remove("wrong");
  soon();
});

// What changes the groups changes what is shown where.
form.addEventListener("change", (event) => {
  if (event.target.matches("#match, [name^=group-], [name^=under-]")) turn("arrange").catch(look);
});

form.addEventListener("focusout", showMistakesAfterClick);

// Arrows lead from the search to the rules that it found, from one to the next, and back.
place("choice").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [place("search"), ...place("offers").querySelectorAll("button")];
  const next = stops[stops.indexOf(event.target) + step];
  if (!step || !stops.includes(event.target) || !next) return;
  event.preventDefault();
  next.focus();
});

// Whoever leaves the page by a link or closes it is asked, if something would be lost.
const state = () => {
  const fields = new FormData(form);
  for (const name of ["search", "application", "into", "message", "began", "csrf_token"]) fields.delete(name);
  return new URLSearchParams(fields).toString();
};
let changed = form.dataset.changed;
let began;
let leaving = false;
form.addEventListener("submit", (event) => {
  leaving = !event.defaultPrevented;
});
window.addEventListener("beforeunload", (event) => {
  if (!leaving && (changed || state() !== began)) event.preventDefault();
});
for (const link of document.querySelectorAll("[data-discards]"))
  link.addEventListener("click", () => {
    leaving = true;
  });

form.classList.add("live");
chips(form, form.dataset.remove);
began = state();
completes(form);
look();
