// The service worker: shows what is pushed to this browser, and opens pages when somebody clicks on it. The web app
// serves it at its root, so that it's for all pages. fmn/delivery/webpush/formatter.py writes what it reads.

const FMN = self.registration.scope;
const WHY = "why";
// Where static/web-push.js leaves what FMN knows of this browser's subscription: its endpoint and FMN's key.
const KNOWN = "fmn-subscription";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data, event.action));
});

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

async function show(pushed) {
  const said = read(pushed);
  await self.registration.showNotification(said.title, {
    body: said.body,
    // A notification with the same tag is replaced, and says so again.
    tag: said.tag,
    renotify: Boolean(said.tag),
    icon: new URL("static/icon-192.png", FMN).href,
    badge: new URL("static/icon-badge.png", FMN).href,
    data: { url: said.url, why: said.why, code: said.code },
    actions: said.why_label ? [{ action: WHY, title: said.why_label }] : [],
  });
  if (said.code) {
    await tellPages({ code: said.code });
  }
}

// Browsers want a notification for each message, so there's one for a message that can't be read, too.
function read(pushed) {
  try {
    return { title: "FMN", url: FMN, ...pushed.json() };
  } catch {
    return { title: "FMN", body: "Something happened. Open FMN to see it.", url: FMN };
  }
}

// Tells FMN the new subscription when the browser or its push service ended the former one. Some browsers say
// neither of them.
async function renew({ oldSubscription, newSubscription }) {
  const known = await (await caches.match(FMN, { cacheName: KNOWN }))?.json();
  const old = oldSubscription?.endpoint ?? known?.endpoint;
  const key = oldSubscription?.options?.applicationServerKey ?? known?.key;
  if (!old || !(newSubscription || key)) {
    return;
  }
  const made = newSubscription ?? await self.registration.pushManager.subscribe({
    userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = made.toJSON();
  const told = await fetch(new URL("web-push/renewal", FMN), {
    method: "POST", body: new URLSearchParams({ old, address: JSON.stringify({ endpoint, keys }) }) });
  if (told.ok) {
    await (await caches.open(KNOWN)).put(FMN, new Response(JSON.stringify({ ...known, endpoint })));
  }
}

async function tellPages(message) {
  for (const page of await self.clients.matchAll({ type: "window" })) {
    page.postMessage(message);
  }
}

async function open(data, action) {
  const wanted = new URL((action === WHY && data.why) || data.url, FMN);
  if (!["http:", "https:"].includes(wanted.protocol)) {
    return;
  }
  if (data.code) {
    wanted.hash = `code=${data.code}`;
  }
  const pages = await self.clients.matchAll({ type: "window" });
  // A page of ours that is open already is shown instead of another one, and the one with the code goes on there.
  const same = pages.find((page) => page.url.split("#")[0] === wanted.href.split("#")[0]);
  if (same) {
    await same.focus();
    if (data.code) {
      same.postMessage({ code: data.code });
    }
  } else {
    await self.clients.openWindow(wanted.href);
  }
}
