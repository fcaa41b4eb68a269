// Offers the browser's time zone to somebody who has never chosen one. Nothing is saved without a click.

const offer = document.getElementById("zone-offer");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function choose(chosen) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = offer.dataset.action;
  const here = location.pathname + location.search;
  const fields = { csrf_token: offer.dataset.token, time_zone: chosen, to: here };
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

if (offer && zone && zone !== offer.dataset.zone) {
  for (const place of offer.querySelectorAll(".zone")) {
    place.textContent = zone.split("/").slice(1).join(" – ").replaceAll("_", " ") || zone;
  }
  offer.querySelector(".use").addEventListener("click", () => choose(zone));
  offer.querySelector(".keep").addEventListener("click", () => choose(offer.dataset.zone));
  offer.hidden = false;
}
