// The service worker: shows what is pushed to this browser, and opens pages when somebody clicks on it. The web app
// serves it at its root, so that it's for all pages. fmn/delivery/webpush/formatter.py writes what it reads.

const FMN = self.registration.scope;
const WHY = "why";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data, event.action));
});

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
