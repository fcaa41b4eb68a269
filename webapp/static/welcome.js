// The first visit: offers notifications in this browser where it can show them. Whoever chooses that is asked by the
// browser when the form is sent, which then goes on with the subscription.

import { able, registered, subscribe } from "./push-subscription.js";

const offer = document.querySelector("[data-web-push]");
const form = offer.closest("form");
const told = offer.querySelector("[role=status]");
const WORDS = JSON.parse(offer.dataset.words);

async function enable() {
  told.textContent = WORDS.asking;
  if ((await Notification.requestPermission()) !== "granted") {
    told.textContent = WORDS.blocked;
    return;
  }
  told.textContent = WORDS.enabling;
  try {
    offer.querySelector("input[type=hidden]").value = await subscribe(
      await registered(offer), offer, { keep: true });
    form.submit();
  } catch (error) {
    told.textContent = WORDS.failed.replace("{reason}", error.message);
  }
}

if (able() && Notification.permission !== "denied") {
  offer.hidden = false;
  form.addEventListener("submit", (event) => {
    if (offer.querySelector("input[type=radio]").checked && event.submitter?.name !== "skip") {
      event.preventDefault();
      enable();
    }
  });
}
