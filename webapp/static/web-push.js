// Enables notifications in this browser: asks its user, subscribes at its push service, and sends the subscription
// to FMN. The code that FMN pushes to confirm it is entered without anybody having to type it.

import { able, registered, remember, subscribe } from "./push-subscription.js";

const section = document.querySelector("[data-web-push]");
const form = section.querySelector("form");
const told = section.querySelector("[role=status]");
const WORDS = JSON.parse(section.dataset.words);
const CODE = /^#code=([A-Z0-9-]{4,40})$/;
const APPLE = /iPhone|iPad/;

function say(text, { enabling = false } = {}) {
  told.textContent = text;
  form.hidden = !enabling;
}

async function digest(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((each) => each.toString(16).padStart(2, "0")).join("");
}

// The entry of this browser in the list, if it's there.
async function ownEntry(subscription) {
  if (!subscription) {
    return null;
  }
  const known = await digest(subscription.endpoint);
  return document.querySelector(`[data-endpoint="${known}"]`);
}

// Types the code into this browser's entry, or into the only one that waits for a code.
function enter(entry, code) {
  const waiting = [...document.querySelectorAll("[data-endpoint] input[name=code]")];
  const field = entry ? entry.querySelector("input[name=code]") : waiting.length === 1 ? waiting[0] : null;
  if (field) {
    field.value = code;
    field.form.requestSubmit();
  }
}

async function enable(registration) {
  say(WORDS.asking);
  if ((await Notification.requestPermission()) !== "granted") {
    return show(registration);
  }
  say(WORDS.enabling);
  try {
    // One that isn't in the list, or is and has ended, makes room for a new one.
    form.elements.address.value = await subscribe(registration, section);
    form.submit();
  } catch (error) {
    say(WORDS.failed.replace("{reason}", error.message), { enabling: true });
  }
}

async function show(registration) {
  if (Notification.permission === "denied") {
    return say(WORDS.blocked);
  }
  const subscription = await registration.pushManager.getSubscription();
  const entry = await ownEntry(subscription);
  if (entry) {
    await remember(subscription, section);
  }
  if (entry?.dataset.works === "true") {
    mark(entry, registration);
    return say(WORDS.works);
  }
  if (entry && !entry.dataset.ended) {
    mark(entry, registration);
    return say(WORDS.waiting);
  }
  return say("", { enabling: true });
}

// Says which entry is this browser, and lets it forget its subscription when the entry is removed.
function mark(entry, registration) {
  entry.querySelector("[data-this]").hidden = false;
  entry.querySelector("form[action$='/remove']")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    await (await registration.pushManager.getSubscription())?.unsubscribe().catch(() => false);
    event.target.submit();
  }, { once: true });
}

async function takeCodes(registration) {
  const entry = await ownEntry(await registration.pushManager.getSubscription());
  // The notification with the code, which may have arrived before the page that it's for, has done its work.
  const shown = () => registration.getNotifications({ tag: "confirmation" });
  const take = async (code) => {
    (await shown()).forEach((each) => each.close());
    enter(entry, code);
  };
  navigator.serviceWorker.addEventListener("message", (event) => take(event.data.code));
  const clicked = location.hash.match(CODE)?.[1];
  const code = clicked ?? (await shown()).at(-1)?.data?.code;
  if (code) {
    history.replaceState(null, "", location.pathname);
    await take(code);
  }
}

async function start() {
  if (!able()) {
    return say(APPLE.test(navigator.userAgent) ? WORDS.apple : WORDS.unable);
  }
  const registration = await registered(section);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enable(registration);
  });
  await show(registration);
  await takeCodes(registration);
}

start();
