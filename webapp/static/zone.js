// Offers the browser's time zone to somebody who has never chosen one. Nothing is saved without a click.

const offer = document.getElementById("zone-offer");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (offer && zone && zone !== offer.dataset.zone) {
  for (const place of offer.querySelectorAll(".zone")) {
    place.textContent = zone.split("/").slice(1).join(" – ").replaceAll("_", " ") || zone;
  }
  offer.querySelector("input[name=time_zone]").value = zone;
  offer.hidden = false;
}
